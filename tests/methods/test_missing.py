from __future__ import annotations

import pytest
from method_samples import categories, numeric_pair

from driftcli.methods import METHODS
from driftcli.model import MethodResult, Skip

MISSING = METHODS["missing"].compare


def rows(missing, total):
    return categories([total - missing], missing=missing)


def test_newcombes_example():
    """Newcombe 1998, 56 of 70 against 48 of 80: method 10 says 0.0524 to 0.3339."""
    result = MISSING(rows(48, 80), rows(56, 70))
    assert [round(end, 4) for end in result.interval] == [0.0524, 0.3339]
    assert result.effect == pytest.approx(0.2, abs=1e-15)


def test_the_interval_does_not_depend_on_the_direction():
    up, down = MISSING(rows(48, 80), rows(56, 70)), MISSING(rows(56, 70), rows(48, 80))
    assert up.interval == pytest.approx(down.interval, abs=1e-15)
    assert up.statistic == -down.statistic
    assert (up.effect, up.pvalue) == (down.effect, down.pvalue)


def test_an_interval_that_holds_no_difference_begins_at_zero():
    result = MISSING(rows(10, 100), rows(12, 100))
    low, high = result.interval
    assert low == 0.0
    assert result.effect < high < 0.2


def test_the_whole_result():
    result = MISSING(rows(0, 100), rows(30, 100))
    assert result == MethodResult(
        method="missing",
        # pooled rate 0.15 of 100 rows a side: variance 0.15 * 0.85 * (1 / 100 + 1 / 100)
        statistic=pytest.approx(-0.3 / (0.1275 / 50) ** 0.5, rel=1e-14),
        effect=0.3,
        pvalue=result.pvalue,
        n_reference=100,
        n_current=100,
        interval=result.interval,
        details={"reference_rate": 0.0, "current_rate": 0.3},
    )


@pytest.mark.parametrize(("missing", "effect"), [((0, 0), 0.0), ((40, 50), 0.0)])
def test_none_and_all_missing_on_both_sides(missing, effect):
    result = MISSING(rows(missing[0], 40), rows(missing[1], 50))
    assert (result.statistic, result.effect, result.pvalue) == (0.0, effect, 1.0)


def test_numeric_columns_count_nan():
    nan = float("nan")
    before, after = numeric_pair([1.0] * 50, [1.0] * 25 + [nan] * 25)
    result = MISSING(before, after)
    assert (result.effect, result.n_reference, result.n_current) == (0.5, 50, 50)
    assert result.pvalue < 1e-7


def test_no_rows():
    expected = MethodResult(
        "missing", None, None, None, 0, 3, skip=Skip("no values in the reference")
    )
    assert MISSING(rows(0, 0), rows(1, 3)) == expected
