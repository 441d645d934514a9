"""From what the user wrote to the files behind it: a file, a folder of parts, a glob, stdin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from driftcli.errors import DataError, UsageError, quoted
from driftcli.sources.addresses import is_address, opened, options_of, refuse_secrets
from driftcli.sources.files import File, printable_name
from driftcli.sources.spool import STDIN, from_stdin
from driftcli.sources.stores import NO_FILE, Entry, LocalStore, Store, is_data, joined
from driftcli.sources.templates import LATEST, filled

DELTA_LOG = "_delta_log"
MAGIC = re.compile(r"[*?[]")
ANY_DEPTH = "**"


@dataclass(frozen=True, slots=True)
class Found:
    """The files behind a path.

    Parameters
    ----------
    name : str
        What was read, with dates and the latest filled in, in characters that can be written.
    files : list of File
        In the order in which they are read.
    folders : list of tuple of str
        For each file the folders between the place that was named and the file.
    table : str, optional
        The address of a table, whose files others find.
    """

    name: str
    files: list[File]
    folders: list[tuple[str, ...]]
    table: str | None = None


def find(target: str, day: str = "today") -> Found:
    """Return the data files that `target` means, in the order in which they are read.

    Parameters
    ----------
    target : str
        A file, a folder of parts, a glob (``**`` is recursive), or ``-`` for stdin; on disk or at
        an address. ``{date:%Y-%m-%d}`` and ``{latest}`` are filled in.
    day : str
        The day of the dates.

    Raises
    ------
    DataError
        If there is nothing to read, or something that is not a regular file.
    UsageError
        If it cannot be understood.
    """
    if target == STDIN:
        return Found(STDIN, [from_stdin()], [()])
    if not target:
        raise DataError("an empty path", hint="is a variable unset?")
    if "\0" in target:
        raise DataError("not a path (it holds a NUL character)", path=target)
    refuse_secrets(target)
    is_literal = not is_address(target) and LocalStore(target).look(target) is not None
    store, path = opened(target if is_literal else filled(target, day))
    if LATEST in path and not is_literal:
        path = _latest(store, path)
    place, entries = _behind(store, path)
    if (log := next((entry for entry in entries if entry.name == DELTA_LOG), None)) is not None:
        return _delta(path, log, entries, "" if is_literal else options_of(target))
    folders = [_between(place, entry) for entry in entries]
    return Found(printable_name(path), [store.file(entry) for entry in entries], folders)


def _behind(store: Store, path: str) -> tuple[str, list[Entry]]:
    """Return the files behind `path`, and the folder below which folders may say something."""
    if (entry := store.look(path)) is not None:
        if not entry.is_folder:
            return path.removesuffix(entry.name), [entry]
        folder = joined(path, "")
        if not (files := _inside(store, folder)):
            raise DataError("no data files", path=folder)
        return folder, files
    fixed, parts = _split(store, path)
    found = _matches(store, fixed, parts) if parts else []
    files = [entry for entry in found if not entry.is_folder]
    if not files:
        inside = (_inside(store, joined(entry.path, "")) for entry in found)
        files = [file for some in inside for file in some]
    if not files:
        raise store.refuse(path, "no data files" if parts else NO_FILE)
    return joined(fixed, ""), files


def _inside(store: Store, folder: str) -> list[Entry]:
    """Return the data files of a folder; those in folders below only if they are ``key=value``."""
    (entries,) = store.entries([folder])
    if log := [entry for entry in entries if entry.name == DELTA_LOG]:
        return log  # which knows what of the rest counts
    files = [entry for entry in entries if is_data(entry.name)]
    folders = [entry.name for entry in files if entry.is_folder]
    _refuse_plain_folders(folder, folders)
    if not folders:
        return files
    files = list(store.walk(folder))
    _refuse_plain_folders(folder, (name for file in files for name in _between(folder, file)))
    return files


def _delta(path: str, log: Entry, entries: Sequence[Entry], options: str) -> Found:
    """Return the Delta table that is all there is at a path."""
    folder = log.path.removesuffix(DELTA_LOG).rstrip("/")
    if len(entries) > 1:
        hint = f"name a single one, such as {quoted(folder)}"
        raise DataError("holds a Delta table among others", path=path, hint=hint)
    return Found(folder, [], [], f"delta:{folder}{options}")


def _between(folder: str, file: Entry) -> tuple[str, ...]:
    """Return the names of the folders between a folder and a file below it."""
    return tuple(file.path[len(folder) :].split("/")[:-1])


def _refuse_plain_folders(folder: str, names: Iterable[str]) -> None:
    for name in names:
        if "=" not in name:
            hint = f"name the files by a glob, such as {quoted(folder + '**/*.parquet')}"
            raise DataError(f"holds the folder {quoted(name)}", path=folder, hint=hint)


# -- globs ---------------------------------------------------------------------------------------


def _split(store: Store, path: str) -> tuple[str, list[str]]:
    """Return the part of a path before the first component that is a pattern, and the rest."""
    parts = path[len(store.base) :].split("/")
    at = next((at for at, part in enumerate(parts) if MAGIC.search(part)), len(parts))
    return store.base + "/".join(parts[:at]), [part for part in parts[at:] if part]


def _matches(store: Store, fixed: str, parts: Sequence[str]) -> list[Entry]:
    """Return the files and folders that fit `parts` one below the other, each once."""
    level = [Entry(fixed, True)]
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        folders = [entry.path for entry in level if entry.is_folder]
        if part == ANY_DEPTH:
            level = _any_depth(store, folders, is_last)
        elif MAGIC.search(part) or is_last:
            listed = (entry for some in store.entries(folders) for entry in some)
            level = [entry for entry in listed if _fits(entry.name, part)]
        else:
            level = [Entry(joined(folder, part), True) for folder in folders]
    once = {entry.path: entry for entry in level}
    return sorted(once.values(), key=lambda entry: entry.path.split("/"))


def _any_depth(store: Store, folders: Sequence[str], is_last: bool) -> list[Entry]:
    """Return the files at any depth, or where more follows, the folders that hold them."""
    files = [(joined(folder, ""), file) for folder in folders for file in store.walk(folder)]
    if is_last:
        return [file for _, file in files]
    found = dict.fromkeys(folders)
    for start, file in files:
        path = start.removesuffix("/")
        for name in _between(start, file):
            path = joined(path, name)
            found[path] = None
    return [Entry(path, True) for path in found]


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits a component of a glob; companions only fit what begins like them."""
    shown = is_data(name) or (name[0] == pattern[0] and not name.endswith(".crc"))
    return shown and fnmatchcase(name, pattern)


# -- the latest ----------------------------------------------------------------------------------


def _latest(store: Store, path: str) -> str:
    """Return `path` with every ``{latest}`` filled in.

    Raises
    ------
    DataError
        If nothing that holds data fits.
    """
    parts = path[len(store.base) :].split("/")
    for part in parts:
        if LATEST in part:
            break
        if MAGIC.search(part):
            raise UsageError(f"a glob cannot stand before {LATEST}", path=path)
    found = _newest(store, store.base, parts)
    if found is None:
        raise store.refuse(path, f"nothing with data fits {LATEST}")
    return found


def _newest(store: Store, done: str, parts: Sequence[str]) -> str | None:
    """Return what fits `parts` below `done` with the last entry at each ``{latest}``, if any."""
    at = next((at for at, part in enumerate(parts) if LATEST in part), None)
    if at is None:
        whole = joined(done, "/".join(parts)) if parts else done
        return whole if _has_data(store, whole) else None
    (entries,) = store.entries([joined(done, "/".join(parts[:at]))])
    pattern = parts[at].replace(LATEST, "*")
    fitting = [entry for entry in entries if _fits(entry.name, pattern)]
    for entry in sorted(fitting, key=lambda entry: natural(entry.name), reverse=True):
        if (found := _newest(store, entry.path, parts[at + 1 :])) is not None:
            return found
    return None


def _has_data(store: Store, path: str) -> bool:
    entry = store.look(path)
    fixed, parts = _split(store, path)
    found = [entry] if entry else _matches(store, fixed, parts) if parts else []
    return any(not e.is_folder or next(iter(store.walk(e.path)), None) for e in found)


def natural(name: str) -> tuple[list[Any], str]:
    """Return a key by which ``day-9`` comes before ``day-10``."""
    pieces = re.split(r"([0-9]+)", name)  # text and digits in turn
    return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)], name
