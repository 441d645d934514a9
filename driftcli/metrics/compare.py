"""The drop of a metric against its baseline, signed so that worse is positive."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from driftcli.intervals import normal_quantile
from driftcli.metrics.base import Estimate, Interval, Metric
from driftcli.model import MethodResult, Skip


@dataclass(frozen=True, slots=True)
class _Side:
    """One side on the scale where larger is worse; ``low`` and ``high`` bound it."""

    value: float
    low: float
    high: float


def drop(
    metric: Metric, reference: Estimate, current: Estimate, level: float = 0.95
) -> MethodResult:
    """Compare one metric's estimates.

    Parameters
    ----------
    metric : Metric
    reference : Estimate
        From rows, or stored: without a standard error it is taken as a fixed number, and
        ``details["baseline"]`` says ``"fixed"``.
    current : Estimate
    level : float
        Of the drop's interval; the estimates' own intervals are at the same level.

    Returns
    -------
    MethodResult
        ``statistic`` is the current value. ``effect`` is the drop: the loss of a metric whose
        better is higher, the growth of one whose better is lower (as a share of the baseline for
        ``relative`` ones), the growth of the distance from the ideal for ``neither``.
        ``interval`` combines both sides' intervals by MOVER (Zou & Donner 2008), which for shares
        is Newcombe's (1998) method 10 and keeps skewed intervals skewed.
    """
    base = MethodResult(metric.name, current.value, None, None, reference.n, current.n)
    skip = _skip(metric, reference, current)
    if skip is not None:
        return replace(base, skip=skip, details=dict(current.details))
    details = {**current.details, "reference": reference.value}
    if reference.standard_error is None:
        details["baseline"] = "fixed"
    sides = [_side(metric, estimate, level) for estimate in (reference, current)]
    compare = _relative if metric.relative else _absolute
    effect, interval = compare(*sides)
    if not math.isfinite(effect):
        reason = f"not defined: no drop can be told from a reference of {reference.value:g}"
        return replace(base, skip=Skip(reason), details=details)
    return replace(
        base,
        effect=effect,
        pvalue=metric.pvalue(reference, current),
        interval=_known(interval) if current.standard_error is not None else None,
        details=details,
    )


def _skip(metric: Metric, reference: Estimate, current: Estimate) -> Skip | None:
    """Return why there is no drop to tell."""
    if current.skip is not None or current.value is None:
        return current.skip or Skip("not defined: no value")
    if reference.skip is not None or reference.value is None:
        reason = reference.skip.reason if reference.skip else "not defined: no value"
        return Skip(f"{reason} (reference)", bool(reference.skip and reference.skip.harmless))
    low, high = metric.bounds
    if not (math.isfinite(reference.value) and low <= reference.value <= high):
        return Skip(
            f"not defined: the reference {reference.value:g} is outside of {low:g}..{high:g}"
        )
    if metric.relative and reference.value <= 0.0 < current.value:
        return Skip("not defined: the baseline is 0, so there is no relative drop")
    return None


def _known(interval: Interval | None) -> Interval | None:
    """Return the interval where both ends are numbers."""
    return interval if interval and all(math.isfinite(end) for end in interval) else None


def _side(metric: Metric, estimate: Estimate, level: float) -> _Side:
    """Return value and bounds, mapped so that larger is worse."""
    assert estimate.value is not None  # noqa: S101 - for the type checker; _skip has seen to it
    value = estimate.value
    low, high = _bounds(estimate, level)
    if metric.better == "lower":
        return _Side(value, low, high)
    if metric.distance is None:
        return _Side(-value, -high, -low)
    ends = metric.distance(low), metric.distance(high)
    nearest = 0.0 if low <= metric.ideal <= high else min(ends)
    return _Side(metric.distance(value), nearest, max(ends))


def _bounds(estimate: Estimate, level: float) -> Interval:
    """Return the interval: the estimate's own, else the normal one, else none at all."""
    value = estimate.value or 0.0
    if estimate.standard_error is None:
        return value, value
    if estimate.interval is not None:
        return estimate.interval
    spread = normal_quantile(level) * estimate.standard_error
    return value - spread, value + spread


def _absolute(reference: _Side, current: _Side) -> tuple[float, Interval]:
    """Return the difference and its interval."""
    effect = current.value - reference.value
    below = math.hypot(current.value - current.low, reference.high - reference.value)
    above = math.hypot(current.high - current.value, reference.value - reference.low)
    return effect, (effect - below, effect + above)


def _relative(reference: _Side, current: _Side) -> tuple[float, Interval | None]:
    """Return the growth as a share of the reference, its interval from the log scale."""
    if reference.value <= 0.0:
        return 0.0, None
    effect = current.value / reference.value - 1.0
    numbers = (
        reference.low,
        reference.value,
        reference.high,
        current.low,
        current.value,
        current.high,
    )
    if min(numbers) <= 0.0:
        return effect, None
    log_reference = _Side(*(math.log(x) for x in (reference.value, reference.low, reference.high)))
    log_current = _Side(*(math.log(x) for x in (current.value, current.low, current.high)))
    _, (low, high) = _absolute(log_reference, log_current)
    return effect, ((math.expm1(low), math.expm1(high)) if high < 700.0 else None)
