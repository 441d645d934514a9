"""What a filter says to pyiceberg: which manifests and files may hold such a row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import types as pt
from pyiceberg import expressions as ice

from driftcli.sources.filters import Comparison, Every, Filter, Some

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression

_ONE: dict[str, Any] = {
    "=": ice.EqualTo,
    "<>": ice.NotEqualTo,
    "<": ice.LessThan,
    "<=": ice.LessThanOrEqual,
    ">": ice.GreaterThan,
    ">=": ice.GreaterThanOrEqual,
}
_MANY: dict[str, Any] = {"in": ice.In, "not in": ice.NotIn}


def expression(
    where: Filter, schema: pa.Schema, names: Mapping[str, str | None]
) -> BooleanExpression:
    """Return an expression that every row satisfies that satisfies the filter, and some more.

    Parameters
    ----------
    where : Filter
    schema : pyarrow.Schema
        The columns as they are read.
    names : mapping of str to str or None
        What they are called now; ``None`` for those that are dropped since.
    """
    return _of(where.root, schema, names)


def _of(
    node: Comparison | Every | Some, schema: pa.Schema, names: Mapping[str, str | None]
) -> BooleanExpression:
    if isinstance(node, Comparison):
        name = names[node.column]
        if name is None:
            return ice.AlwaysTrue()
        return _comparison(node, name, schema.field(node.column).type)
    parts = [_of(part, schema, names) for part in node.parts]
    joined: Any = ice.And if isinstance(node, Every) else ice.Or
    return reduce(joined, parts)


def _comparison(test: Comparison, name: str, kind: pa.DataType) -> BooleanExpression:
    column = ice.Reference(name)
    if test.op == "null":
        missing: BooleanExpression = ice.IsNull(term=column)
        # NaN is missing here
        return ice.Or(missing, ice.IsNaN(term=column)) if pt.is_floating(kind) else missing
    if test.op == "not null":
        return ice.NotNull(term=column)
    if not test.values or not _is_exact(kind):
        return ice.AlwaysTrue()
    values = [_value(value) for value in test.values]
    if test.op in _ONE:
        return _ONE[test.op](column, values[0])  # type: ignore[no-any-return]
    return _MANY[test.op](column, values) if test.op in _MANY else ice.AlwaysTrue()


def _is_exact(kind: pa.DataType) -> bool:
    """Whether a filter's values have the type of the column; decimals are compared as floats."""
    plain = pt.is_integer(kind) or pt.is_floating(kind) or pt.is_boolean(kind) or pt.is_date(kind)
    moment = pt.is_timestamp(kind) and kind.unit == "us"
    return bool(plain or moment or pt.is_string(kind) or pt.is_large_string(kind))


def _value(value: pa.Scalar) -> Any:
    return value.value if pt.is_temporal(value.type) else value.as_py()
