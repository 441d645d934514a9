"""Planted changes: what a fault would do to the rows, to see whether and how late a check finds it.

Plants are made in the order given, each to what the ones before it left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from pyarrow import types as pt

from driftcli.errors import DataError, DriftcliError, UsageError
from driftcli.sources.base import BATCH_ROWS, reading
from driftcli.sources.filters import filterable
from driftcli.sources.parts import Parts
from driftcli.sources.plants import Dropped, Plant, Rows, Suspects


class Planted:
    """A source with plants.

    Parameters
    ----------
    source : Parts
    plants : sequence of Plant
        Made in this order.

    Raises
    ------
    UsageError
        If a plant does not fit the columns.
    """

    def __init__(self, source: Parts, plants: Sequence[Plant]) -> None:
        self.name = source.name
        self.partitions = source.partitions
        self.columnar = source.columnar
        self.suspects: Suspects = source.suspects
        self._source = source
        self._plants = plants
        self._drops = [plant for plant in plants if isinstance(plant, Dropped)]
        self._left: int | None = None
        self._idle: dict[str, None] = {}
        self.schema = filterable(source.schema)
        try:
            for plant in plants:
                self.schema = plant.typed(self.schema)
                self.suspects = plant.suspects(self.suspects)
        except UsageError as error:
            error.path = self.name
            error.hint = error.hint or self.suspects.get(str(error.column), "")
            raise

    @property
    def rows(self) -> int | None:
        """The number of rows, where it is known; not before a reading where rows are dropped."""
        return self._left if self._drops else self._source.rows

    @property
    def warnings(self) -> list[str]:
        """Those of the source, and plants that were found to drop no row."""
        return [*self._source.warnings, *self._idle]

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows.

        Raises
        ------
        DataError
            If the source cannot be read, a value leaves the range of its type, or at the end if
            no row was left.
        """
        seen, dropped = 0, Counter[str]()
        names = self._needed(columns)
        for batch in self._source.batches(names, batch_rows, threads=threads):
            first, seen = seen, seen + batch.num_rows
            planted = self._applied(batch, first, dropped).select(list(columns))
            if planted.num_rows:
                yield planted
        self._left = seen - dropped.total()
        for plant in self._drops:
            if not dropped[plant.text]:
                self._idle[f"{self.name}: no row is dropped by {plant.shown}"] = None
        if not self._left:
            hint = f"{' '.join(plant.shown for plant in self._drops)} leaves none"
            raise DataError("0 rows", path=self.name, hint=hint)

    def _needed(self, columns: Sequence[str]) -> list[str]:
        names = dict.fromkeys(columns)
        for plant in reversed(self._plants):  # a column may be swapped before it decides on a drop
            names |= dict.fromkeys(plant.needs(names))
        return list(names)

    def _applied(self, batch: pa.RecordBatch, first: int, dropped: Counter[str]) -> pa.RecordBatch:
        try:
            with reading(self.name):
                return apply_plants(batch, self._plants, first, dropped)
        except DriftcliError as error:
            error.path = self.name
            raise


def apply_plants(
    batch: pa.RecordBatch,
    plants: Sequence[Plant],
    first_row: int,
    dropped: Counter[str] | None = None,
) -> pa.RecordBatch:
    """Return a batch as it would be after plants.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        May lack columns that the plants name, but for those by which rows are dropped, and for one
        of two that are swapped. Views of text become large strings.
    plants : sequence of Plant
        Made in this order.
    first_row : int
        The number of the batch's first row in its source, from 0.
    dropped : Counter, optional
        Of the rows that were dropped, by the plants' texts; counts these too.

    Raises
    ------
    DataError
        If a value leaves the range of its type.
    UsageError
        If a plant does not fit the columns.
    """
    rows: Rows = np.arange(first_row, first_row + batch.num_rows, dtype=np.uint64)
    batch = _without_views(batch)
    for plant in plants:
        before = batch.num_rows
        batch, rows = plant.on(batch, rows)
        if dropped is not None:
            dropped[plant.text] += before - batch.num_rows
    return batch


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    for at, field in enumerate(filterable(batch.schema)):
        array = batch.column(at)
        if array.type == field.type:
            continue
        if pt.is_dictionary(array.type):
            words = array.dictionary.cast(field.type)
            array = pa.DictionaryArray.from_arrays(array.indices, words)
        else:
            array = array.cast(field.type)
        batch = batch.set_column(at, field.name, array)
    return batch
