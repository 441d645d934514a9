"""Names chosen by an attacker, from the data and the monitor to every output (rows 9, 107 to 109).

The renderers have tests of their own; here is the way of a name through the whole program.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from alert_receiver import served
from cli_helpers import strict
from hostile_monitor import (
    CODES,
    FILE,
    LINES,
    MONITOR,
    NAMES,
    RULE,
    WORDS,
    WRITTEN,
    Attacked,
    around,
    attack,
)
from markdown_it import MarkdownIt
from monitored import Warm
from prometheus_client.parser import text_string_to_metric_families

DATA = {"json", "run json", "history json", "history csv"}  # read by programs, byte for byte
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture(scope="module")
def attacked(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked") / "a" / "b"
    folder.mkdir(parents=True)
    served_ = served()
    yield attack(warm, next(served_), folder)
    next(served_, None)


def test_every_command_ends_as_with_other_names(attacked: Attacked) -> None:
    assert {name: outcome.code for name, outcome in attacked.printed.items()} == {
        name: CODES.get(name, 1) for name in LINES
    }
    told = {name: outcome.err for name, outcome in attacked.printed.items() if outcome.err}
    line = attacked.printed["error"].errors
    assert line == [f"no {FILE}".replace("\n", "\\n").replace("\x1b", "\\x1b") + ": no data files"]
    assert told.keys() == {"run json", "error", "error nagios"}
    same = "the same data as in the run of 2099-01-11T04:00"
    assert attacked.printed["run json"].warnings == [same]


def test_row_009_no_name_becomes_a_path(attacked: Attacked) -> None:
    out = {"alerts.json", "drift_report.json", "prediction_drift.json", "report.html"}
    new = {path.relative_to(attacked.folder) for path in around(attacked.folder) - attacked.before}
    lock = {
        path for path in new if re.fullmatch(r"out/history\.sqlite\.[0-9a-f]{12}\.lock", str(path))
    }
    assert len(lock) == 1, "made of a digest of the monitor's name"
    made = {"out", "out/history.sqlite", "base.parquet", *WRITTEN, *(f"out/{name}" for name in out)}
    assert new - lock == {Path(name) for name in made}


@pytest.mark.parametrize("name", sorted(LINES.keys() - DATA))
def test_nothing_printed_moves_the_cursor_or_hides(attacked: Attacked, name: str) -> None:
    """Also no end of a line but ours; the sign after an @ has no width on purpose."""
    lines = attacked.printed[name].out.replace("\u200b", "").split("\n")
    assert [line for line in lines if not line.isprintable()] == []


@pytest.mark.parametrize("name", ["json", "run json", "history json"])
def test_json_is_one_line_that_gives_back_the_names(attacked: Attacked, name: str) -> None:
    value = attacked.printed[name].json
    if name == "json":
        assert value["features"].keys() == {*NAMES, "kind"}
        assert value["current"]["source"] == FILE
    elif name == "run json":
        assert value["monitor"] == MONITOR
        assert value["alerts"][0]["rule"] == RULE
    else:
        assert {row["name"] for row in value} == {*NAMES, "kind"}
        assert {row["monitor"] for row in value} == {MONITOR}


class Page(HTMLParser):
    """The elements of a page, and its text outside of style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


LOADING = {"img", "iframe", "object", "embed", "base", "audio", "video"}
ADDRESSES = {"src", "srcset", "action", "formaction", "data", "style", "background", "ping"}


@pytest.mark.parametrize("name", ["all.html", "out/report.html"])
def test_row_107_html_has_no_element_of_theirs(attacked: Attacked, name: str) -> None:
    text = attacked.read(name)
    page = Page(text)
    assert {tag for tag, _ in page.tags} & LOADING == set()
    assert sum(tag == "script" for tag, _ in page.tags) == text.count("</script") == 1
    for _, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on") or key in ADDRESSES]
        for key in ("href", "xlink:href"):
            assert (attributes.get(key) or "#").startswith(("#", "data:,"))  # the page's own
    for shown in (NAMES[0], NAMES[1], NAMES[2], NAMES[4]):
        assert shown in page.text


def test_row_107_a_browser_runs_nothing_of_theirs(attacked: Attacked) -> None:
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    browsers = pytest.importorskip("browsers")
    if browsers.installed() is None:
        pytest.skip("no Chromium on this machine")
    heard: list[str] = []
    address = (attacked.folder / "all.html").as_uri()
    with browsers.chromium() as browser:
        page = browser.new_page()
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda asked: heard.append(asked.url))
        page.goto(address)
        page.locator("#later").wait_for(state="detached")
        counted = "[document.scripts.length, document.querySelectorAll('img, testcase').length]"
        assert page.evaluate(counted) == [1, 0]
        wild = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
        assert page.evaluate(f"{wild}.filter(a => a.name.startsWith('on')).length") == 0
        assert NAMES[1] in page.inner_text("body")
    assert [text for text in heard if text not in (address, "data:,")] == []


def test_row_107_svg_is_pictures_and_text_only(attacked: Attacked) -> None:
    root = ET.fromstring(attacked.read("all.svg"))  # noqa: S314  strict, and of this test
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "foreignObject", "image", "use", "a", "animate", "set", "handler"}
    for element in root.iter():
        assert not [key for key in element.attrib if key.startswith("on") or "href" in key]
    words = "".join(root.itertext())
    assert "alert(1)" in words


@pytest.mark.parametrize("name", ["all.md", "markdown"])
def test_markdown_has_no_link_image_or_element_of_theirs(attacked: Attacked, name: str) -> None:
    text = attacked.printed[name].out if name in attacked.printed else attacked.read(name)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {
        "text",
        "code_inline",
        "softbreak",
        "strong_open",
        "strong_close",
        "html_inline",
    }
    assert "html_block" not in {token.type for token in tokens}
    for child in (child for token in tokens for child in token.children or ()):
        if child.type == "html_inline":
            assert child.content in ("<code>", "</code>")
    cells = re.findall(r"(?<!\\)\|", next(line for line in text.split("\n") if "`kind`" in line))
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows if "psi" in row} == {len(cells)}
    assert not re.search(r"(?<![\w`#&;])@\w", re.sub("`[^`]*`", "", text)), "nobody is mentioned"


@pytest.mark.parametrize("name", ["all.csv", "history csv"])
def test_row_108_no_cell_is_a_formula(attacked: Attacked, name: str) -> None:
    text = attacked.printed[name].out if name in attacked.printed else attacked.read(name)
    rows = [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    assert not [row for row in rows if None in {*row, *row.values()}], "all rows are as wide"
    for cell in (cell for row in rows for cell in row.values()):
        if cell.startswith(FORMULA):
            assert re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", cell), cell
    column = "column" if name == "all.csv" else "name"
    expected = {f"'{name}" if name.startswith(FORMULA) else name for name in (*NAMES, "kind")}
    if name == "history csv":  # read from a stream of text, which knows one end of a line
        expected = {word.replace("\r", "\n") for word in expected}
    assert {row[column] for row in rows} == expected
    assert {row["monitor"] for row in rows} == {MONITOR}


def test_junit_has_no_test_of_theirs(attacked: Attacked) -> None:
    root = ET.fromstring(attacked.read("all.xml"))  # noqa: S314  strict, and of this test
    tags = {element.tag for element in root.iter()}
    assert tags == {"testsuites", "testsuite", "properties", "property", "testcase", "failure"}
    cases = [*root.iter("testcase")]
    assert "forged" not in {case.get("name") for case in cases}
    assert len({case.get("classname") for case in cases}) == len(NAMES) + 1
    assert all(value.isprintable() for case in cases for value in case.attrib.values())


def test_prometheus_has_no_series_of_theirs(attacked: Attacked) -> None:
    families = {f.name: f for f in text_string_to_metric_families(attacked.read("all.prom"))}
    assert not [name for name in families if "forged" in name or not name.startswith("driftcli_")]
    samples = [sample for family in families.values() for sample in family.samples]
    assert len({s.labels["column"] for s in samples if "column" in s.labels}) == len(NAMES) + 1
    assert len({s.labels["monitor"] for s in samples}) == 1


def test_github_gets_one_command(attacked: Attacked) -> None:
    out = attacked.printed["github"].out
    assert out.startswith("::error title=driftcli features::14 of 14 features drifted%0A")
    assert out.count("\n") == 1
    assert not [line for line in re.split("\r|\n|%0[AaDd]", out)[1:] if line.startswith("::")]


@pytest.mark.parametrize("name", ["nagios", "error nagios"])
def test_nagios_data_are_ours(attacked: Attacked, name: str) -> None:
    out = attacked.printed[name].out
    assert out.count("\n") == 1
    _, _, data = out.partition("|")
    assert "|" not in data
    labels = [word.partition("=")[0] for word in data.split()]
    ours = ["drifted", "not_evaluated", "uncertain", "changed", "ok", "skipped"]
    assert labels == (ours if name == "nagios" else [])


def sent(attacked: Attacked) -> list[Any]:
    return [json.loads(body, parse_constant=strict) for body in attacked.sent]


def test_row_109_slack_calls_nobody_and_no_line_is_forged(attacked: Attacked) -> None:
    (text,) = [document["text"] for document in sent(attacked) if "text" in document]
    assert not re.search("[<>`]", text)
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert not re.search(r"(?<!\w)@\w", text)
    lines = text.split("\n")
    assert [line for line in lines if not line.replace("\u200b", "").isprintable()] == []
    begins = ("*../../escaped/", "*LOW new*: ", "since 2099-01-11 04:00 UTC", "→ ", "")
    assert [line for line in lines if line and not line.startswith(begins[:-1])] == []


def test_webhooks_get_the_names_as_they_are(attacked: Attacked) -> None:
    (document,) = [document for document in sent(attacked) if "alerts" in document]
    assert document["monitor"] == MONITOR
    assert document["alerts"][0]["rule"] == RULE
    assert document["alerts"][0]["columns"].keys() == {*NAMES, "kind"} - {NAMES[0]}


def test_categories_are_escaped_like_columns(attacked: Attacked) -> None:
    explained = attacked.printed["explain words"].out
    assert "\\x1b[2J" in explained
    shown = Page(attacked.read("all.html")).text
    assert any(word in shown for word in WORDS[:3])
