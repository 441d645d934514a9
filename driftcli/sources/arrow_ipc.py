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
        with reading(self.name), self._file.native() as handle:
            self.schema: pa.Schema = self._reader(handle, None).schema.remove_metadata()
            check_names(self.schema.names, self.name)

    def _reader(self, handle: pa.NativeFile, columns: Sequence[str] | None) -> ipc.ReadStats:
        fields = [self.schema.get_field_index(name) for name in columns or ()]
        options = ipc.IpcReadOptions(included_fields=fields or None)
        opened = ipc.open_stream if self._is_stream else ipc.open_file
        return opened(handle, options=options)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        with reading(self.name), self._file.native() as handle:
            reader = self._reader(handle, columns)
            stored = reader if self._is_stream else _in_file(reader)
            for batch in stored:
                # offsets are taken on trust otherwise, and a wrong one ends the process
                batch.validate(full=True)
                yield from slices(batch.select(list(columns)), batch_rows)


def _in_file(reader: ipc.RecordBatchFileReader) -> Iterator[pa.RecordBatch]:
    for index in range(reader.num_record_batches):
        yield reader.get_batch(index)


def _is_stream(file: File) -> bool:
    with reading(file.name), file.open() as handle:
        head = handle.read(len(MAGIC))
        handle.seek(max(file.size - len(MAGIC), 0))
        tail = handle.read(len(MAGIC))
    if head == MAGIC and tail != MAGIC:
        raise DataError("not a complete Arrow file (still being written?)", path=file.name)
    return head != MAGIC
