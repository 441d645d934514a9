from __future__ import annotations

import gc
import io
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc
from source_helpers import Write, error, read

from driftcli.config import Input
from driftcli.errors import DataError, UsageError
from driftcli.sources import formats, open_source
from driftcli.sources.base import reading
from driftcli.sources.files import OWN_FILES
from driftcli.sources.finding import find

TABLE = pa.table({"a": [1, 2]})


def test_row_1_missing_file(folder: Path) -> None:
    assert error("prod.parquet") == "prod.parquet: no such file"


def test_row_1_missing_file_with_a_near_name(write: Write) -> None:
    write("prod.parquet", b"x")
    assert error("prd.parquet") == "prd.parquet: no such file. did you mean 'prod.parquet'?"


def test_row_1_missing_folder(folder: Path) -> None:
    assert error("nowhere/prod.parquet") == "nowhere/prod.parquet: no such file"


def test_row_2_directory_with_an_odd_file(write: Write) -> None:
    write("prod/a.csv", "x\n1\n")
    write("prod/readme.txt", "hello")
    line = error("prod/")
    assert line.startswith(
        "prod/readme.txt: not known to be a data file by its name. "
        "it looks like text such as CSV; known are .parquet, .pq, .csv"
    )


def test_row_2_directory_with_two_formats(write: Write, folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(f"prod/{name}", "x\n1\n")
    write("prod/c.jsonl", '{"x": 1}\n')
    assert error("prod") == "prod: 'c.jsonl' is JSON lines, the other files CSV"


def test_row_2_directory_with_a_folder(write: Write) -> None:
    write("prod/old/a.csv", "x\n1\n")
    assert error("prod") == (
        "prod/: holds the folder 'old'. name the files by a glob, such as 'prod/**/*.parquet'"
    )


def test_row_2_companions_are_left_out(write: Write) -> None:
    write("prod/part-0.csv", "x\n1\n")
    write("prod/part-1.csv", "x\n2\n")
    for companion in ("_SUCCESS", "_metadata", ".part-0.csv.crc", "part-0.csv.crc", ".hidden"):
        write(f"prod/{companion}", "")
    assert read("prod/") == {"x": [1, 2]}


def test_row_3_empty_directory(folder: Path) -> None:
    (folder / "prod").mkdir()
    assert error("prod/") == "prod/: no data files"
    assert error("prod") == "prod/: no data files"


def test_row_3_glob_matches_nothing(folder: Path) -> None:
    assert error("prod/*.csv") == "prod/*.csv: no data files"


def test_glob_is_sorted_and_recursive(write: Write) -> None:
    for name, value in (("b.csv", 2), ("a.csv", 1), ("deep/er/c.csv", 3)):
        write(f"prod/{name}", f"x\n{value}\n")
    assert read("prod/*.csv") == {"x": [1, 2]}
    assert read("prod/**/*.csv") == {"x": [1, 2, 3]}


def test_a_file_whose_name_is_a_glob(write: Write) -> None:
    assert read(write("a[1].csv", "x\n1\n")) == {"x": [1]}


def test_a_path_object(write: Write, folder: Path) -> None:
    assert read(folder / write("a.csv", "x\n1\n")) == {"x": [1]}


@pytest.mark.parametrize("name", [b"caf\xe9.parquet", "ä b'\".parquet".encode()])
def test_a_name_in_any_bytes(folder: Path, name: bytes) -> None:
    with open(name, "wb") as sink:  # noqa: PTH123  the name is bytes
        pq.write_table(TABLE, sink)
    assert read(os.fsdecode(name)) == {"a": [1, 2]}


@pytest.mark.parametrize("suffix", [b"csv", b"jsonl", b"arrow", b"orc"])
def test_a_name_that_is_not_utf_8(folder: Path, suffix: bytes) -> None:
    name = b"r\xff." + suffix
    with open(name, "wb") as sink:  # noqa: PTH123  the name is bytes
        if suffix == b"csv":
            sink.write(b"a\n1\n2\n")
        elif suffix == b"jsonl":
            sink.write(b'{"a": 1}\n{"a": 2}\n')
        else:
            {b"arrow": feather.write_feather, b"orc": orc.write_table}[suffix](TABLE, sink)
    assert read(os.fsdecode(name)) == {"a": [1, 2]}
    assert open_source(os.fsdecode(name)).name == "r\\udcff." + suffix.decode()
    assert open_source(os.fsdecode(b"?\xff.*")).name == "?\\udcff.*"


def test_faults_name_such_a_file_escaped(folder: Path) -> None:
    assert error(os.fsdecode(b"r\xff.csv")) == "r\\udcff.csv: no such file"


def test_control_characters_are_escaped(folder: Path) -> None:
    assert error("a\n\x1b.csv") == "a\\n\\x1b.csv: no such file"


def test_an_empty_path(folder: Path) -> None:
    assert error("") == "an empty path. is a variable unset?"


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "x" * 300 + "/a.csv"])
def test_a_name_that_is_too_long(folder: Path, name: str) -> None:
    assert error(name) == f"{name}: file name too long"


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_row_4_no_permission(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    name = write("a.csv", "x\n1\n")
    Path(name).chmod(0)
    if os.geteuid() == 0:  # root may read everything; then the refusal is played
        refuse = PermissionError(13, "Permission denied")

        def denied(*_: Any, **__: Any) -> Any:
            raise refuse

        monkeypatch.setattr(Path, "open", denied)
    assert error(name) == "a.csv: permission denied"


@pytest.mark.parametrize("make", ["fifo", "socket", "device"])
def test_row_5_not_a_regular_file(folder: Path, make: str) -> None:
    path = folder / "odd.csv"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("odd.csv")
    else:
        path.symlink_to("/dev/zero")
    assert error("odd.csv") == "odd.csv: not a regular file"


def test_row_5_a_terminal_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert error("-") == (
        "-: stdin is a terminal, there is nothing to read. pipe CSV into it, or name a file"
    )


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_row_5_csv_on_stdin_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, b"x,y\n1,a\n2,b\n")
    source = open_source("-")
    for _ in range(2):
        values = [batch.to_pydict() for batch in source.batches(["y", "x"])]
        assert values == [{"y": ["a", "b"], "x": [1, 2]}]
    assert source.name == "-"


def test_row_5_two_passes_over_stdin_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x\n" + "".join(f"{i}\n" for i in range(600_000))
    pipe(monkeypatch, text.encode())
    source = open_source("-")
    pairs = zip(source.batches(["x"], 999), source.batches(["x"], 999), strict=True)
    assert all(a.equals(b) for a, b in pairs)


def test_a_signal_ends_the_wait_for_stdin() -> None:
    program = """
import signal, sys
from driftcli.sources import open_source
def stop(*_): raise SystemExit(7)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
open_source("-")
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child, child.stdin, child.stdout:
        assert child.stdout.readline() == b"ready\n"
        child.stdin.write(b"x\n1\n")
        child.stdin.flush()
        time.sleep(0.2)  # so that it waits for more
        child.terminate()
        assert child.wait(timeout=10) == 7


def test_nothing_on_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, b"")
    assert error("-") == "-: no data rows"


def test_stdin_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    remedy = "pipe CSV into it, or name a file"
    assert error("-") == f"-: stdin is closed, there is nothing to read. {remedy}"


def test_stdin_for_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, b"x\n1\n")
    assert open_source("-").rows == 1
    assert error("-") == "-: stdin can be read only once. name a file beside it"
    pipe(monkeypatch, b"")
    assert error("-") == "-: no data rows"


def test_row_6_broken_link_and_loop(folder: Path) -> None:
    Path("a.csv").symlink_to("gone.csv")
    Path("b.csv").symlink_to("b.csv")
    assert error("a.csv") == "a.csv: broken symbolic link"
    assert error("b.csv") == "b.csv: loop of symbolic links"


def test_links_to_files_are_followed(write: Write) -> None:
    Path("b.csv").symlink_to(write("a.csv", "x\n1\n"))
    assert read("b.csv") == {"x": [1]}


def test_a_file_that_is_read_by_two_names_is_told(write: Write, folder: Path) -> None:
    write("logs/1.csv", "x\n1\n")
    write("logs/2.csv", "x\n2\n")
    assert open_source("logs", Input()).warnings == []
    Path("logs/latest.csv").symlink_to("2.csv")
    told = "logs/latest.csv is logs/2.csv by another name"
    (warning,) = open_source("logs", Input()).warnings
    assert warning == f"logs: {told}, so its rows count twice"
    Path("logs/3.csv").hardlink_to("logs/1.csv")
    (warning,) = open_source("logs/*.csv", Input()).warnings
    told = "logs/3.csv is logs/1.csv by another name (and 1 more)"
    assert warning == f"logs/*.csv: {told}, so its rows count twice"
    assert open_source("logs/latest.csv", Input()).warnings == []


def test_a_file_address(write: Write, folder: Path) -> None:
    write("a b.csv", "x\n1\n")
    assert read(f"file://{folder}/a%20b.csv") == {"x": [1]}
    assert error(f"file://{folder}/old.csv") == f"{folder}/old.csv: no such file"


def test_a_nul_in_the_path(folder: Path) -> None:
    assert error("a\0b.csv") == "a\\x00b.csv: not a path (it holds a NUL character)"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_row_12_input_output_error_halfway(
    folder: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    values = pa.table({"x": range(500_000)})
    name = f"big.{suffix}"
    if suffix == "csv":
        import pyarrow.csv as pacsv

        pacsv.write_csv(values, name)
    else:
        pq.write_table(values, name, compression="none", use_dictionary=False, row_group_size=1000)

    class Failing(io.FileIO):
        def readinto(self, buffer: Any) -> int:
            if 3 << 19 < self.tell() < 3 << 20:
                raise OSError(5, "Input/output error")
            return super().readinto(buffer)

    file = find(name).files[0]
    source = open_source(name)
    monkeypatch.setattr(type(file), "native", lambda _: pa.PythonFile(Failing(name), "r"))
    # pyarrow reads through read(), which asks readinto() of the raw file
    monkeypatch.setattr(Failing, "read", _read_by_readinto, raising=False)
    with pytest.raises(DataError, match=rf"^{name}: input/output error$"):
        list(source.batches(["x"]))


def _read_by_readinto(self: Any, size: int = -1) -> bytes:
    buffer = bytearray(1 << 16 if size < 0 else size)
    return bytes(buffer[: self.readinto(buffer)])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.arrow", "a.orc"])
def test_row_14_empty_file(write: Write, name: str) -> None:
    assert error(write(name, b"")) == f"{name}: file is empty"


def test_a_file_that_changes_between_two_passes(write: Write) -> None:
    source = open_source(write("a.csv", "x\n1\n"))
    write("a.csv", "x\n1\n2\n")
    with pytest.raises(DataError) as caught:
        list(source.batches(["x"]))
    assert str(caught.value) == (
        "a.csv: it changed while it was being read. check a copy of it, or wait until it is written"
    )


def test_row_15_csv_named_parquet(write: Write) -> None:
    assert error(write("a.parquet", "x\n1\n")) == (
        "a.parquet: not a Parquet file. "
        "it looks like text such as CSV; give it the right name or set input.format"
    )
    assert read("a.parquet", format="csv") == {"x": [1]}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.arrow", "a.orc"])
def test_row_15_parquet_under_another_name(folder: Path, name: str) -> None:
    pq.write_table(TABLE, name)
    title = {"csv": "CSV", "jsonl": "JSON lines", "arrow": "Arrow", "orc": "ORC"}
    assert error(name) == (
        f"{name}: not a {title[name[2:]]} file. "
        "it looks like Parquet; give it the right name or set input.format"
    )
    assert read(name, format="parquet") == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("head", "looks"),
    [
        (b"PK\x03\x04....", "a zip archive or an Excel sheet"),
        (b"SQLite format 3\0", "an SQLite data base"),
        (b"\x80\x05\x95....", "a Python pickle"),
        (b'{"a": 1}\n', "JSON"),
    ],
)
def test_row_15_something_else_named_csv(write: Write, head: bytes, looks: str) -> None:
    assert error(write("a.csv", head)) == (
        f"a.csv: not a CSV file. it looks like {looks}; give it the right name or set input.format"
    )


def test_magic_names_a_file_without_suffix(folder: Path) -> None:
    pq.write_table(TABLE, "part-00000")
    assert read("part-00000") == {"a": [1, 2]}


def test_unknown_format(write: Write) -> None:
    name = write("a.csv", "x\n1\n")
    with pytest.raises(UsageError, match=r"^no format 'parkett'\. did you mean 'parquet'\?$"):
        open_source(name, Input(format="parkett"))


def test_third_party_formats_come_by_entry_point(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name = "semicolons"

        def load(self) -> formats.Format:
            return formats.Format("Semicolons", (".ssv",), "driftcli.sources.csv_")

    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point()])
    name = write("a.ssv", "x;y\n1;2\n")
    assert read(name, delimiter=";") == {"x": [1], "y": [2]}
    assert read(name, delimiter=";", format="semicolons") == {"x": [1], "y": [2]}


@pytest.mark.parametrize("name", sorted(formats.FORMATS))
def test_every_format_has_a_reader(name: str) -> None:
    form = formats.FORMATS[name]
    assert callable(form.reader())
    for suffix in form.suffixes:
        assert formats.by_suffix(f"X{suffix.upper()}", formats.FORMATS) is form


def test_opening_parquet_imports_little(folder: Path) -> None:
    pq.write_table(TABLE, "a.parquet")
    Path("a.csv").write_text("x,s,t\n1, 2,2020-01-01\n3.5,b,\n")
    program = """
import sys
from driftcli.sources import open_source
heavy = ["pandas", "pyarrow.dataset", "pyarrow.csv", "pyarrow.json", "pyarrow.orc", "polars"]
source = open_source("a.parquet")
assert [b.num_rows for b in source.batches(["a"])] == [2]
assert [m for m in heavy if m in sys.modules] == [], sys.modules
source = open_source("a.csv")
assert sum(b.num_rows for b in source.batches(["x", "s", "t"])) == 2
print([m for m in heavy if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout) == ("", "['pyarrow.csv']\n")


@pytest.mark.parametrize(
    ("error_", "line"),
    [
        (
            MemoryError(),
            "a.csv: not enough memory to read it. "
            "check fewer columns, or give the process more memory",
        ),
        (
            pa.ArrowMemoryError("malloc of size 5 failed"),
            "a.csv: not enough memory to read it. "
            "check fewer columns, or give the process more memory",
        ),
        (OSError(28, "No space left on device"), "a.csv: no space left on device"),
        (pa.ArrowInvalid("first\nsecond"), "a.csv: damaged or not readable (first)"),
        (OSError(), "a.csv: damaged or not readable (OSError)"),
        (DataError("as it is", path="b.csv"), "b.csv: as it is"),
    ],
)
def test_whatever_goes_wrong_is_one_line(error_: Exception, line: str) -> None:
    with pytest.raises(DataError) as caught, reading("a.csv"):
        raise error_
    assert str(caught.value) == line


def write_as(name: str, table: pa.Table) -> None:
    if name.endswith(".csv"):
        pyarrow.csv.write_csv(table, name)
    elif name.endswith(".parquet"):
        pq.write_table(table, name)
    elif name.endswith(".arrow"):
        feather.write_feather(table, name, compression="uncompressed")
    else:
        Path(name).write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()))


@pytest.mark.skipif(not OWN_FILES.is_dir(), reason="this system has no /proc")
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.arrow"])
@pytest.mark.parametrize("replaced", [False, True])
def test_row_11_deleted_or_replaced_while_read(folder: Path, name: str, replaced: bool) -> None:
    """What was opened is read to its end, in as many passes as it takes."""
    table = pa.table({"x": [1, 2, 3]})
    write_as(name, table)
    source = open_source(name)
    first = [batch.to_pydict() for batch in source.batches(["x"])]
    Path(name).unlink()
    if replaced:
        write_as(name, table.slice(1))
    assert [batch.to_pydict() for batch in source.batches(["x"])] == first == [{"x": [1, 2, 3]}]


def test_files_beyond_the_limit_are_opened_by_their_names(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftcli.sources.files.MOST_HELD", 0)
    source = open_source(write("a.csv", "x\n1\n"))
    assert [batch.to_pydict() for batch in source.batches(["x"])] == [{"x": [1]}]
    Path("a.csv").unlink()
    with pytest.raises(DataError, match=r"^a\.csv: no such file$"):
        list(source.batches(["x"]))


@pytest.mark.skipif(not OWN_FILES.is_dir(), reason="this system has no /proc")
def test_a_file_is_let_go_with_its_source(write: Write) -> None:
    path = Path(write("a.csv", "x\n1\n")).resolve()
    source = open_source(str(path))
    list(source.batches(["x"]))
    assert _held(path) == 1
    del source
    gc.collect()
    assert _held(path) == 0


def _held(path: Path) -> int:
    """Return how often this process holds the file open."""
    return sum(os.path.realpath(link) == str(path) for link in OWN_FILES.iterdir())
