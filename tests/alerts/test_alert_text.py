"""What people read: whole messages, and that no name from the data can do harm (bad-inputs 109)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from driftcli.alerts.text import LIMIT, LONGEST_TITLE, SLACK, body, slack, title
from driftcli.model import Alert, AlertReport, AlertState, Severity

NEW, STILL, RESOLVED = AlertState.NEW, AlertState.STILL, AlertState.RESOLVED
NOW = "2026-03-09T06:00:00+00:00"
LINK = "https://reports.example/ctr?day=9&tab=all"

FEATURES = Alert(
    timestamp=NOW,
    type="feature_drift",
    severity=Severity.HIGH,
    message="3 of 9 features drifted: wind (KS D 0.71 > 0.1), sky (TVD 0.2 > 0.1), sun (PSI 1)",
    action="check the sources of the named columns, then retrain the model on recent data",
    state=STILL,
    since="2026-03-01T05:30:00+00:00",
    columns={"wind": STILL, "sky": NEW, "sun": NEW, "hail": RESOLVED, "fog": AlertState.MUTED},
)
DROP = Alert(
    timestamp=NOW,
    type="performance_degradation",
    severity=Severity.LOW,
    message="1 of 3 metrics degraded: auc (AUC fell by 0.04)",
    action="watch these metrics",
    state=NEW,
    since=NOW,
    columns={"auc": NEW},
)
OVER = replace(FEATURES, state=RESOLVED, severity=Severity.MEDIUM, columns={"wind": RESOLVED})
REPORT = AlertReport(
    NOW, "0.1.0", (FEATURES, DROP, OVER), should_retrain=True, monitor="ctr-model", link=LINK
)


def test_title_and_body() -> None:
    assert title(REPORT) == "ctr-model: HIGH, 1 new, 1 still, 1 resolved"
    assert body(REPORT) == (
        """\
HIGH still: 3 of 9 features drifted: wind (KS D 0.71 > 0.1), sky (TVD 0.2 > 0.1), sun (PSI 1)
new: sky, sun
still: wind
resolved: hail
since 2026-03-01 05:30 UTC (8 days)
→ check the sources of the named columns, then retrain the model on recent data

LOW new: 1 of 3 metrics degraded: auc (AUC fell by 0.04)
since 2026-03-09 06:00 UTC
→ watch these metrics

resolved: 3 of 9 features drifted: wind (KS D 0.71 > 0.1), sky (TVD 0.2 > 0.1), sun (PSI 1)
began 2026-03-01 05:30 UTC (8 days)

Retraining is advised.

Report: https://reports.example/ctr?day=9&tab=all"""
    )


def test_slack_in_full() -> None:
    assert slack(replace(REPORT, alerts=(DROP,), should_retrain=False)) == (
        """\
*ctr-model: LOW, 1 new*
*LOW new*: 1 of 3 metrics degraded: auc (AUC fell by 0.04)
since 2026-03-09 06:00 UTC
→ watch these metrics

<https://reports.example/ctr?day=9&amp;tab=all|Report>"""
    )


def test_without_a_memory() -> None:
    """``driftcli alert`` knows no states, no monitor and no link."""
    once = replace(FEATURES, state=None, since=None, columns={}, message="m", action="a")
    found = AlertReport(NOW, "0.1.0", (once, once), should_retrain=False, incomplete=True)
    assert title(found) == "driftcli: HIGH, 2 alerts"
    assert title(replace(found, alerts=(once,))) == "driftcli: HIGH, 1 alert"
    assert body(found) == "HIGH: m\n→ a\n\nHIGH: m\n→ a\n\nSome checks could not be evaluated."


def test_good_news() -> None:
    over = replace(REPORT, alerts=(OVER, OVER), should_retrain=False, link=None)
    assert title(over) == "ctr-model: 2 resolved"
    assert body(replace(over, alerts=(OVER,))).splitlines()[1:] == [
        "began 2026-03-01 05:30 UTC (8 days)"
    ]


def test_what_an_alert_tells_is_not_told_twice() -> None:
    missed = replace(DROP, type="not_evaluated")
    found = replace(REPORT, alerts=(missed,), incomplete=True)
    assert "Some checks" not in body(found)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-03-08T07:00:00+00:00", "since 2026-03-08 07:00 UTC\n"),
        ("2026-03-08T06:00:00Z", "since 2026-03-08 06:00 UTC (1 day)\n"),
        ("2026-03-07T06:00:00+01:00", "since 2026-03-07 06:00 UTC+01:00 (2 days)\n"),
        ("2026-03-01", "since 2026-03-01 00:00\n"),  # without a zone nobody knows how long
        ("the <day>", "since the <day>\n"),
    ],
)
def test_since(since: str, words: str) -> None:
    assert words in body(replace(REPORT, alerts=(replace(DROP, since=since),)))


@pytest.mark.parametrize(
    ("name", "plain", "in_slack"),
    [
        ("<!here>", "<\u200b!here>", "&lt;\u200b!here&gt;"),
        ("<!channel|x>", "<\u200b!channel|x>", "&lt;\u200b!channel|x&gt;"),
        ("<@U123>", "<\u200b@\u200bU123>", "&lt;\u200b@\u200bU123&gt;"),
        ("@channel", "@\u200bchannel", "@\u200bchannel"),
        ("me@example", "me@example", "me@example"),
        ("<https://x|y>", "<https://x|y>", "&lt;https://x|y&gt;"),
        ("a & b &amp;", "a & b &amp;", "a &amp; b &amp;amp;"),
        ("```x", "```x", "ˋˋˋx"),
        ("a\nHIGH: forged\r\x00\x1b[2J", *(["a\\nHIGH: forged\\r\\x00\\x1b[2J"] * 2)),
        ("\u202egnp\u2028", "\\u202egnp\\u2028", "\\u202egnp\\u2028"),
    ],
)
def test_row_109_names_do_no_harm(name: str, plain: str, in_slack: str) -> None:
    columns = {name: NEW, "b": STILL}
    alert = replace(DROP, message=name, action=name, since=name, columns=columns)
    found = replace(REPORT, monitor=name, alerts=(alert,), link=None, should_retrain=False)

    def lines(text: str) -> list[str]:
        return [
            f"LOW new: {text}", f"new: {text}", "still: b", f"since {text}", f"→ {text}",
        ]  # fmt: skip

    assert title(found) == f"{plain}: LOW, 1 new"
    assert body(found).splitlines() == lines(plain)
    strong = lines(in_slack)[0].replace("LOW new", "*LOW new*")
    assert slack(found).splitlines() == [
        f"*{in_slack}: LOW, 1 new*", strong, *lines(in_slack)[1:],
    ]  # fmt: skip


def test_a_link_stays_a_link() -> None:
    odd = replace(REPORT, alerts=(DROP,), link="https://x.example/@me/<a>|b c`\n")
    assert slack(odd).splitlines()[-1] == ("<https://x.example/@me/%3Ca%3E%7Cb%20c%60\\n|Report>")
    path = replace(odd, link="/srv/<reports>/ctr.html")
    assert slack(path).splitlines()[-1] == "Report: /srv/&lt;reports&gt;/ctr.html"
    script = replace(odd, link="javascript:alert(1)")
    assert slack(script).splitlines()[-1] == "Report: javascript:alert(1)"


@pytest.mark.parametrize("char", ["x", "&", "°", "@"])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_row_109_the_limit_of_slack(char: str, count: int) -> None:
    """The loudest alert and the link are always there; what is left out is counted."""
    long = char * 5000
    names = dict.fromkeys([f"{number}{long}" for number in range(9)], NEW) | {"b": STILL}
    alert = replace(FEATURES, message=long, action=long, columns=names)
    found = replace(REPORT, alerts=(alert,) * count, monitor=long)
    text = slack(found)
    assert len(text) <= LIMIT
    assert text.endswith("|Report>")
    assert text.splitlines()[1].startswith("*HIGH still*: ")
    shown = text.count("*HIGH still*")
    more = re.search(r"… and (\d+) more alerts?\n", text)
    assert shown + (int(more[1]) if more else 0) == count
    assert not re.search(r"&(?!amp;|lt;|gt;)", text), "an entity was cut"
    assert len(title(found, SLACK)) <= LONGEST_TITLE


def test_all_that_fits_is_shown() -> None:
    found = replace(REPORT, alerts=(DROP,) * 9)
    whole = body(found, 10_000)
    assert whole.count("LOW new") == 9
    assert body(found, len(whole)) == whole
    assert "… and 1 more alert\n" in body(found, len(whole) - 1)


def test_a_link_too_long_is_left_out() -> None:
    assert body(replace(REPORT, link=f"https://x.example/{'a' * 5000}")).endswith("advised.")


def test_a_text_message_holds_what_it_can() -> None:
    short = body(REPORT, 100)
    assert len(short) == 100
    assert short.startswith("HIGH still: 3 of 9 features drifted: wind (KS D 0.71 > 0.1)")
    assert short.endswith("…")
