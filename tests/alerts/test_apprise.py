"""Apprise against a real receiver: what is sent, what fails in which words, what stays secret."""

from __future__ import annotations

import logging
import socket
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from alert_receiver import DRIP, HANG_UP, NOT_HTTP, STALL, Receiver

from driftcli.alerts import transport
from driftcli.alerts.apprise_ import Service
from driftcli.alerts.channels import deliver
from driftcli.alerts.text import body, title
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport, AlertState, Severity

apprise = pytest.importorskip("apprise")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise waits between tries, as it would between messages."""
    monkeypatch.setattr(apprise.NotifyBase, "request_rate_per_sec", 0)
    monkeypatch.setattr(apprise.AppriseAsset, "default_service_wait", 0.0)


def address(receiver: Receiver) -> str:
    return f"json://me:s3cr3t@127.0.0.1:{receiver.port}/s3cr3t"


def service(url: str, **options: Any) -> Service:
    return Service(Channel(url_env="A", type="apprise", **{"retries": 0, **options}), url)


def failure(channel: Service, alerts: AlertReport) -> str:
    with pytest.raises(DeliveryError) as caught:
        channel.send(alerts)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "s3cr3t" not in repr(caught.value) + repr(channel)
    return str(caught.value)


@pytest.mark.parametrize(
    ("severity", "state", "kind"),
    [
        (Severity.HIGH, AlertState.NEW, "failure"),
        (Severity.MEDIUM, None, "warning"),
        (Severity.LOW, AlertState.STILL, "warning"),
        (Severity.HIGH, AlertState.RESOLVED, "success"),
    ],
)
def test_title_and_text_are_sent(
    receiver: Receiver,
    alerts: AlertReport,
    severity: Severity,
    state: AlertState | None,
    kind: str,
) -> None:
    alert = replace(alerts.alerts[0], severity=severity, state=state)
    found = replace(alerts, alerts=(alert,))
    service(address(receiver)).send(found)
    (request,) = receiver.requests
    assert request.document == {
        "version": "1.0",
        "title": title(found),
        "message": body(found),
        "attachments": [],
        "type": kind,
    }
    assert request.headers["Authorization"] == "Basic bWU6czNjcjN0"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "HTTP 302 Found"),
        (403, "HTTP 403 Forbidden"),
        (404, "HTTP 404 Not Found"),
        (429, "HTTP 429 Too Many Requests"),
        (500, "HTTP 500 Internal Server Error"),
        (HANG_UP, "the connection failed"),
        (NOT_HTTP, "the connection failed"),
        (STALL, "the connection failed"),
    ],
)
def test_failures_in_our_words(
    receiver: Receiver, alerts: AlertReport, status: int, reason: str
) -> None:
    receiver.answers = [(status, {"Location": receiver.url("/inner"), "Retry-After": "1"})]
    told = failure(service(address(receiver), timeout=0.4), alerts)
    assert told == f"apprise (A): {reason}"
    assert [request.path for request in receiver.requests] == ["/s3cr3t"], "no redirect is followed"


def test_a_refusal_with_a_friendly_status(
    receiver: Receiver, alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Slack says of a token that is no longer valid is 200 all the same."""
    plugin = apprise.plugins.N_MGR["slack"]
    monkeypatch.setattr(plugin, "webhook_url", receiver.url("/services"))
    receiver.says = b"invalid_token"
    told = failure(service("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7s3cr3t/"), alerts)
    assert told == "apprise (A): the service took no message"


def test_failures_are_tried_again(receiver: Receiver, alerts: AlertReport) -> None:
    receiver.answers = [(500, {}), (429, {})]
    service(address(receiver), retries=2).send(alerts)
    assert len(receiver.requests) == 3


def test_tries_end(receiver: Receiver, alerts: AlertReport) -> None:
    receiver.answers = [(500, {})] * 9
    told = failure(service(address(receiver), retries=2), alerts)
    assert told == "apprise (A): HTTP 500 Internal Server Error"
    assert len(receiver.requests) == 3


def test_a_byte_now_and_then_ends_in_time(
    receiver: Receiver, alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apprise alone would wait for as long as bytes come."""
    monkeypatch.setattr(transport, "TOTAL_LIMIT", 0.0)
    receiver.answers = [(DRIP, {})]
    began = time.monotonic()
    told = failure(service(address(receiver), timeout=0.5), alerts)
    assert told == "apprise (A): no answer in time"
    assert time.monotonic() - began < 5
    assert len(receiver.requests) == 1


def test_nobody_listens(alerts: AlertReport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told = failure(service(f"json://127.0.0.1:{port}/s3cr3t"), alerts)
    assert told == "apprise (A): the connection failed"


def test_a_certificate_that_is_not_valid(tls_receiver: Receiver, alerts: AlertReport) -> None:
    url = f"jsons://127.0.0.1:{tls_receiver.port}/s3cr3t"
    assert failure(service(url), alerts) == "apprise (A): the connection failed"
    assert tls_receiver.requests == []


def test_an_address_that_asks_for_no_check_of_certificates(
    tls_receiver: Receiver, alerts: AlertReport, recwarn: pytest.WarningsRecorder
) -> None:
    """The library warns with the name of the host."""
    service(f"jsons://127.0.0.1:{tls_receiver.port}/s3cr3t?verify=no").send(alerts)
    assert len(tls_receiver.requests) == 1
    assert [str(warning.message) for warning in recwarn if "127.0.0.1" in str(warning)] == []


@pytest.mark.parametrize(
    "url", ["s3cr3t", "s3cr3t://s3cr3t", "slack://s3cr3t/x", "mailto://s3cr3t"]
)
def test_no_such_service(alerts: AlertReport, url: str) -> None:
    assert failure(service(url), alerts) == (
        "apprise (A): the address is of no service that Apprise knows"
    )


def test_the_library_is_missing(alerts: AlertReport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    (result,) = deliver(alerts, [Channel(url_env="A")], {"A": "json://s3cr3t"})
    assert result.message == (
        "apprise (A): the Apprise library is missing. install driftcli[notify]"
    )


def test_short_messages_are_cut_and_not_refused(
    receiver: Receiver, alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services for phones take 160 characters, title and text in one."""
    monkeypatch.setattr(apprise.NotifyBase, "body_maxlen", 160)
    monkeypatch.setattr(apprise.NotifyBase, "title_maxlen", 0)
    alert = replace(alerts.alerts[0], message="m" * 900)
    service(address(receiver)).send(replace(alerts, alerts=(alert,)))
    (request,) = receiver.requests
    assert len(request.document["message"]) <= 160
    assert request.document["message"].startswith("driftcli: MEDIUM, 1 alert")


def test_slack_through_apprise(
    receiver: Receiver, alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Slack plugin revives mentions in text that it takes for its own markup."""
    plugin = apprise.plugins.N_MGR["slack"]
    monkeypatch.setattr(plugin, "webhook_url", receiver.url("/services"))
    receiver.says = b"ok"  # as Slack does; any other word is a refusal
    calls = "<!here> <!channel|x> <@U1234567> @channel <https://evil.example|x> &lt;!here&gt;"
    alert = replace(alerts.alerts[0], message=calls, columns={"<!here>": AlertState.NEW})
    found = replace(alerts, alerts=(alert,), monitor="<!here>")
    service("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7s3cr3t/").send(found)
    (request,) = receiver.requests
    assert request.path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7s3cr3t"
    (attachment,) = request.document["attachments"]
    texts = (attachment["text"], attachment["title"])
    for text in texts:
        assert "<" not in text, "markup: a mention or a link"
        assert ">" not in text
    assert "&lt;\u200b!here&gt;" in attachment["text"]
    assert "@\u200bchannel" in attachment["text"]


@pytest.mark.parametrize("status", [200, 403, HANG_UP])
def test_nothing_is_logged(
    receiver: Receiver,
    alerts: AlertReport,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    status: int,
) -> None:
    """Apprise logs addresses, and urllib3 paths, as soon as anybody asks for debug messages."""
    caplog.set_level(1)
    receiver.answers = [(status, {})]
    environ = {"A": address(receiver)}
    (result,) = deliver(alerts, [Channel(url_env="A", retries=0)], environ)
    out, err = capfd.readouterr()
    shown = caplog.text + out + err + repr(result)
    assert len(receiver.requests) == 1
    assert "s3cr3t" not in shown
    assert "127.0.0.1" not in shown


def test_others_may_still_log(caplog: pytest.LogCaptureFixture, alerts: AlertReport) -> None:
    """A program that uses Apprise for itself keeps its log."""
    failure(service("nosuch://s3cr3t"), alerts)
    with caplog.at_level(logging.WARNING):
        logging.getLogger("apprise").warning("its own words")
    assert caplog.messages == ["its own words"]


def test_an_error_of_the_library_is_not_repeated(
    alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("cannot read json://s3cr3t")

    monkeypatch.setattr(apprise.Apprise, "instantiate", broken)
    assert failure(service("json://s3cr3t"), alerts) == "apprise (A): unexpected ValueError"
