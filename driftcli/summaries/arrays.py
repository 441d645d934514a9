"""Arrow columns as plain numpy values: the one place where missing and odd values are defined.

Nulls and NaN (by ``isnan``, whatever the sign bit) are missing. Infinities stay. -0 becomes 0.
The conversions go through Arrow buffers, which spares the import of pandas that
``Array.to_numpy`` would cause.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Values = NDArray[Any]

_SECONDS_FROM_MICROSECONDS = 1e-6


def flatten(array: pa.Array) -> pa.Array:
    """Return a dictionary-encoded array as its values, any other array unchanged."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def numeric_values(array: pa.Array, dtype: np.dtype[Any]) -> tuple[Values, int]:
    """Return the values of a numeric, temporal or decimal column and the number of missing ones.

    Parameters
    ----------
    array : pyarrow.Array
        Shape (rows,).
    dtype : numpy.dtype
        In which both sides are compared: int64, uint64, float64, or float32/float16 where the
        narrower side has no more digits.

    Returns
    -------
    values : ndarray, shape (rows - missing,)
        Of int64, uint64 or float64.
    missing : int
    """
    present = flatten(array).drop_null()
    values = _raw_values(present).astype(dtype, copy=False)
    if dtype.kind == "f":
        values = values[~np.isnan(values)].astype(np.float64, copy=False) + 0.0
    return values, len(array) - len(values)


def _raw_values(present: pa.Array) -> Values:
    """Return the values of an array without nulls in numpy's nearest type."""
    kind = present.type
    if pa.types.is_boolean(kind):
        present = present.cast(pa.uint8())
    elif pa.types.is_decimal(kind):
        present = present.cast(pa.float64())
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        # through timestamps of one unit, so that dates and all resolutions compare
        present = present.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    elif pa.types.is_time(kind):
        return _view(present.cast(pa.time64("us"), safe=False)) * _SECONDS_FROM_MICROSECONDS
    elif pa.types.is_duration(kind):
        return _view(present.cast(pa.duration("us"), safe=False)) * _SECONDS_FROM_MICROSECONDS
    return _view(present)


_VIEWS: dict[str, str] = {"halffloat": "f2", "float": "f4", "double": "f8"}


def _view(array: pa.Array) -> Values:
    """Return the buffer of a primitive array without nulls as a numpy view, copying nothing."""
    name = str(array.type)
    code = _VIEWS.get(name) or (name if name.startswith(("int", "uint")) else "i8")
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.empty(0, dtype=code)
    whole: Values = np.frombuffer(buffer, dtype=code, count=array.offset + len(array))
    return whole[array.offset :]


def label_of(value: object) -> str:
    """Return a category's name: numbers without a needless ``.0``, truth values in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def label_counts(array: pa.Array) -> tuple[dict[str, int], int]:
    """Return how often each category occurs and the number of missing rows.

    Arrow counts; only the distinct values become Python objects.
    """
    counted = flatten(array).drop_null().value_counts()
    labels = [label_of(value) for value in counted.field("values").to_pylist()]
    counts = _view(counted.field("counts")).tolist()
    table: dict[str, int] = {}
    for label, count in zip(labels, counts, strict=True):
        table[label] = table.get(label, 0) + count
    missing = len(array) - sum(counts)
    if pa.types.is_floating(array.type):
        missing += table.pop("nan", 0)
    return table, missing
