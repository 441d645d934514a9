"""A command of the user's that is told of alerts, such as one that starts a retraining."""

from __future__ import annotations

import os
import shlex
import subprocess  # the user's own command, without a shell
import sys
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.model import AlertReport
from driftcli.pipeline.delivering import Receiver

NAME = "on-alert"


def command_of(text: str) -> tuple[str, ...]:
    """Return a command line as its words.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"--on-alert: {error}") from None
    if not words:
        raise UsageError("--on-alert: no command")
    return words


def runs(words: tuple[str, ...], alerts: Path) -> Receiver:
    """Return who is told by running a command, with the path of the alerts as its last argument.

    ``DRIFTCLI_SHOULD_RETRAIN`` is 1 in its environment where retraining is advised. What it prints
    goes to stderr. A code other than 0 is a failure, and it is run again by the next run.

    Parameters
    ----------
    words : tuple of str
    alerts : Path
    """

    def send(notice: AlertReport) -> str | None:
        retrain = "1" if notice.should_retrain else "0"
        try:
            done = subprocess.run(  # noqa: S603  the user's own words, no shell
                [*words, str(alerts)],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                env={**os.environ, "DRIFTCLI_SHOULD_RETRAIN": retrain},
                check=False,
            )
        except OSError as error:
            return f"{NAME}: {words[0]}: {os.strerror(error.errno or 0).lower()}"
        return f"{NAME}: {words[0]} ended with {done.returncode}" if done.returncode else None

    return Receiver(NAME, send, required=True)
