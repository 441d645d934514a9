"""Tables against golden files: whole outputs, at the widths of real terminals.

``DRIFTCLI_GOLDEN=write pytest tests/renderers/test_table.py`` writes them anew; look at the
difference before it is committed. Escape characters stand as ``␛`` in the files.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from report_builder import (
    categorical_column,
    check,
    column,
    features_report,
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

from driftcli.model import (
    ColumnKind,
    ColumnResult,
    Distribution,
    LabelCoverage,
    MetricValue,
    PerformanceResult,
    Report,
    Skip,
    Status,
)
from driftcli.renderers import table
from driftcli.renderers.screen import Screen
from driftcli.renderers.sparklines import sparklines
from driftcli.renderers.table_columns import MAX_REASONS, MAX_ROWS

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = (40, 80, 120, 200)
LONG = "n" * 300
HOSTILE = (
    numeric_column("\x1b[31mred\x07", Status.DRIFT),
    numeric_column("[red]bold[/red]", Status.DRIFT),
    numeric_column("a\u202egpj.exe", Status.UNCERTAIN),
    categorical_column("日本語" * 3, Status.DRIFT, new=True, vanished=True),
    unevaluated_column("line\nbreak"),
    unevaluated_column("identifier", harmless=True),
    numeric_column(":smile:", Status.OK),
)
METRICS = (
    metric("auc", 0.6771234, 0.6852345),
    metric("log_loss", 0.569, 0.499, Status.DRIFT, better="lower"),
    metric("average_precision", 0.4601234, 0.401, decision=None),
    metric("calibration", 1.0512, 0.987, better="neither", decision=None),
)
BUSY = PerformanceResult(
    "binary", METRICS, {"label": "y", "score": "s"}, LabelCoverage(10_000, 9_412)
)
CASES: dict[str, tuple[Report, ...]] = {
    "features": (features_report(12),),
    "predictions": (predictions_report(),),
    "performance": (report("performance", performance=BUSY),),
    "unlabelled": (performance_report(Status.NOT_EVALUATED),),
    "hostile": (report("features", features=of_columns(HOSTILE)),),
    "many": (report("features", features=of_columns([column(i) for i in range(70)])),),
    "several": (features_report(3), predictions_report(), performance_report()),
}


def draw(
    reports: Sequence[Report],
    width: int,
    *,
    encoding: str = "utf-8",
    colour: bool = False,
    every: bool = False,
) -> str:
    """What a terminal of that width gets; a character that it cannot show raises."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    console = Console(
        width=width,
        height=50,
        file=stream,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    table.render(reports, console, every=every)
    stream.flush()
    return raw.getvalue().decode(encoding)


def must_equal_golden(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    shown = text.replace("\x1b", "␛")
    if os.environ.get("DRIFTCLI_GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8", newline="\n")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_the_table_is_the_golden_one(case: str, width: int) -> None:
    must_equal_golden(f"{case}_{width}", draw(CASES[case], width))


@pytest.mark.parametrize("case", ["features", "performance", "several"])
def test_a_plain_terminal_gets_ascii_only(case: str) -> None:
    text = draw(CASES[case], 80, encoding="ascii")
    assert text.isascii()
    must_equal_golden(f"{case}_80_ascii", text)


@pytest.mark.parametrize("case", ["features", "performance"])
def test_colour_changes_nothing_but_the_colour(case: str) -> None:
    coloured = draw(CASES[case], 80, colour=True)
    must_equal_golden(f"{case}_80_colour", coloured)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == draw(CASES[case], 80)


@pytest.mark.parametrize("width", [*range(30, 130, 7), 200])
@pytest.mark.parametrize("case", CASES)
def test_no_line_is_wider_than_the_console(case: str, width: int) -> None:
    assert max(cell_len(line) for line in draw(CASES[case], width).splitlines()) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_names_cannot_forge_the_screen(width: int) -> None:
    text = draw(CASES["hostile"], width)
    assert not [c for c in text if c != "\n" and not c.isprintable()]
    assert r"\x1b[31mred\x07, [red]bold[/red]: " in " ".join(text.split())
    assert r"a\u202egpj" in text
    assert r"line\nbreak: " in text
    assert ":smile:" in text


def line_of(text: str, name: str) -> str:
    return next((line for line in text.splitlines() if line.startswith(name)), "")


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("case", ["features", "many", "hostile"])
def test_effect_and_status_are_never_cut(case: str, width: int) -> None:
    text = draw(CASES[case], width).partition("\n\n")[0]
    rows = list(CASES[case][0].features.values())
    shown = sorted(rows, key=lambda one: one.rank)[:MAX_ROWS]
    lines = text.splitlines()[2 : 2 + len(shown)]
    for one, line in zip(shown, lines, strict=True):
        leading = one.leading
        assert leading is not None
        effect = leading.result.effect
        assert effect is None or f" {effect:.3g} " in line
        word = "skipped" if one.skipped else str(one.status)
        assert word.replace("not_evaluated", "not eval.") in line


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "name",
    [LONG, "日本語" * 30, "a_rather_long_feature_name_from_a_warehouse"],
    ids=["ascii", "wide", "usual"],
)
def test_a_long_name_gives_way_to_numbers_and_status(name: str, width: int) -> None:
    columns = of_columns(
        [numeric_column(name, Status.DRIFT), numeric_column("b", Status.UNCERTAIN)]
    )
    line = draw([report("features", features=columns)], width).splitlines()[2]
    assert " 0.24 " in line
    assert "✗ drift" in line
    assert "…" in line or width > 100
    if width >= 60:
        assert "< 1e-300" in line


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_metric_is_never_cut(width: int) -> None:
    lines = draw(CASES["performance"], width).splitlines()
    assert " 0.677 " in line_of("\n".join(lines), "auc")
    assert "✗ drift" in line_of("\n".join(lines), "log_loss")
    assert " 0.07 " in line_of("\n".join(lines), "log_loss")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_missing_labels_leave_the_metrics_readable_and_say_why(width: int) -> None:
    text = draw(CASES["unlabelled"], width)
    assert line_of(text, "auc").startswith("auc ")
    assert "0 of 10,000 rows have their label, 5,000 are needed" in " ".join(text.split())


def test_a_narrow_prediction_table_names_its_checks() -> None:
    text = draw(CASES["predictions"], 40).partition("\n\n")[0]
    assert [word for word in ("mean", "std", "ks") if re.search(rf"\b{word}\b", text)] == [
        "mean",
        "std",
        "ks",
    ]


def test_a_table_of_many_columns_ends_and_says_where_the_rest_is() -> None:
    lines = draw(CASES["many"], 80).splitlines()
    assert len([line for line in lines if "  ks  " in line or "  chi2  " in line]) == MAX_ROWS
    assert "… 10 more ok; --all or -o report.json shows them" in lines
    assert "12 of 70 features drifted, 11 uncertain, 12 changed, 35 ok" in lines


def test_columns_not_shown_are_counted_by_what_they_came_to() -> None:
    drifted = [numeric_column(f"d{i:03}", Status.DRIFT) for i in range(100)]
    blocked = [unevaluated_column(f"n{i}") for i in range(7)]
    quiet = [numeric_column(f"q{i:04}") for i in range(1_893)]
    text = draw([report("features", features=of_columns([*quiet, *blocked, *drifted]))], 120)
    assert (
        "\n… 40 more drifted, 7 not evaluated, 1,893 ok; --all or -o report.json shows them\n"
        in text
    )
    assert "100 of 2,000 features drifted, 7 not evaluated, 1,893 ok (incomplete)" in text


def test_all_columns_are_shown_where_that_is_asked_for() -> None:
    columns = of_columns([numeric_column(f"d{i:03}", Status.DRIFT) for i in range(MAX_ROWS + 9)])
    one = [report("features", features=columns)]
    text = draw(one, 120, every=True)
    assert [name for name in columns if text.count(f"\n{name} ") != 1] == []
    assert "more" not in text.replace(" and 61 more: ", "")
    assert "… 9 more drifted; --all or -o report.json shows them" in draw(one, 120)


def test_of_many_reasons_those_of_the_most_columns_are_told() -> None:
    drifted = [
        numeric_column(f"d{i:02}", Status.DRIFT, strength=1 + i / 50) for i in range(MAX_REASONS)
    ]
    blocked = [unevaluated_column(f"n{i:02}") for i in range(99)]
    one = [report("features", features=of_columns([*drifted, *blocked]))]
    _, reasons, _ = draw(one, 120).split("\n\n")
    first, *_, last_but_one, last = reasons.splitlines()
    assert first == "d14: ks 0.307 > 0.1, p < 1e-300"
    assert last_but_one.startswith(
        "n00, n01, n02, n03, n04, n05, n06, n07 and 91 more: 12 rows on "
    )
    assert last == "… 1 more reason; --all or -o report.json shows them"
    assert reasons.count("\n") == MAX_REASONS
    assert "d00: ks 0.240" in draw(one, 120, every=True)


def test_what_is_the_same_of_many_columns_is_said_once() -> None:
    columns = [unevaluated_column(f"c{i:02}") for i in range(20)]
    text = draw([report("features", features=of_columns(columns))], 120)
    assert (
        "c00, c01, c02, c03, c04, c05, c06, c07 and 12 more: "
        "12 rows on the current side, 30 are needed"
    ) in text
    assert text.count("are needed") == 1


def test_a_reason_of_several_checks_is_said_once() -> None:
    reason = "no values in current"
    checks = tuple(
        check("a", method, Status.NOT_EVALUATED, reason=reason) for method in ("ks", "psi")
    )
    columns = of_columns([ColumnResult("a", None, checks)])
    lines = draw([report("features", features=columns)], 80).splitlines()
    assert [line for line in lines if reason in line] == [f"a: {reason}"]


def test_a_column_without_any_check_is_shown() -> None:
    text = draw([report("features", features=of_columns([ColumnResult("a", None, ())]))], 80)
    assert line_of(text, "a").split() == ["a", "·", "skipped"]


def test_categories_are_counted_beyond_those_that_are_named() -> None:
    one = replace(
        categorical_column("shop", Status.DRIFT, new=True),
        new_categories=("", "N\t1", "L" * 90, "last"),
        new_category_count=1_234,
    )
    text = draw([report("features", features=of_columns([one]))], 200)
    assert f"; new: '', N\\t1, {'L' * 53}…{'L' * 26} and 1,231 more" in text


def test_a_name_cut_says_so_in_the_sentence_too() -> None:
    columns = of_columns([numeric_column(f"first{LONG}last", Status.DRIFT)])
    text = draw([report("features", features=columns)], 200)
    name = f"first{'n' * 48}…{'n' * 22}last"
    assert cell_len(name) == 80
    assert text.count(name) == 2
    assert f"\n{name}: ks " in text


def test_only_the_head_of_a_line_has_the_colour() -> None:
    text = draw(CASES["features"], 80, colour=True)
    assert "\n\x1b[1;31mfeature_06: \x1b[0mks 0.300 > 0.1, p < 1e-300\n" in text
    assert (
        "\n\x1b[1;31m2 of 12 features drifted\x1b[0m, \x1b[33m2 uncertain\x1b[0m, 2 changed, 6 ok\n"
        in text
    )


@pytest.mark.parametrize(
    ("encoding", "name"), [("ascii", "Gr\\xf6\\xdfe"), ("latin-1", "Größe"), ("cp1252", "Größe")]
)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_that_the_terminal_cannot_show_is_escaped(
    encoding: str, name: str, width: int
) -> None:
    columns = [*HOSTILE, numeric_column("Größe", Status.DRIFT), numeric_column("é" * 300)]
    text = draw([report("features", features=of_columns(columns))], width, encoding=encoding)
    assert line_of(text, name).split()[-5 if width > 40 else -1 :]
    assert r"\u65e5" in text
    assert max(map(len, text.splitlines())) <= width


def test_a_metric_that_need_not_be_evaluated_is_skipped_in_the_sum_too() -> None:
    skipped = check("s", "log_loss", Status.NOT_EVALUATED, harmless=True)
    metrics = (
        metric("accuracy", 0.8, 0.8),
        MetricValue("log_loss", None, None, decision=skipped),
    )
    result = PerformanceResult("multiclass", metrics, {}, LabelCoverage(10_000, 10_000))
    lines = draw([report("performance", performance=result)], 80).splitlines()
    assert lines[3].endswith("· skipped")
    assert "0 of 2 metrics degraded, 1 ok, 1 skipped" in lines


def test_the_metrics_not_evaluated_say_why_below() -> None:
    none = "not defined: no positives"
    metrics = (
        metric("ctr", 0.03, 0.03),
        MetricValue(
            "auc", None, 0.7, skip=Skip(none), decision=check("s", "auc", Status.NOT_EVALUATED)
        ),
        MetricValue("recall", None, 0.2, skip=Skip("no hits", harmless=True)),
        MetricValue("f1", None, 0.2, skip=Skip("no hits", harmless=True)),
    )
    result = PerformanceResult("binary", metrics, {}, LabelCoverage(10_000, 9_999, 1))
    text = draw([report("performance", performance=result)], 80)
    assert text.splitlines()[2:] == [
        "ctr     0.03  0.03  0.02–0.04     0   0.05   4e-09  ✓ ok",
        "auc      0.7                          0.05          ! not eval.",
        "recall   0.2                                        · skipped",
        "f1       0.2                                        · skipped",
        "",
        "auc: 12 rows on the current side, 30 are needed",
        "recall, f1: no hits",
        "",
        "0 of 2 metrics degraded, 1 not evaluated, 1 ok (incomplete)",
        "9,999 of 10,000 rows labelled (100.0 %), 1 label unmatched",
        "reference 10,000 rows · current 10,000 rows",
        "rule evident, alpha 0.05, holm over 1 check; p takes rows as independent",
    ]


def test_metrics_without_a_baseline_are_not_called_good() -> None:
    metrics = (
        MetricValue("rmse", 1234.5, current_interval=(999.9, 1500.0), better="lower"),
        MetricValue("r2", -0.1, current_interval=(-0.3, 0.1)),
        MetricValue("mape", None, skip=Skip("labels of 0", harmless=True)),
    )
    result = PerformanceResult("regression", metrics, {}, LabelCoverage(500, 500))
    text = draw([report("performance", reference=None, performance=result)], 80)
    assert text.splitlines() == [
        "metric    cur  95 % CI      status",
        "─────────────────────────────────────",
        "rmse    1,234  1,000–1,500",
        "r2       -0.1  -0.3 to 0.1",
        "mape                        · skipped",
        "",
        "mape: labels of 0",
        "",
        "2 of 3 metrics computed, no baseline to compare with",
        "500 of 500 rows labelled (100.0 %)",
        "current 10,000 rows",
    ]


def test_the_loudest_rows_come_first() -> None:
    text = draw(CASES["many"], 80)
    order = ["✗ drift", "? uncertain", "~ changed", "✓ ok"]
    found = re.findall(r"✗ drift|\? uncertain|~ changed|✓ ok", text)
    assert found == sorted(found, key=order.index)
    assert found[0] == "✗ drift"


def test_a_report_without_rows_still_says_what_was_read() -> None:
    assert draw([report("features")], 80) == (
        "nothing was compared\nreference 10,000 rows · current 10,000 rows\n"
    )


def sparks(reference: Sequence[int], current: Sequence[int], kind: ColumnKind) -> str:
    edges = tuple(float(i) for i in range(len(reference) + 1)) if kind is ColumnKind.NUMERIC else ()
    labels = () if edges else tuple("abcdefghij"[: len(reference)])
    shape = Distribution(tuple(reference), tuple(current), edges=edges, labels=labels)
    return sparklines(ColumnResult("x", kind, (), distribution=shape))


@pytest.mark.parametrize(
    ("reference", "current", "kind", "expected"),
    [
        ((0, 7), (14, 0), ColumnKind.NUMERIC, "▁█ █▁"),
        ((1, 1), (3, 1), ColumnKind.NUMERIC, "▆▆ █▃"),
        ((0, 0), (0, 0), ColumnKind.NUMERIC, "▁▁ ▁▁"),
        ((), (), ColumnKind.NUMERIC, " "),
        # twelve bins in pairs, each side as shares of its own rows
        ((1,) * 12, (2,) * 12, ColumnKind.NUMERIC, "██████ ██████"),
        # the first six categories
        (tuple(range(8, 0, -1)), (0,) * 8, ColumnKind.CATEGORICAL, "█▇▆▅▅▄ ▁▁▁▁▁▁"),
    ],
)
def test_sparklines_are_shares_on_one_scale(
    reference: tuple[int, ...], current: tuple[int, ...], kind: ColumnKind, expected: str
) -> None:
    assert sparks(reference, current, kind) == expected


def test_a_column_without_a_distribution_has_no_sparkline() -> None:
    assert sparklines(unevaluated_column()) == ""


@pytest.mark.parametrize(
    ("encoding", "plain"), [("utf-8", False), ("UTF-8", False), ("ascii", True), ("latin-1", True)]
)
def test_only_unicode_terminals_get_signs(encoding: str, plain: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert Screen(Console(file=stream)).plain is plain
