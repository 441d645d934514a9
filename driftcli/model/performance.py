"""How well the model does: metrics with intervals, and the curves behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from driftcli.model.verdicts import Decision, Skip


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
