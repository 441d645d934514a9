"""What must hold of every baseline, whoever wrote the file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.baselines.fields import MOST, Unsound
from driftcli.model import ColumnKind
from driftcli.schema import ColumnPlan
from driftcli.summaries import Summary
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.scored import BinarySummary, MulticlassSummary, ScoreCells

ROUNDING = 1e-9  # of the spread, by which a mean may lie beyond the ends


def _must(holds: object, reason: str) -> None:
    if not holds:
        raise Unsound(reason)


def check_summary(summary: Summary, plan: ColumnPlan, rows: int, *, exact_ends: bool) -> None:
    """Refuse a summary that no data can have.

    Parameters
    ----------
    summary : Summary
    plan : ColumnPlan
    rows : int
        Of the whole reference.
    exact_ends : bool
        Whether minimum and maximum are the data's own.

    Raises
    ------
    Unsound
    """
    _must(summary.count + summary.missing == rows, "values and missing rows are not all rows")
    if isinstance(summary, CategoricalSummary):
        _check_categories(summary)
        return
    _check_infinities(summary)
    if plan.presence_only:
        _must(not len(summary.grid.edges), f"{plan.kind} values have no edges")
        _must(not any(_powers(summary)), f"{plan.kind} values have no moments")
        if plan.kind is ColumnKind.OTHER:
            _must(summary.minimum is None and summary.maximum is None, "ends of what has no order")
        elif exact_ends:
            _must((summary.minimum is None) == (summary.count == 0), "values without ends")
        return
    _must(len(summary.grid.edges) or not summary.count, "values without edges")
    if len(summary.grid.edges):
        _check_edges(summary)
    _check_ends(summary, exact=exact_ends)
    _check_moments(summary, exact=exact_ends)


def _check_categories(summary: CategoricalSummary) -> None:
    counts = np.fromiter(summary.counts.values(), dtype=np.int64, count=len(summary.counts))
    _must(list(summary.counts) == sorted(summary.counts), "categories out of order")
    _must(((counts > 0) & (counts <= MOST)).all(), "a category without rows")
    groups, smallest = summary.groups, summary.smallest
    _must((groups is None) == (smallest is None), "groups without hashes")
    if groups is None or smallest is None:
        named = sum(summary.counts.values())
        _must(named <= summary.count, "more rows in categories than there are")
        _must((named < summary.count) == (summary.unnamed > 0), "rows without a category")
        _must(summary.unnamed <= summary.count - named, "more categories than rows")
        return
    _must(not summary.unnamed, "groups beside categories without a name")
    _must(len(groups) & (len(groups) - 1) == 0, "groups are no power of two")
    _must(((groups >= 0) & (groups <= MOST)).all(), "a group with fewer rows than none")
    _must(sum(groups.tolist()) == summary.count, "groups that do not add up")
    _must((smallest[1:] > smallest[:-1]).all() and smallest[-1] > 0, "hashes out of order")
    _must((counts <= summary.count).all(), "more rows in a category than there are")


def _check_infinities(summary: NumericSummary) -> None:
    infinite = summary.positive_infinite + summary.negative_infinite
    _must(infinite <= summary.count, "more infinite values than values")


def _check_edges(summary: NumericSummary) -> None:
    edges, below, upto = summary.grid.edges, summary.below, summary.upto
    _must(not np.isnan(edges).any() if edges.dtype.kind == "f" else True, "an edge that is NaN")
    _must((edges[1:] > edges[:-1]).all(), "edges out of order")
    _must(below[0] >= 0 and upto[-1] <= summary.count, "counts beyond the rows")
    _must((below <= upto).all() and (upto[:-1] <= below[1:]).all(), "counts that fall")


def _check_ends(summary: NumericSummary, *, exact: bool) -> None:
    low, high, edges = summary.minimum, summary.maximum, summary.grid.edges
    _must((low is None) == (high is None), "one end without the other")
    if not summary.count or low is None or high is None:
        _must(low is None and not summary.count, "ends without values, or values without ends")
        return
    _must(low <= high, "ends out of order")
    if not exact:
        return
    _must(summary.below[0] == 0 or low < edges[0].item(), "rows below the smallest value")
    _must(summary.upto[-1] == summary.count or high > edges[-1].item(), "rows above the largest")
    _must((low == -math.inf) == (summary.negative_infinite > 0), "infinite values without an end")
    _must((high == math.inf) == (summary.positive_infinite > 0), "infinite values without an end")
    inside = (edges >= low) & (edges <= high)
    empty = summary.below == summary.upto
    _must((inside | empty).all(), "rows at an edge beyond the ends")
    _must((summary.upto[edges < low] == 0).all(), "rows below the smallest value")
    _must((summary.below[edges > high] == summary.count).all(), "rows above the largest")


def _powers(summary: NumericSummary) -> tuple[int, ...]:
    sums = summary.sums
    return sums.count, sums.first, sums.second, sums.third, sums.fourth


def _check_moments(summary: NumericSummary, *, exact: bool) -> None:
    sums = summary.sums
    infinite = summary.positive_infinite + summary.negative_infinite
    _must(sums.count == summary.count - infinite, "moments of other rows")
    _must(sums.second >= 0 and sums.fourth >= 0, "a negative sum of squares")
    _must(sums.count or not any(_powers(summary)), "moments without values")
    low, high = summary.minimum, summary.maximum
    if not sums.count or not exact or low is None or high is None:
        return
    slack = ROUNDING * max(abs(low), abs(high))
    if math.isfinite(slack):
        _must(low - slack <= summary.moments.mean <= high + slack, "a mean beyond the ends")


def check_binary(summary: BinarySummary) -> None:
    """Refuse labels and scores that do not add up."""
    if summary.cells is not None:
        _check_cells(summary.cells)
        sides = (summary.cells.positives, summary.cells.negatives)
        totals = tuple(sum(side.tolist()) for side in sides)
        _must(totals == (summary.positives, summary.negatives), "scores that do not add up")
    said = summary.decisions
    if said is not None:
        _must(said.tp + said.fn == summary.positives, "decisions that do not add up")
        _must(said.fp + said.tn == summary.negatives, "decisions that do not add up")


def check_multiclass(summary: MulticlassSummary) -> None:
    """Refuse labels and scores that do not add up."""
    _must(((summary.confusion >= 0) & (summary.confusion <= MOST)).all(), "negative rows")
    labels: NDArray[Any] = summary.confusion.sum(axis=1)
    for cells, positives in zip(summary.cells or (), labels.tolist(), strict=bool(summary.cells)):
        _check_cells(cells)
        _must(sum(cells.positives.tolist()) == positives, "scores that do not add up")
        rows = positives + sum(cells.negatives.tolist())
        _must(rows == summary.rows, "scores that do not add up")
    _must(summary.unnormalised <= summary.rows, "more rows than there are")


def _check_cells(cells: ScoreCells) -> None:
    scores, rows = cells.scores, cells.positives + cells.negatives
    _must(not np.isnan(scores).any() and (scores[1:] > scores[:-1]).all(), "scores out of order")
    _must(((cells.positives >= 0) & (cells.negatives >= 0)).all(), "negative rows")
    _must(((rows > 0) & (rows <= MOST)).all(), "scores without rows")
