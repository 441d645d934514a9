"""Reads ORC from stdin, a file, and writes it to stdout as an Arrow stream; run by ``orc.py``.

pyarrow's ORC reader ends the process at some damaged files (fuzzing finds one in a few hundred),
so that it gets a process of its own, whose death is an error like any other.
"""

from __future__ import annotations

import json
import sys

import pyarrow as pa
from pyarrow import ipc, orc


def main(columns: list[str] | None) -> None:
    """Write the schema with the number of rows, and the rows of `columns` unless it is ``None``."""
    opened = orc.ORCFile(sys.stdin.buffer)
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
        main(json.loads(sys.argv[1]))
    except Exception as error:
        sys.exit(str(error) or type(error).__name__)
