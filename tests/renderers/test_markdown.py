"""Markdown as a parser of GitHub's dialect reads it; markdown-it-py comes with rich."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hostile import NAMES, hostile_report
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_builder import (
    alert_report,
    column,
    features_report,
    of_columns,
    performance_report,
    predictions_report,
    report,
)

from driftcli.model import Report, Status
from driftcli.renderers import markdown
from driftcli.renderers.table_columns import MAX_ROWS

REPORTS = (features_report(), predictions_report(), performance_report())
# a name that fits no code span stands in this element
OURS = re.compile(r"</?code>")


def parse(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.parse(text)


def tables(text: str) -> list[list[list[str]]]:
    """Each table as rows of what a reader sees."""
    found: list[list[list[str]]] = []
    for token in parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level >= 4 and token.map:
            found[-1][-1].append(seen(token))
    return found


def seen(token: Token) -> str:
    return "".join(
        child.content for child in token.children or () if not OURS.fullmatch(child.content)
    )


def test_the_whole_page() -> None:
    page = markdown.render([performance_report()])
    assert page == (
        "### ✗ performance: 1 of 2 metrics degraded, 1 ok\n"
        "\n"
        "`data/train.parquet` → `logs/2024-03-17/part-*.parquet`\n"
        "\n"
        "| metric | ref | cur | 95 % CI | drop | limit | adj. p | status |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
        "| `auc` | 0.742 | 0.671 | 0.661 to 0.681 | 0.071 | 0.05 | 4e-09 | ✗ drift |\n"
        "| `log_loss` | 0.391 | 0.402 | 0.392 to 0.412 | 0.011 | 0.05 | 4e-09 | ✓ ok |\n"
        "| `ctr` | 0.0302 | 0.031 | 0.021 to 0.041 |  |  |  |  |\n"
        "| `calibration` |  | 1.08 | 1.02 to 1.14 |  |  |  |  |\n"
        "\n"
        "- `auc`: auc dropped by 0.071, threshold 0.05\n"
        "\n"
        "9,412 of 10,000 rows labelled (94.1 %), 12 labels unmatched · "
        "reference 10,000 rows · current 10,000 rows · "
        "rule evident, alpha 0.05, holm over 2 checks; p takes rows as independent · "
        "driftcli 1.0.0, 2024-03-18T06:00:00+00:00\n"
    )


def test_rows_stand_as_in_the_terminal() -> None:
    one = features_report(12)
    ((head, *rows),) = tables(markdown.render([one]))
    assert head == ["feature", "check", "effect", "limit", "adj. p", "status", "ref → cur"]
    order = [c.name for c in sorted(one.features.values(), key=lambda c: c.rank)]
    assert [row[0] for row in rows] == order
    assert [row[5] for row in rows][:3] == ["✗ drift"] * 2 + ["? uncertain"]


def test_of_predictions_each_check_has_a_row() -> None:
    ((_, *rows),) = tables(markdown.render([predictions_report()]))
    assert [(row[0], row[1]) for row in rows] == [("score", m) for m in ("mean", "std", "ks")]
    assert [bool(row[6]) for row in rows] == [True, False, False]


def test_several_reports_and_their_alerts() -> None:
    page = markdown.render(REPORTS, alert_report(monitor="ads"))
    headings = re.findall(r"^### (.*?):?(?= of| \d|$)", page, re.MULTILINE)
    assert headings == ["Alerts", "✗ features", "✗ predictions", "✗ performance"]
    assert "### Alerts of `ads`\n" in page
    assert "- **HIGH** feature_drift: 6 of 12 features drifted\n  → Look at" in page
    assert "\nretrain: yes\n" in page


@pytest.mark.parametrize(
    ("one", "sign"),
    [
        (features_report(12), "✗"),
        (predictions_report(Status.OK), "✓"),
        (performance_report(Status.NOT_EVALUATED), "!"),
    ],
)
def test_the_heading_says_what_came_out(one: Report, sign: str) -> None:
    assert markdown.heading(one).startswith(f"### {sign} {one.command}: ")


ALLOWED = {"text", "code_inline", "softbreak", "strong_open", "strong_close", "html_inline"}


def test_names_are_only_names() -> None:
    page = markdown.render([hostile_report()])
    tokens = parse(page)
    assert not [token for token in tokens if token.type == "html_block"]
    for child in (child for token in tokens for child in token.children or ()):
        assert child.type in ALLOWED, child
        assert child.type != "html_inline" or OURS.fullmatch(child.content)
        # whoever is mentioned in plain words gets a mail
        assert child.type != "text" or not re.search(r"@\w", child.content) or _in_code(page, child)
    assert all(line.isprintable() for line in page.replace("\u200b", "").split("\n"))
    ((_, *rows),) = tables(page)
    assert len(rows) == len(NAMES)
    assert {len(row) for row in rows} == {7}


def _in_code(page: str, child: Token) -> bool:
    return f"<code>&#64;{child.content[1:]}" in page


def test_names_can_be_read() -> None:
    ((_, *rows),) = tables(markdown.render([hostile_report()]))
    names = {row[0] for row in rows}
    for name in ("<script>alert(1)</script>", "back\\slash\\", "| a | b |", "a\\|b", "@everyone"):
        assert name in names
    assert "`code` ``more``" in names
    assert r"line\nbreak\r\nand another" in names
    assert r"a\u202egpj.exe" in names
    assert "''" in names
    assert max(map(len, names)) <= 120


def test_addresses_in_words_are_no_links() -> None:
    words = markdown.text("see www.example.org, https://example.org, a@example.org; log_loss 1:2")
    assert words == (
        "see www&#46;example.org, https&#58;//example.org, a@\u200bexample.org; log_loss 1:2"
    )


def many(n: int) -> Sequence[Report]:
    return [report("features", features=of_columns([column(i) for i in range(n)]))]


def test_a_page_is_whole_unless_it_must_be_short() -> None:
    ((_, *rows),) = tables(markdown.render(many(MAX_ROWS + 9)))
    assert len(rows) == MAX_ROWS + 9
    short = markdown.render(many(MAX_ROWS + 9), every=False)
    ((_, *rows),) = tables(short)
    assert len(rows) == MAX_ROWS
    assert "… 9 more columns; " in short
