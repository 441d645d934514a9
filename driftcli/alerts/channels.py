"""Who is told: the registry of channels, and delivery that never stops a run.

A channel is one module and one line in :data:`CHANNELS`. The address it sends to is a secret: it
comes from the environment or a file and appears in no message, whatever goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from driftcli.config import Channel
from driftcli.errors import DeliveryError, did_you_mean, only_its_kind, shown_path
from driftcli.model import AlertReport

LONGEST_ADDRESS = 8192  # characters; a file that holds more holds no address


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
    """What came of one channel.

    Parameters
    ----------
    channel : str
        Its type and its variable or file.
    outcome : {"sent", "skipped", "failed"}
    message : str
        One line that names the channel.
    required : bool
        Whether a failure must not pass.
    """

    channel: str
    outcome: Literal["sent", "skipped", "failed"]
    message: str
    required: bool = False


def _webhook(spec: Channel, address: str, secret: str | None) -> Sender:
    from driftcli.alerts.webhook import Webhook  # pays for http and ssl only when sending

    return Webhook(spec, address, secret)


def _apprise(spec: Channel, address: str, secret: str | None) -> Sender:
    from driftcli.alerts.apprise_ import Service  # pays for the library only when sending

    if secret is not None or spec.format is not None:
        raise DeliveryError("format and secret_env are of webhooks only", path=spec.name)
    return Service(spec, address)


CHANNELS: dict[str, Callable[[Channel, str, str | None], Sender]] = {
    "webhook": _webhook,
    "apprise": _apprise,
}


def deliver(
    report: AlertReport, channels: Sequence[Channel], environ: Mapping[str, str]
) -> list[DeliveryResult]:
    """Send the alerts to every channel that wants them.

    One failure never stops the others, and nothing is raised: the verdict stands whoever was told.

    Parameters
    ----------
    report : AlertReport
        The alerts; each channel gets them all. Resolved ones count by the severity they had.
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
    def result(outcome: Literal["sent", "skipped", "failed"], message: str) -> DeliveryResult:
        return DeliveryResult(spec.name, outcome, message, spec.required)

    loudest = report.severity
    if loudest is None or loudest.rank < spec.min_severity.rank:
        return result("skipped", f"{spec.name}: no alert of severity {spec.min_severity} or above")
    try:
        address = _address(spec, environ)
        spec = replace(spec, type=spec.type or _type_of(address, spec.name))
        _sender(spec, address, environ).send(report)
    except DeliveryError as error:
        return result("failed", str(error))
    except Exception as error:  # of a stranger's text nobody knows whether it holds the address
        return result("failed", f"{spec.name}: {only_its_kind(error)}")
    return result("sent", f"{spec.name}: sent")


def _type_of(address: str, name: str) -> Literal["webhook", "apprise"]:
    if "://" not in address:
        raise DeliveryError("the address is not a URL of the form https://host/path", path=name)
    return "webhook" if address.lower().startswith(("http://", "https://")) else "apprise"


def _sender(spec: Channel, address: str, environ: Mapping[str, str]) -> Sender:
    build = CHANNELS.get(spec.type or "")
    if build is None:
        hint = did_you_mean(spec.type or "", CHANNELS) or f"known types: {', '.join(CHANNELS)}"
        raise DeliveryError("unknown channel type", path=spec.name, hint=hint)
    secret = None if spec.secret_env is None else _variable(spec, spec.secret_env, environ)
    return build(spec, address, secret)


def _address(spec: Channel, environ: Mapping[str, str]) -> str:
    if (spec.url_env is None) == (spec.url_file is None):
        reason = "an address comes from a variable or from a file"
        raise DeliveryError(reason, path=spec.name, hint="set either url_env or url_file")
    if spec.url_env is not None:
        address = _variable(spec, spec.url_env, environ)
    else:
        address = _content(spec, spec.url_file or "")
    if not address.isprintable():
        raise DeliveryError("the address is not one line of text", path=spec.name)
    return address


def _variable(spec: Channel, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        shown = "the variable" if "://" in name else shown_path(name)  # an address in its place
        raise DeliveryError(f"{shown} is not set", path=spec.name)
    return value


def _content(spec: Channel, file: str) -> str:
    try:
        # what is no UTF-8 is no address; a decoding error would carry the bytes with it
        with Path(file).open(encoding="utf-8", errors="replace") as opened:
            address = opened.read(LONGEST_ADDRESS + 1).strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise DeliveryError(f"cannot be read ({reason.lower()})", path=spec.name) from None
    if not address or len(address) > LONGEST_ADDRESS:
        raise DeliveryError("the file holds no address", path=spec.name)
    return address
