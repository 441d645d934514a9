"""The one place that asks for the time."""

from __future__ import annotations

from datetime import UTC, datetime

from driftcli.durations import moment


def moment_of(text: str | None) -> datetime:
    """Return a point in time as people write it, in UTC; the present for ``None``.

    Raises
    ------
    UsageError
        If it is none.
    """
    return datetime.now(UTC) if text is None else moment(text)


def timestamp() -> str:
    """Return the present in UTC, as ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
