"""The edges on which both sides of a numeric column are counted; fixed by the reference."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.multiset import Counts, Multiset, first_of_its_kind
from driftcli.summaries.powers import Scale

MAX_EDGES = 4096
PSI_BINS = 10
FEW_DISTINCT = 20
HEAVY = 512  # a value with more than one row of so many has an edge of its own
TAILS = 1000  # the scale of the moments leaves out one row of so many at either end


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


@dataclass(frozen=True)
class Grid:
    """Counting edges and PSI cuts of one column.

    Parameters
    ----------
    source : ndarray, shape (edges,), or Multiset
        The edges, or the values to choose them from; that costs, and waits until it is needed.
    cuts : Cuts
    few : bool
        Whether the reference has at most 20 distinct values, each then a bin of its own.
    complete : bool
        Whether every value of the reference is an edge: D is then exact from the counts.
    scale : Scale
        In which the powers of the values are summed.
    """

    source: Values | Multiset
    cuts: Cuts
    few: bool
    complete: bool = False
    scale: Scale = field(default_factory=Scale)

    @cached_property
    def edges(self) -> Values:
        """Sorted and distinct, shape (edges,); every point of ``cuts`` is among them."""
        if not isinstance(self.source, Multiset):
            return self.source
        spare = MAX_EDGES - len(self.cuts.points)
        anchors = self.source.distinct()[0] if self.complete else _anchors(self.source, spare)
        edges = np.sort(np.concatenate((anchors, self.cuts.points)))
        return edges[first_of_its_kind(edges)]

    def settled(self) -> Grid:
        """Return the grid on its edges, without the values."""
        return replace(self, source=self.edges) if isinstance(self.source, Multiset) else self

    @classmethod
    def of(cls, rows: Multiset, degree: int = 4) -> Grid:
        """Build the grid from all values of the reference.

        Parameters
        ----------
        rows : Multiset
        degree : {2, 4}
            The highest power of the values to sum.
        """
        count = rows.count_distinct()
        few, complete = count <= FEW_DISTINCT, count <= MAX_EDGES
        return cls(rows, _cuts(rows, few), few, complete, scale_of(rows, degree))

    @classmethod
    def counted(cls, edges: Values, scale: Scale, below: Counts, upto: Counts, rows: int) -> Grid:
        """Cut the PSI bins at the edges nearest to the deciles, once the rows are counted.

        Values that carry more than a bin's mass get a bin of their own. This is the way of a
        reference that outgrew the memory; each decile is then off by half the rows between two
        edges at most.

        Parameters
        ----------
        edges : ndarray, shape (edges,)
        scale : Scale
        below, upto : ndarray of int64, shape (edges,)
            Rows below, and up to, each edge.
        rows : int
        """
        atoms = edges[(upto - below) * PSI_BINS > rows]
        ranks = np.arange(1, PSI_BINS) * rows // PSI_BINS
        right = np.clip(np.searchsorted(upto, ranks), 1, len(edges) - 1)
        nearer = ranks - upto[right - 1] < upto[right] - ranks
        return cls(edges, _merged(atoms, edges[right - nearer]), False, False, scale)


def _anchors(rows: Multiset, spare: int) -> Values:
    """Return the heavy values, and quantiles of all others from end to end."""
    heavy, masses = rows.heavier_than(len(rows) / HEAVY)
    others = len(rows) - int(masses.sum())
    ranks = np.linspace(0, others - 1, spare - len(heavy)).astype(np.int64)
    others_before = rows.below(heavy) - np.cumsum(masses) + masses
    passed = np.concatenate(([0], np.cumsum(masses)))
    ranks += passed[np.searchsorted(others_before, ranks, side="right")]
    return np.concatenate((heavy, rows.at(ranks)))


def scale_of(rows: Multiset, degree: int) -> Scale:
    """Return the scale in which the powers of finite values are summed."""
    inner = rows
    if rows.values.dtype.kind == "f":
        inner = rows.between(-np.inf, np.inf)
    n = len(inner)
    if not n:
        return Scale(degree=degree)
    ranks = [0, n // TAILS, n // 2, n - 1 - n // TAILS, n - 1]
    return Scale.of([float(value) for value in inner.at(np.array(ranks)).tolist()], degree)


def _cuts(rows: Multiset, few: bool) -> Cuts:
    """Cut at the deciles (type 7), and on both sides of every value heavier than one bin."""
    if few:
        return _merged(rows.distinct()[0], rows.values[:0])
    return _merged(rows.heavier_than(len(rows) / PSI_BINS)[0], _deciles(rows))


def _merged(atoms: Values, deciles: Values) -> Cuts:
    """Put a cut on either side of the atoms, and one above every other decile."""
    deciles = deciles[first_of_its_kind(deciles) & ~np.isin(deciles, atoms)]
    points = np.concatenate((atoms, atoms, deciles))
    closed = np.repeat([False, True, True], [len(atoms), len(atoms), len(deciles)])
    order = np.lexsort((closed, points))
    return Cuts(points[order], closed[order])


def _deciles(rows: Multiset) -> Values:
    """Return the inner deciles by linear interpolation (type 7), of the dtype of the values.

    A right-closed bin of integers ends at the whole number below the decile, taken without a
    detour through floats, so that integers beyond 2**53 keep their last digit.
    """
    whole, part = np.divmod(np.arange(1, PSI_BINS) * (len(rows) - 1), PSI_BINS)
    low, high = rows.at(whole), rows.at(np.minimum(whole + 1, len(rows) - 1))
    if low.dtype.kind == "f":
        at = (len(rows) - 1) * (np.arange(1, PSI_BINS) / PSI_BINS)
        below = at.astype(np.int64)
        low, high = rows.at(below), rows.at(np.minimum(below + 1, len(rows) - 1))
        with np.errstate(invalid="ignore"):  # between two infinities there is no decile
            deciles = _between(low, high, at - below)
        found: Values = deciles[~np.isnan(deciles)]
        return found
    steps = zip(low.tolist(), high.tolist(), part.tolist(), strict=True)
    return np.array([a + (b - a) * p // PSI_BINS for a, b, p in steps], dtype=low.dtype)


def _between(low: Values, high: Values, part: Values) -> Values:
    """Interpolate from the nearer end, as numpy does, so that equal ends give that very value."""
    step = high - low
    between: Values = np.where(part < 0.5, low + step * part, high - step * (1 - part))
    return np.where(low == high, low, between)
