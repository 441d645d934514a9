"""Data that can be read only once, kept in an anonymous temporary file."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, cast

import pyarrow as pa

from driftcli.errors import DataError

STDIN = "-"
HEAD_BYTES = 512
_READ: list[object] = []  # the stdin that was read last
COPY_BYTES, AHEAD_BYTES = 1 << 20, 8 << 20


class Spool:
    """An anonymous temporary file that several readers share."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the source
        self._lock = threading.Lock()

    def read_at(self, offset: int, size: int) -> bytes:
        """Read up to `size` bytes from `offset`, whoever else reads."""
        with self._lock:
            self.file.seek(offset)
            return self.file.read(size)

    def __del__(self) -> None:
        self.file.close()


@dataclass(frozen=True, eq=False)
class Spooled:
    """Data that came through a pipe, kept in a temporary file for a second pass."""

    name: str
    size: int
    spool: Spool
    read_bytes: int = COPY_BYTES

    @property
    def modified(self) -> datetime:
        """When it was last written: now, as far as a pipe can tell."""
        return datetime.now(UTC)

    @property
    def head(self) -> bytes:
        """The first bytes."""
        return self.spool.read_at(0, HEAD_BYTES)

    def native(self) -> pa.NativeFile:
        """Return a view with a position of its own."""
        return pa.PythonFile(io.BufferedReader(_View(self.spool, self.size), COPY_BYTES), "r")

    def stream(self) -> pa.NativeFile:
        """Return the same."""
        return self.native()

    def on_disk(self) -> IO[bytes]:
        """Return a copy, whose position nobody shares."""
        return copied(self.native())


class _View(io.RawIOBase):
    """A reader of a shared file that keeps its own position."""

    def __init__(self, spool: Spool, size: int) -> None:
        self._spool, self._size, self._at = spool, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = bases[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._spool.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def from_stdin() -> Spooled:
    """Copy stdin to an anonymous temporary file."""
    if sys.stdin is None or sys.stdin.isatty():
        reason = f"stdin is {'closed' if sys.stdin is None else 'a terminal'}"
        hint = "pipe CSV into it, or name a file"
        raise DataError(f"{reason}, there is nothing to read", path=STDIN, hint=hint)
    spool, stdin = Spool(), cast(io.BufferedReader, sys.stdin.buffer)
    try:
        # read() may hold back a signal between two pieces until a whole chunk is there
        while chunk := stdin.read1(COPY_BYTES):
            spool.file.write(chunk)
        spool.file.flush()
    except OSError as error:
        raise DataError(
            f"cannot be kept: {os.strerror(error.errno or errno.EIO).lower()}", path=STDIN
        ) from error
    size, again = spool.file.tell(), stdin in _READ
    _READ[:] = [stdin]
    if not size and again:
        raise DataError("stdin can be read only once", path=STDIN, hint="name a file beside it")
    if not size:
        raise DataError("no data rows", path=STDIN)
    return Spooled(STDIN, size, spool)


def copied(source: pa.NativeFile) -> IO[bytes]:
    """Return a copy of an open file, at its start."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    with source:
        while chunk := source.read(AHEAD_BYTES):
            copy.write(chunk)
    copy.flush()
    copy.seek(0)
    return copy
