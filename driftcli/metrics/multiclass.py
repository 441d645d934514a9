"""Metrics of several classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from driftcli.metrics.base import CLIP, NO_ROWS, RAREST, Better, Estimate, Metric, Options, skipped
from driftcli.metrics.hypotheses import proportions, rarest_class, welch, z_test
from driftcli.metrics.intervals import NOT_NEGATIVE, UNIT, mean_estimate, proportion, unit_estimate
from driftcli.metrics.ranks import auc_estimate
from driftcli.summaries.scored import MulticlassSummary
from driftcli.summaries.scored.cells import Floats

SHOWN_CLASSES = 50


def _accuracy(summary: MulticlassSummary, options: Options) -> Estimate:
    """Share of right decisions."""
    if not summary.rows:
        return Estimate(None, skip=NO_ROWS)
    return proportion(int(np.trace(summary.confusion)), summary.rows, options.level)


def _class_f1(summary: MulticlassSummary) -> tuple[Floats, Floats, Floats]:
    """Return F1, 2/(labels + decisions) and labels a class; 0 for classes that never occur."""
    counts = summary.confusion.astype(np.float64)
    labels, decisions = counts.sum(axis=1), counts.sum(axis=0)
    both = labels + decisions
    scale = np.divide(2.0, both, out=np.zeros_like(both), where=both > 0)
    return np.diag(counts) * scale, scale, labels


def _mean_f1(
    summary: MulticlassSummary,
    options: Options,
    weights: Floats,
    own_influence: Floats,
    trials: int,
    details: dict[str, Any],
) -> Estimate:
    """Return a weighted mean of the classes' F1 with the multinomial delta method's error.

    A row of label i decided as j moves it by wᵢsᵢ[i=j] − wᵢFᵢsᵢ/2 − wⱼFⱼsⱼ/2 with s = 2/(labels +
    decisions), plus what it moves through the weights (Takahashi et al. 2022,
    doi:10.1007/s10489-021-02635-5).
    """
    f1, scale, _ = _class_f1(summary)
    perfect = int(np.trace(summary.confusion)) == summary.rows
    value = 1.0 if perfect else float((weights * f1).sum())  # weights need not add up to 1 exactly
    pull = weights * f1 * scale / 2.0
    influence = np.diag(weights * scale) - pull[:, None] - pull[None, :] + own_influence[:, None]
    error = math.sqrt(float((summary.confusion * influence**2).sum()))
    if len(summary.classes) <= SHOWN_CLASSES:
        details["f1_by_class"] = dict(zip(summary.classes, f1.tolist(), strict=True))
    return unit_estimate(min(1.0, value), error, summary.rows, options.level, trials, details)


def _macro_f1(summary: MulticlassSummary, options: Options) -> Estimate:
    """Mean of the F1 of the classes that occur among labels or decisions."""
    if not summary.rows:
        return Estimate(None, skip=NO_ROWS)
    _, scale, labels = _class_f1(summary)
    occurs = scale > 0
    weights = occurs / float(occurs.sum())
    # all right or all wrong: the rarest class bounds what can be known
    rarest = int(labels[labels > 0].min())
    return _mean_f1(summary, options, weights, np.zeros_like(weights), rarest, {RAREST: rarest})


def _weighted_f1(summary: MulticlassSummary, options: Options) -> Estimate:
    """Mean of the classes' F1, weighted by the rows of each."""
    n = summary.rows
    if not n:
        return Estimate(None, skip=NO_ROWS)
    f1, _, labels = _class_f1(summary)
    weights = labels / n
    return _mean_f1(summary, options, weights, (f1 - float((weights * f1).sum())) / n, n, {})


def _log_loss(summary: MulticlassSummary, options: Options) -> Estimate:
    """Mean of −ln of the true class's probability, clipped at 1e-15."""
    if not summary.rows:
        return Estimate(None, skip=NO_ROWS)
    if summary.cells is None:
        return skipped("no probability columns", summary.rows, harmless=True)
    shares = np.concatenate([c.scores[c.positives > 0] for c in summary.cells])
    counts = np.concatenate([c.positives[c.positives > 0] for c in summary.cells])
    outside = int(counts[(shares < 0.0) | (shares > 1.0)].sum())
    if outside:
        return skipped(f"{outside} probabilities outside of 0..1", summary.rows)
    details = {"clipped": int(counts[shares < CLIP].sum()), "unnormalised": summary.unnormalised}
    losses = -np.log(np.maximum(shares, CLIP))
    return mean_estimate(losses, options.level, counts, NOT_NEGATIVE, details)


def _auc_ovr(summary: MulticlassSummary, options: Options) -> Estimate:
    """Mean over the classes of the AUC of "this class" against the rest.

    The classes' AUCs come from the same rows. Their mean's standard error is at most the mean of
    their standard errors (Cauchy-Schwarz), which is taken: the interval is wide rather than wrong.
    """
    if not summary.rows:
        return Estimate(None, skip=NO_ROWS)
    if summary.cells is None:
        return skipped("no probability columns", summary.rows, harmless=True)
    labels = summary.confusion.sum(axis=1)
    for name, rows in zip(summary.classes, labels.tolist(), strict=True):
        if rows in (0, summary.rows):
            which = "no" if not rows else "only"
            return skipped(f"{which} rows of class {name!r}", summary.rows)
    parts = [auc_estimate(cells, options.level) for cells in summary.cells]
    values = [part.value or 0.0 for part in parts]
    error = math.fsum(part.standard_error or 0.0 for part in parts) / len(parts)
    trials = int(np.minimum(labels, summary.rows - labels).min())
    details: dict[str, Any] = {RAREST: trials}
    if len(parts) <= SHOWN_CLASSES:
        details["auc_by_class"] = dict(zip(summary.classes, values, strict=True))
    mean = math.fsum(values) / len(values)
    return unit_estimate(mean, error, summary.rows, options.level, trials, details)


def _metric(
    name: str,
    title: str,
    estimate: Callable[[MulticlassSummary, Options], Estimate],
    pvalue: Callable[[Estimate, Estimate], float | None],
    text: tuple[str, str],
    max_drop: float | None = None,
    better: Better = "higher",
) -> Metric:
    """Return a metric of this task."""
    bounds = NOT_NEGATIVE if name == "log_loss" else UNIT
    return Metric(
        name, title, "multiclass", better, max_drop, estimate, pvalue, *text, bounds=bounds
    )


# Judged by default: all decisions, each class alike, and the probabilities. The weighted F1 repeats
# accuracy, and the one-vs-rest AUC is not defined in a window that lacks a class.
METRICS: tuple[Metric, ...] = (
    _metric(
        "accuracy", "Accuracy", _accuracy, proportions,
        ("Share of right decisions.", "Wilson 1927; pooled two-proportion test"),
        0.05,
    ),
    _metric(
        "macro_f1", "Macro F1", _macro_f1, rarest_class,
        ("Mean of the classes' F1, each class alike.",
         "multinomial delta method, Takahashi et al. 2022; logit interval"),
        0.05,
    ),
    _metric(
        "weighted_f1", "Weighted F1", _weighted_f1, z_test,
        ("Mean of the classes' F1, weighted by rows.",
         "multinomial delta method, Takahashi et al. 2022; logit interval"),
    ),
    _metric(
        "log_loss", "Log loss", _log_loss, welch,
        ("Mean of −ln of the true class's probability, clipped at 1e-15.",
         "mean of the rows' losses, Student interval; Welch 1947"),
        0.05, "lower",
    ),
    _metric(
        "auc_ovr", "ROC AUC, one against the rest", _auc_ovr, rarest_class,
        ("Mean over the classes of the AUC of this class against the rest.",
         "DeLong et al. 1988 as Sun & Xu 2014; errors averaged, an upper bound"),
    ),
)  # fmt: skip
