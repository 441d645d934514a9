from __future__ import annotations

import datetime as dt
import math
import re
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from postgres_server import PASSWORD, POSTGRES, USER
from source_helpers import one_line
from sql_places import SqlPlace

from driftcli.config import Input
from driftcli.errors import DriftcliError
from driftcli.sources import open_source

EVERY = pa.table(
    {
        "whole": pa.array([1, None, 3, 2**62 + 1], pa.int64()),
        "number": pa.array([0.1, math.inf, None, -2.5], pa.float64()),
        "word": pa.array(["a", "", None, "ü 'x' \"y\""]),
        'odd "name"': pa.array([1.0, 2.0, 3.0, 4.0]),
    }
)


def rows(target: str, columns: list[str] | None = None, **options: Any) -> dict[str, list[Any]]:
    """All values of a database's table, column by column, in batches of two rows."""
    where, query = options.pop("where", ()), options.pop("query", None)
    source = open_source(target, Input(**options), where=where, query=query)
    names = source.schema.names if columns is None else columns
    values: dict[str, list[Any]] = {name: [] for name in names}
    for batch in source.batches(names, 2):
        assert batch.schema == pa.schema([source.schema.field(name) for name in names])
        assert 0 < batch.num_rows <= 2
        for name in names:
            values[name] += batch.column(name).to_pylist()
    return values


def error(target: str, columns: list[str] | None = None, **options: Any) -> str:
    """The one line that reading ends with; never a password."""
    with pytest.raises(DriftcliError) as caught:
        rows(target, columns, **options)
    assert PASSWORD not in str(caught.value)
    return one_line(caught.value)


# -- both ------------------------------------------------------------------------------------------


def test_a_table(sql_place: SqlPlace) -> None:
    address = sql_place.save(EVERY)
    source = open_source(address)
    assert source.name == address
    assert dict(zip(source.schema.names, source.schema.types, strict=True)) == {
        "whole": pa.int64(),
        "number": pa.float64(),
        "word": pa.string(),
        'odd "name"': pa.float64(),
    }
    assert rows(address) == EVERY.to_pydict()
    assert rows(address, ["word", "whole"]) == EVERY.select(["word", "whole"]).to_pydict()


def test_no_columns_are_rows_all_the_same(sql_place: SqlPlace) -> None:
    batches = list(open_source(sql_place.save(EVERY)).batches([]))
    assert [(batch.num_columns, batch.num_rows) for batch in batches] == [(0, 4)]


def test_a_query(sql_place: SqlPlace) -> None:
    sql_place.save(EVERY)
    query = """
        -- a comment; with a semicolon
        WITH few AS (SELECT whole * 2 AS twice, word FROM t WHERE whole < 10)
        SELECT twice, word || '{}' AS word FROM few ORDER BY twice DESC; -- that is all
    """
    assert rows(sql_place.address, query=query) == {"twice": [6, 2], "word": [None, "a{}"]}


def test_dates_in_an_address_and_a_query(sql_place: SqlPlace) -> None:
    sql_place.save(EVERY, "day_20261122")
    address = sql_place.address
    assert rows(address + "#day_{date:%Y%m%d}", ["whole"], date="2026-11-22")["whole"][0] == 1
    query = "SELECT '{date}' AS day, '{date:%d.%m.}' AS short, '{other}' AS kept"
    assert rows(address, query=query, date="2026-11-22") == {
        "day": ["2026-11-22"], "short": ["22.11."], "kept": ["{other}"],
    }  # fmt: skip


def test_the_same_rows_as_often_as_asked_from_several_threads(sql_place: SqlPlace) -> None:
    many = pa.table({"x": pa.array(np.arange(200_000)), "y": pa.array(np.arange(200_000) / 2)})
    source = open_source(sql_place.save(many))
    found: dict[int, list[int]] = {}

    def read(number: int) -> None:
        found[number] = [sum(b.column(0).to_pylist()) for b in source.batches(["x"], 50_000)]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read(3)
    assert len(found) == 4
    assert {tuple(sums) for sums in found.values()} == {tuple(found[3])}
    assert sum(found[3]) == 199_999 * 100_000


def test_reading_may_end_early(sql_place: SqlPlace) -> None:
    many = pa.table({"x": pa.array(np.arange(200_000))})
    address = sql_place.save(many)
    batches = open_source(address).batches(["x"], 1000)
    assert next(batches).num_rows == 1000
    batches.close()
    sql_place.run("DROP TABLE t")  # nothing holds it any more


FILTERS = {
    "whole > 1": 2,
    "whole = 4611686018427387905": 1,
    "whole in (1, 3)": 2,
    "not whole in (1, 3)": 1,
    "number > 0": 2,
    "number is null": 1,
    "number <> 0.1": 2,
    "word = 'a'": 1,
    "word <> 'a'": 2,
    "word >= 'A' and word < 'b'": 1,
    "word like 'A%'": 0,
    "not word like 'A%'": 3,
    "word like '%''x''%'": 1,
    '"odd ""name""" between 2 and 3': 2,
    "whole = 1 or word is null": 2,
    "whole > 9223372036854775807": 0,
}


def test_filters_mean_what_they_mean_elsewhere(sql_place: SqlPlace) -> None:
    address = sql_place.save(EVERY)
    for where in FILTERS:
        if FILTERS[where]:
            assert rows(address, where=[where]) == EVERY.take(_kept(where)).to_pydict(), where
        else:
            line = f"{address}: 0 rows. no row satisfies the filter {where!r}"
            assert error(address, where=[where]) == line


def _kept(where: str) -> list[int]:
    numbered = EVERY.append_column("#", pa.array(range(4)))
    found = open_source(numbered, where=[where])
    kept = [number for batch in found.batches(["#"]) for number in batch.column(0).to_pylist()]
    assert len(kept) == FILTERS[where]
    return kept


def test_what_no_row_satisfies_does_not_leave_the_database(sql_place: SqlPlace) -> None:
    address = sql_place.save(pa.table({"x": pa.array(np.arange(100_000))}))
    (part,) = open_source(address, where=["x >= 99990"]).parts
    assert sum(batch.num_rows for batch in part.batches(["x"])) == 10


ERRORS = {
    "no such table": ({"table": "tt"}, r"A#tt: no such table. did you mean 't'\?"),
    "no such column": ({"query": "SELECT nope FROM t"}, r"A: .*column.*nope.*"),
    "not SQL": ({"query": "SELECT FROM WHERE"}, r"A: the query is not understood near 'WHERE'"),
    "SQL of no use": ({"query": "SELECT whole + FROM t"}, r"A: the query is not understood.*"),
    "empty query": ({"query": " "}, r"A: an empty query. is a variable unset\?"),
    "table and query": (
        {"table": "t", "query": "SELECT 1"},
        "A#t: a table in the address, and a query besides. leave out one of the two",
    ),
    "neither": ({}, r"A: which rows of the database\? name a table \(.*#.*\), or ask with --query"),
    "no name": ({"table": "f(x)"}, r"A#f\(x\): no name of a table: 'f\(x\)'. write #table, .*"),
    "names twice": ({"query": "SELECT 1 AS a, 2 AS a"}, r"A: .*'?a'?.*(appears 2 times|:1).*"),
    "no rows": ({"query": "SELECT 1 AS a WHERE 1 = 2"}, "A: 0 rows"),
    "too many rows": ({"table": "t", "max_rows": 3}, r"A#t: more than 3 rows \(input.max_rows\)"),
    "odd filter": (
        {"table": "t", "where": ["wole = 1"]},
        "A#t: column 'wole': no such column, but the filter 'wole = 1' names it. "
        r"did you mean 'whole'\?",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_one_line(sql_place: SqlPlace, case: str) -> None:
    options, expected = ERRORS[case]
    if case == "names twice" and sql_place.scheme == "sqlite":
        pytest.skip("it renames the second")
    sql_place.save(EVERY)
    options = dict(options)
    table = options.pop("table", None)
    line = error(sql_place.address + (f"#{table}" if table else ""), **options)
    pattern = expected.removeprefix("A")
    assert line.startswith(sql_place.address)
    assert re.fullmatch(pattern, line.removeprefix(sql_place.address)), line


WRITES = [
    "DROP TABLE t",
    "SELECT 1; DROP TABLE t",
    "DELETE FROM t",
    "INSERT INTO t SELECT * FROM t",
    "UPDATE t SET whole = 1",
    "CREATE TABLE u AS SELECT * FROM t",
    "SELECT * INTO u FROM t",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "VACUUM",
    "EXPLAIN SELECT 1",
    "PRAGMA user_version = 1",
]


def test_only_what_reads_is_asked(sql_place: SqlPlace) -> None:
    address = sql_place.save(EVERY)
    for query in WRITES:
        line = error(sql_place.address, query=query)
        start = f"{sql_place.address}: not one SELECT: {query!r}. a query only reads: SELECT …"
        assert line == start
    assert rows(address) == EVERY.to_pydict()


def test_an_address_without_its_driver(
    sql_place: SqlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"adbc_driver_{sql_place.scheme}"
    for module in (name, f"{name}.dbapi"):
        monkeypatch.setitem(sys.modules, module, None)
    package = name.replace("_", "-")
    address = f"{sql_place.address}#t"
    assert error(address) == (
        f"{address}: its driver {package} is not installed. pip install 'driftcli[sql]'"
    )


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:s3cr3t@host/db#t",
        "postgresql://u:s3cr3t@host:5432/db#t",
        "postgresql://:s3cr3t@/db#t",
        "postgresql://u:s3/cr3t@host/db#t",
        "postgresql://u:s3#cr3t@host/db#t",
        "postgresql://u:s3?cr3t@host/db#t",
        "postgresql://u:12345#s3cr3t@host/db",
        "postgresql://host/db?password=s3cr3t#t",
        "postgresql://host/db?sslpassword=s3cr3t#t",
        "snowflake://u:s3cr3t@account/db#t",
        "snowflake://account/db?token=s3cr3t#t",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_shown(address: str) -> None:
    line = error(address)
    scheme = address.partition(":")[0]
    assert line.startswith(f"{scheme}://…: a secret must not stand in an address. set ")
    assert "cr3t" not in line.replace("the secret", "")


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("sqlite:some.db#t", "sqlite://…: not the address of a database. write it as sqlite:///"),
        ("sqlite://some.db#t", "sqlite://some.db#t: not the address of a database. write it as"),
        ("postgresql://host#t", "postgresql://host#t: an address without a database. write it as"),
        ("bigquery:///data#t", "bigquery:///data#t: an address without a database. write it as"),
        (
            "bigquery://p/d#t",
            "bigquery://p/d#t: its driver adbc-driver-bigquery is not installed. "
            "pip install 'driftcli[sql]' adbc-driver-bigquery",
        ),
    ],
)
def test_other_addresses(address: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_bigquery", None)
    assert error(address).startswith(line)


# -- SQLite ----------------------------------------------------------------------------------------


def test_sqlite_paths(sqlite: SqlPlace) -> None:
    odd = SqlPlace(sqlite.folder, None, "odd name %20?#ü.db")
    odd.run("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (7)")
    assert rows(f"sqlite:///{odd.database}#t") == {"x": [7]}
    assert rows(f"sqlite:///{sqlite.folder / odd.database}#t") == {"x": [7]}


def test_sqlite_types_are_those_of_all_values(sqlite: SqlPlace) -> None:
    """The driver would take them from the first 1024 rows, or from 65,536 where told to."""
    sqlite.run(
        "CREATE TABLE t (late, mixed NUMERIC, word, several, none, declared REAL, count INT)",
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
        INSERT INTO t SELECT
          CASE WHEN i > 69990 THEN 0.5 END,
          CASE WHEN i > 69990 THEN i + 0.5 ELSE i END,
          CASE WHEN i > 69990 THEN 'x' END,
          CASE WHEN i > 69990 THEN 'x' ELSE i END,
          NULL,
          i,
          i
        FROM n
        """,
    )
    source = open_source("sqlite:///some.db#t")
    assert list(zip(source.schema.names, map(str, source.schema.types), strict=True)) == [
        ("late", "double"), ("mixed", "double"), ("word", "string"), ("several", "string"),
        ("none", "int64"), ("declared", "double"), ("count", "int64"),
    ]  # fmt: skip
    assert source.suspects == {"several": "holds numbers and text"}
    values = pa.Table.from_batches(list(source.batches(source.schema.names)))
    assert values.num_rows == 70_000
    assert values.slice(69_999).to_pylist() == [
        {"late": 0.5, "mixed": 70000.5, "word": "x", "several": "x", "none": None,
         "declared": 70000.0, "count": 70000},
    ]  # fmt: skip
    assert values.column("several")[0].as_py() == "1"


def test_sqlite_has_declared_truth_values_and_times(sqlite: SqlPlace) -> None:
    sqlite.run(
        "CREATE TABLE t (flag BOOLEAN, day DATE, at TIMESTAMP)",
        "INSERT INTO t VALUES (1, '2026-01-31', '2026-01-31 10:11:12.5'), (0, NULL, NULL)",
    )
    assert rows("sqlite:///some.db#t") == {
        "flag": [True, False],
        "day": [dt.date(2026, 1, 31), None],
        "at": [dt.datetime(2026, 1, 31, 10, 11, 12, 500_000), None],
    }
    assert rows("sqlite:///some.db", query="SELECT flag FROM t") == {"flag": [True, False]}
    assert rows("sqlite:///some.db#t", ["day"], where=["day > '2026-01-01' and flag"])["day"]
    sqlite.run("INSERT INTO t VALUES (1, 'soon', NULL)")
    line = error("sqlite:///some.db#t", ["day"])
    assert line.startswith("sqlite:///some.db#t: column 'day': no values of date32[day] (")
    assert line.endswith("). --query can ask for what they are")
    assert rows("sqlite:///some.db", query="SELECT day || '' AS day FROM t") == {
        "day": ["2026-01-31", None, "soon"]
    }


def test_sqlite_values_of_another_type_than_declared(sqlite: SqlPlace) -> None:
    sqlite.run(
        "CREATE TABLE t (a INTEGER, price INTEGER, r REAL)",
        "INSERT INTO t VALUES (1, 2.5, 1), (1, 2, 'oops')",
    )
    assert error("sqlite:///some.db#t", ["a", "price"]) == (
        "sqlite:///some.db#t: column 'price': declared as int64, and holds numbers with decimals "
        "as well. ask for CAST(price AS …) with --query"
    )
    assert error("sqlite:///some.db#t", ["r"]) == (
        "sqlite:///some.db#t: column 'r': declared as double, and holds text as well. "
        "ask for CAST(r AS …) with --query"
    )
    assert rows("sqlite:///some.db#t", ["a"]) == {"a": [1, 1]}
    query = "SELECT CAST(price AS REAL) AS price FROM t"
    assert rows("sqlite:///some.db", query=query) == {"price": [2.5, 2.0]}


def test_sqlite_text_that_is_none(sqlite: SqlPlace) -> None:
    sqlite.run("CREATE TABLE t (x TEXT)", "INSERT INTO t VALUES (CAST(x'ff' AS TEXT))")
    assert error("sqlite:///some.db#t") == (
        "sqlite:///some.db#t: column 'x': text that is not UTF-8"
    )


def test_sqlite_views_and_many_columns(sqlite: SqlPlace) -> None:
    names = [f"c{number}" for number in range(450)]
    sqlite.run(
        f"CREATE TABLE t ({', '.join(names)})",
        f"INSERT INTO t VALUES ({', '.join(map(str, range(450)))})",  # noqa: S608
        "CREATE VIEW v AS SELECT * FROM t",
    )
    assert rows("sqlite:///some.db#v") == {name: [at] for at, name in enumerate(names)}


def test_sqlite_is_left_as_it_is(sqlite: SqlPlace) -> None:
    address = sqlite.save(EVERY)
    before = Path("some.db").read_bytes()
    rows(address)
    assert [path.name for path in Path().iterdir()] == ["some.db"]
    assert Path("some.db").read_bytes() == before
    assert error("sqlite:///none.db#t") == "sqlite:///none.db#t: no such file"
    assert not Path("none.db").exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "file is empty"), (b"a,b\n1,2\n", "not an SQLite database"),
     (b"SQLite format 3\0" + b"x" * 500, "not an SQLite database")],
)  # fmt: skip
def test_sqlite_files_that_are_none(sqlite: SqlPlace, data: bytes, reason: str) -> None:
    Path("bad.db").write_bytes(data)
    assert error("sqlite:///bad.db#t") == f"sqlite:///bad.db#t: {reason}"


def test_sqlite_folder(sqlite: SqlPlace) -> None:
    Path("folder.db").mkdir()
    assert error("sqlite:///folder.db#t") == "sqlite:///folder.db#t: not a regular file"


def test_sqlite_half_a_file(sqlite: SqlPlace) -> None:
    address = sqlite.save(pa.table({"x": pa.array(np.arange(100_000))}))
    data = Path("some.db").read_bytes()
    Path("some.db").write_bytes(data[: len(data) // 2])
    assert error(address) == f"{address}: damaged (database disk image is malformed)"


# -- PostgreSQL ------------------------------------------------------------------------------------


@POSTGRES
def test_postgres_types(postgres: SqlPlace) -> None:
    postgres.run(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN price AS numeric(8, 2) CHECK (VALUE > 0)",
        """
        CREATE TABLE t AS SELECT 3.25::price AS p,
          1::smallint AS si, 2::integer AS i, 3::bigint AS bi, 1.5::real AS r, 2.5::float8 AS d,
          12345678901234567890.25::numeric AS n, 1.1::numeric(10, 2) AS n2, '12.30'::money AS mo,
          'a'::text AS s, 'b'::varchar(10) AS vc, 'c'::char(3) AS c, 'ok'::mood AS m,
          'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, '{"a": 1}'::jsonb AS js,
          '{}'::json AS j,
          true AS b, '2026-01-31'::date AS dt, '2026-01-31 10:00'::timestamp AS ts,
          '2026-01-31 10:00+02'::timestamptz AS tz, '10:00'::time AS ti, '\\x00'::bytea AS by,
          '{1}'::integer[] AS ar, 'NaN'::float8 AS nan, '-infinity'::float8 AS low
        """,
    )
    source = open_source(f"{postgres.address}#{postgres.schema}.t")
    kinds = dict(zip(source.schema.names, map(str, source.schema.types), strict=True))
    assert kinds == {
        "si": "int16", "i": "int32", "bi": "int64", "r": "float", "d": "double",
        "p": "double", "n": "double", "n2": "double", "mo": "double",
        "s": "string", "vc": "string", "c": "string", "m": "string", "u": "string",
        "js": "string", "j": "string",
        "b": "bool", "dt": "date32[day]", "ts": "timestamp[us]", "tz": "timestamp[us, tz=UTC]",
        "ti": "time64[us]", "by": "binary", "ar": "list<item: int32>", "nan": "double",
        "low": "double",
    }  # fmt: skip
    (row,) = pa.Table.from_batches(list(source.batches(source.schema.names))).to_pylist()
    assert math.isnan(row.pop("nan"))
    assert row == {
        "si": 1, "i": 2, "bi": 3, "r": 1.5, "d": 2.5, "n": 12345678901234567890.25, "n2": 1.1,
        "p": 3.25, "mo": 12.3, "s": "a", "vc": "b", "c": "c  ", "m": "ok",
        "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "js": '{"a": 1}', "j": "{}", "b": True,
        "dt": dt.date(2026, 1, 31), "ts": dt.datetime(2026, 1, 31, 10),
        "tz": dt.datetime(2026, 1, 31, 8, tzinfo=dt.UTC), "ti": dt.time(10), "by": b"\0",
        "ar": [1], "low": -math.inf,
    }  # fmt: skip
    where = (
        "tz = '2026-01-31 08:00' and ts < '2026-02-01' and dt = '2026-01-31' and m like 'o%'"
        " and u like 'a0%' and b and n2 = 1.1 and mo > 12 and p > 3 and c <> 'c' and r = 1.5"
    )
    assert rows(f"{postgres.address}#t", ["i"], where=[where]) == {"i": [2]}
    shown = "c = 'c'"
    assert error(f"{postgres.address}#t", ["i"], where=[shown]).endswith("the filter \"c = 'c'\"")


@POSTGRES
@pytest.mark.parametrize(
    ("where", "kept"),
    [("x > 1", [2.0, math.inf]), ("x <> 1", [2.0, math.inf]), ("x is null", [None, "nan"]),
     ("x is not null", [1.0, 2.0, math.inf]), ("not x in (1, 5)", [2.0, math.inf])],
)  # fmt: skip
def test_postgres_nan_is_missing(postgres: SqlPlace, where: str, kept: list[Any]) -> None:
    """To the server it is the largest of all numbers."""
    address = postgres.save(pa.table({"x": [1.0, 2.0, math.inf, math.nan, None]}))
    (part,) = open_source(address, where=[where]).parts
    found = [value for batch in part.batches(["x"]) for value in batch.column(0).to_pylist()]
    told = ["nan" if value is not None and math.isnan(value) else value for value in found]
    assert sorted(told, key=str) == sorted(kept, key=str)  # and so Arrow has nothing left to do
    assert len(rows(address, where=[where])["x"]) == len(kept)


@POSTGRES
def test_postgres_names(postgres: SqlPlace) -> None:
    postgres.run('CREATE TABLE "T.x" AS SELECT 1 AS "Order"')
    address, schema = postgres.address, postgres.schema
    assert rows(f'{address}#{schema}."T.x"') == {"Order": [1]}
    assert error(f"{address}#t.x") == f"{address}#t.x: no such table. did you mean 'T.x'?"


@POSTGRES
def test_postgres_nothing_can_be_written(postgres: SqlPlace) -> None:
    postgres.run("CREATE SEQUENCE numbers")
    line = error(postgres.address, query="SELECT nextval('numbers') AS n")
    assert line == (
        f"{postgres.address}: the query writes "
        "(cannot execute nextval() in a read-only transaction). a query only reads: SELECT …"
    )


@POSTGRES
def test_postgres_an_error_midway(postgres: SqlPlace) -> None:
    query = "SELECT 1 / (50000 - i) AS x FROM generate_series(1, 100000) AS i"
    assert error(postgres.address, query=query) == f"{postgres.address}: division by zero"


@POSTGRES
def test_postgres_that_does_not_let_one_in(
    postgres: SqlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def line(address: str) -> str:
        return error(address).removeprefix(address)

    hint = "set PGPASSWORD, or write it to ~/.pgpass"
    address = postgres.address
    strange = address.replace(postgres.database, "nothing") + "#t"
    assert line(strange) == ": no such database: nothing"
    postgres.run(
        "CREATE TABLE hidden AS SELECT 1 AS a",
        f"CREATE ROLE stranger LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT USAGE ON SCHEMA {postgres.schema} TO stranger",
    )
    other = address.replace(USER, "stranger", 1) + "#hidden"
    assert line(other) == ": permission denied for table hidden. grant SELECT on it"
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert line(f"{address}#t") == f": the server refuses the user or the credentials. {hint}"
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", "none")
    assert line(f"{address}#t") == f": the server asks for a password. {hint}"


def test_postgres_that_is_not_there() -> None:
    address = "postgresql://127.0.0.1:1/db#t"
    assert error(address) == (
        f"{address}: its server cannot be reached (Connection refused). "
        "check the host, the port, and that it runs"
    )
    address = "postgresql://no-such-host.invalid/db#t"
    assert error(address) == f"{address}: no host of this name"
