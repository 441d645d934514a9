"""One group of columns on its way: read, folded, and looked into again where that is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from driftcli.engines.feeding import Adds, Both, Fold, LabelColumn, NumberColumn, PresenceColumn
from driftcli.engines.watch import Watch
from driftcli.engines.windowing import Now, WindowColumn, Windowing
from driftcli.errors import DataError
from driftcli.model import ColumnKind
from driftcli.schema import ColumnPlan
from driftcli.summaries import Summary
from driftcli.summaries.arrays import flatten
from driftcli.summaries.categorical import CategoricalFold
from driftcli.summaries.counting import EdgesFold, ExtentFold, GridFold, PocketsFold
from driftcli.summaries.folds import NumericFold
from driftcli.summaries.numeric import NumericSummary

PARALLEL_CELLS = 100_000  # fewer values are folded before threads have taken them over

Summaries = dict[str, Summary]


class Batches(Protocol):
    """The part of a source that an engine needs."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    @property
    def rows(self) -> int | None:
        """Where known without reading."""

    @property
    def columnar(self) -> bool:
        """Whether reading some columns costs only these."""

    def batches(self, columns: Sequence[str], *, threads: bool = True) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the columns, in that order; callable again, and from any thread."""


class OneTable(Batches, Protocol):
    """A source of one part, whose rows are counted where they are."""

    @property
    def parts(self) -> Sequence[object]:
        """It alone."""

    def check_count(self, rows: int) -> None:
        """Refuse a number of rows that is none or too many."""


@dataclass(frozen=True, slots=True)
class Found:
    """The windows of a side.

    Parameters
    ----------
    columns : mapping of str to mapping of int to Summary
        For each column the summary of each window, in order of time.
    rows : mapping of int to int
        Of each window.
    lost : int
        Rows that lie in none.
    """

    columns: Mapping[str, Mapping[int, Summary]] = field(default_factory=dict)
    rows: Mapping[int, int] = field(default_factory=dict)
    lost: int = 0


NO_WINDOWS = Found()


@dataclass(frozen=True, slots=True)
class Lane:
    """A group of columns that are read together.

    Parameters
    ----------
    columns : sequence of ColumnPlan
    limit : int
        Values of a column kept in memory on a side.
    watch : Watch
    degree : {2, 4}
        The highest power of the values of a reference that is summed.
    check : callable
        Called with every batch; raises where the run is to end.
    room : int
        Bytes for the windows of its columns.
    alone : bool
        Whether threads are free for it, as no other lane runs.
    pool : Executor, optional
        Folds the columns of a batch side by side.
    """

    columns: Sequence[ColumnPlan]
    limit: int
    degree: int
    watch: Watch
    check: Callable[[], None]
    room: int
    alone: bool = False
    pool: Executor | None = None

    def reference(self, source: Batches) -> tuple[int, Summaries]:
        """Return the rows of a reference and the columns' summaries, on edges of their own."""
        folds = {column.name: self._fold(column, source, None) for column in self.columns}
        rows = self._feed(source, folds, "reference")
        again = {name: fold for name, fold in map(self._again, folds.items()) if fold is not None}
        if again:
            self.watch.expect(rows, len(again))
            self._feed(source, again, "reference, second pass")
        return rows, self._finish({**folds, **again})

    def current(
        self, source: Batches, before: Mapping[str, Summary], by: Windowing | None = None
    ) -> tuple[int, Summaries, Found]:
        """Return the rows of current, the summaries on the reference's edges, and by window."""
        folds = {c.name: self._fold(c, source, before[c.name]) for c in self.columns}
        if by is None:
            return self._feed(source, folds, "current"), self._finish(folds), NO_WINDOWS
        now, counters = self._counters(source, before, by, self.degree)
        both = {name: Both(fold, counters[name]) for name, fold in folds.items()}
        rows = self._feed(source, both, "current", now)
        return rows, self._finish(folds), self._by_window(now, counters)

    def windows(
        self, source: Batches, whole: Mapping[str, Summary], by: Windowing, degree: int
    ) -> Found:
        """Return the windows of a reference of which the whole is known.

        Parameters
        ----------
        source : Batches
        whole : mapping of str to Summary
        by : Windowing
        degree : {2, 4}
            The highest power of the values that is summed.
        """
        now, counters = self._counters(source, whole, by, degree)
        self.watch.expect(source.rows, len(counters))
        self._feed(source, counters, "windows of the reference", now)
        return self._by_window(now, counters)

    def _counters(
        self, source: Batches, whole: Mapping[str, Summary], by: Windowing, degree: int
    ) -> tuple[Now, dict[str, WindowColumn]]:
        now = Now(by, source.name, len(self.columns), self.room)
        return now, {c.name: WindowColumn.of(c, whole[c.name], now, degree) for c in self.columns}

    def _by_window(self, now: Now, counters: Mapping[str, WindowColumn]) -> Found:
        found = {}
        for name, counter in counters.items():
            with self.watch.spend("sort and sum", [name]):
                found[name] = counter.finish()
        return Found(found, dict(sorted(now.seen.items())), now.lost)

    def look(
        self, source: Batches, sides: Mapping[str, Summary], buckets: Mapping[str, Sequence[int]]
    ) -> Summaries:
        """Return the summaries of some columns with the values that lie in some buckets."""
        plans = {column.name: column for column in self.columns}
        folds: dict[str, Fold] = {}
        for name, chosen in buckets.items():
            side = sides[name]
            if isinstance(side, NumericSummary) and side.rows is None:
                folds[name] = NumberColumn(plans[name], PocketsFold(side, chosen))
        if folds:
            self.watch.expect(source.rows, len(folds))
            self._feed(source, folds, "second look")
        return self._finish(folds)

    def _fold(self, column: ColumnPlan, source: Batches, before: Summary | None) -> Fold:
        if column.counted:
            return LabelColumn(column, CategoricalFold())
        if column.kind is ColumnKind.DATETIME:
            return NumberColumn(column, ExtentFold())
        if column.kind is ColumnKind.OTHER:
            return PresenceColumn()
        grid = None
        if isinstance(before, NumericSummary):
            grid = before.grid
            if before.rows is None:  # those of current alone make no distance exact
                return NumberColumn(column, GridFold(grid, self.limit))
        return NumberColumn(column, NumericFold(grid, self.limit, source.rows or 0, self.degree))

    def _again(self, item: tuple[str, Fold]) -> tuple[str, Fold | None]:
        """Return the fold of the second pass, where the reference outgrew the memory."""
        name, fold = item
        if isinstance(fold, NumberColumn) and isinstance(fold.fold, NumericFold):
            edges = fold.fold.edges()
            if edges is not None:
                return name, NumberColumn(fold.plan, EdgesFold(edges, self.limit))
        return name, None

    def _feed(
        self, source: Batches, folds: Mapping[str, Adds], stage: str, now: Now | None = None
    ) -> int:
        """Give every batch to the folds of its columns; return the rows, one at least."""
        rows = self.fold(source, folds, stage, now)
        if rows == 0:
            raise DataError("0 rows", path=source.name)
        return rows

    def fold(
        self, source: Batches, folds: Mapping[str, Adds], stage: str, now: Now | None = None
    ) -> int:
        """Give every batch to the folds of its columns; return the rows."""
        names, rows = list(folds), 0
        read, time = read_with(names, now)
        batches = source.batches(read, threads=self.alone)
        while (batch := self._next(batches, names, stage)) is not None:
            self.check()
            if now is not None:
                times = None if time is None else batch.column(read.index(time))
                now.see(times, rows, batch.num_rows)
            rows += batch.num_rows
            cells = batch.num_rows * len(folds)
            tasks = [
                (stage, name, fold, batch.column(at))
                for at, (name, fold) in enumerate(folds.items())
            ]
            if self.pool is not None and cells > PARALLEL_CELLS:
                list(self.pool.map(self._add, tasks))
            else:
                for task in tasks:
                    self._add(task)
            self.watch.read(batch.num_rows, len(folds))
        return rows

    def _next(
        self, batches: Iterator[pa.RecordBatch], names: Sequence[str], stage: str
    ) -> pa.RecordBatch | None:
        with self.watch.spend(f"read {stage}", names):
            return next(batches, None)

    def _add(self, task: tuple[str, str, Adds, pa.Array]) -> None:
        stage, name, fold, array = task
        with self.watch.spend(f"fold {stage}", [name]):
            fold.add(array)

    def _finish(self, folds: Mapping[str, Fold]) -> Summaries:
        done: Summaries = {}
        for name, fold in folds.items():
            with self.watch.spend("sort and sum", [name]):
                done[name] = fold.finish()
        return done


def read_with(names: Sequence[str], now: Now | None) -> tuple[list[str], str | None]:
    """Return the columns to read, and the one that tells the time."""
    time = now.windowing.column if now else None
    return [*names] if time is None or time in names else [*names, time], time


def read(source: Batches, columns: Sequence[str]) -> pa.Table:
    """Return whole columns of a source, for what cannot be folded batch by batch.

    Raises
    ------
    DataError
        If the source holds no row.
    """
    # text comes as dictionaries from some parts, and plain from others
    table = pa.Table.from_batches(
        [
            pa.RecordBatch.from_arrays([flatten(a) for a in batch.columns], names=list(columns))
            for batch in source.batches(columns)
        ]
    )
    if not table.num_rows:
        raise DataError("0 rows", path=source.name)
    return table
