"""Values as every database holds them.

No text of a database can hold half a surrogate pair, PostgreSQL's no NUL either, and names of
columns and files may have both. SQLite has no NaN, and in a damaged file anything in any column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

MARK = "\x1a"  # U+001A SUBSTITUTE, before four hexadecimal digits

TYPES = {"str": str, "time": str, "int": int, "bool": int, "float": float}

_FOREIGN = re.compile(f"[\x00{MARK}\ud800-\udfff]")
_MARKED = re.compile(f"{MARK}([0-9a-f]{{4}})")


def stored(values: Sequence[object]) -> tuple[object, ...]:
    """Return values as they are kept: what text cannot hold is marked, NaN is nothing."""
    return tuple(_stored(value) for value in values)


def restored(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row that was kept as it was before."""
    return tuple(_MARKED.sub(_unmarked, v) if isinstance(v, str) else v for v in row)


def fits(kind: str, value: object) -> bool:
    """Return whether a value is what a field holds.

    Parameters
    ----------
    kind : str
        The field's type as it is written, or ``time``: ISO 8601 with an offset; `` | None`` may
        follow.
    value : object
    """
    kind, _, nothing = kind.partition(" | ")
    if value is None:
        return bool(nothing)
    return isinstance(value, TYPES[kind]) and (kind != "time" or _is_time(str(value)))


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _stored(value: object) -> object:
    if isinstance(value, str):
        return _FOREIGN.sub(_marked, value)
    if isinstance(value, bool):
        return int(value)
    return None if isinstance(value, float) and math.isnan(value) else value


def _marked(found: re.Match[str]) -> str:
    return f"{MARK}{ord(found[0]):04x}"


def _unmarked(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
