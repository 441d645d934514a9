"""Parquet files, read in batches through one row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from driftcli.config import Input
from driftcli.errors import DataError
from driftcli.sources.base import BATCH_ROWS, Known, check_names, plain, reading
from driftcli.sources.files import File
from driftcli.sources.parquet_footer import Footer, Footers, bounds_by_group, coded_columns

if TYPE_CHECKING:
    from driftcli.sources.filters import Filter

FEW_VALUES = 500_000
LONG_ROWS = 8_192  # at once of lists and bytes, of which a single value may be large
# of a file that is read in pieces Arrow clears as many bytes as a damaged page claims to have
WHOLE_BYTES = 16 << 20

_FOOTERS = Footers()


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> ParquetSource:
    """Open a Parquet file; it brings its own types."""
    return ParquetSource(file)


class ParquetSource:
    """One Parquet file; pages are verified where the writer left checksums.

    Parameters
    ----------
    file : File
    """

    def __init__(self, file: File) -> None:
        self.name = file.name
        self.columnar = True
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self._file = file
        self._where: Filter | None = None
        self._known: Known = {}
        with reading(self.name), file.native() as handle:
            parquet = self._parquet(handle)
            _FOOTERS.put(file, Footer(parquet.metadata))
            self.schema: pa.Schema = parquet.schema_arrow.remove_metadata()
            self.rows: int | None = parquet.metadata.num_rows
            check_names(self.schema.names, self.name)
        if self.rows is not None and self.rows < 0:
            raise DataError("damaged (negative number of rows)", path=self.name)

    def narrowed(self, where: Filter, known: Known) -> ParquetSource:
        """Return the same file without row groups that hold no row that is asked for."""
        other = copy(self)
        other.rows, other._where, other._known = None, where, known
        return other

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        names, seen = list(columns), 0
        if any(_may_be_long(self.schema.field(name).type) for name in names):
            batch_rows = min(batch_rows, LONG_ROWS)
        with reading(self.name), self._file.native() as handle:
            footer = self._footer(handle)
            parquet = self._parquet(handle, footer.metadata)
            groups, rows = self._groups(footer, parquet)
            texts = [name for name in names if self._is_text(name)]
            if coded := coded_columns(footer, parquet, texts):
                parquet = self._parquet(handle, footer.metadata, coded)
            for batch in parquet.iter_batches(
                batch_rows,
                row_groups=groups,
                columns=names,
                # to wake threads takes longer than to read few values
                use_threads=threads and rows * len(names) > FEW_VALUES,
            ):
                seen += batch.num_rows
                # a dot in a name may have brought a namesake's fields along
                chosen = batch.select(names)
                _check(chosen, self.name)
                yield chosen
        if seen != rows:
            raise DataError(f"damaged ({seen} rows, its footer says {rows})", path=self.name)

    def _is_text(self, name: str) -> bool:
        kind = self.schema.field(name).type
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

    def _groups(self, footer: Footer, parquet: pq.ParquetFile) -> tuple[list[int], int]:
        """Return the row groups that may hold rows that are asked for, and how many they hold."""
        metadata = footer.metadata
        groups = list(range(metadata.num_row_groups))
        if (where := self._where) is None:
            return groups, metadata.num_rows
        kinds = {
            name: self.schema.field(name).type
            for name in where.columns
            if name in self.schema.names
        }
        known = bounds_by_group(footer, parquet, kinds)
        groups = [at for at in groups if where.possible({**known[at], **self._known})]
        return groups, sum(metadata.row_group(at).num_rows for at in groups)

    def _footer(self, handle: pa.NativeFile) -> Footer:
        if (footer := _FOOTERS.get(self._file)) is None:
            footer = Footer(self._parquet(handle).metadata)
            _FOOTERS.put(self._file, footer)
        return footer

    def _parquet(
        self, handle: pa.NativeFile, metadata: pq.FileMetaData = None, coded: Sequence[str] = ()
    ) -> pq.ParquetFile:
        # without pre_buffer only the column chunks at hand are in memory, and with a buffer only
        # their pages at hand: 292 MB in place of 613 for 46 columns of a million rows
        in_pieces = self._file.size > WHOLE_BYTES
        return pq.ParquetFile(
            handle,
            metadata=metadata,
            read_dictionary=list(coded),
            pre_buffer=False,
            buffer_size=self._file.read_bytes if in_pieces else 0,
            page_checksum_verification=True,
        )


def _check(batch: pa.RecordBatch, name: str) -> None:
    """Raise :class:`DataError` for text that is not UTF-8, which Parquet takes on trust."""
    for column, array in zip(batch.schema, batch.columns, strict=True):
        if not _holds_text(column.type):
            continue
        try:
            array.validate(full=True)
        except pa.ArrowInvalid as error:
            raise DataError(f"damaged ({plain(error)})", path=name, column=column.name) from error


def _may_be_long(kind: pa.DataType) -> bool:
    of_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return bool(of_bytes or pa.types.is_nested(kind))


def _holds_text(kind: pa.DataType) -> bool:
    plain_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(plain_kind) or pa.types.is_large_string(plain_kind))
