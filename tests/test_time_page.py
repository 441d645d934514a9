"""The numbers that docs/time.md names are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcli.changepoint import LEAST
from driftcli.model import DecisionPolicy
from driftcli.pipeline.frame import STRANGE
from driftcli.renderers.html_windows import MAX_WINDOWS
from driftcli.renderers.sparklines import COURSE_WIDTH
from driftcli.summaries.windowed import CELLS, EDGES
from driftcli.windownull import needed
from driftcli.windows.spec import MOST_WINDOWS, UNITS, WindowSpec

PAGE = " ".join((Path(__file__).parents[1] / "docs" / "time.md").read_text("utf-8").split())


@pytest.mark.parametrize(
    "words",
    [
        f"about {EDGES} of those of the reference",
        f"its {CELLS:,} most frequent categories",
        f"at most {MOST_WINDOWS:,} windows a side",
        f"at least `decision.min_rows` ({DecisionPolicy().min_rows}) values",
        f"Below alpha 0.05 it comes with {needed(0.05)} windows",
        f"below 0.01 with {needed(0.01)}",
        f"one changed check among 50 takes {needed(0.05 / 50):,} windows",
        f"sparkline of the last {COURSE_WIDTH} windows",
        f"strip of the last {MAX_WINDOWS} ",
        f"from {LEAST} windows on",
    ],
)
def test_the_page_names_the_number(words: str) -> None:
    assert words in PAGE


def test_strange_sizes_are_in_words() -> None:
    assert STRANGE == 3
    assert "less than a third or more than three times the rows" in PAGE


def test_the_lengths_shown_are_lengths() -> None:
    shown = ["1d", "6h", "30min", "1w", "1mo", "50000rows", "3d", "2w"]
    assert {WindowSpec.parse(text).unit for text in shown} == set(UNITS)
    assert all(f"`{text}`" in PAGE for text in shown)
