from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from driftcli.model import ColumnKind, Skip
from driftcli.schema import ColumnPlan, Plan, kind_of, plan_columns

NUMERIC, CATEGORICAL = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL
BOOLEAN, DATETIME, OTHER = ColumnKind.BOOLEAN, ColumnKind.DATETIME, ColumnKind.OTHER
TEXT = pa.dictionary(pa.int32(), pa.string())

KINDS = {
    **dict.fromkeys([pa.int8(), pa.int16(), pa.int32(), pa.int64()], NUMERIC),
    **dict.fromkeys([pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()], NUMERIC),
    **dict.fromkeys([pa.float16(), pa.float32(), pa.float64()], NUMERIC),
    **dict.fromkeys([pa.decimal128(9, 2), pa.decimal256(50, 2)], NUMERIC),
    **dict.fromkeys([pa.time32("s"), pa.time64("us"), pa.duration("ns")], NUMERIC),
    **dict.fromkeys([pa.string(), pa.large_string(), pa.string_view()], CATEGORICAL),
    **dict.fromkeys([TEXT, pa.dictionary(pa.int8(), pa.int64())], CATEGORICAL),
    **dict.fromkeys([pa.date32(), pa.date64(), pa.timestamp("s")], DATETIME),
    **dict.fromkeys([pa.timestamp("ns", "UTC"), pa.timestamp("us", "Europe/Paris")], DATETIME),
    pa.bool_(): BOOLEAN,
    **dict.fromkeys([pa.binary(), pa.large_binary(), pa.binary(4)], OTHER),
    **dict.fromkeys(
        [pa.list_(pa.int64()), pa.large_list(pa.int8()), pa.list_(pa.int8(), 2)], OTHER
    ),
    **dict.fromkeys([pa.struct([("a", pa.int64())]), pa.map_(pa.string(), pa.int64())], OTHER),
    **dict.fromkeys([pa.dictionary(pa.int8(), pa.binary()), pa.month_day_nano_interval()], OTHER),
}


@pytest.mark.parametrize("type_", KINDS, ids=str)
def test_every_arrow_type_has_a_kind(type_):
    assert kind_of(type_) is KINDS[type_]


def plan(before, after, **settings):
    return plan_columns(pa.schema([("x", before)]), pa.schema([("x", after)]), **settings)


def planned(before, after, **settings):
    """The plan of one column, or why there is none."""
    found = plan(before, after, **settings)
    return found.columns[0] if found.columns else found.skipped["x"]


@pytest.mark.parametrize("type_", KINDS, ids=str)
def test_a_type_is_compared_with_itself(type_):
    found = planned(type_, type_)
    assert (found.name, found.kind, found.stands_for) == ("x", KINDS[type_], str(type_))
    assert found.counted is (found.kind in (CATEGORICAL, BOOLEAN))
    assert found.presence_only is (found.kind in (DATETIME, OTHER))


@pytest.mark.parametrize("type_", [t for t, kind in KINDS.items() if kind is OTHER], ids=str)
def test_other_values_are_skipped_and_no_fault_unless_asked_for(type_):
    skip = plan(type_, type_).skipped["x"]
    assert skip.harmless
    for settings in ({"include": ["x"]}, {"types": {"x": "numeric"}}):
        found = plan(type_, type_, **settings)
        assert found.skipped == {"x": Skip(skip.reason, harmless=False)}
        assert [column.kind for column in found.columns] == [OTHER]


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        (pa.list_(pa.int64()), "list"),
        (pa.struct([("a", pa.int64())]), "struct"),
        (pa.map_(pa.string(), pa.int64()), "map"),
        (pa.binary(), "binary"),
    ],
    ids=str,
)
@pytest.mark.parametrize("empty", [False, True])
def test_the_reason_of_a_skip(type_, name, empty):
    reason = f"{name} values are not compared; only missing values are checked"
    before = pa.null() if empty else type_
    assert plan(before, type_).skipped == {"x": Skip(reason, harmless=True)}


def test_nothing_on_either_side_is_a_skip():
    assert planned(pa.null(), pa.null()) == Skip("no values on either side", harmless=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pa.list_(pa.int64()), pa.large_list(pa.float64())),
        (pa.list_(pa.int8()), pa.list_(pa.int8(), 2)),
        (pa.binary(), pa.binary(4)),
        (pa.struct([("a", pa.int8())]), pa.struct([("b", pa.int8())])),
        (pa.map_(pa.string(), pa.int8()), pa.map_(pa.string(), pa.int64())),
    ],
)
def test_other_values_of_one_sort_go_together(before, after):
    assert planned(before, after).kind is OTHER


@pytest.mark.parametrize(
    ("before", "after", "dtype"),
    [
        (pa.int8(), pa.int64(), "i8"),
        (pa.uint32(), pa.int64(), "i8"),
        (pa.uint64(), pa.uint64(), "u8"),
        (pa.uint64(), pa.int64(), "f8"),
        (pa.int64(), pa.float64(), "f8"),
        (pa.float32(), pa.float64(), "f4"),
        (pa.float64(), pa.float32(), "f4"),
        (pa.float16(), pa.float32(), "f2"),
        (pa.decimal128(9, 2), pa.decimal128(9, 3), "f8"),
        (pa.decimal128(9, 2), pa.int64(), "f8"),
        (pa.time32("s"), pa.time64("ns"), "f8"),
        (pa.duration("s"), pa.duration("us"), "f8"),
        (pa.timestamp("s"), pa.timestamp("ns"), "i8"),
        (pa.date32(), pa.timestamp("us"), "i8"),
        (pa.uint64(), pa.uint32(), "u8"),
        (pa.uint64(), pa.dictionary(pa.int8(), pa.uint8()), "u8"),
        (pa.uint64(), pa.int8(), "f8"),
        (pa.uint64(), pa.float32(), "f4"),
        (pa.int64(), pa.dictionary(pa.int8(), pa.int64()), "i8"),
        (pa.int64(), pa.dictionary(pa.int8(), pa.float32()), "f4"),
        (pa.dictionary(pa.int8(), pa.float64()), pa.dictionary(pa.int8(), pa.int64()), "f8"),
        (pa.dictionary(pa.int8(), pa.float32()), pa.float64(), "f4"),
        (pa.dictionary(pa.int8(), pa.time32("s")), pa.time64("us"), "f8"),
    ],
    ids=str,
)
def test_the_type_in_which_both_sides_are_compared(before, after, dtype):
    for one, other in ((before, after), (after, before)):
        assert planned(one, other).dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (pa.string(), TEXT, CATEGORICAL),
        (TEXT, pa.large_string(), CATEGORICAL),
        (pa.dictionary(pa.int8(), pa.int64()), pa.int64(), CATEGORICAL),
        (pa.int64(), pa.dictionary(pa.int8(), pa.int64()), NUMERIC),
        (pa.timestamp("us", "UTC"), pa.timestamp("us", "Europe/Paris"), DATETIME),
        (pa.dictionary(pa.int8(), pa.time32("s")), pa.time32("s"), CATEGORICAL),
        (pa.duration("s"), pa.dictionary(pa.int8(), pa.duration("ms")), NUMERIC),
        (pa.dictionary(pa.int8(), pa.bool_()), pa.bool_(), CATEGORICAL),
        (pa.timestamp("s"), pa.dictionary(pa.int8(), pa.date32()), DATETIME),
    ],
    ids=str,
)
def test_the_kind_is_that_of_the_reference(before, after, kind):
    assert planned(before, after).kind is kind


@pytest.mark.parametrize("value", [pa.float64(), pa.float32(), pa.decimal128(9, 2)], ids=str)
def test_a_dictionary_of_fractions_is_not_cut_to_whole_numbers(value):
    assert planned(pa.int64(), pa.dictionary(pa.int32(), value)).dtype.kind == "f"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (pa.int64(), pa.string(), "int64 in the reference but text in current"),
        (pa.string(), pa.float64(), "text in the reference but double in current"),
        (pa.bool_(), pa.string(), "bool in the reference but text in current"),
        (pa.bool_(), pa.int64(), "bool in the reference but int64 in current"),
        (TEXT, pa.int64(), "text in the reference but int64 in current"),
        (pa.timestamp("us"), pa.int64(), "timestamp[us] in the reference but int64 in current"),
        (pa.duration("s"), pa.int64(), "duration[s] in the reference but int64 in current"),
        (pa.time32("s"), pa.duration("s"), "time32[s] in the reference but duration[s] in current"),
        (
            pa.dictionary(pa.int8(), pa.time32("s")),
            pa.int32(),
            "time32[s] in the reference but int32 in current",
        ),
        (
            pa.dictionary(pa.int8(), pa.timestamp("s")),
            pa.timestamp("s", "UTC"),
            "timestamps without a time zone in the reference but with a time zone in current",
        ),
        (pa.list_(pa.int8()), pa.int8(), "list in the reference but int8 in current"),
        (
            pa.struct([]),
            pa.map_(pa.int8(), pa.int8()),
            "struct in the reference but map in current",
        ),
        (pa.binary(), pa.list_(pa.int8()), "binary in the reference but list in current"),
        (pa.int8(), pa.binary(), "int8 in the reference but binary in current"),
        (
            pa.timestamp("us"),
            pa.timestamp("us", "UTC"),
            "timestamps without a time zone in the reference but with a time zone in current",
        ),
        (
            pa.timestamp("us", "UTC"),
            pa.timestamp("us"),
            "timestamps with a time zone in the reference but without a time zone in current",
        ),
    ],
    ids=str,
)
def test_two_kinds_are_a_fault(before, after, reason):
    assert planned(before, after) == Skip(reason, harmless=False)


@pytest.mark.parametrize("type_", [pa.int64(), pa.float64(), pa.string(), pa.bool_()], ids=str)
def test_a_side_without_any_value_takes_the_type_of_the_other(type_):
    for sides in ((type_, pa.null()), (pa.null(), type_)):
        assert planned(*sides) == planned(type_, type_)


@pytest.mark.parametrize(
    ("type_", "asked", "kind"),
    [
        (pa.int64(), "categorical", CATEGORICAL),
        (pa.float64(), "categorical", CATEGORICAL),
        (pa.bool_(), "categorical", CATEGORICAL),
        (pa.bool_(), "numeric", NUMERIC),
        (pa.timestamp("us"), "numeric", NUMERIC),
        (pa.timestamp("us"), "datetime", DATETIME),
        (pa.string(), "categorical", CATEGORICAL),
        (pa.dictionary(pa.int8(), pa.int64()), "numeric", NUMERIC),
        (pa.dictionary(pa.int8(), pa.float32()), "numeric", NUMERIC),
        (pa.dictionary(pa.int8(), pa.decimal128(9, 2)), "numeric", NUMERIC),
        (pa.dictionary(pa.int8(), pa.timestamp("s")), "datetime", DATETIME),
        (pa.dictionary(pa.int8(), pa.bool_()), "boolean", BOOLEAN),
    ],
    ids=str,
)
def test_the_user_may_set_the_kind(type_, asked, kind):
    assert planned(type_, type_, types={"x": asked}).kind is kind


@pytest.mark.parametrize(
    ("type_", "asked", "reason"),
    [
        (pa.string(), "numeric", "text values cannot be compared as numeric"),
        (TEXT, "numeric", "text values cannot be compared as numeric"),
        (pa.int64(), "boolean", "int64 values cannot be compared as boolean"),
        (pa.int64(), "datetime", "int64 values cannot be compared as datetime"),
    ],
    ids=str,
)
def test_a_kind_that_the_values_cannot_have_is_a_fault(type_, asked, reason):
    assert planned(type_, type_, types={"x": asked}) == Skip(reason, harmless=False)


def schema(*names):
    return pa.schema([(name, pa.int64()) for name in names])


def names(found):
    return [column.name for column in found.columns]


def test_columns_are_those_of_the_reference_in_its_order():
    found = plan_columns(schema("b", "a", "gone"), schema("new", "a", "b"))
    assert names(found) == ["b", "a"]
    assert found.skipped == {"gone": Skip("no such column in current")}
    assert found.new == ("new",)


def test_include_and_exclude():
    before, after = schema("a", "b", "c"), schema("a", "b", "c", "new")
    assert names(plan_columns(before, after, include=["c", "a"])) == ["c", "a"]
    assert plan_columns(before, after, include=["c"]).new == ()
    found = plan_columns(before, after, exclude=["b", "new"])
    assert (names(found), found.new) == (["a", "c"], ())
    assert names(plan_columns(before, after, include=["a", "b"], exclude=["b"])) == ["a"]


@pytest.mark.parametrize(
    ("before", "after", "side"), [("a", "x", "the reference"), ("x", "a", "current")]
)
def test_a_requested_column_absent_on_one_side_is_a_fault(before, after, side):
    found = plan_columns(schema(before), schema(after), include=["x"])
    assert found == Plan((), {"x": Skip(f"no such column in {side}", harmless=False)}, ())


def test_the_whole_plan():
    int64 = ColumnPlan("a", NUMERIC, np.dtype("i8"), "int64")
    assert plan_columns(schema("a"), schema("a")) == Plan((int64,), {}, ())


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("age", " age", "blanks around it"),
        ("age ", "age", "blanks around it"),
        ("age", "Age", "capitals"),
        ("caf\u00e9", "cafe\u0301", "the form of its Unicode (NFC, NFD)"),
        ("age", "AGE ", "blanks, capitals or the form of its Unicode"),
        ("age", "ages", None),
    ],
)
def test_a_column_that_is_spelt_otherwise(before, after, what):
    one, other = (pa.schema([(name, pa.int64())]) for name in (before, after))
    differs = f", but one whose name differs in {what}" if what else ""
    assert plan_columns(one, other).skipped[before].reason == f"no such column in current{differs}"


SUSPECT = "'oops' in line 4 of a.csv is not a number, as nearly all others are"


def suspected(before, after, **settings):
    return planned(before, after, suspects={"x": SUSPECT}, **settings)


@pytest.mark.parametrize("after", [pa.string(), pa.float64()], ids=str)
@pytest.mark.parametrize("types", [{}, {"x": "numeric"}, {"y": "categorical"}], ids=str)
def test_text_that_was_meant_to_be_numbers_is_a_fault(after, types):
    for sides in ((pa.string(), after), (after, pa.string())):
        found = suspected(*sides, types=types)
        assert found == Skip(f"{SUSPECT} (columns.types can say categorical)", harmless=False)


def test_the_user_may_mean_text():
    found = suspected(pa.string(), pa.string(), types={"x": "categorical"})
    assert found == planned(pa.string(), pa.string(), types={"x": "categorical"})


def test_a_suspect_that_one_side_lacks_or_nobody_asked_for():
    text, number = pa.schema([("x", pa.string())]), schema("y")
    suspects = {"x": SUSPECT}
    found = plan_columns(text, number, suspects=suspects)
    assert found.skipped == {"x": Skip("no such column in current")}
    both = pa.schema([*text, *number])
    assert plan_columns(both, both, exclude=["x"], suspects=suspects).skipped == {}
    assert plan_columns(both, both, include=["y"], suspects=suspects).skipped == {}
    assert plan_columns(number, both, suspects=suspects).skipped == {}
