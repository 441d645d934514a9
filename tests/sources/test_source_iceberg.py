"""Iceberg tables as pyiceberg writes them, and what other writers add: deleted rows, old files."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import Table
from pyiceberg.transforms import DayTransform
from pyiceberg.typedef import Record
from pyiceberg.types import LongType
from pyiceberg.utils.config import Config
from source_helpers import error, read

from driftcli import cli
from driftcli.sources import open_source

MOMENT = dt.datetime(2026, 1, 1, 12, 0, 0, 123456, dt.UTC)
TABLE = pa.table(
    {
        "a": pa.array([1, None, 3], pa.int32()),
        "f": [0.5, float("nan"), None],
        "s": ["x", None, "ü"],
        "t": pa.array([MOMENT, None, MOMENT], pa.timestamp("us", "UTC")),
        "n": pa.array([MOMENT.replace(tzinfo=None)] * 3, pa.timestamp("us")),
        "d": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(10, 2)),
        "day": pa.array([dt.date(2026, 1, 1)] * 3),
        "b": [True, None, False],
    }
)


@pytest.fixture
def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """A catalog in SQLite that the environment tells of, with the namespace ``lake``."""
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PYICEBERG_CATALOG__DEFAULT__URI", f"sqlite:///{folder}/catalog.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__DEFAULT__WAREHOUSE", f"file://{folder}/warehouse")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())  # else read once a process
    found = load_catalog()
    found.create_namespace("lake")
    yield found
    found.close()


def create(catalog: Catalog, name: str, *parts: pa.Table) -> Table:
    table = catalog.create_table(f"lake.{name}", parts[0].schema)
    for part in parts:
        table.append(part)
    return table


def files(table: Table) -> list[Path]:
    """The files of the newest snapshot, those with the lowest values first."""
    tasks = sorted(table.scan().plan_files(), key=lambda task: task.file.lower_bounds[1])
    return [Path(task.file.file_path.removeprefix("file://")) for task in tasks]


def add_file(table: Table, path: Path, content: DataFileContent, form: FileFormat) -> None:
    """Name a file in a new snapshot, whatever it is."""
    data = DataFile.from_args(
        content=content,
        file_path=f"file://{path}",
        file_format=form,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=path.stat().st_size,
    )
    data.spec_id = table.spec().spec_id
    with table.transaction() as change, change.update_snapshot().fast_append() as append:
        append.append_data_file(data)


def delete_places(table: Table, name: str, places: list[tuple[Path, int]]) -> None:
    """Delete rows by a file that names their places."""
    paths, rows = zip(*((f"file://{path}", row) for path, row in places), strict=True)
    path = Path(f"{name}.parquet").absolute()
    pq.write_table(pa.table({"file_path": paths, "pos": pa.array(rows, pa.int64())}), path)
    add_file(table, path, DataFileContent.POSITION_DELETES, FileFormat.PARQUET)


def write_vector(path: Path, data: Path, rows: list[int]) -> None:
    """Write a Puffin file with a deletion vector: a roaring bitmap between lengths and a CRC."""
    body = struct.pack("<IQI", 1681511377, 1, 0)
    body += struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16)
    body += struct.pack(f"<{len(rows)}H", *rows)
    blob = struct.pack(">I", len(body)) + body + struct.pack(">I", zlib.crc32(body))
    told = {
        "type": "deletion-vector-v1", "fields": [], "snapshot-id": -1, "sequence-number": -1,
        "offset": 4, "length": len(blob),
        "properties": {"referenced-data-file": f"file://{data}", "cardinality": str(len(rows))},
    }  # fmt: skip
    footer = json.dumps({"blobs": [told], "properties": {}}).encode()
    tail = struct.pack("<I", len(footer)) + bytes(4)
    path.write_bytes(b"PFA1" + blob + b"PFA1" + footer + tail + b"PFA1")


# -- what is read ----------------------------------------------------------------------------


def test_values_of_every_kind(catalog: Catalog) -> None:
    table = create(catalog, "t", TABLE)
    source = open_source("iceberg:lake.t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert source.name == f"iceberg:lake.t?snapshot={snapshot.snapshot_id}"
    assert source.rows == 3
    assert source.columnar
    assert source.modified is not None
    assert source.modified.timestamp() * 1000 == pytest.approx(snapshot.timestamp_ms, abs=1)
    values = read("iceberg:lake.t")
    assert str(values.pop("f")) == "[0.5, nan, None]"
    assert values == {k: v for k, v in TABLE.to_pydict().items() if k != "f"}
    assert read("iceberg:lake.t", ["s", "a"], batch_rows=1) == {
        "s": ["x", None, "ü"],
        "a": [1, None, 3],
    }


def test_snapshots_branches_and_tags(catalog: Catalog) -> None:
    table = create(catalog, "t", pa.table({"x": [1, 2]}), pa.table({"x": [3]}))
    first, second = (snapshot.snapshot_id for snapshot in table.snapshots())
    table.manage_snapshots().create_tag(first, "trained-on").commit()
    table.manage_snapshots().create_branch(second, "2026").commit()
    table.delete("x = 1")
    assert read(f"iceberg:lake.t?snapshot={first}") == {"x": [1, 2]}
    name = open_source("iceberg:lake.t?snapshot=trained-on").name
    assert name == f"iceberg:lake.t?snapshot={first}"
    assert open_source("iceberg:lake.t?snapshot=2026").rows == 3
    assert sorted(read("iceberg:lake.t")["x"]) == [2, 3]
    table = table.refresh()
    last = table.snapshots()[-1].snapshot_id
    assert error("iceberg:lake.t?snapshot=trained") == (
        f"iceberg:lake.t: no snapshot 'trained'. the newest is {last}; "
        "branches and tags: 2026, main, trained-on"
    )


def test_columns_that_changed(catalog: Catalog) -> None:
    table = create(catalog, "t", pa.table({"x": pa.array([1, 2], pa.int32()), "y": ["a", "b"]}))
    (first,) = table.snapshots()
    with table.update_schema() as change:
        change.update_column("x", LongType())
        change.rename_column("x", "was_x")
        change.add_column("z", LongType())
    with table.update_schema() as change:
        change.rename_column("y", "x")
    assert read("iceberg:lake.t") == {"was_x": [1, 2], "x": ["a", "b"], "z": [None, None]}
    table.append(pa.table({"was_x": [2**40], "x": ["c"], "z": [7]}))
    found = pa.table(read("iceberg:lake.t")).sort_by("x").to_pydict()
    assert found == {"was_x": [1, 2, 2**40], "x": ["a", "b", "c"], "z": [None, None, 7]}
    assert read("iceberg:lake.t", where=["x = 'b'"])["was_x"] == [2]
    assert read("iceberg:lake.t", ["was_x"], where=["z is null and was_x > 1"]) == {"was_x": [2]}
    assert read("iceberg:lake.t", ["z"], where=["was_x > 2000000000"]) == {"z": [7]}
    then = f"iceberg:lake.t?snapshot={first.snapshot_id}"
    assert read(then) == {"x": [1, 2], "y": ["a", "b"]}
    assert read(then, ["y"], where=["x = 2"]) == {"y": ["b"]}
    with table.update_schema() as change:
        change.delete_column("x")
    assert read(then, ["x"], where=["y = 'a'"]) == {"x": [1]}
    assert list(read("iceberg:lake.t")) == ["was_x", "z"]


def test_partitions(catalog: Catalog) -> None:
    days = [dt.datetime(2026, 1, day, 9, tzinfo=dt.UTC) for day in (1, 2, 3)]
    times = pa.array(days, pa.timestamp("us", "UTC"))
    rows = pa.table({"x": [1, 2, 3], "k": ["a b", None, "ü"], "t": times})
    table = catalog.create_table("lake.t", rows.schema)
    with table.update_spec() as change:
        change.add_identity("k")
        change.add_field("t", DayTransform())
    table.append(rows)
    source = open_source("iceberg:lake.t")
    assert source.partitions == ("k",)
    assert source.rows == 3
    for path in files(table)[1:]:
        path.unlink()
    for where in ("k = 'a b'", "t < '2026-01-02'", "k in ('a b', 'q') or x = 0", "x < 2"):
        assert read("iceberg:lake.t", ["x"], where=[where]) == {"x": [1]}
    assert error("iceberg:lake.t", where=["k is null"]).endswith(
        ".parquet: no such file. the table names it, so it was removed since (a vacuum?); "
        "read another version, or restore it"
    )


def test_files_that_lack_the_column_they_are_parted_by(catalog: Catalog) -> None:
    rows = pa.table({"x": [1], "k": ["a"], "day": pa.array([dt.date(2026, 1, 1)])})
    table = catalog.create_table("lake.t", rows.schema)
    with table.update_spec() as change:
        change.add_identity("k")
        change.add_identity("day")
    table.append(rows)
    (path,) = files(table)
    pq.write_table(pq.read_table(path, partitioning=None).select(["x"]), path)
    assert read("iceberg:lake.t") == rows.to_pydict()
    assert read("iceberg:lake.t", ["day"], where=["k = 'a'"]) == {"day": [dt.date(2026, 1, 1)]}


def test_files_whose_rows_a_filter_excludes_are_not_opened(catalog: Catalog) -> None:
    parts = []
    for at in range(4):
        moment = MOMENT.replace(day=at + 1)
        part = {
            "x": [at * 10, at * 10 + 9],
            "f": [float(at), float("nan") if at == 3 else None],
            "s": [f"s{at}", f"s{at}z"],
            "t": pa.array([moment, moment], pa.timestamp("us", "UTC")),
            "d": pa.array([Decimal(at), None], pa.decimal128(10, 2)),
            "day": pa.array([moment.date()] * 2),
            "b": [at == 3, None],
        }
        parts.append(pa.table(part))
    table = create(catalog, "t", *parts)
    for path in files(table)[:-1]:
        path.unlink()
    for where, found in {
        "x >= 30": [30, 39],
        "x between 31 and 50 and s like 's%'": [39],
        "f > 2.5": [30],
        "s in ('s3', 'zz')": [30],
        "t >= '2026-01-04 12:00:00.123456'": [30, 39],
        "day = '2026-01-04'": [30, 39],
        "b": [30],
        "x > 29 and f is null": [39],
        "x > 29 and f is not null": [30],
        "x <> 30 and x > 29.5 and x not in (20, 29)": [39],
    }.items():
        assert read("iceberg:lake.t", ["x"], where=[where]) == {"x": found}
    for where in ("x >= 29", "f is null", "t > '2026-01-03 12:00:00'", "d = 3", "s like 's3%'"):
        assert ".parquet: no such file. the table names it" in error(
            "iceberg:lake.t", where=[where]
        )
    assert error("iceberg:lake.t", where=["x > 99"]).endswith(
        ": 0 rows. no row satisfies the filter 'x > 99'"
    )


def test_rows_that_are_deleted_by_their_places(catalog: Catalog) -> None:
    rows = pa.table({"x": list(range(100)), "k": ["a", "b"] * 50})
    table = create(catalog, "t", rows, rows.set_column(0, "x", pa.array(range(100, 200))))
    one, two = files(table)
    delete_places(table, "both", [(one, 0), (one, 99), (two, 50)])
    delete_places(table, "one", [(one, 1), (one, 99)])
    source = open_source("iceberg:lake.t")
    assert source.rows is None
    left = sorted(set(range(200)) - {0, 1, 99, 150})
    for size in (7, 1000):
        assert sorted(read("iceberg:lake.t", ["x"], batch_rows=size)["x"]) == left
    assert sum(batch.num_rows for batch in source.batches([])) == 196
    assert source.rows == 196
    found = read("iceberg:lake.t", ["x"], where=["x > 97 and x < 101"])
    assert sorted(found["x"]) == [98, 100]
    assert read("iceberg:lake.t", ["k"], where=["x = 2"]) == {"k": ["a"]}
    assert sorted(table.refresh().scan().to_arrow()["x"].to_pylist()) == left
    delete_places(table, "more", [(two, 100)])
    assert error("iceberg:lake.t").endswith(f"rows are deleted that file://{two} does not have")


def test_rows_that_a_deletion_vector_names(catalog: Catalog) -> None:
    table = create(catalog, "t", pa.table({"x": [0, 1, 2]}), pa.table({"x": [3, 4, 5]}))
    path = Path("gone.puffin").absolute()
    write_vector(path, files(table)[1], [0, 2])
    add_file(table, path, DataFileContent.POSITION_DELETES, FileFormat.PUFFIN)
    assert sorted(read("iceberg:lake.t")["x"]) == [0, 1, 2, 4]
    path.write_bytes(b"PFA1 no such thing")
    assert error("iceberg:lake.t") == (
        f"{path}: cannot be read (Incorrect magic bytes, expected b'PFA1', got b'hing'). "
        "check the table, and the catalog in ~/.pyiceberg.yaml or the environment"
    )


def test_what_cannot_be_read_rightly(catalog: Catalog) -> None:
    for name in ("by_values", "orc"):
        create(catalog, name, pa.table({"x": [0, 1, 2]}))
    pq.write_table(pa.table({"x": [1]}), "gone.parquet")
    path = Path("gone.parquet").absolute()
    table = catalog.load_table("lake.by_values")
    add_file(table, path, DataFileContent.EQUALITY_DELETES, FileFormat.PARQUET)
    assert error("iceberg:lake.by_values") == (
        "iceberg:lake.by_values: rows are deleted by their values, which pyiceberg cannot read. "
        "rewrite its data files first, such as by rewrite_data_files"
    )
    add_file(catalog.load_table("lake.orc"), path, DataFileContent.DATA, FileFormat.ORC)
    assert error("iceberg:lake.orc").endswith(
        ": its data files are ORC, only Parquet is read. rewrite them as Parquet"
    )


def test_files_without_ids(catalog: Catalog) -> None:
    pq.write_table(pa.table({"y": ["a"], "x": [1]}), "old.parquet")
    schema = pa.schema([("x", pa.int64()), ("y", pa.string())])
    table = catalog.create_table("lake.t", schema)
    table.add_files([str(Path("old.parquet").absolute())])
    with table.update_schema() as change:
        change.rename_column("y", "z")
    assert read("iceberg:lake.t") == {"x": [1], "z": ["a"]}
    with table.transaction() as change:
        change.remove_properties("schema.name-mapping.default")
    assert error("iceberg:lake.t").endswith(
        ": its fields have no ids, and the table has no mapping of names"
    )


# -- without a catalog -----------------------------------------------------------------------


def test_a_folder_or_its_metadata(catalog: Catalog, folder: Path) -> None:
    table = create(catalog, "t", pa.table({"x": [1]}), pa.table({"x": [2]}))
    here = "warehouse/lake/t"
    names = sorted(path.name for path in Path(here, "metadata").glob("*.json"))
    for target in (here, f"{here}/", f"{folder}/{here}", f"{here}/metadata/{names[-1]}"):
        source = open_source(f"iceberg:{target}")
        snapshot = table.current_snapshot()
        assert snapshot is not None
        assert source.name == f"iceberg:{target}?snapshot={snapshot.snapshot_id}"
        assert source.rows == 2
    assert read(f"iceberg:{here}/metadata/{names[1]}") == {"x": [1]}
    first = table.snapshots()[0].snapshot_id
    assert read(f"iceberg:file://{folder}/{here}?snapshot={first}") == {"x": [1]}
    twin = names[-1].replace("00002-", "00002-0000")[:42] + ".metadata.json"
    shutil.copy(Path(here, "metadata", names[-1]), Path(here, "metadata", twin))
    line = error(f"iceberg:{here}")
    assert line.startswith(f"iceberg:{here}: 2 newest files of metadata. ask its catalog, or name")
    Path(here, "metadata/version-hint.text").write_text(names[1])
    assert read(f"iceberg:{here}") == {"x": [1]}
    Path(here, "metadata", names[1]).write_text("{")
    assert error(f"iceberg:{here}").startswith(f"iceberg:{here}: cannot be read (")


@pytest.mark.xdist_group("s3")
def test_on_s3(bucket: str, endpoint: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__URI", f"sqlite:///{folder}/catalog.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__WAREHOUSE", f"s3://{bucket}/lake")
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__S3__ENDPOINT", endpoint)
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__S3__REGION", "us-east-1")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    catalog = load_catalog("prod")
    catalog.create_namespace("lake")
    table = create(catalog, "t", pa.table({"x": [1, 2]}), pa.table({"x": [3]}))
    first, last = (snapshot.snapshot_id for snapshot in table.snapshots())
    source = open_source("iceberg:lake.t?catalog=prod")
    assert source.name == f"iceberg:lake.t?catalog=prod&snapshot={last}"
    assert sorted(read(source.name)["x"]) == [1, 2, 3]
    place = table.location()
    assert place.startswith(f"s3://{bucket}/lake/")
    for target in (place, table.metadata_location):
        assert read(f"iceberg:{target}?snapshot={first}") == {"x": [1, 2]}
    assert error(f"iceberg:{place}x") == f"iceberg:{place}x: no such file"
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        options = f"endpoint_override={endpoint.removeprefix('http://')}&scheme=http"
        assert read(f"iceberg:{place}?{options}&region=us-east-1", where=["x = 3"]) == {"x": [3]}
        assert error(f"iceberg:{place}").endswith("(Could not connect to server). "
                                                  "check the network and the endpoint")  # fmt: skip
    (task,) = table.scan("x = 3").plan_files()
    system = fs.S3FileSystem(endpoint_override=endpoint)
    system.delete_file(task.file.file_path.removeprefix("s3://"))
    assert error("iceberg:lake.t?catalog=prod").endswith(
        ".parquet: no such file or directory. the table names it, so it was removed since "
        "(a vacuum?); read another version, or restore it"
    )
    catalog.close()


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("iceberg:lake.sale", "iceberg:lake.sale: no such table. did you mean 'sales'?"),
        ("iceberg:lak.sales", "iceberg:lak.sales: no such table. there is no namespace 'lak', "
         "did you mean 'lake'?"),
        ("iceberg:lake.sales?catalog=prod", "iceberg:lake.sales: no catalog 'prod'. "
         "set PYICEBERG_CATALOG__PROD__URI, or write ~/.pyiceberg.yaml; "
         "known are default (?catalog=NAME)"),
        ("iceberg:lake.sales?snapshto=1", "iceberg:lake.sales: no option 'snapshto'. "
         "did you mean 'snapshot'?"),
        ("iceberg:lake.sales?version=1", "iceberg:lake.sales: no option 'version'. "
         "known are snapshot, catalog"),
        ("iceberg:sales", "iceberg:sales: no such file"),
        ("iceberg:warehouse/", "iceberg:warehouse/: no Iceberg table (no metadata/*.metadata.json)."
         " name its folder, a file of its metadata, or NAMESPACE.TABLE of a catalog"),
        ("iceberg:", "iceberg:: an address without a table"),
        ("iceberg:s3://AKIA:topsecret@bucket/t", "s3://bucket/t: a secret must not stand in an "
         "address. leave it to the environment, such as AWS_ACCESS_KEY_ID and "
         "AWS_SECRET_ACCESS_KEY"),
        ("iceberg:lake.empty", "iceberg:lake.empty: 0 rows"),
    ],
)  # fmt: skip
def test_addresses_that_mean_nothing(catalog: Catalog, target: str, line: str) -> None:
    create(catalog, "sales", pa.table({"x": [1]}))
    catalog.create_table("lake.empty", pa.schema([("x", pa.int64())]))
    assert error(target) == line


def test_no_catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    assert error("iceberg:lake.sales") == (
        "iceberg:lake.sales: no catalog 'default'. "
        "set PYICEBERG_CATALOG__DEFAULT__URI, or write ~/.pyiceberg.yaml"
    )
    monkeypatch.setenv("PYICEBERG_CATALOG__DEFAULT__URI", "http://127.0.0.1:9")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    assert error("iceberg:lake.sales").startswith("iceberg:lake.sales: ")


def test_a_filter_or_a_query_that_does_not_fit(catalog: Catalog) -> None:
    create(catalog, "t", pa.table({"x": [1]}))
    assert ": column 'y': no such column, but the filter 'y = 1' names it" in error(
        "iceberg:lake.t", where=["y = 1"]
    )
    with pytest.raises(Exception, match="a query is for a database"):
        open_source("iceberg:lake.t", query="SELECT 1")


def test_without_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    assert error("iceberg:lake.t") == (
        "iceberg:lake.t: an Iceberg table needs the extra iceberg. pip install 'driftcli[iceberg]'"
    )


# -- a run -----------------------------------------------------------------------------------


def test_a_run_says_the_same_as_of_files(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(7)
    for name, shift in (("ref", 0.0), ("cur", 0.4)):
        rows = 4_000
        prices = [Decimal(int(value)) / 4 for value in rng.integers(0, 99, rows)]
        table = pa.table(
            {
                "x": pa.array(rng.normal(shift, 1, rows), mask=rng.random(rows) < 0.1),
                "i": rng.integers(0, 40, rows),
                "d": pa.array(prices, pa.decimal128(10, 2)),
                "t": pa.array([MOMENT, None] * (rows // 2), pa.timestamp("us", "UTC")),
                "c": pa.array(rng.choice(["a", "b", "ü"], rows)),
                "b": rng.random(rows) < 0.5,
            }
        )
        pq.write_table(table, f"{name}.parquet")
        create(catalog, name, table.slice(0, 1_500), table.slice(1_500))
    found = []
    for arguments in (("ref.parquet", "cur.parquet"), ("iceberg:lake.ref", "iceberg:lake.cur")):
        capsys.readouterr()
        assert cli.run(["features", *arguments, "--where", "i < 39", "--format", "json"]) == 1
        report = json.loads(capsys.readouterr().out)
        del report["timestamp"]
        found.append((report.pop("reference"), report.pop("current"), report))
    files, tables = found
    for side, name in zip(tables[:2], ("ref", "cur"), strict=True):
        snapshot = catalog.load_table(f"lake.{name}").current_snapshot()
        assert snapshot is not None
        assert side.pop("source") == f"iceberg:lake.{name}?snapshot={snapshot.snapshot_id}"
    assert [side.pop("source") for side in files[:2]] == ["ref.parquet", "cur.parquet"]
    assert tables == files


def test_a_process_takes_the_catalog_from_the_environment(catalog: Catalog) -> None:
    create(catalog, "t", pa.table({"x": list(range(100))}))
    command = [sys.executable, "-m", "driftcli", "features", "iceberg:lake.t", "iceberg:lake.t"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
