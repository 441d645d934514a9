"""The page in a real browser: what a person does with it, and what it may not do."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import NAMES
from report_builder import (
    alert_report,
    categorical_column,
    features_report,
    numeric_column,
    of_columns,
    performance_report,
    predictions_report,
    report,
)
from test_html import HISTORY, with_bins
from test_html_windows import days_report

from driftcli.model import Status
from driftcli.renderers.html import render

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
browsers = pytest.importorskip("browsers")

pytestmark = [
    pytest.mark.skipif(browsers.installed() is None, reason="no Chromium on this machine"),
    pytest.mark.xdist_group("browser"),
]
PHONE = {"width": 360, "height": 740}
Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsers.chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """Open a page from disk, and see at the end that it asked for nothing and said nothing."""
    heard: list[str] = []
    contexts = []

    def open_(text: str, place: str = "", **options: Any) -> Any:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        context.set_default_timeout(5_000)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        address = path.as_uri()
        page.on("request", lambda r: heard.extend([r.url] if not r.url.startswith(address) else []))
        page.goto(f"{address}{place}")
        if options.get("java_script_enabled", True):
            page.locator("#later").wait_for(state="detached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [text for text in heard if text != "data:,"] == []


@pytest.fixture(scope="module")
def full() -> str:
    columns = [
        *features_report(12).features.values(),
        with_bins(numeric_column("age", Status.DRIFT)),
        categorical_column("device", Status.DRIFT, new=True, vanished=True),
    ]
    features = report("features", features=of_columns(columns), warnings=("a column is new",))
    return render([features, predictions_report(), performance_report()], alert_report(), HISTORY)


def names(page: Any, selector: str) -> list[str]:
    """Return the names that are seen."""
    found = page.locator(f"{selector} bdi").all()
    return [one.inner_text() for one in found if one.is_visible()]


def test_rows_are_sorted_by_a_column_and_back(opened: Opened, full: str) -> None:
    page = opened(full)
    head = page.get_by_role("button", name=re.compile("^KS")).first
    rows = page.locator("table.main").first.locator("tbody tr")

    def sizes() -> list[str]:
        cells = rows.locator("td:nth-child(3)").all_inner_texts()
        return [text.split("\n")[0].strip("▲◆? ") for text in cells]

    head.click()
    largest = [float(size) for size in sizes() if size != "–"]
    assert largest == sorted(largest, reverse=True)
    assert sizes()[-1] == "–"  # what has no number stays last
    head.press("Enter")
    least = [float(size) for size in sizes() if size != "–"]
    assert least == sorted(least)
    assert sizes()[-1] == "–"
    assert page.locator('th[aria-sort="ascending"]').count() == 1


def test_a_search_keeps_what_it_finds(opened: Opened, full: str) -> None:
    page = opened(full)
    page.get_by_label("Find a column").fill("FEATURE_0")
    assert len(names(page, "article[data-s] h3")) == 8
    assert len(names(page, "table.main tbody")) == 8
    assert page.locator("#left").inner_text() == "8 of 15 columns"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.nodeName") == "ARTICLE"
    page.get_by_label("Find a column").press("Escape")
    assert len(names(page, "article[data-s] h3")) == 15
    assert page.locator("#left").inner_text() == ""


def test_a_status_keeps_its_columns(opened: Opened, full: str) -> None:
    page = opened(full)
    page.get_by_label("Status").select_option("uncertain")
    assert names(page, "article[data-s] h3") == ["feature_04", "feature_10"]
    assert names(page, "ol.bars") == ["feature_04", "feature_10"]


@pytest.mark.parametrize(
    ("kind", "at", "words"),
    [
        ("h", 0.5, "from 49.00: 1,175 / 948 rows"),
        ("p", 0.01, "to 24.50: 10.0% → 4.0%, PSI 0.055"),
        ("t", 0.99, "this run: 0.240"),
    ],
)
def test_a_picture_tells_what_is_under_the_pointer(
    opened: Opened, full: str, kind: str, at: float, words: str
) -> None:
    page = opened(full)
    card = page.locator("article", has=page.locator("bdi", has_text=re.compile("^age$")))
    figure = card.locator("figure", has=page.locator(f"svg.{kind}"))
    picture = figure.locator("svg")
    width = picture.evaluate("picture => picture.getBoundingClientRect().width")
    place = {"x": width * (37 + 360 * at) / 400, "y": 20}
    picture.hover(position=place)
    assert figure.locator("output").inner_text() == words
    page.mouse.move(5, 5)
    assert figure.locator("output").inner_text() == ""
    card.locator("summary").click()  # the numbers are a table now, and tell the same
    card.locator("table").first.wait_for()
    picture.hover(position=place)
    assert figure.locator("output").inner_text() == words


def test_the_windows_of_current_are_told_too(opened: Opened) -> None:
    page = opened(render([days_report(2)]))
    picture = page.locator("svg.w").first
    width = picture.evaluate("picture => picture.getBoundingClientRect().width")
    picture.hover(position={"x": width * 395 / 400, "y": 20})
    assert picture.locator("xpath=..").locator("output").inner_text() == (
        "2013-07-30: ▲ 0.348 · 0.044"
    )


def test_arrow_keys_go_through_a_picture(opened: Opened, full: str) -> None:
    page = opened(full, "#column=age")
    told = page.locator("article:focus output")
    page.keyboard.press("ArrowRight")
    first = told.inner_text()
    page.keyboard.press("ArrowRight")
    assert first.startswith("from 18.00: ")
    assert told.inner_text().startswith("from 21.10: ")
    page.keyboard.press("ArrowLeft")
    assert told.inner_text() == first


def test_numbers_become_tables_when_opened(opened: Opened, full: str) -> None:
    page = opened(full)
    card = page.locator("article", has=page.locator("bdi", has_text=re.compile("^age$")))
    assert card.locator("table").count() == 0
    card.locator("summary").click()
    card.locator("table").first.wait_for()
    heads = [table.locator("th").first.inner_text() for table in card.locator("table").all()]
    assert heads == ["Check", "Numbers", "From", "PSI bin", "Run"]
    assert card.locator("table").nth(2).locator("tbody tr").count() == 20
    assert card.locator('th[scope="row"]').first.inner_text() == "Statistic"


@pytest.mark.parametrize("name", ["age", "a b/ü?&#%", "100%"])
def test_a_link_leads_to_its_column(opened: Opened, name: str) -> None:
    columns = [numeric_column(f"c{i}", Status.DRIFT) for i in range(30)] + [numeric_column(name)]
    text = render([report("features", features=of_columns(columns))])
    page = opened(text)
    page.evaluate("name => { location.hash = `#column=${encodeURIComponent(name)}` }", name)
    page.wait_for_function("document.activeElement.nodeName === 'ARTICLE'")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.locator("article:focus bdi").first.inner_text() == name
    assert page.locator("article:focus").bounding_box()["y"] < 900
    page = opened(text, "#features-1-31")
    assert page.locator("article:target bdi").first.inner_text() == name


@pytest.mark.parametrize("place", ["#column=", "#column=gone", "#column=%E0%A4%A", "#nowhere"])
def test_a_link_that_leads_nowhere_does_nothing(opened: Opened, full: str, place: str) -> None:
    page = opened(full, place)
    assert page.evaluate("[scrollY, document.activeElement.nodeName]") == [0, "BODY"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_violation(
    opened: Opened, full: str, scheme: str, size: dict[str, int] | None
) -> None:
    options = {"viewport": size} if size else {}
    # axe comes from outside, which the page's own policy rightly refuses
    page = opened(full, color_scheme=scheme, bypass_csp=True, **options)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_dark_and_light_differ(opened: Opened, full: str) -> None:
    grounds = [
        opened(full, color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(247, 247, 245)", "rgb(20, 23, 26)"]


def test_a_phone_never_scrolls_sideways(opened: Opened, full: str) -> None:
    page = opened(full, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page = opened(hostile_page(), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_on_paper_there_are_no_tools_and_dark_is_off(opened: Opened, full: str) -> None:
    page = opened(full, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#tools").is_visible()
    assert not page.locator("article summary").first.is_visible()
    assert page.locator("article svg.h").last.is_visible()
    assert page.pdf().startswith(b"%PDF")


def hostile_page() -> str:
    columns = []
    for i, name in enumerate(NAMES):
        columns.append(with_bins(numeric_column(name, Status.DRIFT)))
        labels = (f"{name} a", f"{name} b")
        one = categorical_column(f"c{i}", Status.DRIFT, labels=labels)
        columns.append(
            dataclasses.replace(one, new_categories=labels[:1], vanished_categories=labels[1:])
        )
    return render([report("features", features=of_columns(columns))], alert_report())


def test_hostile_names_run_nothing_and_break_nothing(opened: Opened) -> None:
    page = opened(hostile_page())
    assert page.locator("article[data-s]").count() == 2 * len(NAMES)
    assert page.evaluate("document.scripts.length") == 1
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_function("!document.querySelector('details pre')")
    even = (
        "all => all.every((table) => "
        "[...table.rows].every((row) => row.cells.length === table.rows[0].cells.length))"
    )
    assert page.locator("article[data-s] table").evaluate_all(even)
    page.get_by_label("Find a column").fill("<script>")
    assert names(page, "article[data-s] h3") == ["<script>alert(1)</script>"]


def test_what_lies_below_is_there_on_paper_before_it_was_painted(
    browser: Any, full: str, tmp_path: Path
) -> None:
    """The script makes it when the first screen is painted, or before a printer asks for it."""
    later = full.replace("new PerformanceObserver(show)", "new PerformanceObserver(() => {})")
    assert later != full
    path = tmp_path / "unpainted.html"
    # without its policy, as the script is not the one whose hash that holds
    path.write_text(re.sub("<meta http-equiv.*?>", "", later).replace("500);", "1e6);"))
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.locator("article[data-s]").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("article[data-s]").count() > 12
    page.close()


def test_without_its_script_the_page_is_whole(opened: Opened, full: str) -> None:
    page = opened(full, java_script_enabled=False)
    assert not page.locator("#tools").is_visible()
    assert page.locator("article svg.h").last.is_visible()
    page.locator("article[data-s] summary").first.click()
    assert "Statistic\t" in page.locator("article[data-s] pre").first.inner_text()
