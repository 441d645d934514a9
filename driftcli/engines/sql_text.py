"""The questions that make a database count a column as driftcli does, in words that all understand.

Databases compute in double precision as IEEE 754 has it, so the same additions and subtractions cut
a value into the same whole numbers there; these they add up without an error. Every question is of
plain SQL; what differs between databases is in :class:`Words`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from driftcli.summaries.arrays import Values
from driftcli.summaries.powers import BITS, LIMB, MODERATE, TIER, Scale

HALF = 29  # bits of the lower part of a number of 58, whose products fit 64
MASK, LIMB_MASK = 2**HALF - 1, 2**LIMB - 1
UP = 1.5 * 2.0**52  # so far up the line of floats there are no fractions
LARGEST = float(np.finfo(np.float64).max)


class Table(Protocol):
    """Rows in a database that answers questions about them."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    @property
    def schema(self) -> pa.Schema:
        """The columns."""

    @property
    def dialect(self) -> str:
        """The language of the database, as sqlglot calls it."""

    @property
    def asked(self) -> str | None:
        """What stands behind ``FROM``, filters included; ``None`` where it cannot tell them all."""

    @property
    def warnings(self) -> list[str]:
        """What the user is told."""

    def value(self, column: str) -> str | None:
        """Return a column in SQL, or ``None`` where the database lacks its type."""

    def ask(self, question: str, constants: Sequence[float] = ()) -> pa.Table:
        """Return the answer to a question."""


@dataclass(slots=True)
class Words:
    """What is said differently in each database.

    Parameters
    ----------
    dialect : {"postgres", "sqlite"}
    constants : list of float
        Numbers that go beside the text, as the database might not read them to the last digit.
    """

    dialect: str
    constants: list[float] = field(default_factory=list)

    @property
    def fence(self) -> str:
        """What keeps expressions from being computed again wherever they are used."""
        return {"postgres": "OFFSET 0", "sqlite": "LIMIT -1"}[self.dialect]

    @property
    def by_bytes(self) -> str:
        """The order in which texts are the same only where their bytes are."""
        return {"postgres": 'COLLATE "C"', "sqlite": "COLLATE BINARY"}[self.dialect]

    def number(self, value: float) -> str:
        """Return a number to the last digit."""
        if isinstance(value, int):
            return str(value)
        if self.dialect == "postgres":
            return f"CAST('{_postgres(value)}' AS DOUBLE PRECISION)"
        self.constants.append(value)
        return f"?{len(self.constants)}"

    def known(self, value: str, kind: pa.DataType) -> str:
        """Return a value, null where it is not a number."""
        if self.dialect == "postgres" and pa.types.is_floating(kind):
            return f"NULLIF({value}, CAST('NaN' AS DOUBLE PRECISION))"
        return value

    def rank(self, value: str, edges: Values) -> str:
        """Return what :meth:`place` takes: how many edges lie below a value, or are it."""
        if not len(edges):
            return f"CASE WHEN {value} IS NOT NULL THEN 0 END"
        if self.dialect == "postgres":
            return f"width_bucket({value}, {_array(edges)})"
        tree = self._tree(value, [self.number(edge) for edge in edges.tolist()], 0, len(edges))
        return f"CASE WHEN {value} IS NOT NULL THEN {tree} END"

    def place(self, rank: str, value: str, edges: Values) -> str:
        """Return twice the number of edges up to a value, less one where it is an edge itself."""
        if not len(edges) or self.dialect != "postgres":
            return rank
        return f"2 * {rank} - CASE WHEN ({_array(edges)})[{rank}] = {value} THEN 1 ELSE 0 END"

    def _tree(self, value: str, edges: Sequence[str], low: int, high: int) -> str:
        """Return a tree of comparisons, one for each edge; `low` to `high` edges lie below."""
        if low == high:
            if not low:
                return "0"
            return f"CASE WHEN {value} = {edges[low - 1]} THEN {2 * low - 1} ELSE {2 * low} END"
        middle = (low + high) // 2
        left, right = (
            self._tree(value, edges, *span) for span in ((low, middle), (middle + 1, high))
        )
        return f"CASE WHEN {value} < {edges[middle]} THEN {left} ELSE {right} END"

    def sums(self, terms: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Yield what to add up, and the power of two that it is a multiple of.

        SQLite's sums end at 64 bits, so that a product is added up in two parts.
        """
        for bits, term in terms:
            if self.dialect == "sqlite":
                yield bits + HALF, f"({term}) >> {HALF}"
                yield bits, f"({term}) & {MASK}"
            else:
                yield bits, term


def _array(edges: Values) -> str:
    kind = "BIGINT" if edges.dtype.kind == "i" else "DOUBLE PRECISION"
    words = ",".join(map(_postgres, edges.tolist()))
    return f"CAST('{{{words}}}' AS {kind}[])"


def _postgres(value: float) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


# -- power sums ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """The values that are measured in one unit.

    Parameters
    ----------
    exponent : int
        Their distance from the centre is at most 2**exponent.
    low, high : float
        The least and the largest of them.
    """

    exponent: int
    low: float
    high: float


def reaches(scale: Scale) -> list[Reach]:
    """Return the reach of the scale, and those of coarser units; none where it is extreme."""
    found: list[Reach] = []
    if abs(scale.exponent) <= MODERATE:
        for exponent in range(scale.exponent, MODERATE + 1, TIER):
            found.append(_reach(scale.center, exponent, closed=not found))
    return found


def _reach(center: float, exponent: int, *, closed: bool) -> Reach:
    limit = math.ldexp(1.0, exponent)

    def above(value: float) -> bool:
        return value - center > limit if closed else value - center >= limit

    def below(value: float) -> bool:
        return value - center < -limit if closed else value - center <= -limit

    high = _first(above)
    low = _first(lambda value: not below(value))
    return Reach(exponent, low, math.nextafter(high, -math.inf))


def _first(test: Callable[[float], bool]) -> float:
    """Return the least float that passes a test, which every larger one passes as well."""
    low, high = _index(-math.inf), _index(math.inf)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if test(_at(middle)) else (middle, high)
    return _at(high)


def _index(value: float) -> int:
    """Return the number of a float in their order."""
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def _at(index: int) -> float:
    value: float = struct.unpack("<d", struct.pack("<q", abs(index)))[0]
    return value if index >= 0 else -value


@dataclass(frozen=True, slots=True)
class Powers:
    """Sums of whole numbers, from which those of the powers follow.

    Parameters
    ----------
    terms : tuple of tuple of int, int and str
        The power, the bits to shift by, and what is added up.
    """

    terms: tuple[tuple[int, int, str], ...]

    @classmethod
    def of(cls, words: Words, degree: int) -> Powers:
        """Return the sums of a degree, of ``z``, and of ``w`` and ``v`` for the higher ones."""
        p, q = f"(z >> {HALF})", f"(z & {MASK})"
        found = [(1, HALF, p), (1, 0, q)]
        products: dict[int, list[tuple[int, str]]] = {
            2: [(2 * HALF, f"{p} * {p}"), (HALF + 1, f"{p} * {q}"), (0, f"{q} * {q}")]
        }
        if degree == 4:
            a, b, e, f = (f"({x})" for x in (
                f"w >> {LIMB}", f"w & {LIMB_MASK}", f"v >> {LIMB}", f"v & {LIMB_MASK}",
            ))  # fmt: skip
            products[3] = [
                (2 * LIMB, f"{a} * {e}"), (LIMB, f"{a} * {f} + {b} * {e}"), (0, f"{b} * {f}"),
            ]  # fmt: skip
            products[4] = [
                (2 * LIMB, f"{e} * {e}"), (LIMB + 1, f"{e} * {f}"), (0, f"{f} * {f}"),
            ]  # fmt: skip
        for power, terms in products.items():
            found += [(power, bits, term) for bits, term in words.sums(terms)]
        return cls(tuple(found))

    @property
    def named(self) -> list[tuple[str, str]]:
        """A name for each of the terms, and the term."""
        return [(f"s{at}", term) for at, (_, _, term) in enumerate(self.terms)]


class Cut:
    """Cuts distances ``y`` from the centre into whole numbers ``z``, and ``w`` and ``v``.

    Parameters
    ----------
    words : Words
    pick : callable
        Writes a constant that depends on the unit, given its function of the exponent.
    """

    def __init__(self, words: Words, pick: Callable[[Callable[[int], float]], str]) -> None:
        self._words = words
        self._whole = pick(lambda exponent: math.ldexp(UP, exponent - BITS))
        self._rest = pick(lambda exponent: math.ldexp(UP, exponent - BITS - LIMB))
        self._wholes = pick(lambda exponent: math.ldexp(1.0, BITS - exponent))
        self._rests = pick(lambda exponent: math.ldexp(1.0, BITS + LIMB - exponent))

    def query(self, rows: str, degree: int) -> str:
        """Return a query for ``x``, ``r``, ``tier`` and the whole numbers.

        Parameters
        ----------
        rows : str
            A query for ``x``, ``r``, ``tier``, and ``y``: null where it is out of reach.
        degree : {2, 4}
        """
        fence, shift, fine = self._words.fence, self._whole, self._rest
        whole = f"SELECT x, r, tier, y, (y + {shift}) - {shift} AS a FROM ({rows}) AS q1 {fence}"
        limbs = (
            f"SELECT x, r, tier, CAST(a * {self._wholes} AS BIGINT) AS w, "
            f"CAST((((y - a) + {fine}) - {fine}) * {self._rests} AS BIGINT) AS c "
            f"FROM ({whole}) AS q2 {fence}"
        )
        square = ""
        if degree == 4:  # in units of 2**38, to the nearest, ties to even
            double, down = "CAST(w AS DOUBLE PRECISION)", self._words.number(2.0**-BITS)
            one = self._words.number(UP)
            rounded = f"({double} * {double} * {down} + {one}) - {one}"
            square = f", w, CAST({rounded} AS BIGINT) AS v"
        return f"SELECT x, r, tier, w * {2**LIMB} + c AS z{square} FROM ({limbs}) AS q3 {fence}"
