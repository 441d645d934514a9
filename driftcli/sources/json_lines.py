"""Blocks of JSON lines, and what pyarrow's parser lets pass or does not survive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from driftcli.errors import DataError
from driftcli.sources.text import CONVERT, MAX_LINE

BLOCK_BYTES = 8 << 20
# pyarrow's parser ends the process by a stack overflow somewhere between 5,000 and 20,000
MAX_DEPTH = 100
STRUCTURE = b"{}[]\n"
NOT_STRUCTURE = bytes(set(range(256)) - set(STRUCTURE))
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?')
FILLED = re.compile(r"[^ \t\r\n\ufeff]")
CONSTANTS = (b"NaN", b"Inf")
# as the first row of a block it ends pyarrow's process, and as a later one it is all missing
NULL = re.compile(rb"(?:\xef\xbb\xbf)?\s*null")
LATER_NULL = re.compile(rb"[\r\n]\s*null")


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, the first of which has the number `line` in its file, from 1."""

    line: int
    data: bytes


def blocks(stream: pa.NativeFile, name: str, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield a stream as blocks of whole lines."""
    line, held = 1, b""
    while chunk := stream.read(size):
        data = held + chunk
        cut = data.rfind(b"\n") + 1
        if max(data.find(b"\n"), len(data) - cut) > MAX_LINE:
            at = line + (data.count(b"\n", 0, cut) if len(data) - cut > MAX_LINE else 0)
            raise DataError("longer than 64 MB", path=f"{name}: line {at}")
        held = data[cut:]
        if data[:cut].strip():
            yield Block(line, data[:cut])
        line += data.count(b"\n", 0, cut)
    if held.strip():
        yield Block(line, held)


def check_block(block: Block, name: str) -> None:
    """Raise :class:`DataError` at the first line that is nested too deep, or is no strict JSON.

    The parser takes NaN and Infinity for numbers, any bytes for UTF-8, and null for an object.
    """
    _check_encoding(block, name)
    if null := NULL.match(block.data) or LATER_NULL.search(block.data):
        at = block.line + block.data.count(b"\n", 0, null.end())
        raise DataError("null, not an object", path=f"{name}: line {at}")
    if _is_deep(block.data):
        for number, line in enumerate(block.data.split(b"\n"), block.line):
            if line.count(b"{") + line.count(b"[") > MAX_DEPTH and _depth(line) > MAX_DEPTH:
                reason = f"nested deeper than {MAX_DEPTH} levels"
                raise DataError(reason, path=f"{name}: line {number}")
    if any(word in block.data for word in CONSTANTS):
        for number, line in enumerate(block.data.split(b"\n"), block.line):
            if (word := _constant(line)) is not None:
                hint = "write null for a missing number"
                raise DataError(f"{word} is not JSON", path=f"{name}: line {number}", hint=hint)


def line_of_row(block: Block, row: int) -> int:
    """Return the number of the line that holds the row of that index; empty lines hold none."""
    filled = [at for at, line in enumerate(block.data.split(b"\n"), block.line) if line.strip()]
    return filled[min(row, len(filled) - 1)]


def first_fault(block: Block) -> tuple[int, str]:
    """Return the number of the first line that is no JSON, and the character there."""
    text, at, decoder = block.data.decode(), 0, json.JSONDecoder(parse_int=float)
    try:
        while filled := FILLED.search(text, at):
            _, at = decoder.raw_decode(text, filled.start())
    except json.JSONDecodeError as error:
        at = error.pos
    return block.line + text.count("\n", 0, at), text[at : at + 1]


def first_line_with(block: Block, key: str) -> int:
    """Return the number of the first line whose object has a value for `key`."""
    for number, line in enumerate(block.data.split(b"\n"), block.line):
        if line.strip() and json.loads(line).get(key) is not None:
            return number
    return block.line


def _check_encoding(block: Block, name: str) -> None:
    if block.data.isascii():
        return
    try:
        block.data.decode()
    except UnicodeDecodeError as error:
        line = block.line + block.data.count(b"\n", 0, error.start)
        hint = CONVERT.format("")
        raise DataError("not UTF-8", path=f"{name}: line {line}", hint=hint) from error


def _is_deep(data: bytes) -> bool:
    """Whether a line may be nested too deep: brackets that are left once pairs are removed."""
    left = data.translate(None, NOT_STRUCTURE)
    for _ in range(MAX_DEPTH):
        fewer = left.replace(b"{}", b"").replace(b"[]", b"")
        if len(fewer) == len(left):
            break
        left = fewer
    return bool(left.strip())


def _depth(line: bytes) -> int:
    depth = deepest = 0
    for char in STRING.sub(b"", line).translate(None, NOT_STRUCTURE):
        depth += 1 if char in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _constant(line: bytes) -> str | None:
    """Return the NaN or Infinity outside strings of a line, if there is one."""
    if not any(word in line for word in CONSTANTS):
        return None
    found = re.search(rb"-?(NaN|Inf(inity)?)", STRING.sub(b"", line))
    return found[0].decode() if found else None
