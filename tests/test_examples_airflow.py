"""The example DAGs in a real Airflow: its database, its task runner, no scheduler."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DAGS = ROOT / "examples" / "airflow"
DATA = ROOT / "examples" / "data"
# .ci/run puts it there; elsewhere: pip install apache-airflow==3.3.2, in an environment of its own
AIRFLOW = os.environ.get("DRIFTCLI_AIRFLOW") or str(ROOT / "build" / "airflow" / "bin" / "airflow")
pytestmark = [
    pytest.mark.skipif(shutil.which(AIRFLOW) is None, reason="no Airflow in DRIFTCLI_AIRFLOW"),
    pytest.mark.xdist_group("airflow"),
]


class Airflow:
    """A home of Airflow with a database of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        driftcli = home / "driftcli"
        driftcli.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m driftcli "$@"\n')
        driftcli.chmod(0o755)
        dags = home / "dags"
        dags.mkdir()
        for path in DAGS.glob("*.py"):  # as they are, but for waiting five minutes to try again
            text = path.read_text("utf-8").replace('"retries": 2', '"retries": 0')
            (dags / path.name).write_text(text, "utf-8")
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW_VAR_DRIFTCLI_COMMAND": str(driftcli),
        }
        self.run("db", "migrate")

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [AIRFLOW, *words],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=check,
            timeout=600,
        )

    def test(self, dag: str, day: str, **conf: str) -> tuple[str, dict[str, str]]:
        """Run a DAG; return its log, and the state of each of its tasks."""
        words = ["dags", "test", dag, day]
        done = self.run(*words, *(["--conf", json.dumps(conf)] if conf else []), check=False)
        last = "SELECT run_id FROM dag_run WHERE dag_id = ? ORDER BY id DESC LIMIT 1"
        ((run,),) = self.query(last, dag)
        of_run = "SELECT task_id, state FROM task_instance WHERE dag_id = ? AND run_id = ?"
        return done.stdout + done.stderr, dict(self.query(of_run, dag, run))

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.home / "airflow.db")
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def retrainings(self) -> list[tuple[str, str]]:
        sql = "SELECT state, conf FROM dag_run WHERE dag_id = 'model_retraining'"
        return [(state, str(conf)) for state, conf in self.query(sql)]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    return Airflow(tmp_path_factory.mktemp("airflow"))


def monitored(airflow: Airflow, day: str, current: str) -> tuple[str, dict[str, str]]:
    paths = {"reference": str(DATA / "reference.parquet"), "current": current}
    return airflow.test("drift_monitoring", day, directory="out", **paths)


STEPS = ("load_reference", "feature_drift", "prediction_drift", "performance", "alerts", "report")


def test_every_dag_loads(airflow: Airflow) -> None:
    def listed(what: str) -> list[dict[str, str]]:
        lines = airflow.run("dags", what, "--local", "--output", "json").stdout.splitlines()
        found: list[dict[str, str]] = json.loads(lines[-1])
        return found

    assert listed("list-import-errors") == []
    assert {dag["dag_id"] for dag in listed("list")} == {
        "drift_monitoring", "drift_gate", "model_retraining",
    }  # fmt: skip


def test_drift_queues_the_retraining(airflow: Airflow) -> None:
    before = len(airflow.retrainings())
    log, states = monitored(airflow, "2026-01-12", str(DATA / "current.parquet"))
    assert states == dict.fromkeys((*STEPS, "retrain_advised", "retrain"), "success"), log[-3000:]
    queued = airflow.retrainings()[before:]
    assert [state for state, _ in queued] == ["queued"]
    assert "features drifted" in queued[0][1]
    report = airflow.home / "out" / "2026-01-12" / "report.html"
    assert str(report) in log
    assert report.stat().st_size > 10_000


def test_a_quiet_day_queues_nothing(airflow: Airflow) -> None:
    before = len(airflow.retrainings())
    log, states = monitored(airflow, "2026-01-13", str(DATA / "quiet.parquet"))
    done = dict.fromkeys((*STEPS, "retrain_advised"), "success")
    assert states == {**done, "retrain": "skipped"}, log[-3000:]
    assert len(airflow.retrainings()) == before


def test_data_that_are_not_there_fail_the_task(airflow: Airflow) -> None:
    before = len(airflow.retrainings())
    # a parameter is never a command
    hostile = '"; touch owned; $(touch owned) `touch owned`'
    log, states = monitored(airflow, "2026-01-14", f"nothing-{{date:%Y-%m-%d}}{hostile}.parquet")
    assert states["load_reference"] == "success"
    assert {states[name] for name in STEPS[1:4]} == {"failed"}
    assert {states[name] for name in ("alerts", "report", "retrain")} == {"upstream_failed"}
    assert "driftcli: error: nothing-2026-01-14" in log
    assert "no such file" in log
    assert not list(airflow.home.rglob("owned"))
    assert len(airflow.retrainings()) == before


def test_the_retraining_runs_and_says_why(airflow: Airflow) -> None:
    log, states = airflow.test("model_retraining", "2026-01-12", reasons="3 features drifted")
    assert states == {"train": "success"}
    assert "retraining because of: 3 features drifted" in log


@pytest.mark.parametrize(
    ("current", "gate", "score"),
    [("quiet", "success", "success"), ("current", "skipped", "skipped")],
)
def test_the_gate_skips_the_scoring_on_drift(
    airflow: Airflow, current: str, gate: str, score: str
) -> None:
    paths = {"reference": str(DATA / "reference.parquet")}
    paths["current"] = str(DATA / f"{current}.parquet")
    _, states = airflow.test("drift_gate", "2026-01-12", **paths)
    assert states == {"gate": gate, "score": score}
