"""Sections D and E of the list of bad inputs: values, columns, sample sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from cli_helpers import Outcome, Run, normal, save, text
from scipy import stats

N = 500
RNG = np.random.default_rng(0)


def compare(run: Run, before: Any, after: Any, *flags: str) -> tuple[Outcome, dict[str, Any]]:
    """Check one column and return the outcome and what the JSON says of the column."""
    save("ref.parquet", a=before)
    save("cur.parquet", a=after)
    outcome = run("features", "ref.parquet", "cur.parquet", "--format", "json", *flags)
    return outcome, outcome.json["features"]["a"]


def statuses(column: dict[str, Any]) -> dict[str, str]:
    return {check["result"]["method"]: check["status"] for check in column["checks"]}


def check(column: dict[str, Any], method: str) -> dict[str, Any]:
    return next(c for c in column["checks"] if c["result"]["method"] == method)


NULLS = {"typed": pa.nulls(N, pa.float64()), "untyped": pa.nulls(N)}


@pytest.mark.parametrize("kind", NULLS)
def test_row_045_all_missing_now(run: Run, kind: str) -> None:
    outcome, column = compare(run, normal(1), NULLS[kind])
    assert outcome.code == 1
    assert statuses(column) == {"ks": "not_evaluated", "psi": "not_evaluated", "missing": "drift"}
    assert outcome.warnings == ["cur.parquet: column 'a': no values in current"]


@pytest.mark.parametrize("kind", NULLS)
def test_row_045_all_missing_before(run: Run, kind: str) -> None:
    outcome, column = compare(run, NULLS[kind], normal(1))
    assert outcome.code == 1
    assert statuses(column) == {"ks": "not_evaluated", "psi": "not_evaluated", "missing": "drift"}


def test_row_045_text_all_missing_now(run: Run) -> None:
    outcome, column = compare(run, ["x", "y"] * 250, pa.nulls(N))
    assert outcome.code == 1
    assert statuses(column) == {"chi2": "not_evaluated", "psi": "not_evaluated", "missing": "drift"}


def test_row_045_all_missing_on_both_sides_is_no_fault(run: Run) -> None:
    nothing = pa.nulls(N, pa.float64())
    save("ref.parquet", a=nothing, b=normal(1))
    save("cur.parquet", a=nothing, b=normal(2))
    assert run("features", "ref.parquet", "cur.parquet", "-q").code == 0


def test_row_046_missing_rate_jumps(run: Run) -> None:
    now = pa.array([None if i % 10 < 3 else v for i, v in enumerate(normal(4))])
    outcome, column = compare(run, normal(1), now)
    assert outcome.code == 1
    assert statuses(column) == {"ks": "ok", "psi": "ok", "missing": "drift"}
    assert column["drift_reason"] == "missing rate moved by 0.3 > 0.05"


def test_row_048_infinite_values(run: Run) -> None:
    now = normal(2)
    now[:100], now[100:200] = np.inf, -np.inf
    outcome, column = compare(run, normal(1), now)
    assert outcome.code == 1
    assert column["current"]["positive_infinite"] == 100
    assert column["current"]["negative_infinite"] == 100
    assert column["current_mean"] == pytest.approx(normal(2)[200:].mean(), rel=1e-12)


def test_row_048_only_infinite_values(run: Run) -> None:
    outcome, column = compare(run, np.full(N, np.inf), np.full(N, np.inf))
    assert (outcome.code, column["current_mean"]) == (0, None)
    assert outcome.warnings == []


def test_row_050_constants(run: Run) -> None:
    outcome, column = compare(run, np.ones(N), np.ones(N))
    assert (outcome.code, column["ks_statistic"]) == (0, 0.0)
    outcome, column = compare(run, np.ones(N), np.full(N, 2.0))
    assert (outcome.code, column["ks_statistic"]) == (1, 1.0)


def test_row_050_constant_predictions(run: Run) -> None:
    save("ref.parquet", score=np.ones(N))
    save("cur.parquet", score=np.full(N, 2.0))
    outcome = run("predictions", "ref.parquet", "cur.parquet", "--format", "json")
    assert outcome.code == 1
    mean = check(outcome.json["predictions"]["score"], "prediction_mean")
    assert (mean["status"], mean["reason"]) == ("not_evaluated", "constant before")
    outcome = run("predictions", "ref.parquet", "ref.parquet")
    assert (outcome.code, outcome.err) == (0, "")


def test_row_051_one_absurd_value_blinds_nothing(run: Run) -> None:
    now = normal(2, mean=3)
    now[0] = 1e12
    outcome, column = compare(run, normal(1), now)
    assert statuses(column) == {"ks": "drift", "psi": "drift", "missing": "ok"}
    (warning,) = outcome.warnings
    assert warning.startswith("column 'a': value 1e+12 lies far outside the reference's -")


def test_row_052_zeros_become_minus_one(run: Run) -> None:
    before = np.abs(normal(1))
    before[:300] = 0
    after = before.copy()
    after[:300] = -1
    outcome, column = compare(run, before, after)
    assert outcome.code == 1
    assert column["psi"] > 5


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_row_053_numbers_become_text(run: Run, command: str) -> None:
    save("ref.parquet", score=np.arange(N))
    save("cur.parquet", score=np.arange(N).astype(str))
    outcome = run(command, "ref.parquet", "cur.parquet", "--format", "json")
    reason = "int64 in the reference but text in current"
    assert outcome.error == f"cur.parquet: column 'score': {reason}"
    assert outcome.json["incomplete"] is True


def test_row_053_whole_and_other_numbers(run: Run) -> None:
    outcome, column = compare(run, np.arange(N), np.arange(N).astype(float))
    assert (outcome.code, column["ks_statistic"]) == (0, 0.0)


def test_row_054_whole_numbers_with_nulls_stay_exact(run: Run) -> None:
    before = pa.array([2**53] * 400 + [None] * 100, pa.int64())
    after = pa.array([2**53 + 1] * 400 + [None] * 100, pa.int64())
    outcome, column = compare(run, before, after)
    assert (outcome.code, column["ks_statistic"]) == (1, 1.0)


@pytest.mark.parametrize(
    ("after", "name"), [(["True", "False"] * 250, "text"), ([1, 0] * 250, "int64")]
)
def test_row_055_booleans_become_something_else(run: Run, after: list[Any], name: str) -> None:
    outcome, column = compare(run, [True, False] * 250, after)
    reason = f"bool in the reference but {name} in current"
    assert outcome.error == f"cur.parquet: column 'a': {reason}"
    assert statuses(column) == {"schema": "not_evaluated"}


def test_row_056_categories_come_and_go(run: Run) -> None:
    outcome, column = compare(run, ["x", "y"] * 250, ["x", "z"] * 250)
    assert outcome.code == 1
    assert (column["new_categories"], column["vanished_categories"]) == (["z"], ["y"])


IDS = [f"id{i}" for i in range(2000)]


def test_row_057_identifiers(run: Run) -> None:
    save("ref.parquet", id=IDS, b=normal(1, 2000))
    save("cur.parquet", id=IDS, b=normal(2, 2000))
    outcome = run("features", "ref.parquet", "cur.parquet")
    assert outcome.code == 0
    expected = "column 'id': looks like an identifier (distinct > 50 %), skipped"
    assert outcome.warnings == [expected]


def test_row_059_codes(run: Run) -> None:
    codes = RNG.choice([10001, 10002, 90210], N)
    outcome, column = compare(run, codes, codes)
    assert column["type"] == "continuous"
    (warning,) = outcome.warnings
    assert warning.startswith("column 'a': ")
    assert "compared as numbers" in warning
    text("c.yaml", "version: 1\ncolumns: {types: {a: categorical}}\n")
    outcome, column = compare(run, codes, codes, "-c", "c.yaml")
    assert (column["type"], outcome.warnings) == ("categorical", [])


def test_row_060_order_does_not_matter(run: Run) -> None:
    values = normal(1, 20_000)
    outcome, column = compare(run, values, np.sort(values))
    assert (outcome.code, column["ks_statistic"], column["psi"]) == (0, 0.0, 0.0)


@pytest.mark.parametrize("rows", [1, 2, 29])
def test_row_061_too_few_rows(run: Run, rows: int) -> None:
    noun = "row" if rows == 1 else "rows"
    reason = f"{rows} {noun} with a value in current, minimum 30"
    outcome, column = compare(run, normal(1), normal(2, rows))
    assert outcome.error == f"cur.parquet: column 'a': {reason}"
    assert column["status"] == "not_evaluated"
    outcome, _ = compare(run, normal(1), normal(2, rows), "--allow-not-evaluated")
    assert outcome.code == 0
    assert outcome.warnings == [f"cur.parquet: column 'a': {reason}"]


def test_row_061_enough_rows(run: Run) -> None:
    assert compare(run, normal(1), normal(2, 30))[0].code == 0


def test_row_061_what_could_be_checked_is_reported(run: Run) -> None:
    few = pa.array([1.0] * 12 + [None] * (N - 12))
    save("ref.parquet", a=normal(1), b=few)
    save("cur.parquet", a=normal(2), b=few)
    outcome = run("features", "ref.parquet", "cur.parquet", "--format", "json")
    reason = "12 rows with a value in current, minimum 30"
    assert outcome.error == f"cur.parquet: column 'b': {reason}"
    assert outcome.json["features"]["a"]["status"] == "ok"
    assert outcome.json["features"]["b"]["status"] == "not_evaluated"
    assert outcome.json["incomplete"] is True


def test_row_062_many_columns_make_no_false_alarm(run: Run) -> None:
    save("ref.parquet", **{f"c{i}": normal(i) for i in range(200)})
    save("cur.parquet", **{f"c{i}": normal(1000 + i) for i in range(200)})
    assert run("features", "ref.parquet", "cur.parquet", "-q").code == 0


def test_row_063_a_small_change_of_many_rows_is_no_drift(run: Run) -> None:
    before, after = normal(1, 200_000), normal(2, 200_000, mean=0.05)
    outcome, column = compare(run, before, after)
    assert outcome.code == 0
    assert statuses(column) == {"ks": "changed", "psi": "changed", "missing": "ok"}


def test_row_065_small_expected_counts(run: Run) -> None:
    reason = "not enough data: fewer than 2 cells with 5 expected rows"
    levels = [f"v{row % 20}" for row in range(40)]
    for before, after in ((levels, levels), (["x"] * 30, ["x"] * 29 + ["y"])):
        outcome, _ = compare(run, before, after)
        assert outcome.error == f"cur.parquet: column 'a': {reason}"


@pytest.mark.parametrize("values", [(False, True), ("no", "yes"), (0, 1)])
@pytest.mark.parametrize("rare", [(0, 1), (1, 0), (3, 2), (1, 4)])
def test_row_065_a_rare_level_is_no_lack_of_data(
    run: Run, values: tuple[Any, Any], rare: tuple[int, int]
) -> None:
    usual, odd = values
    before, after = ([usual] * (2_000 - many) + [odd] * many for many in rare)
    outcome, column = compare(run, before, after)
    assert (outcome.code, outcome.errors) == (0, [])
    assert set(statuses(column).values()) == {"ok"}


@pytest.mark.parametrize("values", [(False, True), ("no", "yes"), (0, 1)])
def test_row_065_a_rare_level_that_becomes_common_is_drift(
    run: Run, values: tuple[Any, Any]
) -> None:
    usual, odd = values
    outcome, column = compare(run, [usual] * 9_999 + [odd], [usual] * 50 + [odd] * 7)
    assert (outcome.code, column["status"]) == (1, "drift")
    (told,) = {check["result"]["pvalue"] for check in column["checks"][:2]}
    assert told == pytest.approx(2 * stats.hypergeom.sf(6, 10_057, 8, 57), rel=1e-9)


def test_row_066_p_values_underflow(run: Run) -> None:
    save("ref.parquet", a=normal(1, 20_000))
    save("cur.parquet", a=normal(2, 20_000, mean=3))
    outcome = run("features", "ref.parquet", "cur.parquet")
    assert outcome.code == 1
    assert "< 1e-300" in outcome.out


def test_a_column_that_vanished(run: Run) -> None:
    save("ref.parquet", a=normal(1), b=normal(2))
    save("cur.parquet", b=normal(3))
    outcome = run("features", "ref.parquet", "cur.parquet", "--format", "json")
    assert outcome.error == "cur.parquet: column 'a': no such column in current"
    assert outcome.json["features"]["b"]["status"] == "ok"


def test_a_column_that_is_new(run: Run) -> None:
    save("ref.parquet", a=normal(1))
    save("cur.parquet", a=normal(2), b=normal(3))
    outcome = run("features", "ref.parquet", "cur.parquet")
    assert (outcome.code, outcome.warnings) == (0, ["column 'b': new, not in the reference"])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            ("--columns", "tmperature"),
            "ref.parquet: column 'tmperature': no such column. did you mean 'temperature'?",
        ),
        (("--columns", "a,,b"), "--columns 'a,,b': an empty column name"),
        (("--columns", ""), "--columns '': an empty column name"),
        (("--exclude", "temperature"), "ref.parquet: no column to compare"),
    ],
)
def test_columns_that_cannot_be_chosen(run: Run, flags: tuple[str, str], expected: str) -> None:
    save("ref.parquet", temperature=normal(1))
    assert run("features", "ref.parquet", "ref.parquet", *flags).error == expected


def test_an_exclusion_that_excludes_nothing_is_told(run: Run) -> None:
    save("ref.parquet", a=normal(1))
    outcome = run("features", "ref.parquet", "ref.parquet", "--exclude", "b")
    expected = "column 'b': excluded, but not in the reference"
    assert (outcome.code, outcome.warnings) == (0, [expected])
