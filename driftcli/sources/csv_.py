"""CSV files: every column is read as text and then parsed, so that no type depends on a block.

Types are inferred over the whole file, or taken from the reference. Reading words and parsing them
here costs no more than to let pyarrow's reader parse them (measured: 1.24 s against 1.42 s for
2 million rows of 10 columns), and one parser serves both passes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from driftcli.config import Input
from driftcli.errors import DataError, quoted, shown_path
from driftcli.sources import csv_lines
from driftcli.sources.base import BATCH_ROWS, check_names, reading, slices
from driftcli.sources.csv_types import COMMA, TEXT, Kind, first_bad, kinds_for, parsed
from driftcli.sources.files import File
from driftcli.sources.suspects import Tally
from driftcli.sources.text import MAX_LINE, Tap, Text

MAX_COLUMNS = 100_000
# a line must fit into a block; most do into the first, and a larger one only costs memory
BLOCKS = (1 << 20, 8 << 20, MAX_LINE)
GLANCE = 32
OTHER_DELIMITERS = ";\t|"


def open_file(file: File, options: Input, types: Mapping[str, pa.DataType]) -> CsvSource:
    """Open a CSV file; it is read once, unless `types` fix the type of every column."""
    return CsvSource(file, options, types)


class CsvSource:
    """One CSV file.

    Words in ``options.null_values`` are missing. In quotes they are values of a text, but still
    missing in a column of any other type.
    """

    def __init__(
        self,
        file: File,
        options: Input,
        types: Mapping[str, pa.DataType],
        blocks: Sequence[int] = BLOCKS,
    ) -> None:
        self.name = file.name
        self.columnar = False
        self.warnings: list[str] = []
        self.rows: int | None = None
        self._blocks = blocks
        self._nulls = options.null_values
        self._delimiter = _delimiter(file.name, options)
        self._text = Text(file, options.encoding)
        self._checked_quotes = False
        self._stuck: set[str] = set()
        self._tallies: dict[str, Tally] = {}
        self._names = self._header()
        self._kinds = self._inferred({name: kinds_for(types.get(name)) for name in self._names})
        self.schema = pa.schema([(name, self._kinds[name].type) for name in self._names])
        self.suspects: Mapping[str, str] = self._suspected()
        self._warn()

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows."""
        schema = pa.schema([self.schema.field(name) for name in columns])
        seen = 0
        for words in self._words(list(columns) or self._names[:1], threads):
            with reading(self.name):
                arrays = [self._parsed(words, name, seen) for name in columns]
                batch = pa.RecordBatch.from_arrays(arrays, schema=schema) if arrays else words
            seen += words.num_rows
            yield from slices(batch.select(list(columns)), batch_rows)
        self.rows = seen

    # -- the types ---------------------------------------------------------------------------

    def _inferred(self, choices: Mapping[str, tuple[Kind, ...]]) -> dict[str, Kind]:
        """Return the first kind of each column that reads all of its words.

        A kind that was reached late has not seen the blocks before; those columns, few if any, are
        read again from the start until nothing moves.
        """
        at = dict.fromkeys(choices, 0)
        unsure = [name for name, kinds in choices.items() if len(kinds) > 1]
        while unsure:
            unsure = self._moved(unsure, choices, at)
        return {name: kinds[at[name]] for name, kinds in choices.items()}

    def _moved(
        self, columns: Sequence[str], choices: Mapping[str, tuple[Kind, ...]], at: dict[str, int]
    ) -> list[str]:
        """Move each column on to a kind that reads it; return those that moved after row 0."""
        late: dict[str, None] = {}
        self._tallies.update({name: Tally() for name in columns})
        seen = 0
        for words in self._words(columns):
            with reading(self.name):
                for name in columns:
                    if name in self._stuck:
                        continue
                    before = at[name]
                    at[name] = self._fitting(words, name, choices[name], before)
                    if at[name] != before and seen:
                        late[name] = None
                    if choices[name][at[name]] in (COMMA, TEXT):
                        self._tallies[name].add(words.column(name), self._nulls, seen)
            seen += words.num_rows
        self.rows = seen
        return [name for name in late if name not in self._stuck]

    def _fitting(self, words: pa.RecordBatch, name: str, kinds: Sequence[Kind], start: int) -> int:
        """Return the first kind from `start` that reads all words of a column.

        Where none does, the column is stuck at the kind that reads the most of them: reading the
        column will then fail at the very word that nothing reads.
        """
        column = words.column(name)
        for index in range(start, len(kinds)):
            try:
                # pyarrow goes on after the first bad word: 50 ms a block for each kind of time
                parsed(column.slice(0, GLANCE), kinds[index], self._nulls)
                parsed(column, kinds[index], self._nulls)
            except pa.ArrowInvalid:
                continue
            return index
        self._stuck.add(name)
        left = range(start, len(kinds))
        return max(left, key=lambda index: first_bad(column, kinds[index], self._nulls))

    def _suspected(self) -> dict[str, str]:
        """Return the columns of text that were probably meant to be numbers, with the reason."""
        found = {}
        for name, tally in self._tallies.items():
            if tally.is_suspect(self._kinds[name]):
                found[name] = tally.reason(self._place(tally.row))
        return found

    def place_of(self, column: str, label: str) -> str:
        """Return the line in which a label of a column stands first; empty where it does not."""
        seen = 0
        for words in self._words([column]):
            if (at := pc.index(words.column(0), label).as_py()) >= 0:
                return self._place(seen + at)
            seen += words.num_rows
        return ""

    def _place(self, row: int) -> str:
        record = csv_lines.nth(self._text, self._delimiter, row + 1)
        line = f"line {record.line} of " if record else ""
        return f"{line}{shown_path(self.name)}"

    def _warn(self) -> None:
        for name, kind in self._kinds.items():
            if kind.warning:
                self.warnings.append(f"{self.name}: column {quoted(name)}: {kind.warning}")

    # -- the words ---------------------------------------------------------------------------

    def _parsed(self, words: pa.RecordBatch, name: str, before: int) -> pa.Array:
        kind, column = self._kinds[name], words.column(name)
        try:
            return parsed(column, kind, self._nulls)
        except pa.ArrowInvalid:
            bad = first_bad(column, kind, self._nulls)
            record = csv_lines.nth(self._text, self._delimiter, before + bad + 1)
            place = f"{self.name}: line {record.line}" if record else self.name
            message = f"{quoted(column[bad].as_py())} is not {kind.noun}"
            raise DataError(message, path=place, column=name, hint=kind.hint) from None

    def _words(self, columns: Sequence[str], threads: bool = True) -> Iterator[pa.RecordBatch]:
        """Yield the columns as text; a line that does not fit a block starts over with a larger."""
        done = 0
        for block in self._blocks:
            start = 0
            try:
                for batch in self._stream(columns, block, threads):
                    start += batch.num_rows
                    if start > done:
                        fresh = min(start - done, batch.num_rows)
                        done = start
                        yield batch.slice(batch.num_rows - fresh)
                return
            except _TooLong:
                continue
        self._locate("a line is longer than 64 MB")

    def _stream(
        self, columns: Sequence[str], block: int, threads: bool
    ) -> Iterator[pa.RecordBatch]:
        with self._locating(), self._text.open() as stream:
            tap = Tap(stream)
            for batch in pacsv.open_csv(
                pa.PythonFile(tap, "r"),
                read_options=pacsv.ReadOptions(block_size=block, use_threads=threads),
                parse_options=pacsv.ParseOptions(
                    delimiter=self._delimiter, newlines_in_values=True
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    include_columns=list(columns),
                    null_values=self._nulls,
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            ):
                # a line may pass that begins in one block and ends in the next
                if tap.longest > MAX_LINE:
                    raise _TooLong
                yield batch
        # pyarrow takes the end of the file for the end of a quote
        if tap.quotes % 2 and not self._checked_quotes:
            self._check_quotes()
        self._checked_quotes = True

    @contextmanager
    def _locating(self) -> Iterator[None]:
        """Name the line of what pyarrow's reader only says is there."""
        with reading(self.name, self._text.encoding):
            try:
                yield
            except pa.ArrowInvalid as error:
                said = str(error)
                if "straddl" in said:
                    raise _TooLong from error
                if "Expected" in said and "columns" in said:
                    self._locate("its fields do not match the header")
                if "Empty CSV" in said:
                    raise DataError("no data rows", path=self.name) from error
                raise

    # -- what is wrong with it ---------------------------------------------------------------

    def _locate(self, otherwise: str) -> None:
        """Raise the error of the first record that is wrong in its form."""
        width = len(self._names)
        for record in csv_lines.records(self._text, self._delimiter):
            place = f"{self.name}: line {record.line}"
            if not record.closed:
                raise DataError("a quote is opened and never closed", path=place)
            if record.size > MAX_LINE:
                raise DataError("longer than 64 MB", path=place)
            if record.fields != width:
                fields = f"{record.fields} field{'s' * (record.fields != 1)}"
                raise DataError(f"{fields}, but the header has {width}", path=place)
        raise DataError(otherwise, path=self.name)

    def _check_quotes(self) -> None:
        for record in csv_lines.records(self._text, self._delimiter):
            if not record.closed:
                place = f"{self.name}: line {record.line}"
                raise DataError("a quote is opened and never closed", path=place)

    def _header(self) -> list[str]:
        with reading(self.name, self._text.encoding):
            first = csv_lines.nth(self._text, self._delimiter, 0)
            if first is None:
                raise DataError("no data rows", path=self.name)
            place = f"{self.name}: line {first.line}"
            if not first.closed:
                raise DataError("a quote is opened and never closed", path=place)
            if first.fields > MAX_COLUMNS:
                raise DataError(f"{first.fields} columns, at most {MAX_COLUMNS}", path=place)
            if first.size > MAX_LINE:
                raise DataError("longer than 64 MB", path=place)
            names = _fields(first.data.decode("utf-8-sig"), self._delimiter, place)
        if not names:
            raise DataError("no data rows", path=self.name)
        check_names(names, self.name)
        _check_delimiter(names, self._delimiter, self.name)
        return names


class _TooLong(Exception):
    """A line did not fit into the block."""


def _delimiter(name: str, options: Input) -> str:
    delimiter = options.delimiter.replace("\\t", "\t")
    if ".tsv" in name.lower()[-8:] and delimiter == Input().delimiter:
        return "\t"
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise DataError(f"delimiter {quoted(delimiter)} is not one ASCII character", path=name)
    return delimiter


def _fields(line: str, delimiter: str, place: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise DataError(f"not a header ({error})", path=place) from error


def _check_delimiter(names: Sequence[str], delimiter: str, name: str) -> None:
    """Raise if the header is one column that holds what is likely the real delimiter."""
    if len(names) > 1:
        return
    for other in (*OTHER_DELIMITERS, ","):
        if other != delimiter and other in names[0]:
            shown = {"\t": "$'\\t'"}.get(other, repr(other))
            message = f"only one column, {quoted(names[0])}"
            raise DataError(message, path=name, hint=f"try --delimiter {shown}")
