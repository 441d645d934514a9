"""Tables against golden files: whole outputs, at the widths of real terminals.

``DRIFTCLI_GOLDEN=write pytest tests/renderers/test_table.py`` writes them anew; look at the
difference before it is committed. Escape characters stand as ``␛`` in the files.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from report_builder import (
    categorical_column,
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
    PerformanceResult,
    Report,
    Status,
)
from driftcli.renderers import table

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
    reports: Sequence[Report], width: int, *, encoding: str = "utf-8", colour: bool = False
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
    table.render(reports, console)
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
    assert r"\x1b[31mred\x07: " in text
    assert "[red]bold[/red]: " in text
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
    shown = sorted(rows, key=lambda one: one.rank)[: table.MAX_ROWS]
    lines = text.splitlines()[2 : 2 + len(shown)]
    for one, line in zip(shown, lines, strict=True):
        leading = one.leading
        assert leading is not None
        effect = leading.result.effect
        assert effect is None or f" {effect:.3g} " in line
        word = "skipped" if one.skipped else str(one.status)
        assert word.replace("not_evaluated", "not eval.") in line


@pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="a long name takes the room of all other columns"
)
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
    if width >= table.NARROW:
        assert "< 1e-300" in line


@pytest.mark.parametrize(
    "width",
    [
        pytest.param(
            40,
            marks=pytest.mark.xfail(strict=True, raises=AssertionError, reason="0.677 reads 0.6…"),
        ),
        80,
        120,
    ],
)
def test_a_metric_is_never_cut(width: int) -> None:
    lines = draw(CASES["performance"], width).splitlines()
    assert " 0.677 " in line_of("\n".join(lines), "auc")
    assert "✗ drift" in line_of("\n".join(lines), "log_loss")
    assert " 0.07 " in line_of("\n".join(lines), "log_loss")


CRUSHED = pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="the reason takes the room of the numbers"
)


@pytest.mark.parametrize(
    "width", [pytest.param(40, marks=CRUSHED), pytest.param(80, marks=CRUSHED), 120]
)
def test_missing_labels_leave_the_metrics_readable_and_say_why(width: int) -> None:
    text = draw(CASES["unlabelled"], width)
    assert line_of(text, "auc").startswith("auc ")
    assert "0 of 10,000 rows have their label, 5,000 are needed" in " ".join(text.split())


@pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="below 60 columns the rows of one column look alike"
)
def test_a_narrow_prediction_table_names_its_checks() -> None:
    text = draw(CASES["predictions"], 40).partition("\n\n")[0]
    assert [word for word in ("mean", "std", "ks") if re.search(rf"\b{word}\b", text)] == [
        "mean",
        "std",
        "ks",
    ]


def test_a_table_of_many_columns_ends_and_says_where_the_rest_is() -> None:
    lines = draw(CASES["many"], 80).splitlines()
    assert len([line for line in lines if "  ks  " in line or "  chi2  " in line]) == table.MAX_ROWS
    assert "… and 10 more columns, all in -o report.html or .json" in lines
    assert "12 of 70 features drifted, 11 uncertain, 12 changed, 35 ok" in lines


def test_the_loudest_rows_come_first() -> None:
    text = draw(CASES["many"], 80)
    order = ["✗ drift", "? uncertain", "~ changed", "✓ ok"]
    found = re.findall(r"✗ drift|\? uncertain|~ changed|✓ ok", text)
    assert found == sorted(found, key=order.index)
    assert found[0] == "✗ drift"


def test_a_report_without_rows_still_says_what_was_read() -> None:
    assert draw([report("features")], 80) == ("\n\nreference 10,000 rows · current 10,000 rows\n")


def sparks(reference: Sequence[int], current: Sequence[int], kind: ColumnKind) -> str:
    edges = tuple(float(i) for i in range(len(reference) + 1)) if kind is ColumnKind.NUMERIC else ()
    labels = () if edges else tuple("abcdefghij"[: len(reference)])
    shape = Distribution(tuple(reference), tuple(current), edges=edges, labels=labels)
    return table.sparklines(ColumnResult("x", kind, (), distribution=shape))


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
    assert table.sparklines(unevaluated_column()) == ""


@pytest.mark.parametrize(
    ("encoding", "plain"), [("utf-8", False), ("UTF-8", False), ("ascii", True), ("latin-1", True)]
)
def test_only_unicode_terminals_get_signs(encoding: str, plain: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert table.is_plain(Console(file=stream)) is plain
