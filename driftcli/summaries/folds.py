"""Folds the batches of a numeric column into its summary, within so much memory.

While the values of a column fit its share they are kept, in rows or counted by value where they
repeat, and D is exact; beyond that the counts on edges bound it. Whether they fit depends on the
rows alone: so many at most, or a quarter as many distinct values.
"""

from __future__ import annotations

import numpy as np

from driftcli.summaries.arrays import Values
from driftcli.summaries.counting import Buffer, Counter, chunk_rows, pieces
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Counts, Multiset, add_tallies, first_of_its_kind, tally
from driftcli.summaries.numeric import NumericSummary, summarise
from driftcli.summaries.sketch import Edges, Sketch
from driftcli.summaries.wire import State

Tally = tuple[Values, Counts]

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
        self._chunk = chunk_rows(limit)
        self._room = limit if expected <= limit else limit // DISTINCT_SHARE
        self._seen = self._missing = 0
        self._rows = Buffer(min(expected, self._room) + self._chunk)
        self._looked = False
        self._tally: Tally | None = None
        self._spilled: Counter | Sketch | None = None

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values (shape (rows,), neither null nor NaN) and its missing rows."""
        self._missing += missing
        self._seen += len(values) + missing
        chunk = self._chunk if self._tally is None else TALLIED * self._chunk
        for piece in pieces(values, self._chunk):
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
        self._rows = Buffer(self._chunk)

    def _spill(self, rows: Multiset) -> Counter | Sketch:
        spilled = Sketch(self._limit) if self._grid is None else Counter(self._grid)
        spilled.add_sorted(rows)
        self._spilled = spilled
        return spilled

    def state(self) -> State:
        """Return what was seen: values, or the state of what they were spilled into."""
        self._settle(last=True)
        told = {"seen": self._seen, "missing": self._missing}
        if self._spilled is not None:
            return {**told, "spilled": self._spilled.state()}
        if self._tally is not None:
            return {**told, "values": self._tally[0], "counts": self._tally[1]}
        return {**told, "values": self._rows.take(in_order=True), "counts": None}

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has seen."""
        self._missing += state["missing"]
        self._seen += state["seen"]
        if "spilled" in state:
            spilled = self._spilled or self._spill(self._taken())
            spilled.absorb(state["spilled"])
        elif self._spilled is not None:
            self._spilled.add_sorted(Multiset.of(state["values"], state["counts"]))
        else:
            self._add_kept(state["values"], state["counts"])

    def _add_kept(self, values: Values, counts: Counts | None) -> None:
        if counts is None and self._tally is None:
            self._rows.add(values)
        else:
            other = (values, counts) if counts is not None else tally(values)
            mine = self._taken().distinct()
            self._tally = add_tallies(mine, other) if len(mine[0]) else other  # of the right type
        if self._seen <= self._limit:
            return
        kept = self._taken()
        if kept.count_distinct() * DISTINCT_SHARE > self._limit:
            self._spill(kept)
        else:
            self._tally = kept.distinct()

    def _taken(self) -> Multiset:
        """Return all values that are kept, which leaves none."""
        tallied, self._tally = self._tally, None
        rows = self._rows.take(in_order=True)
        if tallied is None:
            return Multiset(rows)
        return Multiset.of(*(tally_of(rows, tallied) if len(rows) else tallied))

    def edges(self) -> Edges | None:
        """Return the edges for a second pass, where a reference outgrew the memory."""
        self._settle(last=True)
        return self._spilled.edges(self._degree) if isinstance(self._spilled, Sketch) else None

    def finish(self) -> NumericSummary:
        """Return the summary of all that was added."""
        self._settle(last=True)
        if isinstance(self._spilled, Counter):
            return self._spilled.finish(self._missing)
        rows = (
            Multiset.of(*self._tally) if self._tally else Multiset(self._rows.take(in_order=True))
        )
        grid = self._grid or Grid.of(rows, self._degree)
        return summarise(rows, grid, missing=self._missing, keep=True)


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
