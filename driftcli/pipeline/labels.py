"""True labels: found in the data or joined by key, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.errors import DataError, quoted
from driftcli.model import ColumnKind, LabelCoverage
from driftcli.schema import kind_of
from driftcli.summaries.arrays import flatten
from driftcli.summaries.windowed import Rows

Bools: TypeAlias = NDArray[np.bool_]

# holds every whole number of 64 bits, with and without a sign
_ALL_INTEGERS = pa.decimal128(20, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a log.

    Parameters
    ----------
    coverage : LabelCoverage
        Of all of them.
    rows : int
        Those that have every value needed.
    at : ndarray of int64, shape (rows,), optional
        Which ones these are; ``None`` for every row.
    """

    coverage: LabelCoverage
    rows: int
    at: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class RowWindows:
    """Which window of time each row lies in.

    Parameters
    ----------
    rows : Rows
        Of those that have every value needed.
    coverage : mapping of int to LabelCoverage
        Of each window, in order of time; of all its rows.
    lost : int
        Rows that lie in none.
    """

    rows: Rows
    coverage: Mapping[int, LabelCoverage]
    lost: int

    def each(self) -> Iterator[tuple[int, Part]]:
        """Yield each window by its number, in order of time."""
        order = np.argsort(self.rows.at, kind="stable")
        ends = np.searchsorted(self.rows.at[order], np.arange(len(self.rows.numbers) + 1))
        for at, number in enumerate(self.rows.numbers.tolist()):
            rows = order[ends[at] : ends[at + 1]]
            yield number, Part(self.coverage[number], len(rows), rows)


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
    windows : RowWindows, optional
    """

    name: str
    table: pa.Table
    coverage: LabelCoverage
    windows: RowWindows | None = None

    @property
    def without_score(self) -> int:
        """Labelled rows left out because a score, prediction or group is missing."""
        complete: int = self.table.num_rows
        return self.coverage.labelled - complete


def counted(amount: int, noun: str) -> str:
    """Return an amount with its noun: ``1 row``, ``1,500 rows``."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def complete_rows(
    name: str,
    table: pa.Table,
    label: str,
    unmatched: int = 0,
    windows: Rows | None = None,
) -> Labelled:
    """Keep the rows that have a label and every other value, and count the rest.

    Parameters
    ----------
    name : str
    table : pyarrow.Table
        With the columns needed and no other.
    label : str
    unmatched : int
        Labels that belong to no row.
    windows : Rows, optional
        Which one each row lies in.

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
    found = None
    if windows is not None:
        has_label, has_all = (np.asarray(rows.combine_chunks()) for rows in (labelled, whole))
        found = _covered(windows, has_label, has_all)
    return Labelled(name, table.filter(whole), coverage, found)


def _covered(rows: Rows, labelled: Bools, whole: Bools) -> RowWindows:
    """Return the windows of the rows that have everything, and how many have a label of all."""
    inside = rows.at >= 0
    counts = [
        np.bincount(rows.at[kept], minlength=len(rows.numbers)).tolist()
        for kept in (inside, inside & labelled)
    ]
    numbers = rows.numbers.tolist()
    coverage = {n: LabelCoverage(*pair) for n, *pair in zip(numbers, *counts, strict=True)}
    lost = len(inside) - int(inside.sum())
    return RowWindows(Rows(rows.numbers, rows.at[whole]), coverage, lost)


def refuse_odd_type(type_: pa.DataType, name: str, title: str) -> None:
    """Refuse columns whose values cannot be told apart: lists, structs, bytes.

    Raises
    ------
    DataError
    """
    if kind_of(type_) is ColumnKind.OTHER and not pa.types.is_null(type_):
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
