"""Filters in the words of a database, so that it leaves out rows that nobody asks for.

What is not certain to mean the same there is not asked there: Arrow looks at every row that comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types as pt
from sqlglot import exp

if TYPE_CHECKING:
    from driftcli.sources.filters import Comparison, Every, Filter, Some
    from driftcli.sources.sql_columns import SqlColumn

BYTES = {"postgres": '"C"', "sqlite": "BINARY"}  # collations that compare as Arrow does
COMPARE: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pushed:
    """A condition in SQL.

    Parameters
    ----------
    condition : sqlglot expression
        True for every row that is asked for.
    exact : bool
        Whether it is for no other.
    """

    condition: exp.Expr
    exact: bool


def pushed(where: Filter, columns: Mapping[str, SqlColumn], dialect: str) -> Pushed:
    """Return a filter for a database.

    Parameters
    ----------
    where : Filter
    columns : mapping of str to SqlColumn
    dialect : str
        As sqlglot calls it.
    """
    return _Writer(columns, dialect).node(where.root)


@dataclass(frozen=True, slots=True)
class _Writer:
    columns: Mapping[str, SqlColumn]
    dialect: str

    def node(self, node: Comparison | Every | Some) -> Pushed:
        if not hasattr(node, "parts"):
            return self._comparison(node)
        parts = [self.node(part) for part in node.parts]
        join = exp.and_ if type(node).__name__ == "Every" else exp.or_
        return Pushed(join(*(part.condition for part in parts)), all(part.exact for part in parts))

    def _comparison(self, test: Comparison) -> Pushed:
        column = self.columns[test.column]
        condition = None
        if column.plain and not column.padded:
            condition = self._condition(test, column)
        return Pushed(exp.true(), False) if condition is None else Pushed(condition, True)

    def _condition(self, test: Comparison, column: SqlColumn) -> exp.Expr | None:
        """Return the test, or ``None`` where the database may have another mind."""
        value = column.expression()
        absent = self._absent(value, column.type)
        if absent is None:
            return None
        if test.op in ("null", "never"):
            return absent if test.op == "null" else exp.false()
        present = exp.not_(absent)
        if test.op in ("not null", "always"):
            return present
        found = self._holds(test, value)
        return None if found is None else exp.and_(present, found)

    def _absent(self, value: exp.Expr, kind: pa.DataType) -> exp.Expr | None:
        missing = exp.Is(this=value.copy(), expression=exp.Null())
        if not pt.is_floating(kind) or self.dialect == "sqlite":  # it has no NaN
            return missing
        if self.dialect != "postgres":
            return None
        nan = exp.cast(exp.Literal.string("NaN"), "double")
        return exp.or_(missing, exp.EQ(this=value.copy(), expression=nan))

    def _holds(self, test: Comparison, value: exp.Expr) -> exp.Expr | None:
        kind = test.values[0].type
        if pt.is_string(kind) or pt.is_large_string(kind):
            return self._of_text(test, value)
        literals = [self._literal(v) for v in test.values]
        if any(literal is None for literal in literals) or test.op.endswith("like"):
            return None
        if test.op in ("in", "not in"):
            found: exp.Expr = exp.In(this=value, expressions=literals)
            return found if test.op == "in" else exp.not_(found)
        return COMPARE[test.op](this=value, expression=literals[0])

    def _of_text(self, test: Comparison, value: exp.Expr) -> exp.Expr | None:
        """Return the test on text, by bytes; indexes serve what is asked by language as well."""
        if (by_bytes := BYTES.get(self.dialect)) is None:
            return None
        words = [exp.Literal.string(v.as_py()) for v in test.values]
        exact = exp.Collate(this=value.copy(), expression=exp.Var(this=by_bytes))
        if test.op in ("like", "not like"):
            if self.dialect != "postgres":  # capitals are small letters to the others
                return None
            like = exp.Like(this=exact, expression=words[0])
            return like if test.op == "like" else exp.not_(like)
        if test.op in ("in", "not in"):
            among = exp.or_(*(exp.EQ(this=exact.copy(), expression=word) for word in words))
            return among if test.op == "in" else exp.not_(among)
        return COMPARE[test.op](this=exact, expression=words[0])

    def _literal(self, value: pa.Scalar) -> exp.Expr | None:
        kind = value.type
        if pt.is_integer(kind):
            return exp.convert(value.as_py())
        if pt.is_floating(kind):
            return exp.cast(exp.convert(float(value.as_py())), "double")
        if pt.is_boolean(kind):
            return exp.convert(value.as_py())
        if pt.is_date(kind) and self.dialect == "postgres":
            return exp.cast(exp.Literal.string(value.as_py().isoformat()), "date")
        if pt.is_timestamp(kind) and self.dialect == "postgres":
            zone = "timestamptz" if kind.tz else "timestamp"
            return exp.cast(exp.Literal.string(_moment(value)), zone)
        return None


def _moment(value: pa.TimestampScalar) -> str:
    """Return a time as ISO 8601 with microseconds, that of UTC where there is a zone."""
    import datetime as dt

    kind = value.type
    micro = value.value * {"s": 10**6, "ms": 1000, "us": 1}[kind.unit]
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micro)
    return moment.isoformat() if kind.tz else moment.replace(tzinfo=None).isoformat()
