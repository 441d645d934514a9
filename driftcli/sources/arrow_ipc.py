"""Arrow IPC files (Feather version 2) and streams, read one stored batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from pyarrow import ipc

from driftcli.config import Input
from driftcli.errors import DataError
from driftcli.sources.base import BATCH_ROWS, check_names, reading, slices
from driftcli.sources.files import File

MAGIC = b"ARROW1"


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> ArrowSource:
    """Open an Arrow file or stream; it brings its own types."""
    return ArrowSource(file)


class ArrowSource:
    """One Arrow file or stream; a stored batch is the smallest piece that can be read."""

    def __init__(self, file: File, name: str | None = None) -> None:
        self.name = name or file.name
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self.rows: int | None = None
        self._file = file
        self._is_stream = _is_stream(file)
        self.columnar = not self._is_stream
        with reading(self.name), self._file.native() as handle:
            self.schema: pa.Schema = self._reader(handle).schema.remove_metadata()
            check_names(self.schema.names, self.name)

    def _reader(
        self, handle: pa.NativeFile, columns: Sequence[str] = (), threads: bool = True
    ) -> ipc.ReadStats:
        fields = [self.schema.get_field_index(name) for name in columns]
        options = ipc.IpcReadOptions(included_fields=fields or None, use_threads=threads)
        opened = ipc.open_stream if self._is_stream else ipc.open_file
        return opened(handle, options=options)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        with reading(self.name), self._file.native() as handle:
            reader = self._reader(handle, columns, threads)
            stored = reader if self._is_stream else _in_file(reader)
            for batch in stored:
                # offsets are taken on trust otherwise, and a wrong one ends the process
                batch.validate(full=True)
                yield from slices(batch.select(list(columns)), batch_rows)


def _in_file(reader: ipc.RecordBatchFileReader) -> Iterator[pa.RecordBatch]:
    for index in range(reader.num_record_batches):
        yield reader.get_batch(index)


def _is_stream(file: File) -> bool:
    if not file.head.startswith(MAGIC):
        return True
    with reading(file.name), file.native() as handle:
        handle.seek(max(file.size - len(MAGIC), 0))
        if handle.read(len(MAGIC)) != MAGIC:
            raise DataError("not a complete Arrow file (still being written?)", path=file.name)
    return False
