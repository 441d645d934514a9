"""A database that counts says what one says who reads its rows, to the last digit."""

from __future__ import annotations

import datetime as dt
import json
import math
import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from postgres_server import POSTGRES
from sql_places import SqlPlace

import driftcli
from driftcli.config import Columns, Config, Input, Predictions, Resources, Time
from driftcli.engines import sql_others
from driftcli.engines.sql_numbers import Numbers
from driftcli.engines.sql_text import reaches
from driftcli.errors import DriftcliError
from driftcli.model import ColumnKind
from driftcli.pipeline.baseline import create_baseline
from driftcli.schema import ColumnPlan
from driftcli.sources import open_source
from driftcli.summaries.counting import GridFold
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.powers import Scale

LOCAL = Config(resources=Resources())
SQL = Config(resources=Resources(engine="sql"))
ROWS = 1200


def kinds(seed: int, rows: int, shift: float, *, strict: bool) -> pa.Table:
    """Columns of every kind, with what is odd about each; of PostgreSQL with its own types."""
    rng = np.random.default_rng(seed)
    gaps = rng.random(rows) < 0.1
    moved = rng.normal(shift, 1, rows)
    odd = rng.normal(0, 1, rows)
    odd[:4] = np.inf, -np.inf, -0.0, 0.0
    odd[4:90] = np.nan
    tails = np.exp(rng.normal(0, 6, rows)) * rng.choice([-1, 1], rows)
    tails[:5] = 1e40, -1e40, 1e-40, 5e-324, 2.0**150
    columns: dict[str, Any] = {
        "moved": moved,
        "odd": odd,
        "tied": np.round(moved, 1),
        "zeros": np.where(rng.random(rows) < 0.6, -0.0, rng.exponential(size=rows)),
        "tails": tails,
        "far": rng.normal(0, 1, rows) + 1e9 * shift,
        "gaps": pa.array(moved, mask=gaps),
        "few": rng.poisson(3 + shift, rows),
        "big": rng.integers(2**53, 2**53 + 5_000, rows),
        "huge": rng.integers(-(2**63), 2**63 - 1, rows),
        "constant": np.full(rows, 4.5),
        "nothing": pa.nulls(rows, pa.float64()),
        "word": pa.array(rng.choice(["a", "A", "ä", "it's", ""], rows), mask=gaps),
        "rare": pa.array([f"v{i}" for i in rng.zipf(1.5, rows) % 2_000]),
    }
    if strict:
        columns |= {
            "flag": pa.array(rng.random(rows) < 0.4, mask=gaps),
            "small": pa.array(rng.poisson(3, rows), pa.int16(), mask=gaps),
            "narrow": pa.array(moved, pa.float32()),
            "at": pa.array(rng.integers(10**15, 2 * 10**15, rows), pa.timestamp("us", "UTC")),
            "day": pa.array(rng.integers(18_000, 18_100, rows).astype(np.int32), pa.date32()),
            "price": pa.array(
                [Decimal(f"{x:.2f}") for x in moved.tolist()], pa.decimal128(18, 2), mask=gaps
            ),
        }
    return pa.table(columns)


def told(report: driftcli.Report) -> Any:
    """A report as JSON without the moment when it was made."""
    return {**json.loads(report.to_json()), "timestamp": None}


@pytest.fixture
def sides(sql_place: SqlPlace) -> tuple[Path, str]:
    """A baseline, and the address of current."""
    strict = sql_place.scheme == "postgresql"
    reference = sql_place.save(kinds(1, ROWS, 0.0, strict=strict), "ref")
    driftcli.profile(reference, LOCAL).write(Path("ref.baseline"))
    return Path("ref.baseline"), sql_place.save(kinds(2, ROWS - 7, 0.2, strict=strict), "cur")


# -- reports ---------------------------------------------------------------------------------------


def test_features(sides: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(driftcli.compare(*sides, LOCAL))
    refuse_rows(monkeypatch)
    assert told(driftcli.compare(*sides, SQL)) == expected
    assert len(expected["features"]) >= 14


def refuse_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr("driftcli.sources.sql.SqlSource.batches", refuse)


def test_predictions(sides: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fourth powers that the error of a spread takes."""
    names = ("moved", "odd", "tied", "zeros", "tails", "far", "gaps", "few", "big", "huge", "word")
    column = Predictions(column=names)
    expected = told(driftcli.compare_predictions(*sides, replace(LOCAL, predictions=column)))
    refuse_rows(monkeypatch)
    found = driftcli.compare_predictions(*sides, replace(SQL, predictions=column))
    assert told(found) == expected


def test_filters(sides: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    options = Input(current_where="few >= 2 and (word = 'a' or word is null) and moved < 1.5")
    expected = told(driftcli.compare(*sides, replace(LOCAL, input=options)))
    refuse_rows(monkeypatch)
    assert told(driftcli.compare(*sides, replace(SQL, input=options))) == expected


def test_queries(sides: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    baseline, address = sides
    options = Input(current_query="SELECT *, moved * 2 AS twice FROM cur WHERE few > 2")
    address = address.partition("#")[0]
    expected = told(driftcli.compare(baseline, address, replace(LOCAL, input=options)))
    refuse_rows(monkeypatch)
    assert told(driftcli.compare(baseline, address, replace(SQL, input=options))) == expected


def test_edges_of_another_baseline(
    sides: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a baseline is counted where it is, to be merged with others."""
    baseline, address = sides

    def made(config: Config) -> list[Any]:
        create_baseline(address, config, edges_of=baseline).baseline.write(Path("part"))
        rows = pq.read_table("part").to_pylist()
        return [row for row in rows if "created" not in str(row)]

    expected = made(LOCAL)
    refuse_rows(monkeypatch)
    found = made(SQL)
    assert found == expected
    assert len(found) > 14


def test_what_the_database_counts_otherwise_is_read_and_told(
    sides: tuple[Path, str], sql_place: SqlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline, _ = sides
    monkeypatch.setattr(sql_others, "MAX_CATEGORIES", 100)
    table = kinds(3, ROWS, 0.0, strict=sql_place.scheme == "postgresql")
    beyond = table.column("moved").to_numpy().copy()
    beyond[7] = 1e300
    place = table.column_names.index("moved")
    address = sql_place.save(table.set_column(place, "moved", pa.array(beyond)), "odd")
    found, expected = (told(driftcli.compare(baseline, address, c)) for c in (SQL, LOCAL))
    line = "columns read, as the database may count them otherwise: 'moved', 'rare'"
    assert f"{address}: {line}" in found["warnings"]
    found["warnings"].remove(f"{address}: {line}")
    assert found == expected


@POSTGRES
def test_types_that_only_the_rows_tell(postgres: SqlPlace) -> None:
    rng = np.random.default_rng(5)
    table = pa.table(
        {
            "hour": pa.array(rng.integers(0, 86_400_000_000, ROWS), pa.time64("us")),
            "double": rng.normal(size=ROWS),
        }
    )
    narrow = table.set_column(1, "double", table["double"].cast(pa.float32()))
    driftcli.profile(narrow).write(Path("ref.baseline"))
    address = postgres.save(table)
    found, expected = (told(driftcli.compare("ref.baseline", address, c)) for c in (SQL, LOCAL))
    assert found["warnings"].pop(0).endswith("otherwise: 'hour', 'double'")
    assert found == expected


def test_a_filter_that_the_database_may_take_otherwise(sqlite: SqlPlace) -> None:
    """SQLite's LIKE does not tell capitals from small letters."""
    driftcli.profile(sqlite.save(kinds(1, ROWS, 0.0, strict=False), "ref")).write(Path("b"))
    address = sqlite.save(kinds(2, ROWS, 0.2, strict=False), "cur")
    options = Input(current_where="word like 'a'")
    found, expected = (
        told(driftcli.compare("b", address, replace(config, input=options)))
        for config in (SQL, LOCAL)
    )
    line = "all rows were read, as the database may understand the filter otherwise"
    assert found["warnings"].pop(0) == f"{address}: {line}"
    assert found == expected


def test_no_column_at_all_leaves_the_rows_counted(sides: tuple[Path, str]) -> None:
    baseline, address = sides
    config = replace(SQL, columns=Columns(include=("nope_", "moved")))
    with pytest.raises(DriftcliError, match="no such column"):
        driftcli.compare(baseline, address, config)


@POSTGRES
def test_types_of_postgres_that_are_text(
    postgres: SqlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their bytes: to the collation, 'a' and 'A' are one."""
    blind = "PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false"
    try:
        postgres.run(f"CREATE COLLATION blind ({blind})")
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("a server without ICU")
    postgres.run(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        """
        CREATE TABLE t AS SELECT
          (CASE WHEN i % 3 = 0 THEN 'sad' ELSE 'ok' END)::mood AS feeling,
          (CASE WHEN i % 2 = 0 THEN 'a' ELSE 'A' END)::text COLLATE blind AS word,
          (CASE WHEN i % 5 = 0 THEN 'b' ELSE 'bb ' END)::char(4) AS padded,
          '{"a": 1}'::json AS document
        FROM generate_series(1, 500) AS i
        """,
    )
    address = f"{postgres.address}#t"
    driftcli.profile(address, LOCAL).write(Path("ref.baseline"))
    expected = told(driftcli.compare("ref.baseline", address, LOCAL))
    refuse_rows(monkeypatch)
    assert told(driftcli.compare("ref.baseline", address, SQL)) == expected
    assert expected["features"]["word"]["current_categories"] == 2


@POSTGRES
def test_rows_that_change_meanwhile(postgres: SqlPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = postgres.save(kinds(1, ROWS, 0.0, strict=False), "ref")
    driftcli.profile(reference).write(Path("ref.baseline"))
    address = postgres.save(kinds(2, ROWS, 0.2, strict=False), "cur")
    once = sql_others.labels

    def labels(table: Any, column: Any) -> Any:
        found = once(table, column)
        postgres.run("DELETE FROM cur WHERE few = 0")
        return found

    monkeypatch.setattr("driftcli.engines.sql.labels", labels)
    config = replace(SQL, resources=Resources(engine="sql", jobs=1))
    with pytest.raises(DriftcliError) as caught:
        driftcli.compare("ref.baseline", address, config)
    assert str(caught.value) == (
        f"{address}: its rows changed while they were counted. ask for rows that no longer change"
    )


# -- what is refused -------------------------------------------------------------------------------


def refused(*arguments: Any) -> str:
    with pytest.raises(DriftcliError) as caught:
        driftcli.compare(*arguments)
    return str(caught.value)


def test_what_no_database_can_count(sqlite: SqlPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    table = kinds(1, ROWS, 0.0, strict=False)
    address = sqlite.save(table)
    pq.write_table(table, "ref.parquet")
    driftcli.profile("ref.parquet").write(Path("ref.baseline"))
    assert refused("ref.parquet", address, SQL) == (
        "ref.parquet: a database counts on the edges of a baseline, and this is none. make it one "
        "with driftcli baseline create, or leave out --engine sql"
    )
    assert refused("ref.baseline", "ref.parquet", SQL) == (
        "ref.parquet: not in a database, so that none can count its rows. leave out --engine sql"
    )
    with pytest.raises(DriftcliError) as caught:
        driftcli.profile(address, SQL)
    assert str(caught.value) == f"{address}: a baseline is made of rows. leave out --engine sql"
    monkeypatch.setattr("driftcli.sources.sql.SqlSource.dialect", "snowflake")
    with pytest.raises(DriftcliError) as caught:
        driftcli.compare("ref.baseline", address, SQL)
    assert str(caught.value) == (
        f"{address}: snowflake is not asked to count: only PostgreSQL and SQLite are. "
        "leave out --engine sql"
    )


def test_windows(sqlite: SqlPlace) -> None:
    days = pa.array([dt.datetime(2026, 1, 1) + dt.timedelta(hours=n) for n in range(2400)])
    table = pa.table({"at": days, "x": np.random.default_rng(1).normal(size=2400)})
    config = Config(time=Time(column="at", window="1d"), resources=Resources(engine="sql"))
    driftcli.profile(table, replace(config, resources=Resources())).write(Path("ref.baseline"))
    sqlite.run("CREATE TABLE t (at TIMESTAMP, x REAL)")
    with sqlite3.connect("some.db") as connection:
        rows = zip(map(str, days.to_pylist()), table["x"].to_pylist(), strict=True)
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
    connection.close()
    assert refused("ref.baseline", "sqlite:///some.db#t", config) == (
        "windows are not counted by a database. leave out --engine sql"
    )


def test_no_rows(sides: tuple[Path, str]) -> None:
    baseline, address = sides
    options = Input(current_where="few = 1000")
    assert refused(baseline, address, replace(SQL, input=options)) == (
        f"{address}: 0 rows. no row satisfies the filter 'few = 1000'"
    )
    options = Input(max_rows=100)
    assert refused(baseline, address, replace(SQL, input=options)) == (
        f"{address}: more than 100 rows (input.max_rows)"
    )


# -- one column ------------------------------------------------------------------------------------

FLOATS = st.one_of(
    st.floats(allow_nan=False),
    st.floats(-10, 10),
    st.floats(-1e70, 1e70),
    st.sampled_from([0.0, -0.0, math.inf, -math.inf, 5e-324, 2.0**57, 1 + 2.0**-52, 1e22]),
)
WHOLES = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20), st.integers(2**53, 2**53 + 9)
)


def counted(values: list[Any], edges: Grid, degree: int) -> None:
    """Let SQLite count values, and compare."""
    whole = edges.edges.dtype.kind == "i"
    kind = "INTEGER" if whole else "REAL"
    dtype = np.dtype(np.int64 if whole else np.float64)
    path = Path("values.db").absolute()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(f"CREATE TABLE t (x {kind})")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.close()
    (table,) = open_source(f"sqlite:///{path}#t").parts
    column = ColumnPlan("x", ColumnKind.NUMERIC, dtype, "")
    found = Numbers(table, column, edges, degree).summary()  # type: ignore[arg-type]
    present = np.array([value for value in values if value is not None], dtype=dtype) + dtype.type()
    fold = GridFold(edges)
    fold.add(present, len(values) - len(present))
    expected = fold.finish()
    if found is None:
        finite = present[np.isfinite(present)].astype(np.float64)
        assert len(reaches(edges.scale)) == 0 or np.abs(finite).max() > 2.0**190
        return
    for name in ("count", "missing", "positive_infinite", "negative_infinite", "sums"):
        assert getattr(found, name) == getattr(expected, name), name
    assert repr((found.minimum, found.maximum)) == repr((expected.minimum, expected.maximum))
    assert found.below.tolist() == expected.below.tolist()
    assert found.upto.tolist() == expected.upto.tolist()
    assert found.below.dtype == expected.below.dtype


def grid(values: list[Any], dtype: Any, degree: int) -> Grid:
    return Grid.of(Multiset(np.sort(np.array(values, dtype=dtype) + dtype())), degree).settled()


QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(st.lists(FLOATS, max_size=20), st.lists(st.none() | FLOATS, min_size=1), st.booleans())
@example([0.0, 1.0], [2.0**-20, -(2.0**-20), 64.0, -64.0, 4.0, 256.0], True)
@example([], [1.0, None], False)
@example([1e300, 1.1e300], [1.0, 1e300], True)
@QUICK
def test_floats(
    sqlite: SqlPlace, reference: list[float], current: list[float | None], fourth: bool
) -> None:
    degree = 4 if fourth else 2
    counted(current, grid(reference, np.float64, degree), degree)


@given(st.lists(WHOLES, max_size=20), st.lists(st.none() | WHOLES, min_size=1), st.booleans())
@QUICK
def test_whole_numbers(
    sqlite: SqlPlace, reference: list[int], current: list[int | None], fourth: bool
) -> None:
    degree = 4 if fourth else 2
    counted(current, grid(reference, np.int64, degree), degree)


@given(st.floats(-1e30, 1e30), st.integers(-180, 200))
@settings(max_examples=200, deadline=None)
def test_a_reach_ends_where_the_distance_does(center: float, exponent: int) -> None:
    near, *farther = reaches(Scale(center, exponent))
    assert near.high - center <= 2.0**exponent < math.nextafter(near.high, math.inf) - center
    assert near.low - center >= -(2.0**exponent) > math.nextafter(near.low, -math.inf) - center
    for before, after in zip([near, *farther], farther, strict=False):
        assert after.exponent == before.exponent + 6
        assert after.high - center < 2.0**after.exponent
        assert math.nextafter(after.high, math.inf) - center >= 2.0**after.exponent
