"""Curves of two classes with a score: ROC with its band, and calibration."""

from __future__ import annotations

import math

import numpy as np

from driftcli.intervals import LEVEL, wilson
from driftcli.model import CalibrationCurve, RocCurve
from driftcli.summaries.scored import ScoreCells
from driftcli.summaries.scored.cells import Ints

POINTS = 41
BINS = 10


def roc_curve(cells: ScoreCells) -> RocCurve | None:
    """Return the ROC curve with a confidence band, ``None`` where a class has no row.

    Parameters
    ----------
    cells : ScoreCells
        Rows by score and label.

    Notes
    -----
    The points are those of the empirical curve; of more than 41 both ends, and between them the
    first in each of equally long stretches, as one walks the curve in steps to the right and up.

    The band holds for all cutoffs at once (Campbell 1994, Stat. Med. 13:499-508). With probability
    0.95 or more no true false positive rate lies farther than d from the one seen, and no true
    positive rate farther than e, where d = √(ln(2/a)/(2·negatives)), e the same of the positives,
    and a = 1 − √0.95 (Massart 1990, whose bound holds for every number of rows; Campbell took its
    limit). Hence the true curve at x lies between the least rate seen from x − d on, less e, and
    the largest seen up to x + d, plus e.
    """
    tp = np.concatenate([[0], np.cumsum(cells.positives[::-1])])
    fp = np.concatenate([[0], np.cumsum(cells.negatives[::-1])])
    positives, negatives = int(tp[-1]), int(fp[-1])
    if not positives or not negatives:
        return None
    tpr, fpr = tp / positives, fp / negatives
    at = np.arange(len(tpr))
    if len(at) > POINTS:
        at = np.unique(np.searchsorted(tpr + fpr, np.linspace(0.0, 2.0, POINTS)))
    x, d, e = fpr[at], _margin(negatives), _margin(positives)
    low = tpr[np.searchsorted(fpr, x - d, side="left")] - e
    high = tpr[np.searchsorted(fpr, x + d, side="right") - 1] + e
    cutoffs = cells.scores[::-1][at[1:] - 1].tolist()
    return RocCurve(
        tuple(x.tolist()),
        tuple(tpr[at].tolist()),
        tuple(np.maximum(low, 0.0).tolist()),
        tuple(np.minimum(high, 1.0).tolist()),
        (None, *(cutoff if math.isfinite(cutoff) else None for cutoff in cutoffs)),
    )


def _margin(rows: int) -> float:
    """Return how far a share of so many rows may lie from the true one, at all cutoffs at once."""
    return math.sqrt(math.log(2.0 / (1.0 - math.sqrt(LEVEL))) / (2.0 * rows))


def calibration_curve(cells: ScoreCells) -> CalibrationCurve | None:
    """Return the share of positives by score with Wilson's intervals (Wilson 1927).

    Parameters
    ----------
    cells : ScoreCells
        ``None`` is returned where a score is no probability.

    Notes
    -----
    Ten bins at the deciles of the scores, each with its upper end; rows of one score are never
    parted, so that there may be fewer. Equal to ``sklearn.calibration.calibration_curve`` with
    ``strategy="quantile"``.
    """
    if not len(cells.scores) or cells.scores[0] < 0.0 or cells.scores[-1] > 1.0:
        return None
    rows = cells.positives + cells.negatives
    upto = np.cumsum(rows)
    ends = np.searchsorted(upto, decile_ranks(int(upto[-1])), side="right") + 1
    starts = np.unique(np.concatenate([[0], ends[ends < len(rows)]]))
    counts = np.add.reduceat(rows, starts)
    predicted = np.add.reduceat(rows * cells.scores, starts) / counts
    observed = np.add.reduceat(cells.positives, starts) / counts
    spans = [wilson(*one) for one in zip(observed.tolist(), counts.tolist(), strict=True)]
    return CalibrationCurve(
        tuple(predicted.tolist()),
        tuple(observed.tolist()),
        tuple(low for low, _ in spans),
        tuple(high for _, high in spans),
        tuple(counts.tolist()),
    )


def decile_ranks(rows: int) -> Ints:
    """Return the ranks, from 0, of the last rows of the first nine tenths."""
    return (rows - 1) * np.arange(1, BINS) // BINS
