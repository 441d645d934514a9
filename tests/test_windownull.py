from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from driftcli.windownull import adjusted, needed, pvalues, standing

NAN = math.nan


def effects(**limits):
    """Tables of whole effects, the last row being current, with ties, zeros and gaps."""
    shape = st.tuples(st.integers(2, 40), st.integers(1, 6))
    values = st.sampled_from([NAN, 0.0, 0.0, *range(limits.get("least", 0), 33)])
    return shape.flatmap(lambda shape: arrays.arrays(float, shape, elements=values))


def whole(table):
    return table[:, ~np.isnan(table).any(axis=0)]


def naive(past, now):
    """Return the adjusted p-values by loops over checks and windows."""
    alone = [rank(past[:, c], now[c]) for c in range(now.size)]
    loud = [loudness([*past[:, c], now[c]]) for c in range(now.size)]
    result, largest = [NAN] * now.size, 0.0
    left = [c for c in range(now.size) if not math.isnan(alone[c])]
    while left:
        top = max(loud[c][-1] for c in left)
        maxima = []
        for w in range(len(past)):
            there = [loud[c][w] for c in left if not math.isnan(loud[c][w])]
            maxima += [max(there)] if there else []
        largest = max(largest, (1 + sum(m >= top for m in maxima)) / (len(maxima) + 1))
        for c in [c for c in left if loud[c][-1] == top]:
            result[c] = max(largest, alone[c])
            left.remove(c)
    return np.array(result)


def rank(past, now):
    there = [t for t in past if not math.isnan(t)]
    if math.isnan(now) or not there:
        return NAN
    return (1 + sum(t >= now for t in there)) / (len(there) + 1)


def loudness(values):
    there = sorted(v for v in values if not math.isnan(v))
    if not there:
        return values
    n = len(there)
    median = there[math.ceil(n / 2) - 1]
    if there[math.ceil(n * 9 / 10) - 1] > median:
        scale = there[math.ceil(n * 19 / 20) - 1] - median
    else:
        scale = 10 * sum(abs(v - median) for v in there) / n
    return [(v - median) / (scale or 1.0) for v in values]


# how many windows


@pytest.mark.parametrize(
    ("alpha", "windows"),
    [(0.05, 20), (0.01, 100), (0.1, 10), (0.9, 1), (math.nextafter(1 / 9, 1), 8)],
)
def test_needed(alpha, windows):
    assert needed(alpha) == windows


@given(alpha=st.one_of(st.floats(1e-6, 0.999999), st.integers(2, 10**6).map(lambda n: 1.0 / n)))
def test_needed_is_the_fewest(alpha):
    windows = needed(alpha)
    assert 1.0 / (windows + 1) < alpha
    assert windows == 1 or 1.0 / windows >= alpha


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, NAN])
def test_needed_of_no_alpha(alpha):
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1"):
        needed(alpha)


# one check


PAST = np.array([[1.0, 1.0, NAN], [2.0, NAN, NAN], [3.0, 5.0, NAN]])


@pytest.mark.parametrize(
    ("now", "expected", "smaller"),
    [
        ([4.0, 4.0, 4.0], [1 / 4, 2 / 3, NAN], [3, 1, 0]),
        ([3.0, 9.0, NAN], [2 / 4, 1 / 3, NAN], [2, 2, 0]),
        ([0.0, NAN, 0.0], [4 / 4, NAN, NAN], [0, 0, 0]),
    ],
)
def test_ranks_by_hand(now, expected, smaller):
    np.testing.assert_array_equal(pvalues(PAST, np.array(now)), expected)
    larger_than, of = standing(PAST, np.array(now))
    assert (larger_than.tolist(), of.tolist()) == (smaller, [3, 2, 0])


@given(table=effects())
def test_rank_and_standing_agree(table):
    past, now = table[:-1], table[-1]
    larger_than, of = standing(past, now)
    known = ~np.isnan(now) & (of > 0)
    expected = np.where(known, (1 + of - larger_than) / (of + 1.0), NAN)
    np.testing.assert_array_equal(pvalues(past, now), expected)


@pytest.mark.parametrize("function", [pvalues, adjusted])
def test_no_windows_no_pvalue(function):
    for past in (np.empty((0, 2)), np.full((3, 2), NAN)):
        np.testing.assert_array_equal(function(past, np.array([1.0, 2.0])), [NAN, NAN])
    assert function(np.empty((4, 0)), np.empty(0)).shape == (0,)


# all checks together


def test_two_checks_by_hand():
    # medians 2 and 2, ones at 5 and 9 in distances 3 and 7
    past = np.array([[1.0, 1.0], [2.0, 9.0], [3.0, 2.0], [1.0, 1.0]])
    now = np.array([5.0, 3.0])
    # the first: z 1, which the second window's 1 equals; the second: z 1/7 after one of four
    np.testing.assert_array_equal(adjusted(past, now), [2 / 5, 2 / 5])
    # without that window's loud second check
    past[1, 1] = 2.0
    np.testing.assert_array_equal(adjusted(past, now), [1 / 5, 1 / 5])


@given(table=effects(least=-8))
@settings(max_examples=200, deadline=None)
def test_equals_the_loops(table):
    past, now = table[:-1], table[-1]
    np.testing.assert_array_equal(adjusted(past, now), naive(past, now))


@given(table=effects())
def test_bounds(table):
    past, now = table[:-1], table[-1]
    p, alone = adjusted(past, now), pvalues(past, now)
    known = ~np.isnan(alone)
    np.testing.assert_array_equal(np.isnan(p), ~known)
    assert (p[known] >= alone[known]).all()
    assert (p[known] <= 1.0).all()
    assert (p[known] >= 1.0 / (len(past) + 1)).all()


@given(table=effects(least=-8))
def test_one_check_needs_no_adjustment(table):
    past, now = table[:-1, :1], table[-1, :1]
    np.testing.assert_array_equal(adjusted(past, now), pvalues(past, now))


@given(table=effects(), data=st.data())
def test_order_does_not_matter(table, data):
    past, now = table[:-1], table[-1]
    windows = data.draw(st.permutations(range(len(past))))
    checks = data.draw(st.permutations(range(now.size)))
    shuffled = adjusted(past[windows][:, checks], now[checks])
    np.testing.assert_array_equal(shuffled, adjusted(past, now)[checks])


@given(table=effects(), power=st.integers(-60, 60), shift=st.integers(-1000, 1000))
def test_units_do_not_matter(table, power, shift):
    expected = adjusted(table[:-1], table[-1])
    table[:, 0] = (table[:, 0] + shift) * 2.0**power
    np.testing.assert_array_equal(adjusted(table[:-1], table[-1]), expected)


@given(table=effects())
def test_a_check_without_a_verdict_changes_no_other(table):
    table = whole(table)
    past, now = table[:-1], table[-1]
    loud = np.r_[np.zeros(len(past) - 1), 1e9][:, None]
    both = adjusted(np.hstack([past, loud]), np.r_[now, NAN])
    np.testing.assert_array_equal(both, np.r_[adjusted(past, now), NAN])


@pytest.mark.parametrize("first", [1e-300, 1e-9, 0.05, 1.0, math.inf])
def test_a_first_effect_is_as_loud_as_a_tenth_of_the_windows(first):
    # of 100 values; the other check's median is 50 and its 95 % quantile 94: 490 is as loud
    calm = np.zeros((99, 1))
    steady = np.arange(1.0, 100.0)[:, None]
    for top, expected in ((489.0, 1 / 100), (491.0, 2 / 100)):
        steady[-1] = top
        p = adjusted(np.hstack([calm, steady]), np.array([first, 50.0]))
        assert p[0] == expected


def test_a_loud_check_hides_no_other():
    past = np.tile(np.arange(40.0)[:, None], 3)
    p = adjusted(past, np.array([1e6, 1e3, 20.0]))
    np.testing.assert_array_equal(p, [1 / 41, 1 / 41, 21 / 41])


def test_a_check_that_few_windows_evaluated():
    past = np.tile(np.arange(40.0)[:, None], 2)
    past[3:, 0] = NAN
    p = adjusted(past, np.array([1e6, 1e3]))
    np.testing.assert_array_equal(p, [1 / 4, 1 / 41])  # neither gains nor loses by the other


def test_infinite_effects_rank_above_all_others():
    past = np.tile(np.arange(40.0)[:, None], 2)
    now = np.array([math.inf, 20.0])
    np.testing.assert_array_equal(adjusted(past, now), [1 / 41, 21 / 41])
    past[:, 0] = 0.0
    np.testing.assert_array_equal(adjusted(past, now), [1 / 41, 21 / 41])
    for often in (3, 30, 40):
        past[:often, 0] = math.inf
        np.testing.assert_array_equal(adjusted(past[:, :1], now[:1]), [(often + 1) / 41])


# the promise


def day_effects(rng, windows, checks, shift=0.0):
    """Return the effects of exchangeable days that all checks share in part, and of current."""
    shared = rng.normal(size=(windows + 1, 1))
    means = 0.6 * shared + 0.8 * rng.normal(size=(windows + 1, checks))
    means[-1, 0] += shift
    days = means[:-1]
    rest = (days.sum(axis=0) - days) / (windows - 1)
    return np.abs(days - rest), np.abs(means[-1] - days.mean(axis=0))


@pytest.mark.parametrize("windows", [30, 90])
@pytest.mark.parametrize("checks", [5, 50])
def test_false_alarms_and_power(windows, checks):
    rng = np.random.default_rng([windows, checks])
    runs, alpha = 400, 0.05
    quiet = [adjusted(*day_effects(rng, windows, checks)) for _ in range(runs)]
    alarms = sum(bool((p < alpha).any()) for p in quiet)
    # what a rank among exchangeable windows can reach
    size = (math.ceil(alpha * (windows + 1)) - 1) / (windows + 1)
    low, high = stats.binom.ppf([0.001, 0.999], runs, size)
    assert low <= alarms <= high
    found = [adjusted(*day_effects(rng, windows, checks, 12.0))[0] < alpha for _ in range(50)]
    assert np.mean(found) >= 0.95
