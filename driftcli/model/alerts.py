"""What there is to tell, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from driftcli.model.report import SCHEMA_VERSION
from driftcli.model.verdicts import Severity


class AlertState(StrEnum):
    """How an alert stands in the memory of a monitor.

    ``pending`` waits to be seen often enough to count, ``muted`` and ``acknowledged`` are told to
    nobody.
    """

    PENDING = "pending"
    NEW = "new"
    STILL = "still"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody must know.

    Parameters
    ----------
    timestamp : str
        When the rules were applied (ISO 8601).
    type : str
        What kind of thing, such as ``feature_drift``.
    severity : Severity
    message, action : str
        What is wrong, and what to do.
    details : mapping
        Further named values (JSON values only).
    rule : str
        The rule that found it; the type where the rule has no name of its own.
    state : AlertState, optional
        ``None`` where nobody remembers earlier runs.
    since : str, optional
        When it was first seen, of what goes on (ISO 8601).
    columns : mapping of str to AlertState
        The columns or metrics it is about, each with its own state.
    """

    timestamp: str
    type: str
    severity: Severity
    message: str
    action: str
    details: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""
    state: AlertState | None = None
    since: str | None = None
    columns: Mapping[str, AlertState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertReport:
    """The alerts of a run and the decision to retrain, with its reasons.

    Parameters
    ----------
    timestamp, driftcli_version : str
    alerts : tuple of Alert
        The loudest first.
    should_retrain : bool
    retrain_reasons : tuple of str
    incomplete : bool
        Whether a check could not be evaluated.
    sources : tuple of str
    warnings : tuple of str
    id : str
        The same for every try to deliver it, so that a receiver can tell a repetition.
    monitor : str, optional
        What was monitored, by the name that its users gave it.
    link : str, optional
        Where the report can be read.
    """

    timestamp: str
    driftcli_version: str
    alerts: tuple[Alert, ...]
    should_retrain: bool
    retrain_reasons: tuple[str, ...] = ()
    incomplete: bool = False
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    id: str = ""
    monitor: str | None = None
    link: str | None = None
    schema_version: str = SCHEMA_VERSION

    @property
    def severity(self) -> Severity | None:
        """The loudest severity, ``None`` without alerts."""
        return max((alert.severity for alert in self.alerts), key=lambda s: s.rank, default=None)
