"""Folds the rows of Spark's data frames where they are, and adds up what the folds have seen.

Every partition is folded by the folds that one machine uses, so that the numbers are equal to the
last digit. What they have seen travels as bytes, one row a column and partition, is added up on the
executors in two rounds, and reaches the driver as one row a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import pyarrow as pa

from driftcli.engines.feeding import Adds
from driftcli.engines.lane import Batches, Lane, OneTable, read_with
from driftcli.engines.local import LEAST, OVERHEAD, Columns, LocalEngine, shared_limit
from driftcli.engines.spark_table import SparkTable, asking, column_named
from driftcli.engines.watch import Nobody
from driftcli.engines.windowing import Now
from driftcli.errors import UsageError
from driftcli.model import ColumnKind
from driftcli.summaries.wire import State, packed, unpacked

BATCH_ROWS = 131_072  # are folded at once; Spark hands over ten thousand
FAN = 32  # tasks that add up the partitions of a column before one adds up theirs
STATES = "part int, place int, state binary"
_SCHEMA = pa.schema({"part": pa.int32(), "place": pa.int32(), "state": pa.binary()})


class Adding(Protocol):
    """Says what it has seen, and adds what others have."""

    def state(self) -> State: ...  # noqa: D102
    def absorb(self, state: State) -> None: ...  # noqa: D102


@dataclass(slots=True)
class Rows:
    """How many rows there were, and in which windows."""

    now: Now | None
    count: int = 0

    def state(self) -> State:
        """Return what was seen."""
        return {"count": self.count, "now": None if self.now is None else self.now.state()}

    def absorb(self, state: State) -> None:
        """Add what was seen elsewhere."""
        self.count += state["count"]
        if self.now is not None:
            self.now.absorb(state["now"])


@dataclass(frozen=True, slots=True)
class Given:
    """The batches of a partition, which are there once."""

    given: Iterator[pa.RecordBatch]
    name: str
    rows: int | None = None
    columnar: bool = True

    def batches(self, columns: Sequence[str], *, threads: bool = True) -> Iterator[pa.RecordBatch]:
        """Yield them, several of Spark's small ones as one."""
        held: list[pa.RecordBatch] = []
        for batch in self.given:
            held.append(batch)
            if sum(one.num_rows for one in held) >= BATCH_ROWS:
                yield from pa.Table.from_batches(held).combine_chunks().to_batches()
                held = []
        if held:
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()


@dataclass(frozen=True, slots=True)
class Partition:
    """Folds the rows of a partition; what is to be folded, nothing seen so far, is sent along.

    Parameters
    ----------
    lane : Lane
    name : str
        Of the source.
    folds : mapping of str to Adds
    now : Now, optional
    """

    lane: Lane
    name: str
    folds: Mapping[str, Adds]
    now: Now | None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a row for each fold, and before them one for the rows."""
        from pyspark import TaskContext

        rows = self.lane.fold(Given(batches, self.name), self.folds, "", self.now)
        if rows:
            context = TaskContext.get()
            part = 0 if context is None else context.partitionId() % FAN
            yield from _told([Rows(self.now, rows), *self.folds.values()], part)


@dataclass(frozen=True, slots=True)
class Sum:
    """Adds up the states of some partitions, place by place."""

    empty: Sequence[Adding]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield one row for each place."""
        seen = set()
        for batch in batches:
            for place, state in zip(batch["place"].to_pylist(), batch["state"], strict=True):
                self.empty[place].absorb(unpacked(state.as_py()))
                seen.add(place)
        for place in sorted(seen):
            yield _row(0, place, self.empty[place])


def _told(states: Sequence[Adding], part: int) -> Iterator[pa.RecordBatch]:
    for place, one in enumerate(states):
        yield _row(part, place, one)


def _row(part: int, place: int, one: Adding) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([part], pa.int32()),
            pa.array([place], pa.int32()),
            pa.array([packed(one.state())], pa.binary()),
        ],
        schema=_SCHEMA,
    )


@dataclass(frozen=True, slots=True)
class SparkLane(Lane):
    """All columns, folded by Spark."""

    def fold(
        self, source: Batches, folds: Mapping[str, Adds], stage: str, now: Now | None = None
    ) -> int:
        """Have every partition folded, and add what was seen to the folds; return the rows."""
        table = _table(source)
        read, _ = read_with(list(folds), now)
        if now is not None and now.windowing.column is None:
            hint = "give a time column with --time"
            raise UsageError("Spark's rows have no order to make windows of", hint=hint)
        total = Rows(now)
        places: list[Adding] = [total, *folds.values()]
        bare = Lane(self.columns, self.limit, self.degree, Nobody(), nothing, self.room)
        # of values that nobody looks at only is told whether they are there
        others = {column.name for column in self.columns if column.kind is ColumnKind.OTHER}
        frame = table.frame.select([column_named(name, there=name in others) for name in read])
        with self.watch.spend(f"fold {stage}", list(folds)), asking(table.name):
            told = frame.mapInArrow(Partition(bare, table.name, folds, now), STATES)
            for keys in (("place", "part"), ("place",)):
                told = told.repartition(*keys).mapInArrow(Sum(places), STATES)
            answers = told.collect()
        for row in answers:
            places[row["place"]].absorb(unpacked(bytes(row["state"])))
        self.watch.read(total.count, len(folds))
        cast(OneTable, source).check_count(total.count)
        return total.count


@dataclass(frozen=True, slots=True)
class SparkEngine(LocalEngine):
    """The executors of a Spark session; ``memory`` is that of a task and of the driver."""

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
        limit = shared_limit(columns, working)
        work(SparkLane(columns, limit, self.degree, self.watch, nothing, working))


def _table(source: Batches) -> SparkTable:
    table = cast(OneTable, source).parts[0]
    assert isinstance(table, SparkTable)  # noqa: S101  what this engine's runs open
    return table


def nothing() -> None:
    """Let a run go on."""
