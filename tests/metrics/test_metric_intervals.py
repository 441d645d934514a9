"""The building blocks of the intervals against scipy and published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from driftcli.intervals import normal_quantile, student_quantile, wilson
from driftcli.metrics.intervals import (
    log_interval,
    logit_interval,
    unit_estimate,
    weighted_moments,
)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("df", [1, 2, 4.5, 29, 1e3, 1e7])
def test_student_quantile(level: float, df: float) -> None:
    expected = stats.t.isf((1 - level) / 2, df)
    assert student_quantile(level, df) == pytest.approx(expected, rel=1e-9)


def test_normal_quantile() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-14)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Newcombe 1998 (Two-sided confidence intervals for the single proportion), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0)],
)  # fmt: skip
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits / n, n, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_wilson_equals_scipy() -> None:
    for hits in (0, 1, 17, 39, 40):
        expected = stats.binomtest(hits, 40).proportion_ci(0.9, method="wilson")
        assert wilson(hits / 40, 40, 0.9) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_wilson_holds_its_own_share() -> None:
    for n in range(1, 3_000):
        assert wilson(0.0, n)[0] == 0.0
        assert wilson(1.0, n)[1] == 1.0


def test_logit_interval_stays_inside() -> None:
    low, high = logit_interval(0.9, 0.2, 0.95)
    assert 0.0 < low < 0.9 < high < 1.0
    assert math.log(9) == pytest.approx(
        (math.log(low / (1 - low)) + math.log(high / (1 - high))) / 2, rel=1e-9
    )
    assert logit_interval(1e-300, 0.5, 0.95) == (0.0, 1.0)


def test_log_interval() -> None:
    assert log_interval(2.0, 0.1, 2.0) == pytest.approx((2 * math.exp(-0.1), 2 * math.exp(0.1)))
    assert log_interval(1e-9, 1.0, 2.0) is None


def test_weighted_moments_equal_repeated_rows() -> None:
    values, counts = np.array([0.5, 1.0, 4.0]), np.array([3, 1, 2])
    rows = np.repeat(values, counts)
    mean, error, n = weighted_moments(values, counts)
    assert mean == pytest.approx(rows.mean(), rel=1e-15)
    assert error == pytest.approx(stats.sem(rows), rel=1e-14)
    assert n == 6
    assert weighted_moments(np.full(7, 0.1))[1] == 0.0
    assert weighted_moments(np.array([0.1]), np.array([1]))[1] is None


def test_two_rows_have_an_error_and_one_has_none() -> None:
    assert weighted_moments(np.array([1.0, 2.0]))[1] == pytest.approx(0.5, rel=1e-15)
    assert weighted_moments(np.array([1.0]))[1] is None


def test_a_share_that_does_not_vary_is_its_own_interval() -> None:
    result = unit_estimate(0.3, 0.0, 9, 0.95, 9, {})
    assert (result.value, result.standard_error, result.interval) == (0.3, 0.0, (0.3, 0.3))
