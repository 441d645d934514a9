from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from driftcli import changepoint
from driftcli.changepoint import Since, Trend, since, trend

NAN = math.nan

series = st.lists(st.sampled_from([NAN, *range(-5, 6)]), min_size=1, max_size=40).map(
    lambda values: np.array(values, dtype=float)
)


def level(seed=0, windows=90):
    return np.random.default_rng(seed).normal(size=windows)


# trend


def naive_trend(values):
    """Return slope and p-value from all pairs, in the form that textbooks give."""
    at = [(i, v) for i, v in enumerate(values.tolist()) if not math.isnan(v)]
    pairs, known = list(combinations(at, 2)), [v for _, v in at]
    score = sum((v > u) - (v < u) for (_, u), (_, v) in pairs)
    n, ties = len(known), [known.count(v) for v in set(known)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    z = (score - np.sign(score)) / math.sqrt(variance) if variance else 0.0
    slope = np.median([(v - u) / (j - i) for (i, u), (j, v) in pairs])
    return slope, 2 * stats.norm.sf(abs(z))


@given(values=series)
def test_trend_equals_the_pairs(values):
    found = trend(values)
    if np.isfinite(values).sum() < 8:
        assert found is None
    else:
        assert (found.slope, found.pvalue) == pytest.approx(naive_trend(values), rel=1e-12, abs=0)


@pytest.mark.parametrize(("size", "gap"), [(8, 0.013), (20, 0.006), (300, 0.0005)])
def test_trend_against_scipy(size, gap):
    rng = np.random.default_rng(size)
    for slope in (0.0, 1.0 / size, 3.0 / size):
        values = slope * np.arange(size) + rng.normal(size=size)
        found = trend(values)
        assert found.slope == pytest.approx(stats.theilslopes(values)[0], rel=1e-12)
        exact = stats.kendalltau(np.arange(size), values, method="exact").pvalue
        assert found.pvalue == pytest.approx(exact, rel=0, abs=gap)


def test_trend_of_a_line_with_gaps():
    values = 0.25 * np.arange(12.0)
    values[[2, 3, 7]] = NAN
    # nine values that only rise: score 36, variance 92
    assert trend(values) == Trend(0.25, pytest.approx(2 * stats.norm.sf(35 / math.sqrt(92))))
    assert trend(-values) == Trend(-0.25, trend(values).pvalue)


def test_no_trend_without_differences_or_values():
    assert trend(np.full(10, 0.3)) == Trend(0.0, 1.0)
    assert trend(np.r_[np.arange(7.0), NAN, NAN]) is None
    assert trend(np.array([])) is None


def test_long_series_use_fewer_pairs(monkeypatch):
    values = 0.01 * np.arange(300) + np.random.default_rng(3).normal(size=300)
    whole = trend(values)
    monkeypatch.setattr(changepoint, "PAIRS", 5_000)  # of 44,850
    part = trend(values)
    assert part.pvalue == whole.pvalue
    assert part.slope != whole.slope
    assert part.slope == pytest.approx(whole.slope, rel=0.05)


# since when


@given(values=series, seed=st.integers(0, 3))
def test_since_lies_within_the_values(values, seed):
    found = since(values, level(seed, 25))
    if found is not None:
        assert 0 <= found.low <= found.at <= found.high < values.size
        assert not np.isnan(values[[found.low, found.at, found.high]]).any()


@given(values=series, power=st.integers(-40, 40))
def test_since_in_other_units(values, power):
    reference = np.round(8 * level())
    expected = since(values, reference)
    assert since(values * 2.0**power, reference * 2.0**power) == expected


@given(values=series, gaps=st.lists(st.integers(0, 40), max_size=5))
def test_since_skips_gaps(values, gaps):
    kept = values[~np.isnan(values)]
    where = np.flatnonzero(~np.isnan(values))
    found = since(kept, level())
    expected = found and Since(*(int(where[i]) for i in (found.at, found.low, found.high)))
    reference = np.insert(level(), gaps, NAN)
    assert since(values, reference) == expected


@pytest.mark.parametrize("k", [0, 1, 12, 28, 29])
def test_a_clear_step_is_found_exactly(k):
    values = level(1, 30)
    values[k:] += 9.0
    assert since(values, level()) == Since(k, k, k)


def test_changed_from_the_first_window():
    assert since(np.full(20, 5.0), level()) == Since(0, 0, 0)
    assert since(np.array([5.0]), level()) == Since(0, 0, 0)


def test_no_change():
    assert since(level(2, 30), level()) is None
    assert since(np.array([1.5]), level()) is None
    assert since(level(2, 30) - 6.0, level()) is None  # calmer than usual


def test_nothing_to_compare():
    assert since(np.array([]), level()) is None
    assert since(np.array([NAN, NAN]), level()) is None
    assert since(np.array([9.0]), np.array([1.0, NAN])) is None


def test_a_wild_window_begins_nothing_unless_it_is_the_last():
    for wild in (6.0, 1e6, math.inf):
        values = level(4, 30)
        values[14] = wild
        assert since(values, level()) is None
        values = np.r_[level(4, 30), wild]
        assert since(values, level()) == Since(30, 30, 30)


def test_a_wild_window_does_not_hide_the_beginning():
    values = level(1, 30)
    values[12:] += 3.0
    before = since(values, level())
    values[20] = 1e6
    after = since(values, level())
    assert before.at == after.at == 12
    assert before.low <= 12 <= before.high


def test_a_change_that_ended_does_not_last():
    values = level(5, 60)
    values[5:15] += 5.0
    assert since(values, level()) is None
    values[50:] += 5.0
    assert since(values, level()) == Since(50, 50, 50)


def test_a_ramp_is_dated_loosely():
    noise, ramp = level(6, 60), np.r_[np.zeros(20), 0.1 * np.arange(1, 41)]
    step = np.where(ramp > 0, 4.0, 0.0)
    slow, sudden = since(noise + ramp, level()), since(noise + step, level())
    assert sudden.high - sudden.low <= 2
    assert slow.high - slow.low >= 8
    # within it the ramp crosses one standard deviation, at which a window can be told
    assert 20 <= slow.low <= 29 <= slow.high


@pytest.mark.parametrize("usual", [0.0, 0.3])
def test_a_level_without_spread(usual):
    reference = np.full(60, usual)
    assert since(np.full(10, usual), reference) is None
    assert since(np.r_[np.full(6, usual), np.full(4, 0.35)], reference) == Since(6, 6, 6)
    assert since(np.r_[0.35, np.full(5, usual)], reference) is None
    # one day of sixty differed
    reference[7] = 0.31
    assert since(np.r_[np.full(6, usual), np.full(4, 0.35)], reference) == Since(6, 6, 6)


def test_a_level_that_is_zero_on_most_days():
    reference = np.r_[np.zeros(57), 1.0, 1.0, 1.0]
    assert since(np.full(10, 0.001), reference) is None
    assert since(np.r_[np.zeros(5), np.full(10, 1.5)], reference) == Since(5, 5, 5)


def test_an_infinite_day_of_the_level():
    reference = level()
    values = np.r_[level(1, 10), np.full(5, 9.0)]
    for days in (1, 9):
        reference[:days] = math.inf
        assert since(values, reference).at == 10


@pytest.mark.parametrize("windows", [20, 90])
@pytest.mark.parametrize("k", [0, 15, 25])
def test_interval_covers_a_step_of_two_sd(windows, k):
    rng = np.random.default_rng([windows, k])
    runs = 200
    found = []
    for _ in range(runs):
        values = rng.normal(size=30)
        values[k:] += 2.0
        found.append(since(values, rng.normal(size=windows)))
    dated = [one for one in found if one is not None]
    assert len(dated) >= 0.9 * runs
    assert np.mean([one.low <= k <= one.high for one in dated]) >= 0.95
    assert np.median([one.high - one.low for one in dated]) <= 6


def test_interval_covers_a_change_to_scattered_windows():
    rng = np.random.default_rng(8)
    found = []
    for _ in range(200):
        values = np.r_[rng.normal(size=15), rng.normal(2.0, 2.0, 15)]
        found.append(since(values, rng.normal(size=90)))
    dated = [one for one in found if one is not None]
    assert len(dated) >= 150
    assert np.mean([one.low <= 15 <= one.high for one in dated]) >= 0.93


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(size=n),
        lambda rng, n: np.abs(rng.normal(size=n)),
        lambda rng, n: rng.normal(size=n) ** 2,
        lambda rng, n: np.maximum(rng.normal(size=n) - 1.5, 0.0),
    ],
    ids=["normal", "distance", "square", "floored"],
)
@pytest.mark.parametrize("size", [1, 30, 180])
def test_unchanged_windows_are_rarely_dated(draw, size):
    rng = np.random.default_rng(size)
    runs = 200
    dated = sum(since(draw(rng, size), draw(rng, 90)) is not None for _ in range(runs))
    assert dated <= stats.binom.ppf(0.999, runs, 0.05)
