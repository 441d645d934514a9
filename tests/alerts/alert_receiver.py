"""A real receiver of alerts on this machine."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = dict(self.headers.items())
        receiver.requests.append(Request(self.path, headers, json.loads(body), body))
        status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
        if status == STALL:
            receiver.released.wait(10)
        elif status in DRIPS:
            self._drip(DRIPS[status])
        elif status == NOT_HTTP:
            self.wfile.write(b"220 mail.example ESMTP s3cr3t\r\n")
            self.close_connection = True
        elif status == HANG_UP:
            self.close_connection = True
        else:
            self._answer(status, headers)

    def _answer(self, status: int, headers: Mapping[str, str]) -> None:
        body = self.server.receiver.says or f"you called {self.path}".encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, beginning: bytes) -> None:
        """Send a byte now and then, so that no read ever times out."""
        self.wfile.write(beginning)
        while not self.server.receiver.released.wait(0.02):
            self.wfile.write(b" ")

    def log_message(self, *_: object) -> None:
        pass


STALL, DRIP, DRIP_AFTER_200, NOT_HTTP, HANG_UP = -1, -2, -3, -4, -5
DRIPS = {DRIP: b"HTTP/1.1 ", DRIP_AFTER_200: b"HTTP/1.1 200 OK\r\nX-Slow: "}


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    document: dict[str, Any]
    body: bytes


@dataclass
class Receiver:
    """Answers with ``answers`` in their order, then with 200; remembers what it was sent."""

    port: int
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    says: bytes = b""
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/hook/s3cr3t?token=s3cr3t") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    receiver: Receiver

    def handle_error(self, *_: object) -> None:
        """Keep quiet of clients that hang up: most of these tests are about that."""


def served(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    server = _Server(("127.0.0.1", 0), _Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.receiver
    server.receiver.released.set()
    server.shutdown()
    thread.join()
    server.server_close()
