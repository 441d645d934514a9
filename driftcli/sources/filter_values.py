"""Values of a filter in the type of the column that they are compared with."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types as pt

from driftcli.errors import UsageError, quoted

Value = str | int | Decimal | bool
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

Fitted = tuple[str, tuple[pa.Scalar, ...]]

LARGER, SMALLER = (">", ">=", "<>"), ("<", "<=", "<>")
# of a fraction v among whole numbers: x > v as x >= v are x > floor(v)
OF_FRACTION = {">": ">", ">=": ">", "<": "<=", "<=": "<="}


def fitting(op: str, values: Sequence[Value], kind: pa.DataType) -> Fitted:
    """Return an operator and values of a type that say the same of a column of that type.

    Parameters
    ----------
    op : str
    values : sequence of str, int, decimal.Decimal or bool
        One for most operators, some for ``in``, none for ``null``.
    kind : pyarrow.DataType
        Of the column.

    Returns
    -------
    op : str
        ``always`` or ``never`` where no value of the type satisfies, or breaks, the comparison.
    values : tuple of pyarrow.Scalar

    Raises
    ------
    UsageError
        If the column holds nothing of the kind.
    """
    kind = kind.value_type if pt.is_dictionary(kind) else kind
    if op.endswith("null"):
        return op, ()
    if pt.is_null(kind):
        return "never", ()
    if op.endswith("like"):
        return op, (_text(values[0], kind),)
    if pt.is_integer(kind):
        return _whole(op, [_number(value) for value in values], kind)
    if pt.is_timestamp(kind):
        return _whole(op, [_moment(value, kind) for value in values], kind)
    if pt.is_boolean(kind) and op not in ("=", "<>", "in", "not in"):
        raise UsageError(f"true and false have no order, so {quoted(op)} says nothing")
    return op, tuple(_scalar(value, kind) for value in values)


def sortable(value: pa.Scalar) -> Any:
    """Return a value that Python can order: that of the scalar, or its time since 1970."""
    return value.value if pt.is_temporal(value.type) else value.as_py()


def _scalar(value: Value, kind: pa.DataType) -> pa.Scalar:
    if pt.is_floating(kind):
        number = float(_number(value))
        if pt.is_float16(kind):  # compared as float32
            return pa.scalar(float(np.float16(number)), pa.float32())
        return pa.scalar(number, kind)
    if pt.is_decimal(kind):  # compared as float64, as everywhere
        return pa.scalar(float(_number(value)), pa.float64())
    if pt.is_boolean(kind):
        return pa.scalar(_truth(value), kind)
    if pt.is_date(kind):
        return pa.scalar(_day(value), kind)
    return _text(value, kind)


def _text(value: Value, kind: pa.DataType) -> pa.Scalar:
    if not (pt.is_string(kind) or pt.is_large_string(kind)):
        raise UsageError(f"{kind} values cannot be compared with {_shown(value)}")
    if not isinstance(value, str):
        hint = f"write '{value}'"
        raise UsageError(f"text cannot be compared with {_shown(value)}", hint=hint)
    return pa.scalar(value, kind)


def _number(value: Value) -> int | Decimal:
    if isinstance(value, str | bool):
        raise UsageError(f"numbers cannot be compared with {_shown(value)}")
    return value


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        message = f"true and false cannot be compared with {_shown(value)}"
        raise UsageError(message, hint="write true or false")
    return value


def _day(value: Value) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        hint = "write '2026-01-31'"
        raise UsageError(f"dates cannot be compared with {_shown(value)}", hint=hint) from None


def _moment(value: Value, kind: pa.TimestampType) -> Decimal:
    """Return a time in the units of the column since 1970; without a zone it is that of UTC."""
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        hint = "write '2026-01-31' or '2026-01-31 18:00:00'"
        raise UsageError(f"times cannot be compared with {_shown(value)}", hint=hint) from None
    if kind.tz is None and moment.tzinfo is not None:
        message = f"times without a zone cannot be compared with {_shown(value)}"
        raise UsageError(message, hint="leave the zone out")
    since = moment.replace(tzinfo=moment.tzinfo or dt.UTC) - EPOCH
    return Decimal(since // MICROSECOND) * UNITS[kind.unit] / 1_000_000


def _whole(op: str, values: Sequence[int | Decimal], kind: pa.DataType) -> Fitted:
    """Compare whole numbers as such: as floats, those beyond 2^53 would be mixed up."""
    unsigned = pt.is_unsigned_integer(kind)
    low = 0 if unsigned else -(2 ** (kind.bit_width - 1))
    high = low + 2**kind.bit_width - 1
    if op in ("in", "not in"):
        inside = [int(v) for v in values if v == int(v) and low <= v <= high]
        if not inside:
            return "never" if op == "in" else "always", ()
        return op, tuple(pa.scalar(value, kind) for value in inside)
    value, number = values[0], math.floor(values[0])
    if value != number:
        if op not in OF_FRACTION:
            return "never" if op == "=" else "always", ()
        op = OF_FRACTION[op]
    if not low <= number <= high:
        holds = op in (SMALLER if number > high else LARGER)
        return "always" if holds else "never", ()
    return op, (pa.scalar(number, kind),)


def _shown(value: Value) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()
