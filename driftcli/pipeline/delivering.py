"""Notices on their way: kept until somebody got them."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from driftcli.alerts.channels import deliver
from driftcli.alerts.document import document
from driftcli.config import Channel
from driftcli.model import AlertReport, Severity
from driftcli.renderers.json import parse
from driftcli.store import Delivery, Store

PATIENCE = dt.timedelta(days=3)  # an older notice tells nobody anything


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told.

    Parameters
    ----------
    name : str
    send : callable
        From a notice to why it was not delivered, ``None`` if it was.
    min_severity : Severity
    required : bool
        Whether a failure must not pass.
    """

    name: str
    send: Callable[[AlertReport], str | None]
    min_severity: Severity = Severity.LOW
    required: bool = False


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that did not get to a receiver; ``final`` where it is not tried again."""

    message: str
    required: bool
    final: bool


def receivers_of(channels: Sequence[Channel], environ: Mapping[str, str]) -> list[Receiver]:
    """Return the channels of a configuration as receivers; the addresses are in the environment."""

    def through(channel: Channel) -> Callable[[AlertReport], str | None]:
        def send(notice: AlertReport) -> str | None:
            (result,) = deliver(notice, [channel], environ)
            return result.message if result.outcome == "failed" else None

        return send

    # not by their type, which may be given later; those of one address by their order
    seen: Counter[str] = Counter()
    receivers = []
    for channel in channels:
        seen[channel.place] += 1
        name = f"{channel.place} {seen[channel.place]}"
        send = through(channel)
        receivers.append(Receiver(name, send, channel.min_severity, channel.required))
    return receivers


def deliveries_of(
    notice: AlertReport | None, receivers: Sequence[Receiver], now: str
) -> list[Delivery]:
    """Return what is to be sent to whom.

    Parameters
    ----------
    notice : AlertReport or None
    receivers : sequence of Receiver
        Those that do not want alerts of this severity get nothing.
    now : str
        ISO 8601, UTC.
    """
    if notice is None or notice.severity is None:
        return []
    text = json.dumps(document(notice), allow_nan=False)
    return [
        Delivery(notice.id, receiver.name, notice.monitor or "", now, text)
        for receiver in receivers
        if notice.severity.rank >= receiver.min_severity.rank
    ]


def deliver_waiting(
    store: Store, monitor: str, receivers: Sequence[Receiver], now: str
) -> tuple[Undelivered, ...]:
    """Send what waits, the oldest first; return what did not get through.

    Who failed once is left alone until the next run: the other notices wait as well.

    Parameters
    ----------
    store : Store
    monitor : str
    receivers : sequence of Receiver
    now : str
        ISO 8601, UTC.
    """
    by_name = {receiver.name: receiver for receiver in receivers}
    failed: dict[str, str] = {}
    undelivered = []
    for waiting in store.waiting(monitor):
        receiver = by_name.get(waiting.channel)
        if receiver is None:
            reason = "nobody of this name is told any more"
            store.settle(replace(waiting, outcome="given up", reason=reason))
            undelivered.append(Undelivered(f"{waiting.channel}: {reason}", False, True))
            continue
        tried = receiver.name not in failed
        why = _sent(waiting, receiver) if tried else failed[receiver.name]
        attempts = waiting.attempts + tried
        if why is None:
            store.settle(replace(waiting, attempts=attempts, outcome="sent", reason=""))
            continue
        failed[receiver.name] = why
        final = _age(waiting, now) > PATIENCE
        outcome = "given up" if final else "waiting"
        store.settle(replace(waiting, attempts=attempts, outcome=outcome, reason=why))
        undelivered.append(Undelivered(why, receiver.required, final))
    return tuple(undelivered)


def _sent(waiting: Delivery, receiver: Receiver) -> str | None:
    (notice,) = parse(waiting.document, "the store")
    if not isinstance(notice, AlertReport):
        return f"{receiver.name}: the store holds no notice"
    return receiver.send(notice)


def _age(waiting: Delivery, now: str) -> dt.timedelta:
    return dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(waiting.created)
