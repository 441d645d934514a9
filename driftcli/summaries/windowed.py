"""Counts by window of time, on edges and categories that all windows share.

What is known of a window is a summary like any other, so that the methods compare windows with the
same functions; the rest of the reference is the total less the window, and no row is read again.
Edges and categories are fewer than those of a whole reference: a window has fewer rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.summaries import Summary
from driftcli.summaries.arrays import Values, absent, flatten, label_codes, numeric_rows
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Counts, Multiset, first_of_its_kind
from driftcli.summaries.numeric import NumericSummary, presence, summarise
from driftcli.summaries.wire import State

EDGES = 256
CELLS = 1024
BYTES = 3 * 1024  # of a window of a column, about
HELD = 524_288  # rows that wait for others of their windows, as each look at the edges costs

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The windows of a batch of rows.

    Parameters
    ----------
    numbers : ndarray of int64, shape (windows,)
        The windows that occur, ascending.
    at : ndarray of int64, shape (rows,)
        Of each row, the place of its window among ``numbers``; -1 where it is in none.
    """

    numbers: Numbers
    at: Numbers

    @classmethod
    def of(cls, numbers: Numbers, nowhere: int) -> Rows:
        """Return the windows of rows by number, ``nowhere`` being the number of none."""
        if (numbers[1:] >= numbers[:-1]).all():  # as logs are
            new = first_of_its_kind(numbers)
            found, at = numbers[new], np.cumsum(new) - 1
        else:
            found, at = np.unique(numbers, return_inverse=True)
        lost = len(found) > 0 and found[0] == nowhere  # the smallest of all numbers
        return cls(found[int(lost) :], at - int(lost))


def coarse(grid: Grid, degree: int) -> Grid:
    """Return a grid of at most about 256 edges, the cuts of the PSI bins among them."""
    edges, scale = grid.edges, replace(grid.scale, degree=degree)
    if len(edges) <= EDGES:
        return Grid(edges, grid.cuts, grid.few, grid.complete, scale)
    spread = edges[np.linspace(0, len(edges) - 1, EDGES).astype(np.int64)]
    chosen = np.sort(np.concatenate((spread, grid.cuts.points)))
    return Grid(chosen[first_of_its_kind(chosen)], grid.cuts, grid.few, False, scale)


def cells_of(summary: CategoricalSummary) -> tuple[str, ...]:
    """Return the names of the categories that are counted one by one, most frequent first."""
    ranked = sorted(summary.counts, key=lambda name: (-summary.counts[name], name))
    return tuple(ranked[:CELLS])


class Windowed:
    """One column, counted by window.

    Parameters
    ----------
    like : Summary
        The reference's, whose edges or categories are taken.
    dtype : numpy.dtype
        In which numbers of both sides are compared.
    presence_only : bool
        Count only which rows have a value.
    degree : {0, 2, 4}
        The highest power of numbers that is summed.
    held : int
        Rows that may wait for others of their windows.
    """

    def __init__(
        self,
        like: Summary,
        dtype: np.dtype[Any],
        *,
        presence_only: bool = False,
        degree: int = 4,
        held: int = HELD,
    ) -> None:
        self._counter: _Numbers | _Labels | _Present
        if presence_only:
            self._counter = _Present()
        elif isinstance(like, NumericSummary):
            self._counter = _Numbers(coarse(like.grid, degree), dtype, min(held, HELD))
        else:
            self._counter = _Labels(cells_of(like), dtype)

    def add(self, array: pa.Array, rows: Rows) -> None:
        """Count a batch."""
        self._counter.add(array, rows)

    def state(self) -> State:
        """Return what was counted."""
        return self._counter.state()

    def absorb(self, state: State) -> None:
        """Add what another counter of the column has counted."""
        self._counter.absorb(state)

    def finish(self) -> dict[int, Summary]:
        """Return the summary of each window by its number, in order of time."""
        return dict(sorted(self._counter.finish().items()))


class _Numbers:
    """Counts numbers on edges, window by window."""

    def __init__(self, grid: Grid, dtype: np.dtype[Any], most: int) -> None:
        self._grid = grid
        self._dtype = dtype
        self._most = most
        self._held: list[tuple[Values, Numbers]] = []
        self._size = 0
        self._found: dict[int, NumericSummary] = {}
        self._missing: dict[int, int] = {}

    def add(self, array: pa.Array, rows: Rows) -> None:
        values, present = numeric_rows(array, self._dtype)
        at = rows.at
        if present is not None:
            lost = at[~present]
            counts = np.bincount(lost[lost >= 0], minlength=len(rows.numbers))
            _add_counts(self._missing, rows.numbers, counts)
            at = at[present]
        inside = at >= 0
        if not inside.all():
            values, at = values[inside], at[inside]
        self._held.append((values, rows.numbers[at]))
        self._size += len(values)
        if self._size >= self._most:
            self._count()

    def _count(self) -> None:
        """Count what is held, the rows of a window together."""
        if not self._size:
            return
        values = np.concatenate([held for held, _ in self._held])
        numbers = np.concatenate([held for _, held in self._held])
        self._held, self._size = [], 0
        if (numbers[1:] < numbers[:-1]).any():
            order = np.argsort(numbers, kind="stable")
            values, numbers = values[order], numbers[order]
        starts = np.flatnonzero(first_of_its_kind(numbers))
        for start, end in zip(starts, np.append(starts[1:], len(numbers)), strict=True):
            rows = Multiset(np.sort(values[start:end]))
            part = summarise(rows, self._grid, moments=self._grid.scale.degree > 0)
            self._add_part(int(numbers[start]), part)

    def _add_part(self, number: int, part: NumericSummary) -> None:
        before = self._found.get(number)
        self._found[number] = _narrow(part if before is None else before.merge(part))

    def state(self) -> State:
        self._count()
        parts = [[number, part.state()] for number, part in self._found.items()]
        return {"parts": parts, "missing": [*self._missing.items()]}

    def absorb(self, state: State) -> None:
        for number, part in state["parts"]:
            self._add_part(number, NumericSummary.of_state(part, self._grid))
        for number, rows in state["missing"]:
            self._missing[number] = self._missing.get(number, 0) + rows

    def finish(self) -> dict[int, NumericSummary]:
        self._count()
        nothing = summarise(Multiset(self._grid.edges[:0]), self._grid)
        return {
            number: replace(self._found.get(number, nothing), missing=self._missing.get(number, 0))
            for number in self._found.keys() | self._missing.keys()
        }


def _narrow(summary: NumericSummary) -> NumericSummary:
    """Return the summary with counts of four bytes, as many windows are held at once."""
    if summary.count > np.iinfo(np.int32).max:
        return summary
    narrow: tuple[Any, Any] = summary.below.astype(np.int32), summary.upto.astype(np.int32)
    return replace(summary, counted=narrow)


class _Rows:
    """Adds up a row of counts for each window."""

    def __init__(self) -> None:
        self._found: dict[int, Counts] = {}

    def _add_row(self, number: int, row: Counts) -> None:
        before = self._found.get(number)
        self._found[number] = row if before is None else before + row

    def state(self) -> State:
        rows = np.array([*self._found.values()], dtype=np.int64)
        return {"numbers": [*self._found], "rows": rows}

    def absorb(self, state: State) -> None:
        for number, row in zip(state["numbers"], state["rows"], strict=True):
            self._add_row(number, row)


class _Present(_Rows):
    """Counts rows with and without a value."""

    def add(self, array: pa.Array, rows: Rows) -> None:
        inside = rows.at >= 0
        pairs = 2 * rows.at[inside] + absent(flatten(array))[inside]
        counts = np.bincount(pairs, minlength=2 * len(rows.numbers)).reshape(-1, 2)
        for number, row in zip(rows.numbers.tolist(), counts, strict=True):
            self._add_row(number, row)

    def finish(self) -> dict[int, NumericSummary]:
        return {number: presence(*row.tolist()) for number, row in self._found.items()}


class _Labels(_Rows):
    """Counts categories, those without a name of their own together."""

    def __init__(self, names: Sequence[str], dtype: np.dtype[Any]) -> None:
        super().__init__()
        self._names = names
        self._cells = {name: at for at, name in enumerate(names)}
        self._dtype = dtype

    def add(self, array: pa.Array, rows: Rows) -> None:
        codes, names, present = label_codes(array, self._dtype)
        other = len(self._names)
        cells = np.array([self._cells.get(name, other) for name in names], dtype=np.int64)
        of_row = np.full(len(array), other + 1, dtype=np.int64)  # missing
        of_row[slice(None) if present is None else present] = cells[codes]
        size, inside = other + 2, rows.at >= 0
        at, of_row = rows.at[inside], of_row[inside]
        counts = np.bincount(at * size + of_row, minlength=size * len(rows.numbers))
        for number, row in zip(rows.numbers.tolist(), counts.reshape(-1, size), strict=True):
            if row.any():
                self._add_row(number, row)

    def finish(self) -> dict[int, CategoricalSummary]:
        return {number: self._summary(row) for number, row in self._found.items()}

    def _summary(self, row: Counts) -> CategoricalSummary:
        named, (other, missing) = row[:-2].tolist(), row[-2:].tolist()
        counts = {name: n for name, n in zip(self._names, named, strict=True) if n}
        return CategoricalSummary(sum(named) + other, missing, counts, unnamed=1)


def _add_counts(into: dict[int, int], numbers: Numbers, counts: Counts) -> None:
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        if count:
            into[number] = into.get(number, 0) + count


def together(parts: Sequence[Summary]) -> Summary:
    """Return the summary of several windows of one column; there is at least one."""
    total = parts[0]
    if isinstance(total, NumericSummary):
        wide = (total.below.astype(np.int64), total.upto.astype(np.int64))
        total = replace(total, counted=wide)
    for part in parts[1:]:
        total = _added(total, part)
    return total


def _added(one: Summary, other: Summary) -> Summary:
    if isinstance(one, NumericSummary) and isinstance(other, NumericSummary):
        return one.merge(other)
    assert isinstance(one, CategoricalSummary)  # noqa: S101  of one column
    assert isinstance(other, CategoricalSummary)  # noqa: S101
    counts = dict(one.counts)
    for name, rows in other.counts.items():
        counts[name] = counts.get(name, 0) + rows
    return CategoricalSummary(
        one.count + other.count, one.missing + other.missing, counts, unnamed=1
    )


def without(total: Summary, part: Summary) -> Summary:
    """Return the total less one of its windows; its extremes stay those of the total."""
    if isinstance(total, NumericSummary) and isinstance(part, NumericSummary):
        return NumericSummary(
            total.count - part.count,
            total.missing - part.missing,
            total.positive_infinite - part.positive_infinite,
            total.negative_infinite - part.negative_infinite,
            total.sums - part.sums,
            total.minimum,
            total.maximum,
            total.grid,
            (total.below - part.below, total.upto - part.upto),
        )
    assert isinstance(total, CategoricalSummary)  # noqa: S101  of one column
    assert isinstance(part, CategoricalSummary)  # noqa: S101
    counts = {name: rows - part.counts.get(name, 0) for name, rows in total.counts.items()}
    return CategoricalSummary(
        total.count - part.count, total.missing - part.missing, counts, unnamed=1
    )


def coarsened(summary: Summary, reference: Summary) -> Summary:
    """Return a summary as that of a window has it, on the reference's fewer edges or categories."""
    if isinstance(summary, NumericSummary) and isinstance(reference, NumericSummary):
        grid = coarse(reference.grid, reference.grid.scale.degree)
        at = np.searchsorted(reference.grid.edges, grid.edges)
        counted = (summary.below[at], summary.upto[at])
        return replace(summary, grid=grid, counted=counted, rows=None, pockets={})
    assert isinstance(summary, CategoricalSummary)  # noqa: S101  of one column
    assert isinstance(reference, CategoricalSummary)  # noqa: S101
    counts = {name: summary.counts.get(name, 0) for name in cells_of(reference)}
    return CategoricalSummary(summary.count, summary.missing, counts, unnamed=1)
