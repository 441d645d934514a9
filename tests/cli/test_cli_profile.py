"""``--profile-run``: where the time went, on stderr, beside an undisturbed stdout."""

from __future__ import annotations

import re
import time
from threading import Thread

import pytest
from cli_helpers import Run, normal, save, strict
from terminals import on_terminal

from driftcli.commands.profile import Stopwatch, profiled
from driftcli.engines.watch import Nobody

STAGES = [
    "start", "open", "plan", "read reference", "fold reference", "sort and sum", "read current",
    "fold current", "compare", "decide", "write",
]  # fmt: skip


def stages(text: str) -> list[str]:
    lines = text.split("\n\n")[0].splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith("stage"))
    return [re.split(r"\s{2,}", line)[0] for line in lines[begin + 2 :]]


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("command", ["features", "predictions"])
def test_stages_and_columns_are_told_and_stdout_is_as_ever(command: str, run: Run) -> None:
    plain = run(command, "ref.parquet", "moved.parquet")
    told = run(command, "ref.parquet", "moved.parquet", "--profile-run")
    assert (told.code, told.out) == (plain.code, plain.out)
    planned = [stage for stage in STAGES if command == "features" or stage != "plan"]
    assert stages(told.err) == planned
    _, columns, whole = told.err.split("\n\n")
    names = {line.split()[0] for line in columns.splitlines()[2:]}
    assert names == ({"a", "b", "score"} if command == "features" else {"score"})
    rows = rf"1,000 rows × {len(names)} columns read \([\d,]+ rows/s\)"
    pattern = rf"[\d.]+ s in all; [\d.]+ s of work in \d threads?; {rows}; at most \d+ MB of memory"
    assert re.fullmatch(pattern, " ".join(whole.split()))


@pytest.mark.usefixtures("data")
def test_json_stays_one_line_and_no_escapes_are_in_a_pipe(run: Run) -> None:
    told = run(
        "features", "ref.parquet", "moved.parquet", "--format", "json", "--profile-run", "-q"
    )
    assert strict(told.out)["summary"]["drifted_features"] == 2
    assert told.out.count("\n") == 1
    assert "\x1b" not in told.err
    assert stages(told.err) == STAGES


@pytest.mark.usefixtures("data")
def test_a_run_that_fails_has_no_profile(run: Run) -> None:
    assert run("features", "ref.parquet", "gone.parquet", "--profile-run").error


@pytest.mark.usefixtures("data")
def test_on_a_terminal_it_follows_the_table() -> None:
    call = "['features', 'ref.parquet', 'moved.parquet', '--profile-run']"
    shown = on_terminal(f"from driftcli import cli\ncli.run({call})\n", stdout=True, columns=100)
    assert b"\x1b[1mstage" in shown.raw
    heads = [
        line.split()[0] for line in shown.screen if line.startswith(("feature", "stage", "col"))
    ]
    assert heads == ["feature", "stage", "column"]


def test_rows_read_again_are_counted(run: Run) -> None:
    for name, seed in (("ref.parquet", 1), ("cur.parquet", 2)):
        save(name, x=normal(seed, 700_000))
    told = run(
        "features", "ref.parquet", "cur.parquet", "--max-memory", "192", "--profile-run", "-q"
    )
    assert "fold reference, second pass" in stages(told.err)
    assert "2,100,000 rows × 1 columns read" in " ".join(told.err.split())


def test_time_is_added_up_and_shared_by_columns_read_together() -> None:
    watch = Stopwatch()

    def work() -> None:
        with watch.spend("read", ["a", "b"]):
            time.sleep(0.02)
        with watch.spend("fold", ["b"]):
            time.sleep(0.02)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.expect(10, 2)
    watch.read(10, 2)
    watch.read(5, 1)
    profile = watch.profile()
    assert list(profile.stages) == ["start", "read", "fold"]
    assert profile.stages["read"] >= 0.08
    assert profile.columns["a"]["read"] == profile.columns["b"]["read"]
    assert sum(c["read"] for c in profile.columns.values()) == pytest.approx(profile.stages["read"])
    assert profile.columns["b"]["fold"] == profile.stages["fold"]
    assert (profile.rows, profile.width) == (12, 2)
    assert profile.wall >= profile.stages["start"] + 0.04
    assert profile.memory is not None
    assert 2**20 < profile.memory < 2**40


def test_nothing_is_measured_where_it_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    with profiled(False) as watch:
        assert isinstance(watch, Nobody)
    assert capsys.readouterr() == ("", "")
