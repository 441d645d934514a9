"""The whole tool, told to send where every kind of failure waits: no address is ever shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alert_receiver import Receiver

SECRET = "s3cr3t"  # noqa: S105  stands for one

# what may not be found anywhere: keys, hosts, people, and the coded form of me:s3cr3t
HIDDEN = (SECRET, "bWU6", "hidden.example", "127.0.0.1")


@pytest.fixture
def tool(tmp_path: Path) -> dict[str, str]:
    """Data that drifted, a config with every kind of channel, and the environment."""
    rows = range(200)
    (tmp_path / "ref.csv").write_text("a\n" + "\n".join(str(row / 7) for row in rows))
    (tmp_path / "cur.csv").write_text("a\n" + "\n".join(str(row + 99) for row in rows))
    (tmp_path / "address").write_text(f"https://me:{SECRET}@hidden.example\\@x/{SECRET} {SECRET}")
    (tmp_path / "c.yaml").write_text(
        """
version: 1
alerts:
  send:
    - {url_env: ANSWERS, retries: 0, allow_http: true, allow_private: true, secret_env: KEY}
    - {url_env: ANSWERS, retries: 0, allow_http: true, allow_private: true, format: cloudevents}
    - {url_env: PLAIN, retries: 0}
    - {url_env: PRIVATE, retries: 0}
    - {url_env: APPRISE, retries: 0}
    - {url_env: MAIL, retries: 0, timeout: 1}
    - {url_env: WRONG, retries: 0}
    - {url_env: APPRISE, format: slack}
    - {url_file: address, retries: 0}
"""
    )
    return {**os.environ, "KEY": f"{SECRET} key", "PYTHONWARNINGS": "default"}


def driftcli(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run the tool; return all that it showed."""
    command = [sys.executable, "-m", "driftcli", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("flags", [("--debug", "--format", "json"), ("--debug",), ("-q",)])
def test_no_address_is_shown(
    tmp_path: Path, tool: dict[str, str], receiver: Receiver, flags: tuple[str, ...]
) -> None:
    receiver.answers = [(403, {}), (302, {"Location": receiver.url()})]
    tool |= {
        "ANSWERS": receiver.url(),
        "PLAIN": f"http://hidden.example/{SECRET}",
        "PRIVATE": f"https://me:{SECRET}@127.0.0.1/{SECRET}",
        "APPRISE": f"json://me:{SECRET}@127.0.0.1:1/{SECRET}",
        "MAIL": f"mailto://me:{SECRET}@hidden.example/?smtp=127.0.0.1:1&to=b@hidden.example",
        "WRONG": f"nosuch://{SECRET}.hidden.example",
    }
    driftcli(tmp_path, tool, "features", "ref.csv", "cur.csv", "-q", "-o", "r.json")
    shown = driftcli(tmp_path, tool, "alert", "r.json", "-c", "c.yaml", "-o", "a.json", *flags)
    for reason in (
        "webhook (ANSWERS): HTTP 403 Forbidden",
        "webhook (ANSWERS): HTTP 302 Found; redirects are not followed",
        "webhook (PLAIN): the address is not https",
        "webhook (PRIVATE): the host has a private or reserved address",
        "apprise (APPRISE): the connection failed",
        "apprise (MAIL): the connection failed",
        "apprise (WRONG): the address is of no service that Apprise knows",
        "apprise (APPRISE): format and secret_env are of webhooks only",
        "webhook (address): the address is not a URL of the form https://host/path",
    ):
        assert reason in " ".join(shown.split())
    written = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert len(receiver.requests) == 2
    for hidden in HIDDEN:
        assert hidden not in shown
        assert hidden not in written
