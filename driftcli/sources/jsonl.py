"""JSON lines, read in blocks of whole lines so that every fault has its line number.

Types are those of the whole file: integers and floats widen, dates and other strings are strings,
a number and a string never meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as pajson
from pyarrow import types as pt

from driftcli.config import Input
from driftcli.errors import DataError, shown_path
from driftcli.sources.base import BATCH_ROWS, plain, reading, slices
from driftcli.sources.csv_types import is_text
from driftcli.sources.files import File
from driftcli.sources.json_lines import (
    Block,
    blocks,
    check_block,
    first_fault,
    first_line_with,
    line_of_row,
)
from driftcli.sources.text import Text
from driftcli.sources.widen import widened

CHUNK_BYTES = 1 << 20
MAX_COLUMNS = 100_000
CHANGED = re.compile(r"Column\(/?(?P<column>.*)\) changed from (?P<was>\w+) to (?P<now>\w+)")
TWICE = re.compile(r"Column\(/?(?P<column>.*)\) was specified twice")
ROW = re.compile(r" in row (?P<row>\d+)$")
BIG = re.compile(rb"[:\[,]\s*(-?\d{19,})\s*[,}\]]")


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> JsonSource:
    """Open a file of JSON lines; it is read once to learn its types."""
    return JsonSource(file, types)


class JsonSource:
    """One file with one JSON object a line; a key that a line does not have is missing there."""

    def __init__(self, file: File, types: Mapping[str, pa.DataType]) -> None:
        self.name = file.name
        self.columnar = False
        self.warnings: list[str] = []
        self.suspects: Mapping[str, str] = {}
        self.rows: int | None = 0
        self._text = Text(file)
        self._types: dict[str, pa.DataType] = {}
        self._learn()
        for name, kind in self._types.items():
            # what the reference holds as text is text, even if it looks like a date
            if pt.is_timestamp(kind) and name in types and is_text(types[name]):
                self._types[name] = pa.string()
        self.schema = pa.schema(list(self._types.items()))

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        schema = pa.schema([self.schema.field(name) for name in columns])
        for block in self._blocks():
            table = self._parsed(block, schema, threads)
            for batch in table.select(list(columns)).to_batches():
                yield from slices(batch, batch_rows)

    def place_of(self, column: str, label: str) -> str:
        """Return the line in which a label of a column stands first; empty where it does not."""
        schema = pa.schema([self.schema.field(column)])
        for block in self._blocks():
            row = pc.index(self._parsed(block, schema).column(column), label).as_py()
            if row >= 0:
                return f"line {line_of_row(block, row)} of {shown_path(self.name)}"
        return ""

    def _blocks(self) -> Iterator[Block]:
        with reading(self.name), self._text.open() as stream:
            yield from blocks(stream, self.name)

    def _learn(self) -> None:
        rows = 0
        for block in self._blocks():
            check_block(block, self.name)
            table = self._parsed(block)
            rows += table.num_rows
            for field in table.schema:
                self._widen(field, block)
            if any(_is_huge(column) for column in table.columns):
                self._warn_of_big(block)
        if not rows:
            raise DataError("no data rows", path=self.name)
        if len(self._types) > MAX_COLUMNS:
            reason = f"{len(self._types)} columns, at most {MAX_COLUMNS}"
            raise DataError(reason, path=self.name)
        self.rows = rows

    def _widen(self, field: pa.Field, block: Block) -> None:
        known = self._types.get(field.name, field.type)
        both = _widened(known, field.type)
        if both is None:
            line = first_line_with(block, field.name)
            reason = f"changes from {_spoken(known)} to {_spoken(field.type)}"
            raise DataError(reason, path=f"{self.name}: line {line}", column=field.name)
        self._types[field.name] = both

    def _warn_of_big(self, block: Block) -> None:
        text = f"{self.name}: integers beyond 64 bits are read as floating-point numbers"
        if text in self.warnings:
            return
        if any(not -(2**63) <= int(found[1][:40]) < 2**63 for found in BIG.finditer(block.data)):
            self.warnings.append(text)

    def _parsed(
        self, block: Block, schema: pa.Schema | None = None, threads: bool = True
    ) -> pa.Table:
        """Parse a block in parallel; if that fails, once more as one piece, to learn the row."""
        options = pajson.ParseOptions(
            explicit_schema=schema,
            unexpected_field_behavior="infer" if schema is None else "ignore",
        )
        with reading(self.name):
            try:
                return _read(block, CHUNK_BYTES, options, threads)
            except pa.ArrowException:
                pass
            try:
                return _read(block, len(block.data) + 1, options, threads)
            except pa.ArrowInvalid as error:
                raise _placed(error, block, self.name) from error


def _read(block: Block, chunk: int, options: pajson.ParseOptions, threads: bool) -> pa.Table:
    read = pajson.ReadOptions(block_size=chunk, use_threads=threads)
    return pajson.read_json(pa.BufferReader(block.data), read_options=read, parse_options=options)


def _is_huge(column: pa.ChunkedArray) -> bool:
    """Whether a column has a float that no integer of 64 bits could have been."""
    if not pt.is_floating(column.type):
        return False
    ends = pc.min_max(column).as_py()
    return any(end is not None and abs(end) >= 2**63 for end in ends.values())


def _placed(error: Exception, block: Block, name: str) -> DataError:
    said = plain(error).removeprefix("JSON parse error: ")
    row = ROW.search(said)
    line, char = (line_of_row(block, int(row["row"])), "") if row else first_fault(block)
    place = f"{name}: line {line}"
    if char == ",":
        return DataError("a comma after the object", path=place, hint="leave it out (sed 's/,$//')")
    if (changed := CHANGED.search(said)) and changed["column"]:
        reason = f"changes from {changed['was']} to {changed['now']}"
        return DataError(reason, path=place, column=changed["column"])
    if changed:
        return DataError(f"{changed['now']}, not an object", path=place, hint=_hint(block))
    if twice := TWICE.search(said):
        return DataError("appears twice", path=place, column=twice["column"])
    reason = f"not JSON ({ROW.sub('', said).rstrip('.').lower()})"
    return DataError(reason, path=place, hint=_hint(block))


def _hint(block: Block) -> str:
    is_array = block.line == 1 and block.data.lstrip().startswith(b"[")
    return "write one object a line (jq -c '.[]')" if is_array else ""


def _widened(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    if (pt.is_timestamp(a) and is_text(b)) or (is_text(a) and pt.is_timestamp(b)):
        return pa.string()
    return widened(a, b)


def _spoken(kind: pa.DataType) -> str:
    for fits, word in (
        (pt.is_boolean, "boolean"),
        (pt.is_primitive, "number"),
        (is_text, "string"),
        (pt.is_struct, "object"),
        (pt.is_list, "array"),
    ):
        if fits(kind) and not pt.is_temporal(kind):
            return word
    return "string"
