"""An alert as people read it on a phone: how bad, what, since when, what to do, and where to look.

Names come from the data, so nothing here lets one call a whole channel, begin a line of its own or
turn into a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from driftcli.alerts.document import one_line
from driftcli.alerts.wording import listed, shown
from driftcli.model import Alert, AlertReport, AlertState

LIMIT = 4000  # characters; what Slack advises for a message, and more than a phone shows at once
LONGEST_TITLE = 150
LONGEST_MESSAGE = 600
LONGEST_ACTION = 300
LONGEST_LINK = 500
TOLD = (AlertState.NEW, AlertState.STILL, AlertState.RESOLVED)

# @channel, @here and their kin; a word with @ in its middle calls nobody
_MENTION = re.compile(r"(?<!\w)@(?=\S)|<(?=[!@#])")
_APART = "\u200b"  # has no width: the text reads the same and calls nobody
# a backtick could open a block of code that swallows the lines below
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "ˋ"})


@dataclass(frozen=True, slots=True)
class Style:
    """How a place where people read writes text, strong words and links."""

    escape: Callable[[str], str]
    strong: Callable[[str], str]
    link: Callable[[str], str]

    def say(self, text: str, limit: int) -> str:
        """Return a text on one line, escaped, harmless, and at most so long."""
        calm = _MENTION.sub(lambda found: found[0] + _APART, one_line(text))
        escaped = [self.escape(char) for char in calm]
        if sum(map(len, escaped)) <= limit:
            return "".join(escaped)
        room = limit - 1
        for at, char in enumerate(escaped):
            room -= len(char)
            if room < 0:
                return "".join(escaped[:at]) + "…"
        return "".join(escaped)


def _slack_link(url: str) -> str:
    url = re.sub(r"[<>|\s`]", lambda found: f"%{ord(found[0]):02X}", url)
    return f"<{url.replace('&', '&amp;')}|Report>"


PLAIN = Style(escape=str, strong=str, link=lambda url: f"Report: {url}")
SLACK = Style(
    escape=lambda text: text.translate(_SLACK),
    strong=lambda text: f"*{text}*",
    link=_slack_link,
)


def title(report: AlertReport, style: Style = PLAIN) -> str:
    """Return one line: what was monitored, how bad it is, and how much is new.

    Parameters
    ----------
    report : AlertReport
        With one alert at least.
    style : Style
    """
    going = [alert for alert in report.alerts if alert.state is not AlertState.RESOLVED]
    loudest = max((alert.severity for alert in going), key=lambda s: s.rank, default=None)
    counts = Counter(alert.state for alert in report.alerts)
    states = [f"{counts[state]} {state}" for state in TOLD if counts[state]]
    if loudest is None:
        headline = f"{len(report.alerts)} resolved"
    else:
        words = ", ".join(states) or _alerts(len(report.alerts))
        headline = f"{loudest.upper()}, {words}"
    name = style.say(report.monitor or "driftcli", LONGEST_TITLE - len(headline) - 2)
    return f"{name}: {headline}"


def body(report: AlertReport, limit: int = LIMIT, style: Style = PLAIN) -> str:
    """Return the alerts, the loudest first, with the decision to retrain and the link last.

    Parameters
    ----------
    report : AlertReport
        With one alert at least.
    limit : int
        Characters; alerts that find no room are counted, and the link is kept.
    style : Style
    """
    blocks = ["\n".join(_lines(alert, style)) for alert in report.alerts]
    tail = list(_closing(report, style))
    for kept in range(len(blocks), 0, -1):
        more = len(blocks) - kept
        rest = [f"… and {_alerts(more, 'more ')}"] if more else []
        text = "\n\n".join([*blocks[:kept], *rest, *tail])
        if len(text) <= limit:
            return text
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def slack(report: AlertReport) -> str:
    """Return title and alerts as one message in Slack's own markup.

    Parameters
    ----------
    report : AlertReport
        With one alert at least.
    """
    first = SLACK.strong(title(report, SLACK))
    return f"{first}\n{body(report, LIMIT - len(first) - 1, SLACK)}"


def _lines(alert: Alert, style: Style) -> Iterator[str]:
    """Yield what one alert has to say; of what is over there is nothing left to do."""
    over = alert.state is AlertState.RESOLVED
    lead = "resolved" if over else f"{alert.severity.upper()} {alert.state or ''}".rstrip()
    yield f"{style.strong(lead)}: {style.say(alert.message, LONGEST_MESSAGE)}"
    if len(set(alert.columns.values())) > 1:
        for state in TOLD:
            names = [shown(name) for name, found in alert.columns.items() if found is state]
            if names:
                yield f"{state}: {style.say(listed(names), LONGEST_MESSAGE)}"
    if alert.since is not None:
        yield style.say(f"{'began' if over else 'since'} {_since(alert)}", LONGEST_TITLE)
    if not over:
        yield f"→ {style.say(alert.action, LONGEST_ACTION)}"


def _closing(report: AlertReport, style: Style) -> Iterator[str]:
    told = {alert.type for alert in report.alerts}
    if report.incomplete and "not_evaluated" not in told:
        yield "Some checks could not be evaluated."
    if report.should_retrain:
        yield "Retraining is advised."
    if report.link is None:
        return
    link = one_line(report.link)
    if not link.lower().startswith(("https://", "http://")):
        yield f"Report: {style.say(link, LONGEST_LINK)}"
    elif len(style.link(link)) <= LONGEST_LINK:  # a part of a link leads nowhere
        yield style.link(link)


def _since(alert: Alert) -> str:
    """Return when an alert began, and how many days ago that was."""
    began, now = _moment(alert.since or ""), _moment(alert.timestamp)
    if began is None:
        return alert.since or ""
    words = f"{began:%Y-%m-%d %H:%M} {began.tzname() or ''}".rstrip()
    if now is None or (began.tzinfo is None) != (now.tzinfo is None):
        return words
    days = (now - began).days
    return f"{words} ({days} day{'s' if days > 1 else ''})" if days > 0 else words


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _alerts(count: int, more: str = "") -> str:
    return f"{count} {more}alert{'' if count == 1 else 's'}"
