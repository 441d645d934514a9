"""Mergeable summaries of labels and scores: exact multisets, whatever the order of the rows.

Every metric is a function of these, so it is equal to the last digit for any order of the rows and
any split into files and batches.
"""

from __future__ import annotations

from driftcli.summaries.scored.binary import BinarySummary
from driftcli.summaries.scored.cells import Confusion, ScoreCells
from driftcli.summaries.scored.multiclass import MulticlassSummary
from driftcli.summaries.scored.ranking import RankingSummary
from driftcli.summaries.scored.regression import RegressionSummary

ScoredSummary = BinarySummary | MulticlassSummary | RegressionSummary | RankingSummary

__all__ = [
    "BinarySummary",
    "Confusion",
    "MulticlassSummary",
    "RankingSummary",
    "RegressionSummary",
    "ScoreCells",
    "ScoredSummary",
]
