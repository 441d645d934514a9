"""Results in a store of MLflow, read back by MLflow."""

from __future__ import annotations

import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_builder import (
    TIMESTAMP,
    check,
    features_report,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.errors import OutputError, UsageError
from driftcli.model import ColumnKind, ColumnResult, Report
from driftcli.tracking import Entry, check_installed, log, names

Client = Callable[[], Any]
HIDDEN = "geheim"


def entry(*reports: Report, **changed: Any) -> Entry:
    known: dict[str, Any] = {
        "name": "ads",
        "folder": "run",
        "reports": reports,
        "files": {"drift_report.json": "{}\n", "report.html": "<!doctype html>é"},
        "statuses": {one.command: "drift" for one in reports},
    }
    return Entry(**(known | changed))


def only_run(client: Any, experiment: str = "driftcli") -> Any:
    """The one run of an experiment."""
    number = client.get_experiment_by_name(experiment).experiment_id
    (run,) = client.search_runs([number])
    return run


def test_what_is_in_a_run(client: Client) -> None:
    results = (features_report(2), predictions_report(), performance_report())
    log("mlflow", entry(*results))
    run = only_run(client())
    assert (run.info.run_name, run.info.status) == ("ads", "FINISHED")
    numbers = dict(run.data.metrics)
    assert {name: numbers.pop(name) for name in list(numbers) if name.count(".") == 1} == {
        "features.drifted": 1,
        "features.total": 2,
        "predictions.drifted": 1,
        "predictions.total": 1,
        "performance.drifted": 1,
        "performance.total": sum(
            one.decision is not None and one.decision.threshold is not None
            for one in results[2].performance.metrics  # type: ignore[union-attr]
        ),
        **{
            f"performance.{one.metric}": one.current
            for one in results[2].performance.metrics  # type: ignore[union-attr]
            if one.current is not None
        },
    }
    assert numbers == {
        **{
            f"{section}.{one.column}.{one.result.method}": one.result.effect
            for section, result in (("features", results[0]), ("predictions", results[1]))
            for one in result.decisions()
        },
        **{
            f"performance.{one.column}.drop": one.result.effect
            for one in results[2].decisions()
            if one.result.effect is not None
        },
    }
    assert run.data.params == {
        f"{one.command}.{name}": value
        for one in results
        for name, value in (("rule", "evident"), ("alpha", "0.05"), ("correction", "holm"))
    }
    tags = {name: tag for name, tag in run.data.tags.items() if not name.startswith("mlflow.")}
    assert tags == {
        "driftcli.version": results[0].driftcli_version,
        **{f"{one.command}.status": "drift" for one in results},
        **{f"{one.command}.current": one.current.source for one in results},
        **{f"{one.command}.reference": "data/train.parquet" for one in results},
    }


def test_files_and_time(client: Client) -> None:
    log("mlflow", entry(features_report(1)))
    store = client()
    run = only_run(store).info.run_id
    (number,) = store.get_metric_history(run, "features.total")
    assert (number.value, number.step) == (1, 0)
    assert number.timestamp == 1000 * datetime.fromisoformat(TIMESTAMP).timestamp()
    assert [one.path for one in store.list_artifacts(run, "run")] == [
        "run/drift_report.json",
        "run/report.html",
    ]
    page = Path(store.download_artifacts(run, "run/report.html"))
    assert page.read_text("utf-8") == "<!doctype html>é"


def test_the_experiment_is_found_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "our ads")
    for _ in range(2):
        log("mlflow", entry(features_report(1)))
    store = client()
    number = store.get_experiment_by_name("our ads").experiment_id
    assert len(store.search_runs([number])) == 2
    assert store.get_experiment_by_name("driftcli") is None


def test_a_run_is_continued_and_not_ended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    store = client()
    run = store.create_run(store.create_experiment("training"), run_name="model 7").info.run_id
    store.log_param(run, "alpha", "0.1")  # of the model
    monkeypatch.setenv("MLFLOW_RUN_ID", run)
    log("mlflow", entry(features_report(1), folder="features"))
    log("mlflow", entry(predictions_report(), folder="predictions"))
    found = only_run(store, "training")
    assert (found.info.run_name, found.info.status) == ("model 7", "RUNNING")
    assert found.data.params["alpha"] == "0.1"
    assert {"features.total", "predictions.total"} <= set(found.data.metrics)
    folders = [one.path for one in store.list_artifacts(run)]
    assert folders == ["features", "predictions"]
    assert store.get_experiment_by_name("driftcli") is None


def test_more_numbers_than_a_batch_takes(client: Client) -> None:
    columns = {
        f"c{at}": ColumnResult(f"c{at}", ColumnKind.NUMERIC, (check(f"c{at}", "ks"),))
        for at in range(1100)
    }
    log("mlflow", entry(report("features", features=columns)))
    assert len(only_run(client()).data.metrics) == 1102


def test_what_was_not_computed_is_no_number(client: Client) -> None:
    log("mlflow", entry(report("features", features={"notes": unevaluated_column("notes")})))
    assert only_run(client()).data.metrics == {"features.drifted": 0, "features.total": 1}


def test_any_names_are_kept_apart(client: Client) -> None:
    odd = [
        "a b",
        "a/b",
        "a:b",
        "a_b",
        "../x",
        "é" * 300,
        "é" * 301,
        "",
        ".",
        "\ud800",
        "a\nb",
        "日",
    ]
    columns = {name: ColumnResult(name, ColumnKind.NUMERIC, (check(name, "ks"),)) for name in odd}
    log("mlflow", entry(report("features", features=columns, monitor="\ud800" * 9000)))
    found = [name for name in only_run(client()).data.metrics if name.endswith(".ks")]
    assert len(found) == len(odd)
    assert {"features.a b.ks", "features.a_b.ks", "features.日.ks"} <= set(found)


@given(st.lists(st.text() | st.text("ab_/:-0", max_size=4), unique=True))
def test_names(given_names: list[str]) -> None:
    found = [names.allowed(name) for name in given_names]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[\w .-]*", name) for name in found)
    assert all(len(name.encode()) <= names.MAX_NAME + 17 for name in found)


def test_a_name_like_a_marked_one_is_marked_itself() -> None:
    marked = names.allowed("a/b")
    assert re.fullmatch(r"a_b-[0-9a-f]{16}", marked)
    assert names.allowed(marked) not in (marked, names.allowed("a/b"))


# -- what goes wrong -------------------------------------------------------------------------------


def told(results: Entry) -> str:
    """The words of a failure, which hold no secret, nor do the errors before it when shown."""
    with pytest.raises(OutputError) as caught:
        log("mlflow", results)
    shown = "".join(traceback.format_exception(caught.value))
    assert HIDDEN not in shown
    return str(caught.value)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def server(code: int) -> Iterator[str]:
    """A server that refuses all, and repeats what it was told."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"no {self.headers['Authorization']} {HIDDEN} http://u:{HIDDEN}@h/x".encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def test_a_server_that_is_not_there(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"127.0.0.1:{closed_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://user:{HIDDEN}@{place}/{HIDDEN}?t={HIDDEN}")
    assert told(entry(features_report(1))) == (
        f"MLflow (http://{place}): cannot be reached. check MLFLOW_TRACKING_URI"
    )


@pytest.mark.parametrize("by_address", [True, False])
def test_a_server_that_refuses(
    client: Client, monkeypatch: pytest.MonkeyPatch, by_address: bool
) -> None:
    with server(403) as place:
        user = f"user:{HIDDEN}@" if by_address else ""
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{user}{place}")
        if not by_address:
            monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "user")
            monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", HIDDEN)
        line = told(entry(features_report(1)))
    assert line.startswith(f"MLflow (http://{place}): does not take the results (")
    assert "403" in line
    assert "\n" not in line


def test_a_kind_of_store_that_nobody_knows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"nosuch://user:{HIDDEN}@host/db")
    line = told(entry(features_report(1)))
    assert line.startswith("MLflow (nosuch://host): this MLflow does not know such a store. ")


def test_a_folder_that_is_a_file(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path / "file"))
    line = told(entry(features_report(1)))
    assert line.startswith(f"MLflow ({tmp_path / 'file'}): does not take the results (")


def test_a_run_that_is_not_there(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    assert "not found" in told(entry(features_report(1)))


def test_a_half_filled_run_has_failed(client: Client) -> None:
    told(entry(features_report(1), files={"no/such/folder": ""}))
    assert only_run(client()).info.status == "FAILED"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    check_installed("mlflow")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UsageError) as caught:
        check_installed("mlflow")
    assert str(caught.value) == "--log-to mlflow needs mlflow. pip install 'driftcli[mlflow]'"
