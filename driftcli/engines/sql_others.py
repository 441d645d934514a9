"""Categories and times, counted by a database."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from driftcli.engines.sql_numbers import countable
from driftcli.engines.sql_text import Table, Words
from driftcli.schema import ColumnPlan
from driftcli.summaries.arrays import label_codes, numeric_values
from driftcli.summaries.categorical import MAX_CATEGORIES, CategoricalFold, CategoricalSummary
from driftcli.summaries.counting import ExtentFold
from driftcli.summaries.numeric import NumericSummary, presence


def labels(table: Table, column: ColumnPlan) -> CategoricalSummary | None:
    """Return how many rows each category has, or ``None`` where that is best told by the rows.

    Parameters
    ----------
    table : Table
    column : ColumnPlan
    """
    kind, value = table.schema.field(column.name).type, table.value(column.name)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (text or pa.types.is_boolean(kind) or countable(column, kind)):
        return None
    if text:
        value = f"{value} {Words(table.dialect).by_bytes}"
    answer = table.ask(
        f"SELECT x, COUNT(*) AS n FROM (SELECT {value} AS x {table.asked}) AS q "
        f"GROUP BY 1 LIMIT {MAX_CATEGORIES + 2}"
    )
    if answer.num_rows > MAX_CATEGORIES + 1:
        return None
    fold = CategoricalFold()
    for batch in answer.to_batches():
        fold.add(*_by_name(batch, column))
    return fold.finish()


def _by_name(batch: pa.RecordBatch, column: ColumnPlan) -> tuple[dict[str, int], int]:
    """Return the rows by category, and those without one."""
    counts = batch.column(1).to_pylist()
    codes, names, present = label_codes(batch.column(0), column.dtype)
    there = range(len(counts)) if present is None else present.nonzero()[0].tolist()
    found: dict[str, int] = {}
    for code, at in zip(codes.tolist(), there, strict=True):
        found[names[code]] = found.get(names[code], 0) + counts[at]
    return found, sum(counts) - sum(found.values())


def values(table: Table, column: ColumnPlan) -> NumericSummary:
    """Return how many rows have a value."""
    answer = table.ask(
        f"SELECT COUNT(*) AS n, COUNT({table.value(column.name)}) AS x {table.asked}"
    )
    rows, present = (answer.column(at)[0].as_py() for at in range(2))
    return presence(present, rows - present)


def times(table: Table, column: ColumnPlan) -> NumericSummary:
    """Return how many times there are, the first and the last."""
    answer = table.ask(
        "SELECT COUNT(*) AS n, COUNT(x) AS present, MIN(x) AS low, MAX(x) AS high "
        f"FROM (SELECT {table.value(column.name)} AS x {table.asked}) AS q"
    )
    rows, present = (answer.column(at)[0].as_py() for at in range(2))
    fold = ExtentFold()
    for end in ("low", "high"):
        fold.add(*numeric_values(answer.column(end).chunk(0), column.dtype))
    return replace(fold.finish(), count=present, missing=rows - present)
