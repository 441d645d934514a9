"""The file of a baseline: Parquet, with the document in its footer.

Reading trusts nothing: sizes before anything is allocated, then the checksum, then what must hold
of every baseline.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from driftcli.baselines.canonical import checksum, dumps, whole
from driftcli.baselines.document import FORMAT, VERSION, declared_rows, from_document, to_document
from driftcli.baselines.fields import Unsound
from driftcli.baselines.recognise import KEY
from driftcli.baselines.table import SCHEMA, TEXTS, blocks, to_table
from driftcli.baselines.value import Baseline
from driftcli.errors import DataError, shown_path
from driftcli.files import write_whole

MAX_BYTES = 2**30
MAX_ROWS = 2**25
ROWS_A_BYTE = 10
AGAIN = "make it again with driftcli baseline create"


def write(baseline: Baseline, path: Path) -> None:
    """Write a baseline, whole or not at all.

    Raises
    ------
    OutputError
    """
    write_whole(path, packed(baseline))


def packed(baseline: Baseline) -> bytes:
    """Return the bytes of the file; the same baseline gives the same bytes."""
    table = to_table(list(blocks(baseline)))
    document = to_document(baseline)
    document["checksum"] = checksum(document, table)
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink,
        SCHEMA,
        compression="zstd",
        use_dictionary=TEXTS,
        column_encoding={"below": "DELTA_BINARY_PACKED", "upto": "DELTA_BINARY_PACKED"},
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({KEY: dumps(document).encode()})
    return sink.getvalue()


def counted(baseline: Baseline) -> str:
    """Return a digest of what was counted, whatever of, when and by which version."""
    document = to_document(replace(baseline, sources=(), created="", version=""))
    return checksum(document, to_table(list(blocks(baseline))))


def load(path: Path) -> Baseline:
    """Read a baseline.

    Raises
    ------
    DataError
        If it is none, is damaged, or says what cannot be.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError((error.strerror or str(error)).lower(), path=path) from None
    return unpacked(content, str(path))


def unpacked(content: bytes, name: str) -> Baseline:
    """Return the baseline that a file's bytes hold, checked.

    Parameters
    ----------
    content : bytes
    name : str
        The file, for errors and reports.

    Raises
    ------
    DataError
    """
    try:
        return _unpacked(content, name)
    except DataError as error:
        raise DataError(error.message, path=name, hint=error.hint) from error


def _unpacked(content: bytes, name: str) -> Baseline:
    if len(content) > MAX_BYTES:
        raise DataError(f"not a baseline: larger than {MAX_BYTES // 2**20} MB")
    try:
        metadata = pq.ParquetFile(pa.BufferReader(content)).metadata
        document = _document(metadata.metadata or {})
        _refuse_other_version(document)
        _check_size(document, metadata, len(content))
        columns = _columns(content)
        if checksum(document, columns) != document.get("checksum"):
            raise DataError("baseline damaged (checksum)", hint=AGAIN)
    except DataError:
        raise
    except Unsound as error:
        raise DataError(f"not a sound baseline ({error})", hint=AGAIN) from error
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
        LookupError,
        RecursionError,
    ) as error:
        raise DataError("baseline damaged or incomplete", hint=AGAIN) from error
    try:
        arrays = {name: whole(columns[name]) for name in SCHEMA.names}
        return from_document(document, arrays, name)
    except (pa.ArrowException, ValueError, TypeError, LookupError, OverflowError) as error:
        reason = shown_path(error if isinstance(error, ValueError) else type(error).__name__)
        raise DataError(f"not a sound baseline ({reason})", hint=AGAIN) from error


def _document(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    if KEY not in metadata:
        raise DataError("not a baseline", hint=AGAIN)
    value = json.loads(metadata[KEY], parse_constant=_no_number)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise DataError("not a baseline", hint=AGAIN)
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _refuse_other_version(document: Mapping[str, Any]) -> None:
    version = document.get("version")
    if version == VERSION and type(version) is int:
        return
    writer = shown_path(document.get("driftcli"))[:20]
    if type(version) is int and version > VERSION:
        reason = f"a baseline of format {version}, and this driftcli reads {VERSION}"
        raise DataError(
            reason, hint=f"it was written by driftcli {writer}; use that or a newer one"
        )
    raise DataError("baseline damaged (version)", hint=AGAIN)


def _check_size(document: Mapping[str, Any], metadata: Any, size: int) -> None:
    """Refuse numbers of rows that do not agree, or that so few bytes cannot hold."""
    rows = declared_rows(document)
    if rows != metadata.num_rows:
        raise Unsound("other rows than it says")
    if rows > min(MAX_ROWS, ROWS_A_BYTE * size):
        raise Unsound("more rows than it can have")


def _columns(content: bytes) -> pa.Table:
    file = pa.BufferReader(content)
    parquet = pq.ParquetFile(file, read_dictionary=TEXTS, page_checksum_verification=True)
    table = parquet.read(use_threads=False)
    if table.schema.remove_metadata() != SCHEMA:
        raise Unsound("other columns than a baseline has")
    return table
