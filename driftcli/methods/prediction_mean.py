"""Shift of the mean prediction, in standard deviations of the reference."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from driftcli.intervals import LEVEL, student_quantile
from driftcli.methods.base import NUMERIC, PREDICTIONS, Method, no_values
from driftcli.model import MethodResult, Skip
from driftcli.summaries.moments import Moments
from driftcli.summaries.numeric import NumericSummary
from driftcli.tails import student_t_two_sided

Scale = Literal["sd", "relative", "absolute"]


def comparer(scale: Scale) -> Callable[[NumericSummary, NumericSummary], MethodResult]:
    """Return the comparison on a scale.

    Parameters
    ----------
    scale : {"sd", "relative", "absolute"}
        ``sd``: in standard deviations of the reference, defined for zero and negative means;
        ``relative``: as a share of a positive reference mean; ``absolute``: in units of the column.
    """

    def compare(reference: NumericSummary, current: NumericSummary) -> MethodResult:
        before, after = reference.moments, current.moments
        if skipped := no_values("prediction_mean", before.count, after.count):
            return skipped
        shift = after.offset - before.offset
        unit = _unit(before, scale)
        details = {
            "scale": scale,
            "mean_shift": shift,
            "mean_shift_pct": 100 * shift / before.mean if before.mean > 0 else None,
        }
        blank = MethodResult(
            "prediction_mean", None, None, None, before.count, after.count, details=details
        )
        if shift and not unit:
            told = {"sd": "constant before", "relative": "the reference mean is not positive"}
            return replace(blank, skip=Skip(told[scale]))
        return _welch(blank, before, after, unit or 1.0)

    return compare


def measurer(scale: Scale) -> Callable[[NumericSummary, NumericSummary], float | None]:
    """Return the effect alone, on a scale as :func:`comparer` takes it."""

    def measure(reference: NumericSummary, current: NumericSummary) -> float | None:
        before, after = reference.moments, current.moments
        if not before.count or not after.count:
            return None
        shift, unit = abs(after.offset - before.offset), _unit(before, scale)
        return shift / (unit or 1.0) if unit or not shift else None

    return measure


def _unit(before: Moments, scale: Scale) -> float | None:
    return {"sd": before.std, "relative": max(before.mean, 0.0), "absolute": 1.0}[scale]


def _welch(blank: MethodResult, before: Moments, after: Moments, unit: float) -> MethodResult:
    """Fill in Welch's t, the shift in units, and its 95 % interval."""
    shift = after.offset - before.offset
    effect = abs(shift) / unit
    parts = [(m.variance or 0.0) / m.count for m in (before, after)]
    error = math.sqrt(sum(parts))
    if not error:
        pvalue = 0.0 if shift else 1.0
        return replace(blank, effect=effect, pvalue=pvalue, interval=(effect, effect))
    counts = (before.count, after.count)
    shares = [part / sum(parts) for part in parts]
    dof = 1.0 / sum(s * s / (n - 1) for s, n in zip(shares, counts, strict=True) if s)
    reach = student_quantile(LEVEL, dof) * error / unit
    return replace(
        blank,
        statistic=shift / error,
        effect=effect,
        pvalue=student_t_two_sided(shift / error, dof),
        interval=(max(0.0, effect - reach), effect + reach),
    )


def on_scale(scale: Scale) -> Method:
    """Return the method with its effect on another scale."""
    return replace(METHOD, compare=comparer(scale), measure=measurer(scale))


METHOD = Method(
    name="prediction_mean",
    effect="mean shift",
    kinds=NUMERIC,
    threshold=0.1,
    upper=None,
    compare=comparer("sd"),
    description="Shift of the mean in standard deviations of the reference, Welch's test",
    roles=PREDICTIONS,
    measure=measurer("sd"),
)
