"""A receiver of alerts, with and without TLS, and an alert to send."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alert_receiver import Receiver, served

from driftcli.model import Alert, AlertReport, Severity


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from served()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for ``hooks.example`` and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-nodes", "-days", "2"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]
    command += ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls_receiver(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    yield from served(context)


@pytest.fixture
def alerts() -> AlertReport:
    alert = Alert(
        timestamp="2026-03-01T06:00:00Z",
        type="feature_drift",
        severity=Severity.MEDIUM,
        message="2 of 9 features drifted: °C (D\\n > 0.1), <!channel> & co",
        action="check",
        details={"name": "a\nb"},
    )
    return AlertReport("2026-03-01T06:00:00Z", "1.2.3", (alert,), should_retrain=True)
