"""The exact two-sample distance D, or its bounds where only counts on edges are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.numeric import NumericSummary

Steps = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Distance:
    """The largest difference of two distribution functions.

    Parameters
    ----------
    lower, upper : float
        ``lower <= D <= upper``; equal where D is exact.
    at : float or int
        A value at which ``lower`` is reached.
    """

    lower: float
    upper: float
    at: float | int


def distance(reference: NumericSummary, current: NumericSummary) -> Distance:
    """Return D between two summaries on the same edges, neither of them empty.

    The counts at the edges give D from below and, by the masses between them, from above
    (STATISTICS, section 3). Where both sides still have their values, the few buckets that could
    beat the edges are looked into, and D is exact.
    """
    edges = reference.grid.edges
    left, right = _interleave(reference), _interleave(current)
    gaps = left / reference.count - right / current.count
    best = int(np.argmax(np.abs(gaps[1:-1]))) + 1
    found = Distance(abs(float(gaps[best])), 0.0, edges[(best - 1) // 2].item())
    bounds = _bucket_bounds(left / reference.count, right / current.count)
    if reference.values is None or current.values is None:
        return Distance(found.lower, max(found.lower, float(bounds.max())), found.at)
    for bucket in _candidates(bounds, found.lower):
        if bounds[bucket] <= found.lower:
            break
        rows = slice(left[2 * bucket], left[2 * bucket + 1])
        found = _inside(reference.values, current.values, rows, found)
    return Distance(found.lower, found.lower, found.at)


def _interleave(side: NumericSummary) -> Steps:
    """Return the counts before the first edge, below and up to each edge, and in all."""
    steps = np.empty(2 * len(side.below) + 2, dtype=np.int64)
    steps[0], steps[-1] = 0, side.count
    steps[1:-1:2], steps[2:-1:2] = side.below, side.upto
    return steps


def _bucket_bounds(left: Values, right: Values) -> Values:
    """Bound the difference inside each open bucket by its ends and its masses."""
    gaps = left - right
    before, after = gaps[0::2], gaps[1::2]
    a, b = left[1::2] - left[0::2], right[1::2] - right[0::2]
    above = np.minimum(before + a, after + b)
    below = np.minimum(b - before, a - after)
    bounds: Values = np.maximum(above, below)
    return bounds


def _candidates(bounds: Values, best: float) -> NDArray[np.intp]:
    """Return the buckets whose bound beats the edges, most promising first."""
    beating = np.flatnonzero(bounds > best)
    return beating[np.argsort(-bounds[beating], kind="stable")]


def _inside(reference: Values, current: Values, rows: slice, best: Distance) -> Distance:
    """Compare at every reference value of one bucket (between them current alone moves)."""
    points = reference[rows]
    if not len(points):
        return best
    n, m = len(reference), len(current)
    after = np.abs(_ranks(points, points, True, rows.start) / n - _ranks(current, points, True) / m)
    before = np.abs(
        _ranks(points, points, False, rows.start) / n - _ranks(current, points, False) / m
    )
    gaps = np.maximum(after, before)
    at = int(np.argmax(gaps))
    if gaps[at] <= best.lower:
        return best
    return Distance(float(gaps[at]), 0.0, points[at].item())


def _ranks(values: Values, points: Values, including: bool, start: int = 0) -> Steps:
    """Count the values up to (or below) each point, ``start`` of them lying before ``values``."""
    return start + np.searchsorted(values, points, side="right" if including else "left")
