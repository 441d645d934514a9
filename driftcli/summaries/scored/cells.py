"""What labels and scores of two classes come down to: rows a score, and rows a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def floats(values: NDArray[Any], what: str) -> Floats:
    """Return float64 values with -0 as 0.

    Raises
    ------
    ValueError
        Where a value is NaN: rows without a value are the caller's to remove.
    """
    result: Floats = np.asarray(values, dtype=np.float64) + 0.0
    if np.isnan(result).any():
        raise ValueError(f"{what} hold NaN: remove rows without a value first")
    return result


def same_length(*columns: NDArray[Any] | None) -> None:
    """Check that the columns have one row each for each other's.

    Raises
    ------
    ValueError
        Where they have not.
    """
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) > 1:
        raise ValueError(f"columns of different length: {sorted(lengths)}")


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array, made read-only."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by label and decision."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def rows(self) -> int:
        """All rows."""
        return self.tp + self.fp + self.fn + self.tn

    @classmethod
    def from_arrays(cls, label: Bools, prediction: Bools) -> Confusion:
        """Count rows of two boolean arrays, both of shape (rows,)."""
        tp = int(np.count_nonzero(label & prediction))
        positives = int(np.count_nonzero(label))
        predicted = int(np.count_nonzero(prediction))
        return cls(tp, predicted - tp, positives - tp, len(label) - positives - predicted + tp)

    def merge(self, *others: Confusion) -> Confusion:
        """Return the counts of all parts together."""
        parts = (self, *others)
        return Confusion(
            sum(part.tp for part in parts),
            sum(part.fp for part in parts),
            sum(part.fn for part in parts),
            sum(part.tn for part in parts),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCells:
    """How many positive and negative rows carry each score.

    Parameters
    ----------
    scores : ndarray of float64, shape (cells,)
        Distinct scores, ascending; -0 is 0, infinities are ends.
    positives, negatives : ndarray of int64, shape (cells,)
        Rows with that score and label; each cell has at least one row.
    """

    scores: Floats
    positives: Ints
    negatives: Ints

    @classmethod
    def from_arrays(cls, label: Bools, score: NDArray[Any]) -> ScoreCells:
        """Summarise labels and scores, both of shape (rows,)."""
        values = floats(score, "scores")
        positive, rows_positive = _distinct(values[label])
        negative, rows_negative = _distinct(values[~label])
        return _union(
            [
                cls(positive, rows_positive, np.zeros_like(rows_positive)),
                cls(negative, np.zeros_like(rows_negative), rows_negative),
            ]
        )

    def merge(self, *others: ScoreCells) -> ScoreCells:
        """Return the cells of all parts together."""
        return _union([self, *others])

    def confusion(self, cutoff: float) -> Confusion:
        """Return the rows by label and decision, where a score at the cutoff is a yes."""
        first = int(np.searchsorted(self.scores, cutoff, side="left"))
        with np.errstate(over="ignore"):
            single = np.float32(cutoff)
        if first and self.scores[first - 1] == single:
            first -= 1  # a score of 32 bits at the cutoff, which rounding took below it
        tp, fn = int(self.positives[first:].sum()), int(self.positives[:first].sum())
        fp, tn = int(self.negatives[first:].sum()), int(self.negatives[:first].sum())
        return Confusion(tp, fp, fn, tn)


def _distinct(values: Floats) -> tuple[Floats, Ints]:
    """Return the distinct values, ascending, and the rows of each."""
    ordered = np.sort(values)
    starts = _starts(ordered)
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def _starts(ordered: Floats) -> Ints:
    """Return where each run of equal values begins."""
    if not len(ordered):
        return np.empty(0, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])


def _union(parts: Sequence[ScoreCells]) -> ScoreCells:
    """Add up cells; the stable sort merges the sorted parts in linear time."""
    scores = np.concatenate([part.scores for part in parts])
    order = np.argsort(scores, kind="stable")
    scores = scores[order]
    starts = _starts(scores)
    positives = np.concatenate([part.positives for part in parts])[order]
    negatives = np.concatenate([part.negatives for part in parts])[order]
    return ScoreCells(
        frozen(scores[starts]),
        frozen(np.add.reduceat(positives, starts)),
        frozen(np.add.reduceat(negatives, starts)),
    )


def coarser(cells: ScoreCells, most: int, least: int = 0) -> ScoreCells:
    """Return neighbouring scores as one, named by the highest, where there are too many.

    Parameters
    ----------
    cells : ScoreCells
    most : int
        Cells at most.
    least : int
        Rows of a cell at least, as far as there are so many.
    """
    rows = cells.positives + cells.negatives
    if len(rows) <= most and (rows >= least).all():
        return cells
    least = max(least, -(-int(rows.sum()) // most))
    ends, seen = [], 0
    for at, count in enumerate(rows.tolist()):
        seen += count
        if seen >= least:
            ends.append(at)
            seen = 0
    if seen:
        ends[-1:] = [len(rows) - 1]
    starts = np.array([0, *(end + 1 for end in ends[:-1])], dtype=np.int64)
    return ScoreCells(
        frozen(cells.scores[np.array(ends, dtype=np.int64)]),
        frozen(np.add.reduceat(cells.positives, starts)),
        frozen(np.add.reduceat(cells.negatives, starts)),
    )
