"""95 % intervals hold the truth 95 % of the time, and 5 % of the comparisons of equals reject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from driftcli.metrics import METRICS_BY_TASK, Options, Task, drop
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)

RUNS = 2000
Maker = Callable[[np.random.Generator, int], Any]

# the folded distance from the ideal and the summed errors make these careful by design
CAREFUL = {"calibration", "bias", "auc_ovr"}


def binary(rng: np.random.Generator, rows: int) -> BinarySummary:
    label = rng.random(rows) < 0.25
    score = 1 / (1 + np.exp(0.6 + np.log(3) - rng.normal(size=rows) - 1.2 * label))
    return BinarySummary.from_arrays(label, score)


def multiclass(rng: np.random.Generator, rows: int) -> MulticlassSummary:
    shares = rng.dirichlet([0.6, 0.5, 0.4], rows)
    label = (rng.random((rows, 1)) > np.cumsum(shares, axis=1)).sum(axis=1).clip(0, 2)
    return MulticlassSummary.from_arrays(["a", "b", "c"], label, None, shares)


def regression(rng: np.random.Generator, rows: int) -> RegressionSummary:
    x = rng.uniform(10, 20, rows)
    return RegressionSummary.from_arrays(x + rng.standard_t(8, rows), x + 0.1)


def ranking(rng: np.random.Generator, groups: int) -> RankingSummary:
    score = np.round(rng.random(6 * groups), 1)
    relevance = (rng.random(6 * groups) < score / 2).astype(float)
    return RankingSummary.from_arrays(np.repeat(np.arange(groups), 6), relevance, score)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "make"),
    [("binary", binary), ("multiclass", multiclass), ("regression", regression),
     ("ranking", ranking)],
)  # fmt: skip
def test_coverage(task: Task, make: Maker) -> None:
    metrics = METRICS_BY_TASK[task]
    rng = np.random.default_rng(20)
    truth = {name: m.estimate(make(rng, 600_000), Options()).value for name, m in metrics.items()}
    inside = dict.fromkeys(metrics, 0)
    rejected = dict.fromkeys(metrics, 0)
    for _ in range(RUNS):
        reference, current = make(rng, 800), make(rng, 400)
        for name, metric in metrics.items():
            estimate = metric.estimate(current, Options())
            low, high = estimate.interval or (1.0, 0.0)
            inside[name] += low <= (truth[name] or 0.0) <= high
            result = drop(metric, metric.estimate(reference, Options()), estimate)
            rejected[name] += (result.pvalue or 0.0) < 0.05
    covered = {name: count / RUNS for name, count in inside.items()}
    most = {name: 1.0 if name == "auc_ovr" else 0.97 for name in covered}
    assert {n: share for n, share in covered.items() if not 0.93 <= share <= most[n]} == {}
    chance = {name: count / RUNS for name, count in rejected.items()}
    least = {name: 0.0 if name in CAREFUL else 0.03 for name in chance}
    assert {n: share for n, share in chance.items() if not least[n] <= share <= 0.07} == {}
