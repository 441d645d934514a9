"""The edges of a reference that outgrew the memory."""

from __future__ import annotations

import numpy as np
import pytest
from summary_samples import bits, fed, fold, of, reference

from driftcli.summaries.counting import EdgesFold
from driftcli.summaries.grid import HEAVY, MAX_EDGES
from driftcli.summaries.hashing import mixed
from driftcli.summaries.multiset import Multiset, tally
from driftcli.summaries.sketch import MOST_HEAVY, Sketch

KEEP = 20_000


def parts_of(rows, batch=65_536):
    return [(rows[at : at + batch], 0) for at in range(0, len(rows), batch)]


def edges_of(rows, batch=65_536, keep=KEEP, dtype=np.float64):
    edges = fold(parts_of(rows, batch), keep=keep, dtype=dtype).edges()
    assert edges is not None
    return edges


def arranged(rows):
    rng = np.random.default_rng(9)
    return {
        "as drawn": rows,
        "sorted": np.sort(rows),
        "falling": np.sort(rows)[::-1],
        "shuffled": rng.permutation(rows),
        "by the last digits": rows[np.argsort(rows * 1e6 % 10, kind="stable")],
    }


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).lognormal(0, 1, 400_000)


@pytest.mark.parametrize("batch", [1_000, 65_536, 400_000])
def test_the_anchors_depend_on_the_rows_alone(rows, batch):
    expected = edges_of(rows)
    for found in arranged(rows).values():
        edges = edges_of(found, batch)
        assert bits((edges.anchors, edges.scale)) == bits((expected.anchors, expected.scale))


def test_the_sample_holds_the_smallest_hashes_and_all_their_rows(rows):
    rounded = rows.round(4)
    values, counts = tally(np.sort(rounded))
    assert KEEP < len(values) < len(rows) / 4
    sketch = Sketch(KEEP)
    for part in np.array_split(rounded, 9):
        sketch.add(part.copy())
    held = sketch._smallest(*sketch._held)
    hashes = mixed(values.view(np.uint64))
    chosen = hashes <= np.sort(hashes)[KEEP - 1]
    assert bits(held) == bits((values[chosen], counts[chosen]))


def test_the_sample_is_of_all_rows_and_not_of_the_first():
    """Sorted rows, of which a sample of the first would show nothing of the rest (row 60)."""
    values = np.arange(300_000.0)
    grid = reference(parts_of(values), KEEP).grid
    # deciles of 20,000 of the rows, within five standard errors, and of an edge beside them
    limit = 5 * np.sqrt(0.25 / KEEP) * 300_000 + 2 * 300_000 / 1_800
    assert np.abs(grid.cuts.points - np.arange(1, 10) * 30_000).max() < limit
    assert (grid.edges[0], grid.edges[-1]) == (0, 299_999)


def test_the_deciles_of_the_grid_are_within_half_a_bucket(rows):
    side = reference(parts_of(rows), KEEP)
    ranks = np.arange(1, 10) * 40_000
    off = np.abs(side.upto[np.searchsorted(side.grid.edges, side.grid.cuts.points)] - ranks)
    right = np.searchsorted(side.upto, ranks)
    assert (2 * off <= side.upto[right] - side.upto[right - 1]).all()
    # no bucket is heavy: by mass there are some 1,800 of them
    assert np.diff(side.upto, prepend=0).max() < 400_000 / 500
    assert len(side.grid.edges) <= MAX_EDGES


def with_heavy(share, count=8, rows=400_000):
    """Rows of which some values hold the same share each, the others being all different."""
    rng = np.random.default_rng(1)
    values = rng.random(rows)
    heavy = rng.random(count) + 5
    each = int(share * rows)
    values[: count * each] = np.repeat(heavy, each)
    return rng.permutation(values), np.sort(heavy)


ORDERS = ["shuffled", "sorted", "clustered late", "in turn, late", "in turn"]


def ordered(values, heavy, order):
    is_heavy = np.isin(values, heavy)
    late = np.concatenate((values[~is_heavy], np.sort(values[is_heavy])))
    if order == "sorted":
        return np.sort(values)
    if order == "clustered late":
        return late
    if order.startswith("in turn"):
        # as writers take turns: every sixteenth row, each value at a place of its own
        found = np.concatenate((values[~is_heavy], values[is_heavy]))
        mass = int(is_heavy.sum()) // len(heavy)
        begin = len(values) - 16 * mass if "late" in order else 0
        places = begin + np.add.outer(16 * np.arange(mass), np.arange(len(heavy)))
        free = np.ones(len(values), dtype=bool)
        free[places] = False
        out = np.empty_like(found)
        out[places] = heavy
        out[free] = values[~is_heavy]
        return out
    return values


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("share", [0.002, 0.04])
def test_heavy_values_get_an_edge_wherever_they_lie(share, order):
    values, heavy = with_heavy(share)
    side = reference(parts_of(ordered(values, heavy, order)), KEEP)
    at = np.searchsorted(side.grid.edges, heavy)
    assert side.grid.edges[at].tolist() == heavy.tolist()
    assert (side.upto[at] - side.below[at]).tolist() == [int(share * 400_000)] * 8


@pytest.mark.parametrize("order", ORDERS)
def test_the_whole_summary_depends_on_the_rows_alone(order):
    values, heavy = with_heavy(0.04)
    expected = reference(parts_of(values), KEEP)
    assert bits(reference(parts_of(ordered(values, heavy, order)), KEEP)) == bits(expected)


def test_light_values_get_no_edge_of_their_own():
    """Those of a few rows more than others are spotted in some chunk, and dropped by the count."""
    values, light = with_heavy(0.0012)
    edges = edges_of(ordered(values, light, "clustered late"))
    assert np.isin(light, edges.heavy).all()
    final = fed(EdgesFold(edges), parts_of(values)).finish().grid.edges
    assert final.tolist() == sorted({*edges.anchors.tolist()})
    assert 1 / HEAVY > 0.0012


def test_what_occurs_once_is_not_heavy_however_few_rows_there_are():
    sketch = Sketch(KEEP)
    sketch._spot(np.arange(4.0), np.array([1, 2, 1, 3]), 7)
    assert sketch._heavy == {1.0: 2, 3.0: 3}


def test_of_very_many_candidates_the_heaviest_stay():
    sketch = Sketch(KEEP)
    values = np.arange(2.0 * MOST_HEAVY + 1)
    counts = np.where(values < 10, 7, np.where(values < 2 * MOST_HEAVY - 9, 5, 6))
    sketch._spot(values[:-1], counts[:-1], 1)
    assert len(sketch._heavy) == 2 * MOST_HEAVY
    sketch._spot(values[-1:], counts[-1:], 1)
    middle = [float(at) for at in range(10, MOST_HEAVY - 10)]
    last = [float(at) for at in range(2 * MOST_HEAVY - 9, 2 * MOST_HEAVY + 1)]
    assert sorted(sketch._heavy) == [*map(float, range(10)), *middle, *last]
    assert (sketch._heavy[3.0], sketch._heavy[50.0], sketch._heavy[last[-1]]) == (7, 5, 6)


def test_one_row_of_sixteen_is_drawn_and_one_of_the_rest():
    sketch = Sketch(KEEP)
    sketch._draw(np.arange(17.0))
    (drawn,) = sketch._drawn
    assert (len(drawn), drawn[1]) == (2, 16.0)
    assert 0 <= drawn[0] < 16


def test_counts_by_value_are_added_like_rows():
    values = np.random.default_rng(2).integers(0, 90_000, 400_000) * 1.0
    plain, counted = Sketch(KEEP), Sketch(KEEP)
    plain.add_sorted(of(values))
    counted.add_sorted(Multiset.of(*tally(np.sort(values))))
    one, other = plain.edges(4), counted.edges(4)
    assert bits((one.anchors, one.scale)) == bits((other.anchors, other.scale))


@pytest.mark.parametrize(("dtype", "low"), [(np.int64, -(2**63)), (np.uint64, 2**64 - 10**9)])
def test_large_integers_keep_their_last_digit(dtype, low):
    offsets = np.random.default_rng(3).integers(0, 10**9 - 1, 100_000).astype(np.uint64)
    values = (offsets + np.uint64(low % 2**64)).astype(dtype)
    edges = edges_of(values, dtype=dtype)
    assert edges.all.dtype == dtype
    assert np.isin(edges.all, values).all()
    assert (edges.all[0], edges.all[-1]) == (values.min(), values.max())


def test_infinite_values_are_ends_like_any_other(rows):
    odd = np.concatenate((rows, [np.inf] * 9_000, [-np.inf] * 3))
    side = reference(parts_of(odd), KEEP)
    assert (side.grid.edges[0], side.grid.edges[-1]) == (-np.inf, np.inf)
    assert np.isfinite(side.grid.scale.center)
    assert (side.positive_infinite, side.negative_infinite) == (9_000, 3)
    assert np.isfinite(side.grid.cuts.points).all()
