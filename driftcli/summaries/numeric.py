"""The numeric kernel: sort a chunk, look the edges up in it, add the counts.

A summary holds, for a sorted array of edges, the exact counts of values below and up to each edge,
so that atoms are exact, and the moments. Summaries on the same edges merge by addition. While the
values of a column fit its share of memory they are kept, sorted, and D is exact; beyond that the
counts bound it (STATISTICS, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.grid import Grid
from driftcli.summaries.moments import Moments

CHUNK = 262_144
SAMPLE = 262_144
SEED = 20130101


@dataclass(frozen=True, slots=True)
class NumericSummary:
    """What is known of one numeric column on one side.

    Parameters
    ----------
    missing : int
        Null and NaN rows.
    positive_infinite, negative_infinite : int
        Infinite values: ordered ends for counts, left out of the moments.
    moments : Moments
        Of the finite values.
    minimum, maximum : float or int or None
        Of all values, infinite ones included.
    grid : Grid
        The edges, fixed by the reference.
    below, upto : ndarray of int64, shape (edges,)
        Values < edge and values <= edge.
    count : int
        Rows with a value.
    values : ndarray or None
        All values, sorted, where they fitted in memory.
    """

    count: int
    missing: int
    positive_infinite: int
    negative_infinite: int
    moments: Moments
    minimum: float | int | None
    maximum: float | int | None
    grid: Grid
    below: NDArray[np.int64]
    upto: NDArray[np.int64]
    values: Values | None = None

    def merge(self, other: NumericSummary) -> NumericSummary:
        """Return the summary of both parts together.

        Raises
        ------
        ValueError
            If the parts were counted on different edges.
        """
        if not np.array_equal(self.grid.edges, other.grid.edges):
            raise ValueError("summaries on different edges do not merge")
        both = self.values is not None and other.values is not None
        lows = [v for v in (self.minimum, other.minimum) if v is not None]
        highs = [v for v in (self.maximum, other.maximum) if v is not None]
        return NumericSummary(
            self.count + other.count,
            self.missing + other.missing,
            self.positive_infinite + other.positive_infinite,
            self.negative_infinite + other.negative_infinite,
            self.moments.merge(other.moments),
            min(lows, default=None),
            max(highs, default=None),
            self.grid,
            self.below + other.below,
            self.upto + other.upto,
            np.sort(np.concatenate((self.values, other.values))) if both else None,  # type: ignore[arg-type]  # both are arrays here
        )

    def bin_counts(self) -> NDArray[np.int64]:
        """Return the rows in each PSI bin, shape (cuts + 1,)."""
        at = np.searchsorted(self.grid.edges, self.grid.cuts.points)
        below = np.where(self.grid.cuts.closed, self.upto[at], self.below[at])
        return np.diff(below, prepend=0, append=self.count)

    def cumulative(self, points: Values) -> NDArray[np.int64]:
        """Return how many values are <= each point; between edges of counts, linearly between them.

        Parameters
        ----------
        points : ndarray, shape (k,)
            Sorted.
        """
        if self.values is not None:
            return np.searchsorted(self.values, points, side="right")
        edges = self.grid.edges.astype(np.float64)
        inside = np.interp(points, edges, self.upto.astype(np.float64), left=0.0)
        at_end = np.where(points >= float(self.maximum or 0), self.count, inside)
        return np.rint(at_end).astype(np.int64)


class NumericFold:
    """Folds the values of one column, batch by batch, into a :class:`NumericSummary`.

    Parameters
    ----------
    grid : Grid, optional
        The reference's edges; without them this is the reference, and its values make the edges.
    keep : int
        Values kept in memory at most.
    """

    def __init__(self, grid: Grid | None, keep: int) -> None:
        self._grid = grid
        self._limit = keep
        self._buffer: list[Values] = []
        self._buffered = 0
        self._parts: list[NumericSummary] = []
        self._sample: _Sample | None = None
        self._missing = 0
        self._spilled = False

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values (shape (rows,), neither null nor NaN) and its missing rows."""
        self._missing += missing
        self._buffer.append(values)
        self._buffered += len(values)
        if self._buffered > self._limit:
            self._spill()

    def _spill(self) -> None:
        chunk = self._take()
        self._spilled, self._limit = True, CHUNK
        if self._grid is None:
            self._sample = self._sample or _Sample()
            self._sample.add(chunk)
        else:
            part = summarise(chunk, self._grid)
            self._parts = [self._parts[0].merge(part)] if self._parts else [part]

    def _take(self) -> Values:
        chunk: Values = np.concatenate(self._buffer) if self._buffer else np.empty(0)
        self._buffer, self._buffered = [], 0
        chunk.sort()
        return chunk

    @property
    def sampled_grid(self) -> Grid | None:
        """The edges for a second pass, where a reference without edges outgrew the memory."""
        if self._sample is None:
            return None
        self._sample.add(self._take())
        return Grid.of(self._sample.sorted())

    def finish(self) -> NumericSummary:
        """Return the summary of all that was added."""
        rest = self._take()
        grid = self._grid or Grid.of(rest)
        whole = summarise(rest, grid, missing=self._missing, keep=not self._spilled)
        return self._parts[0].merge(whole) if self._parts else whole


class _Sample:
    """A uniform, seeded sample of rows: those with the smallest random keys."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(SEED)
        self._values: Values = np.empty(0)
        self._keys: NDArray[Any] = np.empty(0)

    def add(self, chunk: Values) -> None:
        for start in range(0, len(chunk), CHUNK):  # an empty chunk's type says nothing
            self._add(chunk[start : start + CHUNK])

    def _add(self, chunk: Values) -> None:
        keys = np.concatenate((self._keys, self._random.random(len(chunk))))
        values = np.concatenate((self._values, chunk)) if len(self._values) else chunk
        if len(keys) > SAMPLE:
            chosen = np.argpartition(keys, SAMPLE)[:SAMPLE]
            keys, values = keys[chosen], values[chosen]
        self._keys, self._values = keys, values

    def sorted(self) -> Values:
        return np.sort(self._values)


def summarise(
    values: Values, grid: Grid, *, missing: int = 0, keep: bool = False
) -> NumericSummary:
    """Summarise sorted values on a grid.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        Sorted, neither null nor NaN.
    grid : Grid
    missing : int
        Rows without a value.
    keep : bool
        Whether the values stay with the summary, for an exact D.
    """
    finite, low, high = values, 0, 0
    if values.dtype.kind == "f":
        low = int(np.searchsorted(values, -np.inf, side="right"))
        high = len(values) - int(np.searchsorted(values, np.inf, side="left"))
        finite = values[low : len(values) - high]
    return NumericSummary(
        count=len(values),
        missing=missing,
        positive_infinite=high,
        negative_infinite=low,
        moments=Moments.of(finite),
        minimum=values[0].item() if len(values) else None,
        maximum=values[-1].item() if len(values) else None,
        grid=grid,
        below=np.searchsorted(values, grid.edges, side="left"),
        upto=np.searchsorted(values, grid.edges, side="right"),
        values=values if keep else None,
    )
