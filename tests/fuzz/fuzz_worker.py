"""Runs the program on one mutated file after the other: a script.

A line of JSON on stdin asks for a run, one on stdout tells what came of it. A child, forked from
this loaded program, serves many runs in its own process; one that crashes or hangs takes only
itself away, and the next run has a new child.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

LOADED = (
    "driftcli.baselines", "driftcli.commands.output", "driftcli.commands.profile",
    "driftcli.commands.progress", "driftcli.commands.settings", "driftcli.config_file",
    "driftcli.engines.local", "driftcli.pipeline.alerts", "driftcli.pipeline.baseline",
    "driftcli.pipeline.columns", "driftcli.pipeline.commanding", "driftcli.pipeline.exporting",
    "driftcli.pipeline.monitor", "driftcli.pipeline.outline", "driftcli.pipeline.performance",
    "driftcli.renderers.baseline", "driftcli.renderers.csv_", "driftcli.renderers.explain",
    "driftcli.renderers.history", "driftcli.renderers.html", "driftcli.renderers.json",
    "driftcli.renderers.junit", "driftcli.renderers.markdown", "driftcli.renderers.monitor",
    "driftcli.renderers.overview", "driftcli.renderers.prometheus", "driftcli.sources.csv_",
    "driftcli.sources.filter_sql", "driftcli.sources.filters", "driftcli.sources.jsonl",
    "driftcli.sources.parquet", "driftcli.store.sqlite", "filelock", "jinja2",
    "pyarrow.compute", "pydantic.dataclasses", "pydantic.type_adapter", "rich.console",
    "rich.table", "typer._adapters", "yaml",
)  # fmt: skip
RUNS = 1000  # of one child: what libraries remember from file to file must not add up
LIMIT = 60.0  # seconds by the clock, which goes on while others use the processor
ADDRESSES = 4 << 30
PEAK = b"VmHWM:"


def build_once() -> None:
    """Build the command line's parser once, not in each run, of which it would be half."""
    import typer

    from driftcli import cli

    command = typer.main.get_command(cli.app)
    cli.app = command  # type: ignore[assignment]  # it is called like the app


def peak_kb() -> int:
    """Return the most memory of this process since it was last asked to forget it."""
    for line in Path("/proc/self/status").read_bytes().splitlines():
        if line.startswith(PEAK):
            return int(line.split()[1])
    return 0


def once(order: dict[str, Any]) -> dict[str, Any]:
    """Run the program in this process; tell its exit code, time and memory."""
    from driftcli.cli import run

    os.chdir(order["folder"])
    for stream in (1, 2):
        os.ftruncate(stream, 0)
    Path("/proc/self/clear_refs").write_bytes(b"5")
    start = time.process_time()
    try:
        code: Any = run(order["arguments"])
    except BaseException as error:  # none may leave; the parent judges
        code = f"{type(error).__name__}: {error}"
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return {"code": code, "seconds": time.process_time() - start, "peak_kb": peak_kb()}


def child(order: int, answer: int, out: str, err: str) -> NoReturn:
    """Serve runs from one pipe to the other, with the streams in files."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for stream, name in ((1, out), (2, err)):
        os.dup2(os.open(name, flags, 0o600), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for text in (sys.stdout, sys.stderr):
        text.reconfigure(errors="replace")
    with os.fdopen(order) as orders, os.fdopen(answer, "w") as answers:
        for line in orders:
            answers.write(json.dumps(once(json.loads(line))) + "\n")
            answers.flush()
    os._exit(0)


class Child:
    """A forked process that serves runs until it dies or has served enough."""

    def __init__(self, out: str, err: str) -> None:
        theirs, self._orders = os.pipe()
        self._answers, ours = os.pipe()
        self.served = 0
        self.number = os.fork()
        if not self.number:
            os.close(self._orders)
            os.close(self._answers)
            try:
                child(theirs, ours, out, err)
            finally:
                os._exit(99)
        os.close(theirs)
        os.close(ours)

    @property
    def spent(self) -> bool:
        """Whether the next run needs another child."""
        return self.served >= RUNS

    def ask(self, line: str) -> dict[str, Any]:
        """Return what came of a run; where the child died or hangs, that."""
        self.served += 1
        os.write(self._orders, line.encode())
        ready, _, _ = select.select([self._answers], [], [], LIMIT)
        if not ready:
            self.served = RUNS
            os.kill(self.number, signal.SIGKILL)
            return {"code": "hangs", "seconds": LIMIT, "peak_kb": 0}
        said = b""
        while not said.endswith(b"\n") and (more := os.read(self._answers, 65536)):
            said += more
        if said:
            value: dict[str, Any] = json.loads(said)
            return value
        self.served = RUNS
        # not yet waited for, so that its status can be asked again by end()
        told = os.waitid(os.P_PID, self.number, os.WEXITED | os.WNOWAIT)
        word = "signal" if told and told.si_code != os.CLD_EXITED else "exit"
        return {"code": f"died of {word} {told and told.si_status}", "seconds": 0.0, "peak_kb": 0}

    def end(self) -> None:
        """Close the pipes and wait for the end."""
        os.close(self._orders)
        os.close(self._answers)
        os.waitpid(self.number, 0)


def serve(out: str, err: str) -> None:
    """Answer until stdin ends."""
    current = Child(out, err)
    for line in sys.stdin:
        if current.spent:
            current.end()
            current = Child(out, err)
        sys.stdout.write(json.dumps(current.ask(line)) + "\n")
        sys.stdout.flush()
    current.end()


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    from driftcli._startup import keep_pandas_out, prepare_libraries

    prepare_libraries()
    importlib.import_module("driftcli.cli")
    for loaded in LOADED:
        importlib.import_module(loaded)
    keep_pandas_out()
    build_once()
    gc.freeze()  # no child looks again through what was loaded, nor copies its pages for that
    serve(*sys.argv[1:])
