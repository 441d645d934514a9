"""The files of a snapshot of an Iceberg table, and which of their rows are not deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import types as pt

from driftcli.errors import DataError, DriftcliError, shown_path
from driftcli.sources.base import explained, plain
from driftcli.sources.files import File, RemoteFile, printable_name, regular
from driftcli.sources.lake import TableFile, absent, by_field_id
from driftcli.sources.parquet import ParquetSource

if TYPE_CHECKING:
    from pyiceberg.io.pyarrow import PyArrowFileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask, Table

    from driftcli.sources.filters import Condition


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Turn what pyiceberg and the libraries of catalogs raise into one line.

    Parameters
    ----------
    name : str
        For the message.

    Raises
    ------
    DataError
    """
    try:
        yield
    except DriftcliError:
        raise
    except OSError as error:
        reason, hint = explained(error)
        raise DataError(reason, path=name, hint=hint) from error
    except Exception as error:
        if "equality deletes" in str(error):
            hint = "rewrite its data files first, such as by rewrite_data_files"
            message = "rows are deleted by their values, which pyiceberg cannot read"
            raise DataError(message, path=name, hint=hint) from error
        hint = "check the table, and the catalog in ~/.pyiceberg.yaml or the environment"
        raise DataError(f"cannot be read ({plain(error)})", path=name, hint=hint) from error


class Planned:
    """What the metadata say of the files of a snapshot.

    Parameters
    ----------
    table : pyiceberg.table.Table
    snapshot : int, optional
        The newest, with the columns that the table has since, where it is left out.
    name : str
        For messages.

    Attributes
    ----------
    schema : pyarrow.Schema
        The columns that the table has then.
    partitions : tuple of str
        Those by whose values files are parted.
    """

    def __init__(self, table: Table, snapshot: int | None, name: str) -> None:
        from pyiceberg.io.pyarrow import PyArrowFileIO, schema_to_pyarrow

        self._table, self._snapshot, self._name = table, snapshot, name
        self._io = PyArrowFileIO(table.io.properties)
        self._fields: Schema = table.scan(snapshot_id=snapshot).projection()
        arrow = schema_to_pyarrow(self._fields, include_field_ids=False)
        self.schema = pa.schema([(field.name, field.type) for field in arrow])
        self._ids = {field.name: field.field_id for field in self._fields.fields}
        self._columns = {number: column for column, number in self._ids.items()}
        identities = self._identities(table.spec().spec_id)
        self.partitions = tuple(column for column, _ in identities)
        self._defaults = {
            field.name: self._scalar(field.name, field.initial_default)
            for field in self._fields.fields
            if field.initial_default is not None
        }

    def files(self, condition: Condition | None) -> list[TableFile]:
        """Return those that may hold a row that is asked for, as the metadata have it."""
        scan = self._table.scan(snapshot_id=self._snapshot)
        if condition is not None:
            from driftcli.sources.iceberg_filter import expression

            current = self._table.schema()
            names = {c: current.find_column_name(number) for c, number in self._ids.items()}
            where = condition.on(self.schema, self._name)
            scan = scan.filter(expression(where, self.schema, names))
        tasks = sorted(scan.plan_files(), key=lambda task: task.file.file_path)
        return [self._file(task) for task in tasks]

    def _file(self, task: FileScanTask) -> TableFile:
        data = task.file
        if data.file_format.value != "PARQUET":
            message = f"its data files are {data.file_format.value}, only Parquet is read"
            raise DataError(message, path=self._name, hint="rewrite them as Parquet")
        constants = {
            column: self._scalar(column, data.partition[at])
            for column, at in self._identities(data.spec_id)
        }
        file = _file(self._io, data)
        constants = {**self._defaults, **constants}
        if not task.delete_files:
            return TableFile(file, self.schema, data.record_count, self._matching, constants)
        io = self._io
        return TableFile(
            file, self.schema, None, self._matching, constants, lambda: _kept(io, task)
        )

    def _identities(self, spec: int) -> list[tuple[str, int]]:
        """Return the columns by whose values files are parted, with their places in the key."""
        from pyiceberg.transforms import IdentityTransform

        return [
            (self._columns[field.source_id], at)
            for at, field in enumerate(self._table.specs()[spec].fields)
            if isinstance(field.transform, IdentityTransform) and field.source_id in self._columns
        ]

    def _scalar(self, column: str, value: object) -> pa.Scalar:
        kind = self.schema.field(column).type
        is_text = pt.is_string(kind) or pt.is_large_string(kind)
        plain_kind = pt.is_primitive(kind) or pt.is_decimal(kind) or is_text
        return pa.scalar(value if plain_kind else None, kind)

    def _matching(self, schema: pa.Schema) -> Mapping[str, str]:
        """Return the columns in a file, by the ids of its fields or the names that mean them."""
        if (found := by_field_id(self._ids, schema)) is not None:
            return found
        if (named := self._table.name_mapping()) is None:
            message = "its fields have no ids, and the table has no mapping of names"
            raise DataError(message, path=self._name)
        names = {one.field_id: n for one in named for n in one.names if n in schema.names}
        return {column: names[number] for column, number in self._ids.items() if number in names}


def _file(io: PyArrowFileIO, data: DataFile) -> File:
    scheme, host, path = io.parse_location(data.file_path, io.properties)
    if scheme != "file":
        name, size = printable_name(data.file_path), data.file_size_in_bytes
        return RemoteFile(name, size, io.fs_by_scheme(scheme, host), path)
    try:
        return regular(path)
    except DataError as error:
        raise absent(error) from error


# -- deleted rows --------------------------------------------------------------------------------


def _kept(io: PyArrowFileIO, task: FileScanTask) -> pa.BooleanArray:
    """Return which rows of a file no delete file names."""
    kept = np.ones(task.file.record_count, dtype=bool)
    for deletes in task.delete_files:
        is_vector = deletes.file_format.value == "PUFFIN"
        read = _in_vectors if is_vector else _in_rows
        for places in read(_file(io, deletes), task.file.file_path):
            if len(places) and int(places.max()) >= len(kept):
                message = f"rows are deleted that {shown_path(task.file.file_path)} does not have"
                raise DataError(message, path=deletes.file_path)
            kept[places] = False
    return pa.array(kept)


def _in_rows(file: File, data: str) -> Iterator[np.ndarray]:
    """Yield the places in a data file that a Parquet file of deletes names."""
    from driftcli.sources.filters import Comparison, Filter

    source = ParquetSource(file)
    kind = source.schema.field("file_path").type
    where = Filter(Comparison("file_path", "=", (pa.scalar(data, kind),)))
    for batch in source.narrowed(where, {}).batches(["file_path", "pos"]):
        yield where.rows(batch).column("pos").to_numpy(zero_copy_only=False)


def _in_vectors(file: File, data: str) -> Iterator[np.ndarray]:
    """Yield the places in a data file that a deletion vector names."""
    from pyiceberg.table.deletion_vector import deletion_vectors_from_puffin_file
    from pyiceberg.table.puffin import PuffinFile

    with in_words(file.name), file.on_disk() as handle:
        for vector in deletion_vectors_from_puffin_file(PuffinFile(handle.read())):
            if vector.referenced_data_file == data:
                yield vector.to_vector().to_numpy()
