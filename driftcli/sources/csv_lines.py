"""Which line of a CSV file a record is on; only asked for once something is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from driftcli.sources.text import MAX_LINE, Text

READ_BYTES = 1 << 20
QUOTE = ord('"')


class Record(NamedTuple):
    """One record of the text.

    Attributes
    ----------
    line : int
        Number of its first line, from 1.
    fields : int
        How many fields it has.
    closed : bool
        Whether its last quote is closed.
    size : int
        Its length in bytes.
    data : bytes
        The record itself, cut near :data:`~driftcli.sources.text.MAX_LINE`.
    """

    line: int
    fields: int
    closed: bool
    size: int
    data: bytes


def records(text: Text, delimiter: str) -> Iterator[Record]:
    """Yield the records of a text as pyarrow's reader sees them; empty lines are none."""
    mark = ord(delimiter)
    with text.open() as stream:
        number, start, fields, size, is_open, held = 1, 1, 1, 0, False, bytearray()
        for line in _lines(stream):
            if not is_open:
                if not line.rstrip(b"\r\n"):
                    number += 1
                    continue
                start, fields, size, held = number, 1, 0, bytearray()
            more, is_open = _scan(line, mark, is_open)
            fields += more
            size += len(line)
            if len(held) <= MAX_LINE:
                held += line
            number += not (is_open and line.endswith(b"\r"))  # in quotes it is no end of a line
            if not is_open:
                yield Record(start, fields, True, size, bytes(held))
        if is_open:
            yield Record(start, fields, False, size, bytes(held))


def nth(text: Text, delimiter: str, index: int) -> Record | None:
    """Return the record of that index, from 0; the header is one."""
    return next(islice(records(text, delimiter), index, None), None)


def _scan(line: bytes, mark: int, is_open: bool) -> tuple[int, bool]:
    """Return how many delimiters outside quotes a line has, and whether a quote is open after it.

    A quote opens only at the start of a field; two in a row inside quotes are one character.
    """
    if not is_open and QUOTE not in line:
        return line.count(mark), False
    count, at_start, at = 0, not is_open, 0
    while at < len(line):
        char = line[at]
        if is_open:
            if (at := line.find(b'"', at)) < 0:
                return count, True
            if line[at + 1 : at + 2] == b'"':
                at += 1
            else:
                is_open = False
        elif char == QUOTE and at_start:
            is_open = True
        count += not is_open and char == mark and line[at] == mark
        at_start = not is_open and line[at] == mark
        at += 1
    return count, is_open


def _lines(stream: pa.NativeFile) -> Iterator[bytes]:
    """Yield lines with their ends; a line longer than the limit comes in pieces of its size."""
    held = b""
    while chunk := stream.read(READ_BYTES):
        lines = (held + chunk).splitlines(keepends=True)
        held = b"" if chunk.endswith(b"\n") else lines.pop()
        yield from lines
        if len(held) > MAX_LINE:
            yield held
            held = b""
    if held:
        yield held
