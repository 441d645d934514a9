"""Whether probabilities promise as many positives as come."""

from __future__ import annotations

import math

import numpy as np

from driftcli.intervals import normal_quantile
from driftcli.metrics.base import Estimate, Options, skipped
from driftcli.metrics.hypotheses import z_test
from driftcli.metrics.intervals import log_interval
from driftcli.summaries.scored import ScoreCells
from driftcli.tails import normal_two_sided

ECE_BINS = 10


def calibration_estimate(cells: ScoreCells, options: Options) -> Estimate:
    """Return Σp/Σy of scores within 0..1, with the delta method's interval on the log scale.

    ``details`` hold Spiegelhalter's z with its p-value and the expected calibration error, which is
    biased upwards and informs only.
    """
    scores, positives, negatives = cells.scores, cells.positives, cells.negatives
    rows = positives + negatives
    n, seen, expected = int(rows.sum()), int(positives.sum()), float((rows * scores).sum())
    if not seen:
        return skipped("no positives", n)
    if expected == 0.0:
        return skipped("every score is 0", n)
    ratio = expected / seen
    # a row moves the ratio by (p − ratio·y) / mean(y)
    squares = positives * (scores - ratio) ** 2 + negatives * scores**2
    error = math.sqrt(float(squares.sum())) / seen
    details = {"expected": expected, "positives": seen, "ece": _ece(cells), **_spiegelhalter(cells)}
    interval = log_interval(ratio, error, normal_quantile(options.level))
    return Estimate(ratio, error, interval, n, details=details)


def distance_from_calibrated(ratio: float) -> float:
    """Return |ln ratio|: twice as many as promised is as bad as half as many."""
    return abs(math.log(ratio)) if ratio > 0.0 else math.inf


def calibration_pvalue(reference: Estimate, current: Estimate) -> float | None:
    """Return the normal p-value of the growth of |ln ratio|; conservative near a ratio of 1."""
    return z_test(_on_log_scale(reference), _on_log_scale(current))


def _on_log_scale(estimate: Estimate) -> Estimate:
    """Return the estimate of |ln ratio|."""
    if estimate.value is None or estimate.value <= 0.0:
        return Estimate(None)
    error = estimate.standard_error
    scaled = None if error is None else error / estimate.value
    return Estimate(distance_from_calibrated(estimate.value), scaled, n=estimate.n)


def _spiegelhalter(cells: ScoreCells) -> dict[str, float]:
    """Return Spiegelhalter's (1986) z and p, nothing where all scores are 0, 1/2 or 1.

    z = Σ(y − p)(1 − 2p) / √Σ(1 − 2p)² p(1 − p); H0: every label came with its score's probability.
    """
    p = cells.scores
    rows = cells.positives + cells.negatives
    above = float(((cells.positives - rows * p) * (1.0 - 2.0 * p)).sum())
    below = float((rows * (1.0 - 2.0 * p) ** 2 * p * (1.0 - p)).sum())
    if below <= 0.0:
        return {}
    z = above / math.sqrt(below)
    return {"spiegelhalter_z": z, "spiegelhalter_pvalue": normal_two_sided(z)}


def _ece(cells: ScoreCells) -> float:
    """Return the mean distance of promise and outcome over ten bins of equal width."""
    rows = cells.positives + cells.negatives
    bins = np.minimum((cells.scores * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    gaps = np.bincount(bins, cells.positives - rows * cells.scores, minlength=ECE_BINS)
    return float(np.abs(gaps).sum()) / float(rows.sum())
