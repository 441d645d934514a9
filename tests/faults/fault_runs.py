"""Commands that write, each run with a fault in a folder of its own, and what must hold then."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cli_helpers import ERROR, Outcome

Files = dict[str, bytes]
CLEAN = (0, "none")
SIGNALLED = {"SIGTERM": 143, "SIGINT": 130, "KeyboardInterrupt": 130, "SIGKILL": -9}
STORE = ".sqlite"
AT_ONCE = 2


@dataclass(frozen=True)
class Order:
    """A run.

    Parameters
    ----------
    arguments : tuple of str
    fault : tuple of int and str
        At which call, and what; see ``injector.py``.
    lines : tuple of str
        Count lines of these files, not calls.
    attempt : int
        Another one gives other names to what it remembers.
    limit : tuple of int and bool, optional
        How large a file may become, and whether the write that goes beyond ends the process.
    """

    arguments: tuple[str, ...]
    fault: tuple[int, str] = CLEAN
    lines: tuple[str, ...] = ()
    attempt: int = 0
    limit: tuple[int, bool] | None = None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """What came of a run: its outcome, the calls it made, and what is in its folder."""

    outcome: Outcome
    calls: list[str]
    files: Files
    folder: Path

    @property
    def code(self) -> int:
        """The exit code; negative where a signal ended it."""
        return self.outcome.code

    @property
    def failed(self) -> bool:
        """Whether it went on to its end, and told that something was not there."""
        return self.code in (1, 2) and bool(self.errors)

    @property
    def errors(self) -> list[str]:
        """The errors on stderr, which holds whole lines of driftcli's own and nothing else."""
        lines = self.outcome.err.splitlines()
        assert all(line.startswith("driftcli: ") for line in lines), self.outcome
        assert not any("unexpected" in line for line in lines), self.outcome
        return [line for line in lines if line.startswith(ERROR)]


class Injector:
    """The program, loaded, with faults.

    Parameters
    ----------
    folder : Path
        The runs' folders are made in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("injector.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, begin: Path | Sequence[Path], *orders: Order) -> Iterator[Ended]:
        """Run each order in a copy of the folder it begins with, or on in one that it ended in."""
        for first in range(0, len(orders), AT_ONCE):
            some = orders[first : first + AT_ONCE]
            if isinstance(begin, Path):
                places = [self._copy(begin, at) for at in range(len(some))]
            else:
                places = list(begin[first : first + AT_ONCE])
            yield from self._together(places, some)

    def _copy(self, begin: Path, at: int) -> Path:
        place = self._folder / f"run-{at}"
        shutil.rmtree(place, ignore_errors=True)
        return Path(shutil.copytree(begin, place))

    def _together(self, places: Sequence[Path], orders: Sequence[Order]) -> Iterator[Ended]:
        texts = [
            {name: str(self._folder / f"{at}.{name}") for name in ("out", "err", "notes")}
            for at in range(len(orders))
        ]
        asked = [
            {**vars(order), **text, "folder": str(place)}
            for order, text, place in zip(orders, texts, places, strict=True)
        ]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        codes = json.loads(self._process.stdout.readline())
        for code, text, place in zip(codes, texts, places, strict=True):
            out, err, notes = (Path(text[name]).read_text() for name in ("out", "err", "notes"))
            yield Ended(Outcome(code, out, err), notes.splitlines(), files(place), place)

    def close(self) -> None:
        """End it."""
        self._process.communicate("", timeout=20)


def files(folder: Path) -> Files:
    """Return every file below a folder but locks; of a store, what is in its tables."""
    return {
        str(path.relative_to(folder)): content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def content(path: Path) -> bytes:
    """Return the bytes of a file; a store must be whole, and its tables are told.

    Less its deliveries, of which it is noted how often and when they failed.
    """
    if path.suffix != STORE:
        return path.read_bytes()
    with closing(sqlite3.connect(path)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        lines = store.iterdump()
        return "\n".join(line for line in lines if '"deliveries"' not in line).encode()


@dataclass(frozen=True)
class Case:
    """A command and what it ends with where nothing fails.

    Parameters
    ----------
    folder : Path
        Where it begins.
    clean : Ended
    environment : dict
    lenient : bool
        Whether a failure may leave a new file that tells of it, not only the old or the usual one.
    """

    folder: Path
    arguments: tuple[str, ...]
    clean: Ended
    environment: dict[str, str] = field(default_factory=dict)
    lenient: bool = False

    @cached_property
    def old(self) -> Files:
        """What was there before."""
        return files(self.folder)

    def order(self, number: int = 0, how: str = "none", **others: Any) -> Order:
        """Return a run with a fault at a call."""
        return Order(self.arguments, (number, how), environment=self.environment, **others)

    def check(self, ended: Ended, how: str) -> None:
        """Assert what must hold after a run with a fault."""
        word = how.partition(" ")[0]
        if word == "SIGKILL":
            assert ended.code == -9, ended.outcome
        elif word in SIGNALLED:
            assert ended.code == SIGNALLED[word], ended.outcome
            assert len(ended.errors) == 1, ended.outcome
        elif ended.code == 2 or (self.lenient and ended.code == 1 and ended.errors):
            assert ended.errors, ended.outcome  # what a part found counts though another failed
        else:  # a fault that does not matter leaves no trace
            assert (ended.code, ended.errors) == (self.clean.code, []), ended.outcome
            assert ended.files == self.clean.files, f"not all is new with code {ended.code}"
        self.check_files(ended, told=self.lenient and ended.failed)

    def check_files(self, ended: Ended, *, told: bool = False) -> None:
        """Each file is the whole old or the whole new one, and there is no other."""
        for name, found in ended.files.items():
            whole = {self.old.get(name), self.clean.files.get(name)} - {None}
            if not whole:
                assert ended.code < 0, f"{name} was left behind"
                assert name.endswith((".part", "-journal")), name
            elif found not in whole:
                assert told, f"{name} is neither the old nor the new one"
                assert is_whole(name, found), f"{name} is a half one"
        lost = (self.old.keys() & self.clean.files.keys()) - ended.files.keys()
        assert not lost, f"{lost} lost"

    def check_next(self, ended: Ended, after: Ended) -> None:
        """The next run ends as if nothing had happened."""
        assert (after.code, after.errors) == (self.clean.code, []), after.outcome
        if self.lenient and ended.failed:
            assert after.files.keys() == self.clean.files.keys(), sorted(after.files)
        else:
            others = [name for name, text in self.clean.files.items() if after.files[name] != text]
            assert others == [], f"not as ever after the next run: {others}"


def is_whole(name: str, found: bytes) -> bool:
    """Whether a file of a run is a whole one of its kind; stores were looked into."""
    if name.endswith(".json"):
        return isinstance(json.loads(found), dict)
    return name.endswith(STORE) or found.rstrip().endswith(b"</html>")
