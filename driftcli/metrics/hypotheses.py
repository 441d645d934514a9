"""P-values of the difference of two estimates; a reference without an error is a fixed number."""

from __future__ import annotations

import math
from collections.abc import Sequence

from driftcli.contingency import two_proportion_z
from driftcli.metrics.base import RAREST, Estimate
from driftcli.metrics.ranks import hanley_mcneil_variance
from driftcli.tails import normal_two_sided, student_t_two_sided

CLASSES = ("positives", "negatives")
# variance of what one row tells, and how many rows
Part = tuple[float, int]


def _difference(reference: Estimate, current: Estimate) -> tuple[float, float, float] | None:
    """Return the difference and both standard errors; ``None`` where the current has none."""
    if reference.value is None or current.value is None or current.standard_error is None:
        return None
    return current.value - reference.value, reference.standard_error or 0.0, current.standard_error


def _ratio(difference: float, error: float) -> float:
    """Return difference over error; where nothing varies any difference is beyond chance."""
    if difference == 0.0:
        return 0.0
    return difference / error if error > 0.0 else math.copysign(math.inf, difference)


def z_test(reference: Estimate, current: Estimate) -> float | None:
    """Return the normal p-value of the difference over its standard error.

    H0: both values are equal.
    """
    parts = _difference(reference, current)
    if parts is None:
        return None
    difference, *errors = parts
    return normal_two_sided(_ratio(difference, math.hypot(*errors)))


def delong(reference: Estimate, current: Estimate) -> float | None:
    """Return the p-value of the unpaired DeLong test, held back where a class has few rows.

    H0: both AUCs are equal (DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014). A few positives
    that all rank high show nearly no variance. So p is never below that of Student's t with the
    variances pooled over both sides; for a fixed reference, never below the normal one with the
    variance that such an AUC has by Hanley & McNeil (1982).
    """
    if reference.standard_error is not None:
        return _held_back(reference, current, [_placements(reference), _placements(current)])
    pvalue, rows = z_test(reference, current), _placements(current)
    if pvalue is None or not rows or reference.value is None or current.value is None:
        return pvalue
    null = math.sqrt(hanley_mcneil_variance(reference.value, *(float(n) for _, n in rows)))
    return max(pvalue, normal_two_sided(_ratio(current.value - reference.value, null)))


def _placements(estimate: Estimate) -> list[Part]:
    known = estimate.details
    parts = [
        (float(known.get(f"{name}_variance", 0.0)), int(known.get(name, 0))) for name in CLASSES
    ]
    return parts if all(n > 0 for _, n in parts) else []


def rarest_class(reference: Estimate, current: Estimate) -> float | None:
    """Return the normal p-value of the difference, held back where a class has few rows.

    H0: both values are equal. What varies is mostly the rarest class, whose few rows may show no
    variance. So p is never below that of Student's t with the variances that one row of it stands
    for pooled over both sides.
    """
    sides: list[list[Part]] = []
    for estimate in (reference, current):
        rows, error = estimate.details.get(RAREST, 0), estimate.standard_error
        sides.append([(error * error * rows, rows)] if error is not None and rows else [])
    return _held_back(reference, current, sides)


def _held_back(reference: Estimate, current: Estimate, sides: Sequence[list[Part]]) -> float | None:
    """Return the larger of the normal p-value and that of Student's t with pooled variances."""
    pvalue = z_test(reference, current)
    if pvalue is None or reference.value is None or current.value is None:
        return pvalue
    known = [side for side in sides if side]
    variance = below = 0.0
    for parts in zip(*known, strict=True):
        free = sum(n - 1 for _, n in parts)
        if free > 0:
            pooled = sum((n - 1) * own for own, n in parts) / free
            share = pooled * sum(1.0 / n for _, n in parts)
            variance += share
            below += share * share / free
    if not below > 0.0:
        return pvalue
    t = _ratio(current.value - reference.value, math.sqrt(variance))
    return max(pvalue, student_t_two_sided(t, variance * variance / below))


def welch(reference: Estimate, current: Estimate) -> float | None:
    """Return Welch's p-value for two means, the one-sample t for a fixed reference.

    H0: both means are equal. Where the reference came with an error but without its rows, the
    normal stands in for Student's t.
    """
    parts = _difference(reference, current)
    if parts is None or current.n < 2:
        return None
    difference, *errors = parts
    t = _ratio(difference, math.hypot(*errors))
    df = _welch_df(errors, (reference.n, current.n))
    return normal_two_sided(t) if df is None else student_t_two_sided(t, df)


def _welch_df(errors: list[float], rows: tuple[int, int]) -> float | None:
    """Return Welch's degrees of freedom, ``None`` without the rows behind an error."""
    if any(error > 0.0 and n < 2 for error, n in zip(errors, rows, strict=True)):
        return None
    largest = max(errors)
    if largest == 0.0:
        return float(max(rows) - 1)
    shares = [(error / largest) ** 2 for error in errors]
    below = sum(v * v / (n - 1) for v, n in zip(shares, rows, strict=True) if v > 0.0)
    return sum(shares) ** 2 / below


def proportions(reference: Estimate, current: Estimate) -> float | None:
    """Return the pooled two-proportion p-value, the score test for a fixed reference.

    H0: both shares are equal. Expected hits among tied ranks are rounded to whole ones. Where the
    reference came with an error but without its rows, the normal test over both errors stands in.
    """
    if reference.value is None or current.value is None or current.n < 1:
        return None
    if reference.standard_error is None:
        variance = reference.value * (1.0 - reference.value) / current.n
        error = math.sqrt(max(0.0, variance))
        return normal_two_sided(_ratio(current.value - reference.value, error))
    if reference.n < 1:
        return z_test(reference, current)
    hits, hits_now = round(reference.value * reference.n), round(current.value * current.n)
    return two_proportion_z(hits, reference.n, hits_now, current.n)[1]
