"""Who may import whom: read from the source, so that an import inside a function counts too.

``LAYERS`` is the one truth; ``docs/architecture.md`` shows it. A part is a module of the package or
a whole subpackage, and may import parts of lower layers only: none beside it, none above.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Literal

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "driftcli"

LAYERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("starts and pages", frozenset({"__main__", "docs"})),
    ("command line", frozenset({"cli"})),
    ("ways in", frozenset({"api", "commands"})),
    ("runs", frozenset({"pipeline"})),
    (
        "rooms",
        frozenset(
            {
                "alerts", "baselines", "config_docs", "config_file", "config_schema", "engines",
                "renderers", "sources", "store", "tracking",
            }
        ),
    ),
    ("settings checked", frozenset({"config_check"})),
    ("rules checked", frozenset({"config_rules"})),
    ("settings described", frozenset({"config_fields", "yaml_nodes"})),
    ("statistics and verdicts", frozenset({"decide", "methods", "metrics"})),
    ("summaries", frozenset({"contingency", "intervals", "schema", "summaries"})),
    ("series", frozenset({"changepoint", "windownull"})),
    (
        "tools",
        frozenset(
            {"_startup", "config", "durations", "files", "tails", "windows", "yaml_words"}
        ),
    ),
    ("values", frozenset({"errors", "lattice", "model", "records", "text"})),
)  # fmt: skip

# narrower than their layer would let them: what these need not know
ONLY: dict[str, frozenset[str]] = {
    "alerts": frozenset({"config", "errors", "model"}),
    "baselines": frozenset({"errors", "files", "model", "schema", "summaries", "windows"}),
    "decide": frozenset({"model", "text"}),
    "methods": frozenset({"contingency", "intervals", "model", "summaries", "tails"}),
    "metrics": frozenset({"contingency", "intervals", "model", "summaries", "tails"}),
    "renderers": frozenset({"errors", "model", "records", "text"}),
    "store": frozenset({"errors", "records"}),
    "sources": frozenset({"config", "errors"}),
    "summaries": frozenset({"errors", "model"}),
    "tracking": frozenset({"errors", "files", "model"}),
    "windownull": frozenset(),
    "windows": frozenset({"errors"}),
}

# Report.to_json and Report.to_html, which the user calls on a value
UPWARDS = {("model", "renderers")}

# what importing a module loads, of others' libraries
LOADS = {
    "driftcli": set(),
    "driftcli.api": {"annotated_types"},
    "driftcli.cli": {"typer"},
    "driftcli.commands.output": {"annotated_types", "typer"},
    "driftcli.commands.settings": {"annotated_types"},
    "driftcli.pipeline.columns": {"annotated_types", "numpy", "pyarrow"},
    "driftcli.pipeline.performance": {"annotated_types", "numpy", "pyarrow"},
    "driftcli.pipeline.alerts": {"annotated_types"},
}
HEAVY = {"pandas", "scipy", "sklearn"}


@dataclass(frozen=True)
class Import:
    """One import: of a module, at a time."""

    module: str
    when: Literal["start", "call", "typing"]


class _Imports(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[Import] = []
        self._when: Literal["start", "call", "typing"] = "start"

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._when = self._when, "call"
        self.generic_visit(node)
        self._when = outer

    def visit_If(self, node: ast.If) -> None:
        outer = self._when
        if ast.unparse(node.test) == "TYPE_CHECKING":
            self._when = "typing"
        self.generic_visit(node)
        self._when = outer

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [Import(alias.name, self._when) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, "imports are absolute"
        assert node.module is not None
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            self.found.append(Import(inner if inner in modules() else node.module, self._when))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> tuple[Import, ...]:
    visitor = _Imports()
    visitor.visit(ast.parse(modules()[module].read_text(encoding="utf-8")))
    return tuple(visitor.found)


def part(module: str) -> str:
    """``driftcli.sources.csv_`` belongs to ``sources``."""
    return module.split(".")[1]


def between_parts() -> Iterator[tuple[str, str, str]]:
    """Each import of one part by another: the importing module, its part, the part imported.

    The package itself is no part: it names the public API for type checkers, and all that others
    take from it is ``__version__``.
    """
    for module in modules():
        for one in imports(module):
            ours = one.module.startswith(f"{PACKAGE}.") and module != PACKAGE
            if ours and part(one.module) != part(module):
                yield module, part(module), part(one.module)


def loaded(module: str) -> set[str]:
    """Others' libraries that importing a module loads, through ours."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name in modules() and name not in seen:
            parents = [parent for parent in modules() if name.startswith(f"{parent}.")]
            todo += parents + [one.module for one in imports(name) if one.when == "start"]
        seen.add(name)
    return {name.partition(".")[0] for name in seen} - sys.stdlib_module_names - {PACKAGE}


def test_every_part_has_one_layer() -> None:
    placed = [name for _, layer in LAYERS for name in layer]
    assert sorted(placed) == sorted({part(module) for module in modules() if module != PACKAGE})


def test_imports_go_downwards_and_never_sideways() -> None:
    depth = {name: at for at, (_, layer) in enumerate(LAYERS) for name in layer}
    wrong = {
        f"{module} imports {theirs}"
        for module, ours, theirs in between_parts()
        if depth[theirs] <= depth[ours] and (ours, theirs) not in UPWARDS
    }
    assert wrong == set()


def test_imports_upwards_are_late() -> None:
    upwards = {
        (module, part(one.module), one.when)
        for module in modules()
        for one in imports(module)
        if one.module.startswith(f"{PACKAGE}.")
        and module != PACKAGE
        and (part(module), part(one.module)) in UPWARDS
    }
    assert upwards == {("driftcli.model.report", "renderers", "call")}


@pytest.mark.parametrize("name", ONLY)
def test_narrow_rooms(name: str) -> None:
    theirs = {theirs for _, ours, theirs in between_parts() if ours == name}
    assert theirs - ONLY[name] - {up for ours, up in UPWARDS if ours == name} == set()


def test_no_import_cycle() -> None:
    graph = {
        module: {one.module for one in imports(module) if one.when == "start"}
        for module in modules()
    }
    assert set(TopologicalSorter(graph).static_order()) >= set(modules())  # raises at a cycle


@pytest.mark.parametrize("module", LOADS)
def test_what_an_import_loads(module: str) -> None:
    assert loaded(module) == LOADS[module]


def test_heavy_libraries_are_never_imported_at_the_start() -> None:
    at_start = {
        (module, one.module)
        for module in modules()
        for one in imports(module)
        if one.when == "start" and one.module.partition(".")[0] in HEAVY
    }
    assert at_start == set()


def test_imports_are_of_declared_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    named = {
        "annotated-types": "annotated_types",
        "mlflow-skinny": "mlflow",
        "pydantic-core": "pydantic_core",
        "pyyaml": "yaml",
        "scikit-learn": "sklearn",
    }
    # markupsafe comes with jinja2, whose public type Markup is
    extras = project["optional-dependencies"]
    optional = {
        re.split(r"[<>=\[]", line)[0]
        for name in set(extras) - {"test", "examples"}
        for line in extras[name]
    }
    known = {named.get(name, name) for name in declared | optional} | {"markupsafe", PACKAGE}
    used = {one.module.partition(".")[0] for module in modules() for one in imports(module)}
    assert used - known - sys.stdlib_module_names == set()


def layers_in_markdown() -> str:
    """Both tables, for the architecture page."""

    def named(parts: frozenset[str]) -> str:
        return ", ".join(f"`{name}`" for name in sorted(parts))

    layers = [f"| {at} | {title} | {named(parts)} |" for at, (title, parts) in enumerate(LAYERS, 1)]
    narrow = [f"| `{name}` | {named(parts)} |" for name, parts in ONLY.items()]
    return "\n".join(
        [
            "| | layer | parts |", "| --- | --- | --- |", *layers, "",
            "| part | may import of ours |", "| --- | --- |", *narrow,
        ]
    )  # fmt: skip


def test_architecture_page_shows_the_layers() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert layers_in_markdown() in page
