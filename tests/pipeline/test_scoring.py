"""What the values must be, and the summary that each task makes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli.config import Performance
from driftcli.errors import DataError
from driftcli.metrics import METRICS_BY_TASK, Options
from driftcli.pipeline.classes import class_names
from driftcli.pipeline.labels import Labelled, complete_rows
from driftcli.pipeline.roles import Roles
from driftcli.pipeline.scoring import scored_rows
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)

SCORE, PREDICTION = Roles("label", ("score",)), Roles("label", (), "prediction")


def labelled(columns: dict[str, Any]) -> Labelled:
    return complete_rows("cur", pa.table(columns), "label")


def summarise(task: Any, roles: Roles, columns: dict[str, Any], **settings: Any) -> Any:
    return scored_rows(labelled(columns), roles, task, Performance(**settings)).summary()


def test_the_summary_of_each_task() -> None:
    columns = {"label": [0, 1, 1], "score": [0.1, 0.8, 0.3], "u": ["x", "x", "y"]}
    kinds = {
        "binary": BinarySummary,
        "regression": RegressionSummary,
        "ranking": RankingSummary,
    }
    for task, kind in kinds.items():
        roles = Roles("label", ("score",), None, "u")
        assert isinstance(summarise(task, roles, columns), kind)
    classes = {"label": ["a", "b", "c"], "prediction": ["a", "b", "b"]}
    assert isinstance(summarise("multiclass", PREDICTION, classes), MulticlassSummary)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([87.2, 12.0, 0.5], "2 values above 1 (max 87.2). percent? divide by 100"),
        ([-2.0, 3.5, 0.5], "1 value above 1 (max 3.5). logits?"),
        ([0.2, 101.0, 0.5], "1 value above 1 (max 101). logits?"),
        ([-0.25, -1.5, 0.5], "2 values below 0 (min -1.5). logits?"),
        ([np.inf, 0.1, 0.5], "1 value above 1 (max inf). logits?"),
        ([-np.inf, 0.1, 0.5], "1 value below 0 (min -inf). logits?"),
        # no percent and no logits, but beyond what rounding does
        ([1.0000001, 0.1, 0.5], "1 value above 1 (max 1.0000001)"),
        ([1 + 2**-52, 0.1, 0.5], "1 value above 1 (max 1.0000000000000002)"),
        ([1.5, 0.1, 0.5], "1 value above 1 (max 1.5)"),
        ([1.6, 0.1, 0.5], "1 value above 1 (max 1.6). percent? divide by 100"),
        ([-1e-9, 0.1, 0.5], "1 value below 0 (min -1e-09)"),
    ],
)
def test_71_scores_that_are_no_probabilities(scores: list[float], reason: str) -> None:
    with pytest.raises(DataError) as caught:
        summarise("binary", SCORE, {"label": [0, 1, 1], "score": scores})
    assert str(caught.value) == (
        f"cur: column 'score': probabilities must lie between 0 and 1, found {reason}"
    )


@pytest.mark.parametrize("scores", [[0.0, 1.0, 0.5], [0, 1, 1], [False, True, True]])
def test_probabilities_up_to_the_ends_are_fine(scores: list[Any]) -> None:
    assert summarise("binary", SCORE, {"label": [0, 1, 1], "score": scores}).rows == 3


@pytest.mark.parametrize(
    ("task", "columns", "line"),
    [
        (
            "binary",
            {"label": [0], "score": ["x"]},
            "column 'score': string where numbers are needed",
        ),
        (
            "regression",
            {"label": ["x"], "score": [1.0]},
            "column 'label': string where numbers are needed",
        ),
    ],
)
def test_what_is_no_number_is_refused(task: str, columns: dict[str, Any], line: str) -> None:
    with pytest.raises(DataError) as caught:
        summarise(task, SCORE, columns)
    assert str(caught.value) == f"cur: {line}"


def metric(summary: Any, name: str, task: Any = "binary") -> float | None:
    value: float | None = METRICS_BY_TASK[task][name].estimate(summary, Options()).value
    return value


@pytest.mark.parametrize(
    ("label", "positive", "predicted", "recall", "precision"),
    [
        (["yes", "no", "no", "yes"], "yes", ["yes", "yes", "no", "no"], 0.5, 0.5),
        (["yes", "no", "no"], "yes", [0, 1, 1], 0.0, 0.0),
        ([True, False, True], True, [0, 1, 1], 0.5, 0.5),
        # predictions of one value alone
        (["yes", "no", "no"], "yes", [1, 1, 1], 1.0, 1 / 3),
        (["yes", "no", "no"], "yes", ["yes", "yes", "yes"], 1.0, 1 / 3),
        (["yes", "no", "no"], "yes", [False, False, False], 0.0, None),
        ([1, 0, 0], None, [True, True, True], 1.0, 1 / 3),
    ],
)
def test_predictions_beside_labels(
    label: list[Any], positive: object, predicted: list[Any], recall: float, precision: float | None
) -> None:
    columns = {"label": label, "prediction": predicted}
    summary = summarise("binary", PREDICTION, columns, positive=positive)
    assert (metric(summary, "recall"), metric(summary, "precision")) == (recall, precision)


def test_the_other_side_tells_what_a_lone_label_is() -> None:
    before = labelled({"label": ["yes", "no"], "score": [0.9, 0.1]})
    now = labelled({"label": ["no", "no"], "score": [0.9, 0.1]})
    settings = Performance(positive="yes")
    with pytest.raises(DataError, match="every label is 'no'"):
        scored_rows(now, SCORE, "binary", settings)
    seen = class_names(before.table["label"])
    summary = scored_rows(now, SCORE, "binary", settings, seen).summary()
    assert metric(summary, "ctr") == 0.0


CLASSES = ["a", "b", "c", "a"]
SHARES = {
    "p_a": [0.7, 0.2, 0.1, 0.6],
    "p_b": [0.2, 0.5, 0.3, 0.3],
    "p_c": [0.1, 0.3, 0.6, 0.1],
}


@pytest.mark.parametrize("order", [("p_a", "p_b", "p_c"), ("p_c", "p_a", "p_b")])
def test_probabilities_belong_to_classes_by_name(order: tuple[str, ...]) -> None:
    summary = summarise("multiclass", Roles("label", order), {"label": CLASSES, **SHARES})
    confusion = {
        (true, said): int(summary.confusion[i, j])
        for i, true in enumerate(summary.classes)
        for j, said in enumerate(summary.classes)
        if summary.confusion[i, j]
    }
    assert confusion == {("a", "a"): 2, ("b", "b"): 1, ("c", "c"): 1}
    assert summary.unnormalised == 0


def test_a_class_that_no_label_has_keeps_its_probability() -> None:
    columns = {"label": ["a", "b", "a", "a"], **SHARES}
    summary = summarise("multiclass", Roles("label", tuple(SHARES)), columns)
    assert sorted(summary.classes) == ["a", "b", "c"]
    assert summary.unnormalised == 0


def test_columns_named_as_the_classes() -> None:
    columns = {"label": [0, 1, 2, 0], **dict(zip("012", SHARES.values(), strict=True))}
    summary = summarise("multiclass", Roles("label", ("0", "1", "2")), columns)
    assert int(np.trace(summary.confusion)) == 4


def test_a_class_without_a_column_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        summarise("multiclass", Roles("label", ("p_a", "p_b")), {"label": CLASSES, **SHARES})
    assert str(caught.value) == (
        "cur: class 'c' has no probability column of its own."
        " name the columns as the classes, or with one prefix before them, such as p_CLASS"
    )


UNDERSCORED = {"p_good": SHARES["p_a"], "p_very_good": SHARES["p_b"], "p_bad": SHARES["p_c"]}


@pytest.mark.parametrize(
    ("label", "accuracy"),
    [
        (["good", "very_good", "bad", "good"], 1.0),
        (["bad", "very_good", "bad", "bad"], 0.5),
    ],
)
def test_classes_with_an_underscore(label: list[str], accuracy: float) -> None:
    roles = Roles("label", tuple(UNDERSCORED))
    summary = summarise("multiclass", roles, {"label": label, **UNDERSCORED})
    assert summary.classes == ("bad", "good", "very_good")
    assert summary.unnormalised == 0
    assert metric(summary, "accuracy", "multiclass") == accuracy


def test_classes_are_alike_whatever_their_type() -> None:
    columns = {
        "label": [Decimal("0.0"), Decimal("1.0"), Decimal("2.0")],
        "prediction": ["0", "1", "1"],
    }
    summary = summarise("multiclass", PREDICTION, columns)
    assert summary.classes == ("0", "1", "2")
    assert metric(summary, "accuracy", "multiclass") == 2 / 3
