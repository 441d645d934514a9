"""Columns of a database: their types, and how each is asked for so that it comes as that type.

Where a driver has no type of Arrow for what a column holds, the database converts it; SQLite, whose
values have types of their own, is asked for all of a column before its type is settled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from driftcli.errors import DataError, shown_path
from driftcli.sources.base import check_names, plain
from driftcli.sources.sql_database import Database

VIEW = "driftcli_columns"
AT_ONCE = 200  # of the columns that are looked at in SQLite, which takes 2000 expressions a query

# what a column of SQLite holds by the words in its declaration, in the order of its own rules
DECLARED: tuple[tuple[str, pa.DataType], ...] = (
    (r"INT", pa.int64()),
    (r"CHAR|CLOB|TEXT", pa.string()),
    (r"REAL|FLOA|DOUB", pa.float64()),
)
# what SQLite has no type for, by the words in a declaration and what is stored
MEANT: tuple[tuple[str, pa.DataType, pa.DataType], ...] = (
    (r"BOOL", pa.int64(), pa.bool_()),
    (r"DATETIME|TIMESTAMP", pa.string(), pa.timestamp("us")),
    (r"DATE", pa.string(), pa.date32()),
)
STORED = {
    "integer": pa.int64(),
    "real": pa.float64(),
    "text": pa.string(),
    "blob": pa.binary(),
}
# the first row of what SQLite is asked for, as its driver takes the types from the first rows
FIRST = {pa.int64(): "0", pa.float64(): "0.0", pa.string(): "''", pa.binary(): "x''"}

WORDS = {"double": "numbers with decimals", "string": "text", "int64": "whole numbers"}

# text of PostgreSQL that is compared by its bytes where it is asked to be
POSTGRES_PLAIN_TEXT = ("text", "character varying", "character")


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column of a table or of a query.

    Parameters
    ----------
    name : str
    type : pyarrow.DataType
    casts : tuple of str
        Types of SQL that the database turns it into, one after the other.
    stored : pyarrow.DataType, optional
        As SQLite hands it over.
    padded : bool
        Whether it is text that the database compares without the blanks at its end.
    """

    name: str
    type: pa.DataType
    casts: tuple[str, ...] = ()
    stored: pa.DataType | None = None
    padded: bool = False

    @property
    def plain(self) -> bool:
        """Whether the database itself has the values in the type of the column."""
        return self.stored is None or self.stored == self.type

    def expression(self) -> exp.Expr:
        """Return what asks for it."""
        found: exp.Expr = exp.column(self.name, quoted=True)
        for cast in self.casts:
            found = exp.cast(found, cast)
        return found

    def fitted(self, array: pa.Array, path: str) -> pa.Array:
        """Return values of it in its type.

        Raises
        ------
        DataError
            If a value is none of the type.
        """
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        if self.stored is not None:
            if array.type != self.stored:
                raise self.changed(str(array.type), path)
            _check_text(array, self.name, path)
        if array.type == self.type:
            return array
        try:
            return array.cast(self.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            reason = f"no values of {self.type} ({plain(error)})"
            hint = "--query can ask for what they are"
            raise DataError(reason, path=path, column=self.name, hint=hint) from error

    def changed(self, kind: str, path: str) -> DataError:
        """Return the error for values of another type than SQLite has them declared.

        Parameters
        ----------
        kind : str
            That type, as Arrow or the driver calls it.
        path : str
        """
        reason = f"declared as {self.type}, and holds {WORDS.get(kind.lower(), kind)} as well"
        hint = f"ask for CAST({shown_path(self.name)} AS …) with --query"
        return DataError(reason, path=path, column=self.name, hint=hint)


def mismatch(error: BaseException | None) -> tuple[int, str] | None:
    """Return which column of a query SQLite has several types in, and what it found in there."""
    found = re.search(r"Type mismatch in column (\d+): .* but got (\w+)", str(error))
    return None if found is None else (int(found[1]), found[2])


def columns_of(database: Database) -> tuple[list[SqlColumn], dict[str, str]]:
    """Return the columns of what an address asks for, and why some of them are suspect.

    Raises
    ------
    DataError
        If the database does not know them.
    """
    if database.address.scheme == "sqlite":
        return _of_sqlite(database)
    with database.asking(f"SELECT * FROM {database.address.rows} AS q LIMIT 0") as rows:
        schema = rows.schema
    check_names(schema.names, database.address.name)
    if database.address.scheme == "postgresql":
        words = _of_postgres(database, schema.names)
        return [_of_field(field, word) for field, word in zip(schema, words, strict=True)], {}
    return [SqlColumn(field.name, _storage(field.type)) for field in schema], {}


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


# -- PostgreSQL ----------------------------------------------------------------------------------


def _of_postgres(database: Database, names: Sequence[str]) -> list[str]:
    """Return the server's own names of the types; few of them are told by the driver."""
    columns = (exp.column(name, "q", quoted=True).sql("postgres") for name in names)
    kinds = ", ".join(f"CAST(pg_typeof({column}) AS TEXT)" for column in columns)
    rows = f"(SELECT * FROM {database.address.rows} AS r LIMIT 0) AS q"
    found = database.table(f"SELECT {kinds} FROM (SELECT 1) AS one LEFT JOIN {rows} ON TRUE")
    return [column[0].as_py() for column in found.columns]


def _of_field(field: pa.Field, word: str) -> SqlColumn:
    """Return a column by what the driver has it in, and what the server calls its type."""
    told = (field.metadata or {}).get(b"ADBC:postgresql:typname", b"").decode()
    words = {word, told}  # of a domain only the driver tells what it is made of
    if words & {"numeric", "money"}:
        casts = ("decimal", "double") if "money" in words else ("double",)
        return SqlColumn(field.name, pa.float64(), casts)
    kind = _storage(field.type)
    text = pa.types.is_string(kind) and word not in POSTGRES_PLAIN_TEXT
    if text or words & {"uuid", "citext"}:
        return SqlColumn(field.name, pa.string(), ("text",))
    return SqlColumn(field.name, kind, padded=word == "character")


# -- SQLite --------------------------------------------------------------------------------------


def _of_sqlite(database: Database) -> tuple[list[SqlColumn], dict[str, str]]:
    rows = database.address.rows
    # views have the columns of a query with their declarations; a temporary one leaves no trace
    declared = database.table(
        f"CREATE TEMP VIEW {VIEW} AS SELECT * FROM {rows}",
        f"SELECT name, type FROM pragma_table_info('{VIEW}') ORDER BY cid",
    )
    names, words = (declared.column(at).to_pylist() for at in range(2))
    known = {n: _declared(word) for n, word in zip(names, words, strict=True)}
    looked = _looked_at(database, [name for name, kind in known.items() if kind is None])
    columns, suspects = [], {}
    for name, word in zip(names, words, strict=True):
        stored = known[name] or looked[name]
        if stored is None:
            suspects[name] = "holds numbers and text"
            columns.append(SqlColumn(name, pa.string(), ("text",), pa.string()))
        else:
            columns.append(SqlColumn(name, _meant(word, stored), (), stored))
    return columns, suspects


def _declared(word: str) -> pa.DataType | None:
    found = (kind for pattern, kind in DECLARED if re.search(pattern, word, re.IGNORECASE))
    return next(found, None)


def _meant(word: str, stored: pa.DataType) -> pa.DataType:
    for pattern, kind, meant in MEANT:
        if kind == stored and re.search(pattern, word, re.IGNORECASE):
            return meant
    return stored


def _looked_at(database: Database, names: Sequence[str]) -> dict[str, pa.DataType | None]:
    """Return what columns hold, by all of their values; ``None`` for numbers and text in one."""
    found: dict[str, pa.DataType | None] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        question = ", ".join(_ends(name) for name in some)
        row = database.table(f"SELECT {question} FROM {database.address.rows}").to_batches()[0]
        ends = [array[0].as_py() for array in row.columns]
        found |= zip(some, map(_kind, ends[::2], ends[1::2]), strict=True)
    return found


def _ends(name: str) -> str:
    kind = f"nullif(typeof({exp.column(name, quoted=True).sql('sqlite')}), 'null')"
    return f"min({kind}), max({kind})"


def _kind(first: str | None, last: str | None) -> pa.DataType | None:
    """Return the type of values by the first and the last of the names of theirs."""
    if first is None or last is None:
        return pa.int64()
    if first == last:
        return STORED[first]
    return pa.float64() if (first, last) == ("integer", "real") else None


def first_row(columns: Sequence[SqlColumn]) -> Iterator[str]:
    """Return the values of a row that has the types of the columns."""
    for column in columns:
        yield FIRST[column.stored or pa.int64()]


def _check_text(array: pa.Array, column: str, path: str) -> None:
    if not pa.types.is_string(array.type):
        return
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        raise DataError("text that is not UTF-8", path=path, column=column) from error
