"""What a run can be told, as frozen values with their defaults.

These are plain dataclasses, so that a run without a YAML file pays for no validation library;
:mod:`driftcli.config_file` turns YAML into them and checks every field against its annotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from driftcli.model import Correction, DecisionPolicy, ReadOptions, Rule, Severity

Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Kind = Literal["numeric", "categorical", "boolean", "datetime"]
Task = Literal["binary", "multiclass", "regression", "ranking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns are checked and how they are read."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    types: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSettings:
    """The rule, the correction over all checks, and how sure to be."""

    rule: Rule = "evident"
    correction: Correction = "holm"
    alpha: Annotated[float, Gt(0), Le(0.5)] = 0.05
    min_rows: Annotated[int, Ge(2)] = 30

    @property
    def policy(self) -> DecisionPolicy:
        """The same, as the value that :mod:`driftcli.decide` takes."""
        return DecisionPolicy(self.rule, self.correction, self.alpha, self.min_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What ``predictions`` looks at."""

    column: tuple[str, ...] = ()
    scale: Literal["sd", "relative", "absolute"] = "sd"
    mean_shift: NonNegative | None = None
    std_shift: NonNegative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What ``performance`` looks at."""

    label: str = "label"
    score: str | tuple[str, ...] | None = None
    prediction: str | None = None
    group: str | None = None
    task: Task | None = None
    positive: str | int | bool | None = None
    cutoff: float = 0.5
    k: Annotated[int, Ge(1)] = 10
    labels: str | None = None
    join_on: str | None = None
    min_label_share: Share = 0.5
    max_drop: Mapping[str, NonNegative | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeverity:
    """How many drifted columns make an alert of each severity, and which drop of a metric."""

    low: Annotated[int, Ge(1)] = 1
    medium: Annotated[int, Ge(1)] = 2
    high: Annotated[int, Ge(1)] = 5
    medium_drop: NonNegative = 0.05
    high_drop: NonNegative = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go; the address itself stands only in the environment."""

    url_env: str
    type: str = "webhook"
    min_severity: Severity = Severity.LOW
    timeout: Positive = 5.0
    retries: Annotated[int, Ge(0), Le(10)] = 3
    allow_http: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """When somebody must know, and who."""

    severity: AlertSeverity = field(default_factory=AlertSeverity)
    min_drifted: Annotated[int, Ge(1)] = 1
    retrain: Severity = Severity.MEDIUM
    send: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """How text files are read."""

    delimiter: str = ReadOptions().delimiter
    encoding: str = ReadOptions().encoding
    null_values: tuple[str, ...] = ReadOptions().null_values
    max_rows: Annotated[int, Ge(1)] | None = None
    format: Literal["parquet", "csv", "jsonl", "arrow", "orc"] | None = None

    @property
    def options(self) -> ReadOptions:
        """The same, as the value that :mod:`driftcli.sources` takes."""
        return ReadOptions(
            self.delimiter, self.encoding, self.null_values, self.max_rows, self.format
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One monitor; every field has a default that is right for most."""

    version: Literal[1] = 1
    reference: str | None = None
    current: str | None = None
    columns: Columns = field(default_factory=Columns)
    thresholds: Mapping[str, NonNegative] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, NonNegative]] = field(default_factory=dict)
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    predictions: Predictions = field(default_factory=Predictions)
    performance: Performance = field(default_factory=Performance)
    alerts: Alerts = field(default_factory=Alerts)
    input: Input = field(default_factory=Input)
