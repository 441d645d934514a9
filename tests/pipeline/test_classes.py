"""Labels and predictions as yes and no, as classes, and the classes' own columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from driftcli.errors import DataError, DriftcliError
from driftcli.pipeline.classes import class_codes, class_columns, decisions, truth_values


def encoded(values: list[Any]) -> pa.Array:
    return pa.array(values).dictionary_encode()


def truths(values: Any, positive: object = None) -> list[bool]:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    result: list[bool] = truth_values(pa.chunked_array([array]), positive, "cur", "label").tolist()
    return result


@pytest.mark.parametrize(
    ("values", "positive", "expected"),
    [
        ([0, 1, 1], None, [False, True, True]),
        ([0.0, 1.0], None, [False, True]),
        ([True, False], None, [True, False]),
        (["0", "1"], None, [False, True]),
        (["true", "false"], None, [True, False]),
        (["yes", "no", "yes"], "yes", [True, False, True]),
        (encoded(["yes", "no", "yes"]), "no", [False, True, False]),
        ([-1, 1], 1, [False, True]),
        ([-1, 1], "1", [False, True]),
        ([-1.0, 1.0], 1, [False, True]),
        ([-1.0, 1.0], -1, [True, False]),
        ([1, 2], 2, [False, True]),
        ([0, 1], 0, [True, False]),
        ([True, False], False, [False, True]),
        ([True, False], "true", [True, False]),
        ([1, 1], None, [True, True]),
        ([0, 0], None, [False, False]),
        ([False], None, [False]),
        ([0, 0], "yes", [False, False]),
        ([Decimal("0.0"), Decimal("1.0")], None, [False, True]),
        (["False", "True"], None, [False, True]),
        (["0.0", "1.0"], None, [False, True]),
        ([-1.0, 1.0], "1.0", [False, True]),
        ([-1, 1], "1.0", [False, True]),
        ([False, True], "True", [False, True]),
        ([False, True], 1, [False, True]),
        ([False, True], "0", [True, False]),
        ([0, 1], "true", [False, True]),
        ([0, 1], "False", [True, False]),
        ([Decimal("1.00"), Decimal("2.00")], "2", [False, True]),
        (pa.array([], pa.int64()), None, []),
        (pa.array([], pa.string()), "yes", []),
    ],
)
def test_70_labels_are_read_as_yes_and_no(
    values: Any, positive: object, expected: list[bool]
) -> None:
    assert truths(values, positive) == expected


HINT = ". say which one is positive with --positive VALUE"


@pytest.mark.parametrize(
    ("values", "positive", "reason"),
    [
        (["yes", "no"], None, "labels must be 0 and 1, found 'no', 'yes'" + HINT),
        ([-1, 1], None, "labels must be 0 and 1, found '-1', '1'" + HINT),
        ([0.5, 1.0], None, "labels must be 0 and 1, found '0.5', '1'" + HINT),
        ([1, 2], None, "labels must be 0 and 1, found '1', '2'" + HINT),
        ([" 1", "0"], None, "labels must be 0 and 1, found ' 1', '0'" + HINT),
        (["a\n", "b"], None, r"labels must be 0 and 1, found 'a\n', 'b'" + HINT),
        (
            list(range(20)),
            None,
            "labels must be 0 and 1, found '0', '1', '10', '11', '12' and 15 more",
        ),
        (
            ["yes", "no", "maybe"],
            "yes",
            "a binary label has two values, found 'maybe', 'no', 'yes'",
        ),
        (
            ["no", "no"],
            "yes",
            "every label is 'no', none is the positive 'yes'."
            " give a reference log that has both, or labels of 0 and 1",
        ),
        (["yes", "no"], "ja", "the positive label 'ja' is not among 'no', 'yes'"),
        (["YES", "NO"], "yes", "the positive label 'yes' is not among 'NO', 'YES'"),
    ],
)
def test_70_other_labels_are_refused_and_listed(
    values: list[Any], positive: object, reason: str
) -> None:
    with pytest.raises(DataError) as caught:
        truths(values, positive)
    assert str(caught.value) == f"cur: column 'label': {reason}"


@pytest.mark.parametrize(
    ("values", "seen", "expected"),
    [
        (["no", "no"], ["no", "yes"], [False, False]),
        (["no", "no"], ["yes"], [False, False]),
        (["yes", "no"], ["yes"], [True, False]),
        ([-1, -1], ["-1", "yes"], [False, False]),
    ],
)
def test_the_other_side_tells_what_a_lone_label_is(
    values: list[Any], seen: list[str], expected: list[bool]
) -> None:
    column = pa.chunked_array([values])
    assert truth_values(column, "yes", "cur", "label", seen).tolist() == expected


@pytest.mark.parametrize(
    ("values", "seen", "listed"),
    [
        (["No"], ["no", "yes"], "'No', 'no', 'yes'"),
        (["no"], ["ja"], "'ja', 'no'"),
    ],
)
def test_a_label_that_neither_side_explains(
    values: list[str], seen: list[str], listed: str
) -> None:
    with pytest.raises(DataError) as caught:
        truth_values(pa.chunked_array([values]), "yes", "cur", "label", seen)
    assert str(caught.value) == (
        f"cur: column 'label': the positive label 'yes' is not among {listed}"
    )


@pytest.mark.parametrize(
    ("labels", "positive", "predicted", "expected"),
    [
        (["0", "1"], None, [0, 1, 1], [False, True, True]),
        (["0", "1"], None, [True, False], [True, False]),
        (["0", "1"], 0, [0, 1], [True, False]),
        (["false", "true"], True, [0, 1], [False, True]),
        (["no", "yes"], "yes", ["no", "yes"], [False, True]),
        (["no", "yes"], "yes", ["yes"], [True]),
        (["no", "yes"], "yes", ["no"], [False]),
        (["yes"], "yes", ["no", "yes"], [False, True]),
        (["no", "yes"], "yes", [0, 1], [False, True]),
        (["no", "yes"], "yes", [1, 1], [True, True]),
        (["no", "yes"], "yes", [0.0], [False]),
        (["no", "yes"], "no", [True, False], [True, False]),
        (["yes"], "yes", [1], [True]),
        (["-1", "1"], 1, [-1, 1], [False, True]),
        (["-1", "1"], 1, [0, 1], [False, True]),
        (["-1", "1"], 1, [1], [True]),
        (["1", "2"], 2, [1, 2], [False, True]),
        (["1", "2"], 2, [0, 1], [False, True]),
        (["1", "2"], 1, [1], [True]),
        (["no", "yes"], "yes", pa.array([], pa.string()), []),
    ],
)
def test_predictions_hold_the_labels_or_0_and_1(
    labels: list[str], positive: object, predicted: Any, expected: list[bool]
) -> None:
    column = pa.chunked_array([predicted])
    assert decisions(column, positive, labels, "cur", "prediction").tolist() == expected


@pytest.mark.parametrize(
    ("labels", "positive", "predicted", "reason"),
    [
        (["0", "1"], None, [0.5, 1.0], "0 and 1, found '0.5', '1'"),
        (["0", "1"], None, ["no", "yes"], "0 and 1, found 'no', 'yes'"),
        (["no", "yes"], "yes", ["Yes"], "0 and 1, or the labels' values, found 'Yes'"),
        (["no", "yes"], "yes", ["no", "ye"], "0 and 1, or the labels' values, found 'no', 'ye'"),
        (["no", "yes"], "yes", [1, 2], "0 and 1, or the labels' values, found '1', '2'"),
        # the label 1 is a no, the truth value 1 a yes
        (["1", "2"], 2, [1, 1], "0 and 1, or the labels' values, found '1'"),
        (["0", "5"], 0, [0], "0 and 1, or the labels' values, found '0'"),
    ],
)
def test_predictions_that_are_neither_or_both_are_refused(
    labels: list[str], positive: object, predicted: list[Any], reason: str
) -> None:
    with pytest.raises(DataError) as caught:
        decisions(pa.chunked_array([predicted]), positive, labels, "cur", "prediction")
    assert str(caught.value) == f"cur: column 'prediction': predictions must be {reason}"


def test_classes_share_their_codes() -> None:
    first = pa.chunked_array([["b", "a"], ["b"]])
    second = pa.chunked_array([["c", "a", "a"]])
    names, codes = class_codes([first, second])
    assert names == ["b", "a", "c"]
    assert [code.tolist() for code in codes] == [[0, 1, 0], [2, 1, 1]]


def test_classes_of_numbers_are_alike_in_every_type() -> None:
    columns = [pa.chunked_array([[0, 1, 2]]), pa.chunked_array([[2.0, 1.0, 0.0]])]
    names, codes = class_codes(columns)
    assert names == ["0", "1", "2"]
    assert codes[1].tolist() == [2, 1, 0]


def test_classes_of_nothing() -> None:
    assert [c.tolist() for c in class_codes([pa.chunked_array([], pa.string())])[1]] == [[]]


@pytest.mark.parametrize(
    ("classes", "scores", "owners"),
    [
        (["a", "b"], ["a", "b"], {"a": "a", "b": "b"}),
        (["a", "b"], ["p_b", "p_a"], {"b": "p_b", "a": "p_a"}),
        (["0"], ["p_0", "p_1"], {"0": "p_0", "1": "p_1"}),
        (
            ["good", "very_good", "bad"],
            ["p_good", "p_very_good", "p_bad"],
            {"good": "p_good", "very_good": "p_very_good", "bad": "p_bad"},
        ),
        (
            ["bad"],
            ["p_good", "p_very_good", "p_bad"],
            {"good": "p_good", "very_good": "p_very_good", "bad": "p_bad"},
        ),
        # the common prefix is longer than the one before the class
        (["good"], ["p_good", "p_grim"], {"good": "p_good", "grim": "p_grim"}),
        (["a"], ["proba.a", "proba.b"], {"a": "proba.a", "b": "proba.b"}),
        # the names as they are go before those without a prefix
        (["p_a"], ["p_a", "p_p_a"], {"p_a": "p_a", "p_p_a": "p_p_a"}),
    ],
)
def test_probability_columns_by_class(
    classes: list[str], scores: list[str], owners: dict[str, str]
) -> None:
    found = class_columns(classes, scores, "cur")
    assert list(found.items()) == list(owners.items())


NAMES = " name the columns as the classes, or with one prefix before them, such as p_CLASS"


@pytest.mark.parametrize(
    ("classes", "scores", "line"),
    [
        (
            ["a", "b", "c"],
            ["p_a", "p_b"],
            "class 'c' has no probability column of its own." + NAMES,
        ),
        (["a", "b"], ["a", "p_b"], "class 'b' has no probability column of its own." + NAMES),
        (["a"], ["p_a", "p_a"], "a probability column is named twice"),
        (["aa"], ["xaa", "xaaa"], "probability columns that fit several classes." + NAMES),
    ],
)
def test_probability_columns_that_leave_a_doubt(
    classes: list[str], scores: list[str], line: str
) -> None:
    with pytest.raises(DriftcliError) as caught:
        class_columns(classes, scores, "cur")
    assert str(caught.value) == f"cur: {line}"
