from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftcli.errors import DataError, UsageError
from driftcli.windows.clock import NOWHERE, Clock
from driftcli.windows.spec import WindowSpec

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NEW_YORK = "America/New_York"
ZONES = [
    "UTC", NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Africa/Monrovia",
    "America/Sao_Paulo", "Pacific/Apia", "Europe/Amsterdam", "Africa/Casablanca", "+05:30",
    "-03:00",
]  # fmt: skip
LENGTHS = ["1d", "3d", "1w", "2w", "1mo", "5mo", "1h", "6h", "7h", "30min", "1min"]


def clock(window: str, zone: str | None = None) -> Clock:
    return Clock(WindowSpec.parse(window), zone)


def stamps(values: list[int | None], unit: str = "s", zone: str | None = None) -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))


def seconds(text: str) -> int:
    """Of a time in UTC, since 1970."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def tzinfo(zone: str) -> dt.tzinfo:
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[4:])
        return dt.timezone((-1 if zone[0] == "-" else 1) * dt.timedelta(0, 0, 0, 0, minutes, hours))
    return ZoneInfo(zone)


def oracle(second: int, window: str, zone: str | None) -> int:
    """The definition, by the calendar of Python, for one row."""
    spec = WindowSpec.parse(window)
    if spec.unit in ("h", "min"):
        return second // (spec.count * {"h": 3_600, "min": 60}[spec.unit])
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
    day = moment.astimezone(dt.UTC if zone is None else tzinfo(zone)).date()
    if spec.unit == "mo":
        return ((day.year - 1970) * 12 + day.month - 1) // spec.count
    if spec.unit == "w":
        monday = day - dt.timedelta(days=day.weekday())
        return (monday - dt.date(1969, 12, 29)).days // 7 // spec.count
    return (day - dt.date(1970, 1, 1)).days // spec.count


TIMES = st.integers(seconds("1678-01-01"), seconds("2261-12-31T23:59:59"))
NEAR = st.integers(seconds("1965-01-01"), seconds("2045-01-01"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.none() | NEAR | TIMES, max_size=12),
    st.sampled_from(LENGTHS),
    st.none() | st.sampled_from(ZONES),
    st.sampled_from(sorted(UNITS)),
    st.integers(0, 3),
    st.data(),
)
def test_as_the_calendar_says_row_by_row(values, window, zone, unit, skipped, data):
    per = UNITS[unit]
    rest = data.draw(st.integers(0, per - 1))
    fine = [None if value is None else value * per + rest for value in values]
    array = stamps(fine, unit, zone).slice(skipped)
    expected = [NOWHERE if v is None else oracle(v, window, zone) for v in values][skipped:]
    found = clock(window).numbers(array)
    assert found.dtype == np.int64
    assert found.tolist() == expected


@settings(max_examples=60, deadline=None)
@given(TIMES, st.sampled_from(LENGTHS), st.none() | st.sampled_from(ZONES))
@example(seconds("2013-11-03T05:30:00"), "30min", NEW_YORK)
@example(seconds("2013-04-06T14:45:00"), "1h", "Australia/Lord_Howe")
@example(seconds("2018-11-04T02:59:59"), "1d", "America/Sao_Paulo")  # midnight did not exist
def test_a_row_lies_between_the_start_and_the_end_of_its_window(second, window, zone):
    there = clock(window).of_column(pa.timestamp("s", zone))
    number = int(there.numbers(stamps([second], zone=zone))[0])
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
    if zone is None:
        moment = moment.replace(tzinfo=None)
        assert there.start(number) <= moment < there.end(number)
    else:
        assert there.start(number).tzinfo == tzinfo(zone)
        start, end = (side(number).astimezone(dt.UTC) for side in (there.start, there.end))
        assert start <= moment < end


def hourly(first: str, hours: int, zone: str, step: int = 3_600) -> pa.Array:
    begin = seconds(first)
    return stamps(list(range(begin, begin + hours * 3_600, step)), "s", zone)


def sizes(numbers: np.ndarray) -> list[int]:
    """Rows of consecutive windows; the windows must be consecutive."""
    found, counts = np.unique(numbers, return_counts=True)
    assert all(right - left == 1 for left, right in pairwise(found.tolist()))
    return counts.tolist()


@pytest.mark.parametrize(
    ("zone", "first_midnight", "hours", "step", "expected"),
    [
        (NEW_YORK, "2013-03-09T05:00", 71, 3_600, [24, 23, 24]),
        (NEW_YORK, "2013-11-02T04:00", 73, 3_600, [24, 25, 24]),
        ("Asia/Kolkata", "2013-03-08T18:30", 48, 1_800, [48, 48]),
        # half an hour of daylight saving: a day of 24.5 hours, and one of 23.5
        ("Australia/Lord_Howe", "2013-04-06T13:00", 49, 1_800, [49, 48, 1]),
        ("Australia/Lord_Howe", "2013-10-05T13:30", 48, 1_800, [47, 48, 1]),
    ],
)
def test_a_day_of_the_zone_is_one_window_whatever_its_hours(
    zone, first_midnight, hours, step, expected
):
    assert sizes(clock("1d").numbers(hourly(first_midnight, hours, zone, step))) == expected


def test_hours_pass_daylight_saving_in_equal_lengths():
    array = hourly("2013-11-02T04:00", 73, NEW_YORK, 1_800)
    assert sizes(clock("1h").numbers(array)) == [2] * 73


def test_a_day_that_a_zone_left_out_is_a_gap():
    times = [seconds("2011-12-30T09:59:59"), seconds("2011-12-30T10:00:00")]
    apia = clock("1d", "Pacific/Apia")
    numbers = apia.numbers(stamps(times, zone="UTC")).tolist()
    assert [apia.label(number) for number in numbers] == ["2011-12-29", "2011-12-31"]


def test_the_zone_asked_for_goes_before_the_zone_of_the_column():
    late = [seconds("2013-07-04T02:00")]
    found = [
        clock("1d", zone).of_column(kind).label(int(clock("1d", zone).numbers(array)[0]))
        for zone in (None, NEW_YORK)
        for array in (stamps(late), stamps(late, zone="UTC"), stamps(late, zone="Asia/Tokyo"))
        for kind in [array.type]
    ]
    assert found == [
        "2013-07-04", "2013-07-04", "2013-07-04", "2013-07-04", "2013-07-03", "2013-07-03"
    ]  # fmt: skip


@pytest.mark.parametrize("zone", [None, NEW_YORK])
def test_times_without_a_zone_are_taken_as_they_read(zone):
    times = [seconds("2013-03-10T02:30"), seconds("2013-03-10T23:30")]  # the first never was
    assert clock("1d", zone).numbers(stamps(times)).tolist() == [15_774, 15_774]
    assert clock("6h", zone).numbers(stamps(times)).tolist() == [63_096, 63_099]
    there = clock("6h", zone).of_column(pa.timestamp("s"))
    assert (there.zone, there.label(63_099)) == (None, "2013-03-10T18:00")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("zone", "midnight"), [(None, 0), ("UTC", 0), (NEW_YORK, 5 * 3_600)])
def test_times_before_1970_are_rounded_down(unit, zone, midnight):
    per = UNITS[unit]
    since = [-1, 0, -86_400 * per, -86_400 * per - 1]
    array = stamps([midnight * per + value for value in since], unit, zone)
    assert clock("1d").numbers(array).tolist() == [-1, 0, -1, -2]
    assert clock("1mo").numbers(array).tolist() == [-1, 0, -1, -1]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("1d", [-4, -3, 3, 4, 15_890]),
        ("1w", [-1, 0, 0, 1, 2_270]),
        ("2w", [-1, 0, 0, 0, 1_135]),
        ("3d", [-2, -1, 1, 1, 5_296]),
        ("1mo", [-1, -1, 0, 0, 522]),
        ("3mo", [-1, -1, 0, 0, 174]),
        ("12h", [-8, -6, 6, 8, 31_780]),
    ],
)
@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.timestamp("ns")], ids=str)
def test_windows_of_dates(window, expected, kind):
    days = ["1969-12-28", "1969-12-29", "1970-01-04", "1970-01-05", "2013-07-04"]
    array = pa.array([dt.date.fromisoformat(day) for day in days]).cast(kind)
    assert clock(window).numbers(array).tolist() == expected


def test_nulls_and_times_that_stand_for_never_are_nowhere():
    first, last = seconds("1678-01-01"), seconds("2262-01-01")
    never = [seconds("0001-01-01"), seconds("9999-12-31"), first - 1, last, -(2**63), 2**63 - 1]
    numbers = clock("1d", NEW_YORK).numbers(stamps([first, None, *never, last - 1], zone="UTC"))
    assert numbers.tolist() == [-106_651, *[NOWHERE] * 7, 106_650]
    ends = pa.array([-(2**31), 0, None, 2**31 - 1], pa.int32()).cast(pa.date32())
    assert clock("1mo").numbers(ends).tolist() == [NOWHERE, 0, NOWHERE, NOWHERE]


@pytest.mark.parametrize("window", ["1d", "1mo", "6h"])
@pytest.mark.parametrize(
    "kind",
    [pa.timestamp("ns"), pa.timestamp("us", NEW_YORK), pa.date32(), pa.null()],
    ids=str,
)
def test_no_rows_and_rows_of_nulls_only(window, kind):
    assert clock(window).numbers(pa.array([], kind)).tolist() == []
    assert clock(window).numbers(pa.nulls(3, kind)).tolist() == [NOWHERE] * 3
    chunked = pa.chunked_array([pa.array([], kind), pa.nulls(2, kind)])
    numbers = [clock(window).numbers(chunk).tolist() for chunk in chunked.chunks]
    assert numbers == [[], [NOWHERE] * 2]


def test_slices_and_dictionaries_keep_their_rows():
    days = [None, *(86_400 * day for day in range(20)), None, 86_400 * 7]
    array = stamps(days, "s", "UTC")
    whole = clock("1d").numbers(array)
    assert whole.tolist() == [NOWHERE, *range(20), NOWHERE, 7]
    for begin, length in [(0, 1), (1, 8), (9, 14), (22, 1), (23, 0)]:
        part = array.slice(begin, length)
        expected = whole[begin : begin + length].tolist()
        assert clock("1d").numbers(part).tolist() == expected
        assert clock("1d").numbers(part.dictionary_encode()).tolist() == expected


def test_rows_in_any_order_over_many_years():
    rng = np.random.default_rng(5)
    times = rng.integers(seconds("1940-01-01"), seconds("2060-01-01"), 3_000)
    array = stamps(times.tolist(), "s", NEW_YORK)
    expected = [oracle(time, "1d", NEW_YORK) for time in times.tolist()]
    assert clock("1d").numbers(array).tolist() == expected


def test_every_change_of_offset_counts_from_its_own_second():
    """Liberia's clocks were 44 minutes and 30 seconds behind until 7 January 1972."""
    change = seconds("1972-01-07T00:44:30")
    monrovia = clock("1d", "Africa/Monrovia")
    days = [monrovia.numbers(stamps([change + by], zone="UTC"))[0] for by in (-1, 0)]
    assert [monrovia.label(int(day)) for day in days] == ["1972-01-06", "1972-01-07"]


def test_windows_of_rows():
    rows = clock("50000rows")
    assert rows.numbers_of_rows(49_999, 3).tolist() == [0, 1, 1]
    assert clock("3rows").numbers_of_rows(2, 6).tolist() == [0, 1, 1, 1, 2, 2]
    assert clock("3rows").numbers_of_rows(2, 0).dtype == np.int64
    assert [rows.label(number) for number in (0, 1, 20)] == ["row 0", "row 50,000", "row 1,000,000"]


@pytest.mark.parametrize(
    ("window", "zone", "time", "label"),
    [
        ("1d", None, "2013-07-04T12:00", "2013-07-04"),
        ("1d", NEW_YORK, "2013-07-04T03:00", "2013-07-03"),
        ("1w", None, "2013-07-04T12:00", "2013-07-01"),
        ("3d", None, "2013-07-04T12:00", "2013-07-02"),
        ("1mo", NEW_YORK, "2013-07-01T03:59", "2013-06"),
        ("5mo", None, "1969-12-31T00:00", "1969-08"),
        ("6h", None, "2013-07-04T06:00", "2013-07-04T06:00"),
        ("6h", NEW_YORK, "2013-07-04T11:59", "2013-07-04T06:00Z"),
        ("30min", "Asia/Kolkata", "1969-12-31T23:59", "1969-12-31T23:30Z"),
    ],
)
def test_labels(window, zone, time, label):
    there = clock(window).of_column(pa.timestamp("s", zone))
    assert there.label(int(there.numbers(stamps([seconds(time)], zone=zone))[0])) == label


@pytest.mark.parametrize(
    ("window", "zone", "start", "end"),
    [
        ("1d", NEW_YORK, "2013-03-10T00:00:00-05:00", "2013-03-11T00:00:00-04:00"),
        ("1d", NEW_YORK, "2013-11-03T00:00:00-04:00", "2013-11-04T00:00:00-05:00"),
        ("1mo", NEW_YORK, "2013-03-01T00:00:00-05:00", "2013-04-01T00:00:00-04:00"),
        ("1w", "Asia/Kolkata", "2013-03-04T00:00:00+05:30", "2013-03-11T00:00:00+05:30"),
        ("6h", NEW_YORK, "2013-03-10T01:00:00-05:00", "2013-03-10T08:00:00-04:00"),
        ("6h", "+02:00", "2013-03-10T02:00:00+02:00", "2013-03-10T08:00:00+02:00"),
        ("12mo", None, "2013-01-01T00:00:00", "2014-01-01T00:00:00"),
        ("90min", None, "2013-03-10T01:30:00", "2013-03-10T03:00:00"),
    ],
)
def test_starts_and_ends(window, zone, start, end):
    there = clock(window, zone)
    begin = dt.datetime.fromisoformat(start)
    second = seconds(start) if zone is None else int(begin.timestamp())
    number = int(there.numbers(stamps([second], zone=zone))[0])
    assert (there.start(number).isoformat(), there.end(number).isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("window", "zone", "time", "like", "kind"),
    [
        ("1d", None, "2013-07-04T12:00", "weekday", "Thursday"),
        ("1d", NEW_YORK, "2013-07-04T03:00", "weekday", "Wednesday"),
        ("1d", None, "2013-07-04T12:00", "month", "July"),
        ("1mo", None, "1969-12-04T12:00", "month", "December"),
        ("1w", None, "2013-07-04T12:00", "month", "July"),
        ("1h", None, "2013-07-04T06:59", "hour", "06:00"),
        ("30min", None, "2013-07-04T06:59", "hour", "06:00"),
        ("6h", NEW_YORK, "2013-07-04T11:59", "hour", "02:00"),
        ("6h", NEW_YORK, "2013-12-04T11:59", "hour", "01:00"),
        ("1h", NEW_YORK, "2013-07-04T03:00", "weekday", "Wednesday"),
    ],
)
def test_kinds(window, zone, time, like, kind):
    there = clock(window).of_column(pa.timestamp("s", zone))
    number = int(there.numbers(stamps([seconds(time)], zone=zone))[0])
    assert there.kind(number, like) == kind


def test_a_kind_that_windows_do_not_have():
    with pytest.raises(UsageError, match=r"^--like hour: days have no hour of their own\. "):
        clock("1d").kind(0, "hour")


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        ("America/NewYork", "--time-zone 'America/NewYork': no such time zone. did you mean "),
        (
            "europe/pari",
            "--time-zone 'europe/pari': no such time zone. did you mean 'Europe/Paris'",
        ),
        ("Q", "--time-zone 'Q': no such time zone. write it as Europe/Paris, UTC or +02:00"),
        ("", "--time-zone '': no such time zone. write it as Europe/Paris, UTC or +02:00"),
        ("../UTC", "--time-zone '../UTC': no such time zone."),
        ("/etc/passwd", "--time-zone '/etc/passwd': no such time zone."),
        ("America", "--time-zone 'America': no such time zone."),
        ("+99:00", "--time-zone '+99:00': no such time zone."),
    ],
)
def test_zones_that_nobody_knows(zone, line):
    with pytest.raises(UsageError) as caught:
        clock("1d", zone)
    assert str(caught.value).startswith(line)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([20130704]),
        pa.array([1.0]),
        pa.array(["2013-07-04"]),
        pa.array([dt.time(6)]),
        pa.array([dt.timedelta(days=1)]),
        pa.array([True]),
        pa.array(["2013-07-04"]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_columns_that_hold_no_times(array):
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    hint = "name dates or timestamps with --time, or count rows: --window 50000rows"
    with pytest.raises(DataError) as caught:
        clock("1d").numbers(array)
    assert str(caught.value) == f"{kind} is no time. {hint}"
    with pytest.raises(DataError) as caught:
        clock("1d").of_column(array.type, path="a.csv", column="day")
    assert str(caught.value) == f"a.csv: column 'day': {kind} is no time. {hint}"


def test_a_column_of_a_zone_that_nobody_knows():
    kind = pa.timestamp("us", "Mars/Olympus")
    with pytest.raises(DataError) as caught:
        clock("1d").of_column(kind, path="a.parquet", column="at")
    assert str(caught.value) == (
        "a.parquet: column 'at': no such time zone: 'Mars/Olympus'. "
        "name the zone to go by with --time-zone"
    )
    assert clock("1d", "UTC").of_column(kind) == clock("1d", "UTC")
