"""Counts by window: the effects of a brute force that reads the rows of every window again."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from summary_samples import bits, of

from driftcli.config import Columns, Config, Predictions, Time
from driftcli.pipeline.baseline import create_baseline
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.summaries import windowed
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import summarise
from driftcli.summaries.windowed import Rows, Windowed, cells_of, coarse, together, without
from driftcli.windows.clock import NOWHERE

# -- the brute force: numpy and pandas, and of the tool nothing but its edges ----------------------


def coarse_edges(edges, reference, most):
    """The edges of windows: evenly spread ones, and the cuts of the PSI bins."""
    if len(edges) <= most:
        return edges
    spread = edges[np.linspace(0, len(edges) - 1, most).astype(int)]
    return np.unique(np.concatenate((spread, *heavy_and_deciles(reference))))


def heavy_and_deciles(reference):
    """Values with a bin of their own, and the deciles that are none of these."""
    values, counts = np.unique(reference, return_counts=True)
    if len(values) <= 20:
        return values, values[:0]
    heavy = values[counts > len(reference) / 10]
    with np.errstate(invalid="ignore"):
        deciles = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    return heavy, deciles[~np.isnan(deciles) & ~np.isin(deciles, heavy)]


def psi_and_tvd(rest, part):
    """Of two lists of cells, both less what chance gives them."""
    left, right, n, m = Counter(rest), Counter(part), len(rest), len(part)
    cells, psi, tvd, chance = left.keys() | right.keys(), [], [], []
    for cell in cells:
        p, q, both = left[cell] / n, right[cell] / m, (left[cell] + right[cell]) / (n + m)
        tvd.append(abs(p - q) / 2)
        chance.append(math.sqrt(both * (1 - both) * (1 / n + 1 / m) / (2 * math.pi)))
        p, q = max(left[cell], 0.5) / n, max(right[cell], 0.5) / m
        psi.append((q - p) * math.log(q / p))
    expected = (len(cells) - 1) * (1 / n + 1 / m)
    return max(0.0, math.fsum(psi) - expected), max(0.0, math.fsum(tvd) - math.fsum(chance))


def brute(column, inside, rest, reference, edges=None, named=None, least=30):
    """Effects of one window against the other rows, all of them read again."""
    rest, part = column[rest], column[inside]
    found = {"missing": abs(part.isna().mean() - rest.isna().mean())}
    if min(len(rest), len(part)) < least:
        return {}
    rest, part, reference = (rows.dropna().to_numpy() for rows in (rest, part, reference))
    if min(len(rest), len(part)) < least:
        return found
    if named is not None:
        cells = [[v if v in named else None for v in rows] for rows in (rest, part)]
        return found | dict(zip(("psi", "chi2"), psi_and_tvd(*cells), strict=True))
    found["ks"] = max(
        np.abs(
            np.subtract(*(np.searchsorted(np.sort(x), edges, end) / len(x) for x in (rest, part)))
        ).max()
        for end in ("left", "right")
    )
    points = heavy_and_deciles(reference)
    cells = [
        zip(*(np.searchsorted(p, x).tolist() for p in points), np.isin(x, points[0]), strict=True)
        for x in (rest, part)
    ]
    found["psi"], _ = psi_and_tvd(*map(list, cells))
    rest, part = (rows[np.isfinite(rows)].astype(float) for rows in (rest, part))
    spread = rest.std(ddof=1)
    found["prediction_mean"] = abs(part.mean() - rest.mean()) / spread
    found["prediction_std"] = abs(math.log(part.std(ddof=1) / spread))
    return found


# -- what it is held against -----------------------------------------------------------------------

DAYS, DAY = 24, 86_400
FIRST = 15_000  # a day in January 2011


def frame(seed, days=DAYS, first=FIRST, shift=0.0):
    """Days of 5 to 260 rows, no two alike, and everything odd that a column can hold."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(90, 260, days)
    sizes[3], sizes[7] = 5, 29  # too few for a window, and one row less than enough
    at = np.repeat(np.arange(days), sizes)
    rows, mood = len(at), rng.normal(0, 0.3, days)[at]
    odd = rng.normal(shift + mood, 1)
    odd[rng.choice(rows, 60, replace=False)] = np.repeat([np.inf, -np.inf, np.nan], 20)
    odd[at == 5] = np.nan  # a day without a value
    zipf = rng.zipf(1.5, rows) % 40
    gone = rng.random(rows) < 0.05 + 0.1 * (at == 9)
    word = np.array([f"w{z}" for z in zipf], dtype=object)
    seconds = (first + at) * DAY + rng.integers(0, DAY, rows)
    table = pd.DataFrame(
        {
            "window": first + at,
            "seconds": seconds,
            "plain": rng.normal(shift + mood, 1),
            "odd": odd,
            "ties": np.round(rng.gamma(2, 10 + mood, rows) * (rng.random(rows) > 0.4)),
            "few": pd.array(rng.poisson(2 + abs(mood)), "Int64"),
            "holes": pd.array(rng.integers(0, 500, rows), "Int64"),
            "code": pd.array(zipf % 6, "Int64"),
            "word": word,
            "dict": word[::-1].copy(),
            "flag": pd.array(rng.random(rows) < 0.4 + mood / 3, "boolean"),
        }
    )
    for name in ("holes", *LABELS):
        table[name] = table[name].mask(gone)
    return table


def arranged(table, order):
    rng = np.random.default_rng(7)
    if order == "sorted":
        return table.sort_values("seconds", kind="stable").reset_index(drop=True)
    if order == "late":  # one row of ten comes days after its time
        later = table["seconds"] + (rng.random(len(table)) < 0.1) * rng.integers(0, 9 * DAY)
        return table.iloc[np.argsort(later, kind="stable")].reset_index(drop=True)
    return table.sample(frac=1.0, random_state=3).reset_index(drop=True)


LOST = 40  # rows without a time


def arrow(table, lost=0):
    """The table as the tool reads it; the first rows lose their time."""
    kept = np.arange(len(table)) >= lost
    columns = {"t": pa.array(table["seconds"].to_numpy(), pa.timestamp("s"), mask=~kept)}
    for name in NUMBERS + LABELS:
        array = pa.Array.from_pandas(table[name])
        if name == "odd":
            array = pa.array(table[name].to_numpy(), pa.float64(), from_pandas=False)
        columns[name] = array.dictionary_encode() if name == "dict" else array
    return pa.table(columns), kept


NUMBERS, LABELS = ["plain", "odd", "ties", "few", "holes"], ["code", "word", "dict", "flag"]
CONFIG = Config(
    columns=Columns(types={"code": "categorical"}),
    time=Time(column="t"),
    predictions=Predictions(column=tuple(NUMBERS)),
)


@pytest.fixture(params=["as it is", "small"])
def sizes(request, monkeypatch):
    """All edges and categories, or so few that both run over; rows held back in small portions."""
    if request.param == "small":
        for name, size in (("EDGES", 9), ("CELLS", 3), ("HELD", 64)):
            monkeypatch.setattr(windowed, name, size)
    return windowed.EDGES, windowed.CELLS


def named(column, most):
    """The most frequent categories, the first by name where they are equally frequent."""
    counts = column.value_counts()
    return set(sorted(counts.index, key=lambda v: (-counts[v], label(v)))[:most])


def label(value):
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def chosen(column, reference, sizes, baseline):
    """What the brute force is told of a column: edges, or names."""
    if column in LABELS:
        return {"named": named(reference, sizes[1])}
    values = reference.dropna().to_numpy()
    edges = baseline.summary.columns[column].grid.edges
    return {"edges": coarse_edges(edges, values, sizes[0])}


@pytest.mark.parametrize("order", ["sorted", "unsorted", "late"])
def test_the_reference_is_measured_as_by_reading_every_window_again(order, sizes):
    table = arranged(frame(1), order)
    data, kept = arrow(table, LOST)
    baseline = create_baseline(data, CONFIG).baseline
    stored = baseline.windows
    windows = np.where(kept, table["window"], -1)
    assert stored.rows == dict(sorted(Counter(windows[kept].tolist()).items()))
    for name in NUMBERS + LABELS:
        how = chosen(name, table[name], sizes, baseline)
        expected = {}
        for window in stored.rows:
            here, others = windows == window, kept & (windows != window)
            for method, effect in brute(table[name], here, others, table[name], **how).items():
                expected.setdefault(method, {})[window] = effect
        found = stored.effects[name]
        assert found.keys() == expected.keys()
        for method, by_window in expected.items():
            assert found[method].keys() == by_window.keys(), (name, method)
            for window, effect in by_window.items():
                exactly = pytest.approx(effect, abs=1e-12, rel=1e-12)
                assert found[method][window] == exactly, (name, method, window)


@pytest.mark.parametrize("order", ["sorted", "late"])
def test_current_is_measured_as_by_reading_every_window_again(order, sizes):
    past, recent = frame(1), arranged(frame(2, 10, FIRST + DAYS, shift=0.2), order)
    (reference, _), (current, _) = arrow(past), arrow(recent)
    baseline = create_baseline(reference, CONFIG).baseline
    reports = check_features(reference, current, CONFIG), check_predictions(
        reference, current, CONFIG
    )  # fmt: skip
    days, seen = sorted(recent["window"].unique()), 0
    both = pd.concat([past, recent], keys=["past", "recent"])
    before = both.index.get_level_values(0) == "past"
    for columns in (reports[0].features, reports[1].predictions):
        for name in set(columns) - {"t"}:
            how = chosen(name, past[name], sizes, baseline)
            expected = [
                brute(both[name], ~before & (both["window"] == day), before, past[name], **how)
                for day in days
            ]
            for check in columns[name].checks:
                assert check.result.n_current <= (recent["window"] == days[-1]).sum()
                seen += 1
                method = check.result.method
                for effect, day in zip(check.series.effects, expected, strict=True):
                    assert (effect is None) == (method not in day)
                    if effect is not None:
                        exactly = pytest.approx(day[method], abs=1e-12, rel=1e-12)
                        assert effect == exactly, (name, method)
    assert seen == 3 * len(LABELS) + 5 * len(NUMBERS)  # outputs of the model are no features


# -- the parts -------------------------------------------------------------------------------------


def grid(values):
    return Grid.of(of(values))


@pytest.mark.parametrize("most", [2, 9, 512])
def test_fewer_edges_keep_the_ends_and_the_cuts(monkeypatch, most):
    monkeypatch.setattr(windowed, "EDGES", most)
    rng = np.random.default_rng(1)
    fine = grid(np.where(rng.random(5000) < 0.3, 0.0, rng.normal(size=5000)))
    found = coarse(fine, 2)
    assert len(found.edges) <= most + len(fine.cuts.points)
    assert np.isin(found.edges, fine.edges).all()
    assert np.isin(fine.cuts.points, found.edges).all()
    assert found.edges[[0, -1]].tolist() == fine.edges[[0, -1]].tolist()
    assert (np.diff(found.edges) > 0).all()
    assert bits(found.cuts) == bits(fine.cuts)
    assert (found.few, found.complete) == (fine.few, False)
    assert found.scale == replace(fine.scale, degree=2)


def test_few_edges_stay_as_they_are():
    fine = grid(np.arange(200.0))
    same = coarse(fine, fine.scale.degree)
    assert same.edges.tolist() == fine.edges.tolist()
    assert (same.complete, same.scale) == (True, fine.scale)


def test_categories_that_are_equally_frequent_go_by_their_names(monkeypatch):
    monkeypatch.setattr(windowed, "CELLS", 3)
    counts = {"b": 5, "a": 5, "z": 9, "c": 5}
    assert cells_of(CategoricalSummary(24, 0, counts)) == ("z", "a", "b")
    assert cells_of(CategoricalSummary(24, 0, dict(reversed(counts.items())))) == ("z", "a", "b")


@pytest.mark.parametrize(
    ("numbers", "windows", "at"),
    [
        ([], [], []),
        ([4, 4, 4], [4], [0, 0, 0]),
        ([NOWHERE] * 2, [], [-1, -1]),
        ([7, NOWHERE, -3, 7], [-3, 7], [1, -1, 0, 1]),
    ],
)
def test_rows_know_their_windows(numbers, windows, at):
    rows = Rows.of(np.array(numbers, dtype=np.int64), NOWHERE)
    assert (rows.numbers.tolist(), rows.at.tolist()) == (windows, at)


def counted(array, numbers, like, batches, dtype=np.float64, **how):
    """The windows of a column that comes in so many batches."""
    counter = Windowed(like, np.dtype(dtype), **how)
    ends = np.linspace(0, len(array), batches + 1).astype(int)
    for start, end in itertools.pairwise(ends):
        counter.add(array[start:end], Rows.of(numbers[start:end], NOWHERE))
    return counter.finish()


def example():
    rng = np.random.default_rng(5)
    numbers = rng.choice([NOWHERE, -2, 0, 1, 9], 900)
    values = pa.array(rng.normal(size=900), mask=rng.random(900) < 0.1)
    words = pa.array(rng.choice(list("abcdef"), 900), mask=rng.random(900) < 0.1)
    whole = summary_of(values), CategoricalSummary(810, 90, dict.fromkeys("abcd", 5))
    return numbers, (values, words), whole


def summary_of(values):
    present = values.drop_null().to_numpy()
    return summarise(of(present), grid(present), missing=values.null_count)


@pytest.mark.parametrize("held", [1, 64])
@pytest.mark.parametrize("batches", [2, 90])
def test_batches_change_no_bit(monkeypatch, held, batches):
    numbers, arrays, likes = example()
    for array, like in zip(arrays, likes, strict=True):
        whole = counted(array, numbers, like, 1)
        monkeypatch.setattr(windowed, "HELD", held)
        assert bits(counted(array, numbers, like, batches)) == bits(whole)
        monkeypatch.undo()
        assert list(whole) == [-2, 0, 1, 9]
        rows = {n: s.count + s.missing for n, s in whole.items()}
        assert rows == {n: int((numbers == n).sum()) for n in whole}


def test_the_rest_is_the_total_of_all_others():
    numbers, arrays, likes = example()
    for array, like in zip(arrays, likes, strict=True):
        parts = counted(array, numbers, like, 3)
        total = together(list(parts.values()))
        for number, part in parts.items():
            rest = without(total, part)
            others = together([other for n, other in parts.items() if n != number])
            if isinstance(rest, CategoricalSummary):
                assert rest.unnamed == others.unnamed == 1
                assert {k: n for k, n in rest.counts.items() if n} == dict(others.counts)
                assert (rest.count, rest.missing) == (others.count, others.missing)
                continue
            for name in ("count", "missing", "sums", "positive_infinite", "negative_infinite"):
                assert getattr(rest, name) == getattr(others, name), name
            assert bits(rest.counted) == bits(others.counted)
            assert rest.moments == others.moments


def test_what_has_no_name_of_its_own_is_counted_together():
    numbers, (_, words), (_, like) = example()
    found = counted(words, numbers, like, 4)
    for number, summary in found.items():
        here = [w for w, n in zip(words.to_pylist(), numbers, strict=True) if n == number]
        assert dict(summary.counts) == Counter(w for w in here if w is not None and w in "abcd")
        assert summary.count == sum(w is not None for w in here)
        assert summary.missing == here.count(None)
        assert summary.unnamed


def test_a_window_of_missing_values_alone_is_a_window():
    numbers = np.array([1, 1, 2, 2], dtype=np.int64)
    array = pa.array([1.0, 2.0, None, float("nan")])
    found = counted(array, numbers, summary_of(pa.array([1.0, 2.0, 3.0])), 1)
    assert {n: (s.count, s.missing) for n, s in found.items()} == {1: (2, 0), 2: (0, 2)}


@pytest.mark.parametrize("batches", [1, 4])
def test_of_times_only_their_presence_counts(batches):
    numbers = np.array([1, NOWHERE, 2, 2], dtype=np.int64)
    array = pa.array([0, None, 10**9, None], pa.timestamp("s"))
    like = summary_of(pa.array([1.0]))
    found = counted(array, numbers, like, batches, presence_only=True)
    assert {n: (s.count, s.missing) for n, s in found.items()} == {1: (1, 0), 2: (1, 1)}
