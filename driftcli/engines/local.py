"""Folds the batches of a source into summaries on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from driftcli.errors import DataError
from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.arrays import label_counts, numeric_values
from driftcli.summaries.categorical import CategoricalFold
from driftcli.summaries.grid import Grid
from driftcli.summaries.numeric import CHUNK, NumericFold, NumericSummary

MEMORY = 96 * 2**20
"""Bytes of values kept for exact distances, a side."""


class Batches(Protocol):
    """The part of a source that an engine needs."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the columns, in that order; callable again."""


def summarise(
    source: Batches, columns: Sequence[ColumnPlan], like: DatasetSummary | None = None
) -> DatasetSummary:
    """Summarise the columns of a source.

    Parameters
    ----------
    source : Batches
        Read once; a second time only where a reference outgrows the memory.
    columns : sequence of ColumnPlan
    like : DatasetSummary, optional
        The reference, on whose edges this side is counted.

    Returns
    -------
    DatasetSummary

    Raises
    ------
    DataError
        If the source holds no row.
    """
    grids = {} if like is None else _grids(like)
    keep = max(CHUNK, MEMORY // (8 * max(1, sum(not c.counted for c in columns))))
    folds = {plan.name: _Column(plan, grids.get(plan.name), keep) for plan in columns}
    rows = _feed(source, folds)
    if rows == 0:
        raise DataError("0 rows", path=source.name)
    again = {name: again for name, fold in folds.items() if (again := fold.second_pass())}
    if again:
        _feed(source, again)
    done = {name: again.get(name, fold).finish() for name, fold in folds.items()}
    return DatasetSummary(source.name, rows, done)


def _grids(like: DatasetSummary) -> dict[str, Grid]:
    return {n: s.grid for n, s in like.columns.items() if isinstance(s, NumericSummary)}


def _feed(source: Batches, folds: Mapping[str, _Column]) -> int:
    rows = 0
    for batch in source.batches(list(folds)):
        rows += batch.num_rows
        for fold, array in zip(folds.values(), batch.columns, strict=True):
            fold.add(array)
    return rows


def read(source: Batches, columns: Sequence[str]) -> pa.Table:
    """Return whole columns of a source, for what cannot be folded batch by batch.

    Raises
    ------
    DataError
        If the source holds no row.
    """
    table = pa.Table.from_batches(list(source.batches(columns)))
    if not table.num_rows:
        raise DataError("0 rows", path=source.name)
    return table


class _Column:
    """One column's fold, fed with Arrow arrays."""

    def __init__(self, plan: ColumnPlan, grid: Grid | None, keep: int) -> None:
        self._plan = plan
        self._numeric = None if plan.counted else NumericFold(grid, keep)
        self._labels = CategoricalFold()

    def add(self, array: pa.Array) -> None:
        if self._numeric is None:
            self._labels.add(*label_counts(array, self._plan.dtype))
        else:
            self._numeric.add(*numeric_values(array, self._plan.dtype))

    def second_pass(self) -> _Column | None:
        """Return a fresh fold on sampled edges, where this one could not keep all values."""
        grid = self._numeric.sampled_grid if self._numeric else None
        return _Column(self._plan, grid, CHUNK) if grid else None

    def finish(self) -> Summary:
        return self._labels.finish() if self._numeric is None else self._numeric.finish()
