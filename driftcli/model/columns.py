"""A column as it was and as it is, with all its checks."""

from __future__ import annotations

from dataclasses import dataclass

from driftcli.model.verdicts import ColumnKind, Decision, Status


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
