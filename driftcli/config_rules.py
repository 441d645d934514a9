"""Whether rules, spans of time and mutes of a configuration make sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from string import Formatter

from driftcli.config import AlertRule, Config
from driftcli.durations import confirmation, duration
from driftcli.errors import UsageError, did_you_mean

FIELDS = ("count", "total", "share", "columns", "value", "severity", "source")


def faults_of(rules: Sequence[AlertRule]) -> list[tuple[int, str, str]]:
    """Return what is wrong with rules: which one, where, and why.

    Parameters
    ----------
    rules : sequence of AlertRule
    """
    faults = []
    seen: set[str] = set()
    for at, rule in enumerate(rules):
        if rule.key in seen:
            faults.append((at, "name", f"two rules are called {rule.key}"))
        seen.add(rule.key)
        levels = (rule.low, rule.medium, rule.high)
        given = [level for level in levels if level is not None]
        needs = rule.when == "missing_rate" or rule.by != "count"
        if needs and not given:
            faults.append((at, "when", "give low, medium or high: from when on is it an alert?"))
        if given != sorted(given):
            faults.append((at, "high", "low, medium and high must not fall"))
        if rule.by != "count" and rule.when != "feature_drift":
            faults.append((at, "by", f"says nothing about {rule.when}"))
        told = {"message": rule.message, "action": rule.action}
        wrong = {where: _template_fault(text) for where, text in told.items()}
        faults += [(at, where, reason) for where, reason in wrong.items() if reason]
    return faults


def _template_fault(template: str | None) -> str | None:
    """Return why a template cannot be filled in: only plain names in braces can."""
    try:
        parts = list(Formatter().parse(template or ""))
    except ValueError as error:
        return f"{error}; write {{{{ for a brace"
    for _, name, spec, conversion in parts:
        if name is not None and (name not in FIELDS or spec or conversion):
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            return f"{{{name}}} is not known; known are {known}"
    return None


def alert_faults(config: Config) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield what is wrong with alerts and the store: the path of the key, why, and a hint.

    Parameters
    ----------
    config : Config
    """
    alerts = config.alerts
    for at, where, reason in faults_of(alerts.rules):
        yield ("alerts", "rules", at, where), reason, ""
    for path, text, read in (
        (("alerts", "confirm"), alerts.confirm, confirmation),
        (("alerts", "cooldown"), alerts.cooldown, duration),
        (("alerts", "max_age"), alerts.max_age, duration),
        (("store", "wait"), config.store.wait, duration),
    ):
        try:
            _ = text is not None and read(text)
        except UsageError as error:
            yield path, error.message, error.hint
    names = [rule.key for rule in alerts.rules]
    for at, mute in enumerate(alerts.mute):
        if mute.rule is not None and names and mute.rule not in names:
            yield ("alerts", "mute", at, "rule"), "no such rule", did_you_mean(mute.rule, names)
        if mute.until is not None and not _is_day(mute.until):
            yield ("alerts", "mute", at, "until"), "expected a day", "write '2026-12-31' in quotes"
    if config.store.path is not None and config.store.url_env is not None:
        yield ("store", "url_env"), "a file and a database", "give one of them"


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
