"""Stored baselines, thresholds, and too few labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftcli.config import Config, Performance
from driftcli.errors import DataError
from driftcli.metrics import Estimate
from driftcli.model import DecisionPolicy, LabelCoverage, Skip
from driftcli.pipeline.evaluation import not_enough, stored_metrics


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        (LabelCoverage(100, 100), None),
        (LabelCoverage(100, 50), None),
        (LabelCoverage(30, 30), None),
        (LabelCoverage(100, 49), "not enough labels: 49.0 % of the rows, minimum 50 %"),
        (LabelCoverage(1000, 0), "not enough labels: 0.0 % of the rows, minimum 50 %"),
        (LabelCoverage(0, 0), "not enough labels: 0.0 % of the rows, minimum 50 %"),
        (LabelCoverage(29, 29), "not enough labels: 29 rows, minimum 30"),
    ],
)
def test_73_too_few_labels_by_share_or_by_number(
    coverage: LabelCoverage, reason: str | None
) -> None:
    assert not_enough(coverage, Config()) == (None if reason is None else Skip(reason))


def test_the_limits_are_settings() -> None:
    config = Config(
        performance=Performance(min_label_share=0.125), decision=DecisionPolicy(min_rows=5)
    )
    assert not_enough(LabelCoverage(80, 10), config) is None
    assert not_enough(LabelCoverage(81, 10), config) == Skip(
        "not enough labels: 12.3 % of the rows, minimum 12.5 %"
    )
    assert not_enough(LabelCoverage(4, 4), config) == Skip("not enough labels: 4 rows, minimum 5")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("m.json")


def test_plain_numbers_are_fixed(store: Path) -> None:
    store.write_text('{"auc": 0.71, "log_loss": 1, "rmse": 3.5, "n_predictions": 9, "note": "x"}')
    found = stored_metrics(store, "binary")
    assert found.estimates == {"auc": Estimate(0.71), "log_loss": Estimate(1.0)}
    assert (found.coverage, found.summary) == (None, None)
    assert stored_metrics(store, "regression").estimates == {"rmse": Estimate(3.5)}


def test_an_earlier_run_brings_its_variance(store: Path) -> None:
    metrics = [
        {
            "metric": "auc",
            "current": 0.7,
            "current_error": 0.01,
            "current_interval": [0.68, 0.72],
            "n_current": 900,
            "details": {"ties": 3},
        },
        {"metric": "ctr", "current": None},
        {"metric": "unheard_of", "current": 5},
    ]
    store.write_text(json.dumps({"auc": 0.1, "performance": {"metrics": metrics}}))
    assert stored_metrics(store, "binary").estimates == {
        "auc": Estimate(0.7, 0.01, (0.68, 0.72), 900, details={"ties": 3})
    }


BINARY = (
    "auc, log_loss, brier, ctr, accuracy, precision, recall, f1, average_precision, calibration"
)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"{}", f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (b'{"AUC": 0.7}', f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (b'{"mae": 0.7}', f"m.json: holds none of the binary metrics. these are {BINARY}"),
        (
            b'{"performance": {"metrics": []}, "auc": 0.7}',
            f"m.json: holds none of the binary metrics. these are {BINARY}",
        ),
        (b"[]", 'm.json: not a file of metrics such as {"auc": 0.71}'),
        (b"0.71", 'm.json: not a file of metrics such as {"auc": 0.71}'),
        (b'{"auc": true}', "m.json: auc: expected a number, got 'True'"),
        (b'{"auc": null}', "m.json: auc: expected a number, got 'None'"),
        (b'{"auc": "0.7\\n"}', r"m.json: auc: expected a number, got '0.7\n'"),
        (b'{"auc": 1e999}', "m.json: auc: expected a finite number"),
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
    with pytest.raises(DataError, match=r"^m\.json: is a directory$"):
        stored_metrics(store, "binary")


@pytest.mark.xfail(
    strict=True,
    raises=(TypeError, ValueError, IndexError, OverflowError, pytest.fail.Exception),
    reason="ends as a bug, or is taken as it is",
)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param('{"auc": ' + "1" * 400 + "}", id="400 digits"),
        pytest.param('{"auc": ' + "1" * 5000 + "}", id="5,000 digits"),
        pytest.param('{"performance": {"metrics": null}}', id="null"),
        pytest.param('{"performance": {"metrics": 5}}', id="number"),
        pytest.param({"current": 1e999}, id="infinite"),
        pytest.param({"current": True}, id="truth value"),
        pytest.param({"current": 0.7, "n_current": "abc"}, id="count in words"),
        pytest.param({"current": 0.7, "current_interval": [0.1]}, id="half an interval"),
        pytest.param({"current": 0.7, "current_interval": ["a", "b"]}, id="interval of text"),
        pytest.param({"current": 0.7, "details": 5}, id="details"),
        pytest.param({"current": 0.7, "current_error": -1}, id="negative error"),
        pytest.param({"current": 0.7, "current_error": 1e999}, id="infinite error"),
    ],
)
def test_a_broken_earlier_run_is_refused(store: Path, content: str | dict[str, Any]) -> None:
    if isinstance(content, dict):
        metric = json.dumps({"metric": "auc", **content}).replace("Infinity", "1e999")
        content = '{"performance": {"metrics": [' + metric + "]}}"
    store.write_text(content)
    with pytest.raises(DataError):
        stored_metrics(store, "binary")


@pytest.mark.xfail(
    strict=True, raises=pytest.fail.Exception, reason="log loss of classes stands for that of two"
)
def test_an_earlier_run_of_another_task_is_refused(store: Path) -> None:
    written = {"task": "multiclass", "metrics": [{"metric": "log_loss", "current": 1.2}]}
    store.write_text(json.dumps({"performance": written}))
    with pytest.raises(DataError):
        stored_metrics(store, "binary")
