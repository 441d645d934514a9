"""A file as a store: others' files, bad files, bad places."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store_samples import check, run

from driftcli.store import StoreError, open_store
from driftcli.store.sqlite import APPLICATION

MOVE = "move it away, or name another file with store.path"


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as refused, open_store(path):
        pytest.fail("it was opened")
    line = str(refused.value)
    assert line.isprintable()
    return line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def test_a_file_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b c" / "ü?#%.sqlite"
    with open_store(path) as store:
        assert store.name == str(path)
        store.remember(run(), None, [])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    plain = sqlite3.connect(path)
    assert plain.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert plain.execute("SELECT monitor, at FROM runs").fetchone() == ("ctr", run().at)
    plain.close()


def test_a_name_that_means_memory_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(Path(":memory:")) as store:
        store.remember(run(), None, [])
    with open_store(Path(":memory:")) as store:
        assert len(store.runs()) == 1


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    with open_store(path) as store:
        assert store.runs() == []


def test_a_database_of_another_program(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    before = path.read_bytes()
    assert refusal(path) == f"{path}: a database of another program"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"no database\n" * 100, b"PAR1", random.Random(4).randbytes(4096)],
    ids=["text", "the beginning of Parquet", "noise"],
)
def test_a_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert refusal(path) == f"{path}: file is not a database. {MOVE}"
    assert path.read_bytes() == content


def test_a_damaged_file(path: Path) -> None:
    with open_store(path) as store:
        store.remember(run(checks=tuple(check(f"c{n}") for n in range(2000))), None, [])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 4096 * 20 + whole[4096 * 21 :])
    with open_store(path) as store, pytest.raises(StoreError) as refused:
        store.history()
    assert str(refused.value) == f"{path}: database disk image is malformed. {MOVE}"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE checks SET name = x'61'",
        "UPDATE checks SET effect = 'much'",
        "UPDATE runs SET at = 'yesterday'",
        "UPDATE runs SET at = '2026-01-01T00:00:00'",
        "UPDATE runs SET finished = 12",
    ],
)
def test_values_that_are_none_of_their_columns(path: Path, damage: str) -> None:
    """SQLite keeps anything in any column."""
    with open_store(path) as store:
        store.remember(run(checks=(check(),)), None, [])
    with sqlite3.connect(path) as damaged:
        damaged.execute(damage)
    damaged.close()
    line = f"{path}: malformed (a value that is none of its column). {MOVE}"
    table = damage.split()[1]
    with open_store(path) as store:
        for ask in (store.history, lambda: store.table(table)):
            with pytest.raises(StoreError) as refused:
                ask()
            assert str(refused.value) == line


def test_names_that_are_no_text(path: Path) -> None:
    with open_store(path):
        pass
    whole = path.read_bytes().replace(b"TABLE memories", b"TABLX memories")
    path.write_bytes(whole.replace(b"memories", b"mem\xffries"))
    with open_store(path) as store, pytest.raises(StoreError) as refused:
        store.runs()
    assert str(refused.value) == f"{path}: malformed (a text that is not UTF-8). {MOVE}"


@pytest.mark.parametrize("kept", [100, 4096, 9000])
def test_a_file_cut_short(path: Path, kept: int) -> None:
    """Whatever is left of it, an error is one line."""
    with open_store(path) as store:
        store.remember(run(checks=tuple(check(f"c{n}") for n in range(2000))), None, [])
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(StoreError) as refused, open_store(path) as store:
        store.history()
    assert str(refused.value) in {
        f"{path}: {reason}. {MOVE}"
        for reason in ("file is not a database", "database disk image is malformed")
    }


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    assert refusal(path) == f"{path}: is a folder. name a file with store.path"


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert refusal(tmp_path / "a" / "b.sqlite") == f"{tmp_path}/a: file exists"


def test_names_that_no_file_has(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a\0b").endswith("embedded null byte")
    assert refusal(tmp_path / ("x" * 300)).endswith(("file name too long", "open database file"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_only_be_read(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        assert refusal(path) == f"{path}: unable to open database file"
    finally:
        path.parent.chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_file_that_may_only_be_read_can_be_read(path: Path) -> None:
    with open_store(path) as store:
        store.remember(run(), None, [])
    path.chmod(0o400)
    with open_store(path) as store:
        assert len(store.runs()) == 1
        with pytest.raises(StoreError) as refused:
            store.remember(run(2), None, [])
    assert str(refused.value) == f"{path}: attempt to write a readonly database"


def test_a_lock_that_cannot_be_made(path: Path) -> None:
    with open_store(path) as store:
        import hashlib

        digest = hashlib.sha256(b"ctr").hexdigest()[:12]
        lock = Path(f"{path}.{digest}.lock")
        lock.mkdir()
        with pytest.raises(StoreError) as refused, store.alone("ctr", 0):
            pytest.fail("it was held")
        assert str(refused.value).startswith(f"{lock}: ")


def test_a_full_disk_leaves_the_old_state(path: Path) -> None:
    with open_store(path) as store:
        store.remember(run(), None, [])
        (pages,) = store._database.query("PRAGMA page_count")[0]
        store._database.query(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError) as refused:
            store.remember(run(2, checks=tuple(check(f"c{n}") for n in range(2000))), None, [])
        assert str(refused.value) == f"{path}: database or disk is full"
        assert [row.id for row in store.runs()] == ["ctr-1"]
    with open_store(path) as store:
        assert [row.id for row in store.runs()] == ["ctr-1"]


def test_a_limit_of_the_file_size_leaves_the_old_state(path: Path) -> None:
    """As the disk refuses the bytes themselves."""
    with open_store(path) as store:
        store.remember(run(), None, [])
    size = path.stat().st_size
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        preexec_fn=lambda: _limit(size),
    )
    assert done.stderr == f"{path}: disk I/O error\n"
    with open_store(path) as store:
        assert [row.id for row in store.runs()] == ["ctr-1"]
        assert store._database.query("PRAGMA integrity_check") == [("ok",)]


FULL = """
import sys
from pathlib import Path
from store_samples import check, run
from driftcli.store import open_store, StoreError
try:
    with open_store(Path(sys.argv[1])) as store:
        store.remember(run(2, checks=tuple(check(f"c{n}") for n in range(2000))), None, [])
except StoreError as error:
    sys.exit(str(error))
"""


def _limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
