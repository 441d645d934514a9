from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather, ipc, orc
from source_helpers import Write, error, read

from driftcli.errors import DriftcliError
from driftcli.sources import open_source
from driftcli.sources.widen import widened
from driftcli.summaries.arrays import flatten


def two(first: pa.Array, second: pa.Array) -> str:
    pq.write_table(pa.table({"x": first}), "a.parquet")
    pq.write_table(pa.table({"x": second}), "b.parquet")
    return "*.parquet"


DAY = dt.date(2024, 1, 2)
NOON = dt.datetime(2024, 1, 2, 12)
MIDNIGHT = dt.datetime(2024, 1, 2)


@pytest.mark.parametrize(
    ("first", "second", "kind", "values"),
    [
        (pa.array([1]), pa.array([0.5]), pa.float64(), [1.0, 0.5]),
        (pa.array([0.5]), pa.array([2**60 + 1]), pa.float64(), [0.5, 2.0**60]),
        (pa.array([1], pa.int8()), pa.array([2**40]), pa.int64(), [1, 2**40]),
        (pa.array([1]), pa.array([2**63], pa.uint64()), pa.float64(), [1.0, 2.0**63]),
        (pa.array([None]), pa.array(["a"]), pa.string(), [None, "a"]),
        (pa.array(["a"]), pa.array(["b"], pa.large_string()), pa.large_string(), ["a", "b"]),
        (pa.array(["a"]), pa.array(["b"]).dictionary_encode(), pa.string(), ["a", "b"]),
        (pa.array([DAY]), pa.array([NOON]), pa.timestamp("us"), [MIDNIGHT, NOON]),
        (
            pa.array([decimal.Decimal("1.5")]),
            pa.array([0.25]),
            pa.float64(),
            [1.5, 0.25],
        ),
    ],
    ids=str,
)
def test_row_21_types_that_widen(
    folder: object, first: pa.Array, second: pa.Array, kind: pa.DataType, values: list[Any]
) -> None:
    source = open_source(two(first, second))
    assert source.schema == pa.schema({"x": kind})
    assert source.rows == 2
    assert read("*.parquet") == {"x": values}


@pytest.mark.parametrize(
    ("first", "second", "was", "now"),
    [
        (pa.array([1]), pa.array(["a"]), "int64", "string"),
        (pa.array([True]), pa.array([1]), "bool", "int64"),
        (pa.array([NOON]), pa.array(["a"]), "timestamp[us]", "string"),
        (pa.array([b"a"]), pa.array(["a"]), "binary", "string"),
        (
            pa.array([NOON], pa.timestamp("ms")),
            pa.array([NOON], pa.timestamp("ms", "UTC")),
            "timestamp[ms]",
            "timestamp[ms, tz=UTC]",
        ),
    ],
    ids=str,
)
def test_row_21_types_that_do_not(
    folder: object, first: pa.Array, second: pa.Array, was: str, now: str
) -> None:
    assert error(two(first, second)) == (
        f"b.parquet: column 'x': {was} in a.parquet, {now} in b.parquet"
    )


def test_row_21_the_file_that_widened_is_named(folder: object) -> None:
    two(pa.array([1]), pa.array([0.5]))
    pq.write_table(pa.table({"x": ["a"]}), "c.parquet")
    assert error("*.parquet") == ("c.parquet: column 'x': double in b.parquet, string in c.parquet")


def test_two_zones_are_the_same_instants(folder: object) -> None:
    berlin, utc = (pa.timestamp("ms", zone) for zone in ("Europe/Berlin", "UTC"))
    assert open_source(two(pa.array([NOON], berlin), pa.array([NOON], utc))).schema == pa.schema(
        {"x": berlin}
    )


kinds = st.sampled_from(
    [pa.int8(), pa.int64(), pa.uint64(), pa.float16(), pa.float64(), pa.string(), pa.large_string(),
     pa.bool_(), pa.null(), pa.date32(), pa.timestamp("s"), pa.timestamp("ns", "UTC"),
     pa.dictionary(pa.int8(), pa.string()), pa.decimal128(9, 2), pa.time32("s"), pa.binary()]
)  # fmt: skip


@given(kinds, kinds)
def test_widening_has_no_order(a: pa.DataType, b: pa.DataType) -> None:
    assert widened(a, b) == widened(b, a)
    assert widened(a, a) == a


def test_a_column_missing_in_a_part(write: Write) -> None:
    write("p/a.csv", "x,y\n1,2\n")
    write("p/b.csv", "x\n1\n")
    assert error("p") == "p/b.csv: column 'y': missing, but p/a.csv has it"
    write("p/a.csv", "x\n1\n")
    write("p/b.csv", "y,x\n1,2\n")
    assert error("p") == "p/a.csv: column 'y': missing, but p/b.csv has it"


def test_columns_of_parts_in_another_order(write: Write) -> None:
    write("p/a.csv", "x,y\n1,2\n")
    write("p/b.csv", "y,x\n3,4.5\n")
    assert read("p") == {"x": [1.0, 4.5], "y": [2, 3]}


def test_max_rows_counts_over_all_parts(write: Write) -> None:
    write("p/a.csv", "x\n1\n2\n")
    write("p/b.csv", "x\n3\n")
    assert read("p", max_rows=3) == {"x": [1, 2, 3]}
    assert error("p", max_rows=2) == "p: more than 2 rows (input.max_rows)"


def test_row_19_parts_without_rows(folder: object) -> None:
    empty = pa.array([], pa.int64())
    assert read(two(empty, pa.array([1]))) == {"x": [1]}
    assert error(two(empty, empty)) == "*.parquet: 0 rows"


def test_warnings_of_all_parts(write: Write) -> None:
    for name in ("a", "b"):
        write(f"p/{name}.csv", f"x\n{2**64}\n")
    assert [text.split(":")[0] for text in open_source("p").warnings] == ["p/a.csv", "p/b.csv"]


@pytest.mark.parametrize("types", [{}, {"x": pa.float64(), "t": pa.string(), "d": pa.date32()}])
def test_a_part_without_rows(write: Write, types: dict[str, pa.DataType]) -> None:
    """As an empty partition leaves it behind, be it Parquet or CSV."""
    write("p/a.csv", "x,t,d\n")
    write("p/b.csv", "x,t,d\n1.5,a,2026-01-31\n")
    write("p/c.csv", "x,t,d\n")
    assert read("p", types=types) == {"x": [1.5], "t": ["a"], "d": [dt.date(2026, 1, 31)]}
    Path("p/b.csv").unlink()
    assert error("p", types=types) == "p: no data rows"


def test_suspects_of_any_part(write: Write) -> None:
    numbers = "".join(f"{i},{i}\n" for i in range(20))
    for name in ("a", "b", "c"):
        write(f"p/{name}.csv", f"x,y\n{'' if name == 'a' else numbers}{name},1\n")
    reason = "'b' in line 22 of p/b.csv is not a number, as nearly all others are"
    assert open_source("p").suspects == {"x": reason}


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.orc", "a.jsonl"])
def test_typed_formats_have_no_suspects(folder: Path, name: str) -> None:
    table = pa.table({"x": [*map(str, range(99)), "oops"]})
    if name == "a.jsonl":
        Path(name).write_text("".join(f'{{"x": "{word}"}}\n' for word in table["x"].to_pylist()))
    else:
        writers = {".parquet": pq.write_table, ".arrow": feather.write_feather}
        writers.get(Path(name).suffix, orc.write_table)(table, name)
    assert open_source(name).suspects == {}


# -- Arrow and ORC ---------------------------------------------------------------------------

TABLE = pa.table(
    {
        "a": range(1000),
        "s": pa.array([f"v{i % 3}" for i in range(1000)]).dictionary_encode(),
        "l": [[i] for i in range(1000)],
    }
)


def arrow_file(name: str, table: pa.Table = TABLE, stream: bool = False) -> str:
    make = ipc.new_stream if stream else ipc.new_file
    with make(name, table.schema) as writer:
        writer.write_table(table, 300)
    return name


@pytest.mark.parametrize("stream", [False, True])
def test_arrow_file_and_stream(folder: object, stream: bool) -> None:
    name = arrow_file("a.arrow", stream=stream)
    assert read(name) == TABLE.to_pydict()
    assert read(name, ["s", "a"], batch_rows=70) == TABLE.select(["s", "a"]).to_pydict()
    assert open_source(name).schema == TABLE.schema
    assert sum(batch.num_rows for batch in open_source(name).batches([])) == 1000


@pytest.mark.parametrize("compression", ["lz4", "zstd", "uncompressed"])
def test_feather(folder: object, compression: str) -> None:
    feather.write_feather(TABLE, "a.feather", compression=compression)
    assert read("a.feather") == TABLE.to_pydict()


def test_row_13_half_written_arrow(folder: Any) -> None:
    path = folder / arrow_file("a.arrow")
    path.write_bytes(path.read_bytes()[:-100])
    assert error("a.arrow") == "a.arrow: not a complete Arrow file (still being written?)"
    path = folder / arrow_file("b.arrow", stream=True)
    path.write_bytes(path.read_bytes()[:-3000])
    assert error("b.arrow").startswith("b.arrow: damaged or ")


def test_row_17_arrow_with_wrong_offsets(folder: Any) -> None:
    table = pa.table({"s": ["alpha", "beta", "gamma"]})
    path = folder / arrow_file("a.arrow", table)
    offsets = np.array([0, 5, 9, 14], np.int32).tobytes()
    wrong = np.array([0, 5, 9, 1 << 30], np.int32).tobytes()
    assert offsets in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(offsets, wrong))
    assert error("a.arrow").startswith("a.arrow: damaged or not readable (")


def test_row_19_and_23_arrow(folder: object) -> None:
    assert error(arrow_file("a.arrow", TABLE.slice(0, 0))) == "a.arrow: 0 rows"
    twice = pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"])
    assert error(arrow_file("b.arrow", twice)) == "b.arrow: column 'a' appears 2 times"


def test_orc(folder: Any) -> None:
    plain = TABLE.set_column(1, "s", TABLE["s"].cast(pa.string()))
    orc.write_table(plain, "a.orc")
    assert read("a.orc") == plain.to_pydict()
    assert read("a.orc", ["s", "a"], batch_rows=70) == plain.select(["s", "a"]).to_pydict()
    assert sum(batch.num_rows for batch in open_source("a.orc").batches([])) == 1000
    path = folder / "a.orc"
    path.write_bytes(path.read_bytes()[:-200])
    assert error("a.orc").startswith("a.orc: damaged or not readable (")
    orc.write_table(plain.slice(0, 0), "b.orc")
    assert error("b.orc") == "b.orc: 0 rows"


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_row_17_an_orc_reader_that_dies(
    folder: Any, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    """pyarrow's reader does so at some damaged files; what came before is no answer."""
    orc.write_table(pa.table({"a": range(1000)}), "a.orc")
    source = open_source("a.orc")
    (folder / "dying.py").write_text(
        "import os, sys, pyarrow as pa\n"
        "batch = pa.record_batch({'a': range(1000)})\n"
        "writer = pa.ipc.new_stream(pa.PythonFile(sys.stdout.buffer, 'w'), batch.schema)\n"
        f"for _ in range({batches}): writer.write_batch(batch)\n"
        "sys.stdout.flush()\n"
        "os.kill(os.getpid(), 11)\n"
    )
    monkeypatch.setattr("driftcli.sources.orc.CHILD", folder / "dying.py")
    with pytest.raises(DriftcliError) as caught:
        list(source.batches(["a"]))
    assert str(caught.value).startswith("a.orc: damaged or not readable (")


def test_an_orc_file_can_be_left_halfway(folder: Any) -> None:
    orc.write_table(pa.table({"a": range(100_000)}), "a.orc", stripe_size=1000)
    batches = open_source("a.orc").batches(["a"], 10)
    assert next(batches).num_rows == 10
    batches.close()  # type: ignore[attr-defined]


# -- frames ----------------------------------------------------------------------------------

VALUES = {"i": [1, 2, 3], "f": [0.5, None, 2.5], "s": ["a", None, "b"], "b": [True, False, True]}


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (pa.table, "pyarrow.Table"),
        (lambda values: pa.RecordBatch.from_pydict(values), "pyarrow.RecordBatch"),
        (lambda values: pa.table(values).to_reader(2), "pyarrow.RecordBatchReader"),
        (pd.DataFrame, "pandas.DataFrame"),
        (lambda values: pd.DataFrame(values, index=[5, 6, 7]), "pandas.DataFrame"),
        (pl.DataFrame, "polars.DataFrame"),
    ],
)
def test_frames(make: Any, name: str) -> None:
    source = open_source(make(VALUES))
    assert source.name == name
    assert source.schema.names == list(VALUES)
    for _ in range(2):
        read_back = pa.Table.from_batches(source.batches(["f", "s", "i", "b"], 2))
        assert read_back.to_pydict() == {key: VALUES[key] for key in ("f", "s", "i", "b")}
    assert sum(batch.num_rows for batch in source.batches([])) == 3


def test_pandas_categories_and_names(folder: object) -> None:
    frame = pd.DataFrame({0: pd.Categorical(["a", "b", "a"]), "t": pd.Timestamp("2024-01-02")})
    source = open_source(frame)
    assert source.schema.names == ["0", "t"]
    assert pa.types.is_dictionary(source.schema.field("0").type)
    assert read(frame, ["0"]) == {"0": ["a", "b", "a"]}


def test_pandas_frames_that_cannot_be_read() -> None:
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert error(twice) == "pandas.DataFrame: column 'a' appears 2 times"
    mixed = pd.DataFrame({"a": [1, "x"]}, dtype=object)
    assert error(mixed) == (
        "pandas.DataFrame: column 'a': its values cannot be compared (they are int, str)"
    )
    assert error(pd.DataFrame({"a": []})) == "pandas.DataFrame: 0 rows"


@pytest.mark.parametrize("target", [None, 5, ["a.csv"], {"a": [1]}])
def test_neither_path_nor_table(target: object) -> None:
    with pytest.raises(DriftcliError, match="is neither a path nor a table"):
        open_source(target)


# -- all formats alike -----------------------------------------------------------------------

numbers = st.one_of(st.none(), st.floats(allow_nan=False))
texts = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
)
rows = st.tuples(st.integers(-(2**63), 2**63 - 1), numbers, texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=20), st.integers(1, 25))
def test_csv_and_parquet_of_the_same_values_are_equal(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, ...]], batch_rows: int
) -> None:
    schema = pa.schema({"i": pa.int64(), "f": pa.float64(), "s": pa.string()})
    columns = [list(column) for column in zip(*values, strict=True)]
    table = pa.table(columns, schema=schema)
    folder = tmp_path_factory.mktemp("same")
    pacsv.write_csv(table, folder / "a.csv")
    pq.write_table(table, folder / "a.parquet")
    types = {field.name: field.type for field in schema}
    got = []
    for name in ("a.csv", "a.parquet"):
        source = open_source(folder / name, types=types)
        assert source.schema == schema
        batches = source.batches(schema.names, batch_rows)
        # text may come by a dictionary
        plain = [[flatten(array) for array in batch.columns] for batch in batches]
        got.append(
            pa.Table.from_batches([pa.RecordBatch.from_arrays(b, schema=schema) for b in plain])
        )
    assert got[0].equals(got[1])
    assert got[0].equals(table)
