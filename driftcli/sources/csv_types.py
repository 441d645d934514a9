"""What the words of a CSV column can be read as.

A column has the first type of :data:`KINDS` that reads every one of its words. The order decides,
not the place of a word in the file nor the size of the blocks in which it is read.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as pt

Parse = Callable[[pa.Array], pa.Array]

WHOLE = r"^[+-]?[0-9]+$"
WITH_COMMA = r"^[+-]?([0-9]+(,[0-9]+)?|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?)$"
TRUTH = r"^([Tt]rue|[Ff]alse)$"
CLOCK = r"^[0-9]{2}:[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that words may have.

    Parameters
    ----------
    type : pyarrow.DataType
        The type of the column.
    noun : str
        What a word is that can be read so, for messages.
    parse : callable
        Array of strings to array of `type`; raises ``pyarrow.ArrowInvalid`` at any other word.
    warning : str
        What the user should know of a column that became this.
    hint : str
        What to do about any other word.
    """

    type: pa.DataType
    noun: str
    parse: Parse
    warning: str = ""
    hint: str = ""


def _cast(to: pa.DataType) -> Parse:
    return lambda words: words.cast(to)


def _only(pattern: str, then: Parse) -> Parse:
    def parse(words: pa.Array) -> pa.Array:
        # all() of nothing is true, and of nulls is null
        if pc.all(pc.match_substring_regex(words, pattern)).as_py() is False:
            raise pa.ArrowInvalid(f"does not match {pattern}")
        return then(words)

    return parse


def _time(to: pa.DataType) -> Parse:
    """Return a parser of times of day; pyarrow casts strings only to dates with times."""

    def parse(words: pa.Array) -> pa.Array:
        days = pc.binary_join_element_wise("1970-01-01", words, " ")
        return days.cast(pa.timestamp(to.unit)).cast(to)

    return _only(CLOCK, parse)


def _nothing(words: pa.Array) -> pa.Array:
    if words.null_count < len(words):
        raise pa.ArrowInvalid("not null")
    return pa.nulls(len(words))


NOTHING = Kind(pa.null(), "missing", _nothing)
INTEGER = Kind(pa.int64(), "a number", _cast(pa.int64()))
BIG = Kind(
    pa.float64(),
    "a number",
    _only(WHOLE, _cast(pa.float64())),
    "integers beyond 64 bits are read as floating-point numbers",
)
REAL = Kind(pa.float64(), "a number", _cast(pa.float64()))
BOOLEAN = Kind(
    pa.bool_(),
    "true or false",
    _only(TRUTH, _cast(pa.bool_())),
    hint="the reference holds truth values; write true and false on both sides",
)
DATE = Kind(pa.date32(), "a date or time", _cast(pa.date32()))
MOMENTS = tuple(
    Kind(pa.timestamp(unit, zone), "a date or time", _cast(pa.timestamp(unit, zone)))
    for zone in (None, "UTC")
    for unit in ("s", "us", "ns")
)
CLOCKS = tuple(
    Kind(kind, "a time of day", _time(kind)) for kind in (pa.time32("s"), pa.time64("us"))
)
COMMA = Kind(pa.string(), "text", _only(WITH_COMMA, lambda words: words))
TEXT = Kind(pa.string(), "text", lambda words: words)

NUMBERS = (INTEGER, BIG, REAL)
TIMES = (DATE, *MOMENTS)
KINDS = (NOTHING, *NUMBERS, BOOLEAN, *TIMES, *CLOCKS, COMMA, TEXT)


def kinds_for(reference: pa.DataType | None) -> tuple[Kind, ...]:
    """Return what a column may be, given the type of the reference's column of that name.

    Parameters
    ----------
    reference : pyarrow.DataType, optional
        ``None`` where there is no such column, and any type will do.
    """
    if reference is None:
        return KINDS
    if pt.is_dictionary(reference):
        return kinds_for(reference.value_type)
    for fits, kinds in (
        (pt.is_integer, NUMBERS),
        (pt.is_floating, (REAL,)),
        (pt.is_decimal, (REAL,)),
        (pt.is_boolean, (BOOLEAN,)),
        (pt.is_date, TIMES),
        (pt.is_timestamp, TIMES),
        (pt.is_time, CLOCKS),
        (is_text, (TEXT,)),
    ):
        if fits(reference):
            return kinds
    return KINDS


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is text, in any of its layouts."""
    view = getattr(pt, "is_string_view", lambda _: False)
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or view(kind))


def parsed(words: pa.Array, kind: Kind, null_values: Sequence[str]) -> pa.Array:
    """Return the words as `kind`.

    A word that means "missing" is missing in a column of numbers even where it is quoted; only in
    a text is ``"NA"`` in quotes a value. Blanks around a number, and a plus before it, are no part
    of it.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a word cannot be read so.
    """
    if kind is TEXT:
        return words
    try:
        return kind.parse(words)
    except pa.ArrowInvalid:
        return kind.parse(_tidied(words, kind, null_values))


def _tidied(words: pa.Array, kind: Kind, null_values: Sequence[str]) -> pa.Array:
    bare = pc.utf8_trim_whitespace(words)
    kept = pc.if_else(is_missing(bare, null_values), pa.nulls(len(bare), pa.string()), bare)
    return pc.replace_substring_regex(kept, r"^\+([0-9.])", r"\1") if kind in NUMBERS else kept


def is_missing(words: pa.Array, null_values: Sequence[str]) -> pa.Array:
    """Return which of the words mean that there is no number."""
    return pc.is_in(words, value_set=_strings(("", *null_values)))


def _strings(values: Sequence[str]) -> pa.Array:
    """Return an array of strings; ``pa.array`` would import pandas for it."""
    encoded = [value.encode() for value in values]
    ends = array("i", accumulate((len(value) for value in encoded), initial=0))
    return pa.StringArray.from_buffers(
        len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    )


def first_bad(words: pa.Array, kind: Kind, null_values: Sequence[str]) -> int:
    """Return the index of the first word that cannot be read as `kind`; there must be one."""
    low, high = 0, len(words) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            parsed(words.slice(low, middle + 1 - low), kind, null_values)
        except pa.ArrowInvalid:
            high = middle
        else:
            low = middle + 1
    return low
