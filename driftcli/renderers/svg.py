"""The picture of a column: bins and curves of numbers, bars of categories, drawn on the server."""

from __future__ import annotations

from markupsafe import Markup

from driftcli.model import ColumnResult
from driftcli.renderers.svg_bars import bars
from driftcli.renderers.svg_histogram import histogram


def chart(column: ColumnResult, caption: str) -> Markup:
    """Return both sides of a column as one picture, or nothing where there is nothing to draw.

    Parameters
    ----------
    column : ColumnResult
        Its ``distribution`` is drawn.
    caption : str
        What a screen reader says instead of the picture.
    """
    shape = column.distribution
    if shape is None or not shape.reference:
        return Markup("")
    return (bars if shape.labels else histogram)(column, shape, caption)
