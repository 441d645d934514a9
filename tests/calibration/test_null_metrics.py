"""Where nothing changed, few rows of a class are called a change no oftener than alpha."""

from __future__ import annotations

import numpy as np
import pytest
from binomial import at_most

from driftcli.metrics import METRICS_BY_TASK, Options
from driftcli.summaries.scored import BinarySummary, MulticlassSummary

pytestmark = pytest.mark.slow

ALPHA, RUNS = 0.05, 400
RIGHT = np.array([0.98, 0.9, 0.8])


def scored(rng: np.random.Generator, positives: int, negatives: int, shift: float) -> BinarySummary:
    score = np.concatenate([rng.normal(shift, 1, positives), rng.normal(0, 1, negatives)])
    label = np.arange(positives + negatives) < positives
    return BinarySummary.from_arrays(label, 1 / (1 + np.exp(-score)))


def decided(rng: np.random.Generator, n: int) -> MulticlassSummary:
    label = rng.choice(3, n, p=[0.9, 0.08, 0.02])
    guess = np.where(rng.random(n) < RIGHT[label], label, rng.choice(3, n, p=[0.6, 0.3, 0.1]))
    confusion = np.zeros((3, 3), dtype=np.int64)
    np.add.at(confusion, (label, guess), 1)
    return MulticlassSummary(("a", "b", "c"), confusion)


@pytest.mark.parametrize("metric", ["auc", "average_precision"])
@pytest.mark.parametrize("shift", [0.4, 1.2, 2.4])
@pytest.mark.parametrize("sides", [(100, 10), (10, 100), (30, 30)], ids=str)
def test_few_positives(metric: str, shift: float, sides: tuple[int, int]) -> None:
    chosen = METRICS_BY_TASK["binary"][metric]
    rng = np.random.default_rng([*sides, int(10 * shift)])
    pvalues = []
    for _ in range(RUNS):
        estimates = [chosen.estimate(scored(rng, few, 50 * few, shift), Options()) for few in sides]
        pvalues.append(chosen.pvalue(*estimates))
    assert at_most((p is not None and p < ALPHA for p in pvalues), ALPHA)


@pytest.mark.parametrize("sides", [(20_000, 500), (500, 20_000), (500, 500)], ids=str)
def test_a_rare_class(sides: tuple[int, int]) -> None:
    chosen = METRICS_BY_TASK["multiclass"]["macro_f1"]
    rng = np.random.default_rng(sides)
    pvalues = []
    for _ in range(RUNS):
        estimates = [chosen.estimate(decided(rng, n), Options()) for n in sides]
        pvalues.append(chosen.pvalue(*estimates))
    assert at_most((p is not None and p < ALPHA for p in pvalues), ALPHA)
