"""A baseline in the place of its reference gives the verdicts that the reference gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.config import Columns, Config, Input, Performance
from driftcli.errors import DriftcliError
from driftcli.model import Decision, PerformanceResult, Report
from driftcli.pipeline.baseline import create_baseline
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.pipeline.performance import check_performance
from driftcli.renderers.json import document

ROWS = 6000


def table(seed: int, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    some = rng.random(ROWS) < 0.03
    label = rng.random(ROWS) < 0.3
    odd = rng.normal(0, 1, ROWS)
    odd[:3] = [np.inf, -np.inf, np.nan]
    return pa.table(
        {
            "plain": rng.normal(shift, 1, ROWS),
            "zeros": np.where(rng.random(ROWS) < 0.6, 0.0, rng.lognormal(shift, 1, ROWS)),
            "price": pa.array(np.round(rng.gamma(2, 10, ROWS), 2), mask=some),
            "single": rng.normal(shift, 1, ROWS).astype(np.float32),
            "odd": odd,
            "small": rng.integers(0, 12, ROWS),
            "large": rng.integers(0, 10**6, ROWS) + 2**60,
            "natural": rng.integers(0, 50, ROWS).astype(np.uint64) + np.uint64(2**63),
            "device": pa.array(rng.choice(["phone", "desktop", "ünï", ""], ROWS), mask=some),
            "coded": pa.array(rng.choice(["a", "b", "c"], ROWS)).dictionary_encode(),
            "truth": rng.random(ROWS) < 0.5 + shift / 10,
            "user": pa.array([f"user {seed} {n}" for n in range(ROWS)]),
            "when": pa.array([datetime(2026, 1, 1) + timedelta(hours=h) for h in range(ROWS)]),
            "day": pa.array([timedelta(seconds=int(s)) for s in rng.integers(0, 9999, ROWS)]),
            "amount": pa.array(np.round(rng.gamma(2, 10, ROWS), 2)).cast(pa.decimal128(12, 2)),
            "nothing": pa.nulls(ROWS),
            "void": pa.nulls(ROWS, pa.float64()),
            "lists": pa.array([[1]] * ROWS),
            "score": np.clip(0.3 * label + 0.7 * rng.random(ROWS), 0, 1),
            "click": label,
        }
    )  # fmt: skip


REFERENCE, CURRENT = table(1), table(2, shift=0.4)


def kept(reference: Any, folder: Path, config: Config = Config(), **how: Any) -> Path:  # noqa: B008
    path = folder / "ref.baseline"
    create_baseline(reference, config, **how).baseline.write(path)
    return path


def compared(report: Report) -> dict[str, Any]:
    """All that a report tells, less what only the rows can tell: D beyond its bound, pictures."""
    whole = document(report)
    for column in (*whole["features"].values(), *whole["predictions"].values()):
        column["distribution"] = None
        for check in column["checks"]:
            if check["result"]["method"] == "ks":
                for inexact in ("statistic", "effect", "pvalue", "interval", "error_bound"):
                    check["result"][inexact] = None
                check["result"]["details"]["at"] = check["reason"] = None
                check["pvalue_adjusted"] = None
        for inexact in ("ks_statistic", "ks_pvalue", "drift_reason"):
            column[inexact] = None
        for check in column["checks"]:  # Holm's correction is over all p-values of the run
            check["pvalue_adjusted"] = check["reason"] = None
    return {**whole, "timestamp": None, "reference": None}


def ks(report: Report, column: str) -> Decision:
    found = report.features[column].check("ks")
    assert found is not None
    return found


def test_features_are_judged_as_with_the_rows(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    raw, stored = (check_features(side, CURRENT, Config()) for side in (REFERENCE, path))
    assert compared(raw) == compared(stored)
    assert stored.reference is not None
    assert stored.reference.source == str(path)
    for name, column in raw.features.items():
        if column.check("ks") is None or column.check("ks").result.statistic is None:  # type: ignore[union-attr]
            continue
        exact, bounded = ks(raw, name).result, ks(stored, name).result
        assert exact.error_bound == 0
        assert bounded.statistic is not None
        assert exact.statistic is not None
        assert bounded.statistic <= exact.statistic <= bounded.statistic + bounded.error_bound
        assert bounded.error_bound < 1.1 * 2 / 4000
        if name in ("small", "price", "natural", "amount", "void"):  # at most 4,096 values
            assert bounded == exact
            rows, edges = (side.features[name].distribution for side in (raw, stored))
            # current is drawn between edges, which moves single rows to the bar beside
            assert replace(rows, current=()) == replace(edges, current=())
            assert sum(rows.current) == sum(edges.current)


def test_a_baseline_in_memory_is_the_one_in_the_file(tmp_path: Path) -> None:
    baseline = driftcli.profile(REFERENCE)
    baseline.write(tmp_path / "x.baseline")
    one = driftcli.compare(baseline, CURRENT)
    other = driftcli.compare(tmp_path / "x.baseline", CURRENT)
    assert replace(one, timestamp="", reference=None) == replace(
        other, timestamp="", reference=None
    )
    assert one.reference is not None
    assert one.reference.source == "Table in memory" or one.reference.source


def test_predictions_are_judged_as_with_the_rows(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    raw, stored = (check_predictions(side, CURRENT, Config()) for side in (REFERENCE, path))
    assert compared(raw) == compared(stored)
    assert list(stored.predictions) == ["score"]


SETTINGS = Performance(label="click", score="score")


def undrawn(report: Report) -> PerformanceResult:
    """Performance without its pictures, for which a baseline has only some of the scores."""
    assert report.performance is not None
    return replace(report.performance, curves=None, reference_curves=None)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        Performance(label="click", score="score", cutoff=0.4),
        Performance(label="plain", prediction="odd", task="regression"),
        Performance(label="click", score="score", group="price", task="ranking", k=5),
        Performance(label="device", prediction="coded", task="multiclass"),
    ],
    ids=lambda settings: f"{settings.task}",
)
def test_performance_is_judged_as_with_the_log(settings: Performance, tmp_path: Path) -> None:
    config = Config(performance=settings)
    reference, current = REFERENCE.slice(3), CURRENT.slice(3)
    path = kept(reference, tmp_path, config)
    raw = check_performance(current, config, reference=reference)
    for asked in (config, Config()):
        stored = check_performance(current, asked, reference=path)
        assert undrawn(stored) == undrawn(raw)
        assert stored.reference == replace(raw.reference, source=str(path))  # type: ignore[type-var]
    assert undrawn(check_performance(current, config, baseline=path)) == undrawn(raw)
    judged = [m.decision for m in raw.performance.metrics if m.decision]  # type: ignore[union-attr]
    assert any(decision.result.pvalue is not None for decision in judged)


def test_labels_of_the_reference_tell_what_a_lone_one_is(tmp_path: Path) -> None:
    yes = ["yes", "no"] * 50
    log = pa.table({"label": yes, "score": np.linspace(0, 1, 100)})
    config = Config(performance=Performance(label="label", score="score", positive="yes"))
    path = kept(log, tmp_path, config)
    lone = log.set_column(0, "label", pa.array(["no"] * 100))
    report = check_performance(lone, Config(), reference=path)
    assert report.performance is not None
    assert report.performance.metric("ctr").current == 0.0  # type: ignore[union-attr]


def test_roles_are_no_features(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path, Config(performance=SETTINGS))
    config = Config(performance=SETTINGS)
    raw = check_features(REFERENCE, CURRENT, config)
    assert list(check_features(path, CURRENT, Config()).features) == list(raw.features)
    without = CURRENT.drop_columns(["click"])
    assert not check_features(path, without, Config()).incomplete


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("float64", "float32"), ("float32", "float64"), ("int64", "float64"), ("int32", "int64"),
        ("int64", "float32"), ("uint8", "int64"), ("int64", "double"), ("float16", "float64"),
        ("float64", "decimal128(9, 2)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_types_meet_as_with_the_rows(stored: str, now: str, kind: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    whole = "int" in stored or "int" in now
    values = rng.integers(0, 30, (2, 500)) if whole else np.round(rng.gamma(2, 5, (2, 500)), 1)
    if "decimal" in now:
        values = np.round(values, 2)
    types = [pa.type_for_alias(t) if "(" not in t else pa.decimal128(9, 2) for t in (stored, now)]
    before, after = (
        pa.table({"x": pa.array(side).cast(type_, safe=False)})
        for side, type_ in zip(values, types, strict=True)
    )
    config = Config(columns=Columns(types={"x": kind}))
    path = kept(before, tmp_path, config)
    raw = check_features(before, after, config)
    report = check_features(path, after, Config())
    told, expected = (
        [_without_ends(check) for check in found.features["x"].checks] for found in (report, raw)
    )
    assert told == expected
    assert report.features["x"].new_categories == raw.features["x"].new_categories


def _without_ends(check: Decision) -> Decision:
    """Leave out where bins end, which the two types round differently."""
    details = {n: v for n, v in check.result.details.items() if n not in ("low", "high")}
    return replace(check, result=replace(check.result, details=details))


def test_a_text_reference_keeps_its_types(tmp_path: Path) -> None:
    words = "n,word\n" + "\n".join(f"{n % 40},w{n % 3}" for n in range(400))
    (tmp_path / "r.csv").write_text(words)
    (tmp_path / "c.csv").write_text(words.replace("7,w1", "seven,w1"))
    path = kept(tmp_path / "r.csv", tmp_path)
    raw, stored = (error(side, tmp_path / "c.csv") for side in (tmp_path / "r.csv", path))
    assert raw == stored
    assert "'seven'" in raw


def error(reference: Any, current: Any, config: Config = Config()) -> str:  # noqa: B008
    with pytest.raises(DriftcliError) as caught:
        check_features(reference, current, config)
    return str(caught.value)


def test_a_kind_that_differs_is_a_schema_failure_as_with_the_rows(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    words = pa.array([str(n) for n in range(ROWS)])
    odd = CURRENT.set_column(0, "plain", words).drop_columns(["zeros"]).append_column("new", words)
    raw, stored = (check_features(side, odd, Config()) for side in (REFERENCE, path))
    assert compared(raw) == compared(stored)
    assert stored.features["zeros"].checks[0].reason == "no such column in current"


def test_config_that_contradicts_the_baseline(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    config = Config(columns=Columns(types={"small": "categorical"}))
    assert error(path, CURRENT, config) == (
        f"{path}: column 'small': columns.types says categorical, and the baseline was made with"
        " numeric. make the baseline again with this config"
    )


def test_kinds_that_the_config_set_stay(tmp_path: Path) -> None:
    config = Config(columns=Columns(types={"small": "categorical"}))
    path = kept(REFERENCE, tmp_path, config)
    raw = check_features(REFERENCE, CURRENT, config)
    stored = check_features(path, CURRENT, Config())
    assert compared(raw) == compared(stored)
    assert raw.features["small"].kind == "categorical"


def test_95_a_baseline_of_another_data_set(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    other = pa.table({"x": range(50)})
    assert error(path, other) == (
        f"{path}: column 'plain': the baseline of another data set: no such column in "
        f"{check_features(other, other, Config()).current.source}, nor any other"
    )


def test_columns_left_out_are_not_new(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path, Config(columns=Columns(exclude=("plain",))))
    report = check_features(path, CURRENT, Config())
    assert "plain" not in report.features
    assert not any("plain" in warning for warning in report.warnings)
    again = check_features(path, CURRENT, Config(columns=Columns(exclude=("plain",))))
    assert again.warnings == report.warnings
    asked = check_features(path, CURRENT, Config(columns=Columns(include=("plain", "zeros"))))
    assert asked.features["plain"].checks[0].reason == "no such column in the reference"


def test_a_baseline_is_no_current(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    expected = f"{path}: a baseline in the place of data. it can only be the reference: REF CUR"
    assert error(REFERENCE, path) == expected.replace(
        "it can only be the reference: REF CUR",
        "REF must be the baseline on whose edges it was made",
    )
    with pytest.raises(DriftcliError) as caught:
        check_performance(path, Config())
    assert str(caught.value) == expected


def test_a_baseline_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path).rename(tmp_path / "renamed.parquet")
    assert compared(check_features(path, CURRENT, Config()))["features"]
    trap = pa.table({"x": range(99)}, metadata={"about": "driftcli-baseline"})
    pq.write_table(trap, tmp_path / "data.parquet")
    assert check_features(tmp_path / "data.parquet", trap, Config()).reference is not None


def test_doubtful_settings_are_told(tmp_path: Path) -> None:
    config = Config(input=Input(null_values=("", "none")))
    path = kept(REFERENCE, tmp_path, config)
    told = f"{path}: made with another config (input.null_values or input.encoding)"
    assert told in check_features(path, CURRENT, Config()).warnings
    assert told not in check_features(path, CURRENT, config).warnings


def test_rows_of_a_baseline_are_chosen_when_it_is_made(tmp_path: Path) -> None:
    config = Config(input=Input(where="small < 6"))
    path = kept(REFERENCE, tmp_path, config)
    filtered = check_features(path, CURRENT, Config(input=Input(current_where="small < 6")))
    assert compared(filtered) == compared(check_features(REFERENCE, CURRENT, config))
    warning = f"{path}: made of the rows 'small < 6', current is not"
    assert warning in check_features(path, CURRENT, Config()).warnings
    assert error(path, CURRENT, Config(input=Input(reference_where="small < 5"))) == (
        f"{path}: the rows of a baseline cannot be filtered."
        " filter when it is made, and CUR with --current-where"
    )


def test_without_stored_performance(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    with pytest.raises(DriftcliError) as caught:
        check_performance(CURRENT, Config(), reference=path)
    assert str(caught.value) == (
        f"{path}: holds no performance. make it with baseline create REF --label NAME --score NAME"
    )


def test_other_roles_than_the_baseline_was_made_with(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path, Config(performance=SETTINGS))
    config = Config(performance=replace(SETTINGS, label="truth"))
    with pytest.raises(DriftcliError) as caught:
        check_performance(CURRENT, config, reference=path)
    assert str(caught.value) == (
        f"{path}: label 'truth', and the baseline was made with 'click'."
        " make it again, or leave label away"
    )


def test_a_config_with_performance_and_a_reference_without_labels(tmp_path: Path) -> None:
    made = create_baseline(REFERENCE.drop_columns(["click"]), Config(performance=SETTINGS))
    assert made.baseline.performance is None
    assert [w.partition(": ")[2] for w in made.warnings] == [
        "no column 'click', so the baseline holds no performance"
    ]
    with pytest.raises(DriftcliError, match="column 'click': no such column"):
        create_baseline(
            REFERENCE.drop_columns(["click"]), Config(performance=SETTINGS), performance=True
        )


def test_what_every_later_run_would_refuse_is_refused_now(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("x\n" + "1.5\n" * 50 + "1,5\n".replace(",", ";"))
    with pytest.raises(DriftcliError) as caught:
        create_baseline(tmp_path / "r.csv", Config())
    assert "column 'x'" in str(caught.value)
    with pytest.raises(DriftcliError) as caught:
        create_baseline(REFERENCE, Config(columns=Columns(include=("lists",))))
    assert str(caught.value).endswith(
        "column 'lists': list values are not compared; only missing values are checked. "
        "set its type, or leave it out with --exclude"
    )


def test_identifiers_keep_no_value(tmp_path: Path) -> None:
    path = kept(REFERENCE, tmp_path)
    assert b"user 1 17" not in path.read_bytes()
    assert "user 1 17" not in json.dumps(pq.read_table(path).to_pydict(), default=str)
