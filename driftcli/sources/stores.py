"""Where files lie: a local disk or a remote file system, seen through the same few questions."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from driftcli.errors import DataError
from driftcli.sources.base import reading
from driftcli.sources.files import File, RemoteFile, printable_name, regular, why

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

# _SUCCESS, .part-0000.crc, part_$folder$ and other companions of the data
SIDE_STARTS, SIDE_ENDS = (".", "_"), (".crc", "_$folder$")
REQUESTS = 16
NO_FILE = "no such file"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder.

    Parameters
    ----------
    path : str
        As the user would write it.
    is_folder : bool
    size : int
        Of a remote file, in bytes.
    """

    path: str
    is_folder: bool
    size: int = 0

    @property
    def name(self) -> str:
        """The last component of its path."""
        return self.path.rstrip("/").rpartition("/")[2]


class Store(Protocol):
    """A tree of folders; paths are strings as the user writes them."""

    @property
    def base(self) -> str:
        """What comes before the first component of a path."""

    def look(self, path: str) -> Entry | None:
        """Return what is there, if anything."""

    def entries(self, folders: Sequence[str]) -> Iterable[list[Entry]]:
        """Return what is in each of the folders, in order of name; nothing where there is none."""

    def walk(self, folder: str) -> Iterable[Entry]:
        """Return the data files at any depth in a folder."""

    def file(self, entry: Entry) -> File:
        """Return the file of an entry, which must be a regular one and not empty."""

    def refuse(self, path: str, reason: str) -> DataError:
        """Return the error for a path where nothing is."""


class LocalStore:
    """The disks of this machine."""

    def __init__(self, target: str) -> None:
        self.base = "/" if target.startswith("/") else ""

    def look(self, path: str) -> Entry | None:
        """Return what is there; links are followed."""
        try:
            found = Path(path).stat()
        except OSError:
            return None
        return Entry(path, stat.S_ISDIR(found.st_mode))

    def entries(self, folders: Sequence[str]) -> Iterable[list[Entry]]:
        """Return what is in each of the folders, in order of name; nothing where there is none."""
        return map(_listed, folders)

    def walk(self, folder: str, above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Entry]:
        """Yield the data files at any depth in a folder.

        Raises
        ------
        DataError
            At a link to a folder above it, which would be read for ever.
        """
        found = Path(folder or ".").stat()
        here = (found.st_dev, found.st_ino)
        if here in above:
            raise DataError("loop of symbolic links", path=folder)
        for entry in _listed(folder):
            if not is_data(entry.name):
                continue
            if entry.is_folder:
                yield from self.walk(entry.path, above | {here})
            else:
                yield entry

    def file(self, entry: Entry) -> File:
        """Return the file of an entry."""
        return regular(entry.path)

    def refuse(self, path: str, reason: str) -> DataError:
        """Return the error for a path where nothing is; for a file, why it cannot be read."""
        try:
            if reason == NO_FILE:
                regular(path)
        except DataError as error:
            return error
        return DataError(reason, path=path)


class RemoteStore:
    """A file system of pyarrow.

    Parameters
    ----------
    base : str
        Start of the paths as the user writes them, such as ``s3://bucket/``.
    system : pyarrow.fs.FileSystem
    root : str
        Start of the same paths in the file system, such as ``bucket/``.
    """

    def __init__(self, base: str, system: FileSystem, root: str) -> None:
        self.base = base
        self._system = system
        self._root = root

    def look(self, path: str) -> Entry | None:
        """Return what is there."""
        from pyarrow.fs import FileType

        with reading(path):
            info = self._system.get_file_info(self._inner(path))
        gone = info.type == FileType.NotFound or (info.is_file and path.endswith("/"))
        return None if gone else self._entry(info, path)

    def entries(self, folders: Sequence[str]) -> Iterable[list[Entry]]:
        """Return what is in each of the folders, several of them at a time."""
        from concurrent.futures import ThreadPoolExecutor

        if len(folders) == 1:
            return [self._listed(folders[0])]
        with ThreadPoolExecutor(REQUESTS) as pool:
            return list(pool.map(self._listed, folders))

    def walk(self, folder: str) -> Iterable[Entry]:
        """Return the data files at any depth in a folder; all in one listing."""
        start = len(joined(folder, ""))
        return [
            entry
            for entry in self._listed(folder, recursive=True)
            if not entry.is_folder and all(map(is_data, entry.path[start:].split("/")))
        ]

    def file(self, entry: Entry) -> File:
        """Return the file of an entry."""
        if not entry.size:
            raise DataError("file is empty", path=entry.path)
        name = printable_name(entry.path)
        return RemoteFile(name, entry.size, self._system, self._inner(entry.path))

    def refuse(self, path: str, reason: str) -> DataError:
        """Return the error for a path where nothing is."""
        is_there = self.look(self.base) is not None
        return DataError(reason if is_there else "no such bucket", path=path)

    def _inner(self, path: str) -> str:
        return (self._root + path[len(self.base) :]).rstrip("/")

    def _listed(self, folder: str, recursive: bool = False) -> list[Entry]:
        from pyarrow.fs import FileSelector

        inner = self._inner(folder)
        select = FileSelector(inner, recursive=recursive, allow_not_found=True)
        with reading(folder):
            infos = self._system.get_file_info(select)
        found = [self._entry(info, self.base + info.path[len(self._root) :]) for info in infos]
        return sorted(found, key=lambda entry: entry.path.split("/"))

    @staticmethod
    def _entry(info: FileInfo, path: str) -> Entry:
        return Entry(path, not info.is_file, info.size or 0)


def is_data(name: str) -> bool:
    """Whether a name in a data folder is that of data, not of a companion such as ``_SUCCESS``.

    A key of a folder ``_key=value`` may begin with an underscore.
    """
    side = name.startswith(SIDE_STARTS) and (name.startswith(".") or "=" not in name)
    return not side and not name.endswith(SIDE_ENDS)


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder; the empty folder is the working directory."""
    return folder + name if not folder or folder.endswith("/") else f"{folder}/{name}"


def _listed(folder: str) -> list[Entry]:
    try:
        with os.scandir(folder or ".") as found:
            entries = [Entry(joined(folder, item.name), _is_folder(item)) for item in found]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(why(error, Path(folder)), path=folder) from error
    return sorted(entries, key=lambda entry: entry.name)


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:  # a loop of links, say; who opens it learns more
        return False
