"""Twelve columns of a made-up log, with a change of a known size, taken through the real checks.

Every column is drawn by inverting its distribution function at uniform numbers. A change gives
these the density 1 + 4c(1 - 2u), which moves the distribution function by 4cu(1 - u), at most c.
For a column with atoms c is so much larger that its own D (of categories, the total variation) is
the wanted one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri, pdtr

from driftcli.config import Config
from driftcli.decide import Check, decide
from driftcli.engines.local import LocalEngine
from driftcli.methods import METHODS
from driftcli.model import Decision, DecisionPolicy, Status, Threshold
from driftcli.pipeline.comparison import ColumnComparison, judge_columns
from driftcli.schema import plan_columns

Floats = NDArray[np.float64]

EVIDENT = DecisionPolicy("evident")
# the effect alone, of chi-square p < 0.05 alone
TUTORIAL = DecisionPolicy("threshold")
FEATURE_METHODS = frozenset(m.name for m in METHODS.values() if "features" in m.roles)


@dataclass(frozen=True)
class Column:
    """A column to draw from.

    Parameters
    ----------
    name : str
    quantile : callable
        From uniform numbers to values; of a column of categories, to their positions.
    steps : ndarray, shape (atoms,)
        The distribution function at the atoms, 1 left out; empty for a continuous column.
    categories : bool
    nulls : float
        The share of missing values.
    """

    name: str
    quantile: Callable[[Floats], NDArray[Any]]
    steps: Floats
    categories: bool = False
    nulls: float = 0.0

    @property
    def steepness(self) -> float:
        """How much of a change of the uniform numbers the values show."""
        return float(np.max(4 * self.steps * (1 - self.steps))) if len(self.steps) else 1.0

    def draw(self, rng: np.random.Generator, rows: int, change: float = 0.0) -> pa.Array:
        """Draw rows whose D or total variation to the unchanged column is ``change``."""
        values = self.quantile(tilted(rng.random(rows), change / self.steepness))
        mask = rng.random(rows) < self.nulls if self.nulls else None
        if not self.categories:
            return pa.array(values, mask=mask)
        names = pa.array(map(str, range(len(self.steps) + 1)), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(values, pa.int32(), mask=mask), names)


def tilted(uniform: Floats, c: float) -> Floats:
    """Turn uniform numbers into numbers with the distribution function u + 4cu(1 - u)."""
    if not c:
        return uniform
    slope = 1 + 4 * c
    moved: Floats = (slope - np.sqrt(slope**2 - 16 * c * uniform)) / (8 * c)
    return moved


def atoms(
    name: str, masses: Sequence[float] | Floats, *, categories: bool = False, nulls: float = 0.0
) -> Column:
    """Return a column of 0, 1, 2, … with these weights."""
    steps = np.cumsum(np.asarray(masses) / np.sum(masses))[:-1]
    return Column(name, _positions(steps), steps, categories, nulls)


def _positions(steps: Floats) -> Callable[[Floats], NDArray[np.intp]]:
    """Return what finds numbers from 0 to 1 among steps, as ``searchsorted``, but faster for many.

    Where no step lies in a small part of the line, all numbers of the part stand at one place.
    """
    parts = 1 << (16 * len(steps) + 4_095).bit_length()
    first = np.searchsorted(steps, np.arange(parts + 1) / parts)
    mixed = first[1:] != first[:-1]

    def find(uniform: Floats) -> NDArray[np.intp]:
        part = np.minimum((uniform * parts).astype(np.intp), parts - 1)
        found = first[part]
        unsure = np.flatnonzero(mixed[part])
        found[unsure] = np.searchsorted(steps, uniform[unsure])
        return found

    return find


def smooth(name: str, quantile: Callable[[Floats], Floats], nulls: float = 0.0) -> Column:
    """Return a continuous column."""
    return Column(name, quantile, np.empty(0), nulls=nulls)


def poisson(name: str, mean: float) -> Column:
    """Return a column of Poisson counts."""
    return atoms(name, np.diff(pdtr(np.arange(int(mean + 9 * mean**0.5) + 1), mean), prepend=0.0))


CONTINUOUS = (
    smooth("normal", ndtri),
    smooth("lognormal", lambda u: np.exp(ndtri(u)), nulls=0.02),
    smooth("beta", lambda u: 1 - (1 - u) ** 0.2),
    smooth("exponential", lambda u: -np.log1p(-u)),
)
TIED = (
    poisson("poisson", 25.0),
    atoms("small_integers", (0.3, 0.25, 0.2, 0.15, 0.1)),
    Column("zero_inflated", lambda u: np.maximum(0.0, np.log(0.4 / (1 - u))), np.array([0.6])),
    atoms("days", np.ones(365)),
)
CATEGORIES = (
    atoms("zipf", 1 / np.arange(1, 101), categories=True),
    atoms("four_levels", (0.4, 0.3, 0.2, 0.1), categories=True, nulls=0.02),
    atoms("seven_levels", np.ones(7), categories=True),
    atoms("forty_levels", np.linspace(2, 1, 40), categories=True),
)
COLUMNS = CONTINUOUS + TIED + CATEGORIES
# 3,400 levels of very unequal weight, like routes or articles
ROUTES = atoms("route", 1 / np.arange(10, 3_410), categories=True)


@dataclass(frozen=True)
class Rows:
    """A table in memory, as an engine reads it."""

    table: pa.RecordBatch
    name: str = "simulated"
    columnar: bool = True

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    def batches(self, columns: Sequence[str], *, threads: bool = True) -> Iterator[pa.RecordBatch]:
        yield self.table.select(list(columns))


def draw(
    rng: np.random.Generator,
    rows: int,
    change: float = 0.0,
    *,
    columns: Sequence[Column] = COLUMNS,
    changed: Collection[str] | None = None,
) -> pa.RecordBatch:
    """Draw a table, all columns (or only those named) changed by the same D."""
    arrays = [
        column.draw(rng, rows, change if changed is None or column.name in changed else 0.0)
        for column in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])


def check(
    reference: pa.RecordBatch, current: pa.RecordBatch, methods: Collection[str] = FEATURE_METHODS
) -> list[Decision]:
    """Take two tables through all that comes after reading files, under the default settings."""
    plan = plan_columns(reference.schema, current.schema)
    chosen = [method for name, method in METHODS.items() if name in methods]
    comparison = ColumnComparison(chosen, Config())
    outcome = LocalEngine().compare(Rows(reference), Rows(current), plan.columns, comparison)
    found = judge_columns(plan, outcome.found, Config())
    return [decision for column in found.values() for decision in column.checks]


def judge(
    decisions: Sequence[Decision], policy: DecisionPolicy, threshold: Threshold | None = None
) -> list[Decision]:
    """Judge the same results under another rule, or with one threshold for all."""
    return decide(
        [Check(d.column, d.result, threshold or d.threshold, d.result.method) for d in decisions],
        policy,
    )


def drifted(decisions: Sequence[Decision]) -> frozenset[str]:
    """Return the columns in which any check says drift."""
    return frozenset(d.column for d in decisions if d.status is Status.DRIFT)


@dataclass(frozen=True)
class Verdict:
    """The columns that each rule flags in one pair of tables, and those that surely changed."""

    evident: frozenset[str]
    tutorial: frozenset[str]
    changed: frozenset[str]


def verdict(reference: pa.RecordBatch, current: pa.RecordBatch) -> Verdict:
    """Check two tables once and judge them by both rules."""
    decisions = check(reference, current)
    changed = frozenset(d.column for d in decisions if d.status is Status.CHANGED)
    return Verdict(drifted(decisions), drifted(judge(decisions, TUTORIAL)), changed)
