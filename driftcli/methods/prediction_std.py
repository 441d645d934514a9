"""Change of the spread of the predictions."""

from __future__ import annotations

import math
from dataclasses import replace

from driftcli.intervals import normal_quantile
from driftcli.methods.base import NUMERIC, PREDICTIONS, Method, no_values
from driftcli.model import MethodResult, Skip
from driftcli.summaries.moments import Moments
from driftcli.summaries.numeric import NumericSummary
from driftcli.tails import normal_two_sided


def log_std_variance(kurtosis: float, n: int) -> float:
    """Return the variance of ln(sd) by the delta method.

    Var(s^2) = sigma^4 (kurtosis - (n - 3)/(n - 1)) / n, and Var(ln s) is a quarter of that over
    sigma^4.

    Parameters
    ----------
    kurtosis : float
        Fourth standardised moment.
    n : int
        Values, at least 2.
    """
    return max(kurtosis - (n - 3) / (n - 1), 0.0) / (4 * n)


def merged_kurtosis(before: Moments, after: Moments) -> float | None:
    """Return the kurtosis of both sides around their own means.

    One side's own is far too small in most samples with heavy tails, and where it is, its spread
    is small as well: tests with it reject too often. A side so far from the reference that its
    fourth moment is not known has no part in it.
    """
    known = [side for side in (before, after) if math.isfinite(side.m4)]
    return Moments(
        sum(side.count for side in known),
        m2=sum(side.m2 for side in known),
        m4=sum(side.m4 for side in known),
    ).kurtosis


def measure(reference: NumericSummary, current: NumericSummary) -> float | None:
    """Return |ln(sd_current / sd_reference)|; ``None`` where one side alone has no spread."""
    before, after = reference.moments.std, current.moments.std
    if before and after:
        return abs(math.log(after / before))
    return 0.0 if before == after == 0 and not _too_small(reference, current) else None


def _too_small(*sides: NumericSummary) -> bool:
    """Whether the squares of a side's differences are below the range of floats."""
    return any(side.sums.spread and not side.moments.std for side in sides)


def compare(reference: NumericSummary, current: NumericSummary) -> MethodResult:
    """Compare two standard deviations by the logarithm of their ratio.

    Returns
    -------
    MethodResult
        ``statistic`` is z, ``effect`` |ln(sd_current / sd_reference)|.
    """
    before, after = reference.moments, current.moments
    if skipped := no_values("prediction_std", before.count, after.count):
        return skipped
    blank = MethodResult("prediction_std", None, None, None, before.count, after.count)
    if before.std is None or after.std is None:
        return replace(blank, skip=Skip("the spread is beyond the range of floats"))
    if _too_small(reference, current):
        return replace(blank, skip=Skip("the spread is below the range of floats"))
    if not before.std or not after.std:
        if before.std == after.std:
            return replace(blank, statistic=0.0, effect=0.0, pvalue=1.0, interval=(0.0, 0.0))
        return replace(blank, skip=Skip("constant now" if before.std else "constant before"))
    kurtosis = merged_kurtosis(before, after)
    if kurtosis is None:
        return replace(blank, skip=Skip("the fourth moment is beyond the range of floats"))
    log_ratio = math.log(after.std / before.std)
    error = math.sqrt(sum(log_std_variance(kurtosis, side.count) for side in (before, after)))
    z = log_ratio / error if error else math.copysign(math.inf, log_ratio) if log_ratio else 0.0
    effect, reach = abs(log_ratio), normal_quantile() * error
    return replace(
        blank,
        statistic=z if math.isfinite(z) else None,
        effect=effect,
        pvalue=normal_two_sided(z),
        interval=(max(0.0, effect - reach), effect + reach),
    )


METHOD = Method(
    name="prediction_std",
    effect="log ratio of spreads",
    kinds=NUMERIC,
    threshold=0.2,
    upper=None,
    compare=compare,
    measure=measure,
    description="Logarithm of the ratio of the standard deviations, delta-method z",
    roles=PREDICTIONS,
)
