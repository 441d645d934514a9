"""Stored baselines: plain numbers, and what an earlier run wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftcli.errors import DataError
from driftcli.metrics import Estimate
from driftcli.pipeline.stored import stored_metrics


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("m.json")


def test_plain_numbers_are_fixed(store: Path) -> None:
    store.write_text('{"auc": 0.71, "log_loss": 1, "n_predictions": 9, "note": "x", "ok": true}')
    found = {"auc": Estimate(0.71), "log_loss": Estimate(1.0)}
    assert stored_metrics(store, "binary") == (found, [])


def test_numbers_that_nothing_is_compared_with_are_told(store: Path) -> None:
    store.write_text('{"auc": 0.71, "rmse": 3.5, "gini\\n": 0.4, "mean_score": 0.3}')
    found, warnings = stored_metrics(store, "binary")
    assert found == {"auc": Estimate(0.71)}
    told = "m.json: compared with nothing, as no binary metrics: "
    assert warnings == [told + r"'rmse', 'gini\n'"]
    found, warnings = stored_metrics(store, "regression")
    assert found == {"rmse": Estimate(3.5)}
    assert warnings == [told.replace("binary", "regression") + r"'auc', 'gini\n'"]


@pytest.mark.parametrize("name", ["acu", "AUC", "logloss", "roc_auc", "rsme"])
def test_a_name_that_is_nearly_a_metric_is_refused(store: Path, name: str) -> None:
    """Else a misspelt metric would never be found worse."""
    stored = json.dumps({"brier": 0.2, name: 0.7})
    run = run_of(AUC, {"metric": name, "current": 0.7})
    for content in (stored, run):
        store.write_text(content)
        with pytest.raises(DataError, match=r"did you mean '(auc|log_loss|rmse)'") as caught:
            stored_metrics(store, "binary")
        assert str(caught.value).startswith(f"m.json: unknown metric '{name}'. ")


AUC = {
    "metric": "auc",
    "current": 0.7,
    "current_error": 0.01,
    "current_interval": [0.68, 0.72],
    "n_current": 900,
    "details": {"ties": 3},
}


def run_of(*metrics: Any, **others: Any) -> str:
    """What an earlier run wrote, as far as it is read."""
    performance = {
        "task": "binary",
        "metrics": list(metrics),
        "columns": {"label": "label"},
        "coverage": {"rows": 900, "labelled": 900},
    }
    return json.dumps({"auc": 0.1, "performance": performance | others})


def test_an_earlier_run_brings_its_variance(store: Path) -> None:
    fixed, unheard = {"metric": "ctr", "current": 0}, {"metric": "unheard_of", "current": 5}
    store.write_text(run_of(AUC, {"metric": "f1", "current": None}, fixed, unheard))
    found, warnings = stored_metrics(store, "binary")
    assert found == {
        "auc": Estimate(0.7, 0.01, (0.68, 0.72), 900, details={"ties": 3}),
        "ctr": Estimate(0.0),
    }
    assert warnings == ["m.json: compared with nothing, as no binary metrics: 'unheard_of'"]


@pytest.mark.parametrize("interval", [[0.7, 0.7], [0.7000000000000001, 0.8], [0.6, 0.7]])
def test_an_interval_may_end_at_its_value(store: Path, interval: list[float]) -> None:
    store.write_text(run_of({**AUC, "current_interval": interval}))
    assert stored_metrics(store, "binary")[0]["auc"].interval == tuple(interval)


BINARY = (
    "auc, log_loss, brier, ctr, accuracy, precision, recall, f1, average_precision, calibration"
)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"{}", f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (b'{"mae": 0.7}', f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (b'{"performance": null}', f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (b"[]", 'm.json: not a file of metrics such as {"auc": 0.71}'),
        (b"0.71", 'm.json: not a file of metrics such as {"auc": 0.71}'),
        (b'{"auc": true}', "m.json: auc: expected a number, got 'True'"),
        (b'{"auc": null}', "m.json: auc: expected a number, got 'None'"),
        (b'{"auc": "0.7\\n"}', r"m.json: auc: expected a number, got '0.7\n'"),
        (b'{"auc": 1e999}', "m.json: 1e999 is not JSON"),
        (b'{"auc": ' + b"1" * 400 + b"}", "m.json: a number of 400 digits is not JSON"),
        (b'{"auc": ' + b"1" * 5000 + b"}", "m.json: a number of 5000 digits is not JSON"),
        (b'{"auc": 71}', "m.json: auc: must be between 0 and 1, got 71"),
        (b'{"auc": 1.0000001}', "m.json: auc: must be between 0 and 1, got 1.0000001"),
        (b'{"log_loss": -0.5}', "m.json: log_loss: must be at least 0, got -0.5"),
        (b'{"auc": NaN}', "m.json: NaN is not JSON"),
        (b'{"auc": -Infinity}', "m.json: -Infinity is not JSON"),
        (b'{"auc": 0.7', "m.json:1:12: not JSON: Expecting ',' delimiter"),
        (b"", "m.json:1:1: not JSON: Expecting value"),
        (b"[" * 200_000, "m.json: nested too deeply"),
        (b"\xff\xfe{", "m.json: not a text file"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(store: Path, content: bytes, line: str) -> None:
    store.write_bytes(content)
    with pytest.raises(DataError) as caught:
        stored_metrics(store, "binary")
    assert str(caught.value) == line


def test_a_file_that_is_not_there(store: Path) -> None:
    with pytest.raises(DataError, match=r"^m\.json: no such file or directory$"):
        stored_metrics(store, "binary")
    store.mkdir()
    with pytest.raises(DataError, match=r"^m\.json: not a regular file$"):
        stored_metrics(store, "binary")


@pytest.mark.parametrize(
    ("metric", "value", "span"),
    [
        ("r2", 1.5, "at most 1"),
        ("r2", -1e200, "at least -1e+100"),
        ("rmse", -2, "at least 0"),
        ("rmse", 1e200, "at most 1e+100"),
        ("bias", -1e200, "at least -1e+100"),
        ("bias", 1e200, "at most 1e+100"),
    ],
)
def test_numbers_that_a_metric_cannot_reach(
    store: Path, metric: str, value: float, span: str
) -> None:
    store.write_text(json.dumps({metric: value}))
    with pytest.raises(DataError) as caught:
        stored_metrics(store, "regression")
    assert str(caught.value) == f"m.json: {metric}: must be {span}, got {value:g}"


NOT = "not a result of driftcli: "


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"current": 71}, "auc: must be between 0 and 1, got 71"),
        ({"current": True}, f"{NOT}auc.current: Input should be a valid number"),
        ({"current": "0.7"}, f"{NOT}auc.current: Input should be a valid number"),
        ({"n_current": "abc"}, f"{NOT}auc.n_current: Input should be a valid integer"),
        ({"n_current": -1}, "auc: n_current: must be between 0 and 1e+15, got -1"),
        ({"n_current": 10**299}, "auc: n_current: must be between 0 and 1e+15, got 1e+299"),
        ({"current_interval": [0.1]}, f"{NOT}auc.current_interval.1: Field required"),
        (
            {"current_interval": ["a", 1]},
            f"{NOT}auc.current_interval.0: Input should be a valid number",
        ),
        ({"current_interval": [0.8, 0.6]}, "auc: current_interval: 0.8 to 0.6 leaves out 0.7"),
        ({"current_interval": [0.1, 0.2]}, "auc: current_interval: 0.1 to 0.2 leaves out 0.7"),
        ({"current_error": -1}, "auc: current_error: must be at least 0, got -1"),
        ({"current_error": 1e200}, "auc: current_error: must be at most 1e+100, got 1e+200"),
        (
            {"current_interval": [0.1, 1e200]},
            "auc: current_interval: must be at most 1e+100, got 1e+200",
        ),
        ({"details": 5}, f"{NOT}auc.details: Input should be an object"),
        ({"details": {"positives": "a"}}, "auc: positives: expected a number, got 'a'"),
        ({"details": {"negatives": True}}, "auc: negatives: expected a number, got 'True'"),
        ({"details": {"positives": -1}}, "auc: positives: must be between 0 and 1e+15, got -1"),
        (
            {"details": {"positives_variance": 0.6}},
            "auc: positives_variance: must be between 0 and 0.5, got 0.6",
        ),
        (
            {"details": {"rarest_class": None}},
            "auc: rarest_class: expected a number, got 'None'",
        ),
        ({"metric": 5}, f"{NOT}performance.metrics.0.metric: Input should be a valid string"),
        ({"metric": "a\n", "current": "x"}, NOT + r"a\n.current: Input should be a valid number"),
    ],
)
def test_a_broken_earlier_run_is_refused(store: Path, changed: dict[str, Any], line: str) -> None:
    store.write_text(run_of({**AUC, **changed}))
    with pytest.raises(DataError) as caught:
        stored_metrics(store, "binary")
    assert str(caught.value) == f"m.json: {line}"


@pytest.mark.parametrize("number", ["1e999", "NaN", "1" * 400])
@pytest.mark.parametrize("key", ["current", "current_error", "n_current"])
def test_an_earlier_run_with_an_impossible_number(store: Path, key: str, number: str) -> None:
    store.write_text(run_of({**AUC, key: "here"}).replace('"here"', number))
    with pytest.raises(DataError, match=r"^m\.json: .* is not JSON$"):
        stored_metrics(store, "binary")


@pytest.mark.parametrize(
    ("others", "line"),
    [
        ({"metrics": []}, f"holds none of the binary metrics. these are {BINARY}"),
        ({"metrics": None}, f"{NOT}performance.metrics: Input should be a valid array"),
        ({"metrics": 5}, f"{NOT}performance.metrics: Input should be a valid array"),
        ({"metrics": [5]}, f"{NOT}performance.metrics.0: Input should be an object"),
        ({"coverage": None}, f"{NOT}performance.coverage: Input should be an object"),
        (
            {"task": "multiclass"},
            "holds metrics of task multiclass, and this run is binary. say which with --task",
        ),
        (
            {"task": "other"},
            f"{NOT}performance.task: Input should be 'binary', 'multiclass', 'regression'"
            " or 'ranking'",
        ),
    ],
)
def test_a_run_that_is_no_baseline(store: Path, others: dict[str, Any], line: str) -> None:
    store.write_text(run_of(AUC, **others))
    with pytest.raises(DataError) as caught:
        stored_metrics(store, "binary")
    assert str(caught.value) == f"m.json: {line}"


@pytest.mark.parametrize("value", ["5", "[]", '"x"', "{}"])
def test_a_section_that_is_no_run(store: Path, value: str) -> None:
    store.write_text(f'{{"auc": 0.7, "performance": {value}}}')
    with pytest.raises(DataError, match=r"^m\.json: not a result of driftcli: performance"):
        stored_metrics(store, "binary")
