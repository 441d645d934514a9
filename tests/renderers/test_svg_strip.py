from __future__ import annotations

import re
from typing import Any

import pytest
from report_builder import check

from driftcli.model import Series, Status, Threshold
from driftcli.renderers.html_windows import Course
from driftcli.renderers.svg_strip import strip


def drawn(effects: list[float | None], flagged: list[bool] | None = None, **fields: Any) -> str:
    told = tuple(flagged or [False] * len(effects))
    series = Series(tuple(effects), tuple(None for _ in effects), told)
    names = tuple(f"day {i}" for i in range(len(effects)))
    known = {"check": check("a", "ks", Status.DRIFT), "windows": names, "many": "days"}
    return str(strip(Course(series=series, **(known | fields))))


def test_a_window_is_a_bar_on_the_scale_of_the_largest() -> None:
    picture = drawn([0.1, None, 0.0, 0.4], [False, False, False, True])
    # 36 units of height for 0.4; a window without a value is a gap, one of 0 a stump
    assert re.findall(r'<path class="(\w)"(?: stroke-width="(\w+)")? d="([^"]*)"', picture) == [
        ("u", "10", "M81 46V37M261 46V44.5"),
        ("f", "10", "M351 46V10"),
        ("v", "", "M347 8h8l-4-6z"),
        ("g", "", "M36 37H396"),
    ]
    assert re.findall(r'<text x="(\d+)" y="(\d+)" class="(\w)">([^<]*)', picture) == [
        ("31", "41", "e", "0.1"),
        ("36", "60", "s", "day 0"),
        ("396", "60", "e", "day 3"),
    ]


def test_below_the_threshold_its_line_stays_inside() -> None:
    assert '<path class="g" d="M36 16H396"/>' in drawn([0.01, 0.02])


def test_many_windows_are_narrow() -> None:
    picture = drawn([0.2] * 90, [True] * 90)
    assert 'stroke-width="2.8"' in picture
    assert picture.count("h4l-2-6z") == 90  # as wide as a window has room


def test_one_window_has_one_name() -> None:
    assert re.findall(">(day[^<]*)<", drawn([0.2])) == ["day 0"]


@pytest.mark.parametrize(
    "effects", [[None], [0.0], [float("inf"), 1.0], [1e308, 1e-308], [5e-324], [1e300, None]]
)
@pytest.mark.parametrize("limit", [0.0, 0.1, 1e300])
def test_odd_effects_are_drawn_inside(effects: list[float | None], limit: float) -> None:
    one = check("a", "ks", Status.DRIFT)
    picture = drawn(
        effects,
        check=type(one)("a", one.result, Threshold(limit), 0.1, "windows", Status.DRIFT, ""),
    )
    paths = re.findall(' d="([^"]*)"', picture)
    assert not any(re.search(r"nan|inf|\.\d\d|e", path) for path in paths)
    tops = [float(y) for y in re.findall(r"V([\d.]+)", picture)]
    assert len(tops) == sum(effect is not None for effect in effects)
    assert all(10 <= y <= 44.5 for y in tops)


def test_names_are_escaped() -> None:
    assert "<b>" not in drawn([0.1], windows=("<b>",))
