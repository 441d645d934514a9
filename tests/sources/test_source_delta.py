"""Delta tables as deltalake writes them, and logs that other writers leave."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import shutil
import struct
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import fs
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
        "c": pa.array(["p", "q", "p"]).dictionary_encode(),
    }
)
Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
B85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"


def log(table: str, version: int) -> Path:
    return Path(table, "_delta_log", f"{version:020}.json")


def actions(table: str, version: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log(table, version).read_text().splitlines()]


def commit(table: str, version: int, done: Sequence[dict[str, Any]]) -> None:
    log(table, version).write_text("".join(json.dumps(one) + "\n" for one in done))


def added(table: str, version: int) -> list[dict[str, Any]]:
    return [one["add"] for one in actions(table, version) if "add" in one]


def without(rows: Sequence[int]) -> dict[str, Any]:
    """A deletion vector that stands in the log: the format's magic number and a roaring bitmap."""
    head = struct.pack("<IQI", 1681511377, 1, 0)
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16)
    raw = head + bitmap + struct.pack(f"<{len(rows)}H", *rows)
    text = base64.b85encode(raw + bytes(-len(raw) % 4)).translate(bytes.maketrans(B85, Z85))
    return {
        "storageType": "i",
        "pathOrInlineDv": text.decode(),
        "sizeInBytes": len(raw),
        "cardinality": len(rows),
    }


def delete_rows(table: str, version: int, rows: Callable[[dict[str, Any]], Sequence[int]]) -> None:
    """Write the version that lacks rows of each file of the one before."""
    gone = [{"remove": {**add, "deletionTimestamp": 1}} for add in added(table, version - 1)]
    kept = [
        {"add": {**add, "deletionVector": without(rows(add))}} for add in added(table, version - 1)
    ]
    commit(table, version, [{"commitInfo": {"timestamp": 1}}, *gone, *kept])


@pytest.fixture
def sales(folder: Path) -> str:
    """Five rows in three versions, written an hour apart."""
    write_deltalake("sales", pa.table({"x": [1, 2], "k": ["a", "b"]}))
    write_deltalake("sales", pa.table({"x": [3, 4], "k": ["a", None]}), mode="append")
    DeltaTable("sales").delete("x = 2")
    for version in range(3):
        at = dt.datetime(2026, 11, 1, version, tzinfo=dt.UTC).timestamp()
        os.utime(log("sales", version), (at, at))
    return "sales"


# -- what is read ----------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["delta:t", "t", "t/", "delta:{date:%Y}/../t"])
def test_values_of_every_kind(folder: Path, target: str) -> None:
    Path("2026").mkdir()
    write_deltalake("t", TABLE)
    source = open_source(target) if "{" not in target else None
    if source is not None:
        assert source.name == "delta:t?version=0"
        assert source.rows == 3
        assert source.columnar
    values = read(target, date="2026-01-02")
    assert str(values.pop("f")) == "[0.5, nan, None]"
    assert values == {k: v for k, v in TABLE.to_pydict().items() if k != "f"}
    assert read(target, ["c", "a"], date="2026-01-02", batch_rows=1) == {
        "c": ["p", "q", "p"],
        "a": [1, None, 3],
    }


def test_versions(sales: str) -> None:
    assert read("delta:sales?version=0") == {"x": [1, 2], "k": ["a", "b"]}
    assert read("delta:sales?version=1")["x"] == [1, 2, 3, 4]
    assert sorted(read("delta:sales")["x"]) == [1, 3, 4]
    assert open_source("sales").name == "delta:sales?version=2"
    assert open_source("delta:sales?version=1").name == "delta:sales?version=1"


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2026-11-01T00:00:00Z", 0),
        ("2026-11-01", 0),
        ("2026-11-01T00:59:59Z", 0),
        ("2026-11-01T03:00:00%2B02:00", 1),
        ("2026-11-01T03:00:00+02:00", 1),
        ("2026-11-01 01:00:00", 1),
        ("2026-12-24T00:00:00Z", 2),
    ],
)
def test_timestamps(sales: str, moment: str, version: int) -> None:
    assert open_source(f"delta:sales?timestamp={moment}").name == f"delta:sales?version={version}"


def test_a_moment_before_the_first_version(sales: str) -> None:
    assert error("delta:sales?timestamp=2026-10-31T23:59:59Z") == (
        "delta:sales: no version at '2026-10-31T23:59:59Z'. "
        "the first that is kept, 0, is of 2026-11-01T00:00:00Z"
    )
    DeltaTable("sales").create_checkpoint()
    for version in (0, 1):
        log("sales", version).unlink()
    assert error("delta:sales?timestamp=2026-11-01T00:30:00Z") == (
        "delta:sales: no version at '2026-11-01T00:30:00Z'. "
        "the first that is kept, 2, is of 2026-11-01T02:00:00Z"
    )
    assert sorted(read("sales")["x"]) == [1, 3, 4]
    assert error("delta:sales?version=1").startswith("delta:sales: its log cannot be read (")


def test_the_time_that_a_commit_says_counts_before_that_of_its_file(sales: str) -> None:
    for version in range(3):
        first, *others = actions("sales", version)
        told = dt.datetime(2020, 1, version + 1, tzinfo=dt.UTC).timestamp() * 1000
        first["commitInfo"] |= {"operationParameters": "x" * 1000, "inCommitTimestamp": int(told)}
        commit("sales", version, [first, *others])
    for day, version in ((1, 0), (2, 1), (3, 2)):
        name = open_source(f"delta:sales?timestamp=2020-01-{day:02}T23:59:59Z").name
        assert name == f"delta:sales?version={version}"
    line = error("delta:sales?timestamp=2019-12-31T23:59:59Z")
    assert line.endswith("the first that is kept, 0, is of 2020-01-01T00:00:00Z")


def test_partitions(folder: Path) -> None:
    keys = {
        "day": pa.array([dt.date(2026, 1, 1), dt.date(2026, 1, 2), None, dt.date(2026, 1, 2)]),
        "k": ["a b", "ü", "x/y%20", None],
        "i": pa.array([1, -2, None, 3], pa.int16()),
        "w": pa.array(["007", "7", "07", "1e3"]),
    }
    table = pa.table({"x": [1, 2, 3, 4], **keys})
    write_deltalake("t", table, partition_by=list(keys))
    source = open_source("delta:t")
    assert source.partitions == ("day", "k", "i", "w")
    assert source.rows == 4
    assert source.schema.field("i").type == pa.int16()
    found = pa.table(read("delta:t")).sort_by("x")
    assert found.to_pydict() == {"x": [1, 2, 3, 4], **table.select(list(keys)).to_pydict()}
    assert read("delta:t", ["k"], where=["day = '2026-01-02' and k is null"]) == {"k": [None]}
    assert read("delta:t", ["x"], where=["k = 'a b'"]) == {"x": [1]}


def test_columns_that_came_later_and_rows_that_went(folder: Path) -> None:
    write_deltalake("t", pa.table({"x": [1, 2]}))
    write_deltalake("t", pa.table({"x": [3], "y": ["n"]}), mode="append", schema_mode="merge")
    DeltaTable("t").delete("x = 1")
    assert len(list(Path("t").glob("*.parquet"))) > 2  # with rows that are deleted
    found = pa.table(read("delta:t")).sort_by("x").to_pydict()
    assert found == {"x": [2, 3], "y": [None, "n"]}
    assert read("delta:t", ["y"], where=["y = 'n'"]) == {"y": ["n"]}
    assert read("delta:t", ["x"], where=["y is null"]) == {"x": [2]}


def test_an_integer_that_was_widened(folder: Path) -> None:
    write_deltalake("t", pa.table({"x": pa.array([1, 2], pa.int32())}))
    write_deltalake("u", pa.table({"x": pa.array([2**40], pa.int64())}))
    (add,) = added("u", 0)
    shutil.copy(Path("u", add["path"]), Path("t", add["path"]))
    (told,) = [one for one in actions("u", 0) if "metaData" in one]
    features = {"readerFeatures": ["typeWidening"], "writerFeatures": ["typeWidening"]}
    protocol = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **features}}
    commit("t", 1, [{"commitInfo": {}}, protocol, told, {"add": add}])
    assert read("delta:t") == {"x": [1, 2, 2**40]}
    assert read("delta:t", where=["x > 1 and x < 3"]) == {"x": [2]}


@pytest.mark.parametrize("mode", ["name", "id"])
def test_mapped_columns(folder: Path, mode: str) -> None:
    schema = pa.schema([("x", pa.int64()), ("y", pa.int64()), ("k", pa.string())])
    settings = {"delta.columnMapping.mode": "name"}
    DeltaTable.create("t", schema, partition_by=["k"], configuration=settings)
    write_deltalake("t", pa.table({"x": [1, 2], "y": [9, 8], "k": ["a", "b"]}), mode="append")
    (told,) = [one["metaData"] for one in actions("t", 0) if "metaData" in one]
    fields = json.loads(told["schemaString"])
    for field, name in zip(fields["fields"], ("y", "x", "key"), strict=True):  # the other way round
        field["name"] = name
    stored = {"schemaString": json.dumps(fields), "partitionColumns": ["key"]}
    configuration = {**told["configuration"], "delta.columnMapping.mode": mode}
    new = {"metaData": {**told, **stored, "configuration": configuration}}
    commit("t", 2, [{"commitInfo": {}}, new])
    found = pa.table(read("delta:t")).sort_by("y").to_pydict()
    assert found == {"y": [1, 2], "x": [9, 8], "key": ["a", "b"]}
    for where in (["y = 2"], ["x < 9"], ["key = 'b'"]):
        assert read("delta:t", where=where) == {"y": [2], "x": [8], "key": ["b"]}
    if mode == "id":
        for path in Path("t").rglob("*.parquet"):
            pq.write_table(pq.read_table(path).replace_schema_metadata().cast(pa.schema(
                [(field.name, field.type) for field in pq.read_schema(path)])), path)  # fmt: skip
        assert "columns are mapped by ids, but its files have none" in error("delta:t")


def test_deletion_vectors(folder: Path) -> None:
    settings = {"delta.enableDeletionVectors": "true"}
    table = pa.table({"x": list(range(400)), "k": ["a b", "ü%"] * 200})
    write_deltalake("t u", table, partition_by=["k"], configuration=settings)
    gone = {"a b": [0, 1, 199], "ü%": [150]}
    delete_rows("t u", 1, lambda add: gone[add["partitionValues"]["k"]])
    left = sorted(set(range(400)) - {0, 2, 398, 301})
    source = open_source("delta:t u")
    assert source.rows == 396
    assert sum(batch.num_rows for batch in source.batches([])) == 396
    assert sum(batch.num_rows for batch in source.batches(["k"])) == 396
    for rows in (7, 1000):
        assert sorted(read("delta:t u", ["x"], batch_rows=rows)["x"]) == left
    assert read("delta:t u", ["x"], where=["x > 395 and k = 'a b'"]) == {"x": [396]}
    assert len(read("delta:t u?version=0")["x"]) == 400


def test_files_whose_rows_a_filter_excludes_are_not_opened(folder: Path) -> None:
    for at in range(4):
        moment = MOMENT.replace(day=at + 1)
        table = pa.table(
            {
                "x": [at * 10, at * 10 + 9],
                "f": [float(at), float("nan") if at == 3 else None],
                "s": [f"s{at}", f"s{at}z"],
                "t": pa.array([moment, moment], pa.timestamp("us", "UTC")),
                "d": pa.array([Decimal(at), None], pa.decimal128(10, 2)),
            }
        )
        write_deltalake("t", table, mode="append")
        for add in added("t", at):
            if at < 3:
                Path("t", add["path"]).unlink()
    assert read("delta:t", ["x"], where=["x >= 30"]) == {"x": [30, 39]}
    assert read("delta:t", ["x"], where=["x between 31 and 50 and s like 's%'"]) == {"x": [39]}
    assert read("delta:t", ["x"], where=["f > 2.5"]) == {"x": [30]}
    assert read("delta:t", ["x"], where=["s in ('s3', 'zz')"]) == {"x": [30]}
    # the log has 12:00:00.123 for it
    assert read("delta:t", ["x"], where=["t >= '2026-01-04 12:00:00.123456'"]) == {"x": [30, 39]}
    for where in ("x >= 29", "f is null", "t > '2026-01-03 12:00:00.1235'", "d = 3"):
        assert read_or_missing(where)


def read_or_missing(where: str) -> bool:
    """Whether a filter needs a file that is gone, which the error must name."""
    line = error("delta:t", where=[where])
    return line.startswith("t/part-") and line.endswith(
        ".parquet: no such file. the table names it, so it was removed since (a vacuum?); "
        "read another version, or restore it"
    )


def test_a_row_group_that_a_filter_excludes_is_not_read(folder: Path) -> None:
    write_deltalake("t", pa.table({"x": [1, 2]}))
    (add,) = added("t", 0)
    pq.write_table(pa.table({"x": [1, 2]}), Path("t", add["path"]), row_group_size=1)
    add["size"] = Path("t", add["path"]).stat().st_size
    (batch,) = open_source("delta:t", where=["x = 2"])._read(["x"], 10, False)
    assert batch.to_pydict() == {"x": [2]}
    group = pq.read_metadata(Path("t", add["path"])).row_group(0).column(0)
    with Path("t", add["path"]).open("r+b") as file:
        file.seek(group.dictionary_page_offset or group.data_page_offset)
        file.write(b"\xff" * 8)
    assert read("delta:t", where=["x = 2"]) == {"x": [2]}
    assert "damaged" in error("delta:t")


def test_folders_are_found_to_be_tables(sales: str) -> None:
    assert open_source("s*").name == "delta:sales?version=2"
    assert open_source("{latest}").name == "delta:sales?version=2"
    assert sorted(read("sales/*.parquet")["x"])[:2] == [1, 1]  # all versions, as is asked
    write_deltalake("other", pa.table({"x": [1]}))
    assert error("*") == "*: holds a Delta table among others. name a single one, such as 'other'"


# -- remote ----------------------------------------------------------------------------------


@pytest.mark.xdist_group("s3")
def test_on_s3(bucket: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"delta.enableDeletionVectors": "true"}
    table = pa.table({"x": [1, 2, 3], "k": ["a b", "ü", "ü"]})
    write_deltalake("t", table, partition_by=["k"], configuration=settings)
    delete_rows("t", 1, lambda add: [0])
    system = fs.S3FileSystem(endpoint_override=endpoint)
    fs.copy_files("t", f"{bucket}/lake/t", destination_filesystem=system)
    place = f"s3://{bucket}/lake/t"
    for target in (f"delta:{place}", place, f"{place}/", f"s3://{bucket}/lake/*"):
        assert open_source(target).name.replace("/?", "?") == f"delta:{place}?version=1"
        assert read(target) == {"x": [3], "k": ["ü"]}
    assert open_source(f"delta:{place}?version=0").rows == 3
    assert read(f"delta:{place}?version=0", where=["k = 'a b'"]) == {"x": [1], "k": ["a b"]}
    assert error(f"delta:{place}?timestamp=2020-01-01").startswith(
        f"delta:{place}: no version at '2020-01-01'. the first that is kept, 0, is of 20"
    )
    assert error(f"delta:s3://{bucket}/lake/u") == f"delta:s3://{bucket}/lake/u: no such file"
    assert error(f"delta:{place}?version=1&regoin=x") == (
        f"delta:{place}: no option 'regoin'. did you mean 'region'?"
    )
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        host = endpoint.removeprefix("http://")
        option = f"endpoint_override={host}&scheme=http&region=eu-west-1"
        for target in (f"delta:{place}?version=1&{option}", f"{place}?{option}"):
            assert read(target) == {"x": [3], "k": ["ü"]}
    (path,) = (add["path"] for add in added("t", 0) if "ü" in add["partitionValues"]["k"])
    system.delete_file(f"{bucket}/lake/t/{path.replace('%25', '%')}")
    assert error(f"delta:{place}?version=0").endswith(
        "no such file or directory. the table names it, so it was removed since (a vacuum?); "
        "read another version, or restore it"
    )


@pytest.mark.parametrize("target", ["delta:s3://bucket/t", "delta:s3://bucket/t?version=1"])
def test_nobody_listens(folder: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-word")
    assert error(target).endswith(
        "its storage cannot be reached (Could not connect to server). "
        "check the network and the endpoint"
    )


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("delta:sale", "delta:sale: no such file. did you mean 'sales'?"),
        ("delta:empty", "delta:empty: no Delta table (it holds no _delta_log). "
         "name the folder that holds _delta_log"),
        ("delta:sales?version=7", "delta:sales: no version 7. the newest is 2"),
        ("delta:sales?version=-1", "delta:sales: no version '-1'. write a number, such as "
         "version=3"),
        ("delta:sales?vresion=1", "delta:sales: no option 'vresion'. did you mean 'version'?"),
        ("delta:sales?q=1", "delta:sales: no option 'q'. known are version, timestamp"),
        ("delta:sales?region=x", "delta:sales: no option 'region'. did you mean 'version'?"),
        ("delta:sales?timestamp=noon", "delta:sales: no timestamp 'noon'. "
         "write it as 2026-11-01T00:00:00Z"),
        ("delta:sales?version=1&timestamp=2026-11-01", "delta:sales: a version and a timestamp. "
         "name one of them"),
        ("delta:", "delta:: an address without a table"),
        ("delta:s3://AKIA:topsecret@bucket/t", "s3://bucket/t: a secret must not stand in an "
         "address. leave it to the environment, such as AWS_ACCESS_KEY_ID and "
         "AWS_SECRET_ACCESS_KEY"),
        ("delta:s3://bucket/t?version=1&secret_key=topsecret", "s3://bucket/t: a secret must not "
         "stand in an address. leave it to the environment, such as AWS_ACCESS_KEY_ID and "
         "AWS_SECRET_ACCESS_KEY"),
        ("delta:ftp://host/t", "ftp://host/t: addresses of 'ftp' are not supported. "
         "copy it to a disk, or mount it"),
    ],
)  # fmt: skip
def test_addresses_that_mean_nothing(sales: str, target: str, line: str) -> None:
    Path("empty").mkdir()
    assert error(target) == line


def test_a_filter_or_a_query_that_does_not_fit(sales: str) -> None:
    name = "delta:sales?version=2"
    assert error("sales", where=["y = 1"]).startswith(f"{name}: column 'y': no such column")
    assert error("sales", where=["x > 100"]) == (
        f"{name}: 0 rows. no row satisfies the filter 'x > 100'"
    )
    assert error("sales", where=["x <> 3 and k = 'a' and x > 1"]).startswith(f"{name}: 0 rows")
    with pytest.raises(Exception, match="a query is for a database"):
        open_source("delta:sales", query="SELECT 1")


def test_tables_without_rows(folder: Path) -> None:
    DeltaTable.create("t", pa.schema([("x", pa.int64())]))
    assert error("t") == "delta:t?version=0: 0 rows"
    write_deltalake("t", pa.table({"x": [1]}), mode="append")
    DeltaTable("t").delete()
    assert error("t") == "delta:t?version=2: 0 rows"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "No table metadata or protocol found in delta log"),
        ('{"add":', "Json error: Truncated record whilst reading value"),
    ],
)
def test_damaged_logs(sales: str, text: str, reason: str) -> None:
    log("sales", 0).write_text(text)
    assert error("sales") == (
        f"delta:sales: its log cannot be read ({reason}). "
        "is its _delta_log whole? read another version, or restore it"
    )


def test_logs_with_a_gap(sales: str) -> None:
    log("sales", 1).unlink()
    line = error("sales")
    assert line.startswith("delta:sales: its log cannot be read (Expected contiguous commit files")
    assert len(line) < 350
    Path("more/_delta_log").mkdir(parents=True)
    assert error("more").startswith("delta:more: its log cannot be read (No files in log segment)")


def test_what_a_reader_must_know(folder: Path) -> None:
    write_deltalake("t", pa.table({"x": [1]}))
    done = [one for one in actions("t", 0) if "protocol" not in one]
    features = {"readerFeatures": ["newThing"], "writerFeatures": ["newThing"]}
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, **features}
    commit("t", 0, [*done, {"protocol": protocol}])
    assert error("t") == (
        "delta:t: its log cannot be read (Unsupported: Feature 'newThing' is not supported). "
        "a newer deltalake may read it"
    )


def test_files_elsewhere(folder: Path) -> None:
    write_deltalake("t", pa.table({"x": [1]}))
    done = actions("t", 0)
    for one in done:
        if "add" in one:
            one["add"]["path"] = "s3://other/" + one["add"]["path"]
    commit("t", 0, done)
    assert error("t") == (
        "delta:t?version=0: a shallow clone, whose files lie elsewhere. "
        "read the table that it was cloned from, or make a deep clone"
    )


def test_without_the_extra(sales: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)
    line = "delta:sales: a Delta table needs the extra delta. pip install 'driftcli[delta]'"
    assert error("delta:sales") == line
    assert error("sales") == line


# -- a run -----------------------------------------------------------------------------------


def test_a_run_says_the_same_as_of_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(7)
    for name, shift in (("ref", 0.0), ("cur", 0.4)):
        rows = 4_000
        table = pa.table(
            {
                "x": pa.array(rng.normal(shift, 1, rows), mask=rng.random(rows) < 0.1),
                "i": rng.integers(0, 40, rows),
                "d": pa.array([Decimal(int(v)) / 4 for v in rng.integers(0, 99, rows)],
                              pa.decimal128(10, 2)),
                "t": pa.array([MOMENT, None] * (rows // 2), pa.timestamp("us", "UTC")),
                "c": pa.array(rng.choice(["a", "b", "ü"], rows)).dictionary_encode(),
                "b": rng.random(rows) < 0.5,
            }
        )  # fmt: skip
        pq.write_table(table.cast(pa.schema(
            [f.with_type(pa.string()) if f.name == "c" else f for f in table.schema])),
            f"{name}.parquet")  # fmt: skip
        for part in (table.slice(0, 1_500), table.slice(1_500)):
            write_deltalake(f"{name}_delta", part, mode="append")
    found = []
    for arguments in (("ref.parquet", "cur.parquet"), ("delta:ref_delta", "cur_delta")):
        capsys.readouterr()
        assert cli.run(["features", *arguments, "--where", "i < 39", "--format", "json"]) == 1
        report = json.loads(capsys.readouterr().out)
        del report["timestamp"]
        found.append((report.pop("reference"), report.pop("current"), report))
    files, tables = found
    assert tables[0].pop("source") == "delta:ref_delta?version=1"
    assert tables[1].pop("source") == "delta:cur_delta?version=1"
    assert [side.pop("source") for side in files[:2]] == ["ref.parquet", "cur.parquet"]
    assert tables == files
