"""The engine: the same bytes however rows come, few passes, exact verdicts, bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from driftcli.config import Config, Resources
from driftcli.engines import local
from driftcli.engines.local import KEPT, MB, LocalEngine
from driftcli.errors import DataError
from driftcli.pipeline.columns import check_features
from driftcli.pipeline.comparison import ColumnComparison, judge_columns, methods_for
from driftcli.renderers.json import document
from driftcli.schema import plan_columns
from driftcli.summaries.numeric import NumericSummary

# -- the same bytes --------------------------------------------------------------------------------

ROWS = 20_000


def log(seed, rows=ROWS, shift=0.0):
    """A table with every kind of column, and what is odd about each."""
    rng = np.random.default_rng(seed)
    gaps = rng.random(rows) < 0.02
    score = rng.normal(shift, 1, rows)
    score[:40] = np.repeat([np.inf, -np.inf, np.nan, -0.0], 10)
    amount = rng.lognormal(3, 1, rows).round(2)
    amount[rng.random(rows) < 0.3] = 0.0
    amount[50:53] = [5e-324, 1.7976931348623157e308, -999.0]
    zipf = rng.zipf(1.3, rows) % 3_000
    return pa.table(
        {
            "score": score,
            "amount": pa.array(amount, mask=gaps),
            "small": pa.array(rng.poisson(3, rows), pa.int16()),
            "number": rng.integers(0, 60_000, rows) + 2**53,
            "large": pa.array(rng.integers(0, 2**63, rows).astype(np.uint64) * 2),
            "single": pa.array(rng.beta(2, 5, rows), pa.float32()),
            "word": pa.array([f"wörd {z}" for z in zipf], mask=gaps),
            "coded": pa.array(np.array(list("abcdefg"))[zipf % 7]).dictionary_encode(),
            "flag": rng.random(rows) < 0.4,
            "at": pa.array(rng.integers(0, 10**15, rows), pa.timestamp("us")),
            "nothing": pa.nulls(rows, pa.float64()),
        }
    )


REFERENCE, CURRENT = log(1), log(2, 15_000, 0.08)


def shuffled(table, seed=9):
    return table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))


def report(reference, current, jobs=2, memory=512):
    """All that a run finds, but for its time and the names of the files."""
    config = Config(resources=Resources(jobs=jobs, max_memory=memory))
    found = document(check_features(reference, current, config))
    del found["timestamp"]
    for side in ("reference", "current"):
        del found[side]["source"]
    return json.dumps(found, allow_nan=False)


def parquet(folder, name, table, parts=1, group=None):
    where = folder / name
    where.mkdir()
    for index, start in enumerate(range(0, table.num_rows, -(-table.num_rows // parts))):
        part = table.slice(start, -(-table.num_rows // parts))
        pq.write_table(part, where / f"{index}.parquet", row_group_size=group)
    return str(where)


def arrow(folder, name, table, chunk):
    where = folder / f"{name}.arrow"
    pyarrow.feather.write_feather(table, where, "uncompressed", chunksize=chunk)
    return str(where)


def in_chunks(table, rows):
    return pa.Table.from_batches(table.to_batches(max_chunksize=rows))


def column_by_column(patch):
    """Make every column large enough for a group of its own."""
    patch.setattr(local, "LARGE", 1)


@pytest.fixture(params=["roomy", "few values fit, columns one by one", "few values fit"])
def memory(request, monkeypatch):
    """How much there is: whether columns fit, and whether they are read together."""
    if request.param != "roomy":
        monkeypatch.setattr(local, "OVERHEAD", 2**40)
        monkeypatch.setattr(local, "LEAST", KEPT * 5_000)
    if "one by one" in request.param:
        column_by_column(monkeypatch)
    return request.param


@pytest.fixture
def expected(memory):
    return report(REFERENCE, CURRENT)


def test_what_fits_is_what_was_meant(memory, expected):
    columns = json.loads(expected)["features"]
    bounds = {
        name: check["result"]["error_bound"]
        for name, column in columns.items()
        for check in column["checks"]
        if check["result"]["method"] == "ks" and check["result"]["effect"] is not None
    }
    assert set(bounds) == {"score", "amount", "small", "number", "large", "single"}
    bounded = {name for name, bound in bounds.items() if bound}
    fits = {"small"} if memory != "roomy" else set(bounds)
    assert bounded == set(bounds) - fits
    assert json.loads(expected)["n_reference"] == ROWS


@pytest.mark.parametrize("jobs", [1, 5])
def test_row_119_threads_change_no_byte(jobs, expected):
    assert report(REFERENCE, CURRENT, jobs) == expected


@pytest.mark.parametrize("chunk", [333, 5_000])
def test_batches_change_no_byte(chunk, expected):
    assert report(in_chunks(REFERENCE, chunk), in_chunks(CURRENT, chunk + 1)) == expected


@pytest.mark.parametrize(("parts", "group"), [(1, 1_000), (3, None), (7, 900)])
def test_files_and_row_groups_change_no_byte(parts, group, expected, tmp_path):
    files = (
        parquet(tmp_path, "r", REFERENCE, parts, group),
        parquet(tmp_path, "c", CURRENT, parts, group),
    )
    assert report(*files) == expected


def test_formats_change_no_byte(expected, tmp_path):
    arrows = arrow(tmp_path, "r", REFERENCE, 999), arrow(tmp_path, "c", CURRENT, 65_536)
    assert report(*arrows) == expected
    assert report(arrows[0], CURRENT) == expected
    # frames of the same values, whose types of text and of dictionaries are their own
    assert report(pl.from_arrow(REFERENCE), pl.from_arrow(CURRENT)) == expected


def test_row_119_the_order_of_the_rows_changes_no_byte(expected):
    assert report(shuffled(REFERENCE), shuffled(CURRENT, 8)) == expected
    by = [("amount", "ascending"), ("word", "descending")]
    assert report(REFERENCE.sort_by(by), CURRENT.sort_by(by[::-1])) == expected


def test_pandas_gives_the_same_numbers(expected):
    """Its frames know neither nulls of floats nor this text type, but the same values."""
    ours = ["score", "small", "number", "large", "single", "flag"]
    frames = [
        pd.DataFrame({name: table[name].to_numpy() for name in ours})
        for table in (REFERENCE, CURRENT)
    ]
    found, told = json.loads(report(*frames))["features"], json.loads(expected)["features"]
    for name in ours:
        for mine, theirs in zip(found[name]["checks"], told[name]["checks"], strict=True):
            assert mine["result"] == theirs["result"]


# -- passes ----------------------------------------------------------------------------------------


class Counted:
    """A table as the engine reads it, and how often its columns were read."""

    def __init__(self, table, columnar=True):
        self.table, self.columnar = table, columnar
        self.name, self.rows, self.read = "counted", table.num_rows, []

    def batches(self, columns, *, threads=True):
        self.read += columns
        yield from self.table.select(columns).to_batches(max_chunksize=4_000)

    def passes(self):
        return {name: self.read.count(name) for name in self.read}


def compared(reference, current, config=None, *, limit=5_000, columnar=True, patch):
    """Run the engine with room for so many values of a column."""
    config = config or Config()
    patch.setattr(local, "OVERHEAD", 2**40)
    patch.setattr(local, "LEAST", KEPT * limit * (1 if columnar else reference.num_columns))
    column_by_column(patch)
    sources = Counted(reference, columnar), Counted(current, columnar)
    plan = plan_columns(reference.schema, current.schema)
    comparison = ColumnComparison(methods_for("features", config), config)
    outcome = LocalEngine(jobs=2).compare(*sources, plan.columns, comparison)
    return judge_columns(plan, outcome.found, config), *(side.passes() for side in sources)


def still(rng, rows):
    """Normal values and their ranks among few, of which the first only outgrow the memory."""
    values = rng.normal(size=rows)
    return pa.table({"x": values, "few": values.round(1), "w": (values > 1).astype(str)})


@pytest.mark.parametrize("columnar", [True, False], ids=["by column", "in one pass"])
def test_one_pass_over_current_and_two_at_most_over_the_reference(columnar, monkeypatch):
    rng = np.random.default_rng(0)
    sides = still(rng, 30_000), still(rng, 20_000)
    found, before, after = compared(*sides, columnar=columnar, patch=monkeypatch)
    assert before == {"x": 2, "few": 1, "w": 1}
    assert after == {"x": 1, "few": 1, "w": 1}
    bounds = {name: found[name].check("ks").result.error_bound for name in ("x", "few")}
    assert bounds["x"] > bounds["few"] == 0


def test_what_fits_is_read_once(monkeypatch):
    rng = np.random.default_rng(0)
    sides = still(rng, 30_000), still(rng, 20_000)
    found, before, after = compared(*sides, limit=30_000, patch=monkeypatch)
    assert before == after == {"x": 1, "few": 1, "w": 1}
    assert found["x"].check("ks").result.error_bound == 0


def straddling():
    """Sides whose D lies between the counts' bounds, with these three numbers."""
    rng = np.random.default_rng(4)
    reference, current = rng.normal(size=30_000), rng.normal(0.2, 1, 20_000)
    ours, theirs = np.sort(reference), np.sort(current)
    points = np.concatenate((ours, theirs))
    gaps = [np.searchsorted(side, points, "right") / len(side) for side in (ours, theirs)]
    exact = float(np.abs(gaps[0] - gaps[1]).max())
    others = {"still": rng.normal(size=30_000)}, {"still": rng.normal(size=20_000)}
    return pa.table({"x": reference, **others[0]}), pa.table({"x": current, **others[1]}), exact


@pytest.mark.parametrize("columnar", [True, False], ids=["by column", "in one pass"])
def test_where_the_bound_straddles_the_threshold_the_verdict_is_that_of_the_exact_d(
    columnar, monkeypatch
):
    reference, current, exact = straddling()
    options = {"columnar": columnar, "patch": monkeypatch}
    plain, _, _ = compared(reference, current, **options)
    lower = plain["x"].check("ks").result.effect
    upper = lower + plain["x"].check("ks").result.error_bound
    assert lower < exact < upper
    for threshold, status in (((lower + exact) / 2, "drift"), ((exact + upper) / 2, "changed")):
        config = Config(thresholds={"ks": threshold})
        found, before, after = compared(reference, current, config, **options)
        check = found["x"].check("ks")
        assert (check.status, check.result.error_bound) == (status, 0.0)
        assert check.result.effect == pytest.approx(exact, abs=1e-15)
        # the other column was not read again
        assert (before, after) == ({"x": 3, "still": 2}, {"x": 2, "still": 1})


@pytest.mark.parametrize("place", ["below", "above"])
def test_a_bound_beside_the_threshold_is_left_alone(place, monkeypatch):
    reference, current, _ = straddling()
    plain, _, _ = compared(reference, current, patch=monkeypatch)
    result = plain["x"].check("ks").result
    threshold = result.effect - 1e-9 if place == "below" else result.effect + result.error_bound
    config = Config(thresholds={"ks": threshold})
    found, before, after = compared(reference, current, config, patch=monkeypatch)
    assert found["x"].check("ks").result == result
    assert found["x"].check("ks").status == ("drift" if place == "below" else "changed")
    assert (before["x"], after["x"]) == (2, 1)


def test_a_side_that_is_in_memory_is_not_read_again(monkeypatch):
    reference, current, _ = straddling()
    reference = reference.slice(0, 4_990)
    plain, _, _ = compared(reference, current, patch=monkeypatch)
    result = plain["x"].check("ks").result
    config = Config(thresholds={"ks": result.effect + result.error_bound / 2})
    found, before, after = compared(reference, current, config, patch=monkeypatch)
    assert found["x"].check("ks").result.error_bound == 0.0
    assert (before["x"], after["x"]) == (1, 2)


# -- summaries made before -------------------------------------------------------------------------


def test_a_reference_summarised_before_gives_the_same_bounds(monkeypatch):
    reference, current, exact = straddling()
    config = Config(thresholds={"ks": exact})
    plan = plan_columns(reference.schema, current.schema)
    comparison = ColumnComparison(methods_for("features", config), config)
    monkeypatch.setattr(local, "OVERHEAD", 2**40)
    for limit in (5_000, 40_000):
        monkeypatch.setattr(local, "LEAST", KEPT * limit * 2)
        source = Counted(current)
        made = LocalEngine().summarise(Counted(reference), plan.columns).summary
        assert (made.source, made.row_count) == ("counted", 30_000)
        summary = made.columns["x"]
        assert isinstance(summary, NumericSummary)
        assert (summary.rows, summary.count) == (None, 30_000)
        outcome = LocalEngine().compare(made, source, plan.columns, comparison)
        assert (outcome.reference_rows, outcome.current_rows) == (30_000, 20_000)
        result = outcome.found["x"].checks[0].result
        assert result.effect < exact < result.effect + result.error_bound
        # there is nothing to look into, and current is read once
        assert source.passes() == {"x": 1, "still": 1}


def test_columns_come_back_in_their_own_order(monkeypatch):
    column_by_column(monkeypatch)
    names = [f"c{index}" for index in range(12)]
    # large groups come first, and threads end as they like
    columns = {name: np.arange(60.0) if i % 3 else ["a", "b"] * 30 for i, name in enumerate(names)}
    tables = [pa.table(columns)] * 2
    plan = plan_columns(tables[0].schema, tables[1].schema)
    config = Config()
    comparison = ColumnComparison(methods_for("features", config), config)
    outcome = LocalEngine(jobs=5).compare(*map(Counted, tables), plan.columns, comparison)
    assert list(outcome.found) == names


# -- failures --------------------------------------------------------------------------------------


class Broken(Counted):
    """Breaks after a few batches."""

    def batches(self, columns, *, threads=True):
        for index, batch in enumerate(super().batches(columns)):
            if index == 2:
                raise DataError("damaged", path=self.name)
            yield batch


@pytest.mark.parametrize("together", [True, False], ids=["together", "by column"])
def test_an_error_while_reading_is_raised_as_it_is(together, monkeypatch):
    if not together:
        column_by_column(monkeypatch)
    table = still(np.random.default_rng(0), 20_000)
    plan = plan_columns(table.schema, table.schema)
    comparison = ColumnComparison(methods_for("features", Config()), Config())
    with pytest.raises(DataError, match="counted: damaged"):
        LocalEngine(jobs=3).compare(Counted(table), Broken(table), plan.columns, comparison)


@pytest.mark.parametrize("empty", [0, 1], ids=["reference", "current"])
def test_no_rows_are_an_error(empty):
    table = still(np.random.default_rng(0), 100)
    sides = [table, table]
    sides[empty] = table.slice(0, 0)
    with pytest.raises(DataError, match=r"0 rows"):
        check_features(*sides, Config())


# -- memory ----------------------------------------------------------------------------------------

# the process' own peak: rusage would begin with that of the one that started it
CHILD = """
    import re, sys
    from driftcli.cli import run
    code = run(sys.argv[1:])
    with open("/proc/self/status") as status:
        kilobytes = int(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1])
    print(code, kilobytes // 1024, file=sys.stderr)
"""


def peak(*arguments):
    """Run the tool in a process of its own; return its code, its peak in MB and its result."""
    command = [sys.executable, "-c", textwrap.dedent(CHILD), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=100, check=True)
    code, megabytes = map(int, done.stderr.split()[-2:])
    return code, megabytes, json.loads(done.stdout)["features"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux' own figures")
def test_rows_that_do_not_fit_stay_within_the_memory(tmp_path):
    """Two sides of 3 million rows are 192 MB as plain numbers, and sorted twice as much."""
    rows, columns = 3_000_000, "abcd"
    for seed, name in ((1, "ref"), (2, "cur")):
        drawn = np.random.default_rng(seed).normal(seed * 0.01, 1, rows)
        values = pa.table({column: drawn * (1 + i) for i, column in enumerate(columns)})
        options = {"row_group_size": 200_000, "compression": "none", "use_dictionary": False}
        pq.write_table(values, tmp_path / name, **options)
    arguments = ["features", tmp_path / "ref", tmp_path / "cur", "--format", "json", "--jobs", 2]
    code, megabytes, bounded = peak(*arguments, "--max-memory", "256")
    assert megabytes < 256
    unlimited, _, exact = peak(*arguments, "--max-memory", "2GB")
    assert code == unlimited == 0
    for column in columns:
        result = bounded[column]["checks"][0]["result"]
        truth = exact[column]["checks"][0]["result"]
        assert truth["error_bound"] == 0.0
        low, high = result["effect"], result["effect"] + result["error_bound"]
        assert low <= truth["effect"] <= high < low + 0.002
        assert bounded[column]["status"] == exact[column]["status"]
        assert bounded[column]["reference"]["std"] == pytest.approx(
            exact[column]["reference"]["std"], rel=1e-15
        )


def test_the_default_memory_is_that_of_the_settings():
    assert LocalEngine().memory == Resources().max_memory * MB
    assert replace(LocalEngine(), jobs=3).jobs == 3
