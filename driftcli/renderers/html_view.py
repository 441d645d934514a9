"""What the HTML page says, put together from reports; nothing here knows markup.

Only sentences, orders and shares for drawing are made here; every statistic is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftcli.model import (
    AlertReport,
    ColumnResult,
    DatasetInfo,
    Decision,
    MetricValue,
    PerformanceResult,
    Report,
    Status,
    WindowsInfo,
)
from driftcli.renderers.html_text import effect, harmless, label, threshold
from driftcli.renderers.html_windows import Course, course, of_reference

LOUD_FIRST = tuple(reversed(Status))
# The overview's bars end here: three times the threshold is far, however far beyond it lies.
MAX_RATIO = 3.0
MAX_METRICS_NAMED = 3


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column, where it stands on the page and how far it is from its nearest threshold."""

    anchor: str
    column: ColumnResult
    worst: Decision | None
    ratio: float | None
    course: Course | None = None

    @property
    def bar(self) -> str:
        """Length of the overview's bar in percent of its room."""
        return f"{100 * min(self.ratio or 0.0, MAX_RATIO) / MAX_RATIO:.1f}"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: the features, predictions or performance of one report."""

    kind: str
    anchor: str
    title: str
    report: Report
    columns: tuple[ColumnView, ...] = ()
    methods: tuple[str, ...] = ()
    performance: PerformanceResult | None = None

    @property
    def counts(self) -> list[tuple[Status, int]]:
        """How many columns have each status, the loudest first, without empty ones."""
        statuses = [view.column.status for view in self.columns]
        return [(s, statuses.count(s)) for s in LOUD_FIRST if s in statuses]


@dataclass(frozen=True, slots=True)
class Run:
    """The reports made of the same two data sets."""

    commands: tuple[str, ...]
    timestamps: tuple[str, ...]
    reference: DatasetInfo | None
    current: DatasetInfo
    windows: WindowsInfo | None


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """Checks that were not evaluated for the same reason."""

    reason: str
    harmless: bool
    places: tuple[str, ...]


def sections(reports: Sequence[Report]) -> list[Section]:
    """Return the parts of the page in reading order."""
    found = [part for i, report in enumerate(reports) for part in _sections(report, i)]
    order = ("features", "predictions", "performance")
    return sorted(found, key=lambda part: order.index(part.kind))


def _sections(report: Report, number: int) -> Iterator[Section]:
    for kind, columns in (("features", report.features), ("predictions", report.predictions)):
        if columns:
            anchor = f"{kind}-{number + 1}"
            views = column_views(columns, anchor, report.windows)
            yield Section(
                kind, anchor, kind.capitalize(), report, views, _methods(columns.values())
            )
    if report.performance is not None:
        yield Section(
            "performance",
            f"performance-{number + 1}",
            "Performance",
            report,
            performance=report.performance,
        )


def column_views(
    columns: Mapping[str, ColumnResult], anchor: str, windows: WindowsInfo | None = None
) -> tuple[ColumnView, ...]:
    """Return columns by severity, then by effect as a multiple of the threshold, then as given."""
    views = []
    for column in columns.values():
        worst = max(column.checks, key=lambda check: ratio(check) or 0.0, default=None)
        far = ratio(worst) if worst is not None else None
        views.append((column, worst if far is not None else None, far))
    views.sort(key=lambda view: (-view[0].status.severity, -(view[2] or 0.0)))
    return tuple(
        ColumnView(f"{anchor}-{i + 1}", column, worst, far, course(column, windows))
        for i, (column, worst, far) in enumerate(views)
    )


def ratio(check: Decision) -> float | None:
    """Return the effect as a multiple of its threshold, ``None`` where either is missing."""
    size = check.result.effect
    if size is None or check.threshold is None or check.threshold.value <= 0:
        return None
    return size / check.threshold.value


def _methods(columns: Iterable[ColumnResult]) -> tuple[str, ...]:
    """Return the methods in the order of the checks; missing last, beside the missing rates.

    What only says why a column was not compared (``schema``) is told by its status, not measured.
    """
    found = dict.fromkeys(
        check.result.method for column in columns for check in column.checks if check.threshold
    )
    return tuple(sorted(found, key=lambda method: method == "missing"))


def verdict(reports: Sequence[Report], alerts: AlertReport | None) -> str:
    """Return what came out, in one sentence."""
    found = sections(reports)
    kinds = [section.kind for section in found]
    parts = [
        _verdict(section) + (_where(section) if kinds.count(section.kind) > 1 else "")
        for section in found
    ]
    if not parts and alerts is not None:
        parts = [plural(len(alerts.alerts), "alert")]
    sentence = "; ".join(parts) or "nothing was checked"
    return f"{sentence[0].upper()}{sentence[1:]}"


def tone(reports: Sequence[Report], alerts: AlertReport | None) -> Status:
    """Return the status that colours the verdict; what could not be checked is never ``ok``."""
    if any(report.drift_detected for report in reports) or (alerts is not None and alerts.alerts):
        return Status.DRIFT
    decisions = [decision for report in reports for decision in report.decisions()]
    if any(decision.blocking for decision in decisions) or (alerts and alerts.incomplete):
        return Status.NOT_EVALUATED
    heard = [d.status for d in decisions if d.status is not Status.NOT_EVALUATED]
    return max(heard, key=lambda status: status.severity, default=Status.NOT_EVALUATED)


def _where(section: Section) -> str:
    return f" in {harmless(section.report.current.source, 60)}"


def _verdict(section: Section) -> str:
    if section.performance is not None:
        return _performance_verdict(section.performance)
    columns = [view.column for view in section.columns]
    return (_features_verdict if section.kind == "features" else _predictions_verdict)(columns)


def _features_verdict(columns: Sequence[ColumnResult]) -> str:
    total = plural(len(columns), "feature")
    drifted = sum(column.drifted for column in columns)
    blocked = sum(any(check.blocking for check in column.checks) for column in columns)
    if not drifted and all(column.status is Status.NOT_EVALUATED for column in columns):
        return f"none of {total} could be checked"
    told = f"{drifted or 'none'} of {total} drifted"
    joint = ", " if drifted else ", but "
    return f"{told}{joint}{blocked} could not be fully checked" if blocked else told


def _predictions_verdict(columns: Sequence[ColumnResult]) -> str:
    statuses = {column.status for column in columns}
    if Status.DRIFT in statuses:
        return "predictions drifted"
    if any(check.blocking for column in columns for check in column.checks):
        return "predictions could not be fully checked"
    if Status.UNCERTAIN in statuses:
        return "predictions may have drifted"
    if Status.CHANGED in statuses:
        return "predictions changed by less than the threshold"
    return "predictions did not drift" if Status.OK in statuses else "predictions were not checked"


def _performance_verdict(performance: PerformanceResult) -> str:
    judged = [(metric, metric.decision) for metric in performance.metrics if metric.decision]
    worse = [metric for metric, decision in judged if decision.status is Status.DRIFT]
    if worse:
        return ", ".join(_fall(metric) for metric in worse[:MAX_METRICS_NAMED])
    if all(metric.current is None for metric in performance.metrics):
        return "performance could not be measured"
    if any(decision.blocking for _, decision in judged):
        return "performance could not be fully checked"
    held = any(d.threshold and d.status is not Status.NOT_EVALUATED for _, d in judged)
    return "performance held" if held else "performance was measured without a judgement"


def _fall(metric: MetricValue) -> str:
    what = label(metric.metric)
    if metric.current is not None and metric.reference is not None:
        way = "fell" if metric.current < metric.reference else "rose"
        return f"{what} {way} from {effect(metric.reference)} to {effect(metric.current)}"
    return f"{what} got worse"


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
        )
        for (reference, current, windows), group in groups.items()
    ]


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


def plural(amount: int, noun: str) -> str:
    """Return an amount with its noun."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"
