"""Leaves out of a baseline what few rows stand behind.

A category with too few rows loses its name. An edge stays where the buckets on either side of it
hold rows enough; a value that is itself too rare then counts with the bucket to its left, so that
``below`` and ``upto`` of its edge are one number, and are made so on the current side as well.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries import Summary
from driftcli.summaries.categorical import CategoricalSummary, folded
from driftcli.summaries.grid import Cuts
from driftcli.summaries.numeric import NumericSummary

COARSE = np.uint64(40)  # bits of the one hash that is kept, rounded away


def protected(summary: Summary, least: int) -> Summary:
    """Return a summary in which nothing that is told apart has fewer rows.

    Parameters
    ----------
    summary : Summary
    least : int
        At least 1.

    Raises
    ------
    ValueError
        If nothing could be told apart any more.
    """
    if isinstance(summary, NumericSummary):
        return _numbers(summary, least)
    return _named(summary, least) if summary.groups is None else _grouped(summary, least)


def joined(current: Summary, reference: Summary) -> Summary:
    """Return current with the rows at an edge joined to the left wherever the reference's are."""
    if not isinstance(current, NumericSummary) or not isinstance(reference, NumericSummary):
        return current
    below = np.where(reference.below == reference.upto, current.upto, current.below)
    return replace(current, counted=(below, current.upto))


def _named(summary: CategoricalSummary, least: int) -> CategoricalSummary:
    """Keep the names of frequent categories; together the others have rows enough as well."""
    ranked = sorted(summary.counts, key=lambda name: (summary.counts[name], name))
    rest = summary.other
    unnamed = summary.unnamed
    for name in ranked:
        if summary.counts[name] >= least and not 0 < rest < least:
            break
        rest, unnamed = rest + summary.counts[name], unnamed + 1
    kept = set(ranked[unnamed - summary.unnamed :])
    if summary.count and not kept:
        raise ValueError(f"no category has {least:,} rows beside the others")
    counts = {name: rows for name, rows in summary.counts.items() if name in kept}
    return replace(summary, counts=counts, unnamed=unnamed)


def _grouped(summary: CategoricalSummary, least: int) -> CategoricalSummary:
    """Join groups of labels until each has rows enough."""
    groups = summary.grouped()
    while len(groups) > 1 and ((groups > 0) & (groups < least)).any():
        groups = folded(groups, len(groups) // 2)
    assert summary.smallest is not None  # noqa: S101  comes with the groups
    last = (summary.smallest[-1:] >> COARSE) << COARSE
    counts = {name: rows for name, rows in summary.counts.items() if rows >= least}
    return replace(summary, counts=counts, groups=groups, smallest=last)


def _numbers(summary: NumericSummary, least: int) -> NumericSummary:
    """Thin the edges; frequent values stay before the ends of PSI bins, these before all others."""
    size = len(summary.grid.edges)
    if not size:
        return replace(summary, minimum=None, maximum=None)
    ends = _Ends(summary.count, least)
    below, upto = summary.below.tolist(), summary.upto.tolist()
    kept: dict[int, bool] = {}
    for at in np.flatnonzero(summary.upto - summary.below >= least).tolist():
        if ends.fit(below[at], upto[at]):
            kept[at] = True
    cuts = np.unique(np.searchsorted(summary.grid.edges, summary.grid.cuts.points)).tolist()
    for at in (*cuts, *range(size)):
        # the end of all rows would tell the largest value
        if at not in kept and 0 < upto[at] < summary.count and ends.fit(upto[at]):
            kept[at] = False
    if summary.count and not kept:
        raise ValueError(f"no value parts {least:,} rows from {least:,} others")
    places = sorted(kept)
    apart = np.array([kept[place] for place in places], dtype=np.bool_)
    return _on(summary, np.array(places, dtype=np.int64), apart)


class _Ends:
    """Where buckets end, in rows; between two ends are no rows or enough."""

    def __init__(self, rows: int, least: int) -> None:
        self._ends = [0, rows]
        self._least = least

    def fit(self, *new: int) -> bool:
        """Add ends if every one of them leaves rows enough on both sides."""
        places = [bisect_left(self._ends, end) for end in new]
        for end, at in zip(new, places, strict=True):
            sides = (end - self._ends[at - 1], self._ends[at] - end)
            if self._ends[at] != end and min(sides) < self._least:
                return False
        for end in new:
            at = bisect_left(self._ends, end)
            if self._ends[at] != end:
                self._ends.insert(at, end)
        return True


def _on(summary: NumericSummary, at: NDArray[np.int64], apart: NDArray[np.bool_]) -> NumericSummary:
    """Return the summary on some of its edges."""
    grid = summary.grid
    edges, upto = grid.edges[at], summary.upto[at]
    below = np.where(apart, summary.below[at], upto)
    told = np.where(grid.cuts.closed, np.isin(grid.cuts.points, edges), False)
    told |= ~grid.cuts.closed & np.isin(grid.cuts.points, edges[apart])
    cuts = Cuts(grid.cuts.points[told], grid.cuts.closed[told])
    whole = len(edges) == len(grid.edges) and bool((below == summary.below[at]).all())
    return replace(
        summary,
        minimum=edges[0].item() if len(edges) else None,
        maximum=edges[-1].item() if len(edges) else None,
        grid=replace(
            grid,
            source=edges,
            cuts=cuts,
            few=grid.few and whole,
            complete=grid.complete and whole,
        ),
        counted=(below, upto),
    )
