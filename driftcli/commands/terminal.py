"""The only place that prints: results to stdout, all else to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from driftcli.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console


def tell(kind: str, line: str) -> None:
    """Print one line to stderr."""
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    with contextlib.suppress(OSError):  # nobody listens; the exit code still tells
        print(f"driftcli: {kind}: {safe}", file=sys.stderr)  # noqa: T201 (the terminal is this module's job)


def show(draw: Callable[[Console], None]) -> None:
    """Draw on the console of stdout: no colours when piped, NO_COLOR honoured."""
    with _printing():
        draw(_console())


def show_aside(draw: Callable[[Console], None]) -> None:
    """Draw on the console of stderr, as :func:`show`."""
    with contextlib.suppress(OSError):  # as in tell
        draw(_console(stderr=True))


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    class Listening(Console):
        """Tells of a reader that went away; rich itself would exit with 1, our code for drift."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    console = Listening(stderr=stderr, highlight=False, emoji=False, markup=False)
    if console.width < 1:  # COLUMNS=0, of a terminal that knows no size
        console.width = 80
    return console


def say(text: str) -> None:
    """Print a text on stdout; a terminal gets no control characters, which it would obey."""
    with _printing():
        print(_calm(text) if sys.stdout.isatty() else text)  # noqa: T201 (the terminal is this module's job)


def _calm(text: str) -> str:
    """Return text with JSON's escapes for all but printable characters and ends of lines."""
    import json

    lines = text.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in lines)


@contextlib.contextmanager
def _printing() -> Iterator[None]:
    """Carry on with the verdict when the reader of stdout has gone; a full disk is an error."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (until the end)
    except OSError as error:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (until the end)
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"cannot be written ({reason})", path="stdout") from None
