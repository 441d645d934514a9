"""Tables of thousands of columns: what matters first, the same words once, all in the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_helpers import Outcome, Run, normal

WIDTH = 2_000
ROWS = 60


def name(i: int) -> str:
    return f"feature_{i:04}"


def table(seed: int, width: int = WIDTH) -> dict[str, pa.Array]:
    """Numbers, and text every tenth column."""
    values = normal(seed, ROWS * width).reshape(width, ROWS)
    words = pa.array(["red", "green", "blue"] * (ROWS // 3))
    return {name(i): words if i % 10 == 9 else pa.array(values[i]) for i in range(width)}


def written(path: Path | str, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), path)


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """A run over 2,000 columns, and its file: 500 empty in current, 300 gone from it, 120 new."""
    place = tmp_path_factory.mktemp("wide")
    current = table(1)
    for i in range(1001, 2000, 2):
        current[name(i)] = pa.nulls(ROWS, current[name(i)].type)
    for i in range(100, 400):
        del current[name(i)]
    current |= {f"new_{i}": current[name(0)] for i in range(120)}
    written(place / "ref.parquet", table(1))
    written(place / "cur.parquet", current)
    call = ["features", "ref.parquet", "cur.parquet", "-o", "x.json"]
    done = subprocess.run(
        [sys.executable, "-m", "driftcli", *call],
        cwd=place,
        capture_output=True,
        timeout=60,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )
    return Outcome(done.returncode, done.stdout, done.stderr), place / "x.json"


def test_what_matters_stands_first_and_the_rest_is_counted(troubled: tuple[Outcome, Path]) -> None:
    lines = troubled[0].out.splitlines()
    assert ["✗ drift" in line for line in lines[2:62]] == [True] * 60
    assert lines[62:] == [
        "… 440 more drifted, 300 not evaluated, 1,200 ok; --all or -o report.json shows them",
        "",
        "feature_1001, feature_1003, feature_1005, feature_1007, feature_1011, feature_1013, "
        "feature_1015, feature_1017 and 392",
        "  more: missing rate moved by 1 > 0.05; no values in current",
        "feature_1009, feature_1019, feature_1029, feature_1039, feature_1049, feature_1059, "
        "feature_1069, feature_1079 and 92",
        "  more: missing rate moved by 1 > 0.05; no values in current; vanished: blue, green, red",
        "feature_0100, feature_0101, feature_0102, feature_0103, feature_0104, feature_0105, "
        "feature_0106, feature_0107 and 292",
        "  more: no such column in current",
        "",
        "500 of 2,000 features drifted, 300 not evaluated, 1,200 ok (incomplete)",
        "reference 60 rows · current 60 rows",
        "rule evident, alpha 0.05, holm over 4,100 checks; p takes rows as independent",
    ]


def test_what_is_the_same_of_many_columns_is_one_line(troubled: tuple[Outcome, Path]) -> None:
    def first(numbers: range) -> str:
        return ", ".join(f"'{name(i)}'" for i in numbers)

    outcome, _ = troubled
    assert (outcome.code, outcome.errors) == (1, [])
    assert outcome.warnings == [
        "columns 'new_0', 'new_1', 'new_2', 'new_3', 'new_4' and 115 more: "
        "new, not in the reference",
        f"cur.parquet: columns {first(range(1001, 1010, 2))} and 495 more: no values in current",
        f"cur.parquet: columns {first(range(100, 105))} and 295 more: no such column in current",
    ]


def test_the_json_has_every_column(troubled: tuple[Outcome, Path]) -> None:
    report = json.loads(troubled[1].read_text())
    assert len(report["features"]) == WIDTH
    assert report["summary"]["drifted_features"] == 500
    assert report["features"][name(399)]["status"] == "not_evaluated"


def test_all_shows_every_column(run: Run) -> None:
    written("ref.parquet", table(1, 130))
    few, every = (run("features", "ref.parquet", "ref.parquet", *all_) for all_ in ((), ("--all",)))
    assert (few.code, every.code) == (0, 0)
    assert "… 70 more ok; --all or -o report.json shows them" in few.out.splitlines()
    shown = {line.split()[0] for line in every.out.splitlines() if line.startswith("feature_")}
    assert shown == {name(i) for i in range(130)}
    assert "more" not in every.out


def test_lines_on_stderr_end(run: Run) -> None:
    """Each column has a reason of its own, so that no line speaks of several."""
    reference, current = table(1, 80), table(1, 80)
    for i in range(0, 30):
        current[name(i)] = pa.array([1e6 + i, *normal(1, ROWS - 1)])
    for i in range(39, 80):
        current[name(i)] = pa.array([None] * (ROWS - 1 - i % 29) + [0.5] * (1 + i % 29))
    reference |= {name(i): pa.array(normal(i, ROWS)) for i in range(80)}
    written("ref.parquet", reference)
    written("cur.parquet", current)
    call = ("features", "ref.parquet", "cur.parquet", "--threshold", "missing=1")
    told = run(*call)
    assert (told.code, len(told.errors), len(told.warnings)) == (2, 11, 11)
    assert told.warnings[-1] == "20 more warnings; --all or -o report.json tells them"
    assert told.errors[-1].endswith(" more checks could not be evaluated")
    every = run(*call, "--all")
    assert (len(every.errors), len(every.warnings)) == (29, 30)


@pytest.mark.slow
def test_the_cost_of_a_column_does_not_grow_with_their_number(run: Run) -> None:
    """Four times the columns take at most seven times as long: no square of their number."""
    seconds = []
    for width in (300, 1200):
        for path, seed in (("ref.parquet", 1), ("cur.parquet", 2)):
            written(path, table(seed, width))
        began = time.perf_counter()
        run("features", "ref.parquet", "cur.parquet", "--all", "-o", "x.json", "-o", "x.html")
        seconds.append(time.perf_counter() - began)
    assert seconds[1] < 7 * seconds[0]
