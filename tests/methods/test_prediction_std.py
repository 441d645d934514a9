from __future__ import annotations

import math

import numpy as np
import pytest
from method_samples import fold, numeric_pair
from scipy import stats

from driftcli.methods import METHODS
from driftcli.methods.prediction_std import log_std_variance
from driftcli.model import MethodResult, Skip

STD = METHODS["prediction_std"].compare


def kurtosis(row):
    found = fold(row).finish().moments.kurtosis
    assert found is not None
    return found


def test_z_is_the_delta_method_on_the_logarithm():
    rng = np.random.default_rng(19)
    reference, current = rng.normal(size=300), rng.exponential(1.3, size=200)
    result = STD(*numeric_pair(reference, current))
    deviations = np.concatenate([side - side.mean() for side in (reference, current)])
    merged = len(deviations) * (deviations**4).sum() / (deviations**2).sum() ** 2
    variance = sum((merged - (n - 3) / (n - 1)) / (4 * n) for n in (300, 200))
    log_ratio = math.log(current.std(ddof=1) / reference.std(ddof=1))
    z, reach = log_ratio / math.sqrt(variance), stats.norm.isf(0.025) * math.sqrt(variance)
    assert result == MethodResult(
        "prediction_std",
        pytest.approx(z, rel=1e-9),
        pytest.approx(abs(log_ratio), rel=1e-9),
        pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9),
        300,
        200,
        interval=pytest.approx(
            (max(0.0, abs(log_ratio) - reach), abs(log_ratio) + reach), rel=1e-9
        ),
    )


def test_direction():
    rng = np.random.default_rng(20)
    narrow, wide = rng.normal(size=200), 2 * rng.normal(size=200)
    up, down = STD(*numeric_pair(narrow, wide)), STD(*numeric_pair(wide, narrow))
    # each direction measures in units of its own reference, fourth powers to nine digits
    assert up.statistic == pytest.approx(-down.statistic, rel=1e-9)
    assert up.effect == pytest.approx(down.effect, rel=1e-12)


@pytest.mark.parametrize("draw", ["normal", "uniform", "exponential"])
def test_the_variance_of_ln_sd_against_a_simulation(draw):
    rng, n, draws = np.random.default_rng(21), 2_000, 4_000
    samples = getattr(rng, draw)(size=(draws, n))
    observed = float(np.var(np.log(samples.std(axis=1, ddof=1))))
    expected = np.mean([log_std_variance(kurtosis(row), n) for row in samples[:400]])
    # the variance of a variance of 4,000 nearly normal values: sqrt(2 / 4,000) = 2.2 %; a heavy
    # tail biases the sample's fourth moment low by some more percent
    limit = {"normal": 0.09, "uniform": 0.09, "exponential": 0.13}[draw]
    assert expected == pytest.approx(observed, rel=limit)


def test_false_alarms_under_no_change():
    rng, draws = np.random.default_rng(22), 1_000
    rejected = sum(
        STD(*numeric_pair(rng.normal(size=400), rng.normal(size=300))).pvalue < 0.05
        for _ in range(draws)
    )
    # four binomial standard deviations around 5 %
    assert abs(rejected - 50) <= 4 * math.sqrt(draws * 0.05 * 0.95)


@pytest.mark.parametrize(
    ("reference", "current", "reason"),
    [([2.0, 2.0], [1.0, 3.0], "constant before"), ([1.0, 3.0], [2.0, 2.0], "constant now")],
)
def test_a_constant_side_is_no_verdict(reference, current, reason):
    result = STD(*numeric_pair(np.tile(reference, 20), np.tile(current, 20)))
    assert (result.effect, result.pvalue, result.skip) == (None, None, Skip(reason))


def test_two_constants_have_the_same_spread():
    result = STD(*numeric_pair(np.full(40, 2.0), np.full(50, 7.0)))
    assert (result.statistic, result.effect, result.pvalue) == (0.0, 0.0, 1.0)
    assert result.interval == (0.0, 0.0)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1e15 + 0.3])
@pytest.mark.parametrize("rows", [30, 44, 1_001])
def test_the_mean_of_a_constant_may_not_round_into_a_spread(value, rows):
    result = STD(*numeric_pair(np.full(rows, value), np.full(500, value)))
    assert (result.effect, result.pvalue, result.skip) == (0.0, 1.0, None)


def test_two_coins_have_a_spread_without_error_and_json_never_sees_infinity():
    """A fair coin's sd varies in a higher order only: the delta method sees nearly none."""
    result = STD(*numeric_pair(np.tile([0.0, 1.0], 50), np.tile([0.0, 3.0], 50)))
    assert result.effect == pytest.approx(math.log(3), rel=1e-12)
    assert result.pvalue < 1e-10
    assert result.statistic is None or math.isfinite(result.statistic)


@pytest.mark.parametrize("unit", [1e-90, 1e-3, 1e70, 1e155, 1e307])
def test_the_unit_of_the_column_does_not_matter(unit):
    """The answer is the same, or, where powers leave the range of floats, none; never a crash."""
    rng = np.random.default_rng(23)
    reference, current = rng.random(60), rng.random(60) * 1.5
    plain = STD(*numeric_pair(reference, current))
    scaled = STD(*numeric_pair(reference * unit, current * unit))
    if unit in (1e-3, 1e70):
        assert scaled.skip is None
    if scaled.skip is None:
        assert scaled.effect == pytest.approx(plain.effect, rel=1e-9)
        assert scaled.pvalue == pytest.approx(plain.pvalue, rel=1e-9)


def test_no_finite_values():
    expected = MethodResult(
        "prediction_std", None, None, None, 0, 2, skip=Skip("no values in the reference")
    )
    assert STD(*numeric_pair([math.inf], [1.0, 2.0])) == expected


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        ((1e200, 1e200), "the spread is beyond the range of floats"),
        ((1.0, 1e200), "the spread is beyond the range of floats"),
        ((1e-100, 1e100), "the fourth moment is beyond the range of floats"),
    ],
)
def test_powers_beyond_the_range_of_floats_are_no_verdict(units, reason):
    rng = np.random.default_rng(23)
    sides = [rng.random(60) * unit for unit in units]
    result = STD(*numeric_pair(*sides))
    assert result == MethodResult("prediction_std", None, None, None, 60, 60, skip=Skip(reason))


def test_a_drop_of_the_spread_counts_as_its_growth():
    rng = np.random.default_rng(20)
    narrow, wide = rng.normal(size=200), 2 * rng.normal(size=200)
    assert STD(*numeric_pair(narrow, wide)).statistic > 0
    assert STD(*numeric_pair(wide, narrow)).statistic < 0


@pytest.mark.parametrize("unit", [1e-170, 1e-200])
def test_a_spread_whose_square_is_below_the_range_of_floats_is_not_the_same_spread(unit):
    values, constant = unit * np.arange(1.0, 60.0), np.full(59, unit)
    for sides in ((values, 1.5 * values), (values, constant), (constant, values)):
        pair = numeric_pair(*sides)
        result = STD(*pair)
        assert (result.effect, result.pvalue) == (None, None)
        assert result.skip == Skip("the spread is below the range of floats")
        assert METHODS["prediction_std"].measure(*pair) is None
    assert STD(*numeric_pair(constant, constant)).effect == 0.0
