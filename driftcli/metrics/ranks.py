"""Area under the ROC curve and average precision from score cells, each with its variance."""

from __future__ import annotations

import math

import numpy as np

from driftcli.metrics.base import RAREST, Estimate
from driftcli.metrics.intervals import unit_estimate
from driftcli.summaries.scored.cells import Floats, ScoreCells


def auc(cells: ScoreCells) -> float:
    """Return the share of (positive, negative) pairs ranked right, ties as half.

    Both classes need at least one row.
    """
    below = np.cumsum(cells.negatives) - cells.negatives
    # twice the wins, in whole numbers: below 2^53 up to some hundred million rows
    twice = (cells.positives * (2.0 * below + cells.negatives)).sum()
    pairs = 2.0 * float(cells.positives.sum()) * float(cells.negatives.sum())
    return float(twice) / pairs


def placement_variances(cells: ScoreCells, value: float) -> tuple[float, float]:
    """Return DeLong's s²₁₀ and s²₀₁, from midranks in O(cells).

    Parameters
    ----------
    cells : ScoreCells
        At least one row of each class.
    value : float
        The AUC.

    Returns
    -------
    s10 : float
        Variance of V₁₀, the share of negatives below a positive; 0 for a single positive.
    s01 : float
        Variance of V₀₁, the share of positives above a negative; 0 for a single negative. For a
        positives and b negatives the AUC's variance is s²₁₀/a + s²₀₁/b (DeLong, DeLong &
        Clarke-Pearson 1988; Sun & Xu 2014, doi:10.1109/LSP.2014.2337313).
    """
    positives, negatives = cells.positives, cells.negatives
    a, b = float(positives.sum()), float(negatives.sum())
    below = np.cumsum(negatives) - 0.5 * negatives
    above = a - (np.cumsum(positives) - 0.5 * positives)
    s10 = float((positives * (below / b - value) ** 2).sum()) / max(a - 1.0, 1.0)
    s01 = float((negatives * (above / a - value) ** 2).sum()) / max(b - 1.0, 1.0)
    return s10 if a > 1.0 else 0.0, s01 if b > 1.0 else 0.0


def hanley_mcneil_variance(value: float, a: float, b: float) -> float:
    """Return the variance of the AUC for exponential scores (Hanley & McNeil 1982).

    It is defined for a single row of a class, where DeLong's is not, and above 0 where all scores
    are equal.
    """
    q1, q2 = value / (2.0 - value), 2.0 * value * value / (1.0 + value)
    square = value * value
    spread = value - square + (a - 1.0) * (q1 - square) + (b - 1.0) * (q2 - square)
    return max(0.0, spread) / (a * b)


def auc_estimate(cells: ScoreCells, level: float) -> Estimate:
    """Return the AUC of cells with at least one row of each class.

    DeLong's variance on the logit scale. An AUC of 1 (or 0) shows no variance; as min(a, b) pairs
    without a common row are independent trials that all went right, Wilson's bound for so many
    trials holds.
    """
    value = auc(cells)
    a, b = int(cells.positives.sum()), int(cells.negatives.sum())
    s10, s01 = placement_variances(cells, value)
    details: dict[str, float | str] = {
        "positives": a,
        "negatives": b,
        "positives_variance": s10,
        "negatives_variance": s01,
    }
    variance = s10 / a + s01 / b
    if min(a, b) < 2 or len(cells.scores) == 1:
        details["variance"] = "hanley-mcneil"
        variance = hanley_mcneil_variance(value, a, b)
    return unit_estimate(value, math.sqrt(variance), a + b, level, min(a, b), details)


def average_precision_estimate(cells: ScoreCells, level: float) -> Estimate:
    """Return the average precision of cells with at least one row of each class.

    AP = Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores from the top, as scikit-learn's. The variance is
    that of the influence function, in which every row also moves the precision at all scores at or
    below its own; interval on the logit scale (Boyd, Eng & Page 2013).
    """
    positives, negatives = (
        column[::-1].astype(np.float64) for column in (cells.positives, cells.negatives)
    )
    a, n = positives.sum(), positives.sum() + negatives.sum()
    reached = np.cumsum(positives + negatives)
    precision = np.cumsum(positives) / reached
    value = float((positives * precision).sum() / a)
    # sums over all thresholds at or below a row's score; recall's steps count per row, f₁/H
    steps = positives / reached
    own, all_rows = _from_end(steps), _from_end(steps * precision)
    pull = n / a
    if_positive = pull * (precision - value + own - all_rows)
    if_negative = -pull * all_rows
    squares = (positives * if_positive**2 + negatives * if_negative**2).sum()
    error = math.sqrt(float(squares)) / float(n)
    details = {"positives": int(a), "negatives": int(n - a), RAREST: int(min(a, n - a))}
    return unit_estimate(value, error, int(n), level, int(a), details)


def _from_end(values: Floats) -> Floats:
    """Return the sum of each value and all after it."""
    sums: Floats = np.cumsum(values[::-1])[::-1]
    return sums
