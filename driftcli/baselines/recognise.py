"""Tells a baseline from data, at little cost for a large file of data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

SUFFIX = ".baseline"
KEY = b"driftcli-baseline"
MAGIC, TRAILER = b"PAR1", 8


def is_baseline(path: Path) -> bool:
    """Whether a file is a baseline by its content, or claims to be one by its name."""
    try:
        if not path.is_file():
            return False
        if path.suffix == SUFFIX:
            return True
        with path.open("rb") as file:
            return _has_document(file, os.fstat(file.fileno()).st_size)
    except (OSError, ValueError):
        return False


def _has_document(file: BinaryIO, size: int) -> bool:
    """Look for the key in the footer, without parsing that of a large file of data."""
    if size < TRAILER + len(MAGIC) or file.read(len(MAGIC)) != MAGIC:
        return False
    file.seek(size - TRAILER)
    trailer = file.read(TRAILER)
    length = int.from_bytes(trailer[:4], "little")
    if trailer[4:] != MAGIC or length > size - TRAILER:
        return False
    file.seek(size - TRAILER - length)
    return KEY in file.read(length) and KEY in _metadata(file)


def _metadata(file: BinaryIO) -> Mapping[bytes, bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file.seek(0)
    try:
        return pq.ParquetFile(file).metadata.metadata or {}
    except pa.ArrowException:
        return {}
