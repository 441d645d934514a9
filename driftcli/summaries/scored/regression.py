"""Numbers and their predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.scored.cells import Floats, floats, frozen, same_length


@dataclass(frozen=True, slots=True, eq=False)
class RegressionSummary:
    """The pairs of label and prediction, sorted, so that every sum has one order.

    R² and the percentage error need both numbers of a row, and no few moments give their
    variances without cancellation; 16 bytes a row are the price.

    Parameters
    ----------
    label, prediction : ndarray of float64, shape (rows,)
        Sorted by label, then by prediction; -0 is 0.
    """

    label: Floats
    prediction: Floats

    @classmethod
    def from_arrays(cls, label: NDArray[Any], prediction: NDArray[Any]) -> RegressionSummary:
        """Summarise rows that have both values, two arrays of shape (rows,).

        Raises
        ------
        ValueError
            On NaN or arrays of different length.
        """
        same_length(label, prediction)
        return _ordered(floats(label, "labels"), floats(prediction, "predictions"))

    @property
    def rows(self) -> int:
        """All rows."""
        return len(self.label)

    def merge(self, *others: RegressionSummary) -> RegressionSummary:
        """Return the summary of all parts together; one call for many parts is the quick way."""
        parts = (self, *others)
        return _ordered(
            np.concatenate([part.label for part in parts]),
            np.concatenate([part.prediction for part in parts]),
        )


def _ordered(label: Floats, prediction: Floats) -> RegressionSummary:
    """Sort the pairs."""
    order = np.lexsort((prediction, label))
    return RegressionSummary(frozen(label[order]), frozen(prediction[order]))
