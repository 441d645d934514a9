"""Pictures of how well a model does: ROC and calibration curves with bands, values over time.

The reference is grey and dashed with square dots, current blue and solid with round ones, so that
colour is not the only sign. Each series is one path; coordinates have one decimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from driftcli.model import CalibrationCurve, RocCurve
from driftcli.renderers.html_text import effect, tick
from driftcli.renderers.svg_parts import LEFT, RIGHT, escaped, picture, round_ticks, short

TOP = 10.0
SQUARE, FLAT = 250.0, 84.0  # where the lower axis lies
BELOW = 32  # room for what is written below it
TRIANGLE = 4.0  # half of its width
LETTER = 6.5  # the width of a digit
LARGEST, SMALLEST = 1e300, 1e-300  # beyond, a scale overflows or vanishes

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where values lie in a picture: ``left`` to ``right``, ``low`` to ``high``.

    ``marks`` are told beside the upright axis, which makes room for them.
    """

    left: float
    right: float
    low: float
    high: float
    marks: Sequence[str]
    base: float = SQUARE

    @property
    def start(self) -> float:
        return max(LEFT, 8.0 + LETTER * max(map(len, self.marks), default=0))

    def x(self, value: float) -> float:
        return self.start + (RIGHT - self.start) * _share(value, self.left, self.right)

    def y(self, value: float) -> float:
        return self.base - (self.base - TOP) * _share(value, self.low, self.high)

    def at(self, point: Point) -> str:
        return f"{short(self.x(point[0]))} {short(self.y(point[1]))}"

    def line(self, points: Iterable[Point]) -> str:
        return "M" + "L".join(self.at(point) for point in points)

    def dots(self, points: Iterable[Point]) -> str:
        return "".join(f"M{self.at(point)}h0" for point in points)

    def bars(self, spans: Iterable[tuple[float, float, float]]) -> str:
        """Return upright lines: where, from and to."""
        return "".join(f"M{self.at((x, low))}V{short(self.y(high))}" for x, low, high in spans)


def _share(value: float, low: float, high: float) -> float:
    """Return how far a value lies between the ends; what lies beyond is drawn at the end."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def roc(current: RocCurve, reference: RocCurve | None, caption: str) -> Markup:
    """Return the ROC curves of both sides with their bands.

    Parameters
    ----------
    current : RocCurve
    reference : RocCurve, optional
    caption : str
        What a screen reader says instead of the picture.
    """
    grid, plot = _grid((0.0, 1.0), "false positive rate", "true positive rate")
    parts = [grid]
    for kind, curve in (("r", reference), ("c", current)):
        if curve is not None and curve.fpr:
            upper = list(zip(curve.fpr, curve.high, strict=False))
            lower = list(zip(curve.fpr, curve.low, strict=False))
            parts += [
                f'<path class="{kind}b" d="{plot.line([*upper, *reversed(lower)])}Z"/>',
                f'<path class="{kind}" d="{plot.line(zip(curve.fpr, curve.tpr, strict=False))}"/>',
            ]
    return picture("curve", round(SQUARE) + BELOW, caption, parts)


def calibration(
    current: CalibrationCurve, reference: CalibrationCurve | None, caption: str
) -> Markup:
    """Return what was predicted against what came, with an interval a bin.

    Parameters
    ----------
    current : CalibrationCurve
    reference : CalibrationCurve, optional
    caption : str
        What a screen reader says instead of the picture.
    """
    curves = [("r", reference), ("c", current)]
    ends = [x for _, curve in curves if curve is not None for x in _numbers(curve)]
    limits = _limits(ends)
    if limits is None:
        return Markup("")
    grid, plot = _grid(limits, "predicted", "observed")
    parts = [grid]
    for kind, curve in curves:
        if curve is not None and curve.predicted:
            points = list(zip(curve.predicted, curve.observed, strict=False))
            parts += [
                f'<path class="{kind}e" d="{plot.bars(_spans(curve))}"/>',
                f'<path class="{kind}" d="{plot.line(points)}"/>',
                f'<path class="{kind}d" d="{plot.dots(points)}"/>',
            ]
    return picture("curve", round(SQUARE) + BELOW, caption, parts)


def _numbers(curve: CalibrationCurve) -> list[float]:
    spans = [x for x in (*curve.low, *curve.high) if x is not None]
    return [*curve.predicted, *curve.observed, *spans]


def _spans(curve: CalibrationCurve) -> list[tuple[float, float, float]]:
    rows = zip(curve.predicted, curve.low, curve.high, strict=False)
    return [(x, low, high) for x, low, high in rows if low is not None and high is not None]


def trend(
    values: Sequence[float | None],
    flagged: Sequence[bool],
    baseline: float | None,
    ends: tuple[str, str],
    caption: str,
) -> Markup:
    """Return values in order of time, and the baseline's value as a line.

    Parameters
    ----------
    values : sequence of float or None
        A gap where there is none.
    flagged : sequence of bool
        Which of them carry a triangle.
    baseline : float, optional
    ends : tuple of str
        What the first and the last are called.
    caption : str
        What a screen reader says instead of the picture.
    """
    there = [value for value in (*values, baseline) if value is not None]
    limits = _limits(there)
    if limits is None:
        return Markup("")
    room = 0.15 * (limits[1] - limits[0])
    marks = sorted({min(there), max(there)})
    told = [effect(value) for value in marks]
    right = float(max(len(values) - 1, 1))
    plot = _Plot(0.0, right, limits[0] - room, limits[1] + room, told, FLAT)
    marked = [(float(i), v) for i, v in enumerate(values) if v is not None]
    tips = [p for p, loud in zip(enumerate(values), flagged, strict=True) if loud]
    parts = [_beside(plot, value, words) for value, words in zip(marks, told, strict=True)]
    if baseline is not None:
        parts.append(f'<path class="r" d="{plot.line([(0.0, baseline), (right, baseline)])}"/>')
    parts += [
        *(f'<path class="c" d="{plot.line(run)}"/>' for run in _runs(values)),
        f'<path class="cd" d="{plot.dots(marked)}"/>',
    ]
    loud = "".join(_triangle(plot, i, value) for i, value in tips if value is not None)
    parts += [f'<path class="v" d="{loud}"/>'] if loud else []
    places = ((plot.start, "s", ends[0]), (RIGHT, "e", ends[1]))
    parts += [_text(x, FLAT + 20, anchor, name) for x, anchor, name in places[: len(values)]]
    return picture("curve", round(FLAT) + 24, caption, parts)


def _runs(values: Sequence[float | None]) -> list[list[Point]]:
    """Return the stretches of values between gaps."""
    runs: list[list[Point]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((float(i), value))
    return [run for run in runs if len(run) > 1]


def _triangle(plot: _Plot, i: int, value: float) -> str:
    x, y = plot.x(float(i)), plot.y(value)
    return f"M{short(x - TRIANGLE)} {short(y - 6)}h{short(2 * TRIANGLE)}l-{short(TRIANGLE)}-6z"


def _limits(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the ends of an axis that holds all values; ``None`` where no axis can."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high == low:
        low, high = low - abs(low or 1.0) / 2, high + abs(high or 1.0) / 2
    sound = max(abs(low), abs(high)) < LARGEST and high - low > SMALLEST
    return (low, high) if values and sound else None


def _grid(limits: tuple[float, float], along: str, upwards: str) -> tuple[str, _Plot]:
    """Return the axes of a square with the line from corner to corner, and where values lie."""
    ticks = round_ticks(*limits, 5)
    words = [tick(value) for value in ticks]
    plot = _Plot(*limits, *limits, words)
    lines = "".join(plot.line([(limits[0], value), (limits[1], value)]) for value in ticks)
    parts = [
        f'<path class="g" d="{lines}"/>',
        f'<path class="i" d="{plot.line([(limits[0], limits[0]), (limits[1], limits[1])])}"/>',
    ]
    for value, text in zip(ticks, words, strict=True):
        parts += [
            _beside(plot, value, text),
            _text(plot.x(value), SQUARE + 14, "e" if plot.x(value) > RIGHT - 14 else "m", text),
        ]
    parts += [
        _text((plot.start + RIGHT) / 2, SQUARE + 28, "m", along),
        _text(plot.start + 4, TOP + 12, "s", upwards),
    ]
    return "".join(parts), plot


def _beside(plot: _Plot, value: float, words: str) -> str:
    return _text(plot.start - 5, plot.y(value) + 4, "e", words)


def _text(x: float, y: float, anchor: str, words: str) -> str:
    return f'<text x="{short(x)}" y="{short(y)}" class="{anchor}">{escaped(words)}</text>'
