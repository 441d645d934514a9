"""A store in one file, by SQLite."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from driftcli.errors import quoted
from driftcli.store.database import ELSEWHERE, Row, StoreError

BUSY = 60.0  # seconds to wait for another process that writes; it takes milliseconds
# a name in damaged tables may be no UTF-8, which SQLite does not look at and Python's driver does
FAULTS = (sqlite3.Error, OverflowError, UnicodeDecodeError)
APPLICATION = 0x64726674  # "drft", so that no other program's file is written to


class SqliteDatabase:
    """A connection to a file.

    The journal is SQLite's default, which is safe on a crash and needs no shared memory, so that
    the file may be on a network file system that locks properly.

    Parameters
    ----------
    path : Path
        Made where there is none.

    Raises
    ------
    StoreError
        If it cannot be opened, or is no store of driftcli.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        try:
            if path.is_dir():
                raise StoreError("is a folder", path=path, hint="name a file with store.path")
            path.parent.mkdir(parents=True, exist_ok=True)
            # absolute, as ":memory:" would be no file
            self._connection = sqlite3.connect(path.absolute(), timeout=BUSY, isolation_level=None)
        except (OSError, ValueError) as error:
            raise self._refused(error, path) from None
        except sqlite3.Error as error:
            raise self._error(error) from None
        try:
            self._own()
        except BaseException:
            self._connection.close()
            raise

    def _own(self) -> None:
        """Refuse a file of another program."""
        self.query("PRAGMA foreign_keys = ON")
        if self._application() == APPLICATION:
            return
        with self.transaction():  # or another process makes its tables between two looks
            if self._application() == APPLICATION:
                return
            if self.query("SELECT count(*) FROM sqlite_master")[0][0]:
                raise StoreError("a database of another program", path=self._path)
            self.query(f"PRAGMA application_id = {APPLICATION}")

    def _application(self) -> int:
        found: int = self.query("PRAGMA application_id")[0][0]
        return found

    def query(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        try:
            return self._connection.execute(sql, tuple(values)).fetchall()
        except FAULTS as error:
            raise self._error(error) from None

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row of values."""
        try:
            self._connection.executemany(sql, rows)
        except FAULTS as error:
            raise self._error(error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open a transaction that writes: all of it or nothing, one at a time."""
        self.query("BEGIN IMMEDIATE")
        try:
            yield
            self.query("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.query("ROLLBACK")
            raise

    @contextmanager
    def alone(self, monitor: str, seconds: float) -> Iterator[None]:
        """Keep other runs of a monitor away, by a lock of the kernel on a file beside."""
        from filelock import FileLock, Timeout

        digest = hashlib.sha256(monitor.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        lock = FileLock(f"{self._path.absolute()}.{digest}.lock")
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            reason = f"another run holds the monitor {quoted(monitor)}"
            hint = "wait for it, or see why it hangs"
            raise StoreError(reason, path=self._path, hint=hint) from None
        except (OSError, NotImplementedError) as error:  # a file system without locks
            raise self._refused(error, lock.lock_file) from None
        try:
            yield
        finally:
            lock.release()

    def version(self) -> int:
        """Return the version of the tables; 0 where there are none."""
        found: int = self.query("PRAGMA user_version")[0][0]
        return found

    def set_version(self, version: int) -> None:
        """Note the version of the tables."""
        self.query(f"PRAGMA user_version = {version}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @staticmethod
    def _refused(error: Exception, path: object) -> StoreError:
        reason = getattr(error, "strerror", None) or str(error)
        return StoreError(str(reason).lower(), path=getattr(error, "filename", None) or path)

    def _error(self, error: Exception) -> StoreError:
        is_text = isinstance(error, UnicodeDecodeError)
        reason = "malformed (a text that is not UTF-8)" if is_text else str(error)
        hint = ""
        if "locked" in reason:
            hint = f"another process has written to it for {BUSY:g} seconds"
        elif "not a database" in reason or "malformed" in reason:
            hint = ELSEWHERE
        return StoreError(reason, path=self._path, hint=hint)
