from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.summaries import arrays
from driftcli.summaries.arrays import (
    absent,
    flatten,
    is_text,
    label_codes,
    label_counts,
    label_of,
    numeric_values,
)

F8, I8 = np.dtype("f8"), np.dtype("i8")
UTC = dt.UTC


def values(array, dtype=F8):
    found, missing = numeric_values(array, np.dtype(dtype))
    return found.tolist(), missing


@pytest.mark.parametrize(
    ("array", "dtype", "expected"),
    [
        (pa.array([1, None, -3], pa.int8()), I8, ([1, -3], 1)),
        (pa.array([255, 0], pa.uint8()), I8, ([255, 0], 0)),
        (pa.array([9007199254740993, None]), I8, ([9007199254740993], 1)),
        (pa.array([2**64 - 1], pa.uint64()), np.uint64, ([2**64 - 1], 0)),
        (pa.array([0.1], pa.float32()), F8, ([float(np.float32(0.1))], 0)),
        (pa.array([0.1], pa.float64()), np.float32, ([float(np.float32(0.1))], 0)),
        (pa.array(np.array([1.5, 2], np.float16)), np.float16, ([1.5, 2.0], 0)),
        (pa.array([Decimal("1.25"), None], pa.decimal128(9, 2)), F8, ([1.25], 1)),
        (pa.array([Decimal("-0.5")], pa.decimal256(50, 1)), F8, ([-0.5], 0)),
        (pa.array([True, False, None]), I8, ([1, 0], 1)),
        (pa.array([dt.date(1970, 1, 2)]), I8, ([86_400_000_000], 0)),
        (pa.array([86_400_000], pa.date64()), I8, ([86_400_000_000], 0)),
        (pa.array([1], pa.timestamp("s")), I8, ([1_000_000], 0)),
        (pa.array([1_999], pa.timestamp("ns")), I8, ([1], 0)),
        (pa.array([1], pa.timestamp("ms", "Europe/Paris")), I8, ([1_000], 0)),
        (pa.array([dt.time(0, 0, 1, 500_000)]), F8, ([1.5], 0)),
        (pa.array([90], pa.time32("s")), F8, ([90.0], 0)),
        (pa.array([dt.timedelta(days=1), None]), F8, ([86_400.0], 1)),
        (pa.array([2_000_000_000], pa.duration("ns")), F8, ([2.0], 0)),
        (pa.array([7, None, 7]).dictionary_encode(), I8, ([7, 7], 1)),
        (pa.array([], pa.int32()), I8, ([], 0)),
        (pa.array([None, None], pa.float64()), F8, ([], 2)),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_every_type_that_is_compared_as_numbers(array, dtype, expected):
    assert values(array, dtype) == expected


@pytest.mark.parametrize("dtype", [F8, I8, np.dtype("f4"), np.dtype("u8")], ids=str)
def test_a_column_of_the_null_type_is_all_missing(dtype):
    assert values(pa.nulls(3), dtype) == ([], 3)


def test_nan_is_missing_whatever_its_sign_and_infinities_stay():
    array = pa.array([math.nan, -math.nan, math.inf, None, -math.inf, -0.0])
    found, missing = values(array)
    assert (found, missing) == ([math.inf, -math.inf, 0.0], 3)
    assert math.copysign(1, found[2]) == 1.0


def test_slices_are_read_from_their_own_rows():
    array = pa.array([1.0, None, 2.0, math.nan, 3.0])
    assert values(array.slice(2, 2)) == ([2.0], 1)
    assert values(array.slice(4)) == ([3.0], 0)
    assert values(pa.array([5, 6, 7, 8]).slice(1, 2), I8) == ([6, 7], 0)


def test_the_data_are_not_written_to():
    array = pa.array([-0.0, 1.0])
    numeric_values(array, F8)
    assert math.copysign(1, array[0].as_py()) == -1.0


maybe_floats = st.lists(st.one_of(st.none(), st.floats(), st.sampled_from([-0.0, math.inf])))


@given(maybe_floats, st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_values_and_missing_rows_add_up(rows, start):
    array = pa.array(rows, pa.float64()).slice(min(start, len(rows)))
    kept = [v for v in rows[start:] if v is not None and not math.isnan(v)]
    assert values(array) == (kept, len(array) - len(kept))


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (math.inf, "inf"),
        ("True", "True"),
        ("", ""),
        (9007199254740993, "9007199254740993"),
        (dt.date(2020, 1, 2), "2020-01-02"),
    ],
)
def test_label_of(value, label):
    assert label_of(value) == label


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array(["b", "a", None, "b"]), ({"b": 2, "a": 1}, 1)),
        (pa.array(["a", "nan"], pa.large_string()), ({"a": 1, "nan": 1}, 0)),
        (pa.array(["a", None], pa.string_view()), ({"a": 1}, 1)),
        (pa.array(["a", None, "a"]).dictionary_encode(), ({"a": 2}, 1)),
        (pa.array([True, None, False, True]), ({"true": 2, "false": 1}, 1)),
        (pa.array([1, 2, 1]), ({"1": 2, "2": 1}, 0)),
        (pa.array([1.0, 2.5, math.nan, -math.nan, None]), ({"1": 1, "2.5": 1}, 3)),
        (pa.array([0.0, -0.0]), ({"0": 2}, 0)),
        (pa.array([1.0, math.nan]).dictionary_encode(), ({"1": 1}, 1)),
        (pa.nulls(2), ({}, 2)),
        (pa.array([], pa.string()), ({}, 0)),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_label_counts(array, expected):
    assert label_counts(array, np.dtype(np.float64)) == expected


def test_numbers_are_one_category_whatever_their_type():
    """1 and 1.0 are equal, and a float is read in the narrower precision of the two sides."""
    whole, real = pa.array([1, 2]), pa.array([1.0, 2.0])
    assert label_counts(whole, np.dtype(np.int64)) == label_counts(real, np.dtype(np.float64))
    short, long = pa.array([0.1], pa.float32()), pa.array([0.1])
    both = np.dtype(np.float32)
    assert label_counts(short, both) == label_counts(long, both)


def test_a_null_inside_a_dictionary_is_missing():
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, 1, None]), pa.array(["a", None]))
    assert label_counts(array, np.dtype(np.float64)) == ({"a": 1}, 3)


coded = st.one_of(
    st.tuples(st.lists(st.one_of(st.none(), st.text(max_size=2))), st.just(pa.string())),
    st.tuples(st.lists(st.one_of(st.none(), st.text(max_size=2))), st.just(pa.large_string())),
    st.tuples(st.lists(st.one_of(st.none(), st.text(max_size=2))), st.just(pa.string_view())),
    st.tuples(st.lists(st.one_of(st.none(), st.integers(-3, 3))), st.just(pa.int16())),
    st.tuples(st.lists(st.one_of(st.none(), st.booleans())), st.just(pa.bool_())),
    st.tuples(
        st.lists(st.one_of(st.none(), st.sampled_from([0.5, 1.0, -0.0, math.nan, -math.nan]))),
        st.just(pa.float64()),
    ),
)


@pytest.mark.parametrize("few", [0, 20_000], ids=["many", "few"])
@given(coded, st.sampled_from([pa.int8(), pa.int32(), pa.uint64()]), st.data())
@settings(max_examples=100, deadline=None)
def test_dictionaries_are_counted_as_their_values(few, dictionary, kind, data):
    """With nulls among codes and values, values twice, and values that no row has."""
    values, type_ = dictionary
    codes = st.one_of(st.none(), st.integers(0, len(values) - 1)) if values else st.none()
    rows = data.draw(st.lists(codes, max_size=30))
    start = data.draw(st.integers(0, len(rows)))
    array = pa.DictionaryArray.from_arrays(pa.array(rows, kind), pa.array(values, type_))
    plain = pa.array([None if code is None else values[code] for code in rows], type_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "FEW_ROWS", few)
        found = label_counts(array.slice(start), F8)
        expected = label_counts(plain.slice(start), F8)
    assert found == expected
    assert sum(found[0].values()) + found[1] == len(rows) - start


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_what_is_text(kind):
    words = pa.array(["a", None], kind)
    assert is_text(words)
    assert is_text(pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), words))
    assert not is_text(pa.array([1]))
    assert not is_text(pa.array([b"a"]))
    assert not is_text(pa.array([1]).dictionary_encode())


@pytest.mark.parametrize(
    "array",
    [
        pa.array([0.1, None, 2.0, 0.1], pa.float32()),
        pa.array([0.1, None, 2.0, 0.1], pa.float32()).dictionary_encode(),
        pa.array([Decimal("1.50"), None, Decimal(2), Decimal("1.50")]),
        pa.array(["b", None, "a", "b"]),
        pa.array(["b", None, "a", "b"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), pa.array(["b", None, "a"])),
        pa.array([True, None, False, True]),
        pa.nulls(4),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_category_of_each_row_adds_up_to_those_of_all(array, dtype):
    codes, names, present = label_codes(array, np.dtype(dtype))
    found = Counter(names[code] for code in codes)
    missing = 0 if present is None else int((~present).sum())
    assert (dict(found), missing) == label_counts(array, np.dtype(dtype))


def test_dictionaries_of_numbers_are_numbers_too():
    array = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2, 3, 1]), pa.array([2**53 + 1, 7, None, 7])
    )
    assert values(array, I8) == ([2**53 + 1, 7, 7, 7], 2)


def test_flatten_decodes_dictionaries_only():
    plain = pa.array([1, 2])
    assert flatten(plain) is plain
    assert flatten(plain.dictionary_encode()).equals(plain)


@pytest.mark.parametrize("few", [0, 1_000])
def test_few_rows_and_many_are_counted_alike(few, monkeypatch):
    monkeypatch.setattr(arrays, "FEW_ROWS", few)
    words = pa.array(["b", "a", None, "b", "", "nan"])
    assert label_counts(words, np.dtype(np.float64)) == ({"b": 2, "a": 1, "": 1, "nan": 1}, 1)
    truths = pa.array([True, None, False, True])
    assert label_counts(truths, np.dtype(np.float64)) == ({"true": 2, "false": 1}, 1)


@pytest.mark.parametrize("start", [0, 3])
def test_where_values_of_any_type_are_absent(start):
    words = pa.array(["a", None, None, "b", "b", None])
    codes = pa.array([0, 0, 1, 1, 0, 1], pa.int8())
    arrays = [
        (words, [False, True, True, False, False, True]),
        (pc.run_end_encode(words), [False, True, True, False, False, True]),
        (
            pa.UnionArray.from_sparse(codes, [words, pa.array([None, None, 1, None, None, 2])]),
            [False, True, False, True, False, False],
        ),
        (pa.nulls(6), [True] * 6),
        (pa.array([[1], None, [], [None], None, [2]]), [False, True, False, False, True, False]),
    ]
    for array, expected in arrays:
        assert absent(array.slice(start)).tolist() == expected[start:], array.type
