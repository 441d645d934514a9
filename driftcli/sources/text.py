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
CONVERT = "JSON is always UTF-8; convert it (iconv {}-t utf-8)"
MAX_LINE = 64 << 20
UTF8 = ("utf-8", "ascii")
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# which of the first bytes of a header are zero
ZEROS: dict[tuple[bool, ...], str] = {
    (True, True, True, False): "utf-32-be",
    (False, True, True, True): "utf-32-le",
    (True, False, True, False): "utf-16-be",
    (False, True, False, True): "utf-16-le",
}
NOT_OF_FILES = ("idna", "punycode", "unicode-escape", "raw-unicode-escape")


class Text:
    """The text of one file, which can be opened again and again.

    Parameters
    ----------
    file : File
        May be compressed; its first bytes tell.
    encoding : str
        Encoding of the text; the bytes that come out are in UTF-8. ``None`` where the format
        knows no other.
    """

    def __init__(self, file: File, encoding: str | None = None) -> None:
        self.name = file.name
        self._file = file
        self.encoding = _codec(encoding or UTF8[0], file.name)
        self._codec = compression_of(file.head)
        if self.encoding in UTF8:
            self._check_head(is_free=encoding is not None)

    def open(self) -> pa.NativeFile:
        """Open the text from its start."""
        stream = self._file.stream()
        if self._codec is not None:
            stream = pa.CompressedInputStream(stream, self._codec)
        if self.encoding in UTF8:
            return stream
        return pa.transcoding_input_stream(stream, self.encoding, "utf-8")

    def _check_head(self, is_free: bool) -> None:
        with reading(self.name, self.encoding), self.open() as stream:
            head = stream.read(HEAD_BYTES)
        if head.startswith(tuple(MARKS)) or b"\0" in head:
            found = _wide(head)
            if is_free:
                hint = f"try --encoding {found}"
                raise DataError("not UTF-8; set encoding", path=self.name, hint=hint)
            raise DataError("not UTF-8", path=self.name, hint=CONVERT.format(f"-f {found} "))


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


def _wide(head: bytes) -> str:
    """Return the encoding of text of several bytes a character, by its mark or its first zeros."""
    marked = (name for mark, name in MARKS.items() if head.startswith(mark))
    return next(marked, ZEROS.get(tuple(byte == 0 for byte in head[:4]), "utf-16"))


def _codec(encoding: str, name: str) -> str:
    try:
        "a".encode(encoding)  # a codec of bytes, such as hex, is looked up as well
        found = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise DataError(f"unknown encoding {encoding!r}", path=name) from error
    if found.replace("_", "-") in NOT_OF_FILES:
        raise DataError(f"encoding {encoding!r} is none of files", path=name)
    return found
