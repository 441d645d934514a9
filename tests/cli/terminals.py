"""A terminal for tests: what stands on its screen after a run, and how the run ended."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)|\x1b", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """What a run did to its terminal.

    Parameters
    ----------
    code : int
    raw : bytes
        All that it wrote there.
    out : bytes
        What it wrote to stdout, where that is no terminal.
    seconds : float
        From the signal, or from the start, to the end.
    """

    code: int
    raw: bytes
    out: bytes
    seconds: float

    @property
    def screen(self) -> list[str]:
        """The lines that stand on the screen in the end."""
        return screen(self.raw)

    @property
    def cursor(self) -> bool:
        """Whether the cursor is to be seen in the end."""
        return self.raw.rfind(b"\x1b[?25l") <= self.raw.rfind(b"\x1b[?25h")


def screen(raw: bytes) -> list[str]:
    """Play what was written on an endless screen whose lines never wrap, less its empty end."""
    lines, row, column = [""], 0, 0
    for found in _TOKEN.finditer(raw):
        arguments, command, move, words = found.groups()
        if words is not None:
            text = words.decode()
            old = lines[row].ljust(column)
            lines[row] = old[:column] + text + old[column + len(text) :]
            column += len(text)
        elif move == b"\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif move == b"\r":
            column = 0
        elif command == b"A":
            row = max(0, row - int(arguments or 1))
        elif command == b"K":
            assert arguments == b"2"
            lines[row] = ""
        else:
            assert command in (b"m", b"h", b"l"), found[0]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


@contextlib.contextmanager
def _terminal(columns: int) -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    try:
        yield ours, theirs
    finally:
        for handle in (ours, theirs):
            with contextlib.suppress(OSError):
                os.close(handle)


def on_terminal(
    script: str,
    *,
    columns: int = 80,
    stdout: bool = False,
    until: Callable[[bytes], bool] = lambda raw: False,
    number: int = 0,
    **environment: str,
) -> Shown:
    """Run a Python script whose stderr is a terminal.

    Parameters
    ----------
    script : str
    columns : int
    stdout : bool
        Whether stdout is the same terminal; else it is a file.
    until : callable
        Takes what was written so far; once it is satisfied the signal is sent.
    number : int
        The signal.
    **environment : str
    """
    own = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    with _terminal(columns) as (ours, theirs), Path("stdout").open("wb") as file:
        child = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=theirs if stdout else file,
            stderr=theirs,
            env={**own, "TERM": "xterm-256color", **environment},
        )
        os.close(theirs)
        raw, began, sent = b"", time.monotonic(), False
        try:
            while piece := _read(ours):
                raw += piece
                if number and not sent and until(raw):
                    child.send_signal(number)
                    began, sent = time.monotonic(), True
            code = child.wait(20)
        finally:
            child.kill()
            child.wait()
    return Shown(code, raw, Path("stdout").read_bytes(), time.monotonic() - began)


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # the last that had it open is gone
        return b""
