"""Parts that were counted on the same edges add up to a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from driftcli.baselines.file import counted
from driftcli.baselines.value import Baseline
from driftcli.errors import DataError
from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import NumericSummary

ONE_BASELINE = "make all parts with --edges-of one baseline"


def merged(parts: Sequence[Baseline]) -> Baseline:
    """Return the baseline of all rows together, without performance.

    Parameters
    ----------
    parts : sequence of Baseline
        At least one.

    Raises
    ------
    DataError
        If they were not made alike.
    """
    first = parts[0]
    for part in parts:
        must_fit(part, first)
    columns = {
        plan.name: _sum([part.summary.columns[plan.name] for part in parts]) for plan in first.plan
    }
    rows = sum(part.summary.row_count for part in parts)
    sources = tuple(sorted({source for part in parts for source in part.sources}))
    return replace(
        first,
        summary=DatasetSummary(", ".join(sources), rows, columns),
        sources=sources,
        where=first.where if all(part.where == first.where for part in parts) else (),
        performance=None,
        scored=None,
        windows=None,
    )


def refuse_repeated(paths: Sequence[Path]) -> None:
    """Refuse a file that is named twice, by whatever names, as its rows would count twice.

    Raises
    ------
    DataError
    """
    seen: dict[tuple[int, int], Path] = {}
    for path in paths:
        try:
            found = path.stat()
        except OSError:  # which reading tells
            continue
        file = found.st_dev, found.st_ino
        if file in seen:
            same = "given twice" if seen[file] == path else f"the same file as {seen[file]}"
            raise DataError(f"{same}, so its rows would count twice", path=path)
        seen[file] = path


def likely_copies(parts: Sequence[Baseline]) -> list[str]:
    """Tell parts that counted to the last digit what another did: most likely copies of it.

    Parameters
    ----------
    parts : sequence of Baseline
        Parts of few rows may be alike though they are of different data.
    """
    seen: dict[str, str] = {}
    told = []
    for part in parts:
        name = part.summary.source
        first = seen.setdefault(counted(part), name)
        if first != name:
            told.append(f"{name}: counts the same as {first}; if it is a copy, rows count twice")
    return told


def must_fit(part: Baseline, first: Baseline) -> None:
    """Refuse a part that does not add up with another, as it was not made alike.

    Raises
    ------
    DataError
    """
    name = part.summary.source
    if part.min_count:
        hint = "make the parts without it, and give it to merge"
        raise DataError("a part made with --min-count does not merge", path=name, hint=hint)
    same = (part.plan, part.chosen, part.left_out) == (first.plan, first.chosen, first.left_out)
    if not same or not part.schema.equals(first.schema):
        column = _first_difference(part, first)
        reason = f"other columns or types than {first.summary.source}"
        raise DataError(reason, path=name, column=column, hint=ONE_BASELINE)
    if part.settings != first.settings:
        reason = f"read with other settings than {first.summary.source}"
        raise DataError(reason, path=name, hint="make all parts with the same config")
    for plan in first.plan:
        if not _alike(plan, part, first):
            reason = f"counted on other edges than {first.summary.source}"
            raise DataError(reason, path=name, column=plan.name, hint=ONE_BASELINE)


def _first_difference(part: Baseline, first: Baseline) -> str | None:
    ours, theirs = ({plan.name: plan for plan in side.plan} for side in (part, first))
    names = (*theirs, *ours)
    return next((name for name in names if ours.get(name) != theirs.get(name)), None)


def _alike(plan: ColumnPlan, part: Baseline, first: Baseline) -> bool:
    one, other = (side.summary.columns[plan.name] for side in (part, first))
    if isinstance(one, NumericSummary) and isinstance(other, NumericSummary):
        return _same_grid(one.grid, other.grid)
    return _nameless(one) == _nameless(other) or not (one.count and other.count)


def _same_grid(one: Grid, other: Grid) -> bool:
    return (
        one.scale == other.scale
        and (one.few, one.complete) == (other.few, other.complete)
        and np.array_equal(one.edges, other.edges)
        and np.array_equal(one.cuts.points, other.cuts.points)
        and np.array_equal(one.cuts.closed, other.cuts.closed)
    )


def _nameless(summary: Summary) -> bool:
    """Whether this is an identifier, whose values are only counted."""
    return isinstance(summary, CategoricalSummary) and bool(summary.unnamed)


def _sum(summaries: Sequence[Summary]) -> Summary:
    total = summaries[0]
    for part in summaries[1:]:
        if isinstance(total, NumericSummary) and isinstance(part, NumericSummary):
            total = total.merge(part)
        elif isinstance(total, CategoricalSummary) and isinstance(part, CategoricalSummary):
            total = _sum_of_two(total, part)
    return total


def _sum_of_two(one: CategoricalSummary, other: CategoricalSummary) -> CategoricalSummary:
    if not one.unnamed and not other.unnamed:
        return one.merge(other)
    return CategoricalSummary(
        one.count + other.count,
        one.missing + other.missing,
        unnamed=one.unnamed + other.unnamed,
    )
