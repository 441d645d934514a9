"""Metrics by window: a day's drop among the drops of the reference's days."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as oracle

from driftcli.baselines.file import write
from driftcli.config import Config, Performance, Task, Time
from driftcli.model import Decision, DecisionPolicy, Report, Status
from driftcli.pipeline.baseline import create_baseline, merge_baselines
from driftcli.pipeline.performance import check_performance
from driftcli.renderers import json as to_json

START = datetime(2026, 1, 5)
BY_DAY = Config(time=Time(column="t"))
EXACT = 1e-12  # sums in another order
ROWS = 200


def log(
    seed: int, days: int, *, first: int = 0, rows: int = ROWS, noise: Any = 1.0, mood: float = 0.3
) -> pa.Table:
    """Scores of a model whose errors are as large as the day's mood, times `noise`."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), rows)
    truth = rng.normal(0, 1, days * rows)
    spread = (np.exp(rng.normal(0, mood, days)) * noise)[day]
    score = truth + spread * rng.normal(0, 1, days * rows)
    since = int((START - datetime(1970, 1, 1)).total_seconds()) + 86_400 * first
    seconds = since + 86_400 * day + rng.integers(0, 86_400, days * rows)
    return pa.table(
        {
            "t": pa.array(seconds, pa.timestamp("s")),
            "label": pa.array((truth > 0.5).astype(int)),
            "score": 1 / (1 + np.exp(-score)),
            "amount": truth * 10 + 100,
            "estimate": score * 10 + 100,
            "list": pa.array(rng.integers(0, 50, days * rows) + 1000 * day),
            "class": pa.array(np.array(["a", "b", "c"])[np.digitize(truth, [-0.5, 0.5])]),
            "guess": pa.array(np.array(["a", "b", "c"])[np.digitize(score, [-0.5, 0.5])]),
        }
    )


REFERENCE = log(1, 40)
ROLES: dict[Task, dict[str, Any]] = {
    "binary": {},
    "multiclass": {"label": "class", "prediction": "guess", "score": ()},
    "regression": {"label": "amount", "prediction": "estimate"},
    "ranking": {"label": "label", "score": "score", "group": "list", "k": 3},
}


def by_day(**settings: Any) -> Config:
    return replace(BY_DAY, performance=Performance(**settings))


def run(current: Any, config: Config = BY_DAY, **sides: Any) -> Report:
    return check_performance(current, config, **(sides or {"reference": REFERENCE}))


def check(report: Report, metric: str = "auc") -> Decision:
    assert report.performance is not None
    found = report.performance.metric(metric)
    assert found is not None
    assert found.decision is not None
    return found.decision


def in_days(table: pa.Table, score: Callable[..., float]) -> list[float]:
    """Re-read every day, the slow way."""
    days = table["t"].cast(pa.date32()).to_pylist()
    return [
        score(*(part[name].to_numpy() for name in ("label", "score")))
        for day in sorted(set(days))
        for part in [table.filter(pa.array([one == day for one in days]))]
    ]


SCORES: dict[str, tuple[Callable[..., float], int]] = {
    "auc": (oracle.roc_auc_score, -1),
    "log_loss": (oracle.log_loss, 1),
    "brier": (oracle.brier_score_loss, 1),
    "accuracy": (lambda label, score: float(oracle.accuracy_score(label, score >= 0.5)), -1),
}


@pytest.mark.parametrize("metric", SCORES)
def test_a_day_is_ranked_among_the_days_of_the_reference(metric: str) -> None:
    """Against re-reading every day with scikit-learn."""
    score, sign = SCORES[metric]
    current = log(2, 1, first=50, noise=1.3)
    before = score(*(REFERENCE[name].to_numpy() for name in ("label", "score")))
    past = [sign * (value - before) for value in in_days(REFERENCE, score)]
    (value,) = in_days(current, score)
    now = sign * (value - before)
    found = check(run(current, by_day(max_drop={metric: 0.0})), metric)
    assert found.pvalue_from == "windows"
    assert found.result.effect == pytest.approx(now, abs=EXACT)
    assert found.standing is not None
    assert found.standing.larger_than == sum(one < now for one in past)
    assert found.standing.of == 40
    assert found.standing.pvalue == (1 + sum(one >= now for one in past)) / 41


def test_a_usual_day_is_usual_and_a_broken_model_is_not() -> None:
    usual = check(run(log(3, 1, first=50, noise=1.3)))
    assert usual.status is not Status.DRIFT
    broken = run(log(3, 1, first=50, noise=12.0))
    found = check(broken)
    assert found.status is Status.DRIFT
    assert found.reason.endswith("larger than 40 of 40 days of the reference")
    assert broken.among_windows


def test_days_that_differ_do_not_alarm_where_rows_would() -> None:
    """Of 60 unchanged days, each alone: at most what alpha allows, in 99.9 % of such series."""
    limits = dict.fromkeys(("auc", "log_loss", "brier", "accuracy"), 0.005)
    by_days = by_day(max_drop=limits)
    by_rows = replace(by_days, time=Time())
    reference = log(5, 60, rows=2000, mood=0.5)
    fired = {"days": 0, "rows": 0}
    for seed in range(60):
        day = log(100 + seed, 1, first=60 + seed, rows=2000, mood=0.5)
        for null, config in (("days", by_days), ("rows", by_rows)):
            report = check_performance(day, config, reference=reference)
            fired[null] += report.drift_detected
    assert fired["days"] <= 9, fired
    assert fired["rows"] >= 15


@pytest.mark.parametrize("task", ROLES)
def test_every_task_has_windows_and_a_baseline_keeps_them(task: Task, tmp_path: Path) -> None:
    config = by_day(**ROLES[task])
    current = log(4, 6, first=50, noise=3.0)
    raw = run(current, config)
    made = create_baseline(REFERENCE, config, performance=True)
    write(made.baseline, tmp_path / "b")
    kept = run(current, Config(), reference=tmp_path / "b")
    assert raw.performance is not None
    assert kept.performance is not None
    assert raw.performance.task == task
    judged = 0
    for ours, theirs in zip(raw.performance.metrics, kept.performance.metrics, strict=True):
        assert ours.by_window == theirs.by_window
        assert len(ours.by_window) == 6
        if ours.current is not None and ours.decision and ours.decision.threshold:
            judged += 1
            assert theirs.decision is not None
            assert theirs.decision.standing == ours.decision.standing
            assert theirs.decision.series == ours.decision.series
            assert theirs.decision.pvalue_adjusted == ours.decision.pvalue_adjusted
            assert ours.decision.standing is not None
            assert ours.decision.standing.of == 40
    assert judged


def test_of_several_days_the_last_is_judged_and_all_are_shown() -> None:
    current = log(6, 10, first=50, noise=np.array([1.0] * 6 + [15.0] * 4))
    report = run(current)
    assert report.windows is not None
    assert report.windows.judged == "2026-03-05"
    found = check(report)
    assert found.status is Status.DRIFT
    assert found.series is not None
    assert found.series.flagged == (False,) * 6 + (True,) * 4
    assert found.series.since is not None
    assert found.series.since.window == "2026-03-02"
    assert report.performance is not None
    auc = report.performance.metric("auc")
    assert auc is not None
    assert auc.by_window == pytest.approx(in_days(current, oracle.roc_auc_score), abs=EXACT)
    assert auc.current == auc.by_window[-1]
    assert report.current.rows == 10 * ROWS
    assert report.performance.coverage.rows == ROWS
    alone = check(run(current.filter(pa.array(np.arange(10 * ROWS) >= 9 * ROWS))))
    assert alone.pvalue_adjusted == found.pvalue_adjusted
    assert alone.result == found.result


def test_a_last_day_without_labels_is_not_evaluated() -> None:
    current = log(7, 3, first=50)
    labels = np.where(np.arange(3 * ROWS) < 2 * ROWS, current["label"].to_numpy(), -1)
    late = current.set_column(1, "label", pa.array(labels, mask=labels < 0))
    report = run(late)
    assert report.incomplete
    assert check(report).status is Status.NOT_EVALUATED
    assert "not enough labels: 0.0 % of the rows" in check(report).reason
    assert report.performance is not None
    auc = report.performance.metric("auc")
    assert auc is not None
    assert [value is None for value in auc.by_window] == [False, False, True]


def test_a_last_day_with_labels_is_judged_where_most_others_have_none() -> None:
    current = log(7, 5, first=50, noise=15.0)
    labels = np.where(np.arange(5 * ROWS) >= 4 * ROWS, current["label"].to_numpy(), -1)
    late = current.set_column(1, "label", pa.array(labels, mask=labels < 0))
    settings = by_day(min_label_share=0.5)
    assert check(run(late, settings)).status is Status.DRIFT


def test_few_days_are_told_with_the_number_that_it_takes() -> None:
    report = run(log(8, 1, first=50), reference=log(1, 12))
    assert check(report).reason == "12 days of the reference to compare with, alpha 0.05 takes 20"
    assert report.incomplete


def test_rows_without_a_time_are_in_no_window() -> None:
    current = log(9, 1, first=50)
    times = current["t"].to_pylist()
    odd = current.set_column(0, "t", pa.array([None, *times[1:]], pa.timestamp("s")))
    assert "1 rows of current have no time and are in no window" in run(odd).warnings


def without_times(table: pa.Table, rows: int) -> pa.Table:
    """The same, the last rows without a time and with the wrong label."""
    gone = np.arange(table.num_rows) >= table.num_rows - rows
    times = pa.array(table["t"].to_pandas(), pa.timestamp("s"), mask=gone)
    labels = np.where(gone, table["score"].to_numpy() < 0.5, table["label"].to_numpy())
    timed = table.set_column(0, "t", times)
    return timed.set_column(1, "label", pa.array(labels.astype(np.int64)))


def test_of_one_window_only_the_rows_with_a_time_are_judged() -> None:
    current = log(9, 1, first=50)
    half = current.num_rows // 2
    found = check(run(without_times(current, half)))
    assert found == check(run(current.slice(0, half)))
    assert found.status is not Status.DRIFT


@pytest.mark.parametrize("side", ["the reference", "current"])
def test_a_side_without_any_time_is_not_evaluated(side: str) -> None:
    sides = {"the reference": log(1, 40), "current": log(9, 2, first=50)}
    sides[side] = without_times(sides[side], sides[side].num_rows)
    report = run(sides["current"], reference=sides["the reference"])
    assert check(report).status is Status.NOT_EVALUATED
    assert check(report).reason == f"no row of {side} has a time (column 't')"
    assert report.incomplete


def test_current_without_a_time_is_one_window() -> None:
    report = run(log(10, 1, first=50, noise=15.0).drop_columns(["t"]))
    assert report.windows is not None
    assert report.windows.current == ()
    assert check(report).pvalue_from == "windows"
    assert check(report).status is Status.DRIFT


def test_windows_of_rows() -> None:
    config = Config(time=Time(window=f"{ROWS}rows"))
    report = run(log(11, 2, first=50).slice(0, 2 * ROWS - 1), config)
    assert report.windows is not None
    assert report.windows.reference == 40
    assert report.windows.current == ("row 0",)


def test_like_days_only() -> None:
    config = Config(time=Time(column="t", like="weekday"), decision=DecisionPolicy(alpha=0.2))
    report = run(log(12, 1, first=49), config)  # a Monday, as the first day is
    assert check(report).standing is not None
    assert check(report).standing.of == 6  # type: ignore[union-attr]  # the line above says so
    assert "Monday" in check(report).reason or check(report).status is Status.OK


def test_stored_numbers_have_no_windows(tmp_path: Path) -> None:
    stored = tmp_path / "m.json"
    stored.write_text(json.dumps({"auc": 0.8}), encoding="utf-8")
    report = run(log(13, 3, first=50), baseline=stored)
    assert check(report).pvalue_from == "rows"
    assert "stored metrics have no windows to compare with" in report.warnings
    assert report.windows is not None
    assert report.windows.judged is None
    assert report.performance is not None
    assert report.performance.coverage.rows == 3 * ROWS


def test_without_a_reference_each_day_is_measured() -> None:
    current = log(14, 3, first=50)
    report = check_performance(current, BY_DAY)
    assert report.performance is not None
    auc = report.performance.metric("auc")
    assert auc is not None
    assert auc.by_window == pytest.approx(in_days(current, oracle.roc_auc_score), abs=EXACT)
    assert auc.decision is None


def test_a_report_is_read_back_as_it_was() -> None:
    report = run(log(15, 3, first=50))
    (again,) = to_json.parse(to_json.render([report]), "x")
    assert again == report


def test_labels_that_come_late_keep_their_day(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    current = log(16, 4, first=50)
    keyed = current.append_column("id", pa.array(np.arange(len(current))))
    order = np.random.default_rng(0).permutation(len(current))
    pq.write_table(keyed.select(["id", "label"]).take(order), tmp_path / "labels.parquet")
    config = by_day(labels=str(tmp_path / "labels.parquet"), join_on="id")
    joined = check_performance(keyed.drop_columns(["label"]), config, reference=REFERENCE)
    plain = run(current)
    assert joined.performance is not None
    assert plain.performance is not None
    for ours, theirs in zip(joined.performance.metrics, plain.performance.metrics, strict=True):
        assert (ours.by_window, ours.decision) == (theirs.by_window, theirs.decision)


def test_merging_leaves_windows_of_metrics_out(tmp_path: Path) -> None:
    coarse = REFERENCE.set_column(2, "score", pa.array(np.round(REFERENCE["score"].to_numpy(), 2)))
    made = create_baseline(coarse, by_day(), performance=True)
    for name in "ab":
        write(made.baseline, tmp_path / name)
    whole = merge_baselines([tmp_path / "a", tmp_path / "b"])
    assert whole.baseline.windows is None
    assert whole.baseline.performance is not None
    assert whole.baseline.performance["windows"] is None


def test_a_day_of_23_hours_is_one_day() -> None:
    start = datetime(2026, 3, 29)  # the clocks of Paris go forward
    times = [start + timedelta(minutes=6 * i) for i in range(230)]
    current = log(17, 1, rows=230)
    stamps = pa.array(times, pa.timestamp("s")).cast(pa.timestamp("s", tz="UTC"))
    shifted = pa.array([t.timestamp() - 3600 for t in stamps.to_pylist()], pa.float64())
    zoned = shifted.cast(pa.int64()).cast(pa.timestamp("s", tz="Europe/Paris"))
    report = check_performance(current.set_column(0, "t", zoned), BY_DAY, reference=None)
    assert report.windows is not None
    assert report.windows.current == ("2026-03-29",)
