"""Reads an ORC file and writes it to stdout as an Arrow stream; run as a script by ``orc.py``.

pyarrow's ORC reader ends the process at some damaged files (fuzzing finds one in a few hundred),
so that it gets a process of its own, whose death is an error like any other.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc, orc


def main(path: str, columns: list[str] | None) -> None:
    """Write the schema with the number of rows, and the rows of `columns` unless it is ``None``."""
    # its own file object does not take names that are no UTF-8
    opened = orc.ORCFile(Path(path).open("rb"))  # noqa: SIM115  lives as long as the process
    schema: pa.Schema = opened.schema
    if columns is not None:
        # a stripe without columns would not tell how many rows it has
        columns = columns or schema.names[:1]
        schema = pa.schema([schema.field(name) for name in columns])
    schema = schema.with_metadata({"rows": str(opened.nrows)})
    with ipc.new_stream(pa.PythonFile(sys.stdout.buffer, "w"), schema) as writer:
        for stripe in range(opened.nstripes if columns is not None else 0):
            batch = opened.read_stripe(stripe, columns=columns).select(columns)
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


if __name__ == "__main__":
    try:
        main(sys.argv[1], json.loads(sys.argv[2]))
    except Exception as error:
        sys.exit(str(error) or type(error).__name__)
