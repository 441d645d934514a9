"""What a monitor remembers, and what is read back of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, TypeVar

from driftcli.errors import UsageError
from driftcli.records import (
    Acknowledgement,
    CheckRow,
    ColumnRow,
    Delivery,
    MemoryRow,
    MetricRow,
    Past,
    Run,
)
from driftcli.store.database import ELSEWHERE, Database, Row, StoreError, migrate
from driftcli.store.values import fits, restored, stored

RUN = (
    "id", "monitor", "at", "finished", "driftcli_version", "sources", "fingerprint", "n_reference",
    "n_current", "status", "should_retrain", "alerts",
)  # fmt: skip
TIMES = ("at", "finished", "first", "told", "until", "made", "created")
T = TypeVar("T", Acknowledgement, Delivery, MemoryRow, Run)

# the last runs of each monitor with what they found, by two conditions on each of the two tables
HISTORY = """
    WITH chosen AS (
        SELECT id, monitor, at, finished,
            row_number() OVER (PARTITION BY monitor ORDER BY at DESC, finished DESC, id) AS age
        FROM runs
    )
    SELECT finished, id, monitor, at, section, name, method, effect, threshold, pvalue, status
    FROM chosen JOIN checks ON run = id WHERE {where}
    UNION ALL
    SELECT finished, id, monitor, at, 'performance', name, name, value, threshold, NULL, status
    FROM chosen JOIN metrics ON run = id WHERE {where}
"""


class Store:
    """A store that is open.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        migrate(database)

    @property
    def name(self) -> str:
        """As messages name it."""
        return self._database.name

    def alone(self, monitor: str, seconds: float) -> AbstractContextManager[None]:
        """Keep other runs of a monitor away, or refuse after so many seconds.

        Raises
        ------
        StoreError
        """
        return self._database.alone(monitor, seconds)

    def malformed(self) -> StoreError:
        """Return what to raise where it holds what no driftcli wrote."""
        reason = "malformed (a value that is none of its column)"
        return StoreError(reason, path=self.name, hint=ELSEWHERE)

    def close(self) -> None:
        """Close it."""
        self._database.close()

    # -- a run -------------------------------------------------------------------------------------

    def remember(
        self, run: Run, memories: Iterable[MemoryRow] | None, deliveries: Iterable[Delivery]
    ) -> None:
        """Keep a run with how its monitor's alerts stand and the notices to send: all or nothing.

        Parameters
        ----------
        run : Run
        memories : iterable of MemoryRow or None
            All of the monitor; they take the place of the former, which ``None`` leaves.
        deliveries : iterable of Delivery
        """
        with self._database.transaction():
            self._insert("runs", [[getattr(run, name) for name in RUN]])
            for table, rows in (
                ("checks", run.checks),
                ("column_stats", run.columns),
                ("metrics", run.metrics),
            ):
                self._insert(table, [(run.id, *astuple(item)) for item in rows])
            if memories is not None:
                self._ask("DELETE FROM memories WHERE monitor = ?", run.monitor)
                self._insert("memories", [(run.monitor, *astuple(item)) for item in memories])
            self._insert("deliveries", [astuple(item) for item in deliveries])

    def runs(self, monitor: str | None = None, last: int | None = None) -> list[Run]:
        """Return runs, the latest first; what they found is in :meth:`history`.

        Parameters
        ----------
        monitor : str, optional
            Of this one only.
        last : int, optional
            At most so many.
        """
        asked = {"WHERE monitor = ?": monitor, "LIMIT ?": last}
        where, limit = (sql if value is not None else "" for sql, value in asked.items())
        values = [value for value in asked.values() if value is not None]
        rest = f"{where} ORDER BY at DESC, finished DESC, id {limit}"
        return self._records(Run, "runs", rest, *values)

    # -- alerts ------------------------------------------------------------------------------------

    def memories(self, monitor: str) -> list[MemoryRow]:
        """Return what is remembered of a monitor's alerts, by rule and column."""
        found = self._records(MemoryRow, "memories", "WHERE monitor = ?", monitor)
        return sorted(found, key=lambda memory: (memory.rule, memory.name))

    def acknowledgements(self, monitor: str, now: str) -> list[Acknowledgement]:
        """Return what is acknowledged beyond a moment (ISO 8601, UTC), by rule and column."""
        where = "WHERE monitor = ? AND until >= ?"
        found = self._records(Acknowledgement, "acknowledgements", where, monitor, now)
        return sorted(found, key=lambda known: (known.rule, known.name))

    def acknowledge(self, known: Acknowledgement) -> None:
        """Note that somebody knows; it takes the place of what was noted of the same."""
        with self._database.transaction():
            self._withdraw(known.monitor, known.rule, known.name)
            self._insert("acknowledgements", [astuple(known)])

    def withdraw(self, monitor: str, rule: str, name: str) -> bool:
        """Forget an acknowledgement; return whether there was one."""
        with self._database.transaction():
            return self._withdraw(monitor, rule, name)

    def _withdraw(self, *key: str) -> bool:
        where = "FROM acknowledgements WHERE monitor = ? AND rule = ? AND name = ?"
        found = self._ask(f"SELECT 1 {where}", *key)
        self._ask(f"DELETE {where}", *key)
        return bool(found)

    # -- notices -----------------------------------------------------------------------------------

    def waiting(self, monitor: str) -> list[Delivery]:
        """Return the notices that are still to be sent, the oldest first."""
        where = "WHERE monitor = ? AND outcome = 'waiting'"
        found = self._records(Delivery, "deliveries", where, monitor)
        return sorted(found, key=lambda notice: (notice.created, notice.id, notice.channel))

    def settle(self, delivery: Delivery) -> None:
        """Note what came of an attempt."""
        set_ = "attempts = ?, outcome = ?, reason = ?"
        came = (delivery.attempts, delivery.outcome, delivery.reason)
        key = (delivery.id, delivery.channel)
        with self._database.transaction():
            self._ask(f"UPDATE deliveries SET {set_} WHERE id = ? AND channel = ?", *came, *key)

    # -- history -----------------------------------------------------------------------------------

    def history(
        self, monitor: str | None = None, name: str | None = None, last: int | None = None
    ) -> list[Past]:
        """Return the checks and metrics of past runs, by monitor, the oldest run first.

        Parameters
        ----------
        monitor, name : str, optional
            Of this monitor, of this column or metric.
        last : int, optional
            Of so many runs a monitor at most.
        """
        asked = {"monitor = ?": monitor, "name = ?": name, "age <= ?": last}
        given = {sql: value for sql, value in asked.items() if value is not None}
        where = " AND ".join(given) or "1 = 1"
        kinds = _typed(Past, "finished").values()
        found = self._rows(kinds, HISTORY.format(where=where), *given.values(), *given.values())
        return [Past(*row[1:]) for row in sorted(map(restored, found), key=_in_time)]

    def prune(self, before: str) -> int:
        """Forget runs and notices before a moment (ISO 8601, UTC); return how many runs.

        How alerts stand is kept, and what is still to be sent.
        """
        with self._database.transaction():
            ((many,),) = self._ask("SELECT count(*) FROM runs WHERE at < ?", before)
            self._ask("DELETE FROM runs WHERE at < ?", before)
            self._ask("DELETE FROM deliveries WHERE created < ? AND outcome <> 'waiting'", before)
            self._ask("DELETE FROM acknowledgements WHERE until < ?", before)
        return int(many)

    def table(self, name: str) -> tuple[dict[str, str], list[Row]]:
        """Return the columns of one of :data:`TABLES`, each with its type, and the rows.

        Text is as the database keeps it, so that it is text to every other program.
        """
        columns = COLUMNS[name]
        return columns, self._rows(columns.values(), f"SELECT {', '.join(columns)} FROM {name}")

    # -- rows --------------------------------------------------------------------------------------

    def _insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            places = ", ".join("?" * len(rows[0]))
            kept = [stored(row) for row in rows]
            self._database.many(f"INSERT INTO {table} VALUES ({places})", kept)

    def _ask(self, sql: str, *values: object) -> list[Row]:
        return self._database.query(sql, stored(values))

    def _records(self, kind: type[T], table: str, rest: str, *values: object) -> list[T]:
        """Return rows as records."""
        kinds = {name: type_ for name, type_ in _typed(kind).items() if name in COLUMNS[table]}
        rows = self._rows(kinds.values(), f"SELECT {', '.join(kinds)} FROM {table} {rest}", *values)
        return [kind(*map(_as, kinds.values(), restored(row))) for row in rows]

    def _rows(self, kinds: Collection[str], sql: str, *values: object) -> list[Row]:
        """Return rows of values of these kinds."""
        rows = self._database.query(sql, stored(values))
        if not all(all(map(fits, kinds, row)) for row in rows):
            raise self.malformed()
        return rows


def _as(type_: str, value: Any) -> Any:
    """Return a value of a field; the databases keep what is true as a number."""
    return bool(value) if type_ == "bool" else value


def _in_time(row: Row) -> tuple[Any, ...]:
    """Return the order of a row of the history: not the database's, which sorts by language."""
    finished, run, monitor, at, section, *check = row
    return monitor, at, finished, run, section == "performance", section, *check[:2]


def _typed(kind: type[Any], first: str = "") -> dict[str, str]:
    """Return the fields of a record with their types as they are written; times are told apart."""
    kinds = {first: "str"} if first else {}
    kinds |= {field.name: str(field.type) for field in fields(kind)}
    return {at: of.replace("str", "time") if at in TIMES else of for at, of in kinds.items()}


COLUMNS: Mapping[str, dict[str, str]] = {
    "runs": {name: kind for name, kind in _typed(Run).items() if name in RUN},
    "checks": _typed(CheckRow, "run"),
    "column_stats": _typed(ColumnRow, "run"),
    "metrics": _typed(MetricRow, "run"),
    "memories": _typed(MemoryRow, "monitor"),
    "acknowledgements": _typed(Acknowledgement),
    "deliveries": _typed(Delivery),
}
TABLES = tuple(COLUMNS)


@contextmanager
def open_store(path: Path | None, url: str | None = None, name: str = "") -> Iterator[Store]:
    """Open a store, and close it at the end.

    Parameters
    ----------
    path : Path or None
        Of the file, for SQLite.
    url : str, optional
        Of the server, for PostgreSQL; a secret.
    name : str
        How messages name a server.

    Raises
    ------
    StoreError
    """
    database: Database
    if url is not None:
        from driftcli.store.postgres import PostgresDatabase

        database = PostgresDatabase(name, url)
    elif path is not None:
        from driftcli.store.sqlite import SqliteDatabase

        database = SqliteDatabase(path)
    else:
        raise UsageError("no store", hint="name a file with store.path")
    try:
        yield Store(database)
    finally:
        database.close()
