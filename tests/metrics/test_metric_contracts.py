"""What every metric of the registry keeps; a newcomer is tested by being registered."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from driftcli.metrics import METRICS, METRICS_BY_TASK, Estimate, Metric, Options, Task, drop
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)

EVERY = [
    pytest.param(task, metric, id=f"{task}-{name}")
    for task, metrics in METRICS_BY_TASK.items()
    for name, metric in metrics.items()
]


def columns(task: Task, rows: int = 600) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    score = np.round(rng.beta(2, 3, rows), 2).clip(0.01, 0.99)
    if task == "binary":
        return {"label": rng.random(rows) < score, "score": score}
    if task == "multiclass":
        shares = rng.dirichlet([1, 1, 1], rows)
        return {"label": rng.integers(0, 3, rows), "probabilities": shares}
    if task == "regression":
        label = rng.normal(5, 2, rows)
        return {"label": label, "prediction": label + rng.normal(size=rows)}
    relevance = (rng.random(rows) < score).astype(float)
    return {"group": rng.integers(0, 80, rows), "relevance": relevance, "score": score}


def summary(task: Task, data: dict[str, Any]) -> Any:
    if task == "binary":
        return BinarySummary.from_arrays(**data)
    if task == "multiclass":
        return MulticlassSummary.from_arrays(["x", "y", "z"], **data)
    build: Any = RegressionSummary if task == "regression" else RankingSummary
    return build.from_arrays(**data)


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_estimate_is_whole(task: Task, metric: Metric) -> None:
    result = metric.estimate(summary(task, columns(task)), Options())
    assert result.skip is None
    assert result.value is not None
    assert result.standard_error is not None
    assert result.interval is not None
    low, high = result.interval
    assert metric.bounds[0] <= low < result.value < high <= metric.bounds[1]
    # Wilson's interval is wider than the normal one near 1, where the hit rate is
    assert (high - low) / result.standard_error == pytest.approx(2 * 1.96, rel=0.1)
    assert 0 < result.n <= 600


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_row_order_and_batches_change_no_bit(task: Task, metric: Metric) -> None:
    data = columns(task)
    order = np.random.default_rng(1).permutation(600)
    parts = [
        summary(task, {name: column[rows] for name, column in data.items()})
        for rows in np.array_split(order, 7)
    ]
    merged = parts[0].merge(*parts[1:])
    assert metric.estimate(merged, Options()) == metric.estimate(summary(task, data), Options())


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_no_drop_against_itself(task: Task, metric: Metric) -> None:
    side = metric.estimate(summary(task, columns(task)), Options())
    result = drop(metric, side, side)
    assert (result.effect, result.pvalue, result.skip) == (0.0, 1.0, None)
    assert result.interval is not None
    assert result.interval[0] < 0.0 < result.interval[1]


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_twice_the_rows_keep_the_value(task: Task, metric: Metric) -> None:
    data = columns(task)
    once = metric.estimate(summary(task, data), Options())
    again = dict(data)
    if task == "ranking":
        again["group"] = data["group"] + 1000
    both = summary(task, data).merge(summary(task, again))
    twice = metric.estimate(both, Options())
    assert twice.value == pytest.approx(once.value, rel=1e-13)
    assert twice.standard_error == pytest.approx(
        (once.standard_error or 0) / math.sqrt(2), rel=0.01
    )


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_no_rows_is_a_skip(task: Task, metric: Metric) -> None:
    empty = summary(task, {name: column[:0] for name, column in columns(task).items()})
    result = metric.estimate(empty, Options())
    assert result.value is None
    assert result.skip is not None
    assert result.skip.reason == "not defined: no rows"


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_registry(task: Task, metric: Metric) -> None:
    assert metric.task == task
    assert METRICS_BY_TASK[task][metric.name] is metric
    assert (metric.better == "neither") == (metric.distance is not None)
    assert metric.title
    assert metric.description.endswith(".")
    assert metric.source
    union = METRICS[metric.name]
    assert (union.better, union.max_drop, union.relative, union.bounds) == (
        metric.better, metric.max_drop, metric.relative, metric.bounds,
    )  # fmt: skip


def test_judged_by_default() -> None:
    judged = {
        task: {name: m.max_drop for name, m in metrics.items() if m.max_drop is not None}
        for task, metrics in METRICS_BY_TASK.items()
    }
    assert judged == {
        "binary": {"auc": 0.05, "log_loss": 0.05, "brier": 0.05, "ctr": 0.05, "accuracy": 0.05},
        "multiclass": {"accuracy": 0.05, "macro_f1": 0.05, "log_loss": 0.05},
        "regression": {"mae": 0.1, "rmse": 0.1, "r2": 0.05},
        "ranking": {"ndcg": 0.05, "map": 0.05, "mrr": 0.05, "hit_rate": 0.05},
    }


@pytest.mark.parametrize(("task", "metric"), EVERY)
def test_the_largest_drop_is_from_end_to_end(task: Task, metric: Metric) -> None:
    largest = metric.largest_drop
    if metric.relative or metric.better == "neither" or math.inf in map(abs, metric.bounds):
        assert largest is None
        return
    worst, best = metric.bounds if metric.better == "higher" else metric.bounds[::-1]
    assert drop(metric, Estimate(best), Estimate(worst)).effect == largest
    assert metric.max_drop is None or metric.max_drop < (largest or 0.0)
    assert METRICS[metric.name].largest_drop == largest
