"""What the formats for other programs share."""

from __future__ import annotations

from hostile import NAMES
from report_builder import features_report, performance_report, report, unevaluated_column

from driftcli.model import Status
from driftcli.renderers.plain import by_section, distinct, loud


def test_distinct_names_stay_distinct_even_against_their_own_disguise() -> None:
    names = [*NAMES, "x" * 300 + "a", "x" * 300 + "b"]
    once = [distinct(name) for name in names]
    assert len({*once, *map(distinct, once)} - {*names}) >= len({*once} - {*names})
    disguised = [name for name in once if name not in names]
    assert disguised
    assert not {*map(distinct, disguised)} & {*once}
    assert distinct("plain, with ünïcode") == "plain, with ünïcode"


def test_rows_stand_in_the_order_of_the_table() -> None:
    one = features_report(12)
    ((section, rows),) = by_section(one)
    assert section == "features"
    order = [column.name for column in sorted(one.features.values(), key=lambda c: c.rank)]
    assert list(dict.fromkeys(row.column for row in rows)) == order
    assert [*by_section(report("predictions"))] == [("predictions", [])]


def test_what_is_loud_is_told_once() -> None:
    lost = {name: unevaluated_column(name) for name in ("a", "b")}
    quiet = {"c": unevaluated_column("c", harmless=True)}
    reason = "12 rows on the current side, 30 are needed"
    assert loud(report("features", features=lost | quiet)) == {reason: ["a", "b"]}
    assert loud(performance_report(Status.DRIFT)) == {
        "auc dropped by 0.071, threshold 0.05": ["auc"]
    }
