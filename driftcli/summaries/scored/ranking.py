"""Groups of ranked rows: queries, sessions, users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.errors import DataError
from driftcli.summaries.scored.cells import Floats, Ints, floats, frozen, same_length


@dataclass(frozen=True, slots=True, eq=False)
class RankingSummary:
    """The rows of each group, best score first.

    Rows are kept, not values a group, because the rows of one group may lie in several batches.

    Parameters
    ----------
    groups : ndarray of int64, uint64 or str, shape (groups,)
        Distinct ids, ascending.
    group : ndarray of int64, shape (rows,)
        Position of the row's id in ``groups``, ascending.
    relevance : ndarray of float64, shape (rows,)
        At least 0; above 0 is relevant.
    score : ndarray of float64, shape (rows,)
        Descending within a group; equal scores by descending relevance.
    """

    groups: NDArray[Any]
    group: Ints
    relevance: Floats
    score: Floats

    @classmethod
    def from_arrays(
        cls, group: NDArray[Any], relevance: NDArray[Any], score: NDArray[Any]
    ) -> RankingSummary:
        """Summarise rows that have all three values.

        Parameters
        ----------
        group : ndarray of int or str, shape (rows,)
            Which rows are ranked against each other.
        relevance : ndarray of float64, shape (rows,)
            How good the row was (a click is 1).
        score : ndarray of float64, shape (rows,)
            Larger ranks higher.

        Raises
        ------
        DataError
            Where a relevance is negative or infinite.
        ValueError
            On NaN or columns of different length.
        """
        same_length(group, relevance, score)
        gains = floats(relevance, "relevances")
        wrong = int(np.count_nonzero((gains < 0) | np.isinf(gains)))
        if wrong:
            raise DataError(
                f"{wrong} labels are negative or infinite",
                hint="ranking needs relevances from 0 upwards",
            )
        groups, codes = np.unique(_ids(group), return_inverse=True)
        return _ordered(groups, codes.astype(np.int64), gains, floats(score, "scores"))

    @property
    def rows(self) -> int:
        """All rows."""
        return len(self.group)

    def merge(self, *others: RankingSummary) -> RankingSummary:
        """Return the summary of all parts together; one call for many parts is the quick way.

        Raises
        ------
        ValueError
            Where the ids are numbers in some parts and text in others, or signed and unsigned.
        """
        parts = [part for part in (self, *others) if part.rows]
        if not parts:
            return self
        if len({part.groups.dtype.kind for part in parts}) > 1:
            raise ValueError("group ids of different kinds do not merge")
        groups = np.unique(np.concatenate([part.groups for part in parts]))
        codes = [np.searchsorted(groups, part.groups)[part.group] for part in parts]
        return _ordered(
            groups,
            np.concatenate(codes),
            np.concatenate([part.relevance for part in parts]),
            np.concatenate([part.score for part in parts]),
        )


def _ids(group: NDArray[Any]) -> NDArray[Any]:
    """Return ids as whole numbers of 64 bits or as text."""
    ids = np.asarray(group)
    wide = {"i": np.dtype(np.int64), "u": np.dtype(np.uint64)}
    return ids.astype(wide.get(ids.dtype.kind, np.dtype(np.str_)))


def _ordered(groups: NDArray[Any], group: Ints, relevance: Floats, score: Floats) -> RankingSummary:
    """Sort the rows by group, descending score and descending relevance."""
    order = np.lexsort((-relevance, -score, group))
    return RankingSummary(
        frozen(groups), frozen(group[order]), frozen(relevance[order]), frozen(score[order])
    )
