"""Windows in a baseline: kept whole, believed only where sound, and as good as the rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from baseline_samples import forge, parts_of

from driftcli.baselines.file import load, packed
from driftcli.config import Columns, Config, Predictions, Time
from driftcli.errors import DataError, DriftcliError
from driftcli.model import Report, Status
from driftcli.pipeline.baseline import create_baseline, merge_baselines
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.renderers.json import document

DAY, FIRST, DAYS, ROWS = 86_400, 20_458, 24, 80  # from 2026-01-05, a Monday
CONFIG = Config(columns=Columns(types={"code": "categorical"}), time=Time(column="t"))


def data(seed: int, days: int = DAYS, first: int = FIRST, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(days), ROWS)
    rows, mood = len(at), rng.normal(0, 0.2, days)[at]
    gaps = rng.random(rows) < 0.05
    return pa.table(
        {
            "t": pa.array((first + at) * DAY + rng.integers(0, DAY, rows), pa.timestamp("s")),
            "x": np.round(rng.normal(shift + mood), 2),
            "n": pa.array(rng.integers(0, 300, rows), mask=gaps),
            "code": rng.integers(0, 6, rows),
            "word": pa.array(rng.choice(["a", "b", "ü c"], rows), mask=gaps),
            "flag": rng.random(rows) < 0.4 + mood / 4,
            "seen": pa.array(rng.integers(0, 10**9, rows), pa.timestamp("s"), mask=gaps),
            "score": np.round(rng.random(rows), 3),
        }
    )  # fmt: skip


REFERENCE, CURRENT = data(1), data(2, 5, FIRST + DAYS, 0.4)


def kept(folder: Path, config: Config = CONFIG, table: pa.Table = REFERENCE) -> Path:
    path = folder / "ref.baseline"
    create_baseline(table, config).baseline.write(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return kept(tmp_path)


def refused(path: Path) -> str:
    """The one line of a file that is refused, less its name and the way out."""
    with pytest.raises(DataError) as caught:
        load(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    assert "driftcli baseline create" in line
    return line.removeprefix(f"{path}: ")


# -- the file --------------------------------------------------------------------------------------


def test_what_is_written_comes_back(path: Path) -> None:
    made, read = create_baseline(REFERENCE, CONFIG).baseline, load(path)
    assert made.windows is not None
    assert read.windows == made.windows
    assert packed(read) == path.read_bytes()
    assert list(read.windows.rows) == list(range(FIRST, FIRST + DAYS))
    assert set(read.windows.rows.values()) == {ROWS}
    assert {name: sorted(found) for name, found in read.windows.effects.items()} == {
        "t": ["missing"],
        "x": ["ks", "missing", "prediction_mean", "prediction_std", "psi"],
        "n": ["ks", "missing", "prediction_mean", "prediction_std", "psi"],
        "code": ["chi2", "missing", "psi"],
        "word": ["chi2", "missing", "psi"],
        "flag": ["chi2", "missing", "psi"],
        "seen": ["missing"],
        "score": ["ks", "missing", "prediction_mean", "prediction_std", "psi"],
    }
    for found in read.windows.effects.values():
        for by_window in found.values():
            assert by_window.keys() == read.windows.rows.keys()


def test_no_row_is_in_the_file(tmp_path: Path) -> None:
    """Effects and numbers of rows are kept, times and values are not."""
    path = kept(tmp_path, table=REFERENCE.slice(0, 20 * ROWS))
    told, rows = parts_of(path)
    assert told["windows"]["numbers"] == list(range(FIRST, FIRST + 20))
    ours = rows.filter(pc.equal(rows["part"].cast(pa.string()), "window"))
    assert ours.num_rows == 20 * sum(column["windows"] // 20 for column in told["columns"])
    moments = {int(t.timestamp()) for t in REFERENCE["t"].to_pylist()}
    assert not moments & set(ours["integer"].to_pylist())


def test_without_a_time_there_are_no_windows(tmp_path: Path) -> None:
    plain = kept(tmp_path, replace(CONFIG, time=Time()))
    assert load(plain).windows is None
    assert parts_of(plain)[0]["windows"] is None


def test_a_file_from_before_windows_is_read(tmp_path: Path) -> None:
    plain = kept(tmp_path, replace(CONFIG, time=Time()))
    forge(plain, lambda told: told.pop("windows"))
    assert load(plain).windows is None


# -- the same verdicts -----------------------------------------------------------------------------


def judged(report: Report) -> Any:
    """All that windows have a part in: standings, courses, words."""
    whole = document(report)
    columns = {**whole["features"], **whole["predictions"]}
    return json.dumps(
        [whole["windows"], whole["summary"], whole["n_reference"]]
        + [[name, column["status"], column["checks"]] for name, column in columns.items()]
    )


@pytest.mark.parametrize("like", [None, "weekday", "word"])
@pytest.mark.parametrize("current", [CURRENT, CURRENT.slice(0, ROWS), CURRENT.drop_columns(["x"])])
def test_the_verdicts_are_those_of_the_rows(like: Any, current: pa.Table, tmp_path: Path) -> None:
    config = replace(CONFIG, time=Time(column="t", like=like))
    path = kept(tmp_path, config)
    plain = replace(CONFIG, time=Time())  # as it was made
    for check in (check_features, check_predictions):
        raw = judged(check(REFERENCE, current, config))
        assert judged(check(path, current, config)) == raw
        assert judged(check(path, current, plain)) == raw
        assert judged(check(load(path), current, plain)) == raw


def test_standings_are_those_of_the_rows_where_values_are_too_many_to_keep(tmp_path: Path) -> None:
    """D itself is then known within its bound only; measured as windows are, it is the same."""

    def fine(table: pa.Table, seed: int) -> pa.Table:
        noise = np.random.default_rng(seed).normal(0, 1e-3, 3 * table.num_rows)
        whole = pa.concat_tables([table] * 3)
        values = pa.array(whole["x"].to_numpy() + noise)
        return whole.set_column(whole.schema.get_field_index("x"), "x", values)

    reference, current = fine(REFERENCE, 1), fine(CURRENT, 2)
    assert len(reference["x"].unique()) > 4096
    path = kept(tmp_path, table=reference)
    for side in (current, current.slice(0, ROWS)):
        told = [check_features(one, side, CONFIG).features["x"].checks for one in (reference, path)]
        for ours, theirs in zip(*told, strict=True):
            assert ours.standing == theirs.standing
            assert ours.standing is not None
            assert (ours.pvalue_adjusted, ours.series) == (theirs.pvalue_adjusted, theirs.series)


def test_verdicts_of_windows_of_rows_are_those_of_the_rows(tmp_path: Path) -> None:
    config = replace(CONFIG, time=Time(window="70rows"))
    path = kept(tmp_path, config)
    raw = check_features(REFERENCE, CURRENT, config)
    assert raw.windows is not None
    assert raw.windows.reference == DAYS * ROWS // 70
    assert judged(check_features(path, CURRENT, Config(columns=CONFIG.columns))) == judged(raw)


@pytest.mark.parametrize("columns", [Columns(exclude=("t",)), Columns(include=("x", "word"))])
def test_the_time_need_not_be_a_column_of_the_baseline(columns: Columns, tmp_path: Path) -> None:
    config = replace(CONFIG, columns=columns)
    path = kept(tmp_path, config)
    raw = check_features(REFERENCE, CURRENT, config)
    assert judged(check_features(path, CURRENT, config)) == judged(raw)
    assert judged(check_features(path, CURRENT, Config(columns=columns))) == judged(raw)


def test_the_zone_of_a_column_is_kept(tmp_path: Path) -> None:
    def aware(table: pa.Table, zone: str) -> pa.Table:
        return table.set_column(0, "t", table["t"].cast(pa.timestamp("s", tz=zone)))

    reference = aware(REFERENCE, "America/New_York")
    path = kept(tmp_path, table=reference)
    windows = load(path).windows
    assert windows is not None
    assert windows.zone == "America/New_York"
    current = aware(CURRENT, "UTC")
    raw = check_features(reference, current, CONFIG)
    assert judged(check_features(path, current, Config(columns=CONFIG.columns))) == judged(raw)


def test_kinds_may_be_chosen_at_the_run(path: Path) -> None:
    by_kind = replace(CONFIG, time=Time(like="weekday"))
    found = check_features(path, CURRENT, by_kind)
    assert found.windows is not None
    assert found.windows.like == "weekday"
    chosen = Time(column="t", like="weekday")
    expected = check_features(REFERENCE, CURRENT, replace(CONFIG, time=chosen))
    assert judged(found) == judged(expected)


def test_a_shift_on_another_scale_is_not_judged_by_the_windows(path: Path) -> None:
    config = replace(CONFIG, time=Time(), predictions=Predictions(scale="absolute"))
    found = check_predictions(path, CURRENT, config).predictions["score"]
    by_method = {check.result.method: check for check in found.checks}
    assert by_method["prediction_mean"].status is Status.NOT_EVALUATED
    assert by_method["prediction_mean"].blocking
    assert by_method["ks"].status is not Status.NOT_EVALUATED


# -- what does not go together ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "line"),
    [
        (Time(column="seen"), "--time seen, and the baseline was made with t"),
        (Time(window="6h"), "--window 6h, and the baseline was made with 1d"),
        (Time(window="50rows"), "--window 50rows, and the baseline was made with 1d"),
        (Time(zone="UTC"), "--time-zone UTC, and the baseline was made with none"),
        (Time(like="hour"), "--like hour: days have no hour of their own"),
        (Time(like="word"), "--like word, and the baseline was made with none. make it again"),
        (Time(window="no"), "--window 'no': not a length of time"),
    ],
)
def test_other_windows_than_the_baseline_has_are_refused(path: Path, time: Time, line: str) -> None:
    with pytest.raises(DriftcliError) as caught:
        check_features(path, CURRENT, Config(columns=CONFIG.columns, time=time))
    assert line in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("time", [Time(column="t", window="1d"), Time(window=" D ")])
def test_the_same_windows_may_be_said_again(path: Path, time: Time) -> None:
    expected = judged(check_features(path, CURRENT, replace(CONFIG, time=Time())))
    assert judged(check_features(path, CURRENT, replace(CONFIG, time=time))) == expected


def test_a_baseline_without_windows_is_told(tmp_path: Path) -> None:
    plain = kept(tmp_path, replace(CONFIG, time=Time()))
    with pytest.raises(DriftcliError, match=r"a baseline without windows\. make it with .*--time"):
        check_features(plain, CURRENT, CONFIG)


def test_parts_have_no_windows(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DriftcliError, match=r"windows of parts do not add up\. leave --time or"):
        create_baseline(CURRENT, Config(time=Time(column="t")), edges_of=path)
    part = create_baseline(data(3), Config(), edges_of=path).baseline
    assert part.windows is None
    part.write(tmp_path / "part.baseline")
    made = merge_baselines([path, tmp_path / "part.baseline"])
    assert made.baseline.windows is None
    assert made.baseline.summary.row_count == 2 * REFERENCE.num_rows
    assert [told for told in made.warnings if "windows" in told] == [
        "windows of parts do not add up and were left out"
    ]
    silent = merge_baselines([tmp_path / "part.baseline"])
    assert not [told for told in silent.warnings if "windows" in told]


def test_windows_and_the_protection_of_few_rows_do_not_go_together() -> None:
    """Their effects are measured on all edges and categories, which it leaves out."""
    with pytest.raises(DriftcliError, match=r"--min-count"):
        create_baseline(REFERENCE, CONFIG, min_count=20)


def test_rows_without_a_time_and_few_windows_are_told_when_it_is_made() -> None:
    times = pa.array([None] * 30 + REFERENCE["t"].to_pylist()[30:], pa.timestamp("s"))
    made = create_baseline(REFERENCE.set_column(0, "t", times).slice(0, 10 * ROWS), CONFIG)
    assert made.baseline.windows is not None
    assert len(made.baseline.windows.rows) == 10
    told = " ".join(made.warnings)
    assert "30 rows have no time and are in no window" in told
    assert "10 windows, and a verdict takes 20" in told
    assert create_baseline(REFERENCE, CONFIG).warnings == ()


# -- damaged and forged files ----------------------------------------------------------------------


def setting(**told: Any) -> Callable[[Any], None]:
    return lambda whole: whole["windows"].update(told)


def without(name: str) -> Callable[[Any], None]:
    return lambda whole: whole["windows"].pop(name)


def first(name: str, value: Any) -> Callable[[Any], None]:
    return lambda whole: whole["windows"][name].__setitem__(0, value)


def last(number: int, rows: int) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        whole["windows"]["numbers"].append(number)
        whole["windows"]["rows"].append(rows)

    return change


@pytest.mark.parametrize(
    "change",
    [
        setting(numbers=[]),
        setting(rows=[]),
        setting(numbers="many"),
        setting(numbers=list(range(FIRST + DAYS - 1, FIRST - 1, -1))),
        setting(numbers=[FIRST] * DAYS),
        setting(rows=[-1] * DAYS),
        setting(rows=[1.5] * DAYS),
        setting(rows=[True] * DAYS),
        setting(window="soon"),
        setting(window="1D"),
        setting(window=7),
        setting(window="100rows"),
        setting(window="0d"),
        setting(column=None),
        setting(column=3),
        setting(zone="Mars/Base"),
        setting(zone="../../etc/passwd"),
        setting(like="year"),
        setting(like="hour"),
        setting(kinds=None),
        setting(kinds=[None]),
        setting(kinds=[1] * DAYS),
        setting(kinds=["a"] * DAYS),
        setting(like="word"),
        setting(scale="foo"),
        setting(scale=None),
        first("numbers", "a"),
        first("rows", None),
        last(2**59, 5),
        last(2**70, 5),
        last(FIRST + 10**7, 5),
        *map(without, ("window", "column", "zone", "like", "scale", "numbers", "rows", "kinds")),
        lambda whole: whole.update(windows=[1]),
        lambda whole: whole["columns"][1].update(windows=1),
        lambda whole: whole["columns"][1].update(windows=-1),
        lambda whole: whole["columns"][1].update(windows=10**12),
        lambda whole: whole["columns"][1].pop("windows"),
    ],
)  # fmt: skip
def test_windows_that_cannot_be_are_refused(path: Path, change: Callable[[Any], Any]) -> None:
    def changed(whole: Any) -> None:
        change(whole)

    forge(path, changed)
    line = refused(path)
    assert "not a sound baseline" in line
    assert "unexpected" not in line


def window_cell(name: str, value: Any) -> Callable[[pa.Table], pa.Table]:
    """Put something into the first row of windows in a table."""

    def change(rows: pa.Table) -> pa.Table:
        at = rows["part"].cast(pa.string()).to_pylist().index("window")
        kind = rows.schema.field(name).type
        cells = rows[name].to_pylist()
        cells[at] = value
        array = pa.array(cells, pa.string() if pa.types.is_dictionary(kind) else kind)
        array = array.cast(kind) if pa.types.is_dictionary(kind) else array
        return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), array)

    return change


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("value", float("nan")),
        ("value", float("inf")),
        ("value", -0.1),
        ("value", None),
        ("integer", None),
        ("integer", FIRST - 1),
        ("text", None),
    ],
)
def test_effects_that_cannot_be_are_refused(path: Path, name: str, value: Any) -> None:
    forge(path, table=window_cell(name, value))
    assert "not a sound baseline" in refused(path)


def test_a_changed_effect_is_noticed(path: Path) -> None:
    """Without the checksum made right again."""
    whole = path.read_bytes()
    told, rows = parts_of(path)
    forge(path, table=window_cell("value", 0.123456))
    changed_told, changed_rows = parts_of(path)
    assert changed_told["checksum"] != told["checksum"]
    assert changed_rows.num_rows == rows.num_rows
    at = len(whole) // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert refused(path)


def test_a_method_that_nobody_knows_is_no_part_of_a_verdict(path: Path) -> None:
    """A baseline of a version with more methods can be compared with."""
    expected = judged(check_features(path, CURRENT, replace(CONFIG, time=Time())))

    def renamed(rows: pa.Table) -> pa.Table:
        column = rows["text"].to_pylist()
        cells = ["of_tomorrow" if text == "prediction_std" else text for text in column]
        kind = rows.schema.field("text").type
        at = rows.schema.get_field_index("text")
        return rows.set_column(at, rows.schema.field(at), pa.array(cells, pa.string()).cast(kind))

    forge(path, table=renamed)
    assert judged(check_features(path, CURRENT, replace(CONFIG, time=Time()))) == expected
