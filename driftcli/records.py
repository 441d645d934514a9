"""The rows of a store as values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of a run; the p-value is the adjusted one."""

    section: str
    name: str
    method: str
    statistic: float | None
    effect: float | None
    threshold: float | None
    pvalue: float | None
    status: str


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of current in a run."""

    section: str
    name: str
    kind: str | None
    status: str
    n_current: int | None
    missing: int | None
    mean: float | None
    std: float | None
    categories: int | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of a run with its interval; the effect is the drop."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    reference: float | None
    effect: float | None
    threshold: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a monitor.

    Parameters
    ----------
    id : str
    monitor : str
    at : str
        The time that it stands for (ISO 8601, UTC).
    finished : str
    driftcli_version : str
    sources : str
        What was read, as JSON.
    fingerprint : str
        Of each part, as JSON: the same for current data of equal content.
    n_reference, n_current : int or None
    status : str
        The loudest verdict.
    should_retrain : bool
    alerts : str
        The document of its alerts, as JSON.
    checks, columns, metrics : tuple
        Read only where they are asked for.
    """

    id: str
    monitor: str
    at: str
    finished: str
    driftcli_version: str
    sources: str
    fingerprint: str
    n_reference: int | None
    n_current: int | None
    status: str
    should_retrain: bool
    alerts: str
    checks: tuple[CheckRow, ...] = field(default=(), repr=False)
    columns: tuple[ColumnRow, ...] = field(default=(), repr=False)
    metrics: tuple[MetricRow, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """What is remembered of one rule and column of a monitor."""

    rule: str
    name: str
    severity: str
    seen: str
    first: str
    is_open: bool
    announced: bool
    told: str | None
    told_severity: str | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That somebody knows of an alert; ``name`` is a column or metric, ``*`` all of a rule.

    ``until`` is the last moment of it (ISO 8601, UTC).
    """

    monitor: str
    rule: str
    name: str
    until: str
    note: str
    made: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice on its way to one channel.

    Parameters
    ----------
    id : str
        Of the notice; with the channel it is unique.
    channel : str
        By its name, which holds no address.
    monitor : str
    created : str
    document : str
        The alerts, as JSON.
    attempts : int
    outcome : {"waiting", "sent", "given up"}
    reason : str
        Why the last attempt failed.
    """

    id: str
    channel: str
    monitor: str
    created: str
    document: str
    attempts: int = 0
    outcome: str = "waiting"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """One point of a history: a check or a metric in one run."""

    run: str
    monitor: str
    at: str
    section: str
    name: str
    method: str
    effect: float | None
    threshold: float | None
    pvalue: float | None
    status: str
