"""Runs with windows of time: which are compared, which is judged, since when, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from driftcli.config import Config, Time
from driftcli.errors import DriftcliError
from driftcli.model import Decision, DecisionPolicy, Report, Status
from driftcli.pipeline.columns import check_features, check_predictions

ROWS = 60
START = datetime(2026, 1, 5)  # a Monday
BY_DAY = Config(time=Time(column="t"))


def series(
    seed: int,
    days: int,
    *,
    start: datetime = START,
    rows: int = ROWS,
    shift: Any = 0.0,
    mood: float = 0.2,
    zone: str | None = None,
) -> pa.Table:
    """Days that differ a little; `shift` is added to the mean of x, one number for each day."""
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(days), rows)
    means = rng.normal(0, mood, days) + shift
    seconds = np.tile(np.linspace(0, 86_399, rows).astype(int), days) + 86_400 * at
    since = int((start - datetime(1970, 1, 1)).total_seconds())
    x = means[at] + rng.normal(0, 1, days * rows)
    return pa.table(
        {
            "t": pa.array(seconds + since, pa.timestamp("s", tz=zone)),
            "x": x,
            "k": pa.array(rng.choice(["a", "b", "c"], days * rows)),
            "score": 1 / (1 + np.exp(-x)),
        }
    )


def on_days(*days: int, seed: int = 1, shift: Any = 0.0, rows: int = ROWS) -> pa.Table:
    """Some days after the start, and none between them."""
    parts = [series(seed + day, 1, start=START + timedelta(days=day), rows=rows, shift=shift)
             for day in days]  # fmt: skip
    return pa.concat_tables(parts)


REFERENCE = series(1, 40)


def check(report: Report, column: str = "x", method: str = "ks") -> Decision:
    found = {**report.features, **report.predictions}[column].check(method)
    assert found is not None
    return found


def told(report: Report) -> tuple[int, str, str]:
    """How many windows the reference has, the first and the last."""
    assert report.windows is not None
    windows = report.windows
    return windows.reference, windows.reference_first, windows.reference_last


def on(**time: Any) -> Config:
    return Config(time=Time(**{"column": "t", **time}))


# -- the verdict -----------------------------------------------------------------------------------


def test_a_usual_day_is_usual_and_another_is_not() -> None:
    usual = check_features(REFERENCE, on_days(40, shift=0.2), BY_DAY)
    assert told(usual) == (40, "2026-01-05", "2026-02-13")
    assert check(usual).pvalue_from == "windows"
    assert check(usual).status in (Status.OK, Status.UNCERTAIN)
    assert Status.DRIFT not in {found.status for found in usual.decisions()}
    other = check(check_features(REFERENCE, on_days(40, shift=3.0), BY_DAY))
    assert other.status is Status.DRIFT
    assert other.standing is not None
    assert (other.standing.larger_than, other.standing.of) == (40, 40)
    assert other.standing.pvalue == other.pvalue_adjusted == 1 / 41
    assert other.reason.endswith("> 0.1, larger than 40 of 40 days of the reference")
    assert other.series is None


def test_days_that_differ_do_not_alarm_where_rows_would() -> None:
    moody = series(3, 60, mood=1.0)
    day = series(4, 1, start=START + timedelta(days=60), shift=-0.9, mood=0)
    by_rows = check(check_features(moody, day, Config()))
    by_days = check(check_features(moody, day, BY_DAY))
    assert by_rows.result == by_days.result
    assert (by_rows.status, by_rows.pvalue_from) == (Status.DRIFT, "rows")
    assert (by_days.status, by_days.pvalue_from) == (Status.UNCERTAIN, "windows")
    assert by_days.standing is not None
    standing = by_days.standing
    usual = f"is usual for a day: larger than {standing.larger_than} of 60 days of the reference"
    assert by_days.reason.endswith(usual)


@pytest.mark.parametrize(("days", "enough"), [(19, False), (20, True)])
def test_a_verdict_takes_twenty_windows(days: int, enough: bool) -> None:
    report = check_features(series(1, days), on_days(40, shift=3.0), BY_DAY)
    found = check(report)
    if enough:
        assert found.status is Status.DRIFT
        assert found.pvalue_adjusted == pytest.approx(1 / 21)
        return
    assert found.status is Status.NOT_EVALUATED
    assert found.blocking
    assert found.reason == "19 days of the reference to compare with, alpha 0.05 takes 20"
    assert (found.result.effect, found.pvalue_adjusted) == (None, None)


def test_a_smaller_alpha_takes_more_windows() -> None:
    strict = replace(BY_DAY, decision=DecisionPolicy(alpha=0.01))
    found = check(check_features(REFERENCE, on_days(40), strict))
    assert found.reason == "40 days of the reference to compare with, alpha 0.01 takes 100"


def test_the_threshold_alone_needs_no_windows() -> None:
    policy = DecisionPolicy(rule="threshold")
    config = replace(BY_DAY, decision=policy)
    assert (
        check(check_features(series(1, 5), on_days(40, shift=3.0), config)).status is Status.DRIFT
    )
    assert check(check_features(REFERENCE, on_days(40, shift=3.0), config)).status is Status.DRIFT


def test_what_is_certain_by_rows_is_not_where_days_differ() -> None:
    config = replace(BY_DAY, decision=DecisionPolicy(rule="certain"))
    moody = series(3, 60, mood=1.0, rows=400)
    day = series(4, 1, start=START + timedelta(days=60), shift=-0.9, mood=0, rows=400)
    assert check(check_features(moody, day, replace(config, time=Time()))).status is Status.DRIFT
    assert check(check_features(moody, day, config)).status is Status.UNCERTAIN
    far = series(4, 1, start=START + timedelta(days=60), shift=9.0, rows=400)
    assert check(check_features(moody, far, config)).status is Status.DRIFT


@pytest.mark.parametrize("correction", ["holm", "bh", "none"])
def test_the_course_ends_with_the_verdict(correction: Any) -> None:
    config = replace(BY_DAY, decision=DecisionPolicy(correction=correction))
    current = on_days(*range(40, 45), shift=0.8)
    report = check_features(REFERENCE, current, config)
    seen = 0
    for decision in report.decisions():
        course = decision.series
        if course is None or decision.standing is None:
            continue
        assert course.pvalues[-1] == decision.pvalue_adjusted
        assert course.effects[-1] == pytest.approx(decision.result.effect, abs=1e-12)
        assert course.flagged[-1] == (decision.status is Status.DRIFT)
        if correction == "none":
            assert decision.pvalue_adjusted == decision.standing.pvalue
        else:
            assert decision.pvalue_adjusted is not None
            assert decision.standing.pvalue is not None
            assert decision.pvalue_adjusted >= decision.standing.pvalue
        seen += 1
    assert seen >= 8


def test_predictions_are_compared_with_usual_days_as_well() -> None:
    report = check_predictions(REFERENCE, on_days(40, 41, shift=3.0), BY_DAY)
    methods = ["ks", "psi", "missing", "prediction_mean", "prediction_std"]
    assert [found.result.method for found in report.predictions["score"].checks] == methods
    for method in ("ks", "psi", "prediction_mean"):
        found = check(report, "score", method)
        assert (found.status, found.pvalue_from) == (Status.DRIFT, "windows")
        assert found.series is not None
        assert len(found.series.effects) == 2
    assert check(report, "score", "missing").status is Status.OK


def test_a_constant_score_is_the_same_every_day() -> None:
    def constant(table: pa.Table) -> pa.Table:
        return table.set_column(3, "score", pa.array(np.full(table.num_rows, 0.5)))

    report = check_predictions(constant(REFERENCE), constant(on_days(40)), BY_DAY)
    assert {found.status for found in report.predictions["score"].checks} == {Status.OK}


# -- which window a row is in ----------------------------------------------------------------------


def hourly(zone: str, start: datetime, hours: int) -> pa.Table:
    """A row every minute of so many true hours."""
    first = int(start.replace(tzinfo=ZoneInfo(zone)).timestamp())
    rng = np.random.default_rng(3)
    seconds = first + 60 * np.arange(hours * 60)
    return pa.table({"t": pa.array(seconds, pa.timestamp("s", tz=zone)),
                     "x": rng.normal(size=hours * 60)})  # fmt: skip


@pytest.mark.parametrize(
    ("start", "rows"),
    [
        (datetime(2026, 3, 27), {"2026-03-28": 24, "2026-03-29": 23, "2026-03-30": 24}),
        (datetime(2026, 10, 23), {"2026-10-24": 24, "2026-10-25": 25, "2026-10-26": 24}),
    ],
)
def test_days_have_the_hours_that_the_clock_on_the_wall_gives_them(
    start: datetime, rows: dict[str, int]
) -> None:
    current = hourly("Europe/Paris", start, 24 * 5)
    reference = hourly("Europe/Paris", datetime(2026, 1, 1), 24 * 30)
    windows = check_features(reference, current, BY_DAY).windows
    assert windows is not None
    assert windows.zone == "Europe/Paris"
    found = dict(zip(windows.current, windows.current_rows, strict=True))
    assert {day: found[day] for day in rows} == {day: 60 * hours for day, hours in rows.items()}


def test_another_zone_has_other_days() -> None:
    reference = hourly("UTC", datetime(2026, 1, 1), 24 * 30)
    current = hourly("UTC", datetime(2026, 2, 1), 24)
    for zone, rows in ((None, (1440,)), ("Europe/Paris", (1380, 60)), ("-10:00", (600, 840))):
        windows = check_features(reference, current, on(zone=zone)).windows
        assert windows is not None
        assert (windows.zone, windows.current_rows) == (zone or "UTC", rows)


def test_zones_of_the_two_sides_may_differ_for_one_moment_is_the_same() -> None:
    one = (
        series(1, 40, zone="UTC"),
        on_days(40).set_column(0, "t", on_days(40)["t"].cast(pa.timestamp("s", tz="UTC"))),
    )
    paris = one[1].set_column(0, "t", one[1]["t"].cast(pa.timestamp("s", tz="Europe/Paris")))
    expected, found = (check_features(one[0], side, BY_DAY) for side in (one[1], paris))
    assert expected.windows == found.windows
    assert [d.standing for d in expected.decisions()] == [d.standing for d in found.decisions()]


@pytest.mark.parametrize("aware", [0, 1])
def test_times_with_and_without_a_zone_do_not_meet(aware: int) -> None:
    sides = [REFERENCE, on_days(40)]
    sides[aware] = sides[aware].set_column(
        0, "t", sides[aware]["t"].cast(pa.timestamp("s", tz="UTC"))
    )
    with pytest.raises(DriftcliError, match=r"column 't': .*zone") as caught:
        check_features(*sides, BY_DAY)
    assert "\n" not in str(caught.value)
    assert "set --time-zone" not in str(caught.value)


def test_a_zone_for_times_that_have_none_is_refused() -> None:
    with pytest.raises(DriftcliError, match=r"column 't': .*no zone"):
        check_features(REFERENCE, on_days(40), on(zone="Europe/Paris"))


def test_missing_days_are_no_windows() -> None:
    gaps = on_days(*(day for day in range(0, 60, 2)), seed=5)
    report = check_features(gaps, on_days(70, 75, 79), BY_DAY)
    assert told(report) == (30, "2026-01-05", "2026-03-04")
    assert report.windows is not None
    assert report.windows.current == ("2026-03-16", "2026-03-21", "2026-03-25")
    standing = check(report).standing
    assert standing is not None
    assert standing.of == 30


def test_windows_with_few_rows_are_left_out() -> None:
    short = pa.concat_tables([REFERENCE, on_days(50, 51, rows=29), on_days(52, rows=30)])
    report = check_features(short, on_days(60), BY_DAY)
    assert told(report)[0] == 43
    standing = check(report).standing
    assert standing is not None
    assert standing.of == 41  # 40 days, and the one of 30 rows


def test_rows_without_a_time_are_counted_and_in_no_window() -> None:
    def lost(table: pa.Table, rows: int) -> pa.Table:
        times = pa.array([None] * rows + table["t"].to_pylist()[rows:], pa.timestamp("s"))
        return table.set_column(0, "t", times)

    report = check_features(lost(REFERENCE, 250), lost(on_days(40, 41), 5), BY_DAY)
    words = "have no time and are in no window"
    for warning in (f"250 rows of the reference {words}", f"5 rows of current {words}"):
        assert warning in report.warnings
    assert report.windows is not None
    assert told(report)[0] == 36  # four days have lost all of theirs, the fifth some
    assert report.windows.current_rows == (55, 60)


def test_as_many_rows_without_a_time_as_ever_are_no_drift() -> None:
    def lost(table: pa.Table) -> pa.Table:
        kept = np.arange(table.num_rows) % 10 > 0
        times = pa.array(table["t"].to_pandas(), pa.timestamp("s"), mask=~kept)
        return table.set_column(0, "t", times)

    for days in ((40,), (40, 41, 42)):
        report = check_features(lost(REFERENCE), lost(on_days(*days)), BY_DAY)
        assert Status.DRIFT not in {found.status for found in report.decisions()}, days


def test_rows_without_a_time_that_differ_are_no_drift() -> None:
    """They are in no window on either side: what the windows hold is what is compared."""

    def lost(table: pa.Table) -> pa.Table:
        gone = np.arange(table.num_rows) % 5 == 0
        times = pa.array(table["t"].to_pandas(), pa.timestamp("s"), mask=gone)
        x = pa.array(table["x"].to_numpy() + 4.0 * gone)
        return table.set_column(0, "t", times).set_column(1, "x", x)

    reference = lost(series(1, 40, rows=200, mood=0.05))
    later = START + timedelta(days=40)
    for days in (
        series(seed, count, start=later, rows=200, mood=0.05) for seed, count in ((2, 1), (3, 3))
    ):
        report = check_features(reference, lost(days), BY_DAY)
        for method in ("ks", "psi"):
            assert check(report, "x", method).status is not Status.DRIFT, days.num_rows


def timed(table: pa.Table, rows: int) -> pa.Table:
    """The same with a time in the first rows only; the others have values of their own."""
    gone = np.arange(table.num_rows) >= rows
    times = pa.array(table["t"].to_pandas(), pa.timestamp("s"), mask=gone)
    x = pa.array(table["x"].to_numpy() + 9.0 * gone)
    return table.set_column(0, "t", times).set_column(1, "x", x)


def test_of_one_window_only_the_rows_with_a_time_are_judged() -> None:
    day = on_days(40, rows=100)
    report = check_features(REFERENCE, timed(day, 60), BY_DAY)
    alone = check_features(REFERENCE, day.slice(0, 60), BY_DAY)
    for method in ("ks", "psi", "missing"):
        (found, expected) = (check(one, "x", method) for one in (report, alone))
        assert found.result.n_current == 60
        assert found.status is expected.status
        assert found.status is not Status.DRIFT
        assert found.standing == expected.standing
    # how many have none is a matter of all rows
    assert check(report, "t", "missing").result.details["current_rate"] == 0.4
    assert report.windows is not None
    assert report.windows.judged == "2026-02-14"


def test_a_window_with_few_rows_with_a_time_is_not_evaluated() -> None:
    report = check_features(REFERENCE, timed(on_days(40), 29), BY_DAY)
    assert check(report).reason == "29 rows with a value in current, minimum 30"
    assert report.incomplete


@pytest.mark.parametrize("rule", ["evident", "threshold", "certain"])
@pytest.mark.parametrize("side", ["the reference", "current"])
def test_a_side_without_any_time_is_not_evaluated(side: str, rule: Any) -> None:
    sides = {"the reference": REFERENCE, "current": on_days(40, 41)}
    sides[side] = timed(sides[side], 0)
    policy = DecisionPolicy(rule=rule)
    report = check_features(*sides.values(), replace(BY_DAY, decision=policy))
    for method in ("ks", "psi", "missing"):
        assert check(report, "x", method).status is Status.NOT_EVALUATED
        assert check(report, "x", method).reason == f"no row of {side} has a time (column 't')"
    assert report.incomplete
    assert check(report, "t", "missing").status is Status.DRIFT
    rows = sides[side].num_rows
    assert f"{rows:,} rows of {side} have no time and are in no window" in report.warnings


def test_windows_of_rows_are_whole() -> None:
    config = Config(time=Time(window="100rows"))
    report = check_features(REFERENCE, on_days(*range(40, 45)).slice(0, 290), config)
    assert report.windows is not None
    # 24 windows of the reference's 2,400 rows; the last 90 of current are no window
    assert told(report) == (24, "row 0", "row 2,300")
    assert (report.windows.current, report.windows.current_rows) == (
        ("row 0", "row 100"),
        (100,) * 2,
    )
    assert check(report).result.n_current == 100
    standing = check(report).standing
    assert standing is not None
    assert (standing.of, standing.windows) == (24, "windows of 100 rows of the reference")


def test_a_window_of_rows_cut_short_is_not_judged() -> None:
    config = Config(time=Time(window="100rows"))
    report = check_features(REFERENCE, on_days(*range(40, 45)).slice(0, 190), config)
    assert report.windows is not None
    assert report.windows.current_rows == (100,)
    assert check(report).result.n_current == 100


# -- windows of current ----------------------------------------------------------------------------


def test_of_several_windows_the_last_is_judged() -> None:
    back = pa.concat_tables([on_days(40, 41, shift=3.0), on_days(42)])
    gone = pa.concat_tables([on_days(40, 41), on_days(42, shift=3.0)])
    assert check(check_features(REFERENCE, back, BY_DAY)).status is not Status.DRIFT
    found = check(check_features(REFERENCE, gone, BY_DAY))
    assert found.status is Status.DRIFT
    assert found.result.n_current == ROWS
    assert found.series is not None
    assert found.series.flagged == (False, False, True)
    alone = check(check_features(REFERENCE, on_days(42, shift=3.0), BY_DAY))
    assert found.standing == alone.standing


def test_a_course_has_an_entry_a_window_and_none_where_rows_are_few() -> None:
    current = pa.concat_tables([on_days(40, 41), on_days(42, rows=10), on_days(50)])
    report = check_features(REFERENCE, current, BY_DAY)
    assert report.windows is not None
    assert report.windows.current_rows == (60, 60, 10, 60)
    for decision in report.decisions():
        if decision.series is not None:
            course = decision.series
            assert [effect is None for effect in course.effects] == [False, False, True, False]
            assert [p is None for p in course.pvalues] == [False, False, True, False]
            assert course.flagged[2] is False


def test_a_last_window_with_few_rows_is_not_evaluated() -> None:
    current = pa.concat_tables([on_days(40, 41), on_days(42, rows=10)])
    found = check(check_features(REFERENCE, current, BY_DAY))
    assert (found.status, found.blocking) == (Status.NOT_EVALUATED, True)
    assert found.reason == "10 rows with a value in current, minimum 30"


@pytest.mark.parametrize("at", [6, 11, 17])
def test_since_when_covers_the_window_of_the_change(at: int) -> None:
    shift = np.where(np.arange(20) >= at, 2.0, 0.0)
    current = series(9, 20, start=START + timedelta(days=40), shift=shift)
    report = check_features(REFERENCE, current, BY_DAY)
    assert report.windows is not None
    days = report.windows.current
    for method in ("ks", "psi"):
        found = check(report, "x", method)
        assert found.status is Status.DRIFT
        assert found.series is not None
        since = found.series.since
        assert since is not None
        assert since.earliest <= days[at] <= since.latest
        assert since.earliest <= since.window <= since.latest
        assert days.index(since.latest) - days.index(since.earliest) <= 4
        assert not since.before
        assert f", since {since.window}" in found.reason
        assert found.series.flagged[at:] == (True,) * (20 - at)
        assert found.series.slope is not None
        assert found.series.slope > 0


def test_a_change_before_the_first_window_is_told_as_such() -> None:
    current = series(9, 10, start=START + timedelta(days=40), shift=2.0)
    found = check(check_features(REFERENCE, current, BY_DAY))
    assert found.series is not None
    assert found.series.since is not None
    assert found.series.since.before
    assert found.reason.endswith("since 2026-02-14 or before")


def test_what_does_not_drift_has_no_since() -> None:
    report = check_features(REFERENCE, on_days(*range(40, 50)), BY_DAY)
    courses = [d.series for d in report.decisions() if d.status is not Status.DRIFT and d.series]
    assert len(courses) >= 8
    assert {course.since for course in courses} == {None}
    assert all(course.slope is not None for course in courses)


def test_without_the_time_column_current_is_one_window() -> None:
    current = on_days(40, 41, shift=3.0).drop_columns(["t"])
    config = replace(BY_DAY, columns=replace(BY_DAY.columns, exclude=("t",)))
    report = check_features(REFERENCE, current, config)
    assert report.windows is not None
    assert (report.windows.current, told(report)[0]) == ((), 40)
    assert check(report).status is Status.DRIFT
    assert check(report).result.n_current == 2 * ROWS


def test_current_much_longer_than_a_window_is_told() -> None:
    current = on_days(*range(40, 50)).drop_columns(["t"])
    config = replace(BY_DAY, columns=replace(BY_DAY.columns, exclude=("t",)))
    (warning,) = check_features(REFERENCE, current, config).warnings
    assert warning == "current has 600 rows, a day of the reference 60: compare like with like"
    assert check_features(REFERENCE, current.slice(0, 100), config).warnings == ()


# -- windows of one kind ---------------------------------------------------------------------------


def weekly(seed: int, weeks: int, start: datetime = START) -> pa.Table:
    """Weeks whose Sundays are far from other days."""
    shift = np.where(np.arange(7 * weeks) % 7 == 6, 3.0, 0.0)
    return series(seed, 7 * weeks, start=start, shift=shift, rows=40)


def test_a_sunday_is_compared_with_sundays() -> None:
    reference = weekly(1, 22)
    later = START + timedelta(weeks=22)
    sunday, monday = later + timedelta(days=6), later + timedelta(days=7)
    usual = series(5, 1, start=sunday, shift=3.0, rows=40, mood=0)
    strange = series(5, 1, start=monday, shift=3.0, rows=40, mood=0)
    by_kind = on(like="weekday")
    plain = check(check_features(reference, strange, BY_DAY))
    assert plain.status is Status.UNCERTAIN  # as one day of seven is so different
    found = check(check_features(reference, strange, by_kind))
    assert found.status is Status.DRIFT
    assert found.reason.endswith("larger than 22 of 22 Mondays of the reference")
    quiet = check(check_features(reference, usual, by_kind))
    assert quiet.status is Status.UNCERTAIN
    assert quiet.standing is not None
    assert (quiet.standing.of, quiet.standing.one) == (22, "a Sunday")
    assert "is usual for a Sunday: larger than " in quiet.reason


def test_few_windows_of_a_kind_are_told_by_their_name() -> None:
    found = check(check_features(REFERENCE, on_days(42), on(like="weekday")))  # a Monday
    assert found.reason == "6 Mondays of the reference to compare with, alpha 0.05 takes 20"


def test_hours_are_compared_with_the_same_hours() -> None:
    def nightly(seed: int, days: int, start: datetime = START) -> pa.Table:
        table = series(seed, days, start=start, rows=160, mood=0.1)
        hours = np.tile(np.linspace(0, 86_399, 160) < 6 * 3600, days)  # the first of every day
        return table.set_column(1, "x", pa.array(table["x"].to_numpy() + 3.0 * hours))

    reference = nightly(1, 21)
    config = on(window="6h", like="hour")
    day = nightly(2, 1, START + timedelta(days=21))
    report = check_features(reference, day.slice(0, 40), config)
    assert told(report)[0] == 84
    found = check(report)
    assert found.standing is not None
    assert (found.standing.of, found.standing.one) == (21, "00:00")
    assert found.standing.windows == "windows of 6 hours at 00:00 of the reference"
    assert found.status is Status.UNCERTAIN
    moved = day.slice(0, 40).set_column(
        0, "t", pa.array([t + timedelta(hours=12) for t in day["t"].to_pylist()[:40]],
                         pa.timestamp("s"))
    )  # fmt: skip
    assert check(check_features(reference, moved, config)).status is Status.DRIFT
    assert check(check_features(reference, moved, on(window="6h"))).status is Status.UNCERTAIN


def holidays(table: pa.Table, *days: int) -> pa.Table:
    """Mark days after the start; one row of each other day is marked by mistake."""
    day = (
        table["t"].cast(pa.int64()).to_numpy() - int((START - datetime(1970, 1, 1)).total_seconds())
    ) // 86_400
    mark = np.isin(day, days)
    mark[np.unique(day, return_index=True)[1]] = True
    return table.append_column("holiday", pa.array(mark))


def test_a_holiday_is_compared_with_holidays() -> None:
    """Holidays have another mean: unusual among all days, usual among themselves."""
    off = tuple(range(0, 100, 4))
    shift = np.where(np.isin(np.arange(100), off), 2.0, 0.0)
    reference = holidays(series(1, 100, shift=shift, mood=0.05), *off)
    current = holidays(on_days(101, shift=2.0), 101)
    by_kind = check(check_features(reference, current, on(like="holiday")))
    assert by_kind.standing is not None
    assert (by_kind.standing.of, by_kind.standing.one) == (25, "a day with holiday true")
    assert by_kind.standing.windows == "days with holiday true of the reference"
    assert by_kind.status is not Status.DRIFT
    odd = holidays(on_days(101, shift=2.0))
    among_workdays = check(check_features(reference, odd, on(like="holiday")))
    assert among_workdays.standing is not None
    assert among_workdays.standing.of == 75
    assert among_workdays.status is Status.DRIFT


def test_a_kind_that_the_reference_never_saw_is_not_evaluated() -> None:
    reference = REFERENCE.append_column("kind", pa.array(["a"] * len(REFERENCE)))
    current = on_days(50).append_column("kind", pa.array(["b"] * ROWS))
    found = check(check_features(reference, current, on(like="kind")))
    assert found.status is Status.NOT_EVALUATED
    assert found.reason.startswith("0 days with kind b of the reference to compare with")
    unknown = current.set_column(4, "kind", pa.nulls(ROWS, pa.string()))
    found = check(check_features(reference, unknown, on(like="kind")))
    assert found.reason.startswith("0 days of the reference to compare with")


def test_a_column_that_current_lacks_tells_no_kind() -> None:
    reference = REFERENCE.append_column("kind", pa.array(["a"] * len(REFERENCE)))
    with pytest.raises(DriftcliError, match=r"column 'kind': no such column\. it tells which"):
        check_features(reference, on_days(50), on(like="kind"))


def test_rows_have_kinds_too() -> None:
    kinds = pa.array(np.repeat(["a", "b"] * 20, ROWS))
    reference = REFERENCE.append_column("kind", kinds)
    current = on_days(50).append_column("kind", pa.array(["b"] * ROWS))
    config = Config(
        time=Time(window=f"{ROWS}rows", like="kind"), decision=DecisionPolicy(alpha=0.1)
    )
    found = check(check_features(reference, current, config))
    assert found.standing is not None
    assert found.standing.of == 20


def test_a_kind_without_a_time_in_current_is_refused() -> None:
    current = on_days(40).drop_columns(["t"])
    with pytest.raises(DriftcliError, match="column 't': no such column"):
        check_features(REFERENCE, current, on(like="weekday"))


# -- what is no time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "line"),
    [
        (Time(column="k"), "column 'k': string is no time. name dates or timestamps with --time"),
        (Time(column="x"), "column 'x': double is no time. name dates or timestamps with --time"),
        (Time(column="scor"), "column 'scor': no such column. did you mean 'score'?"),
        (Time(window="1d"), "--window 1d of which time? name its column with --time"),
        (Time(column="t", window="1y"), "--window '1y': not a length of time. write 1d, 6h"),
        (Time(column="t", window="9rows"), "--window 9rows: rows have no use for a time"),
        (Time(window="9rows", like="hour"), "--like hour: windows of 9 rows have no hour"),
        (Time(column="t", window="1w", like="weekday"), "--like weekday: weeks have no weekday"),
        (Time(like="weekday"), "windows without a length. name the time column with --time"),
        (Time(zone="UTC"), "windows without a length. name the time column with --time"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(time: Time, line: str) -> None:
    with pytest.raises(DriftcliError) as caught:
        check_features(REFERENCE, on_days(40), Config(time=time))
    assert line in str(caught.value)
    assert str(caught.value).isprintable()


def test_dates_and_dictionaries_of_times_are_times() -> None:
    plain = check_features(REFERENCE, on_days(40, 41), BY_DAY)
    for kind in (pa.date32(), pa.timestamp("ns"), pa.date64()):
        sides = [t.set_column(0, "t", t["t"].cast(pa.date32()).cast(kind))
                 for t in (REFERENCE, on_days(40, 41))]  # fmt: skip
        report = check_features(*sides, BY_DAY)
        assert report.windows == plain.windows
        assert check(report) == check(plain)
    coded = REFERENCE.set_column(0, "t", REFERENCE["t"].combine_chunks().dictionary_encode())
    assert check(check_features(coded, on_days(40, 41), BY_DAY)) == check(plain)


def test_never_is_no_time() -> None:
    odd = [datetime(1, 1, 1), datetime(9999, 12, 31), None]
    times = pa.array(odd + on_days(40)["t"].to_pylist()[3:], pa.timestamp("s"))
    report = check_features(REFERENCE, on_days(40).set_column(0, "t", times), BY_DAY)
    assert report.windows is not None
    assert report.windows.current_rows == (57,)
    assert "3 rows of current have no time and are in no window" in report.warnings


def test_a_moment_is_in_the_day_of_its_zone() -> None:
    moment = datetime(2026, 2, 14, 23, 30, tzinfo=UTC)
    reference = series(1, 40, zone="UTC")
    table = on_days(40).set_column(
        0, "t", pa.array([moment] * ROWS, pa.timestamp("s", tz="America/New_York"))
    )
    for zone, day in (("UTC", "2026-02-14"), ("Asia/Tokyo", "2026-02-15")):
        windows = check_features(reference, table, on(zone=zone)).windows
        assert windows is not None
        assert windows.current == (day,)
