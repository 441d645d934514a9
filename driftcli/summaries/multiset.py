"""All values of a column in order, repeated ones held once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Multiset:
    """Sorted values and how many rows lie up to each.

    Parameters
    ----------
    values : ndarray, shape (k,)
        Sorted; distinct where ``upto`` is given.
    upto : ndarray of int64, shape (k,), optional
        Rows up to and with each value; without it every entry is one row.
    """

    values: Values
    upto: Counts | None = None

    @classmethod
    def of(cls, values: Values, repeats: Counts | None = None) -> Multiset:
        """Return the multiset of sorted values, each with its rows where ``repeats`` is given."""
        return cls(values, None if repeats is None else np.cumsum(repeats))

    def __len__(self) -> int:
        """All rows."""
        if self.upto is None:
            return len(self.values)
        return int(self.upto[-1]) if len(self.upto) else 0

    def distinct(self) -> tuple[Values, Counts]:
        """Return the distinct values and the rows of each."""
        if self.upto is not None:
            return self.values, between(self.upto)
        starts = np.flatnonzero(first_of_its_kind(self.values))
        return self.values[starts], between(starts, len(self.values))[1:]

    def count_distinct(self) -> int:
        """Return the number of distinct values."""
        if self.upto is not None:
            return len(self.values)
        return int(np.count_nonzero(first_of_its_kind(self.values)))

    def heavier_than(self, mass: float) -> tuple[Values, Counts]:
        """Return the values with more rows than that (1 at least), and the rows of each."""
        if self.upto is not None:
            values, rows = self.distinct()
        else:
            # a long run of one value shows at two neighbouring steps
            steps = self.values[:: max(int(mass) // 2, 1)]
            values = steps[1:][steps[1:] == steps[:-1]]
            values = values[first_of_its_kind(values)]
            rows = self.up_to(values) - self.below(values)
        heavy = rows > mass
        return values[heavy], rows[heavy]

    def at(self, ranks: NDArray[np.int64]) -> Values:
        """Return the values at ranks, counted from 0 in sorted order."""
        if self.upto is None:
            return self.values[ranks]
        return self.values[np.searchsorted(self.upto, ranks, side="right")]

    def below(self, points: Values) -> Counts:
        """Return how many rows lie below each point; sorted points are the quick way."""
        return self.rows_before(np.searchsorted(self.values, points, side="left"))

    def up_to(self, points: Values) -> Counts:
        """Return how many rows lie below or at each point."""
        return self.rows_before(np.searchsorted(self.values, points, side="right"))

    def places(self, points: Values) -> tuple[Counts, Counts]:
        """Return where the entries of each point begin and end in ``values``."""
        start = np.searchsorted(self.values, points, side="left")
        # few points stand there more than once: a look aside is quicker than a second search
        end = start + self._stands(start, points)
        again = self._stands(end, points)
        if again.any():
            end[again] = np.searchsorted(self.values, points[again], side="right")
        return start, end

    def _stands(self, places: Counts, points: Values) -> NDArray[np.bool_]:
        """Return where a point is what stands at its place."""
        if not len(self.values):
            return np.zeros(len(points), dtype=np.bool_)
        last = len(self.values) - 1
        found: NDArray[np.bool_] = self.values[np.minimum(places, last)] == points
        return found & (places <= last)

    def ranks(self, points: Values) -> tuple[Counts, Counts]:
        """Return how many rows lie below, and how many below or at, each point."""
        start, end = self.places(points)
        return self.rows_before(start), self.rows_before(end)

    def equals(self, other: Multiset) -> bool:
        """Whether both are held in one way, and hold the same rows."""
        if self.upto is None or other.upto is None:
            return self.upto is other.upto and np.array_equal(self.values, other.values)
        same = np.array_equal(self.values, other.values)
        return same and np.array_equal(self.upto, other.upto)

    def rows_before(self, places: Counts) -> Counts:
        """Return how many rows the entries before each place hold."""
        if self.upto is None:
            return places
        return np.concatenate(([0], self.upto))[places]

    def between(self, low: float | int | None, high: float | int | None) -> Multiset:
        """Return the rows strictly between two values; ``None`` is no limit."""
        start = 0 if low is None else int(np.searchsorted(self.values, low, side="right"))
        end = len(self.values)
        end = end if high is None else int(np.searchsorted(self.values, high, side="left"))
        end = max(start, end)
        if self.upto is None:
            return Multiset(self.values[start:end])
        before = self.upto[start - 1] if start else 0
        return Multiset(self.values[start:end], self.upto[start:end] - before)


def between(places: Counts, *end: int) -> Counts:
    """Return the rows before the first place, between neighbouring ones, and up to the end."""
    return np.diff(np.concatenate(([0], places, np.array(end, dtype=np.int64))))


def first_of_its_kind(ordered: Values) -> NDArray[np.bool_]:
    """Return where a new value begins in sorted ones; ``np.unique`` would import numpy.ma."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def tally(ordered: Values) -> tuple[Values, Counts]:
    """Return the distinct ones of sorted values and the rows of each."""
    return Multiset(ordered).distinct()


def add_tallies(one: tuple[Values, Counts], other: tuple[Values, Counts]) -> tuple[Values, Counts]:
    """Return the distinct values of both and the rows of each; the stable sort merges quickly."""
    values = np.concatenate((one[0], other[0]))
    order = np.argsort(values, kind="stable")
    values, counts = values[order], np.concatenate((one[1], other[1]))[order]
    starts = np.flatnonzero(first_of_its_kind(values))
    return values[starts], np.add.reduceat(counts, starts) if len(starts) else counts
