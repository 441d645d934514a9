"""How a plant is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from driftcli.errors import UsageError, quoted
from driftcli.sources.plants import (
    NANOSECONDS,
    NUMBER,
    Calculated,
    Constant,
    Dropped,
    Later,
    Nulls,
    Plant,
    Swapped,
)

FORMS = (
    "write distance*1.609 (or / + -), shift:score=0.1, shift:dep_time=1h, null:dest=0.05, "
    "drop:carrier=UA, set:origin=JFK or swap:a,b"
)
CALCULATION = re.compile(rf"(?P<column>.+?)\s*(?P<op>[*/+-])\s*(?P<number>{NUMBER})", re.DOTALL)
LENGTH = re.compile(r"(?P<number>[+-]?[0-9]{1,18}(?:\.[0-9]{1,9})?)(?P<unit>w|d|h|min|s|ms|us|ns)")
NEUTRAL = {"*": 1, "/": 1, "+": 0}


def parse_plant(text: str) -> Plant:
    """Return the plant that a text asks for.

    Parameters
    ----------
    text : str
        ``distance*1.609`` (also ``/ + -``), ``shift:score=0.1``, ``shift:dep_time=1h`` (a length of
        time in w, d, h, min, s, ms, us, ns), ``null:dest=0.05`` (a share of the rows),
        ``drop:carrier=UA``, ``set:column=value``, ``swap:a,b``. A column's name may hold ``=`` in
        ``shift`` and ``null``, a value may in ``drop`` and ``set``.

    Raises
    ------
    UsageError
        If it is none of these, or would change nothing.
    """
    word, colon, rest = text.partition(":")
    if colon and word == "swap":
        return _swap(text, rest)
    if colon and word in _NAMED:
        from_end = word in ("shift", "null")
        column, _, value = rest.rpartition("=") if from_end else rest.partition("=")
        if not column or "=" not in rest:
            raise _misread(text, "not COLUMN=VALUE")
        return _NAMED[word](text, column, value)
    if found := CALCULATION.fullmatch(text.strip()):
        return _calculated(text, found["column"], found["op"], found["number"])
    raise _misread(text, "not understood")


def _misread(text: str, reason: str) -> UsageError:
    return UsageError(f"--plant {quoted(text)}: {reason}", hint=FORMS)


def _calculated(text: str, column: str, op: str, digits: str) -> Plant:
    number = Decimal(digits)
    if op == "-":
        op, number = "+", -number
    if op == "/" and not float(number):
        raise _misread(text, "a division by zero")
    if float(number) == NEUTRAL[op]:
        raise _misread(text, "it changes nothing")
    if abs(float(number)) == float("inf"):
        raise _misread(text, "too large a number")
    return Calculated(text, (column,), op, number)


def _shift(text: str, column: str, value: str) -> Plant:
    if re.fullmatch(NUMBER, value):
        return _calculated(text, column, "+", value)
    if not (found := LENGTH.fullmatch(value)):
        raise _misread(text, f"{quoted(value)} is neither a number nor a length of time")
    by = Decimal(found["number"]) * NANOSECONDS[found["unit"]]
    if not by:
        raise _misread(text, "it changes nothing")
    if by != int(by):
        raise _misread(text, "finer than a nanosecond")
    return Later(text, (column,), int(by))


def _nulls(text: str, column: str, value: str) -> Plant:
    share = float(value) if re.fullmatch(NUMBER, value) else 0.0
    if not 0 < share <= 1:
        raise _misread(text, f"{quoted(value)} is no share above 0 and at most 1")
    return Nulls(text, (column,), share)


def _swap(text: str, names: str) -> Plant:
    columns = tuple(names.split(","))
    if len(columns) != 2 or not all(columns):
        raise _misread(text, "not two columns")
    if columns[0] == columns[1]:
        raise _misread(text, "it changes nothing")
    return Swapped(text, columns)


_NAMED: dict[str, Callable[[str, str, str], Plant]] = {
    "shift": _shift,
    "null": _nulls,
    "drop": lambda text, column, value: Dropped(text, (column,), value),
    "set": lambda text, column, value: Constant(text, (column,), value),
}
