"""Which columns are compared, as what, and in which type: decided once, on the reference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from unicodedata import normalize

import numpy as np
import pyarrow as pa

from driftcli.model import ColumnKind, Skip

NUMBERS = "numbers"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "blanks around it": str.strip,
    "capitals": str.casefold,
    "the form of its Unicode (NFC, NFD)": partial(normalize, "NFC"),
    "blanks, capitals or the form of its Unicode": lambda name: (
        normalize("NFC", name).strip().casefold()
    ),
}


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How one column is read on both sides.

    Parameters
    ----------
    name : str
    kind : ColumnKind
    dtype : numpy.dtype
        In which numbers and times are compared: whole numbers as such, floats in the narrower
        precision of the two sides.
    stands_for : str
        The Arrow type on the reference side.
    """

    name: str
    kind: ColumnKind
    dtype: np.dtype[Any]
    stands_for: str

    @property
    def counted(self) -> bool:
        """Whether the column is counted by category rather than by order."""
        return self.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN)

    @property
    def presence_only(self) -> bool:
        """Whether of its values no more is compared than how many are missing."""
        return self.kind in (ColumnKind.DATETIME, ColumnKind.OTHER)


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns to compare, and those whose values cannot be, with the reason.

    A column of another kind stands in both: its missing values are compared, what they are is not.
    """

    columns: tuple[ColumnPlan, ...]
    skipped: Mapping[str, Skip]
    new: tuple[str, ...]


def kind_of(type_: pa.DataType) -> ColumnKind:
    """Return the kind of an Arrow type.

    Parameters
    ----------
    type_ : pyarrow.DataType
    """
    if pa.types.is_boolean(type_):
        return ColumnKind.BOOLEAN
    if pa.types.is_dictionary(type_):
        other = kind_of(type_.value_type) is ColumnKind.OTHER
        return ColumnKind.OTHER if other else ColumnKind.CATEGORICAL
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return ColumnKind.DATETIME
    if _is_text(type_):
        return ColumnKind.CATEGORICAL
    return ColumnKind.NUMERIC if _is_number(type_) else ColumnKind.OTHER


def _is_text(type_: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_)
    )


def _is_number(type_: pa.DataType) -> bool:
    types = pa.types
    number = types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_)
    return bool(number or types.is_time(type_) or types.is_duration(type_))


def plan_columns(
    reference: pa.Schema,
    current: pa.Schema,
    *,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    types: Mapping[str, str] | None = None,
    suspects: Mapping[str, str] | None = None,
) -> Plan:
    """Decide for every column of the reference how it is compared with current.

    Parameters
    ----------
    reference, current : pyarrow.Schema
    include : collection of str
        Only these columns, where given; they are asked for by name, so a type that no check serves
        is then no harmless skip.
    exclude : collection of str
    types : mapping of str to str
        Kinds that the user sets.
    suspects : mapping of str to str
        Columns of either side that are text but were probably meant to be numbers, with the
        reason; they are only compared where the user says that they are categorical.

    Returns
    -------
    Plan
    """
    wanted = [n for n in (include or reference.names) if n not in exclude]
    types, suspects = types or {}, suspects or {}
    columns: list[ColumnPlan] = []
    skipped: dict[str, Skip] = {}
    names = {"the reference": frozenset(reference.names), "current": frozenset(current.names)}
    for name in wanted:
        asked = name in include or name in types
        suspect = "" if types.get(name) == ColumnKind.CATEGORICAL else suspects.get(name, "")
        planned = _unfit(name, names, suspect) or _plan(name, reference, current, types.get(name))
        if isinstance(planned, Skip):
            skipped[name] = planned
            continue
        columns.append(planned)
        if planned.kind is ColumnKind.OTHER:
            kind = _type_name(_types(name, reference, current)[0])
            reason = f"{kind} values are not compared; only missing values are checked"
            skipped[name] = Skip(reason, harmless=not asked)
    known = {*reference.names, *exclude, *(include or ())}
    new = () if include else tuple(n for n in current.names if n not in known)
    return Plan(tuple(columns), skipped, new)


def _unfit(name: str, names: Mapping[str, frozenset[str]], suspect: str) -> Skip | None:
    """Say why a column cannot be compared whatever its types; ``None`` where it can."""
    for side, known in names.items():
        if name not in known:
            return Skip(f"no such column in {side}{_other_spelling(name, known)}")
    return suspected(suspect) if suspect else None


def _other_spelling(name: str, known: frozenset[str]) -> str:
    """Say in what the name of the column that is meant differs, where the eye may miss it."""
    for words, same in SPELLINGS.items():
        if same(name) in _spelled(known, words):
            return f", but one whose name differs in {words}"
    return ""


@lru_cache(maxsize=2 * len(SPELLINGS))
def _spelled(known: frozenset[str], words: str) -> frozenset[str]:
    return frozenset(map(SPELLINGS[words], known))


def suspected(reason: str) -> Skip:
    """Return the skip of a column that is text but was probably meant to be numbers."""
    return Skip(f"{reason} (columns.types can say categorical)")


def _plan(
    name: str, reference: pa.Schema, current: pa.Schema, override: str | None
) -> ColumnPlan | Skip:
    before, after = _types(name, reference, current)
    if pa.types.is_null(before):
        return Skip("no values on either side", harmless=True)
    if problem := _mismatch(before, after):
        return Skip(problem)
    kind = kind_of(before)
    chosen = ColumnKind(override) if override and kind is not ColumnKind.OTHER else kind
    if chosen is not kind and not _castable(before, chosen):
        return Skip(f"{_type_name(before)} values cannot be compared as {chosen}")
    return ColumnPlan(name, chosen, _common_dtype(before, after), str(before))


def _types(name: str, *sides: pa.Schema) -> list[pa.DataType]:
    """Return the type of a column on each side; a side of nulls has that of the other."""
    types = [side.field(name).type for side in sides]
    known = next((type_ for type_ in types if not pa.types.is_null(type_)), types[0])
    return [known if pa.types.is_null(type_) else type_ for type_ in types]


def _mismatch(before: pa.DataType, after: pa.DataType) -> str | None:
    """Say why two types are not of one kind; ``None`` where they are."""
    values = (_value_type(before), _value_type(after))
    zones = [bool(t.tz) for t in values if pa.types.is_timestamp(t)]
    if len(set(zones)) == 2:
        words = {True: "with a time zone", False: "without a time zone"}
        return f"timestamps {words[zones[0]]} in the reference but {words[zones[1]]} in current"
    if _basic_kind(before) is _basic_kind(after) and _unit(before) == _unit(after):
        return None
    return f"{_type_name(before)} in the reference but {_type_name(after)} in current"


def _value_type(type_: pa.DataType) -> pa.DataType:
    """Return the type of the values, whether dictionary-encoded or not."""
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _basic_kind(type_: pa.DataType) -> ColumnKind:
    return kind_of(_value_type(type_))


def _unit(type_: pa.DataType) -> str:
    """Tell durations and times of day from plain numbers, and lists from structs."""
    type_ = _value_type(type_)
    for test, unit in ((pa.types.is_time, "time of day"), (pa.types.is_duration, "duration")):
        if test(type_):
            return unit
    if kind_of(type_) is not ColumnKind.OTHER:
        return NUMBERS
    name = _type_name(type_)
    return next((unit for unit in ("list", "binary") if unit in name), name)


def _type_name(type_: pa.DataType) -> str:
    type_ = _value_type(type_)
    if _is_text(type_):
        return "text"
    return str(type_).split("<")[0] if pa.types.is_nested(type_) else str(type_)


def _castable(type_: pa.DataType, kind: ColumnKind) -> bool:
    """Whether values of this type can be compared as that kind at the user's wish."""
    if kind is ColumnKind.CATEGORICAL:
        return kind_of(type_) is not ColumnKind.OTHER
    if kind is ColumnKind.NUMERIC:
        numeric = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATETIME)
        return _basic_kind(type_) in numeric
    return _basic_kind(type_) is kind


def _common_dtype(before: pa.DataType, after: pa.DataType) -> np.dtype[Any]:
    """Return the type in which both sides are compared."""
    before, after = _value_type(before), _value_type(after)
    floats = [t for t in (before, after) if pa.types.is_floating(t)]
    if floats:
        return np.dtype(f"f{min(t.bit_width for t in floats) // 8}")
    if any(pa.types.is_decimal(t) or _unit(t) != NUMBERS for t in (before, after)):
        return np.dtype(np.float64)
    if any(pa.types.is_uint64(t) for t in (before, after)):
        unsigned = all(pa.types.is_unsigned_integer(t) for t in (before, after))
        return np.dtype(np.uint64 if unsigned else np.float64)
    return np.dtype(np.int64)
