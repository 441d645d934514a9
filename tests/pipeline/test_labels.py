"""Labels found, joined by key, and counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli.errors import DataError
from driftcli.model import LabelCoverage
from driftcli.pipeline.labels import complete_rows, join_labels, present

NAN = float("nan")


def joined(ours: Any, theirs: Any, **others: Any) -> tuple[list[Any], int]:
    """The label of each of our rows, which is the place of its key among theirs; and unmatched."""
    table = pa.table({"id": ours, **others})
    labels = pa.table({"id": theirs, "label": pa.array(range(len(theirs)), pa.int64())})
    result, unmatched = join_labels("cur", table, "id", labels, "labels", "label")
    assert result.column_names == ["id", *(c for c in others if c != "label"), "label"]
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
        "id": [1, 2],
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


@pytest.mark.parametrize(
    ("ours", "theirs", "labels", "unmatched"),
    [
        ([2**64 - 1, 2**63, 5], [-1, 5, 2**63 - 1], [None, None, 1], 2),
        ([5, 2**53 + 1], [2**53, 2**53 + 1], [None, 1], 1),
    ],
)
def test_whole_numbers_of_64_bits_join_with_and_without_a_sign(
    ours: list[int], theirs: list[int], labels: list[int | None], unmatched: int
) -> None:
    unsigned, signed = pa.array(ours, pa.uint64()), pa.array(theirs, pa.int64())
    assert joined(unsigned, signed) == (labels, unmatched)


@pytest.mark.parametrize(
    ("keys", "type_"),
    [
        (pa.array([[1]]), "list<item: int64>"),
        (pa.array([{"a": 1}]), "struct<a: int64>"),
        (pa.array([b"a"]), "binary"),
    ],
)
def test_keys_that_cannot_be_compared_are_refused(keys: pa.Array, type_: str) -> None:
    reason = f"{type_} where numbers, text or truth values are needed"
    for ours, theirs, source in ((keys, pa.array([1]), "cur"), (pa.array([1]), keys, "labels")):
        with pytest.raises(DataError) as caught:
            joined(ours, theirs)
        assert str(caught.value) == f"{source}: column 'id': {reason}"


TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("ours", TEXTS, ids=str)
@pytest.mark.parametrize("theirs", TEXTS, ids=str)
def test_text_is_text_in_every_layout(ours: pa.DataType, theirs: pa.DataType) -> None:
    keys = pa.array(["a", "b"]).cast(ours), pa.array(["c", "a"]).cast(theirs)
    assert joined(*keys) == ([1, None], 1)


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


def test_a_null_inside_a_dictionary_is_missing() -> None:
    label = pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["a", None]))
    rows = complete_rows("cur", pa.table({"label": label}), "label")
    assert rows.table.to_pydict() == {"label": ["a"]}
    assert rows.coverage == LabelCoverage(3, 1)


def test_a_column_of_lists_is_refused() -> None:
    table = pa.table({"label": [1], "score": [[0.5]]})
    with pytest.raises(DataError) as caught:
        complete_rows("cur", table, "label")
    assert str(caught.value) == (
        "cur: column 'score': list<item: double> where numbers, text or truth values are needed"
    )


def test_a_column_of_nulls_alone_is_missing_everywhere() -> None:
    rows = complete_rows("cur", pa.table({"label": [1], "score": pa.nulls(1)}), "label")
    assert (rows.coverage, rows.without_score) == (LabelCoverage(1, 1), 1)


def test_no_rows_are_no_rows() -> None:
    rows = complete_rows("cur", pa.table({"label": pa.array([], pa.int64())}), "label")
    assert (rows.coverage, rows.without_score) == (LabelCoverage(0, 0), 0)
