"""The registry of file formats, and which of them a file is: by its name and by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from driftcli.config import Input
from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.sources.base import Reader
from driftcli.sources.files import File
from driftcli.sources.spool import STDIN

ENTRY_POINTS = "driftcli.sources"
COMPRESSED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is recognised, and the module whose ``open_file`` reads it.

    Parameters
    ----------
    title : str
        Its name in messages.
    suffixes : tuple of str
        Ends of file names, in lower case.
    module : str
        Imported at the first use, so that nobody pays for the formats he does not read.
    magic : tuple of bytes
        The first bytes of such a file; none for text.
    """

    title: str
    suffixes: tuple[str, ...]
    module: str
    magic: tuple[bytes, ...] = ()

    def reader(self) -> Reader:
        """Import the module and return its reader."""
        return cast(Reader, import_module(self.module).open_file)


FORMATS: dict[str, Format] = {
    "parquet": Format(
        "Parquet", (".parquet", ".pq"), "driftcli.sources.parquet", (b"PAR1", b"PARE")
    ),
    "csv": Format("CSV", (".csv", ".tsv"), "driftcli.sources.csv_"),
    "jsonl": Format("JSON lines", (".jsonl", ".ndjson", ".json"), "driftcli.sources.jsonl"),
    "arrow": Format(
        "Arrow",
        (".arrow", ".arrows", ".feather", ".ipc"),
        "driftcli.sources.arrow_ipc",
        (b"ARROW1", b"\xff\xff\xff\xff"),
    ),
    "orc": Format("ORC", (".orc",), "driftcli.sources.orc", (b"ORC",)),
}

# Other things that people keep under the wrong name.
FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel sheet",
    b"SQLite format 3": "an SQLite data base",
    b"\xfd7zXZ": "an xz archive",
    b"FEA1": "Feather version 1",
    b"\x89HDF": "HDF5",
    b"\x80\x04\x95": "a Python pickle",
    b"\x80\x05\x95": "a Python pickle",
    b"<": "HTML or XML",
}
COPY = re.compile(
    rf"(?:{'|'.join(re.escape(suffix) for form in FORMATS.values() for suffix in form.suffixes)})"
    r"(?!(?:\.gz|\.zst)?$)(?![a-z0-9])"
)
PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def format_of(file: File, options: Input) -> Format:
    """Return the format of `file`.

    Parameters
    ----------
    file : File
        The file; its first bytes are read.
    options : Input
        ``format`` overrides what the name says.

    Raises
    ------
    DataError
        If nobody can read the file, or if its first bytes are not those of its name.
    UsageError
        If the format that was asked for is not known.
    """
    chosen = _named(file, options, file.head)
    looks = looks_like(file.head)
    if not _fits(chosen, looks):
        hint = f"it looks like {looks}; give it the right name or set input.format"
        raise DataError(f"not a {chosen.title} file", path=file.name, hint=hint)
    return chosen


def looks_like(head: bytes) -> str:
    """Return the name of what the first bytes of a file look like."""
    for form in FORMATS.values():
        if form.magic and head.startswith(form.magic):
            return form.title
    for magic, title in {**FOREIGN, **PACKED}.items():
        if head.startswith(magic):
            return title
    if head.lstrip().startswith((b'{"', b"[{")):
        return "JSON"
    return "text such as CSV" if head.isascii() and b"\0" not in head else "other data"


def compression_of(head: bytes) -> str | None:
    """Return pyarrow's name of the compression that the first bytes show, if any."""
    return next((codec for magic, codec in PACKED.items() if head.startswith(magic)), None)


def _fits(form: Format, looks: str) -> bool:
    if form.magic:
        return looks == form.title
    if form is FORMATS["csv"] and looks == "JSON":
        return False
    titles = {other.title for other in FORMATS.values() if other.magic}
    return looks not in titles | set(FOREIGN.values()) - {"HTML or XML"}


def _named(file: File, options: Input, head: bytes) -> Format:
    if options.format is not None:
        return _asked(options.format)
    if file.name == STDIN:
        return FORMATS["csv"]
    if (known := by_suffix(file.name, FORMATS)) is not None:
        return known
    for form in FORMATS.values():
        if form.magic and head.startswith(form.magic):
            return form
    if (known := by_suffix(file.name, _third_party())) is not None:
        return known
    raise _unknown(file)


def by_suffix(name: str, formats: Mapping[str, Format]) -> Format | None:
    """Return the format whose suffix ends `name`; text may be compressed."""
    lower = name.lower()
    for form in formats.values():
        packed = () if form.magic else COMPRESSED
        if lower.endswith((*form.suffixes, *(s + c for s in form.suffixes for c in packed))):
            return form
    return None


def refuse_odd_names(target: str, files: Sequence[File], options: Input) -> None:
    """Refuse what lies among data and is not named so: a half-written file, a backup copy.

    Parameters
    ----------
    target : str
        What was asked for; unless it is a folder, its own name may be of that kind.
    files : sequence of File
        What was found there.
    options : Input
        Where a format is asked for, names of any kind may hold it, but for copies of data files.

    Raises
    ------
    DataError
    """
    strange = [file for file in files if by_suffix(file.name, FORMATS) is None]
    is_folder = files[0].name.startswith(target.rstrip("/") + "/")
    if not strange or (_is_copy(target) and not is_folder):
        return
    is_mixed = options.format is None and len(strange) < len(files)
    for file in strange:
        is_odd = _is_copy(file.name) or (is_mixed and "." in _base(file.name))
        if is_odd and by_suffix(file.name, _third_party()) is None:
            raise _unknown(file)


def _unknown(file: File) -> DataError:
    suffixes = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
    hint = f"it looks like {looks_like(file.head)}; known are {suffixes}"
    if _is_copy(file.name):
        hint = "a copy, or half-written? move it away, or name the others by a glob"
    return DataError("not known to be a data file by its name", path=file.name, hint=hint)


def _is_copy(name: str) -> bool:
    """Whether a name goes on behind the suffix of a data file, as ``x.parquet.tmp`` does."""
    return COPY.search(_base(name).lower().rstrip("*?")) is not None


def _base(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _asked(name: str) -> Format:
    known = FORMATS if name in FORMATS else {**FORMATS, **_third_party()}
    if name not in known:
        hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
        raise UsageError(f"no format {quoted(name)}", hint=hint)
    return known[name]


def _third_party() -> dict[str, Format]:
    from importlib.metadata import entry_points

    return {point.name: point.load() for point in entry_points(group=ENTRY_POINTS)}
