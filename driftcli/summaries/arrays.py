"""Arrow columns as plain numpy values: the one place where missing and odd values are defined.

Nulls and NaN (by ``isnan``, whatever the sign bit) are missing. Infinities stay. -0 becomes 0.
The conversions go through Arrow buffers, which spares the import of pandas that
``Array.to_numpy`` would cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Values = NDArray[Any]
Present = NDArray[np.bool_]

FEW_ROWS = 20_000
_SECONDS_FROM_MICROSECONDS = 1e-6


def flatten(array: pa.Array) -> pa.Array:
    """Return a dictionary-encoded array as its values, string views as plain strings."""
    if pa.types.is_dictionary(array.type):
        if pa.types.is_string_view(array.type.value_type):
            words = array.dictionary.cast(pa.large_string())
            array = pa.DictionaryArray.from_arrays(array.indices, words)
        array = array.dictionary_decode()
    # few of Arrow's functions take string views, which polars hands over
    return array.cast(pa.large_string()) if pa.types.is_string_view(array.type) else array


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
    values, _ = numeric_rows(array, dtype)
    return values, len(array) - len(values)


def numeric_rows(array: pa.Array, dtype: np.dtype[Any]) -> tuple[Values, Present | None]:
    """Return the values as :func:`numeric_values` does, and in which rows they stand.

    Returns
    -------
    values : ndarray, shape (rows - missing,)
    present : ndarray of bool, shape (rows,), or None
        ``None`` where no row is missing.
    """
    array = flatten(array)
    with np.errstate(over="ignore"):  # beyond the narrower type's range lies its infinity
        values = _present(array).astype(dtype, copy=False)
    present = None
    if len(values) < len(array):
        present = ~absent(array)
    if dtype.kind == "f":
        odd = np.isnan(values)
        if odd.any():
            present = np.ones(len(array), dtype=np.bool_) if present is None else present
            present[present] = ~odd
            values = values[~odd]
        values = values.astype(np.float64, copy=False) + 0.0
    return values, present


def absent(array: pa.Array) -> Present:
    """Return where an array, no dictionary, has no value; NaN is one here."""
    if pa.types.is_null(array.type):
        return np.ones(len(array), dtype=np.bool_)
    if pa.types.is_union(array.type) or pa.types.is_run_end_encoded(array.type):
        # these have no bits of their own that tell it
        return _view(array.is_null().cast(pa.uint8())).astype(np.bool_)
    if not array.null_count:
        return np.zeros(len(array), dtype=np.bool_)
    validity, end = array.buffers()[0], array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), count=end, bitorder="little")
    missing: Present = bits[array.offset :] == 0
    return missing


def _present(array: pa.Array) -> Values:
    """Return the values that are not null, in numpy's nearest type."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.empty(0)
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    elif pa.types.is_decimal(kind):
        array = array.cast(pa.float64())
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        # through timestamps of one unit, so that dates and all resolutions compare
        array = array.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    elif pa.types.is_time(kind):
        return _view(array.cast(pa.time64("us"), safe=False)) * _SECONDS_FROM_MICROSECONDS
    elif pa.types.is_duration(kind):
        return _view(array.cast(pa.duration("us"), safe=False)) * _SECONDS_FROM_MICROSECONDS
    return _view(array)


_VIEWS: dict[str, str] = {"halffloat": "f2", "float": "f4", "double": "f8"}


def _view(array: pa.Array) -> Values:
    """Return the values of a primitive array that are not null, straight from its buffers.

    ``drop_null`` would do the same and cost the import of pyarrow.compute.
    """
    name = str(array.type)
    code = _VIEWS.get(name) or (name if name.startswith(("int", "uint")) else "i8")
    data = array.buffers()[1]
    if data is None or array.null_count == len(array):
        return np.empty(0, dtype=code)
    end = array.offset + len(array)
    values: Values = np.frombuffer(data, dtype=code, count=end)[array.offset :]
    return values[~absent(array)] if array.null_count else values


def label_of(value: object) -> str:
    """Return a category's name: numbers without a needless ``.0``, truth values in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def label_counts(array: pa.Array, dtype: np.dtype[Any]) -> tuple[dict[str, int], int]:
    """Return how often each category occurs and the number of missing rows.

    Text and truth values are counted by Arrow; few rows by Python, as the import of Arrow's
    functions takes longer than that. Of dictionaries only the codes are counted. Numbers are
    counted as numbers, so that 1 and 1.0 are one category whatever their types.

    Parameters
    ----------
    array : pyarrow.Array
        Shape (rows,).
    dtype : numpy.dtype
        In which numbers of both sides are compared.
    """
    if pa.types.is_dictionary(array.type):
        return _dictionary_counts(array, dtype)
    array = flatten(array)
    kind = array.type
    if pa.types.is_null(kind):
        return {}, len(array)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values, missing = numeric_values(array, dtype)
        values, counts = np.unique(values, return_counts=True)
        return _by_label(values.tolist(), counts.tolist()), missing
    if len(array) <= FEW_ROWS:
        table = Counter(array.to_pylist())
        missing = table.pop(None, 0)
        return _by_label(table.keys(), table.values()), missing
    counted = array.drop_null().value_counts()
    counts = _view(counted.field("counts"))
    found = _by_label(counted.field("values").to_pylist(), counts.tolist())
    return found, len(array) - int(counts.sum())


def label_codes(array: pa.Array, dtype: np.dtype[Any]) -> tuple[Values, list[str], Present | None]:
    """Return the category of every row that has one, as a number in a list of names.

    Parameters
    ----------
    array : pyarrow.Array
        Shape (rows,).
    dtype : numpy.dtype
        In which numbers of both sides are compared.

    Returns
    -------
    codes : ndarray of int64, shape (rows - missing,)
    names : list of str
        As :func:`label_counts` has them; one may stand there twice.
    present : ndarray of bool, shape (rows,), or None
        ``None`` where no row is missing.
    """
    kind = array.type
    if not pa.types.is_dictionary(kind):
        plain = flatten(array)
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if numeric or pa.types.is_decimal(kind) or pa.types.is_null(kind):
            values, present = numeric_rows(plain, dtype)
            distinct, codes = np.unique(values, return_inverse=True)
            return codes, [label_of(value) for value in distinct.tolist()], present
        array = plain.dictionary_encode()
    elif not is_text(array):
        return label_codes(flatten(array), dtype)
    codes, present = numeric_rows(array.indices, np.dtype(np.int64))
    words = array.dictionary.to_pylist()
    if None in words:
        return label_codes(flatten(array), dtype)
    return codes, [label_of(word) for word in words], present


def is_text(array: pa.Array) -> bool:
    """Whether an array holds text, plain or by a dictionary."""
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    types = pa.types
    plain = types.is_string(kind) or types.is_large_string(kind)
    return bool(plain or types.is_string_view(kind))


def _dictionary_counts(array: pa.Array, dtype: np.dtype[Any]) -> tuple[dict[str, int], int]:
    codes, missing = numeric_values(array.indices, np.dtype(np.int64))
    rows = np.bincount(codes, minlength=len(array.dictionary))
    used = np.flatnonzero(rows)
    if len(used) > FEW_ROWS or not pa.types.is_string(array.type.value_type):
        return label_counts(flatten(array), dtype)
    labels = array.dictionary.to_pylist()
    by_value = dict.fromkeys((labels[code] for code in used.tolist()), 0)
    for code, count in zip(used.tolist(), rows[used].tolist(), strict=True):
        by_value[labels[code]] += count
    missing += by_value.pop(None, 0)
    return by_value, missing


def _by_label(values: Iterable[object], counts: Iterable[int]) -> dict[str, int]:
    """Return rows by name; two values may have one."""
    found: dict[str, int] = {}
    for value, count in zip(values, counts, strict=True):
        label = label_of(value)
        found[label] = found.get(label, 0) + count
    return found
