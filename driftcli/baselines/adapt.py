"""A stored column in the type in which it is compared with current.

A run on two data sets counts both in their common type. A baseline was counted in the reference's
own; its edges and labels are brought to the common one, so that 9.99 in double precision meets 9.99
in single precision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from driftcli.schema import ColumnPlan
from driftcli.summaries import Summary
from driftcli.summaries.arrays import Values, label_of
from driftcli.summaries.categorical import CategoricalFold, CategoricalSummary
from driftcli.summaries.grid import Cuts
from driftcli.summaries.multiset import first_of_its_kind
from driftcli.summaries.numeric import NumericSummary, presence


def adapted(summary: Summary, stored: ColumnPlan, wanted: ColumnPlan) -> Summary:
    """Return a summary in another type.

    Parameters
    ----------
    summary : Summary
        As it was stored.
    stored, wanted : ColumnPlan
        Of the baseline and of this run; of one kind.
    """
    if stored.dtype == wanted.dtype or wanted.presence_only:
        return summary
    if isinstance(summary, NumericSummary):
        return _numbers(summary, wanted.dtype)
    numbers = stored.stands_for.startswith(("int", "uint", "float", "double", "half", "decimal"))
    return _labels(summary, wanted.dtype) if numbers else summary


def empty(plan: ColumnPlan, missing: int) -> Summary:
    """Return the summary of a column that has no value."""
    if plan.counted:
        return CategoricalSummary(0, missing)
    return presence(0, missing)


def _rounded(values: Values, dtype: np.dtype[Any]) -> Values:
    with np.errstate(over="ignore"):  # beyond the narrower type's range lies its infinity
        narrow = values.astype(dtype)
    return narrow.astype(np.float64) + 0.0 if dtype.kind == "f" else narrow


def _numbers(summary: NumericSummary, dtype: np.dtype[Any]) -> NumericSummary:
    """Round the edges; those that become one have the rows of all."""
    grid = summary.grid
    edges = _rounded(grid.edges, dtype)
    first = first_of_its_kind(edges)
    last = np.append(first[1:], True)[: len(first)]
    points, closed = _rounded(grid.cuts.points, dtype), grid.cuts.closed
    order = np.lexsort((closed, points))
    points, closed = points[order], closed[order]
    new = first_of_its_kind(points) | np.append(True, closed[1:] != closed[:-1])[: len(points)]
    cuts = Cuts(points[new], closed[new])
    return replace(
        summary,
        grid=replace(grid, source=edges[first], cuts=cuts),
        counted=(summary.below[first], summary.upto[last]),
    )


def _labels(summary: CategoricalSummary, dtype: np.dtype[Any]) -> CategoricalSummary:
    """Name numbers as they read in the other type."""
    if summary.groups is not None or summary.unnamed:
        return summary
    fold = CategoricalFold()
    for label, rows in summary.counts.items():
        number = float(_rounded(np.array([float(label)]), dtype)[0])
        fold.add({label_of(number): rows}, 0)
    return replace(fold.finish(), missing=summary.missing)
