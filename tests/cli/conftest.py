"""Runs the tool: in this process for speed, and as a child where streams and signals matter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "alerts"))  # for the receiver of alerts

from alert_receiver import Receiver, served  # noqa: E402
from cli_helpers import Outcome, Run, normal, save  # noqa: E402


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory and a plain screen of 120 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "FORCE_COLOR", "DRIFTCLI_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""
    from driftcli import cli

    def _run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return _run


@pytest.fixture
def driftcli() -> Callable[..., Outcome]:
    """Run the tool as a child process."""

    def _driftcli(
        *arguments: object,
        stdin: bytes = b"",
        environment: dict[str, str] | None = None,
        timeout: float = 20,
    ) -> Outcome:
        command = [sys.executable, "-m", "driftcli", *map(str, arguments)]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            timeout=timeout,
            env={**os.environ, **(environment or {})},
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return _driftcli


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from served()


@pytest.fixture
def data() -> None:
    """A reference, data that did not drift, data that did, and too few rows to say."""
    save("ref.parquet", a=normal(1), b=normal(2), score=normal(3))
    save("same.parquet", a=normal(11), b=normal(12), score=normal(13))
    save("moved.parquet", a=normal(21, mean=2), b=normal(22), score=normal(23, mean=2))
    save("few.parquet", a=normal(31, 5), b=normal(32, 5), score=normal(33, 5))
