"""True labels: found in the data or joined by key, counted, and read as yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from driftcli.errors import DataError, quoted
from driftcli.model import LabelCoverage
from driftcli.summaries.arrays import flatten, label_of

SHOWN = 5


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
    without_score : int
        Labelled rows left out because a score, prediction or group is missing.
    """

    name: str
    table: pa.Table
    coverage: LabelCoverage
    without_score: int


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
    """
    labelled = present(table[label])
    whole = labelled
    for other in table.column_names:
        whole = pc.and_(whole, present(table[other]))
    count = _true(labelled)
    return Labelled(
        name=name,
        table=table.filter(whole),
        coverage=LabelCoverage(table.num_rows, count, unmatched),
        without_score=count - _true(whole),
    )


def present(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return where a column has a value: neither null nor NaN."""
    valid = column.is_valid()
    if pa.types.is_floating(column.type):
        valid = pc.and_(valid, pc.fill_null(pc.invert(pc.is_nan(column)), False))
    return valid


def _true(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


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
        With the label column, null where there is none yet, and without the key.
    unmatched : int
        Labels that belong to no row.

    Raises
    ------
    DataError
        If the key repeats on either side, or its types differ.
    """
    ours, theirs = (flatten(side[key].combine_chunks()) for side in (table, labels))
    if ours.type != theirs.type:
        ours, theirs = _same_type(ours, theirs, name, labels_name, key)
    for column, source in ((ours, name), (theirs, labels_name)):
        _refuse_duplicates(column, source, key)
    at = pc.index_in(ours, value_set=theirs, skip_nulls=True)
    joined = labels[label].combine_chunks().take(at)
    matched = len(at) - at.null_count
    unmatched = len(theirs) - theirs.null_count - matched
    kept = [c for c in table.column_names if c not in (key, label)]
    return table.select(kept).append_column(label, joined), unmatched


def _same_type(
    ours: pa.Array, theirs: pa.Array, name: str, labels_name: str, key: str
) -> tuple[pa.Array, pa.Array]:
    """Bring whole numbers and text to one width; anything else is a mistake worth telling."""
    for test, wide in ((pa.types.is_integer, pa.int64()), (_is_text, pa.large_string())):
        if test(ours.type) and test(theirs.type):
            return ours.cast(wide), theirs.cast(wide)
    reason = f"is {ours.type} in {name} but {theirs.type} here, so no row matches"
    raise DataError(reason, path=labels_name, column=key)


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _refuse_duplicates(keys: pa.Array, name: str, key: str) -> None:
    counted = keys.drop_null().value_counts()
    repeated = counted.filter(pc.greater(counted.field("counts"), 1))
    if len(repeated):
        first = repeated.field("values")[0].as_py()
        count = f"{len(repeated):,} keys appear" if len(repeated) > 1 else "a key appears"
        reason = f"{count} more than once (first {quoted(first)})"
        raise DataError(reason, path=name, column=key, hint="join on a key that is unique")


def truth_values(
    column: pa.ChunkedArray, positive: object, name: str, title: str
) -> NDArray[np.bool_]:
    """Return a column of labels or classes as true and false.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Nothing missing.
    positive : object
        The value that means yes; ``None`` where the column is boolean or 0 and 1.
    name, title : str
        Source and column, for messages.

    Raises
    ------
    DataError
        If the values are not two-valued in that sense; it lists those found.
    """
    encoded = flatten(column.combine_chunks()).dictionary_encode()
    values = [label_of(value) for value in encoded.dictionary.to_pylist()]
    wanted = {"1", "true"} if positive is None else {label_of(positive)}
    allowed = {"0", "1", "false", "true"}
    if (positive is None and not set(values) <= allowed) or len(values) > 2:
        raise DataError(
            f"labels must be 0 and 1, found {_listed(values)}",
            path=name,
            column=title,
            hint="say which one is positive with --positive VALUE",
        )
    if positive is not None and len(values) == 2 and not wanted & set(values):
        raise DataError(
            f"the positive label {quoted(positive)} is not among {_listed(values)}",
            path=name,
            column=title,
        )
    yes = np.array([value in wanted for value in values], dtype=np.bool_)
    codes = np.asarray(encoded.indices)
    return yes[codes] if len(values) else np.zeros(0, dtype=np.bool_)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(quoted(value) for value in sorted(values)[:SHOWN])
    return f"{shown} and {len(values) - SHOWN} more" if len(values) > SHOWN else shown


def class_codes(columns: Sequence[pa.ChunkedArray]) -> tuple[list[str], list[NDArray[Any]]]:
    """Return the names of all classes in some columns, and each column as codes into them."""
    names: dict[str, int] = {}
    coded = []
    for column in columns:
        encoded = flatten(column.combine_chunks()).dictionary_encode()
        values = [label_of(value) for value in encoded.dictionary.to_pylist()]
        own = np.array([names.setdefault(value, len(names)) for value in values], dtype=np.int64)
        coded.append(own[np.asarray(encoded.indices)] if len(own) else np.zeros(0, dtype=np.int64))
    return list(names), coded
