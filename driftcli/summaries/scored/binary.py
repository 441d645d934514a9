"""Labels of two classes with a score, a decision, or both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.scored.cells import Bools, Confusion, ScoreCells, same_length


@dataclass(frozen=True, slots=True, eq=False)
class BinarySummary:
    """What a window of labelled binary predictions comes down to, exactly.

    Parameters
    ----------
    positives, negatives : int
        Rows by label.
    cells : ScoreCells or None
        Rows by score and label; ``None`` without a score column.
    decisions : Confusion or None
        Rows by label and prediction; ``None`` without a prediction column.
    """

    positives: int
    negatives: int
    cells: ScoreCells | None
    decisions: Confusion | None

    @classmethod
    def from_arrays(
        cls,
        label: NDArray[Any],
        score: NDArray[Any] | None = None,
        prediction: NDArray[Any] | None = None,
    ) -> BinarySummary:
        """Summarise rows that have a value in every column given.

        Parameters
        ----------
        label : ndarray of bool, shape (rows,)
            Whether the row is positive.
        score : ndarray of float64, shape (rows,), optional
            Larger means more likely positive; a probability for the metrics that need one.
        prediction : ndarray of bool, shape (rows,), optional
            The decision taken.

        Raises
        ------
        ValueError
            On NaN scores or columns of different length.
        """
        truth: Bools = np.asarray(label, dtype=np.bool_)
        same_length(truth, score, prediction)
        positives = int(np.count_nonzero(truth))
        return cls(
            positives,
            len(truth) - positives,
            None if score is None else ScoreCells.from_arrays(truth, score),
            None
            if prediction is None
            else Confusion.from_arrays(truth, np.asarray(prediction, dtype=np.bool_)),
        )

    @property
    def rows(self) -> int:
        """All rows."""
        return self.positives + self.negatives

    def merge(self, *others: BinarySummary) -> BinarySummary:
        """Return the summary of all parts together; one call for many parts is the quick way.

        Raises
        ------
        ValueError
            Where some parts have a score or a prediction and others have not.
        """
        parts = (self, *others)
        cells = [part.cells for part in parts if part.cells is not None]
        decisions = [part.decisions for part in parts if part.decisions is not None]
        if len(cells) not in (0, len(parts)) or len(decisions) not in (0, len(parts)):
            raise ValueError("parts with and without a score or prediction do not merge")
        return BinarySummary(
            sum(part.positives for part in parts),
            sum(part.negatives for part in parts),
            cells[0].merge(*cells[1:]) if cells else None,
            decisions[0].merge(*decisions[1:]) if decisions else None,
        )

    def confusion(self, cutoff: float) -> Confusion | None:
        """Return rows by label and decision: the predictions', else those of the score's cutoff."""
        if self.decisions is not None:
            return self.decisions
        return None if self.cells is None else self.cells.confusion(cutoff)

    def score_moments(self) -> tuple[float | None, float | None]:
        """Return mean and standard deviation (n - 1) of the score, ``None`` where not defined."""
        if self.cells is None or not self.rows or not np.isfinite(self.cells.scores[[0, -1]]).all():
            return None, None
        counts = self.cells.positives + self.cells.negatives
        mean = float((counts * self.cells.scores).sum()) / self.rows
        if self.rows < 2:
            return mean, None
        squares = float((counts * (self.cells.scores - mean) ** 2).sum())
        return mean, math.sqrt(squares / (self.rows - 1))
