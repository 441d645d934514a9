from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from source_helpers import Write, one_line

from driftcli.errors import DataError, DriftcliError, UsageError
from driftcli.sources import open_source
from driftcli.sources.plant_text import FORMS, parse_plant
from driftcli.sources.planted import Planted, apply_plants
from driftcli.sources.plants import _uniform

ALL = 131_072
HOUR = dt.timedelta(hours=1)
DAYS = [dt.datetime(2013, 1, 1 + row, 23, 30) for row in range(20)]
FLIGHTS: dict[str, list[Any]] = {
    "distance": [None if row == 3 else 100 + row for row in range(20)],
    "score": [None if row == 5 else row / 8 for row in range(20)],
    "carrier": [None if row % 7 == 6 else ("UA", "AA", "DL")[row % 3] for row in range(20)],
    "dest": [f"D{row}" for row in range(20)],
    "dep_time": [None if row == 8 else DAYS[row] for row in range(20)],
    "late": [None if row == 1 else row % 2 == 0 for row in range(20)],
}


@pytest.fixture(params=["flights.csv", "flights.parquet"])
def flights(folder: object, request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    table = pa.table(FLIGHTS)
    if name.endswith(".csv"):
        pacsv.write_csv(table, name)
    else:
        pq.write_table(table, name, row_group_size=6)
    return name


def planted(target: object, *texts: str) -> Planted:
    return Planted(open_source(target), [parse_plant(text) for text in texts])


def values(
    source: Planted, columns: Sequence[str] | None = None, batch_rows: int = ALL
) -> dict[str, list[Any]]:
    """All values, of which each batch must have the types that the schema tells."""
    names = source.schema.names if columns is None else list(columns)
    found: dict[str, list[Any]] = {name: [] for name in names}
    for batch in source.batches(names, batch_rows):
        assert batch.schema.names == names
        assert 0 < batch.num_rows <= batch_rows
        for name in names:
            kind, told = batch.schema.field(name).type, source.schema.field(name).type
            coded = pa.types.is_dictionary(kind) and not pa.types.is_dictionary(told)
            assert (kind.value_type if coded else kind) == told
            found[name] += batch.column(name).to_pylist()
    return found


def column(values_: pa.Array, *texts: str) -> tuple[pa.DataType, list[Any]]:
    """The type and the values of a column ``x`` after plants."""
    source = planted(pa.table({"x": values_}), *texts)
    return source.schema.field("x").type, values(source)["x"]


def refused(target: object, *texts: str) -> str:
    with pytest.raises(UsageError) as caught:
        planted(target, *texts)
    return one_line(caught.value)


def each(name: str, change: Callable[[Any], Any]) -> dict[str, list[Any]]:
    """The flights with a change to every value that is there in a column."""
    return {**FLIGHTS, name: [None if v is None else change(v) for v in FLIGHTS[name]]}


def rows(keep: Callable[[int], bool]) -> dict[str, list[Any]]:
    return {name: [v for i, v in enumerate(c) if keep(i)] for name, c in FLIGHTS.items()}


FORM_CASES: list[tuple[str, dict[str, list[Any]]]] = [
    ("distance*1.609", each("distance", lambda v: v * 1.609)),
    ("distance * 2", each("distance", lambda v: v * 2)),
    ("distance/3", each("distance", lambda v: v / 3)),
    ("score+5", each("score", lambda v: v + 5)),
    ("score-1e-1", each("score", lambda v: v - 0.1)),
    ("score*-.5", each("score", lambda v: v * -0.5)),
    ("shift:score=0.1", each("score", lambda v: v + 0.1)),
    ("shift:distance=-7", each("distance", lambda v: v - 7)),
    ("shift:dep_time=1h", each("dep_time", lambda v: v + HOUR)),
    ("shift:dep_time=-1.5h", each("dep_time", lambda v: v - 1.5 * HOUR)),
    ("null:dest=1", {**FLIGHTS, "dest": [None] * 20}),
    ("drop:carrier=UA", rows(lambda i: FLIGHTS["carrier"][i] != "UA")),
    ("drop:distance=104", rows(lambda i: i != 4)),
    ("drop:score=0.25", rows(lambda i: i != 2)),
    ("drop:late=TRUE", rows(lambda i: FLIGHTS["late"][i] is not True)),
    ("drop:dep_time=2013-01-03 23:30:00", rows(lambda i: i != 2)),
    ("set:dest=a=b", {**FLIGHTS, "dest": ["a=b"] * 20}),
    ("set:carrier=", {**FLIGHTS, "carrier": [""] * 20}),
    ("set:distance=7", {**FLIGHTS, "distance": [7] * 20}),
    ("set:distance=7.5", {**FLIGHTS, "distance": [7.5] * 20}),
    ("set:late=false", {**FLIGHTS, "late": [False] * 20}),
    ("set:dep_time=2013-01-01", {**FLIGHTS, "dep_time": [dt.datetime(2013, 1, 1)] * 20}),
    ("swap:carrier,dest", {**FLIGHTS, "carrier": FLIGHTS["dest"], "dest": FLIGHTS["carrier"]}),
    ("swap:score,dest", {**FLIGHTS, "score": FLIGHTS["dest"], "dest": FLIGHTS["score"]}),
]


@pytest.mark.parametrize("batch_rows", [1, 7, ALL])
@pytest.mark.parametrize(("text", "expected"), FORM_CASES, ids=[text for text, _ in FORM_CASES])
def test_each_form(
    flights: str, text: str, expected: dict[str, list[Any]], batch_rows: int
) -> None:
    source = planted(flights, text)
    assert values(source, batch_rows=batch_rows) == expected
    assert source.warnings == []
    # column by column, as an engine may read them
    for name in FLIGHTS:
        assert values(source, [name], batch_rows) == {name: expected[name]}


def test_what_the_source_tells(flights: str) -> None:
    known = open_source(flights)
    source = planted(flights, "distance*1.609")
    assert (source.name, source.rows, source.columnar, source.partitions, source.suspects) == (
        (flights, known.rows, known.columnar, (), {})
    )
    field = source.schema.get_field_index("distance")
    assert source.schema == known.schema.set(field, pa.field("distance", pa.float64()))
    assert planted(flights).schema == known.schema


def test_rows_are_unknown_until_they_are_read_where_some_are_dropped(flights: str) -> None:
    source = planted(flights, "drop:carrier=UA")
    assert source.rows is None
    kept = len(values(source, ["dest"])["dest"])
    assert source.rows == kept == 20 - FLIGHTS["carrier"].count("UA")


def test_folders_stay_what_they_are(write: Write) -> None:
    write("logs/day=1/a.csv", "x\n1\n2\n")
    write("logs/day=2/a.csv", "x\n3\n")
    source = planted("logs", "drop:day=1", "x*2")
    assert source.partitions == ("day",)
    assert values(source) == {"x": [6], "day": [2]}


# -- nulls -----------------------------------------------------------------------------------

MANY = 40_000


def emptied(*texts: str, columns: Sequence[str] = ("x",), batch_rows: int = ALL) -> set[int]:
    """The rows without a value in ``x``."""
    table = pa.table({"x": range(MANY), "y": range(MANY), "word": ["a", "b"] * (MANY // 2)})
    found = values(planted(table, *texts), columns, batch_rows)["x"]
    return {row for row, value in enumerate(found) if value is None}


def test_nulls_are_in_the_same_rows_whatever_is_read_with_them() -> None:
    chosen = emptied("null:x=0.05")
    assert emptied("null:x=0.05", columns=["word", "x", "y"], batch_rows=977) == chosen
    assert emptied("null:y=0.5", "null:x=0.05") == chosen
    # five standard deviations of a binomial count
    assert abs(len(chosen) - 0.05 * MANY) < 5 * (MANY * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize("batch_rows", [1, 7, ALL])
def test_nulls_of_files(flights: str, batch_rows: int) -> None:
    chosen = _uniform(np.arange(20, dtype=np.uint64), "dest") < 0.4
    assert 0 < chosen.sum() < 20
    expected = [None if c else v for c, v in zip(chosen, FLIGHTS["dest"], strict=True)]
    source = planted(flights, "null:dest=0.4")
    assert values(source, batch_rows=batch_rows) == {**FLIGHTS, "dest": expected}
    assert values(source, ["dest"], batch_rows) == {"dest": expected}


def test_nulls_of_a_smaller_share_are_among_those_of_a_larger_one() -> None:
    assert emptied("null:x=0.01") < emptied("null:x=0.05") < emptied("null:x=0.5")


def test_nulls_of_two_columns_know_nothing_of_each_other() -> None:
    table = pa.table({"x": range(MANY), "y": range(MANY)})
    found = values(planted(table, "null:x=0.5", "null:y=0.5"))
    both = sum(x is y is None for x, y in zip(found["x"], found["y"], strict=True))
    assert abs(both - 0.25 * MANY) < 5 * (MANY * 0.25 * 0.75) ** 0.5


def test_nulls_stay_in_their_rows_behind_a_drop() -> None:
    table = pa.table({"x": range(MANY), "word": ["a", "b"] * (MANY // 2), "y": range(MANY)})
    found = values(planted(table, "drop:word=b", "null:x=0.05"))
    lost = {y for x, y in zip(found["x"], found["y"], strict=True) if x is None}
    assert lost == {row for row in emptied("null:x=0.05") if row % 2 == 0}


def test_nulls_by_the_generator_as_it_was_published() -> None:
    """The first numbers of SplitMix64 from seed 0, as the reference code of xoshiro gives them."""
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    seed = int.from_bytes(hashlib.blake2b(b"x", digest_size=8).digest(), "little")
    golden = 0x9E3779B97F4A7C15
    # the state before row r is seed + (r + 1) * golden: rows at which it is that of seed 0
    start = -seed * pow(golden, -1, 2**64) % 2**64
    rows_ = np.array([(start + at) % 2**64 for at in range(4)], dtype=np.uint64)
    assert _uniform(rows_, "x").tolist() == [(n >> 11) / 2**53 for n in published]


# -- several plants --------------------------------------------------------------------------


def test_plants_are_made_in_the_order_given(flights: str) -> None:
    twice = values(planted(flights, "distance+1", "distance*2"), ["distance"])
    assert twice == {"distance": each("distance", lambda v: (v + 1) * 2)["distance"]}
    swapped = values(planted(flights, "swap:dest,carrier", "drop:dest=UA"), ["score"])
    assert swapped == {"score": rows(lambda i: FLIGHTS["carrier"][i] != "UA")["score"]}
    later = values(planted(flights, "drop:carrier=UA", "set:carrier=UA"), ["carrier"])
    assert later == {"carrier": ["UA"] * (20 - FLIGHTS["carrier"].count("UA"))}


def test_dropping_every_row_is_an_error(flights: str) -> None:
    source = planted(flights, "set:carrier=UA", "drop:carrier=UA")
    with pytest.raises(DataError) as caught:
        values(source, ["dest"])
    assert one_line(caught.value) == f"{flights}: 0 rows. --plant 'drop:carrier=UA' leaves none"


def test_a_drop_of_nothing_is_told(flights: str) -> None:
    source = planted(flights, "drop:carrier=ZZ", "drop:distance=1.5", "drop:dest=D1")
    assert len(values(source, ["dest"])["dest"]) == 19
    values(source, ["dest"])
    assert source.warnings == [
        f"{flights}: no row is dropped by --plant 'drop:carrier=ZZ'",
        f"{flights}: no row is dropped by --plant 'drop:distance=1.5'",
    ]


def test_a_batch_of_ones_own(flights: str) -> None:
    plants = [parse_plant(text) for text in ("null:dest=0.4", "drop:carrier=UA", "score*2")]
    batch = pa.record_batch(FLIGHTS)
    whole = pa.Table.from_batches([apply_plants(batch, plants, 0)])
    parts = [apply_plants(batch.slice(start, 6), plants, start) for start in range(0, 20, 6)]
    assert pa.Table.from_batches(parts).equals(whole)
    assert whole.to_pydict() == values(Planted(open_source(flights), plants))
    dropped = Counter[str]()
    apply_plants(batch, plants, 0, dropped)
    assert dropped["drop:carrier=UA"] == FLIGHTS["carrier"].count("UA") == dropped.total()
    few = apply_plants(batch.select(["carrier"]), plants, 0)
    assert few.to_pydict() == {"carrier": whole["carrier"].to_pylist()}
    with pytest.raises(UsageError) as caught:
        apply_plants(batch.select(["dest"]), plants, 0)
    assert one_line(caught.value) == (
        "column 'carrier': no such column, but --plant 'drop:carrier=UA' names it"
    )


# -- types -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "text", "kind", "expected"),
    [
        (pa.array([1, None], pa.int8()), "x*1000", pa.int64(), [1000, None]),
        (pa.array([3, None], pa.uint8()), "x-5", pa.int64(), [-2, None]),
        (pa.array([3], pa.uint64()), "x+2", pa.int64(), [5]),
        (pa.array([2**63], pa.uint64()), "x*0.5", pa.float64(), [2.0**62]),
        (pa.array([2**60 + 1]), "x+2", pa.int64(), [2**60 + 3]),
        (pa.array([2**60 + 1]), "x/2", pa.float64(), [2.0**59]),
        (pa.array([7]), "x*1e30", pa.float64(), [7e30]),
        (pa.array([7]), "x*2.0", pa.int64(), [14]),
        (
            pa.array([0.1, None], pa.float32()),
            "x*1.609",
            pa.float32(),
            [float(np.float32(float(np.float32(0.1)) * 1.609)), None],
        ),
        (pa.array([0.5], pa.float16()), "x+1", pa.float64(), [1.5]),
        (pa.array([float("inf"), -2.0]), "x*-2", pa.float64(), [float("-inf"), 4.0]),
        (pa.array([Decimal("1.50"), None]), "x*2", pa.float64(), [3.0, None]),
        (pa.array([Decimal("1.50"), None]), "drop:x=1.5", pa.decimal128(3, 2), [None]),
        (pa.array([Decimal("1.50")]), "set:x=2", pa.float64(), [2.0]),
        (
            pa.array([5, None, 5]).dictionary_encode(),
            "x*2",
            pa.dictionary(pa.int32(), pa.int64()),
            [10, None, 10],
        ),
        (
            pa.array(["a", None, "b"]).dictionary_encode(),
            "drop:x=a",
            pa.dictionary(pa.int32(), pa.string()),
            [None, "b"],
        ),
        (
            pa.array(["a", None, "b"]).dictionary_encode(),
            "null:x=1",
            pa.dictionary(pa.int32(), pa.string()),
            [None] * 3,
        ),
        (
            pa.array(["a", None]).dictionary_encode(),
            "set:x=c",
            pa.dictionary(pa.int32(), pa.string()),
            ["c", "c"],
        ),
        (pa.array(["a", "b"], pa.string_view()), "drop:x=a", pa.large_string(), ["b"]),
        (pa.array(["a", "b"], pa.string_view()), "null:x=1", pa.large_string(), [None] * 2),
        (pa.array([[1], None]), "null:x=1", pa.list_(pa.int64()), [None, None]),
        (pa.array([None, None]), "null:x=1", pa.null(), [None, None]),
        (
            pa.array([dt.time(23, 30), None, dt.time(1)], pa.time32("s")),
            "shift:x=1h",
            pa.time32("s"),
            [dt.time(0, 30), None, dt.time(2)],
        ),
        (
            pa.array([dt.time(0, 30), dt.time(1)], pa.time64("ns")),
            "shift:x=-49h",
            pa.time64("ns"),
            [dt.time(23, 30), dt.time(0)],
        ),
        (
            pa.array([dt.date(2024, 2, 28), None]),
            "shift:x=1w",
            pa.date32(),
            [dt.date(2024, 3, 6), None],
        ),
        (pa.array([dt.date(2024, 2, 28)], pa.date64()), "shift:x=-1d", pa.date64(),
         [dt.date(2024, 2, 27)]),
        (
            pa.array([dt.datetime(2024, 3, 31, 0, 30)], pa.timestamp("ms", "UTC")),
            "shift:x=2.5s",
            pa.timestamp("ms", "UTC"),
            [dt.datetime(2024, 3, 31, 0, 30, 2, 500_000, dt.UTC)],
        ),
        (pa.array([HOUR, None]), "shift:x=30min", pa.duration("us"), [1.5 * HOUR, None]),
    ],
    ids=str,
)  # fmt: skip
def test_types(given: pa.Array, text: str, kind: pa.DataType, expected: list[Any]) -> None:
    assert column(given, text) == (kind, expected)


def test_categories_of_polars(folder: object) -> None:
    frame = pl.DataFrame({"x": ["a", "b", "a"]}, schema={"x": pl.Categorical})
    assert values(planted(frame, "drop:x=a")) == {"x": ["b"]}
    assert values(planted(frame, "null:x=1")) == {"x": [None] * 3}
    assert values(planted(frame, "set:x=c")) == {"x": ["c"] * 3}


@pytest.mark.parametrize(
    ("given", "text", "message"),
    [
        (["a"], "x*2", "text values are not numbers (--plant 'x*2')"),
        ([True], "x+1", "bool values are not numbers (--plant 'x+1')"),
        ([None], "x+1", "null values are not numbers (--plant 'x+1')"),
        ([dt.date(2024, 1, 1)], "x+1", "date32[day] values are not numbers (--plant 'x+1'). "
         "write a length of time, such as shift:x=1h"),
        ([1], "shift:x=1h", "int64 values are not times (--plant 'shift:x=1h')"),
        ([dt.date(2024, 1, 1)], "shift:x=1h",
         "date32[day] values are whole days (--plant 'shift:x=1h')"),
        ([DAYS[0]], "shift:x=1ns",
         "timestamp[us] values are no finer than 1us (--plant 'shift:x=1ns')"),
        ([DAYS[0]], "shift:x=99999999999w", "too long a time (--plant 'shift:x=99999999999w')"),
        ([1], "drop:x=UA", "numbers cannot be compared with 'UA' (--plant 'drop:x=UA')"),
        ([True], "drop:x=UA", "true and false cannot be compared with 'UA' "
         "(--plant 'drop:x=UA'). write true or false"),
        ([1], "set:x=UA", "int64 values cannot be 'UA' (--plant 'set:x=UA')"),
        ([DAYS[0]], "set:x=noon", "timestamp[us] values cannot be 'noon' (--plant 'set:x=noon'). "
         "write '2026-01-31' or '2026-01-31 18:00:00'"),
        ([None], "set:x=1", "null values cannot be set (--plant 'set:x=1')"),
    ],
)  # fmt: skip
def test_what_a_type_refuses(folder: object, given: list[Any], text: str, message: str) -> None:
    pq.write_table(pa.table({"x": given}), "f.parquet")
    assert refused("f.parquet", text) == f"f.parquet: column 'x': {message}"


@pytest.mark.parametrize("text", ["dist*2", "null:dist=1", "drop:dist=1", "swap:dist,x"])
def test_no_such_column(flights: str, text: str) -> None:
    assert refused(flights, text) == (
        f"{flights}: column 'dist': no such column, but --plant '{text}' names it. "
        "did you mean 'dest' or 'distance'?"
    )


def test_a_suspect_column_says_why_it_is_text(write: Write) -> None:
    write("f.csv", "x,y\n" + "1,a\n" * 30 + "oops,a\n")
    why = open_source("f.csv").suspects["x"]
    assert refused("f.csv", "x*2") == (
        f"f.csv: column 'x': text values are not numbers (--plant 'x*2'). {why}"
    )
    assert planted("f.csv", "null:x=0.5").suspects == {"x": why}
    assert planted("f.csv", "swap:x,y").suspects == {"y": why}
    assert planted("f.csv", "set:x=1").suspects == {}


@pytest.mark.parametrize(
    ("given", "text", "kind"),
    [
        (pa.array([2**62]), "x*2", "int64"),
        (pa.array([2**63], pa.uint64()), "x+1", "int64"),
        (pa.array([2**62], pa.timestamp("ns")), "shift:x=1500000h", "timestamp[ns]"),
        (pa.array([2**30], pa.int32()).view(pa.date32()), "shift:x=2000000000d", "date32[day]"),
    ],
)
def test_values_that_leave_the_range(folder: object, given: pa.Array, text: str, kind: str) -> None:
    source = planted(pa.table({"x": given}), text)
    with pytest.raises(DriftcliError) as caught:
        list(source.batches(["x"]))
    assert one_line(caught.value) == (
        f"pyarrow.Table: column 'x': a value leaves the range of {kind} (--plant '{text}')"
    )


# -- texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a-b-5", ("a-b",)),
        ("a*2*3", ("a*2",)),
        ("a*1e-5", ("a",)),
        ("a*-1", ("a",)),
        (" a b / 2 ", ("a b",)),
        ("ns:a+1", ("ns:a",)),
        ("shift:a=b=1", ("a=b",)),
        ("drop:a=b=1", ("a",)),
        ("swap:a,b", ("a", "b")),
    ],
)
def test_columns_of_a_text(text: str, columns: tuple[str, ...]) -> None:
    plant = parse_plant(text)
    assert (plant.text, plant.columns) == (text, columns)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not understood"),
        ("distance", "not understood"),
        ("distance*", "not understood"),
        ("distance*nan", "not understood"),
        ("*2", "not understood"),
        ("dorp:carrier=UA", "not understood"),
        ("dep_time+1h", "not understood"),
        ("distance/0", "a division by zero"),
        ("distance*1.0", "it changes nothing"),
        ("distance-0", "it changes nothing"),
        ("shift:score=0", "it changes nothing"),
        ("shift:dep_time=0h", "it changes nothing"),
        ("swap:a,a", "it changes nothing"),
        ("distance*1e999", "too large a number"),
        ("shift:score", "not COLUMN=VALUE"),
        ("drop:=UA", "not COLUMN=VALUE"),
        ("shift:score=1m", "'1m' is neither a number nor a length of time"),
        ("shift:x=0.5ns", "finer than a nanosecond"),
        ("null:dest=0", "'0' is no share above 0 and at most 1"),
        ("null:dest=1.5", "'1.5' is no share above 0 and at most 1"),
        ("null:dest=5%", "'5%' is no share above 0 and at most 1"),
        ("swap:a", "not two columns"),
        ("swap:a,b,c", "not two columns"),
    ],
)
def test_texts_that_are_no_plants(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_plant(text)
    assert one_line(caught.value) == f"--plant '{text}': {reason}. {FORMS}"
