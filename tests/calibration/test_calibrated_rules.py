"""What the rules promise: few false alarms at any size, none for trifles, none missed that matter.

The full-size figures come from ``benchmarks/calibration.py``; here fewer runs are held to binomial
limits. Runs of one size share a worker, so that they are simulated once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from binomial import at_least, at_most
from simulation import (
    CATEGORIES,
    CONTINUOUS,
    ROUTES,
    TIED,
    Verdict,
    check,
    draw,
    drifted,
    verdict,
)

pytestmark = pytest.mark.slow

NUMERIC = [column.name for column in (*CONTINUOUS, *TIED)]
FEW_LEVELS = ["four_levels", "seven_levels"]
MANY_LEVELS = ["zipf", "forty_levels"]
# four columns of categories, each wrong in one run of twenty
CHI_SQUARE_ALARMS = 1 - 0.95 ** len(CATEGORIES)


@cache
def simulated(n: int, m: int, change: float, runs: int) -> list[Verdict]:
    rng = np.random.default_rng([n, m, int(100 * change)])
    return [verdict(draw(rng, n), draw(rng, m, change)) for _ in range(runs)]


def same(rows: int, runs: int, *more: float) -> object:
    """Return a case without a change, on the worker of all cases of its size."""
    marks = pytest.mark.xdist_group(f"{rows} rows, nothing changed")
    return pytest.param(rows, runs, *more, marks=marks, id=f"{rows}")


@pytest.mark.parametrize(("rows", "runs"), [same(200, 200), same(500, 300), same(1_000, 150)])
def test_evident_rarely_alarms_where_nothing_changed(rows: int, runs: int) -> None:
    assert at_most((bool(v.evident) for v in simulated(rows, rows, 0.0, runs)), 0.02)


@pytest.mark.parametrize(("rows", "runs"), [same(5_000, 100), same(50_000, 12)])
def test_evident_never_alarms_where_nothing_changed_in_many_rows(rows: int, runs: int) -> None:
    assert [v.evident for v in simulated(rows, rows, 0.0, runs) if v.evident] == []


@pytest.mark.parametrize(("n", "m"), [(50_000, 500), (500, 50_000)])
def test_evident_rarely_alarms_at_unequal_sizes(n: int, m: int) -> None:
    assert at_most((bool(v.evident) for v in simulated(n, m, 0.0, 30)), 0.02)


@pytest.mark.parametrize(
    ("rows", "runs", "share"),
    [
        same(500, 300, 0.25),
        same(5_000, 100, CHI_SQUARE_ALARMS),
        same(50_000, 12, CHI_SQUARE_ALARMS),
    ],
)
def test_threshold_alone_alarms_often_where_nothing_changed(
    rows: int, runs: int, share: float
) -> None:
    alarms = [bool(v.tutorial) for v in simulated(rows, rows, 0.0, runs)]
    assert at_least(alarms, share)
    assert at_most(alarms, share)


def test_a_trifle_in_every_column_alarms_the_threshold_alone_always_and_evident_never() -> None:
    verdicts = simulated(50_000, 50_000, 0.02, 12)
    assert [bool(v.tutorial) for v in verdicts] == [True] * 12
    assert [v.evident for v in verdicts] == [frozenset()] * 12


@pytest.mark.parametrize("column", [*NUMERIC, *FEW_LEVELS])
@pytest.mark.xdist_group("changed")
def test_a_change_that_matters_is_found(column: str) -> None:
    assert all(column in v.evident for v in simulated(5_000, 5_000, 0.15, 40))


@pytest.mark.xdist_group("changed")
def test_a_change_that_matters_is_mostly_found_in_500_rows() -> None:
    verdicts = simulated(500, 500, 0.15, 100)
    assert all(v.evident for v in verdicts)
    assert at_least((name in v.evident for v in verdicts for name in NUMERIC), 0.97)


@pytest.mark.parametrize("column", MANY_LEVELS)
@pytest.mark.xdist_group("changed")
def test_a_change_among_many_levels_is_never_called_ok_in_5000_rows(column: str) -> None:
    """What chance gives a distance is taken off in full, so that part of a real change goes too."""
    assert all(column in v.evident | v.changed for v in simulated(5_000, 5_000, 0.15, 40))


@pytest.mark.parametrize("column", MANY_LEVELS)
@pytest.mark.xdist_group("large")
def test_a_change_that_matters_is_found_among_many_levels(column: str) -> None:
    assert all(column in v.evident for v in simulated(50_000, 50_000, 0.15, 12))


@pytest.mark.parametrize("rows", [500, 10_000, 50_000])
@pytest.mark.parametrize("part", [0.5, 1 / 101])
def test_halves_and_parts_of_one_table_of_3400_levels_never_drift(rows: int, part: float) -> None:
    rng = np.random.default_rng([rows, int(1 / part)])
    whole = draw(rng, 2 * rows, columns=[ROUTES])
    cut = int(part * whole.num_rows)
    for _ in range(10):
        shuffled = whole.take(pa.array(rng.permutation(whole.num_rows)))
        decisions = check(shuffled.slice(cut), shuffled.slice(0, cut))
        assert drifted(decisions) == frozenset()
        if rows == 50_000:
            assert [d.result.method for d in decisions if d.result.skip] == []
