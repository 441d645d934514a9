"""Alerts on the terminal, compared whole."""

from __future__ import annotations

import io

import pytest
from report_builder import TIMESTAMP, alert_report
from rich.cells import cell_len
from rich.console import Console

from driftcli.model import Alert, AlertReport, Severity
from driftcli.renderers import alerts

TWO = """\
HIGH feature_drift: 6 of 12 features drifted
  → Look at the columns that drifted most; retrain if the change is here to stay
MEDIUM performance_degradation: AUC fell by 0.071
  → Compare with the data of last week

retrain: yes
"""


def draw(
    report: AlertReport, width: int = 80, *, encoding: str = "utf-8", colour: bool = False
) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    console = Console(
        width=width,
        height=50,
        file=stream,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    alerts.render(report, console)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_alerts_and_the_decision() -> None:
    assert draw(alert_report()) == TWO


def test_a_plain_terminal_gets_ascii_only() -> None:
    assert draw(alert_report(), 100, encoding="ascii") == TWO.replace("→", "->")


def test_colour_marks_severity_and_decision() -> None:
    lines = draw(alert_report(), colour=True).splitlines()
    assert lines[0] == "\x1b[1;31mHIGH \x1b[0mfeature_drift: 6 of 12 features drifted"
    assert lines[2].startswith("\x1b[33mMEDIUM \x1b[0mperformance_degradation: ")
    assert lines[-1] == "\x1b[1mretrain: yes\x1b[0m"


@pytest.mark.parametrize(
    ("incomplete", "text"),
    [(False, "no alert\nretrain: no\n"), (True, "no alert (incomplete)\nretrain: no\n")],
)
def test_nothing_to_tell(incomplete: bool, text: str) -> None:
    assert draw(alert_report(alerts=(), should_retrain=False, incomplete=incomplete)) == text


def test_messages_cannot_forge_the_screen() -> None:
    hostile = Alert(
        TIMESTAMP, "feature_drift", Severity.LOW, "\x1b[2Ja\nb \u202e", "[bold]x[/bold]\r:smile:"
    )
    assert draw(alert_report(alerts=(hostile,))) == (
        "LOW feature_drift: \\x1b[2Ja\\nb \\u202e\n  → [bold]x[/bold]\\r:smile:\n\nretrain: yes\n"
    )


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    long = Alert(TIMESTAMP, "feature_drift", Severity.HIGH, "n" * 300, "日本" * 100)
    lines = draw(alert_report(alerts=(long,)), width).splitlines()
    assert max(cell_len(line) for line in lines) <= width
