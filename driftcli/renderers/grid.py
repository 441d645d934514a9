"""Rows and columns that fit the screen: the less important columns leave, names are cut."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from driftcli.renderers.screen import Screen, Span

GAP = "  "
NAME_CELLS = 16
"""Names are cut down to this before a column leaves for their sake."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column of a table.

    Parameters
    ----------
    header : str
    cells : sequence of (str, str)
        Words and style, one a row.
    right : bool
        Whether it is flush right, as numbers are.
    leaves : int
        Where the screen is too narrow, columns leave from 1 upwards; those of 0 stay.
    cut : bool
        Whether its cells may be cut (names; never numbers and verdicts).
    """

    header: str
    cells: Sequence[Span]
    right: bool = False
    leaves: int = 0
    cut: bool = False


def fitting(columns: Sequence[GridColumn], screen: Screen) -> list[GridColumn]:
    """Return the columns that the screen has room for, in their order."""
    kept = list(columns)
    for column in sorted((c for c in columns if c.leaves), key=lambda c: c.leaves):
        if _needed(kept, screen) <= screen.width:
            break
        kept = [one for one in kept if one is not column]
    return kept


def draw(columns: Sequence[GridColumn], screen: Screen) -> None:
    """Print columns below their headers; the cut one gets what the others leave.

    Parameters
    ----------
    columns : sequence of GridColumn
        Equally long, at most one of them to be cut.
    screen : Screen
    """
    others = [_width(column, screen) + len(GAP) for column in columns if not column.cut]
    room = max(1, screen.width - sum(others))
    widths = [min(_width(c, screen), room) if c.cut else _width(c, screen) for c in columns]
    _row(columns, [(column.header, "bold") for column in columns], widths, screen)
    screen.line(("─" * min(screen.width, sum(widths) + len(GAP) * (len(widths) - 1)), ""))
    for row in zip(*(column.cells for column in columns), strict=True):
        _row(columns, row, widths, screen)


def _row(
    columns: Sequence[GridColumn], cells: Sequence[Span], widths: Sequence[int], screen: Screen
) -> None:
    spans: list[Span] = []
    before = ""
    for column, (words, style), width in zip(columns, cells, widths, strict=True):
        shown = screen.cut(screen.shown(words), width)
        blank = " " * (width - screen.cells(shown))
        spans += [(before + (blank if column.right else ""), ""), (shown, style)]
        before = GAP if column.right else blank + GAP
    while spans and not spans[-1][0].strip():
        spans.pop()
    screen.line(*spans)


def _needed(columns: Sequence[GridColumn], screen: Screen) -> int:
    """Return the cells that columns take at least, with the gaps between them."""
    widths = [_width(column, screen) for column in columns]
    least = [min(w, NAME_CELLS) if c.cut else w for c, w in zip(columns, widths, strict=True)]
    return sum(least) + len(GAP) * (len(least) - 1)


def _width(column: GridColumn, screen: Screen) -> int:
    words = (column.header, *(words for words, _ in column.cells))
    return max(screen.cells(screen.shown(word)) for word in words)


PlainColumn = tuple[str, Sequence[str], int]


def plain_table(
    columns: Sequence[PlainColumn], screen: Screen, words: Collection[str] = ()
) -> None:
    """Print columns without styles, of which the first holds names that may be cut.

    Parameters
    ----------
    columns : sequence of (str, sequence of str, int)
        Header, cells, and when the column leaves a narrow screen.
    screen : Screen
    words : collection of str
        Headers of other columns that hold words, not numbers.
    """
    grid = [
        GridColumn(
            header,
            [(cell, "") for cell in cells],
            right=at > 0 and header not in words,
            leaves=leaves,
            cut=at == 0,
        )
        for at, (header, cells, leaves) in enumerate(columns)
    ]
    draw(fitting(grid, screen), screen)
