"""The edges on which both sides of a numeric column are counted; fixed by the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values

MAX_EDGES = 4096
PSI_BINS = 10
FEW_DISTINCT = 20


@dataclass(frozen=True, slots=True)
class Cuts:
    """Boundaries of the PSI bins, a cut being "all values below" or "up to" a point.

    Parameters
    ----------
    points : ndarray, shape (cuts,)
        Non-decreasing; one value may carry two cuts, which make a bin of that value alone.
    closed : ndarray of bool, shape (cuts,)
        True where the point itself lies left of the cut (right-closed bins).
    """

    points: Values
    closed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """Counting edges and PSI cuts of one column.

    Parameters
    ----------
    edges : ndarray, shape (edges,)
        Sorted, distinct; every point of ``cuts`` is among them.
    cuts : Cuts
    few : bool
        Whether the reference has at most 20 distinct values, each then a bin of its own.
    """

    edges: Values
    cuts: Cuts
    few: bool

    @classmethod
    def of(cls, values: Values) -> Grid:
        """Build the grid from the sorted values of the reference or of an unbiased sample of it."""
        starts = np.flatnonzero(_first_of_its_kind(values))
        distinct = values[starts]
        masses = np.diff(starts, append=len(values))
        few = len(distinct) <= FEW_DISTINCT
        cuts = _cuts(values, distinct, masses, few)
        anchors = distinct
        if len(distinct) > MAX_EDGES:
            spare = MAX_EDGES - len(cuts.points)
            anchors = values[np.linspace(0, len(values) - 1, spare).astype(np.int64)]
        edges = np.sort(np.concatenate((anchors, cuts.points)))
        return cls(edges[_first_of_its_kind(edges)], cuts, few)


def _first_of_its_kind(ordered: Values) -> NDArray[np.bool_]:
    """Return where a new value begins in sorted ones; ``np.unique`` would import numpy.ma."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _cuts(values: Values, distinct: Values, masses: NDArray[np.int64], few: bool) -> Cuts:
    """Cut at the deciles (type 7), and on both sides of every value heavier than one bin."""
    atoms = distinct if few else distinct[masses > len(values) / PSI_BINS]
    deciles = distinct[:0] if few else _deciles(values)
    deciles = deciles[_first_of_its_kind(deciles) & ~np.isin(deciles, atoms)]
    points = np.concatenate((atoms, atoms, deciles))
    closed = np.repeat([False, True, True], [len(atoms), len(atoms), len(deciles)])
    order = np.lexsort((closed, points))
    return Cuts(points[order], closed[order])


def _deciles(values: Values) -> Values:
    """Return the inner deciles by linear interpolation (type 7), of the dtype of the values.

    A right-closed bin of integers ends at the whole number below the decile, taken without a
    detour through floats, so that integers beyond 2**53 keep their last digit.
    """
    if values.dtype.kind == "f":
        at = (len(values) - 1) * (np.arange(1, PSI_BINS) / PSI_BINS)
        below = at.astype(np.int64)
        with np.errstate(invalid="ignore"):  # between two infinities there is no decile
            deciles = _between(
                values[below], values[np.minimum(below + 1, len(values) - 1)], at - below
            )
        found: Values = deciles[~np.isnan(deciles)]
        return found
    whole, part = np.divmod(np.arange(1, PSI_BINS) * (len(values) - 1), PSI_BINS)
    low = values[whole].tolist()
    high = values[np.minimum(whole + 1, len(values) - 1)].tolist()
    steps = zip(low, high, part.tolist(), strict=True)
    return np.array([a + (b - a) * p // PSI_BINS for a, b, p in steps], dtype=values.dtype)


def _between(low: Values, high: Values, part: Values) -> Values:
    """Interpolate from the nearer end, as numpy does, so that equal ends give that very value."""
    step = high - low
    between: Values = np.where(part < 0.5, low + step * part, high - step * (1 - part))
    return np.where(low == high, low, between)
