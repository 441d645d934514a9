"""Fuzz the program for as long as there is time: ``python benchmarks/fuzz.py --executions 100000``.

Two engines. ``mutate`` draws seeded, structure-aware mutations of the corpus in ``tests/fuzz`` and
runs whole command lines on them, in child processes. ``atheris``, which has to be installed, is
guided by the coverage of driftcli's own Python code, in one process: the end of that is an error.
Each finding is written, minimised, to the folder of ``--findings``; once mended it belongs into the
corpus. The exit code is 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

from fuzz_runs import Fuzzer, Result, minimised
from fuzz_targets import TARGETS, Target

GUIDE = Path(__file__).parents[1] / "tests" / "fuzz" / "fuzz_guided.py"


@dataclass
class Tally:
    """What became of one target."""

    target: str
    executions: int = 0
    seconds: float = 0.0
    peak_kb: int = 0
    findings: dict[str, Result] = field(default_factory=dict)

    def line(self) -> str:
        """Return its row of the table."""
        rate = self.executions / self.seconds if self.seconds else 0.0
        return (
            f"{self.target:10} {self.executions:10,} {len(self.findings):8} {rate:12.1f} "
            f"{self.peak_kb / 1024:8.0f}"
        )


def mutate(target: Target, executions: int, seed: int, until: float) -> Tally:
    """Run mutations of one target; the same seed gives the same."""
    tally = Tally(target.name)
    chance = random.Random(f"{target.name} {seed}")  # noqa: S311 (the same again, no secret)
    with tempfile.TemporaryDirectory() as folder, Fuzzer(Path(folder) / "runs") as fuzzer:
        start = time.perf_counter()
        while tally.executions < executions and time.monotonic() < until:
            result = fuzzer(target, target.drawn(chance))
            tally.executions += 1
            tally.peak_kb = max(tally.peak_kb, result.peak_kb)
            if result.finding and result.kind not in tally.findings:
                tally.findings[result.kind] = minimised(fuzzer, target, result)
        tally.seconds = time.perf_counter() - start
    return tally


def guided(target: Target, executions: int, seed: int, until: float) -> Tally:
    """Run atheris on one target, in a process of its own."""
    seconds = max(1, int(min(until - time.monotonic(), 10**6)))
    command = [sys.executable, str(GUIDE), target.name, str(executions), str(seed), str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SystemExit(f"{target.name}: atheris ended with {done.returncode}; try mutate")
    told = json.loads(done.stdout.splitlines()[-1])
    tally = Tally(target.name, told["executions"], told["seconds"], told["peak_kb"])
    if not told["findings"]:
        return tally
    with tempfile.TemporaryDirectory() as folder, Fuzzer(Path(folder) / "runs") as fuzzer:
        for kind, digits in told["findings"].items():
            result = fuzzer(target, bytes.fromhex(digits))
            tally.findings[kind] = (
                minimised(fuzzer, target, result)
                if result.finding
                else replace(result, finding=f"not repeated: {kind}")
            )
    return tally


def write(tally: Tally, folder: Path) -> Iterator[str]:
    """Write the findings of a target; yield a line for each."""
    target = TARGETS[tally.target]
    for at, result in enumerate(tally.findings.values()):
        path = folder / target.name / f"found-{at}{target.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(result.data)
        yield f"{path}: driftcli {' '.join(result.command)}: {result.finding}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="default: all")
    parser.add_argument("--engine", choices=("mutate", "atheris"), default="mutate")
    parser.add_argument("--executions", type=int, default=100_000, help="of each target")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most, of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    return parser.parse_args()


def main() -> int:
    """Run, and print the table."""
    given = _arguments()
    engine = guided if given.engine == "atheris" else mutate
    names = given.target or sorted(TARGETS)

    def fuzz(name: str) -> Tally:
        until = time.monotonic() + given.seconds
        return engine(TARGETS[name], given.executions, given.seed, until)

    print("target     executions findings executions/s  peak MB")
    found = False
    with ThreadPoolExecutor(given.jobs) as crew:
        for tally in crew.map(fuzz, names):
            print(tally.line(), flush=True)
            for line in write(tally, given.findings):
                found = True
                print(f"  {line}", flush=True)
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
