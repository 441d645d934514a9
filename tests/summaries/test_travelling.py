"""What a fold has seen travels as bytes: parts that were folded elsewhere add up to the whole."""

from __future__ import annotations

import copy

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_samples import bits, fed, of

from driftcli.summaries.categorical import MAX_CATEGORIES, CategoricalFold
from driftcli.summaries.counting import ExtentFold, GridFold, PocketsFold
from driftcli.summaries.folds import NumericFold
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.sketch import Sketch
from driftcli.summaries.windowed import Rows, Windowed
from driftcli.summaries.wire import packed, unpacked

LIMIT = 40
# as the kernel gets them, without a negative zero
NUMBERS = st.floats(-9, 9).map(lambda value: value + 0.0)
VALUES = st.lists(st.sampled_from([0.0, -1.5, 2.0, np.inf, -np.inf, 1e300]) | NUMBERS, max_size=60)
PARTS = st.lists(st.tuples(VALUES, st.integers(0, 3)), min_size=1, max_size=5)


def whole_and_summed(empty, parts, feed):
    """Return a fold that was fed with all parts, and one that heard of each from another process.

    The first is added at once, the others in two rounds, as partitions of one cluster are.
    """

    def told(part):
        one = copy.deepcopy(empty)
        feed(one, part)
        return unpacked(packed(one.state()))

    whole, total = copy.deepcopy(empty), copy.deepcopy(empty)
    total.absorb(told(parts[0]))
    for start in range(1, len(parts), 2):
        middle = copy.deepcopy(empty)
        for part in parts[start : start + 2]:
            middle.absorb(told(part))
        total.absorb(unpacked(packed(middle.state())))
    for part in parts:
        feed(whole, part)
    return whole, total


def numbers(one, part):
    fed(one, [part])


def edges_or_summary(one):
    """What a fold of a reference says: edges for a second pass, or its summary."""
    edges = one.edges() if isinstance(one, NumericFold) else None
    return bits(one.finish() if edges is None else (edges.anchors, edges.heavy, edges.scale))


@settings(deadline=None, max_examples=40)
@given(PARTS, st.sampled_from([LIMIT, 10 * LIMIT]))
def test_a_reference(parts, limit):
    whole, total = whole_and_summed(NumericFold(None, limit), parts, numbers)
    assert edges_or_summary(total) == edges_or_summary(whole)


KEEP = 8_192
RNG = np.random.default_rng(5)
KINDS = {
    "few rows": RNG.lognormal(size=3_000),
    "repeating": RNG.integers(0, 900, 120_000) / 8,
    "too many": RNG.lognormal(size=90_000),
    "a heavy one": np.append(np.full(9_000, 5.5), RNG.lognormal(size=81_000)),
}


def absorbed(mine, theirs):
    """Return a fold that saw rows of its own before it heard of others', and one that saw all."""
    one, other, whole = (NumericFold(None, KEEP) for _ in range(3))
    one.add(mine.copy(), 2)
    other.add(theirs.copy(), 3)
    one.absorb(unpacked(packed(other.state())))
    whole.add(np.concatenate([mine, theirs]), 5)
    return one, whole


@pytest.mark.parametrize("theirs", KINDS)
@pytest.mark.parametrize("mine", KINDS)
def test_a_reference_of_any_size_absorbs_one_of_any(mine, theirs):
    one, whole = absorbed(KINDS[mine], KINDS[theirs])
    found, expected = one.edges(), whole.edges()
    if expected is None:
        assert bits(one.finish()) == bits(whole.finish())
        return
    assert bits((found.anchors, found.scale)) == bits((expected.anchors, expected.scale))
    assert (5.5 in found.heavy) == (5.5 in expected.heavy)


def test_current_of_any_size_absorbs_any():
    grid = Grid.of(of(KINDS["few rows"])).settled()
    for mine in KINDS.values():
        for theirs in KINDS.values():
            one, other, whole = (NumericFold(grid, KEEP) for _ in range(3))
            one.add(mine.copy(), 2)
            other.add(theirs.copy(), 3)
            one.absorb(unpacked(packed(other.state())))
            whole.add(np.concatenate([mine, theirs]), 5)
            assert bits(one.finish()) == bits(whole.finish())


def test_what_two_sketches_spotted_is_added_up():
    one, other = Sketch(KEEP), Sketch(KEEP)
    one.add_sorted(Multiset.of(np.arange(1.0, 4), np.array([1, 500, 700])))
    other.add_sorted(Multiset.of(np.arange(2.0, 6), np.array([60, 1, 80, 90])))
    one.absorb(unpacked(packed(other.state())))
    state = one.state()
    assert dict(state["heavy"]) == {2.0: 560, 3.0: 700, 4.0: 80, 5.0: 90}
    assert state["ends"].tolist() == [1.0, 5.0]
    assert (state["values"].tolist(), state["counts"].tolist()) == (
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [1, 560, 701, 80, 90],
    )


@settings(deadline=None, max_examples=40)
@given(PARTS, VALUES.filter(bool), st.sampled_from([LIMIT, 10 * LIMIT]))
def test_current_on_the_edges_of_a_reference(parts, before, limit):
    grid = Grid.of(of(before)).settled()
    for empty in (NumericFold(grid, limit), GridFold(grid)):
        whole, total = whole_and_summed(empty, parts, numbers)
        assert bits(total.finish()) == bits(whole.finish())


@settings(deadline=None, max_examples=40)
@given(PARTS, VALUES.filter(bool))
def test_the_values_of_some_buckets(parts, before):
    summary = fed(GridFold(Grid.of(of(before)).settled()), parts).finish()
    whole, total = whole_and_summed(PocketsFold(summary, [0, 1]), parts, numbers)
    assert bits(total.finish()) == bits(whole.finish())


def test_whole_numbers_keep_their_type():
    part = np.array([2**62, 2**62 + 1] * 30), 0
    feed = lambda one, values: one.add(*values)  # noqa: E731
    for empty in (NumericFold(None, LIMIT), ExtentFold()):
        whole, total = whole_and_summed(empty, [part, part, part], feed)
        assert bits(total.finish()) == bits(whole.finish())
        assert total.finish().maximum == 2**62 + 1


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.sampled_from(["a", "array", "", "ü\0", None])), min_size=1, max_size=5))
def test_categories(parts):
    def feed(one, words):
        counts = {word: words.count(word) for word in words if word is not None}
        one.add(counts, words.count(None))

    whole, total = whole_and_summed(CategoricalFold(), parts, feed)
    assert bits(total.finish()) == bits(whole.finish())


def test_more_categories_than_are_counted_by_name():
    parts = [
        [f"v{at}" for at in range(start, start + 3 * MAX_CATEGORIES // 4)] + ["heavy"] * 5_000
        for start in (0, MAX_CATEGORIES // 2, 40)
    ]

    def feed(one, words):
        if one.full:
            one.add_array(pa.array(words, pa.large_string()))
        else:
            one.add({word: 5_000 if word == "heavy" else 1 for word in words}, 0)

    whole, total = whole_and_summed(CategoricalFold(), parts, feed)
    found = total.finish()
    assert (found.groups is not None, found.counts) == (True, whole.finish().counts)
    assert bits(found) == bits(whole.finish())


@pytest.mark.parametrize("presence_only", [False, True])
@pytest.mark.parametrize("values", [[1.5, None, 3.0, 3.0], ["x", "y", None, "x"]])
def test_windows(values, presence_only):
    array = pa.array(values)
    like = NumericFold(None, LIMIT) if array.type == pa.float64() else CategoricalFold()
    if isinstance(like, NumericFold):
        like.add(np.array([1.0, 2.0, 3.0]), 0)
    else:
        like.add({"x": 3, "y": 1}, 0)
    empty = Windowed(like.finish(), np.dtype(np.float64), presence_only=presence_only)
    parts = [np.array([4, 4, 5, 7]), np.array([5, 5, 5, 9]), np.array([1, 7, 7, 7])]
    feed = lambda one, part: one.add(array, Rows.of(part, -1))  # noqa: E731
    whole, total = whole_and_summed(empty, parts, feed)
    assert bits(total.finish()) == bits(whole.finish())


def test_a_state_is_json_and_arrays():
    state = {"one": [1, 2.5, None, "ü"], "big": 2**90, "inf": float("-inf"), "deep": [{"a": 1}]}
    arrays = {"counts": np.arange(3), "words": np.array([1.5, np.nan])}
    back = unpacked(packed({**state, **arrays}))
    assert {name: back[name] for name in state} == state
    for name, array in arrays.items():
        assert bits(back[name]) == bits(array)
