"""Where nothing changed, p-values are at most as often small as they say, alone and under Holm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from binomial import at_least, at_most
from simulation import CATEGORIES, CONTINUOUS, EVIDENT, TIED, check, draw, drifted, judge

from driftcli.methods import METHODS
from driftcli.model import Decision, Threshold

pytestmark = pytest.mark.slow

ALPHA = 0.05
BY_NAME = {column.name: column for column in (*CONTINUOUS, *TIED, *CATEGORIES)}
HEAVY_TAILED = ("lognormal",)
NUMERIC = tuple(column.name for column in (*CONTINUOUS, *TIED))


@dataclass(frozen=True)
class Family:
    """Checks of one method, whose p-values are adjusted together.

    Ties make ``sharp`` false: their p-values may be too large, never too small.
    """

    method: str
    columns: Sequence[str]
    sharp: bool = True


FAMILIES = {
    "ks-continuous": Family("ks", [column.name for column in CONTINUOUS]),
    "ks-tied": Family("ks", [column.name for column in TIED], sharp=False),
    "chi2": Family("chi2", [column.name for column in CATEGORIES]),
    "psi-numeric": Family("psi", NUMERIC),
    "psi-categories": Family("psi", [column.name for column in CATEGORIES]),
    "missing": Family("missing", [c.name for c in BY_NAME.values() if c.nulls]),
    "prediction_mean": Family("prediction_mean", NUMERIC),
    "prediction_std": Family("prediction_std", NUMERIC),
}
SIZES = [
    pytest.param(500, 500, 300, marks=pytest.mark.xdist_group("null 1:1"), id="1:1"),
    pytest.param(5_000, 500, 80, marks=pytest.mark.xdist_group("null 10:1"), id="10:1"),
]
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
EVERY_SIZE = pytest.mark.parametrize(("n", "m", "runs"), SIZES)


@cache
def simulated(n: int, m: int, runs: int) -> list[list[Decision]]:
    """Return the checks of pairs of tables in which nothing changed."""
    rng = np.random.default_rng([n, m])
    return [check(draw(rng, n), draw(rng, m), METHODS.keys()) for _ in range(runs)]


def of_family(decisions: Sequence[Decision], family: Family) -> list[Decision]:
    return [d for d in decisions if d.result.method == family.method and d.column in family.columns]


def rejections(decisions: Sequence[Decision]) -> list[bool]:
    """Tell which p-values are at most alpha; every one must be there."""
    pvalues = [decision.result.pvalue for decision in decisions]
    assert None not in pvalues
    return [pvalue <= ALPHA for pvalue in pvalues if pvalue is not None]


@EVERY_FAMILY
@EVERY_SIZE
def test_pvalues_are_as_often_small_as_they_say(n: int, m: int, runs: int, family: Family) -> None:
    decisions = [d for run in simulated(n, m, runs) for d in of_family(run, family)]
    assert len(decisions) == runs * len(family.columns)
    for column in family.columns:
        assert at_most(rejections([d for d in decisions if d.column == column]), ALPHA), column
    assert at_most(rejections(decisions), ALPHA)
    if family.sharp:
        assert at_least(rejections(decisions), ALPHA)


@EVERY_FAMILY
@EVERY_SIZE
def test_holm_holds_the_rate_of_the_family(n: int, m: int, runs: int, family: Family) -> None:
    alarms = [
        bool(drifted(judge(of_family(run, family), EVIDENT, Threshold(0.0))))
        for run in simulated(n, m, runs)
    ]
    assert at_most(alarms, ALPHA)


@pytest.mark.xdist_group("null 10:1")
def test_pvalues_of_the_spread_hold_in_heavy_tails() -> None:
    family = Family("prediction_std", HEAVY_TAILED)
    decisions = [d for run in simulated(5_000, 500, 80) for d in of_family(run, family)]
    assert at_most(rejections(decisions), ALPHA)


@pytest.mark.parametrize(
    ("n", "m"),
    [
        pytest.param(500, 70, id="seven rows a bin"),
        pytest.param(500, 50, id="five rows a bin"),
        pytest.param(50, 5_000, id="bins of five rows"),
        pytest.param(200, 20_000, id="bins of twenty rows"),
    ],
)  # fmt: skip
def test_pvalues_of_psi_hold_in_few_rows(n: int, m: int) -> None:
    rng = np.random.default_rng([n, m])
    columns = [BY_NAME[name] for name in ("normal", "beta", "exponential")]
    decisions = [
        decision
        for _ in range(200)
        for decision in check(draw(rng, n, columns=columns), draw(rng, m, columns=columns), ["psi"])
    ]
    assert at_most(rejections(decisions), ALPHA)
