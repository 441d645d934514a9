"""What is written: for whom it may be read, and what a link planted by somebody else can do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_helpers import normal, save
from monitored import Warm, log, monitor, reference, warmed

from driftcli.errors import OutputError
from driftcli.files import write_whole
from driftcli.store import open_store

OWN = "my own file, and nobody else's\n"
RUN = ("run", "monitor.yaml", "--as-of", "2099-01-11T04:00Z")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def prepare() -> None:
    """Write a monitor and one day of data."""
    import pyarrow.parquet as pq

    reference()
    pq.write_table(log(1, price=2.0), "now.parquet")
    monitor(current="now.parquet")


@pytest.mark.parametrize(("mask", "most"), [(0o022, 0o644), (0o077, 0o600)])
def test_files_are_for_whom_the_umask_says(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, mask: int, most: int
) -> None:
    """Reports, baseline, store and its lock, and the folder; never writable for everybody."""
    prepare()
    made = ["x.json", "x.html", "x.csv", "x.md", "x.prom", "x.xml", "x.svg"]
    with umask(mask):
        warm = next(runs := warmed(tmp_path_factory.mktemp("warm")))
        before = {*folder.rglob("*")}
        assert warm(*RUN).code == 1
        written = [word for name in made for word in ("-o", name)]
        assert warm("features", "ref.parquet", "now.parquet", "-q", *written).code == 1
        assert warm("baseline", "create", "ref.parquet", "-o", "base.parquet").code == 0
        assert warm("config", "init", "new.yaml").code == 0
        assert warm("history", "export", "past", "-c", "monitor.yaml").code == 0
        next(runs, None)
    new = {*folder.rglob("*")} - before
    found = {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in new}
    assert {*made, "base.parquet", "new.yaml", "out/history.sqlite"} <= found.keys()
    folders = {name for name in found if Path(name).is_dir()}
    assert {found[name] for name in folders} == {0o777 & ~mask}
    assert {found[name] for name in found.keys() - folders} == {most}


def victim() -> Path:
    path = Path("victim")
    path.write_text(OWN)
    return path.absolute()


def test_no_temporary_name_can_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where it is: what stands there already is neither followed nor written to."""
    own = victim()
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    Path(".x.json.guessed.part").symlink_to(own)
    with pytest.raises(OutputError, match="file exists"):
        write_whole(Path("x.json"), "new")
    assert own.read_text() == OWN
    assert not Path("x.json").exists()


def test_temporary_files_are_the_owners_until_they_are_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    modes: list[int] = []
    fchmod = os.fchmod

    def look(handle: int, mode: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        fchmod(handle, mode)

    monkeypatch.setattr(os, "fchmod", look)
    with umask(0o000):
        write_whole(Path("x.json"), "new")
    assert modes == [0o600]


@pytest.mark.parametrize("kind", ["lock", "journal"])
def test_links_in_place_of_the_stores_own_files_are_not_followed(warm: Warm, kind: str) -> None:
    """Both names are known beforehand, and both files are emptied by who opens them."""
    prepare()
    assert warm(*RUN).code == 1
    (lock,) = Path("out").glob("*.lock")
    planted = {"lock": lock, "journal": Path("out/history.sqlite-journal")}[kind]
    planted.unlink(missing_ok=True)
    own = victim()
    planted.symlink_to(own)
    outcome = warm(*RUN)
    assert own.read_text() == OWN
    assert outcome.code == 2
    assert len(outcome.errors) == 1
    assert str(planted.name).partition("-")[0] in outcome.errors[0]


def test_a_link_in_place_of_a_store_leads_to_no_other_file(warm: Warm) -> None:
    prepare()
    own = victim()
    Path("out").mkdir()
    Path("out/history.sqlite").symlink_to(own)
    assert "not a database" in warm(*RUN).error
    assert own.read_text() == OWN


def test_a_link_that_leads_nowhere_makes_no_file_there(warm: Warm) -> None:
    save("ref.parquet", a=normal(1))
    Path("x.json").symlink_to("made/elsewhere.json")
    Path("made").mkdir()
    assert warm("features", "ref.parquet", "ref.parquet", "-q", "-o", "x.json").code == 0
    assert [*Path("made").iterdir()] == []
    assert not Path("x.json").is_symlink()


def test_the_lock_is_named_by_a_digest(folder: Path) -> None:
    name = "../../escaped\x00/x"
    (folder / "in").mkdir()
    with open_store(folder / "in" / "s.sqlite") as store, store.alone(name, 1.0):
        inside = {path.name for path in (folder / "in").iterdir()}
    assert {path.name for path in folder.iterdir()} == {"in"}
    assert len(inside) == 2
