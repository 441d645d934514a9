"""What the footer of a Parquet file tells: how columns are stored, and between which values."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types as pt

from driftcli.sources.base import Bounds
from driftcli.sources.files import File

# as stored; in memory a footer takes ten times that (1.3 MB for 2,000 columns in five row groups)
BUDGET, MOST = 4 << 20, 64
CODED_BYTES = 4  # a value, where it is stored as its number in a dictionary
SAMPLED = 16
UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


class Footer:
    """A parsed footer.

    Parameters
    ----------
    metadata : pyarrow.parquet.FileMetaData
    """

    def __init__(self, metadata: pq.FileMetaData) -> None:
        self.metadata = metadata

    @cached_property
    def leaves(self) -> dict[str, int]:
        """Where the plain columns stand among the leaves of the schema."""
        schema = self.metadata.schema
        paths = [schema.column(at).path for at in range(len(schema))]
        # a dot may be part of a name, or lead into a struct
        return {path: at for at, path in enumerate(paths) if "." not in path}


class Footers:
    """The parsed footers of the files read last, since parsing takes longer than to open a file.

    Those of ten thousand files would not fit into memory.
    """

    def __init__(self, budget: int = BUDGET, most: int = MOST) -> None:
        self._budget, self._most = budget, most
        self._held: OrderedDict[File, Footer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, file: File) -> Footer | None:
        """Return the footer of a file, if it is still there."""
        with self._lock:
            if file in self._held:
                self._held.move_to_end(file)
            return self._held.get(file)

    def put(self, file: File, footer: Footer) -> None:
        """Keep a footer; those not used for longest make room."""
        with self._lock:
            if file not in self._held:
                self._bytes += footer.metadata.serialized_size
            self._held[file] = footer
            while len(self._held) > (self._most if self._bytes <= self._budget else 1):
                self._bytes -= self._held.popitem(last=False)[1].metadata.serialized_size


def coded_columns(footer: Footer, parquet: pq.ParquetFile, names: Sequence[str]) -> list[str]:
    """Return which columns of text are stored as numbers in dictionaries, and few bytes each.

    To read such a column as a dictionary takes a sixth of the time. One of many distinct values is
    better read as it is: its dictionaries would be as long as the column.
    """
    names = [name for name in names if name in footer.leaves]
    groups = footer.metadata.num_row_groups
    sampled = range(0, groups, max(1, groups // SAMPLED))
    chunks = [_chunks(footer, parquet, group, names) for group in sampled]
    return [name for name in names if _is_coded([told[name] for told in chunks])]


def _is_coded(chunks: Sequence[pq.ColumnChunkMetaData]) -> bool:
    size = sum(chunk.total_uncompressed_size for chunk in chunks)
    dictionaries = all(any("DICTIONARY" in e for e in chunk.encodings) for chunk in chunks)
    return dictionaries and size < CODED_BYTES * sum(chunk.num_values for chunk in chunks)


def bounds_by_group(
    footer: Footer, parquet: pq.ParquetFile, kinds: Mapping[str, pa.DataType]
) -> list[dict[str, Bounds]]:
    """Return for each row group between which values the columns lie, where the writer said.

    Parameters
    ----------
    footer : Footer
    parquet : pyarrow.parquet.ParquetFile
        The file that it is of.
    kinds : mapping of str to pyarrow.DataType
        The columns with their types.
    """
    names = [name for name in kinds if name in footer.leaves]
    return [
        {
            name: _bounds(chunk, kinds[name])
            for name, chunk in _chunks(footer, parquet, group, names).items()
        }
        for group in range(footer.metadata.num_row_groups)
    ]


def _chunks(
    footer: Footer, parquet: pq.ParquetFile, group: int, names: Sequence[str]
) -> dict[str, pq.ColumnChunkMetaData]:
    """Return what the footer tells of columns in a row group.

    Of a damaged one pyarrow ends the process when it is asked, but raises when it is to read it:
    so it is asked for no row first, which reads nothing.
    """
    at = [footer.leaves[name] for name in names]
    if at:
        next(parquet.reader.iter_batches(0, [group], at, use_threads=False), None)
    told = footer.metadata.row_group(group)
    chunks = {name: told.column(place) for name, place in zip(names, at, strict=True)}
    for place, chunk in zip(at, chunks.values(), strict=True):
        if chunk.physical_type != footer.metadata.schema.column(place).physical_type:
            raise pa.ArrowInvalid("a row group has another type of column than the schema")
    return chunks


def _bounds(chunk: pq.ColumnChunkMetaData, kind: pa.DataType) -> Bounds:
    told = chunk.statistics if chunk.is_stats_set else None
    if told is None:
        return Bounds()
    # NaN is missing here, but no null there
    counted = told.has_null_count and not pt.is_floating(kind)
    some_null = told.null_count > 0 if counted else True
    all_null = bool(told.has_null_count and told.null_count == chunk.num_values)
    if not told.has_min_max:
        return Bounds(some_null=some_null, all_null=all_null)
    low, high = (_scalar(told, end, kind) for end in ("min", "max"))
    return Bounds(low, high, some_null, all_null)


def _scalar(told: pq.Statistics, end: str, kind: pa.DataType) -> pa.Scalar | None:
    """Return an end as a value of its type; ``None`` where it has no plain order."""
    kind = kind.value_type if pt.is_dictionary(kind) else kind
    if pt.is_timestamp(kind):  # of these pyarrow would make objects of pandas
        unit = UNITS.get(_logical(told).get("timeUnit", ""))
        return pa.scalar(getattr(told, f"{end}_raw"), pa.timestamp(unit, kind.tz)) if unit else None
    value: Any = getattr(told, end)
    plain = pt.is_integer(kind) or pt.is_date32(kind) or pt.is_string(kind)
    if plain or pt.is_large_string(kind):
        return pa.scalar(value, kind)
    return pa.scalar(value, kind) if pt.is_floating(kind) and value == value else None


def _logical(told: pq.Statistics) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.logical_type.to_json())
    return found
