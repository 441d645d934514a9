"""What was found meets what is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from driftcli.alerts.measures import stale_input
from driftcli.alerts.memory import Key, Memory
from driftcli.config import AlertRule, Alerts, Mute
from driftcli.model import (
    AlertState,
    ColumnKind,
    ColumnResult,
    DatasetInfo,
    Decision,
    DecisionPolicy,
    MethodResult,
    Report,
    Severity,
    Skip,
    Status,
    Threshold,
)
from driftcli.pipeline.remembering import Situation, Told, told
from driftcli.pipeline.rows import memory_rows, remembered
from driftcli.store import Acknowledgement

SIDE = DatasetInfo("x", 100, 3)
DRIFT, OK, BLOCKED = Status.DRIFT, Status.OK, Status.NOT_EVALUATED


def column(name: str, status: Status) -> ColumnResult:
    skip = Skip("too few rows") if status is BLOCKED else None
    result = MethodResult("ks", 0.2, None if skip else 0.2, 0.001, 100, 100, skip=skip)
    reason = skip.reason if skip else "D 0.2 > 0.1"
    check = Decision(name, result, Threshold(0.1), 0.001, "rows", status, reason)
    return ColumnResult(name, ColumnKind.NUMERIC, (check,))


def report(statuses: Mapping[str, Status], command: str = "features") -> Report:
    columns = {name: column(name, status) for name, status in statuses.items()}
    sections: dict[str, Any] = {command: columns}
    return Report(command, "t", "0", DecisionPolicy(), SIDE, SIDE, **sections)


class Monitor:
    """A monitor whose days are counted from 1."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Alerts(**settings)
        self.memories: Mapping[Key, Memory] = {}
        self.known: list[Acknowledgement] = []
        self.day = 0

    def run(self, *reports: Report, **more: Any) -> Told:
        self.day += 1
        situation = Situation(
            tuple((one.command, one) for one in reports),
            self.settings,
            "m",
            f"2026-01-{self.day:02}T04:00:00.000000+00:00",
            self.memories,
            self.known,
            **more,
        )
        found = told(f"run{self.day}", situation)
        # as a store gives it back
        self.memories = remembered(memory_rows(found.memories))
        assert self.memories == found.memories
        return found


def states(found: Told) -> dict[str, dict[str, str]]:
    return {
        alert.rule if alert.state is not AlertState.RESOLVED else f"{alert.rule} over": {
            name: state.value for name, state in alert.columns.items()
        }
        for alert in found.alerts.alerts
    }


def notice(found: Told) -> list[tuple[str, str | None]]:
    alerts: Sequence[Any] = found.notice.alerts if found.notice else ()
    return [(alert.message, alert.state) for alert in alerts]


def test_row_113_a_drift_from_its_beginning_to_its_end() -> None:
    monitor = Monitor()
    quiet, one = report({"a": OK, "b": OK}), report({"a": DRIFT, "b": OK})
    assert notice(monitor.run(quiet)) == []
    began = monitor.run(one)
    assert notice(began) == [("1 of 2 features drifted: a (D 0.2 > 0.1)", "new")]
    assert began.notice is not None
    assert (began.notice.id, began.notice.monitor) == ("run2", "m")
    assert states(began) == {"feature_drift": {"a": "new"}}
    still = monitor.run(one)
    assert notice(still) == []
    assert states(still) == {"feature_drift": {"a": "still"}}
    assert still.alerts.alerts[0].since == "2026-01-02T04:00:00.000000+00:00"
    both = monitor.run(report({"a": DRIFT, "b": DRIFT}))
    assert notice(both) == [("2 of 2 features drifted: a (D 0.2 > 0.1), b (D 0.2 > 0.1)", "new")]
    assert states(both) == {"feature_drift": {"a": "still", "b": "new"}}
    over = monitor.run(quiet)
    assert notice(over) == [("over: a, b (since 2026-01-02T04:00)", "resolved")]
    assert over.alerts.severity is Severity.MEDIUM
    assert notice(monitor.run(quiet)) == []


def test_muted_and_acknowledged_columns_count_for_nothing() -> None:
    monitor = Monitor(mute=(Mute(column="a", until="2026-01-02"),))
    every = report({"a": DRIFT, "b": DRIFT, "c": DRIFT})
    monitor.known = [Acknowledgement("m", "feature_drift", "b", "9999", "", "")]
    first = monitor.run(every)
    assert notice(first) == [("1 of 3 features drifted: c (D 0.2 > 0.1)", "new")]
    assert first.notice is not None
    assert first.notice.severity is Severity.LOW
    assert not first.alerts.should_retrain
    assert states(first) == {"feature_drift": {"a": "muted", "b": "acknowledged", "c": "new"}}
    assert first.alerts.severity is Severity.MEDIUM
    monitor.run(every)
    unmuted = monitor.run(every)
    assert notice(unmuted)[0][0].startswith("2 of 3 features drifted: a")
    assert unmuted.alerts.should_retrain


@pytest.mark.parametrize(
    ("mute", "hushed"),
    [
        (Mute(), True),
        (Mute(rule="feature_drift"), True),
        (Mute(rule="prediction_drift"), False),
        (Mute(rule="feature_drift", column="b"), False),
        (Mute(column="a", until="2026-01-01"), True),
        (Mute(column="a", until="2025-12-31"), False),
    ],
)
def test_what_a_mute_covers(mute: Mute, hushed: bool) -> None:
    found = Monitor(mute=(mute,)).run(report({"a": DRIFT}))
    assert (found.notice is None) == hushed


@pytest.mark.parametrize(("rule", "name"), [("*", "*"), ("feature_drift", "*"), ("*", "a")])
def test_a_star_is_all(rule: str, name: str) -> None:
    monitor = Monitor()
    monitor.known = [Acknowledgement("m", rule, name, "9999", "", "")]
    assert monitor.run(report({"a": DRIFT})).notice is None


def test_a_column_that_could_not_be_judged_stays_as_it_was() -> None:
    monitor = Monitor()
    monitor.run(report({"a": DRIFT, "b": DRIFT}))
    found = monitor.run(report({"a": BLOCKED, "b": OK}))
    assert notice(found) == [
        ("1 check could not be evaluated: a: ks (too few rows)", "new"),
        ("over: b (since 2026-01-01T04:00)", "resolved"),
    ]
    again = monitor.run(report({"a": DRIFT, "b": OK}))
    assert ("feature_drift", "a") in monitor.memories
    assert notice(again) == [("over: a (since 2026-01-02T04:00)", "resolved")]


def test_a_column_that_is_no_longer_looked_at_is_over() -> None:
    monitor = Monitor()
    monitor.run(report({"a": DRIFT, "b": OK}))
    assert notice(monitor.run(report({"b": OK}))) == [
        ("over: a (since 2026-01-01T04:00)", "resolved")
    ]


def test_a_part_that_cannot_run_is_told_and_its_alerts_wait() -> None:
    monitor = Monitor()
    drifted = report({"score": DRIFT}, "predictions")
    monitor.run(report({"a": OK}), drifted)
    found = monitor.run(report({"a": OK}), failed={"predictions": "no such column"})
    assert notice(found) == [("1 part could not run: predictions: no such column", "new")]
    assert found.alerts.incomplete
    assert monitor.memories["prediction_drift", "score"].open
    assert notice(monitor.run(report({"a": OK}), drifted)) == [
        ("over: predictions (since 2026-01-02T04:00)", "resolved")
    ]


def test_stale_data_are_one_alert_and_count_for_nothing_else() -> None:
    monitor = Monitor()
    monitor.run(report({"a": OK}))
    same = {"stale": stale_input("the same data"), "same": {"features"}}
    found = monitor.run(report({"a": DRIFT}), **same)
    assert notice(found) == [("the same data", "new")]
    assert ("feature_drift", "a") not in monitor.memories
    assert not found.alerts.should_retrain
    assert notice(monitor.run(report({"a": DRIFT}))) == [
        ("1 of 1 features drifted: a (D 0.2 > 0.1)", "new"),
        ("over: the data are those of now again (since 2026-01-02T04:00)", "resolved"),
    ]


def test_what_the_last_run_saw_is_no_second_sight() -> None:
    """Labels came, and the same features are looked at again: two sights of one day are one."""
    monitor = Monitor(confirm="2 of 2")
    moved, scores = report({"a": DRIFT}), report({"score": DRIFT}, "predictions")
    assert states(monitor.run(moved)) == {"feature_drift": {"a": "pending"}}
    again = monitor.run(moved, scores, same={"features"})
    assert states(again) == {"prediction_drift": {"score": "pending"}}
    assert monitor.memories["feature_drift", "a"].seen == "1"
    assert notice(monitor.run(moved, scores))[0][1] == "new"
    assert monitor.memories["feature_drift", "a"].seen == "11"
    assert monitor.run(report({"a": OK}), scores, same={"predictions"}).notice is not None
    assert not monitor.memories["feature_drift", "a"].open
    assert monitor.memories["prediction_drift", "score"].open


def test_what_still_holds_still_calls_for_a_new_model() -> None:
    monitor = Monitor()
    names = dict.fromkeys("abc", DRIFT)
    first = monitor.run(report(names))
    assert first.alerts.should_retrain
    again = monitor.run(report(names), report({"score": OK}, "predictions"), same={"features"})
    assert again.alerts.should_retrain
    assert again.notice is None
    assert states(again) == {"feature_drift": dict.fromkeys("abc", "still")}


def test_what_waits_to_be_confirmed_is_shown_and_not_told() -> None:
    monitor = Monitor(confirm="2 of 3")
    first = monitor.run(report({"a": DRIFT}))
    assert (first.notice, states(first)) == (None, {"feature_drift": {"a": "pending"}})
    assert not first.alerts.should_retrain
    assert notice(monitor.run(report({"a": DRIFT})))[0][1] == "new"


def test_two_rules_remember_apart() -> None:
    keys = AlertRule(when="feature_drift", name="keys", columns=("a",), high=1)
    many = AlertRule(when="feature_drift", name="many", low=2)
    monitor = Monitor(rules=(keys, many))
    assert [alert.rule for alert in monitor.run(report({"a": DRIFT, "b": OK})).alerts.alerts] == [
        "keys"
    ]
    found = monitor.run(report({"a": DRIFT, "b": DRIFT}))
    assert states(found) == {"keys": {"a": "still"}, "many": {"a": "new", "b": "new"}}
    assert found.notice is not None
    assert [alert.rule for alert in found.notice.alerts] == ["many"]


def test_the_link_goes_with_the_alerts() -> None:
    found = Monitor().run(report({"a": DRIFT}), link="https://x.example/r.html")
    assert found.notice is not None
    assert found.notice.link == "https://x.example/r.html"


def test_a_rule_that_was_taken_out_of_the_file_is_over() -> None:
    monitor = Monitor(rules=(AlertRule(when="feature_drift", name="keys", high=1),))
    monitor.run(report({"a": DRIFT}))
    monitor.settings = replace(monitor.settings, rules=(AlertRule(when="not_evaluated"),))
    assert notice(monitor.run(report({"a": DRIFT}))) == [
        ("over: a (since 2026-01-01T04:00)", "resolved")
    ]
