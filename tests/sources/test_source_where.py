from __future__ import annotations

import datetime as dt
import decimal
import math
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import feather, orc
from source_helpers import Write, error, read

from driftcli.errors import DataError
from driftcli.sources import open_source
from driftcli.sources.base import Bounds
from driftcli.sources.filter_sql import parse

UTC = dt.UTC


def rows(table: Any, *where: str) -> list[int]:
    """The numbers of the rows that satisfy the filters."""
    numbered = table.append_column("#", pa.array(range(table.num_rows)))
    found = open_source(numbered, where=where)
    kept = []
    try:
        for batch in found.batches(["#"]):
            kept += batch.column(0).to_pylist()
    except DataError as caught:
        if not str(caught).startswith("pyarrow.Table: 0 rows. no row satisfies the filter "):
            raise
    return kept


def column(values: list[Any], kind: pa.DataType | None = None) -> pa.Table:
    return pa.table({"x": pa.array(values, kind)})


# -- what is understood ----------------------------------------------------------------------

NUMBERS = column([1, 2, None, 4])


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("x = 2", [1]),
        ("x == 2", [1]),
        ("2 = x", [1]),
        ("x <> 2", [0, 3]),
        ("x != 2", [0, 3]),
        ("x < 2", [0]),
        ("2 > x", [0]),
        ("x <= 2", [0, 1]),
        ("x > 2", [3]),
        ("2 <= x", [1, 3]),
        ("x in (1, 4, 9)", [0, 3]),
        ("x not in (1, 9)", [1, 3]),
        ("x between 2 and 4", [1, 3]),
        ("x not between 2 and 3", [0, 3]),
        ("x is null", [2]),
        ("x is not null", [0, 1, 3]),
        ("not x is null", [0, 1, 3]),
        ("not x = 2", [0, 3]),
        ("not (x < 2 or x > 3)", [1]),
        ("not (x > 1 and not x = 4)", [0, 3]),
        ("x = 1 or x = 2 and x > 1", [0, 1]),
        ("(x = 1 or x = 2) and x > 1", [1]),
        ("x = 1 or x is null", [0, 2]),
        ('"x" = 1', [0]),
        ("x = 1.0", [0]),
        ("x = 1.5", []),
        ("x <> 1.5", [0, 1, 3]),
        ("x > 1.5", [1, 3]),
        ("x >= 1.5", [1, 3]),
        ("x < 1.5", [0]),
        ("x <= 1.5", [0]),
        ("x > -1", [0, 1, 3]),
        ("x in (1.5)", []),
        ("x not in (1.5)", [0, 1, 3]),
        ("x < 1e30", [0, 1, 3]),
        ("x <> -1e30", [0, 1, 3]),
        ("x >= 1e30", []),
        ("x = 1e30 -- a comment", []),
    ],
)
def test_conditions(where: str, kept: list[int]) -> None:
    assert rows(NUMBERS, where) == kept


def test_several_filters_are_joined_by_and() -> None:
    assert rows(NUMBERS, "x = 1 or x = 2", "x > 1 or x is null") == [1]


NOON = dt.datetime(2026, 1, 2, 12)


@pytest.mark.parametrize(
    ("values", "kind", "where", "kept"),
    [
        ([2**53, 2**53 + 1], pa.int64(), f"x = {2**53 + 1}", [1]),
        ([2**63 - 1, 5], pa.int64(), f"x < {2**63}", [0, 1]),
        ([2**64 - 1, 5], pa.uint64(), f"x = {2**64 - 1}", [0]),
        ([0, 5], pa.uint8(), "x > -1", [0, 1]),
        ([0, 5], pa.int8(), "x <= 127.5", [0, 1]),
        ([0.5, math.nan, None, -0.0], pa.float64(), "x <> 0.5", [3]),
        ([0.5, math.nan, None], pa.float64(), "not x = 7", [0]),
        ([0.5, math.nan, None], pa.float64(), "x not in (7)", [0]),
        ([0.5, math.nan, None], pa.float64(), "x is null", [1, 2]),
        ([0.5, math.nan, None], pa.float64(), "x is not null", [0]),
        ([0.1, 0.2], pa.float32(), "x = 0.1", [0]),
        ([math.inf, 1.0], pa.float32(), "x > 1", [0]),
        ([np.float16(0.1), np.float16(2)], pa.float16(), "x = 0.1", [0]),
        ([np.float16(0.1), np.float16(2)], pa.float16(), "x in (2, 3)", [1]),
        ([decimal.Decimal("0.10"), decimal.Decimal("2.50")], None, "x = 0.1", [0]),
        ([decimal.Decimal("0.10"), decimal.Decimal("2.50")], None, "x in (2.5, 7)", [1]),
        ([True, False, None], None, "x", [0]),
        ([True, False, None], None, "not x", [1]),
        ([True, False, None], None, "x = false", [1]),
        ([True, False, None], None, "x <> false", [0]),
        (["a", "ab", None, "b"], None, "x >= 'ab'", [1, 3]),
        (["a", "ab", None, "b"], None, "x like 'a%'", [0, 1]),
        (["a", "ab", None, "b"], None, "x not like '_'", [1]),
        (["it's", "b"], None, "x = 'it''s'", [0]),
        (["a", "b"], pa.large_string(), "x in ('b')", [1]),
        (["a", "b", None], pa.string_view(), "x <> 'b'", [0]),
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], None, "x > '2026-01-01'", [1]),
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], pa.date64(), "x in ('2026-01-02')", [1]),
        ([dt.date(2026, 1, 1)], None, "x = date '2026-01-01'", [0]),
        ([NOON], pa.timestamp("s"), "x = '2026-01-02 12:00'", [0]),
        ([NOON], pa.timestamp("s"), "x >= '2026-01-02T12:00:00.5'", []),
        ([NOON], pa.timestamp("s"), "x < '2026-01-02T12:00:00.5'", [0]),
        ([NOON], pa.timestamp("ms"), "x > '2026-01-02'", [0]),
        ([NOON], pa.timestamp("ns"), "x > timestamp '2026-01-02 11:59:59.999999'", [0]),
        ([NOON], pa.timestamp("ns"), "x < '3000-01-01'", [0]),
        ([NOON], pa.timestamp("us"), "x in ('2026-01-02 12:00:00', '2026-01-03')", [0]),
        ([NOON], pa.timestamp("us", "UTC"), "x = '2026-01-02 12:00:00'", [0]),
        ([NOON], pa.timestamp("us", "Europe/Berlin"), "x = '2026-01-02T12:00:00Z'", [0]),
        ([NOON], pa.timestamp("us", "UTC"), "x = '2026-01-02T13:00:00+01:00'", [0]),
        ([dt.datetime(1969, 12, 31, 23)], pa.timestamp("s"), "x < '1970-01-01'", [0]),
        ([None, None], pa.null(), "x is null", [0, 1]),
        ([None, None], pa.null(), "x <> 1", []),
        ([[1], None], pa.list_(pa.int64()), "x is null", [1]),
    ],
    ids=str,
)
def test_types(values: list[Any], kind: pa.DataType | None, where: str, kept: list[int]) -> None:
    assert rows(column(values, kind), where) == kept


@pytest.mark.parametrize("where", ["x <> 'b'", "x like 'a'", "x not in ('b', 'c')"])
def test_dictionaries(where: str) -> None:
    words = pa.array(["a", None, "b", "a"]).dictionary_encode()
    views = pa.DictionaryArray.from_arrays(words.indices, words.dictionary.cast(pa.string_view()))
    for kind in (words, views):
        assert rows(pa.table({"x": kind}), where) == [0, 3]
        assert rows(pa.table({"x": kind}), "x is null") == [1]


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["b", "a"])], ids=str)
def test_categories_of_polars_are_filtered_as_text(kind: Any) -> None:
    frame = pl.DataFrame({"x": ["a", None, "b", "a"]}, schema={"x": kind})
    assert read(frame, where=["x = 'a'"]) == {"x": ["a", "a"]}
    assert read(frame, where=["x > 'a'"]) == {"x": ["b"]}


@pytest.mark.parametrize("name", ["date", "timestamp", "group", "order", "count", "a.b", "ümläut"])
def test_names_need_no_quotes(name: str) -> None:
    table = pa.table({name: [1, 2]})
    assert rows(table, f"{name} = 2") == rows(table, f'"{name}" = 2') == [1]


def test_columns_of_the_filter_are_not_yielded() -> None:
    table = pa.table({"a": [1, 2, 3], "b": [1, 2, 3], "c": ["x", "y", "z"]})
    source = open_source(table, where=["b >= 2 and c <> 'z'"])
    assert source.rows is None
    (batch,) = source.batches(["a"])
    assert batch.to_pydict() == {"a": [2]}
    assert source.rows == 1
    assert sum(batch.num_rows for batch in source.batches([])) == 1
    assert [batch.to_pydict() for batch in source.batches(["c", "b"])] == [{"c": ["y"], "b": [2]}]


# -- what is not -----------------------------------------------------------------------------

KNOWN = "and, or, not, =, <>, <, <=, >, >=, in, between, like, is null are understood"
EXAMPLE = "write it as \"dt >= '2026-01-01' and country in ('NL', 'BE')\""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("", "an empty filter. is a variable unset?"),
        ("x >", f"filter 'x >': not understood near '>'. {EXAMPLE}"),
        ("x = 'b", f"filter \"x = 'b\": not understood. {EXAMPLE}"),
        ("x = 1; x = 2", f"filter 'x = 1; x = 2': not one condition. {EXAMPLE}"),
        ("x + 1 > 2", "filter 'x + 1 > 2': 'x + 1' is not understood. "
         "a column stands on one side of a comparison"),
        ("1 = 1", "filter '1 = 1': '1' is not understood. "
         "a column stands on one side of a comparison"),
        ("abs(x) = 1", "filter 'abs(x) = 1': 'ABS(x)' is not understood. "
         "a column stands on one side of a comparison"),
        ("x = now()", f"filter 'x = now()': 'NOW()' is not understood. {KNOWN}"),
        ("x in (select 1)", "filter 'x in (select 1)': 'x IN (SELECT 1)' is not understood. "
         f"{KNOWN}"),
        ("x = null", "filter 'x = null': 'NULL' is not understood. write is null, or is not null"),
        ("x is true", "filter 'x is true': 'x IS TRUE' is not understood. write flag = true"),
        ('x = "b"', "filter 'x = \"b\"': '\"b\"' is not understood. "
         "a value stands in single quotes, a name in double ones"),
        ("vacuum x", f"filter 'vacuum x': 'VACUUM x' is not understood. {KNOWN}"),
        ("x > 1e999999999", "filter: '1e999999999' is too large a number"),
        ("(" * 4000 + "x = 1" + ")" * 4000, f"filter '{'(' * 79}…': nested too deep"),
        ("y > 1", "pyarrow.Table: column 'y': no such column, but the filter 'y > 1' names it. "
         "--reference-where and --current-where filter one side only"),
        ("xx > 1", "pyarrow.Table: column 'xx': no such column, but the filter 'xx > 1' names it. "
         "did you mean 'x'?"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_quoted(
    where: str, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert error(NUMBERS, where=[where]) == line
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("values", "kind", "where", "reason"),
    [
        ([1], None, "x > 'a'", "numbers cannot be compared with 'a' in the filter \"x > 'a'\""),
        ([1], None, "x = true", "numbers cannot be compared with true in the filter 'x = true'"),
        ([1.5], None, "x = 'a'", "numbers cannot be compared with 'a' in the filter \"x = 'a'\""),
        (["a"], None, "x = 5", "text cannot be compared with 5 in the filter 'x = 5'. write '5'"),
        ([1], None, "x like '1'", "int64 values cannot be compared with '1' in the filter "
         "\"x like '1'\""),
        ([True], None, "x = 1", "true and false cannot be compared with 1 in the filter 'x = 1'. "
         "write true or false"),
        ([True], None, "x < true", "true and false have no order, so '<' says nothing in the "
         "filter 'x < true'"),
        ([dt.date(2026, 1, 1)], None, "x > 'soon'", "dates cannot be compared with 'soon' in the "
         "filter \"x > 'soon'\". write '2026-01-31'"),
        ([NOON], None, "x > 2026", "times cannot be compared with 2026 in the filter 'x > 2026'. "
         "write '2026-01-31' or '2026-01-31 18:00:00'"),
        ([NOON], None, "x > '2026-01-01Z'", "times without a zone cannot be compared with "
         "'2026-01-01T00Z' in the filter"),
        ([dt.time(3)], None, "x > '02:00'", "time64[us] values cannot be compared with '02:00' in "
         "the filter \"x > '02:00'\""),
        ([[1]], None, "x = 1", "list<item: int64> values cannot be compared with 1 in the filter "
         "'x = 1'"),
    ],
)  # fmt: skip
def test_types_that_do_not_meet(
    values: list[Any], kind: pa.DataType | None, where: str, reason: str
) -> None:
    if "Z'" in where:
        where = where.replace("01Z", "01T00Z")
        reason = f'{reason} "{where}". leave the zone out'
    assert error(column(values, kind), where=[where]) == (f"pyarrow.Table: column 'x': {reason}")


def test_no_row_left() -> None:
    assert error(NUMBERS, where=["x > 1", "x < 1"]) == (
        "pyarrow.Table: 0 rows. no row satisfies the filter 'x > 1 and x < 1'"
    )


# -- in every format -------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["parquet", "csv", "csv.gz", "jsonl", "arrow", "orc"])
def test_every_format(folder: Path, suffix: str) -> None:
    table = pa.table({"x": list(range(1000)), "s": [f"v{i % 7}" for i in range(1000)]})
    name, frame = f"a.{suffix}", table.to_pandas()
    if suffix.startswith("csv"):
        frame.to_csv(name, index=False)
    elif suffix == "jsonl":
        frame.to_json(name, orient="records", lines=True)
    else:
        writers = {"parquet": pq.write_table, "arrow": feather.write_feather}
        writers.get(suffix, orc.write_table)(table, name)
    where = ["x >= 10 and s = 'v3'"]
    kept = [i for i in range(10, 1000) if i % 7 == 3]
    assert read(name, ["x"], where=where, batch_rows=64) == {"x": kept}
    assert read(pd.DataFrame({"x": [1, 2]}), where=["x = 2"]) == {"x": [2]}


def test_max_rows_counts_what_is_kept(write: Write) -> None:
    name = write("a.csv", "x\n1\n2\n3\n")
    assert read(name, where=["x < 3"], max_rows=2) == {"x": [1, 2]}
    assert error(name, where=["x < 9"], max_rows=2) == "a.csv: more than 2 rows (input.max_rows)"


# -- what is not even opened -----------------------------------------------------------------


def test_folders_that_cannot_match_are_not_opened(write: Write) -> None:
    write("p/dt=2026-01-01/country=NL/a.csv", "x\n1\n")
    write("p/dt=2026-01-02/country=NL/a.csv", "\0 nobody can read this")
    write("p/dt=2026-01-01/country=__HIVE_DEFAULT_PARTITION__/a.csv", "\0 nor this")
    where = ["dt < '2026-01-02' and country = 'NL' and x > 0"]
    assert read("p", ["x"], where=where) == {"x": [1]}
    assert error("p", where=["country <> 'DE'"]).startswith("p/dt=2026-01-02/country=NL/a.csv: ")
    assert error("p", where=["country is null"]).startswith("p/dt=2026-01-01/country=__HIVE")
    assert error("p", where=["dt > '2027-01-01'"]) == (
        "p: 0 rows. no row satisfies the filter \"dt > '2027-01-01'\""
    )
    assert error("p", where=["dt > 5"]) == (
        "p: column 'dt': dates cannot be compared with 5 in the filter 'dt > 5'. write '2026-01-31'"
    )


def damaged_groups(name: str, table: pa.Table, whole: int) -> None:
    """Write row groups of ten rows each, of which only one can be read."""
    pq.write_table(
        table, name, row_group_size=10, write_page_checksum=True,
        use_dictionary=False, compression="none",
    )  # fmt: skip
    data, footer = bytearray(Path(name).read_bytes()), pq.read_metadata(name)
    for group in range(footer.num_row_groups):
        for at in range(footer.num_columns):
            chunk = footer.row_group(group).column(at)
            if group != whole:
                data[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    Path(name).write_bytes(data)


START = dt.datetime(2026, 1, 1)
GROUPS = pa.table(
    {
        "i": range(40),
        "f": [i / 4 for i in range(40)],
        "s": [f"k{i:02}" for i in range(40)],
        "d": [START.date() + dt.timedelta(days=i) for i in range(40)],
        "us": [START + dt.timedelta(hours=i) for i in range(40)],
        "ns": pa.array([START + dt.timedelta(hours=i) for i in range(40)], pa.timestamp("ns")),
        "sec": pa.array([START + dt.timedelta(hours=i) for i in range(40)], pa.timestamp("s")),
        "tz": pa.array(
            [START + dt.timedelta(hours=i) for i in range(40)], pa.timestamp("ms", "UTC")
        ),
        "n": [None] * 10 + [1] * 10 + [None] * 20,
        "c": pa.array([f"g{i // 10}" for i in range(40)]).dictionary_encode(),
    }
)


@pytest.mark.parametrize(
    "where",
    [
        "i between 10 and 19", "i > 9 and i < 20", "i in (12, 15)", "i = 12.0",
        "i >= 9.5 and i < 20",
        "f >= 2.5 and f < 5", "s >= 'k10' and s <= 'k19'", "s = 'k11'",
        "d between '2026-01-11' and '2026-01-20'",
        "us >= '2026-01-01 10:00' and us < '2026-01-01 20:00'",
        "ns >= '2026-01-01 10:00' and ns < '2026-01-01 20:00'",
        "sec >= '2026-01-01 10:00' and sec < '2026-01-01 20:00'",
        "tz >= '2026-01-01 10:00' and tz < '2026-01-01T20:00Z'",
        "n is not null", "n = 1", "n <> 7", "c = 'g1'", "c = 'g1' and (i < 15 or f > 4)",
        "not (i < 10 or i > 19)",
    ],
)  # fmt: skip
def test_row_groups_that_cannot_match_are_not_read(folder: Path, where: str) -> None:
    damaged_groups("a.parquet", GROUPS, whole=1)
    assert "checksum" in error("a.parquet")
    source = open_source("a.parquet", where=[where])
    kept = [x for batch in source.batches(["i"]) for x in batch.column(0).to_pylist()]
    assert kept
    assert set(kept) <= set(range(10, 20))


def test_parts_that_widened_are_left_out_rightly(folder: Path) -> None:
    """A whole number beyond 2^53 is read as a float beside floats, and so are its bounds."""
    pq.write_table(column([2**53 + 1]), "a.parquet")
    pq.write_table(column([0.5]), "b.parquet")
    assert read("*.parquet", where=[f"x = {2**53}"]) == {"x": [float(2**53)]}


@pytest.mark.parametrize(
    ("where", "bounds", "possible"),
    [
        ("x = 5", Bounds(pa.scalar(1), pa.scalar(4)), False),
        ("x = 4", Bounds(pa.scalar(1), pa.scalar(4)), True),
        ("x <> 4", Bounds(pa.scalar(4), pa.scalar(4)), True),
        ("x is null", Bounds(pa.scalar(4), pa.scalar(4), some_null=False), False),
        ("x is null", Bounds(pa.scalar(4), pa.scalar(4)), True),
        ("x is not null", Bounds(all_null=True), False),
        ("x <> 4", Bounds(all_null=True), False),
        ("x < 1e30", Bounds(all_null=True), False),
        ("x = 5", Bounds(), True),
        ("x = 1.5", Bounds(), False),
        ("x = 5", Bounds(only=pa.scalar(4)), False),
        ("x <> 5", Bounds(only=pa.scalar(None, pa.int64())), False),
        ("x = 5 or y = 1", Bounds(pa.scalar(1), pa.scalar(4)), True),
        ("x = 5 and y = 1", Bounds(pa.scalar(1), pa.scalar(4)), False),
    ],
)
def test_what_is_possible(where: str, bounds: Bounds, possible: bool) -> None:
    where_ = parse([where]).on_some(pa.schema({"x": pa.int64()}), "here")
    assert where_.possible({"x": bounds}) is possible


# -- against another engine ------------------------------------------------------------------

whole = st.integers(-3, 3)
real = st.sampled_from(["-1.5", "-0.5", "0.0", "0.5", "1.5"])
word = st.sampled_from(["''", "'a'", "'ab'", "'b'", "'B'"])
order = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
literals = st.one_of(
    st.tuples(st.sampled_from(["i", "p"]), st.one_of(whole.map(str), real)),
    st.tuples(st.just("f"), st.one_of(whole.map(str), real)),
    st.tuples(st.just("s"), word),
)


@st.composite
def leaves(draw: st.DrawFn) -> str:
    name, first = draw(literals)
    same = literals.filter(lambda pair: pair[0] == name).map(lambda pair: pair[1])
    negated = draw(st.sampled_from(["", "not "]))
    return draw(
        st.one_of(
            order.map(lambda op: f"{name} {op} {first}"),
            order.map(lambda op: f"{first} {op} {name}"),
            same.map(lambda second: f"{name} {negated}between {first} and {second}"),
            same.map(lambda second: f"{name} {negated}in ({first}, {second})"),
            st.just(f"{name} is {negated}null"),
            st.just(f"s {negated}like 'a%'"),
        )
    )


conditions = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)
TABLE_ROWS = st.tuples(
    st.one_of(st.none(), whole),
    st.one_of(st.none(), st.just(math.nan), real.map(float)),
    st.one_of(st.none(), word.map(lambda text: text[1:-1])),
    st.one_of(st.none(), whole),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TABLE_ROWS, min_size=1, max_size=30), conditions)
@example([(None, math.nan, None, None), (1, 0.5, "a", 1)], "not (f <> 0.5 or i > 5)")
def test_rows_are_those_of_sqlite(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, ...]], where: str
) -> None:
    with sqlite3.connect(":memory:") as base:
        base.execute("pragma case_sensitive_like = on")
        base.execute("create table t (n integer, i integer, f real, s text, p integer)")
        base.executemany(
            "insert into t values (?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(values)]
        )
        expected = sorted(n for (n,) in base.execute(f"select n from t where {where}"))  # noqa: S608
    base.close()
    folder = tmp_path_factory.mktemp("where")
    schema = pa.schema({"n": pa.int64(), "i": pa.int64(), "f": pa.float64(), "s": pa.string()})
    parts: dict[Any, list[tuple[Any, ...]]] = {}
    for n, (*row, part) in enumerate(values):
        parts.setdefault(part, []).append((n, *row))
    for part, some in parts.items():
        at = folder / f"p={'__HIVE_DEFAULT_PARTITION__' if part is None else part}"
        at.mkdir()
        table = pa.table([list(one) for one in zip(*some, strict=True)], schema=schema)
        pq.write_table(table, at / "a.parquet", row_group_size=3)
    if set(parts) == {None}:  # a key without any value is text
        return
    if expected:
        assert sorted(read(folder, ["n"], where=[where])["n"]) == expected
    else:
        assert ": 0 rows. no row satisfies the filter " in error(folder, where=[where])
