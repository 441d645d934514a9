from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_samples import bits

from driftcli.summaries import categorical as module
from driftcli.summaries.arrays import label_counts
from driftcli.summaries.categorical import (
    GROUPS,
    HEAVY,
    SAMPLE,
    SMALLEST,
    CategoricalFold,
    CategoricalSummary,
)
from driftcli.summaries.hashing import label_hashes

tables = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30))
parts_of = st.lists(st.tuples(tables, st.integers(0, 5)), min_size=1, max_size=6)


def fold(parts):
    folding = CategoricalFold()
    for part in parts:
        folding.add(*part)
    return folding.finish()


# -- up to the cap -------------------------------------------------------------------------------


@given(parts_of, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_merged_equals_unmerged_in_any_order(parts, random):
    whole = fold(parts)
    merged = reduce(CategoricalSummary.merge, (fold([part]) for part in parts))
    random.shuffle(parts)
    assert merged == whole == fold(parts)
    assert list(whole.counts) == sorted(whole.counts)
    assert whole.counts == sum((Counter(table) for table, _ in parts), Counter())
    assert whole.missing == sum(missing for _, missing in parts)


def test_the_whole_summary():
    whole = fold([({"b": 2, "a": 1}, 3), ({"b": 1}, 0)])
    assert whole == CategoricalSummary(4, 3, {"a": 1, "b": 3})
    assert (whole.other, whole.distinct) == (0, 2)
    assert whole.compact() is whole


def test_nothing():
    assert fold([]) == CategoricalSummary(0, 0, {})


def test_up_to_the_cap_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 4)
    assert fold([({"a": 1, "b": 1, "c": 1, "d": 1}, 0)]).groups is None
    assert fold([({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, 0)]).groups is not None


# -- beyond the cap ------------------------------------------------------------------------------


def arrays_of(rows, batch, kind=None):
    array = pa.array(rows, kind or pa.string())
    return [array.slice(at, batch) for at in range(0, len(array), batch)]


def fold_arrays(batches):
    """As the engine feeds it: counted up to the cap, hashed beyond."""
    folding = CategoricalFold()
    for batch in batches:
        if folding.full:
            folding.add_array(batch)
        else:
            folding.add(*label_counts(batch, np.dtype("f8")))
    return folding.finish()


def groups_by_hand(rows):
    labels = Counter(rows)
    hashes = label_hashes(pa.array(list(labels)))
    groups = [0] * GROUPS
    for value, count in zip(hashes.tolist(), labels.values(), strict=True):
        groups[value % GROUPS] += count
    return groups


@pytest.fixture(scope="module")
def log():
    """60,000 rows of 30,000 labels, five of which hold 2 to 12 percent of the rows each."""
    rng = np.random.default_rng(0)
    heavy = np.repeat([1, 2, 3, 4, 5], [7200, 3600, 1800, 1200, 1200])
    codes = np.concatenate((rng.integers(0, 30_000, 45_000), heavy))
    return [f"artikel-{code}ß" for code in rng.permutation(codes)]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 5_000)


def test_beyond_the_cap_rows_are_counted_in_groups(log, few):
    found = fold_arrays(arrays_of(log, 7_000))
    assert (found.count, found.missing) == (60_000, 0)
    assert found.groups.tolist() == groups_by_hand(log)
    assert found.grouped() is found.groups
    hashes = np.unique(label_hashes(pa.array(log)))
    assert found.smallest.tolist() == hashes[:SMALLEST].tolist()


def test_beyond_the_cap_the_labels_of_the_smallest_hashes_are_examples(log, few):
    found = fold_arrays(arrays_of(log, 7_000))
    labels = pa.array(sorted(set(log)))
    order = np.argsort(label_hashes(labels))
    assert found.examples() == [labels[at].as_py() for at in order[:SAMPLE]]


def test_up_to_the_cap_examples_are_spread_evenly():
    labels = [f"{at:04}" for at in range(2 * SAMPLE + 1)]
    assert fold([(dict.fromkeys(labels, 1), 0)]).examples() == labels[::3]
    assert fold([(dict.fromkeys(labels[:SAMPLE], 1), 0)]).examples() == labels[:SAMPLE]
    assert fold([]).examples() == []


def test_heavy_labels_keep_their_names(log, few):
    found = fold_arrays(arrays_of(log, 7_000))
    rows = Counter(log)
    heavy = sorted(name for name, count in rows.items() if count * HEAVY > len(log))
    assert list(found.counts) == heavy == [f"artikel-{code}ß" for code in (1, 2, 3, 4, 5)]
    # with the few rows of the rare labels that share their groups
    for name, count in found.counts.items():
        assert rows[name] <= count <= rows[name] + 40
    assert found.other == 60_000 - sum(found.counts.values()) > 0


def test_order_batches_and_types_change_nothing(log, few):
    expected = bits(fold_arrays(arrays_of(log, 7_000)))
    rng = np.random.default_rng(1)
    for rows in (log, sorted(log), sorted(log, reverse=True), rng.permutation(log).tolist()):
        for batch in (900, 25_000, 60_000):
            assert bits(fold_arrays(arrays_of(rows, batch))) == expected
    assert bits(fold_arrays(arrays_of(log, 9_000, pa.large_string()))) == expected
    # sliced out of a larger array, so that its buffers begin before its rows
    spare = pa.array(["spare"] * 100 + log)
    assert bits(fold_arrays([spare.slice(100, 31_000), spare.slice(31_100)])) == expected


def test_counts_and_arrays_fold_alike(log, few):
    expected = bits(fold_arrays(arrays_of(log, 7_000)))
    tables_ = [(dict(Counter(log[at : at + 9_000])), 0) for at in range(0, 60_000, 9_000)]
    assert bits(fold(tables_)) == expected


def test_parts_merge_to_the_same(log, few):
    whole = bits(fold_arrays(arrays_of(log, 60_000)))
    for cuts in ([30_000], [200, 4_000, 41_000]):
        parts = [
            fold_arrays(arrays_of(part.tolist(), 60_000))
            for part in np.split(np.array(log, dtype=object), cuts)
        ]
        assert any(part.groups is None for part in parts) == (len(cuts) > 1)
        for order in (parts, parts[::-1]):
            assert bits(reduce(CategoricalSummary.merge, order)) == whole


def test_missing_rows_are_counted_beyond_the_cap(few):
    rows = [None if i % 3 == 0 else f"id{i % 9_000}" for i in range(30_000)]
    found = fold_arrays(arrays_of(rows, 4_000))
    assert (found.count, found.missing) == (20_000, 10_000)
    nothing = CategoricalFold()
    nothing.add_summary(found)
    nothing.add_array(pa.array([None, None], pa.string()))
    assert bits(nothing.finish()) == bits(replace(found, missing=10_002))


@pytest.mark.parametrize("step", [1, -1])
def test_of_very_many_candidates_the_most_frequent_stay_then_the_first_by_name(step):
    folding = CategoricalFold()
    names = [f"{at:05}" for at in range(100 * HEAVY + 1)]
    folding._nominate({name: 3 if name > names[-4] else 2 for name in names[::step]})
    assert list(folding.state()["labels"]) == [*names[-3:], *names[: 10 * HEAVY - 3]]


def test_distinct_labels_are_estimated_within_five_percent():
    """4,096 smallest hashes of many: a standard error of 1 / sqrt(4,094), 1.6 percent."""
    errors = []
    for distinct in (100_001, 140_000, 200_000):
        labels = pa.array([f"{distinct}-{i}" for i in range(distinct)])
        found = fold_arrays([labels, labels.slice(5)])
        assert found.groups is not None
        errors.append(found.distinct / distinct - 1)
    assert max(map(abs, errors)) < 0.05
    assert max(map(abs, errors)) > 0  # it is an estimate


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 9), max_size=40), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_groups_are_those_of_the_labels_at_any_cap(counts, missing):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_CATEGORIES", 3)
        found = fold([(counts, missing)])
    exact = fold([(counts, missing)])
    assert (found.groups is not None) == (len(counts) > 3)
    assert found.grouped().tolist() == exact.grouped().tolist()
    assert found.grouped().sum() == found.count == sum(counts.values())
    assert found.missing == missing
