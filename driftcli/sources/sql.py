"""Tables and queries of databases, streamed as Arrow batches by their ADBC drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING

import pyarrow as pa

from driftcli.config import Input
from driftcli.errors import DataError
from driftcli.sources.base import BATCH_ROWS, Known, slices
from driftcli.sources.parts import Parts
from driftcli.sources.sql_address import address_of
from driftcli.sources.sql_columns import SqlColumn, columns_of, first_row, mismatch
from driftcli.sources.sql_database import Database

if TYPE_CHECKING:
    from driftcli.sources.filters import Filter
    from driftcli.sources.sql_where import Pushed

ROWS = "driftcli_rows"


def open_table(target: str, options: Input, where: Sequence[str], query: str | None) -> Parts:
    """Return the rows of a table, or of a query, in a database.

    Parameters
    ----------
    target : str
        Such as ``sqlite:///scores.db#scores``, or the database alone where there is a query.
    options : Input
    where : sequence of str
        Filters in SQL; only the rows that satisfy all of them are yielded.
    query : str, optional
        One ``SELECT``, in which ``{date:%Y-%m-%d}`` is filled in.

    Raises
    ------
    DataError
        If the database cannot be reached or does not know the table or the columns.
    UsageError
        If the address, the query or a filter is not understood, or the driver is not installed.
    """
    condition = None
    if where:
        from driftcli.sources.filter_sql import parse

        condition = parse(where)
    address = address_of(target, query, options.date)
    return Parts(address.name, [SqlSource(Database(address))], options.max_rows, condition)


class SqlSource:
    """A table or a query; all that is asked of it at once costs one pass over its rows.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self.name = database.address.name
        self.columnar = False
        self.rows: int | None = None
        self.warnings: list[str] = []
        columns, suspects = columns_of(database)
        self.suspects: Mapping[str, str] = suspects
        self.schema: pa.Schema = pa.schema([(column.name, column.type) for column in columns])
        self._columns = {column.name: column for column in columns}
        self._database = database
        self._where: Pushed | None = None

    def narrowed(self, where: Filter, known: Known) -> SqlSource:
        """Return the same without rows that the database can tell are not asked for."""
        from driftcli.sources.sql_where import pushed

        other = copy(self)
        other._where = pushed(where, self._columns, self._database.address.dialect)
        return other

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        asked = [self._columns[name] for name in columns]
        first = self._database.address.scheme == "sqlite"
        with self._naming(asked), self._database.asking(self._question(asked)) as reader:
            for batch in reader:
                rows = batch.slice(1) if first else batch
                first = False
                if rows.num_rows:
                    yield from slices(self._fitted(rows, asked), batch_rows)

    @property
    def dialect(self) -> str:
        """The language of the database, as sqlglot calls it."""
        return self._database.address.dialect

    @property
    def asked(self) -> str | None:
        """What stands behind ``FROM``; ``None`` where a filter is more than the database knows."""
        return self._from() if self._where is None or self._where.exact else None

    def value(self, column: str) -> str | None:
        """Return a column in SQL, or ``None`` where the database has its values in no such type."""
        found = self._columns[column]
        return found.expression().sql(self.dialect) if found.plain else None

    def ask(self, question: str, constants: Sequence[float] = ()) -> pa.Table:
        """Return the answer to a question of one's own.

        Parameters
        ----------
        question : str
            SQL about :attr:`asked`.
        constants : sequence of float
            What ``?1``, ``?2`` … in it stand for.

        Raises
        ------
        DataError
            If the database does not answer.
        """
        # its compiler takes longer over many constants than it saves
        before = ("SET jit = off",) if self.dialect == "postgres" else ()
        return self._database.table(*before, question, constants=constants)

    def _question(self, columns: Sequence[SqlColumn]) -> str:
        names = [column.expression().sql(self.dialect) for column in columns] or ["1"]
        question = f"SELECT {', '.join(names)} {self._from()}"
        if self.dialect != "sqlite":
            return question
        return f"SELECT {', '.join(first_row(columns)) or '1'} UNION ALL {question}"

    def _from(self) -> str:
        rows = f"FROM {self._database.address.rows} AS {ROWS}"
        if self._where is None:
            return rows
        return f"{rows} WHERE {self._where.condition.sql(self.dialect)}"

    def _fitted(self, batch: pa.RecordBatch, columns: Sequence[SqlColumn]) -> pa.RecordBatch:
        if not columns:
            return batch.select([])
        arrays = [
            column.fitted(array, self.name)
            for column, array in zip(columns, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])

    @contextmanager
    def _naming(self, columns: Sequence[SqlColumn]) -> Iterator[None]:
        """Name the column in which SQLite found a value of another type."""
        try:
            yield
        except DataError as error:
            if (found := mismatch(error.__cause__)) is None:
                raise
            raise columns[found[0]].changed(found[1], self.name) from error
