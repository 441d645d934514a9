"""Folders named ``key=value``: columns whose values stand in the path of a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa

from driftcli.errors import DataError, quoted
from driftcli.sources.base import BATCH_ROWS, Bounds, Known, Narrows, Places, Source
from driftcli.sources.files import printable_name

if TYPE_CHECKING:
    from driftcli.sources.filters import Filter

MISSING = "__HIVE_DEFAULT_PARTITION__"
WHOLE = re.compile(r"-?[0-9]{1,19}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Keys = dict[str, str | None]


def keys_of(names: Sequence[str], folders: Sequence[Sequence[str]]) -> list[Keys]:
    """Return for each file the keys of its folders with their values, decoded but not typed.

    Parameters
    ----------
    names : sequence of str
        The files, for messages.
    folders : sequence of sequences of str
        The folders that each file is in.

    Raises
    ------
    DataError
        If not all files are in folders of the same keys.
    """
    found = [_keys(name, inside) for name, inside in zip(names, folders, strict=True)]
    fullest = max(range(len(found)), key=lambda at: len(found[at]))
    for name, keys in zip(names, found, strict=True):
        if keys.keys() != found[fullest].keys():
            lacking = next((key for key in found[fullest] if key not in keys), next(iter(keys), ""))
            message = f"in no folder {quoted(lacking + '=…')}, but {names[fullest]} is"
            raise DataError(message, path=name)
    return found


def _keys(name: str, folders: Sequence[str]) -> Keys:
    keys: Keys = {}
    for folder in folders:
        raw_key, is_key, raw_value = folder.partition("=")
        if not is_key or not raw_key:
            continue
        key, value = (printable_name(unquote(raw)) for raw in (raw_key, raw_value))
        if key in keys:
            raise DataError(f"in two folders {quoted(key + '=…')}", path=name)
        keys[key] = None if value == MISSING else value
    return keys


def typed(keys: Sequence[Keys]) -> list[dict[str, pa.Scalar]]:
    """Return the values in the type of their column: whole number, date, or else text.

    The values of all files decide, as they do in a column of CSV.
    """
    columns = {}
    for key in keys[0]:
        words = [file[key] for file in keys]
        parse, kind = _type_of([word for word in words if word is not None])
        columns[key] = [pa.scalar(None if w is None else parse(w), kind) for w in words]
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ] or [{} for _ in keys]


def _type_of(words: Sequence[str]) -> tuple[Any, pa.DataType]:
    if words and all(WHOLE.fullmatch(w) and -(2**63) <= int(w) < 2**63 for w in words):
        return int, pa.int64()
    if words and all(map(_is_day, words)):
        return dt.date.fromisoformat, pa.date32()
    return str, pa.string()


def _is_day(word: str) -> bool:
    try:
        return bool(DAY.fullmatch(word) and dt.date.fromisoformat(word))
    except ValueError:
        return False


class Keyed:
    """A file with the columns that its folders name; these win over columns of the same name.

    Parameters
    ----------
    source : Source
    values : mapping of str to pyarrow.Scalar
    """

    def __init__(self, source: Source, values: Mapping[str, pa.Scalar]) -> None:
        own = [field for field in source.schema if field.name not in values]
        self.schema = pa.schema([*own, *((name, value.type) for name, value in values.items())])
        self.name = source.name
        self.rows = source.rows
        self.columnar = source.columnar
        self.source = source
        self.values = values

    def narrowed(self, where: Filter, known: Known) -> Keyed:
        """Return the same without pieces of the file that hold no row that is asked for."""
        if not isinstance(self.source, Narrows):
            return self
        known = {**known, **{name: Bounds(only=value) for name, value in self.values.items()}}
        return Keyed(self.source.narrowed(where, known), self.values)

    @property
    def warnings(self) -> list[str]:
        """Those of the file."""
        return self.source.warnings

    @property
    def suspects(self) -> Mapping[str, str]:
        """Those of the file, but for columns that its folders name."""
        return {k: why for k, why in self.source.suspects.items() if k not in self.values}

    def place_of(self, column: str, label: str) -> str:
        """Return the line of the file in which a label stands first."""
        return self.source.place_of(column, label) if isinstance(self.source, Places) else ""

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        own = [name for name in columns if name not in self.values]
        for batch in self.source.batches(own, batch_rows, threads=threads):
            arrays = dict(zip(own, batch.columns, strict=True))
            for name, value in self.values.items():
                arrays[name] = pa.repeat(value, batch.num_rows)
            if not columns:
                yield batch
            else:
                yield pa.RecordBatch.from_arrays([arrays[n] for n in columns], names=list(columns))
