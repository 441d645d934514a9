"""Limits for counted outcomes: wide enough for chance, one in a thousand, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from scipy.stats import binom

CHANCE = 1e-3


def at_most(outcomes: Iterable[bool], share: float) -> bool:
    """Tell whether so many hits are no evidence of more than this share."""
    hits = list(outcomes)
    return bool(binom.sf(sum(hits) - 1, len(hits), share) > CHANCE)


def at_least(outcomes: Iterable[bool], share: float) -> bool:
    """Tell whether so few hits are no evidence of less than this share."""
    hits = list(outcomes)
    return bool(binom.cdf(sum(hits), len(hits), share) > CHANCE)
