"""What the first screen tells besides the verdict: data, rules, and what was not evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftcli.model import (
    AlertReport,
    ColumnKind,
    ColumnStats,
    DatasetInfo,
    Report,
    Status,
    WindowsInfo,
)
from driftcli.renderers.html_text import moment, threshold
from driftcli.renderers.html_windows import of_reference


@dataclass(frozen=True, slots=True)
class Run:
    """The reports made of the same two data sets."""

    commands: tuple[str, ...]
    timestamps: tuple[str, ...]
    reference: DatasetInfo | None
    current: DatasetInfo
    windows: WindowsInfo | None
    times: tuple[Times, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """The oldest and the newest value of a column of times, on either side."""

    column: str
    reference: tuple[str, str] | None
    current: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """Checks that were not evaluated for the same reason."""

    reason: str
    harmless: bool
    places: tuple[str, ...]


def runs(reports: Sequence[Report]) -> list[Run]:
    """Return what was compared, each pair of data sets and their windows once."""
    groups: dict[tuple[DatasetInfo | None, DatasetInfo, WindowsInfo | None], list[Report]] = {}
    for report in reports:
        sides = (report.reference, report.current, report.windows)
        groups.setdefault(sides, []).append(report)
    return [
        Run(
            tuple(dict.fromkeys(report.command for report in group)),
            tuple(dict.fromkeys(report.timestamp for report in group)),
            reference,
            current,
            windows,
            _times(group),
        )
        for (reference, current, windows), group in groups.items()
    ]


def _times(group: Sequence[Report]) -> tuple[Times, ...]:
    """Return the span of the column by which windows are cut, or of the first column of times."""
    columns = {name: column for report in group for name, column in report.features.items()}
    spans = [
        Times(name, _span(column.reference), _span(column.current))
        for name, column in columns.items()
        if column.kind is ColumnKind.DATETIME
    ]
    told = [one for one in spans if one.reference or one.current]
    cut_by = {report.windows.column for report in group if report.windows}
    return tuple(sorted(told, key=lambda one: one.column not in cut_by)[:1])


def _span(side: ColumnStats | None) -> tuple[str, str] | None:
    if side is None or not isinstance(side.minimum, str) or not isinstance(side.maximum, str):
        return None
    return moment(side.minimum), moment(side.maximum)


def unevaluated(reports: Sequence[Report]) -> list[Unevaluated]:
    """Return what was not evaluated, grouped by reason, the harmless reasons last."""
    groups: dict[tuple[bool, str], list[str]] = {}
    for report in reports:
        for allowed, reason, place in _silent(report):
            groups.setdefault((allowed, reason), []).append(place)
    ordered = sorted(groups.items(), key=lambda item: item[0][0])
    return [
        Unevaluated(reason, allowed, tuple(dict.fromkeys(places)))
        for (allowed, reason), places in ordered
    ]


def _silent(report: Report) -> Iterator[tuple[bool, str, str]]:
    """Yield whether it is harmless, why, and where, of all that was not evaluated."""
    for check in report.decisions():
        if check.status is Status.NOT_EVALUATED:
            skip = check.result.skip
            yield not check.blocking, skip.reason if skip else check.reason, check.column
    for metric in report.performance.metrics if report.performance else ():
        if metric.skip is not None and metric.decision is None:
            yield metric.skip.harmless, metric.skip.reason, metric.metric


def policies(reports: Sequence[Report]) -> list[str]:
    """Return the rules by which was judged, in words, each once."""
    return list(dict.fromkeys(_policy(report) for report in reports))


def _policy(report: Report) -> str:
    policy = report.policy
    return " ".join([_rule(report), f"A check needs {policy.min_rows} rows a side.", _null(report)])


def _rule(report: Report) -> str:
    policy = report.policy
    alpha = threshold(policy.alpha)
    holm = "max-T" if report.among_windows else "Holm"
    correction = {"holm": holm, "bh": "Benjamini–Hochberg"}.get(policy.correction)
    adjusted = f"the {correction}-adjusted p-value" if correction else "the unadjusted p-value"
    return {
        "evident": f"Drift means: the effect exceeds its threshold and {adjusted} is below "
        f"{alpha}.",
        "threshold": f"Drift means: the effect exceeds its threshold (chi²: p below {alpha}).",
        "certain": "Drift means: the lower confidence bound of the effect exceeds its threshold "
        f"(alpha {alpha}).",
    }[policy.rule]


def _null(report: Report) -> str:
    if not report.among_windows:
        return "The p-values take rows as independent."
    of = "past windows" if report.windows is None else of_reference(report.windows)
    return f"The p-values come from the reference: {of}."


def warnings(reports: Sequence[Report], alerts: AlertReport | None) -> list[str]:
    """Return all warnings, each once."""
    told = [warning for report in reports for warning in report.warnings]
    return list(dict.fromkeys([*told, *(alerts.warnings if alerts else ())]))
