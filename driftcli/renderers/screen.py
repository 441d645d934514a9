"""What a terminal can show: literal words in its encoding, cut and wrapped to its width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from driftcli.errors import MAX_NAME
from driftcli.model import Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Span = tuple[str, str]
"""Words and their style."""

STYLES = {
    Status.OK: "green",
    Status.CHANGED: "cyan",
    Status.UNCERTAIN: "yellow",
    Status.NOT_EVALUATED: "magenta",
    Status.DRIFT: "bold red",
}
SIGNS = {
    Status.OK: "✓",
    Status.CHANGED: "~",
    Status.UNCERTAIN: "?",
    Status.NOT_EVALUATED: "!",
    Status.DRIFT: "✗",
}
ASCII = str.maketrans("✓✗▁▂▃▄▅▆▇█░▓│●◄·–−…─", "+x.:-=+*%#-+|o<---~-") | {ord("→"): "->"}


class Screen:
    """A console that takes words as they are: no markup, no control characters.

    Parameters
    ----------
    console : rich.console.Console
        Its width decides what is cut or wrapped. A dumb one, or one without UTF-8, gets ASCII.
    drawn : bool
        Whether large pictures are shown; they are plain ASCII in a file and a pipe too.
    """

    def __init__(self, console: Console, *, drawn: bool = False) -> None:
        self._console = console
        self.width = console.width
        unicode = console.encoding.lower().startswith("utf")
        piped = drawn and not console.is_terminal
        self.plain = not unicode or piped or console.is_dumb_terminal

    def shown(self, words: str) -> str:
        """Return words with the characters escaped that would harm or that cannot be shown."""
        safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)
        if not self.plain:
            return safe
        encoding = self._console.encoding
        return safe.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)

    def name(self, name: str, cells: int = MAX_NAME) -> str:
        """Return the name of a column or category, its middle left out beyond so many cells."""
        return self.cut(self.shown(name) or "''", cells)

    def names(self, names: Sequence[str], count: int, most: int = 3) -> str:
        """Return the first names, and how many more of ``count`` there are."""
        first = names[:most]
        more = f" and {count - len(first):,} more" if count > len(first) else ""
        return ", ".join(map(self.name, first)) + more

    def cut(self, words: str, cells: int) -> str:
        """Leave out the middle, as names of a kind differ at the end; wide characters count 2."""
        from rich.cells import set_cell_size

        if self.cells(words) <= cells:
            return words
        tail = (cells - 1) // 3
        start = max(0, len(words) - tail)
        while self.cells(words[start:]) > tail:
            start += 1
        head = set_cell_size(words, max(0, cells - 1 - tail)).rstrip()
        return head + self.shown("…") + words[start:]

    def cells(self, words: str) -> int:
        """Return how many cells words take; a wide character takes two."""
        from rich.cells import cell_len

        return cell_len(words)

    def line(self, *spans: Span) -> None:
        """Print one line as it is; only one too wide for the screen is folded."""
        self._console.print(self._text(spans))

    def paragraph(self, *spans: Span, indent: int = 2) -> None:
        """Print words, wrapped where they must be, with the further lines indented."""
        text = self._text(spans)
        if text.cell_len <= self.width:
            self._console.print(text)
            return
        for number, line in enumerate(text.wrap(self._console, max(1, self.width - indent))):
            line.rstrip()
            self._console.print(self._text([(" " * indent, "")]) + line if number else line)

    def _text(self, spans: Iterable[Span]) -> Text:
        from rich.text import Text

        return Text.assemble(*((self.shown(words), style) for words, style in spans))


def status_cell(status: Status, *, harmless: bool = False) -> Span:
    """Return the sign and word of a status; ``harmless`` is of one that is no fault."""
    if status is Status.NOT_EVALUATED:
        return ("· skipped", "dim") if harmless else ("! not eval.", STYLES[status])
    return f"{SIGNS[status]} {status}", STYLES[status]
