"""Section A of the list of bad inputs: files and paths."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import Outcome, Run, normal, refused, save, scored, text

pytestmark = pytest.mark.usefixtures("data")

KNOWN = ".parquet, .pq, .csv, .tsv, .jsonl, .ndjson, .json, .arrow, .arrows, .feather, .ipc, .orc"


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_row_001_missing_file_on_either_side(run: Run, command: str) -> None:
    hint = "did you mean 'same.parquet' or 'moved.parquet' or 'ref.parquet'?"
    expected = f"sme.parquet: no such file. {hint}"
    assert refused(run, command, "ref.parquet", "sme.parquet") == expected
    assert refused(run, command, "sme.parquet", "ref.parquet") == expected


def test_row_001_missing_file_of_performance(run: Run) -> None:
    assert refused(run, "performance", "prod.csv") == "prod.csv: no such file"


RESULTS = [("alert", "out.json"), ("report", "out.html")]


@pytest.mark.parametrize(("command", "output"), RESULTS)
def test_row_001_missing_result(run: Run, command: str, output: str) -> None:
    line = run(command, "f.json", "-o", output).error
    assert line.startswith("f.json: no such file")
    assert not Path(output).exists()


def test_row_002_directory_with_a_stray_file(run: Run) -> None:
    Path("prod").mkdir()
    shutil.copy("same.parquet", "prod/1.parquet")
    text("prod/notes.txt", "remember the milk")
    reason = "not known to be a data file by its name. it looks like text such as CSV"
    expected = f"prod/notes.txt: {reason}; known are {KNOWN}"
    assert refused(run, "features", "ref.parquet", "prod") == expected


def test_row_002_directory_of_two_kinds(run: Run) -> None:
    Path("prod").mkdir()
    shutil.copy("same.parquet", "prod/1.parquet")
    text("prod/2.csv", "a,b\n1,2\n")
    expected = "prod: '2.csv' is CSV, the other files Parquet"
    assert refused(run, "features", "ref.parquet", "prod") == expected


def test_row_002_companions_of_the_data_are_left_alone(run: Run) -> None:
    Path("prod").mkdir()
    shutil.copy("same.parquet", "prod/1.parquet")
    for name in ("_SUCCESS", ".1.parquet.crc"):
        text(f"prod/{name}", "")
    assert run("features", "ref.parquet", "prod", "-q").code == 0


@pytest.mark.parametrize(
    ("target", "shown"), [("empty", "empty/"), ("empty/", "empty/"), ("x*.parquet", "x*.parquet")]
)
def test_row_003_nothing_to_read(run: Run, target: str, shown: str) -> None:
    Path("empty").mkdir()
    assert refused(run, "features", "ref.parquet", target) == f"{shown}: no data files"


def test_row_003_an_unset_variable_is_no_folder(run: Run, folder: Path) -> None:
    """``driftcli features ref.parquet "$CURRENT"`` must not check the working directory."""
    os.chdir(folder)
    Path("few.parquet").unlink()
    assert "empty" in refused(run, "features", "ref.parquet", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_row_004_no_permission(run: Run) -> None:
    Path("same.parquet").chmod(0)
    assert refused(run, "features", "ref.parquet", "same.parquet") == (
        "same.parquet: permission denied"
    )


def test_row_005_fifo(run: Run) -> None:
    os.mkfifo("pipe.parquet")
    expected = "pipe.parquet: not a regular file"
    assert refused(run, "features", "ref.parquet", "pipe.parquet") == expected


def test_row_005_socket(run: Run) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.parquet")
        expected = "s.parquet: not a regular file"
        assert refused(run, "features", "ref.parquet", "s.parquet") == expected


def test_row_005_device(run: Run) -> None:
    assert refused(run, "features", "ref.parquet", "/dev/zero") == "/dev/zero: not a regular file"


def test_row_005_fifo_as_config(run: Run) -> None:
    os.mkfifo("c.yaml")
    line = refused(run, "features", "ref.parquet", "same.parquet", "-c", "c.yaml")
    assert line == "c.yaml: not a regular file"


@pytest.mark.parametrize(("command", "output"), RESULTS)
def test_row_005_fifo_as_result(
    driftcli: Callable[..., Outcome], command: str, output: str
) -> None:
    os.mkfifo("r.json")
    line = driftcli(command, "r.json", "-o", output, timeout=5).error
    assert line.startswith("r.json: not a regular file")


def test_row_005_fifo_as_baseline(driftcli: Callable[..., Outcome]) -> None:
    os.mkfifo("m.json")
    arguments = ("performance", save("log.parquet", **scored(1)), "--baseline", "m.json")
    line = driftcli(*arguments, timeout=5).error
    assert line.startswith("m.json: not a regular file")


def test_row_006_symbolic_links(run: Run) -> None:
    Path("broken.parquet").symlink_to("gone.parquet")
    Path("one.parquet").symlink_to("two.parquet")
    Path("two.parquet").symlink_to("one.parquet")
    expected = "broken.parquet: broken symbolic link"
    assert refused(run, "features", "ref.parquet", "broken.parquet") == expected
    expected = "one.parquet: loop of symbolic links"
    assert refused(run, "features", "ref.parquet", "one.parquet") == expected


def test_row_009_names_of_columns_never_become_paths(run: Run, folder: Path) -> None:
    name = "../../escaped"
    save("ref.parquet", **{name: normal(1)})
    save("same.parquet", **{name: normal(2)})
    Path("out").mkdir()
    before = {path for parent in folder.parents[:2] for path in parent.iterdir()}
    run("features", "ref.parquet", "same.parquet", "-q", "-o", "out/x.json", "-o", "out/x.html")
    assert {path.name for path in Path("out").iterdir()} == {"x.json", "x.html"}
    assert {path for parent in folder.parents[:2] for path in parent.iterdir()} == before


def test_addresses_that_are_no_storage_are_told(run: Run) -> None:
    expected = "addresses of 'ftp' are not supported. copy it to a disk, or mount it"
    assert refused(run, "features", "ref.parquet", "ftp://host/key") == (
        f"ftp://host/key: {expected}"
    )


@pytest.mark.parametrize("name", ["a\0b.parquet", "new\nline.parquet", "esc\x1b[31m.parquet"])
def test_odd_names_stay_on_one_line(run: Run, name: str) -> None:
    line = refused(run, "features", "ref.parquet", name)
    assert line.startswith(repr(name)[1:-1] + ": ")


def test_a_name_too_long_is_no_bug(run: Run) -> None:
    name = "x" * 300 + ".parquet"
    assert refused(run, "features", "ref.parquet", name).endswith(": file name too long")


def test_a_file_name_that_is_not_unicode(run: Run) -> None:
    name = os.fsdecode(b"r\xff.parquet")
    shutil.copy("same.parquet", name)
    assert run("features", "ref.parquet", name, "-q", "-o", "x.json", "-o", "x.html").code == 0
    assert Path("x.json").exists()
    assert Path("x.html").exists()
