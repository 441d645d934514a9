"""The frozen values that flow through driftcli; every renderer, rule and channel reads only these.

Nothing here computes, reads or writes. Statistics appear under the field's standard names
(``statistic``, ``pvalue``, ``reference``, ``current``). No value is ever NaN: what could not be
computed is ``None`` and a :class:`Skip` says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

SCHEMA_VERSION = "1.0"

Rule = Literal["evident", "threshold", "certain"]
Correction = Literal["holm", "bh", "none"]


class ColumnKind(StrEnum):
    """How the values of a column are compared; decided once, on the reference."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"


class Status(StrEnum):
    """What one check came to, from quiet to loud.

    ``changed`` is significant but below the threshold, ``uncertain`` above the threshold but
    possibly chance. ``not_evaluated`` is never ``ok``.
    """

    OK = "ok"
    CHANGED = "changed"
    UNCERTAIN = "uncertain"
    NOT_EVALUATED = "not_evaluated"
    DRIFT = "drift"

    @property
    def severity(self) -> int:
        """Rank from 0 (``ok``) to 4 (``drift``), for sorting."""
        return _LOUDNESS[self]


class Severity(StrEnum):
    """How loud an alert is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Rank from 0 (``low``) to 2 (``high``), for comparing."""
        return _LOUDNESS[self]


_LOUDNESS: dict[StrEnum, int] = {
    member: rank for kind in (Status, Severity) for rank, member in enumerate(kind)
}


@dataclass(frozen=True, slots=True)
class Skip:
    """Why something was not evaluated.

    ``harmless`` reasons are no fault of the data (an identifier, a type that nobody asked to
    compare); they are told as warnings and leave the exit code alone.
    """

    reason: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What a method says of one column; it knows no threshold.

    Parameters
    ----------
    method : str
        Name in the registry of methods or metrics.
    statistic : float or None
        The raw statistic (D, PSI, chi-square, z, the metric's current value).
    effect : float or None
        How big the difference is, on the scale of the threshold; larger is worse.
    pvalue : float or None
        The probability of such a statistic if nothing had changed.
    n_reference, n_current : int
        Rows with a value on each side.
    error_bound : float
        The effect is at least ``effect`` and at most ``effect + error_bound``; 0 where exact.
    interval : tuple of float, optional
        Confidence interval of the effect at the level of the run (``1 - alpha``, default 95 %).
    details : mapping
        Further named numbers (JSON values only).
    skip : Skip, optional
        Why nothing could be computed; then ``effect`` is ``None``.
    """

    method: str
    statistic: float | None
    effect: float | None
    pvalue: float | None
    n_reference: int
    n_current: int
    error_bound: float = 0.0
    interval: tuple[float, float] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    skip: Skip | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """The effect beyond which a difference matters, and who said so."""

    value: float
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """When a difference is called drift.

    Parameters
    ----------
    rule : str
        ``evident`` asks for an effect above the threshold that is not chance; ``threshold`` looks
        at the effect alone; ``certain`` asks that the lower confidence bound of the effect exceeds
        the threshold.
    correction : str
        How p-values are adjusted for the number of checks in a run: ``holm`` (Holm), ``bh``
        (Benjamini-Hochberg), or ``none``.
    alpha : float
        A difference counts as more than chance where the adjusted p-value is below this.
    min_rows : int
        A check with fewer values than this on either side is not evaluated.
    """

    rule: Rule = "evident"
    correction: Correction = "holm"
    alpha: Annotated[float, Gt(0), Le(0.5)] = 0.05
    min_rows: Annotated[int, Ge(2)] = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """Where current stands among the windows of the reference.

    Parameters
    ----------
    pvalue : float or None
        The share of windows that differ as much from the others, current counted among them; of
        this check alone.
    larger_than, of : int
        In so many of so many windows the effect was smaller.
    windows : str
        What they are, such as ``days of the reference``.
    one : str
        What one of them is, such as ``a day`` or ``a Monday``.
    needed : int
        How many windows a verdict takes at the run's alpha.
    """

    pvalue: float | None
    larger_than: int
    of: int
    windows: str
    one: str
    needed: int


@dataclass(frozen=True, slots=True)
class Since:
    """The window in which a change began, and between which it did with 95 % confidence.

    ``before`` tells that it began before the first window.
    """

    window: str
    earliest: str
    latest: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One check in every window of current, in order of time.

    Parameters
    ----------
    effects : tuple of float or None
        ``None`` where a window has too few rows.
    pvalues : tuple of float or None
        Among the windows of the reference, adjusted for all checks of the run.
    flagged : tuple of bool
        Above the threshold, and not chance.
    slope : float, optional
        Change of the effect from one window to the next (Theil-Sen).
    slope_pvalue : float, optional
        Of Mann and Kendall's test that there is no trend.
    since : Since, optional
        Where the last window drifted.
    """

    effects: tuple[float | None, ...]
    pvalues: tuple[float | None, ...]
    flagged: tuple[bool, ...]
    slope: float | None = None
    slope_pvalue: float | None = None
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One check, judged.

    Parameters
    ----------
    column : str
        The column checked.
    result : MethodResult
        What was measured.
    threshold : Threshold or None
        ``None`` where there is nothing to compare with (schema).
    pvalue_adjusted : float or None
        ``result.pvalue`` after the correction over all checks of the run.
    pvalue_from : {"rows", "windows"}
        Where the null distribution came from; ``rows`` takes rows as independent.
    status : Status
    reason : str
        The verdict in words.
    standing : Standing, optional
        Where p-values are from windows.
    series : Series, optional
        Where current has more than one window.
    """

    column: str
    result: MethodResult
    threshold: Threshold | None
    pvalue_adjusted: float | None
    pvalue_from: Literal["rows", "windows"]
    status: Status
    reason: str
    standing: Standing | None = None
    series: Series | None = None

    @property
    def blocking(self) -> bool:
        """Whether this check should have been evaluated and was not."""
        skip = self.result.skip
        return self.status is Status.NOT_EVALUATED and not (skip and skip.harmless)

    @property
    def ratio(self) -> float:
        """The effect as a multiple of its threshold, for ranking; -1 without either."""
        if self.result.effect is None or self.threshold is None:
            return -1.0
        return self.result.effect / max(self.threshold.value, 1e-12)


@dataclass(frozen=True, slots=True)
class ColumnStats:
    """Descriptive numbers of one column on one side.

    Mean and standard deviation (n - 1) are of the finite values; ``count`` are the rows with a
    value, infinite ones included.
    """

    count: int
    missing: int
    mean: float | None = None
    std: float | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    positive_infinite: int = 0
    negative_infinite: int = 0
    categories: int | None = None

    @property
    def missing_share(self) -> float | None:
        """Missing rows as a share of all, ``None`` without rows."""
        rows = self.count + self.missing
        return self.missing / rows if rows else None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Both sides of one column, ready to draw.

    ``edges`` has one more entry than ``reference`` for numbers and is empty for categories, where
    ``labels`` names the bars (the last may gather the rest). Both sides are counts of rows.
    """

    reference: tuple[int, ...]
    current: tuple[int, ...]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnResult:
    """Everything found out about one column.

    ``new_categories`` and ``vanished_categories`` name at most a hundred, those with most rows
    first; the counts are of all.
    """

    name: str
    kind: ColumnKind | None
    checks: tuple[Decision, ...]
    reference: ColumnStats | None = None
    current: ColumnStats | None = None
    distribution: Distribution | None = None
    new_categories: tuple[str, ...] = ()
    vanished_categories: tuple[str, ...] = ()
    new_category_count: int = 0
    vanished_category_count: int = 0
    importance: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """The loudest status of the checks that count; ``ok`` only where the values were compared.

        A harmless skip does not count while another check compared the values; how many are missing
        is no comparison of them.
        """
        told = [c.status for c in self.checks if c.blocking or c.status is not Status.NOT_EVALUATED]
        loudest = max(told, key=lambda status: status.severity, default=Status.NOT_EVALUATED)
        compared = any(
            check.status is not Status.NOT_EVALUATED and check.result.method != "missing"
            for check in self.checks
        )
        return loudest if compared or loudest is not Status.OK else Status.NOT_EVALUATED

    @property
    def drifted(self) -> bool:
        """Whether any check of this column says drift."""
        return self.status is Status.DRIFT

    @property
    def drift_reason(self) -> str | None:
        """The reasons of the checks that say drift, in words; ``None`` without drift."""
        reasons = [check.reason for check in self.checks if check.status is Status.DRIFT]
        return "; ".join(reasons) or None

    @property
    def leading(self) -> Decision | None:
        """The check that says most: the loudest, and of these the farthest beyond its threshold."""

        def loudness(check: Decision) -> tuple[float, float]:
            harmless = check.status is Status.NOT_EVALUATED and not check.blocking
            schema = check.result.method == "schema"
            return ((0.5 if schema else -1) if harmless else check.status.severity, check.ratio)

        return max(self.checks, key=loudness, default=None)

    @property
    def rank(self) -> tuple[float, float, str]:
        """Sort key that puts the loudest column first, and of these the largest effect."""
        leading = self.leading
        loudness = 0.5 if self.skipped else self.status.severity
        return (-loudness, -leading.ratio if leading else 1.0, self.name)

    @property
    def skipped(self) -> bool:
        """Whether the values were left out of the comparison for a harmless reason."""
        blocked = any(check.blocking for check in self.checks)
        return self.status is Status.NOT_EVALUATED and not blocked

    def check(self, method: str) -> Decision | None:
        """Return the check of that method, or ``None``."""
        return next((check for check in self.checks if check.result.method == method), None)


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One performance metric, with its interval and the judged drop where there is a baseline.

    Parameters
    ----------
    metric : str
        Name in the registry of metrics.
    current, reference : float or None
        The metric's value; ``None`` where it is not defined (``skip`` says why).
    current_interval, reference_interval : tuple of float, optional
        95 % confidence interval.
    current_error, reference_error : float, optional
        Standard error, so that a stored run can serve as a baseline with its variance.
    n_current, n_reference : int, optional
        Rows behind the value.
    better : {"higher", "lower", "neither"}
        Which way is good; the drop is signed so that worse is positive.
    decision : Decision, optional
        The judged drop; ``None`` without a baseline. Without a threshold it informs only.
    by_window : tuple of float or None
        The value in each window of current, in order of time, where current has several.
    """

    metric: str
    current: float | None
    reference: float | None = None
    current_interval: tuple[float, float] | None = None
    reference_interval: tuple[float, float] | None = None
    current_error: float | None = None
    reference_error: float | None = None
    n_current: int = 0
    n_reference: int | None = None
    better: Literal["higher", "lower", "neither"] = "higher"
    decision: Decision | None = None
    skip: Skip | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    by_window: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelCoverage:
    """How many rows have their true label yet; ``unmatched`` labels belong to no row."""

    rows: int
    labelled: int
    unmatched: int = 0

    @property
    def share(self) -> float | None:
        """Labelled rows as a share of all, ``None`` without rows."""
        return self.labelled / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class RocCurve:
    """The ROC curve at some of its cutoffs, from (0, 0) to (1, 1).

    Parameters
    ----------
    fpr, tpr : tuple of float
        Shares of the negatives and of the positives with a score at the cutoff or above.
    low, high : tuple of float
        95 % confidence band of the whole curve, at ``fpr``.
    cutoffs : tuple of float or None
        ``None`` lies above every score.
    """

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    cutoffs: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """What was predicted and what came, in bins of about equally many rows.

    Parameters
    ----------
    predicted, observed : tuple of float
        Means of a bin: of the predictions, and of the labels (the share of positives, for scores).
    low, high : tuple of float or None
        95 % confidence interval of ``observed``; ``None`` for a single number.
    rows : tuple of int
    """

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Rows by label and decision.

    Parameters
    ----------
    classes : tuple of str
    counts : tuple of tuple of int
        For each label the rows by decision.
    rest : int
        How many classes the last one stands for, where there were too many to show.
    cutoff : float, optional
        Of the score, where decisions have no column of their own.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    rest: int = 0
    cutoff: float | None = None


@dataclass(frozen=True, slots=True)
class ClassRates:
    """Recall and precision of one class with their 95 % intervals; ``None`` without rows."""

    name: str
    labelled: int
    decided: int
    recall: float | None = None
    recall_interval: tuple[float, float] | None = None
    precision: float | None = None
    precision_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Rows between edges, of which there is one more; the last bin holds its upper edge."""

    edges: tuple[float, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """One side's labels and predictions, ready to draw; ``None`` where the task has no such thing.

    The histograms of both sides have the same edges.

    Parameters
    ----------
    roc : RocCurve, optional
    calibration : CalibrationCurve, optional
        Of probabilities, or of predicted numbers.
    confusion : ConfusionMatrix, optional
    classes : tuple of ClassRates
        Of a label with several classes.
    positives, negatives : Histogram, optional
        Scores by label.
    residuals : Histogram, optional
        Predicted less actual number.
    """

    roc: RocCurve | None = None
    calibration: CalibrationCurve | None = None
    confusion: ConfusionMatrix | None = None
    classes: tuple[ClassRates, ...] = ()
    positives: Histogram | None = None
    negatives: Histogram | None = None
    residuals: Histogram | None = None


@dataclass(frozen=True, slots=True)
class PerformanceResult:
    """How well the model does on the current data; curves are of the rows that are judged."""

    task: Literal["binary", "multiclass", "regression", "ranking"]
    metrics: tuple[MetricValue, ...]
    columns: Mapping[str, str]
    coverage: LabelCoverage
    reference_coverage: LabelCoverage | None = None
    mean_score: float | None = None
    std_score: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    curves: Curves | None = None
    reference_curves: Curves | None = None

    def metric(self, name: str) -> MetricValue | None:
        """Return the metric of that name, or ``None``."""
        return next((value for value in self.metrics if value.metric == name), None)


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """Where one side came from and how big it was."""

    source: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class WindowsInfo:
    """The windows of time of a run.

    Parameters
    ----------
    window, many : str
        Their length, such as ``1d``, and what they are called, such as ``days``.
    column, zone, like : str, optional
        The time column, the time zone, and what kind of windows are compared with each other.
    reference : int
        How many the reference has.
    reference_first, reference_last : str
        Names of the first and the last of them.
    current : tuple of str
        Names of current's windows.
    current_rows : tuple of int
        Rows in each.
    judged : str, optional
        Which of them the verdict is of; ``None`` where it is of current as a whole.
    """

    window: str
    many: str
    column: str | None
    zone: str | None
    like: str | None
    reference: int
    reference_first: str
    reference_last: str
    current: tuple[str, ...]
    current_rows: tuple[int, ...]
    judged: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer of one run; JSON is this object, serialised."""

    command: str
    timestamp: str
    driftcli_version: str
    policy: DecisionPolicy
    reference: DatasetInfo | None
    current: DatasetInfo
    features: Mapping[str, ColumnResult] = field(default_factory=dict)
    predictions: Mapping[str, ColumnResult] = field(default_factory=dict)
    performance: PerformanceResult | None = None
    windows: WindowsInfo | None = None
    monitor: str | None = None
    warnings: tuple[str, ...] = ()
    schema_version: str = SCHEMA_VERSION

    def to_json(self) -> str:
        """Return the report as one line of JSON, as the command line prints it."""
        from driftcli.renderers.json import render_line

        return render_line([self])

    def to_html(self) -> str:
        """Return the report as one self-contained HTML page."""
        from driftcli.renderers.html import render

        return render([self])

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, as a notebook shows it beside its own page."""
        from html import escape

        return (
            f'<iframe srcdoc="{escape(self.to_html())}" title="Drift report" '
            'sandbox="allow-scripts" style="width: 100%; height: 640px; border: 0"></iframe>'
        )

    def decisions(self) -> Iterator[Decision]:
        """Yield every judged check of the run."""
        for column in (*self.features.values(), *self.predictions.values()):
            yield from column.checks
        if self.performance is not None:
            for metric in self.performance.metrics:
                if metric.decision is not None:
                    yield metric.decision

    @property
    def drift_detected(self) -> bool:
        """Whether any check says drift (or, of a metric, degradation)."""
        return any(decision.status is Status.DRIFT for decision in self.decisions())

    @property
    def among_windows(self) -> bool:
        """Whether any verdict is by p-values from windows of the reference."""
        return any(decision.pvalue_from == "windows" for decision in self.decisions())

    @property
    def changed(self) -> bool:
        """Whether any check says drift or a significant change below the threshold."""
        loud = (Status.DRIFT, Status.CHANGED)
        return any(decision.status in loud for decision in self.decisions())

    @property
    def incomplete(self) -> bool:
        """Whether a check that should have been evaluated was not."""
        return any(decision.blocking for decision in self.decisions())


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
