"""The benchmarks: what they generate, how they measure, what they write."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import generate
import runner
from measure import Limits, Run
from page import render
from results import Figures, Results, Session, load
from venvs import NotInstallableError, python_of
from works import CONTESTANTS, LARGE, LONG, MEDIUM, NARROW, PROMISES, SMALL, WIDE, WORKS, Table

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
PLENTY = Limits(60, 10_000)


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> list[pa.Table]:
    folder = tmp_path_factory.mktemp("pair")
    generate.generate(folder, rows=20_000)
    return [pq.read_table(folder / f"{side}.parquet") for side in generate.SIDES]


@pytest.mark.parametrize("parts", [0, 3])
def test_the_same_arguments_give_the_same_bytes(tmp_path, parts):
    for name in ("a", "b"):
        generate.generate(tmp_path / name, rows=1_000, parts=parts)
    generate.generate(tmp_path / "other", rows=1_000, parts=parts, seed=1)
    a, b, other = (
        {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}
        for folder in (tmp_path / "a", tmp_path / "b", tmp_path / "other")
    )
    assert len(a) == 2 * max(1, parts)
    assert a == b
    assert all(a[path] != other[path] for path in a)


def test_twelve_columns_of_the_kinds_promised(pair):
    reference, current = pair
    assert reference.schema == current.schema
    double, integer, text = pa.float64(), pa.int64(), pa.string()
    assert dict(zip(reference.schema.names, reference.schema.types, strict=True)) == {
        "ctr": double, "price": double, "clicks": integer, "category": text, "score": double,
        "dwell_seconds": double, "recency_days": double, "item_rank": integer, "hour": integer,
        "n_items": integer, "device": text, "daypart": text,
    }  # fmt: skip
    for side in pair:
        levels = {name: len(side[name].unique()) for name in ("category", "device", "daypart")}
        assert levels == {"category": 40, "device": 4, "daypart": 7}
        for name in side.schema.names:
            share = side[name].null_count / side.num_rows
            assert 0.017 < share < 0.023 if name in ("price", "recency_days") else share == 0
        assert set(side["hour"].to_pylist()) == set(range(24))
        assert max(side["item_rank"].to_pylist()) == 100_000
        assert max(side["score"].to_pylist()) < 1


def test_the_current_side_moved_where_it_says(pair):
    distances = {}
    for name, kind in generate.KINDS.items():
        x, y = (side[name].drop_null() for side in pair)
        if kind.levels:
            x, y = ([kind.levels.index(word) for word in values.to_pylist()] for values in (x, y))
        distances[name] = stats.ks_2samp(x, y).pvalue
    moved = {name for name, kind in generate.KINDS.items() if kind.moved}
    assert moved
    assert {name for name, pvalue in distances.items() if pvalue < 1e-6} == moved


def test_row_groups_are_bounded_and_columns_do_not_depend_on_their_number(tmp_path, monkeypatch):
    monkeypatch.setattr(generate, "GROUP_ROWS", 400)
    generate.generate(tmp_path / "all", rows=1_000)
    generate.generate(tmp_path / "four", rows=1_000, columns=4)
    whole, four = (
        pq.ParquetFile(tmp_path / name / "reference.parquet") for name in ("all", "four")
    )
    groups = [whole.metadata.row_group(i).num_rows for i in range(whole.metadata.num_row_groups)]
    assert groups == [400, 400, 200]
    names = ["ctr", "price", "clicks", "category"]
    assert four.schema_arrow.names == names
    assert four.read() == whole.read(columns=names)


def test_a_wide_table_repeats_the_kinds():
    names = list(generate.column_kinds(26))
    assert names[:12] == list(generate.KINDS)
    assert names[12:14] == ["ctr_2", "price_2"]
    assert names[24:] == ["ctr_3", "price_3"]


def test_parts_hold_all_rows(tmp_path):
    generate.generate(tmp_path, rows=1_000, columns=4, parts=3)
    for side in generate.SIDES:
        paths = sorted((tmp_path / side).iterdir())
        assert [path.name for path in paths] == [f"part-{i:03}.parquet" for i in range(3)]
        assert [pq.read_metadata(path).num_rows for path in paths] == [333, 333, 334]


def measured(code: str, seconds: float = 60, megabytes: float = 10_000) -> dict:
    """Measure Python code from a process that is small, as the runner is."""
    program = (
        f"import sys, json, dataclasses; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "from measure import Limits, measure\n"
        f"run = measure([sys.executable, '-c', {code!r}], Limits({seconds}, {megabytes}),"
        " {'ADDED': 'yes'})\n"
        "print(json.dumps(dataclasses.asdict(run)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_a_process_is_measured_whole():
    code = (
        "import os, sys, time\n"
        "held = b'x' * 100_000_000\n"
        "time.sleep(0.3)\n"
        "print(os.environ['ADDED'])\n"
        "print('first', file=sys.stderr); print('last', file=sys.stderr)\n"
        "sys.exit(3)"
    )
    found = measured(code)
    assert 0.3 < found.pop("seconds") < 5
    assert 100 < found.pop("megabytes") < 130
    assert found == {"code": 3, "exceeded": "", "output": "yes\n", "error": "last"}


SLEEP = "import os, time; print(os.getpid(), flush=True); held = b'x' * {}; time.sleep(60)"
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}])"


def gone(process: int) -> bool:
    """Say whether a process is dead, some seconds given for its memory to be handed back."""
    status = Path(f"/proc/{process}/status")
    for _ in range(100):
        try:
            if "State:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("code", "limits", "exceeded"),
    [
        (SLEEP.format(1), {"seconds": 0.4}, "seconds"),
        (SLEEP.format(300_000_000), {"megabytes": 200}, "megabytes"),
        (CHILD.format(SLEEP.format(1)), {"seconds": 0.4}, "seconds"),
        (CHILD.format(SLEEP.format(300_000_000)), {"megabytes": 200}, "megabytes"),
    ],
    ids=["time", "memory", "time of a child", "memory of a child"],
)
def test_a_process_beyond_its_limits_is_ended_with_its_children(code, limits, exceeded):
    found = measured(code, **limits)
    assert (found["exceeded"], found["code"]) == (exceeded, -9)
    assert found["seconds"] < 20
    assert gone(int(found["output"]))


def outcome(name: str, **changes) -> str:
    result = {
        "seconds": 1.0, "megabytes": 50.0, "code": 0, "exceeded": "", "output": "{}", "error": "",
    }  # fmt: skip
    return runner.failure(CONTESTANTS[name], Run(**{**result, **changes}), PLENTY, ["a", "b"])


def test_a_run_counts_only_with_an_answer_for_each_column():
    assert outcome("bare", output='noise\n{"a": 1, "b": NaN}') == ""
    assert outcome("bare", output='{"found": [{"column": "a"}, ["b", 1]]}') == ""
    assert outcome("bare", output='{"a": 1}') == "no result for b"
    assert outcome("bare", output="Traceback") == "its last line is no JSON"
    assert outcome("bare", output="") == "its last line is no JSON"
    assert outcome("help", output="Usage") == ""
    assert outcome("driftcli", code=1, output='{"a": 1, "b": 1}') == ""
    assert outcome("bare", code=1, error="KeyError: 'a'") == "failed: KeyError: 'a'"
    assert outcome("driftcli", code=2) == "failed: exit code 2"
    assert outcome("bare", exceeded="seconds", code=-9) == "> 60 s"
    assert outcome("bare", exceeded="megabytes", code=-9) == "> 10,000 MB, ended after 1 s"


@pytest.mark.parametrize(
    ("seconds", "failed", "more"),
    [
        ([], "", True), ([1.0], "", True), ([1.0] * 5, "", False), ([20.0] * 2, "", True),
        ([20.0] * 3, "", False), ([61.0], "", False), ([1.0], "> 60 s", False),
    ],
)  # fmt: skip
def test_slow_contestants_are_measured_less_often(seconds, failed, more):
    assert runner.wants_more(Figures("bare", SMALL, seconds, [], failed), repeat=5) is more


@pytest.mark.slow
def test_an_environment_that_cannot_be_made_says_why(tmp_path):
    with pytest.raises(NotInstallableError, match="no-such-file"):
        python_of(tmp_path / "v", ["./no-such-file.whl"])
    assert python_of(tmp_path / "none", []) == Path(sys.executable)


def test_the_runner_measures_and_writes_the_page(tmp_path):
    names = ["driftcli", "bare", "tutorial"]
    command = [
        sys.executable, str(BENCHMARKS / "run.py"), "--works", "trial",
        "--contestants", ",".join(names), "--data", tmp_path / "data",
        "--venvs", tmp_path / "venvs", "--results", tmp_path / "results.json",
        "--page", tmp_path / "page.md",
    ]  # fmt: skip
    subprocess.run(command, check=True, stderr=subprocess.PIPE)
    results = load(tmp_path / "results.json")
    figures = results.sessions["trial"].figures
    assert [(one.contestant, one.table, one.failed) for one in figures] == [
        (name, Table(2_000), "") for name in names
    ]
    assert all(0 < one.seconds[0] < 60 and 20 < one.megabytes[0] < 1_000 for one in figures)
    assert list(results.versions) == names
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page == render(results)
    assert [line for line in page.splitlines() if line.startswith("| driftcli | ")]
    before = (tmp_path / "results.json").read_bytes()
    (tmp_path / "page.md").unlink()
    subprocess.run([*command, "--render"], check=True)
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page
    assert (tmp_path / "results.json").read_bytes() == before


def figures(name: str, table: Table, seconds: list[float], megabytes: float = 100.0) -> Figures:
    return Figures(name, table, seconds, [megabytes] * len(seconds))


RECORDED = Results(
    machine={"processor": "Example", "cores": "2"},
    versions={"driftcli": {"driftcli": "0.1"}, "bare": {"pyarrow": "26.0"}},
    sessions={
        "10m": Session(
            "2026-01-02",
            [
                figures("driftcli", LARGE, [3.0, 2.0, 2.5], 380.4),
                figures("baseline", LARGE, [1.5, 1.5, 1.6]),
                figures("bare", LARGE, [1.0, 1.25, 1.25]),
                figures("tutorial", LARGE, [25.0], 4_100.0),
                Figures("evidently", LARGE, [420.1], [9_000.0], "> 420 s"),
            ],
        ),
        "100m": Session(
            "2026-01-03",
            [
                figures("driftcli", NARROW, [1.0], 300.0),
                figures("driftcli", LONG, [10.0], 400.0),
                figures("bare", LONG, [8.0]),
            ],
        ),
        "wide": Session(
            "2026-01-03",
            [
                Figures("driftcli", WIDE, [0.5], [90.0], "failed: a|b"),
                figures("tutorial", WIDE, [6.0]),
            ],
        ),
        "rows": Session(
            "2026-01-03",
            [figures("driftcli", Table(n * 10**6), [1.0 + 2 * n] * 3) for n in (1, 2, 5)],
        ),
    },
)


def section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n\n")[2].partition("\n\n## ")[0]


def test_a_work_is_shown_with_ratios_and_what_was_not_finished():
    assert section(render(RECORDED), "Ten million rows by 12 columns") == (
        "|  | s | from – to | MB | ÷ driftcli's s |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| driftcli | 2.50 | 2.00 – 3.00 | 380 | 1.00 |\n"
        "| driftcli, baseline file | 1.50 | 1.50 – 1.60 | 100 | 0.60 |\n"
        "| bare reading | 1.25 | 1.00 – 1.25 | 100 | 0.50 |\n"
        "| the tutorial way | 25.0 | one run | 4,100 | 10.0 |\n"
        "| Evidently | > 420 s |  |  |  |"
    )


def test_promises_are_judged_by_the_figures():
    found = section(render(RECORDED), "Promises").splitlines()[2:]
    assert found == [
        "| 10k × 12: driftcli, time at most 0.4 × the tutorial way | not measured |  |",
        "| 1M × 12: driftcli, time at most 0.2 × the tutorial way | not measured |  |",
        "| 1M × 12: driftcli, at most 250 MB | not measured |  |",
        "| 10M × 12: driftcli, time at most 1.5 × bare reading | 2.00 | **not met** |",
        "| 10M × 12: driftcli, time at most 0.15 × the tutorial way | 0.10 | met |",
        "| 10M × 12: driftcli, at most 400 MB | 380 | met |",
        "| 10M × 12: driftcli, baseline file, time at most 0.6 × driftcli | 0.60 | met |",
        "| 100M × 4: driftcli, time at most 1.5 × bare reading | 1.25 | met |",
        "| 100M × 4: driftcli, at most 512 MB | 400 | met |",
        "| 100M × 4: driftcli, memory at most 1.1 × driftcli on 10M × 4 | 1.33 | **not met** |",
        "| 20k × 1,000: driftcli, time at most 0.3 × the tutorial way "
        "| failed: a\\|b | **not met** |",
        "| 10M × 20: driftcli, making the baseline with 365 windows, time at most 3 × driftcli, "
        "making the baseline | not measured |  |",
        "| 10M × 20: driftcli, making the baseline with 365 windows, at most 512 MB "
        "| not measured |  |",
    ]


def test_the_fit_is_the_least_squares_line():
    assert section(render(RECORDED), "Time by rows").splitlines()[-1] == (
        "Least squares: seconds = 1.000 + 2.000 for each million rows, R² = 1.0000."
    )


def test_results_are_read_back_as_they_were(tmp_path):
    RECORDED.save(tmp_path / "results.json")
    assert load(tmp_path / "results.json") == RECORDED


def test_works_and_promises_name_what_there_is():
    for name, work in WORKS.items():
        assert work.entries, name
        assert {who for who, _ in work.entries} <= set(CONTESTANTS)
        assert len(set(work.entries)) == len(work.entries)
    for promise in PROMISES:
        entries = WORKS[promise.work].entries
        assert promise.of in entries
        assert promise.to is None or promise.to in entries
    assert MEDIUM.title == "1M × 12"
    assert all(contestant.computes for contestant in CONTESTANTS.values())


def test_the_page_is_the_recorded_results():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page == render(load(BENCHMARKS / "results.json"))
