"""Values out of a JSON document that others may have written: each checked as it is taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

MOST = 2**60
INFINITIES = {"inf": math.inf, "-inf": -math.inf}


class Unsound(ValueError):
    """A baseline says something that cannot be."""


def entry(document: Any, key: str) -> Any:
    """Return the value of a key that must be there."""
    if not isinstance(document, Mapping) or key not in document:
        raise Unsound(f"no {key}")
    return document[key]


def mapping(document: Any, key: str) -> Mapping[str, Any]:
    """Return a mapping."""
    found: Mapping[str, Any] = _of(entry(document, key), dict, key)
    return found


def words(document: Any, key: str) -> tuple[str, ...]:
    """Return a list of texts."""
    found = _of(entry(document, key), list, key)
    return tuple(_of(item, str, key) for item in found)


def whole_numbers(document: Any, key: str) -> tuple[int, ...]:
    """Return a list of whole numbers within 2**60 of 0."""
    found = _of(entry(document, key), list, key)
    if any(type(item) is not int or abs(item) > MOST for item in found):
        raise Unsound(f"{key} are no whole numbers")
    return tuple(found)


def word(document: Any, key: str) -> str:
    """Return a text."""
    return str(_of(entry(document, key), str, key))


def flag(document: Any, key: str) -> bool:
    """Return a truth value."""
    return bool(_of(entry(document, key), bool, key))


def count(document: Any, key: str, most: int = MOST) -> int:
    """Return a whole number from 0 to the most that there can be."""
    value = _of(entry(document, key), int, key)
    if not 0 <= value <= most:
        raise Unsound(f"{key} is {value:.3g}, beyond 0 to {most:,}")
    return int(value)


def integer(document: Any, key: str) -> int:
    """Return a whole number of any size, written as text."""
    text = word(document, key)
    if str(value := int(text)) != text:
        raise Unsound(f"{key} is no whole number")
    return value


def real(document: Any, key: str) -> float:
    """Return a finite number."""
    value = _of(entry(document, key), float, key)
    if not math.isfinite(value):
        raise Unsound(f"{key} is not finite")
    return float(value)


def extreme(document: Any, key: str, dtype: np.dtype[Any]) -> float | int | None:
    """Return a smallest or largest value: whole where the column is, ``None`` without values."""
    value = entry(document, key)
    if value is None:
        return None
    if isinstance(value, str) and dtype.kind == "f":
        return INFINITIES[value]
    if dtype.kind == "f":
        return float(_of(value, float, key))
    value = int(_of(value, int, key))
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise Unsound(f"{key} is out of the range of {dtype}")
    return value


def shown_extreme(value: float | int | None) -> float | int | str | None:
    """Return a smallest or largest value as JSON has it, which knows no infinity."""
    return str(value) if value is not None and math.isinf(value) else value


def _of(value: Any, kind: type, key: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Unsound(f"{key} is not of the kind {kind.__name__}")
    return value
