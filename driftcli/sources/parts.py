"""Many files as one table: types widened over the parts, rows counted, the parts read in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from driftcli.errors import DataError
from driftcli.sources.base import BATCH_ROWS, Source, reading, slices
from driftcli.sources.widen import widened


class Parts:
    """The concatenation of one or more sources of the same columns.

    Parameters
    ----------
    name : str
        The whole as the user wrote it.
    parts : sequence of Source
        At least one.
    max_rows : int, optional
        More rows than these are an error.

    Raises
    ------
    DataError
        If the parts do not fit together, or are known to hold no row or too many.
    """

    def __init__(self, name: str, parts: Sequence[Source], max_rows: int | None = None) -> None:
        self.name = name
        self._parts = parts
        self._max_rows = max_rows
        self.schema = _common_schema(parts)
        known = [part.rows for part in parts if part.rows is not None]
        self.rows = sum(known) if len(known) == len(parts) else None
        if self.rows is not None:
            self._check_count(self.rows)

    @property
    def warnings(self) -> list[str]:
        """What the parts warn of, each once."""
        return list(dict.fromkeys(text for part in self._parts for text in part.warnings))

    @property
    def suspects(self) -> Mapping[str, str]:
        """Columns that are suspect in a part, with the reason in the first such part."""
        return {name: why for part in reversed(self._parts) for name, why in part.suspects.items()}

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows.

        Raises
        ------
        DataError
            If a part cannot be read, or at the end if there was no row.
        """
        schema = self._selected(columns)
        seen = 0
        for part in self._parts:
            for batch in part.batches(columns, batch_rows):
                seen += batch.num_rows
                self._check_most(seen)
                with reading(part.name):
                    fitted = _fitted(batch, schema)
                yield from slices(fitted, batch_rows)
        self._check_count(seen)
        self.rows = seen

    def _selected(self, columns: Sequence[str]) -> pa.Schema:
        for column in columns:
            if column not in self.schema.names:
                raise DataError("no such column", path=self.name, column=column)
        return pa.schema([self.schema.field(column) for column in columns])

    def _check_most(self, rows: int) -> None:
        if self._max_rows is not None and rows > self._max_rows:
            raise DataError(f"more than {self._max_rows} rows (input.max_rows)", path=self.name)

    def _check_count(self, rows: int) -> None:
        if not rows:
            raise DataError("0 rows", path=self.name)
        self._check_most(rows)


def _common_schema(parts: Sequence[Source]) -> pa.Schema:
    """Return the columns of the first part with types that hold those of every part."""
    first = parts[0]
    types = {field.name: field.type for field in first.schema}
    origin = dict.fromkeys(types, first.name)
    for part in parts[1:]:
        _check_columns(first, part)
        for field in part.schema:
            both = widened(types[field.name], field.type)
            if both is None:
                raise DataError(
                    f"{types[field.name]} in {origin[field.name]}, {field.type} in {part.name}",
                    path=part.name,
                    column=field.name,
                )
            if both != types[field.name]:
                types[field.name], origin[field.name] = both, part.name
    return pa.schema(list(types.items()))


def _check_columns(first: Source, part: Source) -> None:
    ours, theirs = set(part.schema.names), set(first.schema.names)
    for column in first.schema.names:
        if column not in ours:
            raise DataError(f"missing, but {first.name} has it", path=part.name, column=column)
    for column in part.schema.names:
        if column not in theirs:
            raise DataError(f"missing, but {part.name} has it", path=first.name, column=column)


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.equals(schema):
        return batch
    columns = [_cast(batch.column(i), field.type) for i, field in enumerate(schema)]
    if not columns:
        return batch
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(array: pa.Array, to: pa.DataType) -> pa.Array:
    if array.type == to:
        return array
    # integers above 2^53 round to the nearest float, as every reader of floats expects
    return array.cast(to, safe=not pa.types.is_floating(to))
