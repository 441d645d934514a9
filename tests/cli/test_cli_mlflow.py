"""``--log-to mlflow`` on every command that checks."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Run, refused, save, scored, strict
from monitored import day_file, log, monitor, reference

FEATURES = ("features", "ref.parquet", "moved.parquet", "--columns", "a,b")


@pytest.fixture(autouse=True)
def store(data: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in a folder."""
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (folder / "store").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")


def client() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow.tracking import MlflowClient

        return MlflowClient()


def only_run() -> Any:
    found = client().get_experiment_by_name("driftcli")
    (run,) = client().search_runs([found.experiment_id])
    return run


def logged(run: Any) -> dict[str, str]:
    """The text of each file of a run."""
    folders = [one.path for one in client().list_artifacts(run.info.run_id)]
    return {
        one.path: Path(client().download_artifacts(run.info.run_id, one.path)).read_text()
        for folder in folders
        for one in client().list_artifacts(run.info.run_id, folder)
    }


def test_features(run: Run) -> None:
    plain = run(*FEATURES, "--format", "csv")
    outcome = run(*FEATURES, "--format", "csv", "--log-to", "mlflow", "-o", "drift.json")
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.count("\n") == plain.out.count("\n")
    found = only_run()
    files = logged(found)
    assert list(files) == ["features/drift_report.json", "features/report.html"]
    assert files["features/drift_report.json"] == Path("drift.json").read_text()
    assert files["features/report.html"].startswith("<!doctype html>")
    result = strict(files["features/drift_report.json"])
    assert (found.info.run_name, found.info.status) == ("features", "FINISHED")
    assert found.data.metrics["features.drifted"] == 1
    assert found.data.metrics["features.total"] == 2
    assert found.data.metrics["features.a.ks"] == result["features"]["a"]["ks_statistic"]
    assert found.data.tags["features.status"] == "drift"


def test_predictions_and_performance_in_a_run_of_ours(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = client().create_run(client().create_experiment("driftcli")).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", number)
    old, new = save("old.parquet", **scored(1)), save("new.parquet", **scored(2, skill=-1))
    assert run("predictions", old, new, "--log-to", "mlflow").code in (0, 1)
    outcome = run("performance", old, new, "--log-to", "mlflow", "-q", "--format", "json")
    assert (outcome.code, outcome.err) == (1, "")
    found = only_run()
    assert found.info.status == "RUNNING"
    assert list(logged(found)) == [
        "performance/performance_metrics.json",
        "performance/report.html",
        "predictions/prediction_drift.json",
        "predictions/report.html",
    ]
    assert found.data.metrics["performance.auc"] == outcome.json["auc"]
    assert found.data.metrics["performance.auc.drop"] > 0.4
    assert found.data.tags["performance.status"] == "drift"
    assert found.data.metrics["predictions.total"] == 1


def test_a_monitor_of_which_a_part_fails(run: Run) -> None:
    reference()
    day_file("2026-01-01", log(1))
    name = monitor(monitor="ads", predictions={"column": "nosuch"})
    outcome = run("run", name, "--as-of", "2026-01-01T04:00Z", "--log-to", "mlflow")
    assert outcome.code == 2
    (line,) = outcome.errors
    assert line.startswith("predictions: ")
    found = only_run()
    assert (found.info.run_name, found.info.status) == ("ads", "FINISHED")
    statuses = {name: tag for name, tag in found.data.tags.items() if name.endswith(".status")}
    assert statuses == {
        "features.status": "ok",
        "predictions.status": "failed",
        "performance.status": "ok",
    }
    files = logged(found)
    assert list(files) == [
        "run/drift_report.json",
        "run/performance_metrics.json",
        "run/report.html",
    ]
    assert files["run/drift_report.json"] == Path("out/drift_report.json").read_text()


def test_a_store_that_is_not_there_leaves_the_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:geheim@127.0.0.1:1")
    outcome = run(*FEATURES, "--log-to", "mlflow", "-o", "drift.json", "--format", "json")
    assert outcome.error == (
        "MLflow (http://127.0.0.1:1): cannot be reached. check MLFLOW_TRACKING_URI"
    )
    assert outcome.json["summary"]["drift_detected"] is True
    assert strict(Path("drift.json").read_text())["summary"]["drift_detected"] is True


def test_so_does_one_of_a_monitor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:geheim@127.0.0.1:1")
    reference()
    day_file("2026-01-01", log(1))
    outcome = run("run", monitor(), "--as-of", "2026-01-01T04:00Z", "--log-to", "mlflow")
    assert "127.0.0.1:1): cannot be reached" in outcome.error
    assert outcome.out.endswith("retrain: no\n")
    assert Path("out/report.html").exists()


@pytest.mark.parametrize("command", ["features", "predictions", "performance"])
def test_a_missing_library_is_told_before_any_work(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    line = refused(run, command, "nosuch.parquet", "moved.parquet", "--log-to", "mlflow")
    assert line == "--log-to mlflow needs mlflow. pip install 'driftcli[mlflow]'"


def test_a_monitor_is_not_begun_without_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    line = run("run", monitor(), "--log-to", "mlflow").error
    assert line == "--log-to mlflow needs mlflow. pip install 'driftcli[mlflow]'"
    assert not Path("out").exists()
