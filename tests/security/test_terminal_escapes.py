"""A terminal obeys control characters; those in names never reach one, in any format."""

from __future__ import annotations

import re

import pytest
from cli_helpers import normal, save
from terminals import on_terminal

NAME = "a\x1b]0;owned\x07\x1b[2J\x9b31m\rforged\u202e"
SCRIPT = """
from driftcli import cli
cli.run(["features", "ref.parquet", "now.parquet", "--format", "{}", "-q"])
"""
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e]")


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_what_programs_read_raw_is_escaped_on_a_terminal(format_: str) -> None:
    save("ref.parquet", **{NAME: normal(1)})
    save("now.parquet", **{NAME: normal(2, mean=2)})
    shown = on_terminal(SCRIPT.format(format_), stdout=True, columns=100)
    text = shown.raw.decode().replace("\r\n", "\n")
    assert CONTROL.findall(text) == []
    assert "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m" in text
    assert "forged\\u202e" in text
