from __future__ import annotations

import base64
import dataclasses
import hashlib
import math
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from report_builder import (
    alert_report,
    categorical_column,
    check,
    features_report,
    metric,
    numeric_column,
    of_columns,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.model import (
    AlertState,
    ColumnKind,
    ColumnResult,
    ColumnStats,
    DatasetInfo,
    Decision,
    DecisionPolicy,
    Distribution,
    MethodResult,
    Report,
    Severity,
    Status,
    Threshold,
)
from driftcli.records import Past
from driftcli.renderers import (
    html_facts,
    html_history,
    html_text,
    html_view,
    html_words,
    svg,
    svg_bars,
    svg_bins,
    svg_histogram,
    svg_parts,
)
from driftcli.renderers.html import render

VOID = {"meta", "link", "input", "br", "img", "line", "rect", "circle", "path"}
KILOBYTE = 1000
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "\"><img src=x onerror='alert(3)'>",
    "' onmouseover='alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(5)",
    "-->]]><!--",
    "a\u202egpj.exe\u202c",
    "\x1b[31mred\x00\r\n",
    "\ud800",
    "é" * 1_000_000,
)


class Page(HTMLParser):
    """A page taken apart: every element opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def text_of(self, tag: str) -> str:
        return "".join(text for inside, text in self.texts if inside == tag)

    @property
    def words(self) -> str:
        seen = [text for inside, text in self.texts if inside not in ("style", "script")]
        return " ".join(" ".join(seen).split())


@pytest.fixture(scope="module")
def full() -> str:
    columns = [
        *features_report(12).features.values(),
        unevaluated_column("comment"),
        unevaluated_column("user_id", harmless=True),
    ]
    features = report("features", features=of_columns(columns), warnings=("a column is new",))
    return render([features, predictions_report(), performance_report()], alert_report())


BINS = {
    "low": [None, *(24.5 + 6.21 * i for i in range(9))],
    "high": [*(24.5 + 6.21 * i for i in range(9)), None],
    "reference": [0.1] * 10,
    "current": [0.04, 0.05, 0.06, 0.08, 0.1, 0.11, 0.12, 0.13, 0.14, 0.17],
    "contributions": [0.055, 0.035, 0.02, 0.004, 0.0, 0.001, 0.004, 0.008, 0.013, 0.037],
}


def with_bins(column: ColumnResult, told: Mapping[str, Any] = BINS) -> ColumnResult:
    """Return a column with the bins of PSI and the place of D."""
    details = {"psi": told, "ks": {"at": 41.4}}
    checks = tuple(
        dataclasses.replace(
            one, result=dataclasses.replace(one.result, details=details.get(one.result.method, {}))
        )
        for one in column.checks
    )
    return dataclasses.replace(column, checks=checks)


def headline(*reports: Report) -> str:
    return Page(render(reports)).text_of("h1")


# --- structure ---------------------------------------------------------------------------------


def test_the_page_is_balanced_and_headed(full: str) -> None:
    page = Page(full)
    assert full.startswith("<!doctype html>\n<html lang=")
    headings = [inside for inside, _ in page.texts if re.fullmatch("h[1-6]", inside)]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert set(headings) == {"h1", "h2", "h3"}
    parts = [text for inside, text in page.texts if inside == "h2"]
    assert parts == [
        "What changed most",
        "Alerts",
        "Performance against the baseline",
        "Could not be evaluated",
        "Data",
        "Warnings",
        "Features",
        "Predictions",
        "Performance",
        "Columns one by one",
    ]


def test_every_link_leads_to_one_place_on_the_page(full: str) -> None:
    page = Page(full)
    places = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(places) == len(set(places))
    links = [str(attrs["href"]) for attrs in page.all("a")]
    assert len(links) > 30
    assert {link.removeprefix("#") for link in links} <= set(places)


def test_nothing_is_fetched(full: str) -> None:
    assert not re.search("https?:|//[a-z]", full.split("<script>")[0], re.IGNORECASE)
    assert not re.search(r"https?:|\bimport|fetch|innerHTML|\beval", full.split("<script>")[1])
    page = Page(full)
    assert [attrs["href"] for attrs in page.all("link")] == ["data:,"]
    assert not any("src" in attrs for _, attrs in page.tags)


def test_the_content_policy_lets_only_our_style_and_script_run(full: str) -> None:
    page = Page(full)
    assert page.all("script") == [{}]
    assert page.all("style") == [{}]
    bodies = {tag: full.split(f"<{tag}>")[1].split(f"</{tag}>")[0] for tag in ("style", "script")}
    hashed = {
        tag: base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        for tag, body in bodies.items()
    }
    (policy,) = (m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashed['style']}'; "
        f"script-src 'sha256-{hashed['script']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not any("style" in attrs for _, attrs in page.tags)
    assert not any(key.startswith("on") for _, attrs in page.tags for key in attrs)


def test_equal_input_gives_equal_bytes_but_for_the_time() -> None:
    def at(time: str) -> str:
        reports = [features_report(5, timestamp=time), performance_report(timestamp=time)]
        return render(reports, dataclasses.replace(alert_report(), timestamp=time), HISTORY)

    once, later = "2024-03-18T06:00:00+00:00", "2024-03-19T07:01:02+00:00"
    assert at(once) == at(once)
    assert at(later).replace(later, once) == at(once)


@pytest.mark.parametrize(("columns", "limit"), [(12, 120), (100, 500), (500, 2000)])
def test_the_page_stays_small(columns: int, limit: int) -> None:
    # all of them numeric with 24 bins and the 10 of PSI: the most that a column takes
    wide = of_columns([with_bins(numeric_column(f"feature_{i}", bins=24)) for i in range(columns)])
    assert len(render([report("features", features=wide)]).encode()) <= limit * KILOBYTE


def test_coordinates_have_one_decimal_at_most(full: str) -> None:
    paths = [str(attrs["d"]) for attrs in Page(full).all("path")]
    assert len(paths) > 30
    assert not any(re.search(r"\.\d\d|nan|inf|e", path) for path in paths)


# --- what came from outside --------------------------------------------------------------------


def page_of(word: str) -> str:
    """Return a page that carries that text wherever text from outside can stand."""
    return render(
        [
            report(
                "features",
                features=of_columns(
                    [
                        numeric_column(word, Status.DRIFT),
                        dataclasses.replace(
                            categorical_column("c", labels=(word, f"{word}2")),
                            new_categories=(word,),
                            vanished_categories=(f"{word}2",),
                            notes=(word,),
                        ),
                        ColumnResult(
                            "n", None, (check("n", "ks", Status.NOT_EVALUATED, reason=word),)
                        ),
                    ]
                ),
                reference=DatasetInfo(word, 1, 1),
                current=DatasetInfo(f"{word}/x", 1, 1),
                warnings=(word,),
            )
        ],
        alert_report(
            alerts=(
                dataclasses.replace(
                    alert_report().alerts[0],
                    message=word,
                    action=word,
                    type=word,
                    details={word: word},
                ),
            ),
            retrain_reasons=(word,),
        ),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_text_stays_text(text: str) -> None:
    hostile, tame = page_of(text), page_of("tame")
    assert [tag for tag, _ in Page(hostile).tags] == [tag for tag, _ in Page(tame).tags]
    assert [sorted(set(a) - {"title"}) for _, a in Page(hostile).tags] == [
        sorted(a) for _, a in Page(tame).tags
    ]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", hostile)
    assert cells(hostile) == cells(tame)
    assert len(hostile.encode()) < 100 * KILOBYTE


def cells(page: str) -> list[list[int]]:
    """Return how many cells each line of the numbers has: a name adds neither lines nor cells."""
    blocks = re.findall("<pre>(.*?)</pre>", page, re.DOTALL)
    assert "\t" not in re.sub("<pre>.*?</pre>", "", page, flags=re.DOTALL)
    return [[line.count("\t") for line in block.split("\n")] for block in blocks]


def test_unseen_characters_are_shown() -> None:
    assert str(html_text.name("a\u202eb\x00\ud800\n")) == r"<bdi>a\u202eb\x00\ud800\n</bdi>"
    assert html_text.harmless("می‌خواهم 👩‍👧") == "می‌خواهم 👩‍👧"


def test_a_long_name_is_cut_and_keeps_more_in_its_title() -> None:
    assert str(html_text.name("<" * 80)) == f"<bdi>{'&lt;' * 80}</bdi>"
    assert str(html_text.name("<" * 999)) == (f'<bdi title="{"&lt;" * 299}…">{"&lt;" * 79}…</bdi>')


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (-0.0, "0"),
        (12, "12"),
        (1234.5678, "1,235"),
        (-41.25, "−41.25"),
        (0.01234567, "0.01235"),
        (1.5e-9, "1.500e-09"),
        (1e300, "1.000e+300"),
        (float("-inf"), "−∞"),
        ("2024-01-01", "2024-01-01"),
    ],
)
def test_numbers(value: Any, text: str) -> None:
    assert html_text.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "< 1e-300"),
        (1e-310, "< 1e-300"),
        (1e-300, "1.0e-300"),
        (2.34e-12, "2.3e-12"),
        (0.001, "0.001"),
        (0.5, "0.500"),
    ],
)
def test_a_pvalue_is_never_told_as_zero(value: float | None, text: str) -> None:
    assert html_text.pvalue(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (0.0714, "0.071"),
        (-0.002, "−0.002"),
        (1e-5, "1.0e-05"),
        (0.0005, "0.001"),
        (123456.0, "123,456"),
    ],
)
def test_effects_line_up(value: float | None, text: str) -> None:
    assert html_text.effect(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0, "0.0%"), (1e-5, "<0.1%"), (0.5, "50.0%"), (0.99999, ">99.9%"), (1, "100.0%")],
)
def test_a_small_share_never_reads_as_none(share: float | None, text: str) -> None:
    assert html_text.percent(share) == text


def test_neighbouring_edges_are_told_apart() -> None:
    assert html_text.apart([1.0, 2.0, 1000.0]) == ["1", "2", "1,000"]
    assert html_text.apart([0.12345, 0.12346]) == ["0.12345", "0.12346"]
    assert html_text.apart([18.0, 21.1]) == ["18.00", "21.10"]
    assert html_text.apart([float("-inf"), 0.5, 0.5]) == ["−∞", "0.5000", "0.5000"]


# --- the verdict -------------------------------------------------------------------------------


def test_the_verdict_is_one_sentence() -> None:
    columns = [numeric_column(f"c{i}", Status.DRIFT if i < 8 else Status.OK) for i in range(15)]
    features = report("features", features=of_columns(columns))
    assert headline(performance_report(), features, predictions_report()) == (
        "8 of 15 features drifted; predictions drifted; AUC fell from 0.742 to 0.671"
    )


def test_what_could_not_be_checked_never_reads_as_no_drift() -> None:
    one = of_columns([numeric_column("a"), unevaluated_column("b")])
    assert headline(report("features", features=one)) == (
        "None of 2 features drifted, but 1 could not be fully checked"
    )
    none = of_columns([unevaluated_column("b")])
    assert headline(report("features", features=none)) == "None of 1 feature could be checked"
    assert headline(report("predictions", predictions=none)) == (
        "Predictions could not be fully checked"
    )
    assert headline(performance_report(Status.NOT_EVALUATED)) == "Performance could not be measured"
    assert headline(report("features")) == "Nothing was checked"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.OK, "Predictions did not drift"),
        (Status.CHANGED, "Predictions changed by less than the threshold"),
        (Status.UNCERTAIN, "Predictions may have drifted"),
        (Status.DRIFT, "Predictions drifted"),
    ],
)
def test_the_verdict_on_predictions(status: Status, sentence: str) -> None:
    assert headline(predictions_report(status)) == sentence


def test_a_metric_for_which_less_is_better_rises() -> None:
    loss = metric("log_loss", 0.6, 0.4, Status.DRIFT, better="lower")
    performance = performance_report().performance
    assert performance is not None
    worse = dataclasses.replace(performance, metrics=(loss,))
    assert headline(report("performance", performance=worse)) == (
        "Log loss rose from 0.400 to 0.600"
    )
    assert headline(performance_report(Status.OK)) == "Performance held"
    unjudged = dataclasses.replace(
        performance, metrics=(dataclasses.replace(loss, decision=None, reference=None),)
    )
    assert headline(report("performance", performance=unjudged)) == (
        "Performance was measured without a judgement"
    )


@pytest.mark.parametrize(
    ("columns", "tone"),
    [
        ([numeric_column("a"), numeric_column("b", Status.DRIFT)], Status.DRIFT),
        ([numeric_column("a"), unevaluated_column("b")], Status.NOT_EVALUATED),
        ([numeric_column("a"), unevaluated_column("b", harmless=True)], Status.OK),
        ([numeric_column("a"), numeric_column("b", Status.CHANGED)], Status.CHANGED),
        ([], Status.NOT_EVALUATED),
    ],
)
def test_the_tone_is_that_of_the_loudest(columns: list[ColumnResult], tone: Status) -> None:
    one = report("features", features=of_columns(columns))
    assert f'<header class="t-{tone}">' in render([one])


def test_two_reports_of_a_kind_are_told_apart() -> None:
    other = dataclasses.replace(features_report(2), current=DatasetInfo("tuesday.csv", 5, 2))
    page = Page(render([features_report(2), other]))
    assert page.text_of("h1") == (
        "1 of 2 features drifted in logs/2024-03-17/part-*.parquet; "
        "1 of 2 features drifted in tuesday.csv"
    )
    assert page.words.count("Features tuesday.csv") == 2  # the way there, and the part


# --- the first screen --------------------------------------------------------------------------


def test_what_changed_most_is_ranked_by_effect_and_importance() -> None:
    columns = of_columns(
        [
            numeric_column("near", Status.DRIFT),
            dataclasses.replace(numeric_column("dear", Status.DRIFT), importance=3.0),
            numeric_column("far", Status.DRIFT, strength=2),
            numeric_column("fine"),
            unevaluated_column("silent"),
        ]
    )
    one = report("features", features=columns)
    assert [view.column.name for view in html_view.ranked(html_view.sections([one]))] == [
        "dear",
        "far",
        "near",
    ]
    words = Page(render([one])).words
    assert "dear ▲ drift 2.4× its KS threshold · importance 3 mean 41.25 → 48.45;" in words
    assert (
        render([report("features", features=of_columns([numeric_column("a")]))]).find(
            "What changed most"
        )
        == -1
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (numeric_column("a", Status.DRIFT), "mean 41.25 → 48.45; SD 12.50 → 12.90"),
        (
            categorical_column("a", Status.DRIFT, new=True, vanished=True),
            "new: console; vanished: e-reader; desktop 20.8% → 11.8%",
        ),
        (
            numeric_column("a", Status.DRIFT, methods=("missing",)),
            "missing 1.0% → 1.5%; mean 41.25 → 48.45; SD 12.50 → 12.90",
        ),
        (unevaluated_column("a"), ""),
    ],
)
def test_what_changed_in_words(column: ColumnResult, words: str) -> None:
    assert html_words.changes(column) == words


def test_many_new_categories_are_counted() -> None:
    column = dataclasses.replace(
        categorical_column("a"), new_categories=tuple("abcd"), new_category_count=1200
    )
    assert html_words.changes(column).startswith("new: a, b, c and 1,197 more; ")


def test_oldest_and_newest_are_told() -> None:
    side = ColumnStats(10, 0, minimum="2013-01-01T00:00:00", maximum="2013-03-31T23:55:10")
    times = ColumnResult("time", ColumnKind.DATETIME, (), side, side)
    words = Page(render([report("features", features=of_columns([times]))])).words
    told = "time from 2013-01-01 to 2013-03-31 23:55"
    assert words.count(told) == 2
    assert html_words.numbers(times) == (
        "oldest 2013-01-01 → 2013-01-01 · newest 2013-03-31 23:55 → 2013-03-31 23:55 · "
        "missing 0.0% → 0.0%"
    )


def test_an_alert_tells_how_it_stands() -> None:
    alert = dataclasses.replace(
        alert_report().alerts[0],
        rule="my_rule",
        state=AlertState.STILL,
        since="2024-03-11T06:00:00+00:00",
        columns={"age": AlertState.STILL, "income": AlertState.MUTED},
    )
    words = Page(render([features_report(2)], alert_report(alerts=(alert,)))).words
    assert "high · my rule · still since 2024-03-11 Look at" in words
    assert "age (still), income (muted)" in words


def test_metrics_in_brief_begin_with_what_got_worse() -> None:
    metrics = html_view.metrics_in_brief(html_view.sections([performance_report()]))
    assert [one.metric for one in metrics] == ["auc", "log_loss", "ctr", "calibration"]
    words = Page(render([performance_report()])).words
    assert "AUC 0.742 0.732 to 0.752 0.671 0.661 to 0.681 ▲ drift" in words


# --- the past ----------------------------------------------------------------------------------


def past(at: str, effect: float | None, status: str = "ok", **fields: Any) -> Past:
    known = {"section": "features", "name": "age", "method": "ks"} | fields
    return Past(
        run=at, monitor="m", at=at, effect=effect, threshold=0.1, pvalue=0.5, status=status, **known
    )


HISTORY = (
    past("2024-03-15T06:00:00", 0.02),
    past("2024-03-16T06:00:00", None, "not_evaluated"),
    past("2024-03-17T06:00:00", 0.2, "drift"),
    past("2024-03-17T06:00:00", 9.9, method="psi"),
    past("2024-03-17T06:00:00", 8.8, name="other"),
    past("2024-03-17T06:00:00", 7.7, section="predictions"),
)


def test_the_trend_is_of_the_check_that_says_most_and_ends_with_this_run() -> None:
    age = of_columns([numeric_column("age", Status.DRIFT)])
    page = render([report("features", features=age)], None, HISTORY)
    (strip,) = (a for a in Page(page).all("svg") if a.get("class") == "t")
    assert strip["aria-label"] == "KS from 2024-03-15 to this run, where it is 0.240"
    assert "<figcaption>KS, 4 runs: 2 with drift, 1 without a value</figcaption>" in page
    assert (
        "Run\tKS\tAdjusted p\tVerdict\n2024-03-15\t0.020\t0.500\t\n2024-03-16\t–\t0.500\t\n"
        "2024-03-17\t0.200\t0.500\t▲ drift\nthis run\t0.240\t&lt; 1e-300\t▲ drift</pre>"
    ) in page
    assert 'class="t"' not in render([report("features", features=age)])


def test_of_a_long_past_the_last_runs_are_drawn() -> None:
    points = [past(f"{i:010d}", 0.01) for i in range(200)]
    found = html_history.past_of(numeric_column("age"), points)
    assert found is not None
    assert (len(found.windows), found.windows[0], found.windows[-1]) == (
        90,
        "0000000111",
        "this run",
    )


# --- parts -------------------------------------------------------------------------------------


def test_columns_stand_by_severity_then_by_effect_over_threshold() -> None:
    columns = of_columns(
        [
            numeric_column("fine"),
            numeric_column("near", Status.DRIFT),
            numeric_column("maybe", Status.UNCERTAIN, strength=9),
            numeric_column("far", Status.DRIFT, strength=2),
            unevaluated_column("silent"),
        ]
    )
    views = html_view.column_views(columns, "x")
    assert [(view.anchor, view.column.name, view.bar) for view in views] == [
        ("x-1", "far", "100.0"),
        ("x-2", "near", "80.0"),
        ("x-3", "silent", "0.0"),
        ("x-4", "maybe", "100.0"),
        ("x-5", "fine", "6.7"),
    ]


def test_a_threshold_of_zero_has_no_multiple() -> None:
    result = MethodResult("ks", 0.1, 0.1, 0.5, 10, 10)
    assert (
        html_view.ratio(Decision("a", result, Threshold(0.0), 0.5, "rows", Status.OK, "")) is None
    )


def test_the_table_of_columns_tells_effect_threshold_and_adjusted_p() -> None:
    columns = of_columns([numeric_column("age", Status.DRIFT), categorical_column("device")])
    words = Page(render([report("features", features=columns)])).words
    assert (
        "age numeric ▲ drift ▲ 0.240 > 0.1 · p < 1e-300 "
        "0.040 ≤ 0.2 · p 0.430 – 0.010 ≤ 0.05 · p 0.430 1.0% 1.5% 41.25 48.45 device"
    ) in words
    assert "device categorical ✓ ok – – 0.020 ≤ 0.1 · p 0.430" in words


def test_the_numbers_behind_a_picture() -> None:
    columns = of_columns([categorical_column("device", new=True, vanished=True)])
    words = Page(render([report("features", features=columns)])).words
    assert "tablet 13.9% → 14.0% television 10.4% → 9.9% " in words
    assert " console new, 6.1% e-reader gone, was 4.9% " in words
    assert "New: console Vanished: e-reader Numbers" in words
    assert "Category Reference Current phone 6,000 6,180 desktop 3,000 2,910" in words


def test_every_picture_has_a_name(full: str) -> None:
    pictures = [attrs for attrs in Page(full).all("svg") if attrs.get("role") == "img"]
    assert len(pictures) == 13
    assert all(str(attrs["aria-label"]).startswith("Distribution of ") for attrs in pictures)
    assert all("aria-hidden" in a for a in Page(full).all("svg") if a.get("role") != "img")


def test_a_page_of_predictions_and_performance(full: str) -> None:
    words = Page(full).words
    assert "9,412 have their label (94.1%); 12 labels belong to no row." in words
    assert (
        "▲ drift 0.671 0.661 to 0.681 0.742 0.732 to 0.752 0.071 0.057 to 0.085 0.05 4.0e-09"
    ) in words
    assert "calibration not judged 1.080 1.020 to 1.140" in words
    assert "mean shift threshold, p spread threshold, p KS threshold, p" in words


def test_without_labels_the_page_says_so() -> None:
    words = Page(render([performance_report(Status.NOT_EVALUATED)])).words
    assert "Not enough labels." in words
    assert "Could not be evaluated auc : 0 of 10,000 rows have their label" in words


def test_alerts_stand_first(full: str) -> None:
    words = Page(full).words
    assert "2 alerts, the loudest high. Retraining is advised." in words
    assert "Retraining is advised, for: an alert of severity high." in words
    assert "AUC fell by 0.071 medium · performance degradation Compare with" in words
    quiet = Page(render([], alert_report(alerts=(), should_retrain=False, retrain_reasons=())))
    assert quiet.text_of("h1") == "0 alerts"
    assert "No rule fired." in quiet.words
    assert [str(severity) for severity in Severity] == ["low", "medium", "high"]


def test_reasons_are_grouped_and_harmless_ones_told_apart() -> None:
    columns = of_columns(
        [unevaluated_column("a"), unevaluated_column("b"), unevaluated_column("id", harmless=True)]
    )
    found = html_facts.unevaluated([report("features", features=columns)])
    assert [(one.places, one.harmless) for one in found] == [(("a", "b"), False), (("id",), True)]


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (DecisionPolicy(), "exceeds its threshold and the Holm-adjusted p-value is below 0.05."),
        (DecisionPolicy(correction="bh"), "the Benjamini–Hochberg-adjusted p-value is below 0.05."),
        (DecisionPolicy(correction="none", alpha=0.01), "the unadjusted p-value is below 0.01."),
        (DecisionPolicy(rule="threshold"), "the effect exceeds its threshold (chi²: p below 0.05)"),
        (DecisionPolicy(rule="certain"), "the lower confidence bound of the effect exceeds"),
    ],
)
def test_the_rule_is_told_in_words(policy: DecisionPolicy, sentence: str) -> None:
    (told,) = html_facts.policies([features_report(1, policy=policy)])
    assert sentence in told
    assert told.endswith("A check needs 30 rows a side. The p-values take rows as independent.")


# --- pictures ----------------------------------------------------------------------------------


def drawn(shape: Distribution) -> str:
    return str(svg.chart(ColumnResult("x", ColumnKind.NUMERIC, (), distribution=shape), "a <b>"))


def test_a_histogram_is_one_path_a_series() -> None:
    picture = drawn(Distribution((1, 3), (2, 2), edges=(0.0, 1.0, 2.0)))
    assert 'aria-label="a &lt;b&gt;"' in picture
    # the tallest share, 3 of 4, fills the 94 units of height
    assert '<path class="r" d="M36 100v-31h180v-63h180V100Z"/>' in picture
    assert '<path class="c" d="M36 100v-63h360V100"/>' in picture
    # and the curves rise by 70 in all
    assert '<path class="q" d="M36 184l180-18l180-52"/>' in picture
    assert '<path class="c" d="M36 184l180-35l180-35"/>' in picture
    assert re.findall(">([^<]+)</text>", picture) == ["0%", "50%", "0", "0.5", "1", "1.5", "2"]


def test_d_is_marked_where_it_occurs() -> None:
    shape = Distribution((1, 3), (3, 1), edges=(0.0, 1.0, 2.0))
    found = check("x", "ks", Status.DRIFT, details={"at": 1.5})
    column = ColumnResult("x", ColumnKind.NUMERIC, (found,), distribution=shape)
    picture = str(svg.chart(column, "x"))
    # at three quarters of the room, half way up the second bin on both curves
    assert '<path class="d" d="M306 140.2V122.8"/>' in picture
    assert '<text x="300" y="123" class="e k">D 0.240 at 1.500</text>' in picture
    for nowhere in (None, math.nan, "1.5", True):
        odd = dataclasses.replace(
            column, checks=(check("x", "ks", Status.DRIFT, details={"at": nowhere}),)
        )
        assert svg_histogram.gap_of(odd) is None


@pytest.mark.parametrize(
    ("value", "place"), [(-5.0, 0.0), (0.5, 0.5), (1.0, 1.0), (5.5, 1.5), (99.0, 2.0)]
)
def test_a_value_among_bins_drawn_equally_wide(value: float, place: float) -> None:
    assert svg_histogram.place_of(value, (0.0, 1.0, 10.0)) == place


def test_times_carry_dates() -> None:
    day = 86_400_000_000
    shape = Distribution((1, 3), (3, 1), edges=(15_706.0 * day, 15_707.0 * day, 15_708.0 * day))
    picture = str(svg.chart(ColumnResult("x", ColumnKind.DATETIME, (), distribution=shape), "x"))
    assert re.findall(r">(\d+-[^<]+)</text>", picture) == ["2013-01-01", "2013-01-02", "2013-01-03"]
    assert html_text.edge_words([0.0, 60e6], ColumnKind.DATETIME) == [
        "1970-01-01 00:00",
        "1970-01-01 00:01",
    ]
    assert html_text.edge_words([1e300, 0.0], ColumnKind.DATETIME)[0] == "1.000e+300"


def test_unequal_bins_are_drawn_equally_wide_and_carry_their_edges() -> None:
    picture = drawn(Distribution((1, 1, 2), (1, 1, 2), edges=(0.0, 1.0, 10.0, 1000.0)))
    assert "M36 100v-47h240v-47h120V100" in picture
    assert re.findall(r'x="([\d.]+)" y="199"(?: class="(.)")?>([^<]+)', picture) == [
        ("36", "s", "0"),
        ("156", "", "1"),
        ("276", "", "10"),
        ("396", "e", "1,000"),
    ]
    assert not svg_histogram.equally_wide((0.0, 1.0, 1.0, 2.0))
    assert not svg_histogram.equally_wide((float("-inf"), 0.0, 1.0))
    assert svg_histogram.equally_wide((0.0, 0.1, 0.2, 0.30000000000000004))


@pytest.mark.parametrize(
    "shape",
    [
        Distribution((0, 0), (0, 0), edges=(0.0, 1.0, 2.0)),
        Distribution((5,), (0,), edges=(3.0, 3.0)),
        Distribution((5, 1), (0, 2), edges=(float("-inf"), 0.0, float("inf"))),
        Distribution((5, 1), (0, 2), edges=(-1e308, 0.0, 1e308)),
        Distribution((5, 1), (0, 2), edges=(1e-300, 2e-300, 3e-300)),
        Distribution((5, 1), (0, 2), edges=(1e15, 1e15 + 1, 1e15 + 2)),
        Distribution((0,), (0,), labels=("",)),
    ],
)
def test_odd_shapes_are_drawn(shape: Distribution) -> None:
    picture = drawn(shape)
    assert picture.startswith("<svg")
    assert not re.search(r"\bnan\b|\binf\b", picture)
    one = ColumnResult("x", ColumnKind.NUMERIC, (), distribution=shape)
    Page(render([report("features", features=of_columns([one]))]))


def test_nothing_to_draw_draws_nothing() -> None:
    assert drawn(Distribution((), ())) == ""


def test_only_the_most_frequent_of_many_categories_are_drawn() -> None:
    counts = tuple(range(1, 31))
    shape = Distribution(counts, (30, *counts[1:]), labels=tuple(f"k{i}" for i in counts))
    assert svg_bars.drawn_bars(shape) == [0, *range(19, 30)]
    many = ColumnResult("x", ColumnKind.CATEGORICAL, (), distribution=shape)
    words = Page(render([report("features", features=of_columns([many]))])).words
    assert "The 12 most frequent of 30 categories; all are under Numbers." in words
    assert "k2 2 2" in words


def test_wide_letters_are_cut_sooner() -> None:
    long, wide = "a" * 40, "日" * 40
    picture = drawn(Distribution((1, 1), (1, 1), labels=(long, wide)))
    assert f">{'a' * 15}…<" in picture
    assert f">{'日' * 7}…<" in picture


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [((0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]), ((18, 80), [20, 40, 60, 80]), ((3, 3), [3])],
)
def test_ticks_are_round(limits: tuple[float, float], ticks: list[float]) -> None:
    assert svg_parts.round_ticks(*limits, 5) == ticks


def test_the_bins_of_psi_are_drawn_and_told() -> None:
    found = svg_bins.bins_of(with_bins(numeric_column("x")))
    assert [one.span for one in found][::9] == ["to 24.50", "from 74.18"]
    assert found[0].cells == ("to 24.50", "10.0%", "4.0%", "0.055")
    picture = str(svg_bins.bins(found))
    # bins with fewer rows hang, the largest of each kind fills its part of the 48 units
    paths = dict(re.findall(r'<path class="([rc])" d="([^"]*)"', picture))
    assert paths["r"].startswith("M40 33v28.7h29V33M")
    assert paths["c"].endswith("M364 33v-19.3h29V33")
    assert 'aria-label="PSI by quantile bin, most in to 24.50: 0.055"' in picture
    assert '<text x="54" y="73">0.055</text>' in picture
    just = with_bins(numeric_column("x"), {key: [3.0] for key in BINS})
    assert [one.span for one in svg_bins.bins_of(just)] == ["just 3"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        BINS | {"low": [1.0]},
        BINS | {"current": None},
        BINS | {"contributions": ["x"] * 10},
        BINS | {"contributions": [-1.0] * 10},
        BINS | {"reference": [math.inf] * 10},
    ],
)
def test_bins_that_somebody_wrote_by_hand_are_not_drawn(told: Mapping[str, Any]) -> None:
    assert svg_bins.bins_of(with_bins(numeric_column("x"), told)) == []
    assert str(svg_bins.bins([])) == ""


def test_bins_without_a_difference_are_a_line() -> None:
    flat = with_bins(numeric_column("x"), BINS | {"contributions": [0.0] * 10})
    assert str(svg_bins.bins(svg_bins.bins_of(flat))).count("<path") == 1


# --- looks -------------------------------------------------------------------------------------


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes(page: str) -> list[SimpleNamespace]:
    """Return the colours of light, dark and paper."""
    roots = re.findall(r":root \{([^}]*)\}", page)
    found = [dict(re.findall(r"--([a-z_-]+): (#[0-9a-f]+)", root)) for root in roots]
    return [SimpleNamespace(name=i, colours=colours) for i, colours in enumerate(found)]


def rgb(colour: str) -> tuple[float, ...]:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))


def test_contrast_is_enough_for_text_and_for_lines(full: str) -> None:
    found = palettes(full)
    assert len(found) == 3
    for palette in found:
        colours = {name: rgb(value) for name, value in palette.colours.items()}
        for text in ("ink", "muted", "link", *(status.value for status in Status)):
            for ground in ("bg", "panel"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (palette.name, text, ground)
        for status in Status:  # a badge's ground is a tenth of its own colour
            mixed = [
                0.1 * a + 0.9 * b for a, b in zip(colours[status], colours["panel"], strict=True)
            ]
            assert contrast(colours[status], tuple(mixed)) >= 4.5, (palette.name, status)
        for line in ("cur", "ref-line"):
            assert contrast(colours[line], colours["panel"]) >= 3, (palette.name, line)


def test_no_status_is_told_by_colour_alone() -> None:
    told = [html_text.status_text(status) for status in Status]
    assert told == ["✓ ok", "◆ changed", "? uncertain", "○ not evaluated", "▲ drift"]
    assert all(one[0] != other[0] for one, other in combinations(told, 2))
