"""A webhook: the alert document as JSON, posted with a few retries and a limit on the whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from driftcli.alerts.document import document
from driftcli.alerts.target import Target, TransportError, parse
from driftcli.alerts.transport import Answer, post
from driftcli.errors import DeliveryError
from driftcli.model import AlertReport

TOTAL_LIMIT = 60.0  # seconds, all tries and waits; more only where the tries alone may take it
FIRST_WAIT = 0.5  # seconds, doubled with every try
LONGEST_WAIT = 8.0


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why a try failed, whether another may succeed, and how long the receiver asks to wait."""

    reason: str
    transient: bool
    wait: float = 0.0


class Webhook:
    """Posts the alert document to an HTTPS address.

    Parameters
    ----------
    name : str
        How messages name this channel; the address stands in none.
    url : str
        The address, a secret.
    timeout : float
        Seconds for one try.
    retries : int
        Further tries after connection errors, timeouts, 429 and 5xx.
    allow_http, allow_private : bool
        Send unencrypted; send to addresses that are not public.
    sleep, clock : callable
        How to wait and how to tell the time, in seconds.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        timeout: float = 5.0,
        retries: int = 3,
        allow_http: bool = False,
        allow_private: bool = False,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._url = url
        self._timeout = timeout
        self._retries = retries
        self._allow_http = allow_http
        self._allow_private = allow_private
        self._sleep = sleep
        self._clock = clock

    def send(self, report: AlertReport) -> None:
        """Post the alerts.

        Parameters
        ----------
        report : AlertReport
            Sent whole, as :func:`driftcli.alerts.document.document` has it.

        Raises
        ------
        DeliveryError
            No try was answered with 2xx.
        """
        body = json.dumps(document(report), allow_nan=False).encode()
        problem = self._problem_of(body, f"driftcli/{report.driftcli_version}")
        if problem is not None:
            raise DeliveryError(problem, path=self.name)

    def _problem_of(self, body: bytes, agent: str) -> str | None:
        """Return why nothing was delivered, as a value, so that no traceback holds the address."""
        try:
            target = parse(self._url, allow_http=self._allow_http)
        except TransportError as error:
            return error.reason
        headers = {"Content-Type": "application/json", "User-Agent": agent}
        if target.authorization is not None:
            headers["Authorization"] = target.authorization
        return self._tried(target, body, headers)

    def _tried(self, target: Target, body: bytes, headers: dict[str, str]) -> str | None:
        end = self._clock() + max(TOTAL_LIMIT, self._timeout * (self._retries + 1))
        for tries in range(1, self._retries + 2):
            seconds = min(self._timeout, end - self._clock())
            problem = self._try(target, body, headers, seconds)
            if problem is None:
                return None
            told = problem.reason if tries == 1 else f"{problem.reason}, after {tries} tries"
            if not problem.transient or tries > self._retries:
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
            answer = post(target, body, headers, seconds, allow_private=self._allow_private)
        except TransportError as error:
            return _Problem(error.reason, error.transient)
        return _judged(answer)


def _judged(answer: Answer) -> _Problem | None:
    """Return what is wrong with an answer; its own words are not repeated."""
    if 200 <= answer.status < 300:
        return None
    reason = f"HTTP {answer.status}{_phrase(answer.status)}"
    if 300 <= answer.status < 400:
        return _Problem(f"{reason}; redirects are not followed", transient=False)
    transient = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= 500
    return _Problem(reason, transient, waiting_time(answer.retry_after, datetime.now(UTC)))


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


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
    except ValueError:
        return 0.0
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
