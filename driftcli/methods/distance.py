"""The exact two-sample distance D, or its bounds where only counts on edges are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.multiset import Multiset, first_of_its_kind
from driftcli.summaries.numeric import NumericSummary

Steps = NDArray[np.int64]
Sizes = tuple[int, int]
POINTS = 1024  # to start with; the fewer, the more rounds
FEW = 4096  # values, which are looked at one by one
MOST_SEEN = 4_000_000


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
    (STATISTICS, section 3). Where both sides still have the values of a bucket that could beat the
    edges, it is looked into; D is exact where that is so for all of them. Where both have all their
    values, there is no need of edges.
    """
    if reference.rows is not None and current.rows is not None:
        return _exact(reference.rows, current.rows)
    edges = reference.grid.edges
    left, right = _interleave(reference), _interleave(current)
    gaps = left / reference.count - right / current.count
    best = int(np.argmax(np.abs(gaps[1:-1]))) + 1
    found = Distance(abs(float(gaps[best])), 0.0, edges[(best - 1) // 2].item())
    bounds = _bucket_bounds(left / reference.count, right / current.count)
    sizes, unseen = (reference.count, current.count), 0.0
    for bucket in _candidates(bounds, found.lower):
        if bounds[bucket] <= found.lower:
            break
        rows = reference.within(bucket), current.within(bucket)
        if rows[0] is None or rows[1] is None:
            unseen = max(unseen, float(bounds[bucket]))
        else:
            starts = int(left[2 * bucket]), int(right[2 * bucket])
            found = _inside(rows[0], rows[1], starts, sizes, found)
    return Distance(found.lower, max(found.lower, unseen), found.at)


def at_edges(reference: NumericSummary, current: NumericSummary) -> float | None:
    """Return the largest difference at the edges alone, a lower bound of D."""
    n, m = reference.count, current.count
    if not n or not m or not len(reference.grid.edges):
        return None
    sides = zip((reference.below, reference.upto), (current.below, current.upto), strict=True)
    return max(float(np.abs(before / n - after / m).max()) for before, after in sides)


def open_buckets(reference: NumericSummary, current: NumericSummary) -> list[int]:
    """Return the buckets whose values would have to be seen for an exact D.

    None where these are more values than there is memory for: D then keeps its bound.
    """
    left, right = _interleave(reference), _interleave(current)
    bounds = _bucket_bounds(left / reference.count, right / current.count)
    buckets = _candidates(bounds, distance(reference, current).lower)
    rows = sum(int((side[1::2] - side[0::2])[buckets].sum()) for side in (left, right))
    found: list[int] = buckets.tolist()
    return found if rows <= MOST_SEEN else []


def _interleave(side: NumericSummary) -> Steps:
    """Return the counts before the first edge, below and up to each edge, and in all."""
    return _interleaved(side.below, side.upto, side.count)


def _interleaved(below: Steps, upto: Steps, count: int) -> Steps:
    steps = np.empty(2 * len(below) + 2, dtype=np.int64)
    steps[0], steps[-1] = 0, count
    steps[1:-1:2], steps[2:-1:2] = below, upto
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


def _exact(before: Multiset, after: Multiset) -> Distance:
    """Compare at more and more values of the reference, where the maximum can still lie."""
    step = max(1, len(before.values) // POINTS)
    points = before.values[step // 2 :: step]
    points = points[first_of_its_kind(points)]
    chosen = np.ones(len(points) + 1, dtype=np.bool_)
    best = Distance(0.0, 0.0, points[0].item())
    if before.equals(after):  # a file checked against itself: no bound would rule anything out
        return best
    while True:
        places, left, right = _steps(before, after, points)
        best = _better(best, points, left, right)
        first, last = np.append(0, places[1]), np.append(places[0], len(before.values))
        chosen &= (last > first) & (_bucket_bounds(left, right) > best.lower)
        starts, ends = first[chosen], last[chosen]
        if int((ends - starts).sum()) <= FEW:
            break
        # where nothing is ruled out, twice as many every time
        inner = _some(before, starts, ends, max(POINTS, len(points)))
        finer = np.sort(np.concatenate((points, inner)))
        finer = finer[first_of_its_kind(finer)]
        chosen = np.append(chosen[0], chosen[np.searchsorted(points, finer, side="right")])
        points = finer
    if len(starts):
        points = _some(before, starts, ends, FEW)
        best = _better(best, points, *_steps(before, after, points)[1:])
    return Distance(best.lower, best.lower, best.at)


def _steps(
    before: Multiset, after: Multiset, points: Values
) -> tuple[tuple[Steps, Steps], Values, Values]:
    """Return where points of the reference stand in it, and both distribution functions there."""
    n, m = len(before), len(after)
    places = before.places(points)
    left = _interleaved(before.rows_before(places[0]), before.rows_before(places[1]), n) / n
    return places, left, _interleaved(*after.ranks(points), m) / m


def _better(best: Distance, points: Values, left: Values, right: Values) -> Distance:
    """Return the larger of the distance known and the largest at points."""
    gaps = np.abs(left - right)[1:-1]
    top = int(np.argmax(gaps))
    if gaps[top] <= best.lower:
        return best
    return Distance(float(gaps[top]), 0.0, points[top // 2].item())


def _some(side: Multiset, starts: Steps, ends: Steps, most: int) -> Values:
    """Return about so many distinct values from ranges of a side, all of them if they are fewer."""
    values = side.values[_spread(starts, ends, most)]
    return values[first_of_its_kind(values)]


def _spread(starts: Steps, ends: Steps, most: int) -> Steps:
    """Return about so many places spread evenly over ranges, one in each at least."""
    step = max(1, int((ends - starts).sum()) // most)
    counts = -(-(ends - starts) // step)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat(starts, counts) + step * (np.arange(int(counts.sum())) - first)
    spread: Steps = np.minimum(places + step // 2, np.repeat(ends, counts) - 1)
    return spread


def _inside(
    reference: Multiset, current: Multiset, before: tuple[int, int], sides: Sizes, best: Distance
) -> Distance:
    """Compare at every reference value of one bucket (between them current alone moves)."""
    points = reference.distinct()[0]
    if not len(points):
        return best
    left, right = reference.ranks(points), current.ranks(points)
    gaps = np.maximum(
        *(
            np.abs((before[0] + one) / sides[0] - (before[1] + other) / sides[1])
            for one, other in zip(left, right, strict=True)
        )
    )
    at = int(np.argmax(gaps))
    if gaps[at] <= best.lower:
        return best
    return Distance(float(gaps[at]), 0.0, points[at].item())
