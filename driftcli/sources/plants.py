"""What plants make of rows: other values in a column, rows left out, columns in each other's place.

What happens to a row depends on its values and its number alone, never on the batch it comes in or
on the columns that are read with it, so that columns read in separate passes still fit together.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types as pt

from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.sources.filter_values import Fitted, Value, fitting
from driftcli.sources.filters import Comparison
from driftcli.sources.widen import is_text

Rows = NDArray[np.uint64]
Suspects = Mapping[str, str]

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
NANOSECONDS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}
NANOSECONDS |= {"h": 3600 * 10**9, "d": 86_400 * 10**9, "w": 7 * 86_400 * 10**9}
MOST = 2**63  # int64 holds less


@dataclass(frozen=True, slots=True)
class Plant(ABC):
    """A change that is made to rows while they are read.

    Parameters
    ----------
    text : str
        As the user wrote it.
    columns : tuple of str
        Those it names.
    """

    text: str
    columns: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The plant, fit for a message."""
        return f"--plant {quoted(self.text)}"

    def needs(self, asked: Collection[str]) -> tuple[str, ...]:
        """Return the columns that it looks at when those are asked for."""
        return ()

    def typed(self, schema: pa.Schema) -> pa.Schema:
        """Return the types that the columns have after it.

        Raises
        ------
        UsageError
            If it cannot be made to a column of such a type, or there is no such column.
        """
        self._index(schema, self.columns[0])
        return schema

    def suspects(self, found: Suspects) -> Suspects:
        """Return which columns are suspect after it, of those that were before."""
        return found

    @abstractmethod
    def on(self, batch: pa.RecordBatch, rows: Rows) -> tuple[pa.RecordBatch, Rows]:
        """Return the rows after it, and their numbers in the source, given those before it."""

    def _index(self, schema: pa.Schema, column: str) -> int:
        if column not in schema.names:
            hint = did_you_mean(column, schema.names)
            message = f"no such column, but {self.shown} names it"
            raise UsageError(message, column=column, hint=hint)
        return int(schema.get_field_index(column))

    def _refused(self, reason: str, hint: str = "") -> UsageError:
        return UsageError(f"{reason} ({self.shown})", column=self.columns[0], hint=hint)


@dataclass(frozen=True, slots=True)
class _OneColumn(Plant):
    """A change of one column."""

    def on(self, batch: pa.RecordBatch, rows: Rows) -> tuple[pa.RecordBatch, Rows]:
        at = batch.schema.get_field_index(self.columns[0])
        if at >= 0:
            changed = self.changed(batch.column(at), rows)
            batch = batch.set_column(at, self.columns[0], changed)
        return batch, rows

    @abstractmethod
    def changed(self, array: pa.Array, rows: Rows) -> pa.Array:
        """Return the column after it, given the rows' numbers."""


@dataclass(frozen=True, slots=True)
class _Values(_OneColumn):
    """Other values, perhaps of another type; a dictionary stays one."""

    def typed(self, schema: pa.Schema) -> pa.Schema:
        at = self._index(schema, self.columns[0])
        kind = schema.field(at).type
        after = self.kind(_flat(kind))
        if pt.is_dictionary(kind):
            after = pa.dictionary(pa.int32(), after)
        return schema.set(at, schema.field(at).with_type(after))

    def changed(self, array: pa.Array, rows: Rows) -> pa.Array:
        coded = pt.is_dictionary(array.type)
        array = array.dictionary_decode() if coded else array
        kind = self.kind(array.type)
        try:
            values = self.values(array, kind)
        except pa.ArrowInvalid:
            reason = f"a value leaves the range of {kind} ({self.shown})"
            raise DataError(reason, column=self.columns[0]) from None
        return values.dictionary_encode() if coded else values

    @abstractmethod
    def kind(self, kind: pa.DataType) -> pa.DataType:
        """Return the type of the values after it, or refuse those of `kind`."""

    @abstractmethod
    def values(self, array: pa.Array, kind: pa.DataType) -> pa.Array:
        """Return the values after it, of `kind`."""


@dataclass(frozen=True, slots=True)
class Calculated(_Values):
    """A number times, by or plus a constant."""

    op: str
    number: Decimal

    def kind(self, kind: pa.DataType) -> pa.DataType:
        """Return int64 for whole numbers and a whole constant; float32 stays; else float64."""
        if pt.is_temporal(kind):
            hint = f"write a length of time, such as shift:{self.columns[0]}=1h"
            raise self._refused(f"{kind} values are not numbers", hint)
        if not _is_number(kind):
            raise self._refused(f"{_named(kind)} values are not numbers")
        whole = abs(self.number) < MOST and self.number == int(self.number)
        if pt.is_integer(kind) and self.op != "/" and whole:
            return pa.int64()
        return kind if pt.is_float32(kind) else pa.float64()

    def values(self, array: pa.Array, kind: pa.DataType) -> pa.Array:
        """Return the results, of `kind`."""
        whole = pt.is_integer(kind)
        wide = pa.int64() if whole else pa.float64()
        number = pa.scalar(int(self.number) if whole else float(self.number), wide)
        work = {"*": pc.multiply_checked, "/": pc.divide, "+": pc.add_checked}[self.op]
        # integers above 2^53 round to the nearest float
        return work(array.cast(wide, safe=whole), number).cast(kind)


@dataclass(frozen=True, slots=True)
class Later(_Values):
    """Times moved by a length of time; times of day go round the clock.

    Parameters
    ----------
    by : int
        In nanoseconds.
    """

    by: int

    def kind(self, kind: pa.DataType) -> pa.DataType:
        """Return the same type, if it holds times as fine as the length."""
        if not pt.is_temporal(kind) or pt.is_interval(kind):
            raise self._refused(f"{_named(kind)} values are not times")
        if pt.is_date(kind) and self.by % NANOSECONDS["d"]:
            raise self._refused(f"{kind} values are whole days")
        if self.by % _tick(kind):
            raise self._refused(f"{kind} values are no finer than 1{kind.unit}")
        if abs(self.by // _tick(kind)) >= MOST:
            raise self._refused("too long a time")
        return kind

    def values(self, array: pa.Array, kind: pa.DataType) -> pa.Array:
        """Return the later times."""
        stored = pa.int32() if kind.bit_width == 32 else pa.int64()
        ticks, by = array.view(stored).cast(pa.int64()), self.by // _tick(kind)
        if pt.is_time(kind):
            day = NANOSECONDS["d"] // _tick(kind)
            ticks = pc.add(ticks, by % day)
            ticks = pc.if_else(pc.less(ticks, day), ticks, pc.subtract(ticks, day))
        else:
            ticks = pc.add_checked(ticks, pa.scalar(by, pa.int64()))
        return ticks.cast(stored).view(kind)


@dataclass(frozen=True, slots=True)
class Constant(_Values):
    """One value in all rows, those where it was missing too."""

    value: str

    def kind(self, kind: pa.DataType) -> pa.DataType:
        """Return float64 for decimals, and whole numbers set to a fraction; float32 for float16."""
        return self._scalar(kind).type

    def values(self, array: pa.Array, kind: pa.DataType) -> pa.Array:
        """Return the value, as often as there are rows."""
        return pa.repeat(self._scalar(array.type), len(array))

    def suspects(self, found: Suspects) -> Suspects:
        """Return the others: the user said what this one holds."""
        return {name: why for name, why in found.items() if name not in self.columns}

    def _scalar(self, kind: pa.DataType) -> pa.Scalar:
        try:
            values = fitting("=", (_value(self.value, kind),), kind)[1]
        except UsageError as error:
            reason = f"{_named(kind)} values cannot be {quoted(self.value)}"
            raise self._refused(reason, error.hint) from None
        if values:
            return values[0]
        if not pt.is_integer(kind):
            raise self._refused(f"{_named(kind)} values cannot be set")
        return pa.scalar(float(self.value), pa.float64())


@dataclass(frozen=True, slots=True)
class Nulls(_OneColumn):
    """A share of the rows without a value.

    The rows are chosen by their numbers and the column's name, so that those of a smaller share are
    among those of a larger one.
    """

    share: float

    def changed(self, array: pa.Array, rows: Rows) -> pa.Array:
        """Return the column with nulls in the chosen rows."""
        chosen = _uniform(rows, self.columns[0]) < self.share
        # by null places, as what chooses between values knows fewer types
        return array.take(pa.array(np.arange(len(array)), mask=chosen))


@dataclass(frozen=True, slots=True)
class Dropped(Plant):
    """No rows with one value in a column; those where it is missing stay."""

    value: str

    def needs(self, asked: Collection[str]) -> tuple[str, ...]:
        """Return the column, whatever is asked for."""
        return self.columns

    def typed(self, schema: pa.Schema) -> pa.Schema:
        """Return the same types, if the value fits."""
        self._equal(schema.field(self._index(schema, self.columns[0])).type)
        return schema

    def on(self, batch: pa.RecordBatch, rows: Rows) -> tuple[pa.RecordBatch, Rows]:
        """Return the other rows."""
        at = self._index(batch.schema, self.columns[0])
        equal = Comparison(self.columns[0], *self._equal(batch.schema.field(at).type))
        keep = pc.invert(pc.fill_null(equal.mask(batch), False))
        return batch.filter(keep), rows[keep.to_numpy(zero_copy_only=False)]

    def _equal(self, kind: pa.DataType) -> Fitted:
        try:
            return fitting("=", (_value(self.value, _flat(kind)),), kind)
        except UsageError as error:
            raise self._refused(error.message, error.hint) from None


@dataclass(frozen=True, slots=True)
class Swapped(Plant):
    """Two columns, each with the values and the type of the other."""

    def needs(self, asked: Collection[str]) -> tuple[str, ...]:
        """Return both columns where one is asked for."""
        return self.columns if any(column in asked for column in self.columns) else ()

    def typed(self, schema: pa.Schema) -> pa.Schema:
        """Return the types with those two swapped."""
        for column in self.columns:
            self._index(schema, column)
        return pa.schema([f.with_type(schema.field(self._source(f.name)).type) for f in schema])

    def suspects(self, found: Suspects) -> Suspects:
        """Return the same, one of the two for the other."""
        return {self._source(name): why for name, why in found.items()}

    def on(self, batch: pa.RecordBatch, rows: Rows) -> tuple[pa.RecordBatch, Rows]:
        """Return the rows with the two columns swapped."""
        names = batch.schema.names
        for column in self.needs(names):
            self._index(batch.schema, column)
        arrays = [batch.column(self._source(name)) for name in names]
        return pa.RecordBatch.from_arrays(arrays, names=names), rows

    def _source(self, name: str) -> str:
        """Return the column that a column's values come from."""
        one, other = self.columns
        return {one: other, other: one}.get(name, name)


# -- values and types ------------------------------------------------------------------------------


def _value(text: str, kind: pa.DataType) -> Value:
    """Return a text as a value that may stand beside those of a type."""
    if pt.is_boolean(kind):
        return {"true": True, "false": False}.get(text.lower(), text)
    return Decimal(text) if _is_number(kind) and re.fullmatch(NUMBER, text) else text


def _uniform(rows: Rows, column: str) -> NDArray[np.float64]:
    """Return a number from 0 to 1 for each row: SplitMix64 [1]_ at the row, seeded by the column.

    References
    ----------
    .. [1] Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    seed = hashlib.blake2b(column.encode(), digest_size=8).digest()
    mixed = (rows + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed += np.frombuffer(seed, dtype="<u8")
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _flat(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pt.is_dictionary(kind) else kind


def _is_number(kind: pa.DataType) -> bool:
    return bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))


def _named(kind: pa.DataType) -> str:
    return "text" if is_text(kind) else str(kind)


def _tick(kind: pa.DataType) -> int:
    """Return how many nanoseconds lie between two stored values."""
    if pt.is_date(kind):
        return NANOSECONDS["d" if pt.is_date32(kind) else "ms"]
    return NANOSECONDS[kind.unit]
