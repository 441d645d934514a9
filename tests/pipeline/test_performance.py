"""Performance from end to end; values are scikit-learn's."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics as oracle

from driftcli.config import Config, Performance
from driftcli.errors import DataError, UsageError
from driftcli.model import (
    Decision,
    DecisionPolicy,
    LabelCoverage,
    MetricValue,
    PerformanceResult,
    Report,
    Status,
)
from driftcli.pipeline.performance import check_performance

DATA = Path(__file__).parents[2] / "examples" / "data"
REFERENCE, CURRENT = DATA / "reference.parquet", DATA / "current.parquet"
LABELS = DATA / "labels.parquet"
ROWS = 400
EXACT = 1e-12  # sums in another order


def run(current: Any, *, reference: Any = None, baseline: Any = None, **settings: Any) -> Report:
    decision = DecisionPolicy(min_rows=settings.pop("min_rows", 30))
    config = Config(performance=Performance(**settings), decision=decision)
    return check_performance(current, config, reference=reference, baseline=baseline)


def result_of(report: Report) -> PerformanceResult:
    assert report.performance is not None
    return report.performance


def value(report: Report, name: str) -> MetricValue:
    found = result_of(report).metric(name)
    assert found is not None
    return found


def values(report: Report) -> dict[str, float | None]:
    return {metric.metric: metric.current for metric in result_of(report).metrics}


def verdict(report: Report, name: str) -> Decision:
    found = value(report, name).decision
    assert found is not None
    return found


def log(seed: int = 0, rows: int = ROWS) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    label = (rng.random(rows) < 0.4).astype(np.int64)
    return {"label": label, "score": np.clip(0.3 * label + 0.7 * rng.random(rows), 0, 1)}


def of_binary(label: Any, score: Any, decided: Any) -> dict[str, float]:
    return {
        "auc": oracle.roc_auc_score(label, score),
        "log_loss": oracle.log_loss(label, np.clip(score, 1e-15, 1 - 1e-15)),
        "brier": oracle.brier_score_loss(label, score),
        "ctr": float(np.mean(label)),
        "accuracy": oracle.accuracy_score(label, decided),
        "precision": oracle.precision_score(label, decided),
        "recall": oracle.recall_score(label, decided),
        "f1": oracle.f1_score(label, decided),
        "average_precision": oracle.average_precision_score(label, score),
        "calibration": float(np.sum(score) / np.sum(label)),
    }


def of_file(path: Path) -> dict[str, Any]:
    names = ["flight_id", "label", "score", "prediction"]
    table = pq.read_table(path, columns=names)
    return {name: np.array(table[name].to_pylist()) for name in names}


def test_the_examples_as_scikit_learn_sees_them() -> None:
    report = run(CURRENT, reference=REFERENCE)
    for path, side in ((CURRENT, "current"), (REFERENCE, "reference")):
        data = of_file(path)
        expected = of_binary(data["label"], data["score"], data["prediction"])
        found = {m.metric: getattr(m, side) for m in result_of(report).metrics}
        assert found == pytest.approx(expected, rel=EXACT)
    score = of_file(CURRENT)["score"]
    assert result_of(report).mean_score == pytest.approx(score.mean(), rel=EXACT)
    assert result_of(report).std_score == pytest.approx(score.std(ddof=1), rel=EXACT)
    assert result_of(report).task == "binary"
    drifted = [m.metric for m in result_of(report).metrics if m.decision and m.decision.status
               is Status.DRIFT]  # fmt: skip
    assert drifted == ["log_loss", "accuracy"]


def test_the_examples_with_labels_that_come_late() -> None:
    data = of_file(CURRENT)
    late = pq.read_table(LABELS)
    known = dict(zip(late["flight_id"].to_pylist(), late["label"].to_pylist(), strict=True))
    has = np.array([flight in known for flight in data["flight_id"]])
    label = np.array([known.get(flight, -1) for flight in data["flight_id"]])[has]
    report = run(CURRENT, labels=str(LABELS), join_on="flight_id")
    coverage = result_of(report).coverage
    assert coverage == LabelCoverage(len(has), len(known), 0)
    assert 0.5 < (coverage.share or 0) < 1
    expected = of_binary(label, data["score"][has], data["prediction"][has])
    assert values(report) == pytest.approx(expected, rel=EXACT)
    assert result_of(report).columns == {
        "label": "label", "score": "score", "prediction": "prediction", "key": "flight_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (lambda y: y.astype(float), None),
        (lambda y: y == 1, None),
        (lambda y: np.where(y == 1, "yes", "no"), "yes"),
        (lambda y: 2 * y - 1, 1),
        (lambda y: pa.array(np.where(y == 1, "1", "0").tolist()).dictionary_encode(), None),
        (lambda y: y + 1, "2"),
    ],
)
def test_70_labels_in_every_spelling_give_the_same_metrics(labels: Any, positive: Any) -> None:
    data = log()
    plain = values(run(pa.table(data)))
    data["label"] = labels(data["label"])
    assert values(run(pa.table(data), positive=positive)) == plain


def test_the_cutoff_decides_where_nothing_was_predicted() -> None:
    data = log()
    for cutoff in (0.25, 0.5, 0.75):
        expected = of_binary(data["label"], data["score"], data["score"] >= cutoff)
        found = values(run(pa.table(data), cutoff=cutoff))
        assert found == pytest.approx(expected, rel=EXACT)


def test_several_classes_as_scikit_learn_sees_them() -> None:
    rng = np.random.default_rng(1)
    label = rng.choice(["a", "b", "c"], ROWS)
    shares = rng.dirichlet([1, 1, 1], ROWS)
    columns = {f"p_{name}": shares[:, i] for i, name in enumerate("abc")}
    decided = np.array(list("abc"))[shares.argmax(axis=1)]
    report = run(pa.table({"label": label, **columns}), score=("p_c", "p_a", "p_b"))
    assert values(report) == pytest.approx(
        {
            "accuracy": oracle.accuracy_score(label, decided),
            "macro_f1": oracle.f1_score(label, decided, average="macro"),
            "weighted_f1": oracle.f1_score(label, decided, average="weighted"),
            "log_loss": oracle.log_loss(label, shares, labels=["a", "b", "c"]),
            "auc_ovr": oracle.roc_auc_score(label, shares, multi_class="ovr"),
        },
        rel=EXACT,
    )
    alone = run(pa.table({"label": label, "prediction": decided}))
    assert {name: values(alone)[name] for name in ("accuracy", "macro_f1", "log_loss")} == {
        "accuracy": values(report)["accuracy"],
        "macro_f1": values(report)["macro_f1"],
        "log_loss": None,
    }
    assert not alone.incomplete


def test_numbers_as_scikit_learn_sees_them() -> None:
    rng = np.random.default_rng(2)
    label = rng.normal(10, 3, ROWS)
    guess = label + rng.normal(0.5, 1, ROWS)
    report = run(pa.table({"label": label, "prediction": guess}))
    assert result_of(report).task == "regression"
    assert values(report) == pytest.approx(
        {
            "mae": oracle.mean_absolute_error(label, guess),
            "rmse": oracle.root_mean_squared_error(label, guess),
            "mape": oracle.mean_absolute_percentage_error(label, guess),
            "r2": oracle.r2_score(label, guess),
            "bias": float((guess - label).mean()),
        },
        rel=EXACT,
    )


@pytest.mark.parametrize("encode", [False, True])
def test_ranked_lists_as_scikit_learn_sees_them(encode: bool) -> None:
    rng = np.random.default_rng(3)
    label, score = rng.integers(0, 2, (40, 10)), rng.random((40, 10))
    group = pa.array([f"u{i}" for i in range(40) for _ in range(10)])
    shuffled = rng.permutation(ROWS)
    table = pa.table(
        {
            "label": label.ravel(),
            "score": score.ravel(),
            "user": group.dictionary_encode() if encode else group,
        }
    ).take(pa.array(shuffled))
    report = run(table, group="user", k=5)
    ranks = [(-s).argsort() for s in score]
    hits = [row[rank][:5] for row, rank in zip(label, ranks, strict=True)]
    assert values(report)["ndcg"] == pytest.approx(oracle.ndcg_score(label, score, k=5), rel=EXACT)
    assert values(report)["hit_rate"] == pytest.approx(
        float(np.mean([hit.any() for hit in hits])), rel=EXACT
    )
    assert values(report)["mrr"] == pytest.approx(
        math.fsum(1 / (hit.argmax() + 1) for hit in hits if hit.any()) / 40, rel=EXACT
    )


@pytest.mark.parametrize(
    ("only", "undefined"),
    [
        (1, {"auc": "no negatives", "average_precision": "no negatives"}),
        (
            0,
            dict.fromkeys(("auc", "average_precision", "recall", "calibration"), "no positives"),
        ),
    ],
)
def test_69_labels_of_one_class(only: int, undefined: dict[str, str]) -> None:
    data = log() | {"label": np.full(ROWS, only)}
    report = run(pa.table(data), reference=pa.table(log(1)))
    skips = {m.metric: m.skip.reason for m in result_of(report).metrics if m.skip}
    assert skips == {name: f"not defined: {reason}" for name, reason in undefined.items()}
    assert value(report, "ctr").current == float(only)
    assert report.incomplete
    assert verdict(report, "auc").status is Status.NOT_EVALUATED


def test_scores_that_are_missing_are_counted_and_left_out() -> None:
    data = log()
    gaps = np.arange(ROWS) % 4
    score = [None if gap == 0 else math.nan if gap == 1 else s for gap, s in
             zip(gaps, data["score"], strict=True)]  # fmt: skip
    report = run(pa.table({"label": data["label"], "score": score}))
    kept = gaps > 1
    expected = of_binary(data["label"][kept], data["score"][kept], data["score"][kept] >= 0.5)
    assert values(report) == pytest.approx(expected, rel=EXACT)
    assert report.warnings == ("pyarrow.Table: 200 labelled rows have no score and are left out",)
    assert result_of(report).coverage == LabelCoverage(ROWS, ROWS)
    assert value(report, "auc").n_current == 200


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (10, "10 rows, minimum 30"),
        (60, "15.0 % of the labelled rows, minimum 50 %"),
    ],
)
def test_too_few_scores_are_no_better_than_too_few_labels(left: int, reason: str) -> None:
    data = log()
    score = [s if i < left else None for i, s in enumerate(data["score"])]
    report = run(pa.table({"label": data["label"], "score": score}))
    assert report.incomplete
    assert verdict(report, "auc").reason == f"not enough scored rows: {reason}"


def test_a_single_row_without_a_score() -> None:
    data = log()
    score = [None, *data["score"][1:]]
    report = run(pa.table({"label": data["label"], "score": score}))
    assert report.warnings == ("pyarrow.Table: 1 labelled row has no score and is left out",)


def test_73_too_few_labels_leave_every_metric_unevaluated() -> None:
    data = log()
    label = [int(y) if i < 150 else None for i, y in enumerate(data["label"])]
    table = pa.table({"label": pa.array(label), "score": data["score"]})
    report = run(table, reference=pa.table(log(1)))
    reason = "not enough labels: 37.5 % of the rows, minimum 50 %"
    assert {m.skip.reason for m in result_of(report).metrics if m.skip} == {reason}
    assert set(values(report).values()) == {None}
    assert report.incomplete
    assert verdict(report, "auc").reason == reason
    enough = run(table, min_label_share=0.375)
    assert not enough.incomplete
    assert value(enough, "auc").n_current == 150
    assert result_of(enough).coverage == LabelCoverage(ROWS, 150)


def test_a_reference_without_labels_is_told() -> None:
    reference = pa.table({**log(1), "label": pa.nulls(ROWS, pa.int64())})
    report = run(pa.table(log()), reference=reference)
    reason = "not enough labels: 0.0 % of the rows, minimum 50 % (reference)"
    assert verdict(report, "auc").reason == reason
    assert report.incomplete
    assert values(report)["auc"] is not None


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return tmp_path / "metrics.json"


def test_a_plain_number_is_fixed_and_says_so(stored: Path) -> None:
    stored.write_text('{"auc": 0.95}')
    report = run(pa.table(log()), baseline=stored)
    auc = value(report, "auc")
    judged = verdict(report, "auc")
    assert (auc.reference, auc.reference_error, auc.n_reference) == (0.95, None, 0)
    assert judged.result.details["baseline"] == "fixed"
    assert judged.result.effect == pytest.approx(0.95 - (auc.current or 0), rel=EXACT)
    assert judged.status is Status.DRIFT
    assert [m.metric for m in result_of(report).metrics if m.decision] == ["auc"]
    assert report.reference is None
    # p from the current side alone: it falls as current grows, whatever is stored
    small = verdict(run(pa.table(log(rows=40)), baseline=stored), "auc")
    assert small.result.pvalue is not None
    assert judged.result.pvalue is not None
    assert judged.result.pvalue < small.result.pvalue


def test_a_plain_number_has_no_rows_that_could_be_too_few(stored: Path) -> None:
    stored.write_text('{"auc": 0.95}')
    report = run(pa.table(log(rows=100)), baseline=stored, min_rows=100)
    assert not report.incomplete
    assert verdict(report, "auc").result.n_reference == 0


def test_a_plain_number_that_cannot_be_is_refused(stored: Path) -> None:
    stored.write_text('{"auc": 1.95}')
    with pytest.raises(DataError) as caught:
        run(pa.table(log()), baseline=stored)
    assert str(caught.value) == f"{stored}: auc: must be between 0 and 1, got 1.95"


def test_a_reference_and_a_baseline_are_one_too_many(stored: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run("nowhere.parquet", reference="nowhere.parquet", baseline=stored)
    assert str(caught.value) == "a reference and a baseline. give one of the two"


def test_an_earlier_run_is_as_good_as_its_log(stored: Path) -> None:
    before, now = pa.table(log(1)), pa.table(log())
    stored.write_text(run(before).to_json())
    from_file, from_log = run(now, baseline=stored), run(now, reference=before)
    assert result_of(from_file).metrics == result_of(from_log).metrics
    assert verdict(from_file, "auc").pvalue_adjusted is not None
    assert "baseline" not in verdict(from_file, "auc").result.details


def test_an_earlier_run_without_its_errors_is_fixed(stored: Path) -> None:
    written = json.loads(run(pa.table(log(1))).to_json())
    for metric in written["performance"]["metrics"]:
        metric["current_error"] = None
    stored.write_text(json.dumps(written))
    judged = verdict(run(pa.table(log()), baseline=stored), "auc")
    assert judged.result.details["baseline"] == "fixed"


def test_the_largest_drop_is_a_setting(stored: Path) -> None:
    stored.write_text('{"auc": 0.95, "brier": 0.01}')
    table = pa.table(log())

    def status(limit: float | None) -> Status:
        return verdict(run(table, baseline=stored, max_drop={"auc": limit}), "auc").status

    assert status(0.05) is Status.DRIFT
    assert status(0.5) is Status.CHANGED
    assert status(None) is Status.OK
    told = verdict(run(table, baseline=stored, max_drop={"auc": None}), "auc")
    assert (told.threshold, told.pvalue_adjusted) == (None, None)
    assert told.reason.startswith("drop 0.0")
    other = verdict(run(table, baseline=stored, max_drop={"auc": None}), "brier")
    assert other.threshold is not None
    assert other.threshold.origin == "default"


def test_what_only_informs_never_makes_a_run_incomplete() -> None:
    # average precision is not defined here, and nobody asked for a limit
    data = log() | {"label": np.zeros(ROWS, dtype=int)}
    limits = dict.fromkeys(["auc", "calibration"])
    report = run(pa.table(data), reference=pa.table(log(1)), max_drop=limits)
    assert value(report, "average_precision").current is None
    assert not report.incomplete


def test_labels_need_a_key() -> None:
    with pytest.raises(UsageError) as caught:
        run(CURRENT, labels=str(LABELS), join_on="fligt_id")
    assert str(caught.value).endswith(
        "column 'fligt_id': no such column. did you mean 'flight_id'?"
    )


def test_labels_and_their_key_go_together() -> None:
    # before anything is read
    with pytest.raises(UsageError) as caught:
        run("nowhere.parquet", labels="nowhere.parquet")
    assert str(caught.value) == "--labels needs a key to join by. name it with --on"
    with pytest.raises(UsageError) as caught:
        run("nowhere.parquet", join_on="flight_id")
    assert str(caught.value) == "--on joins labels, and there are none. name them with --labels"


def test_labels_that_belong_to_no_row_are_counted(tmp_path: Path) -> None:
    data = log()
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"id": np.arange(ROWS) + 100, "label": data["label"]}), path)
    table = pa.table({"id": np.arange(ROWS), "score": data["score"]})
    report = run(table, labels=str(path), join_on="id")
    assert result_of(report).coverage == LabelCoverage(ROWS, ROWS - 100, 100)
    assert value(report, "ctr").current == data["label"][:300].mean()
    assert report.warnings == (f"{path}: 100 labels belong to no row",)
    assert "label" not in {field.lower() for field in table.column_names}


def test_the_reference_brings_its_own_labels(tmp_path: Path) -> None:
    data = log()
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"id": np.arange(ROWS), "label": data["label"]}), path)
    now = pa.table({"id": np.arange(ROWS), "score": data["score"]})
    settings = {"labels": str(path), "join_on": "id"}
    report = run(now, reference=pa.table(log(1)), **settings)
    assert result_of(report).reference_coverage == LabelCoverage(ROWS, ROWS)
    with pytest.raises(UsageError, match="no such column"):
        run(now, reference=now, **settings)


def test_the_key_may_be_the_group(tmp_path: Path) -> None:
    data = log()
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"id": np.arange(ROWS), "label": data["label"]}), path)
    table = pa.table({"id": np.arange(ROWS), "score": data["score"]})
    report = run(table, labels=str(path), join_on="id", group="id")
    assert result_of(report).task == "ranking"
    # lists of one row: the first hit is the first place
    assert value(report, "mrr").current == data["label"].mean()


def test_labels_of_lists_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        run(pa.table({"label": pa.array([[1]] * 50), "score": [0.5] * 50}))
    assert str(caught.value) == (
        "pyarrow.Table: column 'label': list<item: int64> where numbers, text or truth values are"
        " needed"
    )


def test_text_of_polars_is_text(tmp_path: Path) -> None:
    data = log()
    words = np.where(data["label"] == 1, "yes", "no")
    keys = [f"k{i}" for i in range(ROWS)]
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"key": keys, "label": words}), path)
    scores = {"key": keys, "score": data["score"], "prediction": words}
    expected = run(pa.table({**scores, "label": words}), positive="yes")
    whole = run(polars.DataFrame({**scores, "label": words}), positive="yes")
    late = run(polars.DataFrame(scores), labels=str(path), join_on="key", positive="yes")
    assert values(expected) == values(whole) == values(late)
    ranked = {"label": data["label"], "score": data["score"], "user": [k[:3] for k in keys]}
    one, other = (run(frame(ranked), group="user") for frame in (pa.table, polars.DataFrame))
    assert values(one) == values(other)


def test_one_label_alone_is_told_by_the_reference() -> None:
    before, now = log(1), log()
    before["label"] = np.where(before["label"] == 1, "yes", "no")
    now["label"] = np.full(ROWS, "no")
    report = run(pa.table(now), reference=pa.table(before), positive="yes")
    assert value(report, "ctr").current == 0.0
    with pytest.raises(DataError, match="every label is 'no', none is the positive 'yes'"):
        run(pa.table(now), positive="yes")


def test_columns_that_do_not_make_up_the_task_are_refused() -> None:
    data = log()
    with pytest.raises(UsageError) as caught:
        run(pa.table({**data, "other": data["score"]}), score=("score", "other"), task="binary")
    assert str(caught.value) == (
        "pyarrow.Table: 2 score columns, and the task binary takes one. name it with --score"
    )


def test_an_earlier_run_of_another_task_is_refused(stored: Path) -> None:
    data = log()
    stored.write_text(run(pa.table(data), task="regression").to_json())
    with pytest.raises(DataError) as caught:
        run(pa.table(data), baseline=stored)
    assert str(caught.value) == (
        f"{stored}: holds metrics of task regression, and this run is binary. say which with --task"
    )


@pytest.mark.parametrize("task", ["multiclass", "regression", "ranking"])
def test_an_earlier_run_of_every_task_is_a_baseline(stored: Path, task: str) -> None:
    def side(seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        names = rng.choice(["a", "b", "c"], ROWS)
        shares = dict(zip(["p_a", "p_b", "p_c"], rng.dirichlet([1, 1, 1], ROWS).T, strict=True))
        amount = rng.normal(10, 1, ROWS)
        guess = amount + rng.normal(0, 1, ROWS)
        clicks, user = rng.integers(0, 2, ROWS), rng.integers(0, 60, ROWS)
        return pa.table({"names": names, "amount": amount, "guess": guess, "clicks": clicks,
                         "user": user, **shares})  # fmt: skip

    columns: dict[str, dict[str, Any]] = {
        "multiclass": {"label": "names", "score": ("p_a", "p_b", "p_c")},
        "regression": {"label": "amount", "score": "guess"},
        "ranking": {"label": "clicks", "score": "guess", "group": "user"},
    }
    settings, before, now = columns[task], side(1), side(2)
    stored.write_text(run(before, **settings).to_json())
    from_file = run(now, baseline=stored, **settings)
    assert from_file.warnings == ()
    assert result_of(from_file).metrics == result_of(run(now, reference=before, **settings)).metrics


def test_what_the_reader_must_know_of_either_side() -> None:
    label = np.arange(ROWS) % 50.0
    guess = label + 0.5
    report = run(
        pa.table({"label": label, "prediction": guess}),
        reference=pa.table({"label": label[:60], "prediction": guess[:60]}),
    )
    assert report.warnings == (
        "pyarrow.Table: mape: 8 rows with a label of 0 left out",
        "pyarrow.Table: mape: 2 rows with a label of 0 left out",
    )


def test_no_rows_are_refused() -> None:
    with pytest.raises(DataError, match=r"0 rows$"):
        run(pa.table({"label": pa.array([], pa.int64()), "score": pa.array([], pa.float64())}))
