"""True labels: found in the data or joined by key, and counted."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from driftcli.errors import DataError, quoted
from driftcli.model import LabelCoverage
from driftcli.schema import kind_of
from driftcli.summaries.arrays import flatten

# holds every whole number of 64 bits, with and without a sign
_ALL_INTEGERS = pa.decimal128(20, 0)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The rows of one side that have every value needed.

    Parameters
    ----------
    name : str
        The source, for messages.
    table : pyarrow.Table
        Label, scores, predictions and groups, nothing missing.
    coverage : LabelCoverage
    """

    name: str
    table: pa.Table
    coverage: LabelCoverage

    @property
    def without_score(self) -> int:
        """Labelled rows left out because a score, prediction or group is missing."""
        complete: int = self.table.num_rows
        return self.coverage.labelled - complete


def counted(amount: int, noun: str) -> str:
    """Return an amount with its noun: ``1 row``, ``1,500 rows``."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def complete_rows(name: str, table: pa.Table, label: str, unmatched: int = 0) -> Labelled:
    """Keep the rows that have a label and every other value, and count the rest.

    Parameters
    ----------
    name : str
    table : pyarrow.Table
        With the columns needed and no other.
    label : str
    unmatched : int
        Labels that belong to no row.

    Raises
    ------
    DataError
        If a column holds lists or the like.
    """
    for title in table.column_names:
        refuse_odd_type(table[title].type, name, title)
    columns = [flatten(column.combine_chunks()) for column in table.columns]
    table = pa.Table.from_arrays(columns, names=table.column_names)
    labelled = present(table[label])
    whole = labelled
    for other in table.column_names:
        whole = pc.and_(whole, present(table[other]))
    coverage = LabelCoverage(table.num_rows, int(pc.sum(labelled).as_py() or 0), unmatched)
    return Labelled(name, table.filter(whole), coverage)


def refuse_odd_type(type_: pa.DataType, name: str, title: str) -> None:
    """Refuse columns whose values cannot be told apart: lists, structs, bytes.

    Raises
    ------
    DataError
    """
    if kind_of(type_) is None and not pa.types.is_null(type_):
        reason = f"{type_} where numbers, text or truth values are needed"
        raise DataError(reason, path=name, column=title)


def present(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return where a column has a value: neither null nor NaN."""
    valid = column.is_valid()
    if pa.types.is_floating(column.type):
        valid = pc.and_(valid, pc.fill_null(pc.invert(pc.is_nan(column)), False))
    return valid


def join_labels(
    name: str, table: pa.Table, key: str, labels: pa.Table, labels_name: str, label: str
) -> tuple[pa.Table, int]:
    """Give each row the label that has its key.

    Parameters
    ----------
    name, labels_name : str
        The sources, for messages.
    table, labels : pyarrow.Table
        Both with the key column; ``labels`` with the label column.
    key, label : str

    Returns
    -------
    table : pyarrow.Table
        With the label column last, null where there is none yet.
    unmatched : int
        Labels that belong to no row.

    Raises
    ------
    DataError
        If the key repeats on either side, or its types differ or cannot be compared.
    """
    for side, source in ((table, name), (labels, labels_name)):
        refuse_odd_type(side[key].type, source, key)
    ours, theirs = (flatten(side[key].combine_chunks()) for side in (table, labels))
    if ours.type != theirs.type:
        ours, theirs = _same_type(ours, theirs, name, labels_name, key)
    for column, source in ((ours, name), (theirs, labels_name)):
        _refuse_duplicates(column, source, key)
    at = pc.index_in(ours, value_set=theirs, skip_nulls=True)
    joined = flatten(labels[label].combine_chunks()).take(at)
    matched = len(at) - at.null_count
    unmatched = len(theirs) - theirs.null_count - matched
    kept = [column for column in table.column_names if column != label]
    return table.select(kept).append_column(label, joined), unmatched


def _same_type(
    ours: pa.Array, theirs: pa.Array, name: str, labels_name: str, key: str
) -> tuple[pa.Array, pa.Array]:
    """Bring whole numbers and text to one width; anything else is a mistake worth telling."""
    both = (ours.type, theirs.type)
    if all(map(pa.types.is_integer, both)):
        wide = _ALL_INTEGERS if any(map(pa.types.is_uint64, both)) else pa.int64()
        return ours.cast(wide), theirs.cast(wide)
    if all(map(_is_text, both)):
        return ours.cast(pa.large_string()), theirs.cast(pa.large_string())
    reason = f"is {ours.type} in {name} but {theirs.type} here, so no row matches"
    raise DataError(reason, path=labels_name, column=key)


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _refuse_duplicates(keys: pa.Array, name: str, key: str) -> None:
    tally = keys.drop_null().value_counts()
    repeated = tally.filter(pc.greater(tally.field("counts"), 1))
    if len(repeated):
        first = repeated.field("values")[0].as_py()
        count = f"{len(repeated):,} keys appear" if len(repeated) > 1 else "a key appears"
        reason = f"{count} more than once (first {quoted(first)})"
        raise DataError(reason, path=name, column=key, hint="join on a key that is unique")
