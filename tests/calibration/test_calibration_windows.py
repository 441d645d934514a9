"""What windows promise: days that are like all others alarm in 5 % at most, where rows alarm a lot.

The full-size figures come from ``benchmarks/windows.py``; here fewer runs are held to binomial
limits. Every run has a reference of its own and judges one day, so that runs are independent. Of 40
days of reference the largest p-value below 5 % is 2/41, close to it.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from binomial import at_least, at_most
from scipy.stats import chisquare, norm

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from windows import (
    EACH,
    EDGES,
    KS,
    ROWS,
    WINDOWS,
    WINDOWS_ALONE,
    Cell,
    Log,
    Reference,
    Rule,
    Size,
    counted,
    independent,
    of_rule,
    simulate,
)

pytestmark = pytest.mark.slow

DAYS, COLUMNS, RUNS, SHIFT = 40, 12, 120, 8.0
SMALL = Size((COLUMNS,), (DAYS,), judged=1, shifts=(SHIFT,))
UNCHANGED, SHIFTED = Cell(DAYS, COLUMNS), Cell(DAYS, COLUMNS, SHIFT)
QUIET = Log(0.0, 300)
CLUSTERED = [Log(0.1, 300), Log(0.3, 5_000), Log(0.3, 5_000, shared=0.8)]
ONE_BY_ONE = [log for log in (QUIET, *CLUSTERED) if not log.shared]


def logs(chosen: list[Log]) -> pytest.MarkDecorator:
    """Return the cases of logs, each on one worker, so that it is simulated once."""
    cases = [
        pytest.param(log, marks=pytest.mark.xdist_group(str(log)), id=str(log)) for log in chosen
    ]
    return pytest.mark.parametrize("log", cases)


@cache
def simulated(log: Log) -> dict[Cell, np.ndarray]:
    found = [simulate(log, run, SMALL) for run in range(RUNS)]
    return {cell: np.concatenate([one[cell] for one in found]) for cell in found[0]}


def alarms(log: Log, rule: Rule, cell: Cell = UNCHANGED) -> list[bool]:
    return (of_rule(simulated(log), cell, rule) > 0).tolist()


@logs([QUIET, *CLUSTERED])
@pytest.mark.parametrize("rule", [WINDOWS, WINDOWS_ALONE], ids=lambda rule: rule.name)
def test_windows_rarely_alarm_on_a_day_like_the_others(log: Log, rule: Rule) -> None:
    assert at_most(alarms(log, rule), 0.05)


@logs(CLUSTERED)
def test_rows_alarm_on_more_than_a_fifth_of_such_days(log: Log) -> None:
    assert not at_most(alarms(log, ROWS), 0.2)


@logs(ONE_BY_ONE)
def test_each_check_alone_is_as_often_small_as_it_says(log: Log) -> None:
    count = RUNS * COLUMNS
    hits = round(of_rule(simulated(log), UNCHANGED, EACH).sum() * COLUMNS)
    outcomes = [True] * hits + [False] * (count - hits)
    assert at_most(outcomes, 2 / (DAYS + 1))
    assert at_least(outcomes, 2 / (DAYS + 1))


@logs(CLUSTERED[1:])
def test_windows_find_what_is_beyond_the_days_own_spread(log: Log) -> None:
    assert at_least(alarms(log, WINDOWS, SHIFTED), 0.95)


def test_a_run_has_a_seed_of_its_own() -> None:
    log = CLUSTERED[0]
    again = simulate(log, 1, SMALL)
    for cell, rules in simulated(log).items():
        assert rules[1:2].tolist() == again[cell].tolist()
        assert len(np.unique(rules, axis=0)) > 1


def test_counts_are_those_of_rows() -> None:
    log, mean = Log(0.0, 5_000), 0.3
    upto = log.counts(np.random.default_rng(0), np.full(200, mean)).sum(axis=0)
    seen = np.diff(upto, prepend=0, append=200 * log.rows)
    due = np.diff(norm.cdf(EDGES - mean), prepend=0.0, append=1.0)
    assert chisquare(seen, 200 * log.rows * due).pvalue > 1e-3


@pytest.mark.parametrize("rows", [200, 5_000])
def test_a_day_is_compared_as_ks_does(rows: int) -> None:
    log, rng = Log(0.1, rows), np.random.default_rng(rows)
    upto = log.counts(rng, log.means(rng, 31, 2))
    for column in range(2):
        check, effects = Reference(upto[:30], rows).check(column, upto[30, column])
        whole = counted(upto[:30, column].sum(axis=0), 30 * rows)
        expected = KS.compare(whole, counted(upto[30, column], rows))
        assert check.result.effect == effects.now["ks"] == expected.effect
        assert check.result.pvalue == pytest.approx(expected.pvalue, rel=1e-9)


def test_days_that_share_a_reference_count_for_less() -> None:
    assert independent(60, 30, Size(days=(30,), judged=1)) == 60
    assert independent(60, 30, Size(days=(30,), judged=33)) == 30
