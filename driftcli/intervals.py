"""Confidence intervals that methods and metrics share."""

from __future__ import annotations

import math
from functools import lru_cache

from driftcli.tails import normal_isf, student_t_two_sided

LEVEL = 0.95


@lru_cache(maxsize=8)
def normal_quantile(level: float = LEVEL) -> float:
    """Return the z with P(|Z| <= z) = level, 1.96 for 95 %."""
    return normal_isf((1.0 - level) / 2.0)


@lru_cache(maxsize=64)
def student_quantile(level: float, df: float) -> float:
    """Return the t with P(|T| <= t) = level, by bisection of the tail.

    Parameters
    ----------
    level : float
    df : float
        Degrees of freedom, above 0.
    """
    low, high = 0.0, 2.0
    while student_t_two_sided(high, df) > 1.0 - level:
        low, high = high, 2.0 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2.0
        if student_t_two_sided(middle, df) > 1.0 - level:
            low = middle
        else:
            high = middle
    return high


def wilson(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion (Wilson 1927; Newcombe 1998, method 3).

    Parameters
    ----------
    share : float
        Between 0 and 1.
    n : float
        Trials, above 0.
    level : float

    Notes
    -----
    For the mean of values between 0 and 1 it is conservative, as their variance is at most that of
    a proportion.
    """
    z2 = normal_quantile(level) ** 2
    centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n)
    spread = math.sqrt(z2 * share * (1.0 - share) / n + z2 * z2 / (4.0 * n * n)) / (1.0 + z2 / n)
    # rounding must not take an end past the share itself
    return min(share, max(0.0, centre - spread)), max(share, min(1.0, centre + spread))


def newcombe(p1: float, n1: float, p2: float, n2: float) -> tuple[float, float]:
    """Return the 95 % interval of p1 - p2 (Newcombe 1998, method 10).

    Parameters
    ----------
    p1, p2 : float
        Shares between 0 and 1.
    n1, n2 : float
        Trials, above 0.
    """
    (low1, high1), (low2, high2) = wilson(p1, n1), wilson(p2, n2)
    gap = p1 - p2
    return gap - math.hypot(p1 - low1, high2 - p2), gap + math.hypot(high1 - p1, p2 - low2)
