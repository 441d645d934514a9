from __future__ import annotations

import pytest

from driftcli.errors import (
    MAX_NAME,
    ConfigError,
    DataError,
    DeliveryError,
    DriftcliError,
    OutputError,
    UsageError,
    did_you_mean,
    quoted,
    shown_path,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("age", "'age'"),
        ("", "''"),
        (5, "'5'"),
        (None, "'None'"),
        ("it's", '"it\'s"'),
        ("größe 日本", "'größe 日本'"),
        ("a\nb\tc", r"'a\nb\tc'"),
        ("\x1b[31m\x00", r"'\x1b[31m\x00'"),
        ("a\u202egpj", r"'a\u202egpj'"),
        ("\u2028", r"'\u2028'"),
        ("\ud800", r"'\ud800'"),
        ("n" * MAX_NAME, f"'{'n' * MAX_NAME}'"),
        ("n" * (MAX_NAME + 1), f"'{'n' * (MAX_NAME - 1)}…'"),
    ],
)
def test_a_name_is_quoted_on_one_line(name: object, shown: str) -> None:
    assert quoted(name) == shown
    assert quoted(name).isprintable()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("data/a b.csv", "data/a b.csv"),
        ("größe.csv", "größe.csv"),
        ("it's.csv", "it's.csv"),
        ("a\nb.csv", r"a\nb.csv"),
        ("\x1b[2J.csv", r"\x1b[2J.csv"),
        ("\udcff.csv", r"\udcff.csv"),
    ],
)
def test_a_path_stays_as_written_but_on_one_line(path: str, shown: str) -> None:
    assert shown_path(path) == shown


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("scroe", ["score", "label"], "did you mean 'score'?"),
        ("item", ["items", "itm"], "did you mean 'items' or 'itm'?"),
        ("xyz", ["score", "label"], ""),
        ("score", [], ""),
    ],
)
def test_a_hint_names_what_is_near(name: str, known: list[str], hint: str) -> None:
    assert did_you_mean(name, known) == hint


def test_a_hint_names_three_at_most() -> None:
    assert did_you_mean("col_0", [f"col_{i}" for i in range(1, 9)]).count(" or ") == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DriftcliError("it broke"), "it broke"),
        (DriftcliError("it broke", hint="mend it"), "it broke. mend it"),
        (DataError("no such file", path="a.csv"), "a.csv: no such file"),
        (DataError("not a number", column="age"), "column 'age': not a number"),
        (
            DataError("not a number", path="a\n.csv", column="b\nc", hint="mend it"),
            r"a\n.csv: column 'b\nc': not a number. mend it",
        ),
        (DataError("odd", path="", column=""), ": column '': odd"),
    ],
)
def test_an_error_is_one_line(error: DriftcliError, line: str) -> None:
    assert str(error) == line
    assert str(error).isprintable()


@pytest.mark.parametrize("kind", [UsageError, ConfigError, DataError, OutputError, DeliveryError])
def test_every_kind_is_caught_as_one(kind: type[DriftcliError]) -> None:
    with pytest.raises(DriftcliError) as caught:
        raise kind("it broke", path="p", column="c", hint="h")
    error = caught.value
    assert (error.message, error.path, error.column, error.hint) == ("it broke", "p", "c", "h")
