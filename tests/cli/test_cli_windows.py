"""Windows of time on the command line: flags, exit codes, one line of errors, tables that fit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from cli_helpers import ERROR, Run, refused, text

DAY, FIRST, ROWS = 86_400, 20_458, 200  # from 2026-01-05, a Monday


def log(seed: int, days: int, first: int = FIRST, shift: float = 0.0, **others: Any) -> pa.Table:
    """Days that differ a little."""
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(days), ROWS)
    x = rng.normal(shift + rng.normal(0, 0.2, days)[at])
    return pa.table(
        {
            "t": pa.array((first + at) * DAY + rng.integers(0, DAY, len(at)), pa.timestamp("s")),
            "x": x,
            "k": rng.choice(["a", "b"], len(at)),
            "score": 1 / (1 + np.exp(-x)),
            **others,
        }
    )


@pytest.fixture(autouse=True)
def logs(folder: Path) -> None:
    """Thirty days, a usual day and another, and ten days of which the last five are others."""
    later = FIRST + 30
    for name, table in {
        "ref": log(1, 30),
        "usual": log(2, 1, later),
        "moved": log(3, 1, later, 3.0),
        "days": pa.concat_tables([log(4, 5, later), log(5, 5, later + 5, 3.0)]),
        "short": log(1, 10),
        "timeless": log(2, 1, later).drop_columns(["t"]),
    }.items():
        pq.write_table(table, f"{name}.parquet")


# -- codes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["features", "predictions"])
@pytest.mark.parametrize(
    ("current", "flags", "code"),
    [
        ("usual", (), 0),
        ("moved", (), 1),
        ("days", (), 1),
        ("usual", ("--window", "6h"), 0),
        ("usual", ("--window", "6000rows"), 2),  # the reference is one of them
        ("usual", ("--like", "weekday"), 2),  # there are four of a kind
    ],
)
def test_codes(run: Run, command: str, current: str, flags: tuple[str, ...], code: int) -> None:
    by = () if "6000rows" in flags else ("--time", "t")
    outcome = run(command, "ref.parquet", f"{current}.parquet", *by, *flags)
    assert outcome.code == code, outcome.err
    assert bool(outcome.errors) == (code == 2)


def test_too_few_days_are_told_with_the_number_that_it_takes(run: Run) -> None:
    outcome = run("features", "short.parquet", "moved.parquet", "--time", "t")
    reason = "10 days of the reference to compare with, alpha 0.05 takes 20"
    assert outcome.code == 2
    assert outcome.errors == [f"moved.parquet: columns 'x', 'k', 'score': {reason}"]
    assert reason in outcome.out
    assert "✗ drift" not in outcome.out


def test_rows_without_a_time_are_told(run: Run) -> None:
    table = log(2, 1, FIRST + 30)
    times = pa.array([None] * 3 + table["t"].to_pylist()[3:], pa.timestamp("s"))
    pq.write_table(table.set_column(0, "t", times), "lost.parquet")
    outcome = run("predictions", "ref.parquet", "lost.parquet", "--time", "t")
    assert outcome.code == 0
    assert outcome.warnings == ["3 rows of current have no time and are in no window"]


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_a_side_without_any_time_could_not_be_checked(run: Run, command: str) -> None:
    table = pq.read_table("usual.parquet")
    never = pa.nulls(table.num_rows, pa.timestamp("s"))
    pq.write_table(table.set_column(0, "t", never), "never.parquet")
    excluded = ("--exclude", "t") if command == "features" else ()
    for pair in (("ref.parquet", "never.parquet"), ("never.parquet", "usual.parquet")):
        outcome = run(command, *pair, "--time", "t", *excluded)
        assert outcome.code == 2
        (line,) = outcome.errors
        side = "current" if pair[1] == "never.parquet" else "the reference"
        assert line.endswith(f"no row of {side} has a time (column 't')")
    reason = "never.parquet: column 't': no row has a time"
    words = ("baseline", "create", "never.parquet", "-o", "b.baseline", "--time", "t")
    assert refused(run, *words) == reason


def test_a_baseline_with_windows_needs_no_flags(run: Run) -> None:
    made = run("baseline", "create", "ref.parquet", "-o", "ref.baseline", "--time", "t")
    assert (made.code, made.err) == (0, "")
    for current, code in (("usual", 0), ("moved", 1), ("days", 1)):
        stored = run("features", "ref.baseline", f"{current}.parquet", "--format", "json")
        raw = run(
            "features", "ref.parquet", f"{current}.parquet", "--time", "t", "--format", "json"
        )
        assert stored.code == raw.code == code
        for ours, theirs in zip(
            stored.json["features"].values(), raw.json["features"].values(), strict=True
        ):
            for one, other in zip(ours["checks"], theirs["checks"], strict=True):
                for key in ("standing", "series", "status", "pvalue_adjusted"):
                    assert one[key] == other[key]
        assert stored.json["windows"] == raw.json["windows"]


# -- one line --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["features", "predictions"])
@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (("--time", "scor"), "ref.parquet: column 'scor': no such column. did you mean 'score'?"),
        (("--time", "k"), "ref.parquet: column 'k': string is no time."),
        (("--time", "x"), "ref.parquet: column 'x': double is no time."),
        (("--window", "1d"), "--window 1d of which time? name its column with --time"),
        (("--time", "t", "--window", "soon"), "--window 'soon': not a length of time."),
        (("--time", "t", "--window", "\x1b[31m"), "not a length of time."),
        (("--time", "t", "--window", "5rows"), "rows have no use for a time"),
        (("--time", "t", "--like", "hour"), "--like hour: days have no hour of their own."),
        (("--time", "t", "--time-zone", "Mars/Base"), "'Mars/Base': no such time zone."),
        (("--time", "t", "--time-zone", "UTC"), "no zone"),
        (("--like", "month"), "name the time column with --time"),
        (
            ("--time", "t", "--like", "weekdy"),
            "ref.parquet: column 'weekdy': no such column. did you mean 'weekday'?",
        ),
        (
            ("--time", "t", "--like", "year"),
            "column 'year': no such column. --like takes weekday, hour, month or a column",
        ),
        (("--time", "t", "--like", "x"), "column 'x': more than 1,000 values"),
    ],
)
def test_what_cannot_be_is_one_line(
    run: Run, command: str, flags: tuple[str, ...], line: str
) -> None:
    assert line in refused(run, command, "ref.parquet", "usual.parquet", *flags)


def test_baselines_refuse_other_windows_in_one_line(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline", "--time", "t")
    run("baseline", "create", "ref.parquet", "-o", "plain.baseline")
    compared = ("features", "ref.baseline", "usual.parquet")
    assert "--window 6h, and the baseline" in refused(run, *compared, "--window", "6h")
    assert "--time x, and the baseline" in refused(run, *compared, "--time", "x")
    line = refused(run, "features", "plain.baseline", "usual.parquet", "--time", "t")
    assert line == (
        "plain.baseline: a baseline without windows. make it with driftcli baseline create --time"
    )
    part = ("baseline", "create", "usual.parquet", "--edges-of", "ref.baseline")
    assert "do not add up" in refused(run, *part, "--time", "t")


def test_merging_leaves_windows_out_and_says_so(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "a.baseline", "--time", "t")
    run("baseline", "create", "usual.parquet", "-o", "b.baseline", "--edges-of", "a.baseline")
    outcome = run("baseline", "merge", "a.baseline", "b.baseline", "-o", "both.baseline")
    assert outcome.code == 0
    assert outcome.warnings == ["windows of parts do not add up and were left out"]
    assert run("features", "both.baseline", "usual.parquet").code == 0


def test_a_damaged_baseline_is_one_line(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline", "--time", "t")
    whole = Path("ref.baseline").read_bytes()
    Path("ref.baseline").write_bytes(whole[: len(whole) // 2])
    assert "ref.baseline" in refused(run, "features", "ref.baseline", "usual.parquet")


# -- settings and streams --------------------------------------------------------------------------


def test_a_configuration_file_says_the_same_as_the_flags(run: Run) -> None:
    said = text("c.yaml", "time: {column: t, window: 12h, like: hour}\n")
    flags = ("--time", "t", "--window", "12h", "--like", "hour", "--format", "json")
    sides = ("features", "ref.parquet", "days.parquet")
    one, other = run(*sides, "--config", said, "--format", "json"), run(*sides, *flags)
    assert one.code == other.code == 1
    assert {**one.json, "timestamp": ""} == {**other.json, "timestamp": ""}
    # flags go on top of the file
    weekly = run(*sides, "--config", said, "--window", "1d", "--like", "weekday").err
    assert "4 Fridays of the reference to compare with" in weekly


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("time: {colum: t}", "column"),
        ("time: {column: t, like: 7}", "time.like"),
        ("time: {column: 7}", "time.column"),
        ("time: [t]", "time"),
    ],
)
def test_a_wrong_configuration_file_is_one_line(run: Run, told: str, place: str) -> None:
    said = text("c.yaml", f"{told}\n")
    line = refused(run, "features", "ref.parquet", "usual.parquet", "--config", said)
    assert line.startswith("c.yaml")
    assert place in line


def test_lines_of_text_say_the_same(run: Run) -> None:
    for name in ("ref", "days"):
        pyarrow.csv.write_csv(pq.read_table(f"{name}.parquet"), f"{name}.csv")
    found = [
        run("features", f"ref.{kind}", f"days.{kind}", "--time", "t", "--format", "json").json
        for kind in ("parquet", "csv")
    ]
    for one in found:
        for key in ("timestamp", "reference", "current"):
            del one[key]
    assert found[0] == found[1]


def test_files_of_every_day_are_one_log(run: Run) -> None:
    for name in ("ref", "days"):
        table = pq.read_table(f"{name}.parquet")
        Path(name).mkdir()
        for day in range(table.num_rows // ROWS):
            pq.write_table(table.slice(day * ROWS, ROWS), f"{name}/{day:02}.parquet")
    by_file = run("features", "ref", "days", "--time", "t", "--format", "json", "--jobs", "3").json
    whole = run("features", "ref.parquet", "days.parquet", "--time", "t", "--format", "json").json
    assert by_file["features"] == whole["features"]
    assert by_file["windows"] == whole["windows"]


def test_a_folder_may_tell_the_day(run: Run) -> None:
    for name in ("ref", "days"):
        table = pq.read_table(f"{name}.parquet")
        first = FIRST + 30 * (name == "days")
        for day in range(table.num_rows // ROWS):
            date = np.datetime64(first + day, "D")
            Path(f"{name}/day={date}").mkdir(parents=True)
            rows = table.slice(day * ROWS, ROWS).drop_columns(["t"])
            pq.write_table(rows, f"{name}/day={date}/rows.parquet")
    found = run("features", "ref", "days", "--time", "day", "--format", "json")
    expected = run("features", "ref.parquet", "days.parquet", "--time", "t", "--format", "json")
    assert found.code == expected.code == 1
    assert found.json["windows"] == {**expected.json["windows"], "column": "day"}
    assert (
        found.json["features"]["x"]["checks"][0]["series"]["effects"]
        == (expected.json["features"]["x"]["checks"][0]["series"]["effects"])
    )
    made = run("baseline", "create", "ref", "-o", "ref.baseline", "--time", "day")
    assert made.code == 0
    stored = run("features", "ref.baseline", "days", "--format", "json")
    assert stored.json["windows"] == found.json["windows"]
    assert stored.json["features"]["x"]["checks"] == found.json["features"]["x"]["checks"]


def test_json_holds_every_window(run: Run) -> None:
    outcome = run(
        "features", "ref.parquet", "days.parquet", "--time", "t", "--format", "json", "-o", "r.json"
    )
    windows = outcome.json["windows"]
    days = [f"2026-02-{day:02}" for day in range(4, 14)]
    assert windows == {
        "window": "1d",
        "many": "days",
        "column": "t",
        "zone": None,
        "like": None,
        "reference": 30,
        "reference_first": "2026-01-05",
        "reference_last": "2026-02-03",
        "current": days,
        "current_rows": [ROWS] * 10,
        "judged": days[-1],
    }
    (ks,) = [
        check for check in outcome.json["features"]["x"]["checks"]
        if check["result"]["method"] == "ks"
    ]  # fmt: skip
    course = ks["series"]
    assert [len(course[key]) for key in ("effects", "pvalues", "flagged")] == [10, 10, 10]
    assert course["flagged"][5:] == [True] * 5
    assert course["since"]["earliest"] <= days[5] <= course["since"]["latest"]
    assert ks["standing"]["larger_than"] == ks["standing"]["of"] == 30
    # what was written is read back by what comes after
    assert run("alert", "r.json").code in (0, 1)
    assert run("report", "r.json", "-o", "r.html").code == 0
    assert "larger than 30 of 30 days of the reference" in Path("r.html").read_text()


# -- the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("current", ["usual", "days"])
def test_the_table_fits_the_screen(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, current: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    outcome = run("features", "ref.parquet", f"{current}.parquet", "--time", "t")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= width
    whole = " ".join(outcome.out.split())
    assert "p from 30 days, 2026-01-05 to 2026-02-03" in whole
    assert "independent" not in whole
    if current == "days":
        assert "current 10 days, 2026-02-04 to 2026-02-13; the last is judged" in whole
        assert "larger than 30 of 30 days of the reference, since 2026-02-09" in whole
        (row,) = [line for line in lines if line.startswith("x ")]
        assert ("drift" in row) or width == 40
        if width >= 80:
            bars = row.split()[-1]
            assert len(bars) == 10
            assert min(bars[5:]) > max(bars[:5])
    else:
        assert "windows" not in lines[0]


def test_a_long_course_shows_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    later = FIRST + 30
    table = pa.concat_tables([log(4, 50, later), log(5, 5, later + 50, 3.0)])
    pq.write_table(table, "long.parquet")
    out = run("features", "ref.parquet", "long.parquet", "--time", "t").out
    (row,) = [line for line in out.splitlines() if line.startswith("x ")]
    bars = row.split()[-1]
    assert len(bars) == 30
    assert min(bars[-5:]) > max(bars[:-5])


# -- many columns ----------------------------------------------------------------------------------

WIDE_DAYS, WIDE_ROWS = 21, 32

MEASURE = """
import re, sys
from driftcli.cli import run
code = run(sys.argv[1:])
# not ru_maxrss, which begins with what the process had that started this one
peak = re.search(r"VmHWM:\\s*([0-9]+) kB", open("/proc/self/status").read())
print(code, int(peak[1]) // 1024, file=sys.__stderr__)
"""


def wide(seed: int, columns: int, days: int, first: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(days), WIDE_ROWS)
    values = rng.normal(size=(columns, len(at))).round(2)
    return pa.table(
        {"t": pa.array((first + at) * DAY, pa.timestamp("s"))}
        | {f"c{i:04}": pa.array(values[i]) for i in range(columns)}
    )


@pytest.mark.parametrize(
    ("kind", "columns"),
    [pytest.param("parquet", 2_000, marks=pytest.mark.slow), ("parquet", 300), ("csv", 300)],
)
def test_many_columns(kind: str, columns: int) -> None:
    """In memory that is allowed, and in seconds; the one column that moved is found."""
    reference = wide(1, columns, WIDE_DAYS, FIRST)
    current = wide(2, columns, 1, FIRST + WIDE_DAYS)
    moved = pa.array(current["c0177"].to_numpy() + 9.0)
    current = current.set_column(current.schema.get_field_index("c0177"), "c0177", moved)
    for name, table in (("wr", reference), ("wc", current)):
        if kind == "csv":
            pyarrow.csv.write_csv(table, f"{name}.csv")
        else:
            pq.write_table(table, f"{name}.parquet")
    arguments = ["features", f"wr.{kind}", f"wc.{kind}", "--time", "t", "--config", "c.yaml"]
    # an alarm among so many checks of 21 windows each is possible only without a correction
    text("c.yaml", "decision: {correction: none}\nthresholds: {ks: 0.9}\n")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "120"},
    )
    *strays, last = done.stderr.splitlines()
    code, peak = map(int, last.split())
    assert (code, [line for line in strays if line.startswith(ERROR)]) == (1, [])
    assert "c0177: KS D" in done.stdout
    assert peak < 512
