"""Regression metrics against scikit-learn and the bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from driftcli.metrics import METRICS_BY_TASK, Estimate, Options
from driftcli.summaries.scored import RegressionSummary

REGRESSION = METRICS_BY_TASK["regression"]


def data(n: int, seed: int = 0, decimals: int = 17) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.gamma(3.0, 2.0, n)
    label, prediction = x + rng.normal(size=n), x + 0.3
    label = np.where(np.abs(label) < 0.2, 0.2, label)
    return np.round(label, decimals), np.round(prediction, decimals)


def estimate(name: str, label: Any, prediction: Any) -> Estimate:
    summary = RegressionSummary.from_arrays(np.array(label), np.array(prediction))
    return REGRESSION[name].estimate(summary, Options())


ORACLES = {
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
    "mape": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
    "bias": lambda y, p: np.mean(p - y),
}


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize(("n", "decimals"), [(3000, 17), (3000, 0), (4, 17)])
def test_equal_to_scikit_learn(name: str, n: int, decimals: int) -> None:
    label, prediction = data(n, 3, decimals)
    label = np.where(label == 0, 1.0, label)
    result = estimate(name, label, prediction)
    assert result.value == pytest.approx(float(ORACLES[name](label, prediction)), rel=1e-12, abs=0)
    assert result.value is not None
    assert result.interval is not None
    assert result.interval[0] < result.value < result.interval[1]


@pytest.mark.parametrize("name", REGRESSION)
def test_standard_error_is_near_the_bootstrap(name: str) -> None:
    rng = np.random.default_rng(2)
    label, prediction = data(800, 6)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 800, 800)
        draws.append(estimate(name, label[rows], prediction[rows]).value)
    # the standard deviation of 400 draws is good for 3.5 %, three times that is allowed
    error = estimate(name, label, prediction).standard_error
    assert error == pytest.approx(np.std(np.array(draws, dtype=float), ddof=1), rel=0.11)


def test_bias_interval_is_students() -> None:
    label, prediction = data(12, 4)
    result = estimate("bias", label, prediction)
    expected = stats.ttest_1samp(prediction - label, 0).confidence_interval(0.95)
    assert result.interval == pytest.approx((expected.low, expected.high), rel=1e-10)


def test_mape_leaves_out_labels_of_zero() -> None:
    result = estimate("mape", [0.0, 2.0, 4.0], [1.0, 1.0, 4.0])
    assert (result.value, result.n, result.details) == (0.25, 2, {"excluded": 1})
    skip = estimate("mape", [0.0, -0.0], [1.0, 1.0]).skip
    assert skip is not None
    assert skip.reason == "not defined: every label is 0"


def test_r2_of_a_constant_label() -> None:
    skip = estimate("r2", [3.0, 3.0], [1.0, 2.0]).skip
    assert skip is not None
    assert skip.reason == "not defined: the label is constant"


@pytest.mark.parametrize(("base", "unit"), [(1e12, 2.0**-12), (1e15, 0.125), (-1e15, 1.0)])
def test_r2_of_large_labels_is_that_of_their_differences(base: float, unit: float) -> None:
    rng = np.random.default_rng(5)
    steps = rng.integers(0, 4, 501) * unit
    errors = rng.choice([-unit, unit], 501)
    small, large = (estimate("r2", at + steps, at + steps + errors).value for at in (0.0, base))
    assert small == pytest.approx(sk.r2_score(steps, steps + errors), rel=1e-12)
    assert large == pytest.approx(small, rel=1e-12)


def test_exact_predictions() -> None:
    values = [1.0, 2.0, 4.0]
    assert estimate("r2", values, values) == Estimate(1.0, 0.0, None, 3)
    assert estimate("rmse", values, values) == Estimate(0.0, 0.0, None, 3)
    assert estimate("mae", values, values) == Estimate(0.0, 0.0, None, 3)


def test_a_single_row_has_no_error() -> None:
    assert estimate("mae", [1.0], [3.0]) == Estimate(2.0, None, None, 1)


@pytest.mark.parametrize("name", REGRESSION)
def test_infinite_values_are_refused(name: str) -> None:
    skip = estimate(name, [1.0, 2.0, np.inf], [np.inf, 2.0, 3.0]).skip
    assert skip is not None
    assert skip.reason == "not defined: 2 rows with an infinite label or prediction"


def test_overflow_is_refused() -> None:
    skip = estimate("rmse", [1e200, 2.0], [-1e200, 3.0]).skip
    assert skip is not None
    assert skip.reason == "not defined: the numbers are too large to square"


@pytest.mark.parametrize("unit", [2.0**-990, 2.0**990])
@pytest.mark.parametrize("name", ["mae", "mape", "r2", "bias"])
def test_the_unit_of_the_label_does_not_matter(name: str, unit: float) -> None:
    label, prediction = data(50, 4)
    plain, scaled = (
        estimate(name, label, prediction),
        estimate(name, label * unit, prediction * unit),
    )
    by = unit if name in ("mae", "bias") else 1.0
    assert scaled.value == pytest.approx((plain.value or 0.0) * by, rel=1e-12, abs=0)
    error = (plain.standard_error or 0.0) * by
    assert scaled.standard_error == pytest.approx(error, rel=1e-12, abs=0)


def test_a_metric_without_a_value_tells_its_rows() -> None:
    assert estimate("mae", [1.0, 2.0, np.inf], [np.inf, 2.0, 3.0]).n == 3
    assert estimate("rmse", [1e200, 2.0], [-1e200, 3.0]).n == 2
    assert estimate("r2", [3.0, 3.0], [1.0, 2.0]).n == 2


def test_errors_have_students_interval_on_the_log_scale() -> None:
    label, prediction = data(12, 4)
    errors = np.abs(prediction - label)
    reach = stats.t.isf(0.025, 11) * stats.sem(errors) / errors.mean()
    ends = errors.mean() * np.exp([-reach, reach])
    assert estimate("mae", label, prediction).interval == pytest.approx(tuple(ends), rel=1e-9)
    # the root has half the relative error of the mean
    squares = errors**2
    reach = stats.t.isf(0.025, 11) * stats.sem(squares) / squares.mean() / 2
    ends = np.sqrt(squares.mean()) * np.exp([-reach, reach])
    assert estimate("rmse", label, prediction).interval == pytest.approx(tuple(ends), rel=1e-9)


def test_r2_has_its_interval_on_the_scale_of_what_is_not_explained() -> None:
    label, prediction = data(60, 4)
    errors, deviations = (prediction - label) ** 2, (label - label.mean()) ** 2
    ratio = errors.sum() / deviations.sum()
    error = np.sqrt(((errors - ratio * deviations) ** 2).sum()) / deviations.sum()
    reach = stats.norm.isf(0.025) * error / ratio
    result = estimate("r2", label, prediction)
    assert result.standard_error == pytest.approx(error, rel=1e-12)
    ends = 1 - ratio * np.exp([reach, -reach])
    assert result.interval == pytest.approx(tuple(ends), rel=1e-10)
    assert result.n == 60


def test_the_sign_of_a_bias_does_not_matter_to_its_growth() -> None:
    pvalue = REGRESSION["bias"].pvalue
    up, down = Estimate(0.3, 0.1, n=40), Estimate(-0.3, 0.1, n=40)
    assert pvalue(up, down) == pvalue(down, up) == 1.0
    grown = [pvalue(Estimate(0.1, 0.1, n=40), side) for side in (up, down)]
    assert grown[0] == grown[1] < 0.2


def test_stored_roots_are_compared_by_their_squares() -> None:
    pvalue = REGRESSION["rmse"].pvalue
    found = pvalue(Estimate(2.0, 0.1, n=40), Estimate(3.0, 0.2, n=30))
    expected = stats.ttest_ind_from_stats(
        4.0, 0.4 * np.sqrt(40), 40, 9.0, 1.2 * np.sqrt(30), 30, equal_var=False
    )
    assert found == pytest.approx(expected.pvalue, rel=1e-9)
    fixed = pvalue(Estimate(2.0), Estimate(3.0, 0.2, n=30))
    assert fixed == pytest.approx(2 * stats.t.sf(5 / 1.2, 29), rel=1e-9)
