"""The Python API: the commands as functions, on files and on tables in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.config import Columns, Config, Performance
from driftcli.errors import ConfigError, DriftcliError, UsageError
from driftcli.model import AlertReport, Report, Severity, Status

ROWS = 400


def table(seed: int, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    gaps = rng.random(ROWS) < 0.1
    label = (rng.random(ROWS) < 0.4).astype(np.int64)
    return pa.table(
        {
            "age": pa.array(rng.normal(40 + shift, 10, ROWS), mask=gaps),
            "clicks": rng.integers(0, 50, ROWS),
            "device": pa.array(rng.choice(["phone", "desktop", "tablet"], ROWS).tolist()),
            "truth": rng.random(ROWS) < 0.5,
            "score": np.clip(0.3 * label + 0.7 * rng.random(ROWS), 0, 1),
            "label": label,
        }
    )


REFERENCE, CURRENT = table(1), table(2, shift=15.0)
KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "Table": lambda data: data,
    "chunked Table": lambda data: pa.concat_tables([data[:100], data[100:]]),
    "RecordBatch": lambda data: data.to_batches()[0],
    "RecordBatchReader": lambda data: data.to_reader(max_chunksize=64),
    "pandas": lambda data: data.to_pandas(),
    "pandas with an index": lambda data: data.to_pandas().set_axis(range(7, 7 + ROWS)),
    "polars": pl.from_arrow,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("data")
    paths = folder / "ref.parquet", folder / "cur.parquet"
    for data, path in zip((REFERENCE, CURRENT), paths, strict=True):
        pq.write_table(data, path)
    return paths


@pytest.fixture(scope="module")
def expected(files: tuple[Path, Path]) -> Report:
    return driftcli.compare(*files)


def test_the_expected_findings(expected: Report) -> None:
    statuses = {name: column.status for name, column in expected.features.items()}
    assert statuses.pop("age") is Status.DRIFT
    assert set(statuses) == {"clicks", "device", "truth", "score", "label"}
    assert Status.DRIFT not in statuses.values()
    assert (expected.reference, expected.current.rows) != (None, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_findings(kind: str, expected: Report) -> None:
    report = driftcli.compare(KINDS[kind](REFERENCE), KINDS[kind](CURRENT))
    assert report.features == expected.features
    assert (report.current.rows, report.current.columns) == (ROWS, 6)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_predictions(
    kind: str, files: tuple[Path, Path]
) -> None:
    report = driftcli.compare_predictions(KINDS[kind](REFERENCE), str(files[1]))
    assert report.predictions == driftcli.compare_predictions(*files).predictions
    assert list(report.predictions) == ["score"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_metrics(kind: str, files: tuple[Path, Path]) -> None:
    report = driftcli.evaluate(KINDS[kind](REFERENCE), KINDS[kind](CURRENT))
    assert report.performance == driftcli.evaluate(*files).performance


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_labels_in_text_may_come_from_a_frame(kind: str) -> None:
    words = pa.table({"label": ["a", "b", "c", "a"] * 50, "prediction": ["a", "b", "a", "a"] * 50})
    report = driftcli.evaluate(KINDS[kind](words))
    assert report.performance is not None
    accuracy = report.performance.metric("accuracy")
    assert accuracy is not None
    assert accuracy.current == 0.75


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_keys_in_text_may_come_from_a_frame(kind: str, tmp_path: Path) -> None:
    keys = [f"k{i}" for i in range(ROWS)]
    pq.write_table(pa.table({"id": keys, "label": CURRENT["label"]}), tmp_path / "labels.parquet")
    config = Config(performance=Performance(labels=str(tmp_path / "labels.parquet"), join_on="id"))
    rows = pa.table({"id": keys, "score": CURRENT["score"]})
    report = driftcli.evaluate(KINDS[kind](rows), config=config)
    assert report.performance is not None
    assert report.performance.coverage.labelled == ROWS


def test_settings_may_be_an_object_or_a_file(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text("columns: {exclude: [age]}\nthresholds: {ks: 0.5}\n")
    config = Config(columns=Columns(exclude=("age",)), thresholds={"ks": 0.5})
    assert driftcli.load_config(path) == driftcli.load_config(str(path)) == config
    reports = [driftcli.compare(*files, one) for one in (config, path, str(path))]
    assert [report.features for report in reports] == [reports[0].features] * 3
    assert "age" not in reports[0].features
    threshold = reports[0].features["clicks"].checks[0].threshold
    assert threshold is not None
    assert threshold.value == 0.5


def test_a_broken_configuration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text("thresholds: {kz: 0.5}\n")
    with pytest.raises(ConfigError, match=r"monitor\.yaml:1:\d+: thresholds\.kz"):
        driftcli.compare(REFERENCE, CURRENT, path)
    with pytest.raises(ConfigError, match="no such file"):
        driftcli.load_config(tmp_path / "gone.yaml")


@pytest.mark.parametrize("odd", [None, 5, object(), [1, 2], {"a": [1]}])
def test_what_is_no_table_is_refused(odd: object) -> None:
    with pytest.raises(DriftcliError):
        driftcli.compare(odd, CURRENT)


def test_evaluate_with_stored_metrics(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text(driftcli.evaluate(REFERENCE).to_json())
    stored = driftcli.evaluate(CURRENT, baseline=path).performance
    logged = driftcli.evaluate(REFERENCE, CURRENT).performance
    assert stored is not None
    assert logged is not None
    assert stored.metrics == logged.metrics
    assert stored == driftcli.evaluate(CURRENT, baseline=str(path)).performance


def test_two_baselines_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text('{"auc": 0.9}')
    with pytest.raises(UsageError):
        driftcli.evaluate(REFERENCE, CURRENT, baseline=path)


def test_find_alerts(expected: Report) -> None:
    quiet = driftcli.compare(REFERENCE, table(3))
    found = driftcli.find_alerts(quiet, expected)
    assert isinstance(found, AlertReport)
    assert [(alert.type, alert.severity) for alert in found.alerts] == [
        ("feature_drift", Severity.LOW)
    ]
    assert found.alerts[0].message.startswith("1 of 6 features drifted: age")
    assert found.sources == (quiet.current.source, expected.current.source)
    assert (found.should_retrain, found.incomplete) == (False, False)


def test_find_alerts_obeys_the_configuration(expected: Report, tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text("alerts: {severity: {high: 1, medium: 1, low: 1}}\n")
    found = driftcli.find_alerts(expected, config=path)
    assert [alert.severity for alert in found.alerts] == [Severity.HIGH]
    assert found.should_retrain
    with pytest.raises(UsageError):
        driftcli.find_alerts()


def test_a_report_as_json_and_as_a_page(expected: Report) -> None:
    text = expected.to_json()
    assert json.loads(text)["summary"]["drifted_features"] == 1
    assert "\n" not in text
    page = expected.to_html()
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")


def test_the_public_names() -> None:
    assert set(driftcli.__all__) == {
        "Baseline",
        "Config",
        "DriftcliError",
        "Report",
        "__version__",
        "compare",
        "compare_predictions",
        "evaluate",
        "find_alerts",
        "load_config",
        "profile",
    }
    for name in driftcli.__all__:
        assert getattr(driftcli, name) is not None
    assert driftcli.Report is Report
    assert driftcli.Config is Config
    assert driftcli.DriftcliError is DriftcliError
    namespace: dict[str, Any] = {}
    exec("from driftcli import *", namespace)  # noqa: S102 (what a user may write)
    assert set(driftcli.__all__) <= set(namespace)


@pytest.mark.parametrize("name", ["comparee", "np", "_nothing", "pipeline_", "metrics_"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'driftcli' has no attribute '{name}'"):
        getattr(driftcli, name)
    assert not hasattr(driftcli, name)


def child(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


HEAVY = "('numpy', 'pyarrow', 'pandas', 'scipy', 'sklearn', 'pydantic', 'typer', 'rich', 'jinja2')"
LOADED = f"import sys; print([m for m in {HEAVY} if m in sys.modules])"


@pytest.mark.parametrize(
    "first",
    [
        "import driftcli; driftcli.__version__",
        "import driftcli; driftcli.compare, driftcli.evaluate, driftcli.find_alerts",
        "from driftcli import Report, Config, DriftcliError, load_config",
    ],
)
def test_importing_costs_nothing(first: str) -> None:
    assert child(f"{first}; {LOADED}") == "[]"


def test_dir_lists_the_public_names() -> None:
    names = child("import driftcli; print(set(driftcli.__all__) - set(dir(driftcli)))")
    assert names == "set()"


def test_comparing_files_needs_no_pandas(files: tuple[Path, Path]) -> None:
    run = f"import driftcli, sys; driftcli.compare({str(files[0])!r}, {str(files[1])!r})"
    heavy = "('scipy', 'sklearn', 'pydantic', 'typer', 'rich', 'jinja2')"
    assert child(f"{run}; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_frames_are_left_as_they_were() -> None:
    frame = REFERENCE.to_pandas()
    before = frame.copy(deep=True)
    driftcli.compare(frame, CURRENT)
    pd.testing.assert_frame_equal(frame, before)
