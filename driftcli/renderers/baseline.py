"""A baseline for the terminal: its columns, or one of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from driftcli.renderers.grid import plain_table
from driftcli.renderers.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console


def render(outline: Mapping[str, Any], console: Console) -> None:
    """Print what a baseline holds.

    Parameters
    ----------
    outline : mapping
        JSON values.
    console : rich.console.Console
    """
    screen = Screen(console)
    columns = outline["columns"]
    plain_table(
        [
            ("column", [column["name"] for column in columns], 0),
            ("kind", [column["kind"] for column in columns], 3),
            ("values", [f"{column['count']:,}" for column in columns], 0),
            ("missing", [f"{column['missing']:,}" for column in columns], 2),
            ("mean", [_number(column["mean"]) for column in columns], 4),
            ("std", [_number(column["std"]) for column in columns], 5),
            ("min", [_number(column["minimum"]) for column in columns], 1),
            ("max", [_number(column["maximum"]) for column in columns], 1),
            ("told apart", [_apart(column) for column in columns], 6),
        ],
        screen,
        words=("kind",),
    )
    if len(columns) == 1:
        _in_full(columns[0], screen)
    if outline["performance"]:
        _metrics(outline["performance"], screen)
    screen.line()
    for line in _summary(outline):
        screen.paragraph((line, ""))


def _apart(column: Mapping[str, Any]) -> str:
    if "edges" in column:
        return f"{column['edges']:,} edges"
    unnamed = f" + {column['unnamed']:,} unnamed" if column["unnamed"] else ""
    return f"{column['named']:,} names{unnamed}"


def _in_full(column: Mapping[str, Any], screen: Screen) -> None:
    screen.line()
    if "bins" in column:
        ends = [_end(bin_) for bin_ in column["bins"]]
        rows = [f"{bin_['rows']:,}" for bin_ in column["bins"]]
        plain_table([("bin", ends, 0), ("rows", rows, 0)], screen)
    elif "rows" in column:
        ranked = sorted(column["rows"].items(), key=lambda item: (-item[1], item[0]))
        counts = [f"{count:,}" for _, count in ranked]
        plain_table([("category", [name for name, _ in ranked], 0), ("rows", counts, 0)], screen)


def _end(bin_: Mapping[str, Any]) -> str:
    if bin_["end"] is None:
        return "above"
    return f"up to {bin_['end']!r}" if bin_["with_end"] else f"below {bin_['end']!r}"


def _metrics(record: Mapping[str, Any], screen: Screen) -> None:
    metrics = record["metrics"]
    screen.line()
    plain_table(
        [
            ("metric", [metric["metric"] for metric in metrics], 0),
            ("value", [_number(metric["current"]) for metric in metrics], 0),
            ("± error", [_number(metric["current_error"]) for metric in metrics], 1),
            ("rows", [f"{metric['n_current']:,}" for metric in metrics], 2),
        ],
        screen,
    )


def _summary(outline: Mapping[str, Any]) -> list[str]:
    where = f" where {' and '.join(outline['where'])}" if outline["where"] else ""
    lines = [f"{outline['rows']:,} rows of {', '.join(outline['sources'])}{where}"]
    if outline["left_out"]:
        lines.append(f"left out: {', '.join(outline['left_out'])}")
    if outline["min_count"]:
        lines.append(f"nothing that fewer than {outline['min_count']:,} rows stand behind")
    lines.append(f"made {outline['created']} by driftcli {outline['driftcli_version']}")
    return lines


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:.6g}"
