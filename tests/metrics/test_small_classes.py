"""Tests of metrics where a class has few rows: p is held back by what both sides know."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from driftcli.metrics import METRICS_BY_TASK, Estimate, Options
from driftcli.metrics.ranks import hanley_mcneil_variance
from driftcli.summaries.scored import BinarySummary

AUC = METRICS_BY_TASK["binary"]["auc"]
PRECISION = METRICS_BY_TASK["binary"]["average_precision"]


def rows(positives: int, negatives: int, shift: float, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    score = np.concatenate([rng.normal(shift, 1, positives), rng.normal(0, 1, negatives)])
    return np.arange(positives + negatives) < positives, 1 / (1 + np.exp(-score))


def estimated(metric: Any, side: tuple[Any, Any]) -> Estimate:
    found = metric.estimate(BinarySummary.from_arrays(*side), Options())
    assert isinstance(found, Estimate)
    return found


def placements(label: Any, score: Any) -> tuple[Any, Any]:
    """Return DeLong's V₁₀ and V₀₁ from the matrix of all pairs."""
    above = (score[label][:, None] > score[~label][None, :]).astype(float)
    return above.mean(axis=1), above.mean(axis=0)


def normal_pvalue(reference: Estimate, current: Estimate) -> float:
    error = math.hypot(reference.standard_error or 0, current.standard_error or 0)
    return float(2 * stats.norm.sf(abs(reference.value - current.value) / error))  # type: ignore[operator]


def pooled_pvalue(reference: tuple[Any, Any], current: tuple[Any, Any]) -> float:
    """Return Student's t with both classes' placements pooled over the sides."""
    before, now = placements(*reference), placements(*current)
    shares, dfs = [], []
    for was, is_now in zip(before, now, strict=True):
        df = len(was) + len(is_now) - 2
        squares = ((was - was.mean()) ** 2).sum() + ((is_now - is_now.mean()) ** 2).sum()
        shares.append(squares / df * (1 / len(was) + 1 / len(is_now)))
        dfs.append(df)
    t = (now[0].mean() - before[0].mean()) / math.sqrt(sum(shares))
    df = sum(shares) ** 2 / sum(s * s / d for s, d in zip(shares, dfs, strict=True))
    return float(2 * stats.t.sf(abs(t), df))


def test_few_positives_that_all_rank_high_are_no_sure_change() -> None:
    sides = rows(300, 5_000, 2.0, 1), rows(8, 500, 3.4, 17)
    reference, current = (estimated(AUC, side) for side in sides)
    assert current.value is not None
    assert current.value > 0.97
    assert normal_pvalue(reference, current) < 1e-6
    held_back = pooled_pvalue(*sides)
    assert held_back > 0.1
    assert AUC.pvalue(reference, current) == pytest.approx(held_back, rel=1e-9)


def test_where_the_current_side_varies_more_the_test_is_delongs() -> None:
    sides = rows(300, 5_000, 2.0, 1), rows(60, 500, 1.0, 2)
    reference, current = (estimated(AUC, side) for side in sides)
    expected = normal_pvalue(reference, current)
    assert expected > pooled_pvalue(*sides)
    assert AUC.pvalue(reference, current) == pytest.approx(expected, rel=1e-12)


def test_a_fixed_reference_expects_the_variance_of_its_value() -> None:
    current = estimated(AUC, rows(6, 500, 3.4, 2))
    assert current.value is not None
    expected = math.sqrt(hanley_mcneil_variance(0.92, 6, 500))
    pvalue = 2 * stats.norm.sf((current.value - 0.92) / expected)
    assert pvalue > normal_pvalue(Estimate(0.92), current)
    assert AUC.pvalue(Estimate(0.92), current) == pytest.approx(pvalue, rel=1e-9)


def test_a_single_positive_borrows_the_reference_s_variance() -> None:
    sides = rows(300, 5_000, 2.0, 1), rows(1, 500, 2.0, 3)
    reference, current = (estimated(AUC, side) for side in sides)
    assert current.details["positives_variance"] == 0.0
    pvalue = AUC.pvalue(reference, current)
    assert pvalue is not None
    assert pvalue >= pooled_pvalue(*sides) * (1 - 1e-9)


def test_no_variance_on_either_side_leaves_the_normal_test() -> None:
    sides = rows(1, 1, 5.0, 1), rows(1, 1, -5.0, 2)
    reference, current = (estimated(AUC, side) for side in sides)
    expected = normal_pvalue(reference, current)
    assert AUC.pvalue(reference, current) == pytest.approx(expected, rel=1e-12)


def test_average_precision_pools_the_variance_of_a_positive() -> None:
    reference = estimated(PRECISION, rows(1_000, 50_000, 2.0, 1))
    current = estimated(PRECISION, rows(10, 500, 3.6, 7))
    spreads = [
        (side.details["rarest_class"], (side.standard_error or 0) ** 2)
        for side in (reference, current)
    ]
    df = sum(count - 1 for count, _ in spreads)
    pooled = sum((count - 1) * count * square for count, square in spreads) / df
    error = math.sqrt(pooled * (1 / 1_000 + 1 / 10))
    assert reference.value is not None
    assert current.value is not None
    expected = 2 * stats.t.sf(abs(current.value - reference.value) / error, df)
    assert expected > normal_pvalue(reference, current)
    assert PRECISION.pvalue(reference, current) == pytest.approx(expected, rel=1e-9)
