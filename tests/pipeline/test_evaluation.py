"""Too few labels or scores, and what the reader of the metrics must know."""

from __future__ import annotations

import pytest

from driftcli.config import Config, Performance
from driftcli.metrics import Estimate
from driftcli.model import DecisionPolicy, LabelCoverage, Skip
from driftcli.pipeline.evaluation import remarks, too_few

Side = tuple[LabelCoverage, int]


def rows(total: int, labelled: int, scored: int | None = None) -> Side:
    return LabelCoverage(total, labelled), labelled if scored is None else scored


@pytest.mark.parametrize(
    ("side", "reason"),
    [
        (rows(100, 100), None),
        (rows(100, 50), None),
        (rows(30, 30), None),
        (rows(60, 60, 30), None),
        (rows(100, 49), "not enough labels: 49.0 % of the rows, minimum 50 %"),
        (rows(1000, 0), "not enough labels: 0.0 % of the rows, minimum 50 %"),
        (rows(0, 0), "not enough labels: 0.0 % of the rows, minimum 50 %"),
        (rows(29, 29), "not enough labels: 29 rows, minimum 30"),
        (rows(1, 1), "not enough labels: 1 row, minimum 30"),
        (rows(100, 50, 29), "not enough scored rows: 29 rows, minimum 30"),
        (rows(400, 400, 10), "not enough scored rows: 10 rows, minimum 30"),
        (rows(400, 400, 1), "not enough scored rows: 1 row, minimum 30"),
        (rows(400, 400, 60), "not enough scored rows: 15.0 % of the labelled rows, minimum 50 %"),
        (rows(100, 49, 0), "not enough labels: 49.0 % of the rows, minimum 50 %"),
    ],
)
def test_73_too_few_labels_or_scores_by_share_or_by_number(side: Side, reason: str | None) -> None:
    assert too_few(*side, Config()) == (None if reason is None else Skip(reason))


def test_the_limits_are_settings() -> None:
    config = Config(
        performance=Performance(min_label_share=0.125), decision=DecisionPolicy(min_rows=5)
    )
    assert too_few(*rows(80, 10), config) is None
    assert too_few(*rows(80, 40, 5), config) is None
    assert too_few(*rows(81, 10), config) == Skip(
        "not enough labels: 12.3 % of the rows, minimum 12.5 %"
    )
    assert too_few(*rows(4, 4), config) == Skip("not enough labels: 4 rows, minimum 5")
    assert too_few(*rows(80, 41, 5), config) == Skip(
        "not enough scored rows: 12.2 % of the labelled rows, minimum 12.5 %"
    )


@pytest.mark.parametrize(
    ("estimates", "lines"),
    [
        ({"auc": Estimate(0.7, details={"excluded": 9})}, []),
        ({"mape": Estimate(0.7, details={"excluded": 0})}, []),
        ({"mape": Estimate(0.7)}, []),
        (
            {"mape": Estimate(0.7, details={"excluded": 1})},
            ["cur: mape: 1 row with a label of 0 left out"],
        ),
        (
            {"log_loss": Estimate(0.7, details={"unnormalised": 1500})},
            ["cur: log_loss: 1,500 rows with probabilities that do not add up to 1"],
        ),
    ],
)
def test_rows_that_the_reader_must_know_of(
    estimates: dict[str, Estimate], lines: list[str]
) -> None:
    assert remarks("cur", estimates) == lines
