"""A replay of windows for the terminal: what fired how often, what was found how late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driftcli.renderers.grid import plain_table
from driftcli.renderers.screen import Screen
from driftcli.text import show_short

if TYPE_CHECKING:
    from rich.console import Console

HEADERS = {"threshold": "effect", "rows": "p of rows", "windows": "p of windows"}
MAX_CHECKS = 40


def render(outline: Mapping[str, Any], console: Console) -> None:
    """Print a replay.

    Parameters
    ----------
    outline : mapping
        JSON values.
    console : rich.console.Console
    """
    screen = Screen(console)
    checks = outline["checks"][:MAX_CHECKS]
    plain_table(
        [
            ("fired", [*(_name(check, screen) for check in checks), "any of them"], 0),
            ("limit", [*(show_short(check["threshold"]) for check in checks), ""], 4),
            ("median", [*(show_short(check["median_effect"]) for check in checks), ""], 2),
            ("largest", [*(show_short(check["largest_effect"]) for check in checks), ""], 3),
            *(
                (
                    header,
                    [_share(row[rule]) for row in [*(c["fired"] for c in checks), outline["any"]]],
                    0,
                )
                for rule, header in HEADERS.items()
            ),
        ],
        screen,
    )
    if hidden := len(outline["checks"]) - len(checks):
        screen.paragraph((f"… {hidden:,} more checks; -o backtest.json shows them", ""))
    if outline["plants"]:
        screen.line()
        _plants(outline["plants"], screen)
    if outline["proposed"]:
        screen.line()
        screen.paragraph((f"{len(outline['proposed']):,} thresholds proposed", ""))
    screen.line()
    for line in _summary(outline):
        screen.paragraph((line, ""))


def _plants(plants: Sequence[Mapping[str, Any]], screen: Screen) -> None:
    """Print how often each plant is found, and how late."""
    told = [
        ("planted", [screen.name(plant["plant"]) for plant in plants], 0),
        *(
            (header, [_share(plant["found"][rule]) for plant in plants], 0)
            for rule, header in HEADERS.items()
        ),
        ("late", [_late(plant["late"]["windows"]) for plant in plants], 2),
        ("by", [_by(plant["by"]["windows"], screen) for plant in plants], 1),
    ]
    plain_table(told, screen, words=("by",))


def _name(check: Mapping[str, Any], screen: Screen) -> str:
    return f"{screen.name(check['column'])} {check['method']}"


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def _late(delay: Mapping[str, Any]) -> str:
    """Say how many windows pass in the median and at most; and how often it is never found."""
    if delay["median"] is None:
        return "never"
    never = f", {delay['never']:,} of {delay['of']:,} never" if delay["never"] else ""
    return f"{delay['median']:g}, at most {delay['most']:,}{never}"


def _by(found: Mapping[str, Any] | None, screen: Screen) -> str:
    return "" if found is None else f"{screen.name(found['column'])} {found['method']}"


def _summary(outline: Mapping[str, Any]) -> Iterator[str]:
    windows = outline["windows"]
    many = f"{outline['n_windows']:,} {windows}, {outline['first']} to {outline['last']}"
    reference = f"{outline['n_reference']:,} are the reference"
    if outline["splits"] == 1:
        yield f"{many}: the first {reference}, {outline['n_tested']:,} tested"
    else:
        draws = f"split at random {outline['splits']:,} times"
        yield f"{many}: {reference}, {draws}, {outline['n_tested']:,} tests"
    yield f"shares of the {windows} tested; late: {windows} until it is told, by p of windows"
