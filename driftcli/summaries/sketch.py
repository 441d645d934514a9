"""Edges for a reference that outgrew the memory, whatever the order of its rows.

The sample holds the distinct values with the smallest hashes, and how often each occurs: a value of
the final sample was never left out on the way, so that its count is exact and the sample depends on
the rows alone, not on their order or their batches. Values that carry much mass may be missing from
it; they are looked for in every chunk, and whether they do is told by the exact counts of the
second pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from driftcli.summaries.arrays import Values
from driftcli.summaries.grid import HEAVY, MAX_EDGES, Grid, scale_of
from driftcli.summaries.hashing import mixed
from driftcli.summaries.multiset import Counts, Multiset, add_tallies, first_of_its_kind, tally
from driftcli.summaries.powers import Scale
from driftcli.summaries.wire import State

SAMPLE, LEAST = 65_536, 8192
CHUNK = 262_144
STRIDE = 16
MOST_HEAVY = 16 * HEAVY
_ALL = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Edges:
    """Where a second pass counts.

    Parameters
    ----------
    anchors : ndarray, shape (anchors,)
        Quantiles of the sample, and the extremes; sorted.
    heavy : ndarray, shape (heavy,)
        Values that may be heavy; sorted.
    scale : Scale
    """

    anchors: Values
    heavy: Values
    scale: Scale

    @property
    def all(self) -> Values:
        """Both, sorted and distinct."""
        edges = np.sort(np.concatenate((self.anchors, self.heavy)))
        return edges[first_of_its_kind(edges)]

    def settle(self, below: Counts, upto: Counts, rows: int) -> tuple[Grid, Counts, Counts]:
        """Return the final grid and its counts: what turned out light has no edge of its own.

        Parameters
        ----------
        below, upto : ndarray of int64, shape (edges,)
            Counts of the whole reference on all edges.
        rows : int
        """
        edges = self.all
        kept = np.isin(edges, self.anchors) | ((upto - below) * HEAVY > rows)
        edges, below, upto = edges[kept], below[kept], upto[kept]
        return Grid.counted(edges, self.scale, below, upto, rows), below, upto


class Sketch:
    """Samples the distinct values of a column and spots the heavy ones."""

    def __init__(self, limit: int) -> None:
        self._size = min(max(limit, LEAST), SAMPLE)
        self._held: tuple[Values, Counts] | None = None
        self._limit = _ALL
        self._heavy: dict[float | int, int] = {}
        self._ends: list[Values] = []
        self._drawn: list[Values] = []
        self._chosen: list[Values] = []
        self._random = np.random.default_rng(SAMPLE)

    def add(self, chunk: Values) -> None:
        """Add a chunk of rows in any order."""
        if not len(chunk):
            return
        self._ends.append(np.array([chunk.min(), chunk.max()]))
        self._draw(chunk)
        self._chosen.append(chunk[mixed(chunk.view(np.uint64)) < self._limit])
        if sum(map(len, self._chosen)) >= self._size:
            self._hold_chosen()

    def add_sorted(self, rows: Multiset) -> None:
        """Add many rows in order."""
        if rows.upto is None:
            for start in range(0, len(rows.values), CHUNK):
                self.add(rows.values[start : start + CHUNK])
            return
        every, repeats = rows.distinct()
        for start in range(0, len(every), CHUNK):
            values, counts = every[start : start + CHUNK], repeats[start : start + CHUNK]
            self._ends.append(values[[0, -1]])
            self._spot(values, counts, int(counts.sum()))
            chosen = mixed(values.view(np.uint64)) < self._limit
            self._hold(values[chosen], counts[chosen])

    def _draw(self, chunk: Values) -> None:
        """Draw one row of every 16, and look for heavy values once there are enough."""
        places = np.arange(0, len(chunk), STRIDE)
        places += self._random.integers(STRIDE, size=len(places))
        self._drawn.append(chunk[np.minimum(places, len(chunk) - 1)])
        if sum(map(len, self._drawn)) >= CHUNK // STRIDE:
            self._look_at_drawn()

    def _look_at_drawn(self) -> None:
        if self._drawn:
            drawn = np.sort(np.concatenate(self._drawn))
            self._spot(*tally(drawn), len(drawn))
            self._drawn = []

    def _spot(self, values: Values, counts: Counts, rows: int) -> None:
        """Note the values that carry half the mass of a heavy one in this chunk."""
        heavy = (2 * counts * HEAVY > rows) & (counts > 1)
        seen = self._heavy
        for value, count in zip(values[heavy].tolist(), counts[heavy].tolist(), strict=True):
            seen[value] = seen.get(value, 0) + count
        if len(seen) > 2 * MOST_HEAVY:
            ranked = sorted(seen, key=lambda value: (-seen[value], value))
            self._heavy = {value: seen[value] for value in ranked[:MOST_HEAVY]}

    def _hold_chosen(self) -> None:
        """Take over what was chosen from some chunks, as that goes through all that is held."""
        chosen, self._chosen = self._chosen, []
        if chosen:
            self._hold(*tally(np.sort(np.concatenate(chosen))))

    def _hold(self, values: Values, counts: Counts) -> None:
        held = (values, counts) if self._held is None else add_tallies(self._held, (values, counts))
        self._held = self._smallest(*held) if len(held[0]) > 2 * self._size else held

    def _smallest(self, values: Values, counts: Counts) -> tuple[Values, Counts]:
        """Keep the values with the smallest hashes."""
        if len(values) <= self._size:
            return values, counts
        hashes = mixed(values.view(np.uint64))
        last = np.partition(hashes, self._size - 1)[self._size - 1]
        self._limit = last + np.uint64(1)
        chosen = hashes <= last
        return values[chosen], counts[chosen]

    def state(self) -> State:
        """Return what was sampled and spotted."""
        self._look_at_drawn()
        self._hold_chosen()
        assert self._held is not None  # noqa: S101  rows were added
        values, counts = self._smallest(*self._held)
        ends = np.concatenate(self._ends)
        return {
            "values": values,
            "counts": counts,
            "heavy": [*self._heavy.items()],
            "ends": np.array([ends.min(), ends.max()]),
        }

    def absorb(self, state: State) -> None:
        """Add what was sampled of other rows."""
        self._ends.append(state["ends"])
        self._hold(state["values"], state["counts"])
        for value, count in state["heavy"]:
            self._heavy[value] = self._heavy.get(value, 0) + count

    def edges(self, degree: int) -> Edges:
        """Return the edges for the second pass; rows must have been added."""
        self._look_at_drawn()
        self._hold_chosen()
        assert self._held is not None  # noqa: S101  the caller added rows
        values, counts = self._smallest(*self._held)
        rows = Multiset.of(values, counts)
        spare = (MAX_EDGES - HEAVY - 2) // 2
        steps = np.linspace(0, 1, spare, endpoint=False)
        by_mass = rows.at((steps * len(rows)).astype(np.int64))
        # where values repeat the sample may miss much mass, but not where the values lie
        by_value = values[((steps + 0.5 / spare) * len(values)).astype(np.int64)]
        ends = np.concatenate(self._ends)
        anchors = np.sort(np.concatenate((by_mass, by_value, [ends.min(), ends.max()])))
        anchors = anchors.astype(values.dtype, copy=False)
        heavy = np.array(sorted(self._heavy), dtype=values.dtype)
        return Edges(anchors[first_of_its_kind(anchors)], heavy, scale_of(rows, degree))
