"""A webhook: the alerts posted with a few retries and a limit on the whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from driftcli.alerts.document import document
from driftcli.alerts.target import Target, TransportError, parse
from driftcli.alerts.text import slack
from driftcli.alerts.transport import Answer, post, status_in_words, total_limit
from driftcli.config import Channel
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport

FIRST_WAIT = 0.5  # seconds, doubled with every try
LONGEST_WAIT = 8.0
SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
EVENT_TYPE = "io.driftcli.alert"


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a try failed, whether another may succeed, and how long the receiver asks to wait."""

    reason: str
    transient: bool
    wait: float = 0.0


class Webhook:
    """Posts the alerts to an HTTPS address.

    Parameters
    ----------
    spec : Channel
        What is posted, how long a try takes, and how many follow connection errors, timeouts, 429
        and 5xx.
    url : str
        The address, a secret.
    secret : str, optional
        The key to sign with.
    sleep, clock, now : callable
        How to wait, how to measure time, and what time it is (Unix), in seconds.
    """

    def __init__(
        self,
        spec: Channel,
        url: str,
        secret: str | None = None,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.spec = spec
        self._url = url
        self._secret = secret
        self._sleep = sleep
        self._clock = clock
        self._now = now

    def send(self, report: AlertReport) -> None:
        """Post the alerts.

        Parameters
        ----------
        report : AlertReport
            Sent whole; as text where the receiver is Slack.

        Raises
        ------
        DeliveryError
            No try was answered with 2xx.
        """
        problem = self._problem_of(report)
        if problem is not None:
            raise DeliveryError(problem, path=self.spec.name)

    def _problem_of(self, report: AlertReport) -> str | None:
        """Return why nothing was delivered, as a value, so that no traceback holds the address."""
        try:
            target = parse(self._url, allow_http=self.spec.allow_http)
        except TransportError as error:
            return error.reason
        usual = "slack" if target.host in SLACK_HOSTS else "json"
        kind, written = FORMATS[self.spec.format or usual](report)
        body = json.dumps(written, allow_nan=False).encode()
        return self._tried(target, body, self._headers(report, target, kind, body))

    def _headers(
        self, report: AlertReport, target: Target, kind: str, body: bytes
    ) -> dict[str, str]:
        headers = {"Content-Type": kind, "User-Agent": f"driftcli/{report.driftcli_version}"}
        if report.id:
            headers["Idempotency-Key"] = report.id
        if self._secret is not None:
            headers["X-Driftcli-Signature"] = signature(self._secret, body, int(self._now()))
        if target.authorization is not None:
            headers["Authorization"] = target.authorization
        return headers

    def _tried(self, target: Target, body: bytes, headers: dict[str, str]) -> str | None:
        timeout, retries = self.spec.timeout, self.spec.retries
        end = self._clock() + total_limit(timeout, retries)
        for tries in range(1, retries + 2):
            seconds = min(timeout, end - self._clock())
            problem = self._try(target, body, headers, seconds)
            if problem is None:
                return None
            told = problem.reason if tries == 1 else f"{problem.reason}, after {tries} tries"
            if not problem.transient or tries > retries:
                break
            wait = max(problem.wait, min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT))
            if self._clock() + wait >= end:
                return f"{told}; another would come too late"
            self._sleep(wait)
        return told

    def _try(
        self, target: Target, body: bytes, headers: dict[str, str], seconds: float
    ) -> _Problem | None:
        try:
            private = self.spec.allow_private
            answer = post(target, body, headers, seconds, allow_private=private)
        except TransportError as error:
            return _Problem(error.reason, error.transient)
        return _judged(answer)


def _json(report: AlertReport) -> tuple[str, dict[str, Any]]:
    return "application/json", document(report)


def _slack(report: AlertReport) -> tuple[str, dict[str, Any]]:
    return "application/json", {"text": slack(report), "unfurl_links": False}


def cloudevent(report: AlertReport) -> tuple[str, dict[str, Any]]:
    """Return the media type and the alerts as a CloudEvents 1.0 event in structured mode.

    Parameters
    ----------
    report : AlertReport
        Without an identifier of its own, one is made of what it says.
    """
    data = document(report)
    said = hashlib.sha256(json.dumps(data, allow_nan=False, sort_keys=True).encode())
    return "application/cloudevents+json; charset=utf-8", {
        "specversion": "1.0",
        "id": report.id or said.hexdigest(),
        "source": quote(report.monitor or "driftcli", safe=""),  # a URI reference by the standard
        "type": EVENT_TYPE,
        "time": report.timestamp,
        "datacontenttype": "application/json",
        "data": data,
    }


FORMATS: dict[str, Callable[[AlertReport], tuple[str, dict[str, Any]]]] = {
    "json": _json,
    "cloudevents": cloudevent,
    "slack": _slack,
}


def signature(secret: str, body: bytes, seconds: int) -> str:
    """Return what proves that a body was sent by who knows the key, and when.

    Parameters
    ----------
    secret : str
    body : bytes
    seconds : int
        Unix time.

    Returns
    -------
    str
        ``t=SECONDS,v1=HEX``, where HEX is the HMAC-SHA256 of ``SECONDS.BODY``.
    """
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def _judged(answer: Answer) -> _Problem | None:
    """Return what is wrong with an answer."""
    if 200 <= answer.status < 300:
        return None
    reason = status_in_words(answer.status)
    if 300 <= answer.status < 400:
        return _Problem(f"{reason}; redirects are not followed", transient=False)
    transient = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= 500
    return _Problem(reason, transient, waiting_time(answer.retry_after, datetime.now(UTC)))


def waiting_time(retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a ``Retry-After`` header asks to wait (RFC 9110, 10.2.3).

    Parameters
    ----------
    retry_after : str or None
        Seconds or an HTTP date; anything else asks for nothing.
    now : datetime
        The present, with a time zone.
    """
    if retry_after is None:
        return 0.0
    text = retry_after.strip()
    if text.isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
