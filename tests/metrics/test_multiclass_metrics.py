"""Multiclass metrics against scikit-learn and the bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from driftcli.metrics import METRICS_BY_TASK, Estimate, Options
from driftcli.summaries.scored import MulticlassSummary

MULTICLASS = METRICS_BY_TASK["multiclass"]
CLASSES = ["a", "b", "c", "d"]


def data(n: int, seed: int, decimals: int = 17) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet([2, 1, 0.7, 0.4], n)
    label = (rng.random((n, 1)) > np.cumsum(shares, axis=1)).sum(axis=1).clip(0, 3)
    shares = np.round(shares, decimals) + 0.02
    return label, shares / shares.sum(axis=1, keepdims=True)


def estimate(name: str, label: Any, prediction: Any = None, shares: Any = None) -> Estimate:
    summary = MulticlassSummary.from_arrays(CLASSES, np.array(label), prediction, shares)
    return MULTICLASS[name].estimate(summary, Options())


ORACLES = {
    "accuracy": lambda y, p: sk.accuracy_score(y, p.argmax(axis=1)),
    "macro_f1": lambda y, p: sk.f1_score(y, p.argmax(axis=1), average="macro"),
    "weighted_f1": lambda y, p: sk.f1_score(y, p.argmax(axis=1), average="weighted"),
    "log_loss": lambda y, p: sk.log_loss(y, p, labels=[0, 1, 2, 3]),
    "auc_ovr": lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr", average="macro"),
}


@pytest.mark.parametrize("name", MULTICLASS)
@pytest.mark.parametrize(("n", "decimals"), [(2000, 17), (2000, 1), (25, 17)])
def test_equal_to_scikit_learn(name: str, n: int, decimals: int) -> None:
    label, shares = data(n, 3, decimals)
    result = estimate(name, label, None, shares)
    assert result.value == pytest.approx(float(ORACLES[name](label, shares)), rel=1e-12, abs=0)
    assert result.n == n
    assert result.value is not None
    assert result.interval is not None
    assert result.interval[0] < result.value < result.interval[1]


def test_class_order_does_not_matter() -> None:
    label, shares = data(300, 5)
    turned = MulticlassSummary.from_arrays(CLASSES[::-1], 3 - label, None, shares[:, ::-1])
    straight = MulticlassSummary.from_arrays(CLASSES, label, None, shares)
    for metric in MULTICLASS.values():
        assert metric.estimate(turned, Options()) == metric.estimate(straight, Options())


@pytest.mark.parametrize("name", ["macro_f1", "weighted_f1"])
def test_standard_error_is_near_the_bootstrap(name: str) -> None:
    rng = np.random.default_rng(2)
    label, shares = data(800, 6)
    decision = shares.argmax(axis=1)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 800, 800)
        draws.append(estimate(name, label[rows], decision[rows]).value)
    # the standard deviation of 400 draws is good for 3.5 %, three times that is allowed
    error = estimate(name, label, decision).standard_error
    assert error == pytest.approx(np.std(np.array(draws, dtype=float), ddof=1), rel=0.11)


def test_classes_that_never_occur_do_not_count() -> None:
    label, decision = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 2])
    for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted")):
        expected = sk.f1_score(label, decision, average=average)
        assert estimate(name, label, decision).value == pytest.approx(expected, rel=1e-14)
    by_class = estimate("macro_f1", label, decision).details["f1_by_class"]
    assert by_class == {
        "a": pytest.approx(2 / 3), "b": pytest.approx(2 / 3), "c": 0.0, "d": 0.0,
    }  # fmt: skip


def test_all_right_is_bounded_by_the_rarest_class() -> None:
    label = np.repeat([0, 1], [50, 8])
    result = estimate("macro_f1", label, label)
    z2 = 1.959963984540054**2
    assert result.value == 1.0
    assert result.interval == pytest.approx((8 / (8 + z2), 1.0), rel=1e-12)
    assert result.standard_error is not None
    assert result.standard_error > 0


@pytest.mark.parametrize("name", ["log_loss", "auc_ovr"])
def test_without_probabilities(name: str) -> None:
    skip = estimate(name, [0, 1], np.array([0, 1])).skip
    assert skip is not None
    assert (skip.reason, skip.harmless) == ("not defined: no probability columns", True)


def test_auc_needs_every_class() -> None:
    label, shares = data(200, 1)
    skip = estimate("auc_ovr", label.clip(0, 2), None, shares).skip
    assert skip is not None
    assert skip.reason == "not defined: no rows of class 'd'"
    skip = estimate("auc_ovr", np.zeros(200, dtype=int), None, shares).skip
    assert skip is not None
    assert skip.reason == "not defined: only rows of class 'a'"


def test_log_loss_tells_odd_probabilities() -> None:
    shares = np.array([[0.0, 1.0, 0, 0], [0.5, 0.1, 0, 0], [0, 0, 0, 1.0]])
    result = estimate("log_loss", [0, 0, 3], None, shares)
    assert result.details == {"clipped": 1, "unnormalised": 1}
    skip = estimate("log_loss", [0, 1, 3], None, shares * 3).skip
    assert skip is not None
    assert skip.reason == "not defined: 1 probabilities outside of 0..1"


def test_a_metric_without_a_value_tells_its_rows() -> None:
    label, shares = data(200, 1)
    assert estimate("log_loss", [0, 1], np.array([0, 1])).n == 2
    assert estimate("auc_ovr", [0, 1], np.array([0, 1])).n == 2
    assert estimate("auc_ovr", label.clip(0, 2), None, shares).n == 200
    assert estimate("log_loss", label, None, shares * 3).n == 200


def test_clipping_begins_below_its_bound() -> None:
    shares = np.array([[1e-15, 1 - 1e-15, 0, 0], [0.5, 0.5, 0, 0]])
    assert estimate("log_loss", [0, 0], None, shares).details["clipped"] == 0


def test_many_classes_are_not_told_one_by_one() -> None:
    for count, told in ((50, True), (51, False)):
        label = np.arange(3 * count) % count
        decision = np.where(np.arange(3 * count) % 7 == 0, (label + 1) % count, label)
        shares = (np.eye(count)[decision] + 0.01) / (1 + 0.01 * count)
        names = [f"c{index:02}" for index in range(count)]
        summary = MulticlassSummary.from_arrays(names, label, decision, shares)
        f1 = MULTICLASS["macro_f1"].estimate(summary, Options()).details
        auc = MULTICLASS["auc_ovr"].estimate(summary, Options()).details
        assert ("f1_by_class" in f1, "auc_by_class" in auc) == (told, told)


def test_the_auc_against_the_rest_is_told_by_class() -> None:
    label, shares = data(300, 5)
    result = estimate("auc_ovr", label, None, shares)
    expected = {
        name: sk.roc_auc_score(label == index, shares[:, index])
        for index, name in enumerate(CLASSES)
    }
    assert result.details["auc_by_class"] == pytest.approx(expected, rel=1e-12)
    assert result.details["rarest_class"] == np.bincount(label).min()


def test_a_perfect_auc_against_the_rest_is_bounded_by_the_rarest_class() -> None:
    label = np.repeat([0, 1, 2, 3], [50, 8, 20, 30])
    result = estimate("auc_ovr", label, None, np.eye(4)[label])
    z2 = 1.959963984540054**2
    assert (result.value, result.n) == (1.0, 108)
    assert result.interval == pytest.approx((8 / (8 + z2), 1.0), rel=1e-12)


def test_nothing_right_is_bounded_by_the_rarest_class_too() -> None:
    label = np.repeat([0, 1], [50, 8])
    result = estimate("macro_f1", label, 1 - label)
    z2 = 1.959963984540054**2
    assert result.value == 0.0
    assert result.interval == pytest.approx((0.0, z2 / (8 + z2)), rel=1e-12)


@pytest.mark.parametrize("name", ["macro_f1", "weighted_f1"])
def test_all_right_is_one_to_the_last_digit(name: str) -> None:
    """Shares of classes need not add up to 1 in floats."""
    for count in range(2, 60):
        label = np.repeat(np.arange(count), 1 + np.arange(count) % 7)
        names = [f"c{index:02}" for index in range(count)]
        summary = MulticlassSummary.from_arrays(names, label, label, None)
        result = MULTICLASS[name].estimate(summary, Options())
        assert result.value == 1.0
        assert result.interval is not None
        assert 0 < result.interval[0] < result.interval[1] <= 1.0


def f1_of(confusion: Any, average: str) -> float:
    """F1 of a table of labels by decisions, in floats."""
    labels, decisions = confusion.sum(axis=1), confusion.sum(axis=0)
    each = 2 * np.diag(confusion) / (labels + decisions)
    weights = labels / labels.sum() if average == "weighted" else np.full(len(each), 1 / len(each))
    return float((weights * each).sum())


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_the_error_of_f1_is_the_delta_methods(average: str) -> None:
    """A row moves F1 by its derivative by the row's cell, here as a difference."""
    confusion = np.array([[30, 4, 1, 2], [6, 20, 3, 1], [2, 2, 9, 0], [1, 0, 2, 5]])
    squares = 0.0
    for cell in np.ndindex(4, 4):
        step = np.zeros((4, 4))
        step[cell] = 1e-4
        moved = f1_of(confusion + step, average) - f1_of(confusion - step, average)
        squares += confusion[cell] * (moved / 2e-4) ** 2
    label, decision = (np.repeat(index.ravel(), confusion.ravel()) for index in np.indices((4, 4)))
    result = estimate(f"{average}_f1", label, decision)
    assert result.standard_error == pytest.approx(np.sqrt(squares), rel=1e-6)
