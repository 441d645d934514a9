"""The profile of a run as text, whole."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from driftcli.renderers.profile import Profile, render

STAGES = {"start": 0.25, "read reference": 1.5, "fold reference": 0.75, "write": 0.0}
PRICE = {"read reference": 1.25, "fold reference": 0.5}
HOUR = {"read reference": 0.25, "fold reference": 0.25}


def draw(profile: Profile, width: int = 80) -> str:
    raw = io.StringIO()
    render(profile, Console(file=raw, width=width, highlight=False, emoji=False, markup=False))
    return raw.getvalue()


def test_stages_columns_and_the_whole() -> None:
    profile = Profile(STAGES, {"hour": HOUR, "price": PRICE}, 2.0, 2, 3_000_000, 2, 391 * 2**20)
    assert draw(profile) == (
        "stage           seconds   share\n"
        "───────────────────────────────\n"
        "start             0.250  10.0 %\n"
        "read reference    1.500  60.0 %\n"
        "fold reference    0.750  30.0 %\n"
        "write             0.000   0.0 %\n"
        "\n"
        "column  seconds   share  most of it\n"
        "───────────────────────────────────────\n"
        "price     1.750  70.0 %  read reference\n"
        "hour      0.500  20.0 %  read reference\n"
        "\n"
        "2.00 s in all; 2.50 s of work in 2 threads; 3,000,000 rows × 2 columns read\n"
        "  (1,500,000 rows/s); at most 391 MB of memory\n"
    )


def test_a_run_that_read_nothing() -> None:
    profile = Profile({"start": 0.25}, {}, 0.25, 1, 0, 0, None)
    assert draw(profile) == (
        "stage  seconds    share\n"
        "───────────────────────\n"
        "start    0.250  100.0 %\n"
        "\n"
        "0.25 s in all; 0.25 s of work in 1 thread\n"
    )


def test_only_the_slowest_columns_stand_alone() -> None:
    columns = {f"c{i:04}": {"compare": i / 1000} for i in range(2_000)}
    spent = sum(range(2_000)) / 1000
    text = draw(Profile({"compare": spent}, columns, 1.0, 1, 1, 2_000, None))
    _, table, _ = text.split("\n\n")
    lines = table.splitlines()[2:]
    assert lines[0] == "c1999                1.999   0.1 %  compare"
    assert lines[19] == "c1980                1.980   0.1 %  compare"
    assert lines[20:] == ["… and 1,980 more  1959.210  98.0 %"]


@pytest.mark.parametrize("width", [30, 40, 200])
def test_names_and_widths_of_all_kinds(width: int) -> None:
    columns = {"n" * 300: PRICE, "\x1b[31mred\n": HOUR, "日本語" * 9: PRICE}
    text = draw(Profile(STAGES, columns, 2.0, 2, 3_000_000, 3, None), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    assert " 1.750 " in text
