"""Spans of time as people write them in a configuration: ``90min``, ``24h``, ``7d``."""

from __future__ import annotations

import datetime as dt
import re

from driftcli.errors import UsageError, quoted

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = dt.timedelta(days=36_500)

_TEXT = re.compile(rf"([0-9]{{1,12}})\s*({'|'.join(UNITS)})")
_CONFIRM = re.compile(r"([0-9]{1,3}) of ([0-9]{1,3})")
MOST_RUNS = 100


def duration(text: str) -> dt.timedelta:
    """Return a span of time.

    Parameters
    ----------
    text : str
        A whole number with its unit, such as ``24h``.

    Raises
    ------
    UsageError
        If it is none, or longer than a hundred years.
    """
    found = _TEXT.fullmatch(text.strip())
    span = dt.timedelta(seconds=int(found[1]) * UNITS[found[2]]) if found else None
    if span is None or span > LONGEST:
        raise UsageError(f"{quoted(text)} is no span of time", hint="write 90min, 24h, 7d or 2w")
    return span


def confirmation(text: str) -> tuple[int, int]:
    """Return how often something must be found, and in how many of the last runs.

    Parameters
    ----------
    text : str
        Such as ``2 of 3``.

    Raises
    ------
    UsageError
        If it is not of that form, or asks for more than there are.
    """
    found = _CONFIRM.fullmatch(text.strip())
    often, runs = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= often <= runs <= MOST_RUNS:
        hint = f"write 2 of 3: at least 1, of at most {MOST_RUNS}"
        raise UsageError(f"{quoted(text)} does not say how many of how many runs", hint=hint)
    return often, runs


def moment(text: str) -> dt.datetime:
    """Return a point in time, in UTC; a day alone is its beginning, a time without a zone is UTC.

    Parameters
    ----------
    text : str
        ISO 8601, such as ``2026-01-12`` or ``2026-01-12T04:00:00+01:00``.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        found = dt.datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        hint = "write 2026-01-12 or 2026-01-12T04:00:00+01:00"
        raise UsageError(f"{quoted(text)} is no point in time", hint=hint) from None
