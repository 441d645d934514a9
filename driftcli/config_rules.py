"""Whether rules, spans of time and mutes of a configuration make sense."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from string import Formatter

from driftcli.config import AlertRule, Config
from driftcli.config_fields import known_metrics
from driftcli.durations import confirmation, duration
from driftcli.errors import UsageError, did_you_mean
from driftcli.yaml_words import shown

COUNTED = {"feature_drift": "columns (by: share takes shares)", "not_evaluated": "checks"}
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
        found = (*_scope_faults(rule), *_level_faults(rule), *_text_faults(rule))
        faults += [(at, where, reason) for where, reason in found]
    return faults


def _scope_faults(rule: AlertRule) -> Iterator[tuple[str, str]]:
    """Yield what a rule says that its kind cannot mean."""
    if rule.by != "count" and rule.when != "feature_drift":
        yield "by", f"says nothing about {rule.when}"
    if rule.columns and rule.when == "stale_input":
        yield "columns", f"says nothing about {rule.when}"
    metrics = known_metrics()
    for name in rule.columns if rule.when == "performance_degradation" else ():
        if name not in metrics:
            known = did_you_mean(name, metrics) or f"known metrics: {', '.join(metrics)}"
            yield "columns", f"unknown metric {shown(name)}. {known}"


def _level_faults(rule: AlertRule) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the levels, those that nothing can reach included."""
    levels = {"low": rule.low, "medium": rule.medium, "high": rule.high}
    given = {name: level for name, level in levels.items() if level is not None}
    needs = rule.when == "missing_rate" or rule.by != "count"
    if needs and not given:
        yield "when", "give low, medium or high: from when on is it an alert?"
    if list(given.values()) != sorted(given.values()):
        yield "high", "low, medium and high must not fall"
    for name, level in given.items():
        if reason := _out_of_reach(rule, level):
            yield name, f"{reason}, got {level:g}"


def _out_of_reach(rule: AlertRule, level: float) -> str | None:
    """Return why no value that a rule looks at can be at a level, or is none of its unit."""
    if rule.by == "count" and rule.when in COUNTED and level % 1:
        return f"must be a whole number of {COUNTED[rule.when]}"
    largest, what = _largest(rule)
    if rule.beyond:
        return f"must be below {largest:g}, {what}" if level >= largest else None
    return f"must be at most {largest:g}, {what}" if level > largest else None


def _largest(rule: AlertRule) -> tuple[float, str]:
    """Return the largest value that a rule can find, and what that is."""
    if rule.when == "stale_input":
        return 1, "what stale data count"
    if rule.when == "missing_rate":
        return 1, "the highest rate"
    if rule.by != "count":
        return 1, "the share of all"
    if rule.when == "feature_drift" and rule.columns:
        return len(set(rule.columns)), "the number of columns named"
    if rule.when == "performance_degradation":
        named = [known_metrics().get(name) for name in rule.columns]
        drops = [metric.largest_drop if metric else None for metric in named]
        return max((drop or math.inf for drop in drops), default=math.inf), "the largest drop"
    return math.inf, ""


def _text_faults(rule: AlertRule) -> Iterator[tuple[str, str]]:
    for where, text in (("message", rule.message), ("action", rule.action)):
        if reason := _template_fault(text):
            yield where, reason


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
