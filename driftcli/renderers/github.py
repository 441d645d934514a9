"""Reports for GitHub Actions: one annotation a report, and a summary of the step.

GitHub shows ten annotations of each kind a step, cuts a message at 4,096 characters, and drops a
summary of more than 1 MiB as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.errors import MAX_NAME
from driftcli.model import AlertReport, Report
from driftcli.renderers import markdown, table
from driftcli.renderers.plain import loud, shown

MAX_MESSAGE = 4000
MAX_SUMMARY = 2**20
MAX_TOLD = 10
MAX_NAMED = 3
LONGEST_LINE = 300


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return one workflow command a report: an error for drift, a warning for what is incomplete.

    Parameters
    ----------
    reports : sequence of Report
    alerts : AlertReport, optional
        Have no annotation of their own.
    """
    return "".join(f"{_annotation(report)}\n" for report in reports)


def summary(reports: Sequence[Report], room: int) -> str:
    """Return Markdown for the summary of the step that takes at most so many bytes.

    The whole, or where that is too much the loudest rows, the headings, or nothing.
    """
    for every in (True, False):
        whole = markdown.render(reports, every=every)
        if _bytes(whole) <= room:
            return whole
    headings = "\n\n".join([*map(markdown.heading, reports), ""])
    return headings if _bytes(headings) <= room else ""


def _annotation(report: Report) -> str:
    kind = "error" if report.drift_detected else "warning" if report.incomplete else "notice"
    title = f"driftcli {report.command}"
    told = loud(report)
    lines = ["".join(words for words, _ in next(iter(table.summary(report))))]
    lines += [f"{_named(names)}: {words}" for words, names in [*told.items()][:MAX_TOLD]]
    if len(told) > MAX_TOLD:
        lines.append(f"… {len(told) - MAX_TOLD:,} more in the summary of the step")
    message = "\n".join(shown(line, LONGEST_LINE) for line in lines)
    return f"::{kind} title={_property(shown(title))}::{_data(message[:MAX_MESSAGE])}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else ""
    return ", ".join(shown(name, MAX_NAME) or "''" for name in names[:MAX_NAMED]) + more


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def _bytes(words: str) -> int:
    return len(words.encode("utf-8", "backslashreplace"))
