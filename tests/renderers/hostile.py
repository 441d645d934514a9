"""Reports whose every text tries to be more than text."""

from __future__ import annotations

from dataclasses import replace

from report_builder import numeric_column, of_columns, report

from driftcli.model import DatasetInfo, Report, Status

NAMES = (
    "<script>alert(1)</script>",
    "\"quoted\" and 'quoted'",
    "back\\slash\\",
    "line\nbreak\r\nand another",
    "::error::forged",
    "a\u202egpj.exe",
    "nul\x00 bell\x07 escape\x1b[31m",
    "not a character \ufffe \uffff, half of one \ud800",
    "| a | b |",
    "a\\|b",
    "`code` ``more``",
    "@everyone",
    "[link](https://example.org) ![x](y)",
    "www.example.org https://example.org",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\tcell",
    "\rcell",
    "50% {{ x }} $HOME $(id)",
    "*bold* _thin_ ~gone~ # title :smile:",
    " spaces ",
    "",
    "日本語",
    "n" * 1_000_000,
)


def hostile_report(status: Status = Status.DRIFT) -> Report:
    """Every name as a column, in the words said of it, and in the sources."""
    columns = []
    for name in NAMES:
        column = numeric_column(name, status)
        checks = [replace(check, reason=f"said of {name}") for check in column.checks]
        columns.append(replace(column, checks=tuple(checks)))
    return report(
        "features",
        features=of_columns(columns),
        reference=DatasetInfo("".join(NAMES[:-1]), 10_000, len(NAMES)),
        warnings=tuple(f"of {name}" for name in NAMES),
    )
