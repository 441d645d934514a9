"""The overview of a run as one SVG file, for chat and papers: each effect against its threshold.

The file stands alone: no script, no style sheet, nothing fetched, light whatever surrounds it. A
status has a sign besides its colour, and each bar its number.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from driftcli.model import AlertReport, Report, Status
from driftcli.renderers.html_text import SYMBOLS, harmless
from driftcli.renderers.overview import Bar, Row, Section, sections
from driftcli.renderers.svg_parts import escaped, short
from driftcli.renderers.table import verdict

WIDTH = 860
MARGIN, NAME, BAR = 16.0, 36.0, 250.0  # where signs, names and bars begin
TIMES = 100.0  # the length of one threshold
MOST = 4  # thresholds; a bar that is longer ends in a tip
PITCH, THICK = 13.0, 9.0
NAME_CELLS = 30
TITLE_CELLS = 92
MAX_SOURCE = 40
INK, FAINT, LINE = "#1b1f24", "#57606a", "#d0d7de"
# each at 4.5 to 1 or more on white
COLOURS = {
    Status.OK: "#2d7a4b",
    Status.CHANGED: "#1f5fa8",
    Status.UNCERTAIN: "#8a5a00",
    Status.NOT_EVALUATED: "#6a3d9a",
    Status.DRIFT: "#b3261e",
}
FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return the chart as the text of an SVG file.

    Parameters
    ----------
    reports : sequence of Report
        Each of their sections is drawn.
    alerts : AlertReport, optional
        Not shown: they tell what the bars do.
    """
    found = sections(reports)
    title = "; ".join("".join(words for words, _ in verdict(report)) for report in reports)
    canvas = _Canvas()
    for line in textwrap.wrap(title, TITLE_CELLS, max_lines=4, placeholder=" …"):
        canvas.text(MARGIN, 18, line, size=16, bold=True)
    for line in dict.fromkeys(_data(report) for report in reports):
        canvas.text(MARGIN, 16, line, colour=FAINT)
    for section in found:
        _draw(section, canvas)
    _legend(canvas)
    return canvas.whole(title, _described(found))


class _Canvas:
    """Parts of a picture, one below the other."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 10.0

    def text(
        self, x: float, height: float, words: str, *, size: int = 12, bold: bool = False,
        colour: str = INK,
    ) -> None:  # fmt: skip
        """Write one line and go below it."""
        self.y += height
        self.parts.append(_text(x, self.y, words, size=size, bold=bold, colour=colour))
        self.y += 4

    def whole(self, title: str, described: str) -> str:
        height = short(self.y + 10)
        inner = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc" '
            f'font-family="{FONTS}" font-size="12">\n'
            f'<title id="title">{escaped(title)}</title>\n<desc id="desc">{escaped(described)}'
            f'</desc>\n<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n{inner}\n</svg>\n'
        )


def _text(
    x: float, y: float, words: str, *, size: int = 12, bold: bool = False, colour: str = INK,
    middle: bool = False,
) -> str:  # fmt: skip
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="middle"' if middle else ""
    place = f'x="{short(x)}" y="{short(y)}" font-size="{size}" fill="{colour}"'
    return f"<text {place}{weight}{anchor}>{escaped(words)}</text>"


def _data(report: Report) -> str:
    """Say of which data a report is, when it was made, and by which version."""
    sides = [side for side in (report.reference, report.current) if side]
    told = " → ".join(f"{harmless(s.source, MAX_SOURCE)} ({s.rows:,} rows)" for s in sides)
    return f"{told} · {harmless(report.timestamp[:16], 16)} · driftcli {report.driftcli_version}"


def _draw(section: Section, canvas: _Canvas) -> None:
    canvas.y += 8
    canvas.text(MARGIN, 18, section.title, size=14, bold=True)
    if section.rows:
        top = canvas.y
        canvas.parts += _axis(top - 6)
        lines = len(canvas.parts)
        canvas.y += 4
        for row in section.rows:
            _draw_row(row, canvas)
        canvas.parts.insert(lines, _grid(top, canvas.y))
    if section.rest:
        canvas.text(MARGIN, 14, section.rest, colour=FAINT)


def _axis(y: float) -> Iterator[str]:
    for times in range(MOST + 1):
        words = {0: "0", 1: "limit"}.get(times, f"{times}×")
        x = BAR + TIMES * times
        yield _text(x, y, words, size=11, colour=INK if times == 1 else FAINT, middle=True)


def _grid(top: float, bottom: float) -> str:
    faint = "".join(
        f"M{short(BAR + TIMES * times)} {short(top)}V{short(bottom)}"
        for times in range(MOST + 1)
        if times != 1
    )
    limit = f"M{short(BAR + TIMES)} {short(top)}V{short(bottom)}"
    return (
        f'<path d="{faint}" stroke="{LINE}"/>'
        f'<path d="{limit}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="5 3"/>'
    )


def _draw_row(row: Row, canvas: _Canvas) -> None:
    height = PITCH * max(1, len(row.bars)) + 7
    middle = canvas.y + height / 2 + 4
    colour = FAINT if row.skipped else COLOURS[row.status]
    canvas.parts += [
        _text(MARGIN, middle, "·" if row.skipped else SYMBOLS[row.status], colour=colour),
        _text(NAME, middle, _name(row.name)),
    ]
    if row.words:
        canvas.parts += _on_white(BAR + 6, middle, f"{row.state}: {row.words}", colour)
    for at, bar in enumerate(row.bars):
        canvas.parts += _bar(bar, canvas.y + 3.5 + PITCH * at)
    canvas.y += height


def _bar(bar: Bar, y: float) -> Iterator[str]:
    length = TIMES * min(bar.ratio, MOST)
    beyond = bar.ratio > MOST
    tip = f"l5 {short(THICK / 2)}l-5 {short(THICK / 2)}" if beyond else f"v{short(THICK)}"
    colour = COLOURS[bar.status]
    if length:
        shape = f"M{short(BAR)} {short(y)}h{short(length)}{tip}h-{short(length)}z"
        yield f'<path d="{shape}" fill="{colour}"/>'
    yield from _on_white(BAR + length + (9 if beyond else 5), y + THICK - 0.5, bar.words, colour)


def _on_white(x: float, y: float, words: str, colour: str) -> Iterator[str]:
    """Yield words with white behind them, so that no line runs through; how wide is a guess."""
    place = f'x="{short(x - 2)}" y="{short(y - 9.5)}" width="{short(5.8 * len(words) + 3)}"'
    yield f'<rect {place} height="12" fill="#ffffff"/>'
    yield _text(x, y, words, size=11, colour=colour)


def _legend(canvas: _Canvas) -> None:
    canvas.y += 6
    told = "   ".join(f"{SYMBOLS[status]} {status.replace('_', ' ')}" for status in SYMBOLS)
    canvas.text(MARGIN, 16, f"Bars: effect as a multiple of its limit.   {told}", colour=FAINT)


def _described(found: Iterable[Section]) -> str:
    """Return the picture in words, for those who do not see it."""
    told = []
    for section in found:
        rows = [
            f"{harmless(row.name, NAME_CELLS)}: {row.state}"
            f"{''.join(f'; {bar.words}' for bar in row.bars)}"
            for row in section.rows
        ]
        told.append(f"{section.title}. {'. '.join(rows)}. {section.rest}".strip())
    return "Effects as multiples of their limits, the loudest first. " + " ".join(told)


def _name(name: str) -> str:
    """Leave out the middle of a name, as names of a kind differ at the end; wide letters are 2."""
    shown = harmless(name, 500) or "(empty)"
    if sum(map(_cells, shown)) <= NAME_CELLS:
        return shown
    tail = _fitting(shown[::-1], NAME_CELLS // 3)[::-1]
    return f"{_fitting(shown, NAME_CELLS - 1 - NAME_CELLS // 3).rstrip()}…{tail}"


def _fitting(text: str, room: int) -> str:
    for at, letter in enumerate(text):
        room -= _cells(letter)
        if room < 0:
            return text[:at]
    return text


def _cells(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
