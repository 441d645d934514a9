from __future__ import annotations

import pytest

from driftcli.text import show_number, show_pvalue, show_short


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.123456, "-0.1235"),
        (0.99999, "1"),
        (1234.5, "1234"),
        (12345.0, "1.234e+04"),
        (1e-300, "1e-300"),
    ],
)
def test_a_number_has_four_digits(value: float, shown: str) -> None:
    assert show_number(value) == shown


@pytest.mark.parametrize(
    ("pvalue", "shown"),
    [
        (1.0, "1"),
        (0.0432, "0.043"),
        (4.26e-7, "4.3e-07"),
        (1e-300, "1e-300"),
        (9.9e-301, "< 1e-300"),
        (5e-324, "< 1e-300"),
        (0.0, "< 1e-300"),
    ],
)
def test_66_a_pvalue_that_underflows_is_a_bound(pvalue: float, shown: str) -> None:
    assert show_pvalue(pvalue) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.0, "0"),
        (-0.0, "0"),
        (0.0712345, "0.0712"),
        (-12.34, "-12.3"),
        (999.4, "999"),
        (999.9, "1,000"),
        (-38_955.4, "-38,955"),
        (999_999.0, "1e+06"),
        (1.5e-9, "1.5e-09"),
    ],
)
def test_a_number_in_a_cell_has_three_digits_and_whole_thousands(
    value: float | None, shown: str
) -> None:
    assert show_short(value) == shown
