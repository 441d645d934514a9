"""What a store asks of a database: SQL with ``?`` for values, transactions, and a lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from driftcli.errors import DriftcliError
from driftcli.store.schema import MIGRATIONS, VERSION

Row = tuple[Any, ...]
ELSEWHERE = "move it away, or name another file with store.path"  # where the file is damaged


class StoreError(DriftcliError):
    """The store cannot be opened, read or written; the message holds no part of an address."""


class Database(Protocol):
    """A connection."""

    @property
    def name(self) -> str:
        """As messages name it."""

    def query(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row of values."""

    def transaction(self) -> AbstractContextManager[None]:
        """Open a transaction that writes: all of it or nothing, one at a time."""

    def alone(self, monitor: str, seconds: float) -> AbstractContextManager[None]:
        """Keep other runs of a monitor away, or refuse after so many seconds.

        The lock is gone when the process is, however it ended.
        """

    def version(self) -> int:
        """Return the version of the tables; 0 where there are none."""

    def set_version(self, version: int) -> None:
        """Note the version of the tables."""

    def close(self) -> None:
        """Close the connection."""


def migrate(database: Database) -> None:
    """Bring the tables to the version of this driftcli.

    Parameters
    ----------
    database : Database

    Raises
    ------
    StoreError
        If a later driftcli wrote them.
    """
    if _known(database) == VERSION:
        return
    with database.transaction():
        for step in MIGRATIONS[_known(database) :]:  # another process may have been quicker
            for statement in step:
                database.query(statement)
        database.set_version(VERSION)


def _known(database: Database) -> int:
    """Return the version of the tables."""
    version = database.version()
    if version > VERSION:
        reason = f"written by a later driftcli (version {version}, this one knows {VERSION})"
        raise StoreError(reason, path=database.name, hint="update driftcli")
    return version
