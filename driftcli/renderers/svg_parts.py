"""What all pictures of the page are made of: one width, short numbers, escaped text."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

WIDTH = 400.0
LEFT, RIGHT = 36.0, 396.0


def picture(kind: str, height: int, caption: str, parts: Iterable[str]) -> Markup:
    """Return a picture of its parts.

    Parameters
    ----------
    kind : str
        Its class.
    height : int
    caption : str
        What a screen reader says instead.
    parts : iterable of str
        Elements, every text in them escaped.
    """
    return markup(
        f'<svg class="{kind}" viewBox="0 0 {WIDTH:.0f} {height}" role="img" '
        f'aria-label="{escaped(caption)}">{"".join(parts)}</svg>'
    )


def escaped(text: str) -> str:
    """Return text as it may stand between tags and in attributes."""
    return str(Markup.escape(text))


def markup(text: str) -> Markup:
    """Mark a picture as ready: every text in it came through `escaped` or is a number."""
    return Markup(text)  # noqa: S704


def short(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")
