"""Baselines behind their checksum: taken apart as JSON text, and forged from such a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from driftcli.baselines.canonical import checksum
from driftcli.baselines.recognise import KEY
from driftcli.baselines.table import SCHEMA, TEXTS

SEED = Path(__file__).with_name("corpus") / "baseline/seed-days.base"


def opened(content: bytes) -> str:
    """Return what a baseline says as one JSON text: document and table."""
    parquet = pq.ParquetFile(pa.BufferReader(content))
    document = json.loads(parquet.metadata.metadata[KEY])
    return json.dumps({"document": document, "table": parquet.read().to_pydict()})


def forged(text: bytes) -> bytes:
    """Return a baseline of what a text says, with the checksum that it should have.

    What is no such text becomes the document of a baseline as it is.
    """
    try:
        value = json.loads(text)
        document, table = value["document"], _table(value["table"])
        document["checksum"] = checksum(document, table)
        said = json.dumps(document).encode()
    except (ValueError, TypeError, LookupError, RecursionError):
        table, said = pq.read_table(SEED, read_dictionary=TEXTS), text
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, use_dictionary=TEXTS) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({KEY: said})
    return sink.getvalue().to_pybytes()


def _table(columns: Any) -> pa.Table:
    if not isinstance(columns, dict):
        raise TypeError("no columns")
    try:
        return pa.table(columns, schema=SCHEMA)
    except (pa.ArrowException, OverflowError, TypeError, ValueError, KeyError):
        return pq.read_table(SEED, read_dictionary=TEXTS).cast(SCHEMA)
