"""One suite for all engines: the same JSON to the last digit, whoever counts.

The environments of Spark are told by ``DRIFTCLI_SPARK_3`` and ``DRIFTCLI_SPARK_4``, each the Python
of an environment with driftcli and that Spark.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agreement
import pyarrow.parquet as pq
import pytest
from spark_lines import PYTHONS, Said
from sql_places import SqlPlace

from driftcli.pipeline.baseline import merge_baselines

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("engines")]


@pytest.fixture(scope="module")
def local(data: Path) -> dict[str, Any]:
    with contextlib.chdir(data):
        config = agreement.config_for("local")
        return {name: plain(case(config)) for name, case in agreement.CASES.items()}


def plain(answer: Any) -> Any:
    return json.loads(json.dumps(answer, sort_keys=True))


@pytest.fixture(params=PYTHONS)
def spark(request: pytest.FixtureRequest, ask_spark: Callable[[str], Said]) -> dict[str, Any]:
    return ask_spark(request.param).cases


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
