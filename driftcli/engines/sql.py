"""Has a database count its own rows on the edges of a baseline, so that none of them leaves it.

The counts and sums are those that this machine would make of the rows, to the last digit. A column
that the database cannot count alike is read, and the user is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from driftcli.engines.lane import NO_WINDOWS, Batches, Found, Lane, OneTable, Summaries
from driftcli.engines.local import (
    LEAST,
    OVERHEAD,
    Columns,
    Comparison,
    LocalEngine,
    Measure,
    Outcome,
    Summarised,
    shared_limit,
)
from driftcli.engines.sql_numbers import Numbers, countable
from driftcli.engines.sql_others import labels, times, values
from driftcli.engines.sql_text import Table
from driftcli.engines.windowing import Windowing
from driftcli.errors import DataError, UsageError, quoted
from driftcli.model import ColumnKind
from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.numeric import NumericSummary

T = TypeVar("T")
KNOWN = ("postgres", "sqlite")
WITHOUT = "leave out --engine sql"


@dataclass(frozen=True, slots=True)
class SqlLane(Lane):
    """All columns, counted by the database."""

    def current(
        self, source: Batches, before: Mapping[str, Summary], by: Windowing | None = None
    ) -> tuple[int, Summaries, Found]:
        """Return the rows of current and the summaries on the baseline's edges."""
        table = _table(source)
        assert self.pool is not None  # noqa: S101  the engine gives one
        counted = list(self.pool.map(lambda c: self._count(table, c, before), self.columns))
        pairs = list(zip(self.columns, counted, strict=True))
        done = {column.name: summary for column, summary in pairs if summary is not None}
        left = [column for column, summary in pairs if summary is None]
        rows = {summary.count + summary.missing for summary in done.values()}
        if left:
            _tell(table, left)
            count, others, _ = Lane.current(replace(self, columns=left), source, before)
            rows, done = {*rows, count}, {**done, **others}
        if not rows:
            rows = {table.ask(f"SELECT COUNT(*) AS n {table.asked}").column(0)[0].as_py()}
        if len(rows) > 1:
            hint = "ask for rows that no longer change"
            raise DataError("its rows changed while they were counted", path=table.name, hint=hint)
        (count,) = rows
        cast(OneTable, source).check_count(count)
        return count, done, NO_WINDOWS

    def _count(
        self, table: Table, column: ColumnPlan, before: Mapping[str, Summary]
    ) -> Summary | None:
        """Return the summary of a column; ``None`` where its rows must be read."""
        if table.asked is None or table.value(column.name) is None:
            return None
        self.check()
        with self.watch.spend("count in the database", [column.name]):
            if column.counted:
                return labels(table, column)
            if column.kind is ColumnKind.DATETIME:
                return times(table, column)
            if column.kind is ColumnKind.OTHER:
                return values(table, column)
            known = before[column.name]
            if not countable(column, table.schema.field(column.name).type):
                return None
            assert isinstance(known, NumericSummary)  # noqa: S101  as the column is numeric
            return Numbers(table, column, known.grid, self.degree).summary()


@dataclass(frozen=True, slots=True)
class SqlEngine(LocalEngine):
    """The database that holds current; `jobs` questions at a time."""

    def compare(
        self,
        reference: Batches | DatasetSummary,
        current: Batches,
        columns: Columns,
        comparison: Comparison[T],
        past: Windowing | None = None,
        recent: Windowing | None = None,
    ) -> Outcome[T]:
        """Have current counted on the edges of a baseline.

        Raises
        ------
        UsageError
            If the reference is no baseline, current is in no database, or windows are asked for.
        """
        if not isinstance(reference, DatasetSummary):
            hint = f"make it one with driftcli baseline create, or {WITHOUT}"
            reason = "a database counts on the edges of a baseline, and this is none"
            raise UsageError(reason, path=reference.name, hint=hint)
        if recent is not None:
            raise UsageError("windows are not counted by a database", hint=WITHOUT)
        return LocalEngine.compare(self, reference, current, columns, comparison)

    def summarise(
        self,
        source: Batches,
        columns: Columns,
        by: Windowing | None = None,
        measure: Measure[T] | None = None,
    ) -> Summarised[T]:
        """Refuse: edges are made of the rows.

        Raises
        ------
        UsageError
        """
        raise UsageError("a baseline is made of rows", path=source.name, hint=WITHOUT)

    def _run(
        self,
        sources: Sequence[Batches],
        columns: Columns,
        work: Callable[[Lane], None],
        *,
        windowed: bool,
    ) -> None:
        working = max(self.memory - OVERHEAD, LEAST)
        limit = shared_limit(columns, working)
        with ThreadPoolExecutor(self.jobs) as pool:
            work(SqlLane(columns, limit, self.degree, self.watch, _nothing, working, True, pool))


def _nothing() -> None:
    """Let a run go on."""


def _table(source: Batches) -> Table:
    part = cast(OneTable, source).parts[0]
    if not hasattr(part, "ask"):
        reason = "not in a database, so that none can count its rows"
        raise UsageError(reason, path=source.name, hint=WITHOUT)
    table = cast(Table, part)
    if table.dialect not in KNOWN:
        reason = f"{table.dialect} is not asked to count: only PostgreSQL and SQLite are"
        raise UsageError(reason, path=source.name, hint=WITHOUT)
    return table


def _tell(table: Table, columns: Sequence[ColumnPlan]) -> None:
    if table.asked is None:
        told = "all rows were read, as the database may understand the filter otherwise"
    else:
        names = ", ".join(quoted(column.name) for column in columns)
        told = f"columns read, as the database may count them otherwise: {names}"
    table.warnings.append(f"{table.name}: {told}")
