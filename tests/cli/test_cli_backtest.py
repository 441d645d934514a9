"""Replays on the command line: what is printed, written and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from cli_helpers import Run, refused, strict, text

DAY, FIRST, ROWS = 86_400, 20_458, 60  # from 2026-01-05, a Monday


def log(seed: int, days: int, rows: int = ROWS, zone: str | None = None) -> pa.Table:
    """Days that differ a little."""
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(days), rows)
    seconds = (FIRST + at) * DAY + rng.integers(0, DAY, len(at))
    return pa.table(
        {
            "t": pa.array(seconds, pa.timestamp("s", tz=zone)),
            "x": rng.choice(np.arange(8), len(at)),
            "k": rng.choice(["a", "b", "c"], len(at)),
            "m": pa.array(rng.choice(3, len(at)), mask=rng.random(len(at)) < rng.random(days)[at]),
        }
    )


@pytest.fixture(autouse=True)
def logs(folder: Path) -> None:
    for name, table in {
        "log": log(1, 50),
        "short": log(1, 30),
        "thin": log(1, 50, rows=10),
        "zoned": log(1, 50, zone="UTC"),
    }.items():
        pq.write_table(table, f"{name}.parquet")


REPLAY = ("backtest", "log.parquet", "--time", "t")


def replay(run: Run, *flags: object) -> Any:
    outcome = run("backtest", *flags, "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    return {**outcome.json, "timestamp": ""}


def limits(found: Any) -> dict[tuple[str, str], float]:
    return {(check["column"], check["method"]): check["threshold"] for check in found["checks"]}


def proposed(found: Any) -> dict[tuple[str, str], float]:
    return {(one["column"], one["method"]): one["threshold"] for one in found["proposed"]}


# -- what is told ----------------------------------------------------------------------------------


def test_json_holds_every_check(run: Run) -> None:
    outcome = run(*REPLAY, "--plant", "x*2", "--format", "json", "-o", "b.json")
    assert (outcome.code, outcome.err) == (0, "")
    found = outcome.json
    assert strict(Path("b.json").read_text()) == found
    assert {key: found[key] for key in list(found)[2:15] if key != "any"} == {
        "source": "log.parquet", "window": "1d", "windows": "days", "one": "a day", "column": "t",
        "zone": None, "like": None, "first": "2026-01-05", "last": "2026-02-23",
        "n_windows": 50, "splits": 1, "n_reference": 25, "n_tested": 25,
    }  # fmt: skip
    assert (found["command"], found["proposed"]) == ("backtest", [])
    assert limits(found) == {
        ("t", "missing"): 0.05,
        **{(name, method): limit for name in "xm" for method, limit in
           (("ks", 0.1), ("psi", 0.2), ("missing", 0.05))},
        **{("k", method): limit for method, limit in
           (("psi", 0.2), ("chi2", 0.1), ("missing", 0.05))},
    }  # fmt: skip
    rules = {"threshold", "rows", "windows"}
    (plant,) = found["plants"]
    for shares in (found["any"], plant["found"], *(check["fired"] for check in found["checks"])):
        assert shares.keys() == rules
        assert all(share == round(25 * share) / 25 for share in shares.values())
    assert plant["plant"] == "x*2"
    assert plant["found"] == dict.fromkeys(rules, 1.0)
    assert plant["late"]["windows"] == {"median": 0.0, "most": 0, "never": 0, "of": 25}
    assert plant["by"]["windows"]["column"] == "x"


def test_a_configuration_file_says_the_same_as_the_flags(run: Run) -> None:
    said = text("c.yaml", "time: {column: t, window: 20h}\nthresholds: {ks: 0.2}\n")
    flags = ("--time", "t", "--window", "20h", "--threshold", "ks=0.2")
    assert replay(run, "log.parquet", "-c", said) == replay(run, "log.parquet", *flags)


def test_draws_are_the_same_every_time_and_in_any_threads(run: Run) -> None:
    flags = ("log.parquet", "--time", "t", "--draws", "3", "--plant", "drop:k=a", "--jobs")
    one, three = (replay(run, *flags, jobs) for jobs in (1, 3))
    assert one == three
    assert (one["splits"], one["n_reference"], one["n_tested"]) == (3, 25, 75)


def test_lines_of_text_say_the_same(run: Run) -> None:
    pyarrow.csv.write_csv(pq.read_table("log.parquet"), "log.csv")
    found = [replay(run, f"log.{kind}", "--time", "t") for kind in ("parquet", "csv")]
    assert {**found[0], "source": ""} == {**found[1], "source": ""}


def test_windows_of_rows(run: Run) -> None:
    found = replay(run, "log.parquet", "--window", "60rows", "--plant", "x*2")
    assert (found["windows"], found["column"]) == ("windows of 60 rows", None)
    assert (found["first"], found["last"], found["n_windows"]) == ("row 0", "row 2,940", 50)
    # the log is in order and each day has 60 rows; but only windows of time settle a time's own
    days = replay(run, "log.parquet", "--time", "t", "--plant", "x*2")
    assert [check["largest_effect"] for check in found["checks"] if check["column"] != "t"] == [
        check["largest_effect"] for check in days["checks"] if check["column"] != "t"
    ]
    assert found["any"] == days["any"]


def test_like_compares_with_days_of_a_kind(run: Run) -> None:
    said = text("c.yaml", "decision: {alpha: 0.3}\n")
    like = replay(run, "log.parquet", "-c", said, "--time", "t", "--like", "weekday")
    every = replay(run, "log.parquet", "-c", said, "--time", "t")
    assert (like["like"], every["like"]) == ("weekday", None)
    for rule in ("threshold", "rows"):  # which know nothing of kinds
        assert like["any"][rule] == every["any"][rule]
    fired = [
        {(check["column"], check["method"]): check["fired"]["windows"] for check in found["checks"]}
        for found in (like, every)
    ]
    assert fired[0] != fired[1]


def test_a_day_of_another_zone(run: Run) -> None:
    found = replay(run, "zoned.parquet", "--time", "t", "--time-zone", "Asia/Tokyo")
    assert (found["zone"], found["n_windows"]) == ("Asia/Tokyo", 51)


def test_what_a_plant_did_not_do_is_told(run: Run) -> None:
    outcome = run(*REPLAY, "--plant", "drop:k=z")
    assert outcome.code == 0
    assert outcome.warnings == ["log.parquet: no row is dropped by --plant 'drop:k=z'"]
    assert run(*REPLAY, "--plant", "drop:k=z", "--quiet").err == ""


def test_quiet_says_nothing(run: Run) -> None:
    outcome = run(*REPLAY, "--quiet", "-o", "b.json", "--propose", "p.yaml")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert Path("b.json").exists()
    assert Path("p.yaml").exists()


# -- what is proposed ------------------------------------------------------------------------------

RATES = {"1 per month": 1, "1 per 10 windows": 5, "0 per year": 0, "1 per day": 50}


@pytest.mark.parametrize("rate", RATES)
def test_a_proposal_keeps_its_promise_under_the_file(run: Run, rate: str) -> None:
    before = replay(run, "log.parquet", "--time", "t")
    flags = ("--propose", "p.yaml", "--at-most", rate)
    first = replay(run, "log.parquet", "--time", "t", *flags)
    assert limits(first) == limits(before)
    raised = proposed(first)
    assert all(limit > limits(before)[key] for key, limit in raised.items())
    assert bool(raised) == (rate != "1 per day")
    # the file alone has all that it takes, and nothing is left to propose
    again = replay(run, "log.parquet", "-c", "p.yaml", "--propose", "q.yaml", "--at-most", rate)
    assert limits(again) == {**limits(before), **raised}
    assert proposed(again) == {}
    assert again["any"]["threshold"] <= before["any"]["threshold"]
    if rate == "0 per year":
        for check in again["checks"]:
            assert check["largest_effect"] <= check["threshold"]


@pytest.mark.parametrize(
    ("data", "flags"),
    [
        ("log", ("--time", "t", "--threshold", "ks=0.15", "--threshold", "psi=0.9")),
        ("log", ("--time", "t", "--columns", "m,k")),
        ("log", ("--time", "t", "--exclude", "m")),
        ("log", ("--time", "t", "--where", "x > 0")),
        ("log", ("--window", "50rows")),
        ("zoned", ("--time", "t", "--time-zone", "Asia/Tokyo")),
    ],
)
def test_the_file_holds_what_the_flags_said(run: Run, data: str, flags: tuple[str, ...]) -> None:
    rate = ("--propose", "p.yaml", "--at-most", "1 per 50 windows")
    first = replay(run, f"{data}.parquet", *flags, *rate)
    alone = replay(run, f"{data}.parquet", "-c", "p.yaml")
    assert first["n_windows"] == alone["n_windows"]
    assert first["zone"] == alone["zone"]
    assert limits(alone) == {**limits(first), **proposed(first)}
    assert run("config", "validate", "p.yaml").code == 0


def test_a_proposal_serves_the_daily_check(run: Run) -> None:
    run(*REPLAY, "--propose", "p.yaml")
    made = run("baseline", "create", "log.parquet", "-o", "log.baseline", "-c", "p.yaml")
    assert (made.code, made.err) == (0, "")
    assert run("features", "log.baseline", "log.parquet", "-c", "p.yaml").code == 0


# -- one line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        ((), "no windows to replay. name the time column with --time"),
        (("--window", "1d"), "--window 1d of which time? name its column with --time"),
        (("--time", "tt"), "log.parquet: column 'tt': no such column. did you mean 't'?"),
        (("--time", "x"), "log.parquet: column 'x': int64 is no time."),
        (("--time", "t", "--window", "2d"), "of which 12 would be the reference. 20 are needed"),
        (("--time", "t", "--share", "0.3"), "50 windows, of which 15 would be the reference."),
        (("--time", "t", "--share", "0.99"), "50 windows, of which 50 would be the reference."),
        (("--time", "t", "--plant", "x~2"), "--plant 'x~2': not understood. write distance*1.609"),
        (("--time", "t", "--plant", "x*1"), "--plant 'x*1': it changes nothing."),
        (("--time", "t", "--plant", ""), "--plant '': not understood."),
        (("--time", "t", "--plant", "k*2"), "log.parquet: column 'k': text values are not numbers"),
        (("--time", "t", "--plant", "xx*2"), "column 'xx': no such column, but --plant"),
        (("--time", "t", "--plant", "x*2", "--plant", "drop:y=a"), "column 'y': no such column"),
        (("--time", "t", "--plant", "null:t=1"), "--plant 'null:t=1': no row has a time"),
        (("--time", "t", "--at-most", "often"), "--at-most 'often': no rate. write '1 per month'"),
        (("--time", "t", "--columns", "z"), "log.parquet: column 'z': no such column."),
        (("--time", "t", "--where", "x > 99"), "log.parquet: 0 rows."),
        (("--time", "t", "--like", "hour"), "--like hour: days have no hour of their own."),
        (("--time", "t", "--like", "weekday"), "log.parquet"),  # four of a kind
        (("--time", "t", "--threshold", "kss=1"), "kss"),
        (("--window", "60rows", "--propose", "p.yaml"), "write --at-most '1 per 100 windows'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(run: Run, flags: tuple[str, ...], line: str) -> None:
    found = refused(run, "backtest", "log.parquet", *flags)
    assert line in found
    assert found.count("log.parquet") <= 1


def test_a_plant_that_takes_the_time_away_names_it(run: Run) -> None:
    line = refused(run, *REPLAY, "--plant", "swap:t,x")
    assert "log.parquet" in line
    assert "'t'" in line


def test_other_data_is_refused_in_one_line(run: Run) -> None:
    made = run("baseline", "create", "log.parquet", "-o", "log.baseline")
    assert made.code == 0
    assert "log.baseline: a baseline in the place of data." in refused(
        run, "backtest", "log.baseline", "--time", "t"
    )
    assert "short.parquet: 30 windows, of which 15" in refused(
        run, "backtest", "short.parquet", "--time", "t"
    )
    assert "none.parquet: no such file." in refused(run, "backtest", "none.parquet", "--time", "t")
    assert "thin.parquet" in refused(run, "backtest", "thin.parquet", "--time", "t")


@pytest.mark.parametrize("flag", ["-o", "--propose"])
def test_what_cannot_be_written_is_refused_before_anything_is_read(run: Run, flag: str) -> None:
    Path("full.json").mkdir()
    for path, line in (("none/b.json", "none: no such directory."), ("full.json", "full.json")):
        outcome = run("backtest", "none.parquet", "--time", "t", flag, path)
        assert outcome.error.startswith(line)
        assert outcome.out == ""


def test_a_replay_is_written_as_json_alone(run: Run) -> None:
    assert run(*REPLAY, "-o", "b.html").error.startswith("b.html: ")
    assert not Path("b.html").exists()


# -- the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("colour", ["NO_COLOR", "FORCE_COLOR"])
def test_the_table_fits_the_screen(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, colour: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    if colour == "NO_COLOR":
        monkeypatch.setenv(colour, "1")
    outcome = run(*REPLAY, "--plant", "x*2", "--plant", "null:k=0.5", "--propose", "p.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= width
    assert all(line.isprintable() for line in lines)
    whole = " ".join(outcome.out.split())
    assert "50 days, 2026-01-05 to 2026-02-23: the first 25 are the reference, 25 tested" in whole
    assert "thresholds proposed" in whole
    if width >= 80:
        assert any(line.startswith("any of them ") for line in lines)
        (row,) = [line for line in lines if line.startswith("x*2 ")]
        assert row.split()[1:7] == ["100.0", "%"] * 3
        assert "0, at most 0" in row


def test_help_names_every_flag(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    outcome = run("backtest", "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for flag in ("--time", "--window", "--like", "--share", "--draws", "--plant", "--propose",
                 "--at-most", "--output", "--format", "--jobs"):  # fmt: skip
        assert flag in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert "backtest" in run("--help").out


@pytest.mark.parametrize("engine", ["spark", "sql"])
def test_only_one_machine_replays(run: Run, engine: str) -> None:
    text("e.yaml", f"version: 1\nresources: {{engine: {engine}}}\n")
    assert refused(run, "backtest", "log.parquet", "-c", "e.yaml", "--time", "t") == (
        f"the engine {engine} replays nothing. set resources.engine to local for it"
    )
