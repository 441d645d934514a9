from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_samples import bits, of

from driftcli.summaries.grid import FEW_DISTINCT, HEAVY, MAX_EDGES, PSI_BINS, Grid
from driftcli.summaries.multiset import Multiset, tally
from driftcli.summaries.numeric import summarise
from driftcli.summaries.powers import Scale


def grid_of(values, dtype=np.float64):
    return Grid.of(of(values, dtype))


def cuts_of(grid):
    return list(zip(grid.cuts.points.tolist(), grid.cuts.closed.tolist(), strict=True))


def test_deciles_are_numpys_type_7():
    values = np.random.default_rng(0).normal(size=997)
    grid = grid_of(values)
    assert grid.cuts.points.tolist() == np.quantile(values, np.arange(1, 10) / 10).tolist()
    assert grid.cuts.closed.all()
    assert not grid.few


def test_few_distinct_values_have_a_bin_each():
    grid = grid_of([3, 1, 1, 2])
    assert grid.few
    assert grid.edges.tolist() == [1, 2, 3]
    assert cuts_of(grid) == [(v, closed) for v in (1, 2, 3) for closed in (False, True)]


@pytest.mark.parametrize(("distinct", "few"), [(FEW_DISTINCT, True), (FEW_DISTINCT + 1, False)])
def test_few_ends_at_20_distinct_values(distinct, few):
    grid = grid_of(np.repeat(np.arange(distinct), 3))
    assert grid.few is few
    assert len(grid.cuts.points) == (2 * distinct if few else 9)


def test_a_value_heavier_than_a_bin_gets_a_bin_of_its_own():
    rest = np.linspace(1, 2, 40)
    grid = grid_of(np.concatenate((np.zeros(60), rest)))
    deciles = np.quantile(np.concatenate((np.zeros(60), rest)), np.arange(1, 10) / 10)
    later = [(d, True) for d in deciles.tolist() if d != 0.0]
    assert cuts_of(grid) == [(0.0, False), (0.0, True), *later]


def test_a_value_of_just_one_bins_mass_gets_none():
    values = np.concatenate((np.zeros(10), np.arange(1, 91)))
    assert cuts_of(grid_of(values)) == [
        (d, True) for d in np.quantile(values, np.arange(1, 10) / 10).tolist()
    ]


def test_an_empty_reference_has_no_edges():
    grid = grid_of([])
    assert (grid.edges.tolist(), cuts_of(grid), grid.few) == ([], [], True)
    assert summarise(of(np.arange(3.0)), grid).bin_counts().tolist() == [3]


@pytest.mark.parametrize("count", [MAX_EDGES, MAX_EDGES + 1, 50_000])
def test_edges_are_all_distinct_values_or_quantiles_of_them(count):
    values = np.arange(count) * 1.0
    grid = grid_of(values)
    if count <= MAX_EDGES:
        assert set(values) <= set(grid.edges.tolist())
        assert len(grid.edges) <= count + 9
    else:
        assert len(grid.edges) <= MAX_EDGES
        assert (grid.edges[0], grid.edges[-1]) == (values[0], values[-1])
        # evenly: no bucket much heavier than the others
        assert np.diff(grid.edges).max() <= 2 * count / MAX_EDGES
    assert set(grid.cuts.points.tolist()) <= set(grid.edges.tolist())


def test_infinite_values_make_no_decile_of_nan():
    grid = grid_of([-math.inf] * 30 + list(range(40)) + [math.inf] * 30)
    assert not np.isnan(grid.edges).any()
    assert {-math.inf, math.inf} <= set(grid.edges.tolist())


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_keep_their_last_digit(dtype):
    values = [2**60 + 2 * k for k in range(101)]
    grid = grid_of(values, dtype)
    assert grid.edges.dtype == dtype
    assert grid.cuts.points.tolist() == [2**60 + 20 * k for k in range(1, 10)]


def bins_by_hand(reference, current):
    """Right-closed bins at the exact type 7 deciles, heavy (or few) values apart."""
    reference, current, n = sorted(reference), sorted(current), len(reference)
    distinct = sorted(set(reference))
    atoms = distinct
    deciles = []
    if len(distinct) > FEW_DISTINCT:
        atoms = [v for v in distinct if 10 * reference.count(v) > n]
        for k in range(1, 10):
            whole, part = divmod(k * (n - 1), 10)
            high = reference[min(whole + 1, n - 1)]
            deciles.append(reference[whole] + Fraction((high - reference[whole]) * part, 10))
    cuts = {(v, right) for v in atoms for right in (0, 1)}
    # of whole numbers, only what lies up to the whole part of a decile counts
    cuts |= {(v, 1) for v in map(math.floor, deciles)}
    sides = []
    for side in (reference, current):
        below = [(bisect_right if right else bisect_left)(side, v) for v, right in sorted(cuts)]
        sides.append(np.diff(below, prepend=0, append=len(side)).tolist())
    return sides


whole = st.lists(
    st.one_of(st.integers(-50, 50), st.just(0), st.integers(2**62, 2**62 + 99)),
    min_size=1,
    max_size=120,
)


@given(whole, whole)
@settings(max_examples=150, deadline=None)
def test_bins_of_integers(reference, current):
    grid = grid_of(reference, np.int64)
    found = [
        summarise(of(side, np.int64), grid).bin_counts().tolist() for side in (reference, current)
    ]
    assert found == bins_by_hand(reference, current)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80))
@settings(max_examples=100, deadline=None)
def test_every_cut_is_an_edge_and_edges_are_sorted_and_distinct(values):
    grid = grid_of(values)
    assert (np.diff(grid.edges) > 0).all()
    assert np.isin(grid.cuts.points, grid.edges).all()
    assert sorted(cuts_of(grid)) == cuts_of(grid)
    assert len(set(cuts_of(grid))) == len(cuts_of(grid))


@pytest.mark.parametrize(("distinct", "complete"), [(MAX_EDGES, True), (MAX_EDGES + 1, False)])
def test_the_grid_knows_whether_it_holds_all_values(distinct, complete):
    assert grid_of(np.arange(distinct)).complete is complete


def shapes():
    rng = np.random.default_rng(5)
    yield rng.normal(size=30_000)
    yield np.concatenate((np.zeros(20_000), rng.exponential(size=10_000)))
    yield rng.lognormal(3, 1, 40_000).round(2)
    yield np.concatenate((rng.normal(size=8_000), [np.inf] * 900, [-np.inf] * 20))
    yield np.repeat(rng.random(200), 150)


SHAPES = list(shapes())


@pytest.mark.parametrize("values", SHAPES)
def test_rows_and_counts_of_rows_make_the_same_grid(values):
    rows = of(values)
    counted = Multiset.of(*tally(rows.values))
    assert bits(Grid.of(counted).settled()) == bits(Grid.of(rows).settled())


@pytest.mark.parametrize("values", SHAPES)
def test_heavy_values_have_an_edge_and_no_bucket_is_heavy(values):
    grid, rows = grid_of(values), of(values)
    found, repeats = rows.distinct()
    heavy = found[repeats * HEAVY > len(rows)]
    assert np.isin(heavy, grid.edges).all()
    assert len(grid.edges) <= MAX_EDGES
    between = np.append(rows.below(grid.edges), len(rows)) - np.insert(rows.up_to(grid.edges), 0, 0)
    # a bucket holds two steps between quantiles, and less than a value that is not heavy
    steps = -(-len(rows) // (MAX_EDGES - 9 - len(heavy)))
    assert between.max() <= 2 * steps + len(rows) // HEAVY


def test_the_scale_lies_around_the_median_and_leaves_the_tails_out():
    values = np.concatenate((np.arange(10_000.0), [1e300] * 9, [-np.inf] * 500))
    scale = grid_of(values).scale
    assert scale.center == 5_004.0
    # 4,994 and 5,004 to either side, and four times that
    assert scale.exponent == 15


def test_no_finite_value_has_the_scale_of_one():
    assert grid_of([np.inf, -np.inf]).scale == grid_of([]).scale == Scale()


def counted(values, edges):
    rows = of(values)
    edges = np.array(edges, dtype=np.float64)
    below, upto = rows.below(edges), rows.up_to(edges)
    return Grid.counted(edges, Scale(), below, upto, len(rows)), upto


def test_counted_edges_are_cut_nearest_to_the_deciles():
    grid, _ = counted(
        np.arange(1, 1_001), [1, 90, 195, 204, 333, 400, 500, 640, 700, 777, 900, 1000]
    )
    assert cuts_of(grid) == [(v, True) for v in (90, 204, 333, 400, 500, 640, 700, 777, 900)]
    assert (grid.few, grid.complete) == (False, False)


@given(st.integers(0, 2**32 - 1), st.integers(30, 400))
@settings(max_examples=50, deadline=None)
def test_counted_deciles_are_off_by_half_a_bucket_at_most(seed, edges):
    rng = np.random.default_rng(seed)
    values = rng.exponential(size=3_000).round(3)
    grid, upto = counted(values, np.unique(rng.choice(values, edges)))
    rows = np.arange(1, PSI_BINS) * len(values) // PSI_BINS
    at = upto[np.searchsorted(grid.edges, grid.cuts.points)]
    nearest = np.abs(upto[:, None] - rows).min(axis=0)
    off = np.abs(at[:, None] - rows).min(axis=0)
    assert off.tolist() == nearest.tolist()
    steps = np.diff(upto)
    inner = rows > upto[0]
    right = np.clip(np.searchsorted(upto, rows), 1, len(upto) - 1)
    assert (2 * off <= steps[right - 1])[inner & (rows <= upto[-1])].all()


def test_counted_heavy_values_have_a_bin_of_their_own():
    values = np.concatenate((np.zeros(400), np.linspace(1, 2, 600)))
    grid, _ = counted(values, [0, 1, 1.2, 1.4, 1.6, 1.8, 2])
    assert cuts_of(grid)[:2] == [(0.0, False), (0.0, True)]
    assert (0.0, True) not in cuts_of(grid)[2:]
    assert summarise(of(values), grid).bin_counts()[:2].tolist() == [0, 400]


def test_a_single_edge_is_cut_there():
    grid, _ = counted([3.0] * 50, [3.0])
    assert cuts_of(grid) == [(3.0, False), (3.0, True)]
    grid, _ = counted(np.arange(50), [20.0])
    assert cuts_of(grid) == [(20.0, True)]
