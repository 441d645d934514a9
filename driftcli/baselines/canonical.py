"""The checksum of a baseline: over what it says, not over how Parquet encodes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def checksum(document: Mapping[str, Any], table: pa.Table) -> str:
    """Return the SHA-256 of the document (less its ``checksum``) and of every cell of the table.

    Parameters
    ----------
    document : mapping
        JSON values.
    table : pyarrow.Table
        Text as dictionaries.
    """
    rest = {key: value for key, value in document.items() if key != "checksum"}
    digest = hashlib.sha256(dumps(rest).encode())
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = whole(column)
        digest.update(f"\n{name} {len(array)} ".encode())
        if pa.types.is_dictionary(array.type):
            _add_text(digest, array)
        else:
            digest.update(_valid(array).tobytes())
            digest.update(_bits(array).tobytes())
    return digest.hexdigest()


def dumps(value: object) -> str:
    """Return JSON in one canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; dictionaries of several chunks become one."""
    if column.num_chunks > 1:
        column = column.unify_dictionaries()
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    return array


def _add_text(digest: Any, array: pa.Array) -> None:
    """Add each distinct text once, in the order in which they appear, and the rows by number."""
    words = array.dictionary.to_pylist()
    codes = text_codes(array)
    used, first = np.unique(codes, return_index=True)
    order = used[np.argsort(first, kind="stable")]
    rank = np.full(len(words) + 1, -1, dtype=np.int64)
    rank[order[order >= 0]] = np.arange(int((order >= 0).sum()))
    digest.update(rank[codes].astype("<i8").tobytes())
    for code in order[order >= 0].tolist():
        word = words[code].encode()
        digest.update(f" {len(word)} ".encode() + word)


def text_codes(array: pa.Array) -> Codes:
    """Return each row's place in the dictionary, -1 where there is no text."""
    codes = _bits(array.indices).astype(np.int64)
    codes[~_valid(array.indices)] = -1
    return codes


def _valid(array: pa.Array) -> NDArray[np.bool_]:
    return _flags(array.buffers()[0], array)


def _flags(bits: pa.Buffer | None, array: pa.Array) -> NDArray[np.bool_]:
    """Return bits as truth values; without any all are true."""
    if bits is None:
        return np.ones(len(array), dtype=np.bool_)
    end = array.offset + len(array)
    flags = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=end, bitorder="little")
    return flags[array.offset :].view(np.bool_)


def _bits(array: pa.Array) -> NDArray[Any]:
    """Return the values of numbers or truth values, 0 where there is none."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), dtype=np.int64)
    if pa.types.is_boolean(array.type):
        values: NDArray[Any] = _flags(data, array)
    else:
        codes = {"double": "<f8", "int64": "<i8", "uint64": "<u8", "int32": "<i4"}
        end = array.offset + len(array)
        values = np.frombuffer(data, dtype=codes[str(array.type)], count=end)[array.offset :]
    return np.where(_valid(array), values, np.zeros(1, dtype=values.dtype))


def values_of(array: pa.Array, dtype: str) -> NDArray[Any]:
    """Return numbers or truth values of which none may be missing.

    Raises
    ------
    ValueError
        If one is.
    """
    if array.null_count:
        raise ValueError("a number is missing")
    return _bits(array).astype(dtype, copy=False)
