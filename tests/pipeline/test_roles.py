"""Which column is what, and which task the columns make up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from driftcli.config import Performance, Task
from driftcli.errors import UsageError
from driftcli.pipeline.labels import Labelled, complete_rows
from driftcli.pipeline.roles import Roles, find_roles, guess_task, refuse_misfit


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
        # a late label takes the place of the one in the data, which may be missing
        (
            ["id", "label", "score"],
            {"labels": "l.csv", "join_on": "id", "group": "id"},
            Roles("label", ("score",), group="id", key="id"),
        ),
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
        (["y", "score"], {"label": "score"}, "column 'score': named as the label and as something"
         " else"),
        (["id", "score"], {"labels": "l.csv", "join_on": "id", "label": "id"}, "column 'id':"
         " named as the label and as something else"),
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


THREE, FRACTIONS = [0, 1, 2], [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("columns", "roles", "task"),
    [
        ({"label": [0, 1, 0]}, SCORE, "binary"),
        ({"label": [0.0, 1.0]}, SCORE, "binary"),
        ({"label": [True, False]}, SCORE, "binary"),
        ({"label": [True]}, SCORE, "binary"),
        ({"label": ["yes", "no"]}, SCORE, "binary"),
        ({"label": ["yes", "yes"]}, PREDICTION, "binary"),
        ({"label": [-1, 1]}, SCORE, "binary"),
        ({"label": pa.array([], pa.int64())}, SCORE, "binary"),
        ({"label": ["a", "b", "c"]}, PREDICTION, "multiclass"),
        ({"label": pa.array(["a", "b", "c"]).dictionary_encode()}, PREDICTION, "multiclass"),
        ({"label": pa.array(["a", "b", "c"], pa.string_view())}, PREDICTION, "multiclass"),
        ({"label": ["a", "b"]}, Roles("label", ("p_a", "p_b")), "multiclass"),
        # whole labels: the predictions tell
        ({"label": THREE, "prediction": [2, 1, 1]}, PREDICTION, "multiclass"),
        ({"label": THREE, "prediction": [2.0, 1.0, 1.0]}, PREDICTION, "multiclass"),
        ({"label": THREE, "prediction": ["2", "1", "1"]}, PREDICTION, "multiclass"),
        ({"label": THREE, "prediction": [0.1, 1.0, 2.0]}, PREDICTION, "regression"),
        ({"label": [0.0, 1.0, 2.0], "prediction": [2, 1, 1]}, PREDICTION, "multiclass"),
        ({"label": [1.0, 2.0, 3.0], "prediction": FRACTIONS}, PREDICTION, "regression"),
        (
            {"label": THREE, "prediction": [2, 1, 1], "score": FRACTIONS},
            Roles("label", ("score",), "prediction"),
            "multiclass",
        ),
        ({"label": list(range(20)), "prediction": [1] * 20}, PREDICTION, "multiclass"),
        ({"label": list(range(21)), "prediction": [1] * 21}, PREDICTION, "regression"),
        ({"label": list(range(21)), "prediction": ["x"] * 21}, PREDICTION, "multiclass"),
        ({"label": list(range(21))}, SCORE, "regression"),
        ({"label": FRACTIONS, "prediction": [1, 2, 3]}, PREDICTION, "regression"),
        ({"label": [Decimal("0.5"), Decimal("1"), Decimal("2")]}, SCORE, "regression"),
        ({"label": FRACTIONS}, SCORE, "regression"),
        ({"label": [0, 1]}, Roles("label", ("score",), None, "u"), "ranking"),
        ({"label": THREE}, Roles("label", ("p_0", "p_1"), None, "u"), "ranking"),
    ],
)
def test_the_task_is_told_from_roles_and_values(
    columns: dict[str, Any], roles: Roles, task: str
) -> None:
    others = {"prediction": columns["label"]} if roles is PREDICTION else {}
    assert guess_task(labelled(others | columns), roles) == task


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ([2, 0, 1], "0, 1, 2"),
        ([1.0, 2.0, 4.0], "1, 2, 4"),
        ([Decimal("1.0"), Decimal("2.0"), Decimal("3.0")], "1, 2, 3"),
        (list(range(20)), "0, 1, 2, 3, 4, …"),
    ],
)
def test_a_few_whole_labels_beside_a_score_may_be_both(label: list[Any], shown: str) -> None:
    with pytest.raises(UsageError) as caught:
        guess_task(labelled({"label": label}), SCORE)
    assert str(caught.value) == (
        f"cur: column 'label': labels {shown}: classes or numbers? say which with --task"
    )


SEVERAL = Roles("label", ("p_a", "p_b", "p_c"), None, "u")
ONE = "and the task {} takes one. name it with --score"


@pytest.mark.parametrize(
    ("task", "roles", "line"),
    [
        ("binary", SEVERAL, f"cur: 3 score columns, {ONE}"),
        ("regression", SEVERAL, f"cur: 3 score columns, {ONE}"),
        ("ranking", SEVERAL, f"cur: 3 score columns, {ONE}"),
        (
            "multiclass",
            SCORE,
            "cur: multiclass needs predictions, or one probability column a class."
            " name them with --prediction, or with --score once a class",
        ),
        ("ranking", SCORE, "cur: ranking needs the list that a row is in. name it with --group"),
    ],
)
def test_columns_that_do_not_make_up_the_task(task: Task, roles: Roles, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_misfit(task, roles, "cur")
    assert str(caught.value) == line.format(task)


@pytest.mark.parametrize(
    ("task", "roles"),
    [
        ("binary", SCORE),
        ("binary", PREDICTION),
        ("multiclass", PREDICTION),
        ("multiclass", SEVERAL),
        ("multiclass", Roles("label", ("score",), "prediction")),
        ("regression", PREDICTION),
        ("ranking", Roles("label", ("score",), None, "u")),
    ],
)
def test_columns_that_make_up_the_task(task: Task, roles: Roles) -> None:
    refuse_misfit(task, roles, "cur")
