"""Where the data come from: files, directories of parts, globs, stdin, frames in memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from driftcli.config import Input
from driftcli.errors import DataError, DriftcliError, quoted
from driftcli.sources.base import Bounds, Reader, Source
from driftcli.sources.files import File, LocalFile, RemoteFile
from driftcli.sources.finding import Found, find
from driftcli.sources.formats import FORMATS, Format, format_of, refuse_odd_names
from driftcli.sources.hive import Keyed, keys_of, typed
from driftcli.sources.parts import Parts
from driftcli.sources.tables import reader_of
from driftcli.sources.templates import filled

if TYPE_CHECKING:
    from driftcli.sources.filters import Condition

__all__ = ["FORMATS", "Format", "Parts", "Reader", "Source", "open_source"]

Result = TypeVar("Result")
OPENINGS = 16


def open_source(
    target: object,
    options: Input = Input(),  # noqa: B008  frozen
    *,
    types: Mapping[str, pa.DataType] | None = None,
    where: Sequence[str] = (),
    query: str | None = None,
) -> Parts:
    """Open data for reading in batches, as often as needed.

    Parameters
    ----------
    target : path-like, str, frame or Parts
        What is open already is returned as it is. Else a file, a directory of parts, a glob, an
        address of remote storage, ``-`` (CSV on stdin), a table of a lake or a database, or one in
        memory: pandas, polars, pyarrow, or anything else with ``__arrow_c_stream__``.
        ``{date:%Y-%m-%d}`` and ``{latest}`` in a path are filled in.
    options : Input
        How text is read, how many rows at most, and which day a date in a path means.
    types : mapping of str to pyarrow.DataType, optional
        Types of the reference's columns; text is parsed with them, so that a word in a column of
        numbers is an error and not a column of words.
    where : sequence of str
        Filters in SQL; only the rows that satisfy all of them are yielded.
    query : str, optional
        What to ask a database that is named without a table.

    Returns
    -------
    Parts
        Its schema is known, its rows are not yet read (text is read once to learn its types).

    Raises
    ------
    DataError
        If the data cannot be read.
    UsageError
        If the format, the template or the filter is not understood.
    """
    if isinstance(target, Parts):  # open already
        return target
    if (read_table := reader_of(target)) is not None:
        return read_table(filled(str(target), options.date), options, where, query)
    condition = _condition(where)
    if not isinstance(target, str | os.PathLike):
        from driftcli.sources.frames import open_frame

        frame = open_frame(target)
        return Parts(frame.name, [frame], options.max_rows, condition)
    found = find(os.fsdecode(target), options.date)
    if found.table is not None and (read_table := reader_of(found.table)) is not None:
        return read_table(found.table, options, where, query)
    values = typed(keys_of([file.name for file in found.files], found.folders))
    kept = _not_excluded(found, values, condition)
    files = [found.files[at] for at in kept]
    refuse_odd_names(found.name, files, options)
    form = _one_format(found.name, files, options)
    read = form.reader()
    sources = _each(lambda file: read(file, options, types or {}), files)
    parts = [
        Keyed(source, values[at]) if values[at] else source
        for at, source in zip(kept, sources, strict=True)
    ]
    partitions = tuple(values[0])
    nothing = "0 rows" if form.magic else "no data rows"
    notes = _twice(found.name, files)
    most = options.max_rows
    return Parts(found.name, parts, most, condition, partitions, files, nothing, notes)


def _twice(name: str, files: Sequence[File]) -> list[str]:
    """Tell files that are others by another name, such as a link to the latest."""
    first: dict[tuple[int, ...], str] = {}
    links = [
        (file.name, first[file.stamp])
        for file in files
        if isinstance(file, LocalFile) and first.setdefault(file.stamp, file.name) != file.name
    ]
    if not links:
        return []
    link, original = links[0]
    more = f" (and {len(links) - 1} more)" if len(links) > 1 else ""
    return [f"{name}: {link} is {original} by another name{more}, so its rows count twice"]


def _condition(where: Sequence[str]) -> Condition | None:
    if not where:
        return None
    from driftcli.sources.filter_sql import parse

    return parse(where)


def _not_excluded(
    found: Found, values: Sequence[Mapping[str, pa.Scalar]], condition: Condition | None
) -> list[int]:
    """Return which files may hold a row that is asked for, as their folders have it."""
    everything = list(range(len(found.files)))
    if condition is None or not values[0]:
        return everything
    schema = pa.schema([(name, value.type) for name, value in values[0].items()])
    where = condition.on_some(schema, found.name)
    kept = [
        at
        for at, keys in enumerate(values)
        if where.possible({name: Bounds(only=value) for name, value in keys.items()})
    ]
    if not kept:
        raise condition.none_left(found.name)
    return kept


def _one_format(name: str, files: Sequence[File], options: Input) -> Format:
    """Return the format of all `files`; an odd one among them is named."""
    if len(files) == 1:
        return format_of(files[0], options)
    found = _each(lambda file: _format_or_error(file, options), files)
    known = Counter(form for form in found if isinstance(form, Format))
    usual = known.most_common(1)[0][0] if known else None
    for file, form in zip(files, found, strict=True):
        if isinstance(form, DriftcliError):
            raise form
        if form is not usual and usual is not None:
            shown = quoted(file.name.rpartition("/")[2])
            message = f"{shown} is {form.title}, the other files {usual.title}"
            raise DataError(message, path=name)
    assert usual is not None  # noqa: S101  one format at least, or an error was raised
    return usual


def _format_or_error(file: File, options: Input) -> Format | DataError:
    try:
        return format_of(file, options)
    except DataError as error:
        return error


def _each(work: Callable[[File], Result], files: Sequence[File]) -> list[Result]:
    """Return what `work` gives for each file; several at once where they mostly wait."""
    if len(files) == 1 or not isinstance(files[0], RemoteFile):
        return [work(file) for file in files]
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(OPENINGS)
    try:
        return list(pool.map(work, files))
    finally:
        pool.shutdown(cancel_futures=True)
