"""E-mail through Apprise to a real SMTP server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest

from driftcli.alerts.channels import DeliveryResult, deliver
from driftcli.alerts.text import body, title
from driftcli.config import Channel
from driftcli.model import AlertReport

pytest.importorskip("apprise")
controller = pytest.importorskip("aiosmtpd.controller")


@dataclass
class Mailbox:
    """Takes every message, or answers as told."""

    port: int = 0
    answer: str = "250 OK"
    envelopes: list[Any] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return self.answer

    def address(self, options: str = "") -> str:
        return (
            f"mailto://127.0.0.1:{self.port}/?from=drift@models.example&"
            f"to=s3cr3t@people.example{options}"
        )

    def messages(self) -> list[Message]:
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]


class _Controller(controller.Controller):  # type: ignore[misc, name-defined]
    """Asks for any free port, and learns which one it got before it says hello to itself."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    server = _Controller(box, hostname="127.0.0.1", port=0)
    server.start()
    box.port = server.port
    yield box
    server.stop()


def sent(alerts: AlertReport, address: str) -> DeliveryResult:
    (result,) = deliver(alerts, [Channel(url_env="MAIL", retries=0)], {"MAIL": address})
    return result


def test_the_message(mailbox: Mailbox, alerts: AlertReport) -> None:
    assert sent(alerts, mailbox.address()) == DeliveryResult(
        "apprise (MAIL)", "sent", "apprise (MAIL): sent"
    )
    (envelope,), (message,) = mailbox.envelopes, mailbox.messages()
    assert envelope.mail_from == "drift@models.example"
    assert envelope.rcpt_tos == ["s3cr3t@people.example"]
    assert message["Subject"] == title(alerts)
    assert message.get_content_type() == "text/plain"
    lines = message.get_content().splitlines()  # type: ignore[attr-defined]
    assert lines == body(alerts).splitlines()


def test_names_are_no_markup_in_html(mailbox: Mailbox, alerts: AlertReport) -> None:
    assert sent(alerts, mailbox.address("&format=html")).outcome == "sent"
    (message,) = mailbox.messages()
    page = message.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert "<\u200b!channel>" not in page
    assert "&lt;\u200b!channel&gt;" in page


def test_every_recipient_has_one(mailbox: Mailbox, alerts: AlertReport) -> None:
    assert sent(alerts, mailbox.address(",b@people.example")).outcome == "sent"
    told = sorted(to for envelope in mailbox.envelopes for to in envelope.rcpt_tos)
    assert told == ["b@people.example", "s3cr3t@people.example"]


@pytest.mark.parametrize("answer", ["550 s3cr3t is not known", "451 try later, s3cr3t"])
def test_a_refusal_names_nobody(
    mailbox: Mailbox, alerts: AlertReport, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1, "apprise")
    mailbox.answer = answer
    result = sent(alerts, mailbox.address())
    assert result.message == "apprise (MAIL): the service took no message"
    assert len(mailbox.envelopes) == 1
    assert "s3cr3t" not in repr(result) + caplog.text


def test_a_server_that_is_none(alerts: AlertReport) -> None:
    result = sent(alerts, Mailbox(port=1).address())
    assert result.message == "apprise (MAIL): the connection failed"
