"""Runs of the program on mutated files, and what counts as a finding."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from fuzz_targets import BESIDE, CORPUS, FILE, JSON, Target

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from cli_helpers import Outcome, strict

LIMIT_SECONDS = 10.0  # of the processor
MINIMISING = 60.0  # seconds; a finding may be that a run is slow
LIMIT_KB = 1 << 19  # five times what a run on such a file takes
NOTE = re.compile(r"^driftcli: note: .*\n", re.MULTILINE)
VARIABLE = re.compile(r"'(?:[^'\\]|\\.)*'|\d+")


@dataclass(frozen=True)
class Result:
    """What came of one run.

    Parameters
    ----------
    data : bytes
        As it was mutated, before it was packed.
    seconds : float
        Of the processor.
    finding : str
        What is wrong; empty where nothing is.
    """

    data: bytes
    command: tuple[str, ...]
    outcome: Outcome
    seconds: float
    peak_kb: int
    finding: str

    @property
    def kind(self) -> str:
        """The finding without names and numbers, by which those of one cause are alike."""
        return VARIABLE.sub("…", self.finding)[:160]


class Fuzzer:
    """A loaded program and a folder of its own; to be closed.

    Parameters
    ----------
    folder : Path
        Made; what other files a command names are put there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "work"
        self._folder.mkdir(parents=True)
        for name, source in BESIDE.items():
            shutil.copy(CORPUS / source, self._folder / name)
        self._out, self._err = folder / "out", folder / "err"
        self._number = 0
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("fuzz_worker.py"), self._out, self._err],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(
        self, target: Target, data: bytes, command: tuple[str, ...] | None = None
    ) -> Result:
        """Run the program on a file."""
        self._number += 1
        name = target.put(data, self._folder, self._number)
        words = command or target.command(data)
        told = self._ask([name if word == FILE else word for word in words])
        (self._folder / name).unlink(missing_ok=True)
        code = told["code"]
        streams = [path.read_bytes().decode("utf-8", "backslashreplace") for path in self._streams]
        outcome = Outcome(code if isinstance(code, int) else -1, *streams)
        finding = code if isinstance(code, str) else wrong(outcome, words, **told)
        return Result(data, words, outcome, told["seconds"], told["peak_kb"], finding)

    @property
    def _streams(self) -> tuple[Path, Path]:
        return self._out, self._err

    def _ask(self, words: list[str]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"folder": str(self._folder), "arguments": words}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


def wrong(
    outcome: Outcome, command: tuple[str, ...], code: int, seconds: float, peak_kb: int
) -> str:
    """Return what breaks a promise; empty where nothing does."""
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if seconds > LIMIT_SECONDS:
        return f"takes {seconds:.0f} s"
    if peak_kb > LIMIT_KB:
        return f"takes {peak_kb >> 10} MB"
    heard = replace(outcome, err=NOTE.sub("", outcome.err))
    try:
        errors = [*heard.errors, *heard.warnings]
    except AssertionError:
        return f"stray lines: {outcome.err[-300:]}"
    bugs = [line for line in errors if "this is a bug" in line]
    if bugs:
        return bugs[0]
    return _contradiction(heard, command)


def _contradiction(outcome: Outcome, command: tuple[str, ...]) -> str:
    """Return where exit code, stdout and stderr do not agree."""
    if outcome.errors and outcome.code != 2:
        return f"exit code {outcome.code} with an error: {outcome.errors[0]}"
    if outcome.code == 2 and not outcome.errors and not outcome.out:
        return "exit code 2 without a reason"
    if outcome.out and command[-2:] == JSON:
        try:
            strict(outcome.out)
        except (ValueError, AssertionError) as error:
            return f"stdout is not JSON: {error}"
    return ""


def minimised(fuzzer: Fuzzer, target: Target, found: Result, most: int = 400) -> Result:
    """Return the shortest file of the same finding that taking away pieces leads to."""
    best, size, runs = found, max(1, len(found.data) // 2), 0
    until = time.monotonic() + MINIMISING
    while size and runs < most and time.monotonic() < until:
        at, shorter = 0, False
        while at < len(best.data) and runs < most and time.monotonic() < until:
            runs += 1
            tried = fuzzer(target, best.data[:at] + best.data[at + size :], best.command)
            if tried.kind == found.kind:
                best, shorter = tried, True
            else:
                at += size
        size = size if shorter and size > 1 else size // 2
    return best
