"""Summaries as the numbers and pictures that people look at."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np

from driftcli.errors import MAX_NAME
from driftcli.model import ColumnKind, ColumnStats, Distribution
from driftcli.summaries import Summary
from driftcli.summaries.arrays import Values
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.multiset import between
from driftcli.summaries.numeric import NumericSummary

BINS = 24
BARS = 12
REST = "(others)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def column_stats(summary: Summary, kind: ColumnKind) -> ColumnStats:
    """Return the descriptive numbers of one side.

    Parameters
    ----------
    summary : Summary
    kind : ColumnKind
        Times are told as ISO 8601 text, without mean and standard deviation.
    """
    if isinstance(summary, CategoricalSummary):
        return ColumnStats(summary.count, summary.missing, categories=summary.distinct)
    if kind is ColumnKind.DATETIME:
        low, high = (_iso(v) for v in (summary.minimum, summary.maximum))
        return ColumnStats(summary.count, summary.missing, minimum=low, maximum=high)
    moments = summary.moments
    return ColumnStats(
        count=summary.count,
        missing=summary.missing,
        mean=_finite(moments.mean) if moments.count else None,
        std=moments.std,
        minimum=_finite(summary.minimum),
        maximum=_finite(summary.maximum),
        positive_infinite=summary.positive_infinite,
        negative_infinite=summary.negative_infinite,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _iso(microseconds: float | None) -> str | None:
    if microseconds is None:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=int(microseconds))
    except OverflowError:
        return str(microseconds)
    return moment.replace(tzinfo=None).isoformat()


def categories_only_in(one: CategoricalSummary, other: CategoricalSummary) -> list[str]:
    """Return the names of the categories that only one side has, those with most rows first.

    None where the other side does not name all of its own: what it left out may be there.
    """
    if other.groups is not None or other.unnamed:
        return []
    names = one.counts.keys() - other.counts.keys()
    return sorted(names, key=lambda name: (-one.counts[name], name))


def short(label: str) -> str:
    """Return a category's name cut at 80 characters, so that long texts do not flood a report."""
    return label if len(label) <= MAX_NAME else f"{label[: MAX_NAME - 1]}…"


def distribution(reference: Summary, current: Summary) -> Distribution | None:
    """Return both sides ready to draw; ``None`` without any value.

    Numbers are counted in equal bins between outlying quantiles, the first and the last bin open;
    few distinct values and categories are counted one by one, the light ones together.
    """
    if not reference.count and not current.count:
        return None
    if isinstance(reference, CategoricalSummary) and isinstance(current, CategoricalSummary):
        return _bars(reference, current)
    if isinstance(reference, NumericSummary) and isinstance(current, NumericSummary):
        few = reference.grid.few and reference.count
        return _values(reference, current) if few else _histogram(reference, current)
    return None


def _bars(reference: CategoricalSummary, current: CategoricalSummary) -> Distribution:
    named = reference.counts.keys()
    weight = {
        name: max(
            reference.counts.get(name, 0) / max(reference.count, 1),
            current.counts.get(name, 0) / max(current.count, 1),
        )
        for name in (named if reference.unnamed else named | current.counts.keys())
    }
    ranked = sorted(weight, key=lambda name: (-weight[name], name))
    shown = ranked[:BARS] if len(ranked) > BARS + 1 else ranked
    left = [reference.counts.get(name, 0) for name in shown]
    right = [current.counts.get(name, 0) for name in shown]
    rest = (reference.count - sum(left), current.count - sum(right))
    if any(rest):
        return Distribution((*left, rest[0]), (*right, rest[1]), labels=(*map(short, shown), REST))
    return Distribution(tuple(left), tuple(right), labels=tuple(map(short, shown)))


def _values(reference: NumericSummary, current: NumericSummary) -> Distribution:
    """Count the reference's few distinct values one by one, everything else together."""
    points = reference.grid.cuts.points[reference.grid.cuts.closed]
    left, right = reference.bin_counts(), current.bin_counts()
    labels = [f"{value:.6g}" for value in points.tolist()]
    sides = [tuple(side[1::2].tolist()) for side in (left, right)]
    others = [int(side[0::2].sum()) for side in (left, right)]
    if not any(others):
        return Distribution(sides[0], sides[1], labels=tuple(labels))
    return Distribution((*sides[0], others[0]), (*sides[1], others[1]), labels=(*labels, REST))


def _histogram(reference: NumericSummary, current: NumericSummary) -> Distribution | None:
    edges = _bin_edges(reference, current)
    if edges is None:
        return None
    sides = []
    for side in (reference, current):
        inner = side.cumulative(edges[1:-1])
        sides.append(tuple(between(inner, side.count).tolist()))
    return Distribution(sides[0], sides[1], edges=tuple(edges.tolist()))


def _bin_edges(reference: NumericSummary, current: NumericSummary) -> Values | None:
    """Return equal bins over the central 99 % of both sides, on half-integers for whole numbers."""
    ends = [q for side in (reference, current) if side.count for q in _central(side)]
    ends = [value for value in ends if math.isfinite(value)]
    if not ends:
        return None
    low, high = float(min(ends)), float(max(ends))
    if reference.grid.cuts.points.dtype.kind in "iu" and high - low < 2**52:
        step = max(1, math.ceil((high - low + 1) / BINS))
        return np.arange(low - 0.5, high + step + 0.5, step)
    if not math.isfinite(high - low):
        return None
    high = high if high > low else low + max(1.0, abs(low))
    return np.linspace(low, high, BINS + 1)


def _central(side: NumericSummary) -> list[float]:
    """Return the 0.5 % and 99.5 % quantiles, or the extremes where these lie near."""
    low, high = (_quantile(side, q) for q in (0.005, 0.995))
    reach = 0.25 * (high - low)
    minimum, maximum = float(side.minimum or 0), float(side.maximum or 0)
    return [
        minimum if low - minimum <= reach else low,
        maximum if maximum - high <= reach else high,
    ]


def _quantile(side: NumericSummary, share: float) -> float:
    """Return the value at a rank, from the values or from the edges."""
    rank = int(share * (side.count - 1))
    if side.rows is not None:
        return float(side.rows.at(np.array([rank]))[0])
    if not len(side.grid.edges):
        return float(side.minimum or 0)
    at = min(int(np.searchsorted(side.upto, rank + 1)), len(side.grid.edges) - 1)
    return float(side.grid.edges[at])
