"""What a crowd, a long time and a slow reader do: runs at once, a soak, a pipe that stalls.

Run ``python benchmarks/load.py``; ``--runs``, ``--minutes`` and ``--stall`` say how much. Each part
prints a line of what was measured, and the code is 1 where a part broke its promise.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("cli", "alerts")]

DAY = "2026-01-02"
MEGABYTE = 1 << 20
FLAT = 1.02  # of memory: between the first tenth of a soak and its end


@contextmanager
def workplace() -> Iterator[Path]:
    """Be in a folder of its own, with a reference and a day's log."""
    from monitored import day_file, log, reference

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            reference()
            day_file(DAY, log(1, price=2.0))
            yield Path(name)
        finally:
            os.chdir(before)


def runs_at_once(count: int) -> bool:
    """Have so many runs, each of a monitor of its own, write one store at once."""
    from monitored import Warm, monitor

    with workplace() as folder:
        orders = []
        for number in range(count):
            outputs, name = {"directory": f"out/{number}"}, f"m{number}.yaml"
            store = {"path": "history.sqlite", "wait": "10min"}
            Path(monitor(monitor=f"m{number}", outputs=outputs, store=store)).rename(name)
            orders.append(("run", name, "--as-of", f"{DAY}T04:00Z", "--quiet"))
        warm = Warm(folder)
        began = time.perf_counter()
        codes = [outcome.code for outcome in warm.together(*orders)]
        seconds = time.perf_counter() - began
        warm.close()
        with sqlite3.connect("history.sqlite") as store_file:
            told = "SELECT count(*), count(DISTINCT monitor) FROM runs"
            kept = store_file.execute(told).fetchone()
            whole = store_file.execute("PRAGMA integrity_check").fetchone()[0]
        results = len(list(folder.glob("out/*/alerts.json")))
    kinds = {code: codes.count(code) for code in sorted(set(codes))}
    print(
        f"{count} runs at once on one store: {seconds:.0f} s, codes {kinds}, "
        f"{kept[0]} runs of {kept[1]} monitors kept, {results} alerts written, integrity {whole}"
    )
    return kinds == {1: count} and kept == (count, count) and results == count


def resident() -> int:
    """Return the bytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def soak(minutes: float) -> bool:
    """Check again and again in one process, as a service would, and watch its memory."""
    import driftcli

    sides = [
        str(ROOT / "examples" / "data" / f"{name}.parquet") for name in ("reference", "current")
    ]
    seen, began = [], time.monotonic()
    while time.monotonic() - began < 60 * minutes:
        report = driftcli.compare(*sides)
        report.to_html()
        seen.append(resident())
    tenth = max(len(seen) // 10, 1)
    first, last = max(seen[: 2 * tenth]), max(seen[-tenth:])
    print(
        f"{len(seen)} checks with their pages in {minutes:g} minutes of one process: "
        f"{first / MEGABYTE:.0f} MB at first, {last / MEGABYTE:.0f} MB at the end"
    )
    return last <= FLAT * first


def stalled(seconds: float) -> bool:
    """Have the reader of the output do nothing for a while; nothing may be lost.

    A pipe of one page, so that the writer has to wait.
    """
    data = ROOT / "examples" / "data"
    command = [
        sys.executable, "-m", "driftcli", "features", str(data / "reference.parquet"),
        str(data / "current.parquet"), "--format", "json", "--quiet",
    ]  # fmt: skip
    straight = subprocess.run(command, capture_output=True, check=False).stdout
    process = subprocess.Popen(command, stdout=subprocess.PIPE, pipesize=4096)
    time.sleep(seconds)
    waits = process.poll() is None
    late, _ = process.communicate()
    same = {**json.loads(late), "timestamp": 0} == {**json.loads(straight), "timestamp": 0}
    print(
        f"a reader that stalls {seconds:g} s: {len(late):,} bytes, "
        f"{'the same' if same else 'others'}, code {process.returncode}, "
        f"{'waited' if waits else 'ended before'}"
    )
    return same and waits and process.returncode == 1


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--stall", type=float, default=180, metavar="SECONDS")
    told = parser.parse_args()
    parts: list[Callable[[], bool]] = []
    if told.runs:
        parts.append(lambda: runs_at_once(told.runs))
    if told.minutes:
        parts.append(lambda: soak(told.minutes))
    if told.stall:
        parts.append(lambda: stalled(told.stall))
    done = [part() for part in parts]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
