"""What of a result somebody must know, how loud, and whether it asks for retraining."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from driftcli.alerts.document import json_value, one_line
from driftcli.alerts.measures import MEASURES, RETRAIN, WATCH, Found
from driftcli.alerts.scope import unknown_in_rules
from driftcli.config import AlertRule, Alerts
from driftcli.errors import UsageError
from driftcli.model import Alert, AlertReport, Report, Severity
from driftcli.model.verdicts import beyond

# a prediction column whose effect is twice its threshold is as bad as it gets
TWICE = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in one source.

    Parameters
    ----------
    rule : AlertRule
    source : str
    severity : Severity
    found : Found
    """

    rule: AlertRule
    source: str
    severity: Severity
    found: Found

    def alert(self, timestamp: str, retrain: Severity) -> Alert:
        """Return it as an alert."""
        found = self.found
        asks = RETRAIN if self.severity.rank >= retrain.rank else WATCH
        values = {
            "count": str(len(found.columns)),
            "total": str(found.total),
            "share": f"{len(found.columns) / max(found.total, 1):.2g}",
            "columns": found.words,
            "value": f"{found.value:.4g}",
            "severity": self.severity.value,
            "source": self.source,
        }
        message, action = self.rule.message, self.rule.action
        counts = {"count": len(found.columns), "total": found.total}
        return Alert(
            timestamp=timestamp,
            type=self.rule.when,
            severity=self.severity,
            message=one_line(message.format(**values) if message else found.message),
            action=one_line(action.format(**values)) if action else found.actions[asks],
            details=json_value({"source": self.source, **found.details, **counts}),
            rule=self.rule.key,
        )


def rules_of(settings: Alerts) -> tuple[AlertRule, ...]:
    """Return the rules of a configuration: its own, or those that there are without."""
    if settings.rules:
        return tuple(map(_with_levels, settings.rules))
    levels = settings.severity
    low, medium, high = levels.low, levels.medium, levels.high
    drop, large = levels.medium_drop, levels.high_drop
    return (
        AlertRule(when="feature_drift", low=low, medium=medium, high=high),
        AlertRule(when="prediction_drift", medium=0.0, high=TWICE),
        AlertRule(when="performance_degradation", low=0.0, medium=drop, high=large),
        AlertRule(when="not_evaluated", medium=1.0),
        AlertRule(when="stale_input", medium=1.0),
    )


def _with_levels(rule: AlertRule) -> AlertRule:
    """Return a rule that says from when on, as the rule of its kind does without a word."""
    if any(level is not None for level in (rule.low, rule.medium, rule.high)):
        return rule
    usual = next((one for one in rules_of(Alerts()) if one.when == rule.when), rule)
    return replace(rule, low=usual.low, medium=usual.medium, high=usual.high)


def severity_of(rule: AlertRule, value: float) -> Severity | None:
    """Return how loud a value is by a rule; ``None`` where it is no alert."""
    levels = ((Severity.HIGH, rule.high), (Severity.MEDIUM, rule.medium), (Severity.LOW, rule.low))
    strict = rule.beyond
    for severity, level in levels:
        if level is not None and (beyond(value, level) if strict else not beyond(level, value)):
            return severity
    return None


def findings(
    reports: Sequence[tuple[str, Report]],
    rules: Sequence[AlertRule],
    skip: Mapping[str, Collection[str]] | None = None,
    stale: Found | None = None,
) -> list[Finding]:
    """Apply every rule to every report.

    Parameters
    ----------
    reports : sequence of (str, Report)
        Each report with the name of where it came from.
    rules : sequence of AlertRule
    skip : mapping of str to collection of str, optional
        By rule the columns that do not count.
    stale : Found, optional
        That the data are not those of now.

    Returns
    -------
    list of Finding
        The loudest first.
    """
    made = []
    for rule in rules:
        left_out = (skip or {}).get(rule.key, ())
        found: list[tuple[str, Found | None]]
        if rule.when == "stale_input":
            found = [("", stale)] if stale is not None and "" not in left_out else []
        else:
            measure = MEASURES[rule.when]
            found = [(source, measure(report, rule, left_out)) for source, report in reports]
        for source, one in found:
            severity = severity_of(rule, one.value) if one else None
            if one is not None and severity is not None:
                made.append(Finding(rule, source, severity, one))
    return sorted(made, key=lambda finding: -finding.severity.rank)


def reasons_to_retrain(
    found: Sequence[Finding], alerts: Sequence[Alert], settings: Alerts
) -> tuple[str, ...]:
    """Return the messages of what a new model would mend and that is loud enough."""
    return tuple(
        alert.message
        for finding, alert in zip(found, alerts, strict=True)
        if finding.found.retraining_helps and alert.severity.rank >= settings.retrain.rank
    )


def evaluate(
    reports: Sequence[tuple[str, Report]], settings: Alerts, timestamp: str, version: str
) -> AlertReport:
    """Apply the rules of a configuration to reports, without a memory of earlier ones.

    Parameters
    ----------
    reports : sequence of (str, Report)
        Each report with the name of where it came from; one alert a rule and report.
    settings : Alerts
        From when on something is an alert.
    timestamp : str
        When the rules were applied (ISO 8601).
    version : str
        Version of driftcli.

    Returns
    -------
    AlertReport
        The alerts, loudest first, and the decision to retrain.

    Raises
    ------
    UsageError
        Without a report: nothing evaluated is not "no alert".
    """
    if not reports:
        raise UsageError("there is no result to evaluate")
    found = findings(reports, rules_of(settings))
    alerts = tuple(finding.alert(timestamp, settings.retrain) for finding in found)
    reasons = reasons_to_retrain(found, alerts, settings)
    evaluated = [report for _, report in reports]
    parts = {report.command for report in evaluated}
    return AlertReport(
        timestamp=timestamp,
        driftcli_version=version,
        alerts=alerts,
        should_retrain=bool(reasons),
        retrain_reasons=reasons,
        incomplete=any(report.incomplete for report in evaluated),
        sources=tuple(source for source, _ in reports),
        warnings=tuple(unknown_in_rules(settings, evaluated, parts)),
    )
