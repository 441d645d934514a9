"""What an engine tells of its work while it is at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Watch(Protocol):
    """Hears of the work; called from several threads."""

    def expect(self, rows: int | None, columns: int) -> None:
        """Hear that so many more rows of so many columns are to be read.

        Parameters
        ----------
        rows : int or None
            ``None`` where nobody knows before they are read.
        columns : int
        """

    def read(self, rows: int, columns: int) -> None:
        """Hear that so many rows of so many columns were read and folded."""

    def spend(self, stage: str, columns: Sequence[str]) -> AbstractContextManager[None]:
        """Return a context in which time is spent on a stage of some columns, or of none."""


class Nobody:
    """A watch that looks away."""

    def expect(self, rows: int | None, columns: int) -> None:
        """Do nothing."""

    def read(self, rows: int, columns: int) -> None:
        """Do nothing."""

    @contextmanager
    def spend(self, stage: str, columns: Sequence[str]) -> Iterator[None]:
        """Do nothing."""
        yield
