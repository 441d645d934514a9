"""One process, from start to end: how long it took, how much memory, what it printed.

Only the standard library: a process that is started counts as its own memory what the process that
starts it had at that moment, so the one that measures must be small.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WATCH_SECONDS = 0.25


@dataclass(frozen=True)
class Limits:
    """What a process may use before it is ended.

    Parameters
    ----------
    seconds : float
    megabytes : float
        Resident memory of the process and of those it started, 10^6 bytes.
    """

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Run:
    """A process that has ended.

    Parameters
    ----------
    seconds : float
        Wall time.
    megabytes : float
        Peak resident memory of the largest process, 10^6 bytes.
    code : int
        Exit code; negative for a signal.
    exceeded : str
        ``"seconds"`` or ``"megabytes"`` where a limit ended it, else empty.
    output : str
        What it printed.
    error : str
        The last line on its standard error.
    """

    seconds: float
    megabytes: float
    code: int
    exceeded: str
    output: str
    error: str


def resident(group: int) -> float:
    """Return the resident memory of a process group, 10^6 bytes.

    Parameters
    ----------
    group : int
    """
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # after the name, which may hold anything: state, parent, group, … 22nd: pages
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Watch(threading.Thread):
    """Ends a process group that exceeds its limits.

    Parameters
    ----------
    group : int
    limits : Limits
    """

    def __init__(self, group: int, limits: Limits) -> None:
        super().__init__(daemon=True)
        self.group, self.limits = group, limits
        self.exceeded = ""
        self.over = threading.Event()

    def run(self) -> None:
        """Look until the process is over or too much."""
        start = time.monotonic()
        while not self.exceeded and not self.over.wait(WATCH_SECONDS):
            if time.monotonic() - start > self.limits.seconds:
                self.exceeded = "seconds"
            elif resident(self.group) > self.limits.megabytes:
                self.exceeded = "megabytes"
        if self.exceeded:
            os.killpg(self.group, signal.SIGKILL)


def measure(command: Sequence[str], limits: Limits, environment: Mapping[str, str]) -> Run:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str
    limits : Limits
    environment : mapping
        Added to this process's own.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        watch = Watch(process.pid, limits)
        watch.start()
        try:
            # not reaped before the watch is over: until then the number is this process's
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            seconds = time.perf_counter() - start
        finally:
            watch.over.set()
            watch.join()
            # what it left behind, or all of it where this process is interrupted
            os.killpg(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        lines = errors.read().decode(errors="replace").strip().splitlines()
        return Run(
            seconds=seconds,
            megabytes=usage.ru_maxrss * 1024 / 1e6,
            code=process.returncode,
            exceeded=watch.exceeded,
            output=output.read().decode(errors="replace"),
            error=lines[-1] if lines else "",
        )
