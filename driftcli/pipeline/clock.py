"""The one place that asks for the time."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp() -> str:
    """Return the present in UTC, as ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
