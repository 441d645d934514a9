"""How the reading of YAML talks to people: places, values and syntax errors in plain words.

A webhook's address is a secret, so no text that looks like an address is ever repeated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from driftcli.errors import quoted

KeyPath = tuple[str | int, ...]

_ADDRESS = re.compile(
    r"://|@[\w-]+\.|hooks?\.|webhook|/services/|[\w-]\.(com|net|org|io|dev|cloud)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line and column, both counted from 1."""

    line: int
    column: int
    message: str
    hint: str = ""


def is_address(text: str) -> bool:
    """Return whether a text looks like a URL, which may be or hold a secret."""
    return _ADDRESS.search(text) is not None


def shown(value: object) -> str:
    """Return a value as it may stand in a message; an address is never shown.

    Parameters
    ----------
    value : object
        A plain value of a YAML file.
    """
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(str(value), str(value))
    text = str(value)
    if is_address(text):
        return "an address (not shown)"
    return quoted(text) if isinstance(value, str) else text


def dotted(path: KeyPath) -> str:
    """Return a path as text, such as ``alerts.send[0].timeout``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (
                part if re.fullmatch(r"[\w-]{1,80}", part) else shown(part)
            )
    return text


# PyYAML's words; whether the opening (context) or the stumbling place tells more; ours; the hint
_SYNTAX = (
    (r"expected ',' or '([\]}])'", True, "bracket is not closed", ""),
    (r"unexpected end of stream", True, "quote is not closed", ""),
    (r"but found '(<block|\?|-)", False, "indentation does not fit the lines above", ""),
    (r"but found '<scalar>'", False, "text after the end of a value", "put the whole in quotes"),
    (
        r"mapping values are not allowed",
        False,
        "unexpected ':'",
        "check the indentation, and put text that holds ': ' in quotes",
    ),
    (r"could not find expected ':'", True, "expected 'key: value'", ""),
    (r"another document", False, "more than one document", "keep one, without a second '---'"),
    (r"found character '(.)' that", False, "text cannot begin with this", "put it in quotes"),
)


def syntax_problem(error: MarkedYAMLError, text: str) -> Problem:
    """Return what is wrong with a text that is not YAML.

    Parameters
    ----------
    error : MarkedYAMLError
        As PyYAML raised it; its own text holds a piece of the file and is not used.
    text : str
        The whole text.
    """
    words = error.problem or error.context or "not valid YAML"
    mark: Any = error.problem_mark or error.context_mark
    reason, hint = words, error.note or ""
    if words.startswith("found character '\\t'"):
        reason, hint = _tab(text, mark), "use spaces"
    for pattern, opening, better, remedy in _SYNTAX:
        if re.search(pattern, words):
            reason, hint = better, remedy
            mark = (opening and error.context_mark) or mark
    if is_address(reason):
        reason = "not valid YAML"
    return Problem(mark.line + 1, mark.column + 1, reason, hint)


def _tab(text: str, mark: Any) -> str:
    before = text[: mark.index].rpartition("\n")[2]
    return "tab where a space is expected" if before.strip() else "tab used for indentation"


def character_problem(error: ReaderError, text: str) -> Problem:
    """Return the place of a character that YAML does not allow.

    Parameters
    ----------
    error : ReaderError
    text : str
        The whole text.
    """
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Problem(
        line, column, f"control character U+{ord(text[error.position]):04X}", "remove it"
    )
