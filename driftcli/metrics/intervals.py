"""Confidence intervals that stay inside a metric's range, and the estimates built on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from driftcli.intervals import normal_quantile, student_quantile, wilson
from driftcli.metrics.base import Estimate, Interval
from driftcli.summaries.scored.cells import Floats, Ints

UNIT: Interval = (0.0, 1.0)
REAL: Interval = (-math.inf, math.inf)
NOT_NEGATIVE: Interval = (0.0, math.inf)


def logit_interval(value: float, standard_error: float, level: float) -> Interval:
    """Return the Wald interval on the logit scale, for values strictly between 0 and 1."""
    z = normal_quantile(level)
    centre = math.log(value / (1.0 - value))
    spread = z * standard_error / (value * (1.0 - value))
    return _expit(centre - spread), _expit(centre + spread)


def _expit(x: float) -> float:
    """Return 1 / (1 + exp(−x)) without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def log_interval(value: float, standard_error: float, quantile: float) -> Interval | None:
    """Return the interval on the log scale of a value above 0; ``None`` where it overflows."""
    spread = quantile * standard_error / value
    if spread > 700.0 or not math.isfinite(value * math.exp(spread)):
        return None
    return value * math.exp(-spread), value * math.exp(spread)


def proportion(hits: float, n: int, level: float, **details: Any) -> Estimate:
    """Return a share with Wilson's interval; ``n`` is above 0."""
    share = hits / n
    error = math.sqrt(share * (1.0 - share) / n)
    return Estimate(share, error, wilson(share, n, level), n, details=details)


def unit_estimate(
    value: float,
    standard_error: float,
    n: int,
    level: float,
    trials: int,
    details: Mapping[str, Any],
) -> Estimate:
    """Return a value between 0 and 1 with its logit interval.

    At 0 and 1 no variance is seen. There the interval is Wilson's for ``trials`` independent trials
    that all went one way, and the standard error is what would make it as wide: never 0.
    """
    if 0.0 < value < 1.0:
        interval = logit_interval(value, standard_error, level) if standard_error else None
        return Estimate(value, standard_error, interval or (value, value), n, details=details)
    low, high = wilson(value, trials, level)
    error = (high - low) / normal_quantile(level)
    return Estimate(value, error, (low, high), n, details=details)


def weighted_moments(values: Floats, counts: Ints | None = None) -> tuple[float, float | None, int]:
    """Return the mean of values that occur so many times, its standard error, and how many.

    Returns
    -------
    mean : float
    standard_error : float or None
        From the variance with n − 1; ``None`` for a single value.
    n : int
    """
    n = int(counts.sum()) if counts is not None else len(values)
    weighted = values if counts is None else values * counts
    mean = float(weighted.sum()) / n
    if n < 2:
        return mean, None, n
    # a constant's mean may be off by a rounding, which is no spread
    if values.min() == values.max():
        return mean, 0.0, n
    deviations = values - mean
    # in units of the widest, whose square can neither overflow nor vanish
    unit = float(np.abs(deviations).max())
    squares = (deviations / unit) ** 2
    total = float((squares if counts is None else squares * counts).sum())
    return mean, unit * math.sqrt(total / (n - 1) / n), n


def mean_estimate(
    values: Floats,
    level: float,
    counts: Ints | None = None,
    bounds: Interval = REAL,
    details: Mapping[str, Any] | None = None,
) -> Estimate:
    """Return a mean with its Student interval, cut at the bounds of what is possible.

    Parameters
    ----------
    values : ndarray of float64, shape (cells,)
        At least one.
    level : float
    counts : ndarray of int64, shape (cells,), optional
        How often each value occurs.
    bounds : tuple of float
        Where they are 0 and 1 and every value sits on the same one, Wilson's interval is taken.
    details : mapping, optional
    """
    mean, error, n = weighted_moments(values, counts)
    if bounds == UNIT and mean in UNIT:
        return unit_estimate(mean, 0.0, n, level, n, details or {})
    interval = None
    if error is not None:
        spread = student_quantile(level, n - 1) * error
        interval = max(bounds[0], mean - spread), min(bounds[1], mean + spread)
    return Estimate(mean, error, interval, n, details=details or {})


def positive_estimate(
    values: Floats, level: float, root: bool = False, details: Mapping[str, Any] | None = None
) -> Estimate:
    """Return the mean of values from 0 upwards (or its root) with an interval on the log scale.

    The log scale keeps the interval above 0 and follows the skew of errors; for the root the
    standard error is the delta method's, half the relative error of the mean.
    """
    mean, error, n = weighted_moments(values)
    value = math.sqrt(mean) if root else mean
    if error is None or mean == 0.0:
        return Estimate(value, error, None, n, details=details or {})
    own = error / (2.0 * value) if root else error
    interval = log_interval(value, own, student_quantile(level, n - 1))
    return Estimate(value, own, interval, n, details=details or {})


def all_finite(values: Floats) -> bool:
    """Return whether no value is infinite; the sum alone may overflow."""
    return bool(np.isfinite(values).all())
