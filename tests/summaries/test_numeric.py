from __future__ import annotations

import math
from bisect import bisect
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_samples import ALL, bits, fed, fold, of, reference

from driftcli.summaries import counting as counting_module
from driftcli.summaries import folds as folds_module
from driftcli.summaries import grid as grid_module
from driftcli.summaries import sketch as sketch_module
from driftcli.summaries.counting import ExtentFold, PocketsFold
from driftcli.summaries.folds import NumericFold, tally_of
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import NumericSummary, summarise

ODD = [0.0, math.inf, -math.inf, 5e-324, -5e-324, 1.7976931348623157e308, 1.0]
numbers = st.one_of(st.integers(-40, 40).map(float), st.sampled_from(ODD))
floats = st.lists(numbers, max_size=60)


def counts(summary):
    return (
        summary.count,
        summary.missing,
        summary.positive_infinite,
        summary.negative_infinite,
        summary.minimum,
        summary.maximum,
        summary.below.tolist(),
        summary.upto.tolist(),
        summary.bin_counts().tolist(),
    )


def by_hand(values, missing, grid):
    ordered = sorted(values)
    below = [sum(v < edge for v in values) for edge in grid.edges.tolist()]
    upto = [sum(v <= edge for v in values) for edge in grid.edges.tolist()]
    cuts = [
        sum(v < point or (closed and v == point) for v in values)
        for point, closed in zip(grid.cuts.points, grid.cuts.closed, strict=True)
    ]
    return (
        len(values),
        missing,
        values.count(np.inf),
        values.count(-np.inf),
        ordered[0] if ordered else None,
        ordered[-1] if ordered else None,
        below,
        upto,
        np.diff(cuts, prepend=0, append=len(values)).tolist(),
    )


def kept(summary):
    """The values that a summary holds, one a row."""
    return summary.rows.at(np.arange(len(summary.rows))).tolist()


@given(floats, floats)
@settings(max_examples=100, deadline=None)
def test_counts_equal_a_count_by_hand(before_values, after_values):
    before = fold([(before_values, 2)]).finish()
    after = fold([(after_values, 5)], before.grid).finish()
    assert counts(before) == by_hand(before_values, 2, before.grid)
    assert counts(after) == by_hand(after_values, 5, before.grid)
    assert kept(after) == sorted(after_values)


# -- the same rows, however they come ------------------------------------------------------------

signed = st.one_of(st.integers(-3, 3), st.integers(2**53 - 2, 2**63 - 1))
unsigned = st.one_of(st.integers(0, 40), st.integers(2**64 - 9, 2**64 - 1))
columns = st.one_of(
    *(
        st.tuples(st.lists(values, min_size=1, max_size=120), st.just(dtype))
        for values, dtype in ((numbers, np.float64), (signed, np.int64), (unsigned, np.uint64))
    )
)
ways = st.tuples(
    st.lists(st.integers(0, 50), max_size=5),  # rows of the first batches
    st.sampled_from([1, 5, 40, 10**6]),  # of a chunk
    st.sampled_from([1, 8, 10**9]),  # from which on values are counted
)


def small_machine(patch, chunk, repeating):
    """Make the kernel treat a hundred rows as it does a hundred million."""
    patch.setattr(counting_module, "CHUNK", chunk)
    patch.setattr(folds_module, "REPEATING", repeating)
    patch.setattr(grid_module, "MAX_EDGES", 30)
    patch.setattr(grid_module, "HEAVY", 8)
    # every row of a chunk is looked at, where chunks are so small
    for name, value in {
        "MAX_EDGES": 30,
        "HEAVY": 8,
        "SAMPLE": 16,
        "CHUNK": 16,
        "STRIDE": 1,
    }.items():
        patch.setattr(sketch_module, name, value)


def summaries_of(rows, way, keep, dtype):
    """Rows as a reference, and as current on edges of their own values."""
    sizes, chunk, repeating = way
    ends = np.cumsum([0, *sizes])
    parts = [(rows[a : a + n], 1) for a, n in zip(ends, sizes, strict=False)]
    parts.append((rows[ends[-1] :], 10 - len(sizes)))
    with pytest.MonkeyPatch.context() as patch:
        small_machine(patch, chunk, repeating)
        grid = Grid.of(of(sorted(set(rows))[::3], dtype))
        return reference(parts, keep, dtype), fold(parts, grid, keep, dtype).finish()


@given(columns, ways, ways, st.sampled_from([0, 4, 30, 60, ALL]), st.randoms())
@settings(max_examples=120, deadline=None)
def test_order_batches_and_the_way_of_keeping_change_no_bit(column, one, other, keep, random):
    rows, dtype = column
    mixed = random.sample(rows, len(rows))
    ours, theirs = summaries_of(rows, one, keep, dtype), summaries_of(mixed, other, keep, dtype)
    assert bits(ours) == bits(theirs)
    # what fits is decided by the rows alone: so many in all, or a quarter as many values
    fits = len(rows) + 10 <= keep or 4 * len(set(rows)) <= keep
    for summary in ours:
        assert (summary.rows is not None) == fits
        assert (summary.count, summary.missing) == (len(rows), 10)
        assert counts(summary) == by_hand(rows, 10, summary.grid)
        assert not fits or kept(summary) == sorted(rows)


@pytest.mark.parametrize("keep", [ALL, 80_000, 20_000])
def test_many_rows_in_any_order_give_the_same_bits(keep):
    """In memory, counted by value, and beyond the memory, with the sizes of every day."""
    rng = np.random.default_rng(0)
    rows = np.round(rng.lognormal(3, 1, 300_000), 2)
    rows[:60_000] = 9.99
    rows[-400:] = [math.inf, -math.inf, 5e-324, -1e308] * 100
    assert 20_000 < 4 * len(np.unique(rows)) < 80_000
    expected = None
    for arranged in (rows, np.sort(rows), np.sort(rows)[::-1], rng.permutation(rows)):
        for batch in (37_000, 300_000):
            parts = [(arranged[at : at + batch], 3) for at in range(0, len(rows), batch)]
            parts.append((rows[:0], 3 * (9 - len(parts))))
            found = bits(reference(parts, keep))
            expected = expected or found
            assert found == expected


# -- merging -------------------------------------------------------------------------------------

parts_of = st.lists(st.tuples(floats, st.integers(0, 9)), min_size=1, max_size=5)
GRID = Grid.of(of(np.arange(-30.0, 30.0, 7)))


@given(parts_of)
@settings(max_examples=100, deadline=None)
def test_merged_equals_unmerged(parts):
    whole = fold(parts, GRID).finish()
    each = [fold([part], GRID).finish() for part in parts]
    nothing = fold([], GRID).finish()
    for order in (each, each[::-1], [nothing, *each]):
        merged = reduce(NumericSummary.merge, order, nothing)
        assert bits(merged) == bits(whole.compact())


def test_merging_drops_single_values():
    """Of a summary that merges only numbers are left, whose size does not grow with the rows."""
    one = fold([([1.0, 2.0], 1)]).finish()
    merged = one.merge(one)
    assert (merged.rows, merged.pockets) == (None, {})
    assert counts(merged) == by_hand([1.0, 2.0, 1.0, 2.0], 2, one.grid)


def test_summaries_on_different_edges_do_not_merge():
    one, other = fold([([1.0], 0)]).finish(), fold([([2.0], 0)]).finish()
    with pytest.raises(ValueError, match="different edges"):
        one.merge(other)


def test_summaries_on_different_scales_do_not_merge():
    one = fold([([1.0], 0)]).finish()
    scale = replace(one.grid.scale, exponent=9)
    with pytest.raises(ValueError, match="different edges"):
        one.merge(replace(one, grid=replace(one.grid, scale=scale)))


def test_compact_leaves_only_the_values_out():
    one = fold([([1.0, 2.0, math.inf], 1)]).finish()
    left = one.compact()
    assert (left.rows, left.pockets) == (None, {})
    assert isinstance(left.grid.source, np.ndarray)
    assert counts(left) == counts(one)
    assert replace(left, grid=one.grid, counted=one.counted, rows=one.rows) == one


# -- memory --------------------------------------------------------------------------------------


def test_a_fold_that_fits_needs_no_second_pass():
    folding = fold([([1.0, 2.0], 0)], keep=2)
    assert folding.edges() is None
    assert kept(folding.finish()) == [1.0, 2.0]


def test_the_current_side_needs_no_second_pass():
    folding = fold([([1.0, 2.0], 0)], Grid.of(of([1.0])), keep=1)
    assert folding.edges() is None
    assert folding.finish().rows is None


@pytest.mark.parametrize(("keep", "fits"), [(400, True), (399, False)])
def test_few_values_that_repeat_are_kept_whatever_the_rows(keep, fits, monkeypatch):
    """A distinct value with its count takes the memory of four plain ones."""
    monkeypatch.setattr(counting_module, "CHUNK", 50)
    rows = np.arange(100.0).repeat(20)
    for arranged in (rows, np.random.default_rng(1).permutation(rows)):
        found = fold([(arranged, 0)], keep=keep)
        assert (found.edges() is None) == fits


@pytest.mark.parametrize("batch", [65_536, 37_000, 327_680])
def test_large_integers_stay_integers_when_they_are_counted_late(batch):
    """More rows than the memory holds, of few enough values: from then on they are counted."""
    rows = 2**53 + np.random.default_rng(3).integers(0, 50_000, 327_680)
    parts = [(rows[at : at + batch], 0) for at in range(0, len(rows), batch)]
    found = reference(parts, 300_000, np.int64)
    assert found.rows.values.dtype == found.grid.edges.dtype == np.int64
    assert found.rows.values.tolist() == sorted({*rows.tolist()})


@given(parts_of, st.lists(st.integers(0, 9), min_size=1, unique=True))
@settings(max_examples=60, deadline=None)
def test_pockets_hold_what_lies_between_two_edges(parts, buckets):
    side = fold(parts, GRID).finish()
    found = fed(PocketsFold(side.compact(), buckets), parts).finish()
    assert replace(found, pockets={}) == side.compact()
    assert list(found.pockets) == buckets
    edges = GRID.edges.tolist()
    for bucket in buckets:
        between = [v for v in kept(side) if v not in edges and bisect(edges, v) == bucket]
        assert found.within(bucket).values.tolist() == between
        assert kept(replace(side, rows=side.within(bucket))) == between
    assert all(found.within(b) is None for b in range(10) if b not in buckets)


def test_the_extent_of_times_is_all_that_is_noted():
    parts = [([], 2), ([7, 5], 0), ([2**60 + 1], 1), ([], 0)]
    found = fed(ExtentFold(), parts, np.int64).finish()
    assert (found.count, found.missing) == (3, 3)
    assert (found.minimum, found.maximum) == (5, 2**60 + 1)
    assert (found.rows, len(found.grid.edges)) == (None, 0)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.float64])
@pytest.mark.parametrize("low", [0, 2**63 - 60])
def test_rows_are_counted_by_value(dtype, low):
    offsets = np.random.default_rng(2).integers(0, 50, 1_000)
    rows = (offsets + low).astype(dtype)
    values, repeats = tally_of(rows.copy())
    expected = np.unique(rows, return_counts=True)
    assert values.dtype == dtype
    assert (values.tolist(), repeats.tolist()) == tuple(found.tolist() for found in expected)


def test_the_whole_range_of_integers_is_counted_by_value():
    rows = np.array([2**63 - 1, -(2**63), 0, -(2**63)])
    values, repeats = tally_of(rows)
    assert (values.tolist(), repeats.tolist()) == ([-(2**63), 0, 2**63 - 1], [2, 1, 1])


# -- drawing -------------------------------------------------------------------------------------


def test_cumulative_counts_from_values_and_between_edges():
    rows = of(np.arange(101.0))
    exact = summarise(rows, Grid.of(rows), keep=True)
    points = np.array([-1.0, 0.0, 9.5, 100.0, 200.0])
    assert exact.cumulative(points).tolist() == [0, 1, 10, 101, 101]
    coarse = Grid(np.array([0.0, 50.0, 100.0]), Grid.of(of([])).cuts, few=False)
    # 1 + 9.6 / 50 of the 49 rows between the first two edges; the row at 50 comes at once
    points[2:4] = [9.6, 49.999]
    assert summarise(rows, coarse).cumulative(points).tolist() == [0, 1, 10, 50, 101]


def test_a_fold_of_nothing():
    found = NumericFold(None, ALL).finish()
    assert counts(found) == by_hand([], 0, found.grid)
    assert (kept(found), found.moments.count) == ([], 0)
