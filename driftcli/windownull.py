"""The null from the reference's own windows: how often a day is as different as this one.

An effect of current is ranked among the effects that the reference's windows show against the rest
of the reference. Where windows are exchangeable the p-values hold whatever happens inside them.
"""

from __future__ import annotations

import itertools
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


def needed(alpha: float) -> int:
    """Return the fewest windows whose smallest p-value, 1 / (windows + 1), is below alpha.

    Parameters
    ----------
    alpha : float
        Between 0 and 1, ends left out; 0.05 needs 20 windows.

    Raises
    ------
    ValueError
        If alpha is not between 0 and 1.
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie between 0 and 1: {alpha}")
    # the division may round up, so the count starts one early
    least = max(1, math.floor(1.0 / alpha) - 1)
    return next(windows for windows in itertools.count(least) if 1.0 / (windows + 1) < alpha)


def standing(past: Floats, now: Floats) -> tuple[Counts, Counts]:
    """Count the reference windows whose effect was smaller, for "larger than 178 of 181 days".

    Parameters
    ----------
    past : array of float, shape (windows, checks)
        Effect of each reference window; NaN where it was not evaluated.
    now : array of float, shape (checks,)
        Effect of current; NaN where it was not evaluated.

    Returns
    -------
    larger_than : array of int, shape (checks,)
        Windows with a strictly smaller effect; 0 where `now` is NaN.
    of : array of int, shape (checks,)
        Windows in which the check was evaluated.
    """
    return (past < now).sum(axis=0), (~np.isnan(past)).sum(axis=0)


def pvalues(past: Floats, now: Floats) -> Floats:
    """Rank each effect of current among those of the reference windows.

    Parameters
    ----------
    past : array of float, shape (windows, checks)
        Effect of each reference window; NaN where it was not evaluated.
    now : array of float, shape (checks,)
        Effect of current; NaN where it was not evaluated.

    Returns
    -------
    array of float, shape (checks,)
        The conformal p-value (1 + number of windows at least as large) / (windows + 1) over the
        windows that evaluated the check (Vovk, Gammerman & Shafer 2005); NaN where current or all
        windows have no value.
    """
    windows = (~np.isnan(past)).sum(axis=0)
    ranks: Floats = (1.0 + (past >= now).sum(axis=0)) / (windows + 1.0)
    ranks[np.isnan(now) | (windows == 0)] = np.nan
    return ranks


def adjusted(past: Floats, now: Floats, limits: Floats | None = None) -> Floats:
    """Adjust the p-values for the number of checks, by the windows' own dependence between them.

    The step-down max-T of Westfall & Young (1993): the loudest check is compared with the loudest
    one of each window, the next with the windows' loudest among the checks that are left, and so
    on. How loud an effect is says `loudness`, which treats current and the windows alike, so that
    the first step is a conformal p-value in itself.

    Parameters
    ----------
    past : array of float, shape (windows, checks)
        Effect of each reference window; NaN where it was not evaluated.
    now : array of float, shape (checks,)
        Effect of current; NaN leaves the check out of all maxima, also where too few windows
        evaluated it for a verdict.
    limits : array of float, shape (checks,), optional
        Thresholds of the effects. An effect within its threshold raises no alarm, in a window of
        the reference as little as in current, and so is no part of the maximum that an effect of
        current beyond its threshold must beat; the others are compared with all.

    Returns
    -------
    array of float, shape (checks,)
        At least `pvalues`; NaN where those are.

    Notes
    -----
    The chance of any false alarm is at most alpha where current and the windows evaluated the same
    checks. A window that lacks some has a smaller maximum, so if a share m of the windows' effects
    is missing at random the chance can grow to about alpha / (1 − m).
    """
    alone = pvalues(past, now)
    kept = np.flatnonzero(~np.isnan(alone))
    result = np.full(now.shape, np.nan)
    if kept.size:
        effects = np.vstack([past[:, kept], now[kept]])
        loud = loudness(effects)
        down = _step_down(loud)
        if limits is not None:
            silent = effects <= limits[kept]
            alarms = _step_down(np.where(silent, -np.inf, loud))
            down = np.where(silent[-1], down, alarms)
        # a check that few windows evaluated cannot gain by the many that evaluated others
        result[kept] = np.maximum(down, alone[kept])
    return result


def _step_down(loudness: Floats) -> Floats:
    """Return the adjusted p-values of the last row among the rows."""
    past, now = loudness[:-1], loudness[-1]
    order = np.argsort(now)
    ascending = now[order]
    maxima = np.fmax.accumulate(past[:, order], axis=1)
    # equally loud checks are left together, whatever their order
    maxima = maxima[:, np.searchsorted(ascending, ascending, side="right") - 1]
    windows = (~np.isnan(maxima)).sum(axis=0)
    steps = (1.0 + (maxima >= ascending).sum(axis=0)) / (windows + 1.0)
    result: Floats = np.empty_like(now)
    result[order] = np.maximum.accumulate(steps[::-1])[::-1]
    return result


def loudness(effects: Floats) -> Floats:
    """Put each check's effects, current's among them, on a scale that all checks share.

    The zero is the median, the one the 95 % quantile, both as order statistics. Where fewer than a
    tenth lie above the median, as with effects that are 0 on most days, that quantile may be 0 or
    tiny, and the one is the mean distance from the median that the loudest tenth has if it has it
    all: an effect where all windows have none is as loud as a tenth of their number, however small
    it is. Where all effects are equal, they are 0. An infinite effect counts as twice the largest
    finite one of its check.
    """
    here = np.isfinite(effects)
    limit = 2.0 * np.max(np.abs(effects), axis=0, where=here, initial=0.0)
    limit[limit == 0.0] = 1.0
    effects = np.clip(effects, -limit, limit)
    ordered = np.sort(effects, axis=0)  # NaN last
    count = (~np.isnan(ordered)).sum(axis=0)
    columns = np.arange(count.size)
    median = ordered[(count - 1) // 2, columns]
    ordered -= median
    common = ordered[(9 * count + 9) // 10 - 1, columns] > 0.0
    high = ordered[(19 * count + 19) // 20 - 1, columns]
    rare = 10.0 * np.nansum(np.abs(ordered), axis=0) / count
    scale = np.where(common, high, rare)
    scale[scale == 0.0] = 1.0
    centred: Floats = effects - median
    centred /= scale
    return centred
