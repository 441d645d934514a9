"""The drop against a baseline: its sign, its interval and its p-value."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, Options, drop
from driftcli.model import MethodResult, Skip
from driftcli.pipeline.stored import DETAILS
from driftcli.summaries.scored import BinarySummary, MulticlassSummary, RegressionSummary

BINARY = METRICS_BY_TASK["binary"]
REGRESSION = METRICS_BY_TASK["regression"]
Z = 1.959963984540054


def estimated(metric: Metric, summary: Any) -> Estimate:
    return metric.estimate(summary, Options())


def compared(metric: Metric, sides: Iterable[Any], level: float = 0.95) -> MethodResult:
    reference, current = (metric.estimate(side, Options(level=level)) for side in sides)
    return drop(metric, reference, current, level)


def scored(n: int, seed: int, noise: float = 0.0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    share = rng.beta(2, 4, n)
    label = rng.random(n) < share
    return label, np.clip(share + noise * rng.normal(size=n), 0.01, 0.99)


def binary_pair() -> tuple[BinarySummary, BinarySummary]:
    return (
        BinarySummary.from_arrays(*scored(900, 1)),
        BinarySummary.from_arrays(*scored(400, 2, 0.3)),
    )


def test_auc_is_the_unpaired_delong_test() -> None:
    reference, current = (estimated(BINARY["auc"], side) for side in binary_pair())
    result = drop(BINARY["auc"], reference, current)
    assert reference.value is not None
    assert current.value is not None
    assert result.method == "auc"
    assert result.statistic == current.value
    assert result.effect == reference.value - current.value > 0.05
    error = math.hypot(reference.standard_error or 0, current.standard_error or 0)
    assert result.pvalue == pytest.approx(2 * stats.norm.sf(result.effect / error), rel=1e-12)
    assert (result.n_reference, result.n_current) == (900, 400)
    assert result.details["reference"] == reference.value
    assert result.interval is not None
    assert result.interval[0] < result.effect < result.interval[1]


@pytest.mark.parametrize("name", ["log_loss", "brier"])
def test_losses_are_welchs_test_of_the_rows(name: str) -> None:
    sides = [scored(900, 1), scored(400, 2, 0.3)]
    summaries = [BinarySummary.from_arrays(*side) for side in sides]
    if name == "brier":
        rows = [(label - score) ** 2 for label, score in sides]
    else:
        rows = [-np.log(np.where(label, score, 1 - score)) for label, score in sides]
    result = compared(BINARY[name], summaries)
    expected = stats.ttest_ind(rows[1], rows[0], equal_var=False)
    assert result.effect == pytest.approx(rows[1].mean() - rows[0].mean(), rel=1e-12)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize(("name", "power"), [("mae", 1), ("rmse", 2)])
def test_errors_are_welchs_test_and_relative(name: str, power: int) -> None:
    rng = np.random.default_rng(3)
    errors = [rng.normal(size=200), 1.4 * rng.normal(size=90)]
    sides = [RegressionSummary.from_arrays(np.zeros(len(e)), e) for e in errors]
    result = compared(REGRESSION[name], sides)
    rows = [np.abs(e) ** power for e in errors]
    expected = stats.ttest_ind(*rows, equal_var=False)
    ratio = (rows[1].mean() / rows[0].mean()) ** (1 / power)
    assert result.effect == pytest.approx(ratio - 1, rel=1e-12)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.interval is not None
    assert result.effect is not None
    assert 0 < result.interval[0] < result.effect < result.interval[1]


def test_ctr_is_newcombes_interval_and_the_pooled_test() -> None:
    # Newcombe 1998, table II (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339
    reference = BinarySummary.from_arrays(np.arange(70) < 56)
    current = BinarySummary.from_arrays(np.arange(80) < 48)
    result = compared(BINARY["ctr"], (reference, current))
    assert result.effect == pytest.approx(0.2, rel=1e-14)
    assert result.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    pooled = 104 / 150
    z = 0.2 / math.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    assert result.pvalue == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)


def test_ctr_without_positives() -> None:
    # Newcombe 1998, table II (h): 10/10 against 0/10, method 10: 0.6075 to 1
    reference = BinarySummary.from_arrays(np.ones(10, dtype=bool))
    current = BinarySummary.from_arrays(np.zeros(10, dtype=bool))
    result = compared(BINARY["ctr"], (reference, current))
    assert result.effect == 1.0
    assert result.interval is not None
    assert result.interval == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_f1_tests_the_share_that_it_is_a_function_of() -> None:
    def side(tp: int, wrong: int) -> Estimate:
        truth = np.repeat([True, True, False], [tp, wrong, 100])
        said = np.repeat([True, False, False], [tp, wrong, 100])
        return estimated(BINARY["f1"], BinarySummary.from_arrays(truth, None, said))

    result = drop(BINARY["f1"], side(60, 20), side(45, 35))
    pooled = 105 / 160
    z = (60 / 80 - 45 / 80) / math.sqrt(pooled * (1 - pooled) * (2 / 80))
    assert result.pvalue == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    assert result.effect == pytest.approx(120 / 140 - 90 / 125, rel=1e-12)


def test_fixed_baseline() -> None:
    _, side = binary_pair()
    current = estimated(BINARY["auc"], side)
    result = drop(BINARY["auc"], Estimate(0.71), current)
    assert result.details["baseline"] == "fixed"
    assert current.value is not None
    assert current.standard_error is not None
    z = (0.71 - current.value) / current.standard_error
    assert result.pvalue == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)
    assert current.interval is not None
    assert result.interval == pytest.approx(
        (0.71 - current.interval[1], 0.71 - current.interval[0])
    )
    assert result.n_reference == 0


def test_fixed_baseline_of_means_and_shares() -> None:
    label, score = scored(400, 2, 0.3)
    side = BinarySummary.from_arrays(label, score)
    losses = (label - score) ** 2
    brier = drop(BINARY["brier"], Estimate(0.19), estimated(BINARY["brier"], side))
    assert brier.pvalue == pytest.approx(stats.ttest_1samp(losses, 0.19).pvalue, rel=1e-9)
    ctr = drop(BINARY["ctr"], Estimate(0.4), estimated(BINARY["ctr"], side))
    z = (label.mean() - 0.4) / math.sqrt(0.4 * 0.6 / 400)
    assert ctr.pvalue == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)
    assert brier.details["baseline"] == ctr.details["baseline"] == "fixed"


@pytest.mark.parametrize("name", BINARY)
def test_a_stored_run_serves_as_well_as_its_rows(name: str) -> None:
    metric = BINARY[name]
    reference, current = (estimated(metric, side) for side in binary_pair())
    kept = {name: reference.details[name] for name in DETAILS if name in reference.details}
    stored = replace(reference, details=kept)
    assert drop(metric, stored, current) == drop(metric, reference, current)


@pytest.mark.parametrize("name", ["auc", "log_loss", "ctr"])
def test_a_stored_error_without_rows_gives_a_z_test(name: str) -> None:
    metric = BINARY[name]
    reference, current = (estimated(metric, side) for side in binary_pair())
    result = drop(metric, Estimate(reference.value, reference.standard_error), current)
    error = math.hypot(reference.standard_error or 0, current.standard_error or 0)
    assert result.pvalue == pytest.approx(
        2 * stats.norm.sf(abs(result.effect or 0) / error), rel=1e-12
    )
    assert "baseline" not in result.details
    assert result.interval is not None


def test_calibration_measures_the_distance_from_one() -> None:
    metric = BINARY["calibration"]

    def side(ratio: float, error: float) -> Estimate:
        spread = math.exp(Z * error / ratio)
        return Estimate(ratio, error, (ratio / spread, ratio * spread), 100)

    over = drop(metric, side(1.0, 0.05), side(2.0, 0.1))
    under = drop(metric, side(1.0, 0.05), side(0.5, 0.025))
    assert over.effect == pytest.approx(math.log(2), rel=1e-14)
    assert under.effect == pytest.approx(math.log(2), rel=1e-14)
    assert over.pvalue == pytest.approx(under.pvalue, rel=1e-12)
    z = math.log(2) / math.hypot(0.05, 0.05)
    assert over.pvalue == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    better = drop(metric, side(2.0, 0.1), side(1.0, 0.05))
    assert better.effect == pytest.approx(-math.log(2), rel=1e-14)
    assert better.interval is not None
    assert better.interval[0] < (better.effect or 0) < better.interval[1] < 0


def test_bias_measures_its_growth_either_way() -> None:
    metric = REGRESSION["bias"]
    start, worse = Estimate(0.1, 0.1, (-0.1, 0.3), 50), Estimate(-0.9, 0.1, (-1.1, -0.7), 50)
    result = drop(metric, start, worse)
    assert result.effect == pytest.approx(0.8, rel=1e-14)
    assert result.interval is not None
    low = 0.8 - math.hypot(0.2, 0.2)
    assert result.interval == pytest.approx((low, 0.8 + math.hypot(0.2, 0.1)), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "reference", "reason"),
    [
        ("auc", Estimate(None, skip=Skip("not defined: no positives")),
         "not defined: no positives (reference)"),
        ("ctr", Estimate(3.5), "not defined: the reference 3.5 is outside of 0..1"),
        ("log_loss", Estimate(math.nan), "not defined: the reference nan is outside of 0..inf"),
        ("calibration", Estimate(0.0), "not defined: no drop can be told from a reference of 0"),
    ],
)  # fmt: skip
def test_a_baseline_that_is_none(name: str, reference: Estimate, reason: str) -> None:
    _, side = binary_pair()
    result = drop(BINARY[name], reference, estimated(BINARY[name], side))
    assert result.skip == Skip(reason)
    assert (result.effect, result.pvalue, result.interval) == (None, None, None)


def test_a_current_side_without_a_value() -> None:
    skip = Skip("not defined: no positives")
    result = drop(BINARY["auc"], Estimate(0.7), Estimate(None, n=5, skip=skip))
    assert (result.skip, result.statistic, result.effect) == (skip, None, None)


def test_relative_drop_against_zero() -> None:
    exact, off = Estimate(0.0, 0.0, None, 40), Estimate(1.0, 0.1, (0.8, 1.2), 40)
    result = drop(REGRESSION["mae"], exact, off)
    assert result.skip is not None
    assert result.skip.reason == "not defined: the baseline is 0, so there is no relative drop"
    same = drop(REGRESSION["mae"], exact, exact)
    assert (same.effect, same.pvalue) == (0.0, 1.0)


def test_where_nothing_varies_a_difference_is_certain() -> None:
    sides = [RegressionSummary.from_arrays(np.zeros(40), np.full(40, x)) for x in (1.0, 1.5)]
    result = compared(REGRESSION["mae"], sides)
    assert (result.effect, result.pvalue) == (0.5, 0.0)


def test_a_single_current_row_has_no_pvalue() -> None:
    side = RegressionSummary.from_arrays(np.zeros(1), np.ones(1))
    result = drop(REGRESSION["mae"], Estimate(0.5, 0.1, n=40), estimated(REGRESSION["mae"], side))
    assert (result.effect, result.pvalue, result.interval) == (1.0, None, None)


def test_perfect_on_both_sides_is_no_drop() -> None:
    label = np.arange(60) % 2 == 0
    side = BinarySummary.from_arrays(label, label.astype(float))
    for name in ("auc", "average_precision", "brier", "accuracy", "f1"):
        result = drop(BINARY[name], estimated(BINARY[name], side), estimated(BINARY[name], side))
        assert (result.effect, result.pvalue) == (0.0, 1.0)
        assert result.interval is not None
        assert result.interval[0] <= 0.0 < result.interval[1]


def test_the_level_of_the_interval() -> None:
    reference, current = binary_pair()
    wide, narrow = (
        compared(BINARY["auc"], (reference, current), level).interval for level in (0.99, 0.9)
    )
    assert wide is not None
    assert narrow is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_details_are_json() -> None:
    reference, current = binary_pair()
    for metric in BINARY.values():
        result = drop(metric, estimated(metric, reference), estimated(metric, current))
        text = json.dumps([result.details, result.interval, result.effect], allow_nan=False)
        assert json.loads(text)[2] == result.effect
    codes = np.array([0, 1, 1, 0])
    summary = MulticlassSummary.from_arrays(["a", "b"], codes, codes)
    for metric in METRICS_BY_TASK["multiclass"].values():
        json.dumps(dict(estimated(metric, summary).details), allow_nan=False)


def test_without_intervals_of_their_own_both_sides_have_the_normal_one() -> None:
    sides = Estimate(0.8, 0.02, None, 90), Estimate(0.7, 0.03, None, 70)
    reach = Z * math.hypot(0.02, 0.03)
    result = drop(BINARY["auc"], *sides)
    assert result.effect == pytest.approx(0.1, rel=1e-14)
    assert result.interval == pytest.approx((0.1 - reach, 0.1 + reach), rel=1e-12)
    wider = drop(BINARY["auc"], *sides, level=0.99).interval
    reach = float(stats.norm.isf(0.005)) * math.hypot(0.02, 0.03)
    assert wider == pytest.approx((0.1 - reach, 0.1 + reach), rel=1e-12)


def test_the_interval_of_a_drop_keeps_the_skew_of_both_sides() -> None:
    """MOVER, Zou & Donner 2008: each end takes the ends that pull its way."""
    higher = drop(BINARY["auc"], Estimate(0.8, 0.1, (0.7, 0.86)), Estimate(0.6, 0.1, (0.52, 0.65)))
    assert higher.interval == pytest.approx(
        (0.2 - math.hypot(0.05, 0.1), 0.2 + math.hypot(0.08, 0.06)), rel=1e-12
    )
    lower = drop(
        BINARY["brier"], Estimate(0.2, 0.1, (0.17, 0.28)), Estimate(0.3, 0.1, (0.25, 0.36))
    )
    assert lower.interval == pytest.approx(
        (0.1 - math.hypot(0.05, 0.08), 0.1 + math.hypot(0.06, 0.03)), rel=1e-12
    )


def test_the_interval_of_a_relative_drop_is_made_on_the_log_scale() -> None:
    reference, current = Estimate(2.0, 0.1, (1.8, 2.3), 40), Estimate(3.0, 0.2, (2.7, 3.4), 40)
    result = drop(REGRESSION["mae"], reference, current)
    below = math.hypot(math.log(3.0 / 2.7), math.log(2.3 / 2.0))
    above = math.hypot(math.log(3.4 / 3.0), math.log(2.0 / 1.8))
    assert result.effect == 0.5
    assert result.interval == pytest.approx(
        (1.5 * math.exp(-below) - 1, 1.5 * math.exp(above) - 1), rel=1e-12
    )


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ((0.0, 2.3), (2.7, 3.4)),
        ((1.8, 2.3), (0.0, 3.4)),
        ((1.8, 2.3), (-1.0, 3.4)),
        ((1e-300, 2.3), (2.7, 1e300)),
    ],
)
def test_a_relative_drop_without_an_interval_has_its_effect(
    reference: tuple[float, float], current: tuple[float, float]
) -> None:
    result = drop(REGRESSION["mae"], Estimate(2.0, 0.1, reference), Estimate(3.0, 0.2, current))
    assert (result.effect, result.interval) == (0.5, None)


def test_a_relative_drop_to_nothing_is_the_whole() -> None:
    result = drop(REGRESSION["mae"], Estimate(2.0, 0.1, (1.8, 2.3), 40), Estimate(0.0, 0.0, n=40))
    assert (result.effect, result.interval) == (-1.0, None)


def test_an_interval_without_an_end_is_none() -> None:
    reference = Estimate(0.5, 0.1, (0.4, math.inf), 40)
    assert drop(BINARY["log_loss"], reference, Estimate(0.6, 0.1, (0.5, 0.7), 40)).interval is None
    current = Estimate(0.6, 0.1, (0.5, math.inf), 40)
    assert drop(BINARY["log_loss"], Estimate(0.5, 0.1, (0.4, 0.6), 40), current).interval is None


def test_a_current_value_without_an_error_has_no_interval() -> None:
    result = drop(BINARY["auc"], Estimate(0.8, 0.02, (0.76, 0.84), 90), Estimate(0.7, n=1))
    assert (result.interval, result.pvalue) == (None, None)
    assert result.effect == pytest.approx(0.1, rel=1e-14)


def test_a_distance_is_nearest_where_the_interval_holds_the_ideal() -> None:
    metric = BINARY["calibration"]
    held = Estimate(1.25, 0.2, (0.8, 2.0), 100)
    beyond = Estimate(2.0, 0.2, (1.25, 4.0), 100)
    result = drop(metric, held, beyond)
    one, two = math.log(1.25), math.log(2.0)
    assert result.effect == pytest.approx(two - one, rel=1e-12)
    below = math.hypot(two - one, two - one)
    above = math.hypot(2 * two - two, one)
    assert result.interval == pytest.approx((two - one - below, two - one + above), rel=1e-12)
    for ends in ((1.0, 2.0), (0.5, 1.0)):
        touched = drop(metric, Estimate(1.0), Estimate(1.0, 0.2, ends, 100))
        assert touched.interval == (0.0, pytest.approx(two, rel=1e-12))


def test_a_reason_without_words_and_its_harmlessness() -> None:
    value, none = Estimate(0.7, 0.1, n=9), Estimate(None)
    told = drop(BINARY["auc"], value, none).skip
    assert told == Skip("not defined: no value")
    assert drop(BINARY["auc"], none, value).skip == Skip("not defined: no value (reference)")
    harmless = Estimate(None, skip=Skip("not defined: no score column", harmless=True))
    for sides in ((value, harmless), (harmless, value)):
        skip = drop(BINARY["auc"], *sides).skip
        assert skip is not None
        assert skip.harmless


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_ends_of_a_range_are_in_it(value: float) -> None:
    result = drop(BINARY["auc"], Estimate(value), Estimate(0.5, 0.1, (0.4, 0.6), 30))
    assert result.effect == value - 0.5


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_a_baseline_below_or_above_the_range_is_refused(value: float) -> None:
    skip = drop(BINARY["auc"], Estimate(value), Estimate(0.5, 0.1, (0.4, 0.6), 30)).skip
    assert skip == Skip(f"not defined: the reference {value:g} is outside of 0..1")


def test_details_are_those_of_current_and_the_reference_value() -> None:
    current = Estimate(0.6, 0.1, (0.5, 0.7), 30, details={"cutoff": 0.5})
    told = drop(BINARY["accuracy"], Estimate(0.7, 0.1, (0.6, 0.8), 30), current).details
    assert told == {"cutoff": 0.5, "reference": 0.7}
    fixed = drop(BINARY["accuracy"], Estimate(0.7), current).details
    assert fixed == {"cutoff": 0.5, "reference": 0.7, "baseline": "fixed"}
    lacking = Estimate(None, skip=Skip("not defined: no rows"))
    assert drop(BINARY["accuracy"], lacking, current).details == {"cutoff": 0.5}
    undefined = drop(BINARY["calibration"], Estimate(0.0), replace(current, value=1.2))
    assert undefined.details == {"cutoff": 0.5, "reference": 0.0, "baseline": "fixed"}


def test_welch_of_stored_errors_takes_the_rows_behind_them() -> None:
    """Welch's t from two means, their errors and their rows, as scipy's from statistics."""
    sides = Estimate(0.5, 0.04, n=12), Estimate(0.7, 0.09, n=7)
    expected = stats.ttest_ind_from_stats(
        0.5, 0.04 * math.sqrt(12), 12, 0.7, 0.09 * math.sqrt(7), 7, equal_var=False
    )
    assert BINARY["brier"].pvalue(*sides) == pytest.approx(expected.pvalue, rel=1e-9)
    # an error without its rows: the normal stands in
    z = 0.2 / math.hypot(0.04, 0.09)
    normal = pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    assert BINARY["brier"].pvalue(Estimate(0.5, 0.04), sides[1]) == normal
    assert BINARY["brier"].pvalue(Estimate(0.5, 0.04, n=1), sides[1]) == normal
    # a reference without spread leaves the degrees of freedom to current
    one_sample = 2 * stats.t.sf(0.2 / 0.09, 6)
    for reference in (Estimate(0.5, n=12), Estimate(0.5, 0.0, n=12), Estimate(0.5, 0.0)):
        found = BINARY["brier"].pvalue(reference, sides[1])
        assert found == pytest.approx(one_sample, rel=1e-9)


def test_a_pvalue_takes_two_rows_of_current() -> None:
    reference = Estimate(0.5, 0.1, n=40)
    assert BINARY["brier"].pvalue(reference, Estimate(0.6, 0.2, n=1)) is None
    assert BINARY["brier"].pvalue(reference, Estimate(0.6, 0.2, n=2)) is not None
    assert BINARY["ctr"].pvalue(reference, Estimate(0.6, 0.2, n=0)) is None
    assert BINARY["ctr"].pvalue(reference, Estimate(0.0, 0.2, n=1)) is not None


def test_where_nothing_varies_the_side_of_a_difference_does_not_matter() -> None:
    for metric in (BINARY["brier"], BINARY["auc"]):
        for value in (0.4, 0.6):
            assert metric.pvalue(Estimate(0.5, 0.0, n=9), Estimate(value, 0.0, n=9)) == 0.0
        assert metric.pvalue(Estimate(0.5, 0.0, n=9), Estimate(0.5, 0.0, n=9)) == 1.0


def test_shares_are_tested_by_their_hits() -> None:
    """Expected hits among tied ranks are rounded to whole ones."""
    whole = BINARY["ctr"].pvalue(Estimate(12 / 40, 0.1, n=40), Estimate(21 / 50, 0.1, n=50))
    near = BINARY["ctr"].pvalue(Estimate(12.3 / 40, 0.1, n=40), Estimate(20.8 / 50, 0.1, n=50))
    pooled = 33 / 90
    z = (21 / 50 - 12 / 40) / math.sqrt(pooled * (1 - pooled) * (1 / 40 + 1 / 50))
    assert whole == near == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    # one row is enough for a test of shares
    single = BINARY["ctr"].pvalue(Estimate(1.0, 0.1, n=1), Estimate(0.0, 0.1, n=1))
    assert single == pytest.approx(0.5, rel=1e-12)  # the one hit is as likely on either side


def test_a_stored_error_of_f1_is_taken_to_the_share_behind_it() -> None:
    """F1 = 2J/(1 + J) of the share J: its error is that of J times 2/(1 + J)^2."""
    old, new = 0.8 / 1.2, 0.6 / 1.4  # of F1 0.8 and 0.6
    errors = 0.02 * (1 + old) ** 2 / 2, 0.03 * (1 + new) ** 2 / 2
    z = (old - new) / math.hypot(*errors)
    found = BINARY["f1"].pvalue(Estimate(0.8, 0.02), Estimate(0.6, 0.03, n=50))
    assert found == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    fixed = BINARY["f1"].pvalue(Estimate(0.8), Estimate(0.6, 0.03, n=50))
    z = (old - new) / math.sqrt(old * (1 - old) / 50)
    assert fixed == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)


def test_a_distance_without_an_interval_of_its_own_has_the_normal_one() -> None:
    reference, current = Estimate(0.1, 0.1, None, 50), Estimate(-0.9, 0.1, None, 50)
    result = drop(REGRESSION["bias"], reference, current)
    reach = Z * 0.1
    # the reference's interval holds 0, from which it can be 0.1 nearer
    ends = (0.8 - math.hypot(reach, reach), 0.8 + math.hypot(reach, 0.1))
    assert result.interval == pytest.approx(ends, rel=1e-12)
