"""Ranking metrics against scikit-learn and against all orders of tied rows."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from driftcli.metrics import METRICS_BY_TASK, Estimate, Options, ties
from driftcli.metrics.ties import Ranked
from driftcli.summaries.scored import RankingSummary

RANKING = METRICS_BY_TASK["ranking"]


def estimate(name: str, group: Any, relevance: Any, score: Any, k: int = 10) -> Estimate:
    summary = RankingSummary.from_arrays(np.array(group), np.array(relevance), np.array(score))
    return RANKING[name].estimate(summary, Options(k=k))


def grid(seed: int, groups: int, size: int, levels: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    relevance = rng.integers(0, levels, (groups, size)).astype(float)
    relevance[0] = 0.0
    return relevance, np.round(rng.random((groups, size)), 1)


@pytest.mark.parametrize("k", [1, 3, 10, 50])
@pytest.mark.parametrize("size", [2, 7, 30])
def test_ndcg_equals_scikit_learn(k: int, size: int) -> None:
    relevance, score = grid(k, 40, size, 4)
    group = np.repeat(np.arange(40), size)
    result = estimate("ndcg", group, relevance.ravel(), score.ravel(), k)
    assert result.value == pytest.approx(ndcg_score(relevance, score, k=k), rel=1e-12)
    assert result.n == 40
    each = ties.ndcg(
        Ranked.of(RankingSummary.from_arrays(group, relevance.ravel(), score.ravel())), k
    )
    expected = [ndcg_score(relevance[[i]], score[[i]], k=k) for i in range(40)]
    assert each == pytest.approx(expected, rel=1e-12)


def by_all_orders(relevance: Any, score: Any, k: int) -> tuple[float, float, float]:
    """AP@k, RR@k and hit@k, averaged over every order that the scores allow."""
    values = []
    for order in itertools.permutations(range(len(score))):
        if any(score[i] < score[j] for i, j in itertools.pairwise(order)):
            continue
        hits = [relevance[i] > 0 for i in order][:k]
        most = min(int((relevance > 0).sum()), k)
        precisions = [sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit]
        ap = sum(precisions) / most if most else 0.0
        rr = 1 / (hits.index(True) + 1) if True in hits else 0.0
        values.append((ap, rr, float(any(hits))))
    ap, rr, hit = np.mean(values, axis=0)
    return float(ap), float(rr), float(hit)


@pytest.mark.parametrize("k", [1, 2, 4, 10])
@pytest.mark.parametrize("seed", range(4))
def test_ties_are_averaged_over_all_orders(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [1, 2, 5, 6, 6, 3]
    group = np.repeat(np.arange(6), sizes)
    relevance = (rng.random(len(group)) < 0.4).astype(float)
    score = rng.integers(0, 3, len(group)).astype(float)
    ranked = Ranked.of(RankingSummary.from_arrays(group, relevance, score))
    expected = [by_all_orders(relevance[group == g], score[group == g], k) for g in range(6)]
    reciprocal, hit = ties.first_relevant(ranked, k)
    found = np.column_stack([ties.average_precision(ranked, k), reciprocal, hit])
    assert found == pytest.approx(np.array(expected), rel=1e-13, abs=1e-15)


def test_a_worked_example() -> None:
    group = ["u", "u", "u", "v", "v", "w"]
    relevance = [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    score = [0.9, 0.8, 0.1, 0.5, 0.5, 0.3]
    columns = (group, relevance, score)
    assert estimate("map", *columns, k=2).value == pytest.approx((0.5 / 2 + 0.75 + 0) / 3)
    assert estimate("mrr", *columns).value == pytest.approx((0.5 + 0.75 + 0) / 3)
    assert estimate("hit_rate", *columns, k=1).value == pytest.approx((0 + 0.5 + 0) / 3)
    result = estimate("hit_rate", *columns)
    assert result.value == 2 / 3
    assert result.n == 3
    assert result.details == {"k": 10, "groups_without_relevant": 1}


@pytest.mark.parametrize("name", ["ndcg", "map", "mrr"])
def test_intervals_are_over_groups(name: str) -> None:
    relevance, score = grid(1, 30, 8, 2)
    group = np.repeat(np.arange(30), 8)
    result = estimate(name, group, relevance.ravel(), score.ravel())
    each = [
        estimate(name, group[group == g], relevance[g], score[g]).value or 0.0 for g in range(30)
    ]
    assert result.value == pytest.approx(math.fsum(each) / 30, rel=1e-13)
    assert result.standard_error == pytest.approx(np.std(each, ddof=1) / math.sqrt(30), rel=1e-12)


@pytest.mark.parametrize("name", RANKING)
def test_perfect_lists_still_have_a_bound(name: str) -> None:
    group, relevance = np.repeat(np.arange(20), 2), np.tile([1.0, 0.0], 20)
    result = estimate(name, group, relevance, relevance)
    z2 = 1.959963984540054**2
    assert result.value == 1.0
    assert result.interval == pytest.approx((20 / (20 + z2), 1.0), rel=1e-12)
