"""What a metric is: a name, which way is good, and a function of a summary with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from driftcli.model import Skip

Task = Literal["binary", "multiclass", "regression", "ranking"]
Better = Literal["higher", "lower", "neither"]
Interval = tuple[float, float]

NO_ROWS = Skip("not defined: no rows")
# probabilities below are taken as this: a certain wrong answer costs 34.5 instead of infinity
CLIP = 1e-15
# in an estimate's details: rows of the class with the fewest, where these bound what can be known
RAREST = "rarest_class"


@dataclass(frozen=True, slots=True)
class Options:
    """How metrics are computed.

    Parameters
    ----------
    cutoff : float
        A score from here on is a yes, where there is no prediction column.
    k : int
        Ranking looks at this many best rows of a group.
    level : float
        Of the confidence intervals.
    """

    cutoff: float = 0.5
    k: int = 10
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric's value on one side and how sure it is.

    A stored baseline is one as well: a number without a ``standard_error`` is taken as fixed.

    Parameters
    ----------
    value : float or None
        ``None`` where ``skip`` says why.
    standard_error : float or None
        On the metric's own scale; ``None`` where there is too little to say.
    interval : tuple of float or None
        Confidence interval at the level of the options.
    n : int
        The rows (groups, for ranking) behind the value: all of them, or the predicted positives for
        precision, the positives for recall, those that are either for F1.
    skip : Skip, optional
    details : mapping
        Further named numbers (JSON values only).
    """

    value: float | None
    standard_error: float | None = None
    interval: Interval | None = None
    n: int = 0
    skip: Skip | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """A performance metric, as the registry holds it.

    Parameters
    ----------
    name : str
        In thresholds, JSON and tables; unique within a task.
    title : str
        For people.
    task : {"binary", "multiclass", "regression", "ranking"}
    better : {"higher", "lower", "neither"}
        ``neither``: the nearer to an ideal value the better, see ``distance``.
    max_drop : float or None
        Default threshold of the drop; ``None`` informs only.
    estimate : callable
        ``(summary, options) -> Estimate`` of the task's summary.
    pvalue : callable
        ``(reference, current) -> float | None``, two-sided, of two estimates that have a value; a
        reference without standard error is a fixed number.
    description, source : str
        For the reference pages: what it is, and where value and interval come from.
    relative : bool
        The drop is a share of the baseline (metrics in the label's own unit).
    distance : callable, optional
        Distance of a value from the ideal one, for ``neither``; it falls, then rises.
    ideal : float
        Where the distance is 0.
    bounds : tuple of float
        The values that there can be; a stored baseline beyond them is refused.
    """

    name: str
    title: str
    task: Task
    better: Better
    max_drop: float | None
    estimate: Callable[[Any, Options], Estimate]
    pvalue: Callable[[Estimate, Estimate], float | None]
    description: str
    source: str
    relative: bool = False
    distance: Callable[[float], float] | None = None
    ideal: float = 0.0
    bounds: Interval = (0.0, 1.0)

    @property
    def largest_drop(self) -> float | None:
        """The largest drop that there can be; ``None`` where there is no limit to it."""
        low, high = self.bounds
        limited = math.isfinite(low) and math.isfinite(high)
        return high - low if limited and not self.relative and self.better != "neither" else None


def skipped(reason: str, n: int = 0, *, harmless: bool = False) -> Estimate:
    """Return an estimate without a value."""
    return Estimate(None, n=n, skip=Skip(f"not defined: {reason}", harmless))
