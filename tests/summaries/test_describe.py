from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from driftcli.model import ColumnKind, ColumnStats, Distribution
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.describe import (
    BARS,
    BINS,
    REST,
    categories_only_in,
    column_stats,
    distribution,
    short,
)
from driftcli.summaries.folds import NumericFold


@pytest.mark.parametrize("length", [79, 80, 81, 200])
def test_a_long_name_is_cut_at_80_characters(length):
    cut = short("x" * length)
    assert (len(cut), cut.endswith("…")) == (min(length, 80), length > 80)


NUMERIC, DATETIME = ColumnKind.NUMERIC, ColumnKind.DATETIME


def numeric(values, grid=None, missing=0, dtype=np.float64):
    folding = NumericFold(grid, 2**40)
    folding.add(np.array(values, dtype=dtype), missing)
    return folding.finish()


def both(reference, current, dtype=np.float64):
    before = numeric(reference, dtype=dtype)
    return before, numeric(current, before.grid, dtype=dtype)


def category(capped=False, **counts):
    """Categories with so many rows each; beyond the cap only the named ones are kept apart."""
    summary = CategoricalSummary(sum(counts.values()), 0, counts)
    if not capped:
        return summary
    named = {name: rows for name, rows in counts.items() if name != "rest"}
    return replace(summary, counts=named, groups=summary.grouped())


def test_stats_of_numbers():
    found = column_stats(numeric([1.0, 3.0, math.inf, -math.inf, -math.inf], missing=2), NUMERIC)
    assert found == ColumnStats(
        count=5,
        missing=2,
        mean=2.0,
        std=math.sqrt(2),
        minimum=None,
        maximum=None,
        positive_infinite=1,
        negative_infinite=2,
    )
    assert found.missing_share == 2 / 7


def test_stats_of_no_values():
    assert column_stats(numeric([], missing=3), NUMERIC) == ColumnStats(0, 3)


def test_stats_of_one_value():
    assert column_stats(numeric([4.0]), NUMERIC) == ColumnStats(
        1, 0, mean=4.0, std=None, minimum=4.0, maximum=4.0
    )


def test_large_integers_keep_their_digits():
    found = column_stats(numeric([2**53 + 1], dtype=np.int64), NUMERIC)
    assert (found.minimum, found.maximum) == (2**53 + 1, 2**53 + 1)


def test_stats_of_times_are_iso_8601():
    day = 86_400_000_000
    found = column_stats(numeric([0, day + 1_000_000], dtype=np.int64), DATETIME)
    assert found == ColumnStats(2, 0, minimum="1970-01-01T00:00:00", maximum="1970-01-02T00:00:01")


@pytest.mark.parametrize("microseconds", [2**63 - 1, -(2**63)])
def test_times_beyond_the_calendar_are_told_as_numbers(microseconds):
    found = column_stats(numeric([microseconds], dtype=np.int64), DATETIME)
    assert found.minimum == str(microseconds)


def test_stats_of_categories():
    summary = CategoricalSummary(5, 2, {"a": 3, "b": 2})
    assert column_stats(summary, ColumnKind.CATEGORICAL) == ColumnStats(5, 2, categories=2)


def test_new_and_vanished_categories_by_weight_then_name():
    before, after = category(a=5, x=1, y=2, z=2), category(a=5, q=1, p=1, r=7)
    assert categories_only_in(after, before) == ["r", "p", "q"]
    assert categories_only_in(before, after) == ["y", "z", "x"]


def test_beyond_the_cap_of_the_other_side_nothing_is_called_new_or_vanished():
    capped, whole = category(a=5, b=1, rest=3, capped=True), category(a=5, c=2)
    assert categories_only_in(whole, capped) == []
    assert categories_only_in(capped, whole) == ["b"]


def test_bars_of_categories_heaviest_first_on_either_side():
    found = distribution(category(a=6, b=4), category(b=1, c=9))
    assert found == Distribution((0, 6, 4), (9, 0, 1), labels=("c", "a", "b"))


def test_light_categories_are_drawn_together():
    counts = {f"c{index:02}": 100 - index for index in range(BARS + 2)}
    found = distribution(category(**counts), category(**counts))
    assert found.labels == (*(f"c{index:02}" for index in range(BARS)), REST)
    assert found.reference[-1] == 100 - BARS + 100 - BARS - 1
    assert sum(found.reference) == sum(counts.values())


def test_one_category_too_many_is_drawn_itself():
    counts = {f"c{index:02}": 100 - index for index in range(BARS + 1)}
    assert REST not in distribution(category(**counts), category(**counts)).labels


def test_the_rest_beyond_the_cap_is_drawn():
    found = distribution(category(a=6, rest=4, capped=True), category(a=3))
    assert found == Distribution((6, 4), (3, 0), labels=("a", REST))


def test_few_values_are_counted_one_by_one():
    found = distribution(*both([1, 1, 2.5], [1, 2.5, 2.5, 7, 0]))
    assert found == Distribution((2, 1, 0), (1, 2, 2), labels=("1", "2.5", REST))
    assert distribution(*both([1, 2], [2, 2])) == Distribution((1, 1), (0, 2), labels=("1", "2"))


def test_histograms_hold_all_rows_of_both_sides():
    rng = np.random.default_rng(0)
    reference = np.append(rng.normal(size=1_000), [1e12, math.inf])
    current = np.append(rng.normal(1, 1, size=500), [-999.0, -math.inf])
    found = distribution(*both(reference, current))
    assert len(found.edges) == BINS + 1
    assert (len(found.reference), len(found.current)) == (BINS, BINS)
    assert (sum(found.reference), sum(found.current)) == (1_002, 502)
    # one absurd value does not blind the picture
    assert -10 < found.edges[0] < found.edges[-1] < 10
    inner = np.array(found.edges[1:-1])
    assert found.reference[1:-1] == tuple(
        int(np.sum((reference > low) & (reference <= high))) for low, high in pairwise(inner)
    )


def test_histograms_of_whole_numbers_have_edges_between_them():
    values = np.arange(100)
    found = distribution(*both(values, values, np.int64))
    assert all(edge % 1 == 0.5 for edge in found.edges)
    assert sum(found.reference) == 100
    # 100 values in steps of 5
    assert set(found.reference) == {5}


def test_histograms_without_the_values_come_from_the_edges():
    side = numeric(np.random.default_rng(1).normal(size=5_000))
    found = distribution(side.compact(), side.compact())
    assert sum(found.reference) == 5_000
    exact = distribution(side, side)
    assert np.abs(np.subtract(found.reference, exact.reference)).max() <= 10


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ((np.arange(30.0) - 15) * 1e307, np.arange(30.0)),
        (np.arange(30.0) * 5e-324, np.arange(30.0) * 5e-324),
        ([], [5.0]),
        ([], [math.inf]),
        ([math.inf], [-math.inf]),
    ],
)
def test_odd_values_draw_without_a_warning(reference, current):
    before, after = both(reference, current)
    found = distribution(before, after)
    if found is not None:
        assert (sum(found.reference), sum(found.current)) == (len(reference), len(current))
        assert all(map(math.isfinite, found.edges))


@pytest.mark.parametrize("reference", [[], np.full(3, math.inf), np.arange(30_000.0)])
def test_what_outgrew_the_memory_draws_as_well(reference):
    """Also on the edges of a reference that has none, or infinite ones only."""
    before = numeric(reference)
    rows = np.append(np.random.default_rng(2).normal(size=20_000), [math.inf, -math.inf])
    folding = NumericFold(before.grid, 100)
    folding.add(rows, 0)
    after = folding.finish()
    assert after.rows is None
    found = distribution(before, after)
    if found is not None:
        assert (sum(found.reference), sum(found.current)) == (len(reference), len(rows))


def test_nothing_to_draw():
    assert distribution(*both([], [])) is None
    assert distribution(category(), category()) is None
    assert distribution(category(a=1), numeric([1.0])) is None


def test_one_absurd_number_on_either_end_does_not_blind_the_picture():
    rng = np.random.default_rng(3)
    reference, current = rng.normal(size=1_000), rng.normal(size=500)
    for absurd in (1e12, -1e12):
        for sides in (
            (np.append(reference, absurd), current),
            (reference, np.append(current, absurd)),
        ):
            edges = distribution(*both(*sides)).edges
            assert -10 < edges[0] < edges[-1] < 10


def test_one_value_with_rare_others_still_has_bins():
    values = np.append(np.full(20_000, 5.0), np.arange(30.0) - 15)
    found = distribution(*both(values, values))
    assert found.edges == tuple(np.linspace(5, 10, BINS + 1))
    assert sum(found.reference) == len(values)


def test_extremes_that_lie_near_are_in_the_picture():
    values = np.linspace(0, 1, 1_001)
    edges = distribution(*both(values, values)).edges
    assert (edges[0], edges[-1]) == (0.0, 1.0)
