from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.engines.local import summarise as summarise_source
from driftcli.model import ColumnKind
from driftcli.schema import ColumnPlan
from driftcli.summaries import grid as grid_module
from driftcli.summaries import numeric as numeric_module
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import NumericFold, summarise

ALL = 2**40
ODD = [0.0, np.inf, -np.inf, 5e-324, 1.0]
floats = st.lists(st.one_of(st.integers(-40, 40).map(float), st.sampled_from(ODD)), max_size=60)


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


def fold(parts, grid=None, keep=ALL):
    folding = NumericFold(grid, keep)
    for values, missing in parts:
        folding.add(np.array(values, dtype=np.float64), missing)
    return folding


@given(floats, floats)
@settings(max_examples=100, deadline=None)
def test_counts_equal_a_count_by_hand(reference, current):
    before = fold([(reference, 2)]).finish()
    after = fold([(current, 5)], before.grid).finish()
    assert counts(before) == by_hand(reference, 2, before.grid)
    assert counts(after) == by_hand(current, 5, before.grid)
    assert after.values.tolist() == sorted(current)


parts_of = st.lists(st.tuples(floats, st.integers(0, 9)), min_size=1, max_size=5)


@given(parts_of)
@settings(max_examples=100, deadline=None)
def test_merged_equals_unmerged(parts):
    grid = Grid.of(np.arange(-30.0, 30.0, 7))
    merged = None
    for part in parts:
        one = fold([part], grid).finish()
        merged = merged.merge(one) if merged else one
    whole = fold(parts, grid).finish()
    assert counts(merged) == counts(whole)
    assert merged.values.tolist() == whole.values.tolist()
    assert merged.moments.count == whole.moments.count
    assert merged.moments.mean == pytest.approx(whole.moments.mean, abs=1e-12)
    assert merged.moments.m2 == pytest.approx(whole.moments.m2, rel=1e-9, abs=1e-9)


@given(parts_of, st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_outgrowing_the_memory_changes_no_count(parts, keep):
    grid = Grid.of(np.arange(-30.0, 30.0, 7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numeric_module, "CHUNK", 10)
        small = fold(parts, grid, keep).finish()
    assert counts(small) == counts(fold(parts, grid).finish())
    rows = sum(len(values) for values, _ in parts)
    assert rows <= keep or small.values is None


@given(parts_of)
@settings(max_examples=50, deadline=None)
def test_batches_change_no_digit(parts):
    """In memory, not even the mean depends on how the rows came."""
    whole = [([v for values, _ in parts for v in values][::-1], sum(m for _, m in parts))]
    one, other = fold(parts).finish(), fold(whole).finish()
    assert counts(one) == counts(other)
    assert one.moments == other.moments


def test_summaries_on_different_edges_do_not_merge():
    one, other = fold([([1.0], 0)]).finish(), fold([([2.0], 0)]).finish()
    with pytest.raises(ValueError, match="different edges"):
        one.merge(other)


def test_merging_without_values_keeps_the_counts():
    one = fold([([1.0, 2.0], 1)]).finish()
    merged = one.merge(replace(one, values=None))
    assert merged.values is None
    assert counts(merged) == by_hand([1.0, 2.0, 1.0, 2.0], 2, one.grid)


def test_a_fold_that_fits_needs_no_second_pass():
    folding = fold([([1.0, 2.0], 0)], keep=2)
    assert folding.sampled_grid is None
    assert folding.finish().values.tolist() == [1.0, 2.0]


def test_the_second_pass_of_the_current_side_is_none():
    grid = Grid.of(np.array([1.0]))
    assert fold([([1.0, 2.0], 0)], grid, keep=1).sampled_grid is None


def test_the_sample_is_of_all_rows_and_not_of_the_first(monkeypatch):
    """Sorted rows, of which a sample of the first would show nothing of the rest (row 60)."""
    monkeypatch.setattr(numeric_module, "SAMPLE", 1_000)
    monkeypatch.setattr(numeric_module, "CHUNK", 500)
    rows = np.arange(20_000.0)
    grid = fold([(part, 0) for part in np.split(rows, 40)], keep=500).sampled_grid
    # the deciles of 1,000 of the rows lie within five standard errors of those of all
    limit = 5 * np.sqrt(0.25 / 1_000) * 20_000
    assert np.abs(grid.cuts.points - np.arange(1, 10) * 2_000).max() < limit
    assert grid.edges[-1] > 19_500


def test_the_sample_is_seeded(monkeypatch):
    monkeypatch.setattr(numeric_module, "SAMPLE", 50)
    monkeypatch.setattr(numeric_module, "CHUNK", 40)
    parts = [(part, 0) for part in np.split(np.random.default_rng(0).normal(size=600), 20)]
    one, other = (fold(parts, keep=40).sampled_grid for _ in range(2))
    assert one.edges.tolist() == other.edges.tolist()


@pytest.mark.parametrize("rest", [0, 1])
def test_sampled_edges_of_integers_are_integers(rest):
    numbers = [2**53 + k for k in range(6 + rest)]
    folding = NumericFold(None, 5)
    folding.add(np.array(numbers[:6]), 0)
    folding.add(np.array(numbers[6:], dtype=np.int64), 0)
    assert folding.sampled_grid.edges.tolist() == numbers


class Rows:
    """A source in memory."""

    name = "rows"

    def __init__(self, *batches):
        self.batches_read = 0
        self._batches = [pa.record_batch({"x": batch}) for batch in batches]

    def batches(self, columns):
        self.batches_read += len(self._batches)
        yield from (batch.select(columns) for batch in self._batches)


def test_the_engine_reads_a_second_time_only_beyond_the_memory(monkeypatch):
    from driftcli.engines import local

    plan = ColumnPlan("x", ColumnKind.NUMERIC, np.dtype("f8"), "double")
    rng = np.random.default_rng(2)
    batches = [pa.array(rng.normal(size=30)) for _ in range(4)]
    source = Rows(*batches)
    small = summarise_source(source, [plan]).columns["x"]
    assert (source.batches_read, len(small.values)) == (4, 120)
    for module in (local, numeric_module):
        monkeypatch.setattr(module, "CHUNK", 50)
    monkeypatch.setattr(local, "MEMORY", 0)
    monkeypatch.setattr(grid_module, "MAX_EDGES", 40)
    source = Rows(*batches)
    large = summarise_source(source, [plan]).columns["x"]
    assert (source.batches_read, large.values, large.count) == (8, None, 120)
    assert len(large.grid.edges) <= 40
    # all rows fitted the sample, so the bins are those of all rows
    assert large.bin_counts().tolist() == small.bin_counts().tolist()


def test_cumulative_counts_from_values_and_between_edges():
    values = np.arange(101.0)
    kept = summarise(values, Grid.of(values), keep=True)
    points = np.array([-1.0, 0.0, 9.5, 100.0, 200.0])
    assert kept.cumulative(points).tolist() == [0, 1, 10, 101, 101]
    coarse = Grid(np.array([0.0, 50.0, 100.0]), Grid.of(np.array([])).cuts, few=False)
    # 1 + 9.5 / 50 of the 50 rows between the first two edges
    points[2] = 9.6
    assert summarise(values, coarse).cumulative(points).tolist() == [0, 1, 11, 101, 101]
