from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_samples import capped, categories
from scipy import stats

from driftcli.methods import METHODS
from driftcli.methods.chi2 import chance_variation, total_variation
from driftcli.model import MethodResult, Skip
from driftcli.summaries import categorical

CHI2 = METHODS["chi2"].compare

# every cell expects at least 5 rows on both sides, so that nothing is pooled
large = st.lists(st.tuples(*[st.integers(20, 60)] * 2), min_size=2, max_size=12)


@given(large)
@settings(max_examples=100, deadline=None)
def test_equals_scipy_where_nothing_is_pooled(pairs):
    reference, current = zip(*pairs, strict=True)
    result = CHI2(categories(reference), categories(current))
    expected = stats.chi2_contingency([reference, current], correction=False)
    assert expected.expected_freq.min() >= 5
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-11, abs=1e-14)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.details["dof"], result.details["pooled"]) == (expected.dof, 0)


def test_small_cells_are_pooled():
    result = CHI2(categories([50, 40, 2, 2, 1]), categories([45, 45, 1, 2, 2]))
    expected = stats.chi2_contingency([[50, 40, 5], [45, 45, 5]], correction=False)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.details["pooled"], result.details["cells"]) == (3, 5)


def test_effect_is_the_total_variation_beyond_chance():
    reference, current = np.array([60, 40]), np.array([150, 50])
    result = CHI2(categories(reference), categories(current))
    pooled = 210 / 300
    chance = 2 * math.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 200) / (2 * math.pi))
    assert result.details["tvd"] == pytest.approx(0.15, abs=1e-15)
    assert chance_variation(reference, current) == pytest.approx(chance, rel=1e-12)
    assert result.effect == pytest.approx(0.15 - chance, rel=1e-12)


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        ([1, 9], [3, 7], 0.2),
        ([0, 9, 1], [3, 7, 0], 0.3),
        ([5, 5], [50, 50], 0.0),
        ([4, 0], [0, 9], 1.0),
    ],
)
def test_total_variation(reference, current, expected):
    sides = np.array(reference), np.array(current)
    assert total_variation(*sides) == pytest.approx(expected, abs=1e-15)
    assert total_variation(*reversed(sides)) == total_variation(*sides)


@pytest.mark.parametrize(
    ("shares", "n", "m"),
    [([0.5, 0.5], 400, 300), ([0.4, 0.3, 0.2, 0.1], 1_000, 250), ([0.02] * 50, 5_000, 4_000)],
)
def test_chance_variation_is_the_mean_under_no_change(shares, n, m):
    rng, draws = np.random.default_rng(9), 4_000
    pairs = list(
        zip(rng.multinomial(n, shares, draws), rng.multinomial(m, shares, draws), strict=True)
    )
    found = [total_variation(r, c) for r, c in pairs]
    error = float(np.std(found)) / math.sqrt(draws)
    expected = np.mean([chance_variation(r, c) for r, c in pairs])
    # the normal approximation of a cell is within half a percent at 25 and more rows
    assert np.mean(found) == pytest.approx(expected, abs=4 * error + 0.005 * expected)


def test_a_random_split_of_many_levels_has_no_effect():
    rng = np.random.default_rng(10)
    levels = rng.zipf(1.3, size=400_000) % 3_400
    side = rng.random(levels.size) < 0.5
    reference, current = (
        categories(np.bincount(levels[rows], minlength=3_400)) for rows in (side, ~side)
    )
    result = CHI2(reference, current)
    assert result.details["cells"] > 3_000
    assert result.details["tvd"] > 0.02
    assert result.effect < 0.002
    assert result.pvalue > 0.01


def test_new_and_vanished_categories_are_cells():
    result = CHI2(categories({"a": 50, "b": 50}), categories({"a": 50, "c": 50}))
    assert (result.details["cells"], result.details["tvd"]) == (3, 0.5)
    expected = stats.chi2_contingency([[50, 50, 0], [50, 0, 50]], correction=False)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-12)


def test_the_order_of_the_categories_changes_no_digit():
    rng = np.random.default_rng(11)
    reference, current = rng.integers(0, 40, 60), rng.integers(0, 40, 60)
    order = rng.permutation(60)
    one = CHI2(categories(reference), categories(current))
    other = CHI2(categories(reference[order]), categories(current[order]))
    assert (one.statistic, one.effect, one.pvalue) == (other.statistic, other.effect, other.pvalue)


def test_counts_near_2_to_the_62_do_not_overflow():
    huge = 2**61
    same = CHI2(categories([huge, huge]), categories([500, 500]))
    assert (same.statistic, same.effect, same.pvalue) == (0.0, 0.0, 1.0)
    moved = CHI2(categories([huge, huge]), categories([900, 100]))
    assert moved.details["tvd"] == pytest.approx(0.4, abs=1e-15)
    # against so many rows it is the one-sample test
    assert moved.statistic == pytest.approx(640.0, rel=1e-12)


def test_one_category_on_both_sides_cannot_differ():
    result = CHI2(categories([40]), categories([50]))
    assert (result.statistic, result.effect, result.pvalue, result.skip) == (0.0, 0.0, 1.0, None)


def test_too_few_rows_for_two_cells_is_no_verdict():
    result = CHI2(categories([2, 3]), categories([3, 1]))
    reason = "not enough data: fewer than 2 cells with 5 expected rows"
    assert (result.effect, result.pvalue, result.skip) == (None, None, Skip(reason))


def test_beyond_the_cap_labels_are_compared_in_groups():
    """Five labels with five hashes: in groups the answer is the same, whichever side is capped."""
    counts = {"a": 30, "b": 70, "ä": 25}, {"a": 50, "b": 50, "": 25, "new": 40}
    sides = [categories(side) for side in counts], [capped(side) for side in counts]
    expected = CHI2(*sides[0])
    for before in (sides[0][0], sides[1][0]):
        result = CHI2(before, sides[1][1])
        assert result.details == expected.details
        assert result.effect == pytest.approx(expected.effect, rel=1e-12)
        assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-12)


@given(*[st.dictionaries(st.text(max_size=3), st.integers(1, 40), min_size=1, max_size=300)] * 2)
@settings(max_examples=50, deadline=None)
def test_groups_never_differ_more_than_their_labels(reference, current):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(categorical, "GROUPS", 16)  # so that many labels share one
        groups = CHI2(capped(reference), capped(current))
    labels = CHI2(categories(reference), categories(current))
    assert groups.details["tvd"] <= labels.details["tvd"] + 1e-15
    assert (groups.n_reference, groups.n_current) == (labels.n_reference, labels.n_current)


def test_the_interval_covers_the_true_distance():
    rng = np.random.default_rng(12)
    p, q, n, m, draws = [0.2, 0.3, 0.5], [0.35, 0.35, 0.3], 3_000, 2_000, 1_000
    pairs = zip(rng.multinomial(n, p, draws), rng.multinomial(m, q, draws), strict=True)
    found = [CHI2(categories(r), categories(c)) for r, c in pairs]
    # around the raw distance: the share of chance is a small offset here, not part of the variance
    reach = [(r.interval[1] - r.interval[0]) / 2 for r in found]
    covered = sum(abs(r.details["tvd"] - 0.2) <= w for r, w in zip(found, reach, strict=True))
    assert abs(covered - 950) <= 4 * math.sqrt(draws * 0.95 * 0.05)


def test_no_values():
    expected = MethodResult("chi2", None, None, None, 0, 3, skip=Skip("no values in the reference"))
    assert CHI2(categories([], missing=5), categories([3])) == expected
