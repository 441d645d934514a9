"""Workflow commands as GitHub's runner reads them, and its limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hostile import hostile_report
from report_builder import (
    column,
    features_report,
    of_columns,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.model import Report, Status
from driftcli.renderers import github, markdown


@dataclass(frozen=True)
class Command:
    kind: str
    title: str
    message: str


def read(reports: Sequence[Report]) -> list[Command]:
    """What the runner makes of each line; there may be none that is no command."""
    found = []
    for line in github.render(reports).removesuffix("\n").split("\n"):
        match = re.fullmatch(r"::(\w+) title=([^,:=]*)::(.*)", line)
        assert match, line
        assert line.isprintable()
        title, message = (_unescaped(words) for words in match.groups()[1:])
        found.append(Command(match[1], title, message))
    return found


def _unescaped(words: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        words = words.replace(code, sign)
    return words


def test_drift_is_an_error_with_its_reasons() -> None:
    assert read([performance_report()]) == [
        Command(
            "error",
            "driftcli performance",
            "1 of 2 metrics degraded, 1 ok\nauc: auc dropped by 0.071, threshold 0.05",
        )
    ]


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (features_report(), "error"),
        (predictions_report(Status.OK), "notice"),
        (performance_report(Status.NOT_EVALUATED), "warning"),
        (report("features", features={"a": unevaluated_column("a", harmless=True)}), "notice"),
    ],
)
def test_the_kind_says_how_loud_it_is(one: Report, kind: str) -> None:
    assert [command.kind for command in read([one])] == [kind]


def test_one_annotation_a_report_within_what_is_shown() -> None:
    commands = read([hostile_report(), predictions_report()])
    assert [command.title for command in commands] == ["driftcli features", "driftcli predictions"]
    assert all(len(command.message) <= 4096 for command in commands)
    lines = commands[0].message.split("\n")
    assert len(lines) == 2 + github.MAX_TOLD
    assert re.fullmatch(r"… \d+ more in the summary of the step", lines[-1])


def test_signs_of_the_runner_are_escaped() -> None:
    lost = {"50%, a:b": unevaluated_column("50%, a:b")}
    line = github.render([report("a,b:c", features=lost)])
    assert line.startswith("::warning title=driftcli a%2Cb%3Ac::")
    assert "50%25, a:b: 12 rows" in line


def test_the_summary_is_the_most_that_fits() -> None:
    reports = [report("features", features=of_columns([column(i) for i in range(200)]))]
    whole = markdown.render(reports)
    short = markdown.render(reports, every=False)
    sizes = [len(text.encode()) for text in (whole, short)]
    assert github.summary(reports, sizes[0]) == whole
    assert github.summary(reports, sizes[0] - 1) == short
    headings = f"{markdown.heading(reports[0])}\n\n"
    assert github.summary(reports, sizes[1] - 1) == headings
    assert github.summary(reports, len(headings.encode()) - 1) == ""


def test_the_summary_of_the_hostile_is_within_the_limit() -> None:
    assert 0 < len(github.summary([hostile_report()], github.MAX_SUMMARY).encode()) <= 2**20
