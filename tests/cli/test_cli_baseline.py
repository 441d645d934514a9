"""The command group ``baseline``, and a baseline in the place of REF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_helpers import Run, normal, save, scored, text

pytestmark = pytest.mark.usefixtures("data")


def words(seed: int, rows: int = 500) -> Any:
    return np.random.default_rng(seed).choice(["x", "y"], rows)


def flat(value: Any) -> Any:
    """Return a report without its names and pictures, which a baseline's edges make coarser."""
    features = {
        name: {key: told for key, told in column.items() if key != "distribution"}
        for name, column in value["features"].items()
    }
    other = {name: one for name, one in value.items() if name not in ("timestamp", "reference")}
    return {**other, "features": features}


@pytest.mark.parametrize(("current", "code"), [("same", 0), ("moved", 1), ("few", 2)])
def test_the_exit_code_is_that_of_the_rows(run: Run, current: str, code: int) -> None:
    made = run("baseline", "create", "ref.parquet", "-o", "ref.baseline")
    assert (made.code, made.out, made.err) == (0, "", "")
    for reference in ("ref.parquet", "ref.baseline"):
        assert run("features", reference, f"{current}.parquet").code == code
        assert run("predictions", reference, f"{current}.parquet").code == code
    # 500 values each are all edges: nothing is lost
    raw, stored = (
        run("features", f"ref.{kind}", f"{current}.parquet", "--format", "json")
        for kind in ("parquet", "baseline")
    )
    assert flat(raw.json) == flat(stored.json)
    assert stored.json["reference"]["source"] == "ref.baseline"
    assert raw.err == stored.err


def test_the_config_may_name_it(run: Run) -> None:
    assert run("baseline", "create", "ref.parquet", "-o", "r.baseline").code == 0
    text("m.yaml", "version: 1\nreference: r.baseline\ncurrent: moved.parquet\n")
    assert run("features", "-c", "m.yaml").code == 1
    text("m.yaml", "version: 1\nreference: r.baseline\ncolumns: {types: {a: categorical}}\n")
    assert run("features", "-c", "m.yaml", "same.parquet").error == (
        "r.baseline: column 'a': columns.types says categorical, and the baseline was made with"
        " numeric. make the baseline again with this config"
    )


def test_performance(run: Run) -> None:
    save("log.parquet", **scored(1))
    save("worse.parquet", **scored(2, skill=-1.0))
    roles = ("--label", "label", "--score", "score")
    assert run("baseline", "create", "log.parquet", *roles, "-o", "log.baseline").code == 0
    raw, stored, named = (
        run("performance", *sides, "--format", "json")
        for sides in (
            ("log.parquet", "worse.parquet"),
            ("log.baseline", "worse.parquet"),
            ("worse.parquet", "--baseline", "log.baseline"),
        )
    )
    assert raw.code == stored.code == named.code == 1
    assert raw.json["performance"] == stored.json["performance"] == named.json["performance"]
    assert run("performance", "log.baseline", "worse.parquet", "--label", "id").error == (
        "log.baseline: label 'id', and the baseline was made with 'label'."
        " make it again, or leave label away"
    )


def test_show(run: Run) -> None:
    save("log.parquet", **scored(1), word=words(1, 2000))
    run("baseline", "create", "log.parquet", "--label", "label", "--exclude", "id", "-o", "b")
    shown = run("baseline", "show", "b")
    assert shown.code == 0
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert lines[0] == "column kind values missing mean std min max told apart"
    assert any(line.startswith("word categorical 2,000 0 – – – – 2 names") for line in lines)
    assert any(line.startswith("auc 0.7") for line in lines)
    assert "2,000 rows of log.parquet" in lines
    assert "left out: id" in lines
    value = run("baseline", "show", "b", "--format", "json").json
    assert [column["name"] for column in value["columns"]] == ["score", "label", "word"]
    assert value["performance"]["task"] == "binary"
    word = run("baseline", "show", "b", "--column", "word", "--format", "json").json["columns"][0]
    assert sum(word["rows"].values()) == 2000
    score = run("baseline", "show", "b", "--column", "score").out
    assert score.count(" 200\n") == 10
    assert run("baseline", "show", "b", "--column", "scor").error == (
        "b: column 'scor': no such column. did you mean 'score'?"
    )


def test_merge(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "day1.baseline")
    for name in ("ref", "same"):
        made = run(
            "baseline", "create", f"{name}.parquet", "--edges-of", "day1.baseline",
            "-o", f"{name}.part",
        )  # fmt: skip
        assert (made.code, made.err) == (0, "")
    assert run("baseline", "merge", "ref.part", "same.part", "-o", "all.baseline").code == 0
    assert run("baseline", "show", "all.baseline", "--format", "json").json["rows"] == 1000
    assert run("features", "all.baseline", "moved.parquet").code == 1
    run("baseline", "create", "same.parquet", "-o", "own.baseline")
    assert run("baseline", "merge", "ref.part", "own.baseline", "-o", "all.baseline").error == (
        "own.baseline: column 'a': counted on other edges than ref.part."
        " make all parts with --edges-of one baseline"
    )
    assert run("baseline", "merge", "ref.part", "ref.parquet", "-o", "all.baseline").error == (
        "ref.parquet: not a baseline"
    )


def test_min_count(run: Run) -> None:
    save("rare.parquet", word=["x"] * 400 + [f"person {n}" for n in range(100)])
    made = run("baseline", "create", "rare.parquet", "--min-count", "10", "-o", "b")
    assert made.code == 0
    assert b"person" not in Path("b").read_bytes()
    assert "400 | 1 names" not in run("baseline", "show", "b").out
    assert "1 names + 100 unnamed" in run("baseline", "show", "b").out


def test_93_a_damaged_baseline(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline")
    whole = Path("ref.baseline").read_bytes()
    Path("ref.baseline").write_bytes(whole[: len(whole) // 2])
    for command in ("features", "predictions", "performance"):
        assert run(command, "ref.baseline", "same.parquet").error == (
            "ref.baseline: baseline damaged or incomplete."
            " make it again with driftcli baseline create"
        )
    third = len(whole) // 3
    Path("ref.baseline").write_bytes(
        whole[:third] + bytes([whole[third] ^ 64]) + whole[third + 1 :]
    )
    assert run("features", "ref.baseline", "same.parquet").error.startswith(
        "ref.baseline: baseline damaged"
    )


def test_a_date_in_the_name_of_a_baseline(run: Run) -> None:
    Path("2026-11-22").mkdir()
    made = run("baseline", "create", "ref.parquet", "-o", "2026-11-22/ref.baseline")
    assert made.code == 0
    dated = ("{date:%Y-%m-%d}/ref.baseline", "same.parquet", "--date", "2026-11-22")
    outcome = run("features", *dated, "--format", "json")
    assert outcome.code == 0
    assert outcome.json["reference"]["source"] == "2026-11-22/ref.baseline"
    run("baseline", "create", "ref.parquet", "-o", "2026-11-22/other.baseline")
    assert run("features", "2026-11-22/*.baseline", "same.parquet").error == (
        "2026-11-22/*.baseline: 2 files where one baseline is compared with."
        " driftcli baseline merge adds them up"
    )
    assert run("features", "absent.baseline", "same.parquet").error == (
        "absent.baseline: no such file"
    )


def test_a_baseline_in_the_place_of_current(run: Run) -> None:
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline")
    expected = (
        "ref.baseline: a baseline in the place of data. it can only be the reference: REF CUR"
    )
    assert run("features", "ref.parquet", "ref.baseline").error == expected.replace(
        "it can only be the reference: REF CUR",
        "REF must be the baseline on whose edges it was made",
    )
    assert run("performance", "ref.baseline").error == expected
    assert run("baseline", "create", "ref.baseline", "-o", "b").error == expected


def test_current_may_be_counted_in_parts_on_the_edges_of_the_reference(run: Run) -> None:
    """Fan-out without an engine for it: every scheduler can count a part."""
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline")
    table = pq.read_table("moved.parquet")
    for at in range(3):
        pq.write_table(table.slice(at * 200, 200 if at < 2 else None), f"part{at}.parquet")
        words = ("baseline", "create", f"part{at}.parquet", "--edges-of", "ref.baseline")
        assert run(*words, "-o", f"part{at}.baseline").code == 0
    parts = [f"part{at}.baseline" for at in (2, 0, 1)]
    assert run("baseline", "merge", *parts, "-o", "moved.baseline").code == 0
    for command in ("features", "predictions"):
        rows, counted = (
            run(command, "ref.baseline", f"moved.{kind}", "--format", "json")
            for kind in ("parquet", "baseline")
        )
        assert rows.code == counted.code == 1
        names = {"timestamp": None, "current": None}
        assert {**counted.json, **names} == {**rows.json, **names}
        assert counted.json["current"]["rows"] == rows.json["current"]["rows"]


def test_current_that_was_counted_on_other_edges(run: Run) -> None:
    for name in ("ref", "moved"):
        run("baseline", "create", f"{name}.parquet", "-o", f"{name}.baseline")
    outcome = run("features", "ref.baseline", "moved.baseline")
    assert outcome.error == (
        "moved.baseline: column 'a': counted on other edges than ref.baseline."
        " make it with --edges-of ref.baseline"
    )


def test_nothing_is_written_where_something_is_wrong(run: Run) -> None:
    Path("old.baseline").write_text("old")
    assert run("baseline", "create", "absent.parquet", "-o", "old.baseline").code == 2
    assert Path("old.baseline").read_text() == "old"
    assert run("baseline", "create", "ref.parquet", "-o", "no/b").error == (
        "no: no such directory. create it first"
    )
    assert run("baseline", "create", "ref.parquet", "--columns", "q", "-o", "b").error == (
        "ref.parquet: column 'q': no such column. it is named by columns.include"
    )
    if os.geteuid():
        Path("locked").mkdir(mode=0o500)
        assert run("baseline", "create", "ref.parquet", "-o", "locked/b").code == 2
    assert not Path("b").exists()


def test_numbers_of_a_later_run_differ_from_none(run: Run) -> None:
    """Columns that the baseline has and current has not are told as with the rows."""
    run("baseline", "create", "ref.parquet", "-o", "ref.baseline")
    save("less.parquet", a=normal(5))
    outcomes = [run("features", f"ref.{kind}", "less.parquet") for kind in ("parquet", "baseline")]
    assert outcomes[0].errors == outcomes[1].errors
    assert outcomes[0].code == 2


def test_a_column_of_nulls_on_both_counted_sides(run: Run) -> None:
    pq.write_table(pa.table({"x": normal(1), "n": pa.nulls(len(normal(1)))}), "nulls.parquet")
    run("baseline", "create", "nulls.parquet", "-o", "ref.baseline")
    words = ("nulls.parquet", "--edges-of", "ref.baseline", "-o", "cur.baseline")
    assert run("baseline", "create", *words).code == 0
    rows, counted = (
        run("features", "ref.baseline", current, "--format", "json")
        for current in ("nulls.parquet", "cur.baseline")
    )
    assert (counted.code, counted.err) == (rows.code, rows.err)
    assert counted.json["features"] == rows.json["features"]
