"""Delivery: who is told, who is not, and that no failure stops the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alert_receiver import Receiver

from driftcli.alerts.channels import CHANNELS, DeliveryResult, Sender, deliver
from driftcli.alerts.document import document
from driftcli.alerts.webhook import signature
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport, AlertState, Severity


class _Told:
    """A channel that remembers, or fails as its address says."""

    def __init__(self, url: str, told: list[str]) -> None:
        self.url = url
        self.told = told

    def send(self, report: AlertReport) -> None:
        if self.url == "declared":
            raise DeliveryError("declared failure", path="told (C)")
        if self.url == "full":
            raise MemoryError
        if self.url == "unexpected":
            raise RuntimeError("failed at https://hooks.example/s3cr3t")
        self.told.append(f"{self.url}: {len(report.alerts)}")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []

    def build(_spec: Channel, url: str, _secret: str | None) -> Sender:
        return _Told(url, heard)

    monkeypatch.setitem(CHANNELS, "told", build)
    return heard


def test_a_failure_never_stops_the_others(told: list[str], alerts: AlertReport) -> None:
    environ = {"A": "unexpected", "B": "first", "C": "declared", "D": " last\n", "E": ""}
    specs = [Channel(url_env=name, type="told") for name in "ABCDEFG"]
    assert deliver(alerts, specs, {**environ, "G": "full"}) == [
        DeliveryResult("told (A)", "failed", "told (A): unexpected RuntimeError"),
        DeliveryResult("told (B)", "sent", "told (B): sent"),
        DeliveryResult("told (C)", "failed", "told (C): declared failure"),
        DeliveryResult("told (D)", "sent", "told (D): sent"),
        DeliveryResult("told (E)", "failed", "told (E): E is not set"),
        DeliveryResult("told (F)", "failed", "told (F): F is not set"),
        DeliveryResult("told (G)", "failed", "told (G): out of memory"),
    ]
    assert told == ["first: 1", "last: 1"]


@pytest.mark.parametrize(
    ("least", "outcome"),
    [(Severity.LOW, "sent"), (Severity.MEDIUM, "sent"), (Severity.HIGH, "skipped")],
)
def test_quiet_alerts_are_skipped(
    told: list[str], alerts: AlertReport, least: Severity, outcome: str
) -> None:
    (result,) = deliver(alerts, [Channel(url_env="A", type="told", min_severity=least)], {"A": "x"})
    assert result.outcome == outcome
    assert bool(told) == (outcome == "sent")


def test_without_alerts_nobody_is_told(told: list[str], alerts: AlertReport) -> None:
    none = replace(alerts, alerts=())
    assert deliver(none, [Channel(url_env="A", type="told")], {"A": "x"}) == [
        DeliveryResult("told (A)", "skipped", "told (A): no alert of severity low or above")
    ]
    assert told == []


def test_an_unknown_type_is_a_failure_with_a_hint(alerts: AlertReport) -> None:
    specs = [Channel(url_env="A", type="webhok"), Channel(url_env="A", type="xyz")]
    assert [result.message for result in deliver(alerts, specs, {"A": "x"})] == [
        "webhok (A): unknown channel type. did you mean 'webhook'?",
        "xyz (A): unknown channel type. known types: webhook, apprise",
    ]


def test_resolved_alerts_are_told(told: list[str], alerts: AlertReport) -> None:
    resolved = replace(alerts.alerts[0], state=AlertState.RESOLVED)
    over = replace(alerts, alerts=(resolved,))
    spec = Channel(url_env="A", type="told", min_severity=Severity.MEDIUM)
    assert [result.outcome for result in deliver(over, [spec], {"A": "x"})] == ["sent"]
    assert told == ["x: 1"]


@pytest.mark.parametrize("address", ["first", "declared", "unexpected", ""])
def test_the_result_tells_whether_it_was_required(
    told: list[str], alerts: AlertReport, address: str
) -> None:
    specs = [Channel(url_env="A", type="told", required=required) for required in (True, False)]
    results = deliver(alerts, specs, {"A": address})
    assert [result.required for result in results] == [True, False]
    assert bool(told) == (address == "first")


def test_the_address_of_a_file(told: list[str], alerts: AlertReport, tmp_path: Path) -> None:
    """As secrets are mounted; the message names the file."""
    file = tmp_path / "address"
    file.write_text("from a file\n")
    spec = Channel(url_file=str(file), type="told")
    assert deliver(alerts, [spec], {}) == [
        DeliveryResult(f"told ({file})", "sent", f"told ({file}): sent")
    ]
    assert told == ["from a file: 1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read (no such file or directory)"),
        (b" \n", "the file holds no address"),
        (b"https://" + b"s3cr3t" * 2000, "the file holds no address"),
        (
            b"https://s3cr3t.example/\nhttps://s3cr3t.example/",
            "the address is not one line of text",
        ),
        (b"\xff\xfe s3cr3t", "the address is not a URL of the form https://host/path"),
    ],
)
def test_files_without_an_address(
    alerts: AlertReport, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "address"
    if content is not None:
        file.write_bytes(content)
    (result,) = deliver(alerts, [Channel(url_file=str(file), retries=0)], {})
    assert result.outcome == "failed"
    assert result.message.endswith(f"({file}): {reason}")


def test_an_address_comes_from_one_place(alerts: AlertReport) -> None:
    specs = [Channel(url_env="A", url_file="a"), Channel(), Channel(url_env="https://s3cr3t")]
    reason = "an address comes from a variable or from a file. set either url_env or url_file"
    assert [result.message for result in deliver(alerts, specs, {"A": "x"})] == [
        f"channel (A): {reason}",
        f"channel (no address): {reason}",
        "channel (not shown): the variable is not set",
    ]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("HTTPS://127.0.0.1/", "webhook (A): the host has a private or reserved address"),
        ("http://127.0.0.1/", "webhook (A): the address is not https"),
        ("nosuchservice://x", "apprise (A): the address is of no service that Apprise knows"),
    ],
)
def test_the_address_tells_the_type(alerts: AlertReport, address: str, message: str) -> None:
    (result,) = deliver(alerts, [Channel(url_env="A")], {"A": address})
    assert result.message.startswith(message)


def test_what_only_webhooks_know(alerts: AlertReport) -> None:
    """An alert that should be signed and is not must not be sent."""
    specs = [
        Channel(url_env="A", secret_env="KEY"),  # noqa: S106  the name of a variable
        Channel(url_env="A", secret_env="UNSET"),  # noqa: S106
        Channel(url_env="A", format="cloudevents"),
    ]
    only = "apprise (A): format and secret_env are of webhooks only"
    environ = {"A": "json://127.0.0.1:1", "KEY": "k3y"}
    assert [result.message for result in deliver(alerts, specs, environ)] == [
        only,
        "apprise (A): UNSET is not set",
        only,
    ]


def test_a_signed_webhook_end_to_end(receiver: Receiver, alerts: AlertReport) -> None:
    key = "KEY"
    spec = Channel(url_env="A", secret_env=key, allow_http=True, allow_private=True)
    (result,) = deliver(alerts, [spec], {"A": receiver.url(), "KEY": " k3y\n"})
    assert result.outcome == "sent"
    (request,) = receiver.requests
    proof = request.headers["X-Driftcli-Signature"]
    assert proof == signature("k3y", request.body, int(proof[2:].split(",")[0]))


def test_the_webhook_end_to_end(receiver: Receiver, alerts: AlertReport) -> None:
    spec = Channel(url_env="HOOK", allow_http=True, allow_private=True)
    assert deliver(alerts, [spec], {"HOOK": receiver.url() + "\n"}) == [
        DeliveryResult("webhook (HOOK)", "sent", "webhook (HOOK): sent")
    ]
    assert [request.document for request in receiver.requests] == [document(alerts)]


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize(
    "url", ["s3cr3t", "https://s3cr3t:s3cr3t/", "https://127.0.0.1/s3cr3t", "file:///s3cr3t"]
)
def test_every_channel_keeps_its_address_secret(
    name: str, url: str, alerts: AlertReport, caplog: pytest.LogCaptureFixture
) -> None:
    """bad-inputs 90."""
    (result,) = deliver(alerts, [Channel(url_env="HOOK", type=name, retries=0)], {"HOOK": url})
    assert result.outcome == "failed"
    assert result.message.startswith(f"{name} (HOOK): ")
    assert "s3cr3t" not in repr(result) + caplog.text
