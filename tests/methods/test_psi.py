from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_samples import binned, capped, categories, numeric_pair
from scipy import stats

from driftcli.methods import METHODS
from driftcli.methods.psi import psi
from driftcli.model import MethodResult, Skip

PSI = METHODS["psi"].compare


def by_hand(reference, current):
    """Cell by cell, an empty cell counting half a row."""
    n, m = sum(reference), sum(current)
    shares = [
        (max(r, 0.5) / n, max(c, 0.5) / m)
        for r, c in zip(reference, current, strict=True)
        if r or c
    ]
    return sum((q - p) * math.log(q / p) for p, q in shares)


def row(values):
    return np.array(values, dtype=np.int64)


def test_closed_form_of_two_cells():
    assert psi(row([3, 3, 3, 2, 2, 2]), row([2, 2, 2, 3, 3, 3])) == pytest.approx(
        0.4 * math.log(1.5), abs=1e-15
    )


def test_an_empty_cell_counts_half_a_row():
    p, q = 0.5, 0.5 / 10
    expected = (q - p) * math.log(q / p) + (1.0 - 0.5) * math.log(1.0 / 0.5)
    assert psi(row([10, 10]), row([10, 0])) == pytest.approx(expected, rel=1e-14)


def test_cells_empty_on_both_sides_are_left_out():
    assert psi(row([3, 0, 5]), row([4, 0, 6])) == psi(row([3, 5]), row([4, 6]))


counts = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=19
).filter(lambda pairs: all(map(sum, zip(*pairs, strict=True))))


@given(counts)
@settings(max_examples=100, deadline=None)
def test_few_values_and_categories_are_one_bin_each(pairs):
    reference, current = zip(*pairs, strict=True)
    expected = by_hand(reference, current)
    by_category = PSI(categories(reference), categories(current))
    assert by_category.statistic == pytest.approx(expected, rel=1e-12, abs=1e-15)
    # values that only current has share the gaps between the reference's values
    if all(reference):
        by_value = PSI(*binned(reference, current))
        assert by_value.statistic == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert by_value.details["bins"] == len(pairs)


def test_effect_is_psi_beyond_chance():
    result = PSI(categories([30, 40, 30]), categories([50, 30, 20]))
    chance = 2 * (1 / 100 + 1 / 100)
    assert result.details == {"bins": 3, "chance": pytest.approx(chance, rel=1e-14)}
    assert result.effect == pytest.approx(result.statistic - chance, rel=1e-12)
    assert result.effect > 0


def test_effect_is_never_negative():
    result = PSI(categories([30, 40]), categories([31, 39]))
    assert (result.effect, result.interval[0]) == (0.0, 0.0)
    assert result.statistic > 0


def test_pvalue_is_pearsons_on_the_same_bins():
    reference, current = [30, 40, 30], [50, 30, 20]
    expected = stats.chi2_contingency([reference, current], correction=False).pvalue
    assert PSI(categories(reference), categories(current)).pvalue == pytest.approx(
        expected, rel=1e-9
    )


@pytest.mark.parametrize(("n", "m"), [(100, 90), (100, 3_000)])
def test_bins_of_the_smaller_side_have_the_larger_of_two_pvalues(n, m):
    rng = np.random.default_rng(m)
    reference, current = numeric_pair(rng.normal(size=n), rng.normal(0.2, 1, m))
    tables = reference.bin_counts(), current.bin_counts()
    pearson = stats.chi2_contingency(tables, correction=False)[1]
    ratio = stats.chi2_contingency(tables, lambda_="log-likelihood", correction=False)[1]
    expected = max(pearson, ratio) if n < m else pearson
    assert PSI(reference, current).pvalue == pytest.approx(expected, rel=1e-9)


def test_the_average_under_no_change_is_what_chance_takes_off():
    """PSI is nearly chi-square times (1/n + 1/m): mean (B - 1)(1/n + 1/m)."""
    rng = np.random.default_rng(4)
    shares, n, m, draws = np.full(10, 0.1), 5_000, 3_000, 4_000
    found = [
        psi(r, c)
        for r, c in zip(
            rng.multinomial(n, shares, draws), rng.multinomial(m, shares, draws), strict=True
        )
    ]
    expected = 9 * (1 / n + 1 / m)
    error = float(np.std(found)) / math.sqrt(draws)
    # the second-order term of PSI adds less than half a percent at these sizes
    assert np.mean(found) == pytest.approx(expected, abs=4 * error + 0.005 * expected)


def test_the_interval_covers_the_true_psi():
    rng = np.random.default_rng(6)
    p, q, n, m = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.4, 0.3]), 4_000, 2_500
    truth, draws = float(np.sum((q - p) * np.log(q / p))), 1_000
    intervals = [
        PSI(categories(r), categories(c)).interval
        for r, c in zip(rng.multinomial(n, p, draws), rng.multinomial(m, q, draws), strict=True)
    ]
    covered = sum(low <= truth <= high for low, high in intervals)
    # four binomial standard deviations around 95 %
    assert abs(covered - 950) <= 4 * math.sqrt(draws * 0.95 * 0.05)


def test_heavy_values_have_a_bin_of_their_own():
    """60 % zeros become -1: merged quantile edges would say nearly nothing."""
    n = 20_000
    rest = np.random.default_rng(0).exponential(size=2 * n // 5) + 0.1
    reference = np.concatenate((np.zeros(3 * n // 5), rest))
    current = np.concatenate((np.full(3 * n // 5, -1.0), rest))
    result = PSI(*numeric_pair(reference, current))
    empty = 0.5 / n
    expected = 2 * (0.6 - empty) * math.log(0.6 / empty)
    assert result.statistic == pytest.approx(expected, rel=1e-9)
    assert round(result.statistic, 1) == 12.1


def test_continuous_values_are_binned_at_the_references_deciles():
    rng = np.random.default_rng(8)
    reference, current = rng.normal(size=1_003), rng.normal(0.3, 1.2, size=777)
    edges = np.quantile(reference, np.arange(1, 10) / 10)
    sides = [
        np.bincount(np.searchsorted(edges, side, side="left"), minlength=10)
        for side in (reference, current)
    ]
    result = PSI(*numeric_pair(reference, current))
    assert result.statistic == pytest.approx(by_hand(*sides), rel=1e-12)
    assert result.details["bins"] == 10
    assert result.pvalue == pytest.approx(
        stats.chi2_contingency(sides, correction=False).pvalue, rel=1e-9
    )


def test_beyond_the_cap_labels_are_compared_in_groups():
    result = PSI(capped({"a": 30, "b": 10}), categories({"a": 20, "b": 15, "c": 5}))
    assert result.statistic == pytest.approx(by_hand([30, 10, 0], [20, 15, 5]), rel=1e-12)
    assert result.details["bins"] == 3


@pytest.mark.parametrize("side", [0, 1])
def test_two_kinds_of_summaries_are_a_mistake(side):
    sides = [categories([3]), binned([1, 2], [1, 2])[0]]
    with pytest.raises(TypeError, match="two kinds"):
        PSI(*(sides if side else reversed(sides)))


def test_no_values():
    expected = MethodResult("psi", None, None, None, 3, 0, skip=Skip("no values in current"))
    assert PSI(categories([3]), categories([], missing=4)) == expected


def test_every_bin_tells_its_ends_its_shares_and_its_part():
    rng = np.random.default_rng(4)
    reference, current = rng.normal(0, 1, 1000), rng.normal(0.5, 1, 800)
    result = PSI(*numeric_pair(reference, current))
    told = result.details
    assert told["low"][0] is None
    assert told["high"][-1] is None
    assert told["low"][1:] == told["high"][:-1]
    cuts = [-np.inf, *told["high"][:-1], np.inf]
    for side, values in (("reference", reference), ("current", current)):
        counts = np.histogram(values, cuts)[0]
        assert told[side] == pytest.approx(counts / len(values), abs=2 / len(values))
        assert sum(told[side]) == pytest.approx(1, rel=1e-14)
        assert {type(share) for share in told[side]} == {float}
    assert math.fsum(told["contributions"]) == result.statistic
    assert len(told["contributions"]) == told["bins"] == 10


def test_the_bin_of_a_single_value_has_twice_the_same_end():
    result = PSI(*numeric_pair([1, 2, 3] * 50, [1, 1, 3, 7] * 50, np.int64))
    cells = list(
        zip(*(result.details[key] for key in ("low", "high", "reference", "current")), strict=True)
    )
    third = 50 / 150
    assert cells == [
        (1, 1, third, 0.5),
        (2, 2, third, 0.0),
        (3, 3, third, 0.25),
        (3, None, 0.0, 0.25),
    ]


def test_an_infinite_end_is_told_as_none():
    values = [-math.inf] * 300 + [float(i) for i in range(700)]
    told = PSI(*numeric_pair(values, values)).details
    assert all(end is None or math.isfinite(end) for end in (*told["low"], *told["high"]))


def test_too_few_rows_are_no_fault_of_a_number_which_ks_compares_as_well():
    reason = "not enough data: fewer than 2 cells with 5 expected rows"
    for sides, harmless in (
        (numeric_pair([1.0, 2.0], [1.0, 3.0]), True),
        ((categories([1, 1]), categories([1, 1])), False),
    ):
        result = PSI(*sides)
        assert (result.effect, result.pvalue) == (None, None)
        assert result.skip == Skip(reason, harmless)


@pytest.mark.parametrize("swapped", [False, True])
def test_labels_that_one_side_does_not_name_are_not_new_on_the_other(swapped):
    whole = categories([20] * 50)
    named = dict(list(whole.counts.items())[:10])
    sides = [replace(whole, counts=named, groups=whole.grouped()), whole]
    result = PSI(*(reversed(sides) if swapped else sides))
    assert (result.statistic, result.effect) == (0.0, 0.0)


def test_below_the_cap_no_two_labels_share_a_cell():
    rng = np.random.default_rng(11)
    reference, current = rng.integers(1, 40, 900), rng.integers(1, 40, 900)
    result = PSI(categories(reference), categories(current))
    assert result.details["bins"] == 900
    assert result.statistic == pytest.approx(by_hand(reference, current), rel=1e-12)
