"""Files are whole, the old one or the new one, whatever fails on the way."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driftcli.errors import OutputError
from driftcli.files import must_be_writable, write_whole

OLD, NEW = "old\n", "new: ü 😀\n"


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def failing(code: int) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_a_new_file_is_utf8_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_whole(path, NEW)
    assert path.read_bytes() == NEW.encode()
    assert mode(path) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_the_umask_is_obeyed_and_left_as_it_was(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "secret.json", NEW)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    assert mode(tmp_path / "secret.json") == 0o600


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("bits", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_an_old_file_keeps_its_mode(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "report.json"
    path.write_text(OLD)
    path.chmod(bits)
    write_whole(path, NEW)
    assert path.read_text(encoding="utf-8") == NEW
    assert mode(path) == bits
    assert list(tmp_path.iterdir()) == [path]


STEPS = [
    (os, "open"),
    (os, "fdopen"),
    (os, "fchmod"),
    (os, "fsync"),
    (Path, "replace"),
]


@pytest.mark.parametrize("existing", [True, False], ids=["old file", "no file"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize(("owner", "step"), STEPS, ids=[name for _, name in STEPS])
def test_101_a_full_or_broken_disk_leaves_the_old_file_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    step: str,
    code: int,
    existing: bool,
) -> None:
    path = tmp_path / "report.json"
    if existing:
        path.write_text(OLD)
    monkeypatch.setattr(owner, step, failing(code))
    with pytest.raises(OutputError) as caught:
        write_whole(path, NEW)
    monkeypatch.undo()
    assert str(caught.value) == f"{path}: cannot be written ({os.strerror(code).lower()})"
    assert list(tmp_path.iterdir()) == ([path] if existing else [])
    assert not existing or path.read_text() == OLD


class FullDisk:
    """A file that takes some characters and then no more."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def fileno(self) -> int:
        number: int = self.file.fileno()
        return number

    def write(self, text: str) -> None:
        self.file.write(text[:2])
        self.file.flush()
        failing(errno.ENOSPC)()


def test_a_half_written_text_never_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text(OLD)
    fdopen = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *a, **k: FullDisk(fdopen(*a, **k)))
    with pytest.raises(OutputError, match="no space left on device"):
        write_whole(path, NEW)
    assert path.read_text() == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, MemoryError])
def test_100_an_interrupt_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def interrupt(_: int) -> None:
        raise stop

    path = tmp_path / "report.json"
    path.write_text(OLD)
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(stop):
        write_whole(path, NEW)
    assert path.read_text() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_the_text_is_on_disk_before_the_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text(OLD)
    seen = []
    fsync = os.fsync

    def watch(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        seen.append((kind, path.read_text(encoding="utf-8")))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    write_whole(path, NEW)
    assert seen == [("file", OLD), ("folder", NEW)]


def test_a_folder_that_cannot_be_synced_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            failing(errno.EINVAL)()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_whole(tmp_path / "report.json", NEW)
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == NEW


def test_the_temporary_file_lies_beside_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    seen = []
    replace = Path.replace

    def watch(self: Path, target: Path) -> Path:
        seen.append((self.parent, self.name.startswith(".report.json."), target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watch)
    write_whole(path, NEW)
    assert seen == [(tmp_path, True, path)]


@pytest.mark.parametrize("name", ["n" * 250 + ".json", "é" * 125 + ".json", "😀" * 60 + ".json"])
def test_a_name_as_long_as_the_file_system_takes(tmp_path: Path, name: str) -> None:
    write_whole(tmp_path / name, NEW)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 300)
    with pytest.raises(OutputError, match=r"cannot be written \(file name too long\)$"):
        write_whole(path, NEW)
    assert list(tmp_path.iterdir()) == []


def test_a_link_reads_as_the_new_file_and_its_target_stays_whole(tmp_path: Path) -> None:
    target, link = tmp_path / "2024.json", tmp_path / "latest.json"
    target.write_text(OLD)
    link.symlink_to(target)
    write_whole(link, NEW)
    assert link.read_text(encoding="utf-8") == NEW
    assert target.read_text(encoding="utf-8") in (OLD, NEW)
    assert sorted(tmp_path.iterdir()) == [target, link]


def test_a_link_to_nowhere_becomes_a_file(tmp_path: Path) -> None:
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "gone" / "x.json")
    write_whole(link, NEW)
    assert link.read_text(encoding="utf-8") == NEW


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "report.json"
    folder.mkdir()
    with pytest.raises(OutputError) as caught:
        write_whole(folder, NEW)
    assert str(caught.value) == f"{folder}: cannot be written (is a directory)"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(OLD)
    with pytest.raises(OutputError) as caught:
        write_whole(tmp_path / "a" / "report.json", NEW)
    assert str(caught.value) == f"{tmp_path}/a/report.json: cannot be written (not a directory)"


def test_a_text_that_is_not_unicode_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_whole(path, "\udcff")
    assert path.read_text(encoding="utf-8") == "\\udcff"


def test_what_can_be_written_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    must_be_writable(tmp_path / "report.json")
    (tmp_path / "report.json").write_text(OLD)
    must_be_writable(tmp_path / "report.json")
    monkeypatch.chdir(tmp_path)
    must_be_writable(Path("report.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_directory_is_refused_early(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        must_be_writable(tmp_path)
    assert str(caught.value) == f"{tmp_path}: is a directory. name a file in it"


@pytest.mark.parametrize("make", [False, True], ids=["missing", "a file"])
def test_a_missing_directory_is_refused_early(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "out"
    if make:
        folder.write_text(OLD)
    with pytest.raises(OutputError) as caught:
        must_be_writable(folder / "report.json")
    assert str(caught.value) == f"{folder}: no such directory. create it first"


def test_a_read_only_directory_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(OutputError) as caught:
        must_be_writable(tmp_path / "report.json")
    assert str(caught.value) == f"{tmp_path}: cannot write here (permission denied)"


def test_a_name_that_is_too_long_never_looks_like_a_bug(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 300 + ".json")
    try:  # the check may let it pass, then the writing refuses it
        must_be_writable(path)
        write_whole(path, NEW)
    except OutputError as error:
        told = str(error)
    assert told.endswith("(file name too long)")
