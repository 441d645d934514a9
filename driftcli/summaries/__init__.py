"""Mergeable summaries of columns: the kernel that every engine calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.numeric import NumericSummary

Summary = NumericSummary | CategoricalSummary


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """All summaries of one side.

    Parameters
    ----------
    source : str
        As the user named it.
    row_count : int
    columns : mapping of str to Summary
    """

    source: str
    row_count: int
    columns: Mapping[str, Summary]
