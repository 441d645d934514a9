"""The table of a replay, whole, and at all widths."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from driftcli.renderers.backtest import MAX_CHECKS, render

QUIET = {"threshold": 0.0, "rows": 0.0, "windows": 0.0}


def check(column: str = "x", method: str = "ks", **others: Any) -> dict[str, Any]:
    shown = {"column": column, "method": method, "threshold": 0.1, "fired": QUIET,
             "median_effect": 0.0214, "largest_effect": 0.09751}  # fmt: skip
    return shown | others


def late(median: float | None, most: int | None, never: int, of: int = 20) -> dict[str, Any]:
    return {"median": median, "most": most, "never": never, "of": of}


def plant(text: str, share: float, delay: dict[str, Any], by: Any = ("x", "ks")) -> dict[str, Any]:
    found = by and {"column": by[0], "method": by[1], "share": share}
    return {
        "plant": text,
        "found": {"threshold": 1.0, "rows": 0.5, "windows": share},
        "by": {"threshold": None, "rows": None, "windows": found},
        # those of the other rules are in the JSON alone
        "late": {"threshold": late(7, 8, 9), "rows": late(7, 8, 9), "windows": delay},
    }


def outline(**others: Any) -> dict[str, Any]:
    fired = {"threshold": 0.915, "rows": 0.0549, "windows": 0.05}
    return {
        "windows": "days", "first": "2026-01-05", "last": "2026-02-13", "n_windows": 1040,
        "splits": 1, "n_reference": 1020, "n_tested": 20,
        "any": fired,
        "checks": [check(fired=fired), check("k", "chi2", median_effect=None, largest_effect=None)],
        "plants": [], "proposed": [],
    } | others  # fmt: skip


def draw(value: dict[str, Any], width: int = 80, **settings: Any) -> str:
    raw = io.StringIO()
    console = Console(file=raw, width=width, highlight=False, emoji=False, markup=False, **settings)
    render(value, console)
    return raw.getvalue()


def test_a_replay_whole() -> None:
    plants = [
        plant("x*2", 1.0, late(0.0, 0, 0)),
        plant("null:k=0.05", 0.25, late(1.5, 4, 3), ("k", "missing")),
        plant("x+0", 0.0, late(None, None, 20), None),
    ]
    proposed = [{"column": "x", "method": "ks", "threshold": 0.12}] * 1200
    assert draw(outline(plants=plants, proposed=proposed), 100) == (
        "fired        limit  median  largest  effect  p of rows  p of windows\n"
        "────────────────────────────────────────────────────────────────────\n"
        "x ks           0.1  0.0214   0.0975  91.5 %      5.5 %         5.0 %\n"
        "k chi2         0.1                    0.0 %      0.0 %         0.0 %\n"
        "any of them                          91.5 %      5.5 %         5.0 %\n"
        "\n"
        "planted       effect  p of rows  p of windows                           late  by\n"
        "───────────────────────────────────────────────────────────────────────────────────────\n"
        "x*2          100.0 %     50.0 %       100.0 %                   0, at most 0  x ks\n"
        "null:k=0.05  100.0 %     50.0 %        25.0 %  1.5, at most 4, 3 of 20 never  k missing\n"
        "x+0          100.0 %     50.0 %         0.0 %                          never\n"
        "\n"
        "1,200 thresholds proposed\n"
        "\n"
        "1,040 days, 2026-01-05 to 2026-02-13: the first 1,020 are the reference, 20 tested\n"
        "shares of the days tested; late: days until it is told, by p of windows\n"
    )


def test_random_splits_are_told() -> None:
    text = draw(outline(splits=50, n_reference=520, n_tested=26_000), 200)
    assert text.splitlines()[-2] == (
        "1,040 days, 2026-01-05 to 2026-02-13: 520 are the reference, split at random 50 times, "
        "26,000 tests"
    )


def test_of_very_many_checks_the_loudest_are_shown() -> None:
    checks = [check(f"c{at:04}") for at in range(2_000)]
    lines = draw(outline(checks=checks)).splitlines()
    assert lines[2].startswith("c0000 ks ")
    assert lines[1 + MAX_CHECKS].startswith(f"c{MAX_CHECKS - 1:04} ks ")
    assert lines[2 + MAX_CHECKS].startswith("any of them ")
    assert (
        lines[3 + MAX_CHECKS]
        == f"… {2_000 - MAX_CHECKS:,} more checks; -o backtest.json shows them"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("windows", ["days", "windows of 50,000 rows"])
def test_names_of_all_kinds_fit_the_screen(width: int, windows: str) -> None:
    names = ["n" * 300, "\x1b[31mred\n", "日本語" * 9, "[bold]", ""]
    value = outline(
        windows=windows,
        checks=[check(name) for name in names],
        plants=[plant(f"{name}*2", 0.5, late(0, 12, 3), (name, "ks")) for name in names],
    )
    text = draw(value, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    if width >= 80:
        assert "any of them" in text
        assert "p of windows" in text
    if width == 200:
        assert "[bold] ks" in text
        assert "0, at most 12, 3 of 20 never" in text


def test_what_matters_most_stays_in_the_narrowest_table() -> None:
    lines = draw(outline(plants=[plant("x*2", 0.25, late(0, 1, 0))]), 40).splitlines()
    assert lines[0].split() == ["fired", "effect", "p", "of", "rows", "p", "of", "windows"]
    assert [line.split()[-2:] for line in lines[2:5]] == [["5.0", "%"], ["0.0", "%"], ["5.0", "%"]]
    assert lines[8].split()[-2:] == ["25.0", "%"]


@pytest.mark.parametrize("plain", [True, False])
def test_colours_are_left_away_where_they_are_unwanted(plain: bool) -> None:
    value = outline(plants=[plant("x*2", 1.0, late(0, 0, 0))])
    coloured = draw(value, force_terminal=True, color_system="standard", no_color=plain)
    assert "\x1b[3" not in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == draw(value)
