"""Filters written in SQL: the part of it that is plainly a condition on rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from driftcli.errors import UsageError, quoted
from driftcli.sources.filter_values import Value
from driftcli.sources.filters import OPPOSITES, Condition, Every, Leaf, Op, Some, Written

COMPARISONS: dict[type[exp.Expr], Op] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
FLIPPED: dict[Op, Op] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
EXAMPLE = "write it as \"dt >= '2026-01-01' and country in ('NL', 'BE')\""
KNOWN = "and, or, not, =, <>, <, <=, >, >=, in, between, like, is null are understood"
MAX_DIGITS = 308

# what it would warn of is an error here
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


def parse(texts: Sequence[str]) -> Condition:
    """Return the condition that rows satisfy which satisfy all of the filters.

    Parameters
    ----------
    texts : sequence of str
        SQL, as it stands behind ``where``.

    Raises
    ------
    UsageError
        If a filter is not understood; the part at fault is quoted.
    """
    parts = tuple(_parsed(text) for text in texts)
    return Condition(" and ".join(texts), parts[0] if len(parts) == 1 else Every(parts))


def _parsed(text: str) -> Written:
    if not text.strip():
        raise UsageError("an empty filter", hint="is a variable unset?")
    try:
        trees = [tree for tree in sqlglot.parse(text) if tree is not None]
        if len(trees) != 1:
            raise UsageError(f"filter {quoted(text)}: not one condition", hint=EXAMPLE)
        return _Translator(text).condition(trees[0])
    except SqlglotError as error:
        told = error.errors if isinstance(error, ParseError) else []
        place = f" near {quoted(told[0]['highlight'])}" if told else ""
        raise UsageError(f"filter {quoted(text)}: not understood{place}", hint=EXAMPLE) from None
    except RecursionError:
        raise UsageError(f"filter {quoted(text)}: nested too deep") from None


class _Translator:
    def __init__(self, text: str) -> None:
        self._text = text

    def condition(self, node: exp.Expr, negate: bool = False) -> Written:
        """Return the condition of a node, or its opposite."""
        if isinstance(node, exp.Paren):
            return self.condition(node.this, negate)
        if isinstance(node, exp.Not):
            return self.condition(node.this, not negate)
        if isinstance(node, exp.And | exp.Or):
            sides = [self.condition(side, negate) for side in (node.this, node.expression)]
            both = isinstance(node, exp.And) is not negate
            return Every(tuple(sides)) if both else Some(tuple(sides))
        if isinstance(node, exp.Between):
            low = self._leaf(node.this, ">=", [node.args["low"]], negate)
            high = self._leaf(node.this, "<=", [node.args["high"]], negate)
            return Some((low, high)) if negate else Every((low, high))
        return self._comparison(node, negate)

    def _comparison(self, node: exp.Expr, negate: bool) -> Leaf:
        negate ^= bool(node.args.get("negate"))
        if (op := COMPARISONS.get(type(node))) is not None:
            column, value = node.this, node.expression
            if isinstance(value, exp.Column) and not isinstance(column, exp.Column):
                column, value, op = value, column, FLIPPED.get(op, op)
            return self._leaf(column, op, [value], negate)
        if isinstance(node, exp.In) and node.expressions:
            return self._leaf(node.this, "in", node.expressions, negate)
        if isinstance(node, exp.Like):
            return self._leaf(node.this, "like", [node.expression], negate)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return self._leaf(node.this, "null", [], negate)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean):
            raise self._odd(node, "write flag = true")
        if isinstance(node, exp.Column):  # of truth values
            return Leaf(self._column(node), "=", (not negate,))
        raise self._odd(node)

    def _leaf(self, column: exp.Expr, op: Op, values: Sequence[exp.Expr], negate: bool) -> Leaf:
        name = self._column(column)
        found = tuple(self._value(value) for value in values)
        return Leaf(name, OPPOSITES[op] if negate else op, found)

    def _column(self, node: exp.Expr) -> str:
        if not isinstance(node, exp.Column):
            raise self._odd(node, "a column stands on one side of a comparison")
        return ".".join(part.name for part in node.parts)

    def _value(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Cast) and node.to.is_type("date", "timestamp", "timestamptz"):
            return self._value(node.this)  # date '2026-01-01'; the column's type decides
        if isinstance(node, exp.Boolean):
            return bool(node.this)
        if isinstance(node, exp.Neg):
            number = self._value(node.this)
            if isinstance(number, str | bool):
                raise self._odd(node)
            return -number
        if isinstance(node, exp.Literal):
            return str(node.this) if node.is_string else _number(node.this)
        if isinstance(node, exp.Null):
            raise self._odd(node, "write is null, or is not null")
        if isinstance(node, exp.Column):
            raise self._odd(node, "a value stands in single quotes, a name in double ones")
        raise self._odd(node)

    def _odd(self, node: exp.Expr, hint: str = KNOWN) -> UsageError:
        part = quoted(node.sql())
        return UsageError(f"filter {quoted(self._text)}: {part} is not understood", hint=hint)


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    if number.adjusted() > MAX_DIGITS:
        raise UsageError(f"filter: {quoted(text)} is too large a number")
    return int(number) if number == number.to_integral_value() else number
