"""Which column is what, which task it is, and what the values must be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli.config import Performance
from driftcli.errors import DataError, DriftcliError, UsageError
from driftcli.pipeline.labels import Labelled, complete_rows
from driftcli.pipeline.scoring import Roles, find_roles, guess_task, summarise_scored
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)


def schema(*names: str) -> pa.Schema:
    return pa.schema([(name, pa.float64()) for name in names])


def roles_of(names: list[str], **settings: Any) -> Roles:
    return find_roles(schema(*names), "cur", Performance(**settings))


def labelled(columns: dict[str, Any]) -> Labelled:
    return complete_rows("cur", pa.table(columns), "label")


@pytest.mark.parametrize(
    ("names", "settings", "roles"),
    [
        (["label", "score"], {}, Roles("label", ("score",))),
        (["label", "prediction"], {}, Roles("label", (), "prediction")),
        (["label", "score", "prediction"], {}, Roles("label", ("score",), "prediction")),
        (["y", "p"], {"label": "y", "score": "p"}, Roles("y", ("p",))),
        (["y", "a", "b"], {"label": "y", "score": ("a", "b")}, Roles("y", ("a", "b"))),
        (["label", "score", "u"], {"group": "u"}, Roles("label", ("score",), None, "u")),
        (
            ["id", "score"],
            {"labels": "l.csv", "join_on": "id"},
            Roles("label", ("score",), key="id"),
        ),
        # without a file of labels the key has no use
        (["label", "score"], {"join_on": "id"}, Roles("label", ("score",))),
    ],
)
def test_roles(names: list[str], settings: dict[str, Any], roles: Roles) -> None:
    assert roles_of(names, **settings) == roles


@pytest.mark.parametrize(
    ("names", "settings", "line"),
    [
        (["labl", "score"], {}, "column 'label': no such column. did you mean 'labl'?"),
        (["x", "score"], {}, "column 'label': no such column. name it with --label"),
        (["label", "x"], {}, "no scores and no predictions. name them with --score"),
        (["label", "scor"], {"score": "score"}, "column 'score': no such column."
         " did you mean 'scor'?"),
        (["label", "a"], {"score": ("a", "zz")}, "column 'zz': no such column."
         " name it with --score"),
        (["label", "score"], {"prediction": "x"}, "column 'x': no such column."
         " name it with --prediction"),
        (["label", "score"], {"group": "u"}, "column 'u': no such column. name it with --group"),
        (["score"], {"labels": "l.csv", "join_on": "id"}, "column 'id': no such column."
         " name it with --on"),
    ],
)  # fmt: skip
def test_a_column_that_is_not_there(names: list[str], settings: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as caught:
        roles_of(names, **settings)
    assert str(caught.value) == f"cur: {line}"


def test_roles_by_name_for_the_report() -> None:
    roles = Roles("y", ("a", "b"), "p", "u", "id")
    assert roles.named == {
        "label": "y", "prediction": "p", "group": "u", "score": "a, b", "key": "id",
    }  # fmt: skip
    assert roles.inputs == ["a", "b", "p", "u"]
    assert Roles("y", ("a",), "a").inputs == ["a"]


SCORE, PREDICTION = Roles("label", ("score",)), Roles("label", (), "prediction")


@pytest.mark.parametrize(
    ("label", "roles", "task"),
    [
        ([0, 1, 0], SCORE, "binary"),
        ([0.0, 1.0], SCORE, "binary"),
        ([True, False], SCORE, "binary"),
        ([True], SCORE, "binary"),
        (["yes", "no"], SCORE, "binary"),
        (["yes", "yes"], PREDICTION, "binary"),
        ([-1, 1], SCORE, "binary"),
        ([], SCORE, "binary"),
        (["a", "b", "c"], PREDICTION, "multiclass"),
        (["a", "b"], Roles("label", ("p_a", "p_b")), "multiclass"),
        (list(range(20)), PREDICTION, "multiclass"),
        (list(range(21)), PREDICTION, "regression"),
        # a single score of whole numbers is no class
        (list(range(5)), SCORE, "regression"),
        ([0.5, 1.5, 2.5], PREDICTION, "regression"),
        ([1.0, 2.0, 3.0], PREDICTION, "regression"),
        ([0, 1], Roles("label", ("score",), None, "u"), "ranking"),
        ([0, 1, 2], Roles("label", ("p_0", "p_1"), None, "u"), "ranking"),
    ],
)
def test_the_task_is_told_from_roles_and_labels(label: list[Any], roles: Roles, task: str) -> None:
    array = pa.array(label) if label else pa.array(label, pa.int64())
    assert guess_task(labelled({"label": array}), roles) == task


def test_the_task_is_told_from_labels_in_a_dictionary() -> None:
    rows = labelled({"label": pa.array(["a", "b", "c"]).dictionary_encode()})
    assert guess_task(rows, PREDICTION) == "multiclass"


def summarise(task: Any, roles: Roles, columns: dict[str, Any], **settings: Any) -> Any:
    return summarise_scored(labelled(columns), roles, task, Performance(**settings))


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
        ([-2.0, 3.5, 0.5], "1 values above 1 (max 3.5). logits?"),
        ([0.2, 101.0, 0.5], "1 values above 1 (max 101). logits?"),
        ([-0.25, -1.5, 0.5], "2 values below 0 (min -1.5). logits?"),
        ([np.inf, 0.1, 0.5], "1 values above 1 (max inf). logits?"),
        ([-np.inf, 0.1, 0.5], "1 values below 0 (min -inf). logits?"),
        ([1.0000001, 0.1, 0.5], "1 values above 1 (max 1). percent? divide by 100"),
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
        (
            "regression",
            {"label": [1.0], "score": [[1.0]]},
            "column 'score': list<item: double> where numbers are needed",
        ),
    ],
)
def test_what_is_no_number_is_refused(task: str, columns: dict[str, Any], line: str) -> None:
    with pytest.raises(DataError) as caught:
        summarise(task, SCORE, columns)
    assert str(caught.value) == f"cur: {line}"


def test_ranking_needs_a_group() -> None:
    with pytest.raises(UsageError, match="name it with --group"):
        summarise("ranking", SCORE, {"label": [0, 1], "score": [0.1, 0.2]})


def test_a_prediction_column_is_read_like_the_labels() -> None:
    columns = {
        "label": ["yes", "no", "no", "yes"],
        "prediction": ["yes", "yes", "no", "no"],
    }
    assert summarise("binary", PREDICTION, columns, positive="yes").rows == 4


@pytest.mark.xfail(strict=True, raises=DataError, reason="--positive is for both columns")
@pytest.mark.parametrize(
    ("label", "positive"), [(["yes", "no", "no"], "yes"), ([True, False, True], True)]
)
def test_predictions_of_0_and_1_beside_other_labels(label: list[Any], positive: object) -> None:
    columns = {"label": label, "prediction": [0, 1, 1]}
    assert summarise("binary", PREDICTION, columns, positive=positive).rows == 3


@pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="predictions of 1 alone read as all negative"
)
def test_predictions_of_1_alone_are_never_read_as_no() -> None:
    columns = {"label": ["yes", "no", "no"], "prediction": [1, 1, 1]}
    from driftcli.metrics import METRICS_BY_TASK, Options

    try:
        summary = summarise("binary", PREDICTION, columns, positive="yes")
    except DriftcliError:
        return
    recall = METRICS_BY_TASK["binary"]["recall"].estimate(summary, Options())
    assert recall.value == 1.0


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
        " name the columns as the classes, or ending in _CLASS"
    )


UNDERSCORED = {"p_good": SHARES["p_a"], "p_very_good": SHARES["p_b"], "p_bad": SHARES["p_c"]}


@pytest.mark.parametrize(
    "label",
    [
        pytest.param(
            ["good", "very_good", "bad", "good"],
            marks=pytest.mark.xfail(
                strict=True, raises=DataError, reason="'good' fits two columns"
            ),
            id="every class seen",
        ),
        pytest.param(
            ["bad", "very_good", "bad", "bad"],
            marks=pytest.mark.xfail(
                strict=True, raises=AssertionError, reason="p_good is dropped without a word"
            ),
            id="one class unseen",
        ),
    ],
)
def test_classes_with_an_underscore(label: list[str]) -> None:
    roles = Roles("label", tuple(UNDERSCORED))
    summary = summarise("multiclass", roles, {"label": label, **UNDERSCORED})
    assert len(summary.classes) == 3
    assert summary.unnormalised == 0


@pytest.mark.xfail(strict=True, raises=ValueError, reason="ends as a bug, not as a usage error")
def test_classes_with_a_single_score_are_refused() -> None:
    with pytest.raises(DriftcliError):
        summarise("multiclass", SCORE, {"label": CLASSES, "score": [0.1, 0.2, 0.3, 0.4]})


@pytest.mark.xfail(
    strict=True,
    raises=pytest.fail.Exception,
    reason="the first is taken and the others are ignored",
)
@pytest.mark.parametrize("task", ["binary", "regression", "ranking"])
def test_several_scores_where_one_is_needed_are_refused(task: str) -> None:
    columns = {"label": [0, 1, 1, 0], "u": [1, 1, 2, 2], **SHARES}
    with pytest.raises(DriftcliError):
        summarise(task, Roles("label", tuple(SHARES), None, "u"), columns)
