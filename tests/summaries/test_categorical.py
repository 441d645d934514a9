from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.summaries import categorical as module
from driftcli.summaries.categorical import CategoricalFold, CategoricalSummary

tables = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30))
parts_of = st.lists(st.tuples(tables, st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6)


def fold(parts):
    folding = CategoricalFold()
    for part in parts:
        folding.add(*part)
    return folding.finish()


@given(parts_of, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_merged_equals_unmerged_in_any_order(parts, random):
    whole = fold(parts)
    merged = reduce(CategoricalSummary.merge, (fold([part]) for part in parts))
    random.shuffle(parts)
    assert merged == whole == fold(parts)
    assert list(whole.counts) == sorted(whole.counts)
    assert whole.count == sum(sum(table.values()) + other for table, _, other in parts)
    assert whole.missing == sum(missing for _, missing, _ in parts)


def test_the_whole_summary():
    assert fold([({"b": 2, "a": 1}, 3), ({"b": 1}, 0, 4)]) == CategoricalSummary(
        8, 3, {"a": 1, "b": 3}, 4
    )


def test_nothing():
    assert fold([]) == CategoricalSummary(0, 0, {}, 0)


def test_up_to_the_cap_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 4)
    assert fold([({"a": 1, "b": 1, "c": 1, "d": 1}, 0)]).other == 0


def test_beyond_the_cap_the_heavy_half_stays(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 4)
    found = fold([({"a": 1, "b": 9, "c": 3, "d": 3, "e": 2}, 1)])
    assert found == CategoricalSummary(18, 1, {"b": 9, "c": 3}, 6)


def test_ties_at_the_cap_go_by_name_and_not_by_arrival(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 4)
    one = fold([(dict.fromkeys("abcde", 1), 0)])
    other = fold([(dict.fromkeys("edcba", 1), 0)])
    assert one == other == CategoricalSummary(5, 0, {"a": 1, "b": 1}, 3)


@given(parts_of)
@settings(max_examples=60, deadline=None)
def test_rows_are_never_lost_at_the_cap(parts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_CATEGORIES", 3)
        found = fold(parts)
    assert len(found.counts) <= 3
    assert found.count == sum(found.counts.values()) + found.other == fold(parts).count
