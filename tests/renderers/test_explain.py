"""One column or metric large on a terminal, in a pipe, and in few and many cells."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hostile import NAMES, hostile_report
from report_builder import (
    categorical_column,
    check,
    metric,
    numeric_column,
    of_columns,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)
from rich.cells import cell_len
from rich.console import Console

from driftcli.methods import METHODS
from driftcli.metrics import METRICS_BY_TASK
from driftcli.model import (
    ColumnKind,
    ColumnResult,
    DecisionPolicy,
    Distribution,
    Report,
    Series,
    Since,
    Standing,
    Status,
    WindowsInfo,
)
from driftcli.renderers.explain import Subject, find, names, render
from driftcli.renderers.explain_words import meaning, verdict

DAYS = tuple(f"2024-03-{day:02d}" for day in range(1, 26))
WINDOWS = WindowsInfo(
    "1d", "days", "at", None, None, 90, "2023-12-01", "2024-02-28", DAYS, (400,) * 25, DAYS[-1]
)


def shown(
    subjects: Sequence[Subject], width: int = 80, *, terminal: bool = True, encoding: str = "utf-8"
) -> list[str]:
    """The lines that a console gets; a character that it cannot show raises."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    console = Console(
        width=width,
        file=stream,
        force_terminal=terminal,
        color_system=None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    render(subjects, console)
    stream.flush()
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()]


def of(column: ColumnResult, **fields: Any) -> list[Subject]:
    whole = report("features", features=of_columns([column]), **fields)
    return [*find(column.name, "drift.json", whole)]


def part(lines: list[str], title: str) -> list[str]:
    """The lines below a title up to the next blank one."""
    start = lines.index(title) + 1
    return lines[start : lines.index("", start)]


def test_a_column_of_numbers_whole() -> None:
    column = numeric_column("age", Status.DRIFT, bins=4, methods=("ks",))
    ks = replace(column.checks[0], result=replace(column.checks[0].result, details={"at": 51.0}))
    column = replace(
        column,
        checks=(ks,),
        distribution=Distribution((10, 20, 50, 20), (5, 10, 30, 55), (18.0, 33.5, 49.0, 64.5, 80)),
    )
    assert shown(of(column), 72) == [
        "age  numeric, features  ✗ drift",
        "drift.json: data/train.parquet (10,000 rows) →",
        "  logs/2024-03-17/part-*.parquet (10,000 rows)",
        "",
        "It drifted: there is a difference beyond its limit that is more than",
        "  chance.",
        "",
        "Both sides",
        "█ both   ░ only reference   ▓ only current; share of rows, and its",
        "  change",
        "  up to 33.5 │███░░░                               10.0%   5.0%   -5.0",
        "33.5 to 49.0 │██████░░░░░░░                        20.0%  10.0%  -10.0",
        "49.0 to 64.5 │███████████████████░░░░░░░░░░░░░     50.0%  30.0%  -20.0 ◄",
        " 64.5 and up │█████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  20.0%  55.0%  +35.0",
        "",
        "Where it moved",
        "Widest gap at 51: 24.0 percentage points fewer of the rows are at or",
        "  below it than before.",
        "More rows now: 64.5 and up (20.0% → 55.0%, +35.0 points).",
        "Fewer rows now: 49.0 to 64.5 (50.0% → 30.0%, -20.0 points); 33.5 to",
        "  49.0 (20.0% → 10.0%, -10.0 points); up to 33.5 (10.0% → 5.0%, -5.0",
        "  points).",
        "",
        "Numbers",
        "                  reference     current",
        "───────────────────────────────────────",
        "rows with value       9,900       9,850",
        "missing          100 (1.0%)  150 (1.5%)",
        "mean                   41.2        48.5",
        "spread (sd)            12.5        12.9",
        "least                    18          18",
        "greatest                 80          80",
        "",
        "Checks",
        "✗ drift  ks: ks 0.240 > 0.1, p < 1e-300",
        "    The largest gap between the two sides, over all values, in the",
        "    share of rows at or below a value: 0 where both sides are alike, 1",
        "    where they do not overlap.",
        "    With 95 % confidence the effect is between 0.228 and 0.252.",
        "    p < 1e-300",
        "",
        "p: how often chance alone shows as much, corrected for all checks of",
        "  the run; below 0.05 it counts as more than chance.",
    ]


def test_categories_are_paired_and_new_and_vanished_ones_are_named() -> None:
    column = categorical_column(
        "device", Status.DRIFT, labels=("phone", "desktop"), new=True, vanished=True
    )
    column = replace(
        column, distribution=Distribution((60, 30, 0, 10), (40, 44, 16, 0), (), _labels(column))
    )
    lines = shown(of(column), 60)
    assert part(lines, "Both sides") == [
        "░ reference   ▓ current; share of rows, and its change",
        "   phone │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 60.0%",
        "         │▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 40.0%  -20.0",
        " desktop │░░░░░░░░░░░░░░░░ 30.0%",
        "         │▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 44.0%  +14.0",
        " console │ 0.0%",
        "         │▓▓▓▓▓▓▓▓▓ 16.0%  new",
        "e-reader │░░░░░░ 10.0%",
        "         │ 0.0%  vanished",
    ]
    assert part(lines, "Where it moved")[-2:] == ["New: console.", "Vanished: e-reader."]


def _labels(column: ColumnResult) -> tuple[str, ...]:
    assert column.distribution is not None
    return column.distribution.labels


def test_the_bins_behind_psi_are_named() -> None:
    column = numeric_column("age", Status.DRIFT, methods=("psi",))
    details = {
        "low": [None, 20.0, 30.0, 30.0],
        "high": [20.0, 30.0, 30.0, None],
        "reference": [0.25, 0.25, 0.25, 0.25],
        "current": [0.1, 0.2, 0.5, 0.2],
        "contributions": [0.15, 0.01, 0.05, 0.3],
    }
    psi = replace(column.checks[0], result=replace(column.checks[0].result, details=details))
    lines = shown(of(replace(column, checks=(psi,))), 200)
    assert part(lines, "Where it moved") == [
        "Most of PSI comes from above 30 (25.0% → 20.0% of the rows, 59 % of PSI); "
        "up to 20 (25.0% → 10.0% of the rows, 29 % of PSI); "
        "30 (25.0% → 50.0% of the rows, 10 % of PSI)."
    ]


@pytest.mark.parametrize(
    ("current", "way"),
    [((40, 40, 20), "more"), ((5, 15, 80), "fewer"), ((20, 60, 20), "")],
)
def test_the_widest_gap_has_a_direction_where_the_bins_tell_one(
    current: tuple[int, ...], way: str
) -> None:
    column = numeric_column("age", Status.DRIFT, methods=("ks",))
    ks = replace(column.checks[0], result=replace(column.checks[0].result, details={"at": 1.5}))
    shape = Distribution((20, 40, 40) if way else (40, 20, 40), current, (0.0, 1.0, 2.0, 3.0))
    lines = shown(of(replace(column, checks=(ks,), distribution=shape)), 200)
    says = (
        f"Widest gap at 1.500: 24.0 percentage points {way} of the rows are at or below it than "
        "before."
        if way
        else "Widest gap at 1.500: the shares of rows at or below it differ by 24.0 percentage "
        "points."
    )
    assert part(lines, "Where it moved")[0] == says


def test_equal_sides_have_moved_nowhere() -> None:
    column = replace(
        numeric_column("age"), distribution=Distribution((5, 5), (50, 50), (0.0, 1.0, 2.0))
    )
    assert part(shown(of(column), 100), "Where it moved") == [
        "Nowhere: no share changed by 0.5 percentage points or more."
    ]


def test_times_are_told_as_dates() -> None:
    day = 86_400_000_000
    shape = Distribution((5, 5), (2, 8), (0.0, 10.0 * day, 20.0 * day))
    column = replace(numeric_column("at"), kind=ColumnKind.DATETIME, distribution=shape)
    lines = part(shown(of(column), 100), "Both sides")
    assert [line.partition(" │")[0].strip() for line in lines[1:]] == [
        "up to 1970-01-11", "1970-01-11 and up"
    ]  # fmt: skip


def windowed() -> ColumnResult:
    column = numeric_column("age", Status.DRIFT, methods=("ks",))
    series = Series(
        (None, *(0.01 * day for day in range(24))),
        (None,) * 25,
        (False,) * 20 + (True,) * 5,
        0.01,
        1e-6,
        Since(DAYS[20], DAYS[19], DAYS[21]),
    )
    standing = Standing(0.01, 90, 90, "days of the reference", "a day", 20)
    drifted = replace(column.checks[0], series=series, standing=standing, pvalue_from="windows")
    return replace(column, checks=(drifted,))


def test_the_course_of_the_leading_check() -> None:
    lines = shown(of(windowed(), windows=WINDOWS), 60)
    assert lines[lines.index("Checks") + 5 :][:6] == [
        "    With 95 % confidence the effect is between 0.228 and",
        "    0.252.",
        "    p < 1e-300",
        "    It was smaller in 90 of 90 days of the reference.",
        "    It stood out in 5 of 25 windows.",
        "    It began in 2024-03-21 (95 %: 2024-03-20 to 2024-03-22).",
    ]
    assert "    It grows by 0.01 a window (p 1e-06)." in lines
    course = part(lines, "By window: ks, limit 0.1")
    assert len(course) == 20
    assert course[0] == "2024-03-06 │██████ 0.04"
    assert course[-1] == f"2024-03-25 │{37 * '█'} 0.23 ✗"
    assert " among the windows of the reference" in " ".join(" ".join(lines[-3:]).split())


def test_a_metric_whole() -> None:
    lines = shown([*find("auc", "p.json", performance_report())], 78)
    assert lines == [
        "auc  metric, performance  ✗ drift",
        "p.json: data/train.parquet (10,000 rows) → logs/2024-03-17/part-*.parquet",
        "  (10,000 rows)",
        "",
        "It got worse: there is a difference beyond its limit that is more than chance.",
        "How often a positive row has a higher score than a negative one: 1 always,",
        "  0.5 as if guessed.",
        "",
        "baseline                            ────●──── 0.742 (0.732 to 0.752)",
        "current  ────●────                            0.671 (0.661 to 0.681)",
        "",
        "Drop: 0.071, and at most 0.05 is accepted. auc dropped by 0.071, threshold",
        "  0.05",
        "  With 95 % confidence the effect is between 0.057 and 0.085.",
        "  p 4e-09",
        "",
        "9,412 of 10,000 rows have a label.",
        "",
        "p: how often chance alone shows as much, corrected for all checks of the",
        "  run; below 0.05 it counts as more than chance.",
    ]


def test_a_metric_by_window_with_its_baseline() -> None:
    one = replace(metric("auc", 0.7, 0.8), by_window=(None, 0.7, 0.8, 0.9))
    whole = performance_report(windows=replace(WINDOWS, current=DAYS[:4], current_rows=(9,) * 4))
    assert whole.performance is not None
    whole = replace(whole, performance=replace(whole.performance, metrics=(one,)))
    lines = shown([*find("auc", "p", whole)], 40)
    assert lines[lines.index("baseline 0.8 (0.79 to 0.81)") + 1] == "current  0.7 (0.69 to 0.71)"
    assert part(lines, "By window (line: baseline)") == [
        "2024-03-01         │         not defined",
        "2024-03-02 ●       │         0.7",
        "2024-03-03         ●         0.8",
        "2024-03-04         │       ● 0.9",
    ]


def test_metrics_that_nobody_judged_or_could_judge() -> None:
    def told(name: str, whole: Report) -> list[str]:
        return shown([*find(name, "p.json", whole)], 100)

    ctr = told("ctr", performance_report())
    assert ctr[0] == "ctr  metric, performance  not judged"
    assert not any("drift" in line for line in ctr[1:])
    lacking = told("auc", performance_report(Status.NOT_EVALUATED))
    assert lacking[0] == "auc  metric, performance  ! not eval."
    assert lacking.count("0 of 10,000 rows have their label, 5,000 are needed") == 1
    assert "There is no baseline, so nothing says whether this is good." in told(
        "calibration", performance_report()
    )


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
@pytest.mark.parametrize(
    "subjects",
    [
        of(numeric_column("n" * 100, Status.DRIFT, uneven=True)),
        of(categorical_column("c", Status.DRIFT, labels=("日本語" * 9, "", "x" * 99), new=True)),
        of(windowed(), windows=WINDOWS),
        of(unevaluated_column()),
        [*find("auc", "p.json", performance_report())],
    ],
    ids=["numbers", "categories", "windows", "nothing", "metric"],
)
def test_nothing_is_wider_than_the_screen(subjects: list[Subject], width: int) -> None:
    lines = shown(subjects, width)
    assert max(map(cell_len, lines)) <= width
    for line in lines:  # rows of a picture are one line each
        assert "│" not in line[:1]


@pytest.mark.parametrize(("terminal", "encoding"), [(False, "utf-8"), (True, "ascii")])
@pytest.mark.parametrize(
    "subjects",
    [
        of(windowed(), windows=WINDOWS),
        of(categorical_column("c", Status.DRIFT, new=True, vanished=True)),
        of(replace(numeric_column("minus"), distribution=Distribution((1, 2), (2, 1), (-5, 0, 5)))),
        [*find("auc", "p.json", performance_report())],
    ],
    ids=["windows", "categories", "negative", "metric"],
)
def test_plain_ascii_in_a_pipe_and_without_unicode(
    subjects: list[Subject], terminal: bool, encoding: str
) -> None:
    text = "\n".join(shown(subjects, terminal=terminal, encoding=encoding))
    assert text.isascii()
    assert "\\" not in text  # no sign was forgotten
    assert text.replace("\n", "").isprintable()


def test_names_stay_themselves_in_a_pipe() -> None:
    assert shown(of(numeric_column("größe")), terminal=False)[0].startswith("größe  numeric")


def test_hostile_names_are_shown_and_do_nothing() -> None:
    whole = hostile_report()
    for name in NAMES:
        lines = shown([*find(name, "drift.json", whole)])
        assert all(line.isprintable() for line in lines)
        assert max(map(cell_len, lines)) <= 80


def test_a_name_in_several_sections_and_results_is_shown_each_time() -> None:
    both = report(
        "features",
        features=of_columns([numeric_column("score")]),
        predictions=predictions_report().predictions,
    )
    subjects = [*find("score", "a.json", both), *find("score", "b.json", both)]
    assert [(s.file, s.section) for s in subjects] == [
        ("a.json", "features"), ("a.json", "predictions"),
        ("b.json", "features"), ("b.json", "predictions"),
    ]  # fmt: skip
    lines = shown(subjects)
    assert sum(line.startswith("score  numeric, ") for line in lines) == 4
    assert lines.count("─" * 80) == 3
    assert [*names(both)] == ["score"]


def test_a_column_that_was_not_compared_says_why() -> None:
    for harmless, sign, said in (
        (True, "· skipped", "This was left out."),
        (False, "! not eval.", "This could not be checked."),
    ):
        lines = shown(of(unevaluated_column(harmless=harmless)), 100)
        assert lines[0] == f"notes  not compared, features  {sign}"
        reason = unevaluated_column(harmless=harmless).checks[0].reason
        assert lines[3:] == [said, "", "Checks", f"{sign}  ks: {reason}"]


def test_every_method_and_metric_has_its_words() -> None:
    known = {*METHODS, *(name for metrics in METRICS_BY_TASK.values() for name in metrics)}
    assert {name for name in known if not meaning(name)} == set()
    assert meaning("of another package") == ""


def test_drift_by_threshold_alone_claims_no_significance() -> None:
    assert verdict(Status.DRIFT, DecisionPolicy(rule="threshold")) == (
        "It drifted: there is a difference beyond its limit."
    )


def test_a_check_of_another_package_is_shown_with_its_reason() -> None:
    column = replace(numeric_column(), checks=(check("age", "wasserstein", Status.OK),))
    lines = shown(of(column))
    assert lines[lines.index("Checks") + 1] == (
        "✓ ok  wasserstein: wasserstein 0.010 <= 0.05, p 0.43"
    )
