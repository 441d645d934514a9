"""Small files are read whole; files are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from driftcli.errors import DataError, OutputError


def read_text(path: Path, limit: int = 256 * 2**20) -> str:
    """Read a whole text file.

    Parameters
    ----------
    path : Path
    limit : int
        Bytes beyond which it is refused.

    Raises
    ------
    DataError
        If it is no regular file, too large, not UTF-8, or cannot be read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise DataError("not a regular file", path=path)
        if found.st_size > limit:
            raise DataError(f"larger than {limit // 2**20} MB", path=path)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("not a text file", path=path) from None
    except OSError as error:
        raise DataError(_plain(error), path=path) from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that the path holds the whole old or the whole new file at every moment.

    A temporary file beside the target is written, flushed to disk and moved over it. A symbolic
    link stays and its target is replaced.

    Parameters
    ----------
    path : Path
    content : str or bytes
        Text becomes UTF-8.

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then untouched and nothing is left behind.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    part = None
    try:
        target = path.resolve() if path.exists() else path
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        # named before it is there, so that a signal that comes just then leaves nothing behind
        part = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot be written ({_plain(error)})", path=path) from None
    finally:
        if part is not None:
            with contextlib.suppress(OSError):  # moved, as a rule
                part.unlink()
    _sync_folder(target.parent)


def must_be_writable(path: Path, inputs: Iterable[object] = ()) -> None:
    """Refuse an output path before the work starts rather than after it.

    Parameters
    ----------
    path : Path
    inputs : iterable of path-like or str
        What is read, which writing must not destroy; addresses are no files and pass.

    Raises
    ------
    OutputError
    """
    if str(path) == "-":
        raise OutputError("is no file, and stdout takes none", path=path, hint="name a file")
    try:
        if any(_same_file(path, given) for given in inputs):
            raise OutputError("is an input of this run", path=path, hint="name another file")
        if path.is_dir():
            raise OutputError("is a directory", path=path, hint="name a file in it")
        if not path.parent.is_dir():
            raise OutputError("no such directory", path=path.parent, hint="create it first")
        if path.exists() and not path.is_file():
            raise OutputError("not a regular file, which would be replaced", path=path)
        path.lstat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise OutputError(f"cannot be written ({_plain(error)})", path=path) from None
    if not os.access(path.parent, os.W_OK):
        raise OutputError("cannot write here (permission denied)", path=path.parent)


def _same_file(path: Path, given: object) -> bool:
    try:
        return given is not None and path.samefile(str(given))
    except (OSError, ValueError):
        return False


def _umask() -> int:
    mask = os.umask(0o077)  # nothing that another thread makes meanwhile is open to others
    os.umask(mask)
    return mask


def _plain(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the file system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
