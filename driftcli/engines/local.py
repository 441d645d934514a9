"""Folds the batches of sources into summaries on this machine, column by column.

Where a source can be read by column, groups of columns are read, folded and compared one after
the other by several threads, so that the values of few columns are in memory at a time. Where it
cannot, all columns are folded in one pass. What is kept depends on the rows, their columns and the
memory allowed, never on threads, batches or order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from driftcli.engines.lane import NO_WINDOWS, Batches, Found, Lane
from driftcli.engines.schedule import Crew, Job
from driftcli.engines.watch import Nobody, Watch
from driftcli.engines.windowing import Windowing, Windows
from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.counting import LEAST_CHUNK

MB = 2**20
OVERHEAD = 160 * MB  # the interpreter, numpy, Arrow, and a batch being read
LEAST = 32 * MB
SMALL, LARGE = 8 * MB, 32 * MB  # of a group, so that opening the files for it costs little
SHARES = 8  # groups for each lane, where they are neither small nor large
LONG = 100_000  # rows; shorter columns hold up each other's threads rather than run side by side
COUNTED = 2 * MB
READING = 3 * MB  # of a column being read: its page, its dictionary and a batch
KEPT = 64  # a side of a column may keep one value of 8 bytes for so many bytes of memory

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Columns = Sequence[ColumnPlan]


class Comparison(Protocol[T_co]):
    """What is done with the two summaries of a column; called in any thread."""

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        """Return the buckets whose values must be seen before the verdict is certain."""

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> T_co:
        """Return what is found."""


class Measure(Protocol[T_co]):
    """What is made of the windows of a reference's column; called in any thread."""

    def __call__(self, column: ColumnPlan, windows: Mapping[int, Summary]) -> T_co:
        """Return what is kept of them."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What was found for each column, the rows of both sides, and of their windows."""

    found: Mapping[str, T]
    reference_rows: int
    current_rows: int
    past: Found = NO_WINDOWS
    recent: Found = NO_WINDOWS


@dataclass(frozen=True, slots=True)
class Summarised(Generic[T]):
    """A reference, and what was made of its windows for each column."""

    summary: DatasetSummary
    windows: Found = NO_WINDOWS
    made: Mapping[str, T] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Threads of this process.

    Parameters
    ----------
    memory : int
        Bytes that the process may take, about.
    jobs : int
        Threads.
    degree : {2, 4}
        The highest power of the values of a reference to sum: 4 where kurtosis is asked for.
    watch : Watch
    """

    memory: int = 512 * MB
    jobs: int = 1
    degree: int = 4
    watch: Watch = field(default_factory=Nobody)

    def compare(
        self,
        reference: Batches | DatasetSummary,
        current: Batches,
        columns: Columns,
        comparison: Comparison[T],
        past: Windowing | None = None,
        recent: Windowing | None = None,
    ) -> Outcome[T]:
        """Fold both sides and hand each column's summaries on as soon as they are there.

        Parameters
        ----------
        reference : Batches or DatasetSummary
            Data, read twice at most, or summaries made before.
        current : Batches
            Read once; single columns again where a bound does not settle the verdict.
        columns : sequence of ColumnPlan
        comparison : Comparison
        past, recent : Windowing, optional
            How the rows of the reference, if it is data, and of current are put into windows; the
            reference is read once more for them.

        Raises
        ------
        DataError
            If a side holds no row or cannot be read.
        """
        if isinstance(reference, DatasetSummary):
            task = _Task(current, comparison, reference.row_count, summaries=reference.columns)
        else:
            task = _Task(current, comparison, source=reference, by_past=past)
        task.by_recent = recent
        sources = [side for side in (task.source, current) if side is not None]
        self._run(sources, columns, task.work, windowed=bool(past or recent))
        found = {column.name: task.found[column.name] for column in columns}
        return Outcome(found, task.reference_rows, task.current_rows, task.past, task.recent)

    def summarise(
        self,
        source: Batches,
        columns: Columns,
        by: Windowing | None = None,
        measure: Measure[T] | None = None,
    ) -> Summarised[T]:
        """Summarise a reference on edges of its own.

        Parameters
        ----------
        source : Batches
        columns : sequence of ColumnPlan
        by : Windowing, optional
            Puts the rows into windows, for which they are read once more.
        measure : Measure, optional
            Makes of each column's windows what is kept of them.

        Raises
        ------
        DataError
            If the source holds no row or cannot be read.
        """
        found: dict[str, Summary] = {}
        kept: dict[str, T] = {}
        rows: list[int] = []
        windows = [NO_WINDOWS]

        def work(lane: Lane) -> None:
            count, made = lane.reference(source)
            rows.append(count)
            found.update({name: summary.compact() for name, summary in made.items()})
            if by is None or measure is None:
                return
            # among themselves they are compared by the effect alone: no fourth powers
            seen = lane.windows(source, found, by, 2)
            windows[0] = replace(seen, columns={})
            for column in lane.columns:
                if column.name in seen.columns:
                    with lane.watch.spend("compare", [column.name]):
                        kept[column.name] = measure(column, seen.columns[column.name])

        self._run([source], columns, work, windowed=by is not None)
        summary = DatasetSummary(source.name, rows[0], {c.name: found[c.name] for c in columns})
        return Summarised(summary, windows[0], kept)

    def _run(
        self,
        sources: Sequence[Batches],
        columns: Columns,
        work: Callable[[Lane], None],
        *,
        windowed: bool,
    ) -> None:
        for source in sources:
            self.watch.expect(source.rows, len(columns))
        working = max(self.memory - OVERHEAD, LEAST)
        limit, groups = working // KEPT, [tuple(columns)]
        rows = [limit if source.rows is None else source.rows for source in sources]
        lanes = self.jobs if max(rows) >= LONG else 1
        if all(source.columnar for source in sources):
            # of few columns at a time, as each window of each takes memory of its own
            large = SMALL if windowed else LARGE * self.jobs // lanes
            groups = _groups(columns, rows, limit, lanes, large)
        if len(groups) == 1:
            self._alone(groups[0], working, work)
            return
        jobs = [Job(group, _need(group, rows, limit)) for group in groups]
        alone = lanes < self.jobs

        def labour(group: tuple[ColumnPlan, ...]) -> None:
            work(Lane(group, limit, self.degree, self.watch, crew.check, working // lanes, alone))

        crew = Crew(jobs, labour, min(lanes, len(groups)), working * 5 // 8)
        crew.run()

    def _alone(self, columns: Columns, working: int, work: Callable[[Lane], None]) -> None:
        limit = shared_limit(columns, working)
        with ThreadPoolExecutor(self.jobs) as pool:
            work(Lane(columns, limit, self.degree, self.watch, _nothing, working, True, pool))


@dataclass(slots=True)
class _Task(Generic[T]):
    """The comparison of two sides, lane by lane."""

    current: Batches
    comparison: Comparison[T]
    reference_rows: int = 0
    current_rows: int = 0
    source: Batches | None = None
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    found: dict[str, T] = field(default_factory=dict)
    by_past: Windowing | None = None
    by_recent: Windowing | None = None
    past: Found = NO_WINDOWS
    recent: Found = NO_WINDOWS

    def work(self, lane: Lane) -> None:
        before: Mapping[str, Summary] = self.summaries
        if self.source is not None:
            self.reference_rows, before = lane.reference(self.source)
        after: Mapping[str, Summary]
        past = NO_WINDOWS
        if self.source is not None and self.by_past is not None:
            past = lane.windows(self.source, before, self.by_past, lane.degree)
        self.current_rows, after, recent = lane.current(self.current, before, self.by_recent)
        if self.source is not None:
            before, after = self._settled(lane, self.source, before, after)
        for column in lane.columns:
            name = column.name
            windows = Windows(past.columns.get(name, {}), recent.columns.get(name, {}))
            with lane.watch.spend("compare", [name]):
                sides = before[name], after[name]
                self.found[name] = self.comparison.compare(column, *sides, windows)
        # all lanes see the same rows
        self.past, self.recent = replace(past, columns={}), replace(recent, columns={})

    def _settled(
        self,
        lane: Lane,
        source: Batches,
        before: Mapping[str, Summary],
        after: Mapping[str, Summary],
    ) -> tuple[Mapping[str, Summary], Mapping[str, Summary]]:
        """Look into the buckets on which a verdict depends."""
        buckets = {}
        for column in lane.columns:
            sides = before[column.name], after[column.name]
            if chosen := self.comparison.unsettled(column, *sides):
                buckets[column.name] = chosen
        if not buckets:
            return before, after
        return (
            {**before, **lane.look(source, before, buckets)},
            {**after, **lane.look(self.current, after, buckets)},
        )


def shared_limit(columns: Columns, working: int) -> int:
    """Return the values of a column that are kept where all columns are folded at once.

    Parameters
    ----------
    columns : sequence of ColumnPlan
    working : int
        Bytes for them.
    """
    numbers = sum(not column.counted for column in columns)
    return max(working // (KEPT * max(numbers, 1)), LEAST_CHUNK)


def _nothing() -> None:
    """Let a run that is alone go on."""


def _groups(
    columns: Columns, rows: Sequence[int], limit: int, lanes: int, large: int
) -> list[tuple[ColumnPlan, ...]]:
    """Put columns together until a group is worth opening the files for."""
    groups: list[list[ColumnPlan]] = [[]]
    enough = min(max(_need(columns, rows, limit) // (SHARES * lanes), SMALL), large)
    need = 0
    for column in columns:
        if need >= enough:
            groups.append([])
            need = 0
        groups[-1].append(column)
        need += _need([column], rows, limit)
    return [tuple(group) for group in groups]


def _need(columns: Columns, rows: Sequence[int], limit: int) -> int:
    """Return the bytes that the values of a group take on all sides."""
    numbers = sum(not column.counted for column in columns)
    values = sum(8 * (count if count <= limit else limit // 4) for count in rows)
    counted = min(COUNTED, sum(rows)) * (len(columns) - numbers)
    reading = min(READING, 2 * 8 * max(rows)) * len(columns)
    return numbers * values + counted + reading
