"""A numeric column, counted by a database on the edges of a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.engines.sql_text import LARGEST, Cut, Powers, Reach, Table, Words, reaches
from driftcli.schema import ColumnPlan
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.powers import PowerSums, scaled

NEAR, FAR, HIGH, LOW = 0, 1, 2, 3  # within reach, beyond it, at infinity
TOTALS = -1  # in the place of a place

Row = tuple[Any, ...]


def countable(column: ColumnPlan, kind: pa.DataType) -> bool:
    """Whether a database compares the values of a column as driftcli does.

    Parameters
    ----------
    column : ColumnPlan
    kind : pyarrow.DataType
        Of the column in the database.
    """
    if pa.types.is_integer(kind):
        return column.dtype in (np.dtype(np.int64), np.dtype(np.float64))
    if pa.types.is_float32(kind):
        return column.dtype == np.dtype(np.float32)
    return bool(pa.types.is_float64(kind)) and column.dtype == np.dtype(np.float64)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts one column.

    Parameters
    ----------
    table : Table
    column : ColumnPlan
    grid : Grid
        Of the baseline.
    degree : {2, 4}
        The highest power to sum.
    """

    table: Table
    column: ColumnPlan
    grid: Grid
    degree: int

    def summary(self) -> NumericSummary | None:
        """Return the summary, or ``None`` where some values lie beyond every reach."""
        scale = replace(self.grid.scale, degree=min(self.degree, self.grid.scale.degree))
        known = reaches(scale)
        if not known:
            return None
        rows, powers = self._all(known[0])
        totals = {row[1]: row for row in rows if row[0] == TOTALS}
        places = [(row[0], row[2]) for row in rows if row[0] != TOTALS]
        sums = PowerSums()
        if NEAR in totals:
            sums = _added(totals[NEAR][2], totals[NEAR][5:], powers)
        if FAR in totals:
            for tier, count, *parts in self._far(known):
                if not tier:
                    return None
                bits = known[tier].exponent - scale.exponent
                sums += scaled(_added(count, parts, powers), bits)
        return self._summary(places, totals, sums, replace(self.grid, scale=scale))

    # -- questions -------------------------------------------------------------------------------

    def _all(self, near: Reach) -> tuple[list[Row], Powers]:
        words, edges = Words(self.table.dialect), self.grid.edges
        double, low, high = self._double, words.number(near.low), words.number(near.high)
        most, least = words.number(LARGEST), words.number(-LARGEST)
        within = f"{double} BETWEEN {low} AND {high}"
        rows = (
            f"SELECT x, {words.rank('x', edges)} AS r, CASE WHEN {within} THEN {NEAR} "
            f"WHEN {double} > {most} THEN {HIGH} WHEN {double} < {least} THEN {LOW} "
            f"ELSE {FAR} END AS tier, "
            f"CASE WHEN {within} THEN {double} - {words.number(self._center)} END AS y "
            f"FROM ({self._values(words)}) AS q0 {words.fence}"
        )
        cut = Cut(words, lambda constant: words.number(constant(near.exponent)))
        powers = Powers.of(words, self._degree)
        sums = [f"SUM({term}) AS {name}" for name, term in powers.named]
        names = [name for name, _ in powers.named]
        question = (
            f"WITH counted AS MATERIALIZED (SELECT {words.place('r', 'x', edges)} AS place, tier, "
            f"COUNT(*) AS n, MIN(x) AS low, MAX(x) AS high, {', '.join(sums)} "
            f"FROM ({cut.query(rows, self._degree)}) AS q4 GROUP BY 1, 2) "
            f"SELECT {TOTALS} AS place, tier, CAST(SUM(n) AS BIGINT) AS n, MIN(low) AS low, "
            f"MAX(high) AS high, {', '.join(f'CAST(SUM({s}) AS TEXT) AS {s}' for s in names)} "
            f"FROM counted WHERE place IS NOT NULL GROUP BY tier UNION ALL "
            f"SELECT place, tier, n, NULL, NULL, {', '.join('NULL' for _ in names)} FROM counted"
        )
        return self._asked(question, words), powers

    def _far(self, known: Sequence[Reach]) -> list[Row]:
        words, double = Words(self.table.dialect), self._double

        def pick(constant: Callable[[int], float]) -> str:
            cases = (
                f"WHEN {tier} THEN {words.number(constant(reach.exponent))}"
                for tier, reach in enumerate(known)
                if tier
            )
            return f"CASE tier {' '.join(cases)} END"

        def within(reach: Reach) -> str:
            return f"{double} BETWEEN {words.number(reach.low)} AND {words.number(reach.high)}"

        tiers = " ".join(f"WHEN {within(reach)} THEN {t}" for t, reach in enumerate(known) if t)
        rows = (
            f"SELECT x, CASE {tiers} ELSE 0 END AS tier FROM ({self._values(words)}) AS q0 "
            f"WHERE NOT ({within(known[0])}) AND {within(_FINITE)} {words.fence}"
        )
        center = words.number(self._center)
        rows = (
            f"SELECT x, 0 AS r, tier, CASE WHEN tier > 0 THEN {double} - {center} END AS y "
            f"FROM ({rows}) AS q00 {words.fence}"
        )
        powers = Powers.of(words, self._degree)
        sums = [f"CAST(SUM({term}) AS TEXT) AS {name}" for name, term in powers.named]
        question = (
            f"SELECT tier, COUNT(*) AS n, {', '.join(sums)} "
            f"FROM ({Cut(words, pick).query(rows, self._degree)}) AS q4 GROUP BY 1"
        )
        return self._asked(question, words)

    def _asked(self, question: str, words: Words) -> list[Row]:
        answer = self.table.ask(question, words.constants)
        columns = [column.to_pylist() for column in answer.columns]
        return list(zip(*columns, strict=True))

    def _values(self, words: Words) -> str:
        kind = self.table.schema.field(self.column.name).type
        whole = self.column.dtype.kind == "i"
        value = f"CAST({self.table.value(self.column.name)} AS {_type(whole)})"
        return f"SELECT {words.known(value, kind)} AS x {self.table.asked}"

    @property
    def _double(self) -> str:
        return f"CAST(x AS {_type(False)})" if self.column.dtype.kind == "i" else "x"

    @property
    def _center(self) -> float:
        return self.grid.scale.center

    @property
    def _degree(self) -> int:
        return min(self.degree, self.grid.scale.degree)

    # -- answers ---------------------------------------------------------------------------------

    def _summary(
        self,
        places: Sequence[tuple[int | None, int]],
        totals: dict[int, Row],
        sums: PowerSums,
        grid: Grid,
    ) -> NumericSummary:
        edges = grid.edges
        counts = np.zeros(2 * len(edges) + 1, dtype=np.int64)
        missing = 0
        for place, count in places:
            if place is None:
                missing += count
            else:
                counts[place] += count
        upto = np.cumsum(counts)
        high, low = (totals[side][2] if side in totals else 0 for side in (HIGH, LOW))
        return NumericSummary(
            count=int(upto[-1]),
            missing=missing,
            positive_infinite=high,
            negative_infinite=low,
            sums=sums,
            minimum=self._end(min, [row[3] for row in totals.values()]),
            maximum=self._end(max, [row[4] for row in totals.values()]),
            grid=grid,
            counted=(upto[:-1:2].copy(), upto[1::2].copy()),
        )

    def _end(self, pick: Callable[..., Any], ends: list[Any]) -> float | int | None:
        found = pick(ends, default=None)
        if found is None or self.column.dtype.kind == "i":
            return found  # type: ignore[no-any-return]  # a whole number
        return float(found) + 0.0


_FINITE = Reach(1023, -LARGEST, LARGEST)


def _type(whole: bool) -> str:
    return "BIGINT" if whole else "DOUBLE PRECISION"


def _added(count: int, parts: Sequence[str], powers: Powers) -> PowerSums:
    found = [0, 0, 0, 0]
    for (power, bits, _), part in zip(powers.terms, parts, strict=True):
        found[power - 1] += int(part) << bits
    return PowerSums(count, *found)
