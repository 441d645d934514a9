from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_samples import bits

from driftcli.summaries.multiset import Multiset, add_tallies, first_of_its_kind, tally

ODD = [0.0, np.inf, -np.inf, 5e-324, -5e-324, 1e308]
floats = st.one_of(st.integers(-3, 3).map(float), st.sampled_from(ODD))
rows = st.lists(floats, max_size=60)


def both(values):
    """The same rows one by one, and by value."""
    ordered = np.sort(np.array(values, dtype=np.float64))
    return Multiset(ordered), Multiset.of(*tally(ordered))


EVERY_WAY = pytest.mark.parametrize("way", [0, 1], ids=["rows", "by value"])


@EVERY_WAY
@given(rows, rows, st.data())
@settings(max_examples=60, deadline=None)
def test_rows_are_found_by_place_and_by_rank(way, values, points, data):
    held, ordered = both(values)[way], sorted(values)
    assert len(held) == len(values)
    at = np.array(sorted(points))
    assert held.below(at).tolist() == [bisect_left(ordered, p) for p in at]
    assert held.up_to(at).tolist() == [bisect_right(ordered, p) for p in at]
    assert held.at(np.arange(len(values))).tolist() == ordered
    assert held.count_distinct() == len(set(values))
    found, repeats = held.distinct()
    assert dict(zip(found.tolist(), repeats.tolist(), strict=True)) == Counter(values)
    low, high = (data.draw(st.one_of(st.none(), floats)) for _ in range(2))
    between = [v for v in ordered if (low is None or v > low) and (high is None or v < high)]
    inner = held.between(low, high)
    assert inner.at(np.arange(len(inner))).tolist() == between
    assert bits(inner) == bits(both(between)[way])


@EVERY_WAY
@given(st.lists(st.tuples(floats, st.integers(1, 40)), max_size=9), st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_heavy_values_are_those_with_more_rows(way, runs, mass):
    values = [value for value, times in runs for _ in range(times)]
    found, repeats = both(values)[way].heavier_than(mass)
    expected = {v: n for v, n in sorted(Counter(values).items()) if n > mass}
    assert dict(zip(found.tolist(), repeats.tolist(), strict=True)) == expected


@given(rows, rows)
@settings(max_examples=60, deadline=None)
def test_tallies_add_up(one, other):
    found = add_tallies(*(tally(np.sort(np.array(side, dtype=float))) for side in (one, other)))
    assert bits(Multiset.of(*found)) == bits(both([*one, *other])[1])


def test_whole_numbers_beyond_2_to_the_53_keep_apart():
    values = np.array([2**63, 2**63 + 1, 2**63 + 1, 2**64 - 1], dtype=np.uint64)
    assert first_of_its_kind(values).tolist() == [True, True, False, True]
    held = Multiset(values)
    assert held.up_to(values[1:2]).tolist() == [3]
    assert held.between(2**63, 2**64 - 1).values.tolist() == [2**63 + 1] * 2
