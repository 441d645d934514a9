"""Parquet files, read in batches through one row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from driftcli.config import Input
from driftcli.errors import DataError
from driftcli.sources.base import BATCH_ROWS, check_names, reading
from driftcli.sources.files import File

START, END, ENCRYPTED = b"PAR1", b"PAR1", b"PARE"
SMALLEST = 12  # both magic words and the length of the footer


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> ParquetSource:
    """Open a Parquet file; it brings its own types."""
    return ParquetSource(file)


class ParquetSource:
    """One Parquet file; pages are verified where the writer left checksums."""

    def __init__(self, file: File) -> None:
        self.name = file.name
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self._file = file
        _check_ends(file)
        with reading(self.name), self._opened() as parquet:
            self.schema: pa.Schema = parquet.schema_arrow.remove_metadata()
            self.rows: int | None = parquet.metadata.num_rows
            check_names(self.schema.names, self.name)
        if self.rows is not None and self.rows < 0:
            raise DataError("damaged (negative number of rows)", path=self.name)

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        # without pre_buffer only the column chunks at hand are in memory
        with self._file.native() as handle:
            yield pq.ParquetFile(handle, pre_buffer=False, page_checksum_verification=True)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        seen = 0
        with reading(self.name), self._opened() as parquet:
            for batch in parquet.iter_batches(batch_rows, columns=list(columns)):
                seen += batch.num_rows
                # a dot in a name may have brought a namesake's fields along
                yield batch.select(list(columns))
        if seen != self.rows:
            reason = f"damaged ({seen} rows, its footer says {self.rows})"
            raise DataError(reason, path=self.name)


def _check_ends(file: File) -> None:
    """Tell a half-written or an encrypted file by its magic words."""
    with reading(file.name), file.open() as handle:
        head = handle.read(len(START))
        handle.seek(max(file.size - len(END), 0))
        tail = handle.read(len(END))
    if ENCRYPTED in (head, tail):
        raise DataError("the file is encrypted", path=file.name, hint="decrypt it first")
    if head == START and (tail != END or file.size < SMALLEST):
        reason = "not a complete Parquet file (still being written?)"
        raise DataError(reason, path=file.name)
