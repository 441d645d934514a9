"""Fuzzes one target guided by the coverage of driftcli's own code: a script for atheris.

``python fuzz_guided.py TARGET EXECUTIONS SEED SECONDS``, as ``benchmarks/fuzz.py`` calls it. The
last line of stdout is JSON: how many executions, and what was found with which input (hexadecimal).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["driftcli", "yaml"]):
    import fuzz_worker

    import driftcli.cli

from fuzz_mutate import drawn, mutated
from fuzz_runs import VARIABLE, wrong
from fuzz_targets import BESIDE, CORPUS, FILE, TARGETS

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from cli_helpers import Outcome

LARGEST = 1 << 16


class Guided:
    """Runs of one target in this process, and what they found."""

    def __init__(self, name: str) -> None:
        self.target = TARGETS[name]
        self.executions = 0
        self.findings: dict[str, bytes] = {}
        self._start = time.monotonic()
        self._files = list(self.target.corpus.values())

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return time.monotonic() - self._start

    def once(self, data: bytes) -> None:
        """Run the program on one input."""
        self.executions += 1
        name = self.target.put(data, Path(), self.executions)
        words = self.target.command(data)
        out, err = io.StringIO(), io.StringIO()
        start = time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = driftcli.cli.run([name if word == FILE else word for word in words])
        Path(name).unlink(missing_ok=True)
        outcome = Outcome(code, out.getvalue(), err.getvalue())
        seconds = time.process_time() - start
        if finding := wrong(outcome, words, code, seconds, 0):
            self.findings.setdefault(VARIABLE.sub("…", finding)[:160], data)

    def changed(self, data: bytes, most: int, seed: int) -> bytes:
        """Mutate as the other engine does, half of the time; else as libFuzzer does."""
        if seed % 2:
            return atheris.Mutate(data, most)
        return mutated(data, drawn(random.Random(seed)), self._files, self.target.regions)[:most]

    def told(self) -> str:
        """Return what came of it."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = {kind: data.hex() for kind, data in self.findings.items()}
        return json.dumps(
            {
                "executions": self.executions,
                "seconds": self.seconds,
                "peak_kb": peak,
                "findings": found,
            }
        )


def main(name: str, executions: str, seed: str, seconds: str) -> None:
    """Fuzz; libFuzzer would end the process without a word, so it is ended here."""
    stdout = os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shutil.copytree(CORPUS / name, "corpus")
        for beside, source in BESIDE.items():
            shutil.copy(CORPUS / source, beside)
        fuzz_worker.build_once()
        guided = Guided(name)

        def once(data: bytes) -> None:
            guided.once(data)
            if guided.executions >= int(executions) or guided.seconds > float(seconds):
                stdout.write(guided.told() + "\n")
                stdout.flush()
                shutil.rmtree(folder)
                os._exit(0)

        options = (
            f"-seed={int(seed) + 1}", f"-max_len={LARGEST}",
            f"-timeout={fuzz_worker.LIMIT:.0f}", "-rss_limit_mb=4096", "-verbosity=0",
        )  # fmt: skip
        atheris.Setup([sys.argv[0], *options, "corpus"], once, custom_mutator=guided.changed)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
