"""Where a store of the tests is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from postgres_server import Server

from driftcli.store import Store, open_store


@dataclass(frozen=True)
class Place:
    """Where a store is.

    Parameters
    ----------
    path : Path or None
    url : str or None
    server : Server or None
    """

    path: Path | None
    url: str | None = None
    server: Server | None = None

    def open(self) -> AbstractContextManager[Store]:
        return open_store(self.path, self.url, "PostgreSQL (DRIFT_DB)")

    @property
    def name(self) -> str:
        return "PostgreSQL (DRIFT_DB)" if self.path is None else str(self.path)

    @property
    def arguments(self) -> list[str]:
        """The same for a child process."""
        return [str(self.path or ""), self.url or ""]
