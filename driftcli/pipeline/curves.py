"""What is drawn of labels and predictions: short arrays, made of the summaries of both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from driftcli.intervals import LEVEL, student_quantile, wilson
from driftcli.model import (
    CalibrationCurve,
    ClassRates,
    ConfusionMatrix,
    Curves,
    Histogram,
)
from driftcli.pipeline.curves_binary import calibration_curve, decile_ranks, roc_curve
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RegressionSummary,
    ScoredSummary,
)
from driftcli.summaries.scored.cells import Floats, Ints

MAX_CLASSES = 20
BINS = 20
# what lies beyond is gathered in the outer bins, so that a long tail leaves room for the rest
TAIL = 0.005
OTHERS = "other classes"

# ascending values, and the rows up to each
Side = tuple[Floats, Ints]


def curves_of(
    current: ScoredSummary | None, reference: ScoredSummary | None, cutoff: float
) -> tuple[Curves | None, Curves | None]:
    """Return what is drawn of current and of the reference.

    Parameters
    ----------
    current, reference : ScoredSummary or None
        Without current, or of another task, there is nothing.
    cutoff : float
        A score from here on is a yes, where there is no prediction column.
    """
    sides = [one for one in (current, reference) if one is not None and one.rows]
    if current not in sides:
        return None, None
    found: list[Curves] = []
    if isinstance(current, BinarySummary):
        found = _binary([one for one in sides if isinstance(one, BinarySummary)], cutoff)
    elif isinstance(current, MulticlassSummary):
        found = _multiclass([one for one in sides if isinstance(one, MulticlassSummary)])
    elif isinstance(current, RegressionSummary):
        found = _regression([one for one in sides if isinstance(one, RegressionSummary)])
    first, second = [*found, None, None][:2]
    return first, second


def _binary(sides: Sequence[BinarySummary], cutoff: float) -> list[Curves]:
    scores = [
        (one.cells.scores, np.cumsum(one.cells.positives + one.cells.negatives))
        for one in sides
        if one.cells is not None
    ]
    edges = _edges(scores)
    # decisions of a baseline may be known without a column of theirs
    own = cutoff if sides[0].decisions is None else None
    return [_two_classes(one, edges, _two_by_two(one, cutoff, own)) for one in sides]


def _two_classes(
    side: BinarySummary, edges: Floats | None, matrix: ConfusionMatrix | None
) -> Curves:
    cells = side.cells
    if cells is None or edges is None:
        return Curves(confusion=matrix)
    return Curves(
        roc=roc_curve(cells),
        calibration=calibration_curve(cells),
        confusion=matrix,
        positives=_histogram(edges, (cells.scores, np.cumsum(cells.positives))),
        negatives=_histogram(edges, (cells.scores, np.cumsum(cells.negatives))),
    )


def _two_by_two(side: BinarySummary, cutoff: float, own: float | None) -> ConfusionMatrix | None:
    found = side.confusion(cutoff)
    if found is None:
        return None
    counts = ((found.tn, found.fp), (found.fn, found.tp))
    return ConfusionMatrix(("negative", "positive"), counts, cutoff=own)


def _multiclass(sides: Sequence[MulticlassSummary]) -> list[Curves]:
    named, rest = _named(sides)
    return [
        Curves(confusion=_matrix(side, named, rest), classes=_rates(side, named)) for side in sides
    ]


def _named(sides: Sequence[MulticlassSummary]) -> tuple[list[str], int]:
    """Return the classes with most labels on both sides, by name, and how many others there are."""
    labels: dict[str, int] = {}
    for side in sides:
        for name, rows in zip(side.classes, side.confusion.sum(axis=1).tolist(), strict=True):
            labels[name] = labels.get(name, 0) + rows
    if len(labels) <= MAX_CLASSES:
        return sorted(labels), 0
    frequent = sorted(labels, key=lambda name: (-labels[name], name))[: MAX_CLASSES - 1]
    return sorted(frequent), len(labels) - len(frequent)


def _matrix(side: MulticlassSummary, named: Sequence[str], rest: int) -> ConfusionMatrix:
    size = len(named) + bool(rest)
    places = {name: at for at, name in enumerate(named)}
    at = np.array([places.get(name, size - 1) for name in side.classes], dtype=np.int64)
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (at[:, None], at[None, :]), side.confusion)
    names = (*named, OTHERS) if rest else tuple(named)
    return ConfusionMatrix(names, tuple(map(tuple, counts.tolist())), rest)


def _rates(side: MulticlassSummary, named: Sequence[str]) -> tuple[ClassRates, ...]:
    """Return each named class's recall and precision with Wilson's intervals (Wilson 1927)."""
    places = {name: at for at, name in enumerate(side.classes)}
    labelled, decided = side.confusion.sum(axis=1), side.confusion.sum(axis=0)
    found = []
    for name in named:
        at = places.get(name)
        if at is None:
            found.append(ClassRates(name, 0, 0))
            continue
        hits, labels, said = (
            int(rows) for rows in (side.confusion[at, at], labelled[at], decided[at])
        )
        recall, precision = _share(hits, labels), _share(hits, said)
        found.append(ClassRates(name, labels, said, *recall, *precision))
    return tuple(found)


def _share(hits: int, rows: int) -> tuple[float | None, tuple[float, float] | None]:
    return (hits / rows, wilson(hits / rows, rows)) if rows else (None, None)


def _regression(sides: Sequence[RegressionSummary]) -> list[Curves]:
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = [
            (np.sort(side.prediction - side.label), np.arange(1, side.rows + 1)) for side in sides
        ]
        edges = _edges(residuals)
        if edges is None:
            return [Curves() for _ in sides]
        return [
            Curves(calibration=_fit(side), residuals=_histogram(edges, errors))
            for side, errors in zip(sides, residuals, strict=True)
        ]


def _fit(side: RegressionSummary) -> CalibrationCurve | None:
    """Return the mean label by tenths of the predictions, with Student's intervals.

    ``None`` where the numbers are too large to square.
    """
    ordered = np.sort(side.prediction)
    lasts = ordered[decile_ranks(side.rows)]
    bins = np.searchsorted(lasts, side.prediction, side="left")
    counts = np.bincount(bins)
    filled = np.flatnonzero(counts)
    n = counts[filled]
    predicted = np.bincount(bins, side.prediction)[filled] / n
    observed = np.bincount(bins, side.label)[filled] / n
    means = np.zeros(len(counts))
    means[filled] = observed
    squares = np.bincount(bins, (side.label - means[bins]) ** 2)[filled]
    if not all(np.isfinite(values).all() for values in (predicted, observed, squares)):
        return None
    spreads = [
        student_quantile(LEVEL, rows - 1) * math.sqrt(square / (rows - 1) / rows)
        if rows > 1
        else None
        for rows, square in zip(n.tolist(), squares.tolist(), strict=True)
    ]
    ends = list(zip(observed.tolist(), spreads, strict=True))
    return CalibrationCurve(
        tuple(predicted.tolist()),
        tuple(observed.tolist()),
        tuple(None if spread is None else mean - spread for mean, spread in ends),
        tuple(None if spread is None else mean + spread for mean, spread in ends),
        tuple(n.tolist()),
    )


def _edges(sides: Sequence[Side]) -> Floats | None:
    """Return edges of bins for both sides; ``None`` without a finite range.

    Equally wide but for the outer two, which reach to the ends of all values.
    """
    if not sides:
        return None
    low = min(float(values[0]) for values, _ in sides)
    high = max(float(values[-1]) for values, _ in sides)
    if not math.isfinite(high - low):
        return None
    left = min(_at(side, TAIL) for side in sides)
    right = max(_at(side, 1.0 - TAIL) for side in sides)
    edges = np.unique(np.concatenate([[low], np.linspace(left, right, BINS - 1), [high]]))
    return edges if len(edges) > 1 else np.array([low, high])


def _at(side: Side, share: float) -> float:
    """Return the value up to which that share of the rows lies."""
    values, upto = side
    rank = int((int(upto[-1]) - 1) * share)
    return float(values[np.searchsorted(upto, rank, side="right")])


def _histogram(edges: Floats, side: Side) -> Histogram:
    """Return how many rows lie between edges, which hold all of them."""
    values, upto = side
    ends = np.searchsorted(values, edges[1:-1], side="left")
    below = np.concatenate([[0], upto])[np.concatenate([[0], ends, [len(values)]])]
    return Histogram(tuple(edges.tolist()), tuple(np.diff(below).tolist()))
