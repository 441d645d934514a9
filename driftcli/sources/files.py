"""One file of data, local or remote: the same bytes at every opening."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol
from weakref import finalize

import pyarrow as pa

from driftcli.errors import DataError, did_you_mean
from driftcli.sources.base import reading
from driftcli.sources.spool import AHEAD_BYTES, HEAD_BYTES, copied

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

MAX_NEIGHBOURS = 10_000
OWN_FILES = Path("/proc/self/fd")  # Linux: open files of this process, by their numbers
MOST_HELD = 256  # a process may open 1,024, as a rule
_HELD: set[int] = set()
# of a column of Parquet at a time: from a disk more costs memory only, from afar less costs trips
LOCAL_BYTES, REMOTE_BYTES = 1 << 16, 2 << 20


class File(Protocol):
    """One regular file that is not empty.

    Attributes
    ----------
    name : str
        The file as the user would write it, in characters that can be written.
    size : int
        In bytes.
    head : bytes
        Its first bytes.
    read_bytes : int
        How many bytes of a column are best read at a time.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def head(self) -> bytes: ...  # noqa: D102

    @property
    def read_bytes(self) -> int: ...  # noqa: D102

    @property
    def modified(self) -> datetime:
        """When it was last written."""

    def native(self) -> pa.NativeFile:
        """Open it for reading anywhere; it must be the file that was there at first."""
        ...

    def stream(self) -> pa.NativeFile:
        """Open it for reading from start to end; likewise."""
        ...

    def on_disk(self) -> IO[bytes]:
        """Open it, or a copy, as a file of the operating system; likewise."""
        ...


@dataclass(frozen=True)
class LocalFile:
    """One file of a local disk.

    Parameters
    ----------
    name : str
    path : pathlib.Path
    stamp : tuple of int
        Inode, size and time of change, so that no answer mixes two versions of the file.
    """

    name: str
    path: Path
    stamp: tuple[int, int, int]
    read_bytes: int = LOCAL_BYTES

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.stamp[1]

    @property
    def modified(self) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(self.stamp[2] / 1e9, UTC)

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        with self.on_disk() as handle:
            return handle.read(HEAD_BYTES)

    @cached_property
    def _held(self) -> Path | None:
        """A way to the file that lasts though it is deleted meanwhile."""
        if len(_HELD) >= MOST_HELD or not OWN_FILES.is_dir():
            return None
        number = os.open(self.path, os.O_RDONLY)
        _HELD.add(number)
        finalize(self, _let_go, number)
        return OWN_FILES / str(number)

    def on_disk(self) -> IO[bytes]:
        """Open the file; it must be the one that was there at first."""
        try:
            held = self._held
            handle = (held or self.path).open("rb", buffering=0)
        except OSError as error:
            raise DataError(why(error, self.path), path=self.name) from error
        if _stamp(os.fstat(handle.fileno())) != self.stamp:
            handle.close()
            raise _changed(self.name)
        return handle

    def native(self) -> pa.NativeFile:
        """Open the file for pyarrow; its own file object where the name allows, as it is faster."""
        handle = self.on_disk()
        try:
            native = pa.OSFile(str(self._held or self.path))
        except UnicodeEncodeError:
            return pa.PythonFile(handle, "r")
        handle.close()
        return native

    def stream(self) -> pa.NativeFile:
        """Open the file; a disk does not mind in which order it is read."""
        return self.native()


@dataclass(frozen=True, eq=False)
class RemoteFile:
    """One file of a remote file system.

    Parameters
    ----------
    name : str
    size : int
    system : pyarrow.fs.FileSystem
    path : str
        The file in it.
    """

    name: str
    size: int
    system: FileSystem
    path: str
    read_bytes: int = REMOTE_BYTES
    _first: dict[str, str] = field(default_factory=dict)

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        with reading(self.name), self.native() as handle:
            return bytes(handle.read(HEAD_BYTES))

    @property
    def modified(self) -> datetime:
        """When it was last written, as the storage tells."""
        with reading(self.name):
            return datetime.fromtimestamp(self.system.get_file_info(self.path).mtime_ns / 1e9, UTC)

    def native(self) -> pa.NativeFile:
        """Open the file, which asks the storage for its version once."""
        with reading(self.name):
            handle = self.system.open_input_file(self.path)
            version = self._version(handle)
        if handle.size() != self.size or self._first.setdefault("version", version) != version:
            handle.close()
            raise _changed(self.name)
        return handle

    def stream(self) -> pa.NativeFile:
        """Open the file, read ahead in pieces that are worth a request."""
        return pa.BufferedInputStream(self.native(), AHEAD_BYTES)

    def on_disk(self) -> IO[bytes]:
        """Copy the file to an anonymous temporary one."""
        with reading(self.name):
            return copied(self.stream())

    def _version(self, handle: pa.NativeFile) -> str:
        told = {key.lower(): value for key, value in handle.metadata().items()}
        return str(told.get("etag") or self.system.get_file_info(self.path).mtime_ns)


def printable_name(target: str) -> str:
    """Return a path in characters that can be written; bytes that are no UTF-8 are escaped."""
    return target.encode("utf-8", "backslashreplace").decode()


def regular(target: str) -> LocalFile:
    """Return the file at `target`, which must be a regular one and not empty."""
    path = Path(target)
    try:
        found = path.stat()
    except OSError as error:
        is_missing = error.errno == errno.ENOENT and not path.is_symlink()
        near = _near(path) if is_missing else ""
        raise DataError(why(error, path), path=target, hint=near) from error
    if not stat.S_ISREG(found.st_mode):
        raise DataError("not a regular file", path=target)
    if found.st_size == 0:
        raise DataError("file is empty", path=target)
    return LocalFile(printable_name(target), path, _stamp(found))


def why(error: OSError, path: Path | None) -> str:
    """Return in words what the operating system has against `path`."""
    by_link = error.errno in (errno.ENOENT, errno.ELOOP)
    if by_link and path is not None and path.is_symlink():
        return "broken symbolic link" if error.errno == errno.ENOENT else "loop of symbolic links"
    known = {errno.ENOENT: "no such file", errno.EACCES: "permission denied"}
    return known.get(error.errno or 0) or os.strerror(error.errno or errno.EIO).lower()


def _let_go(number: int) -> None:
    _HELD.discard(number)
    os.close(number)


def _changed(name: str) -> DataError:
    hint = "check a copy of it, or wait until it is written"
    return DataError("it changed while it was being read", path=name, hint=hint)


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _near(path: Path) -> str:
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MAX_NEIGHBOURS), strict=False)]
    except OSError:
        return ""
    return did_you_mean(path.name, names)
