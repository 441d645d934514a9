"""What a baseline holds: summaries, how columns are compared, and how well the model did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa

from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary
from driftcli.summaries.scored import BinarySummary, MulticlassSummary


@dataclass(frozen=True, slots=True)
class Scored:
    """What is kept of labels and scores.

    Parameters
    ----------
    summary : BinarySummary or MulticlassSummary
        Rows by score and label.
    exact : bool
        Whether every distinct score has a cell of its own; parts then merge.
    """

    summary: BinarySummary | MulticlassSummary
    exact: bool


@dataclass(frozen=True, slots=True)
class StoredWindows:
    """The windows of time of a reference, and by how much each differs from all others.

    Parameters
    ----------
    window : str
        Their length, such as ``1d``.
    column, zone, like : str, optional
        The time column, the time zone of its windows, and what kind of windows are compared.
    scale : str
        In which the shift of a mean was measured.
    lost : int
        Rows that are in no window, as they have no time.
    rows : mapping of int to int
        Of each window, by its number.
    effects : mapping of str to mapping
        For each column and method, the effect of each window by its number.
    kinds : mapping of int to str
        Of each window, where a column tells which are compared.
    """

    window: str
    column: str | None
    zone: str | None
    like: str | None
    scale: str
    lost: int
    rows: Mapping[int, int]
    effects: Mapping[str, Mapping[str, Mapping[int, float]]]
    kinds: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """A reference without its rows.

    Parameters
    ----------
    summary : DatasetSummary
        Of the planned columns; ``source`` is the file once there is one.
    schema : pyarrow.Schema
        All columns that the reference had and that were not left out, those of types that no check
        serves included.
    plan : tuple of ColumnPlan
        How its columns are compared; settled here for all later runs.
    chosen : frozenset of str
        Columns whose kind the user set.
    left_out : tuple of str
        Columns that the reference had and that the user left out.
    sources : tuple of str
        What it was made of, in alphabetical order.
    where : tuple of str
        The filters of its rows.
    settings : str
        A hash of the settings by which the reference was read.
    min_count : int
        No category and no bucket has fewer rows, where this is not 0.
    performance : mapping, optional
        Metrics with their errors, columns by role and settings, as JSON values.
    scored : Scored, optional
    windows : StoredWindows, optional
    created : str
        ISO 8601.
    version : str
        Of driftcli.
    """

    summary: DatasetSummary
    schema: pa.Schema
    plan: tuple[ColumnPlan, ...]
    chosen: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    settings: str = ""
    min_count: int = 0
    performance: Mapping[str, Any] | None = None
    scored: Scored | None = None
    windows: StoredWindows | None = None
    created: str = ""
    version: str = ""

    def write(self, path: str | PathLike[str]) -> None:
        """Write the file, whole or not at all.

        Raises
        ------
        OutputError
        """
        from driftcli.baselines.file import write

        write(self, Path(path))
