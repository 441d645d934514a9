"""The command line with Spark: what it reads, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agreement
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp
from spark_lines import BOTH, MOVED, RIGHT, SIDES, WRONG, Said, line_of

import driftcli
from driftcli.config import Config, Resources
from driftcli.errors import UsageError

E = "driftcli: error: "

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("engines")]


@pytest.fixture(params=["spark3", "spark4"])
def said(request: pytest.FixtureRequest, ask_spark: Callable[[str], Said]) -> dict[Any, Any]:
    return ask_spark(request.param).lines


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_is_wrong_is_told_in_one_line(words: Any, said: Any) -> None:
    assert said[line_of(words)] == [2, "", f"{E}{WRONG[words]}\n"]


@pytest.mark.parametrize("name", RIGHT)
def test_what_it_reads(name: str, said: Any, data: Path) -> None:
    code, out, err = said[line_of((*RIGHT[name], *MOVED))]
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert (report["n_reference"], report["n_current"]) == (12_000, 9_000)
    sides = [agreement.pq.read_table(data / side)["moved"].to_numpy() for side in SIDES]
    expected = ks_2samp(*sides).statistic
    assert report["features"]["moved"]["ks_statistic"] == pytest.approx(expected, abs=1e-12)


def test_without_spark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    config = Config(resources=Resources(engine="spark"))
    with pytest.raises(UsageError) as caught:
        driftcli.compare("ref.parquet", "cur.parquet", config)
    assert str(caught.value) == "--engine spark needs pyspark. pip install 'driftcli[spark]'"


def test_a_frame_in_memory_is_not_given_to_spark() -> None:
    config = Config(resources=Resources(engine="spark"))
    with pytest.raises(UsageError) as caught:
        driftcli.compare(pa.table({"x": [1]}), "cur.parquet", config)
    assert str(caught.value) == (
        "--engine spark cannot read a Table. give a path, spark:TABLE, or a data frame of Spark"
    )


def spark_4() -> str:
    if "DRIFTCLI_SPARK_4" not in os.environ:
        pytest.skip("DRIFTCLI_SPARK_4 names no Python with Spark")
    return os.environ["DRIFTCLI_SPARK_4"]


DRIFTCLI = "import sys; from driftcli.cli import run; sys.exit(run(sys.argv[1:]))"


def started(
    python: str, folder: Path, environment: dict[str, str], code: str = DRIFTCLI
) -> tuple[int, str]:
    """Run driftcli, or code around it, in a process of its own; return its last line too."""
    agreement.write_data(folder)
    run = subprocess.run(
        [python, "-c", code, "features", *SIDES, *BOTH, "-o", "o.json", *MOVED],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stderr.splitlines()[-1]


def test_a_spark_that_driftcli_starts_runs_the_python_of_driftcli(tmp_path: Path) -> None:
    # as with .venv/bin/driftcli of an environment that is not activated
    environment = agreement.for_spark(PATH="/usr/local/bin:/usr/bin:/bin")
    for name in ("PYSPARK_PYTHON", "VIRTUAL_ENV"):
        environment.pop(name, None)
    said = started(spark_4(), tmp_path, environment)
    assert said[0] == 1, said
    assert json.loads((tmp_path / "o.json").read_text())["summary"]["drifted_features"] == 1


def test_executors_without_driftcli_are_told_of_with_the_remedy(tmp_path: Path) -> None:
    bare = str(Path(sys.base_prefix, "bin", "python3"))
    said = started(spark_4(), tmp_path, agreement.for_spark(PYSPARK_PYTHON=bare))
    assert said[0] == 2
    assert said[1] == (
        f"{E}ref.parquet: the Python of Spark's executors has no driftcli."
        " install driftcli there, or set PYSPARK_PYTHON to a Python that has it"
    )


IN_ANOTHER_THREAD = """
import sys, threading
from pyspark import SparkContext
from pyspark.sql import SparkSession
from driftcli.cli import run

def start():
    SparkSession.builder.getOrCreate().sparkContext.setLogLevel("FATAL")

thread = threading.Thread(target=start)
thread.start()
thread.join()
context = SparkContext.getOrCreate()
code = run(sys.argv[1:])
level = context._jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel()
print(code, context.pythonExec, level, file=sys.stderr)
"""


def test_a_session_of_another_thread_stays_as_its_owner_made_it(tmp_path: Path) -> None:
    # its workers are started as python3, which here is one that has driftcli
    bin_folder = Path(spark_4()).parent
    environment = agreement.for_spark(PATH=f"{bin_folder}:{os.environ['PATH']}")
    environment.pop("PYSPARK_PYTHON", None)
    said = started(spark_4(), tmp_path, environment, IN_ANOTHER_THREAD)
    assert said[1] == "1 python3 FATAL"
