from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import pytest
from report_builder import check, numeric_column, of_columns, report, unevaluated_column
from test_html import HOSTILE, Page

from driftcli.model import ColumnResult, DecisionPolicy, Report, Series, Status, WindowsInfo
from driftcli.renderers import html_facts, html_windows
from driftcli.renderers.html import render

DAYS = tuple(f"2013-07-{day:02d}" for day in range(1, 31))
BASE: dict[str, Any] = {
    "window": "1d",
    "many": "days",
    "column": "time",
    "zone": None,
    "like": None,
    "reference": 181,
    "reference_first": "2013-01-01",
    "reference_last": "2013-06-30",
}


def windows(names: Sequence[str] = DAYS, **fields: Any) -> WindowsInfo:
    rows = tuple(900 + i for i in range(len(names)))
    last = {"judged": names[-1] if len(names) > 1 else None}
    return WindowsInfo(current=tuple(names), current_rows=rows, **(BASE | last | fields))


def rising(count: int = len(DAYS)) -> Series:
    """Return effects that grow, the second missing and the last third beyond its threshold."""
    effects = [0.012 * i for i in range(count)]
    return Series(
        tuple(None if i == 1 else size for i, size in enumerate(effects)),
        tuple(None if i == 1 else 0.9 if 3 * i < 2 * count else 0.044 for i in range(count)),
        tuple(3 * i >= 2 * count for i in range(count)),
    )


def followed(column: ColumnResult, series: Series) -> ColumnResult:
    """Return a column whose checks have p-values from windows, and a course."""
    checks = (
        dataclasses.replace(one, pvalue_from="windows", series=series) for one in column.checks
    )
    return dataclasses.replace(column, checks=tuple(checks))


def days_report(columns: int = 12, names: Sequence[str] = DAYS, **fields: Any) -> Report:
    made = [
        followed(numeric_column(f"feature_{i}", Status.DRIFT, bins=30), rising(len(names)))
        for i in range(columns)
    ]
    known = {"features": of_columns(made), "windows": windows(names)}
    return report("features", **(known | fields))


def test_the_first_screen_tells_the_windows_and_where_p_comes_from() -> None:
    words = Page(render([days_report(1)])).words
    assert "10,000 rows, 15 columns 181 days, 2013-01-01 to 2013-06-30 Current " in words
    assert (
        "10,000 rows, 16 columns 30 days, 2013-07-01 to 2013-07-30; the last is judged, all are "
        "drawn Checked 2024-03-18T06:00:00+00:00 "
        "Drift means: the effect exceeds its threshold and the max-T-adjusted p-value "
        "is below 0.05. A check needs 30 rows a side. The p-values come from the reference: "
        "181 days, 2013-01-01 to 2013-06-30."
    ) in words


@pytest.mark.parametrize(
    ("fields", "past", "recent"),
    [
        ({}, "181 days, 2013-01-01 to 2013-06-30", "2013-07-01"),
        (
            {"zone": "Europe/Paris", "like": "weekday"},
            "181 days, 2013-01-01 to 2013-06-30 (Europe/Paris; the same weekday only)",
            "2013-07-01",
        ),
        ({"reference": 0, "reference_first": "", "reference_last": ""}, "no days", "2013-07-01"),
        (
            {"many": "windows of 6 hours", "names": ()},
            "181 windows of 6 hours, 2013-01-01 to 2013-06-30",
            "not split into windows of 6 hours; judged as one",
        ),
    ],
)
def test_windows_in_words(fields: dict[str, Any], past: str, recent: str) -> None:
    made = windows(**({"names": DAYS[:1]} | fields))
    assert html_windows.of_reference(made) == past
    assert html_windows.of_current(made) == recent


def test_without_windows_the_page_has_none_of_it() -> None:
    page = render([report("features", features=of_columns([numeric_column("a")]))])
    assert "p-values take rows as independent" in page
    assert 'class="w"' not in page
    assert "Window by window" not in page


def test_other_corrections_keep_their_name() -> None:
    (told,) = html_facts.policies([days_report(1, policy=DecisionPolicy(correction="bh"))])
    assert "the Benjamini–Hochberg-adjusted p-value" in told


def test_runs_with_other_windows_are_told_apart() -> None:
    weeks = days_report(1, windows=windows(window="1w", many="weeks"))
    found = html_facts.runs([days_report(1), days_report(2), weeks])
    assert [run.windows and run.windows.many for run in found] == ["days", "weeks"]


def test_the_check_that_says_most_is_followed() -> None:
    near = check("a", "ks", Status.UNCERTAIN)
    far = check("a", "psi", Status.UNCERTAIN, strength=3)
    loud = check("a", "missing", Status.DRIFT)
    schema = check("a", "schema", Status.NOT_EVALUATED)
    followable = [dataclasses.replace(one, series=rising()) for one in (near, far, loud)]
    for kept, method in (([0, 1, 2], "missing"), ([0, 1], "psi"), ([0], "ks")):
        column = ColumnResult("a", None, (schema, *(followable[i] for i in kept)))
        found = html_windows.course(column, windows())
        assert found is not None
        assert found.check.result.method == method
    assert html_windows.course(ColumnResult("a", None, (near, far)), windows()) is None
    assert html_windows.course(column, None) is None


def test_a_course_of_other_length_than_its_windows_is_not_drawn() -> None:
    column = followed(numeric_column("a"), rising(29))
    assert html_windows.course(column, windows()) is None
    assert html_windows.course(column, windows(())) is None
    assert html_windows.course(followed(column, Series((), (), ())), windows(())) is None
    Page(render([days_report(windows=windows(DAYS[:7]))]))


def test_the_strip_is_told_in_words() -> None:
    page = render([days_report(1)])
    (strip,) = (a for a in Page(page).all("svg") if a.get("class") == "w")
    told = "KS, 30 days: 10 beyond 0.1 and unusual, 1 without a value"
    assert strip["role"] == "img"
    assert strip["aria-label"] == "KS from 2013-07-01 to 2013-07-30, where it is 0.348"
    assert f"<figcaption>{told}</figcaption>" in page


def test_the_table_of_windows_holds_what_the_strips_draw() -> None:
    columns = [
        followed(numeric_column("near", Status.UNCERTAIN), rising(3)),
        unevaluated_column("silent"),
        followed(numeric_column("far", Status.DRIFT), rising(3)),
    ]
    page = render([days_report(names=DAYS[:3], features=of_columns(columns))])
    table = page.split('<table class="when">')[1].split("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("</tr>")[:-1]]
    cells = [[re.sub("<[^>]*>", "", cell) for cell in row] for row in rows]
    assert cells == [
        ["", "Rows", "farKS", "nearKS"],
        ["2013-07-01", "900", "0.000 · 0.900", "0.000 · 0.900"],
        ["2013-07-02", "901", "–", "–"],
        ["2013-07-03", "902", "▲ 0.024 · 0.044", "▲ 0.024 · 0.044"],
    ]
    # the way by which the read-out finds the column of a card
    ways = re.findall(r'<a href="#([^"]*)"', table)
    cards = re.findall(r'<article id="([^"]*)"', page)
    assert ways == [cards[0], cards[2]]


def test_of_many_windows_the_last_are_shown() -> None:
    names = [f"row {i:,}" for i in range(1200)]
    page = render([days_report(1, names)])
    assert "The last 90 of 1,200; all are in the JSON." in Page(page).words
    assert page.count('<tr><th scope="row">row ') == 90
    assert "row 1,110</text>" in page
    assert "row 1,199</text>" in page
    assert 'aria-label="KS from row 1,110 to row 1,199, where it is 14.388"' in page
    assert "<figcaption>KS, 90 days: 90 beyond 0.1 and unusual</figcaption>" in page


def test_twelve_columns_of_thirty_windows_stay_small() -> None:
    plain = days_report(windows=None)
    bare = [
        dataclasses.replace(one, series=None) for one in next(iter(plain.features.values())).checks
    ]
    features = {
        name: dataclasses.replace(column, checks=tuple(bare))
        for name, column in plain.features.items()
    }
    without = render([dataclasses.replace(plain, features=features)])
    assert len(render([days_report()]).encode()) - len(without.encode()) < 25_000


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_names_of_windows_stay_text(text: str) -> None:
    def page(word: str) -> str:
        names = (word, f"{word}/x")
        told = windows(names, many=word, zone=word, like=word, reference_first=word)
        return render([days_report(1, names, windows=told)])

    hostile, tame = page(text), page("tame")
    assert [tag for tag, _ in Page(hostile).tags] == [tag for tag, _ in Page(tame).tags]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", hostile)
    assert len(hostile.encode()) < 100_000
