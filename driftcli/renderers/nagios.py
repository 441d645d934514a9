"""The first line of a Nagios plugin: the state, the verdict in words, and performance data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from driftcli.model import Report, Status
from driftcli.renderers.plain import Row, by_section, printable
from driftcli.renderers.table import summary
from driftcli.renderers.table_columns import STATES, state

WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
"""The exit codes of a plugin in words."""
MAX_LINE = 1000


def render(reports: Sequence[Report], code: int) -> str:
    """Return the line of some reports.

    Parameters
    ----------
    reports : sequence of Report
    code : int
        The exit code, 0 to 3.
    """
    verdicts = ["".join(words for words, _ in next(iter(summary(report)))) for report in reports]
    return f"{line(code, '; '.join(verdicts))} | {_numbers(reports)}"


def line(code: int, words: str) -> str:
    """Return a line without performance data; a bar in it would begin them.

    Parameters
    ----------
    code : int
        The exit code, 0 to 3.
    words : str
    """
    return f"DRIFTCLI {WORDS[code]} - {printable(words[:MAX_LINE]).replace('|', '¦')}"


def _numbers(reports: Sequence[Report]) -> str:
    """Return how many columns and metrics came to what, as ``label=value;warn;crit;min;max``."""
    counts = Counter(word for report in reports for word in _states(report))
    most = counts.total()
    limits = {"drifted": ";0", "changed": "0;"}
    return " ".join(
        f"{word.replace(' ', '_')}={counts[word]};{limits.get(word, ';')};0;{most}"
        for word in STATES
    )


def _states(report: Report) -> Iterator[str]:
    yield from map(state, (*report.features.values(), *report.predictions.values()))
    for section, rows in by_section(report):
        if section == "performance":
            yield from map(_word, rows)


def _word(row: Row) -> str:
    """Return the state of a metric; one that nobody judged is skipped."""
    if row.check is not None and row.check.blocking:
        return "not evaluated"
    if row.status in (None, Status.NOT_EVALUATED):
        return "skipped"
    return "drifted" if row.status is Status.DRIFT else str(row.status)
