"""Labels and decisions as yes and no, or as codes of classes, and the classes' own columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from os.path import commonprefix
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.errors import DataError, UsageError, quoted
from driftcli.summaries.arrays import flatten, label_of

SHOWN = 5
NO, YES = "0", "1"
PLAIN = frozenset({NO, YES})
TWO = 2

_WHOLE = re.compile(r"(-?[0-9]+)\.0*")
_WORDS = {"true": YES, "false": NO}


def class_names(column: pa.ChunkedArray) -> list[str]:
    """Return the distinct values of a column as names; nothing may be missing."""
    return _encoded(column)[0]


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """Return the distinct values as names, and each row's place among them."""
    values = flatten(column.combine_chunks())
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    encoded = values.dictionary_encode()
    names = [label_of(value) for value in encoded.dictionary.to_pylist()]
    return names, np.asarray(encoded.indices).astype(np.int64)


def _key(value: object) -> str:
    """Return what a spelling stands for: 1 for ``1.0`` and ``True``, 0 for ``false``."""
    name = label_of(value)
    whole = _WHOLE.fullmatch(name)
    return whole[1] if whole else _WORDS.get(name.lower(), name)


def truth_values(
    column: pa.ChunkedArray,
    positive: object,
    name: str,
    title: str,
    seen: Collection[str] = (),
) -> NDArray[np.bool_]:
    """Return a column of labels as true and false.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Nothing missing.
    positive : object
        The value that means yes; ``None`` where the column is boolean or 0 and 1.
    name, title : str
        Source and column, for messages.
    seen : collection of str
        Labels of the other side: they tell what the only label of this one stands for.

    Raises
    ------
    DataError
        If the values are not two-valued in that sense; it lists those found.
    """
    names, codes = _encoded(column)
    keys = [_key(value) for value in names]
    wanted = YES if positive is None else _key(positive)
    reason, hint = "", ""
    if positive is None and not PLAIN.issuperset(keys):
        reason = f"labels must be 0 and 1, found {_listed(names)}"
        hint = "say which one is positive with --positive VALUE" if len(names) <= TWO else ""
    elif len(set(keys)) > TWO:
        reason = f"a binary label has two values, found {_listed(names)}"
    elif positive is not None and wanted not in keys:
        reason, hint = _not_found(positive, wanted, names, seen)
    if reason:
        raise DataError(reason, path=name, column=title, hint=hint)
    return np.array([key == wanted for key in keys], dtype=np.bool_)[codes]


def _not_found(
    positive: object, wanted: str, names: Sequence[str], seen: Collection[str]
) -> tuple[str, str]:
    """Say what is wrong where no label is the positive one; no words where all may be negative."""
    known = {_key(value) for value in (*names, *seen)}
    if (
        not names
        or {_key(value) for value in names} == {NO}
        or (wanted in known and len(known) == 2)
    ):
        return "", ""
    if len(names) == 1 and len(known) == 1:
        reason = f"every label is {quoted(names[0])}, none is the positive {quoted(positive)}"
        return reason, "give a reference log that has both, or labels of 0 and 1"
    return f"the positive label {quoted(positive)} is not among {_listed({*names, *seen})}", ""


def decisions(
    column: pa.ChunkedArray, positive: object, labels: Collection[str], name: str, title: str
) -> NDArray[np.bool_]:
    """Return a column of predicted labels as true and false.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Nothing missing; the label's own values, or 0 and 1 (false and true) whatever those are.
    positive : object
        The label that means yes, as :func:`truth_values` takes it.
    labels : collection of str
        The labels found, on both sides.
    name, title : str
        Source and column, for messages.

    Raises
    ------
    DataError
        If the values are neither, or could be both with different meanings.
    """
    names, codes = _encoded(column)
    keys = [_key(value) for value in names]
    wanted = YES if positive is None else _key(positive)
    vocabulary = {_key(value) for value in labels} | {wanted}
    own, plain = ([key == yes for key in keys] for yes in (wanted, YES))
    is_plain = PLAIN.issuperset(keys)
    if PLAIN.issuperset(vocabulary):
        truth = own if is_plain else None
    elif is_plain:
        unclear = vocabulary.issuperset(keys) and own != plain
        truth = None if unclear else plain
    else:
        truth = own if len(vocabulary.union(keys)) <= TWO else None
    if truth is None:
        expected = "0 and 1" if PLAIN.issuperset(vocabulary) else "0 and 1, or the labels' values"
        reason = f"predictions must be {expected}, found {_listed(names)}"
        raise DataError(reason, path=name, column=title)
    return np.array(truth, dtype=np.bool_)[codes]


def _listed(values: Collection[str]) -> str:
    shown = ", ".join(quoted(value) for value in sorted(values)[:SHOWN])
    return f"{shown} and {len(values) - SHOWN} more" if len(values) > SHOWN else shown


def class_codes(columns: Sequence[pa.ChunkedArray]) -> tuple[list[str], list[NDArray[Any]]]:
    """Return the names of all classes in some columns, and each column as codes into them."""
    names: dict[str, int] = {}
    coded = []
    for column in columns:
        values, codes = _encoded(column)
        own = np.array([names.setdefault(value, len(names)) for value in values], dtype=np.int64)
        coded.append(own[codes])
    return list(names), coded


def class_columns(classes: Collection[str], scores: Sequence[str], name: str) -> dict[str, str]:
    """Match every probability column with its class.

    A column is named as its class, or all have one prefix before the class: ``p_good``,
    ``p_very_good``. Columns of classes that no row has keep theirs.

    Parameters
    ----------
    classes : collection of str
        Those found in the data.
    scores : sequence of str
        The columns.
    name : str
        The source, for messages.

    Returns
    -------
    dict of str to str
        The column of each class, in the order of ``scores``.

    Raises
    ------
    DriftcliError
        If a class found has no column, or the columns can be read in several ways.
    """
    if len(set(scores)) < len(scores):
        raise UsageError("a probability column is named twice", path=name)
    readings = list(_readings(scores))
    fitting = [owners for owners in readings if owners.keys() >= set(classes)]
    if fitting and (fitting[0] is readings[0] or len(fitting) == 1):
        return fitting[0]
    hint = "name the columns as the classes, or with one prefix before them, such as p_CLASS"
    if fitting:
        raise DataError("probability columns that fit several classes", path=name, hint=hint)
    nearest = max(readings, key=lambda owners: len(owners.keys() & set(classes)))
    missing = min(set(classes) - nearest.keys())
    reason = f"class {quoted(missing)} has no probability column of its own"
    raise DataError(reason, path=name, hint=hint)


def _readings(scores: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the columns by class: as they are named, then without a prefix that all have."""
    shared = commonprefix(list(scores))  # noqa: RUF071 (of names, not of paths)
    for length in (0, *range(len(shared), 0, -1)):
        if all(len(score) > length for score in scores):
            yield {score[length:]: score for score in scores}
