"""Metrics of two classes: ranking, probabilities, the positive rate, decisions at a cutoff."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from driftcli.intervals import wilson
from driftcli.metrics.base import CLIP, NO_ROWS, Better, Estimate, Metric, Options, skipped
from driftcli.metrics.calibration import (
    calibration_estimate,
    calibration_pvalue,
    distance_from_calibrated,
)
from driftcli.metrics.hypotheses import delong, proportions, rarest_class, welch
from driftcli.metrics.intervals import (
    NOT_NEGATIVE,
    UNIT,
    mean_estimate,
    proportion,
)
from driftcli.metrics.ranks import auc_estimate, average_precision_estimate
from driftcli.summaries.scored import BinarySummary, Confusion, ScoreCells
from driftcli.summaries.scored.cells import Floats, Ints

CellsEstimate = Callable[[ScoreCells, Options], Estimate]


def _with_cells(
    compute: CellsEstimate, *, both_classes: bool = False, shares: bool = False
) -> Callable[[BinarySummary, Options], Estimate]:
    """Return the estimate that first checks what the metric needs of labels and scores."""

    def estimate(summary: BinarySummary, options: Options) -> Estimate:
        if not summary.rows:
            return Estimate(None, skip=NO_ROWS)
        cells = summary.cells
        if cells is None:
            return skipped("no score column", summary.rows, harmless=True)
        if both_classes and not (summary.positives and summary.negatives):
            lacking = "negatives" if summary.positives else "positives"
            return skipped(f"no {lacking}", summary.rows)
        if shares and (outside := _outside(cells)):
            return skipped(f"{outside} scores outside of 0..1", summary.rows)
        return compute(cells, options)

    return estimate


def _outside(cells: ScoreCells) -> int:
    """Count rows whose score is no probability."""
    odd = (cells.scores < 0.0) | (cells.scores > 1.0)
    return int((cells.positives + cells.negatives)[odd].sum())


def _auc(cells: ScoreCells, options: Options) -> Estimate:
    return auc_estimate(cells, options.level)


def _average_precision(cells: ScoreCells, options: Options) -> Estimate:
    return average_precision_estimate(cells, options.level)


def _log_loss(cells: ScoreCells, options: Options) -> Estimate:
    """Mean of −ln of the probability given to what happened, clipped at 1e-15."""
    values, counts = _per_label(cells, cells.scores, 1.0 - cells.scores)
    clipped = int(counts[values < CLIP].sum())
    losses = -np.log(np.maximum(values, CLIP))
    return mean_estimate(losses, options.level, counts, NOT_NEGATIVE, {"clipped": clipped})


def _brier(cells: ScoreCells, options: Options) -> Estimate:
    """Mean squared distance of the probability from what happened."""
    values, counts = _per_label(cells, (1.0 - cells.scores) ** 2, cells.scores**2)
    return mean_estimate(values, options.level, counts, UNIT)


def _per_label(cells: ScoreCells, positive: Floats, negative: Floats) -> tuple[Floats, Ints]:
    """Return a value a cell and label, and its rows, without the empty ones."""
    yes, no = cells.positives > 0, cells.negatives > 0
    values = np.concatenate([positive[yes], negative[no]])
    return values, np.concatenate([cells.positives[yes], cells.negatives[no]])


def _ctr(summary: BinarySummary, options: Options) -> Estimate:
    """Share of positive labels."""
    if not summary.rows:
        return Estimate(None, skip=NO_ROWS)
    return proportion(summary.positives, summary.rows, options.level, positives=summary.positives)


ConfusionEstimate = Callable[[Confusion, float], Estimate]


def _decided(compute: ConfusionEstimate) -> Callable[[BinarySummary, Options], Estimate]:
    """Return the estimate that takes decisions from the prediction column or the cutoff."""

    def estimate(summary: BinarySummary, options: Options) -> Estimate:
        if not summary.rows:
            return Estimate(None, skip=NO_ROWS)
        confusion = summary.confusion(options.cutoff)
        if confusion is None:
            return skipped("neither score nor prediction column", summary.rows, harmless=True)
        result = compute(confusion, options.level)
        cutoff = {} if summary.decisions is not None else {"cutoff": options.cutoff}
        return replace(result, details={**result.details, **cutoff})

    return estimate


def _accuracy(c: Confusion, level: float) -> Estimate:
    return proportion(c.tp + c.tn, c.rows, level)


def _precision(c: Confusion, level: float) -> Estimate:
    if not c.tp + c.fp:
        return skipped("no predicted positives")
    return proportion(c.tp, c.tp + c.fp, level)


def _recall(c: Confusion, level: float) -> Estimate:
    if not c.tp + c.fn:
        return skipped("no positives")
    return proportion(c.tp, c.tp + c.fn, level)


def _f1(c: Confusion, level: float) -> Estimate:
    """F1 = 2J/(1+J) of the share J = tp/(tp+fp+fn): a proportion, bent."""
    n = c.tp + c.fp + c.fn
    if not n:
        return skipped("neither positives nor predicted positives")
    share = c.tp / n
    low, high = wilson(share, n, level)
    error = math.sqrt(share * (1.0 - share) / n) * 2.0 / (1.0 + share) ** 2
    return Estimate(2.0 * c.tp / (n + c.tp), error, (_bend(low), _bend(high)), n)


def _bend(share: float) -> float:
    """Return F1 from tp/(tp+fp+fn)."""
    return 2.0 * share / (1.0 + share)


def _f1_pvalue(reference: Estimate, current: Estimate) -> float | None:
    """Two-proportion test of tp/(tp+fp+fn), which is equal exactly where F1 is."""
    return proportions(_unbend(reference), _unbend(current))


def _unbend(estimate: Estimate) -> Estimate:
    """Return the estimate of tp/(tp+fp+fn) from that of F1."""
    if estimate.value is None:
        return estimate
    share = estimate.value / (2.0 - estimate.value)
    error = estimate.standard_error
    bent = None if error is None else error * (1.0 + share) ** 2 / 2.0
    return Estimate(share, bent, n=estimate.n)


def _metric(
    name: str,
    title: str,
    estimate: Callable[[BinarySummary, Options], Estimate],
    pvalue: Callable[[Estimate, Estimate], float | None],
    text: tuple[str, str],
    max_drop: float | None = None,
    better: Better = "higher",
) -> Metric:
    """Return a metric of this task."""
    bounds = NOT_NEGATIVE if name == "log_loss" else UNIT
    return Metric(name, title, "binary", better, max_drop, estimate, pvalue, *text, bounds=bounds)


# Judged by default is what every scored log has and what a model is answerable for. Precision,
# recall and F1 are not defined where a rare event never reaches the cutoff; average precision moves
# with the positive rate, which ctr tells already.
METRICS: tuple[Metric, ...] = (
    _metric(
        "auc", "ROC AUC", _with_cells(_auc, both_classes=True), delong,
        ("Share of (positive, negative) pairs ranked right, ties as half.",
         "DeLong et al. 1988 as Sun & Xu 2014; logit interval"),
        0.05,
    ),
    _metric(
        "log_loss", "Log loss", _with_cells(_log_loss, shares=True), welch,
        ("Mean of −ln of the probability given to what happened, clipped at 1e-15.",
         "mean of the rows' losses, Student interval; Welch 1947"),
        0.05, "lower",
    ),
    _metric(
        "brier", "Brier score", _with_cells(_brier, shares=True), welch,
        ("Mean squared distance of the probability from what happened.",
         "Brier 1950; mean of the rows' losses, Student interval; Welch 1947"),
        0.05, "lower",
    ),
    _metric(
        "ctr", "Positive rate (CTR)", _ctr, proportions,
        ("Share of positive labels, for clicks the click-through rate.",
         "Wilson 1927; difference by Newcombe 1998; pooled two-proportion test"),
        0.05,
    ),
    _metric(
        "accuracy", "Accuracy", _decided(_accuracy), proportions,
        ("Share of right decisions.", "Wilson 1927; pooled two-proportion test"),
        0.05,
    ),
    _metric(
        "precision", "Precision", _decided(_precision), proportions,
        ("Share of positives among the predicted positives.",
         "Wilson 1927; pooled two-proportion test"),
    ),
    _metric(
        "recall", "Recall", _decided(_recall), proportions,
        ("Share of the positives that were predicted.",
         "Wilson 1927; pooled two-proportion test"),
    ),
    _metric(
        "f1", "F1", _decided(_f1), _f1_pvalue,
        ("Harmonic mean of precision and recall.",
         "Wilson 1927 on tp/(tp+fp+fn), of which F1 is a function"),
    ),
    _metric(
        "average_precision", "Average precision",
        _with_cells(_average_precision, both_classes=True), rarest_class,
        ("Precision averaged over the recall's steps; moves with the positive rate.",
         "influence function; logit interval after Boyd, Eng & Page 2013"),
    ),
    Metric(
        "calibration", "Calibration ratio", "binary", "neither", None,
        _with_cells(calibration_estimate, shares=True), calibration_pvalue,
        "Positives expected by the scores over positives seen; 1.2 promises 20 % too many.",
        "delta method on the log scale; Spiegelhalter 1986",
        distance=distance_from_calibrated, ideal=1.0, bounds=NOT_NEGATIVE,
    ),
)  # fmt: skip
