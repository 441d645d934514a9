from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.summaries.moments import Moments


def exact(values):
    """Mean and sums of powers of the deviations, in rational numbers."""
    numbers = [Fraction(value) for value in values]
    mean = sum(numbers) / len(numbers)
    return mean, *(sum((x - mean) ** k for x in numbers) for k in (2, 3, 4))


def moments_of(values):
    return Moments.of(np.sort(np.array(values, dtype=np.float64)))


def assert_close(found, values):
    mean, m2, m3, m4 = exact(values)
    scale = max(1.0, max(abs(v) for v in values))
    n = len(values)
    assert found.count == n
    assert found.mean == pytest.approx(float(mean), rel=1e-12, abs=1e-13 * scale)
    # each power is as exact as the largest deviation allows
    for value, truth, power in ((found.m2, m2, 2), (found.m3, m3, 3), (found.m4, m4, 4)):
        assert value == pytest.approx(float(truth), rel=1e-9, abs=1e-12 * n * scale**power)


lists = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(lists)
@settings(max_examples=60, deadline=None)
def test_of_equals_rational_numbers(values):
    assert_close(moments_of(values), values)


@given(st.lists(lists, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_merged_equals_direct(parts):
    merged = reduce(Moments.merge, map(moments_of, parts))
    assert_close(merged, [value for part in parts for value in part])


@given(lists)
@settings(max_examples=30, deadline=None)
def test_nothing_merges_to_the_same(values):
    found = moments_of(values)
    assert found.merge(Moments()) == found == Moments().merge(found)


def test_a_mean_far_from_zero_costs_no_digits():
    rng = np.random.default_rng(0)
    values = rng.normal(1e9, 1.0, 100_000)
    merged = reduce(Moments.merge, (moments_of(part) for part in np.array_split(values, 37)))
    assert merged.std == pytest.approx(float(np.std(values, ddof=1)), rel=1e-9)
    assert merged.kurtosis == pytest.approx(3.0, abs=0.1)


def test_variance_std_and_kurtosis():
    found = moments_of([1.0, 2.0, 4.0, 9.0])
    assert found.variance == pytest.approx(np.var([1, 2, 4, 9], ddof=1), rel=1e-14)
    assert found.std == pytest.approx(np.std([1, 2, 4, 9], ddof=1), rel=1e-14)
    d = np.array([1, 2, 4, 9]) - 4
    assert found.kurtosis == pytest.approx(np.mean(d**4) / np.mean(d**2) ** 2, rel=1e-14)


def test_without_spread():
    assert (Moments().variance, Moments().std, Moments().kurtosis) == (None, None, None)
    one = moments_of([3.0])
    assert (one.mean, one.variance, one.std, one.kurtosis) == (3.0, None, None, None)
    same = moments_of([3.0] * 7)
    assert (same.std, same.kurtosis) == (0.0, None)


@pytest.mark.parametrize("constant", [0.1, 1 / 3, 1e15 + 0.3, 1e-310])
def test_a_constant_has_exactly_no_spread(constant):
    assert moments_of([constant] * 1_001).m2 == 0.0


def test_sorted_values_give_the_same_digits_in_any_row_order():
    values = np.random.default_rng(1).normal(size=5_000)
    assert moments_of(values) == moments_of(values[::-1])


@pytest.mark.parametrize("large", [1e103, 1e155, 1e300, 1.7e308])
def test_large_values_neither_warn_nor_crash(large):
    """A sentinel such as the largest float is one bad value, no reason to stop (rows 48 and 51)."""
    for values in ([0.0, large], [-large, large], [large] * 3, [0.0] * 50 + [-large, large]):
        found = moments_of(values)
        assert found.mean == pytest.approx(math.fsum(v / len(values) for v in values), rel=1e-12)
        for number in (found.variance, found.std, found.kurtosis):
            assert number is None or math.isfinite(number)


@pytest.mark.parametrize("size", [1e80, 1e155, 1e300, 1e-90, 1e-160])
def test_merging_values_far_apart_does_not_crash(size):
    merged = moments_of([0.0, size]).merge(moments_of([3 * size]))
    assert merged.count == 3
    assert merged.mean == pytest.approx(4 * size / 3, rel=1e-12)
    for number in (merged.variance, merged.std, merged.kurtosis):
        assert number is None or math.isfinite(number)
