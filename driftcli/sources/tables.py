"""Tables that are no files of one format: which module opens an address of their kind."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from driftcli.config import Input
from driftcli.sources.parts import Parts

SQL = "driftcli.sources.sql"
TABLES = {
    "delta": "driftcli.sources.delta",
    "iceberg": "driftcli.sources.iceberg",
    "postgresql": SQL,
    "sqlite": SQL,
    "snowflake": SQL,
    "bigquery": SQL,
}
_SCHEME = re.compile(r"(?P<scheme>[a-z]+):")


class TableReader(Protocol):
    """Opens one table; each module of :data:`TABLES` has one, named ``open_table``."""

    def __call__(
        self, target: str, options: Input, where: Sequence[str], query: str | None
    ) -> Parts:
        """Return the rows of `target`, an address with its dates filled in.

        Parameters
        ----------
        target : str
            Such as ``delta:sales?version=3`` or ``sqlite:///scores.db#scores``.
        options : Input
        where : sequence of str
            Filters in SQL; only the rows that satisfy all of them are yielded.
        query : str, optional
            What to ask in place of a table, where a database is named.
        """
        ...


def reader_of(target: object) -> TableReader | None:
    """Return what opens a table; ``None`` for what is no address of one."""
    if not isinstance(target, str) or (found := _SCHEME.match(target)) is None:
        return None
    module = TABLES.get(found["scheme"])
    if module is None or os.path.lexists(target):
        return None
    return cast(TableReader, import_module(module).open_table)
