"""YAML → :class:`~driftcli.config.Config`; every error names file, line, column and key."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

from driftcli.config import Config
from driftcli.config_check import Fault, checked
from driftcli.config_fields import shape_at
from driftcli.errors import ConfigError
from driftcli.yaml_nodes import Document, doubt_problem, read
from driftcli.yaml_words import KeyPath, Problem, dotted, is_address, shown

MAX_BYTES = 1_000_000


def load_config(path: str | Path) -> Config:
    """Read a configuration.

    Parameters
    ----------
    path : str or Path
        A YAML file.

    Raises
    ------
    ConfigError
        The first problem, as ``FILE:LINE:COLUMN: KEY: reason. hint``.
    """
    return parse_config(_text(path), str(path))


def parse_config(text: str, name: str) -> Config:
    """Turn YAML into a configuration.

    Parameters
    ----------
    text : str
        The whole YAML text.
    name : str
        What the errors call it.

    Raises
    ------
    ConfigError
        The first problem.
    """
    config, problems = _examine(text, name)
    if config is None:
        raise problems[0]
    return config


def config_problems(path: str | Path) -> list[ConfigError]:
    """Return everything that is wrong with a configuration, by line; empty where nothing is.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    """
    try:
        text = _text(path)
    except ConfigError as error:
        return [error]
    return _examine(text, str(path))[1]


def where(path: str | Path, key_path: KeyPath) -> str:
    """Return the place of a key as ``file:line:column``, or that of the nearest key around it.

    Parameters
    ----------
    path : str or Path
        A YAML file that :func:`load_config` has read.
    key_path : tuple of str or int
        Such as ``("columns", "exclude", 0)``.
    """
    entry = read(_text(path)).entry(key_path)
    return f"{path}:{entry.line}:{entry.column}"


def _text(path: str | Path) -> str:
    data = _bytes(Path(path), path)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES:,} bytes", path=path, hint="is it a data file?")
    if b"\0" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError("UTF-16 or binary, not UTF-8", path=path, hint="save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    raise ConfigError("not UTF-8", path=f"{path}:{line}", hint="save it as UTF-8")


def _bytes(file: Path, path: str | Path) -> bytes:
    try:
        if file.is_dir():
            raise ConfigError("is a directory", path=path)
        if file.exists() and not file.is_file():  # a FIFO would wait for ever
            raise ConfigError("not a regular file", path=path)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(
            "no such file", path=path, hint="`driftcli config init` writes one"
        ) from None
    except PermissionError:
        raise ConfigError("no permission to read", path=path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"cannot be read ({reason})", path=path) from None


def _examine(text: str, name: str) -> tuple[Config | None, list[ConfigError]]:
    """Return the configuration, or ``None`` and at least one problem."""
    document = read(text)
    config = None
    if isinstance(document.value, dict):
        config, faults = checked(document.value)
        document.problems += _placed(faults, document)
        document.problems.sort(key=lambda problem: (problem.line, problem.column))
    elif not document.problems:
        document.problems.append(_not_a_mapping(document))
    errors = [
        ConfigError(item.message, path=f"{name}:{item.line}:{item.column}", hint=item.hint)
        for item in document.problems
    ]
    return (None, errors) if errors else (config, [])


def _not_a_mapping(document: Document) -> Problem:
    if document.value is None:
        return Problem(1, 1, "no settings in it", "`driftcli config init` writes a commented file")
    entry = document.entry(())
    message = f"expected keys and values, got {shown(document.value)}"
    return Problem(entry.line, entry.column, message)


def _placed(faults: Iterable[Fault], document: Document) -> Iterator[Problem]:
    """Give each fault its line; of two at one path the first tells."""
    first: dict[KeyPath, Fault] = {}
    for fault in faults:
        first.setdefault(fault.path, fault)
    for path, fault in first.items():
        entry = document.entry(path)
        place = f"{dotted(path)}: " if path else ""
        hint = fault.hint or _quotes_hint(fault, entry.written)
        yield Problem(entry.line, entry.column, place + fault.message, hint)
    for path, entry in document.entries.items():
        if entry.doubt and path not in first:
            shape = shape_at(path)
            truth = "write true or false, or " if shape and bool in shape.members else ""
            yield doubt_problem(path, entry, truth)


def _quotes_hint(fault: Fault, written: str) -> str:
    if not fault.message.startswith("expected text") or not written or is_address(written):
        return ""
    return f"put it in quotes: {shown(written)}"
