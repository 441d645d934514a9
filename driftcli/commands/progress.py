"""A bar on the terminal while the work lasts; nothing where nobody looks on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from driftcli.engines.watch import Watch

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

PATIENCE = 1.0  # seconds of work before anything is shown
PERIOD = 0.2
MARGIN = 4
NARROW = 60  # cells; a terminal of fewer is told the time left only


@contextmanager
def progress(watch: Watch, *, quiet: bool) -> Iterator[Watch]:
    """Show the progress of the work within, where stderr is a terminal.

    Parameters
    ----------
    watch : Watch
        Hears of the work as well.
    quiet : bool
        Show nothing.

    Yields
    ------
    Watch
        To be told of the work.
    """
    if quiet or not sys.stderr.isatty():
        yield watch
        return
    bar = Bar(watch)
    bar.start()
    try:
        yield bar
    finally:
        bar.stop()


@dataclass(frozen=True, slots=True)
class Count:
    """How far the work is.

    Parameters
    ----------
    done : int
        Values read, rows times columns; what is read twice counts twice.
    total : int or None
        Values to read, as far as known by now; ``None`` where nobody knows.
    columns : int
    seconds : float
        Since there is something to read.
    """

    done: int
    total: int | None
    columns: int
    seconds: float

    def words(self, width: int) -> str:
        """Return rows, columns, rate and time left; on a narrow terminal the last alone."""
        if not self.columns:
            return "opening"
        left = self._left()
        return left if left and width < NARROW else ", ".join(self._all(left, width))

    def _all(self, left: str, width: int) -> Iterator[str]:
        of = "" if self.total is None else f" of {_short(self.total / self.columns)}"
        yield f"{_short(self.done / self.columns)}{of} rows"
        if width >= NARROW:
            yield f"{self.columns:,} column{'s' * (self.columns > 1)}"
            if self.done:
                yield f"{_short(self.done / self.columns / max(self.seconds, PERIOD))} rows/s"
        if left:
            yield left

    def _left(self) -> str:
        if not self.total or not self.done:
            return ""
        seconds = self.seconds * max(self.total - self.done, 0) / self.done
        return f"{timedelta(seconds=round(seconds))} left"


class Bar:
    """A watch that counts, and a thread that shows the count once the work has lasted a while.

    Parameters
    ----------
    watch : Watch
        Hears of the work as well.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._lock = Lock()
        self._total: int | None = 0
        self._done = 0
        self._columns = 0
        self._began: float | None = None
        self._over = Event()
        self._thread = Thread(target=self._look_on, daemon=True)

    def expect(self, rows: int | None, columns: int) -> None:
        """Add to what there is to read."""
        self._watch.expect(rows, columns)
        with self._lock:
            known = rows is not None and self._total is not None
            self._total = (self._total or 0) + (rows or 0) * columns if known else None
            self._columns = max(self._columns, columns)
            self._began = self._began or monotonic()

    def read(self, rows: int, columns: int) -> None:
        """Add to what was read."""
        self._watch.read(rows, columns)
        with self._lock:
            self._done += rows * columns

    def spend(self, stage: str, columns: Sequence[str]) -> AbstractContextManager[None]:
        """Leave time to the other watch."""
        return self._watch.spend(stage, columns)

    def start(self) -> None:
        """Wait for the work to last."""
        self._thread.start()

    def stop(self) -> None:
        """Remove the bar; the terminal is then as it was."""
        self._over.set()
        self._thread.join(PATIENCE)  # a terminal that takes nothing must not hold up the end

    def count(self) -> Count:
        """Return how far the work is."""
        with self._lock:
            seconds = monotonic() - self._began if self._began is not None else 0.0
            return Count(self._done, self._total, self._columns, seconds)

    def _look_on(self) -> None:
        if self._over.wait(PATIENCE):
            return
        from rich.console import Console

        console = Console(stderr=True, highlight=False, emoji=False)
        if console.is_dumb_terminal:
            return
        with contextlib.suppress(OSError), _drawn(console) as bar:  # the terminal may go away
            task = bar.add_task("", total=None, percent="")
            while not self._over.wait(PERIOD):
                count = self.count()
                share = 100 * count.done / count.total if count.total else None
                bar.update(
                    task,
                    total=count.total or None,
                    completed=count.done,
                    percent="" if share is None else f"{share:3.0f} %",
                    description=count.words(console.width),
                    refresh=True,
                )


def _drawn(console: Console) -> Progress:
    from rich.constrain import Constrain
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    class Line(Progress):
        """Leaves room for the ^C of the terminal, which would wrap to a line that stays."""

        def get_renderable(self) -> RenderableType:
            return Constrain(super().get_renderable(), max(1, console.width - MARGIN))

    def words(name: str) -> TextColumn:
        return TextColumn(name, markup=False, table_column=Column(no_wrap=True))

    return Line(
        words("{task.fields[percent]}"),
        BarColumn(bar_width=None),
        words("{task.description}"),
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        expand=True,
    )


def _short(number: float) -> str:
    """Return a count in at most three digits before the point."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}"
    return f"{number:.0f}"
