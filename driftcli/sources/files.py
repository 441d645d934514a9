"""From what the user wrote to the files behind it: a file, a directory of parts, a glob, stdin."""

from __future__ import annotations

import errno
import glob
import io
import os
import re
import stat
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from driftcli.errors import DataError, did_you_mean, quoted

STDIN = "-"
SIDE_FILES = (".", "_")  # _SUCCESS, _metadata, .part-0000.crc and other companions of the data
MAX_NEIGHBOURS = 10_000
COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    """One regular file, the same at every opening.

    Parameters
    ----------
    name : str
        The file as the user would write it, in characters that can be written.
    path : pathlib.Path
        Where it is.
    stamp : tuple of int
        Inode, size and time of change, so that no answer mixes two versions of the file.
    """

    name: str
    path: Path
    stamp: tuple[int, int, int]

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.stamp[1]

    def open(self) -> IO[bytes]:
        """Open the file for reading; it must be the one that was there at first."""
        try:
            handle = self.path.open("rb", buffering=0)
        except OSError as error:
            raise DataError(_why(error, self.path), path=self.name) from error
        if _stamp(os.fstat(handle.fileno())) != self.stamp:
            handle.close()
            hint = "check a copy of it, or wait until it is written"
            raise DataError("it changed while it was being read", path=self.name, hint=hint)
        return handle

    def native(self) -> pa.NativeFile:
        """Open the file for pyarrow; its own file object where the name allows, as it is faster."""
        handle = self.open()
        try:
            native = pa.OSFile(str(self.path))
        except UnicodeEncodeError:
            return pa.PythonFile(handle, "r")
        handle.close()
        return native


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


@dataclass(frozen=True, slots=True)
class Spooled(File):
    """Data that came through a pipe, kept in a temporary file for a second pass."""

    spool: Spool = field(default_factory=Spool)

    def open(self) -> IO[bytes]:
        """Return a view with a position of its own."""
        return io.BufferedReader(_View(self.spool, self.size), COPY_BYTES)

    def native(self) -> pa.NativeFile:
        """Return the same for pyarrow."""
        return pa.PythonFile(self.open(), "r")


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


def find(target: str) -> list[File]:
    """Return the data files that `target` means, in the order in which they are read.

    Parameters
    ----------
    target : str
        A file, a directory of parts, a glob (``**`` is recursive), or ``-`` for stdin.

    Raises
    ------
    DataError
        If there is nothing to read, or something that is not a regular file.
    """
    if target == STDIN:
        return [from_stdin()]
    if not target:
        raise DataError("an empty path", hint="is a variable unset?")
    if "\0" in target:
        raise DataError("not a path (it holds a NUL character)", path=target)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", target):
        hint = "copy it to a disk, or mount it"
        raise DataError("addresses of remote storage are not supported", path=target, hint=hint)
    try:
        found = Path(target).stat()
    except OSError:
        return _matches(target) if glob.has_magic(target) else [regular(target)]
    return _parts(target) if stat.S_ISDIR(found.st_mode) else [regular(target)]


def printable_name(target: str) -> str:
    """Return a path in characters that can be written; bytes that are no UTF-8 are escaped."""
    return target.encode("utf-8", "backslashreplace").decode()


def regular(target: str) -> File:
    """Return the file at `target`, which must be a regular one and not empty."""
    path = Path(target)
    try:
        found = path.stat()
    except OSError as error:
        is_missing = error.errno == errno.ENOENT and not path.is_symlink()
        near = _near(path) if is_missing else ""
        raise DataError(_why(error, path), path=target, hint=near) from error
    if not stat.S_ISREG(found.st_mode):
        raise DataError("not a regular file", path=target)
    if found.st_size == 0:
        raise DataError("file is empty", path=target)
    return File(printable_name(target), path, _stamp(found))


def from_stdin() -> Spooled:
    """Copy stdin to an anonymous temporary file."""
    if sys.stdin is None or sys.stdin.isatty():
        hint = "pipe CSV into it, or name a file"
        raise DataError("stdin is a terminal, there is nothing to read", path=STDIN, hint=hint)
    spool, stdin = Spool(), cast(io.BufferedReader, sys.stdin.buffer)
    try:
        # read() may hold back a signal between two pieces until a whole chunk is there
        while chunk := stdin.read1(COPY_BYTES):
            spool.file.write(chunk)
        spool.file.flush()
    except OSError as error:
        raise DataError(f"cannot be kept: {_why(error, None)}", path=STDIN) from error
    if not (size := spool.file.tell()):
        raise DataError("no data rows", path=STDIN)
    return Spooled(STDIN, Path(STDIN), (0, size, 0), spool)


def is_data(name: str) -> bool:
    """Whether a file of a data directory is data, not a companion such as ``_SUCCESS``."""
    return not name.startswith(SIDE_FILES) and not name.endswith(".crc")


def _parts(target: str) -> list[File]:
    try:
        entries = sorted(entry.name for entry in Path(target).iterdir())
    except OSError as error:
        raise DataError(_why(error, Path(target)), path=target) from error
    shown = target.rstrip("/") + "/"
    names = [entry for entry in entries if is_data(entry)]
    for name in names:
        if (Path(target) / name).is_dir():
            hint = f"name the files by a glob, such as {quoted(shown + '**/*.parquet')}"
            raise DataError(f"holds the folder {quoted(name)}", path=shown, hint=hint)
    if not names:
        raise DataError("no data files", path=shown)
    return [regular(shown + name) for name in names]


def _matches(pattern: str) -> list[File]:
    # pathlib refuses absolute patterns
    found = sorted(set(glob.glob(pattern, recursive=True)))  # noqa: PTH207
    names = [name for name in found if is_data(Path(name).name) and not Path(name).is_dir()]
    if not names:
        raise DataError("no data files", path=pattern)
    return [regular(name) for name in names]


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _why(error: OSError, path: Path | None) -> str:
    by_link = error.errno in (errno.ENOENT, errno.ELOOP)
    if by_link and path is not None and path.is_symlink():
        return "broken symbolic link" if error.errno == errno.ENOENT else "loop of symbolic links"
    known = {errno.ENOENT: "no such file", errno.EACCES: "permission denied"}
    return known.get(error.errno or 0) or os.strerror(error.errno or errno.EIO).lower()


def _near(path: Path) -> str:
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MAX_NEIGHBOURS), strict=False)]
    except OSError:
        return ""
    return did_you_mean(path.name, names)
