"""One suite for all engines: the same JSON to the last digit, whoever counts.

The environments of Spark are told by ``DRIFTCLI_SPARK_3`` and ``DRIFTCLI_SPARK_4``, each the Python
of an environment with driftcli and that Spark.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import agreement
import pyarrow.parquet as pq
import pytest
from sql_places import SqlPlace

from driftcli.pipeline.baseline import merge_baselines

SPARKS = {"spark3": "DRIFTCLI_SPARK_3", "spark4": "DRIFTCLI_SPARK_4", "connect": "DRIFTCLI_SPARK_4"}
ON_CONNECT = ("raw", "performance")  # the other way to the same Spark

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("engines")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agreement")
    agreement.write_data(folder)
    return folder


@pytest.fixture(scope="module")
def local(data: Path) -> dict[str, Any]:
    with contextlib.chdir(data):
        config = agreement.config_for("local")
        return {name: plain(case(config)) for name, case in agreement.CASES.items()}


def plain(answer: Any) -> Any:
    return json.loads(json.dumps(answer, sort_keys=True))


@pytest.fixture(scope="module", params=SPARKS)
def spark(request: pytest.FixtureRequest, data: Path, tmp_path_factory: Any) -> dict[str, Any]:
    """Return the answers of Spark, all from one session as it takes seconds to start."""
    python = os.environ.get(SPARKS[request.param])
    if python is None:
        pytest.skip(f"{SPARKS[request.param]} names no Python with Spark")
    folder = tmp_path_factory.mktemp(request.param)
    for path in data.iterdir():
        (folder / path.name).symlink_to(path)
    environment = agreement.for_spark(PYSPARK_PYTHON=python, TZ="Europe/Paris")
    names: tuple[str, ...] = ()
    if request.param == "connect":
        environment["SPARK_REMOTE"], names = "local[2]", ON_CONNECT
    script = Path(agreement.__file__)
    done = subprocess.run(
        [python, script, folder, *names], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def test_merged_parts_say_what_one_process_says(
    data: Path, local: dict[str, Any], tmp_path: Path
) -> None:
    """Each part is counted by a process of its own, as any scheduler would start it."""
    table = pq.read_table(data / "plain_cur.parquet")
    processes = []
    for at in range(3):
        pq.write_table(table.slice(at * 3_500, 3_500), tmp_path / f"{at}.parquet")
        words = ["baseline", "create", f"{at}.parquet", "--edges-of", data / "plain_ref.baseline"]
        command = [sys.executable, "-m", "driftcli", *words, "-o", f"{at}.baseline", "-q"]
        processes.append(subprocess.Popen(command, cwd=tmp_path))
    assert [process.wait() for process in processes] == [0, 0, 0]
    parts = [tmp_path / f"{at}.baseline" for at in (1, 2, 0)]
    merge_baselines(parts).baseline.write(tmp_path / "cur.baseline")
    with contextlib.chdir(data):
        answer = agreement.plain(agreement.config_for("local"), str(tmp_path / "cur.baseline"))
    assert plain(answer) == local["plain"]


def test_a_database_that_counts_says_what_one_machine_says(
    data: Path, local: dict[str, Any], sql_place: SqlPlace
) -> None:
    address = sql_place.save(pq.read_table(data / "plain_cur.parquet"), "scores")
    if sql_place.server is None:
        address = f"sqlite:///{sql_place.folder}/{sql_place.database}#scores"
    with contextlib.chdir(data):
        answer = agreement.plain(agreement.config_for("sql"), address)
    assert plain(answer) == local["plain"]


@pytest.mark.parametrize("case", agreement.CASES)
def test_spark_says_what_one_machine_says(
    case: str, spark: dict[str, Any], local: dict[str, Any]
) -> None:
    if case not in spark:
        pytest.skip("tried on classic Spark; Connect is another way to the same")
    assert spark[case] == local[case]
