"""The webhook against a real receiver: delivery, retries, limits, and what stays secret."""

from __future__ import annotations

import hmac
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alert_receiver import DRIP, DRIP_AFTER_200, HANG_UP, NOT_HTTP, STALL, Receiver

from driftcli.alerts import transport
from driftcli.alerts.document import document
from driftcli.alerts.text import slack
from driftcli.alerts.webhook import Webhook, cloudevent, signature, waiting_time
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport

Resolver = Callable[[list[str]], None]


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Let every name have these addresses, the one time that it is asked for."""
    answers: list[list[str]] = []

    def lookup(_host: str, port: int, **_: Any) -> list[Any]:
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (families[":" in address], socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers.pop(0)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return answers.append


def webhook(url: str, slept: list[float], secret: str | None = None, **options: Any) -> Webhook:
    tools = {name: options.pop(name) for name in ("clock", "now") if name in options}
    given = {"allow_http": True, "allow_private": True, "type": "webhook", **options}
    return Webhook(Channel(url_env="HOOK", **given), url, secret, sleep=slept.append, **tools)


def failure(channel: Webhook, alerts: AlertReport) -> str:
    """Return why it failed, having looked for the secret in all that a traceback could show."""
    with pytest.raises(DeliveryError) as caught:
        channel.send(alerts)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(channel)
    assert "s3cr3t" not in shown
    assert "127.0.0.1" not in shown
    return str(error)


def test_the_document_is_posted(receiver: Receiver, alerts: AlertReport) -> None:
    webhook(receiver.url(), []).send(alerts)
    (request,) = receiver.requests
    assert request.document == document(alerts)
    assert request.path == "/hook/s3cr3t?token=s3cr3t"
    assert request.headers == {
        "Host": f"127.0.0.1:{receiver.port}",
        "Accept-Encoding": "identity",
        "Content-Length": request.headers["Content-Length"],
        "Content-Type": "application/json",
        "User-Agent": "driftcli/1.2.3",
    }


def test_user_and_password_are_sent_as_a_header(receiver: Receiver, alerts: AlertReport) -> None:
    webhook(f"http://me:s3cr3t@127.0.0.1:{receiver.port}/x", []).send(alerts)
    assert receiver.requests[0].headers["Authorization"] == "Basic bWU6czNjcjN0"


def test_the_host_header_leaves_the_usual_port_out(
    receiver: Receiver, alerts: AlertReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    webhook("http://hooks.example/", []).send(alerts)
    assert receiver.requests[0].headers["Host"] == "hooks.example"


def test_a_repetition_can_be_told(receiver: Receiver, alerts: AlertReport) -> None:
    receiver.answers = [(500, {})]
    webhook(receiver.url(), []).send(replace(alerts, id="run-7"))
    assert [request.headers["Idempotency-Key"] for request in receiver.requests] == ["run-7"] * 2


def test_the_signature(receiver: Receiver, alerts: AlertReport) -> None:
    webhook(receiver.url(), [], "k3y", now=lambda: 1767225600.9).send(alerts)
    (request,) = receiver.requests
    when, proof = request.headers["X-Driftcli-Signature"].split(",")
    assert when == "t=1767225600"
    signed = hmac.new(b"k3y", b"1767225600." + request.body, "sha256").hexdigest()
    assert proof == f"v1={signed}"


def test_the_signature_by_another_tool() -> None:
    """printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac k3y."""
    assert signature("k3y", b'{"a":1}', 1767225600) == (
        "t=1767225600,v1=18e3a92b3c484b2c9d4d8316e00e78ef3d811b03bdde524fbbee6291674b9ff3"
    )


def test_a_cloudevent(receiver: Receiver, alerts: AlertReport) -> None:
    named = replace(alerts, id="run-7", monitor="ctr: model/a")
    webhook(receiver.url(), [], format="cloudevents").send(named)
    (request,) = receiver.requests
    assert request.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert request.document == {
        "specversion": "1.0",
        "id": "run-7",
        "source": "ctr%3A%20model%2Fa",
        "type": "io.driftcli.alert",
        "time": "2026-03-01T06:00:00Z",
        "datacontenttype": "application/json",
        "data": document(named),
    }


def test_a_cloudevent_always_has_an_identifier(alerts: AlertReport) -> None:
    """The standard asks for one that is not empty, the same for a repetition only."""
    (_, first), (_, again) = cloudevent(alerts), cloudevent(alerts)
    (_, other) = cloudevent(replace(alerts, incomplete=True))
    assert first["id"] == again["id"] != other["id"]
    assert len(first["id"]) == 64
    assert first["source"] == "driftcli"


@pytest.mark.parametrize("host", ["hooks.slack.com", "hooks.slack-gov.com"])
def test_slack_receives_text(
    receiver: Receiver, alerts: AlertReport, resolve: Resolver, host: str
) -> None:
    resolve(["127.0.0.1"])
    webhook(f"http://{host}:{receiver.port}/services/s3cr3t", []).send(alerts)
    assert receiver.requests[0].document == {"text": slack(alerts), "unfurl_links": False}


def test_what_reads_slack_text_elsewhere(receiver: Receiver, alerts: AlertReport) -> None:
    webhook(receiver.url(), [], format="slack").send(alerts)
    assert receiver.requests[0].document["text"] == slack(alerts)


def test_row_111_5xx_is_tried_again(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    receiver.answers = [(500, {}), (503, {})]
    webhook(receiver.url(), slept).send(alerts)
    assert len(receiver.requests) == 3
    assert slept == [0.5, 1.0]


def test_row_111_retries_end(receiver: Receiver, alerts: AlertReport, slept: list[float]) -> None:
    receiver.answers = [(502, {})] * 9
    told = failure(webhook(receiver.url(), slept, retries=6), alerts)
    assert told == "webhook (HOOK): HTTP 502 Bad Gateway, after 7 tries"
    assert len(receiver.requests) == 7
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_row_111_429_waits_as_long_as_asked(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    receiver.answers = [(429, {"Retry-After": "7"}), (429, {"Retry-After": "0"})]
    webhook(receiver.url(), slept).send(alerts)
    assert slept == [7.0, 1.0]


def test_a_wait_beyond_the_limit_is_not_begun(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    receiver.answers = [(429, {"Retry-After": "60"})]
    told = failure(webhook(receiver.url(), slept, clock=lambda: sum(slept)), alerts)
    assert told == ("webhook (HOOK): HTTP 429 Too Many Requests; another would come too late")
    assert slept == []


def test_waits_and_tries_share_one_limit(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    receiver.answers = [(429, {"Retry-After": "25"})] * 9
    channel = webhook(receiver.url(), slept, retries=9, clock=lambda: sum(slept))
    assert failure(channel, alerts).endswith("after 3 tries; another would come too late")
    assert slept == [25.0, 25.0]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "HTTP 302 Found; redirects are not followed"),
        (307, "HTTP 307 Temporary Redirect; redirects are not followed"),
        (400, "HTTP 400 Bad Request"),
        (403, "HTTP 403 Forbidden"),
        (404, "HTTP 404 Not Found"),
        (499, "HTTP 499"),
    ],
)
def test_row_111_what_another_try_cannot_mend_fails_at_once(
    receiver: Receiver, alerts: AlertReport, slept: list[float], status: int, reason: str
) -> None:
    receiver.answers = [(status, {"Location": receiver.url("/inner")})]
    assert failure(webhook(receiver.url(), slept), alerts) == f"webhook (HOOK): {reason}"
    assert [request.path for request in receiver.requests] == ["/hook/s3cr3t?token=s3cr3t"]
    assert slept == []


@pytest.mark.parametrize("behaviour", [STALL, DRIP])
def test_a_receiver_that_stalls_costs_one_timeout_a_try(
    receiver: Receiver, alerts: AlertReport, slept: list[float], behaviour: int
) -> None:
    receiver.answers = [(behaviour, {})] * 2
    began = time.monotonic()
    told = failure(webhook(receiver.url(), slept, timeout=0.4, retries=1), alerts)
    assert told == "webhook (HOOK): no answer in time, after 2 tries"
    assert 0.8 <= time.monotonic() - began < 5
    assert len(receiver.requests) == 2


def test_a_status_that_came_in_time_counts(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    """Another try would tell people twice."""
    receiver.answers = [(DRIP_AFTER_200, {})]
    webhook(receiver.url(), slept, timeout=0.4).send(alerts)
    assert len(receiver.requests) == 1


def test_a_stall_is_tried_again(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    receiver.answers = [(STALL, {})]
    webhook(receiver.url(), slept, timeout=0.4).send(alerts)
    assert slept == [0.5]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (NOT_HTTP, "the answer is not HTTP"),
        (HANG_UP, "the connection was closed without an answer"),
    ],
)
def test_no_http_answer(
    receiver: Receiver, alerts: AlertReport, slept: list[float], behaviour: int, reason: str
) -> None:
    receiver.answers = [(behaviour, {})]
    told = failure(webhook(receiver.url(), slept, retries=0), alerts)
    assert told == f"webhook (HOOK): {reason}"


def test_connection_refused(alerts: AlertReport, slept: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told = failure(webhook(f"http://127.0.0.1:{port}/s3cr3t", slept, retries=2), alerts)
    assert told == "webhook (HOOK): connection refused, after 3 tries"
    assert slept == [0.5, 1.0]


def test_row_111_the_host_cannot_be_resolved(
    alerts: AlertReport, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "s3cr3t.example is not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = failure(webhook("https://s3cr3t.example/", slept, retries=1), alerts)
    assert told == "webhook (HOOK): the host cannot be resolved, after 2 tries"


def test_row_012_no_memory_to_send_with(
    alerts: AlertReport, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(socket, "getaddrinfo", full)
    told = failure(webhook("https://s3cr3t.example/", slept, retries=1), alerts)
    assert told == "webhook (HOOK): out of memory"


def test_a_name_that_is_none_cannot_be_resolved(alerts: AlertReport, slept: list[float]) -> None:
    told = failure(webhook("https://s3cr3t..example/", slept, retries=0), alerts)
    assert told == "webhook (HOOK): the host cannot be resolved"


def test_name_resolution_ends_in_time(
    alerts: AlertReport, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def slow(*_: object, **__: object) -> list[Any]:
        released.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]

    monkeypatch.setattr(transport, "GRACE", 0.0)
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    told = failure(webhook("http://s3cr3t.example/", slept, timeout=0.05, retries=0), alerts)
    assert told == "webhook (HOOK): no answer in time"
    assert time.monotonic() - began < 5
    released.set()


def test_row_112_http_is_refused(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    told = failure(webhook(receiver.url(), slept, allow_http=False), alerts)
    assert told == ("webhook (HOOK): the address is not https. set allow_http to send unencrypted")
    assert receiver.requests == []


def test_row_112_a_private_address_is_refused(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    told = failure(webhook(receiver.url(), slept, allow_private=False), alerts)
    assert told == (
        "webhook (HOOK): the host has a private or reserved address. "
        "set allow_private to send there"
    )
    assert receiver.requests == []
    assert slept == []


def test_one_private_address_spoils_a_host(
    receiver: Receiver, alerts: AlertReport, slept: list[float], resolve: Resolver
) -> None:
    resolve(["1.1.1.1", "127.0.0.1"])
    url = f"http://s3cr3t.example:{receiver.port}/"
    assert "private" in failure(webhook(url, slept, allow_private=False), alerts)
    assert receiver.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "10.0.0.1", "::1", "fe80::1%lo", "fec0::1", "fd00::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_row_112_a_name_with_a_private_address_is_refused(
    alerts: AlertReport, slept: list[float], resolve: Resolver, address: str
) -> None:
    resolve([address])
    channel = webhook("https://s3cr3t.example/", slept, allow_http=False, allow_private=False)
    assert "private or reserved address" in failure(channel, alerts)
    assert slept == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost.", "[::1]"])
def test_row_112_other_spellings_of_this_machine_are_refused(
    receiver: Receiver, alerts: AlertReport, slept: list[float], host: str
) -> None:
    channel = webhook(f"http://{host}:{receiver.port}/", slept, allow_private=False, retries=0)
    told = failure(channel, alerts)
    assert told.split(": ")[1] in (
        "the host has a private or reserved address. set allow_private to send there",
        "the host cannot be resolved",  # where the system does not know the spelling
    )
    assert receiver.requests == []


def test_the_host_is_resolved_once_a_try(
    receiver: Receiver, alerts: AlertReport, resolve: Resolver
) -> None:
    """A second look-up, by which a name could move (DNS rebinding), would fail here."""
    resolve(["127.0.0.1"])
    webhook(f"http://s3cr3t.example:{receiver.port}/", []).send(alerts)
    assert receiver.requests[0].headers["Host"] == f"s3cr3t.example:{receiver.port}"


def test_the_next_address_is_tried(
    receiver: Receiver, alerts: AlertReport, resolve: Resolver
) -> None:
    resolve(["127.0.0.2", "127.0.0.1"])
    webhook(f"http://s3cr3t.example:{receiver.port}/", []).send(alerts)
    assert len(receiver.requests) == 1


def test_row_111_https_with_an_unknown_certificate(
    tls_receiver: Receiver, alerts: AlertReport, slept: list[float], resolve: Resolver
) -> None:
    resolve(["127.0.0.1"])
    url = f"https://hooks.example:{tls_receiver.port}/s3cr3t"
    assert failure(webhook(url, slept), alerts) == (
        "webhook (HOOK): the certificate is not valid (self-signed certificate)"
    )
    assert slept == []
    assert tls_receiver.requests == []


@pytest.fixture
def _trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@pytest.mark.usefixtures("_trusted")
def test_https_goes_to_the_address_and_checks_the_name(
    tls_receiver: Receiver, alerts: AlertReport, resolve: Resolver
) -> None:
    resolve(["127.0.0.1"])
    webhook(f"https://hooks.example:{tls_receiver.port}/x", [], allow_http=False).send(alerts)
    assert tls_receiver.requests[0].document == document(alerts)


@pytest.mark.usefixtures("_trusted")
def test_https_with_the_certificate_of_another_host(
    tls_receiver: Receiver, alerts: AlertReport, slept: list[float], resolve: Resolver
) -> None:
    resolve(["127.0.0.1"])
    url = f"https://s3cr3t.example:{tls_receiver.port}/"
    assert failure(webhook(url, slept), alerts) == (
        "webhook (HOOK): the certificate is not valid (made out to another host)"
    )


@pytest.mark.usefixtures("_trusted")
def test_https_stall(
    tls_receiver: Receiver, alerts: AlertReport, slept: list[float], resolve: Resolver
) -> None:
    resolve(["127.0.0.1"])
    tls_receiver.answers = [(DRIP, {})]
    url = f"https://hooks.example:{tls_receiver.port}/s3cr3t"
    told = failure(webhook(url, slept, timeout=0.3, retries=0), alerts)
    assert told == "webhook (HOOK): no answer in time"


def test_https_to_a_receiver_without_tls(
    receiver: Receiver, alerts: AlertReport, slept: list[float]
) -> None:
    url = receiver.url().replace("http:", "https:")
    told = failure(webhook(url, slept, retries=0), alerts)
    assert told == "webhook (HOOK): the TLS connection failed"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        (" 12 ", 12.0),
        ("Sun, 01 Mar 2026 06:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 06:00:30 -0000", 30.0),
        ("Sun, 01 Mar 2026 05:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("9" * 400, float("inf")),
        ("Sun, 01 Mar 99999999999999999999 06:00:30 GMT", 0.0),
        ("Sun, 01 Mar 2026 06:00:30 -9999999999999999999999", 0.0),
    ],
)
def test_retry_after(header: str | None, seconds: float) -> None:
    assert waiting_time(header, datetime(2026, 3, 1, 6, tzinfo=UTC)) == seconds


def test_a_receiver_verifies_as_documented(receiver: Receiver, alerts: AlertReport) -> None:
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  our own page
    webhook(receiver.url(), [], "k3y").send(alerts)
    webhook(receiver.url(), [], "k3y", now=lambda: time.time() - 400).send(alerts)
    fresh, old = receiver.requests
    proof = fresh.headers["X-Driftcli-Signature"]
    assert names["is_genuine"](proof, fresh.body, "k3y")
    assert not names["is_genuine"](proof, fresh.body + b" ", "k3y")
    assert not names["is_genuine"](proof, fresh.body, "key")
    assert not names["is_genuine"](old.headers["X-Driftcli-Signature"], old.body, "k3y")
