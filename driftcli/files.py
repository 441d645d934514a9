"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from driftcli.errors import OutputError


def write_whole(path: Path, text: str) -> None:
    """Write a text so that the path holds the whole old or the whole new file at every moment.

    A temporary file beside the target is written, flushed to disk and moved over it.

    Parameters
    ----------
    path : Path
    text : str

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then untouched and nothing is left behind.
    """
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:50]}.", suffix=".part", dir=path.parent
        )
    except OSError as error:
        raise OutputError(_reason(error), path=path) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise OutputError(_reason(error), path=path) from None
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(path.parent)


def must_be_writable(path: Path) -> None:
    """Refuse an output path before the work starts rather than after it.

    Raises
    ------
    OutputError
    """
    if path.is_dir():
        raise OutputError("is a directory", path=path, hint="name a file in it")
    if not path.parent.is_dir():
        raise OutputError("no such directory", path=path.parent, hint="create it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError("cannot write here (permission denied)", path=path.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return f"cannot be written ({(error.strerror or str(error)).lower()})"


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
