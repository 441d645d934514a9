"""Starts driftcli many times without its second of imports: a script, each run of it a process.

A line of JSON on stdin asks for runs that begin at once; a line of JSON on stdout tells their exit
codes, negative where a signal ended them. The program is loaded once, and each run is a fork that
goes through its ``main``. A run may be told to kill itself where it calls a function.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

LOADED = (
    "driftcli.alerts.webhook", "driftcli.commands.output", "driftcli.commands.progress",
    "driftcli.config_file", "driftcli.engines.local", "driftcli.pipeline.commanding",
    "driftcli.pipeline.monitor", "driftcli.renderers.html", "driftcli.renderers.monitor",
    "driftcli.sources.parquet", "driftcli.store.sqlite", "pydantic.dataclasses",
    "pydantic.json_schema", "pydantic.type_adapter", "filelock", "jinja2", "rich.console",
)  # fmt: skip


def spoil(place: str, number: int, how: str) -> None:
    """Have this process end, or fail, at the so many-th call of a function.

    Parameters
    ----------
    place : str
        ``module:name`` or ``module:Class.name``.
    number : int
    how : {"before", "after", "raise"}
        By SIGKILL before it or once it has returned, or by an error that tells its arguments.
    """
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    setattr(owner, name, _spoiled(getattr(owner, name), number, how))


def _spoiled(function: Callable[..., Any], number: int, how: str) -> Callable[..., Any]:
    calls = 0

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and how == "raise":
            raise RuntimeError(f"{arguments}")
        if calls == number and how == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **named)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called


def place(order: dict[str, Any]) -> None:
    """Go to the folder of a run, take its environment, put its streams into files."""
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    for stream, name in ((1, order["out"]), (2, order["err"])):
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def begin(arguments: Sequence[str]) -> NoReturn:
    """Be the program, with these arguments."""
    from driftcli.cli import main

    sys.argv = ["driftcli", *arguments]
    main()


def run(order: dict[str, Any]) -> NoReturn:
    """Be one run."""
    place(order)
    if order["spoil"]:
        spoil(*order["spoil"])
    begin(order["arguments"])


def serve(
    orders: Sequence[dict[str, Any]], be: Callable[[dict[str, Any]], NoReturn] = run
) -> list[int]:
    """Start the runs together; return their exit codes."""
    children = []
    for order in orders:
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                be(order)
            os._exit(99)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def load() -> None:
    """Load the program."""
    from driftcli._startup import keep_pandas_out, prepare_libraries

    prepare_libraries()
    importlib.import_module("driftcli.cli")
    for loaded in LOADED:
        importlib.import_module(loaded)
    keep_pandas_out()


def answer(be: Callable[[dict[str, Any]], NoReturn] = run) -> None:
    """Serve until stdin ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(serve(json.loads(line), be)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    load()
    answer()
