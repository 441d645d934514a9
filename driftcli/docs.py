"""The parts of the pages in ``docs`` that follow from the code: commands, methods, metrics.

``python -m driftcli.docs docs/*.md`` writes them anew between their markers; what stands outside of
the markers is left alone. A test fails while a page is stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from typer import Typer
from typer.models import ArgumentInfo, OptionInfo

from driftcli.cli import app
from driftcli.files import write_whole
from driftcli.methods import METHODS
from driftcli.metrics import METRICS_BY_TASK
from driftcli.model import ColumnKind

COMMAND = "python -m driftcli.docs docs/*.md"
_BLOCK = re.compile(r"(<!-- written by driftcli\.docs: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or option, as its function's annotation declares it.

    Parameters
    ----------
    info : ArgumentInfo or OptionInfo
    type : type
        Without ``None``.
    default : object
        ``inspect.Parameter.empty`` where it must be given.
    """

    info: ArgumentInfo | OptionInfo
    type: Any
    default: object

    @property
    def value(self) -> str:
        """What is given: the metavar, the choices, or the bounds; empty for a switch."""
        if self.info.metavar:
            return self.info.metavar
        if isinstance(self.type, type) and issubclass(self.type, StrEnum):
            return ", ".join(f"`{member}`" for member in self.type)
        if self.info.max is not None:
            return f"{self.info.min}..{self.info.max}"
        return f"{self.info.min} or more" if self.info.min is not None else ""

    @property
    def usage(self) -> str:
        """How an argument stands in the usage line."""
        # a metavar of several words says itself how many there may be
        many = get_origin(self.type) is list and " " not in self.value
        return f"{self.value}{' ...' * many}"


def refreshed(text: str) -> str:
    """Return a page with every marked part written anew.

    Raises
    ------
    KeyError
        For a marker that names no part.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)


def commands() -> str:
    """Return usage, arguments and options of every command."""
    return "\n".join(line for path, run in _commands(app, "driftcli") for line in _page(path, run))


def _commands(group: Typer, path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in group.registered_commands:
        if command.callback is not None:
            yield f"{path} {command.name or command.callback.__name__}", command.callback
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from _commands(inner.typer_instance, f"{path} {inner.name}")


def _page(path: str, run: Callable[..., Any]) -> Iterator[str]:
    found = list(_parameters(run))
    arguments = [one for one in found if isinstance(one.info, ArgumentInfo)]
    given = "".join(f" {one.usage}" for one in arguments)
    yield from (f"## `{path}`", "", "```text", f"{path} [OPTIONS]{given}", "```", "")
    for paragraph in (inspect.getdoc(run) or "").split("\n\n"):
        yield from (" ".join(paragraph.split()), "")
    if arguments:
        rows = [(f"`{one.info.metavar}`", one.info.help or "") for one in arguments]
        yield from _table(("argument", "meaning"), rows)
    yield from _table(
        ("option", "value", "default", "meaning"),
        [_option(one) for one in found if isinstance(one.info, OptionInfo)],
    )


def _parameters(run: Callable[..., Any]) -> Iterator[Parameter]:
    defaults = inspect.signature(run).parameters
    for name, hint in get_type_hints(run, include_extras=True).items():
        kind, *marks = get_args(hint) or (hint,)
        infos = [mark for mark in marks if isinstance(mark, ArgumentInfo | OptionInfo)]
        if infos:
            present = [part for part in get_args(kind) if part is not type(None)]
            inner = kind if get_origin(kind) is list or not present else present[0]
            yield Parameter(infos[0], inner, defaults[name].default)


def _option(one: Parameter) -> tuple[str, str, str, str]:
    # within Annotated, Typer keeps the first of the names where a default would stand
    given = (one.info.default, *(one.info.param_decls or ()))
    names = ", ".join(f"`{name}`" for name in given if isinstance(name, str))
    default = "must be given" if one.default is inspect.Parameter.empty else f"`{one.default}`"
    told = "" if one.default in (None, False) else default
    return names, one.value, told, one.info.help or ""


def methods() -> str:
    """Return the table of drift methods."""
    rows = [
        (
            f"`{name}`",
            "all" if method.kinds == set(ColumnKind) else ", ".join(sorted(method.kinds)),
            ", ".join(sorted(method.roles)),
            f"{method.threshold:g}",
            "no bound" if method.upper is None else f"{method.upper:g}",
            f"{method.description}.",
        )
        for name, method in METHODS.items()
    ]
    head = ("check", "columns", "commands", "default threshold", "largest effect", "what it is")
    return "\n".join(_table(head, rows))


def metrics() -> str:
    """Return the table of performance metrics."""
    rows = [
        (
            task,
            f"`{name}`",
            metric.better if metric.distance is None else f"near {metric.ideal:g}",
            "informs" if metric.max_drop is None else f"{metric.max_drop:g}",
            metric.description,
            metric.source,
        )
        for task, found in METRICS_BY_TASK.items()
        for name, metric in found.items()
    ]
    head = ("task", "metric", "better", "default largest drop", "value", "interval and test")
    return "\n".join(_table(head, rows))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return [*(f"| {' | '.join(line)} |" for line in escaped), ""]


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "methods": methods,
    "metrics": metrics,
}
"""Name of a marked part to the function that writes it."""


def main(paths: Sequence[str]) -> None:
    """Write the marked parts of some pages anew."""
    for path in map(Path, paths):
        old = path.read_text(encoding="utf-8")
        if (new := refreshed(old)) != old:
            write_whole(path, new)


if __name__ == "__main__":
    main(sys.argv[1:])
