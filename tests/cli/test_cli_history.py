"""What past runs found: on the screen, as JSON and CSV, forgotten and exported."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cli_helpers import EXAMPLES, Outcome, Run

from driftcli import cli
from driftcli.records import CheckRow
from driftcli.records import Run as Kept
from driftcli.store import MemoryRow, open_store

DAYS = {"2026-01-10": "quiet", "2026-01-11": "current", "2026-01-12": "quiet"}
STORE = "data/monitoring/history.sqlite"
AT = "{}T00:00:00.000000+00:00"


def monitor(name: str, current: str, data: Path = EXAMPLES) -> str:
    Path(name).write_text(
        f"version: 1\nmonitor: flights\nreference: {data}/reference.parquet\n"
        f"current: {data}/{current}.parquet\n"
    )
    return name


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of three runs on the examples: quiet, drifted, quiet."""
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for day, current in DAYS.items():
            cli.run(["run", monitor("m.yaml", current), "--as-of", day, "--quiet"])
    return folder / STORE


@pytest.fixture
def past(remembered: Path, folder: Path) -> None:
    """A monitor with three runs."""
    monitor("m.yaml", "quiet")
    Path(STORE).parent.mkdir(parents=True)
    shutil.copyfile(remembered, STORE)


def history(run: Run, *arguments: object) -> Outcome:
    return run("history", *arguments, "-c", "m.yaml")


@pytest.mark.usefixtures("past")
def test_the_course_of_every_check(run: Run) -> None:
    outcome = history(run)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["column", "check", "course", "last", "limit", "drifted", "status"]
    (row,) = [line for line in lines if re.match(r"temperature +psi ", line)]
    assert re.fullmatch(r"temperature +psi +▁█▁ +\S+ +0\.2 +1 of 3 +. ok", row.rstrip())
    assert lines[-1] == "3 runs, 2026-01-10T00:00 to 2026-01-12T00:00"
    assert len([line for line in lines if line.startswith("auc ")]) == 1


@pytest.mark.usefixtures("past")
def test_one_column_run_by_run(run: Run) -> None:
    outcome = history(run, "temperature")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["run", "check", "value", "limit", "adj.", "p", "status"]
    found = [(line[:16], line.split()[2], line.split()[-1]) for line in lines[2:-2]]
    states = {"2026-01-10": "ok", "2026-01-11": "drift", "2026-01-12": "ok"}
    assert [row for row in found if row[1] == "psi"] == [
        (f"{day} 00:00", "psi", state) for day, state in states.items()
    ]
    assert {row[1] for row in found} == {"ks", "missing", "psi"}


@pytest.mark.usefixtures("past")
def test_the_last_runs_only(run: Run) -> None:
    found = history(run, "temperature", "--last", 2, "--format", "json").json
    assert {past["at"] for past in found} == {AT.format("2026-01-11"), AT.format("2026-01-12")}
    assert history(run, "--last", 0).code == 2


@pytest.mark.usefixtures("past")
def test_json_and_csv_say_the_same(run: Run) -> None:
    outcome = history(run, "temperature", "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    assert [list(past) for past in outcome.json] == [[
        "monitor", "at", "section", "name", "method", "effect", "threshold", "pvalue", "status",
        "run",
    ]] * 9  # fmt: skip
    assert [past["at"][:10] for past in outcome.json] == [day for day in DAYS for _ in range(3)]
    assert [past["method"] for past in outcome.json[:3]] == ["ks", "missing", "psi"]
    table = history(run, "temperature", "--format", "csv")
    assert (table.code, table.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(table.out)))
    texts = [{k: "" if v is None else str(v) for k, v in past.items()} for past in outcome.json]
    assert rows == texts


@pytest.mark.usefixtures("past")
def test_a_metric(run: Run) -> None:
    found = history(run, "auc", "--format", "json").json
    assert [(past["section"], past["method"]) for past in found] == [("performance", "auc")] * 3
    assert found[0]["effect"] == found[2]["effect"] != found[1]["effect"]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("column", [[], ["temperature"], ["auc"]])
@pytest.mark.usefixtures("past")
def test_no_line_is_wider_than_the_screen(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, column: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    outcome = history(run, *column)
    lines = outcome.out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    rule = next(at for at, line in enumerate(lines) if set(line.strip()) == {"─"})
    assert rule == 1, "the headings are one line"


@pytest.mark.usefixtures("past")
def test_the_names_stay_on_a_narrow_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = history(run).out.splitlines()
    assert any(line.startswith("temper") for line in lines)


@pytest.mark.usefixtures("past")
def test_no_colour_where_nobody_wants_any(
    run: Run, monkeypatch: pytest.MonkeyPatch, driftcli: Callable[..., Outcome]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in history(run).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", history(run).out)
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name)
    piped = driftcli("history", "-c", "m.yaml").out
    assert piped.startswith("column ")
    assert "\x1b" not in piped


@pytest.mark.usefixtures("past")
def test_a_reader_that_goes_away() -> None:
    for format_ in ("table", "csv", "json"):
        command = [sys.executable, "-m", "driftcli", "history", "-c", "m.yaml", "--format", format_]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, env={**os.environ}) as tool:
            assert tool.stdout is not None
            assert tool.stderr is not None
            tool.stdout.read(1)
            tool.stdout.close()
            assert (tool.stderr.read(), tool.wait(20)) == (b"", 0)


@pytest.mark.usefixtures("past")
def test_a_column_that_was_never_checked(run: Run) -> None:
    line = history(run, "temperatur").error
    reason = "no such column in past runs. did you mean 'temperature'?"
    assert line == f"{STORE}: column 'temperatur': {reason}"


def test_no_run_yet(run: Run) -> None:
    monitor("m.yaml", "quiet")
    assert history(run).error == f"{STORE}: no run yet. driftcli run remembers one"


def test_another_monitor_of_the_store(run: Run, past: None) -> None:
    text = Path("m.yaml").read_text().replace("flights", "other")
    Path("m.yaml").write_text(text)
    assert history(run).error == f"{STORE}: no run yet. driftcli run remembers one"
    everything = history(run, "auc", "--all-monitors", "--format", "json").json
    assert [found["monitor"] for found in everything] == ["flights"] * 3


def test_no_configuration(run: Run) -> None:
    assert run("history").error == (
        "Missing option '--config' / '-c'. try 'driftcli history show --help'"
    )
    assert run("history", "-c", "none.yaml").error.startswith("none.yaml: no such file")


@pytest.mark.usefixtures("past")
def test_prune(run: Run) -> None:
    with open_store(Path(STORE)) as store:
        (last, *_) = store.runs("flights")
        recent = Kept(**{**_fields(last), "id": "recent", "at": AT.format("2999-01-01")})
        memory = MemoryRow("feature_drift", "x", "low", "1", last.at, True, True, last.at, "low")
        store.remember(recent, [memory], ())
        memories = store.memories("flights")
    assert memories == [memory]
    outcome = history(run, "prune", "--keep", "1d")
    assert (outcome.code, outcome.out) == (0, "")
    assert re.fullmatch(r"driftcli: note: 3 runs before \d{4}-\d\d-\d\d forgotten\n", outcome.err)
    with open_store(Path(STORE)) as store:
        assert [kept.id for kept in store.runs()] == ["recent"]
        assert store.history() == []
        assert store.memories("flights") == memories
    assert history(run, "prune", "--keep", "1d").err.startswith("driftcli: note: 0 runs before ")


def _fields(kept: Kept) -> dict[str, object]:
    return {name: getattr(kept, name) for name in Kept.__slots__}


@pytest.mark.parametrize("span", ["400", "4 years", "-1d", "", "1.5d", "99999999w"])
@pytest.mark.usefixtures("past")
def test_prune_with_a_span_that_is_none(run: Run, span: str) -> None:
    before = Path(STORE).read_bytes()
    line = run("history", "prune", "-c", "m.yaml", f"--keep={span}").error
    assert line == f"{span!r} is no span of time. write 90min, 24h, 7d or 2w"
    assert Path(STORE).read_bytes() == before
    assert "--keep" in history(run, "prune").error


@pytest.mark.usefixtures("past")
def test_export(run: Run) -> None:
    outcome = history(run, "export", "a/tables")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    tables = {path.stem: pq.read_table(path) for path in Path("a/tables").iterdir()}
    assert sorted(tables) == [
        "acknowledgements", "checks", "column_stats", "deliveries", "memories", "metrics", "runs",
    ]  # fmt: skip
    assert sorted(tables["runs"]["at"].to_pylist()) == [AT.format(day) for day in DAYS]
    assert str(tables["checks"].schema.field("effect").type) == "double"
    assert str(tables["column_stats"].schema.field("n_current").type) == "int64"
    shown = history(run, "--format", "json").json
    assert len(shown) == tables["checks"].num_rows + tables["metrics"].num_rows
    known = {
        (row["run"], row["section"], row["name"], row["method"]): row["effect"] for row in shown
    }
    assert {
        (row["run"], row["section"], row["name"], row["method"]): row["effect"]
        for row in tables["checks"].to_pylist()
    }.items() <= known.items()


@pytest.mark.usefixtures("past")
def test_export_where_there_is_a_file(run: Run) -> None:
    assert history(run, "export", "m.yaml").error == "m.yaml: file exists"


@pytest.mark.usefixtures("past")
def test_odd_names_and_numbers(run: Run, driftcli: Callable[..., Outcome]) -> None:
    """Of data with such names; nothing of them is computed, coloured or lost."""
    names = ["=1+1", "[red]b[/red]", "a\nb", "\x1b[31m", "n\x00", "\ud800", "x" * 300]
    with open_store(Path(STORE)) as store:
        (last, *_) = store.runs("flights", 1)
        checks = tuple(
            CheckRow("features", name, "psi", None, 1e300, 0.2, None, "drift") for name in names
        )
        odd = {**_fields(last), "id": "odd", "at": AT.format("2026-02-01"), "checks": checks}
        store.remember(Kept(**odd), None, ())  # type: ignore[arg-type]
    shown = history(run, "--last", 1)
    assert (shown.code, shown.err) == (0, "")
    assert "[red]b[/red]" in shown.out
    assert "\x1b" not in shown.out
    found = history(run, "--last", 1, "--format", "json").json
    assert sorted(past["name"] for past in found) == sorted(names)
    table = driftcli("history", "-c", "m.yaml", "--last", 1, "--format", "csv").out
    assert "flights,2026-02-01T00:00:00.000000+00:00,features,'=1+1,psi" in table
    assert [past["name"] for past in history(run, "=1+1", "--format", "json").json] == ["=1+1"]
    assert history(run, "export", "tables").code == 0


@pytest.mark.usefixtures("past")
def test_a_store_that_is_damaged(run: Run) -> None:
    Path(STORE).write_bytes(b"no database" * 100)
    line = history(run).error
    hint = "move it away, or name another file with store.path"
    assert line == f"{STORE}: file is not a database. {hint}"
