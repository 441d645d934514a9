"""Tables of a lake: their addresses, and their data files as the columns that the table has now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pyarrow as pa

from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.sources.addresses import S3_OPTIONS, refuse_secrets, s3_settings
from driftcli.sources.base import BATCH_ROWS, Bounds, Known, Source
from driftcli.sources.files import File
from driftcli.sources.parquet import ParquetSource

if TYPE_CHECKING:
    from driftcli.sources.filters import Condition, Filter

_PARTS = re.compile(r"[a-z]+:(?P<place>.*?)(?:\?(?P<options>[A-Za-z_]+=.*))?", re.DOTALL)
S3 = "s3://"
FIELD_ID = b"PARQUET:field_id"
GONE = (
    "the table names it, so it was removed since (a vacuum?); read another version, or restore it"
)

Matching = Callable[[pa.Schema], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Address:
    """What an address of a table says.

    Parameters
    ----------
    scheme : str
    place : str
        A path, an address of storage, or a name in a catalog.
    options : mapping of str to str
        Which of its states is meant, and how its storage is reached.
    """

    scheme: str
    place: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The address without its options."""
        return f"{self.scheme}:{self.place}"

    @property
    def storage(self) -> Mapping[str, str]:
        """The options that are for its storage."""
        return {name: value for name, value in self.options.items() if name in S3_OPTIONS}

    @property
    def stored_at(self) -> str:
        """The place with the options that are for its storage."""
        options = "&".join(f"{name}={value}" for name, value in self.storage.items())
        return f"{self.place}?{options}" if options else self.place

    def on_s3(self) -> tuple[str | None, str | None]:
        """Return the endpoint and the region of its storage; ``None`` for what is as usual."""
        bucket = self.place.removeprefix(S3).partition("/")[0]
        told = s3_settings(self.place, bucket, self.storage)
        endpoint = told["endpoint_override"]
        if endpoint and "://" not in endpoint:
            endpoint = f"{told['scheme'] or 'https'}://{endpoint}"
        return endpoint, told["region"]


@dataclass(frozen=True, slots=True)
class State:
    """A state of a table.

    Parameters
    ----------
    modified : datetime.datetime
        When it was written.
    """

    modified: datetime


def address_of(target: str, own: Sequence[str]) -> Address:
    """Return the parts of an address such as ``delta:sales?version=3``.

    Parameters
    ----------
    target : str
    own : sequence of str
        The options that tables of the kind have.

    Raises
    ------
    UsageError
        At an option that is not known, or a secret.
    """
    found = _PARTS.fullmatch(target)
    assert found is not None  # noqa: S101  its scheme brought it here
    scheme, place = target.partition(":")[0], found["place"]
    refuse_secrets(target.partition(":")[2])
    address = Address(scheme, place, dict(parse_qsl(found["options"] or "", True)))
    if not place:
        raise UsageError("an address without a table", path=address.name)
    known = (*own, *S3_OPTIONS) if place.startswith(S3) else tuple(own)
    for name in address.options:
        if name not in known:
            hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
            raise UsageError(f"no option {quoted(name)}", path=address.name, hint=hint)
    return address


def condition_of(where: Sequence[str], query: str | None, name: str) -> Condition | None:
    """Return the filter of a table, which no database answers.

    Raises
    ------
    UsageError
        If there is a query, or the filter is not understood.
    """
    if query is not None:
        hint = "choose its rows with --where and its columns with --columns"
        raise UsageError("a query is for a database", path=name, hint=hint)
    if not where:
        return None
    from driftcli.sources.filter_sql import parse

    return parse(where)


def by_field_id(ids: Mapping[str, int], schema: pa.Schema) -> dict[str, str] | None:
    """Return which columns of a file are those of a table, told by the ids of the fields, if any.

    Parameters
    ----------
    ids : mapping of str to int
        The columns of the table.
    schema : pyarrow.Schema
        Of the file.
    """
    told = [((field.metadata or {}).get(FIELD_ID), field.name) for field in schema]
    names = {int(number): name for number, name in told if number is not None}
    if not names:
        return None
    return {column: names[number] for column, number in ids.items() if number in names}


class TableFile:
    """A Parquet file of a table, opened when it is read.

    A column that the file lacks has one value in all rows, null unless the table says another. Its
    types are those of the file; the parts of a table are fitted to the table's.

    Parameters
    ----------
    file : File
    schema : pyarrow.Schema
        Of the table.
    rows : int, optional
        Those that count.
    matching : callable
        Takes the schema of the file and returns the columns of the table that it has, with their
        names in it.
    constants : mapping of str to pyarrow.Scalar
        Values of columns that the file lacks.
    kept : callable, optional
        Returns which rows of the file are not deleted; rows beyond its end are not.
    """

    def __init__(
        self,
        file: File,
        schema: pa.Schema,
        rows: int | None,
        matching: Matching,
        constants: Mapping[str, pa.Scalar],
        kept: Callable[[], pa.BooleanArray] | None = None,
    ) -> None:
        self.name = file.name
        self.schema = schema
        self.rows = rows
        self.columnar = True
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self._file = file
        self._matching = matching
        self._constants = constants
        self._kept = kept
        self._where: Filter | None = None

    def narrowed(self, where: Filter, known: Known) -> TableFile:
        """Return the same file without row groups that hold no row that is asked for."""
        other = copy(self)
        other.rows, other._where = None, where
        return other

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        source, names = self._narrow, self._opened[1]
        own = [column for column in columns if column in names]
        kept, seen = self._kept() if self._kept else None, 0
        for batch in source.batches([names[c] for c in own], batch_rows, threads=threads):
            rows = batch.num_rows
            if kept is not None:
                batch = _masked(batch, _window(kept, seen, rows))
            seen += rows
            yield self._completed(batch, own, columns)

    def _completed(
        self, batch: pa.RecordBatch, own: Sequence[str], columns: Sequence[str]
    ) -> pa.RecordBatch:
        if not columns:
            return batch
        arrays = dict(zip(own, batch.columns, strict=True))
        for column in columns:
            if column not in arrays:
                arrays[column] = pa.repeat(self._constant(column), batch.num_rows)
        return pa.RecordBatch.from_arrays([arrays[c] for c in columns], names=list(columns))

    def _constant(self, column: str) -> pa.Scalar:
        return self._constants.get(column, pa.scalar(None, self.schema.field(column).type))

    @cached_property
    def _opened(self) -> tuple[ParquetSource, Mapping[str, str]]:
        try:
            source = ParquetSource(self._file)
        except DataError as error:
            raise absent(error) from error
        return source, self._matching(source.schema)

    @property
    def _narrow(self) -> Source:
        source, names = self._opened
        if self._where is None or self._kept is not None:  # deleted rows are told by their number
            return source
        known = {
            column: Bounds() if column in names else Bounds(only=self._constant(column))
            for column in self._where.columns
            if names.get(column) != column
        }
        return source.narrowed(self._where, known)


def absent(error: DataError) -> DataError:
    """Return the error of a data file that is not there with what to do about it."""
    if not error.message.startswith("no such file"):
        return error
    return DataError(error.message, path=error.path, hint=GONE)


def _window(kept: pa.BooleanArray, start: int, rows: int) -> pa.BooleanArray:
    part = kept.slice(start, rows)
    if len(part) == rows:
        return part
    return pa.concat_arrays([part, pa.repeat(pa.scalar(True), rows - len(part))])


def _masked(batch: pa.RecordBatch, mask: pa.BooleanArray) -> pa.RecordBatch:
    # without columns there is nothing to filter, only rows to count
    return batch.filter(mask) if batch.num_columns else batch.slice(0, mask.true_count)
