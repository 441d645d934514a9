"""The errors that driftcli tells its user: one line each, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAME = 80


def quoted(name: object) -> str:
    """Return a name fit for one line: quoted, control characters escaped, cut at 80."""
    text = str(name)
    return repr(text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…")


def shown_path(path: object) -> str:
    """Return a path as the user wrote it, control characters escaped so that it is one line."""
    text = str(path)
    return text if text.isprintable() else repr(text)[1:-1]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known names, or an empty string where none is near.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        What would have been understood.
    """
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(quoted(item) for item in near)}?" if near else ""


def only_its_kind(error: Exception) -> str:
    """Name an error whose own text nobody may see, as it might hold a secret."""
    if isinstance(error, MemoryError):
        return "out of memory"
    return f"unexpected {type(error).__name__}"


class DriftcliError(Exception):
    """A problem that the user can mend; shown as one line, exit code 2.

    Parameters
    ----------
    message : str
        The reason, without a full stop.
    path : str, optional
        The file (or ``file:line:column``) at fault.
    column : str, optional
        The column at fault.
    hint : str, optional
        What to do about it.
    """

    def __init__(
        self, message: str, *, path: object = None, column: object = None, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        place = [] if self.path is None else [shown_path(self.path)]
        if self.column is not None:
            place.append(f"column {quoted(self.column)}")
        line = ": ".join([*place, self.message])
        stop = "" if line.endswith(("?", "!")) else "."
        return f"{line}{stop} {self.hint}" if self.hint else line


class UsageError(DriftcliError):
    """The command line asks for something that cannot be done."""


class ConfigError(DriftcliError):
    """The configuration cannot be read or makes no sense."""


class DataError(DriftcliError):
    """The data cannot be read or cannot be compared."""


class OutputError(DriftcliError):
    """A result could not be written."""


class DeliveryError(DriftcliError):
    """An alert could not be delivered."""
