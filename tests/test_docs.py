"""The generated parts of the pages are fresh, and the pages point at things that are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from driftcli import docs
from driftcli.cli import app
from driftcli.methods import METHODS
from driftcli.metrics import METRICS_BY_TASK

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MARKER = "<!-- written by driftcli.docs: {} -->"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_generated_parts_are_fresh(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert docs.refreshed(text) == text, f"run: {docs.COMMAND}"


def test_every_part_stands_on_one_page() -> None:
    together = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {name: together.count(MARKER.format(name)) for name in docs.PARTS} == dict.fromkeys(
        docs.PARTS, 1
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_command_page_names_every_option() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(driftcli .*?)`\n(.*?)(?=^## |\Z)", page, re.M | re.DOTALL))
    found = {}
    group = typer.main.get_command(app)
    todo = [("driftcli", group)]
    while todo:
        path, command = todo.pop()
        inner = getattr(command, "commands", {})
        todo += [(f"{path} {name}", one) for name, one in inner.items()]
        if not inner:
            found[path] = {name for one in command.params for name in one.opts if name[0] == "-"}
    listed = {path: set(re.findall(r"`(-[\w-]+)`", text)) for path, text in sections.items()}
    assert listed == found


def test_command_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = docs.commands()
    monkeypatch.setenv("COLUMNS", "20")
    assert docs.commands() == wide


def test_tables_hold_the_registries() -> None:
    assert re.findall(r"^\| `(\w+)`", docs.methods(), re.MULTILINE) == list(METHODS)
    listed = re.findall(r"^\| (\w+) \| `(\w+)`", docs.metrics(), re.MULTILINE)
    assert listed == [(task, name) for task, found in METRICS_BY_TASK.items() for name in found]


def test_refreshing_replaces_the_marked_part_only() -> None:
    marker = MARKER.format("methods")
    page = f"before | `x`\n{marker}\nold\n<!-- end -->\nafter\n"
    assert (
        docs.refreshed(page) == f"before | `x`\n{marker}\n\n{docs.methods()}\n<!-- end -->\nafter\n"
    )
    with pytest.raises(KeyError, match="nothing"):
        docs.refreshed(page.replace("methods", "nothing"))


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{MARKER.format('metrics')}\n<!-- end -->\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "driftcli.docs", page], check=True)
    written = page.read_text(encoding="utf-8")
    assert docs.metrics() in written
    assert docs.refreshed(written) == written


def test_exit_codes_are_told_by_every_check() -> None:
    for name in ("features", "predictions", "performance", "alert check", "report", "run"):
        page = docs.commands().split(f"## `driftcli {name}`")[1].split("## `")[0]
        assert re.search(r"Exit code: 0 [^.]+ 2 ", page), name
