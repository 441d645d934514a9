"""Section I of the list of bad inputs as far as the screen and the files go; reports; schemas."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from cli_helpers import EXAMPLES, OLD, Run, normal, refused, save, scored, strict, text

pytestmark = pytest.mark.usefixtures("data")

MOVED = ("features", "ref.parquet", "moved.parquet")


def test_several_files_at_once(run: Run) -> None:
    outcome = run(*MOVED, "-o", "x.json", "-o", "y.html", "--format", "json")
    assert (outcome.code, outcome.err) == (1, "")
    assert strict(Path("x.json").read_text()) == outcome.json
    assert Path("y.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("command", ["features", "predictions", "performance"])
@pytest.mark.parametrize("name", ["x.txt", "x", "x.json.bak"])
def test_unknown_kind_of_file(run: Run, command: str, name: str) -> None:
    line = refused(run, command, "ref.parquet", "moved.parquet", "-o", name)
    assert line.startswith(f"{name}: unknown kind of output file. kinds of files: .json, .html")
    assert not Path(name).exists()


def test_results_go_to_stdout_and_the_rest_to_stderr(run: Run) -> None:
    save("r.parquet", a=normal(1), tags=[["x"]] * 500)
    outcome = run("features", "r.parquet", "r.parquet")
    assert outcome.code == 0
    assert outcome.warnings == [
        "column 'tags': list values are not compared; only missing values are checked"
    ]
    assert "driftcli:" not in outcome.out
    assert "0 of 2 features drifted" in outcome.out


def test_quiet(run: Run) -> None:
    outcome = run(*MOVED, "-q", "-o", "x.json")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
    assert Path("x.json").exists()


def test_quiet_prints_the_json_that_was_asked_for(run: Run) -> None:
    save("r.parquet", a=normal(1), tags=[["x"]] * 500)
    outcome = run("features", "r.parquet", "r.parquet", "-q", "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json["features"]["a"]["status"] == "ok"


def test_quiet_tells_errors(run: Run) -> None:
    outcome = run("features", "ref.parquet", "few.parquet", "-q")
    assert (outcome.code, outcome.out) == (2, "")
    reason = "5 rows with a value in current, minimum 30"
    assert outcome.errors == [f"few.parquet: columns 'a', 'b', 'score': {reason}"]


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_json_is_one_strict_line(run: Run, command: str) -> None:
    odd = normal(1)
    odd[:100], odd[100:150], odd[150:200] = np.inf, -np.inf, np.nan
    save("odd.parquet", score=odd, a=np.full(500, np.inf), b=np.full(500, np.nan))
    outcome = run(command, "ref.parquet", "odd.parquet", "--format", "json", "-o", "x.json")
    assert outcome.code == 1
    assert strict(Path("x.json").read_text()) == outcome.json


def test_row_100_a_failed_write_leaves_the_old_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Every step of writing fails once: the file is the old or the new one, never a mixture."""
    full = OSError(28, "No space left on device")

    def fail(*_: object, **__: object) -> None:
        raise full

    for name in ("fsync", "fdopen", "fchmod"):
        text("x.json", OLD)
        before = sorted(folder.iterdir())
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{name}", fail)
            outcome = run(*MOVED, "-o", "x.json")
        assert outcome.error == "x.json: cannot be written (no space left on device)", name
        assert Path("x.json").read_text() == OLD
        assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("baseline", "create", "ref.parquet", "-o", "-"),
        ("config", "init", "-"),
        (*MOVED, "-o", "-"),
        ("backtest", "ref.parquet", "--time", "t", "--propose", "-"),
    ],
)
def test_no_file_is_called_as_stdout_is(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    line = run(*words).error
    assert line.startswith(("-: is no file, and stdout takes none. name a file", "-: unknown kind"))
    assert not (folder / "-").exists()


def test_row_100_the_mode_of_a_file_is_kept(run: Run) -> None:
    text("x.json", OLD)
    Path("x.json").chmod(0o640)
    run(*MOVED, "-q", "-o", "x.json", "-o", "new.json")
    assert stat.S_IMODE(Path("x.json").stat().st_mode) == 0o640
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(Path("new.json").stat().st_mode) == 0o666 & ~mask


def test_row_100_a_link_to_the_file_stays_a_link(run: Run) -> None:
    text("real.json", OLD)
    Path("latest.json").symlink_to("real.json")
    run(*MOVED, "-q", "-o", "latest.json")
    assert Path("latest.json").is_symlink()
    assert strict(Path("real.json").read_text())["command"] == "features"


@pytest.mark.parametrize(
    "arguments", [("config", "init", "--force"), ("alert", "r.json", "-q", "-o")]
)
def test_row_101_a_device_is_never_replaced(run: Run, arguments: tuple[str, ...]) -> None:
    """``-o /dev/null`` run by root must not turn /dev/null into a file; a FIFO stands for it."""
    run(*MOVED, "-q", "-o", "r.json")
    os.mkfifo("device.json")
    assert "not a regular file" in run(*arguments, "device.json").error
    assert stat.S_ISFIFO(Path("device.json").stat().st_mode)


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_row_101_places_that_cannot_be_written(run: Run, command: str) -> None:
    Path("d.json").mkdir()
    text("file", "")
    for target, expected in (
        ("d.json", "d.json: is a directory. name a file in it"),
        ("no/x.json", "no: no such directory. create it first"),
        ("file/x.json", "file: no such directory. create it first"),
    ):
        assert refused(run, command, "ref.parquet", "same.parquet", "-o", target) == expected


@pytest.mark.parametrize(
    "words",
    [
        ("features", "ref.csv", "cur.csv", "-o", "cur.csv"),
        ("features", "ref.csv", "cur.csv", "-o", "link.csv"),
        ("features", "ref.csv", "cur.csv", "-o", "./sub/../ref.csv"),
        ("predictions", "ref.csv", "cur.csv", "-o", "ref.csv"),
        ("performance", "ref.csv", "cur.csv", "--label", "y", "-o", "cur.csv"),
        ("performance", "cur.csv", "--baseline", "fixed.json", "-o", "fixed.json"),
        ("performance", "cur.csv", "--labels", "ref.csv", "--on", "y", "-o", "ref.csv"),
        ("baseline", "create", "ref.csv", "-o", "ref.csv"),
        ("baseline", "merge", "a.baseline", "all.baseline", "-o", "all.baseline"),
        ("alert", "r.json", "-o", "r.json"),
        ("report", "r.json", "-c", "c.json", "-o", "c.json"),
        ("backtest", "ref.csv", "--time", "t", "--propose", "ref.csv"),
        ("features", "ref.csv", "cur.csv", "-c", "c.json", "-o", "c.json"),
    ],
    ids=" ".join,
)
def test_an_input_is_never_overwritten(run: Run, words: tuple[str, ...]) -> None:
    Path("sub").mkdir()
    names = ("ref.csv", "cur.csv", "fixed.json", "a.baseline", "all.baseline", "r.json", "c.json")
    for name in names:
        text(name, OLD)
    Path("link.csv").symlink_to("cur.csv")
    told = run(*words)
    name = words[-1].removeprefix("./")
    assert told.error == f"{name}: is an input of this run. name another file"
    assert told.code == 2
    assert {Path(name).read_text() for name in names} == {OLD}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_row_101_read_only_directory(run: Run) -> None:
    Path("d").mkdir(mode=0o555)
    line = refused(run, *MOVED, "-o", "d/x.json")
    assert line == "d: cannot write here (permission denied)"


def test_row_101_a_name_too_long_is_no_bug(run: Run) -> None:
    line = refused(run, *MOVED, "-o", "x" * 300 + ".json")
    assert "name too long" in line


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_row_106_narrow_and_wide(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    outcome = run(*MOVED)
    assert outcome.code == 1
    assert max(map(len, outcome.out.splitlines())) <= columns
    assert "\x1b" not in outcome.out
    for word in ("score", "drift", "ok"):
        assert word in outcome.out


def test_row_106_a_long_name_leaves_room_for_the_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "a_name_" * 15
    save("r.parquet", **{name: normal(1), "b": normal(2)})
    save("c.parquet", **{name: normal(3), "b": normal(4, mean=2)})
    table = run("features", "r.parquet", "c.parquet").out
    assert re.search(r"^b +\w+ +[\d.]+ +[\d.]+ .*drift", table, re.MULTILINE)


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}",
    "a\nb\x1b[31m\u202e",
    "[bold red]x[/]",
    "x" * 500,
    "",
]


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def pages(run: Run, names: list[str], words: list[str]) -> list[Page]:
    """The pages of a run over hostile names and of the report made from its JSON."""
    before: dict[str, Any] = {name: normal(i) for i, name in enumerate(names)}
    after: dict[str, Any] = {name: normal(i, mean=2) for i, name in enumerate(names)}
    save("r.parquet", **before, kind=[words[i % 2] for i in range(500)])
    save("c.parquet", **after, kind=[words[1 + i % 2] for i in range(500)])
    outcome = run("features", "r.parquet", "c.parquet", "-o", "x.json", "-o", "x.html")
    assert (outcome.code, outcome.errors) == (1, [])
    assert "\x1b" not in outcome.out
    run("alert", "x.json", "-q", "-o", "a.json")
    assert run("report", "x.json", "a.json", "-o", "y.html").code == 0
    return [Page(Path(name).read_text()) for name in ("x.html", "y.html")]


def test_row_107_hostile_names_are_only_text(run: Run) -> None:
    tame = [f"name {i}" for i in range(len(HOSTILE))]
    expected = pages(run, tame, ["x", "y", "z"])
    found = pages(run, HOSTILE, ["<b>", "</script><script>alert(2)</script>", "<svg/onload=1>"])
    for page, plain in zip(found, expected, strict=True):
        assert {tag for tag, _ in page.tags} == {tag for tag, _ in plain.tags}
        assert sum(tag == "script" for tag, _ in page.tags) == 1
        for _, attributes in page.tags:
            assert not any(name.startswith("on") for name in attributes)
            assert not (attributes.get("href") or "#").startswith(("javascript", "http"))
            assert "src" not in attributes


def test_row_107_the_page_may_load_nothing(run: Run) -> None:
    run(*MOVED, "-q", "-o", "x.html")
    policies = [
        attributes["content"] or ""
        for tag, attributes in Page(Path("x.html").read_text()).tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    assert "unsafe" not in policies[0]


def test_row_107_hostile_file_names(run: Run) -> None:
    Path("moved.parquet").rename("<img src=x>.parquet")
    outcome = run("features", "ref.parquet", "<img src=x>.parquet", "-q", "-o", "x.html")
    assert outcome.code == 1
    assert "img" not in {tag for tag, _ in Page(Path("x.html").read_text()).tags}


def test_report_of_several_results(run: Run) -> None:
    run(*MOVED, "-q", "-o", "f.json")
    run("predictions", "ref.parquet", "moved.parquet", "-q", "-o", "p.json")
    run("alert", "f.json", "p.json", "-q", "-o", "a.json")
    text("all.html", OLD)
    outcome = run("report", "f.json", "p.json", "a.json", "-o", "all.html", "-o", "all.json")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert [r["command"] for r in strict(Path("all.json").read_text())] == [
        "features",
        "predictions",
    ]
    assert run("report", "all.json", "a.json", "-o", "again.html").code == 0
    assert Path("again.html").read_text() == Path("all.html").read_text()


def test_report_needs_results_and_a_file(run: Run) -> None:
    run(*MOVED, "-q", "-o", "f.json")
    run("alert", "f.json", "-q", "-o", "a.json")
    hint = "try 'driftcli report --help'"
    assert run("report", "f.json").error == f"Missing option '--output' / '-o'. {hint}"
    assert run("report", "-o", "x.html").error == f"Missing argument 'RESULT.json'. {hint}"
    expected = "no result to report on. write one with -o FILE.json"
    assert run("report", "a.json", "-o", "x.html").error == expected
    assert run("report", "f.json", "-o", "x.doc").error.startswith("x.doc: unknown kind")


def flights(name: str) -> str:
    return str(EXAMPLES / f"{name}.parquet")


def multiclass() -> str:
    rng = np.random.default_rng(0)
    label = rng.choice(["u", "v", "w"], 600)
    guess = np.where(rng.random(600) < 0.7, label, rng.choice(["u", "v", "w"], 600))
    return save("classes.parquet", label=label, prediction=guess)


def regression() -> str:
    return save("values.parquet", label=normal(1) * 10, prediction=normal(1) * 10 + normal(2))


def ranking() -> str:
    log = scored(1)
    return save("lists.parquet", **log, user_id=np.arange(2000) // 20)


KINDS: dict[str, Callable[[], tuple[str, ...]]] = {
    "features": lambda: ("features", flights("reference"), flights("current")),
    "features-incomplete": lambda: ("features", "ref.parquet", "few.parquet"),
    "features-skipped": lambda: (
        "features",
        save("n.parquet", a=normal(1), l=[[1]] * 500),
        "n.parquet",
    ),
    "predictions": lambda: ("predictions", flights("reference"), flights("current")),
    "binary": lambda: ("performance", flights("reference"), flights("current")),
    "measured": lambda: ("performance", flights("current")),
    "multiclass": lambda: ("performance", multiclass(), "classes.parquet"),
    "regression": lambda: ("performance", regression(), "values.parquet"),
    "ranking": lambda: ("performance", ranking(), "lists.parquet", "--group", "user_id"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_fits_the_published_schema(run: Run, kind: str) -> None:
    schema = strict(run("config", "schema", "--report").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    outcome = run(*KINDS[kind](), "--format", "json")
    document = outcome.json
    problems = jsonschema.Draft202012Validator(schema).iter_errors(document)
    assert [f"{p.json_path}: {p.message}"[:200] for p in problems] == []
    if outcome.code != 2:
        assert document["incomplete"] is False
    if document["performance"]:
        assert document["performance"]["task"] == kind.replace("measured", "binary")


def test_the_schema_refuses_what_is_no_result(run: Run) -> None:
    schema = strict(run("config", "schema", "--report").out)
    document = run(*MOVED, "--format", "json").json
    document["features"]["a"]["status"] = "fine"
    del document["summary"]
    assert len(list(jsonschema.Draft202012Validator(schema).iter_errors(document))) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_becomes_a_page(run: Run, kind: str) -> None:
    run(*KINDS[kind](), "-q", "-o", "x.json", "-o", "x.html")
    assert run("report", "x.json", "-o", "y.html").code == 0
    assert Path("x.html").read_text() == Path("y.html").read_text()
