"""Where the time of a run went."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, get_ident
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from driftcli.engines.watch import Nobody, Watch

if TYPE_CHECKING:
    from driftcli.renderers.profile import Profile


@contextmanager
def profiled(wanted: bool) -> Iterator[Watch]:
    """Print on stderr where the time of the work within went, unless it fails.

    Parameters
    ----------
    wanted : bool
        Otherwise nothing is measured.

    Yields
    ------
    Watch
        To be told of the work.
    """
    if not wanted:
        yield Nobody()
        return
    from driftcli.commands.terminal import show_aside
    from driftcli.renderers.profile import render

    watch = Stopwatch()
    yield watch
    profile = watch.profile()
    show_aside(lambda console: render(profile, console))


class Stopwatch:
    """A watch that adds up seconds by stage and column.

    The processor's time until it is made counts as the start of the program and its imports.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._start = process_time()
        self._began = perf_counter()
        self._spent: dict[tuple[str, tuple[str, ...]], float] = {("start", ()): self._start}
        self._threads: set[int] = set()
        self._cells = 0
        self._columns = 0

    def expect(self, rows: int | None, columns: int) -> None:
        """Note how many columns there are."""
        with self._lock:
            self._columns = max(self._columns, columns)

    def read(self, rows: int, columns: int) -> None:
        """Add to what was read."""
        with self._lock:
            self._cells += rows * columns

    @contextmanager
    def spend(self, stage: str, columns: Sequence[str]) -> Iterator[None]:
        """Add the time spent within."""
        key, began = (stage, tuple(columns)), perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - began
            with self._lock:
                self._spent[key] = self._spent.get(key, 0.0) + spent
                self._threads.add(get_ident())

    def profile(self) -> Profile:
        """Return what was measured until now; columns read together share the time evenly."""
        from driftcli.renderers.profile import Profile

        stages: dict[str, float] = {}
        columns: dict[str, dict[str, float]] = {}
        for (stage, names), seconds in self._spent.items():
            stages[stage] = stages.get(stage, 0.0) + seconds
            for name in names:
                spent = columns.setdefault(name, {})
                spent[stage] = spent.get(stage, 0.0) + seconds / len(names)
        return Profile(
            stages=stages,
            columns=columns,
            wall=self._start + perf_counter() - self._began,
            threads=len(self._threads),
            rows=self._cells // max(self._columns, 1),
            width=self._columns,
            memory=_peak_memory(),
        )


def _peak_memory() -> int | None:
    """Return the most bytes that this process held at a time, where the system tells."""
    try:
        # getrusage counts in the process that started this one
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)
    except (OSError, StopIteration):
        pass
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:
        return None
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
