"""How a check came out: its numbers, its threshold, its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

from annotated_types import Ge, Gt, Le

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

Rule = Literal["evident", "threshold", "certain"]
Correction = Literal["holm", "bh", "none"]


class ColumnKind(StrEnum):
    """How the values of a column are compared; decided once, on the reference.

    Of times and of ``other`` values (lists, structs, maps, bytes) only missing rates are compared.
    """

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    OTHER = "other"


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

# a share of the limit: two shares near 1 are rounded by 3e-16, their difference is held against
# limits down to 0.003
ROUNDING = 1e-13


@overload
def beyond(effect: float, limit: float) -> bool: ...
@overload
def beyond(effect: Floats, limit: Floats | float) -> Bools: ...
def beyond(effect: Floats | float, limit: Floats | float) -> Bools | bool:
    """Return whether an effect is above a limit by more than rounding: 0.85 is 0.05 below 0.9.

    Parameters
    ----------
    effect, limit : float or ndarray
        From 0 up.
    """
    return effect > limit * (1.0 + ROUNDING)


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

    def exceeded_by(self, effect: float) -> bool:
        """Whether an effect is beyond it."""
        return beyond(effect, self.value)


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
