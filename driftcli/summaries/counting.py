"""Folds that count a numeric column on edges, or note less, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from driftcli.summaries.arrays import Values
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.numeric import NumericSummary, open_bucket, presence, summarise
from driftcli.summaries.sketch import Edges
from driftcli.summaries.wire import State

CHUNK = 262_144
LEAST_CHUNK = 4096


class ExtentFold:
    """Notes only how many values there are, and between which ends: enough for times."""

    def __init__(self) -> None:
        self._total = presence(0, 0)
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

    def state(self) -> State:
        """Return what was seen."""
        return replace(self._total, missing=self._missing).state()

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has seen."""
        self._missing += state["missing"]
        self._total = self._total.merge(NumericSummary.of_state(state, self._total.grid))

    def finish(self) -> NumericSummary:
        """Return the summary, which has no edges."""
        return replace(self._total, missing=self._missing)


class GridFold:
    """Counts a column on edges that are known.

    Parameters
    ----------
    grid : Grid
    limit : int
        Rows that are sorted at a time, at most.
    """

    def __init__(self, grid: Grid, limit: int = CHUNK) -> None:
        self._counter = Counter(grid)
        self._chunk = chunk_rows(limit)
        self._rows = Buffer(self._chunk)
        self._missing = 0

    def add(self, values: Values, missing: int) -> None:
        """Add a batch's values and its missing rows."""
        self._missing += missing
        for piece in pieces(values, self._chunk):
            self._rows.add(piece)
            if len(self._rows) >= self._chunk:
                self._counter.add(self._rows.take())

    def state(self) -> State:
        """Return what was counted."""
        return self._counted().state()

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has counted."""
        self._missing += state["missing"]
        self._counter.absorb(state)

    def _counted(self) -> NumericSummary:
        self._counter.add(self._rows.take())
        return self._counter.finish(self._missing)

    def finish(self) -> NumericSummary:
        """Return the summary of all that was added."""
        return self._counted()


class EdgesFold(GridFold):
    """Counts a reference on the edges that its first pass found."""

    def __init__(self, edges: Edges, limit: int = CHUNK) -> None:
        everything = edges.all
        cuts = Grid.of(Multiset(everything[:0])).cuts
        super().__init__(Grid(everything, cuts, False, False, edges.scale), limit)
        self._edges = edges

    def finish(self) -> NumericSummary:
        """Return the summary, on the edges that turned out to matter."""
        found = self._counted()
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

    def state(self) -> State:
        """Return the values found, bucket by bucket."""
        empty = self._summary.grid.edges[:0]
        return {str(at): np.concatenate([empty, *kept]) for at, kept in self._kept.items()}

    def absorb(self, state: State) -> None:
        """Add the values that another fold of the column has found."""
        for bucket, values in state.items():
            self._kept[int(bucket)].append(values)

    def finish(self) -> NumericSummary:
        """Return the summary with the values of these buckets."""
        empty = self._summary.grid.edges[:0]
        pockets = {
            bucket: Multiset(np.sort(np.concatenate([empty, *kept])))
            for bucket, kept in self._kept.items()
        }
        return replace(self._summary, pockets=pockets)


def chunk_rows(limit: int) -> int:
    """Return how many rows are sorted at a time."""
    return min(CHUNK, max(limit, LEAST_CHUNK))


def pieces(values: Values, size: int) -> Iterator[Values]:
    """Yield values in pieces of so many at most."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Counter:
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

    def state(self) -> State:
        """Return what was counted."""
        return self._total.state()

    def absorb(self, state: State) -> None:
        """Add what was counted elsewhere."""
        part = NumericSummary.of_state(state, self._total.grid)
        self._total = self._total.merge(part)

    def finish(self, missing: int) -> NumericSummary:
        """Return the summary of all chunks, with the missing rows."""
        return replace(self._total, missing=missing)


class Buffer:
    """Rows one after the other; memory is touched only as it is filled."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._values: Values | None = None
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def add(self, piece: Values) -> None:
        """Add rows."""
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
