"""Many files as one table: types widened over the parts, rows counted, the parts read in turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from driftcli.errors import DataError, shown_path
from driftcli.sources.base import BATCH_ROWS, Narrows, Places, Source, reading, slices
from driftcli.sources.widen import is_text, widened

if TYPE_CHECKING:
    from datetime import datetime

    from driftcli.sources.filters import Condition, Filter


class Dated(Protocol):
    """A file, or what else was written at a time."""

    @property
    def modified(self) -> datetime:
        """When it was last written."""


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
    where : Condition, optional
        Only rows that satisfy it are yielded and counted.
    partitions : tuple of str
        The columns that stand in the names of folders and not in the files.
    files : sequence of Dated
        What the parts are read from.
    nothing : str
        What is said where there is no row.
    notes : sequence of str
        Warnings of how they were found.

    Raises
    ------
    DataError
        If the parts do not fit together, or are known to hold no row or too many.
    UsageError
        If the condition does not fit the columns.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[Source],
        max_rows: int | None = None,
        where: Condition | None = None,
        partitions: tuple[str, ...] = (),
        files: Sequence[Dated] = (),
        nothing: str = "0 rows",
        notes: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.partitions = partitions
        self._files = files
        self._nothing = nothing
        self._notes = notes
        self.parts = parts
        self._max_rows = max_rows
        self._where = where
        self._filter: Filter | None = None
        self._to_keep: frozenset[str] = frozenset()
        self._kept: dict[str, pa.ChunkedArray] = {}
        self.schema = _common_schema(parts)
        known = [part.rows for part in parts if part.rows is not None]
        self.rows = sum(known) if len(known) == len(parts) else None
        if where is not None:
            from driftcli.sources.filters import filterable

            self.schema = filterable(self.schema)
            self._filter = where.on(self.schema, name)
            self.parts = [
                part.narrowed(self._filter, {}) if isinstance(part, Narrows) else part
                for part in parts
            ]
            self.rows = None
        if self.rows is not None:
            self.check_count(self.rows)

    @property
    def columnar(self) -> bool:
        """Whether reading some columns costs only these, in every part."""
        return all(part.columnar for part in self.parts)

    @property
    def modified(self) -> datetime | None:
        """When the latest of its files was written; ``None`` for what is no file."""
        return max((file.modified for file in self._files), default=None)

    @property
    def warnings(self) -> list[str]:
        """What the parts warn of, each once."""
        told = (text for part in self.parts for text in part.warnings)
        return list(dict.fromkeys((*self._notes, *told)))

    @property
    def suspects(self) -> Mapping[str, str]:
        """Columns that are suspect in a part, with the reason in the first such part."""
        return {name: why for part in reversed(self.parts) for name, why in part.suspects.items()}

    def place_of(self, column: str, label: str) -> str:
        """Return where a label of a column stands: in which line, or else in which source."""
        for part in self.parts:
            if isinstance(part, Places) and (place := part.place_of(column, label)):
                return place
        return shown_path(self.name)

    def keep(self, columns: Collection[str]) -> None:
        """Hold columns in memory once they were read, as they will be asked for again.

        Parameters
        ----------
        columns : collection of str
        """
        self._to_keep = frozenset(columns) & frozenset(self.schema.names)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows.

        Raises
        ------
        DataError
            If a part cannot be read, or at the end if there was no row.
        """
        missing = [column for column in columns if column not in self._kept]
        if not missing and columns:
            table = pa.table({column: self._kept[column] for column in columns})
            yield from table.to_batches(max_chunksize=batch_rows)
        elif len(missing) < len(columns) and self.columnar:
            yield from self._completed(columns, missing, batch_rows, threads)
        elif self._to_keep:
            yield from self._keeping(columns, batch_rows, threads)
        else:
            yield from self._read(columns, batch_rows, threads)

    def _completed(
        self, columns: Sequence[str], missing: Sequence[str], batch_rows: int, threads: bool
    ) -> Iterator[pa.RecordBatch]:
        """Yield what is held together with what has to be read."""
        at = 0
        for batch in self._keeping(missing, batch_rows, threads):
            arrays = [
                batch.column(column)
                if column in missing
                else self._kept[column].slice(at, batch.num_rows).combine_chunks()
                for column in columns
            ]
            at += batch.num_rows
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _keeping(
        self, columns: Sequence[str], batch_rows: int, threads: bool
    ) -> Iterator[pa.RecordBatch]:
        """Yield what is read, and hold what is to be kept when all of it was."""
        # where a row is read whole, what is asked for later costs nothing now
        more = () if self.columnar else sorted(self._to_keep.difference(columns))
        names = [*columns, *more]
        held: dict[str, list[pa.Array]] = {n: [] for n in names if n in self._to_keep}
        for batch in self._read(names, batch_rows, threads):
            for name, arrays in held.items():
                arrays.append(batch.column(name))
            yield batch.select(list(columns)) if more else batch
        for name, arrays in held.items():
            if len({array.type for array in arrays}) > 1:  # some were read as dictionaries
                arrays[:] = map(_decoded, arrays)
            self._kept.setdefault(name, pa.chunked_array(arrays))

    def _read(
        self, columns: Sequence[str], batch_rows: int, threads: bool
    ) -> Iterator[pa.RecordBatch]:
        names = list(columns)
        if self._filter is not None:
            names += [name for name in self._filter.columns if name not in names]
        schema = self._selected(names)
        seen = 0
        for part in self.parts:
            for batch in part.batches(names, batch_rows, threads=threads):
                with reading(part.name):
                    fitted = _fitted(batch, schema)
                    if self._filter is not None:
                        fitted = self._filter.rows(fitted).select(list(columns))
                seen += fitted.num_rows
                self._check_most(seen)
                yield from slices(fitted, batch_rows)
        self.check_count(seen)
        self.rows = seen

    def _selected(self, columns: Sequence[str]) -> pa.Schema:
        known = set(self.schema.names)
        for column in columns:
            if column not in known:
                raise DataError("no such column", path=self.name, column=column)
        return pa.schema([self.schema.field(column) for column in columns])

    def _check_most(self, rows: int) -> None:
        if self._max_rows is not None and rows > self._max_rows:
            raise DataError(f"more than {self._max_rows} rows (input.max_rows)", path=self.name)

    def check_count(self, rows: int) -> None:
        """Refuse a number of rows that is none or too many.

        Raises
        ------
        DataError
        """
        if not rows:
            if self._where is not None:
                raise self._where.none_left(self.name)
            raise DataError(self._nothing, path=self.name)
        self._check_most(rows)


def _common_schema(parts: Sequence[Source]) -> pa.Schema:
    """Return the columns of the first part with types that hold those of every part."""
    first = parts[0]
    types = {field.name: field.type for field in first.schema}
    origin = dict.fromkeys(types, first.name)
    for part in parts[1:]:
        if part.schema.equals(first.schema):
            continue
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


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.equals(schema) or not batch.num_columns:
        return batch
    columns = [_cast(batch.column(i), field.type) for i, field in enumerate(schema)]
    return pa.RecordBatch.from_arrays(columns, names=schema.names)


def _cast(array: pa.Array, to: pa.DataType) -> pa.Array:
    if array.type == to:
        return array
    # text may come as dictionaries, which are counted in a sixth of the time
    if pa.types.is_dictionary(array.type) and is_text(array.type) and is_text(to):
        if array.type.value_type == to:  # a cast would import Arrow's functions
            return array
        return pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(to))
    # integers above 2^53 round to the nearest float, as every reader of floats expects
    return array.cast(to, safe=not pa.types.is_floating(to))
