"""Every spelling of an inner address, against real receivers that must hear nothing (row 112)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alert_receiver import Receiver, served

from driftcli.alerts.target import TransportError, is_public, parse
from driftcli.alerts.webhook import Webhook
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import Alert, AlertReport, Severity

NOW = "2026-03-01T06:00:00Z"
ALERT = Alert(NOW, "feature_drift", Severity.LOW, "message", action="action")
REPORT = AlertReport(NOW, "1", (ALERT,), should_retrain=False)
# what is refused before anything is resolved or connected to
SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1",  # noqa: S104
    "017700000001", "0177.0.0.1", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[::1%25lo]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "me:pass@127.0.0.1", "hooks.slack.com@127.0.0.1", "hooks.slack.com%00@127.0.0.1",
    "127.0.0.1#@hooks.slack.com", "127.0.0.1?@hooks.slack.com", "127.0.0.1\\@localhost",
    "%31%32%37.0.0.1", "127.0.0.1%2f@localhost",
)  # fmt: skip
PRIVATE = "the host has a private or reserved address. set allow_private to send there"
SAID = {
    PRIVATE,
    "the host cannot be resolved",
    "the address is not a URL of the form https://host/path",
}


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[int, list[Any]]]:
    """One port on every address of this machine, and who connected to it."""
    family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
    dual = family == socket.AF_INET6
    heard: list[Any] = []
    over = threading.Event()
    with socket.create_server(("", 0), family=family, dualstack_ipv6=dual) as server:
        port = server.getsockname()[1]

        def accept() -> None:
            while not over.is_set():
                connection, peer = server.accept()
                connection.close()
                heard.append(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        yield port, heard
        over.set()
        socket.create_connection(("127.0.0.1", port)).close()  # ends it, and shows that it heard
        thread.join()
        assert heard != []


def webhook(url: str, **options: Any) -> Webhook:
    given = {"allow_http": True, "retries": 0, "timeout": 5.0, **options}
    return Webhook(Channel(url_env="HOOK", type="webhook", **given), url, sleep=lambda _: None)


def failure(channel: Webhook) -> str:
    with pytest.raises(DeliveryError) as caught:
        channel.send(REPORT)
    return str(caught.value).removeprefix("webhook (HOOK): ")


@pytest.mark.parametrize("place", SPELLINGS)
def test_row_112_no_spelling_leads_inside(listening: tuple[int, list[Any]], place: str) -> None:
    port, heard = listening
    url = f"http://{place}:{port}/" if "#" not in place and "?" not in place else f"http://{place}"
    assert failure(webhook(url)) in SAID
    assert heard == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://ｌｏｃａｌｈｏｓｔ/",
        "https://hooks.example\u2044@x/", "https://hooks.example\t@x/", "https://hooks.example\x00/",
    ],
)  # fmt: skip
def test_row_112_signs_that_become_dots_and_digits_are_refused(url: str) -> None:
    """IDNA makes plain dots, digits and letters of these after a check that did not see them."""
    with pytest.raises(TransportError, match="not a URL of the form"):
        parse(url, allow_http=True)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.slack.com@inner.example/", "inner.example"),
        ("https://inner.example#@hooks.slack.com/", "inner.example"),
        ("https://inner.example?@hooks.slack.com/", "inner.example"),
        ("https://inner.example/@hooks.slack.com/", "inner.example"),
    ],
)
def test_row_112_the_host_that_is_checked_is_the_one_called(url: str, host: str) -> None:
    assert parse(url, allow_http=False).host == host


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:0.0.0.0", "::ffff:224.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::", "2002:c0a8:101::1", "2001:0:102:304::f5ff:fffe", "fd12::1", "100::1",
        "198.18.0.1", "192.0.0.1", "203.0.113.9", "0.1.2.3",
    ],
)  # fmt: skip
def test_row_112_more_that_is_not_public(address: str) -> None:
    assert not is_public(address)


def test_row_112_a_name_that_moves_between_two_tries_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer is public, the second is not; each is checked, then used."""
    answers, called = ["1.1.1.1", "127.0.0.1"], []

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(_sock: socket.socket, address: Any) -> None:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    said = failure(webhook("https://hooks.example/", retries=3, allow_http=False))
    assert said == f"{PRIVATE}, after 2 tries"
    assert called == ["1.1.1.1"]
    assert answers == []


@pytest.fixture
def proxy() -> Iterator[Receiver]:
    yield from served()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from served()


def test_proxies_of_the_environment_hear_nothing(
    receiver: Receiver, proxy: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy resolves the name itself, past every check of it."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy.url("/"))
        monkeypatch.setenv(name.upper(), proxy.url("/"))
    monkeypatch.delenv("no_proxy", raising=False)
    webhook(receiver.url(), allow_private=True).send(REPORT)
    assert [len(receiver.requests), len(proxy.requests)] == [1, 0]
    assert "HTTP_PROXY" in os.environ


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
def test_row_112_no_redirect_is_followed(receiver: Receiver, proxy: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": proxy.url("/inner")})]
    assert "redirects are not followed" in failure(webhook(receiver.url(), allow_private=True))
    assert [len(receiver.requests), len(proxy.requests)] == [1, 0]
