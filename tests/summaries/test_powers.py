"""Sums of powers against rational numbers, and the same for any order, split and repetition."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from driftcli.summaries.grid import scale_of
from driftcli.summaries.moments import Moments
from driftcli.summaries.multiset import Multiset, tally
from driftcli.summaries.powers import BITS, BLOCK, FAR, LIMB, TIER, PowerSums, Scale, power_sums

LARGEST, LEAST = sys.float_info.max, 5e-324
ODD = [0.0, LEAST, -LEAST, 2.2e-308, 1e-160, -1e-90, 1.0, 1e15 + 0.3, 1e103, -1e155]
ODD += [LARGEST, -LARGEST, 1e300]
finite = st.one_of(
    st.integers(-4, 4).map(float),
    st.floats(-10, 10),
    st.sampled_from(ODD),
    st.floats(allow_nan=False, allow_infinity=False),
)
lists = st.lists(finite, min_size=1, max_size=30)


def ordered(values, dtype=np.float64):
    # as the kernel gets them, without a negative zero
    return np.sort(np.array(values, dtype=dtype) + dtype(0))


def scale_for(values, dtype=np.float64):
    return scale_of(Multiset(ordered(values, dtype)), 4)


def moments_of(values, scale=None, dtype=np.float64):
    scale = scale or scale_for(values, dtype)
    return power_sums(ordered(values, dtype), scale).moments(scale)


def exact(values):
    """Mean and sums of powers of the deviations, in rational numbers."""
    numbers = [Fraction(value) for value in values]
    mean = sum(numbers) / len(numbers)
    return mean, *(sum((x - mean) ** k for x in numbers) for k in (2, 3, 4))


def half_a_digit(number):
    """How far rounding to the nearest float may lead."""
    return Fraction(LEAST) + abs(number) * Fraction(1, 2**53)


def root(number):
    """A square root from above, of a rational number of any size."""
    bits = max(0, 300 - number.numerator.bit_length() + number.denominator.bit_length())
    bits += bits % 2
    whole = number.numerator * 2**bits // number.denominator
    return Fraction(math.isqrt(whole) + 1, 2 ** (bits // 2))


class Limits:
    """How far the sums may be off: what rounding every distance once to its unit can do.

    Within reach r = 2**exponent of the centre the unit of a distance is r 2**-57, and a square is
    rounded to r**2 2**-38; beyond, with r at most 2**6 times the distance. A float's own rounding
    comes on top, once for the distance and, for large whole numbers, once for the value.
    """

    def __init__(self, values, scale):
        center = Fraction(scale.center)
        self.shifts, self.cubes, self.fourths = [], [], []
        for value in values:
            away = abs(Fraction(value) - center)
            reach = max(Fraction(2) ** scale.exponent, away * 2**TIER)
            shift = reach / 2 ** (BITS + LIMB) + half_a_digit(away)
            if isinstance(value, int):
                shift += half_a_digit(value)
            self.shifts.append(shift)
            # z = b + c with |c| a unit of 2**-38 at most; the square of b is rounded once
            square = reach**2 / 2**BITS
            unit = reach / 2**BITS
            self.cubes.append((away + unit) * square + 3 * (away + unit) ** 2 * unit)
            self.fourths.append(
                2 * (away + unit) ** 2 * square + square**2 + 4 * (away + unit) ** 3 * unit
            )
        self.mean = sum(self.shifts) / len(self.shifts)

    def hold(self, found, values, scale):
        mean, m2, m3, m4 = exact(values)
        assert found.count == len(values)
        near(found.mean, mean, self.mean)
        # by the triangle inequality of root sums of squares
        off = root(sum(s * s for s in self.shifts))
        near(found.m2, m2, 2 * off * root(m2) + off**2)
        center = abs(mean - Fraction(scale.center)) + self.mean
        if math.inf in (found.m3, found.m4) and center**2 * len(values) * 2 > m2 * FAR:
            assert found.m3 == found.m4 == math.inf
            return
        third = (
            sum(self.cubes)
            + 3 * center * off * (2 * root(m2) + off)
            + 9 * center**2 * (sum(self.shifts))
        )
        near(found.m3, m3, 2 * third)
        fourth = (
            sum(self.fourths)
            + 4 * center * sum(self.cubes)
            + 12 * center**2 * (off * (2 * root(m2) + off) + center * sum(self.shifts))
        )
        near(found.m4, m4, 2 * fourth)


def near(found, truth, limit):
    if math.isinf(found):
        assert abs(truth) + limit > Fraction(LARGEST)
        assert abs(truth) <= limit or (found > 0) == (truth > 0)
    else:
        assert abs(Fraction(found) - truth) <= limit + half_a_digit(truth) + half_a_digit(limit)


@given(lists)
@settings(max_examples=60, deadline=None)
def test_equals_rational_numbers(values):
    scale = scale_for(values)
    Limits(values, scale).hold(moments_of(values), values, scale)


@given(lists, finite, st.integers(-1074, 1023))
@settings(max_examples=100, deadline=None)
def test_any_scale_measures_any_values(values, center, exponent):
    """Current is measured on the reference's scale, however far from it, and however fine."""
    assume(exponent >= 0 or abs(center) < 2.0**970)  # two such floats lie farther apart
    scale = Scale(center, exponent)
    Limits(values, scale).hold(moments_of(values, scale), values, scale)


integers = st.one_of(
    st.integers(-3, 3), st.integers(2**53 - 2, 2**53 + 2), st.integers(-(2**63), 2**63 - 1)
)


@given(st.lists(integers, min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_whole_numbers_are_measured_as_floats(values):
    scale = scale_for(values, np.int64)
    Limits(values, scale).hold(moments_of(values, dtype=np.int64), values, scale)


@given(lists, st.randoms(use_true_random=False), st.lists(st.integers(0, 30), max_size=4))
@settings(max_examples=60, deadline=None)
def test_order_and_split_change_no_digit(values, random, cuts):
    scale = scale_for(values)
    expected = power_sums(ordered(values), scale)
    shuffled = [value + 0.0 for value in values]
    random.shuffle(shuffled)
    parts = [power_sums(np.sort(p), scale) for p in np.split(np.array(shuffled), sorted(cuts))]
    assert reduce(add, parts) == expected
    assert reduce(add, reversed(parts)) == expected
    assert parts[0] + (parts[-1] + PowerSums()) == (PowerSums() + parts[-1]) + parts[0]


@given(st.lists(st.tuples(finite, st.integers(1, 9)), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_values_that_repeat_count_so_often(pairs):
    values = ordered([value for value, times in pairs for _ in range(times)])
    scale = scale_of(Multiset(values), 4)
    assert power_sums(*tally(values)[:1], scale, tally(values)[1]) == power_sums(values, scale)


def test_a_value_may_repeat_2_to_the_40_times():
    scale = Scale(0.0, 3)
    often = power_sums(np.array([1.5, 4.0]), scale, np.array([2**40, 2**40 + 1]))
    once = power_sums(np.array([1.5, 4.0]), scale)
    more = power_sums(np.array([4.0]), scale)
    assert often == reduce(add, [PowerSums(*(2**40 * part for part in fields(once))), more])


def fields(sums):
    return sums.count, sums.first, sums.second, sums.third, sums.fourth


def test_blocks_are_exact_at_the_end_of_the_reach():
    """Where the limbs are largest their sums must still be whole numbers below 2**53."""
    n = 3 * BLOCK + 5
    for value in (1.0, -1.0, 1 - 2.0**-53, 2.0**-19 - 2.0**-57, 0.7):
        one = power_sums(np.array([value]), Scale(0.0, 0))
        many = power_sums(np.full(n, value), Scale(0.0, 0))
        assert fields(many) == tuple(n * part for part in fields(one))


def test_many_rows_in_any_order_and_split():
    rng = np.random.default_rng(0)
    values = np.concatenate((rng.lognormal(0, 2, 50_000), [1e9, 1e300, -LARGEST, LARGEST]))
    scale = scale_of(Multiset(np.sort(values)), 4)
    expected = power_sums(np.sort(values), scale)
    rng.shuffle(values)
    parts = np.split(values, [7, 8, 20_000, 36_384, 50_001])
    assert reduce(add, (power_sums(np.sort(part), scale) for part in parts)) == expected


def test_moments_of_many_rows_to_the_last_digits():
    rng = np.random.default_rng(1)
    values = rng.normal(5, 2, 20_000)
    found = moments_of(values)
    mean, m2, m3, m4 = map(float, exact(values.tolist()))
    assert found.mean == mean
    assert found.m2 == pytest.approx(m2, rel=2e-16)
    # squares are rounded to 38 bits of some 24 standard deviations: to 1e-9 of the variance
    assert found.m3 == pytest.approx(m3, abs=1e-9 * m2**1.5 / len(values) ** 0.5)
    assert found.m4 == pytest.approx(m4, rel=1e-10)


def test_a_mean_far_from_zero_costs_no_digits():
    rng = np.random.default_rng(2)
    values = rng.normal(1e9, 1.0, 20_000)
    found = moments_of(values)
    mean, m2, _, m4 = map(float, exact(values.tolist()))
    assert (found.mean, found.m2) == (mean, pytest.approx(m2, rel=2e-16))
    assert found.m4 == pytest.approx(m4, rel=1e-10)


@pytest.mark.parametrize("sentinel", [1e12, -1e300, LARGEST])
def test_one_absurd_value_leaves_the_digits_of_the_others(sentinel):
    rng = np.random.default_rng(3)
    values = rng.normal(size=5_000)
    scale = scale_for(values)
    alone, spoilt = (power_sums(ordered(v), scale) for v in (values, [*values, sentinel]))
    back = reduce(add, [spoilt, negative(power_sums(np.array([sentinel]), scale))])
    assert back == alone


def negative(sums):
    return PowerSums(*(-part for part in fields(sums)))


@pytest.mark.parametrize("constant", [0.1, 1 / 3, 1e15 + 0.3, 1e-310, -LARGEST, LEAST, 0.0])
def test_a_constant_has_exactly_no_spread(constant):
    found = moments_of([constant] * 1_001)
    assert (found.mean, found.m2, found.std) == (constant, 0.0, 0.0)


@given(st.floats(-20, 20), st.integers(2, 400))
@settings(max_examples=60, deadline=None)
def test_a_constant_has_exactly_no_spread_on_any_scale(constant, rows):
    """Current that stands still is constant, though the reference was not."""
    assert moments_of([constant] * rows, Scale(0.123, 4)).m2 == 0.0


@pytest.mark.parametrize("large", [1e103, 1e155, 1e300, LARGEST])
def test_large_values_neither_warn_nor_crash(large):
    """A sentinel such as the largest float is one bad value, no reason to stop (rows 48 and 51)."""
    for values in ([0.0, large], [-large, large], [large] * 3, [0.0] * 50 + [-large, large]):
        found = moments_of(values)
        assert found.mean == pytest.approx(float(exact(values)[0]), rel=1e-15)
        for number in (found.variance, found.std, found.kurtosis):
            assert number is None or math.isfinite(number)


@pytest.mark.parametrize(("away", "known"), [(100, True), (127, True), (129, False), (1e9, False)])
def test_far_from_the_reference_the_higher_moments_are_not_known(away, known):
    """128 standard deviations from the centre its square leaves too little of a rounded square."""
    found = moments_of([away - 1.0, away + 1.0], Scale(0.0, 7))
    assert (found.mean, found.m2) == (away, 2.0)
    assert (math.isfinite(found.m3), math.isfinite(found.m4)) == (known, known)
    assert not known or found.kurtosis == pytest.approx(1.0, abs=1e-4)


@given(lists)
@settings(max_examples=60, deadline=None)
def test_two_powers_are_the_first_two_of_four(values):
    four = scale_for(values)
    two = replace(four, degree=2)
    sums = power_sums(ordered(values), four)
    assert power_sums(ordered(values), two) == replace(sums, third=0, fourth=0)
    found, whole = moments_of(values, two), moments_of(values, four)
    assert found == replace(whole, m3=math.inf, m4=math.inf)
    assert (found.std, found.kurtosis) == (whole.std, None)


@pytest.mark.parametrize(
    ("quantiles", "expected"),
    [
        ((-9.0, -1.0, 0.0, 1.0, 9.0), Scale(0.0, 3)),
        ((0.0, 0.0, 1.0, 9.0, 1e300), Scale(1.0, 6)),
        ((7.0, 7.0, 7.0, 7.0, 7.0), Scale(7.0, 5)),
        ((0.0, 0.0, 0.0, 0.0, 0.0), Scale(0.0, 3)),
        # but for one row in a thousand all are alike: the others set the unit
        ((0.0, 0.0, 0.0, 0.0, 2.0**-30), Scale(0.0, -27)),
        ((7.0, 8.0, 8.0, 8.0, 8.5), Scale(8.0, 3)),
        ((-LARGEST, -LARGEST, 0.0, LARGEST, LARGEST), Scale(0.0, 1023)),
        ((-LARGEST, -LARGEST, -LARGEST, LARGEST, LARGEST), Scale(-LARGEST, 1023)),
        ((0.0, 0.0, 0.0, LEAST, LEAST), Scale(0.0, -1071)),
    ],
)
def test_the_scale_reaches_beyond_the_quantiles(quantiles, expected):
    assert Scale.of(quantiles, 4) == expected
    assert Scale.of(quantiles, 2) == replace(expected, degree=2)


def test_a_few_small_values_among_zeros_keep_their_digits():
    values = [0.0] * 4_995 + [1e-20, 2e-20, 3e-20, 4e-20, 5e-20]
    found = moments_of(values)
    mean, m2, *_ = map(float, exact(values))
    assert (found.mean, found.m2) == (pytest.approx(mean, rel=1e-15), pytest.approx(m2, rel=1e-15))


def test_nothing():
    assert power_sums(np.empty(0), Scale()) == PowerSums()
    assert PowerSums().moments(Scale(3.0, 2)) == Moments()
