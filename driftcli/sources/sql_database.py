"""Databases through their ADBC drivers: connected for reading only, errors made one line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from driftcli.errors import DataError, UsageError, did_you_mean
from driftcli.sources.base import plain
from driftcli.sources.sql_address import Address

WAIT_SECONDS = 10
SQLITE_MAGIC = b"SQLite format 3\0"
SQLITE_BATCH_ROWS = 65_536  # 1024 of its own accord, which takes twice the time
HERE = "check the host, the port, and that it runs"

# What a database says and what it means; the first match wins. What a pattern calls "it", or else
# the whole saying, goes into the braces; the credentials' place is the hint where it says so.
REASONS: tuple[tuple[str, str, str], ...] = (
    (r"no password supplied", "the server asks for a password", "credentials"),
    (
        r"(?:password|\w+) authentication failed|[Ii]ncorrect username or password|pg_hba\.conf"
        r"|could not find default credentials|[Uu]nauthenticated|[Uu]nauthorized",
        "the server refuses the user or the credentials",
        "credentials",
    ),
    (r'database "(?P<it>[^"]+)" does not exist', "no such database: {}", ""),
    (r"could not translate host name|no such host", "no host of this name", ""),
    (
        r"(?P<it>Connection refused|timeout expired|No route to host|Network is unreachable"
        r"|No such file or directory)",
        "its server cannot be reached ({})",
        HERE,
    ),
    (r"server closed the connection|connection to server was lost", "the connection is lost", HERE),
    (r"permission denied for (?P<it>.+)", "permission denied for {}", "grant SELECT on it"),
    (r"file is not a database", "not an SQLite database", ""),
    (r"malformed|disk image", "damaged ({})", ""),
    (r"database is locked", "another process writes to it", "try again later"),
    (r"read-?only", "the query writes ({})", "a query only reads: SELECT …"),
    (r"not valid UTF|invalid byte sequence|UTF-?8", "text that is not UTF-8 ({})", ""),
)
_TABLE = re.compile(r"no such table|relation .* does not exist|does not exist or not authorized")
# what drivers put before the words of the database
_BEFORE = re.compile(
    r"^(?:[A-Z_]+: )?(?:\[\w+\] )?(?:Failed to (?:prepare|step|execute|connect)[^:]*: )?"
    r"(?:Execution error \[\w+\]: )?(?:could not begin COPY: )?"
)
_POSTGRES = re.compile(r"(?:ERROR|FATAL):\s+(?P<it>[^\n]+)")


class Database:
    """What is at an address; every question has a connection of its own.

    Parameters
    ----------
    address : Address

    Raises
    ------
    UsageError
        If the driver is not installed.
    DataError
        If there is no such file.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._driver = _driver(address)
        if address.scheme == "sqlite":
            _check_file(address.place, address.name)

    @contextmanager
    def asking(
        self, *statements: str, constants: Sequence[float] = ()
    ) -> Iterator[pa.RecordBatchReader]:
        """Run statements on a new connection, and yield the batches that the last one gives.

        Parameters
        ----------
        *statements : str
        constants : sequence of float
            What ``?1``, ``?2`` … in the last one stand for.

        Raises
        ------
        DataError
            If the database does not do what it is asked.
        """
        *before, last = statements
        scheme = self.address.scheme
        with (
            self._telling(),
            CONNECT[scheme](self._driver, self.address) as connection,
            connection.cursor() as cursor,
        ):
            for statement in (*AT_FIRST.get(scheme, ()), *before):
                cursor.execute(statement)
            cursor.adbc_statement.set_options(**OPTIONS.get(scheme, {}))
            cursor.execute(last, list(constants) or None)
            with cursor.fetch_record_batch() as reader:
                yield reader

    def table(self, *statements: str, constants: Sequence[float] = ()) -> pa.Table:
        """Return what the last of some statements gives."""
        with self.asking(*statements, constants=constants) as reader:
            return reader.read_all()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (DataError, UsageError):
            raise
        except Exception as error:
            if not _is_of_database(error):
                raise
            raise self._told(error) from error

    def _told(self, error: Exception) -> DataError:
        words = _words(error)
        name = self.address.name
        if self.address.table is not None and _TABLE.search(words):
            hint = did_you_mean(self.address.table, self._tables())
            return DataError("no such table", path=name, hint=hint)
        for pattern, reason, hint in REASONS:
            if found := re.search(pattern, words):
                hint = self.address.credentials if hint == "credentials" else hint
                reason = reason.format(found.groupdict().get("it", words))
                return DataError(reason, path=name, hint=hint)
        return DataError(words, path=name)

    def _tables(self) -> list[str]:
        """Return the names of tables, or none where they cannot be told."""
        if (question := TABLES.get(self.address.scheme)) is None:
            return []
        try:
            found: list[str] = self.table(question).column(0).to_pylist()
        except DataError:
            return []
        return found


# -- drivers -------------------------------------------------------------------------------------


def _driver(address: Address) -> Any:
    name = f"adbc_driver_{address.scheme}"
    try:
        return import_module(f"{name}.dbapi")
    except ImportError:
        package = name.replace("_", "-")
        extra = address.scheme in ("sqlite", "postgresql")
        wanted = "'driftcli[sql]'" if extra else f"'driftcli[sql]' {package}"
        reason, hint = f"its driver {package} is not installed", f"pip install {wanted}"
        raise UsageError(reason, path=address.name, hint=hint) from None


def _sqlite(driver: Any, address: Address) -> Any:
    uri = f"file:{quote(os.fsencode(address.place))}?mode=ro"
    return driver.connect(uri, autocommit=True)


def _postgresql(driver: Any, address: Address) -> Any:
    uri = address.place
    if "connect_timeout" not in address.options and "PGCONNECT_TIMEOUT" not in os.environ:
        uri += f"{'&' if '?' in uri else '?'}connect_timeout={WAIT_SECONDS}"
    return driver.connect(uri, autocommit=True)


def _snowflake(driver: Any, address: Address) -> Any:
    """Connect as the address and the environment say."""
    database, _, schema = address.path.partition("/")
    told = {
        "adbc.snowflake.sql.account": address.host,
        "username": address.user or os.environ.get("SNOWFLAKE_USER"),
        "adbc.snowflake.sql.db": database,
        "adbc.snowflake.sql.schema": schema,
        "adbc.snowflake.sql.warehouse": address.options.get("warehouse"),
        "adbc.snowflake.sql.role": address.options.get("role"),
        # numbers with decimals as such, not as decimals of 38 digits
        "adbc.snowflake.sql.client_option.use_high_precision": "disabled",
    }
    if key := os.environ.get("SNOWFLAKE_PRIVATE_KEY_PATH"):
        told["adbc.snowflake.sql.auth_type"] = "auth_jwt"
        told["adbc.snowflake.sql.client_option.jwt_private_key"] = key
    elif token := os.environ.get("SNOWFLAKE_TOKEN"):
        told["adbc.snowflake.sql.auth_type"] = "auth_oauth"
        told["adbc.snowflake.sql.client_option.auth_token"] = token
    else:
        told["password"] = os.environ.get("SNOWFLAKE_PASSWORD")
    return driver.connect(db_kwargs={k: v for k, v in told.items() if v}, autocommit=True)


def _bigquery(driver: Any, address: Address) -> Any:
    """Connect with Google's default credentials."""
    told = {
        "adbc.bigquery.sql.project_id": address.host,
        "adbc.bigquery.sql.dataset_id": address.path,
    }
    return driver.connect(db_kwargs=told, autocommit=True)


CONNECT: dict[str, Callable[[Any, Address], Any]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
}
# what is said on every connection; SQLite opens the file for reading only
AT_FIRST = {"postgresql": ("SET default_transaction_read_only = on",)}
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"adbc.sqlite.query.batch_rows": str(SQLITE_BATCH_ROWS)}
}
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
    "postgresql": (
        "SELECT CASE WHEN table_schema = current_schema() THEN '' ELSE table_schema || '.' END"
        " || table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    ),
}


def _check_file(path: str, name: str) -> None:
    """Refuse what is no SQLite file: the driver would only say that memory is short."""
    file = Path(path)
    try:
        if not file.is_file():
            raise DataError("not a regular file" if file.exists() else "no such file", path=name)
        with file.open("rb") as handle:
            head = handle.read(len(SQLITE_MAGIC))
    except OSError as error:
        raise DataError(os.strerror(error.errno or 0).lower(), path=name) from error
    if not head:
        raise DataError("file is empty", path=name)
    if head != SQLITE_MAGIC:
        raise DataError("not an SQLite database", path=name)


# -- what they say -------------------------------------------------------------------------------


def _is_of_database(error: Exception) -> bool:
    """Whether the driver raised it, or Arrow on its behalf while batches were read."""
    of_driver = type(error).__module__.startswith("adbc_driver_manager")
    return of_driver or isinstance(error, OSError | pa.ArrowException)


def _words(error: Exception) -> str:
    """Return the words of the database as one line."""
    text = str(error).strip()
    if found := _POSTGRES.search(text):
        text = found["it"]
    return plain(ValueError(_BEFORE.sub("", text)))
