"""Zones by their names, and how far their clocks are ahead of UTC."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from driftcli.windows.spec import DAY

Integers = NDArray[np.int64]

EPOCH = dt.datetime(1970, 1, 1)
EPOCH_UTC = EPOCH.replace(tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
# the shortest that an offset has ever held is four days (Freetown, 1939): shorter steps miss none
STEP = 2 * DAY
BLOCK = 183 * STEP


@lru_cache
def zone_named(name: str) -> dt.tzinfo | None:
    """Return a zone, or a fixed offset such as ``+05:30``; none where nobody knows it."""
    try:
        if re.fullmatch(r"[+-][0-9]{2}:[0-9]{2}", name):
            return dt.datetime.strptime(name, "%z").tzinfo
        from zoneinfo import ZoneInfo  # only where there are zones

        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as America
        return None


def offsets(zone: str, seconds: Integers) -> Integers:
    """Return how far a zone's clocks are ahead of UTC, in seconds.

    Parameters
    ----------
    zone : str
    seconds : ndarray of int64, shape (rows,)
        Since 1970 in UTC.

    Returns
    -------
    ndarray of int64, shape (rows,), or (1,) where one offset holds for all
    """
    if not len(seconds):
        return seconds
    first, last = int(seconds.min()), int(seconds.max())
    blocks = range(first // BLOCK, last // BLOCK + 1)
    found: Integers = np.concatenate([offsets_in_block(zone, block) for block in blocks])
    times, ahead = found[:, 0], found[:, 1]
    begin, end = np.searchsorted(times, [first, last], side="right")
    times, ahead = times[begin - 1 : end], ahead[begin - 1 : end]
    changes = np.flatnonzero(np.diff(ahead)) + 1
    if not len(changes):
        return ahead[:1]
    held = np.searchsorted(times[changes], seconds, side="right")
    local: Integers = ahead[np.append(0, changes)][held]
    return local


@lru_cache(maxsize=1024)
def offsets_in_block(zone: str, number: int) -> Integers:
    """Return from when on which offset holds, in a block of time.

    Returns
    -------
    ndarray of int64, shape (1 + changes, 2)
        Seconds since 1970, at first the start of the block, and the offset from there on.
    """
    start = number * BLOCK
    found = [(start, offset_at(zone, start))]
    for before in range(start, start + BLOCK, STEP):
        offset = offset_at(zone, before + STEP)
        if offset != found[-1][1]:
            found.append((first_second(zone, before, before + STEP), offset))
    return np.array([pair for pair in found if pair[0] < start + BLOCK], dtype=np.int64)


def first_second(zone: str, before: int, after: int) -> int:
    """Return the first second that has the offset of `after`, by halving."""
    offset = offset_at(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def offset_at(zone: str, second: int) -> int:
    """Return how far a zone's clocks are ahead of UTC at a second since 1970."""
    local = (EPOCH_UTC + second * SECOND).astimezone(zone_named(zone)).replace(tzinfo=None)
    return (local - EPOCH) // SECOND - second
