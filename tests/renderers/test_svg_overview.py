"""The overview chart as SVG: what is drawn, in which order, and that names stay text."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hostile import NAMES, hostile_report
from report_builder import (
    alert_report,
    categorical_column,
    check,
    features_report,
    metric,
    numeric_column,
    of_columns,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.model import Report, Status, Threshold
from driftcli.renderers.overview import MAX_ROWS, sections
from driftcli.renderers.svg_overview import COLOURS, MOST, NAME_CELLS, render

SVG = "{http://www.w3.org/2000/svg}"


def parsed(*reports: Report) -> ElementTree.Element:
    return ElementTree.fromstring(render(reports))  # noqa: S314 (our own)


def texts(*reports: Report) -> list[str]:
    return [element.text or "" for element in parsed(*reports).iter(f"{SVG}text")]


def bars(*reports: Report) -> list[tuple[float, str]]:
    """Length and colour of each bar."""
    found = [
        (re.match(r"M250 [\d.]+h([\d.]+)", element.get("d", "")), element.get("fill", ""))
        for element in parsed(*reports).iter(f"{SVG}path")
    ]
    return [(float(match[1]), fill) for match, fill in found if match]


def test_a_chart_whole() -> None:
    columns = [
        numeric_column("age", Status.DRIFT, methods=("ks", "psi", "missing")),
        categorical_column("device", Status.OK),
        unevaluated_column("id", harmless=True),
    ]
    assert texts(report("features", features=of_columns(columns))) == [
        "1 of 3 features drifted, 1 ok, 1 skipped",
        "data/train.parquet (10,000 rows) → logs/2024-03-17/part-*.parquet (10,000 rows)"
        " · 2024-03-18T06:00 · driftcli 1.0.0",
        "Features", "0", "limit", "2×", "3×", "4×",
        "▲", "age", "KS 0.240, 2.4×", "PSI 0.040, 0.20×",
        "·", "id", "skipped: looks like an identifier: 9,870 distinct values in 9,900 rows",
        "✓", "device", "chi² 0.020, 0.20×",
        "Bars: effect as a multiple of its limit."
        "   ✓ ok   ◆ changed   ? uncertain   ○ not evaluated   ▲ drift",
    ]  # fmt: skip


def test_a_bar_is_as_long_as_its_effect_in_thresholds_and_of_its_status() -> None:
    age = numeric_column("age", Status.DRIFT, methods=("ks", "psi"))
    assert bars(report("features", features=of_columns([age]))) == [
        (240.0, COLOURS[Status.DRIFT]),
        (20.0, COLOURS[Status.OK]),
    ]


def test_a_bar_that_is_too_long_ends_in_a_tip_and_keeps_its_number() -> None:
    age = numeric_column("age", Status.DRIFT, strength=10, methods=("ks",))
    far = report("features", features=of_columns([age]))
    assert bars(far) == [(100.0 * MOST, COLOURS[Status.DRIFT])]
    assert "KS 2.400, 24×" in texts(far)
    assert render([far]).count("l5 4.5l-5 4.5") == 1


def test_a_threshold_of_zero_draws_and_counts_no_multiple() -> None:
    age = numeric_column("age", Status.DRIFT, methods=("ks",))
    strict = replace(age, checks=(replace(age.checks[0], threshold=Threshold(0.0)),))
    shown = report("features", features=of_columns([strict]))
    assert bars(shown) == [(100.0 * MOST, COLOURS[Status.DRIFT])]
    assert "KS 0.240" in texts(shown)


@pytest.mark.parametrize(("status", "shown"), [(Status.OK, False), (Status.DRIFT, True)])
def test_missing_is_drawn_where_it_matters(status: Status, shown: bool) -> None:
    age = numeric_column("age", methods=("ks",))
    age = replace(age, checks=(*age.checks, check("age", "missing", status)))
    drawn = texts(report("features", features=of_columns([age])))
    assert any(text.startswith("Δ missing") for text in drawn) is shown


def test_a_check_that_could_not_be_made_is_named() -> None:
    age = numeric_column("age", methods=("ks",))
    age = replace(age, checks=(*age.checks, check("age", "psi", Status.NOT_EVALUATED)))
    drawn = texts(report("features", features=of_columns([age])))
    assert "PSI not evaluated" in drawn
    assert drawn[drawn.index("age") - 1] == "○"


def test_drops_of_metrics_are_bars_too() -> None:
    drawn = texts(performance_report())
    assert drawn[drawn.index("Performance") :][6:-1] == [
        "▲", "AUC", "drop 0.071, 1.42×",
        "✓", "log loss", "drop 0.011, 0.22×",
        "2 metrics without a limit",
    ]  # fmt: skip
    better = replace(
        performance_report(),
        performance=replace(
            performance_report().performance, metrics=(metric("auc", 0.8, 0.7, Status.CHANGED),)
        ),
    )
    assert "drop −0.100" in texts(better)
    assert bars(better) == []


def test_metrics_without_labels_say_why() -> None:
    assert "not evaluated: 0 of 10,000 rows have their label, 5,000 are needed" in texts(
        performance_report(Status.NOT_EVALUATED)
    )


def test_the_loudest_come_first_and_of_a_thousand_the_rest_is_counted() -> None:
    columns = [
        numeric_column(f"n{i}", Status.DRIFT if i % 100 == 7 else Status.OK) for i in range(1000)
    ]
    many = report("features", features=of_columns(columns))
    (found,) = sections([many])
    assert [row.status for row in found.rows] == [Status.DRIFT] * 10 + [Status.OK] * 50
    assert len(found.rows) == MAX_ROWS
    assert texts(many)[-2] == "… 940 more, none of them louder: 940 ok"
    assert len(render([many])) < 80_000


def test_several_reports_are_one_chart() -> None:
    drawn = texts(features_report(), predictions_report(), performance_report())
    titles = [text for text in drawn if text in ("Features", "Predictions", "Performance")]
    assert titles == ["Features", "Predictions", "Performance"]
    assert sum("driftcli 1.0.0" in text for text in drawn) == 1  # of the same data


def test_hostile_names_are_text_and_nothing_else() -> None:
    drawn = render([hostile_report()])
    root = ElementTree.fromstring(drawn)  # noqa: S314 (our own)
    assert {element.tag for element in root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "path", "text")
    }
    plain = {"x", "y", "d", "fill", "font-size", "font-weight", "text-anchor", "stroke"}
    plain |= {"stroke-width", "stroke-dasharray"}
    for element in list(root.iter())[1:]:
        assert {*element.attrib} <= plain | {"id", "width", "height"}
    assert "\u202e" not in drawn
    assert len(drawn) < 100_000
    names = [e.text or "" for e in root.iter(f"{SVG}text") if e.get("x") == "36"]
    assert len(names) == len(NAMES)
    assert max(map(len, names)) <= NAME_CELLS
    assert {"日本語", "(empty)", "<script>alert(1)</script>"} <= {*names}


def test_it_stands_alone_and_says_what_it_shows() -> None:
    drawn = render([features_report()], alert_report())
    root = ElementTree.fromstring(drawn)  # noqa: S314 (our own)
    assert re.findall(r"https?://[^\"]*", drawn) == ["http://www.w3.org/2000/svg"]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root[0].text == texts(features_report())[0]
    assert "feature_00: drift; KS 0.240, 2.4×; PSI 0.040, 0.20×." in (root[1].text or "")
    assert root[2].get("fill") == "#ffffff"
    assert drawn == render([features_report()])


def test_nothing_compared_is_still_a_chart() -> None:
    assert texts(report("features"))[0] == "nothing was compared"
