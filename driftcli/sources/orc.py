"""ORC files, read one stripe at a time by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from driftcli.config import Input
from driftcli.sources.base import BATCH_ROWS, check_names, reading, slices
from driftcli.sources.files import File

CHILD = Path(__file__).with_name("orc_child.py")


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> OrcSource:
    """Open an ORC file; it brings its own types."""
    return OrcSource(file)


class OrcSource:
    """One ORC file; a stripe is the smallest piece that can be read."""

    def __init__(self, file: File) -> None:
        self.name = file.name
        self.columnar = False
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self._file = file
        with reading(self.name), self._reader(None) as reader:
            self.schema: pa.Schema = reader.schema.remove_metadata()
            self.rows: int | None = int(reader.schema.metadata[b"rows"])
            check_names(self.schema.names, self.name)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        with reading(self.name), self._reader(list(columns)) as reader:
            for batch in reader:
                batch.validate(full=True)
                chosen = batch.select(list(columns)).replace_schema_metadata(None)
                yield from slices(chosen, batch_rows)

    @contextmanager
    def _reader(self, columns: list[str] | None) -> Iterator[ipc.RecordBatchStreamReader]:
        """Start the reading process; what ended it early is raised in place of what followed."""
        # -P: a file in the working directory is never taken for a module
        command = [sys.executable, "-P", str(CHILD), json.dumps(columns)]
        with tempfile.TemporaryFile() as said, self._file.on_disk() as data:
            child = subprocess.Popen(  # noqa: S603
                command, stdin=data, stdout=subprocess.PIPE, stderr=said
            )
            try:
                with ipc.open_stream(child.stdout) as reader:
                    yield reader
                # a stream that just ends looks complete
                if child.wait():
                    raise EOFError("the reader broke off")
            except (pa.ArrowException, OSError, EOFError) as error:
                child.kill()
                said.seek(0)
                last = said.read().decode(errors="replace").strip().splitlines()[-1:]
                raise pa.ArrowInvalid(last[0] if last else str(error)) from error
            finally:
                child.kill()
                child.communicate()
