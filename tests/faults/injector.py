"""Runs driftcli with a fault at one of its calls into the system: a script like warm_driftcli.py.

Every call of :data:`CALLS`, of files opened by Python or by Arrow, of SQLite and of sockets is
numbered in the order in which it comes, and noted in a file before it is made. A run may be told
to have the n-th of them fail, or to get a signal before or after it. Clock and names are the same
in each run, so that its files may be compared byte for byte.
"""

from __future__ import annotations

import builtins
import datetime as dt
import errno
import functools
import io
import itertools
import os
import resource
import signal
import socket
import sqlite3
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

OWN = str(Path(__file__).parents[2] / "driftcli")  # its templates are no more than its modules
NOW = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC)
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
SQL_ERRORS = {
    "ENOSPC": "database or disk is full",
    "EIO": "disk I/O error",
    "EACCES": "attempt to write a readonly database",
}
SIGNALS = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT, "SIGKILL": signal.SIGKILL}
CALLS = {
    "open": "open",
    "write": "write",
    "fsync": "sync",
    "replace": "replace",
    "rename": "replace",
    "unlink": "remove",
    "mkdir": "make",
    "fchmod": "mode",
    "stat": "look",
    "lstat": "look",
    "scandir": "look",
}


class Fault:
    """What happens at a call, told as ``[number, how]``; at none for 0.

    Parameters
    ----------
    number : int
    how : str
        One of :data:`ERRORS`, ``MemoryError``, ``KeyboardInterrupt``, or one of :data:`SIGNALS`
        followed by ``before`` or ``after``.
    notes : int
        The file, by its number, that is told of every call.
    """

    def __init__(self, number: int, how: str, notes: int) -> None:
        self.number, self.how, self.notes = number, how, notes
        self.count = itertools.count(1)
        self.note: Callable[[int, bytes], int] = os.write

    def here(self, kind: str) -> bool:
        """Count a call; whether the fault is at it."""
        self.note(self.notes, f"{kind}\n".encode())
        return next(self.count) == self.number

    def raised(self, kind: str) -> BaseException | None:
        """Return what the call raises; a signal that comes before it is sent here."""
        word, _, when = self.how.partition(" ")
        if word in ERRORS:
            if kind == "sql":
                return sqlite3.OperationalError(SQL_ERRORS[word])
            return OSError(ERRORS[word], os.strerror(ERRORS[word]))
        if word == "MemoryError":
            return MemoryError()
        if word == "KeyboardInterrupt":
            if threading.current_thread() is threading.main_thread():
                return KeyboardInterrupt()
            word = "SIGINT"  # it never comes to another thread
        if when != "after":
            os.kill(os.getpid(), SIGNALS[word])
        return None

    def call(self, kind: str, function: Callable[..., Any], *words: Any, **named: Any) -> Any:
        """Make a call, or not."""
        here = self.here(kind)
        if here and (error := self.raised(kind)) is not None:
            raise error
        try:
            return function(*words, **named)
        finally:
            self.over(here)

    def over(self, here: bool) -> None:
        """Send the signal that comes after a call."""
        if here and self.how.endswith("after"):
            os.kill(os.getpid(), SIGNALS[self.how.split()[0]])

    def wrapped(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts its calls."""

        def called(*words: Any, **named: Any) -> Any:
            if words and str(words[0]).startswith(OWN):
                return function(*words, **named)
            return self.call(kind, function, *words, **named)

        return called


def opener(fault: Fault) -> Callable[..., Any]:
    """Return an ``open`` whose files count what is done with them."""
    plainly = io.open

    class Raw(io.FileIO):
        def readinto(self, buffer: Any) -> Any:
            return fault.call("read", super().readinto, buffer)

        def readall(self) -> Any:
            return fault.call("read", super().readall)

        def read(self, size: Any = -1) -> Any:
            return fault.call("read", super().read, size)

        def write(self, data: Any) -> Any:
            here = fault.here("write")
            if here and fault.how in ERRORS:
                super().write(bytes(data)[: len(data) // 2])  # a disk that is full takes a half
            if here and (error := fault.raised("write")) is not None:
                raise error
            result = super().write(data)
            fault.over(here)
            return result

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if str(file).startswith(OWN):
            return plainly(file, mode, buffering, encoding, errors, newline, closefd, opener)
        plain = mode.replace("b", "").replace("t", "")
        raw = fault.call("open", Raw, file, plain, closefd, opener)
        if "b" in mode and buffering == 0:
            return raw
        kind = io.BufferedRandom if "+" in mode else io.BufferedReader
        buffered = kind(raw) if raw.readable() else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    return opened


def arm(fault: Fault) -> None:
    """Put the fault around every call of this process."""
    import pyarrow as pa

    for name, kind in CALLS.items():
        setattr(os, name, fault.wrapped(kind, getattr(os, name)))
    opened = opener(fault)
    builtins.open = io.open = opened
    pa.OSFile = lambda path: pa.PythonFile(opened(path, "rb", 0), "r")
    for name in ("connect", "sendall"):
        setattr(socket.socket, name, fault.wrapped(name, getattr(socket.socket, name)))
    socket.getaddrinfo = fault.wrapped("resolve", socket.getaddrinfo)

    class Connection(sqlite3.Connection):
        def execute(self, *words: Any) -> Any:
            return fault.call("sql", super().execute, *words)

        def executemany(self, *words: Any) -> Any:
            return fault.call("sql", super().executemany, *words)

    connect = sqlite3.connect
    sqlite3.connect = lambda *words, **named: fault.call(
        "sql", connect, *words, factory=Connection, **named
    )


def trace(fault: Fault, files: list[str]) -> None:
    """Count each line of these files of driftcli as a call, for signals between any two of them."""

    def line(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            fault.call(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}", int)
        return line

    def begun(frame: FrameType, _event: str, _: object) -> Any:
        return line if frame.f_code.co_filename.endswith(tuple(files)) else None

    sys.settrace(begun)


def same_every_time(order: dict[str, Any]) -> None:
    """Stop the clock; the same run gives the same names to what it remembers."""
    from driftcli.pipeline import clock

    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dt.datetime:
            return NOW

    numbers = itertools.count(1)
    seed = f"{order['arguments']} {order['attempt']}"
    clock.datetime = Stopped  # type: ignore[misc, attr-defined]
    uuid.uuid4 = lambda: uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {next(numbers)}")


def settle_down() -> None:
    """Do once what every run would do again: assemble the commands, compile the templates."""
    import typer.main

    from driftcli.cli import app
    from driftcli.renderers import html

    typer.main.get_command = functools.cache(typer.main.get_command)
    typer.main.get_command(app)
    for name in html._environment().list_templates(filter_func=lambda name: "." in name):
        html._environment().get_template(name)


def limit(size: int, kill: bool) -> None:
    """Let no file grow beyond so many bytes: a full disk, or the end at that very write."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if kill else signal.SIG_IGN)


def run(order: dict[str, Any]) -> NoReturn:
    """Be one run, with its fault."""
    signal.alarm(20)  # a run that hangs ends with -14
    warm.place(order)
    same_every_time(order)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    fault = Fault(*order["fault"], os.open(order["notes"], flags, 0o600))
    if order["limit"]:
        limit(*order["limit"])
    if order["lines"]:
        trace(fault, order["lines"])
    elif not order["limit"]:
        arm(fault)
    warm.begin(order["arguments"])


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
    import warm_driftcli as warm

    sys.path.pop(0)
    warm.load()
    settle_down()
    warm.answer(run)
