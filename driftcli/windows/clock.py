"""Which window of time each row falls into.

Days, weeks and months are those of a calendar: the zone's for times with a zone, so that a day of
23 or of 25 hours is one window; as they read for times without. Hours and minutes are of equal
length, counted from 1970-01-01T00:00, in UTC for times with a zone. Weeks start on Monday. Several
days, weeks or months are counted from the one that 1970-01-01 lies in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types as pt

from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.windows.spec import DAY, MONTHS, WindowSpec
from driftcli.windows.zones import EPOCH, EPOCH_UTC, SECOND, Integers, offsets, zone_named

NOWHERE = int(np.iinfo(np.int64).min)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# what nanoseconds can hold, in every unit; what lies outside, as 0001-01-01 and 9999-12-31 do,
# stands for "never" rather than for a time
FIRST = int((dt.datetime(1678, 1, 1) - EPOCH) / SECOND)
LAST = int((dt.datetime(2262, 1, 1) - EPOCH) / SECOND)
# 1970-01-01 is a Thursday
ORIGIN = {"w": -3 * DAY}


@dataclass(frozen=True, slots=True)
class Clock:
    """Windows of one length, by the clock of one zone.

    Parameters
    ----------
    spec : WindowSpec
    zone : str, optional
        Such as ``Europe/Paris`` or ``+02:00``. Without one, :meth:`start` and :meth:`label` speak
        of times without a zone; :meth:`of_column` gives the zone that a column goes by.

    Raises
    ------
    UsageError
        If there is no such zone.
    """

    spec: WindowSpec
    zone: str | None = None

    def __post_init__(self) -> None:
        if self.zone is not None and zone_named(self.zone) is None:
            from zoneinfo import available_timezones

            hint = did_you_mean(self.zone, available_timezones())
            hint = hint or "write it as Europe/Paris, UTC or +02:00"
            raise UsageError(f"--time-zone {quoted(self.zone)}: no such time zone", hint=hint)

    def of_column(self, kind: pa.DataType, *, path: object = None, column: object = None) -> Clock:
        """Return the clock that a column goes by.

        Parameters
        ----------
        kind : pyarrow.DataType
        path, column : object, optional
            Named in the error.

        Returns
        -------
        Clock
            Of no zone for dates and times without one, which are taken as they read; else of this
            clock's zone, or the column's own.

        Raises
        ------
        DataError
            If the column holds no points in time, or has a zone that nobody knows.
        """
        kind = kind.value_type if pt.is_dictionary(kind) else kind
        if not (pt.is_timestamp(kind) or pt.is_date(kind) or pt.is_null(kind)):
            hint = "name dates or timestamps with --time, or count rows: --window 50000rows"
            raise DataError(f"{kind} is no time", path=path, column=column, hint=hint)
        own = getattr(kind, "tz", None) or None
        if own is not None and self.zone is None and zone_named(own) is None:
            hint = "name the zone to go by with --time-zone"
            reason = f"no such time zone: {quoted(own)}"
            raise DataError(reason, path=path, column=column, hint=hint)
        return replace(self, zone=own and (self.zone or own))

    def numbers(self, array: pa.Array) -> Integers:
        """Return the number of the window that each row falls into.

        Parameters
        ----------
        array : pyarrow.Array
            Shape (rows,), of timestamps or dates, in any order.

        Returns
        -------
        ndarray of int64, shape (rows,)
            Consecutive windows differ by one. :data:`NOWHERE` for nulls and for times outside the
            years 1678 to 2261.

        Raises
        ------
        DataError
            As :meth:`of_column`, without the place.
        """
        clock = self.of_column(array.type)
        if pt.is_dictionary(array.type):
            array = array.dictionary_decode()
        seconds, usable = _seconds(array)
        if usable.all():
            return clock._windows(seconds)
        numbers = np.full(len(array), NOWHERE, dtype=np.int64)
        numbers[usable] = clock._windows(seconds[usable])
        return numbers

    def numbers_of_rows(self, first_row: int, count: int) -> Integers:
        """Return the window numbers of consecutive rows, for windows of rows.

        Parameters
        ----------
        first_row : int
            Of these, counted from 0 in the whole table.
        count : int

        Returns
        -------
        ndarray of int64, shape (count,)
        """
        return np.arange(first_row, first_row + count, dtype=np.int64) // self.spec.count

    def start(self, number: int) -> dt.datetime:
        """Return when a window of time starts; with the zone where the clock has one."""
        spec, zone = self.spec, self._tzinfo
        if spec.unit == MONTHS:
            year, month = divmod(number * spec.count, 12)
            return dt.datetime(1970 + year, month + 1, 1, tzinfo=zone)
        since = (number * spec.seconds + ORIGIN.get(spec.unit, 0)) * SECOND
        if zone is None or self._by_calendar:
            return (EPOCH + since).replace(tzinfo=zone)
        return (EPOCH_UTC + since).astimezone(zone)

    def end(self, number: int) -> dt.datetime:
        """Return when a window of time ends, which no longer belongs to it."""
        return self.start(number + 1)

    def label(self, number: int) -> str:
        """Return a window's name.

        Returns
        -------
        str
            ``2013-07-04`` for days and weeks (their first day), ``2013-07`` for months,
            ``2013-07-04T06:00`` for hours and minutes, with a ``Z`` where the clock has a zone, and
            ``row 50,000`` for rows (the first, counted from 0).
        """
        if self.spec.by_rows:
            return f"row {number * self.spec.count:,}"
        start = self.start(number)
        if self._by_calendar:
            return start.date().isoformat()[: 7 if self.spec.unit == MONTHS else None]
        if start.tzinfo is None:
            return start.isoformat(timespec="minutes")
        return start.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"

    def kind(self, number: int, like: str) -> str:
        """Return what a window has in common with others.

        Parameters
        ----------
        number : int
        like : {"weekday", "hour", "month"}

        Returns
        -------
        str
            Where the window starts, by the clock on the wall: ``Monday``, ``06:00`` or ``July``.

        Raises
        ------
        UsageError
            If windows of this length have no such thing of their own.
        """
        self.spec.check_like(like)
        start = self.start(number)
        if like == "hour":
            return f"{start.hour:02}:00"
        return WEEKDAYS[start.weekday()] if like == "weekday" else MONTH_NAMES[start.month - 1]

    @property
    def _by_calendar(self) -> bool:
        return self.spec.unit in ("d", "w", MONTHS)

    @property
    def _tzinfo(self) -> dt.tzinfo | None:
        return None if self.zone is None else zone_named(self.zone)

    def _windows(self, seconds: Integers) -> Integers:
        """Return the window numbers of seconds since 1970, in UTC or without a zone."""
        if self._by_calendar and self.zone is not None:
            seconds = seconds + offsets(self.zone, seconds)
        if self.spec.unit == MONTHS:
            return _months()[seconds // DAY - (FIRST // DAY - 1)] // self.spec.count
        origin = ORIGIN.get(self.spec.unit)
        return (seconds if origin is None else seconds - origin) // self.spec.seconds


# not by strftime, which follows the machine's language
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _seconds(array: pa.Array) -> tuple[Integers, NDArray[np.bool_]]:
    """Return whole seconds since 1970, rounded down, and in which rows they are a usable time.

    Straight from the buffers, as ``to_numpy`` would import pandas.
    """
    kind, validity = array.type, array.buffers()[0]
    if array.null_count == len(array):
        return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_)
    end = array.offset + len(array)
    code = np.int32 if pt.is_date32(kind) else np.int64
    values: NDArray[Any] = np.frombuffer(array.buffers()[1], dtype=code, count=end)[array.offset :]
    if pt.is_date32(kind):
        seconds: Integers = values.astype(np.int64) * DAY
    else:
        seconds = values // PER_SECOND["ms" if pt.is_date64(kind) else kind.unit]
    usable = (seconds >= FIRST) & (seconds < LAST)
    if array.null_count:
        bits = np.unpackbits(np.frombuffer(validity, np.uint8), count=end, bitorder="little")
        usable &= bits[array.offset :].view(np.bool_)
    return seconds, usable


@cache
def _months() -> Integers:
    """Return the months since January 1970 of all usable days, and of one more on either side.

    A look into this costs a fraction of numpy's arithmetic of calendars.
    """
    days = np.arange(FIRST // DAY - 1, LAST // DAY + 1, dtype=np.int64).view("M8[D]")
    months: Integers = days.astype("M8[M]").view(np.int64)
    return months
