"""``driftcli explain`` and the overview chart of ``driftcli report`` as commands."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_helpers import EXAMPLES, Run, save, scored, text
from terminals import on_terminal

from driftcli.renderers import FILES

SIDES = ("ref.parquet", "moved.parquet")


@pytest.fixture
def result(run: Run, data: None) -> str:
    assert run("features", *SIDES, "-q", "-o", "drift.json").code == 1
    return "drift.json"


def test_a_column_is_explained_in_plain_ascii(run: Run, result: str) -> None:
    told = run("explain", "a", result)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[:4] == [
        "a  numeric, features  x drift",
        "drift.json: ref.parquet (500 rows) -> moved.parquet (500 rows)",
        "",
        "It drifted: there is a difference beyond its limit that is more than chance.",
    ]
    assert told.out.isascii()
    assert "\x1b" not in told.out
    assert any(line.startswith("Most of PSI comes from above ") for line in lines)
    assert any("fewer of the rows are at or below it than before" in line for line in lines)


@pytest.mark.parametrize(
    ("variables", "coloured", "blocks"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
    ids=["usual", "no colour", "dumb"],
)
def test_on_a_terminal(
    result: str, variables: dict[str, str], coloured: bool, blocks: bool
) -> None:
    call = "['explain', 'a', 'drift.json']"
    script = f"from driftcli import cli\ncli.run({call})\n"
    told = on_terminal(script, stdout=True, columns=60, PYTHONUTF8="1", **variables)
    assert told.screen[0] == f"a  numeric, features  {'✗' if blocks else 'x'} drift"
    assert (b"\x1b[33m" in told.raw) is coloured
    assert ("▓" in "".join(told.screen)) is blocks
    # a dumb one is taken to have 80 columns
    assert max(map(len, told.screen)) <= (60 if blocks else 80)


def test_a_metric_is_explained(run: Run) -> None:
    save("before.parquet", **scored(1))
    save("after.parquet", **scored(2, skill=0.0))
    run("performance", "before.parquet", "after.parquet", "-q", "-o", "p.json")
    told = run("explain", "auc", "p.json")
    assert told.code == 0
    assert told.out.startswith("auc  metric, performance  x drift\n")
    assert "\nIt got worse: " in told.out


def test_several_results_are_shown_one_after_the_other(run: Run, result: str) -> None:
    run("features", "ref.parquet", "same.parquet", "-q", "-o", "same.json")
    out = run("explain", "a", result, "same.json").out
    assert [line for line in out.splitlines() if line.startswith("a  ")] == [
        "a  numeric, features  x drift",
        "a  numeric, features  + ok",
    ]


def test_what_is_not_there(run: Run, result: str) -> None:
    assert run("explain", "scor", result).error == (
        "drift.json: column 'scor': no such column or metric. did you mean 'score'?"
    )
    assert run("explain", "zzz", result, result).error == (
        "drift.json: column 'zzz': no such column or metric. there are columns 'a', 'b', 'score'"
    )
    assert run("explain", "a", "gone.json").error.startswith("gone.json: no such file")
    assert run("explain", "a", text("bad.json", "{}")).error.startswith("bad.json: ")
    run("alert", result, "-q", "-o", "alerts.json")
    assert run("explain", "a", "alerts.json").error == (
        "no result to explain. write one with -o FILE.json"
    )
    assert run("explain", "a").error == (
        "Missing argument 'RESULT.json'. try 'driftcli explain --help'"
    )


@pytest.mark.parametrize("name", ["drift.svg", "drift.png", "drift.PDF"])
def test_the_overview_is_written(run: Run, result: str, name: str) -> None:
    assert Path(name).suffix.lower() in FILES
    told = run("report", result, "-o", name)
    assert (told.code, told.out, told.err) == (0, "", "")
    written = Path(name).read_bytes()
    assert written.startswith((b"<svg ", b"\x89PNG\r\n", b"%PDF-"))
    run("report", result, "-o", f"again-{name}")
    assert Path(f"again-{name}").read_bytes() == written


def test_a_check_writes_its_chart_too(run: Run) -> None:
    sides = (EXAMPLES / "reference.parquet", EXAMPLES / "current.parquet")
    assert run("features", *sides, "-q", "-o", "drift.svg").code == 1
    drawn = [e.text for e in ElementTree.parse("drift.svg").iter() if e.tag.endswith("}text")]  # noqa: S314
    assert {"temperature", "carrier", "limit"} <= {*drawn}
