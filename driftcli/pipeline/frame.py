"""The windows of a run: how many rows they have, and which are compared with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from driftcli.errors import DataError
from driftcli.model import WindowsInfo
from driftcli.pipeline.windows import Windowing
from driftcli.sources import Source
from driftcli.summaries.arrays import flatten, label_of
from driftcli.summaries.windowed import Rows
from driftcli.windows.spec import LIKES

STRANGE = 3  # times the rows of usual windows
MOST_VALUES = 1_000  # of a column that tells kinds
PAST, RECENT = 0, 1
SIDES = ("the reference", "current")

Kinds: TypeAlias = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """The windows of a run.

    Parameters
    ----------
    by : Windowing
    past, recent : mapping of int to int
        Rows by window, in order of time.
    kinds : pair of mapping of int to str
        Of both sides' windows, where a column tells which are compared with each other; a window
        without a kind is like no other.
    lost : pair of int
        Rows of both sides that have no time and so lie in no window.
    """

    by: Windowing
    past: Mapping[int, int]
    recent: Mapping[int, int]
    kinds: tuple[Kinds, Kinds] = ({}, {})
    lost: tuple[int, int] = (0, 0)

    @property
    def judged(self) -> int | None:
        """The last window of current; ``None`` where current is not put into windows."""
        return max(self.recent, default=None)

    @property
    def several(self) -> bool:
        """Whether current has more than one window."""
        return len(self.recent) > 1

    @property
    def alone(self) -> bool:
        """Whether the last window of current is judged, and not current as a whole."""
        cut = self.several or (bool(self.recent) and self.lost[RECENT] > 0)
        return cut and bool(self.past)

    @property
    def timeless(self) -> str | None:
        """The side of which no row has a time, so that nothing is compared by windows."""
        if not self.past:  # stored metrics have no windows, and lost none
            return SIDES[PAST] if self.lost[PAST] else None
        return SIDES[RECENT] if self.lost[RECENT] and not self.recent else None

    def alike(self, number: int | None) -> list[int]:
        """Return the windows of the reference that one of current is compared with."""
        if self.by.like is None or number is None:
            return list(self.past)
        kind = self._kind(number, RECENT)
        return [other for other in self.past if kind and self._kind(other, PAST) == kind]

    def _kind(self, number: int, side: int) -> str | None:
        like = self.by.like
        if like in LIKES:
            return self.by.clock.kind(number, like)
        return self.kinds[side].get(number)

    def words(self) -> tuple[str, str]:
        """Return what the windows compared with are called, and what the one judged is."""
        judged = self.judged
        kind = None if judged is None or self.by.like is None else self._kind(judged, RECENT)
        return self.by.many(kind), self.by.one(kind)

    def info(self) -> WindowsInfo:
        """Return what a report says of the windows."""
        clock, past = self.by.clock, list(self.past)
        return WindowsInfo(
            window=str(clock.spec),
            many=clock.spec.plural,
            column=self.by.column,
            zone=clock.zone,
            like=self.by.like,
            reference=len(past),
            reference_first=clock.label(past[0]) if past else "",
            reference_last=clock.label(past[-1]) if past else "",
            current=tuple(map(clock.label, self.recent)),
            current_rows=tuple(self.recent.values()),
            judged=clock.label(max(self.recent)) if self.alone else None,
        )

    def warnings(self, rows: int) -> list[str]:
        """Return what makes current hard to compare with the windows of the reference."""
        words = "have no time and are in no window"
        sides = zip(self.lost, SIDES, strict=True)
        told = [f"{lost:,} rows of {side} {words}" for lost, side in sides if lost]
        usual = float(np.median(list(self.past.values()))) if self.past else 0.0
        whole = not self.recent and not self.timeless  # stands for one window
        if not (whole and usual) or usual / STRANGE <= rows <= usual * STRANGE:
            return told
        of_one = f"{self.by.one()} of the reference {usual:,.0f}"
        return [f"current has {rows:,} rows, {of_one}: compare like with like", *told]


def kinds_of(source: Source, by: Windowing | None) -> dict[int, str]:
    """Return the most frequent value of the column that tells kinds, for each window.

    Parameters
    ----------
    source : Source
    by : Windowing or None

    Returns
    -------
    dict of int to str
        Of equally frequent values the first by name; empty where no column tells kinds.

    Raises
    ------
    DataError
        If the column has too many values to tell kinds.
    """
    if by is None or by.like is None or by.like in LIKES:
        return {}
    columns = list(dict.fromkeys(name for name in (by.column, by.like) if name))
    counts: dict[int, Counter[str]] = {}
    values: set[str] = set()
    seen = 0
    for batch in source.batches(columns):
        times = batch.column(0) if by.column else None
        rows = Rows.of(by.numbers(times, seen, batch.num_rows), by.nowhere)
        seen += batch.num_rows
        labels = flatten(batch.column(len(columns) - 1)).dictionary_encode()
        names = [label_of(value) for value in labels.dictionary.to_pylist()]
        values.update(names)
        if len(values) > MOST_VALUES:
            reason = f"more than {MOST_VALUES:,} values, too many to tell windows apart by"
            raise DataError(reason, path=source.name, column=by.like)
        known = np.asarray(labels.indices.is_valid()) & (rows.at >= 0)
        codes = np.asarray(labels.indices.fill_null(0)).astype(np.int64)
        shape = len(rows.numbers), len(names)
        cells = np.bincount(rows.at[known] * shape[1] + codes[known], minlength=shape[0] * shape[1])
        for at, code in np.argwhere(cells.reshape(shape)).tolist():
            found = counts.setdefault(int(rows.numbers[at]), Counter())
            found[names[code]] += int(cells[at * shape[1] + code])
    return {number: _most_frequent(found) for number, found in counts.items()}


def _most_frequent(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))
