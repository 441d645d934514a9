from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.errors import UsageError
from driftcli.windows.spec import LIKES, UNITS, WindowSpec


@pytest.mark.parametrize(
    ("text", "expected", "canonical"),
    [
        ("1d", WindowSpec(1, "d"), "1d"),
        ("d", WindowSpec(1, "d"), "1d"),
        ("  3 D ", WindowSpec(3, "d"), "3d"),
        ("6h", WindowSpec(6, "h"), "6h"),
        ("30min", WindowSpec(30, "min"), "30min"),
        ("30 MIN", WindowSpec(30, "min"), "30min"),
        ("1w", WindowSpec(1, "w"), "1w"),
        ("1mo", WindowSpec(1, "mo"), "1mo"),
        ("Mo", WindowSpec(1, "mo"), "1mo"),
        ("50000rows", WindowSpec(50_000, "rows"), "50000rows"),
        ("50000 rows", WindowSpec(50_000, "rows"), "50000rows"),
        ("1 row", WindowSpec(1, "rows"), "1rows"),
        ("007d", WindowSpec(7, "d"), "7d"),
        ("120mo", WindowSpec(120, "mo"), "120mo"),
        ("1000000000000rows", WindowSpec(10**12, "rows"), "1000000000000rows"),
    ],
)
def test_lengths_that_are_understood(text, expected, canonical):
    spec = WindowSpec.parse(text)
    assert (spec, str(spec)) == (expected, canonical)
    assert WindowSpec.parse(str(spec)) == spec


@given(st.integers(1, 100), st.sampled_from(sorted(UNITS)))
def test_the_canonical_text_leads_back(count, unit):
    assert WindowSpec.parse(str(WindowSpec(count, unit))) == WindowSpec(count, unit)


WRITE = "write 1d, 6h, 30min, 1w, 1mo or 50000rows"


@pytest.mark.parametrize(
    "text",
    ["1x", "", " ", "0d", "00rows", "-1d", "1.5h", "1m", "1y", "d1", "1d1h", "1dd", "٣d", "1_0d"],
)
def test_what_is_no_length(text):
    with pytest.raises(UsageError) as caught:
        WindowSpec.parse(text)
    assert str(caught.value) == f"--window {text!r}: not a length of time. {WRITE}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("121mo", f"--window '121mo': longer than ten years. {WRITE}"),
        ("9999999999min", f"--window '9999999999min': longer than ten years. {WRITE}"),
        (
            "1000000000001rows",
            f"--window '1000000000001rows': more than 1,000,000,000,000 rows. {WRITE}",
        ),
        ("9" * 19 + "d", f"--window '{'9' * 19}d': not a length of time. {WRITE}"),
        ("1\n2d", f"--window '1\\n2d': not a length of time. {WRITE}"),
    ],
)
def test_lengths_beyond_sense(text, line):
    with pytest.raises(UsageError) as caught:
        WindowSpec.parse(text)
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("text", "noun", "plural", "by_rows"),
    [
        ("1min", "minute", "minutes", False),
        ("1h", "hour", "hours", False),
        ("1d", "day", "days", False),
        ("1w", "week", "weeks", False),
        ("1mo", "month", "months", False),
        ("1rows", "row", "rows", True),
        ("30min", "window of 30 minutes", "windows of 30 minutes", False),
        ("6h", "window of 6 hours", "windows of 6 hours", False),
        ("3d", "window of 3 days", "windows of 3 days", False),
        ("50000rows", "window of 50,000 rows", "windows of 50,000 rows", True),
    ],
)
def test_what_windows_are_called(text, noun, plural, by_rows):
    spec = WindowSpec.parse(text)
    assert (spec.noun, spec.plural, spec.by_rows) == (noun, plural, by_rows)


def fits(spec: WindowSpec, like: str) -> bool:
    try:
        spec.check_like(like)
    except UsageError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        ("30min", ["weekday", "hour", "month"]),
        ("23h", ["weekday", "hour", "month"]),
        ("24h", ["weekday", "month"]),
        ("1440min", ["weekday", "month"]),
        ("1d", ["weekday", "month"]),
        ("6d", ["weekday", "month"]),
        ("7d", ["month"]),
        ("168h", ["month"]),
        ("1w", ["month"]),
        ("31d", ["month"]),
        ("32d", []),
        ("1mo", ["month"]),
        ("2mo", []),
        ("50rows", []),
    ],
)
def test_which_kinds_windows_have(text, fitting):
    assert [like for like in LIKES if fits(WindowSpec.parse(text), like)] == fitting


@pytest.mark.parametrize(
    ("text", "like", "line"),
    [
        (
            "1d",
            "hour",
            "--like hour: days have no hour of their own. days have --like weekday or --like month",
        ),
        (
            "1w",
            "weekday",
            "--like weekday: weeks have no weekday of their own. weeks have --like month",
        ),
        (
            "50000rows",
            "month",
            "--like month: windows of 50,000 rows have no month of their own. leave it away",
        ),
    ],
)
def test_kinds_that_make_no_sense(text, like, line):
    with pytest.raises(UsageError) as caught:
        WindowSpec.parse(text).check_like(like)
    assert str(caught.value) == line
