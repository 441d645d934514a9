"""Past runs for the terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driftcli.model import Status
from driftcli.records import Past
from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.json import dumps
from driftcli.renderers.screen import Screen, status_cell
from driftcli.renderers.sparklines import values_course
from driftcli.text import show_pvalue, show_short

if TYPE_CHECKING:
    from rich.console import Console

FIELDS = (
    "monitor", "at", "section", "name", "method", "effect", "threshold", "pvalue", "status", "run",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(found: Sequence[Past], console: Console, *, one: bool) -> None:
    """Print the course of every check, or of one column a row for each run.

    Parameters
    ----------
    found : sequence of Past
        The oldest first.
    console : rich.console.Console
    one : bool
        Whether it is of one column.
    """
    screen = Screen(console)
    columns = _run_by_run(found) if one else _courses(found)
    draw(fitting(columns, screen), screen)
    runs = {(past.monitor, past.at) for past in found}
    days = sorted(at for _, at in runs)
    screen.line()
    screen.line((f"{len(runs):,} runs, {days[0][:16]} to {days[-1][:16]}", ""))


def _run_by_run(found: Sequence[Past]) -> list[GridColumn]:
    return [
        GridColumn("run", [(past.at[:16].replace("T", " "), "") for past in found]),
        GridColumn("check", [(past.method, "") for past in found], cut=True),
        GridColumn("value", [(show_short(past.effect), "") for past in found], True),
        GridColumn("limit", [(show_short(past.threshold), "") for past in found], True, 2),
        GridColumn("adj. p", [(_pvalue(past.pvalue), "") for past in found], True, 1),
        GridColumn("status", [status_cell(Status(past.status)) for past in found]),
    ]


def _courses(found: Sequence[Past]) -> list[GridColumn]:
    series: dict[tuple[str, ...], list[Past]] = {}
    for past in found:
        series.setdefault((past.monitor, past.section, past.name, past.method), []).append(past)
    ends = [(key, rows[-1], rows) for key, rows in series.items()]
    ends.sort(key=lambda item: (-Status(item[1].status).severity, item[0]))
    many = len({key[0] for key, _, _ in ends}) > 1
    names = [GridColumn("monitor", [(key[0], "") for key, _, _ in ends])] if many else []
    return [
        *names,
        GridColumn("column", [(key[2], "") for key, _, _ in ends], cut=True),
        GridColumn("check", [(_check(key), "") for key, _, _ in ends]),
        GridColumn(
            "course",
            [(values_course([row.effect for row in rows]), "") for _, _, rows in ends],
            leaves=4,
        ),
        GridColumn("last", [(show_short(last.effect), "") for _, last, _ in ends], True, leaves=3),
        GridColumn("limit", [(show_short(last.threshold), "") for _, last, _ in ends], True, 2),
        GridColumn("drifted", [(_drifted(rows), "") for _, _, rows in ends], True, 1),
        GridColumn("status", [status_cell(Status(last.status)) for _, last, _ in ends]),
    ]


def _check(key: tuple[str, ...]) -> str:
    """Return the check; a metric is its own."""
    return "" if key[2] == key[3] else key[3]


def _drifted(rows: Sequence[Past]) -> str:
    return f"{sum(row.status == Status.DRIFT for row in rows)} of {len(rows)}"


def _pvalue(pvalue: float | None) -> str:
    return "" if pvalue is None else show_pvalue(pvalue)


def _rows(found: Sequence[Past]) -> list[Mapping[str, Any]]:
    return [{name: getattr(past, name) for name in FIELDS} for past in found]


def as_json(found: Sequence[Past]) -> str:
    """Return past runs as one line of JSON, a value for each check and metric in each run."""
    return dumps(_rows(found))


def as_csv(found: Sequence[Past]) -> str:
    """Return the same as CSV; text that a spreadsheet would compute gets an apostrophe."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in _rows(found):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
