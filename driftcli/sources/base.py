"""What every source offers, and the one place where pyarrow's exceptions become plain reasons."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pyarrow as pa

from driftcli.config import Input
from driftcli.errors import DataError, shown_path

if TYPE_CHECKING:
    from driftcli.sources.files import File
    from driftcli.sources.filters import Filter

BATCH_ROWS = 131_072
MAX_REASON = 200
OTHER_ENCODING = "try --encoding latin-1"

CREDENTIALS = "check the credentials in the environment"

# What pyarrow says, in any of its versions, and what it means; the first match wins. What a pattern
# calls "it", or else the whole saying, goes into the braces.
REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"(?:curlCode: \d+, |CURL error \[\d+\]=)(?P<it>.+?)(?:;|,| error_info|$)",
        "its storage cannot be reached ({})",
        "check the network and the endpoint",
    ),
    (r"NETWORK_CONNECTION", "its storage cannot be reached", "check the network and the endpoint"),
    (r"NO_SUCH_BUCKET|NoSuchBucket|ContainerNotFound|Bucket '.*' not found", "no such bucket", ""),
    (
        r"INVALID_ACCESS_KEY|SIGNATURE_DOES_NOT_MATCH|EXPIRED_TOKEN|ExpiredToken|InvalidToken"
        r"|INVALID_CLIENT_TOKEN|UNAUTHENTICATED|AuthenticationException|OAuth2",
        "its storage does not know the credentials, or there are none",
        CREDENTIALS,
    ),
    (
        r"ACCESS_DENIED|AccessDenied|PERMISSION_DENIED|HTTP status 403|AuthorizationFailure",
        "its storage denies permission",
        CREDENTIALS,
    ),
    (
        r"HTTP status 301|PERMANENT_REDIRECT|PermanentRedirect",
        "in another region",
        "set AWS_REGION",
    ),
    (r"SLOW_DOWN|THROTTLING|HTTP status 503", "its storage is overloaded", "try again later"),
    (r"libjvm|libhdfs", "HDFS needs Java and libhdfs", "set JAVA_HOME and HADOOP_HOME"),
    (
        r"Parquet magic bytes not found|smaller than the minimum file footer",
        "not a complete Parquet file (still being written?)",
        "",
    ),
    (r"CRC checksum|page integrity", "damaged (the checksum of a page does not match)", ""),
    (r"encrypt|decrypt", "the file is encrypted", "decrypt it first"),
    (r"codec|[Cc]ompression (type|is|not)", "its compression is not supported ({})", ""),
    (
        r"[Tt]runcated|inflate|ZSTD|zstd|LZ4|[Cc]ompressed (stream|data)|corrupt|bzip2",
        "damaged or truncated ({})",
        "",
    ),
    (r"invalid UTF-?8|codec can't decode|utf-8", "not UTF-8; set encoding", OTHER_ENCODING),
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a column in a piece of data without reading it.

    Parameters
    ----------
    low, high : pyarrow.Scalar, optional
        No value lies outside; ``None`` where that is not known.
    some_null, all_null : bool
        Whether some, or all, of its values may be null.
    only : pyarrow.Scalar, optional
        The one value that all rows have.
    """

    low: pa.Scalar | None = None
    high: pa.Scalar | None = None
    some_null: bool = True
    all_null: bool = False
    only: pa.Scalar | None = None


Known = Mapping[str, Bounds]


class Source(Protocol):
    """A table that can be read more than once, in batches, without holding all of it.

    Attributes
    ----------
    name : str
        The source as the user wrote it.
    schema : pyarrow.Schema
        All columns with their types, after widening over the parts.
    rows : int, optional
        The number of rows, where it is known without reading them.
    warnings : list of str
        What the user should know of; may grow while the batches are read.
    suspects : mapping of str to str
        Columns of text that were probably meant to be numbers, with the reason why they are none;
        empty for formats that bring their types.
    columnar : bool
        Whether to read some columns costs only these; where not, all are best read at once.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def schema(self) -> pa.Schema: ...  # noqa: D102

    @property
    def rows(self) -> int | None: ...  # noqa: D102

    @property
    def columnar(self) -> bool: ...  # noqa: D102

    @property
    def warnings(self) -> list[str]: ...  # noqa: D102

    @property
    def suspects(self) -> Mapping[str, str]: ...  # noqa: D102

    def batches(
        self, columns: Sequence[str], batch_rows: int = BATCH_ROWS, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of exactly `columns`, in that order, of at most `batch_rows` rows.

        May be called from several threads at once; each call opens its own handle. Text may come
        as a dictionary of text. Without `threads` all work is done in the calling thread.
        """
        ...


@runtime_checkable
class Narrows(Protocol):
    """A source that can leave out pieces of itself unread."""

    def narrowed(self, where: Filter, known: Known) -> Source:
        """Return the same source without pieces that hold no row that is asked for.

        Parameters
        ----------
        where : Filter
            Rows that do not satisfy it may be left out or not.
        known : mapping of str to Bounds
            Columns of which more is known than the source says.
        """
        ...


@runtime_checkable
class Places(Protocol):
    """A source that knows its lines."""

    def place_of(self, column: str, label: str) -> str:
        """Return the line in which a label of a column stands first; empty where it does not."""
        ...


class Reader(Protocol):
    """Opens one file of one format; each format's module has one, named ``open_file``."""

    def __call__(self, file: File, options: Input, types: Mapping[str, pa.DataType]) -> Source:
        """Return the source of `file`, its text parsed with the reference's `types`."""
        ...


@contextmanager
def reading(name: str, encoding: str = "") -> Iterator[None]:
    """Turn what goes wrong while `name` is read into a :class:`DataError` of one line.

    Parameters
    ----------
    name : str
        The file as the user wrote it.
    encoding : str
        The encoding that its text was said to have; none for formats that are not text.

    Raises
    ------
    DataError
        For any error of pyarrow, of the operating system, of a codec, or of memory.
    """
    try:
        yield
    except MemoryError as error:
        hint = "check fewer columns, or give the process more memory"
        raise DataError("not enough memory to read it", path=name, hint=hint) from error
    except UnicodeError as error:
        if not encoding:
            reason = "damaged or not readable (a text that is not UTF-8)"
            raise DataError(reason, path=name) from error
        reason = f"not {encoding.upper()}; set encoding"
        raise DataError(reason, path=name, hint=OTHER_ENCODING) from error
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError) as error:
        reason, hint = explained(error)
        raise DataError(reason, path=name, hint=hint) from error


def explained(error: Exception) -> tuple[str, str]:
    """Return the reason and the hint for an exception of pyarrow or of the operating system."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower(), ""
    for pattern, reason, hint in REASONS:
        if found := re.search(pattern, str(error)):
            return reason.format(found.groupdict().get("it", plain(error))), hint
    return f"damaged or not readable ({plain(error)})", ""


def plain(error: Exception) -> str:
    """Return the text of an exception as one short, printable line without a full stop."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = shown_path(lines[0].strip().rstrip("."))
    return text if len(text) <= MAX_REASON else text[: MAX_REASON - 1] + "…"


def slices(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield `batch` in pieces of at most `rows` rows, without copying."""
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def check_names(names: Sequence[str], name: str) -> None:
    """Raise :class:`DataError` if a column name appears more than once."""
    if len(set(names)) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        times = names.count(twice)
        raise DataError(f"column {twice!r} appears {times} times", path=name)
