"""The line of a plugin: state, words, performance data."""

from __future__ import annotations

import re

import pytest
from report_builder import features_report, performance_report, predictions_report

from driftcli.model import Status
from driftcli.renderers import nagios

DATUM = re.compile(r"([a-z_]+)=(\d+);(\d*);(\d*);(\d+);(\d+)")


def test_the_line() -> None:
    assert nagios.render([features_report(12)], 2) == (
        "DRIFTCLI CRITICAL - 2 of 12 features drifted, 2 uncertain, 2 changed, 6 ok"
        " | drifted=2;;0;0;12 not_evaluated=0;;;0;12 uncertain=2;;;0;12 changed=2;0;;0;12"
        " ok=6;;;0;12 skipped=0;;;0;12"
    )


def test_several_reports_add_up() -> None:
    several = [features_report(3), predictions_report(), performance_report(Status.NOT_EVALUATED)]
    words, _, numbers = nagios.render(several, 2).partition(" | ")
    assert words.count("; ") == 2
    found = [DATUM.fullmatch(datum) for datum in numbers.split(" ")]
    assert all(found)
    counts = {match[1]: int(match[2]) for match in found if match}
    assert counts["not_evaluated"] == 1
    assert sum(counts.values()) == 5
    assert {match[6] for match in found if match} == {"5"}


@pytest.mark.parametrize("code", range(4))
def test_words_cannot_forge_performance_data(code: int) -> None:
    line = nagios.line(code, "no such file: a|drifted=0\nOK")
    assert line == f"DRIFTCLI {nagios.WORDS[code]} - no such file: a¦drifted=0\\nOK"
