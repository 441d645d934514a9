"""What all pictures of the page are made of: one width, short numbers, round ticks, escaped text.

Heights and lengths are shares of the rows that have a value. **Every bin is drawn equally wide,**
whatever its width in the data: bins of a long tail or of single values would otherwise be too thin
to see, and the density of one narrow bin would dwarf all others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

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


def shares(counts: Sequence[int]) -> list[float]:
    """Return counts as shares of their sum, all 0 where there are no rows."""
    total = sum(counts) or 1
    return [rows / total for rows in counts]


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Return about ``most`` multiples of 1, 2 or 5 times a power of ten within the limits."""
    if not high > low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) if step > 1e-9 else i * step for i in range(first, last + 1)]


def text_at(x: float, y: float, words: str) -> str:
    """Return words centred at a place; near the rim they start or end there to stay inside."""
    rim = ' class="s"' if x < LEFT + 14 else ' class="e"' if x > RIGHT - 14 else ""
    return f'<text x="{short(x)}" y="{short(y)}"{rim}>{escaped(words)}</text>'
