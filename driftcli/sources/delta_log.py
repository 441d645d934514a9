"""What the log of a Delta table says: which files count, and which of their rows are deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import types as pt

from driftcli.errors import DataError, quoted
from driftcli.sources.base import Bounds
from driftcli.sources.files import File
from driftcli.sources.lake import TableFile, absent, by_field_id
from driftcli.sources.stores import Entry, Store, joined

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from driftcli.sources.filters import Condition

MAPPING = "delta.columnMapping."
VECTORS = "deletionVectors"
ELSEWHERE = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]*:/")
MILLISECOND = {"s": 1, "ms": 1, "us": 1_000, "ns": 1_000_000}


class Log:
    """What the log of a table says of its files.

    Parameters
    ----------
    table : deltalake.DeltaTable
    name : str
        For messages.

    Attributes
    ----------
    schema : pyarrow.Schema
        The columns that the table has at the version.
    partitions : tuple of str
        Those by whose values files are parted.
    count : int
        How many files there are.
    modified : datetime.datetime
        When the latest of them was written.
    """

    def __init__(self, table: DeltaTable, name: str) -> None:
        self._name = name
        fields = table.schema().fields
        told = table.metadata()
        self.schema = pa.schema([(f.name, f.type) for f in pa.schema(table.schema().to_arrow())])
        self.partitions = tuple(told.partition_columns)
        own = [field for field in fields if field.name not in self.partitions]
        self._mapped = told.configuration.get(f"{MAPPING}mode", "none")
        self._stored = {f.name: f.metadata.get(f"{MAPPING}physicalName", f.name) for f in own}
        self._ids = {f.name: int(f.metadata.get(f"{MAPPING}id", -1)) for f in own}
        self._adds = pa.table(table.get_add_actions()).combine_chunks()
        self.count = self._adds.num_rows
        self._paths = self._adds["path"].to_pylist()
        times = self._adds["modification_time"].to_pylist()
        self._order = sorted(range(self.count), key=lambda at: (times[at], self._paths[at]))
        self._kept = _kept(table, self._paths, name)
        self.modified = datetime.fromtimestamp(max(times, default=0) / 1000, UTC)

    def files(self, store: Store, folder: str, condition: Condition | None) -> list[TableFile]:
        """Return those that may hold a row that is asked for, as the log has it."""
        keys = {column: self._told("partition", column, column) for column in self.partitions}
        where = condition.on(self.schema, self._name) if condition else None
        known = self._known(where.columns, keys) if where else []
        chosen = [at for at in self._order if where is None or where.possible(known[at])]
        sizes, rows = self._adds["size_bytes"].to_pylist(), self._adds["num_records"].to_pylist()
        return [
            self._file(
                _file(store, folder, self._paths[at], sizes[at], self._name),
                rows[at],
                {column: keys[column][at] for column in keys},
                self._kept.get(self._paths[at]),
            )
            for at in chosen
        ]

    def _file(
        self,
        file: File,
        rows: int | None,
        constants: Mapping[str, pa.Scalar],
        kept: pa.BooleanArray | None,
    ) -> TableFile:
        if kept is None:
            return TableFile(file, self.schema, rows, self._matching, constants)
        rows = None if rows is None else rows - kept.false_count
        return TableFile(file, self.schema, rows, self._matching, constants, lambda: kept)

    def _matching(self, schema: pa.Schema) -> Mapping[str, str]:
        if self._mapped == "id":
            if (found := by_field_id(self._ids, schema)) is None:
                raise DataError(
                    "columns are mapped by ids, but its files have none", path=self._name
                )
            return found
        return {column: name for column, name in self._stored.items() if name in schema.names}

    def _told(self, what: str, column: str, stored: str) -> Sequence[pa.Scalar]:
        """Return what the log tells of a column in each file: nulls where it does not."""
        kind = self.schema.field(column).type
        nothing: Sequence[pa.Scalar] = [pa.scalar(None, kind)] * self.count
        if what not in self._adds.column_names:
            return nothing
        struct = self._adds[what].combine_chunks()
        at = struct.type.get_field_index(stored)
        if at < 0 or pt.is_nested(struct.type.field(at).type):
            return nothing
        values = struct.flatten()[at]
        as_it_is = what == "null_count" or values.type == kind  # a cast imports Arrow's functions
        return list(values if as_it_is else values.cast(kind))

    def _known(
        self, columns: Sequence[str], keys: Mapping[str, Sequence[pa.Scalar]]
    ) -> list[dict[str, Bounds]]:
        found: list[dict[str, Bounds]] = [{} for _ in range(self.count)]
        rows = self._adds["num_records"]
        for column in columns:
            if column in keys:
                bounds = [Bounds(only=value) for value in keys[column]]
            else:
                stored = self._stored[column]
                ends = (self._told(what, column, stored) for what in ("min", "max", "null_count"))
                bounds = list(map(_bounds, *ends, rows))
            for told, one in zip(found, bounds, strict=True):
                told[column] = one
        return found


def _kept(table: DeltaTable, paths: Sequence[str], name: str) -> dict[str, pa.BooleanArray]:
    """Return which rows are not deleted, of the files that have deleted ones."""
    if VECTORS not in (table.protocol().reader_features or ()):
        return {}
    base = unquote(table.table_uri).rstrip("/") + "/"
    by_place = {base + unquote(path): path for path in paths}
    found = {}
    for part in table.deletion_vectors():
        batch = pa.record_batch(part)
        for place, mask in zip(*batch.columns, strict=True):
            if (path := by_place.get(unquote(place.as_py()))) is None:
                raise DataError(f"rows are deleted of {quoted(place)}, which it lacks", path=name)
            found[path] = mask.values
    return found


def _bounds(low: pa.Scalar, high: pa.Scalar, nulls: pa.Scalar, rows: pa.Scalar) -> Bounds:
    kind, missing = low.type, nulls.as_py()
    # NaN is missing here, but no null there
    some_null = missing is None or missing > 0 or pt.is_floating(kind)
    all_null = missing is not None and missing == rows.as_py()
    if pt.is_timestamp(kind) and high.is_valid:  # cut to milliseconds
        high = pa.scalar(high.value + MILLISECOND[kind.unit], kind)
    ends = (low, high)
    # decimals were floats on their way
    if pt.is_decimal(kind) or any(not end.is_valid or end.as_py() != end.as_py() for end in ends):
        return Bounds(some_null=some_null, all_null=all_null)
    return Bounds(*ends, some_null=some_null, all_null=all_null)


def _file(store: Store, folder: str, path: str, size: int, name: str) -> File:
    if ELSEWHERE.match(path):
        hint = "read the table that it was cloned from, or make a deep clone"
        raise DataError("a shallow clone, whose files lie elsewhere", path=name, hint=hint)
    try:
        return store.file(Entry(joined(folder, unquote(path)), False, size))
    except DataError as error:
        raise absent(error) from error
