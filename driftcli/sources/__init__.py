"""Where the data come from: files, directories of parts, globs, stdin, frames in memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from driftcli.config import Input
from driftcli.errors import DataError, DriftcliError, quoted
from driftcli.sources.base import Reader, Source
from driftcli.sources.files import File, find, printable_name
from driftcli.sources.formats import FORMATS, Format, format_of
from driftcli.sources.parts import Parts

__all__ = ["FORMATS", "Format", "Reader", "Source", "open_source"]


def open_source(
    target: object,
    options: Input = Input(),  # noqa: B008  frozen
    *,
    types: Mapping[str, pa.DataType] | None = None,
) -> Source:
    """Open data for reading in batches, as often as needed.

    Parameters
    ----------
    target : path-like, str or frame
        A file, a directory of parts, a glob, ``-`` (CSV on stdin), or a table in memory: pandas,
        polars, pyarrow, or anything else with ``__arrow_c_stream__``.
    options : Input
        How text is read, and how many rows at most.
    types : mapping of str to pyarrow.DataType, optional
        Types of the reference's columns; text is parsed with them, so that a word in a column of
        numbers is an error and not a column of words.

    Returns
    -------
    Source
        Its schema is known, its rows are not yet read (text is read once to learn its types).

    Raises
    ------
    DataError
        If the data cannot be read.
    UsageError
        If the format that was asked for is not known.
    """
    if isinstance(target, str | os.PathLike):
        files = find(os.fsdecode(target))
        name = printable_name(os.fsdecode(target))
        form = _one_format(name, files, options)
        read = form.reader()
        parts = [read(file, options, types or {}) for file in files]
    else:
        from driftcli.sources.frames import open_frame

        parts = [open_frame(target)]
        name = parts[0].name
    return Parts(name, parts, options.max_rows)


def _one_format(name: str, files: Sequence[File], options: Input) -> Format:
    """Return the format of all `files`; an odd one among them is named."""
    if len(files) == 1:
        return format_of(files[0], options)
    found: list[Format | DriftcliError] = []
    for file in files:
        try:
            found.append(format_of(file, options))
        except DataError as error:
            found.append(error)
    known = Counter(form for form in found if isinstance(form, Format))
    usual = known.most_common(1)[0][0] if known else None
    for file, form in zip(files, found, strict=True):
        if isinstance(form, DriftcliError):
            raise form
        if form is not usual and usual is not None:
            message = f"{quoted(file.path.name)} is {form.title}, the other files {usual.title}"
            raise DataError(message, path=name)
    assert usual is not None  # noqa: S101  one format at least, or an error was raised
    return usual
