"""YAML text as plain values, each with its place; nothing is guessed and nothing is executed.

YAML 1.1 reads ``yes`` as true, ``010`` as 8, ``1:30`` as 90 and ``2024-01-01`` as a date. Here such
words stay text and are marked as doubtful, so that the caller can ask for quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from yaml.reader import ReaderError

from driftcli.yaml_words import (
    KeyPath,
    Problem,
    character_problem,
    dotted,
    shown,
    syntax_problem,
)

MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_DIGITS = 18

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(
    r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)(e[-+][0-9]+)?|[-+]?\.inf|\.nan", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_TRUTH = {"true": True, "false": False}
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value's place (that of its key, or of its list item), and how it was written.

    ``doubt`` tells what YAML 1.1 makes of a plain word that people may have meant as text.
    """

    line: int
    column: int
    written: str = ""
    doubt: str = ""


@dataclass(slots=True)
class Document:
    """A YAML text as plain values; ``problems`` lists what was left out of them."""

    value: Any = None
    entries: dict[KeyPath, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def entry(self, path: KeyPath) -> Entry:
        """Return the entry at a path, or the nearest one around it."""
        while path not in self.entries and path:
            path = path[:-1]
        return self.entries.get(path, Entry(1, 1))


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML that has no place in a settings file."""

    def __init__(self, problem: str, mark: Any, hint: str) -> None:
        super().__init__(problem=problem, problem_mark=mark, note=hint)


class _Loader(yaml.SafeLoader):
    """Composes nodes only, one event at a time, so that no text can exhaust stack or memory."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = cast(Any, self).peek_event()
        self._admit(event)
        self.nodes += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused("nested too deeply", event.start_mark, f"at most {MAX_DEPTH} levels")
        if self.nodes > MAX_NODES:
            raise _Refused("too many values", event.start_mark, f"at most {MAX_NODES:,}")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    @staticmethod
    def _admit(event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("anchors and aliases are not allowed", event.start_mark, "write it out")
        if getattr(event, "tag", None):
            raise _Refused("tags (!...) are not allowed", event.start_mark, "write a plain value")


def read(text: str) -> Document:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The whole text.

    Returns
    -------
    Document
        With its problems; where the text is not YAML at all, with one problem and no value.
    """
    document = Document()
    try:
        root = _compose(text)
    except yaml.MarkedYAMLError as error:
        document.problems.append(syntax_problem(error, text))
    except ReaderError as error:
        document.problems.append(character_problem(error, text))
    else:
        if root is not None:
            document.value = _value(root, (), document)
    return document


def _compose(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError):  # PyYAML turns "\\UFFFFFFFF" into a character unasked
        raise _Refused("number out of range", loader.get_mark(), "check escapes like \\U") from None
    finally:
        loader.dispose()


def _value(node: Any, path: KeyPath, document: Document) -> Any:
    mark = node.start_mark
    document.entries.setdefault(path, Entry(mark.line + 1, mark.column + 1))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), document) for i, item in enumerate(node.value)]
    value, doubt = _scalar(node)
    entry = document.entries[path]
    if _SURROGATE.search(node.value):
        document.problems.append(Problem(entry.line, entry.column, "half of a surrogate pair"))
        return None
    document.entries[path] = Entry(entry.line, entry.column, node.value, doubt)
    return value


def _mapping(node: Any, path: KeyPath, document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, item in node.value:
        problem = _key_problem(key, item, path, document)
        if problem is not None:
            document.problems.append(problem)
            continue
        inner = (*path, key.value)
        document.entries[inner] = Entry(key.start_mark.line + 1, key.start_mark.column + 1)
        values[key.value] = _value(item, inner, document)
    return values


def _key_problem(key: Any, item: Any, path: KeyPath, document: Document) -> Problem | None:
    line, column = key.start_mark.line + 1, key.start_mark.column + 1
    place = f"{dotted(path)}: " if path else ""
    if not isinstance(key, yaml.ScalarNode):
        return Problem(line, column, f"{place}a key must be text, not a list or keys and values")
    value, doubt = _scalar(key)
    if doubt or not isinstance(value, str):
        meant = doubt or _reading(value)
        return Problem(line, column, f"{place}{_doubtful(key.value, meant)}", _key_hint(key, item))
    if (first := document.entries.get((*path, value))) is not None:
        return Problem(
            line, column, f"{dotted((*path, value))}: duplicate key, first on line {first.line}"
        )
    return None


def _key_hint(key: Any, item: Any) -> str:
    # {ks: 0,1} is two keys to YAML: ks and an empty 1
    if key.value.isdigit() and isinstance(item, yaml.ScalarNode) and not item.value:
        return "write decimals with a point, such as 0.1"
    return f"put it in quotes: {shown(key.value)}"


def _doubtful(written: str, doubt: str) -> str:
    return f"YAML reads {written[:80] or 'an empty word'} as {doubt}"


def doubt_problem(path: KeyPath, entry: Entry, hint: str = "") -> Problem:
    """Return the problem of a doubtful word that stands where text is allowed.

    Parameters
    ----------
    path : tuple of str or int
    entry : Entry
        With its ``doubt``.
    hint : str
        What else the user may have meant, such as ``write true, or ``.
    """
    return Problem(
        entry.line,
        entry.column,
        f"{dotted(path)}: {_doubtful(entry.written, entry.doubt)}",
        f"{hint}put it in quotes: {shown(entry.written)}",
    )


def _reading(value: object) -> str:
    if value is None or isinstance(value, bool):
        return shown(value)
    return "a number"


def _scalar(node: Any) -> tuple[Any, str]:
    """Return the value of a scalar and, for a word that YAML 1.1 reads oddly, its reading."""
    text, kind = node.value, node.tag.removeprefix(_TAG)
    if kind == "null":
        return None, ""
    if kind == "bool" and text.lower() in _TRUTH:
        return _TRUTH[text.lower()], ""
    if kind == "int" and _INTEGER.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text), ""
    if kind == "float" and _DECIMAL.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan")), ""
    return text, _doubt(kind, text)


def _doubt(kind: str, text: str) -> str:
    if kind == "bool":
        return "true" if text.lower() in ("yes", "on") else "false"
    words = {"int": "a number", "float": "a number", "timestamp": "a date"}
    return words.get(kind, "" if kind == "str" else "something special")
