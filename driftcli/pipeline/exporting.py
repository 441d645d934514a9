"""The tables of a store as Parquet, for other tools."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli.errors import OutputError
from driftcli.files import write_whole
from driftcli.store import Store
from driftcli.store.store import TABLES

if TYPE_CHECKING:
    import pyarrow as pa


def export_tables(store: Store, folder: Path) -> None:
    """Write one file a table, each whole or not at all.

    Parameters
    ----------
    store : Store
    folder : Path
        Made where there is none.

    Raises
    ------
    DriftcliError
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(error.strerror or error).lower(), path=folder) from None
    for name in TABLES:
        columns, rows = store.table(name)
        kinds = [_arrow(kind) for kind in columns.values()]
        arrays = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(kinds)]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(arrays, names=list(columns)), sink)
        write_whole(folder / f"{name}.parquet", sink.getvalue())


def _arrow(kind: str) -> pa.DataType:
    """Return the Arrow type of what a record says of a field."""
    import pyarrow as pa

    types = {"int": pa.int64(), "float": pa.float64(), "bool": pa.int64()}
    return types.get(kind.partition(" ")[0], pa.string())
