"""Labels found, joined by key, counted, and read as yes or no."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli.errors import DataError
from driftcli.model import LabelCoverage
from driftcli.pipeline.labels import (
    class_codes,
    complete_rows,
    join_labels,
    present,
    truth_values,
)

NAN = float("nan")


def joined(ours: Any, theirs: Any, **others: Any) -> tuple[list[Any], int]:
    """The label of each of our rows, which is the place of its key among theirs; and unmatched."""
    table = pa.table({"id": ours, **others})
    labels = pa.table({"id": theirs, "label": pa.array(range(len(theirs)), pa.int64())})
    result, unmatched = join_labels("cur", table, "id", labels, "labels", "label")
    assert result.column_names == [*(c for c in others if c != "label"), "label"]
    assert result.num_rows == len(ours)
    return result["label"].to_pylist(), unmatched


def encoded(values: list[Any]) -> pa.Array:
    return pa.array(values).dictionary_encode()


@pytest.mark.parametrize(
    ("ours", "theirs", "labels", "unmatched"),
    [
        pytest.param(pa.array([1, 2, 3]), pa.array([3, 1, 9]), [1, None, 0], 1, id="int64"),
        pytest.param(
            pa.array([1, 2, 3], pa.int32()), pa.array([3, 1], pa.int64()), [1, None, 0], 0, id="i32"
        ),
        pytest.param(
            pa.array([2**64 - 1], pa.uint64()), pa.array([2**64 - 1], pa.uint64()), [0], 0, id="u64"
        ),
        pytest.param(
            pa.array([2**53, 2**53 + 1]), pa.array([2**53 + 1, 2**53]), [1, 0], 0, id="big ints"
        ),
        pytest.param(pa.array(["a", "b"]), pa.array(["b", "z"]), [None, 0], 1, id="string"),
        pytest.param(
            pa.array(["a", "b"]), pa.array(["b"], pa.large_string()), [None, 0], 0, id="large"
        ),
        pytest.param(
            pa.array(["a"], pa.large_string()), pa.array(["a"]), [0], 0, id="large on our side"
        ),
        pytest.param(encoded(["a", "b", None]), pa.array(["b"]), [None, 0, None], 0, id="dict"),
        pytest.param(pa.array(["a", "b"]), encoded(["b", None]), [None, 0], 0, id="dict there"),
        pytest.param(
            encoded(["a", "b"]),
            encoded(["b", "a"]).cast(pa.dictionary(pa.int32(), pa.large_string())),
            [1, 0],
            0,
            id="dict on both",
        ),
        pytest.param(
            pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None])),
            pa.array(["a", None]),
            [0, None],
            0,
            id="null inside a dictionary",
        ),
        pytest.param(
            pa.array([1, None, None, 3]), pa.array([None, None, 3]), [None, None, None, 2], 0,
            id="null is no key",
        ),
        pytest.param(pa.array([True, False]), pa.array([False]), [None, 0], 0, id="bool"),
        pytest.param(
            pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)]),
            pa.array([dt.date(2024, 1, 2)]),
            [None, 0],
            0,
            id="date",
        ),
        pytest.param(pa.array([], pa.int64()), pa.array([1]), [], 1, id="no rows"),
        pytest.param(pa.array([1]), pa.array([], pa.int64()), [None], 0, id="no labels"),
        pytest.param(pa.array([1, 2]), pa.array([7, 8, 9]), [None, None], 3, id="none matches"),
        pytest.param(
            pa.chunked_array([["a"], ["b"]]), pa.chunked_array([["c"], ["a"]]), [1, None], 1,
            id="chunks",
        ),
    ],
)  # fmt: skip
def test_each_row_gets_the_label_of_its_key(
    ours: Any, theirs: Any, labels: list[Any], unmatched: int
) -> None:
    assert joined(ours, theirs) == (labels, unmatched)


def test_a_label_in_the_data_gives_way_to_the_joined_one() -> None:
    others = {"score": pa.array([0.1, 0.2]), "label": pa.array([7, 8])}
    assert joined(pa.array([1, 2]), pa.array([2, 1]), **others) == ([1, 0], 0)


def test_other_columns_stay_as_they_are() -> None:
    table = pa.table({"score": [0.1, 0.2], "id": [1, 2], "group": ["x", None]})
    labels = pa.table({"label": ["no", "yes"], "more": [1, 2], "id": [2, 1]})
    result, _ = join_labels("cur", table, "id", labels, "labels", "label")
    assert result.to_pydict() == {
        "score": [0.1, 0.2],
        "group": ["x", None],
        "label": ["yes", "no"],
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "line"),
    [
        (
            [1, 1, 2, 2],
            [1],
            "cur: column 'id': 2 keys appear more than once (first '1')."
            " join on a key that is unique",
        ),
        (
            [1, 2],
            [3, 3],
            "labels: column 'id': a key appears more than once (first '3')."
            " join on a key that is unique",
        ),
        (
            ["a\n", "a\n"],
            ["b"],
            r"cur: column 'id': a key appears more than once (first 'a\n')."
            " join on a key that is unique",
        ),
        (
            list(range(1500)) * 2,
            [1],
            "cur: column 'id': 1,500 keys appear more than once (first '0')."
            " join on a key that is unique",
        ),
    ],
)
def test_74_a_repeated_key_is_refused(ours: list[Any], theirs: list[Any], line: str) -> None:
    with pytest.raises(DataError) as caught:
        joined(pa.array(ours), pa.array(theirs))
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("ours", "theirs", "types"),
    [
        (pa.array([1]), pa.array(["1"]), ("int64", "string")),
        (pa.array([1.0]), pa.array([1]), ("double", "int64")),
        (encoded(["1"]), pa.array([1]), ("string", "int64")),
        (pa.array([True]), pa.array([1]), ("bool", "int64")),
        (
            pa.array([0], pa.timestamp("us")),
            pa.array([0], pa.timestamp("us", "UTC")),
            ("timestamp[us]", "timestamp[us, tz=UTC]"),
        ),
    ],
)
def test_keys_of_two_types_are_refused(ours: Any, theirs: Any, types: tuple[str, str]) -> None:
    with pytest.raises(DataError) as caught:
        joined(ours, theirs)
    assert str(caught.value) == (
        f"labels: column 'id': is {types[0]} in cur but {types[1]} here, so no row matches"
    )


@pytest.mark.xfail(strict=True, raises=pa.ArrowException, reason="an error of Arrow, as of a bug")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(pa.array([2**64 - 1], pa.uint64()), pa.array([1]), id="uint64 with int64"),
        pytest.param(pa.array([[1]]), pa.array([[1]]), id="list"),
        pytest.param(pa.array([{"a": 1}]), pa.array([{"a": 1}]), id="struct"),
    ],
)
def test_odd_keys_are_joined_or_refused(ours: Any, theirs: Any) -> None:
    with contextlib.suppress(DataError):
        assert joined(ours, theirs)[0] in ([0], [None])


@pytest.mark.xfail(
    strict=True, raises=DataError, reason="string_view, as polars hands it out, is no text here"
)
def test_text_is_text_in_every_layout() -> None:
    assert joined(pa.array(["a"], pa.string_view()), pa.array(["a"])) == ([0], 0)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1.0, None, NAN, np.inf, -NAN]), [True, False, False, True, False]),
        (pa.array([1, None, 0]), [True, False, True]),
        (pa.array(["", None, "NaN"]), [True, False, True]),
        (pa.nulls(2), [False, False]),
        (pa.array([1.0, NAN], pa.float32()), [True, False]),
        (encoded(["a", None]), [True, False]),
    ],
)
def test_null_and_nan_are_missing(column: pa.Array, expected: list[bool]) -> None:
    assert present(pa.chunked_array([column])).to_pylist() == expected


def test_rows_are_kept_whole_and_the_rest_is_counted() -> None:
    table = pa.table(
        {
            "label": [1, 0, None, 1, 0, None],
            "score": [0.1, None, 0.3, NAN, 0.5, None],
            "prediction": ["a", "b", "c", "d", None, "f"],
        }
    )
    rows = complete_rows("cur", table, "label", unmatched=7)
    assert rows.table.to_pydict() == {"label": [1], "score": [0.1], "prediction": ["a"]}
    assert rows.coverage == LabelCoverage(rows=6, labelled=4, unmatched=7)
    assert rows.without_score == 3
    assert rows.name == "cur"


def test_no_rows_are_no_rows() -> None:
    rows = complete_rows("cur", pa.table({"label": pa.array([], pa.int64())}), "label")
    assert (rows.coverage, rows.without_score) == (LabelCoverage(0, 0), 0)


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
        (["no", "no"], "yes", [False, False]),
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
            "labels must be 0 and 1, found '0', '1', '10', '11', '12' and 15 more" + HINT,
        ),
        (
            ["yes", "no", "maybe"],
            "yes",
            "labels must be 0 and 1, found 'maybe', 'no', 'yes'" + HINT,
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


@pytest.mark.xfail(strict=True, raises=DataError, reason="not read as the number it is")
@pytest.mark.parametrize(
    ("values", "positive"),
    [
        pytest.param([Decimal("0.0"), Decimal("1.0")], None, id="decimal"),
        pytest.param([-1.0, 1.0], "1.0", id="a float as typed on the command line"),
        pytest.param([False, True], "True", id="a truth value as Python writes it"),
        pytest.param([False, True], 1, id="1 for true"),
    ],
)
def test_numbers_and_truth_in_another_spelling(values: list[Any], positive: object) -> None:
    assert truths(values, positive) == [False, True]


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
