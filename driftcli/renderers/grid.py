"""Rows and columns that fit the screen: the less important columns leave, names are cut."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Print columns below their headers.

    Parameters
    ----------
    columns : sequence of GridColumn
        Equally long.
    screen : Screen
    """
    spare = screen.width - _needed([c for c in columns if not c.cut], screen)
    spare -= len(GAP) * (len(columns) > 1)
    wide = {id(c): min(_width(c, screen), max(1, spare) if c.cut else 999) for c in columns}
    widths = [wide[id(column)] for column in columns]
    rows = zip(*(column.cells for column in columns), strict=True)
    _row(columns, [(column.header, "bold") for column in columns], widths, screen)
    screen.line([("─" * min(screen.width, sum(widths) + len(GAP) * (len(widths) - 1)), "")])
    for row in rows:
        _row(columns, row, widths, screen)


def _row(
    columns: Sequence[GridColumn], cells: Sequence[Span], widths: Sequence[int], screen: Screen
) -> None:
    from rich.cells import cell_len

    spans: list[Span] = []
    blank = ""
    for column, (words, style), width in zip(columns, cells, widths, strict=True):
        shown = screen.cut(screen.shown(words), width)
        space = " " * (width - cell_len(shown))
        spans += [(blank + space * column.right, ""), (shown, style)]
        blank = GAP + space * (not column.right)
    while spans and not spans[-1][0].strip():
        spans.pop()
    screen.line(spans)


def _needed(columns: Sequence[GridColumn], screen: Screen) -> int:
    """Return the cells that columns take at least, with the gaps between them."""
    least = [min(_width(c, screen), NAME_CELLS if c.cut else 999) for c in columns]
    return sum(least) + len(GAP) * (len(least) - 1)


def _width(column: GridColumn, screen: Screen) -> int:
    from rich.cells import cell_len

    return max(cell_len(screen.shown(words)) for words in (column.header, *_words(column)))


def _words(column: GridColumn) -> list[str]:
    return [words for words, _ in column.cells]
