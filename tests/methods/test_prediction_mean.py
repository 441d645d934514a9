from __future__ import annotations

import math

import numpy as np
import pytest
from method_samples import numeric_pair
from scipy import stats

from driftcli.methods import METHODS
from driftcli.methods.prediction_mean import comparer, on_scale
from driftcli.model import MethodResult, Skip

MEAN = METHODS["prediction_mean"].compare


@pytest.mark.parametrize(
    ("location", "sizes"),
    [(0.0, (400, 300)), (-5.0, (50, 500)), (3.0, (2, 3)), (1e3, (1_000, 30))],
    ids=str,
)
def test_pvalue_is_welchs(location, sizes):
    rng = np.random.default_rng(13)
    reference, current = rng.normal(location, 1, sizes[0]), rng.normal(location + 0.1, 2, sizes[1])
    result = MEAN(*numeric_pair(reference, current))
    welch = stats.ttest_ind(current, reference, equal_var=False)
    assert result.statistic == pytest.approx(welch.statistic, rel=1e-9)
    assert result.pvalue == pytest.approx(welch.pvalue, rel=1e-9)
    shift = current.mean() - reference.mean()
    assert result.effect == pytest.approx(abs(shift) / reference.std(ddof=1), rel=1e-9)
    assert result.details["mean_shift"] == pytest.approx(shift, rel=1e-9)


def test_the_interval_is_welchs_in_units_of_the_reference():
    rng = np.random.default_rng(14)
    reference, current = rng.normal(0, 2, 200), rng.normal(1, 3, 150)
    result = MEAN(*numeric_pair(reference, current))
    ends = stats.ttest_ind(current, reference, equal_var=False).confidence_interval(0.95)
    unit = reference.std(ddof=1)
    assert result.interval == pytest.approx((ends.low / unit, ends.high / unit), rel=1e-9)


def test_the_interval_of_no_shift_begins_at_zero():
    values = np.random.default_rng(15).normal(size=100)
    result = MEAN(*numeric_pair(values, values))
    assert (result.effect, result.pvalue, result.interval[0]) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(("centre", "percent"), [(2.0, 50.0), (0.0, None), (-2.0, None)])
def test_the_relative_shift_is_told_for_a_positive_reference_mean_only(centre, percent):
    """The effect in standard deviations is the same around zero and below."""
    spread = np.tile([-1.0, 1.0], 50)
    result = MEAN(*numeric_pair(centre + spread, centre + 1 + spread))
    unit = math.sqrt(100 / 99)
    assert result.effect == pytest.approx(1 / unit, rel=1e-12)
    shown = result.details["mean_shift_pct"]
    assert shown == (None if percent is None else pytest.approx(percent, rel=1e-12))


@pytest.mark.parametrize(
    ("scale", "effect"), [("sd", 3 / math.sqrt(100 / 99)), ("relative", 0.75), ("absolute", 3.0)]
)
def test_scales(scale, effect):
    spread = np.tile([-1.0, 1.0], 50)
    result = on_scale(scale).compare(*numeric_pair(4 + spread, 1 + spread))
    assert result.effect == pytest.approx(effect, rel=1e-12)
    assert (result.details["scale"], result.details["mean_shift"]) == (scale, -3.0)
    low, high = result.interval
    assert low < result.effect < high


def test_the_scale_leaves_the_pvalue_alone():
    rng = np.random.default_rng(16)
    sides = numeric_pair(rng.normal(3, 1, 60), rng.normal(3.2, 1, 60))
    found = {comparer(scale)(*sides).pvalue for scale in ("sd", "relative", "absolute")}
    assert len(found) == 1


@pytest.mark.parametrize("mean", [0.0, -4.0])
def test_relative_to_a_mean_that_is_not_positive_is_no_verdict(mean):
    spread = np.tile([-1.0, 1.0], 50)
    result = comparer("relative")(*numeric_pair(mean + spread, mean + 1 + spread))
    assert result.skip == Skip("the reference mean is not positive")
    assert (result.effect, result.pvalue) == (None, None)


@pytest.mark.parametrize("scale", ["sd", "relative", "absolute"])
def test_the_same_constant_is_no_shift(scale):
    result = comparer(scale)(*numeric_pair(np.full(40, 2.0), np.full(50, 2.0)))
    assert (result.effect, result.pvalue, result.skip) == (0.0, 1.0, None)


@pytest.mark.parametrize(("base", "unit"), [(1e15, 0.125), (1.7e9, 2.0**-22), (-1e10, 2.0**-18)])
def test_the_shift_of_large_values_is_that_of_their_differences(base, unit):
    rng = np.random.default_rng(6)
    before, after = rng.integers(0, 8, (2, 5_000)) * unit
    after[:2_000] += unit
    small, large = (MEAN(*numeric_pair(at + before, at + after)) for at in (0.0, base))
    expected = (after.mean() - before.mean()) / before.std(ddof=1)
    assert large.effect == pytest.approx(expected, rel=1e-11)
    assert (large.effect, large.pvalue) == pytest.approx((small.effect, small.pvalue), rel=1e-9)
    assert METHODS["prediction_mean"].measure(*numeric_pair(base + before, base + after)) == (
        large.effect
    )


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1e15 + 0.3])
@pytest.mark.parametrize("rows", [30, 44, 1_001])
def test_the_mean_of_a_constant_may_not_round_into_a_shift(value, rows):
    same = MEAN(*numeric_pair(np.full(rows, value), np.full(500, value)))
    assert (same.effect, same.pvalue, same.skip) == (0.0, 1.0, None)
    moved = MEAN(*numeric_pair(np.full(rows, value), np.full(500, value + 0.5)))
    assert moved.skip == Skip("constant before")


def test_constant_before():
    result = MEAN(*numeric_pair(np.full(40, 2.0), np.full(50, 3.0)))
    assert result == MethodResult(
        "prediction_mean",
        None,
        None,
        None,
        40,
        50,
        details={"scale": "sd", "mean_shift": 1.0, "mean_shift_pct": 50.0},
        skip=Skip("constant before"),
    )


def test_two_constants_on_the_absolute_scale_differ_for_certain():
    result = comparer("absolute")(*numeric_pair(np.full(40, 2.0), np.full(50, 3.5)))
    assert (result.effect, result.pvalue, result.interval) == (1.5, 0.0, (1.5, 1.5))


def test_constant_now_is_a_shift_like_any_other():
    reference = np.tile([-1.0, 1.0], 50)
    result = MEAN(*numeric_pair(reference, np.full(70, 0.5)))
    welch = stats.ttest_1samp(reference, 0.5)
    assert result.pvalue == pytest.approx(welch.pvalue, rel=1e-9)
    assert result.effect == pytest.approx(0.5 / reference.std(ddof=1), rel=1e-12)


def test_infinite_values_are_left_out():
    values = np.random.default_rng(17).normal(size=50)
    odd = np.concatenate((values, [math.inf, -math.inf]))
    plain, mixed = MEAN(*numeric_pair(values, values + 1)), MEAN(*numeric_pair(odd, values + 1))
    assert mixed == plain
    assert mixed.n_reference == 50


@pytest.mark.parametrize("unit", [1e-300, 1e-90, 1e-3, 1e80, 1e155, 1e307])
def test_the_unit_of_the_column_does_not_matter(unit):
    """The answer is the same, or, where squares leave the range of floats, none; never a crash."""
    rng = np.random.default_rng(18)
    reference, current = rng.random(60), rng.random(60) + 0.2
    plain = MEAN(*numeric_pair(reference, current))
    scaled = MEAN(*numeric_pair(reference * unit, current * unit))
    if unit in (1e-3, 1e80):
        assert scaled.skip is None
    if scaled.skip is None:
        assert scaled.effect == pytest.approx(plain.effect, rel=1e-9)
        assert scaled.pvalue == pytest.approx(plain.pvalue, rel=1e-9)


def test_no_finite_values():
    expected = MethodResult(
        "prediction_mean", None, None, None, 3, 0, skip=Skip("no values in current")
    )
    assert MEAN(*numeric_pair([1.0, 2.0, 3.0], [math.inf])) == expected
