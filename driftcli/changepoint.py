"""How a check moves over the windows of current: its trend, and since when it has been different.

Both take windows as independent. Where neighbours resemble each other beyond what the change itself
does, the trend's p-value is too small and the interval of the change too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from driftcli.tails import normal_two_sided

Floats: TypeAlias = NDArray[np.float64]

LEAST = 8
PAIRS = 2_000_000

# the 90 % quantile of the standard normal distribution
NINETY = 1.2815515655446004
# standard deviations from the usual beyond which a window says no more about when it began
FAR = 4.0
# two independent searches, one a side, that together miss the change in 5 % of series
EVIDENCE = -math.log(1.0 - math.sqrt(0.95))


@dataclass(frozen=True, slots=True)
class Trend:
    """A steady rise or fall.

    Parameters
    ----------
    slope : float
        In units of the effect per window.
    pvalue : float
        Two-sided, of no trend.
    """

    slope: float
    pvalue: float


@dataclass(frozen=True, slots=True)
class Since:
    """The first window of a lasting change.

    Parameters
    ----------
    at : int
        Its index, 0 where the change began with the first window or before it.
    low, high : int
        Between which it lies in 95 % of series; both belong to it.
    """

    at: int
    low: int
    high: int


def trend(values: Floats) -> Trend | None:
    """Measure and test a trend, without assuming a distribution.

    Parameters
    ----------
    values : array of float, shape (windows,)
        Effects in the order of time; what is not finite is left out and keeps its place in time.

    Returns
    -------
    Trend or None
        The median slope of all pairs of windows (Sen 1968), above 2,000 windows of the pairs at
        every k-th distance, which bounds the memory; and the test of Mann (1945) and Kendall
        (1975), in its normal approximation with the corrections for ties and for continuity.
        None below 8 values, where that approximation is poor.
    """
    at = np.flatnonzero(np.isfinite(values))
    values = values[at]
    count = at.size
    if count < LEAST:
        return None
    stride = 1 + count * (count - 1) // 2 // PAIRS
    score, slopes = 0, []
    for lag in range(1, count):
        rise = values[lag:] - values[:-lag]
        score += int(np.sign(rise).sum())
        if lag % stride == 0:
            slopes.append(rise / (at[lag:] - at[:-lag]))
    return Trend(float(np.median(np.concatenate(slopes))), _mann_kendall(score, values))


def _mann_kendall(score: int, values: Floats) -> float:
    """Return the p-value of the rises less the falls among all pairs."""
    groups = np.unique(values, return_counts=True)[1].tolist()
    n = values.size
    variance = _kendall_terms(n) - sum(_kendall_terms(ties) for ties in groups)
    if not variance:
        return 1.0
    surplus = max(abs(score) - 1, 0)
    return normal_two_sided(surplus / math.sqrt(variance / 18))


def _kendall_terms(n: int) -> int:
    return n * (n - 1) * (2 * n + 5)


def since(values: Floats, level: Floats) -> Since | None:
    """Find the first window of a lasting rise above the reference's level.

    Level and values are one series with at most one change of its mean, which lies within the
    values: least squares place it (Hinkley 1970), and no window is a candidate if the likelihood of
    another exceeds its by a factor that chance allows in 5 % of series (Siegmund 1988). That there
    was no change is one candidate more.

    Parameters
    ----------
    values : array of float, shape (windows,)
        Effects in the order of time, larger where more differs; NaN is skipped.
    level : array of float, shape (reference windows,)
        Effects of windows without a change; NaN is skipped.

    Returns
    -------
    Since or None
        Indices into `values`. None where no change is a candidate, and where there are no values or
        fewer than two of the level.

    Notes
    -----
    Effects are measured in standard deviations of the level, by its 90 % quantile, and count as 4
    where they are larger: one wild window neither begins a lasting change nor hides where it began.
    Windows that scatter more after the change than before it make the interval wider.
    """
    at = np.flatnonzero(~np.isnan(values))
    level = level[~np.isnan(level)]
    if not at.size or level.size < 2:
        return None
    usual, scores = _scores(level, values[at])
    gain = _gain(usual, scores)
    first = int(np.argmax(gain))
    evidence = gain / _variance(usual, scores[first:])
    if evidence[first] <= EVIDENCE:
        return None
    candidates = at[evidence >= evidence[first] - EVIDENCE]
    return Since(int(at[first]), int(candidates[0]), int(candidates[-1]))


def _scores(level: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return both in standard deviations of the level from its median, at most `FAR`.

    A level that is its median on nine days of ten has the spread of its other days, laid on a
    tenth; from a level without any spread every other value is far.
    """
    limit = 2.0 * float(np.max(np.abs(level), where=np.isfinite(level), initial=0.0))
    level = level.clip(-limit, limit)
    median = np.median(level)
    spread = (np.quantile(level, 0.9) - median) or 10.0 * np.abs(level - median).mean()
    # a spread of 0 must not be divided by
    scale = spread / NINETY or np.finfo(np.float64).tiny
    with np.errstate(over="ignore"):
        usual, scores = ((side - median) / scale for side in (level, values))
    return usual.clip(-FAR, FAR), scores.clip(-FAR, FAR)


def _gain(usual: Floats, scores: Floats) -> Floats:
    """Return for each window half the squares that a rise from there on explains."""
    later = np.arange(scores.size, 0, -1)
    earlier = usual.size + scores.size - later
    above = np.cumsum(scores[::-1])[::-1]
    below = usual.sum() + scores.sum() - above
    rise = np.maximum(above / later - below / earlier, 0.0)
    gain: Floats = rise**2 * later * earlier / (later + earlier) / 2.0
    return gain


def _variance(usual: Floats, changed: Floats) -> float:
    """Return the larger scatter of the level and of the changed windows, at least the scale's."""
    scatter = changed.var(ddof=1) if changed.size > 1 else 0.0
    return float(max(1.0, usual.var(ddof=1), scatter))
