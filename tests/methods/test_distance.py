"""D from summaries, held against a walk through all values, on every way that values can take."""

from __future__ import annotations

import math
import sys
from itertools import chain

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_samples import fold, limited_pair, looked_into, numeric_pair, sort_everything
from scipy import stats

from driftcli.methods import METHODS
from driftcli.methods import distance as module
from driftcli.methods.distance import distance, open_buckets
from driftcli.summaries import counting as counting_module
from driftcli.summaries import folds as folds_module
from driftcli.summaries import grid as grid_module
from driftcli.summaries import sketch as sketch_module
from driftcli.summaries.counting import EdgesFold

KS = METHODS["ks"].compare
ROUNDING = 1e-15

# -- small columns of odd values, in all sizes of memory, chunks and batches ----------------------

ODD = [0.0, -0.0, math.inf, -math.inf, math.nan, -math.nan, 5e-324, -5e-324]
ODD += [sys.float_info.min, sys.float_info.max, -sys.float_info.max]
floats = st.one_of(st.sampled_from(ODD), st.floats(), st.integers(-3, 3).map(float))
signed = st.one_of(
    st.integers(2**53 - 3, 2**53 + 3), st.integers(-(2**63), 2**63 - 1), st.integers(-3, 3)
)
unsigned = st.one_of(st.integers(2**64 - 9, 2**64 - 1), st.integers(0, 2**64 - 1))


def repeated(values):
    """Lists of which some values make up much: constants, heavy atoms, many zeros."""
    runs = st.tuples(values, st.sampled_from([1, 1, 1, 2, 9, 40]))
    many = st.lists(runs, min_size=1, max_size=40)
    return many.map(lambda found: list(chain(*([value] * times for value, times in found))))


def sides_of(values, dtype, kind):
    pair = st.tuples(repeated(values), repeated(values), st.randoms(use_true_random=False))

    def shuffled(drawn):
        reference, current, random = drawn
        random.shuffle(reference)
        random.shuffle(current)
        return reference, current, dtype, kind

    return pair.map(shuffled)


columns = st.one_of(
    sides_of(floats, np.float64, pa.float64()),
    sides_of(signed, np.int64, pa.int64()),
    sides_of(unsigned, np.uint64, pa.uint64()),
).filter(lambda drawn: all(any(v == v for v in side) for side in drawn[:2]))


def small_machine(patch, chunk, repeating):
    """Make the kernel treat a hundred rows as it does a hundred million."""
    patch.setattr(counting_module, "CHUNK", chunk)
    patch.setattr(folds_module, "REPEATING", repeating)
    patch.setattr(grid_module, "MAX_EDGES", 30)
    patch.setattr(grid_module, "HEAVY", 8)
    for name, value in {"MAX_EDGES": 30, "HEAVY": 8, "SAMPLE": 16, "CHUNK": 16}.items():
        patch.setattr(sketch_module, name, value)


@given(
    columns,
    st.sampled_from([0, 5, 20, 60, 2**40]),
    st.integers(1, 40),
    st.integers(1, 50),
    st.sampled_from([1, 8, 10**9]),
)
@settings(max_examples=120, deadline=None)
def test_the_bounds_hold_whatever_the_memory(column, keep, chunk, batch, repeating):
    reference, current, dtype, kind = column
    arrays = pa.array(reference, kind), pa.array(current, kind)
    options = {"batch": batch, "dtype": dtype}
    exact = sort_everything(*([v for v in side if v == v] for side in (reference, current)))
    with pytest.MonkeyPatch.context() as patch:
        small_machine(patch, chunk, repeating)
        sides = limited_pair(*arrays, keep=keep, **options)
        bounded = [distance(*sides), distance(*(side.compact() for side in sides))]
        seen = looked_into(sides, arrays, open_buckets(*sides), **options)
        settled = distance(*seen)
    for found in bounded:
        assert found.lower <= exact + ROUNDING
        assert exact <= found.upper + ROUNDING
    if all(side.rows is not None for side in sides):
        assert bounded[0].lower == bounded[0].upper
    for found in (*bounded, settled):
        if found.lower == found.upper:
            assert found.lower == pytest.approx(exact, abs=ROUNDING)
    # once the rows that the bound asked for are seen, nothing is left open
    assert settled.lower == settled.upper


@given(columns, st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_the_place_is_where_the_difference_is(column, keep):
    reference, current, dtype, kind = column
    arrays = pa.array(reference, kind), pa.array(current, kind)
    with pytest.MonkeyPatch.context() as patch:
        small_machine(patch, 7, 8)
        found = distance(*limited_pair(*arrays, keep=keep, dtype=dtype))
    n, m = (sum(v == v for v in side) for side in (reference, current))
    shares = [
        sum(v < found.at for v in reference) / n - sum(v < found.at for v in current) / m,
        sum(v <= found.at for v in reference) / n - sum(v <= found.at for v in current) / m,
    ]
    assert max(map(abs, shares)) == pytest.approx(found.lower, abs=ROUNDING)


# -- many rows -------------------------------------------------------------------------------------

N, M = 200_000, 130_011


def smooth(rng):
    return rng.normal(size=N), rng.normal(0.05, 1, size=M)


def cents(rng):
    return rng.lognormal(3, 1, N).round(2), rng.lognormal(3.02, 1, M).round(2)


def tied(rng):
    return rng.poisson(9, N) * 1.0, rng.poisson(9.1, M) * 1.0


def zero_inflated(rng):
    return (rng.exponential(size=k) * (rng.random(k) < share) for k, share in ((N, 0.4), (M, 0.41)))


def atom_among_many(rng):
    reference, current = rng.random(N), rng.random(M)
    reference[: N // 3] = current[: M // 4] = 0.123
    return reference, current


def one_odd_place(rng):
    """All alike but for a sliver between two neighbours of the reference."""
    reference = np.arange(N) * 1.0
    return reference, np.concatenate((np.arange(M - 400) * (N / (M - 400)), np.full(400, 77.5)))


SHAPES = [smooth, cents, tied, zero_inflated, atom_among_many, one_odd_place]
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)


@EVERY_SHAPE
def test_many_rows_in_memory_are_exact(shape):
    reference, current = shape(np.random.default_rng(1))
    found = distance(*numeric_pair(reference, current))
    exact = sort_everything(reference.tolist(), current.tolist())
    assert found.lower == found.upper == pytest.approx(exact, abs=ROUNDING)


@EVERY_SHAPE
def test_many_rows_beyond_memory_are_bounded_and_then_exact(shape):
    reference, current = shape(np.random.default_rng(2))
    sides = limited_pair(reference, current, keep=9_000, batch=50_000)
    few = len(np.unique(reference)) * 4 <= 9_000
    assert (sides[0].rows is not None) == few
    found = distance(*sides)
    exact = sort_everything(reference.tolist(), current.tolist())
    assert found.lower <= exact + ROUNDING
    assert exact <= found.upper + ROUNDING
    # a bucket holds about 1 / 1,800 of either side
    assert found.upper - found.lower < 0.005
    seen = looked_into(sides, (reference, current), open_buckets(*sides), batch=50_000)
    settled = distance(*seen)
    assert settled.lower == settled.upper == pytest.approx(exact, abs=ROUNDING)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("share", [1.0, 0.3, 0.01])
def test_the_bound_is_reached_where_a_bucket_hides_the_most(swapped, share):
    """Some rows moved from end to end, others within one bucket: no lower bound would hold."""
    rows = np.tile(np.linspace(0, 100, 21), 1_000)
    hidden = np.full(int(share * len(rows)), 52.5)
    low = np.concatenate((rows, hidden, np.full(2_000, 0.0)))
    high = np.concatenate((rows, hidden + 1, np.full(2_000, 100.0)))
    grid = fold(rows).finish().grid
    sides = (high, low) if swapped else (low, high)
    found = distance(*(fold(side, grid).finish().compact() for side in sides))
    exact = sort_everything(low.tolist(), high.tolist())
    assert exact == pytest.approx((2_000 + len(hidden)) / len(low), abs=ROUNDING)
    assert found.lower == pytest.approx(2_000 / len(low), abs=ROUNDING)
    assert found.upper == pytest.approx(exact, abs=ROUNDING)


def test_only_few_buckets_are_asked_for():
    reference, current = smooth(np.random.default_rng(3))
    sides = limited_pair(reference, current, keep=9_000)
    assert 0 < len(open_buckets(*sides)) < len(sides[0].grid.edges) / 5


def test_a_bucket_that_was_not_asked_for_leaves_the_bound():
    reference, current = smooth(np.random.default_rng(4))
    sides = limited_pair(reference, current, keep=9_000)
    asked = open_buckets(*sides)
    some = distance(*looked_into(sides, (reference, current), asked[:1]))
    assert distance(*sides).upper >= some.upper > some.lower


def test_one_side_in_memory_gives_bounds_too():
    rng = np.random.default_rng(5)
    reference, current = rng.normal(size=60_000), rng.normal(0.1, 1, size=50)
    sides = limited_pair(reference, current, keep=5_000)
    assert (sides[0].rows is None, sides[1].rows is None) == (True, False)
    found = distance(*sides)
    exact = sort_everything(reference.tolist(), current.tolist())
    assert found.lower <= exact <= found.upper
    settled = distance(*looked_into(sides, (reference, current), open_buckets(*sides)))
    assert settled.lower == settled.upper == pytest.approx(exact, abs=ROUNDING)


def test_refining_looks_at_few_points_and_misses_nothing(monkeypatch):
    """However few points a round may take, the answer is the same."""
    reference, current = cents(np.random.default_rng(6))
    sides = numeric_pair(reference, current)
    whole = distance(*sides)
    monkeypatch.setattr(module, "POINTS", 64)
    assert distance(*sides).lower == whole.lower


@pytest.mark.parametrize("rows", [7, 50_000])
def test_a_file_against_itself_takes_no_round(rows, monkeypatch):
    """Nowhere do the two differ, and no bound rules out that they might."""
    values = np.random.default_rng(8).normal(size=rows)
    tied = np.repeat(values[: rows // 7], 7)
    monkeypatch.setattr(module, "_bucket_bounds", None)
    for same in (values, tied):
        found = distance(*numeric_pair(same, same[::-1]))
        assert (found.lower, found.upper) == (0.0, 0.0)


def test_the_check_tells_the_bound():
    reference, current = smooth(np.random.default_rng(7))
    sides = limited_pair(reference, current, keep=9_000)
    found, result = distance(*sides), KS(*sides)
    assert result.effect == result.statistic == found.lower
    assert result.error_bound == found.upper - found.lower > 0
    exact = float(stats.ks_2samp(reference, current, method="asymp").statistic)
    low, high = result.interval
    assert low <= exact <= high


def test_large_integers_stay_integers_on_sampled_edges():
    reference, current = (pa.array([number] * 6_000) for number in (2**53 + 1, 2**53))
    sides = limited_pair(reference, current, keep=0, dtype=np.int64)
    assert sides[0].rows is None
    assert sides[0].grid.edges.dtype == np.int64
    assert distance(*sides).lower == 1.0


def test_the_bounds_of_other_edges_hold_as_well():
    """Whatever the edges, their counts bound D; here those of another column."""
    rng = np.random.default_rng(8)
    reference, current = rng.normal(size=500), rng.normal(1, 1, 400)
    other = fold(rng.uniform(-2, 2, 20_000), keep=0).edges()
    before = EdgesFold(other)
    before.add(reference.copy(), 0)
    left = before.finish()
    right = fold(current, left.grid).finish().compact()
    found = distance(left, right)
    exact = sort_everything(reference.tolist(), current.tolist())
    assert found.lower <= exact <= found.upper
