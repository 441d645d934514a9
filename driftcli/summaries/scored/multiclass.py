"""Labels of several classes with decisions, and with a probability a class where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.errors import DataError
from driftcli.summaries.scored.cells import Floats, Ints, ScoreCells, floats, frozen, same_length

MAX_CLASSES = 1000
# float32 probabilities of a thousand classes still add up to one within this
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class MulticlassSummary:
    """What a window of labelled multiclass predictions comes down to, exactly.

    Parameters
    ----------
    classes : tuple of str
        In alphabetical order.
    confusion : ndarray of int64, shape (classes, classes)
        Rows by label (first axis) and decision (second axis).
    cells : tuple of ScoreCells or None
        For each class its probability against "is this class"; ``None`` without probabilities.
        The positives of all classes together are the probabilities of the true classes, from which
        the log loss follows.
    unnormalised : int
        Rows whose probabilities do not add up to 1 within 0.001.
    """

    classes: tuple[str, ...]
    confusion: Ints
    cells: tuple[ScoreCells, ...] | None = None
    unnormalised: int = 0

    @classmethod
    def from_arrays(
        cls,
        classes: Sequence[str],
        label: NDArray[Any],
        prediction: NDArray[Any] | None = None,
        probabilities: NDArray[Any] | None = None,
    ) -> MulticlassSummary:
        """Summarise rows that have a value in every column given.

        Parameters
        ----------
        classes : sequence of str
            The distinct names that the codes stand for, in any order.
        label : ndarray of int, shape (rows,)
            Codes into ``classes``.
        prediction : ndarray of int, shape (rows,), optional
            Codes into ``classes``; by default the class of the largest probability, among equals
            the first by alphabet.
        probabilities : ndarray of float64, shape (rows, classes), optional
            One column a class, in the order of ``classes``.

        Raises
        ------
        DataError
            Beyond 1,000 classes.
        ValueError
            On NaN, repeated classes, columns of other shapes, neither predictions nor
            probabilities.
        """
        order = _alphabetical(classes)
        recode = np.argsort(np.array(order, dtype=np.int64))
        truth: Ints = recode[np.asarray(label, dtype=np.int64)]
        same_length(truth, prediction, probabilities)
        shares = None if probabilities is None else _shares(probabilities, order)
        decision = _decision(recode, prediction, shares)
        size = len(classes)
        counts = np.bincount(truth * size + decision, minlength=size * size).reshape(size, size)
        return cls(
            tuple(classes[code] for code in order),
            frozen(counts.astype(np.int64, copy=False)),
            None if shares is None else _one_vs_rest(truth, shares),
            0 if shares is None else _unnormalised(shares),
        )

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.confusion.sum())

    def merge(self, *others: MulticlassSummary) -> MulticlassSummary:
        """Return the summary of all parts together.

        Raises
        ------
        ValueError
            Where parts with probabilities name different classes, or only some have probabilities.
        """
        parts = (self, *others)
        classes = tuple(sorted({name for part in parts for name in part.classes}))
        cells = [part.cells for part in parts if part.cells is not None]
        if len(cells) not in (0, len(parts)):
            raise ValueError("parts with and without probabilities do not merge")
        if cells and any(part.classes != classes for part in parts):
            raise ValueError("parts with probabilities of different classes do not merge")
        confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
        for part in parts:
            where = [classes.index(name) for name in part.classes]
            confusion[np.ix_(where, where)] += part.confusion
        return MulticlassSummary(
            classes,
            frozen(confusion),
            tuple(first.merge(*rest) for first, *rest in zip(*cells, strict=True))
            if cells
            else None,
            sum(part.unnormalised for part in parts),
        )


_TOO_MANY = "a label with more than 1,000 classes looks like a number: use task regression"


def _alphabetical(classes: Sequence[str]) -> list[int]:
    """Return the codes in the order of their names."""
    if len(classes) > MAX_CLASSES:
        raise DataError(f"{len(classes)} classes", hint=_TOO_MANY)
    if len(set(classes)) != len(classes):
        raise ValueError("classes are not distinct")
    return sorted(range(len(classes)), key=lambda code: classes[code])


def _shares(probabilities: NDArray[Any], order: list[int]) -> Floats:
    """Return the probabilities with their columns in that order."""
    if probabilities.shape[1:] != (len(order),):
        raise ValueError("probabilities need one column a class")
    return floats(probabilities, "probabilities")[:, order]


def _decision(recode: Ints, prediction: NDArray[Any] | None, shares: Floats | None) -> Ints:
    """Return the codes of the decisions."""
    if prediction is not None:
        decision: Ints = recode[np.asarray(prediction, dtype=np.int64)]
        return decision
    if shares is None:
        raise ValueError("neither predictions nor probabilities")
    likeliest: Ints = np.argmax(shares, axis=1)
    return likeliest


def _one_vs_rest(truth: Ints, shares: Floats) -> tuple[ScoreCells, ...]:
    """Return each class's probability against "is this class"."""
    return tuple(
        ScoreCells.from_arrays(truth == code, shares[:, code]) for code in range(shares.shape[1])
    )


def _unnormalised(shares: Floats) -> int:
    """Count rows whose probabilities do not add up to 1."""
    return int(np.count_nonzero(~(np.abs(shares.sum(axis=1) - 1.0) <= SUM_TOLERANCE)))
