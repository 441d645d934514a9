"""``{date:%Y-%m-%d}`` in a path, and which day it means."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from driftcli.errors import UsageError, quoted

LATEST = "{latest}"
TEMPLATE = re.compile(r"\{(?P<name>[A-Za-z_]\w*)(?::(?P<format>[^{}]*))?\}")
DATE = re.compile(r"\{date(?::[^{}]*)?\}")
DIRECTIVE = re.compile(r"%(.|$)", re.DOTALL)
DIRECTIVES = "aAbBdeFGHIjmMpSuUVwWyY%"


def filled(target: str, day: str) -> str:
    """Return `target` with its dates filled in; :data:`LATEST` stays.

    Parameters
    ----------
    target : str
        Such as ``logs/{date:%Y}/{date:%m-%d}.parquet``; ``{date}`` is ``{date:%Y-%m-%d}``.
    day : str
        What :func:`day_of` takes.

    Raises
    ------
    UsageError
        If there is no such template, or no such day.
    """

    def fill(found: re.Match[str]) -> str:
        if found[0] == LATEST:
            return LATEST
        if found["name"] != "date":
            hint = f"known are {{date:%Y-%m-%d}} and {LATEST}"
            raise UsageError(f"no template {quoted(found[0])}", path=target, hint=hint)
        pattern = "%Y-%m-%d" if found["format"] is None else found["format"]
        _check_format(found[0], pattern, target)
        return datetime.combine(day_of(day), time()).strftime(pattern)

    return TEMPLATE.sub(fill, target)


def dated(query: str, day: str) -> str:
    """Return a query with its dates filled in; other braces belong to it.

    Parameters
    ----------
    query : str
    day : str
        What :func:`day_of` takes.

    Raises
    ------
    UsageError
        If there is no such day.
    """
    return DATE.sub(lambda found: filled(found[0], day), query)


def day_of(text: str, today: date | None = None) -> date:
    """Return a day.

    Parameters
    ----------
    text : str
        ``2026-11-22``, ``today``, ``yesterday``, or ``-3d``: three days before today.
    today : datetime.date, optional
        By default that of UTC.

    Raises
    ------
    UsageError
        If it is no day.
    """
    today = today or datetime.now(UTC).date()
    back = {"today": 0, "yesterday": 1}.get(text)
    if back is None and (ago := re.fullmatch(r"-(\d{1,6})d", text)):
        back = int(ago[1])
    try:
        return date.fromisoformat(text) if back is None else today - timedelta(days=back)
    except (ValueError, OverflowError):
        hint = "write 2026-11-22, today, yesterday, or -3d for three days ago"
        raise UsageError(f"no such date: {quoted(text)}", hint=hint) from None


def _check_format(template: str, pattern: str, target: str) -> None:
    for directive in DIRECTIVE.findall(pattern):
        if not directive or directive not in DIRECTIVES:
            message = f"template {quoted(template)}: no directive {quoted('%' + directive)}"
            hint = "write it as for strftime, such as {date:%Y-%m-%d}"
            raise UsageError(message, path=target, hint=hint)
    if not pattern:
        hint = "write it as for strftime, such as {date:%Y-%m-%d}"
        raise UsageError(f"template {quoted(template)}: an empty format", path=target, hint=hint)
