"""Delivery: who is told, who is not, and that no failure stops the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alert_receiver import Receiver

from driftcli.alerts.channels import CHANNELS, DeliveryResult, Sender, deliver
from driftcli.alerts.document import document
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport, Severity


class _Told:
    """A channel that remembers, or fails as its address says."""

    def __init__(self, url: str, told: list[str]) -> None:
        self.url = url
        self.told = told

    def send(self, report: AlertReport) -> None:
        if self.url == "declared":
            raise DeliveryError("declared failure", path="told (C)")
        if self.url == "unexpected":
            raise RuntimeError("failed at https://hooks.example/s3cr3t")
        self.told.append(f"{self.url}: {len(report.alerts)}")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []

    def build(_spec: Channel, url: str) -> Sender:
        return _Told(url, heard)

    monkeypatch.setitem(CHANNELS, "told", build)
    return heard


def test_a_failure_never_stops_the_others(told: list[str], alerts: AlertReport) -> None:
    environ = {"A": "unexpected", "B": "first", "C": "declared", "D": " last\n", "E": ""}
    specs = [Channel(url_env=name, type="told") for name in "ABCDEF"]
    assert deliver(alerts, specs, environ) == [
        DeliveryResult("told (A)", "failed", "told (A): unexpected RuntimeError"),
        DeliveryResult("told (B)", "sent", "told (B): sent"),
        DeliveryResult("told (C)", "failed", "told (C): declared failure"),
        DeliveryResult("told (D)", "sent", "told (D): sent"),
        DeliveryResult("told (E)", "failed", "told (E): E is not set"),
        DeliveryResult("told (F)", "failed", "told (F): F is not set"),
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
        "xyz (A): unknown channel type. known types: webhook",
    ]


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
