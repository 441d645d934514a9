"""The bytes of a text file as pyarrow wants them: unpacked, in UTF-8, counted, from the start."""

from __future__ import annotations

import codecs
from typing import Any

import pyarrow as pa

from driftcli.errors import DataError
from driftcli.sources.base import reading
from driftcli.sources.files import File
from driftcli.sources.formats import compression_of

HEAD_BYTES = 4096
MAX_LINE = 64 << 20
UTF8 = ("utf-8", "ascii")
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Text:
    """The text of one file, which can be opened again and again.

    Parameters
    ----------
    file : File
        May be compressed; its first bytes tell.
    encoding : str
        Encoding of the text; the bytes that come out are in UTF-8.
    """

    def __init__(self, file: File, encoding: str = "utf-8") -> None:
        self.name = file.name
        self._file = file
        self.encoding = _codec(encoding, file.name)
        self._codec = compression_of(file.head)
        if self.encoding in UTF8:
            self._check_head()

    def open(self) -> pa.NativeFile:
        """Open the text from its start."""
        stream = self._file.stream()
        if self._codec is not None:
            stream = pa.CompressedInputStream(stream, self._codec)
        if self.encoding in UTF8:
            return stream
        return pa.transcoding_input_stream(stream, self.encoding, "utf-8")

    def _check_head(self) -> None:
        with reading(self.name, self.encoding), self.open() as stream:
            head = stream.read(HEAD_BYTES)
        if head.startswith(MARKS) or b"\0" in head:
            raise DataError("not UTF-8; set encoding", path=self.name, hint="try --encoding utf-16")


class Tap:
    """A stream that watches what passes through it, as a file object for pyarrow.

    Attributes
    ----------
    quotes : int
        How many quotes passed.
    longest : int
        A line at least as long as this passed, unless it is shorter than a read.
    """

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream
        self.quotes = 0
        self.longest = 0
        self.closed = False
        self._line = 0

    def read(self, size: int = -1) -> Any:
        """Read up to `size` bytes."""
        data = self._stream.read(size)
        self.quotes += data.count(b'"')
        end = data.find(b"\n")
        self.longest = max(self.longest, self._line + (len(data) if end < 0 else end))
        self._line = self._line + len(data) if end < 0 else len(data) - data.rfind(b"\n") - 1
        return data

    def readable(self) -> bool:
        """Return true."""
        return True

    def writable(self) -> bool:
        """Return false."""
        return False

    def seekable(self) -> bool:
        """Return false."""
        return False

    def close(self) -> None:
        """Close the stream below."""
        self.closed = True
        self._stream.close()


def _codec(encoding: str, name: str) -> str:
    try:
        "a".encode(encoding)  # a codec of bytes, such as hex, is looked up as well
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise DataError(f"unknown encoding {encoding!r}", path=name) from error
