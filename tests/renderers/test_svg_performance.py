"""Curves, matrices and courses: well-formed, within their frames, their numbers behind them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from report_builder import metric, performance_report

from driftcli.model import (
    CalibrationCurve,
    ClassRates,
    ConfusionMatrix,
    Curves,
    Histogram,
    PerformanceResult,
    RocCurve,
    Status,
    WindowsInfo,
)
from driftcli.pipeline.curves_binary import POINTS
from driftcli.records import Past
from driftcli.renderers.html import render
from driftcli.renderers.html_performance import MAX_RUNS, Card, pictured
from driftcli.renderers.svg_performance import calibration, roc, trend

HOSTILE = '"><script>alert(1)</script>\u202e' + "x" * 1_000
PLACE = re.compile(r"[MLV](-?[\d.]+)(?: (-?[\d.]+))?")


def a_roc(points: int = 5, lift: float = 0.1) -> RocCurve:
    fpr = tuple(i / (points - 1) for i in range(points))
    tpr = tuple(min(1.0, x + lift * (0 < x < 1)) for x in fpr)
    low, high = tuple(max(0.0, y - 0.1) for y in tpr), tuple(min(1.0, y + 0.1) for y in tpr)
    return RocCurve(fpr, tpr, low, high, (None, *(1 - x for x in fpr[1:])))


def a_calibration(bins: int = 3, scale: float = 1.0) -> CalibrationCurve:
    at = [scale * (i + 1) / (bins + 1) for i in range(bins)]
    low, high = [x - 0.05 * scale for x in at], [x + 0.05 * scale for x in at]
    return CalibrationCurve(tuple(at), tuple(at), tuple(low), tuple(high), (100,) * bins)


def some_curves(points: int = 5, bins: int = 3) -> Curves:
    edges = tuple(i / bins for i in range(bins + 1))
    return Curves(
        roc=a_roc(points),
        calibration=a_calibration(bins),
        confusion=ConfusionMatrix(("negative", "positive"), ((90, 10), (4, 16)), cutoff=0.5),
        positives=Histogram(edges, tuple(range(1, bins + 1))),
        negatives=Histogram(edges, tuple(range(bins, 0, -1))),
    )


def result(**fields: Any) -> PerformanceResult:
    found = performance_report(Status.DRIFT).performance
    assert found is not None
    return replace(found, **fields)


def page(found: PerformanceResult, history: list[Past] | None = None, **fields: Any) -> str:
    return render([replace(performance_report(), performance=found, **fields)], None, history or [])


def drawn(picture: str) -> list[tuple[str, str]]:
    """Return class and path of each series; the picture is well-formed and names itself."""
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert root.get("aria-label")
    return [(path.get("class", ""), path.get("d", "")) for path in root.iter("path")]


def titles(cards: tuple[Card, ...]) -> list[str]:
    return [card.title for card in cards]


# --- pictures ----------------------------------------------------------------------------------


def test_both_roc_curves_with_bands_and_the_line_of_chance() -> None:
    found = drawn(str(roc(a_roc(3), a_roc(3, 0.2), "ROC")))
    assert [kind for kind, _ in found] == ["g", "i", "rb", "r", "cb", "c"]
    paths = dict(found)
    assert paths["i"] == "M36 250L396 10"
    # 240 high: 0.6 lies at 250 − 144
    assert paths["c"] == "M36 250L216 106L396 10"
    assert paths["r"] == "M36 250L216 82L396 10"
    assert paths["cb"] == "M36 226L216 82L396 10L396 34L216 130L36 250Z"


def test_a_roc_curve_alone() -> None:
    assert [kind for kind, _ in drawn(str(roc(a_roc(), None, "ROC")))] == ["g", "i", "cb", "c"]


def test_calibration_with_intervals_on_equal_axes() -> None:
    found = dict(drawn(str(calibration(a_calibration(1), a_calibration(1), "c"))))
    assert list(found) == ["g", "i", "re", "r", "rd", "ce", "c", "cd"]
    # one bin at 0.5 ± 0.05 fills the axes
    assert found["cd"].endswith(" 130h0")
    assert re.fullmatch(r"M([\d.]+) 250V10", found["ce"])


def test_a_bin_without_interval_has_a_dot_only() -> None:
    curve = CalibrationCurve((1.0, 2.0), (1.0, 3.0), (None, 2.5), (None, 3.5), (1, 9))
    found = dict(drawn(str(calibration(curve, None, "c"))))
    assert found["ce"].count("M") == 1
    assert found["cd"].count("M") == 2


def test_a_course_has_gaps_triangles_and_the_baseline() -> None:
    values, flags = [0.5, 0.6, None, 0.4], [False, True, False, False]
    found = dict(drawn(str(trend(values, flags, 0.6, ("a", "b"), "t"))))
    assert list(found) == ["r", "c", "cd", "v"]
    assert found["cd"].count("M") == 3
    assert found["c"].count("L") == 1  # the last stands alone beyond the gap
    assert found["v"].count("z") == 1
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", found["c"])]
    assert heights[0] > heights[1]
    assert f" {heights[1]:g}L" in found["r"]


@pytest.mark.parametrize(
    "values", [[0.5], [0.0, 0.0], [1e308, -1e308], [5e-324, 0.0], [1e16, 1e16 + 2], [None], []]
)
def test_odd_values_are_drawn_inside_or_not_at_all(values: list[float | None]) -> None:
    numbers = tuple(value for value in values if value is not None)
    curve = CalibrationCurve(numbers, numbers, numbers, numbers, (1,) * len(numbers))
    for picture in (
        str(trend(values, [True] * len(values), None, ("a", "b"), "t")),
        str(calibration(curve, None, "c")),
    ):
        for _, path in drawn(picture) if picture else []:
            assert not re.search(r"nan|inf|e", path)
            places = [float(x) for place in PLACE.findall(path) for x in place if x]
            assert places
            assert all(0 <= place <= 400 for place in places)


# --- what belongs to them ----------------------------------------------------------------------


def test_a_binary_result_shows_all_with_the_numbers_behind() -> None:
    found = pictured(result(curves=some_curves(), reference_curves=some_curves()))
    assert titles(found.cards) == [
        "ROC curve",
        "Calibration",
        "Scores of positive labels",
        "Scores of negative labels",
    ]
    curve, bins, positives, _ = found.cards
    assert curve.keys == ("reference", "current")
    assert curve.rows[0] == ("reference", "above all", "0.0%", "0.0%", "0.0% – 10.0%")
    assert curve.rows[7] == ("current", "0.500", "50.0%", "60.0%", "50.0% – 70.0%")
    assert bins.rows[-1] == ("current", "100", "0.750", "0.750", "0.700 to 0.800")
    assert positives.rows[0][1:] == ("1", "1")
    assert [matrix.title for matrix in found.matrices] == ["Current", "Reference"]
    assert found.matrices[0].rows == (
        ("negative", "100", ((4, "90", "90.0%"), (0, "10", "10.0%"))),
        ("positive", "20", ((1, "4", "20.0%"), (4, "16", "80.0%"))),
    )
    assert "A score of 0.5 or more is a yes." in found.note


def test_without_a_reference_labels_are_held_against_each_other() -> None:
    found = pictured(result(curves=some_curves()))
    assert titles(found.cards) == ["ROC curve", "Calibration", "Scores by label"]
    assert found.cards[0].keys == ("current",)
    assert found.cards[2].keys == ("negative label", "positive label")
    assert found.cards[2].rows[0][1:] == ("3", "1")


def test_numbers_show_residuals_with_or_without_a_reference() -> None:
    curves = Curves(calibration=a_calibration(), residuals=Histogram((-1.0, 0.0, 1.0), (3, 4)))
    alone = pictured(result(task="regression", curves=curves))
    assert titles(alone.cards) == ["Predicted and actual", "Residuals: predicted less actual"]
    assert alone.cards[1].rows[1][1:] == ("–", "4")
    assert alone.cards[1].keys == ("current",)
    both = pictured(result(task="regression", curves=curves, reference_curves=curves))
    assert both.cards[1].rows[1][1:] == ("4", "4")


def test_classes_are_beside_their_baseline() -> None:
    now = Curves(classes=(ClassRates("a", 10, 8, 0.5, (0.24, 0.76), 0.625, (0.31, 0.86)),))
    before = Curves(classes=(ClassRates("a", 9, 9, 1.0, (0.7, 1.0), 1.0, (0.7, 1.0)),))
    told = ("a", "10", "50.0%", "24.0% – 76.0%", "100.0%", "62.5%", "31.0% – 86.0%", "100.0%")
    assert pictured(result(curves=now, reference_curves=before)).classes == (told,)
    assert pictured(result(curves=now)).classes[0][4] == "–"


def windows(names: int) -> WindowsInfo:
    days = tuple(f"2024-03-{i + 1:02d}" for i in range(names))
    return WindowsInfo("1d", "days", "at", None, None, 30, "a", "b", days, (100,) * names)


def test_metrics_are_followed_over_windows() -> None:
    one = metric("auc", 0.7, 0.75, by_window=(0.74, None, 0.7))
    other = metric("recall", 0.7, 0.75, by_window=(None, None, 0.7))
    found = pictured(result(metrics=(one, other)), windows(3))
    assert titles(found.trends) == ["AUC over 3 days"]  # one value is no course
    assert ">2024-03-01<" in found.trends[0].picture
    assert pictured(result(metrics=(one,)), windows(2)).trends == ()  # written by hand


def past(i: int, name: str = "auc", section: str = "performance") -> Past:
    status = "drift" if i == 2 else "ok"
    at = f"2024-03-{i % 28 + 1:02d}T06:00:00+00:00"
    return Past(str(i), "m", at, section, name, name, 0.7 + i / 1000, 0.05, None, status)


def test_judged_metrics_are_followed_over_runs() -> None:
    history = [*map(past, range(4)), past(0, "ctr"), past(1, "auc", "features")]
    found = pictured(result(), history=history)
    assert titles(found.trends) == ["AUC over 5 runs"]  # ctr has no threshold
    assert found.trends[0].rows == (
        ("2024-03-01 06:00", "0.700"),
        ("2024-03-02 06:00", "0.701"),
        ("2024-03-03 06:00", "0.702 ▲"),
        ("2024-03-04 06:00", "0.703"),
        ("this run", "0.671 ▲"),
    )
    many = pictured(result(), history=[past(i) for i in range(99)])
    assert len(many.trends[0].rows) == MAX_RUNS


def test_results_written_by_hand_break_nothing() -> None:
    empty = RocCurve((), (), (), (), ())
    ragged = ConfusionMatrix(("a", "b"), ((1,), (2, 3, 4)))
    curves = Curves(
        roc=empty,
        calibration=CalibrationCurve((), (), (), (), ()),
        confusion=ragged,
        positives=Histogram((0.0,), (1, 2)),
        negatives=Histogram((0.0, 1.0, 2.0), (1, 2)),
    )
    found = result(curves=curves, reference_curves=some_curves())
    assert titles(pictured(found).cards) == ["ROC curve", "Calibration"]
    assert "Labels and decisions" in page(found)


# --- the page ----------------------------------------------------------------------------------


def test_the_page_has_pictures_tables_and_matrices() -> None:
    text = page(result(curves=some_curves(), reference_curves=some_curves()), [past(0), past(1)])
    for title in ("ROC curve", "Calibration", "Scores of positive labels", "AUC over 3 runs"):
        assert f"<h3>{title}</h3>" in text
    assert '<td class="z4">16<small>80.0%</small></td>' in text
    assert "<td>reference</td><td>above all</td>" in text
    assert 'style="' not in text  # the page's policy would refuse it


def test_a_result_without_curves_is_a_page_as_before() -> None:
    text = page(result())
    assert "ROC curve" not in text
    assert "Labels and decisions" not in text


def test_hostile_classes_are_text() -> None:
    matrix = ConfusionMatrix((HOSTILE, "b"), ((1, 2), (3, 4)))
    curves = Curves(confusion=matrix, classes=(ClassRates(HOSTILE, 3, 4), ClassRates("b", 7, 6)))
    plain = page(result(task="multiclass", curves=Curves()))
    text = page(result(task="multiclass", curves=curves, reference_curves=curves))
    assert text.count("<script") == plain.count("<script")
    assert "\u202e" not in text
    assert text.count("x" * 41) == 0
    assert text.count("&lt;script&gt;alert(1)") == 5


@pytest.mark.parametrize("classes", [0, 20])
def test_the_section_is_small(classes: int) -> None:
    names = tuple(f"class {i}" for i in range(classes))
    several = Curves(
        confusion=ConfusionMatrix(names, ((1_234_567,) * classes,) * classes),
        classes=tuple(
            ClassRates(name, 10**7, 10**7, 0.5, (0.4, 0.6), 0.5, (0.4, 0.6)) for name in names
        ),
    )
    binary = replace(some_curves(POINTS, 20), calibration=a_calibration(10))
    curves = several if classes else binary
    known = [metric(f"metric_{i}", 0.7, 0.75, by_window=(0.74, 0.7) * 15) for i in range(10)]
    history = [past(i, f"metric_{j}") for i in range(40) for j in range(5)]
    found = result(metrics=tuple(known), curves=curves, reference_curves=curves)
    text = page(found, history, windows=windows(30))
    section = re.search(r'<section id="performance-1">.*?</section>', text, re.DOTALL)
    assert section is not None
    assert len(section[0].encode()) < 60_000
