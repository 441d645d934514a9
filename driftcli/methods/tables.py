"""Two rows of counts, reference and current, over the same bins or categories."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftcli.intervals import normal_quantile
from driftcli.summaries import Summary
from driftcli.summaries.categorical import CategoricalSummary, folded
from driftcli.summaries.numeric import NumericSummary

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


def paired_counts(reference: Summary, current: Summary) -> tuple[Counts, Counts]:
    """Return both sides' counts over PSI bins or over the union of categories, empty pairs dropped.

    Parameters
    ----------
    reference, current : Summary
        Of the same kind.

    Returns
    -------
    tuple of ndarray, each of shape (cells,)
    """
    if isinstance(reference, NumericSummary) and isinstance(current, NumericSummary):
        left, right = reference.bin_counts(), current.bin_counts()
    elif isinstance(reference, NumericSummary) or isinstance(current, NumericSummary):
        raise TypeError("summaries of two kinds")
    else:
        left, right = _categories(reference, current)
    used = (left > 0) | (right > 0)
    return left[used], right[used]


def _categories(
    reference: CategoricalSummary, current: CategoricalSummary
) -> tuple[Counts, Counts]:
    """Count by label, or by group of labels where a side has too many to keep apart.

    Where the reference leaves categories without a name, all that it does not name is one cell.
    """
    if reference.groups is not None or current.groups is not None:
        groups = reference.grouped(), current.grouped()
        size = min(map(len, groups))
        return folded(groups[0], size), folded(groups[1], size)
    named = reference.counts.keys()
    labels = sorted(named if reference.unnamed else named | current.counts.keys())
    left, right = (_counted(side, labels) for side in (reference, current))
    return left, right


def _counted(side: CategoricalSummary, labels: Sequence[str]) -> Counts:
    """Return the rows of some labels, and of all others together."""
    rows = [side.counts.get(label, 0) for label in labels]
    return np.array([*rows, side.count - sum(rows)], dtype=np.int64)


def half_width(
    influence_reference: Shares, influence_current: Shares, left: Counts, right: Counts
) -> float:
    """Return 1.96 standard errors of a function of two multinomials, by the delta method.

    Parameters
    ----------
    influence_reference, influence_current : ndarray of float, shape (cells,)
        The function's derivatives by the shares of each side.
    left, right : ndarray of int, shape (cells,)
    """
    variance = 0.0
    for influence, counts in ((influence_reference, left), (influence_current, right)):
        shares = counts / counts.sum()
        mean = float(shares @ influence)
        variance += float(shares @ (influence - mean) ** 2) / float(counts.sum())
    return normal_quantile() * math.sqrt(variance)
