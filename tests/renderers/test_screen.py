"""What is cut, escaped and wrapped on a terminal, and which columns of a table stay."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.screen import Screen


def screen(width: int = 80, encoding: str = "utf-8") -> tuple[Screen, io.BytesIO]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n", write_through=True)
    return Screen(Console(width=width, file=stream)), raw


@pytest.mark.parametrize(
    ("words", "cells", "cut"),
    [
        ("temperature", 11, "temperature"),
        ("temperature", 10, "temper…ure"),
        ("temperature", 1, "…"),
        ("temperature", 2, "t…"),
        ("日本語日本語", 12, "日本語日本語"),
        ("日本語日本語", 11, "日本語…語"),
        ("日本語日本語", 8, "日本…語"),
        ("", 1, ""),
    ],
)
def test_a_name_loses_its_middle(words: str, cells: int, cut: str) -> None:
    made = screen()[0].cut(words, cells)
    assert made == cut
    assert cell_len(made) <= cells


@pytest.mark.parametrize(
    ("encoding", "words", "shown"),
    [
        ("utf-8", "a\tb\x1b[0m\ud800\u202e", r"a\tb\x1b[0m\ud800\u202e"),
        ("utf-8", "[red]é✓[/red]", "[red]é✓[/red]"),
        ("ascii", "é日✓…─", r"\xe9\u65e5+~-"),
        ("latin-1", "é日", r"é\u65e5"),
    ],
)
def test_words_are_shown_as_they_are_or_escaped(encoding: str, words: str, shown: str) -> None:
    assert screen(encoding=encoding)[0].shown(words) == shown


def test_an_empty_name_is_seen() -> None:
    assert screen()[0].name("") == "''"


def test_long_words_wrap_with_an_indent() -> None:
    paper, raw = screen(20)
    paper.paragraph(("feature: ", "red"), ("one two three four five " * 2, ""))
    assert raw.getvalue().decode().splitlines() == [
        "feature: one two",
        "  three four five",
        "  one two three four",
        "  five",
    ]


NAME = GridColumn("name", [("a" * 30, ""), ("b", "")], cut=True)
FIRST = GridColumn("first", [("1" * 10, ""), ("", "")], leaves=1)
SECOND = GridColumn("second", [("2" * 10, ""), ("", "")], right=True, leaves=2)
VERDICT = GridColumn("verdict", [("drift", ""), ("ok", "")])


@pytest.mark.parametrize(
    ("width", "kept"),
    [(49, "name first second verdict"), (48, "name second verdict"), (36, "name verdict")],
)
def test_columns_leave_in_turn_where_a_name_is_down_to_sixteen(width: int, kept: str) -> None:
    columns = fitting([NAME, FIRST, SECOND, VERDICT], screen(width)[0])
    assert " ".join(column.header for column in columns) == kept


def test_the_name_is_cut_to_what_is_left() -> None:
    paper, raw = screen(40)
    draw([NAME, SECOND, VERDICT], paper)
    assert raw.getvalue().decode().splitlines() == [
        "name                     second  verdict",
        "─" * 40,
        "aaaaaaaaaaaa…aaaaaa  2222222222  drift",
        "b                                ok",
    ]
