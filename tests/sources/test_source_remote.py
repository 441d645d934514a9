"""Remote storage: S3 as a server of its own plays it, and what its answers are in words."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, fs, orc
from source_helpers import as_environment, error, one_line, read

from driftcli.errors import DataError, DriftcliError
from driftcli.sources import open_source
from driftcli.sources.base import explained
from driftcli.sources.files import RemoteFile

pytestmark = pytest.mark.xdist_group("s3")

Put = Callable[[str, bytes | str | pa.Table], str]
TABLE = pa.table({"a": [1, 2], "s": ["x", None]})


@pytest.fixture
def put(endpoint: str, bucket: str) -> Put:
    """Writes into a bucket of its own; tables as Parquet."""
    system = fs.S3FileSystem(endpoint_override=endpoint)

    def _put(key: str, data: bytes | str | pa.Table) -> str:
        if isinstance(data, pa.Table):
            sink = io.BytesIO()
            pq.write_table(data, sink)
            data = sink.getvalue()
        with system.open_output_stream(f"{bucket}/{key}", compression=None) as stream:
            stream.write(data.encode() if isinstance(data, str) else data)
        return f"s3://{bucket}/{key}"

    return _put


def place(put: Put) -> str:
    """The address of the bucket."""
    return put("_SUCCESS", "").removesuffix("/_SUCCESS")


# -- reading ---------------------------------------------------------------------------------


def test_parquet(put: Put) -> None:
    name = put("a.parquet", TABLE)
    source = open_source(name)
    assert source.name == name
    assert source.rows == 2
    for _ in range(2):
        assert read(name) == TABLE.to_pydict()
    assert read(name, ["s"], where=["a = 1"]) == {"s": ["x"]}
    assert read(name, ["s"], batch_rows=1) == {"s": ["x", None]}


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "feather", "orc"])
def test_other_formats(put: Put, suffix: str) -> None:
    sink = io.BytesIO()
    if suffix.startswith("csv"):
        data = b"a,s\n1,x\n2,\n"
        data = gzip.compress(data) if suffix.endswith("gz") else data
    elif suffix == "jsonl":
        data = b'{"a": 1, "s": "x"}\n{"a": 2}\n'
    else:
        {"feather": feather.write_feather, "orc": orc.write_table}[suffix](TABLE, sink)
        data = sink.getvalue()
    name = put(f"in a folder/ä.{suffix}", data)
    assert read(name) == TABLE.to_pydict()
    assert read(name, ["a"], where=["s is null"]) == {"a": [2]}


def test_a_larger_text_is_read_in_pieces(put: Put) -> None:
    name = put("a.csv", "x\n" + "".join(f"{i}\n" for i in range(300_000)))
    assert sum(read(name)["x"]) == sum(range(300_000))


@pytest.fixture
def logs(put: Put) -> str:
    for day in (1, 2, 10):
        for country in ("NL", "S%C3%A3o Tom%C3%A9"):
            path = f"logs/dt=2026-01-{day:02}/country={country}"
            put(f"{path}/part-0.parquet", pa.table({"x": [day]}))
            put(f"{path}/_SUCCESS", "")
    put("logs/_temporary/0/part-0.parquet", "")
    put("logs/dt=2026-01-11/_SUCCESS", "")
    return f"{place(put)}/logs"


@pytest.mark.parametrize(
    "target", ["", "/", "/**/*.parquet", "/*/*/*.parquet", "/dt=*/country=*/part-?.parquet", "/*"]
)
def test_keys_of_folders(logs: str, target: str) -> None:
    found = read(logs + target)
    assert found["x"] == [1, 1, 2, 2, 10, 10]
    assert found["dt"] == [dt.date(2026, 1, day) for day in found["x"]]
    assert found["country"] == ["NL", "São Tomé"] * 3


def test_templates(logs: str) -> None:
    target = logs + "/dt={date:%Y-%m-%d}/*/*.parquet"
    source = open_source(logs + "/dt={latest}/country=NL/")
    assert source.name == f"{logs}/dt=2026-01-10/country=NL/"
    assert read(source.name) == {"x": [10]}
    assert read(target, ["x"], date="2026-01-02") == {"x": [2, 2]}
    assert error(target, date="2026-01-03") == (f"{logs}/dt=2026-01-03/*/*.parquet: no data files")
    assert error(logs + "/day={latest}/") == (
        logs + "/day={latest}/: nothing with data fits {latest}"
    )


def test_folders_that_cannot_match_are_not_opened(logs: str, put: Put) -> None:
    put("logs/dt=2026-01-05/country=NL/part-0.parquet", "nobody can read this")
    where = ["dt <= '2026-01-02' and country like 'S%'"]
    assert read(logs, ["x"], where=where) == {"x": [1, 2]}
    assert error(logs).startswith(
        f"{logs}/dt=2026-01-05/country=NL/part-0.parquet: not a Parquet file. "
    )


def test_options_in_the_address(put: Put, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = put("a.parquet", TABLE)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    assert read(name) == TABLE.to_pydict()
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    host = endpoint.removeprefix("http://")
    target = f"{name}?scheme=http&endpoint_override={host}&region=eu-west-1"
    assert open_source(target).name == name
    assert read(target) == TABLE.to_pydict()
    assert read(f"{name}?endpoint_override={endpoint}") == TABLE.to_pydict()
    assert error(f"{name}?regoin=x") == f"{name}: no option 'regoin' of S3. did you mean 'region'?"


# -- what is refused -------------------------------------------------------------------------


def test_what_is_not_there(put: Put) -> None:
    bucket = place(put)
    assert error(f"{bucket}/a.parquet") == f"{bucket}/a.parquet: no such file"
    assert error(f"{bucket}/*.parquet") == f"{bucket}/*.parquet: no data files"
    assert error(f"{bucket}/") == f"{bucket}/: no data files"
    assert error("s3://no-such-one/a.parquet") == "s3://no-such-one/a.parquet: no such bucket"
    assert error("s3://no-such-one/*.parquet") == "s3://no-such-one/*.parquet: no such bucket"
    assert error("s3://no-such-one") == "s3://no-such-one/: no such bucket"


def test_files_that_cannot_be_read(put: Put) -> None:
    name = put("a.parquet", "")
    assert error(name) == f"{name}: file is empty"
    sink = io.BytesIO()
    pq.write_table(TABLE, sink)
    name = put("b.parquet", sink.getvalue()[:-10])
    assert error(name) == f"{name}: not a complete Parquet file (still being written?)"
    name = put("c.parquet", "x\n1\n")
    assert error(name) == (
        f"{name}: not a Parquet file. "
        "it looks like text such as CSV; give it the right name or set input.format"
    )
    put("mixed/a.parquet", TABLE)
    put("mixed/b.csv", "a\n1\n")
    folder = name.replace("c.parquet", "mixed")
    assert error(folder) in (
        f"{folder}: 'b.csv' is CSV, the other files Parquet",
        f"{folder}: 'a.parquet' is Parquet, the other files CSV",
    )
    put("types/k=1/a.parquet", pa.table({"a": [1]}))
    put("types/k=2/a.parquet", pa.table({"a": ["x"]}))
    folder = name.replace("c.parquet", "types")
    assert error(folder) == (
        f"{folder}/k=2/a.parquet: column 'a': int64 in {folder}/k=1/a.parquet, "
        f"string in {folder}/k=2/a.parquet"
    )


@pytest.mark.parametrize(
    "data",
    [pa.table({"a": [1, 2, 3], "s": ["x"] * 3}), pa.table({"a": [3, 4], "s": ["y", None]})],
    ids=["size", "etag"],
)  # fmt: skip
def test_a_file_that_changes_between_two_passes(put: Put, data: pa.Table) -> None:
    name = put("a.parquet", TABLE)
    source = open_source(name)
    assert sum(batch.num_rows for batch in source.batches(["a"])) == 2
    put("a.parquet", data)
    with pytest.raises(DataError) as caught:
        list(source.batches(["a"]))
    assert one_line(caught.value) == (
        f"{name}: it changed while it was being read. "
        "check a copy of it, or wait until it is written"
    )


def test_a_file_that_goes_away(endpoint: str, put: Put) -> None:
    name = put("a.parquet", TABLE)
    source = open_source(name)
    fs.S3FileSystem(endpoint_override=endpoint).delete_file(name.removeprefix("s3://"))
    with pytest.raises(DataError) as caught:
        list(source.batches(["a"]))
    assert one_line(caught.value) == f"{name}: no such file or directory"


def test_a_file_without_a_version_is_told_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    file = RemoteFile("a.csv", 4, fs.LocalFileSystem(), str(path))
    assert file.head == b"x\n1\n"
    file.native().close()
    path.write_text("x\n2\n")
    with pytest.raises(DataError, match="it changed while it was being read"):
        file.native()


# -- secrets ---------------------------------------------------------------------------------

WORD = "topsecret"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"s3://AKIA:{WORD}@bucket/a.parquet", "s3://bucket/a.parquet"),
        (f"s3://{WORD}@bucket/{{date:%Q}}", "s3://bucket/{date:%Q}"),
        (f"s3://bucket/a?secret_key={WORD}/x&region=y", "s3://bucket/a"),
        (f"s3://bucket/*.csv?access_key={WORD}", "s3://bucket/*.csv"),
        (f"S3://bucket/a?Session_Token={WORD}", "S3://bucket/a"),
        (f"https://user:{WORD}@host/a.csv", "https://host/a.csv"),
        (f"gs://bucket/a?access_token={WORD}", "gs://bucket/a"),
        (f"abfss://cont:{WORD}@acc.dfs.core.windows.net/a", "abfss://acc.dfs.core.windows.net/a"),
        (f"abfs://cont@acc.dfs.core.windows.net/a?sv=1&sig={WORD}",
         "abfs://acc.dfs.core.windows.net/a"),
    ],
)  # fmt: skip
def test_a_secret_is_refused_and_never_shown(folder: Path, target: str, shown: str) -> None:
    line = error(target)
    assert WORD not in line
    assert line == (
        f"{shown}: a secret must not stand in an address. "
        "leave it to the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )


def test_secrets_of_the_environment_stay_there(put: Put) -> None:
    name = put("a.parquet", "x")
    assert (
        "hidden-word"
        not in error(name) + error(name + "x") + open_source(put("b.csv", "x\n1\n")).name
    )


# -- storage that does not answer as it should ----------------------------------------------


def test_nobody_listens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_environment(monkeypatch, "http://127.0.0.1:9")
    start = time.monotonic()
    for target in ("s3://bucket/a.parquet", "s3://bucket/*.parquet", "s3://bucket/{latest}/"):
        line = error(target)
        assert line.startswith("s3://bucket/")
        assert line.endswith(
            ": its storage cannot be reached (Could not connect to server). "
            "check the network and the endpoint"
        )
    assert time.monotonic() - start < 20


@pytest.mark.slow
def test_somebody_listens_and_never_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(50)
        as_environment(monkeypatch, f"http://127.0.0.1:{mute.getsockname()[1]}")
        start = time.monotonic()
        assert error("s3://bucket/a.parquet") == (
            "s3://bucket/a.parquet: its storage cannot be reached (Timeout was reached). "
            "check the network and the endpoint"
        )
        assert time.monotonic() - start < 25


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (403, "s3://bucket/a.parquet: its storage denies permission. "
         "check the credentials in the environment"),
        (301, "s3://bucket/a.parquet: in another region. set AWS_REGION"),
        (503, "s3://bucket/a.parquet: its storage is overloaded. try again later"),
    ],
)  # fmt: skip
def test_answers_of_the_storage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, status: int, line: str
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            as_environment(monkeypatch, f"http://127.0.0.1:{server.server_port}")
            assert error("s3://bucket/a.parquet") == line
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("AWS Error NO_SUCH_BUCKET during ListObjectsV2 operation: x", "no such bucket"),
        ("google::cloud::Status(UNAVAILABLE: Retry policy exhausted: PerformWork() - "
         "CURL error [6]=Could not resolve hostname error_info={reason=})",
         "its storage cannot be reached (Could not resolve hostname)"),
        ("Azure4Core11Credentials23AuthenticationExceptionE: Failed to get token",
         "its storage does not know the credentials, or there are none"),
        ("AWS Error EXPIRED_TOKEN during X", "its storage does not know the credentials, or there "
         "are none"),
        ("Unable to load libjvm\ndlopen(x)", "HDFS needs Java and libhdfs"),
    ],
)  # fmt: skip
def test_what_other_storage_says(said: str, reason: str) -> None:
    assert explained(OSError(said))[0] == reason


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("http://host/a.csv", "http://host/a.csv: addresses of 'http' are not supported. "
         "copy it to a disk, or mount it"),
        ("s3a://host/a.csv", "s3a://host/a.csv: addresses of 's3a' are not supported. "
         "did you mean 's3'?"),
        ("s3:///a.csv", "s3:///a.csv: an address without a bucket"),
    ],
)  # fmt: skip
def test_addresses_that_are_not_understood(folder: Path, target: str, line: str) -> None:
    with pytest.raises(DriftcliError) as caught:
        open_source(target)
    assert one_line(caught.value) == line
