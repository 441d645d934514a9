"""Folds the batches of a numeric column into its summary, within so much memory.

While the values of a column fit its share they are kept, in rows or counted by value where they
repeat, and D is exact; beyond that the counts on edges bound it. Whether they fit depends on the
rows alone: so many at most, or a quarter as many distinct values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from driftcli.summaries.arrays import Values
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Counts, Multiset, add_tallies, first_of_its_kind, tally
from driftcli.summaries.numeric import NO_GRID, NumericSummary, open_bucket, summarise
from driftcli.summaries.sketch import Edges, Sketch

Tally = tuple[Values, Counts]

CHUNK = 262_144
LEAST_CHUNK = 4096
TALLIED = 4  # chunks that are added to counts by value at once, as that goes through all of them
REPEATING = 8  # rows a distinct value from which on values are counted rather than kept
DISTINCT_SHARE = 4  # a distinct value with its count takes the memory of so many plain ones


class NumericFold:
    """Folds the values of one column, batch by batch, into a :class:`NumericSummary`.

    Parameters
    ----------
    grid : Grid, optional
        The reference's edges; without them this is the reference, and its values make the edges.
    limit : int
        Rows of a column whose values are all kept; of more rows they are where a quarter as many
        values are distinct.
    expected : int
        Rows that will come, 0 if that is not known.
    degree : {2, 4}
        The highest power of the values to sum, where there is no grid yet.
    """

    def __init__(self, grid: Grid | None, limit: int, expected: int = 0, degree: int = 4) -> None:
        self._grid = grid
        self._degree = degree
        self._limit = limit
        self._chunk = _chunk(limit)
        self._room = limit if expected <= limit else limit // DISTINCT_SHARE
        self._seen = self._missing = 0
        self._rows = _Buffer(min(expected, self._room) + self._chunk)
        self._looked = False
        self._tally: Tally | None = None
        self._spilled: _Counter | Sketch | None = None

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values (shape (rows,), neither null nor NaN) and its missing rows."""
        self._missing += missing
        self._seen += len(values) + missing
        chunk = self._chunk if self._tally is None else TALLIED * self._chunk
        for piece in _pieces(values, self._chunk):
            self._rows.add(piece)
            if len(self._rows) >= chunk:
                self._settle()

    def _settle(self, *, last: bool = False) -> None:
        """Make room: rows that repeat are counted, and what outgrows the memory is spilled."""
        if self._spilled is not None:
            self._spilled.add(self._rows.take())
        elif self._tally is not None:
            self._count()
        elif len(self._rows) > self._room or self._seen > self._limit:
            self._outgrow()
        elif not self._looked and not last:
            self._look()

    def _look(self) -> None:
        """Count by value from now on if the first chunk repeats itself."""
        self._looked = True
        tally = tally_of(self._rows.seen().copy())
        if len(tally[0]) * REPEATING <= len(self._rows):
            self._rows.take()
            self._tally = tally

    def _count(self) -> None:
        """Add what was buffered to the counts by value."""
        assert self._tally is not None  # noqa: S101  the caller looked
        if len(self._rows):
            self._tally = tally_of(self._rows.take(), self._tally)
        values, counts = self._tally
        if len(values) * DISTINCT_SHARE > self._limit and self._seen > self._limit:
            self._tally = None
            self._spill(Multiset.of(values, counts))

    def _outgrow(self) -> None:
        """Go on with counts by value where there are few enough values, or spill."""
        rows = self._rows.take(in_order=True)
        if np.count_nonzero(first_of_its_kind(rows)) * DISTINCT_SHARE > self._limit:
            self._spill(Multiset(rows))
        else:
            self._tally = tally(rows)
        self._rows = _Buffer(self._chunk)

    def _spill(self, rows: Multiset) -> None:
        self._spilled = Sketch(self._limit) if self._grid is None else _Counter(self._grid)
        self._spilled.add_sorted(rows)

    def edges(self) -> Edges | None:
        """Return the edges for a second pass, where a reference outgrew the memory."""
        self._settle(last=True)
        return self._spilled.edges(self._degree) if isinstance(self._spilled, Sketch) else None

    def finish(self) -> NumericSummary:
        """Return the summary of all that was added."""
        self._settle(last=True)
        if isinstance(self._spilled, _Counter):
            return self._spilled.finish(self._missing)
        rows = (
            Multiset.of(*self._tally) if self._tally else Multiset(self._rows.take(in_order=True))
        )
        grid = self._grid or Grid.of(rows, self._degree)
        return summarise(rows, grid, missing=self._missing, keep=True)


class ExtentFold:
    """Notes only how many values there are, and between which ends: enough for times."""

    def __init__(self) -> None:
        self._total = summarise(Multiset(np.empty(0, dtype=np.int64)), NO_GRID)
        self._missing = 0

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values and its missing rows."""
        self._missing += missing
        if len(values):
            ends = replace(
                self._total,
                count=len(values),
                minimum=values.min().item(),
                maximum=values.max().item(),
            )
            self._total = self._total.merge(ends)

    def finish(self) -> NumericSummary:
        """Return the summary, which has no edges."""
        return replace(self._total, missing=self._missing)


class EdgesFold:
    """Counts a reference on the edges that its first pass found."""

    def __init__(self, edges: Edges, limit: int = CHUNK) -> None:
        self._edges = edges
        everything = edges.all
        cuts = Grid.of(Multiset(everything[:0])).cuts
        self._counter = _Counter(Grid(everything, cuts, False, False, edges.scale))
        self._chunk = _chunk(limit)
        self._rows = _Buffer(self._chunk)
        self._missing = 0

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values and its missing rows."""
        self._missing += missing
        for piece in _pieces(values, self._chunk):
            self._rows.add(piece)
            if len(self._rows) >= self._chunk:
                self._counter.add(self._rows.take())

    def finish(self) -> NumericSummary:
        """Return the summary, on the edges that turned out to matter."""
        self._counter.add(self._rows.take())
        found = self._counter.finish(self._missing)
        grid, below, upto = self._edges.settle(found.below, found.upto, found.count)
        return replace(found, grid=grid, counted=(below, upto))


class PocketsFold:
    """Collects the values that lie within a few buckets.

    Parameters
    ----------
    summary : NumericSummary
        Of the same rows.
    buckets : sequence of int
    """

    def __init__(self, summary: NumericSummary, buckets: Sequence[int]) -> None:
        self._summary = summary
        self._kept: dict[int, list[Values]] = {bucket: [] for bucket in buckets}

    def add(self, values: Values, missing: int) -> None:
        """Look through a batch."""
        ordered = Multiset(np.sort(values))
        for bucket, kept in self._kept.items():
            kept.append(ordered.between(*open_bucket(self._summary.grid, bucket)).values.copy())

    def finish(self) -> NumericSummary:
        """Return the summary with the values of these buckets."""
        empty = self._summary.grid.edges[:0]
        pockets = {
            bucket: Multiset(np.sort(np.concatenate([empty, *kept])))
            for bucket, kept in self._kept.items()
        }
        return replace(self._summary, pockets=pockets)


def _chunk(limit: int) -> int:
    """Return how many rows are sorted at a time."""
    return min(CHUNK, max(limit, LEAST_CHUNK))


def _pieces(values: Values, size: int) -> Iterator[Values]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


class _Counter:
    """Adds up chunks on fixed edges."""

    def __init__(self, grid: Grid) -> None:
        self._total = summarise(Multiset(grid.edges[:0]), grid)

    def add(self, chunk: Values) -> None:
        """Add rows, which it brings into order."""
        chunk.sort()
        self.add_sorted(Multiset(chunk))

    def add_sorted(self, rows: Multiset) -> None:
        """Add rows in order."""
        if len(rows):
            self._total = self._total.merge(summarise(rows, self._total.grid))

    def finish(self, missing: int) -> NumericSummary:
        return replace(self._total, missing=missing)


class _Buffer:
    """Rows one after the other; memory is touched only as it is filled."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._values: Values | None = None
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def add(self, piece: Values) -> None:
        end = self._used + len(piece)
        if self._values is None:
            self._values = np.empty(max(self._room, end), dtype=piece.dtype)
        elif end > len(self._values):
            larger = np.empty(max(2 * len(self._values), end), dtype=piece.dtype)
            larger[: self._used] = self.seen()
            self._values = larger
        self._values[self._used : end] = piece
        self._used = end

    def seen(self) -> Values:
        """Return the rows, which stay."""
        return np.empty(0) if self._values is None else self._values[: self._used]

    def take(self, *, in_order: bool = False) -> Values:
        """Return the rows, good until the next are added."""
        rows, self._used = self.seen(), 0
        if in_order:
            rows.sort()
        return rows


def tally_of(rows: Values, before: Tally | None = None) -> Tally:
    """Return the distinct values, sorted, and the rows of each; the rows may change their order.

    Parameters
    ----------
    rows : ndarray, shape (n,)
        At least one.
    before : tuple of ndarray, optional
        What was counted so far, which is added.
    """
    if rows.dtype.kind in "iu":
        low, high = int(rows.min()), int(rows.max())
        if before is not None:
            low, high = min(low, int(before[0][0])), max(high, int(before[0][-1]))
        if high - low < len(rows):  # narrow whole numbers need no sorting
            start = rows.dtype.type(low)
            counts = np.bincount((rows - start).astype(np.int64, copy=False))
            if before is not None:
                counts = np.append(counts, np.zeros(high - low + 1 - len(counts), dtype=np.int64))
                counts[(before[0] - start).astype(np.int64, copy=False)] += before[1]
            found = np.flatnonzero(counts)
            return found.astype(rows.dtype) + start, counts[found]
    rows.sort()
    return tally(rows) if before is None else add_tallies(before, tally(rows))
