"""One HTTP POST to an address that cannot be turned against the own network.

The host is resolved once, every address it has is checked, and the connection goes to that very
address, so a name that changes between check and use (DNS rebinding) gains nothing. Redirects and
proxies are not followed. No reason given here holds any part of the URL.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from driftcli.alerts.target import Target, TransportError, is_public
from driftcli.errors import only_its_kind

HOSTNAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH; OpenSSL's own text names the host
GRACE = 0.5  # seconds that an interrupted try has to close its socket
TIMED_OUT = "no answer in time"
TOTAL_LIMIT = 60.0  # seconds, all tries and waits; more only where the tries alone may take it


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; its body is never read, for it could repeat the address."""

    status: int
    retry_after: str | None


def total_limit(timeout: float, retries: int) -> float:
    """Return the seconds that all tries and the waits between them may take."""
    return max(TOTAL_LIMIT, timeout * (retries + 1))


def status_in_words(status: int) -> str:
    """Return a status as ``HTTP 404 Not Found``; the receiver's own words are not repeated."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def post(
    target: Target, body: bytes, headers: Mapping[str, str], seconds: float, *, allow_private: bool
) -> Answer:
    """Send one POST and wait for the status line and headers of the answer.

    The try runs in a thread of its own, because name resolution knows no timeout and a receiver
    that sends a byte now and then never meets one.

    Parameters
    ----------
    target : Target
        Where to.
    body : bytes
    headers : mapping of str
    seconds : float
        All that the try may take, from name resolution to the answer.
    allow_private : bool
        Connect to addresses that are not public.

    Raises
    ------
    TransportError
        There was no answer.
    """
    attempt = _Attempt(target, body, headers, seconds, allow_private)
    thread = threading.Thread(target=attempt.run, name="driftcli-delivery", daemon=True)
    thread.start()
    thread.join(seconds)
    late = thread.is_alive()
    if late:
        attempt.abandon()
        thread.join(GRACE)
    if isinstance(attempt.outcome, Answer):  # a status that came counts, even with headers cut
        return attempt.outcome
    raise TransportError(TIMED_OUT, transient=True) if late else attempt.outcome


class _Attempt:
    """One try; ``outcome`` is what came of it, so that no exception crosses threads."""

    def __init__(
        self,
        target: Target,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
        allow_private: bool,
    ) -> None:
        self.target = target
        self.body = body
        self.headers = headers
        self.deadline = time.monotonic() + seconds
        self.allow_private = allow_private
        self.sock: socket.socket | None = None
        self.outcome: Answer | TransportError = TransportError("not tried")

    def run(self) -> None:
        try:
            self.outcome = self._post()
        except Exception as error:
            self.outcome = _explained(error)

    def abandon(self) -> None:
        """Wake the thread up, past the TLS layer, which is not made for two threads."""
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _post(self) -> Answer:
        with closing(self._connection()) as connection:
            connection.request("POST", self.target.path, self.body, dict(self.headers))
            with connection.getresponse() as response:
                return Answer(response.status, response.headers.get("Retry-After"))

    def _connection(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.target.host, self.target.port)
        connection.default_port = 443 if self.target.secure else 80  # else the Host header names it
        connection.auto_open = 0  # never connect by name
        connection.sock = self._secured() if self.target.secure else self._connected()
        return connection

    def _secured(self) -> socket.socket:
        context = ssl.create_default_context()
        plain = self._connected()
        with closing(plain):  # empty once wrapped
            sock = context.wrap_socket(
                plain, server_hostname=self.target.host, do_handshake_on_connect=False
            )
        self.sock = sock
        try:
            sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return sock

    def _connected(self) -> socket.socket:
        addresses = self._addresses()
        problem: OSError = ConnectionError("no address")
        for tried, (family, address) in enumerate(addresses):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(self._remaining() / (len(addresses) - tried))
                sock.connect(address)
                sock.settimeout(self._remaining())
            except OSError as error:
                sock.close()
                problem = error
            else:
                self.sock = sock
                return sock
        raise problem

    def _addresses(self) -> list[tuple[int, Any]]:
        """Return the addresses of the host; one that is not public spoils them all."""
        found = socket.getaddrinfo(self.target.host, self.target.port, type=socket.SOCK_STREAM)
        addresses: list[tuple[int, Any]] = [(family, address) for family, _, _, _, address in found]
        if not self.allow_private and not all(is_public(str(ip)) for _, (ip, *_) in addresses):
            raise TransportError(
                "the host has a private or reserved address. set allow_private to send there"
            )
        return addresses

    def _remaining(self) -> float:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


def _explained(error: Exception) -> TransportError:
    """Return the reason in words that hold no part of the address, as the error's own might."""
    match error:
        case TransportError():
            return error
        case ssl.SSLCertVerificationError():
            mismatch = error.verify_code == HOSTNAME_MISMATCH
            why = "made out to another host" if mismatch else error.verify_message
            return TransportError(f"the certificate is not valid ({why})")
        case socket.gaierror() | UnicodeError():
            return TransportError("the host cannot be resolved", transient=True)
        case TimeoutError():
            return TransportError(TIMED_OUT, transient=True)
        case ssl.SSLError():
            return TransportError("the TLS connection failed", transient=True)
        case http.client.RemoteDisconnected():
            return TransportError("the connection was closed without an answer", transient=True)
        case OSError():
            reason = (error.strerror or type(error).__name__).lower()
            return TransportError(reason, transient=True)
        case http.client.HTTPException():
            return TransportError("the answer is not HTTP", transient=True)
    return TransportError(only_its_kind(error))
