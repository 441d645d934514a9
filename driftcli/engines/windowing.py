"""Which window of time the rows at hand lie in, for all columns that are read together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from driftcli.errors import DataError
from driftcli.schema import ColumnPlan
from driftcli.summaries import Summary
from driftcli.summaries.windowed import BYTES, Numbers, Rows, Windowed
from driftcli.summaries.wire import State
from driftcli.windows.spec import MOST_WINDOWS

ROW_BYTES = 16  # of a value that waits, with its window
SHARE = 4  # of the room, for these
_NONE: Numbers = np.empty(0, dtype=np.int64)


class Windowing(Protocol):
    """How rows are put into windows."""

    @property
    def column(self) -> str | None:
        """The column that tells the time; ``None`` where the place of a row does."""

    @property
    def nowhere(self) -> int:
        """The number of no window, smaller than that of any."""

    @property
    def moments(self) -> bool:
        """Whether the mean and the spread of windows are asked for."""

    def numbers(self, times: pa.Array | None, first: int, rows: int) -> Numbers:
        """Return the windows of the next rows, the first of which is the first-th."""


@dataclass(slots=True)
class Now:
    """The windows of a batch, and how many rows each had so far.

    Parameters
    ----------
    windowing : Windowing
    source : str
        Its name, for messages.
    columns : int
        That are counted by window at once.
    room : int
        Bytes for that.
    """

    windowing: Windowing
    source: str
    columns: int = 0
    room: int = 0
    rows: Rows = field(default_factory=lambda: Rows(_NONE, _NONE))
    seen: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    def state(self) -> State:
        """Return what was seen."""
        return {"seen": [*self.seen.items()], "lost": self.lost}

    def absorb(self, state: State) -> None:
        """Add what was seen of other rows.

        Raises
        ------
        DataError
            If there are more windows than can be told apart.
        """
        self.seen.update(dict(state["seen"]))
        self.lost += state["lost"]
        self._check_room()

    def see(self, times: pa.Array | None, first: int, count: int) -> None:
        """Find the windows of the next rows.

        Raises
        ------
        DataError
            If there are more windows than can be told apart.
        """
        numbers = self.windowing.numbers(times, first, count)
        self.rows = Rows.of(numbers, self.windowing.nowhere)
        inside = self.rows.at[self.rows.at >= 0]
        counts = np.bincount(inside, minlength=len(self.rows.numbers))
        self.seen.update(dict(zip(self.rows.numbers.tolist(), counts.tolist(), strict=True)))
        self.lost += count - len(inside)
        self._check_room()

    def _check_room(self) -> None:
        if len(self.seen) > MOST_WINDOWS:
            reason = f"more than {MOST_WINDOWS:,} windows"
            raise DataError(reason, path=self.source, hint="take longer ones")
        if len(self.seen) * self.columns * BYTES > self.room:
            reason = f"{len(self.seen):,} windows of {self.columns:,} columns do not fit"
            hint = "allow more with --max-memory, or take longer windows or fewer columns"
            raise DataError(reason, path=self.source, hint=hint)


@dataclass(frozen=True, slots=True)
class WindowColumn:
    """Counts a column by window."""

    now: Now
    windowed: Windowed

    @classmethod
    def of(cls, plan: ColumnPlan, like: Summary, now: Now, degree: int) -> WindowColumn:
        """Return the counter of a column on the reference's edges or categories."""
        degree = degree if now.windowing.moments else 0
        held = now.room // (SHARE * ROW_BYTES * max(now.columns, 1))
        counter = Windowed(
            like, plan.dtype, presence_only=plan.presence_only, degree=degree, held=held
        )
        return cls(now, counter)

    def add(self, array: pa.Array) -> None:
        """Count one batch's values."""
        self.windowed.add(array, self.now.rows)

    def state(self) -> State:
        """Return what was counted."""
        return self.windowed.state()

    def absorb(self, state: State) -> None:
        """Add what another counter of the column has counted."""
        self.windowed.absorb(state)

    def finish(self) -> dict[int, Summary]:
        """Return the summary of each window by its number, in order of time."""
        return self.windowed.finish()


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one column on both sides, each by its number; empty where there are none."""

    past: Mapping[int, Summary] = field(default_factory=dict)
    recent: Mapping[int, Summary] = field(default_factory=dict)
