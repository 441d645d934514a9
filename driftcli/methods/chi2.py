"""Two-sample chi-square test for categorical columns, with total variation as its effect."""

from __future__ import annotations

import math

import numpy as np

from driftcli.contingency import pearson_two_sample
from driftcli.methods.base import COUNTED, Method, no_values
from driftcli.methods.tables import Counts, half_width, paired_counts
from driftcli.model import MethodResult, Skip
from driftcli.summaries.categorical import CategoricalSummary


def total_variation(reference: Counts, current: Counts) -> float:
    """Return half the sum of the absolute differences of the shares (0..1).

    Parameters
    ----------
    reference, current : ndarray of int, shape (cells,)
    """
    return 0.5 * math.fsum(np.abs(reference / reference.sum() - current / current.sum()))


def chance_variation(reference: Counts, current: Counts) -> float:
    """Return the total variation that two samples of one distribution show on average.

    Each cell's difference is nearly normal with variance p(1 - p)(1/n + 1/m), p pooled, and the
    mean of half its absolute value is the square root of that variance over 2 pi.
    """
    n, m = float(reference.sum()), float(current.sum())
    pooled = (reference + current) / (n + m)
    return math.fsum(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) / (2 * math.pi)))


def measure(reference: CategoricalSummary, current: CategoricalSummary) -> float | None:
    """Return the total variation beyond chance, floored at 0."""
    if not reference.count or not current.count:
        return None
    return _beyond_chance(*paired_counts(reference, current))


def _beyond_chance(left: Counts, right: Counts) -> float:
    return max(0.0, total_variation(left, right) - chance_variation(left, right))


def compare(reference: CategoricalSummary, current: CategoricalSummary) -> MethodResult:
    """Compare the shares of all categories, new and vanished ones included.

    Returns
    -------
    MethodResult
        ``statistic`` is Pearson's chi-square on the 2 x K table (cells with fewer than five
        expected rows pooled), ``effect`` the total variation beyond chance, floored at 0. Where
        only one category has so many rows, the p-value of it against all others is exact.
    """
    n, m = reference.count, current.count
    if skipped := no_values("chi2", n, m):
        return skipped
    left, right = paired_counts(reference, current)
    test = pearson_two_sample(left, right)
    raw = total_variation(left, right)
    effect = _beyond_chance(left, right)
    sign = 0.5 * np.sign(left / n - right / m)
    reach = half_width(sign, -sign, left, right)
    skip = None
    if test.pvalue is None:
        skip = Skip("not enough data: fewer than 2 cells with 5 expected rows")
    return MethodResult(
        method="chi2",
        statistic=test.statistic,
        effect=None if skip else effect,
        pvalue=test.pvalue,
        n_reference=n,
        n_current=m,
        interval=(max(0.0, effect - reach), min(1.0, effect + reach)),
        details={"tvd": raw, "dof": test.dof, "pooled": test.pooled, "cells": len(left)},
        skip=skip,
    )


METHOD = Method(
    name="chi2",
    effect="TVD beyond chance",
    kinds=COUNTED,
    threshold=0.1,
    upper=1.0,
    compare=compare,
    measure=measure,
    moments=False,
    description="Chi-square test; the effect is the total variation distance beyond chance",
)
