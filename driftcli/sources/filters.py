"""Which rows are read: a condition on columns, what it says of rows and of whole pieces of data.

Missing values, null and NaN alike, satisfy no comparison, as in SQL. ``not`` is worked into the
comparisons, so that "unknown" and "false" need no telling apart above them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as pt

from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.sources.base import Known
from driftcli.sources.filter_values import Value, fitting, sortable

Op = Literal[
    "=", "<>", "<", "<=", ">", ">=", "in", "not in", "like", "not like", "null", "not null"
]  # fmt: skip

OPPOSITES: dict[Op, Op] = {
    "=": "<>", "<": ">=", ">": "<=", "in": "not in", "like": "not like", "null": "not null",
}  # fmt: skip
OPPOSITES |= {opposite: op for op, opposite in OPPOSITES.items()}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A comparison of a column with values, as it was written."""

    column: str
    op: Op
    values: tuple[Value, ...] = ()

    def bound(self, filter_: Condition, schema: pa.Schema, name: str) -> Comparison:
        """Return the test on the column's type."""
        if self.column not in schema.names:
            hint = did_you_mean(self.column, schema.names) or (
                "--reference-where and --current-where filter one side only"
            )
            message = f"no such column, but the filter {filter_.shown} names it"
            raise UsageError(message, path=name, column=self.column, hint=hint)
        kind = schema.field(self.column).type
        try:
            return Comparison(self.column, *fitting(self.op, self.values, kind))
        except UsageError as error:
            message = f"{error.message} in the filter {filter_.shown}"
            raise UsageError(message, path=name, column=self.column, hint=error.hint) from None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a column with values of its type.

    Parameters
    ----------
    column : str
    op : str
        An operator, or ``always``, ``never`` and ``perhaps`` where the values do not matter.
    values : tuple of pyarrow.Scalar
    """

    column: str
    op: str
    values: tuple[pa.Scalar, ...] = ()

    def mask(self, batch: pa.RecordBatch) -> pa.Array:
        """Return which rows of a batch satisfy it; null counts as not."""
        return self._holds(batch.column(self.column))

    def _holds(self, array: pa.Array) -> pa.Array:
        if not self.values:
            missing = pc.is_null(_decoded(array), nan_is_null=True)
            return {
                "null": missing,
                "not null": pc.invert(missing),
                "always": pc.invert(missing),
                "never": pc.and_not(missing, missing),
            }[self.op]
        if pt.is_dictionary(array.type):
            return self._holds(array.dictionary).take(array.indices)
        array = _plain(array)
        holds = _COMPARE[self.op](array, self.values)
        if pt.is_floating(array.type) and self.op in ("<>", "not in"):
            return pc.and_not(holds, pc.is_null(array, nan_is_null=True))
        return holds

    def possible(self, known: Known) -> bool:
        """Whether a row may satisfy it in a piece of data of which that is known."""
        bounds = known.get(self.column)
        if bounds is None or self.op == "perhaps":
            return self.op != "never"
        if bounds.only is not None:
            return self._holds(pa.repeat(bounds.only, 1))[0].as_py() is True
        if self.op == "null":
            return bounds.some_null
        if bounds.all_null or self.op == "never":
            return False
        if self.op not in _WITHIN or bounds.low is None or bounds.high is None:
            return True
        kind = self.values[0].type
        low, high = (sortable(end.cast(kind, safe=False)) for end in (bounds.low, bounds.high))
        return any(_WITHIN[self.op](low, high, sortable(value)) for value in self.values)


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts; of leaves, or of tests."""

    parts: tuple[Any, ...]

    def mask(self, batch: pa.RecordBatch) -> pa.Array:
        """Return which rows of a batch satisfy it."""
        first, *others = (part.mask(batch) for part in self.parts)
        for other in others:
            first = pc.and_kleene(first, other)
        return first

    def possible(self, known: Known) -> bool:
        """Whether a row may satisfy it."""
        return all(part.possible(known) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the parts; of leaves, or of tests."""

    parts: tuple[Any, ...]

    def mask(self, batch: pa.RecordBatch) -> pa.Array:
        """Return which rows of a batch satisfy it."""
        first, *others = (part.mask(batch) for part in self.parts)
        for other in others:
            first = pc.or_kleene(first, other)
        return first

    def possible(self, known: Known) -> bool:
        """Whether a row may satisfy it."""
        return any(part.possible(known) for part in self.parts)


Written = Leaf | Every | Some


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter as it was written, before the types of the columns are known.

    Parameters
    ----------
    text : str
    root : Leaf, Every or Some
    """

    text: str
    root: Written

    @property
    def shown(self) -> str:
        """The filter, fit for a message."""
        return quoted(self.text)

    def on(self, schema: pa.Schema, name: str) -> Filter:
        """Return the filter on columns of these types.

        Raises
        ------
        UsageError
            If a column is not there, or cannot be compared with what stands beside it.
        """
        return Filter(_bound(self.root, self, schema, name, partly=False))

    def on_some(self, schema: pa.Schema, name: str) -> Filter:
        """Return the same of only some columns; nothing is known of the others."""
        return Filter(_bound(self.root, self, schema, name, partly=True))

    def none_left(self, name: str) -> DataError:
        """Return the error for data without a row that satisfies it."""
        return DataError("0 rows", path=name, hint=f"no row satisfies the filter {self.shown}")


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on columns of known types."""

    root: Comparison | Every | Some

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at."""
        return tuple(dict.fromkeys(test.column for test in _tests(self.root)))

    def rows(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows of a batch that satisfy it."""
        return batch.filter(self.root.mask(batch))

    def possible(self, known: Known) -> bool:
        """Whether a row may satisfy it in a piece of data of which that is known."""
        return self.root.possible(known)


def filterable(schema: pa.Schema) -> pa.Schema:
    """Return a schema without views of text, which few of Arrow's functions take.

    Text that comes as a dictionary of views is large text, too, and may come as a dictionary of it.
    """
    for at, field in enumerate(schema):
        kind = field.type
        if pt.is_string_view(kind.value_type if pt.is_dictionary(kind) else kind):
            schema = schema.set(at, field.with_type(pa.large_string()))
    return schema


def _bound(
    node: Written, condition: Condition, schema: pa.Schema, name: str, partly: bool
) -> Comparison | Every | Some:
    if isinstance(node, Leaf):
        if partly and node.column not in schema.names:
            return Comparison(node.column, "perhaps")
        return node.bound(condition, schema, name)
    return type(node)(tuple(_bound(p, condition, schema, name, partly) for p in node.parts))


def _tests(node: Comparison | Every | Some) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    else:
        for part in node.parts:
            yield from _tests(part)


# -- comparisons ---------------------------------------------------------------------------------


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pt.is_dictionary(array.type) else array


def _plain(array: pa.Array) -> pa.Array:
    """Return an array in a type that Arrow compares."""
    if pt.is_decimal(array.type):
        return array.cast(pa.float64())
    return array.cast(pa.float32()) if pt.is_float16(array.type) else array


def _set(values: Sequence[pa.Scalar]) -> pa.Array:
    return pa.array(values, values[0].type)


_COMPARE: dict[str, Any] = {
    "=": lambda array, values: pc.equal(array, values[0]),
    "<>": lambda array, values: pc.not_equal(array, values[0]),
    "<": lambda array, values: pc.less(array, values[0]),
    "<=": lambda array, values: pc.less_equal(array, values[0]),
    ">": lambda array, values: pc.greater(array, values[0]),
    ">=": lambda array, values: pc.greater_equal(array, values[0]),
    "in": lambda array, values: pc.is_in(array, value_set=_set(values)),
    "not in": lambda array, values: pc.and_not(
        array.is_valid(), pc.is_in(array, value_set=_set(values))
    ),
    "like": lambda array, values: pc.match_like(array, values[0].as_py()),
    "not like": lambda array, values: pc.invert(pc.match_like(array, values[0].as_py())),
}

# whether a value between two ends may satisfy a comparison
_WITHIN: dict[str, Any] = {
    "=": lambda low, high, value: low <= value <= high,
    "in": lambda low, high, value: low <= value <= high,
    "<": lambda low, high, value: low < value,
    "<=": lambda low, high, value: low <= value,
    ">": lambda low, high, value: high > value,
    ">=": lambda low, high, value: high >= value,
}
