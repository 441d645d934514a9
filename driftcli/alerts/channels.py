"""Who is told: the registry of channels, and delivery that never stops a run.

A channel is one module and one line in :data:`CHANNELS`. The address it sends to is a secret: it
comes from the environment and appears in no message, whatever goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from driftcli.config import Channel
from driftcli.errors import DeliveryError, did_you_mean
from driftcli.model import AlertReport


class Sender(Protocol):
    """Something that sends alerts."""

    def send(self, report: AlertReport) -> None:
        """Send the alerts.

        Raises
        ------
        DeliveryError
            Nobody was told; the message holds no part of the address.
        """


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What came of one channel; ``message`` is one line that names it."""

    channel: str
    outcome: Literal["sent", "skipped", "failed"]
    message: str


def _webhook(spec: Channel, url: str) -> Sender:
    from driftcli.alerts.webhook import Webhook  # pays for http and ssl only when sending

    return Webhook(
        spec.name,
        url,
        timeout=spec.timeout,
        retries=spec.retries,
        allow_http=spec.allow_http,
        allow_private=spec.allow_private,
    )


CHANNELS: dict[str, Callable[[Channel, str], Sender]] = {"webhook": _webhook}


def deliver(
    report: AlertReport, channels: Sequence[Channel], environ: Mapping[str, str]
) -> list[DeliveryResult]:
    """Send the alerts to every channel that wants them.

    One failure never stops the others, and nothing is raised: the verdict stands whoever was told.

    Parameters
    ----------
    report : AlertReport
        The alerts; each channel gets the whole document.
    channels : sequence of Channel
        Where they go.
    environ : mapping of str
        The environment that holds the addresses.

    Returns
    -------
    list of DeliveryResult
        One a channel, in their order.
    """
    return [_delivered(report, spec, environ) for spec in channels]


def _delivered(report: AlertReport, spec: Channel, environ: Mapping[str, str]) -> DeliveryResult:
    loudest = report.severity
    if loudest is None or loudest.rank < spec.min_severity.rank:
        reason = f"no alert of severity {spec.min_severity} or above"
        return DeliveryResult(spec.name, "skipped", f"{spec.name}: {reason}")
    try:
        _channel(spec, environ).send(report)
    except DeliveryError as error:
        return DeliveryResult(spec.name, "failed", str(error))
    except Exception as error:  # of a stranger's text nobody knows whether it holds the address
        reason = f"unexpected {type(error).__name__}"
        return DeliveryResult(spec.name, "failed", f"{spec.name}: {reason}")
    return DeliveryResult(spec.name, "sent", f"{spec.name}: sent")


def _channel(spec: Channel, environ: Mapping[str, str]) -> Sender:
    build = CHANNELS.get(spec.type)
    if build is None:
        hint = did_you_mean(spec.type, CHANNELS) or f"known types: {', '.join(CHANNELS)}"
        raise DeliveryError("unknown channel type", path=spec.name, hint=hint)
    url = environ.get(spec.url_env, "").strip()
    if not url:
        raise DeliveryError(f"{spec.url_env} is not set", path=spec.name)
    return build(spec, url)
