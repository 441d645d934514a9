"""A store in PostgreSQL, for monitors that run on several hosts."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from driftcli.errors import UsageError, quoted
from driftcli.store.database import Row, StoreError

try:
    import psycopg
except ImportError:
    raise UsageError("PostgreSQL needs psycopg", hint="install driftcli[postgres]") from None

# what it logs of a connection that is lost names host and user, and Python prints what nobody takes
logging.getLogger("psycopg").addHandler(logging.NullHandler())

SCHEMA = "driftcli"
CONNECT = 10  # seconds
BUSY = 60  # seconds to wait for another process that writes; it takes milliseconds
POLL = 0.2
WRITE_LOCK = 0x64726674
# seconds, so that a host that lost its power holds no lock for hours, on either side
KEEPALIVE: Mapping[str, Any] = {
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
}
# what is said of a connection that failed, as the library's own words hold the address
CAUSES = (
    ("timeout", f"no answer within {CONNECT} seconds"),
    ("resolve host|translate host", "no host of this name"),
    ("refused|no such file", "no server at this address"),
    ("password", "the server refuses the user or the password"),
    ("does not exist", "the server has no such database or user"),
    ("pg_hba.conf", "the server lets this user not in from here"),
    ("too many|remaining connection slots", "the server has too many connections"),
    ("ssl|certificate", "no agreement with the server on TLS"),
    ("invalid", "the address cannot be read"),
)


class PostgresDatabase:
    """A connection to a server; the tables are in the schema ``driftcli``.

    Parameters
    ----------
    name : str
        As messages name it; they hold no part of the address.
    url : str
        ``postgresql://…``, a secret.

    Raises
    ------
    StoreError
        If there is no connection.
    """

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        try:
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=CONNECT, client_encoding="utf8", **KEEPALIVE
            )
        except (psycopg.ProgrammingError, ValueError):
            hint = "write postgresql://USER@HOST/DATABASE"
            raise StoreError("the address cannot be read", path=name, hint=hint) from None
        except psycopg.Error as error:
            raise StoreError(_cause(str(error)), path=name) from None
        self._masked = _parts(self._connection)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        """Settle how long to wait, and open the schema."""
        encoding = self._connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            reason = f"the encoding of the database is {encoding}"
            raise StoreError(reason, path=self.name, hint="make one with ENCODING 'UTF8'")
        self.query(f"SET lock_timeout = '{BUSY}s'")
        for setting, seconds in KEEPALIVE.items():
            self.query(f"SET tcp_{setting} = {seconds}")
        # made only where there is none, so that a user who may not make one can use it
        if not self._schema():
            with self.transaction():
                if not self._schema():  # another process may have been quicker
                    self.query(f"CREATE SCHEMA {SCHEMA}")
        self.query(f"SET search_path TO {SCHEMA}")

    def _schema(self) -> bool:
        return bool(self.query("SELECT 1 FROM pg_namespace WHERE nspname = ?", (SCHEMA,)))

    def query(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        try:
            cursor = self._connection.execute(sql.replace("?", "%s"), tuple(values))
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise self._error(error) from None

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row of values."""
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), list(rows))
        except psycopg.Error as error:
            raise self._error(error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open a transaction that writes: all of it or nothing, one at a time."""
        try:
            with self._connection.transaction():
                self.query("SELECT pg_advisory_xact_lock(?)", (WRITE_LOCK,))
                yield
        except psycopg.Error as error:
            raise self._error(error) from None

    @contextmanager
    def alone(self, monitor: str, seconds: float) -> Iterator[None]:
        """Keep other runs of a monitor away, by a lock that ends with the connection."""
        end = time.monotonic() + seconds
        key = _number(f"driftcli {monitor}")
        while not self.query("SELECT pg_try_advisory_lock(?)", (key,))[0][0]:
            if time.monotonic() >= end:
                reason = f"another run holds the monitor {quoted(monitor)}"
                hint = "wait for it, or see why it hangs"
                raise StoreError(reason, path=self.name, hint=hint)
            time.sleep(POLL)
        try:
            yield
        finally:
            with suppress(StoreError):  # a connection that is lost holds no lock
                self.query("SELECT pg_advisory_unlock(?)", (key,))

    def version(self) -> int:
        """Return the version of the tables; 0 where there are none."""
        # to_regclass would answer from a cache that may not know what another process just made
        known = "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'version'"
        if not self.query(known, (SCHEMA,)):
            return 0
        found: int = self.query(f"SELECT version FROM {SCHEMA}.version")[0][0]  # noqa: S608 (a constant)
        return found

    def set_version(self, version: int) -> None:
        """Note the version of the tables."""
        self.query("CREATE TABLE IF NOT EXISTS version (version INTEGER NOT NULL)")
        self.query("DELETE FROM version")
        self.query("INSERT INTO version VALUES (?)", (version,))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _error(self, error: psycopg.Error) -> StoreError:
        """Return what the server said; what the library says of a connection names the host."""
        told = error.diag.message_primary or "the connection to the database is lost"
        hint = ""
        if isinstance(error, psycopg.errors.LockNotAvailable):
            hint = f"another process has written to it for {BUSY} seconds"
        return StoreError(self._masked.sub("…", told), path=self.name, hint=hint)


def _number(text: str) -> int:
    """Return the number of a lock of this name."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _cause(told: str) -> str:
    """Return why there is no connection, without the address."""
    found = (cause for words, cause in CAUSES if re.search(words, told, re.IGNORECASE))
    return next(found, "no connection to the database")


def _parts(connection: psycopg.Connection[Row]) -> re.Pattern[str]:
    """Return what matches a part of the address, such as the user in what a server says."""
    info = connection.info
    parts = {info.user, info.password, info.host, info.hostaddr, info.dbname} - {""}
    words = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
