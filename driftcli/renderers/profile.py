"""Where the time of a run went, by stage and by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console

MOST = 20
MB = 2**20


@dataclass(frozen=True, slots=True)
class Profile:
    """What was measured; all times in seconds.

    Parameters
    ----------
    stages : mapping of str to float
        Time spent in each stage by all threads together, in the order in which they began.
    columns : mapping of str to mapping of str to float
        Of each column the time by stage.
    wall : float
        From the start of the program.
    threads : int
    rows : int
        Rows read; those read twice count twice.
    width : int
        Columns of them.
    memory : int or None
        The most bytes held at a time, where the system tells.
    """

    stages: Mapping[str, float]
    columns: Mapping[str, Mapping[str, float]]
    wall: float
    threads: int
    rows: int
    width: int
    memory: int | None


def render(profile: Profile, console: Console) -> None:
    """Print a profile on a console.

    Parameters
    ----------
    profile : Profile
    console : rich.console.Console
    """
    screen = Screen(console)
    spent = sum(profile.stages.values())
    _table(screen, "stage", [(name, s, "") for name, s in profile.stages.items()], spent)
    if profile.columns:
        screen.line()
        _table(screen, "column", _slowest(profile.columns, screen), spent)
    screen.line()
    screen.paragraph((_summary(profile, spent), ""))


def _slowest(
    columns: Mapping[str, Mapping[str, float]], screen: Screen
) -> list[tuple[str, float, str]]:
    """Return the slowest columns, each with its seconds and longest stage, and the rest summed."""
    slowest = sorted(columns.items(), key=lambda item: -sum(item[1].values()))
    rows = [
        (screen.name(name), sum(stages.values()), max(stages, key=stages.__getitem__))
        for name, stages in slowest[:MOST]
    ]
    if rest := slowest[MOST:]:
        seconds = sum(sum(stages.values()) for _, stages in rest)
        rows.append((f"… and {len(rest):,} more", seconds, ""))
    return rows


def _table(screen: Screen, title: str, rows: list[tuple[str, float, str]], whole: float) -> None:
    columns = [
        GridColumn(title, [(name, "") for name, _, _ in rows], cut=True),
        GridColumn("seconds", [(f"{s:.3f}", "") for _, s, _ in rows], right=True),
        GridColumn("share", [(f"{100 * s / whole:.1f} %", "") for _, s, _ in rows], right=True),
        GridColumn("most of it", [(stage, "") for _, _, stage in rows], leaves=1),
    ]
    draw(fitting(columns if title == "column" else columns[:-1], screen), screen)


def _summary(profile: Profile, spent: float) -> str:
    threads = f"{profile.threads} thread{'s' * (profile.threads != 1)}"
    words = [f"{profile.wall:.2f} s in all", f"{spent:.2f} s of work in {threads}"]
    if profile.rows:
        read = f"{profile.rows:,} rows × {profile.width:,} columns read"
        words.append(f"{read} ({profile.rows / profile.wall:,.0f} rows/s)")
    if profile.memory is not None:
        words.append(f"at most {profile.memory / MB:,.0f} MB of memory")
    return "; ".join(words)
