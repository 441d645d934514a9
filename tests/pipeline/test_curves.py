"""Curves and matrices as scikit-learn sees them, to the last digits of sums in another order."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from driftcli.config import Config, Performance, Time
from driftcli.model import ConfusionMatrix, Curves, DecisionPolicy, Histogram, Report
from driftcli.pipeline.baseline import create_baseline
from driftcli.pipeline.curves import MAX_CLASSES, OTHERS, curves_of
from driftcli.pipeline.curves_binary import POINTS, roc_curve
from driftcli.pipeline.performance import check_performance
from driftcli.renderers.json import parse, render, render_line
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RegressionSummary,
    ScoreCells,
)

DATA = Path(__file__).parents[2] / "examples" / "data"
EXACT = 1e-12
Log = dict[str, Any]


def log(seed: int = 0, rows: int = 998, digits: int = 6) -> Log:
    rng = np.random.default_rng(seed)
    label = (rng.random(rows) < 0.3).astype(np.int64)
    return {"label": label, "score": (rng.beta(2, 5, rows) * 0.7 + 0.3 * label).round(digits)}


def summary(data: Log) -> BinarySummary:
    return BinarySummary.from_arrays(data["label"], data["score"])


def curves(data: Log, other: Log | None = None) -> Curves:
    found, _ = curves_of(summary(data), None if other is None else summary(other), 0.5)
    assert found is not None
    return found


def run(current: Log, reference: Any = None, **settings: Any) -> Report:
    if isinstance(reference, dict):
        reference = pa.table(reference)
    config = Config(performance=Performance(**settings))
    return check_performance(pa.table(current), config, reference=reference)


def drawn(report: Report) -> tuple[Curves | None, Curves | None]:
    assert report.performance is not None
    return report.performance.curves, report.performance.reference_curves


# --- ROC ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [1, 2, 6])
def test_roc_points_are_scikit_learns(digits: int) -> None:
    data = log(digits=digits)
    found = curves(data).roc
    assert found is not None
    fpr, tpr, cutoffs = oracle.roc_curve(data["label"], data["score"], drop_intermediate=False)
    theirs = {round(c, 9): (x, y) for c, x, y in zip(cutoffs[1:], fpr[1:], tpr[1:], strict=True)}
    assert (found.fpr[0], found.tpr[0], found.cutoffs[0]) == (0.0, 0.0, None)
    assert (found.fpr[-1], found.tpr[-1], found.cutoffs[-1]) == (1.0, 1.0, data["score"].min())
    assert len(found.fpr) == len(fpr) if digits == 1 else POINTS - 9 < len(found.fpr) <= POINTS
    for x, y, cutoff in zip(found.fpr[1:], found.tpr[1:], found.cutoffs[1:], strict=True):
        assert cutoff is not None
        assert (x, y) == pytest.approx(theirs[round(cutoff, 9)], abs=EXACT)
    if digits == 6:
        steps = np.diff(found.fpr) + np.diff(found.tpr)
        assert steps.max() < 2 * 2 / (POINTS - 1)


def test_the_band_is_campbells_with_massarts_margins() -> None:
    data = log()
    found = curves(data).roc
    assert found is not None
    fpr, tpr, _ = oracle.roc_curve(data["label"], data["score"], drop_intermediate=False)
    positives = int(data["label"].sum())
    alpha = 1 - 0.95**0.5
    d, e = (np.sqrt(np.log(2 / alpha) / 2 / n) for n in (998 - positives, positives))
    for x, low, high in zip(found.fpr, found.low, found.high, strict=True):
        assert low == pytest.approx(max(0.0, tpr[fpr >= x - d].min() - e), abs=EXACT)
        assert high == pytest.approx(min(1.0, tpr[fpr <= x + d].max() + e), abs=EXACT)


def test_the_band_holds_the_true_curve_in_95_of_100_logs() -> None:
    normal, rng, logs = NormalDist(), np.random.default_rng(5), 300
    held = {1.0: 0, 0.5: 0}
    for _ in range(logs):
        negative, positive = rng.normal(size=150), rng.normal(1.0, size=60)
        label = np.repeat([False, True], [150, 60])
        found = roc_curve(ScoreCells.from_arrays(label, np.concatenate([negative, positive])))
        assert found is not None
        true = [normal.cdf(normal.inv_cdf(x) + 1.0) if 0 < x < 1 else x for x in found.fpr]
        low, high, seen = np.array(found.low), np.array(found.high), np.array(found.tpr)
        for width in held:
            above, below = seen + width * (high - seen), seen - width * (seen - low)
            held[width] += bool(((below <= true) & (true <= above)).all())
    least = stats.binom.ppf(1e-6, logs, 0.95)
    assert held[1.0] >= least > held[0.5]


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_roc(label: int) -> None:
    data = log() | {"label": np.full(998, label)}
    found = curves(data)
    assert found.roc is None
    assert found.calibration is not None


# --- calibration ----------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [1, 2, 6])
def test_calibration_is_scikit_learns_with_wilsons_intervals(digits: int) -> None:
    data = log(digits=digits)
    found = curves(data).calibration
    assert found is not None
    observed, predicted = calibration_curve(
        data["label"], data["score"], n_bins=10, strategy="quantile"
    )
    assert found.observed == pytest.approx(observed, abs=EXACT)
    assert found.predicted == pytest.approx(predicted, abs=EXACT)
    assert sum(found.rows) == 998
    if digits == 6:
        assert all(99 <= rows <= 101 for rows in found.rows)
    for share, rows, low, high in zip(
        found.observed, found.rows, found.low, found.high, strict=True
    ):
        test = stats.binomtest(round(share * rows), rows)
        assert (low, high) == pytest.approx(test.proportion_ci(method="wilson"), abs=1e-9)


@pytest.mark.parametrize(("score", "bins"), [([0.5] * 40, 1), ([0.0] * 39 + [1.0], 2)])
def test_rows_of_one_score_are_not_parted(score: list[float], bins: int) -> None:
    found = curves({"label": np.arange(40) % 2, "score": np.array(score)}).calibration
    assert found is not None
    assert len(found.rows) == bins
    assert sum(found.rows) == 40


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    data = log()
    found = curves(data | {"score": data["score"] * 9 - 3})
    assert found.calibration is None
    assert found.roc is not None


# --- histograms -----------------------------------------------------------------------------------


def test_scores_by_label_on_edges_of_both_sides() -> None:
    data, other = log(1), log(2, rows=500)
    first, second = curves_of(summary(data), summary(other), 0.5)
    assert first is not None
    assert second is not None
    pooled = np.concatenate([data["score"], other["score"]])
    for found, side in ((first, data), (second, other)):
        for histogram, label in ((found.negatives, 0), (found.positives, 1)):
            assert histogram is not None
            edges = np.array(histogram.edges)
            assert (edges[0], edges[-1]) == (pooled.min(), pooled.max())
            assert np.ptp(np.diff(edges[1:-1])) < EXACT
            expected, _ = np.histogram(side["score"][side["label"] == label], edges)
            assert histogram.rows == tuple(expected)
    assert first.negatives is not None
    assert second.positives is not None
    assert first.negatives.edges == second.positives.edges


def test_one_score_is_one_bin() -> None:
    found = curves({"label": np.array([0, 1, 1]), "score": np.full(3, 0.25)})
    assert found.positives == Histogram((0.25, 0.25), (2,))
    assert found.negatives == Histogram((0.25, 0.25), (1,))


# --- decisions ------------------------------------------------------------------------------------


def test_the_matrix_at_the_cutoff() -> None:
    data, other = log(3), log(4)
    report = run(data, other, cutoff=0.4)
    for found, side in zip(drawn(report), (data, other), strict=True):
        assert found is not None
        expected = oracle.confusion_matrix(side["label"], side["score"] >= 0.4)
        matrix = ConfusionMatrix(("negative", "positive"), as_tuples(expected), cutoff=0.4)
        assert found.confusion == matrix


def test_the_matrix_of_a_column_of_decisions() -> None:
    data = log(3) | {"prediction": np.arange(998) % 2}
    found, _ = drawn(run(data))
    assert found is not None
    expected = as_tuples(oracle.confusion_matrix(data["label"], data["prediction"]))
    assert found.confusion == ConfusionMatrix(("negative", "positive"), expected)


def as_tuples(matrix: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())


def classified(seed: int, classes: int, rows: int = 700) -> Log:
    rng = np.random.default_rng(seed)
    label = np.minimum(rng.geometric(0.15, rows), classes)
    decided = np.where(rng.random(rows) < 0.7, label, rng.integers(1, classes + 1, rows))
    return {
        "label": [f"c{code:02d}" for code in label],
        "prediction": [f"c{code:02d}" for code in decided],
    }


def test_several_classes() -> None:
    data, other = classified(1, 4), classified(2, 5)
    names = [f"c{code:02d}" for code in range(1, 6)]
    report = run(data, other)
    for found, side in zip(drawn(report), (data, other), strict=True):
        assert found is not None
        label, decided = side["label"], side["prediction"]
        expected = as_tuples(oracle.confusion_matrix(label, decided, labels=names))
        assert found.confusion == ConfusionMatrix(tuple(names), expected)
        known = {"labels": names, "average": None, "zero_division": np.nan}
        theirs = oracle.precision_recall_fscore_support(label, decided, **known)
        ours = [(one.precision, one.recall, one.labelled) for one in found.classes]
        for (precision, recall, rows), *expected_one in zip(ours, *theirs, strict=True):
            values = [np.nan if value is None else value for value in (precision, recall)]
            assert values == pytest.approx(expected_one[:2], abs=EXACT, nan_ok=True)
            assert rows == expected_one[3]
    first = drawn(report)[0]
    assert first is not None
    one = first.classes[0]
    hits = round((one.recall or 0) * one.labelled)
    interval = stats.binomtest(hits, one.labelled).proportion_ci(method="wilson")
    assert one.recall_interval == pytest.approx(interval, abs=1e-9)
    assert (first.classes[4].recall, first.classes[4].recall_interval) == (None, None)


def test_of_many_classes_the_rarest_are_one() -> None:
    data = classified(5, 30, 3000)
    found, _ = drawn(run(data))
    assert found is not None
    assert found.confusion is not None
    matrix = found.confusion
    labels, rows = np.unique(data["label"], return_counts=True)
    frequent = sorted(labels[np.lexsort((labels, -rows))][: MAX_CLASSES - 1])
    assert matrix.classes == (*frequent, OTHERS)
    assert matrix.rest == len(labels) - len(frequent)

    def gathered(side: list[str]) -> list[str]:
        return [name if name in frequent else OTHERS for name in side]

    expected = oracle.confusion_matrix(
        gathered(data["label"]), gathered(data["prediction"]), labels=list(matrix.classes)
    )
    assert matrix.counts == as_tuples(expected)
    assert [one.name for one in found.classes] == frequent


# --- numbers --------------------------------------------------------------------------------------


def test_predicted_and_actual_numbers() -> None:
    rng = np.random.default_rng(8)
    label = rng.normal(size=598) * 50
    guess = label * 0.8 + rng.normal(size=598) * 9
    found, _ = curves_of(RegressionSummary.from_arrays(label, guess), None, 0.5)
    assert found is not None
    assert found.calibration is not None
    curve, edges = found.calibration, np.quantile(guess, np.linspace(0, 1, 11))
    bins = np.searchsorted(edges[1:-1], guess, side="left")
    for i in range(10):
        inside = label[bins == i]
        assert curve.rows[i] == len(inside)
        assert curve.predicted[i] == pytest.approx(guess[bins == i].mean(), rel=EXACT)
        assert curve.observed[i] == pytest.approx(inside.mean(), rel=EXACT)
        span = stats.t.interval(0.95, len(inside) - 1, inside.mean(), stats.sem(inside))
        assert (curve.low[i], curve.high[i]) == pytest.approx(span, rel=1e-9)
    assert found.residuals is not None
    rows, _ = np.histogram(guess - label, found.residuals.edges)
    assert found.residuals.rows == tuple(rows)


def test_a_single_number_has_no_interval() -> None:
    found, _ = curves_of(RegressionSummary.from_arrays(np.ones(3), np.arange(3.0)), None, 0.5)
    assert found is not None
    assert found.calibration is not None
    assert found.calibration.low == found.calibration.high == (None, None, None)


@pytest.mark.parametrize("odd", [np.inf, -np.inf, 1e308])
def test_numbers_without_a_range_have_no_picture(odd: float) -> None:
    summary = RegressionSummary.from_arrays(np.array([1.0, -odd]), np.array([1.0, odd]))
    assert curves_of(summary, None, 0.5) == (Curves(), None)


def test_numbers_too_large_to_square_have_residuals_only() -> None:
    summary = RegressionSummary.from_arrays(np.array([1e200, -1e200]), np.array([1e200, 1e200]))
    found, _ = curves_of(summary, None, 0.5)
    assert found is not None
    assert found.calibration is None
    assert found.residuals is not None
    assert sum(found.residuals.rows) == 2


# --- where from -----------------------------------------------------------------------------------


def test_too_few_labels_and_ranking_have_none() -> None:
    assert drawn(run(log(rows=20), log())) == (None, None)
    ranked = {"label": [1, 0, 0] * 20, "score": [0.5, 0.4, 0.3] * 20}
    ranked["group"] = [i // 3 for i in range(60)]
    assert drawn(run(ranked, task="ranking", group="group")) == (None, None)
    assert curves_of(None, summary(log()), 0.5) == (None, None)
    assert curves_of(BinarySummary(0, 0, None, None), None, 0.5) == (None, None)


def test_another_task_is_not_drawn_beside() -> None:
    several = MulticlassSummary.from_arrays(["a"], np.zeros(9, int), np.zeros(9, int))
    assert curves_of(summary(log()), several, 0.5) == (curves(log()), None)


def test_stored_metrics_have_no_curves(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text(render([run(log(1))]), encoding="utf-8")
    config = Config(performance=Performance())
    report = check_performance(pa.table(log(2)), config, baseline=path)
    found, before = drawn(report)
    assert found is not None
    assert before is None


def baseline_of(data: Log, min_rows: int = 30, **options: Any) -> Any:
    config = Config(
        performance=Performance(label="label", score="score"),
        decision=DecisionPolicy(min_rows=min_rows),
    )
    return create_baseline(pa.table(data), config, performance=True, **options).baseline


def test_a_baseline_draws_what_its_log_did() -> None:
    data, other = log(1), log(2)
    assert drawn(run(data, baseline_of(other))) == drawn(run(data, other))


def test_a_baseline_of_many_scores_draws_to_a_cell() -> None:
    data, other = log(1), log(2, rows=9_000, digits=12)
    first, kept = drawn(run(data, baseline_of(other), cutoff=None))
    _, own = drawn(run(data, other))
    assert own is not None
    assert kept is not None
    assert kept.confusion == own.confusion  # exact, though the cells are not
    assert kept.roc is not None
    assert kept.calibration is not None
    assert own.calibration is not None
    fpr, tpr, _ = oracle.roc_curve(other["label"], other["score"], drop_intermediate=False)
    points = set(zip(fpr.tolist(), tpr.tolist(), strict=True))
    assert set(zip(kept.roc.fpr, kept.roc.tpr, strict=True)) <= points
    assert kept.calibration.predicted == pytest.approx(own.calibration.predicted, abs=2e-3)
    assert kept.calibration.observed == pytest.approx(own.calibration.observed, abs=4e-3)
    assert first is not None


def test_a_baseline_with_too_few_rows_draws_nothing() -> None:
    few = baseline_of(log(2, rows=25))
    assert drawn(run(log(1), few))[1] is None


def test_of_windows_the_judged_one_is_drawn() -> None:
    days = np.datetime64("2024-01-01", "us") + np.arange(990) // 330 * np.timedelta64(1, "D")
    data = log(1, rows=990) | {"at": days}
    past = np.datetime64("2023-01-01", "us") + np.arange(990) // 45 * np.timedelta64(1, "D")
    other = log(2, rows=990) | {"at": past}
    config = Config(performance=Performance(), time=Time(column="at", window="1d"))
    report = check_performance(pa.table(data), config, reference=pa.table(other))
    last = {name: values[660:] for name, values in data.items()}
    expected, before = curves_of(summary(last), summary(other), 0.5)
    assert drawn(report) == (expected, before)


# --- the document ---------------------------------------------------------------------------------


def test_the_json_stays_small_and_is_read_back() -> None:
    for data, other in (
        (log(1, 3000, 12), log(2, 3000, 12)),
        (classified(1, 40, 3000), classified(2, 40, 3000)),
    ):
        report = run(data, other)
        assert parse(render([report]), "x") == [report]
        assert report.performance is not None
        bare = replace(report.performance, curves=None, reference_curves=None)
        added = len(render_line([report])) - len(render_line([replace(report, performance=bare)]))
        assert 1_000 < added < 20_000


def test_results_of_before_are_still_read() -> None:
    document = json.loads(render([run(log(1), log(2))]))
    for name in ("curves", "reference_curves"):
        del document["performance"][name]
    (report,) = parse(json.dumps(document), "x")
    assert isinstance(report, Report)
    assert drawn(report) == (None, None)


def test_no_value_is_nan() -> None:
    report = check_performance(
        DATA / "current.parquet", Config(), reference=DATA / "reference.parquet"
    )
    for found in drawn(report):
        assert found is not None
        json.dumps(asdict(found), allow_nan=False)
