from __future__ import annotations

import math
import sys
import warnings

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_samples import numeric_pair, sort_everything
from scipy import special, stats

from driftcli.methods import METHODS
from driftcli.model import MethodResult, Skip

KS = METHODS["ks"].compare
SUBNORMAL = 5e-324


def kolmogorov_p(result):
    return result.details.get("pvalue_kolmogorov", result.pvalue)


def present(values):
    return [value for value in values if not math.isnan(value)]


def scipy_exact(reference, current):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = stats.ks_2samp(reference, current, method="exact")
    # scipy gives up, with a warning, where rounding takes its probability above 1
    return float(result.statistic), 1.0 if caught else float(result.pvalue)


def continuous(rng, n, m):
    return rng.normal(size=n), rng.normal(0.2, 1.1, size=m)


def tied(rng, n, m):
    return rng.normal(size=n).round(1), rng.normal(0.2, 1, size=m).round(1)


def coarse(rng, n, m):
    return rng.integers(0, 6, n) * 1.0, rng.integers(0, 7, m) * 1.0


def zero_inflated(rng, n, m):
    return rng.exponential(size=n) * (rng.random(n) < 0.4), rng.exponential(size=m) * (
        rng.random(m) < 0.5
    )


SHAPES = [continuous, tied, coarse, zero_inflated]


@pytest.mark.parametrize(
    "sizes", [(2, 2), (3, 5), (1, 40), (60, 60), (211, 97), (900, 450)], ids=str
)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_equals_scipys_exact_test(shape, sizes):
    reference, current = shape(np.random.default_rng(sum(sizes)), *sizes)
    result = KS(*numeric_pair(reference, current))
    d, p = scipy_exact(reference, current)
    assert result.statistic == result.effect == pytest.approx(d, abs=1e-12)
    assert kolmogorov_p(result) == pytest.approx(p, abs=1e-9)
    assert (result.n_reference, result.n_current, result.error_bound) == (*sizes, 0.0)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_equals_scipys_distance_and_the_limit_on_many_rows(shape):
    n, m = 50_000, 20_011
    reference, current = shape(np.random.default_rng(7), n, m)
    # more distinct values than edges, so that buckets must be looked into
    result = KS(*numeric_pair(reference, current))
    d = float(stats.ks_2samp(reference, current, method="asymp").statistic)
    assert result.statistic == pytest.approx(d, abs=1e-12)
    expected = special.kolmogorov(d * math.sqrt(n * m / (n + m)))
    assert kolmogorov_p(result) == pytest.approx(expected, rel=1e-9)


def test_a_small_difference_inside_one_bucket_is_found():
    """Between two edges all of current lies left of all of the reference."""
    reference = np.arange(20_000.0)
    current = reference.copy()
    current[10_000:10_003] = 9_999.5
    assert KS(*numeric_pair(reference, current)).statistic == pytest.approx(3 / 20_000, abs=1e-15)


ODD = [0.0, -0.0, math.inf, -math.inf, math.nan, -math.nan, SUBNORMAL, -SUBNORMAL]
ODD += [2.2250738585072014e-308, sys.float_info.max, -sys.float_info.max, 1.0]
odd_floats = st.one_of(st.sampled_from(ODD), st.floats(), st.integers(-3, 3).map(float))
odd_lists = st.lists(odd_floats, min_size=1, max_size=60).filter(present)


@given(odd_lists, odd_lists)
@settings(max_examples=150, deadline=None)
def test_exact_on_adversarial_floats(reference, current):
    result = KS(*numeric_pair(np.array(reference), np.array(current)))
    before, after = present(reference), present(current)
    assert result.statistic == pytest.approx(sort_everything(before, after), abs=1e-15)
    assert (result.n_reference, result.n_current) == (len(before), len(after))
    assert 0.0 <= result.pvalue <= 1.0


LARGE = 2**53
large_ints = st.lists(
    st.one_of(
        st.integers(LARGE - 3, LARGE + 3), st.integers(-(2**63), 2**63 - 1), st.integers(-2, 2)
    ),
    min_size=1,
    max_size=40,
)


@given(large_ints, large_ints)
@settings(max_examples=100, deadline=None)
def test_integers_are_compared_as_integers(reference, current):
    sides = (pa.array(side, pa.int64()) for side in (reference, current))
    result = KS(*numeric_pair(*sides, dtype=np.int64))
    assert result.statistic == pytest.approx(sort_everything(reference, current), abs=1e-15)


@given(*[st.lists(st.integers(2**64 - 40, 2**64 - 1), min_size=1, max_size=40)] * 2)
@settings(max_examples=50, deadline=None)
def test_unsigned_integers_are_compared_as_integers(reference, current):
    sides = (pa.array(side, pa.uint64()) for side in (reference, current))
    result = KS(*numeric_pair(*sides, dtype=np.uint64))
    assert result.statistic == pytest.approx(sort_everything(reference, current), abs=1e-15)


def test_neighbouring_integers_beyond_2_to_the_53_differ():
    sides = [pa.array([number] * 40) for number in (9007199254740993, 9007199254740992)]
    assert KS(*numeric_pair(*sides, dtype=np.int64)).statistic == 1.0


def test_plus_and_minus_zero_are_one_value_and_nan_is_missing():
    before, after = numeric_pair(
        np.array([0.0, -0.0, math.nan, -math.nan]), np.array([-0.0, -math.nan])
    )
    result = KS(before, after)
    assert (result.statistic, result.n_reference, result.n_current) == (0.0, 2, 1)
    assert (before.missing, after.missing) == (2, 1)


@pytest.mark.parametrize(("old", "new", "d"), [(3.0, 3.0, 0.0), (3.0, 4.0, 1.0)])
def test_constants(old, new, d):
    result = KS(*numeric_pair(np.full(50, old), np.full(50, new)))
    assert (result.statistic, result.effect) == (d, d)
    assert result.pvalue == 1.0 if d == 0 else result.pvalue < 1e-20


def test_infinities_are_ordered_ends():
    sides = np.array([-math.inf, 0.0, 1.0, math.inf]), np.array([-math.inf, math.inf, math.inf, 1])
    assert KS(*numeric_pair(*sides)).statistic == 0.25


def test_few_values_take_pearsons_p():
    rng = np.random.default_rng(1)
    reference, current = rng.integers(0, 5, 400), rng.integers(0, 5, 300)
    result = KS(*numeric_pair(reference * 1.0, current * 1.0))
    table = [[np.sum(side == value) for value in range(5)] for side in (reference, current)]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert result.pvalue == pytest.approx(expected, rel=1e-9)
    assert result.details["pvalue_method"] == "pearson"
    assert result.details["pvalue_kolmogorov"] == pytest.approx(
        scipy_exact(reference, current)[1], abs=1e-9
    )


@pytest.mark.parametrize(("distinct", "method"), [(20, "pearson"), (21, None)])
def test_few_ends_at_20_values_of_the_reference(distinct, method):
    reference = np.repeat(np.arange(distinct) * 1.0, 10)
    result = KS(*numeric_pair(reference, np.repeat(np.arange(40) * 1.0, 10)))
    assert result.details.get("pvalue_method") == method


def test_too_few_rows_for_pearson_leave_kolmogorovs_p():
    result = KS(*numeric_pair(np.array([1.0, 2.0, 3.0]), np.array([0.99, 1.99])))
    assert result.pvalue == pytest.approx(0.6, abs=1e-14)
    assert "pvalue_method" not in result.details


def test_the_interval_is_the_kolmogorov_band():
    rng = np.random.default_rng(2)
    result = KS(*numeric_pair(rng.random(300), rng.random(200)))
    reach = special.kolmogi(0.05) * math.sqrt(1 / 300 + 1 / 200)
    low, high = result.interval
    assert low == pytest.approx(max(0.0, result.effect - reach), abs=1e-9)
    assert high == pytest.approx(result.effect + reach, abs=1e-9)


def test_the_interval_stays_in_the_unit_interval():
    result = KS(*numeric_pair(np.arange(30.0), np.arange(30.0) + 100))
    assert result.interval[1] == 1.0
    result = KS(*numeric_pair(np.arange(30.0), np.arange(30.0)))
    assert result.interval[0] == 0.0


def test_the_place_of_the_largest_difference():
    result = KS(
        *numeric_pair(np.arange(100.0), np.concatenate((np.arange(50.0), np.full(50, 99.0))))
    )
    # up to 98 the reference has 99 of 100 rows, current 50
    assert (result.statistic, result.details["at"]) == (pytest.approx(0.49, abs=1e-15), 98.0)


@pytest.mark.parametrize(
    ("reference", "current", "reason", "harmless"),
    [
        ([1.0], [], "no values in current", False),
        ([math.nan], [1.0, 2.0], "no values in the reference", False),
        ([], [math.nan], "no values on either side", True),
    ],
)
def test_no_values(reference, current, reason, harmless):
    sides = numeric_pair(np.array(reference, float), np.array(current, float))
    n, m = len(present(reference)), len(present(current))
    expected = MethodResult("ks", None, None, None, n, m, skip=Skip(reason, harmless))
    assert KS(*sides) == expected


def test_few_values_tell_the_place_as_well():
    result = KS(*numeric_pair(np.repeat([1.0, 2.0, 3.0], 20), np.repeat([1.0, 3.0, 3.0], 20)))
    assert set(result.details) == {"at", "pvalue_kolmogorov", "pvalue_method"}
    assert result.details["at"] == 2.0
