"""Measure Spark beside the local engine: ``python benchmarks/spark_scale.py DATA --python PYTHON``.

DATA is a folder with ``reference.parquet`` and ``current.parquet``, as ``run.py`` writes it; PYTHON
is that of an environment with driftcli and Spark. Prints a table of whole runs, and what Spark's
event log says of each stage: rows, tasks, processor time, and bytes that were shuffled.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.summaries.categorical import CategoricalFold
from driftcli.summaries.counting import GridFold
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.wire import packed, unpacked

CODE = "import sys; from driftcli.cli import run; sys.exit(run(sys.argv[1:]))"
MB = 2**20
REPEATS = 200
COLUMNS = 12  # of the data


def peaks(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """Return the most bytes that a process and each kind of its children held, until it ends."""
    most: dict[str, int] = defaultdict(int)
    while process.poll() is None:
        now: dict[str, int] = defaultdict(int)
        for pid in [process.pid, *descendants(process.pid)]:
            try:
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            if found := re.search(r"VmRSS:\s+(\d+) kB", status):
                kind = "driver" if pid == process.pid else "java" if name == "java" else "workers"
                now[kind] += int(found[1]) * 1024
        for kind, size in now.items():
            most[kind] = max(most[kind], size)
        time.sleep(0.05)
    return most


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and those that they did."""
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from descendants(int(child))
    except OSError:
        return


def run(python: Path, words: list[str], **more: str) -> tuple[float, dict[str, int]]:
    """Run a command line as a whole process; return its seconds and peaks of memory."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [python, "-c", CODE, *words],
        env={**os.environ, "PYSPARK_PYTHON": str(python), **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    most = peaks(process)
    seconds = time.perf_counter() - began
    if process.returncode not in (0, 1):
        raise SystemExit(process.stderr.read().decode()[-2000:] if process.stderr else "failed")
    return seconds, most


def stages(log: Path) -> Iterator[dict[str, Any]]:
    """Yield the sums of the tasks of each stage that Spark's event log tells of."""
    found: dict[int, dict[str, Any]] = {}
    for line in log.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] != "SparkListenerTaskEnd" or "Task Metrics" not in event:
            continue
        stage, metrics = event["Stage ID"], event["Task Metrics"]
        tasks = found.setdefault(stage, defaultdict(int))
        tasks["tasks"] += 1
        tasks["seconds"] += metrics["Executor Run Time"] / 1e3
        tasks["rows"] += metrics["Input Metrics"]["Records Read"]
        tasks["read"] += metrics["Input Metrics"]["Bytes Read"]
        tasks["written"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        tasks["longest"] = max(tasks["longest"], metrics["Executor Run Time"] / 1e3)
    yield from (found[stage] for stage in sorted(found))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--partition-mb", type=int, default=32, help="of a file in one task")
    given = parser.parse_args()
    reference, current = (str(given.data / f"{side}.parquet") for side in ("reference", "current"))
    weighed = states()
    with tempfile.TemporaryDirectory() as folder:
        baseline, logs = f"{folder}/reference.baseline", Path(folder, "logs")
        run(given.python, ["baseline", "create", reference, "-o", baseline, "-q"])
        settings = {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.dir": f"file://{logs}",
            "spark.sql.files.maxPartitionBytes": f"{given.partition_mb}m",
            "spark.ui.enabled": "false",
        }
        conf = " ".join(f"--conf {name}={value}" for name, value in settings.items())
        spark = {"PYSPARK_SUBMIT_ARGS": f"--master local[2] {conf} pyspark-shell"}
        lines, counting = [], 0.0
        for what, sides in (("raw pair", reference), ("baseline", baseline)):
            words = ["features", sides, current, "--format", "json", "--quiet"]
            for engine in ("local", "spark"):
                logs.mkdir(exist_ok=True)
                turns = [
                    run(given.python, [*words, "--engine", engine], **spark)
                    for _ in range(given.repeat)
                ]
                seconds, most = sorted(turns, key=lambda turn: turn[0])[given.repeat // 2]
                sizes = [f"{most[kind] / MB:.0f}" for kind in ("driver", "java", "workers")]
                lines.append(f"| {what}, {engine} | {seconds:.1f} | {' | '.join(sizes)} |")
            log = max(logs.iterdir(), key=lambda path: path.stat().st_mtime)
            found = list(stages(log))
            tell(what, found)
            longest = max(found, key=lambda stage: stage["seconds"])
            counting = longest["seconds"] / longest["rows"] / COLUMNS
            for path in logs.iterdir():
                path.unlink()
    print("| what | s | driver MB | JVM MB | Python workers MB |")
    print("| --- | --- | --- | --- | --- |")
    print("\n".join(lines))
    plan(counting, weighed)


@dataclass(frozen=True)
class Weight:
    """What the state of a column and partition weighs, and what adding it up costs."""

    sent: float
    held: float
    seconds: float


def states() -> list[Weight]:
    """Print and return the weights of a column of numbers and of one of text."""
    weighed = []
    rng = np.random.default_rng(1)
    values = rng.normal(size=1_000_000)
    grid = Grid.of(Multiset(np.sort(values)), 2).settled()
    labels = CategoricalFold()
    labels.add({f"category {at}": 25_000 for at in range(40)}, 0)
    folds = {"numbers, on 4,096 edges": GridFold(grid), "text of 40 categories": labels}
    print("| state of a column and partition | KB | KB after lz4 | ms to pack | ms to add |")
    print("| --- | --- | --- | --- | --- |")
    for name, fold in folds.items():
        if isinstance(fold, GridFold):
            fold.add(values, 0)
        began = time.perf_counter()
        for _ in range(REPEATS):
            data = packed(fold.state())
        between = time.perf_counter()
        total = GridFold(grid) if isinstance(fold, GridFold) else CategoricalFold()
        for _ in range(REPEATS):
            total.absorb(unpacked(data))
        done = time.perf_counter()
        small = len(pa.compress(data, "lz4", asbytes=True)) / 1024
        times = [1e3 * seconds / REPEATS for seconds in (between - began, done - between)]
        print(
            f"| {name} | {len(data) / 1024:.1f} | {small:.1f} | {times[0]:.2f} | {times[1]:.2f} |"
        )
        # of both sides the edges and the ranks, and a state that is being added
        both = 6 * grid.edges.nbytes if isinstance(fold, GridFold) else 3 * len(data)
        held = both + len(data)
        weighed.append(Weight(small * 1024, held, sum(times) / 1e3))
    print(flush=True)
    return weighed


def plan(counting: float, weighed: list[Weight]) -> None:
    """Print what a hundred billion rows by 500 columns would take, by what was measured.

    Parameters
    ----------
    counting : float
        Seconds of a task for a value.
    weighed : list of Weight
        Of a column of numbers, of which there are four in five, and of one of text.
    """
    share = (0.8, 0.2)
    columns, partitions = 500, 100_000
    sent = sum(part * weight.sent for part, weight in zip(share, weighed, strict=True)) * columns
    held = sum(part * weight.held for part, weight in zip(share, weighed, strict=True)) * columns
    adding = sum(part * w.seconds for part, w in zip(share, weighed, strict=True)) * columns
    values = partitions * 1_000_000 * columns
    print("\n| 100 billion rows x 500 columns, in 100,000 partitions | |")
    print("| --- | --- |")
    hours = values * counting / 3600
    print(f"| counting | {1e9 * counting:.0f} ns a value, {hours:,.0f} core-hours |")
    print(f"| sent by a partition | {sent / 1024:,.0f} KB |")
    print(f"| sent in the first round | {sent * partitions / 1e9:,.0f} GB |")
    print(f"| sent in the second round | {32 * sent / 1e9:,.2f} GB |")
    print(f"| packing and adding up | {adding * partitions / 3600:,.1f} core-hours |")
    print(f"| driver, beyond the interpreter | {held / MB:,.0f} MB |")


def tell(what: str, found: list[dict[str, Any]]) -> None:
    """Print the stages of a run."""
    print(f"\n| {what}, stage | tasks | rows | MB read | task s | longest s | KB sent a task |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for at, stage in enumerate(found):
        kb = stage["written"] / 1024 / stage["tasks"]
        print(
            f"| {at} | {stage['tasks']} | {stage['rows']:,} | {stage['read'] / MB:.0f} "
            f"| {stage['seconds']:.1f} | {stage['longest']:.1f} | {kb:.0f} |"
        )
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
