"""Metrics of predicted numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from driftcli.intervals import normal_quantile
from driftcli.metrics.base import NO_ROWS, Better, Estimate, Metric, Options, skipped
from driftcli.metrics.hypotheses import welch, z_test
from driftcli.metrics.intervals import (
    NOT_NEGATIVE,
    REAL,
    all_finite,
    log_interval,
    mean_estimate,
    positive_estimate,
)
from driftcli.summaries.scored import RegressionSummary
from driftcli.summaries.scored.cells import Floats

PairsEstimate = Callable[[Floats, Floats, Options], Estimate]


def _finite(compute: PairsEstimate) -> Callable[[RegressionSummary, Options], Estimate]:
    """Return the estimate of labels and predictions that refuses infinity, given or arisen."""

    def estimate(summary: RegressionSummary, options: Options) -> Estimate:
        if not summary.rows:
            return Estimate(None, skip=NO_ROWS)
        label, prediction = summary.label, summary.prediction
        if not (all_finite(label) and all_finite(prediction)):
            odd = int(np.count_nonzero(~np.isfinite(label) | ~np.isfinite(prediction)))
            return skipped(f"{odd} rows with an infinite label or prediction", summary.rows)
        with np.errstate(over="ignore", invalid="ignore"):
            result = compute(label, prediction, options)
        numbers = (result.value or 0.0, result.standard_error or 0.0)
        if not all(math.isfinite(number) for number in numbers):
            return skipped("the numbers are too large to square", summary.rows)
        return result

    return estimate


def _mae(label: Floats, prediction: Floats, options: Options) -> Estimate:
    """Mean absolute error."""
    return positive_estimate(np.abs(prediction - label), options.level)


def _rmse(label: Floats, prediction: Floats, options: Options) -> Estimate:
    """Root of the mean squared error."""
    return positive_estimate((prediction - label) ** 2, options.level, root=True)


def _mape(label: Floats, prediction: Floats, options: Options) -> Estimate:
    """Mean absolute error as a share of the label, of the rows whose label is not 0."""
    kept = label != 0.0
    excluded = len(label) - int(np.count_nonzero(kept))
    if excluded == len(label):
        return skipped("every label is 0")
    shares = np.abs((prediction[kept] - label[kept]) / label[kept])
    return positive_estimate(shares, options.level, details={"excluded": excluded})


def _r2(label: Floats, prediction: Floats, options: Options) -> Estimate:
    """One minus squared errors over the label's own squared deviations.

    A row moves the ratio ρ = 1 − R² by (e² − ρd²)/mean(d²); interval on the scale of ln ρ.
    """
    n = len(label)
    if label[0] == label[-1]:
        return skipped("the label is constant", n)
    # in units of the widest deviation, whose square can neither overflow nor vanish
    offsets = label - label.mean()
    offsets -= offsets.mean()  # what the rounded mean of large labels is off by
    unit = float(np.abs(offsets).max())
    errors, deviations = ((prediction - label) / unit) ** 2, (offsets / unit) ** 2
    total = float(deviations.sum())
    ratio = float(errors.sum()) / total
    error = math.sqrt(float(((errors - ratio * deviations) ** 2).sum())) / total
    ends = log_interval(ratio, error, normal_quantile(options.level)) if ratio > 0.0 else None
    interval = (1.0 - ends[1], 1.0 - ends[0]) if ends else None
    return Estimate(1.0 - ratio, error, interval, n)


def _bias(label: Floats, prediction: Floats, options: Options) -> Estimate:
    """Mean of prediction minus label."""
    return mean_estimate(prediction - label, options.level)


def _rmse_pvalue(reference: Estimate, current: Estimate) -> float | None:
    """Welch's test of the mean squared errors, which are equal exactly where the roots are."""
    return welch(_squared(reference), _squared(current))


def _squared(estimate: Estimate) -> Estimate:
    """Return the estimate of the square."""
    value, error = estimate.value or 0.0, estimate.standard_error
    spread = None if error is None else 2.0 * value * error
    return replace(estimate, value=value * value, standard_error=spread)


def _bias_pvalue(reference: Estimate, current: Estimate) -> float | None:
    """Welch's test of the growth of |bias|; conservative near 0."""
    return welch(
        replace(reference, value=abs(reference.value or 0.0)),
        replace(current, value=abs(current.value or 0.0)),
    )


def _metric(
    name: str,
    title: str,
    compute: PairsEstimate,
    pvalue: Callable[[Estimate, Estimate], float | None],
    text: tuple[str, str],
    max_drop: float | None = None,
    better: Better = "lower",
    relative: bool = True,
) -> Metric:
    """Return a metric of this task."""
    estimate = _finite(compute)
    return Metric(
        name, title, "regression", better, max_drop, estimate, pvalue, *text,
        relative=relative, bounds=NOT_NEGATIVE if relative else (-math.inf, 1.0),
    )  # fmt: skip


# Judged by default: errors as a share of the baseline's, and what share of the spread is explained.
# The bias has the label's unit, so no default fits; MAPE explodes near labels of 0.
METRICS: tuple[Metric, ...] = (
    _metric(
        "mae", "Mean absolute error", _mae, welch,
        ("Mean absolute error, in the label's unit; its drop is relative.",
         "mean of the rows' errors, Student interval on the log scale; Welch 1947"),
        0.1,
    ),
    _metric(
        "rmse", "Root mean squared error", _rmse, _rmse_pvalue,
        ("Root of the mean squared error, in the label's unit; its drop is relative.",
         "delta method, Student interval on the log scale; Welch 1947 on the squares"),
        0.1,
    ),
    _metric(
        "mape", "Mean absolute percentage error", _mape, welch,
        ("Mean absolute error as a share of the label, without labels of 0; its drop is relative.",
         "mean of the rows' errors, Student interval on the log scale; Welch 1947"),
    ),
    _metric(
        "r2", "R²", _r2, z_test,
        ("Share of the label's spread that the predictions explain.",
         "delta method, interval on the scale of ln(1 − R²)"),
        0.05, "higher", False,
    ),
    Metric(
        "bias", "Bias", "regression", "neither", None, _finite(_bias), _bias_pvalue,
        "Mean of prediction minus label, in the label's unit; its drop is the growth of |bias|.",
        "mean of the rows' errors, Student interval; Welch 1947",
        distance=abs, bounds=REAL,
    ),
)  # fmt: skip
