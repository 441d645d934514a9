"""How the alerts of a monitor stand, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from driftcli.records import Acknowledgement, MemoryRow
from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console


def render(
    memories: Sequence[MemoryRow], known: Sequence[Acknowledgement], console: Console
) -> None:
    """Print what is open or waits, and what is acknowledged.

    Parameters
    ----------
    memories : sequence of MemoryRow
    known : sequence of Acknowledgement
    console : rich.console.Console
    """
    screen = Screen(console)
    shown = [row for row in memories if row.is_open or "1" in row.seen]
    if shown:
        columns = [
            GridColumn("rule", [(row.rule, "") for row in shown], cut=True),
            GridColumn("column", [(row.name, "") for row in shown], cut=True),
            GridColumn("severity", [(row.severity, "") for row in shown]),
            GridColumn("state", [("open" if row.is_open else "pending", "") for row in shown]),
            GridColumn("since", [(row.first[:10], "") for row in shown]),
            GridColumn("told", [((row.told or "")[:10], "") for row in shown], leaves=1),
        ]
        draw(fitting(columns, screen), screen)
    else:
        screen.line(("no alert is open", ""))
    for one in known:
        note = f": {one.note}" if one.note else ""
        screen.line((f"acknowledged until {one.until[:10]}: {one.rule} {one.name}{note}", ""))
