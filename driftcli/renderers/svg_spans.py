"""A value and its baseline with their intervals, on one common scale."""

from __future__ import annotations

from markupsafe import Markup

from driftcli.model import MetricValue
from driftcli.renderers.svg_parts import markup, short


def spans(metric: MetricValue) -> Markup:
    """Return baseline and current value of a metric, nothing without a baseline."""
    sides = [
        ("r", 30, metric.reference, metric.reference_interval),
        ("c", 70, metric.current, metric.current_interval),
    ]
    ends = [x for _, _, value, span in sides for x in (value, *(span or ())) if x is not None]
    if not ends or metric.reference is None:
        return Markup("")
    low, room = min(ends), (max(ends) - min(ends)) or 1.0
    marks = [
        _span(kind, y, value, span or (value, value), low, room)
        for kind, y, value, span in sides
        if value is not None
    ]
    return markup(f'<svg class="span" aria-hidden="true">{"".join(marks)}</svg>')


def _span(
    kind: str, y: int, value: float, ends: tuple[float, float], low: float, room: float
) -> str:
    # a margin of 6 % keeps the dots inside
    left, dot, right = (short(6 + 88 * (x - low) / room) for x in (ends[0], value, ends[1]))
    return (
        f'<line class="{kind}" x1="{left}%" x2="{right}%" y1="{y}%" y2="{y}%"/>'
        f'<circle class="{kind}" cx="{dot}%" cy="{y}%" r="3.5"/>'
    )
