"""Tables in memory: pandas, polars, pyarrow, and whatever else speaks the Arrow C stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from driftcli.errors import DataError, UsageError
from driftcli.sources.arrow_ipc import ArrowSource
from driftcli.sources.base import BATCH_ROWS, Source, check_names, reading
from driftcli.sources.spool import Spool, Spooled


def open_frame(frame: Any) -> Source:
    """Return the source of a table in memory.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table, pyarrow.RecordBatchReader or alike
        A ``RecordBatchReader`` can be read only once, so that its rows go to an anonymous
        temporary file first; all others are not copied where their layout is that of Arrow.

    Raises
    ------
    DataError
        If a column cannot be represented in Arrow.
    UsageError
        If it is no table.
    """
    name = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
    if isinstance(frame, pa.RecordBatchReader):
        return _spooled(frame, name)
    with reading(name):
        return FrameSource(_table(frame, name), name)


class FrameSource:
    """A table in memory."""

    def __init__(self, table: pa.Table, name: str) -> None:
        check_names(table.schema.names, name)
        self.name = name
        self.columnar = True
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self.schema: pa.Schema = table.schema.remove_metadata()
        self.rows: int | None = table.num_rows
        self._table = table.replace_schema_metadata(None)

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        wanted = list(columns) or self.schema.names[:1]
        for batch in self._table.select(wanted).to_batches(max_chunksize=batch_rows):
            yield batch.select(list(columns))


def _table(frame: Any, name: str) -> pa.Table:
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns"):
        return _from_pandas(frame, name)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame).read_all()
    raise UsageError(f"{name} is neither a path nor a table")


def _from_pandas(frame: Any, name: str) -> pa.Table:
    """Convert without the index, which ``__arrow_c_stream__`` would make a column."""
    names = [str(column) for column in frame.columns]
    check_names(names, name)
    columns = []
    for position, column in enumerate(names):
        try:
            columns.append(pa.Array.from_pandas(frame.iloc[:, position]))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            kinds = sorted({type(value).__name__ for value in frame.iloc[:, position].dropna()})
            reason = f"its values cannot be compared (they are {', '.join(kinds)})"
            raise DataError(reason, path=name, column=column) from error
    return pa.Table.from_arrays(columns, names=names)


def _spooled(reader: pa.RecordBatchReader, name: str) -> Source:
    spool = Spool()
    with reading(name):
        with pa.ipc.new_stream(pa.PythonFile(spool.file, "w"), reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        return ArrowSource(Spooled(name, spool.file.tell(), spool))
