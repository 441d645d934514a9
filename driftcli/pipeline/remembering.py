"""What was found meets what is remembered: how each alert stands, and what is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from driftcli import __version__
from driftcli.alerts.measures import Found
from driftcli.alerts.memory import OPEN, Key, Memory, Patience, Step, step
from driftcli.alerts.rules import Finding, findings, reasons_to_retrain, rules_of
from driftcli.alerts.scope import PARTS
from driftcli.config import AlertRule, Alerts
from driftcli.durations import confirmation, duration
from driftcli.model import Alert, AlertReport, AlertState, Report, Severity, Status
from driftcli.store import Acknowledgement

Named = Sequence[tuple[str, Report]]
ANY = "*"
AT_ONCE = ("not_evaluated", "stale_input")
# the state of an alert about several columns is that of the first of these that one of them has
LOUDEST = (
    AlertState.NEW,
    AlertState.STILL,
    AlertState.PENDING,
    AlertState.ACKNOWLEDGED,
    AlertState.MUTED,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a run found, and what was known before.

    Parameters
    ----------
    reports : sequence of (str, Report)
        With the names of where they came from.
    settings : Alerts
    monitor : str
    now : str
        The time that the run stands for (ISO 8601, UTC).
    memories : mapping of (rule, column) to Memory
    known : sequence of Acknowledgement
    stale : Found, optional
        That the data are not those of now.
    same : collection of str
        The parts whose data are those of the last run: what they show was counted then.
    failed : mapping of str to str
        Parts that could not run, and why.
    link : str, optional
    warnings : tuple of str
    """

    reports: Named
    settings: Alerts
    monitor: str
    now: str
    memories: Mapping[Key, Memory]
    known: Sequence[Acknowledgement] = ()
    stale: Found | None = None
    same: Collection[str] = ()
    failed: Mapping[str, str] | None = None
    link: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a run leaves behind: all alerts, the notice to send if any, and the memory."""

    alerts: AlertReport
    notice: AlertReport | None
    memories: Mapping[Key, Memory]


def told(run: str, situation: Situation) -> Told:
    """Decide how each alert stands and what is told.

    Parameters
    ----------
    run : str
        The id of the run, which is that of its notice.
    situation : Situation
    """
    settings, rules = situation.settings, rules_of(situation.settings)
    whole = _found(situation, rules)
    severities = _severities(whole)
    loud = _found(situation, rules, _hushed(_gone(situation, rules, severities)))
    # what nobody is told of makes nothing louder, nor is anything told that needs it to be an alert
    heard = _severities(loud)
    gone = _gone(situation, rules, {**severities, **heard}, heard)
    alerts = [finding.alert(situation.now, settings.retrain) for finding in loud]
    acted = _to_act_on(situation, rules, gone, loud)
    reasons = reasons_to_retrain(
        acted, [f.alert(situation.now, settings.retrain) for f in acted], settings
    )
    report = AlertReport(
        timestamp=situation.now,
        driftcli_version=__version__,
        alerts=(),
        should_retrain=bool(reasons),
        retrain_reasons=reasons,
        incomplete=bool(situation.failed) or any(r.incomplete for _, r in situation.reports),
        sources=tuple(name for name, _ in situation.reports),
        id=run,
        monitor=situation.monitor,
        link=situation.link,
        warnings=situation.warnings,
    )
    over = [key for key, state in gone.states.items() if state is AlertState.RESOLVED]
    shown = [
        _with_state(finding.alert(situation.now, settings.retrain), finding, gone)
        for finding in (_known_too(situation, rules, gone.states) if situation.same else whole)
    ]
    to_tell = [
        _with_state(alert, finding, gone)
        for alert, finding in zip(alerts, loud, strict=True)
        if any((finding.rule.key, column) in gone.tell for column in finding.found.columns)
    ]
    to_tell += _resolved(situation, [key for key in over if key in gone.tell])
    notice = replace(report, alerts=_ordered(to_tell)) if to_tell else None
    shown += _resolved(situation, over)
    return Told(replace(report, alerts=_ordered(shown)), notice, gone.memories)


def _gone(
    situation: Situation,
    rules: Sequence[AlertRule],
    severities: Mapping[Key, Severity],
    loud: Collection[Key] | None = None,
) -> Step:
    return step(
        situation.memories,
        severities,
        _unknown(situation, rules),
        _quiet(situation, {*situation.memories, *severities}),
        situation.now,
        _patience(situation),
        loud,
    )


def _severities(found: Sequence[Finding]) -> dict[Key, Severity]:
    """Return how loud each column is: as loud as the loudest finding that names it."""
    return {(f.rule.key, name): f.severity for f in reversed(found) for name in f.found.columns}


def _hushed(gone: Step) -> dict[str, list[str]]:
    """Return by rule the columns that do not count."""
    hushed: dict[str, list[str]] = {}
    for (rule, column), state in gone.states.items():
        if state not in OPEN:
            hushed.setdefault(rule, []).append(column)
    return hushed


def _found(
    situation: Situation,
    rules: Sequence[AlertRule],
    skip: Mapping[str, Collection[str]] | None = None,
) -> list[Finding]:
    """Return what this run found that the last did not count."""
    reports = [(name, r) for name, r in situation.reports if r.command not in situation.same]
    return _found_in(reports, situation, rules, skip or {})


def _found_in(
    reports: Named,
    situation: Situation,
    rules: Sequence[AlertRule],
    skip: Mapping[str, Collection[str]],
) -> list[Finding]:
    found = findings(reports, rules, skip, situation.stale)
    for rule in rules:
        failed = {
            part: why
            for part, why in (situation.failed or {}).items()
            if part not in skip.get(rule.key, ())
        }
        if rule.when == "not_evaluated" and failed:
            found.append(Finding(rule, situation.monitor, Severity.MEDIUM, _failure(failed)))
    return sorted(found, key=lambda finding: -finding.severity.rank)


def _known_too(
    situation: Situation, rules: Sequence[AlertRule], keys: Collection[Key]
) -> list[Finding]:
    """Return what there is of some keys, the last run's too."""
    skip = {
        finding.rule.key: [
            name for name in finding.found.columns if (finding.rule.key, name) not in keys
        ]
        for finding in _found_in(situation.reports, situation, rules, {})
    }
    return _found_in(situation.reports, situation, rules, skip)


def _to_act_on(
    situation: Situation, rules: Sequence[AlertRule], gone: Step, loud: list[Finding]
) -> list[Finding]:
    """Return what may call for a new model: not what stale data show, but what still holds."""
    if not situation.same or len(situation.same) == len(situation.reports):
        return loud
    return _known_too(situation, rules, {k for k, state in gone.states.items() if state in OPEN})


def _failure(failed: Mapping[str, str]) -> Found:
    words = "; ".join(f"{part}: {why}" for part, why in failed.items())
    advice = "mend the data or the configuration, then check again: these may have drifted unseen"
    message = f"{len(failed)} {'part' if len(failed) == 1 else 'parts'} could not run: {words}"
    details = {"failed": dict(failed)}
    parts = tuple(failed)
    return Found(parts, len(parts), 3, words, message, (advice, advice), details, False)


def _unknown(situation: Situation, rules: Sequence[AlertRule]) -> set[Key]:
    """Return what is remembered and could not be looked at, or was counted by the last run."""
    kinds = {rule.key: rule.when for rule in rules}
    failed, same = situation.failed or {}, situation.same
    looked_at = {p for _, r in situation.reports if r.command not in same for p in _looked_at(r)}
    blocked = {place for _, report in situation.reports for place in _not_evaluated(report)}
    unknown = set()
    for rule, column in situation.memories:
        kind = kinds.get(rule, "")
        parts = PARTS.get(kind, ())
        places = {(part, column) for part in parts}
        lost = not {*failed, *same}.isdisjoint(parts) and places.isdisjoint(looked_at)
        stuck = kind != "not_evaluated" and not places.isdisjoint(blocked)
        if lost or stuck:
            unknown.add((rule, column))
    return unknown


def _looked_at(report: Report) -> set[tuple[str, str]]:
    """Return the columns that a report speaks of, and itself: a part that ran is no alert."""
    checked = (decision.column for decision in report.decisions())
    names = {report.command, *report.features, *report.predictions, *checked}
    return {(report.command, name) for name in names}


def _not_evaluated(report: Report) -> set[tuple[str, str]]:
    """Return the columns and metrics of which a report could not judge anything."""
    columns = {**report.features, **report.predictions}
    statuses = {name: column.status for name, column in columns.items()}
    for metric in report.performance.metrics if report.performance is not None else ():
        if metric.decision is not None:
            statuses[metric.metric] = metric.decision.status
    blocked = (name for name, status in statuses.items() if status is Status.NOT_EVALUATED)
    return {(report.command, name) for name in blocked}


def _quiet(situation: Situation, keys: Collection[Key]) -> dict[Key, AlertState]:
    """Return what nobody is told of: what a file mutes, and what somebody acknowledged."""
    day = situation.now[:10]
    mutes = [m for m in situation.settings.mute if m.until is None or m.until >= day]
    quiet = {}
    for rule, column in keys:
        if any(m.rule in (None, rule) and m.column in (None, column) for m in mutes):
            quiet[rule, column] = AlertState.MUTED
        elif any(k.rule in (ANY, rule) and k.name in (ANY, column) for k in situation.known):
            quiet[rule, column] = AlertState.ACKNOWLEDGED
    return quiet


def _patience(situation: Situation) -> Callable[[str], Patience]:
    """Return how patient each rule is; what is no sample is no noise, and waits for nothing."""
    settings = situation.settings
    often, runs = confirmation(settings.confirm)
    usual = Patience(often, runs, duration(settings.cooldown))
    at_once = Patience(cooldown=usual.cooldown)
    kinds = {rule.key: rule.when for rule in rules_of(settings)}
    return lambda rule: at_once if kinds.get(rule) in AT_ONCE else usual


def _with_state(alert: Alert, finding: Finding, gone: Step) -> Alert:
    """Return an alert with the states of its columns."""
    states = {
        column: gone.states[finding.rule.key, column]
        for column in finding.found.columns
        if (finding.rule.key, column) in gone.states
    }
    state = next((loud for loud in LOUDEST if loud in states.values()), None)
    firsts = [gone.memories[finding.rule.key, column].first for column in states]
    return replace(alert, state=state, since=min(firsts, default=None), columns=states)


def _resolved(situation: Situation, keys: Sequence[Key]) -> list[Alert]:
    """Return an alert for each rule of which something is over."""
    over: dict[str, list[str]] = {}
    for rule, column in keys:
        over.setdefault(rule, []).append(column)
    kinds = {rule.key: rule.when for rule in rules_of(situation.settings)}
    alerts = []
    for rule, columns in over.items():
        before = [situation.memories[rule, column] for column in columns]
        since = min(memory.first for memory in before)
        named = ", ".join(filter(None, columns)) or "the data are those of now again"
        alerts.append(
            Alert(
                timestamp=situation.now,
                type=kinds.get(rule, rule),
                severity=max((memory.severity for memory in before), key=lambda s: s.rank),
                message=f"over: {named} (since {since[:16]})",
                action="nothing to do",
                details={"count": len(columns)},
                rule=rule,
                state=AlertState.RESOLVED,
                since=since,
                columns=dict.fromkeys(columns, AlertState.RESOLVED),
            )
        )
    return alerts


def _ordered(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the alerts, what goes on before what is over, and the loudest first."""
    return tuple(sorted(alerts, key=lambda a: (a.state is AlertState.RESOLVED, -a.severity.rank)))
