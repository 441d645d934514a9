"""Metrics of ranked groups: the group, not the row, is the unit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from driftcli.metrics import ties
from driftcli.metrics.base import NO_ROWS, Estimate, Metric, Options
from driftcli.metrics.hypotheses import proportions, welch
from driftcli.metrics.intervals import UNIT, mean_estimate, proportion
from driftcli.metrics.ties import Ranked
from driftcli.summaries.scored import RankingSummary
from driftcli.summaries.scored.cells import Floats

GroupValues = Callable[[Ranked, int], Floats]


def _over_groups(
    values: GroupValues, *, share: bool = False
) -> Callable[[RankingSummary, Options], Estimate]:
    """Return the mean over groups; groups without a relevant row count as 0 and are told.

    ``share``: the values are (chances of) yes and no, so that Wilson's interval serves.
    """

    def estimate(summary: RankingSummary, options: Options) -> Estimate:
        if not summary.rows:
            return Estimate(None, skip=NO_ROWS)
        ranked = Ranked.of(summary)
        worth = values(ranked, options.k)
        empty = int(np.count_nonzero(ranked.relevant_per_group() == 0))
        details = {"k": options.k, "groups_without_relevant": empty}
        if share:
            return proportion(float(worth.sum()), len(worth), options.level, **details)
        return mean_estimate(worth, options.level, None, UNIT, details)

    return estimate


def _reciprocal_rank(ranked: Ranked, k: int) -> Floats:
    return ties.first_relevant(ranked, k)[0]


def _hit(ranked: Ranked, k: int) -> Floats:
    return ties.first_relevant(ranked, k)[1]


def _metric(
    name: str,
    title: str,
    estimate: Callable[[RankingSummary, Options], Estimate],
    pvalue: Callable[[Estimate, Estimate], float | None],
    text: tuple[str, str],
) -> Metric:
    """Return a metric of this task; all are judged, for a list has no other quality."""
    return Metric(name, title, "ranking", "higher", 0.05, estimate, pvalue, *text)


METRICS: tuple[Metric, ...] = (
    _metric(
        "ndcg", "NDCG", _over_groups(ties.ndcg), welch,
        ("Discounted gain of the best k rows as a share of the best possible, gains linear.",
         "Järvelin & Kekäläinen 2002; ties as McSherry & Najork 2008; Student interval"),
    ),
    _metric(
        "map", "Mean average precision", _over_groups(ties.average_precision), welch,
        ("Precision averaged over the relevant rows among the best k, over min(relevant, k).",
         "ties as McSherry & Najork 2008; Student interval over groups; Welch 1947"),
    ),
    _metric(
        "mrr", "Mean reciprocal rank", _over_groups(_reciprocal_rank), welch,
        ("1 over the rank of the first relevant row, 0 where it stands below k.",
         "ties as McSherry & Najork 2008; Student interval over groups; Welch 1947"),
    ),
    _metric(
        "hit_rate", "Hit rate", _over_groups(_hit, share=True), proportions,
        ("Share of the groups with a relevant row among the best k.",
         "ties as McSherry & Najork 2008; Wilson 1927; pooled two-proportion test"),
    ),
)  # fmt: skip
