"""What flags and the configuration say of places and rows, through to the report."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.cli import run
from driftcli.config import Columns, Config, Input
from driftcli.model import ColumnKind

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def logs(folder: Path) -> str:
    rng = np.random.default_rng(4)
    for day in (1, 2):
        for country in ("NL", "BE"):
            path = folder / f"logs/dt=2026-01-{day:02}/country={country}/a.parquet"
            path.parent.mkdir(parents=True)
            moved = 2.0 * (day == 2 and country == "BE")
            pq.write_table(pa.table({"x": rng.normal(moved, 1, 500)}), path)
    return "logs"


@pytest.fixture
def features(logs: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def _features(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = run(["features", "--format", "json", *arguments])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {"error": said.err}

    return _features


BEFORE, AFTER = "dt = '2026-01-01'", "dt = '2026-01-02'"


def test_keys_are_compared_only_if_asked_for(logs: str) -> None:
    config = Config(input=Input(where="country = 'NL'"))
    report = driftcli.compare(logs, logs, config)
    assert list(report.features) == ["x"]
    assert report.warnings == ()
    assert report.reference is not None
    assert (report.reference.rows, report.current.rows) == (1000, 1000)
    report = driftcli.compare(logs, logs, Config(columns=Columns(include=("x", "country"))))
    assert report.features["country"].kind is ColumnKind.CATEGORICAL
    report = driftcli.compare(logs, logs, Config(columns=Columns(types={"country": "categorical"})))
    assert list(report.features) == ["x", "country"]


def test_a_key_of_one_side_alone_is_no_new_column(logs: str, folder: Path) -> None:
    plain = pq.read_table("logs/dt=2026-01-01/country=NL/a.parquet").select(["x"])
    for sides in ((plain, logs), (logs, plain)):
        report = driftcli.compare(*sides)
        assert list(report.features) == ["x"]
        assert report.warnings == ()


def test_a_key_beside_a_column_is_compared(logs: str) -> None:
    stored = pa.table({"x": np.linspace(-2, 2, 600), "country": ["NL", "BE", "FR"] * 200})
    for sides in ((stored, logs), (logs, stored)):
        report = driftcli.compare(*sides)
        assert list(report.features) == ["x", "country"]
        assert report.features["country"].drifted


def test_filters_of_either_side(features: Run) -> None:
    code, found = features(
        "logs", "logs", "--where", "country = 'BE'",
        "--reference-where", BEFORE, "--current-where", AFTER,
    )  # fmt: skip
    assert code == 1
    assert (found["n_reference"], found["n_current"]) == (500, 500)
    code, found = features(
        "logs", "logs", "--where", "country = 'NL'",
        "--reference-where", BEFORE, "--current-where", AFTER,
    )  # fmt: skip
    assert (code, found["n_reference"], found["n_current"]) == (0, 500, 500)


def test_the_configuration_says_the_same(features: Run) -> None:
    Path("monitor.yaml").write_text(
        "version: 1\nreference: logs\ncurrent: logs/dt={date}/\n"
        f"input:\n  date: '2026-01-02'\n  where: country = 'BE'\n  reference_where: \"{BEFORE}\"\n"
    )
    code, found = features("-c", "monitor.yaml")
    assert code == 1
    assert (found["n_reference"], found["n_current"]) == (500, 500)
    assert found["current"]["source"] == "logs/dt=2026-01-02/"
    code, found = features("-c", "monitor.yaml", "--date", "2026-01-01")
    assert (code, found["current"]["source"]) == (0, "logs/dt=2026-01-01/")


def test_a_day_ago(features: Run) -> None:
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    Path(f"logs/{yesterday}").symlink_to(Path("logs/dt=2026-01-01").resolve())
    code, found = features("logs/dt={latest}", "logs/{date}", "--date", "-1d")
    assert (code, found["current"]["source"]) == (1, f"logs/{yesterday}")
    assert found["reference"]["source"] == "logs/dt=2026-01-02"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--where", ""], "an empty filter. is a variable unset?"),
        (["--where", "x >"], "filter 'x >': not understood near '>'. "
         "write it as \"dt >= '2026-01-01' and country in ('NL', 'BE')\""),
        (["--current-where", "x > 99"], "logs: 0 rows. no row satisfies the filter 'x > 99'"),
        (["--reference-where", "y > 1"], "logs: column 'y': no such column, but the filter "
         "'y > 1' names it. --reference-where and --current-where filter one side only"),
    ],
)  # fmt: skip
def test_filters_that_end_the_run(features: Run, arguments: list[str], line: str) -> None:
    assert features("logs", "logs", *arguments) == (2, {"error": f"driftcli: error: {line}\n"})


def test_filters_are_not_imported_without_need(folder: Path) -> None:
    pq.write_table(pa.table({"x": np.linspace(0, 1, 100)}), "a.parquet")
    program = """
import sys
from driftcli.cli import run
code = run(["features", "a.parquet", "a.parquet", "-q"])
heavy = ["sqlglot", "pyarrow.dataset", "pyarrow.csv", "pandas"]
print(code, [name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout) == ("", "0 []\n")
