"""What the HTML page says of windows of time: which there are, and how a check moves over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftcli.model import ColumnResult, Decision, MetricValue, Series, WindowsInfo
from driftcli.renderers.html_text import effect, harmless, label, threshold

# of more windows the last are shown; the JSON has all
MAX_WINDOWS = 90
MAX_LABEL = 40


@dataclass(frozen=True, slots=True)
class Course:
    """One check of a column in the last windows of current.

    Parameters
    ----------
    check : Decision
        Has a series.
    windows : tuple of str
        Names of those shown, in order of time.
    many : str
        What they are called, such as ``days``.
    series : Series
        Of those shown.
    alarm : str, optional
        What is said of those that stand out.
    """

    check: Decision
    windows: tuple[str, ...]
    many: str
    series: Series
    alarm: str = ""

    @property
    def told(self) -> str:
        """What stands below the picture."""
        flagged, empty = sum(self.series.flagged), self.series.effects.count(None)
        limit = threshold(self.check.threshold.value if self.check.threshold else None)
        method, shown = label(self.check.result.method), len(self.windows)
        parts = [f"{flagged or 'none'} {self.alarm or f'beyond {limit} and unusual'}"]
        parts += [f"{empty} without a value"] if empty else []
        return f"{method}, {shown} {self.many}: {', '.join(parts)}"

    @property
    def caption(self) -> str:
        """What a screen reader says instead of the picture, above what is told."""
        method, last = label(self.check.result.method), effect(self.series.effects[-1])
        return f"{method} from {self.windows[0]} to {self.windows[-1]}, where it is {last}"

    @property
    def rows(self) -> list[tuple[float | None, float | None, bool]]:
        """For each window the effect, the p-value, and whether it stands out."""
        series = self.series
        return list(zip(series.effects, series.pvalues, series.flagged, strict=True))


def course(column: ColumnResult, windows: WindowsInfo | None) -> Course | None:
    """Return the course of the check that says most of a column, where there is one."""
    followed = [check for check in column.checks if check.series is not None]
    loudest = max(followed, key=lambda check: (check.status.severity, check.ratio), default=None)
    if windows is None or loudest is None or loudest.series is None:
        return None
    series = loudest.series
    sides = (series.effects, series.pvalues, series.flagged)
    if any(len(side) != len(windows.current) for side in sides) or not windows.current:
        return None  # a result that somebody wrote by hand
    last = slice(-MAX_WINDOWS, None)
    names = tuple(_word(name) for name in windows.current[last])
    cut = Series(series.effects[last], series.pvalues[last], series.flagged[last])
    return Course(loudest, names, _word(windows.many), cut)


def shown(windows: WindowsInfo) -> list[tuple[str, int]]:
    """Return names and rows of the windows of current that are shown."""
    both = list(zip(windows.current, windows.current_rows, strict=False))
    return [(_word(name), rows) for name, rows in both[-MAX_WINDOWS:]]


def metric_windows(
    metrics: Sequence[MetricValue], windows: WindowsInfo | None
) -> list[tuple[str, int, list[tuple[float | None, bool]]]]:
    """Return name and rows of each window shown, and of every metric its value and its alarm."""
    followed = [metric.by_window for metric in metrics]
    if windows is None or not followed or {len(v) for v in followed} != {len(windows.current)}:
        return []  # current is one window, or the result was written by hand
    many = len(windows.current)
    alarms = []
    for metric in metrics:
        series = metric.decision.series if metric.decision else None
        told = series is not None and len(series.flagged) == many
        alarms.append(series.flagged if series and told else (False,) * many)
    return [
        (*named, list(zip(values, flags, strict=True)))
        for named, values, flags in zip(
            shown(windows),
            list(zip(*followed, strict=True))[-MAX_WINDOWS:],
            list(zip(*alarms, strict=True))[-MAX_WINDOWS:],
            strict=True,
        )
    ]


def of_reference(windows: WindowsInfo) -> str:
    """Return which windows the reference has."""
    many = _word(windows.many)
    if not windows.reference:
        return f"no {many}"
    first, last = _word(windows.reference_first), _word(windows.reference_last)
    zone = _word(windows.zone) if windows.zone else ""
    like = f"the same {_word(windows.like)} only" if windows.like else ""
    told = "; ".join(filter(None, [zone, like]))
    return f"{windows.reference:,} {many}, {first} to {last}{f' ({told})' if told else ''}"


def of_current(windows: WindowsInfo) -> str:
    """Return which windows current has, and which of them is judged."""
    names, many = windows.current, _word(windows.many)
    if not names:
        return f"not split into {many}; judged as one"
    if len(names) == 1:
        return _word(names[0])
    span = f"{len(names):,} {many}, {_word(names[0])} to {_word(names[-1])}"
    return f"{span}; {'the last is judged, all are drawn' if windows.judged else 'judged as one'}"


def _word(text: str) -> str:
    return harmless(text, MAX_LABEL)
