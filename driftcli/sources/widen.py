"""The type that holds the values of two, where there is one without guessing."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types as pt


def widened(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    """Return the common type of two parts' columns, or ``None`` if they are of different kinds.

    Integers and floats widen, as do units of time, dates to timestamps, and encodings of text;
    a number and a word never meet. Two zones are two ways to show the same instants.
    """
    if a == b:
        return a
    if is_text(a) and is_text(b):
        return pa.large_string() if pt.is_large_string(a) or pt.is_large_string(b) else pa.string()
    a, b = _decoded(a), _decoded(b)
    if {pt.is_unsigned_integer(a), pt.is_unsigned_integer(b)} == {True, False} and _wide(a, b):
        return pa.float64()
    if pt.is_timestamp(a) and pt.is_timestamp(b) and a.tz and b.tz:
        return pa.timestamp(_finer(a.unit, b.unit), a.tz)
    if pt.is_date(a) and pt.is_timestamp(b):
        a = pa.timestamp("s")
    elif pt.is_timestamp(a) and pt.is_date(b):
        b = pa.timestamp("s")
    return _permissive(a, b)


def _permissive(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    schemas = [pa.schema([("x", a)]), pa.schema([("x", b)])]
    try:
        both = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None
    mixed = pt.is_binary(both) and (is_text(a) or is_text(b))
    return None if mixed else both


def _wide(a: pa.DataType, b: pa.DataType) -> bool:
    return bool(pt.is_integer(a) and pt.is_integer(b) and (pt.is_uint64(a) or pt.is_uint64(b)))


def _decoded(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pt.is_dictionary(kind) else kind


def is_text(kind: pa.DataType) -> bool:
    """Whether values are text, in any of its layouts or as a dictionary."""
    kind = _decoded(kind)
    view = getattr(pt, "is_string_view", lambda _: False)
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or view(kind))


def _finer(a: str, b: str) -> str:
    return max(a, b, key=("s", "ms", "us", "ns").index)
