"""The whole answer of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from driftcli.model.columns import ColumnResult
from driftcli.model.performance import PerformanceResult
from driftcli.model.verdicts import Decision, DecisionPolicy, Status

SCHEMA_VERSION = "1.0"


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
