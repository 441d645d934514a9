"""Windows in the engine: the same bytes however rows come, and no more windows than can be told."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from driftcli.config import Columns, Config, Predictions, Resources, Time
from driftcli.engines import local, windowing
from driftcli.engines.windowing import Now
from driftcli.errors import DataError
from driftcli.pipeline.baseline import create_baseline
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.pipeline.windows import Windowing
from driftcli.renderers.json import document
from driftcli.summaries import windowed
from driftcli.windows.clock import NOWHERE, Clock
from driftcli.windows.spec import WindowSpec

DAY = 86_400
ROWS = 300  # a day


def log(seed, days, first=15_000, shift=0.0):
    """Days of rows, of every kind of column and with what is odd about each."""
    rng = np.random.default_rng(seed)
    rows = days * ROWS
    at = np.repeat(np.arange(days), ROWS)
    mood = rng.normal(0, 0.2, days)[at]
    gaps = rng.random(rows) < 0.04
    odd = rng.normal(shift + mood)
    odd[:30] = np.repeat([np.inf, -np.inf, np.nan], 10)
    seconds = (first + at) * DAY + rng.integers(0, DAY, rows)
    return pa.table(
        {
            "t": pa.array(seconds, pa.timestamp("s"), mask=rng.random(rows) < 0.01),
            "odd": odd,
            "amount": pa.array(np.round(rng.gamma(2, 10, rows), 1), mask=gaps),
            "large": pa.array(rng.integers(0, 2**62, rows).astype(np.uint64) * 2),
            "small": pa.array(rng.poisson(3 + abs(mood)), pa.int16()),
            "code": rng.integers(0, 5, rows),
            "word": pa.array([f"wörd {z % 3000}" for z in rng.zipf(1.4, rows)], mask=gaps),
            "coded": pa.array(rng.choice(list("abc"), rows)).dictionary_encode(),
            "flag": rng.random(rows) < 0.4 + mood / 5,
            "seen": pa.array(rng.integers(0, 10**9, rows), pa.timestamp("s"), mask=gaps),
            "nothing": pa.nulls(rows, pa.float64()),
        }
    )  # fmt: skip


REFERENCE, CURRENT = log(1, 24), log(2, 6, 15_024, 0.3)
BY_DAY, BY_ROWS = Time(column="t"), Time(window="250rows")


def config(time, jobs=1):
    return Config(
        columns=Columns(types={"code": "categorical"}),
        predictions=Predictions(column=("odd", "amount")),
        resources=Resources(jobs=jobs),
        time=time,
    )


def report(reference, current, time=BY_DAY, jobs=1):
    """All that two runs find, but for their time and the names of the files."""
    told = []
    for check in (check_features, check_predictions):
        found = document(check(reference, current, config(time, jobs)))
        del found["timestamp"]
        for side in ("reference", "current"):
            del found[side]["source"]
        told.append(found)
    return json.dumps(told, allow_nan=False)


def shuffled(table, seed=9):
    return table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))


def late(table, seed=4):
    """The rows in the order in which they arrive: one of ten some days after its time."""
    rng = np.random.default_rng(seed)
    seconds = np.nan_to_num(table["t"].to_pandas().to_numpy().astype("M8[s]").astype(float))
    arrival = seconds + (rng.random(len(seconds)) < 0.1) * rng.integers(0, 5 * DAY, len(seconds))
    return table.take(pa.array(np.argsort(arrival, kind="stable")))


def in_chunks(table, rows):
    return pa.Table.from_batches(table.to_batches(max_chunksize=rows))


def parquet(folder, name, table, parts=1, group=None):
    where = folder / name
    where.mkdir()
    size = -(-table.num_rows // parts)
    for index in range(parts):
        part = table.slice(index * size, size)
        pq.write_table(part, where / f"{index}.parquet", row_group_size=group)
    return str(where)


@pytest.fixture(params=["roomy", "few values fit"])
def memory(request, monkeypatch):
    """Whether the columns fit in memory; where not, one is read after the other."""
    if request.param != "roomy":
        monkeypatch.setattr(local, "KEPT", 70_000)  # bytes of memory for one value of a column
        monkeypatch.setattr(local, "LARGE", 1)
    return request.param


@pytest.fixture
def expected(memory):
    return report(REFERENCE, CURRENT)


def test_what_is_compared_is_worth_comparing(expected):
    """The bytes below hold series, standings and verdicts of both sorts."""
    features, predictions = json.loads(expected)
    assert features["windows"]["reference"] == 24
    assert len(features["windows"]["current"]) == 6
    statuses = set()
    for told in (features["features"], predictions["predictions"]):
        for column in told.values():
            for check in column["checks"]:
                statuses.add(check["status"])
                if check["series"] is not None:
                    assert len(check["series"]["effects"]) == 6
                    assert check["pvalue_from"] == "windows"
    assert {"ok", "drift"} <= statuses


@pytest.mark.parametrize("jobs", [2, 5])
def test_threads_change_no_byte(jobs, expected):
    assert report(REFERENCE, CURRENT, jobs=jobs) == expected


@pytest.mark.parametrize("chunk", [97, 5_000])
def test_batches_change_no_byte(chunk, expected):
    assert report(in_chunks(REFERENCE, chunk), in_chunks(CURRENT, chunk + 1)) == expected


@pytest.mark.parametrize(("parts", "group"), [(1, 1_000), (3, None), (7, 90)])
def test_files_change_no_byte(parts, group, expected, tmp_path):
    files = (
        parquet(tmp_path, "r", REFERENCE, parts, group),
        parquet(tmp_path, "c", CURRENT, parts, group),
    )
    assert report(*files) == expected


@pytest.mark.parametrize("order", [shuffled, late])
def test_the_order_of_the_rows_changes_no_byte(order, expected):
    assert report(order(REFERENCE), order(CURRENT)) == expected


@pytest.mark.parametrize("held", [1, 700])
def test_how_many_rows_wait_for_others_changes_no_byte(held, expected, monkeypatch):
    monkeypatch.setattr(windowed, "HELD", held)
    assert report(shuffled(REFERENCE), CURRENT, jobs=3) == expected


@pytest.mark.parametrize(("parts", "group", "jobs"), [(1, 90, 1), (3, None, 2), (7, 1_000, 5)])
def test_windows_of_rows_do_not_see_the_files(parts, group, jobs, tmp_path):
    expected = report(REFERENCE, CURRENT, BY_ROWS)
    assert json.loads(expected)[0]["windows"]["reference"] == 24 * ROWS // 250
    files = (
        parquet(tmp_path, "r", REFERENCE, parts, group),
        parquet(tmp_path, "c", CURRENT, parts, group),
    )
    assert report(*files, BY_ROWS, jobs) == expected


def test_windows_of_rows_are_by_the_order_of_the_rows():
    assert report(shuffled(REFERENCE), CURRENT, BY_ROWS) != report(REFERENCE, CURRENT, BY_ROWS)


def test_where_the_values_did_not_fit_the_windows_are_counted_alike(monkeypatch):
    """The edges of a reference that outgrew the memory are others; categories and times are not."""
    roomy = create_baseline(REFERENCE, config(BY_DAY)).baseline.windows
    monkeypatch.setattr(local, "KEPT", 70_000)
    narrow = create_baseline(REFERENCE, config(BY_DAY)).baseline.windows
    assert narrow.rows == roomy.rows
    for name in ("word", "code", "coded", "flag", "seen", "small"):
        assert narrow.effects[name] == roomy.effects[name], name
    for name in ("odd", "amount", "large"):
        for method in ("missing", "prediction_mean", "prediction_std"):
            assert narrow.effects[name][method] == pytest.approx(roomy.effects[name][method])
        for window, distance in roomy.effects[name]["ks"].items():
            # the bucket of two edges holds a 512th of the rows, or a 256th of it and its neighbour
            assert narrow.effects[name]["ks"][window] == pytest.approx(distance, abs=0.02)


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_baseline_is_the_same_file_however_the_rows_come(jobs, memory, tmp_path):
    one = create_baseline(REFERENCE, config(BY_DAY)).baseline.windows
    files = parquet(tmp_path, "r", late(REFERENCE), 3, 500)
    assert create_baseline(files, config(BY_DAY, jobs)).baseline.windows == one


# -- the windows of a batch ------------------------------------------------------------------------


def now(windowing_column="t", spec="1d"):
    return Now(Windowing(Clock(WindowSpec.parse(spec)), windowing_column), "some.csv")


def times(*days):
    values = [None if day is None else day * DAY for day in days]
    return pa.array(values, pa.timestamp("s"))


def test_rows_are_counted_by_window_and_those_without_a_time_apart():
    seen = now()
    seen.see(times(3, 3, None, 5), 0, 4)
    assert (seen.rows.numbers.tolist(), seen.rows.at.tolist()) == ([3, 5], [0, 0, -1, 1])
    seen.see(times(None, None), 4, 2)
    assert (seen.rows.numbers.tolist(), seen.rows.at.tolist()) == ([], [-1, -1])
    seen.see(times(3), 6, 1)
    assert (dict(seen.seen), seen.lost) == ({3: 3, 5: 1}, 3)


def test_windows_of_rows_go_on_from_batch_to_batch():
    seen = now(None, "4rows")
    for first, count in ((0, 3), (3, 3), (6, 0), (6, 5)):
        seen.see(None, first, count)
    assert (dict(seen.seen), seen.lost) == ({0: 4, 1: 4, 2: 3}, 0)
    assert seen.rows.numbers.tolist() == [1, 2]


def test_too_many_windows_are_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr(windowing, "MOST_WINDOWS", 23)
    with pytest.raises(DataError, match=r"^pyarrow.Table: more than 23 windows\. take longer"):
        check_features(REFERENCE, CURRENT, config(BY_DAY))
    monkeypatch.setattr(windowing, "MOST_WINDOWS", 24)
    check_features(REFERENCE, CURRENT, config(BY_DAY))


def test_nowhere_is_smaller_than_any_window():
    first, last = pa.array([-(2**62), 2**62], pa.timestamp("ns")), pa.array([0], pa.timestamp("s"))
    clock = Clock(WindowSpec.parse("1min"))
    assert min(*clock.numbers(first), *clock.numbers(last)) > NOWHERE


def test_lines_of_text_are_one_lane_and_say_the_same(tmp_path):
    """CSV is read as a whole: all columns and all windows in one lane."""
    ours = ["t", "odd", "amount", "small", "flag", "coded", "code"]
    sides = []
    for name, table in (("r", REFERENCE), ("c", CURRENT)):
        plain = table.select(ours)
        plain = plain.set_column(5, "coded", plain["coded"].cast(pa.string()))
        plain = plain.set_column(3, "small", plain["small"].cast(pa.int64()))
        pa.csv.write_csv(plain, tmp_path / f"{name}.csv")
        sides.append((str(tmp_path / f"{name}.csv"), plain))
    lines, tables = (report(*side, jobs=3) for side in zip(*sides, strict=True))
    assert json.loads(lines)[0]["summary"] == json.loads(tables)[0]["summary"]
    for line, row in zip(json.loads(lines), json.loads(tables), strict=True):
        assert line["windows"] == row["windows"]
        for role in ("features", "predictions"):
            for name, column in row[role].items():
                for ours_, theirs in zip(column["checks"], line[role][name]["checks"], strict=True):
                    assert ours_["series"] == theirs["series"], name
                    assert ours_["standing"] == theirs["standing"], name
