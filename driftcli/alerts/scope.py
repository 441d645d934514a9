"""Names in rules and mutes that stand for nothing that was checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from driftcli.config import Alerts
from driftcli.errors import UsageError, did_you_mean
from driftcli.model import Report

COLUMNS = ("features", "predictions")
PARTS = {
    "feature_drift": ("features",),
    "missing_rate": COLUMNS,
    "prediction_drift": ("predictions",),
    "performance_degradation": ("performance",),
    "not_evaluated": (*COLUMNS, "performance"),
}


def unknown_in_rules(
    settings: Alerts, reports: Sequence[Report], parts: Collection[str]
) -> list[str]:
    """Tell names in rules that nothing of their kind bears, so that these never find it.

    Parameters
    ----------
    settings : Alerts
    reports : sequence of Report
    parts : collection of str
        Those that ran; of others nobody knows what they look at.
    """
    told = []
    for at, rule in enumerate(settings.rules):
        of_kind = PARTS.get(rule.when, ())
        if not set(of_kind).isdisjoint(parts):
            names = _judged(reports, of_kind, every=rule.when == "not_evaluated")
            told += _unknown(f"alerts.rules[{at}].columns", rule.columns, names)
    return told


def unknown_in_mutes(settings: Alerts, reports: Sequence[Report], now: str) -> list[str]:
    """Tell columns of mutes in force that nothing bears, so that these mute nothing.

    Parameters
    ----------
    settings : Alerts
    reports : sequence of Report
        Of all parts.
    now : str
        The time that the run stands for (ISO 8601, UTC).
    """
    parts = PARTS["not_evaluated"]
    names = _judged(reports, parts, every=True).union(parts)
    told = []
    for at, mute in enumerate(settings.mute):
        if mute.column is not None and (mute.until is None or mute.until >= now[:10]):
            told += _unknown(f"alerts.mute[{at}].column", (mute.column,), names)
    return told


def _judged(reports: Sequence[Report], parts: Collection[str], *, every: bool) -> set[str]:
    """Return the columns and metrics that parts judged, or also those that they looked at."""
    names: set[str] = set()
    for report in reports:
        if report.command not in parts:
            continue
        names.update(report.features, report.predictions)
        metrics = report.performance.metrics if report.performance is not None else ()
        names.update(m.metric for m in metrics if m.decision is not None and m.decision.threshold)
        if every:
            names.update(decision.column for decision in report.decisions())
            names.update(report.performance.columns.values() if report.performance else ())
    return names


def _unknown(place: str, names: Iterable[str], known: Collection[str]) -> list[str]:
    return [
        str(UsageError("not checked", path=place, column=name, hint=did_you_mean(name, known)))
        for name in names
        if name not in known
    ]
