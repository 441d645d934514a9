"""ORC files, read one stripe at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from pyarrow import orc

from driftcli.model import ReadOptions
from driftcli.sources.base import BATCH_ROWS, check_names, reading, slices
from driftcli.sources.files import File


def open_file(file: File, options: ReadOptions, types: Mapping[str, pa.DataType]) -> OrcSource:
    """Open an ORC file; it brings its own types."""
    return OrcSource(file)


class OrcSource:
    """One ORC file; a stripe is the smallest piece that can be read."""

    def __init__(self, file: File) -> None:
        self.name = file.name
        self.warnings: list[str] = []
        self._file = file
        with reading(self.name), file.native() as handle:
            opened = orc.ORCFile(handle)
            self.schema: pa.Schema = opened.schema.remove_metadata()
            self.rows: int | None = opened.nrows
        check_names(self.schema.names, self.name)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        # a stripe without columns would not tell how many rows it has
        wanted = list(columns) or self.schema.names[:1]
        with reading(self.name), self._file.native() as handle:
            opened = orc.ORCFile(handle)
            for stripe in range(opened.nstripes):
                batch = opened.read_stripe(stripe, columns=wanted)
                yield from slices(batch.select(list(columns)), batch_rows)
