"""Which windows of time a run has: of the settings, or of a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from driftcli.baselines import Baseline
from driftcli.config import Time
from driftcli.engines.windowing import Now
from driftcli.errors import DataError, UsageError, did_you_mean
from driftcli.sources import Parts
from driftcli.summaries.windowed import Numbers
from driftcli.windows.clock import NOWHERE, Clock
from driftcli.windows.spec import LIKES, WindowSpec


@dataclass(frozen=True, slots=True)
class Windowing:
    """Puts rows into windows.

    Parameters
    ----------
    clock : Clock
    column : str or None
        ``None`` for windows of rows.
    like : str, optional
        Which windows are compared with each other: a name of :data:`LIKES`, or a column.
    moments : bool
        Whether the mean and the spread of windows are asked for.
    """

    clock: Clock
    column: str | None
    like: str | None = None
    moments: bool = True

    @property
    def nowhere(self) -> int:
        """The number of no window."""
        return NOWHERE

    def numbers(self, times: pa.Array | None, first: int, rows: int) -> Numbers:
        """Return the windows of the next rows."""
        return (
            self.clock.numbers_of_rows(first, rows) if times is None else self.clock.numbers(times)
        )

    def one(self, kind: str | None = None) -> str:
        """Return what a window of a kind is called: ``a day``, ``a Monday``."""
        noun = self.clock.spec.noun
        one = f"{'an' if noun.startswith('hour') else 'a'} {noun}"
        if kind is None:
            return one
        words = {"weekday": f"a {kind}", "hour": kind, "month": f"{one} in {kind}"}
        return words.get(str(self.like), f"{one} with {self.like} {kind}")

    def many(self, kind: str | None = None) -> str:
        """Return what windows of a kind are called, of the reference."""
        many = self.clock.spec.plural
        if kind is not None:
            words = {
                "weekday": f"{kind}s",
                "hour": f"{many} at {kind}",
                "month": f"{many} in {kind}",
            }
            many = words.get(str(self.like), f"{many} with {self.like} {kind}")
        return f"{many} of the reference"


def windowing(time: Time, schema: pa.Schema, source: str) -> Windowing | None:
    """Return how the rows of a source are put into windows, if they are to be.

    Raises
    ------
    DriftcliError
        If the settings contradict each other, or the column is none or no time.
    """
    if time.column is None and time.window is None:
        if time.zone or time.like:
            raise UsageError("windows without a length", hint="name the time column with --time")
        return None
    spec = WindowSpec.parse(time.window or "1d")
    _check_like(time.like, spec, schema, source)
    if spec.by_rows:
        if time.column is not None or time.zone is not None:
            hint = "leave --time and --time-zone away: rows are counted as they stand"
            raise UsageError(f"--window {spec}: rows have no use for a time", hint=hint)
        return Windowing(Clock(spec), None, time.like)
    if time.column is None:
        raise UsageError(f"--window {spec} of which time?", hint="name its column with --time")
    if time.column not in schema.names:
        hint = did_you_mean(time.column, schema.names) or "it is named by --time or time.column"
        raise UsageError("no such column", path=source, column=time.column, hint=hint)
    kind = schema.field(time.column).type
    clock = Clock(spec, time.zone).of_column(kind, path=source, column=time.column)
    if time.zone is not None and clock.zone is None:
        reason = f"--time-zone {time.zone}: these times have no zone and are taken as they read"
        raise UsageError(reason, path=source, column=time.column, hint="leave it away")
    return Windowing(clock, time.column, time.like)


def _check_like(like: str | None, spec: WindowSpec, schema: pa.Schema, source: str) -> None:
    """See that windows have such a thing: by the calendar, or by a column."""
    if like in LIKES:
        spec.check_like(like)
    elif like is not None and like not in schema.names:
        hint = did_you_mean(like, [*LIKES, *schema.names])
        hint = hint or f"--like takes {', '.join(LIKES)} or a column"
        raise UsageError("no such column", path=source, column=like, hint=hint)


def windowing_of(baseline: Baseline, time: Time) -> Windowing | None:
    """Return how rows are put into windows where the reference is a baseline: as it was made.

    Raises
    ------
    UsageError
        If the run asks for other windows; for the kind that is compared it may.
    """
    name, stored = baseline.summary.source, baseline.windows
    if stored is None:
        if time != Time():
            hint = "make it with driftcli baseline create --time"
            raise UsageError("a baseline without windows", path=name, hint=hint)
        return None
    like = time.like or stored.like
    if like not in (None, stored.like, *LIKES):
        reason = f"--like {like}, and the baseline was made with {stored.like or 'none'}"
        raise UsageError(reason, path=name, hint="make it again with it")
    asked = {"--time": "column", "--window": "window", "--time-zone": "zone"}
    for flag, field_name in asked.items():
        wanted, kept = getattr(time, field_name), getattr(stored, field_name)
        if wanted is not None and _canonical(field_name, wanted) != kept:
            reason = f"{flag} {wanted}, and the baseline was made with {kept or 'none'}"
            raise UsageError(reason, path=name, hint=f"leave {flag} away, or make it again")
    spec = WindowSpec.parse(stored.window)
    if like in LIKES:
        spec.check_like(like)
    return Windowing(Clock(spec, stored.zone), stored.column, like)


def _canonical(field_name: str, text: str) -> str:
    return str(WindowSpec.parse(text)) if field_name == "window" else text


def of_current(by: Windowing | None, after: Parts) -> Windowing | None:
    """Return how current is put into windows: as the reference where it has the time, else not.

    Raises
    ------
    DriftcliError
        If current tells the time by another clock, or lacks it where windows are to be alike.
    """
    if by is None:
        return None
    needed = {by.column if by.like in LIKES else by.like} if by.like else set()
    for column in needed.difference(after.schema.names, [None]):
        hint = "it tells which windows are like current, for --like"
        raise UsageError("no such column", path=after.name, column=column, hint=hint)
    if by.column is None:
        return by
    if by.column not in after.schema.names:
        return None
    kind = after.schema.field(by.column).type
    clock = by.clock.of_column(kind, path=after.name, column=by.column)
    if clock != by.clock:
        zones = [one.zone or "none" for one in (by.clock, clock)]
        reason = f"time zone {zones[1]}, the reference's is {zones[0]}"
        naive = None in (by.clock.zone, clock.zone)
        hint = "write both with a zone, or both without" if naive else "set --time-zone"
        raise DataError(reason, path=after.name, column=by.column, hint=hint)
    return replace(by, clock=clock)


def rows_by_window(source: Parts, by: Windowing) -> dict[int, int]:
    """Read the time of every row; return the rows of each window, in order of time."""
    column = by.column or source.schema.names[0]
    now = Now(by, source.name)
    seen = 0
    for batch in source.batches([column]):
        now.see(batch.column(0) if by.column else None, seen, batch.num_rows)
        seen += batch.num_rows
    return complete(now.seen, by)


def complete(rows: Mapping[int, int], by: Windowing) -> dict[int, int]:
    """Return the windows in order of time, less a last window of rows that was cut short."""
    found = dict(sorted(rows.items()))
    if by.column is None and len(found) > 1:
        last = max(found)
        if found[last] < by.clock.spec.count:
            del found[last]
    return found
