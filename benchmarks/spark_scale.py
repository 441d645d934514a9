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
from pathlib import Path
from typing import Any

CODE = "import sys; from driftcli.cli import run; sys.exit(run(sys.argv[1:]))"
MB = 2**20


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
        print("| what | s | driver MB | JVM MB | Python workers MB |")
        print("| --- | --- | --- | --- | --- |")
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
                print(f"| {what}, {engine} | {seconds:.1f} | {' | '.join(sizes)} |", flush=True)
            log = max(logs.iterdir(), key=lambda path: path.stat().st_mtime)
            tell(what, list(stages(log)))
            for path in logs.iterdir():
                path.unlink()


def tell(what: str, found: list[dict[str, Any]]) -> None:
    """Print the stages of a run."""
    print(
        f"\n| stage of the {what} | tasks | rows | MB read | task s | longest | KB shuffled a task |"
    )
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
