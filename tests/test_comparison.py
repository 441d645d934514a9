from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import driftcli
from driftcli.config import Columns, Config, Predictions
from driftcli.methods import METHODS
from driftcli.model import ColumnKind, DecisionPolicy, Distribution, Status, Threshold
from driftcli.pipeline.comparison import methods_for, threshold_for

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=400)


def column(reference, current, config=None):
    tables = (pa.table({"x": side}) for side in (reference, current))
    return driftcli.compare(*tables, config).features["x"]


def score(reference, current, config=None):
    tables = (pa.table({"score": side}) for side in (reference, current))
    return driftcli.compare_predictions(*tables, config).predictions["score"]


def statuses(found):
    return {check.result.method: check.status.value for check in found.checks}


def as_categorical(name="x"):
    return Config(columns=Columns(types={name: "categorical"}))


@pytest.mark.parametrize(
    ("values", "kind", "methods"),
    [
        (NORMAL, ColumnKind.NUMERIC, ["ks", "psi", "missing"]),
        (["a", "b"] * 50, ColumnKind.CATEGORICAL, ["psi", "chi2", "missing"]),
        ([True, False] * 50, ColumnKind.BOOLEAN, ["psi", "chi2", "missing"]),
    ],
)
def test_the_methods_of_a_feature(values, kind, methods):
    found = column(values, values)
    assert (found.kind, list(statuses(found))) == (kind, methods)
    assert set(statuses(found).values()) == {"ok"}


def test_the_methods_of_a_prediction():
    assert list(statuses(score(NORMAL, NORMAL))) == [
        "ks", "psi", "missing", "prediction_mean", "prediction_std",
    ]  # fmt: skip
    classes = ["spam", "ham"] * 50
    assert list(statuses(score(classes, classes))) == ["psi", "chi2", "missing"]


def test_the_scale_of_the_mean_shift_is_the_configs():
    config = Config(predictions=Predictions(scale="absolute"))
    (method,) = (m for m in methods_for("predictions", config) if m.name == "prediction_mean")
    assert method.compare is not METHODS["prediction_mean"].compare
    found = score(NORMAL + 5, NORMAL + 7, config).check("prediction_mean")
    assert found.result.effect == pytest.approx(2.0, rel=1e-12)


def test_thresholds_of_the_column_the_run_and_the_method():
    ks = METHODS["ks"]
    config = Config(thresholds={"ks": 0.3}, overrides={"x": {"ks": 0.2}})
    assert threshold_for(ks, "x", config) == Threshold(0.2, "overrides.x")
    assert threshold_for(ks, "y", config) == Threshold(0.3, "thresholds")
    assert threshold_for(ks, "y", Config()) == Threshold(0.1, "default")
    mean = METHODS["prediction_mean"]
    shifted = Config(predictions=Predictions(mean_shift=0.5))
    assert threshold_for(mean, "x", shifted) == Threshold(0.5, "predictions")
    assert threshold_for(ks, "x", Config(thresholds={"ks": 0.0})) == Threshold(0.0, "thresholds")


def test_importance_comes_with_the_override():
    assert column(NORMAL, NORMAL, Config(overrides={"x": {"importance": 3.0}})).importance == 3.0


def test_drift_changed_uncertain_and_ok():
    n = 20_000
    base = np.linspace(0, 1, n)
    assert statuses(column(base, base + 0.5))["ks"] == "drift"
    assert statuses(column(base, base + 0.05))["ks"] == "changed"
    assert statuses(column(base, base + 0.001))["ks"] == "ok"
    few = np.linspace(0, 1, 40)
    assert statuses(column(few, few + 0.15))["ks"] == "uncertain"


@pytest.mark.parametrize("rows", [12, 29])
def test_too_few_rows_are_not_evaluated(rows):
    """Row 61."""
    found = column(NORMAL, NORMAL[:rows])
    assert statuses(found) == dict.fromkeys(["ks", "psi", "missing"], "not_evaluated")
    reason = f"{rows} rows with a value in current, minimum 30"
    assert {check.reason for check in found.checks} == {reason}
    assert all(check.blocking for check in found.checks)


TYPES = [
    pa.int64(), pa.float64(), pa.decimal128(9, 2), pa.bool_(), pa.string(), pa.string_view(),
    pa.dictionary(pa.int32(), pa.string()), pa.timestamp("us"), pa.time64("us"), pa.duration("us"),
]  # fmt: skip
ONE = {
    "int64": 1,
    "double": 1.0,
    "decimal128": Decimal(1),
    "bool": True,
    "string": "a",
    "string_view": "a",
    "dictionary": "a",
    "timestamp": dt.datetime(2020, 1, 1),
    "time64": dt.time(1),
    "duration": dt.timedelta(1),
}


def filled(type_, rows=40):
    value = ONE[str(type_).split("(")[0].split("[")[0].split("<")[0]]
    return pa.array([value] * rows, type_)


@pytest.mark.parametrize("typed", [True, False], ids=["typed nulls", "null type"])
@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_all_values_missing_on_one_side(type_, typed):
    """Row 45: the missing check says drift, the others are not computed, nothing crashes."""
    values, nothing = filled(type_), pa.nulls(40, type_ if typed else pa.null())
    for sides in ((values, nothing), (nothing, values)):
        found = column(*sides)
        assert found.check("missing").status is Status.DRIFT
        others = [check for check in found.checks if check.result.method != "missing"]
        assert others
        assert {check.status for check in others} == {Status.NOT_EVALUATED}
        assert found.status is Status.DRIFT


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_all_values_missing_on_both_sides(type_):
    nothing = pa.nulls(40, type_)
    found = column(nothing, nothing)
    assert found.check("missing").status is Status.OK
    assert not any(check.blocking for check in found.checks)
    assert found.status is Status.NOT_EVALUATED


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_some_values_missing(type_):
    """Row 46."""
    whole = filled(type_, 200)
    gaps = pa.concat_arrays([whole.slice(0, 140), pa.nulls(60, type_)])
    found = column(whole, gaps)
    assert found.check("missing").status is Status.DRIFT
    assert found.check("missing").result.details == {"reference_rate": 0.0, "current_rate": 0.3}
    assert (found.current.count, found.current.missing) == (140, 60)


def test_text_with_gaps_from_polars():
    frame = pl.DataFrame({"x": ["a", None, "b"] * 30})
    found = driftcli.compare(frame, frame).features["x"]
    assert (found.status, found.reference.missing) == (Status.OK, 30)


@pytest.mark.parametrize("values", [(3.0, 3.0, "ok"), (3.0, 4.0, "drift"), (0.1, 0.1, "ok")])
def test_constants(values):
    """Row 50."""
    old, new, expected = values
    found = column(np.full(50, old), np.full(37, new))
    assert (found.check("ks").status.value, found.status.value) == (expected, expected)


def test_a_constant_prediction_is_no_drift():
    """Rows 50 and 77, with a value whose mean does not come out exactly."""
    found = score(np.full(44, 0.1), np.full(500, 0.1))
    assert set(statuses(found).values()) == {"ok"}
    moved = score(np.full(44, 0.1), np.full(500, 0.2))
    assert moved.check("prediction_mean").reason == "constant before"
    assert moved.status is Status.DRIFT


def test_infinities_are_counted_and_left_out_of_the_mean():
    """Row 48."""
    odd = np.concatenate((NORMAL, [math.inf, math.inf, -math.inf]))
    found = column(odd, odd)
    assert statuses(found) == dict.fromkeys(["ks", "psi", "missing"], "ok")
    assert (found.reference.positive_infinite, found.reference.negative_infinite) == (2, 1)
    assert found.reference.mean == pytest.approx(NORMAL.mean(), rel=1e-9)


@pytest.mark.parametrize("sentinel", [1e12, -999.0, 1e300, -1.7976931348623157e308])
def test_one_absurd_value_hides_nothing_and_is_told(sentinel):
    """Row 51: a shift is found, and the stray value named."""
    spoilt = np.append(NORMAL + 3, sentinel)
    found = column(NORMAL, spoilt)
    assert (found.check("ks").status, found.check("psi").status) == (Status.DRIFT, Status.DRIFT)
    (note,) = found.notes
    assert f"{sentinel:.6g} lies far outside" in note
    report = driftcli.compare(pa.table({"x": NORMAL}), pa.table({"x": spoilt}))
    assert report.warnings == (f"column 'x': {note}",)


def test_large_integers_are_compared_exactly():
    """Rows 40 and 54: also where a null came in."""
    found = column(
        pa.array([9007199254740993] * 50), pa.array([None] + [9007199254740992] * 49, pa.int64())
    )
    assert found.check("ks").result.statistic == 1.0


def test_float32_against_float64_is_compared_in_the_narrower():
    values = RNG.random(500)
    assert column(values, values.astype(np.float32)).check("ks").result.statistic == 0.0
    assert column(values.astype(np.float32), values).check("ks").result.statistic == 0.0


@pytest.mark.parametrize("wide", [np.int64, np.float64, np.float32])
def test_values_beyond_the_range_of_the_narrower_type_do_not_warn(wide):
    small = np.arange(50, dtype=np.float16)
    found = column(small, (np.arange(50) * 100_000).astype(wide))
    assert found.check("ks").status is Status.DRIFT


def test_whole_numbers_and_floats_are_compared_as_numbers():
    """Row 53."""
    found = column(np.arange(100), np.arange(100) * 1.0)
    assert (found.kind, found.check("ks").result.statistic) == (ColumnKind.NUMERIC, 0.0)


def test_fractions_in_a_dictionary_are_compared_as_numbers():
    found = column(pa.array([0, 1] * 50), pa.array([0.5] * 100).dictionary_encode())
    # all of current lies between: half of the reference is below
    assert found.check("ks").result.statistic == 0.5
    assert found.current.mean == 0.5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pa.array([1.0] * 50), pa.array([1] * 50)),
        (pa.array([1.0] * 50, pa.float16()), pa.array([1] * 50)),
    ],
    ids=["float and int", "float16 and int"],
)
def test_the_same_number_is_the_same_category(before, after):
    assert set(statuses(column(before, after, as_categorical())).values()) == {"ok"}


def test_codes_as_categories():
    """Row 59: config says so; few whole numbers are told."""
    codes = np.repeat([10115, 20095, 80331], 60)
    found = column(codes, codes)
    assert found.kind is ColumnKind.NUMERIC
    (note,) = found.notes
    assert note == "few distinct whole numbers, compared as numbers, not as categories"
    report = driftcli.compare(pa.table({"x": codes}), pa.table({"x": codes}))
    assert report.warnings == (f"column 'x': {note}",)
    found = column(codes, codes, as_categorical())
    assert (found.kind, found.notes) == (ColumnKind.CATEGORICAL, ())
    assert found.distribution == Distribution(
        (60, 60, 60), (60, 60, 60), labels=("10115", "20095", "80331")
    )


def test_new_and_vanished_categories_are_named():
    """Row 56."""
    found = column(["a"] * 50 + ["old"] * 50, ["a"] * 50 + ["new"] * 50)
    assert (found.new_categories, found.vanished_categories) == (("new",), ("old",))
    assert found.check("chi2").status is Status.DRIFT
    assert math.isfinite(found.check("psi").result.statistic)


@pytest.mark.parametrize(
    ("rows", "distinct", "share"),
    [
        (99, 99, None),
        (100, 100, "all values distinct"),
        (1_000, 999, None),
        (1_002, 501, None),
        (1_002, 502, "distinct > 50 %"),
        (2_000, 2_000, "distinct > 50 %"),
    ],
)
def test_identifiers_are_skipped(rows, distinct, share):
    """Row 57: text of which more than half is distinct, beyond 1,000 rows."""
    values = [f"id{index % distinct}" for index in range(rows)]
    found = column(values, values)
    if share is None:
        assert list(statuses(found)) == ["psi", "chi2", "missing"]
        return
    assert statuses(found) == {"schema": "not_evaluated", "missing": "ok"}
    assert found.check("schema").reason == f"looks like an identifier ({share}), skipped"
    assert not any(check.blocking for check in found.checks)
    assert found.distribution is None


def test_an_identifier_is_compared_where_the_user_says_so():
    values = [f"id{index}" for index in range(1_200)]
    assert "chi2" in statuses(column(values, values, as_categorical()))


def test_an_identifier_is_told():
    table = pa.table({"x": [f"id{index}" for index in range(1_200)]})
    (warning,) = driftcli.compare(table, table).warnings
    assert warning == "column 'x': looks like an identifier (distinct > 50 %), skipped"


def test_times_are_checked_for_missing_values_only():
    days = [dt.date(2020, 1, 1) + dt.timedelta(n) for n in range(50)]
    later = [day + dt.timedelta(400) for day in days]
    found = column(days, later)
    assert statuses(found) == {"schema": "not_evaluated", "missing": "ok"}
    assert found.reference.minimum == "2020-01-01T00:00:00"
    report = driftcli.compare(pa.table({"x": days}), pa.table({"x": later}))
    assert (report.warnings, report.incomplete, report.drift_detected) == ((), False, False)


def test_columns_that_cannot_be_compared_are_reported_beside_the_others():
    before = pa.table({"x": NORMAL, "y": ["a"] * 400, "z": [[1]] * 400, "gone": NORMAL})
    after = pa.table({"x": NORMAL, "y": NORMAL, "z": [[1]] * 400, "new": NORMAL})
    report = driftcli.compare(before, after)
    assert list(report.features) == ["x", "z", "y", "gone"]
    found = {name: (c.kind, statuses(c)) for name, c in report.features.items()}
    assert found["y"] == found["gone"] == (None, {"schema": "not_evaluated"})
    assert found["z"] == ("other", {"schema": "not_evaluated", "missing": "ok"})
    blocking = {name: c.checks[0].blocking for name, c in report.features.items()}
    assert blocking == {"x": False, "y": True, "z": False, "gone": True}
    assert (report.incomplete, report.drift_detected) == (True, False)
    assert "column 'new': new, not in the reference" in report.warnings
    reason = "list values are not compared; only missing values are checked"
    assert f"column 'z': {reason}" in report.warnings


def test_all_checks_of_a_run_are_corrected_together():
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=100), rng.normal(0.45, 1, size=100)
    alone = column(one, other).check("ks")
    still = rng.normal(size=100)
    before, after = {"x": one}, {"x": other}
    for index in range(9):
        before[f"still{index}"] = after[f"still{index}"] = still
    crowd = driftcli.compare(pa.table(before), pa.table(after)).features["x"].check("ks")
    assert crowd.result == alone.result
    assert crowd.pvalue_adjusted > alone.pvalue_adjusted >= alone.result.pvalue


def test_the_policy_is_the_configs():
    config = Config(decision=DecisionPolicy(rule="threshold", correction="none", min_rows=2))
    found = column([1.0, 2.0, 3.0], [2.5, 3.5, 4.5], config)
    assert found.check("ks").status is Status.DRIFT
    assert found.check("ks").pvalue_adjusted == found.check("ks").result.pvalue
