"""Reports as JSON, and back: what is written is read as an equal report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_builder import (
    ROWS,
    alert_report,
    categorical_column,
    features_report,
    numeric_column,
    of_columns,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

import driftcli
from driftcli.errors import DataError
from driftcli.model import ColumnKind, DatasetInfo, Report, Status
from driftcli.renderers.json import (
    document,
    dumps,
    loads,
    parse,
    render,
    render_line,
    report_schema,
)

DATA = Path(__file__).parents[2] / "examples" / "data"
REFERENCE, CURRENT = DATA / "reference.parquet", DATA / "current.parquet"
BUILT: dict[str, Callable[[], Report]] = {
    "features": features_report,
    "empty": lambda: report("features"),
    "no reference": lambda: report("performance", reference=None),
    "predictions": predictions_report,
    "performance": performance_report,
    "unlabelled": lambda: performance_report(Status.NOT_EVALUATED),
    "hostile": lambda: report(
        "features",
        features=of_columns(
            [
                numeric_column("\x1b[31m\n\u202e\u2028"),
                numeric_column("n" * 300, Status.DRIFT, kind=ColumnKind.DATETIME),
                categorical_column("</script>", new=True, vanished=True),
                numeric_column("truth", kind=ColumnKind.BOOLEAN),
                unevaluated_column(""),
            ]
        ),
        warnings=("new column 'ü'",),
    ),
    "real features": lambda: driftcli.compare(REFERENCE, CURRENT),
    "real predictions": lambda: driftcli.compare_predictions(REFERENCE, CURRENT),
    "real performance": lambda: driftcli.evaluate(REFERENCE, CURRENT),
}


@pytest.fixture(params=BUILT, scope="module")
def some_report(request: pytest.FixtureRequest) -> Report:
    return BUILT[request.param]()


def test_a_report_comes_back_equal(some_report: Report) -> None:
    assert parse(render([some_report]), "r.json") == [some_report]
    assert parse(render_line([some_report]), "r.json") == [some_report]


def test_a_report_fits_its_schema(some_report: Report) -> None:
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(render([some_report])))


def test_the_schema_refuses_what_is_no_report() -> None:
    checker = jsonschema.Draft202012Validator(report_schema())
    good = document(features_report())
    assert checker.is_valid(json.loads(dumps(good)))
    for name in ("summary", "n_reference", "n_current", "incomplete", "timestamp", "current"):
        assert not checker.is_valid({key: good[key] for key in good if key != name}), name
    column = good["features"]["feature_00"]
    for name in ("ks_statistic", "drift_reason", "drifted", "status", "checks", "type"):
        broken = {**good, "features": {"x": {key: column[key] for key in column if key != name}}}
        assert not checker.is_valid(json.loads(dumps(broken))), name
    wrong = {**good, "features": {"x": {**column, "status": "fine"}}}
    assert not checker.is_valid(json.loads(dumps(wrong)))


def test_several_reports_are_a_list() -> None:
    both = [features_report(2), performance_report()]
    text = render(both)
    assert isinstance(json.loads(text), list)
    assert parse(text, "r.json") == both
    assert parse("[]", "r.json") == []


def test_alerts_come_back_equal() -> None:
    alerts = alert_report()
    assert parse(dumps(asdict(alerts)), "alerts.json") == [alerts]
    mixed = [asdict(alerts), document(features_report(1))]
    assert parse(dumps(mixed), "r.json") == [alerts, features_report(1)]


def test_a_line_is_one_line_and_a_file_ends_with_one() -> None:
    line = render_line([BUILT["hostile"]()])
    assert len(line.splitlines()) == 1 or "\u2028" in line
    assert "\n" not in line
    assert render([features_report(1)]).endswith("}\n")


def test_the_flat_names_of_a_numeric_column() -> None:
    found = json.loads(render_line([features_report(1)]))["features"]["feature_00"]
    flat = {name: found[name] for name in list(found)[:15]}
    assert flat == {
        "type": "continuous",
        "status": "drift",
        "drifted": True,
        "drift_reason": "ks 0.240 > 0.1, p < 1e-300",
        "ks_statistic": 0.1 * 2.4 + 0.001,
        "ks_pvalue": 0.0,
        "psi": 0.2 * 0.2 + 0.001,
        "chi2_statistic": None,
        "chi2_pvalue": None,
        "reference_mean": 41.25,
        "current_mean": 41.25 + 3 * 2.4,
        "reference_std": 12.5,
        "current_std": 12.9,
        "reference_categories": None,
        "current_categories": None,
    }


def test_the_flat_names_of_a_column_of_categories() -> None:
    column = categorical_column("device", Status.DRIFT, new=True)
    found = document(report("features", features=of_columns([column])))["features"]["device"]
    assert found["type"] == "categorical"
    assert (found["chi2_statistic"], found["chi2_pvalue"]) == (0.241, 0.0)
    assert (found["ks_statistic"], found["psi"]) == (None, None)
    assert (found["reference_categories"], found["current_categories"]) == (5, 6)
    assert (found["reference_mean"], found["current_std"]) == (None, None)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (ColumnKind.NUMERIC, "continuous"),
        (ColumnKind.CATEGORICAL, "categorical"),
        (ColumnKind.BOOLEAN, "categorical"),
        (ColumnKind.DATETIME, "datetime"),
        (None, None),
    ],
)
def test_the_type_in_words(kind: ColumnKind | None, word: str | None) -> None:
    column = replace(numeric_column("x"), kind=kind)
    found = document(report("features", features={"x": column}))
    assert found["features"]["x"]["type"] == word


def test_the_summary() -> None:
    found = document(features_report(12))
    assert found["summary"] == {
        "total_features": 12,
        "drifted_features": 2,
        "drift_detected": True,
        "by_status": {"drift": 2, "ok": 6, "changed": 2, "uncertain": 2},
    }
    assert (found["n_reference"], found["n_current"], found["incomplete"]) == (ROWS, ROWS, False)


def test_the_summary_of_what_could_not_be_checked() -> None:
    found = document(report("features", features=of_columns([unevaluated_column()])))
    assert found["incomplete"] is True
    assert found["summary"] == {
        "total_features": 1,
        "drifted_features": 0,
        "drift_detected": False,
        "by_status": {"not_evaluated": 1},
    }


def test_without_a_reference_its_rows_are_null() -> None:
    assert document(report("performance", reference=None))["n_reference"] is None


def test_the_flat_names_of_predictions() -> None:
    built = predictions_report()
    score = built.predictions["score"]
    shift = replace(
        score.checks[0],
        result=replace(score.checks[0].result, details={"mean_shift_pct": 17.5}),
    )
    built = replace(built, predictions={"score": replace(score, checks=(shift, *score.checks[1:]))})
    found = document(built)
    expected = {
        "drifted": True,
        "drift_reason": "prediction_mean 0.240 > 0.1, p < 1e-300",
        "mean_shift_pct": 17.5,
        "reference_mean": 41.25,
        "current_mean": 41.25 + 3 * 2.4,
        "reference_std": 12.5,
        "current_std": 12.9,
        "ks_statistic": 0.1 * 0.2 + 0.001,
        "ks_pvalue": 0.043,
    }
    assert {name: found[name] for name in expected} == expected


def test_the_flat_names_of_metrics() -> None:
    found = document(performance_report())
    expected = {
        "n_predictions": ROWS,
        "mean_score": 0.0334,
        "std_score": 0.0211,
        "auc": 0.742 - 0.071,
        "log_loss": 0.402,
        "ctr": 0.031,
        "calibration": 1.08,
    }
    assert {name: found[name] for name in expected} == expected


def test_flat_names_of_one_kind_do_not_appear_in_another() -> None:
    assert {"auc", "n_predictions", "mean_shift_pct", "drifted"}.isdisjoint(
        document(features_report(1))
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_does_not_know_is_a_bug(bad: float) -> None:
    broken = replace(
        features_report(1), features={"x": replace(numeric_column("x"), importance=bad)}
    )
    for write in (render, render_line):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write([broken])


def test_unknown_fields_are_ignored() -> None:
    written = document(features_report(2))
    written["tomorrow"] = {"more": [1, None]}
    written["features"]["feature_00"]["tomorrow"] = 1
    written["features"]["feature_00"]["checks"][0]["result"]["tomorrow"] = 1
    assert parse(dumps(written), "r.json") == [features_report(2)]


NOT_A_RESULT = "r.json: not a result of driftcli. write one with -o FILE.json"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "r.json:1:1: not JSON: Expecting value"),
        ("{", "r.json:1:2: not JSON: Expecting property name enclosed in double quotes"),
        ('{"a": 1}\n{', "r.json:2:1: not JSON: Extra data"),
        ('{"a": NaN}', "r.json: NaN is not JSON"),
        ('{"a": Infinity}', "r.json: Infinity is not JSON"),
        ('[-Infinity, "x"]', "r.json: -Infinity is not JSON"),
        ("[" * 200_000, "r.json: nested too deeply"),
        ("null", NOT_A_RESULT),
        ("5", NOT_A_RESULT),
        ('"x"', NOT_A_RESULT),
        ("{}", NOT_A_RESULT),
        ("[5]", NOT_A_RESULT),
        ("[[]]", NOT_A_RESULT),
        ('{"schema_version": "1.0"}', "r.json: not a result of driftcli: command: Field required"),
        (
            '{"schema_version": "1.0", "alerts": []}',
            "r.json: not a result of driftcli: timestamp: Field required",
        ),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(text: str, line: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(text, "r.json")
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"features": []}, "features: Input should be a valid dictionary"),
        (
            {"features": {"a": 5}},
            "features.a: Input should be a dictionary or an instance of ColumnResult",
        ),
        ({"command": 3}, "command: Input should be a valid string"),
        (
            {"policy": {"rule": "loud"}},
            "policy.rule: Input should be 'evident', 'threshold' or 'certain'",
        ),
    ],
)
def test_a_wrong_shape_is_named(change: dict[str, Any], line: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(dumps(document(features_report(1)) | change), "r.json")
    assert str(caught.value) == f"r.json: not a result of driftcli: {line}"


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param('"n": ' + "1" * 5000, id="many digits"),
        pytest.param(
            '"current": {"source": "x", "rows": 5, "columns": 1e999}', id="infinite count"
        ),
        pytest.param(
            '"features": {"a\\nb": 5}',
            id="line break in a name",
        ),
        pytest.param(
            '"performance": {"task": "binary", "metrics": [{"metric": "auc", "current": 1e999}],'
            ' "columns": {}, "coverage": {"rows": 1, "labelled": 1}}',
            id="infinite metric",
        ),
    ],
)
def test_what_hides_in_a_result_is_refused_in_one_line(extra: str) -> None:
    text = render_line([features_report(1)])[:-1] + ", " + extra + "}"
    with pytest.raises(DataError) as caught:
        parse(text, "r.json")
    assert str(caught.value).isprintable()


def test_a_document_of_a_later_version_is_refused() -> None:
    text = dumps(document(features_report(1)) | {"schema_version": "2.0"})
    with pytest.raises(DataError, match=r"2\.0"):
        parse(text, "r.json")


def test_a_source_name_of_any_bytes_can_be_encoded() -> None:
    odd = report("features", current=DatasetInfo("\udcff.parquet", 1, 1))
    assert parse(render([odd]), "r.json")[0] == odd


def test_json_text_is_always_utf8() -> None:
    odd = report("features", current=DatasetInfo("\udcff.parquet", 1, 1))
    assert b"\\udcff.parquet" in render([odd]).encode()


def test_plain_values_are_read() -> None:
    assert loads('{"auc": 0.71, "list": [1, null, true]}', "m.json") == {
        "auc": 0.71,
        "list": [1, None, True],
    }
