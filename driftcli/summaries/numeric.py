"""The numeric kernel: sort a chunk, look the edges up in it, add the counts.

A summary holds, for a sorted array of edges, the exact counts of values below and up to each edge,
so that atoms are exact, and sums of powers. Summaries on the same edges merge by addition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.grid import Grid
from driftcli.summaries.moments import Moments
from driftcli.summaries.multiset import Counts, Multiset, between
from driftcli.summaries.powers import PowerSums, power_sums
from driftcli.summaries.wire import State


@dataclass(frozen=True)
class NumericSummary:
    """What is known of one numeric column on one side.

    Parameters
    ----------
    count : int
        Rows with a value.
    missing : int
        Null and NaN rows.
    positive_infinite, negative_infinite : int
        Infinite values: ordered ends for counts, left out of the moments.
    sums : PowerSums
        Of the finite values, on the grid's scale.
    minimum, maximum : float or int or None
        Of all values, infinite ones included.
    grid : Grid
        The edges, fixed by the reference.
    counted : tuple of two ndarray of int64, each of shape (edges,), optional
        Values < edge and values <= edge; ``rows`` tell them where they are not given.
    rows : Multiset or None
        All values, where they fitted in memory.
    pockets : mapping of int to Multiset
        The values within some of the open buckets between edges, by the bucket's number.
    """

    count: int
    missing: int
    positive_infinite: int
    negative_infinite: int
    sums: PowerSums
    minimum: float | int | None
    maximum: float | int | None
    grid: Grid
    counted: tuple[Counts, Counts] | None
    rows: Multiset | None = None
    pockets: Mapping[int, Multiset] = field(default_factory=dict)

    @cached_property
    def _ranks(self) -> tuple[Counts, Counts]:
        if self.counted is not None:
            return self.counted
        assert self.rows is not None  # noqa: S101  one of them is always there
        return self.rows.ranks(self.grid.edges)

    @property
    def below(self) -> Counts:
        """Values < edge, shape (edges,)."""
        return self._ranks[0]

    @property
    def upto(self) -> Counts:
        """Values <= edge, shape (edges,)."""
        return self._ranks[1]

    @cached_property
    def moments(self) -> Moments:
        """Count, mean and central sums of powers of the finite values."""
        return self.sums.moments(self.grid.scale)

    def merge(self, other: NumericSummary) -> NumericSummary:
        """Return the summary of both parts together, without their single values.

        Raises
        ------
        ValueError
            If the parts were counted on different edges.
        """
        same = self.grid.scale == other.grid.scale
        if not same or not np.array_equal(self.grid.edges, other.grid.edges):
            raise ValueError("summaries on different edges do not merge")
        lows = [v for v in (self.minimum, other.minimum) if v is not None]
        highs = [v for v in (self.maximum, other.maximum) if v is not None]
        return NumericSummary(
            self.count + other.count,
            self.missing + other.missing,
            self.positive_infinite + other.positive_infinite,
            self.negative_infinite + other.negative_infinite,
            self.sums + other.sums,
            min(lows, default=None),
            max(highs, default=None),
            self.grid.settled(),
            (self.below + other.below, self.upto + other.upto),
        )

    def state(self) -> State:
        """Return all but the grid and single values, for :meth:`of_state`."""
        sums = self.sums
        # the rows between edges and on them, which take fewer bytes than those below
        steps = between(np.column_stack((self.below, self.upto)).reshape(-1))
        return {
            "count": self.count,
            "missing": self.missing,
            "infinite": [self.positive_infinite, self.negative_infinite],
            "sums": [sums.count, sums.first, sums.second, sums.third, sums.fourth],
            "ends": [self.minimum, self.maximum],
            "steps": steps.astype(np.min_scalar_type(int(steps.max(initial=0)))),
        }

    @classmethod
    def of_state(cls, state: State, grid: Grid) -> NumericSummary:
        """Return the summary that was counted on a grid elsewhere."""
        high, low = state["infinite"]
        least, most = state["ends"]
        ranks = np.cumsum(state["steps"], dtype=np.int64)
        return cls(
            state["count"],
            state["missing"],
            high,
            low,
            PowerSums(*state["sums"]),
            least,
            most,
            grid,
            (ranks[0::2], ranks[1::2]),
        )

    def compact(self) -> NumericSummary:
        """Return the summary without any single value."""
        grid = self.grid.settled()
        return replace(self, grid=grid, counted=self._ranks, rows=None, pockets={})

    def bin_counts(self) -> NDArray[np.int64]:
        """Return the rows in each PSI bin, shape (cuts + 1,)."""
        points, closed = self.grid.cuts.points, self.grid.cuts.closed
        if self.rows is not None and self.counted is None:
            below, upto = self.rows.ranks(points)
        else:
            at = np.searchsorted(self.grid.edges, points)
            below, upto = self.below[at], self.upto[at]
        return between(np.where(closed, upto, below), self.count)

    def cumulative(self, points: Values) -> NDArray[np.int64]:
        """Return how many values are <= each point; between edges of counts, linearly between them.

        Parameters
        ----------
        points : ndarray, shape (k,)
            Sorted.
        """
        if self.rows is not None:
            return self.rows.up_to(points)
        edges, inside = self.grid.edges.astype(np.float64), np.zeros(len(points))
        if len(edges):
            steps = np.column_stack((self.below, self.upto)).astype(np.float64)
            inside = np.interp(points, np.repeat(edges, 2), steps.ravel(), left=0.0)
        at_end = np.where(points >= float(self.maximum or 0), self.count, inside)
        return np.rint(at_end).astype(np.int64)

    def within(self, bucket: int) -> Multiset | None:
        """Return the values between two neighbouring edges, the ends open; ``None`` if not kept.

        Parameters
        ----------
        bucket : int
            0 lies below the first edge, ``len(edges)`` above the last.
        """
        if self.rows is None:
            return self.pockets.get(bucket)
        return self.rows.between(*open_bucket(self.grid, bucket))


def open_bucket(grid: Grid, bucket: int) -> tuple[float | int | None, float | int | None]:
    """Return the ends of an open bucket, ``None`` where there is no edge."""
    edges = grid.edges
    low = edges[bucket - 1].item() if bucket else None
    return low, edges[bucket].item() if bucket < len(edges) else None


def summarise(
    rows: Multiset,
    grid: Grid,
    *,
    missing: int = 0,
    keep: bool = False,
    moments: bool = True,
) -> NumericSummary:
    """Summarise values on a grid.

    Parameters
    ----------
    rows : Multiset
        Neither null nor NaN.
    grid : Grid
    missing : int
        Rows without a value.
    keep : bool
        Whether the values stay with the summary, for an exact D.
    moments : bool
        Whether powers are summed.
    """
    finite, low, high = rows, 0, 0
    counted = None if keep else rows.ranks(grid.edges)
    if rows.values.dtype.kind == "f" and len(rows):
        finite = rows.between(-np.inf, np.inf)
        ends = rows.up_to(np.array([-np.inf, np.finfo(np.float64).max]))
        low, high = int(ends[0]), len(rows) - int(ends[1])
    repeats = None if finite.upto is None else finite.distinct()[1]
    return NumericSummary(
        count=len(rows),
        missing=missing,
        positive_infinite=high,
        negative_infinite=low,
        sums=power_sums(finite.values, grid.scale, repeats) if moments else PowerSums(),
        minimum=rows.values[0].item() if len(rows) else None,
        maximum=rows.values[-1].item() if len(rows) else None,
        grid=grid,
        counted=counted,
        rows=rows if keep else None,
    )


NO_GRID = Grid.of(Multiset(np.empty(0, dtype=np.int64)))


def presence(count: int, missing: int) -> NumericSummary:
    """Return the summary of a column of which only is known how many rows have a value.

    Parameters
    ----------
    count, missing : int
        Rows with and without one.
    """
    return replace(summarise(Multiset(NO_GRID.edges), NO_GRID, missing=missing), count=count)
