"""What is remembered comes back, from either database."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_places import Place
from store_samples import COLUMN, KNOWN, MEMORY, METRIC, NOTICE, check, day, run

from driftcli.store import CheckRow, MemoryRow, Past, Store, StoreError
from driftcli.store.store import TABLES

ODD = ["", " ", "O'Brien", '"; DROP TABLE runs; --', "a%sb%", "?", "\\x00", "a\x00b", "\x1a",
       "\x1a0000", "\x1a\x1a0000", "\ud800", "\udc80\ud800", "\U0001f600", "ñ", "n\u0303",
       "line\nline", "x" * 20_000, "\u202e", "\x7f\x85"]  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(ODD),
    st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1a\ud800\udfff'\"%?\\"))),
)
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False), st.sampled_from([5e-324, -0.0]))
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def past(number: int, row: CheckRow, monitor: str = "ctr") -> Past:
    point = (row.section, row.name, row.method, row.effect, row.threshold, row.pvalue, row.status)
    return Past(f"{monitor}-{number}", monitor, day(number), *point)


def test_an_empty_store(store: Store) -> None:
    assert store.runs() == []
    assert store.history() == []
    assert store.memories("ctr") == []
    assert store.acknowledgements("ctr", day(1)) == []
    assert store.waiting("ctr") == []
    assert store.prune(day(28)) == 0
    assert {name: store.table(name)[1] for name in TABLES} == {name: [] for name in TABLES}


def test_a_run_comes_back_after_the_store_was_closed(place: Place) -> None:
    kept = run(checks=(check(),), columns=(COLUMN,), metrics=(METRIC,))
    with place.open() as store:
        store.remember(kept, [MEMORY], [NOTICE])
        store.acknowledge(KNOWN)
    with place.open() as store:
        assert store.runs() == [replace(kept, checks=(), columns=(), metrics=())]
        assert store.memories("ctr") == [MEMORY]
        assert store.acknowledgements("ctr", day(1)) == [KNOWN]
        assert store.waiting("ctr") == [NOTICE]
        metric = Past("ctr-1", "ctr", day(1), "performance", "auc", "auc", 0.75, 0.05, None, "ok")
        assert store.history() == [past(1, check()), metric]
        assert store.table("column_stats")[1] == [("ctr-1", *astuple(COLUMN))]
        assert store.table("metrics")[1] == [("ctr-1", *astuple(METRIC))]


def test_what_is_true_is_true_again(store: Store) -> None:
    """Equality alone would not tell 1 from True."""
    store.remember(run(), [MEMORY], [])
    (memory,) = store.memories("ctr")
    assert (memory.is_open, memory.announced) == (True, False)
    assert [type(memory.is_open), type(store.runs()[0].should_retrain)] == [bool, bool]


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(name=NAMES, monitor=NAMES, note=NAMES)
def test_every_name_comes_back(store: Store, name: str, monitor: str, note: str) -> None:
    monitor = monitor[:500]  # one that people write
    store.prune(day(28))
    checks = (check(name), check(f"{name}."))
    store.remember(run(1, monitor, "r", checks), [replace(MEMORY, name=name)], [])
    known = replace(KNOWN, monitor=monitor, name=name, note=note)
    store.acknowledge(known)
    assert [point.name for point in store.history(monitor)] == sorted([name, f"{name}."])
    assert [point.name for point in store.history(monitor, name)] == [name]
    assert [row.monitor for row in store.runs(monitor)] == [monitor]
    assert [row.name for row in store.memories(monitor)] == [name]
    assert store.acknowledgements(monitor, day(1)) == [known]
    assert store.withdraw(monitor, "drift", name)
    assert not store.withdraw(monitor, "drift", name)


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(statistic=NUMBERS, effect=NUMBERS, pvalue=NUMBERS)
def test_every_number_comes_back(
    store: Store, statistic: float | None, effect: float | None, pvalue: float | None
) -> None:
    store.prune(day(28))
    row = CheckRow("features", "age", "psi", statistic, effect, math.inf, pvalue, "drift")
    store.remember(run(checks=(row,)), None, [])
    assert store.history() == [past(1, row)]
    assert store.table("checks")[1] == [("ctr-1", *astuple(row))]


def test_no_number_is_nothing(store: Store) -> None:
    """SQLite keeps NaN as NULL, so that is what NaN is in both."""
    store.remember(run(checks=(check(effect=math.nan),)), None, [])
    assert store.history() == [past(1, check(effect=None))]


@pytest.mark.parametrize("count", [2**63 - 1, -(2**63)])
def test_a_large_count(store: Store, count: int) -> None:
    store.remember(replace(run(), n_reference=count), None, [])
    assert store.runs()[0].n_reference == count


@pytest.mark.parametrize("count", [2**63, 10**40])
def test_a_count_beyond_all_is_refused(place: Place, count: int) -> None:
    with place.open() as store:
        with pytest.raises(StoreError) as refused:
            store.remember(replace(run(), n_reference=count), None, [])
        assert str(refused.value).startswith(f"{place.name}: ")
        assert "\n" not in str(refused.value)
        assert store.runs() == []


def test_many_columns(store: Store) -> None:
    checks = tuple(check(f"c{number:04d}") for number in range(3000))
    store.remember(run(checks=checks), None, [])
    assert store.history() == [past(1, row) for row in checks]


def test_the_latest_run_is_first(store: Store) -> None:
    for number, finished in ((2, 0), (1, 9), (3, 1)):
        store.remember(run(number, finished=finished), None, [])
    store.remember(run(3, id_="later", finished=2), None, [])
    store.remember(run(9, "other"), None, [])
    assert [row.id for row in store.runs("ctr")] == ["later", "ctr-3", "ctr-2", "ctr-1"]
    assert [row.id for row in store.runs("ctr", 2)] == ["later", "ctr-3"]
    assert [row.id for row in store.runs(last=1)] == ["other-9"]
    assert store.runs("none") == []


def test_history_is_in_order(store: Store) -> None:
    """By monitor, time, and then by code point, whatever the language of the database."""
    names = ["a", "B", "_", "Z", "ä", "z", "a-b", "ab"]
    for monitor in ("b", "A"):
        for number in (2, 1, 3):
            checks = tuple(check(name, method) for name in names for method in ("psi", "ks"))
            store.remember(run(number, monitor, checks=checks, metrics=(METRIC,)), None, [])
    expected = [
        (monitor, day(number), name, method)
        for monitor in ("A", "b")
        for number in (1, 2, 3)
        for name, method in [
            *((name, method) for name in sorted(names) for method in ("ks", "psi")),
            ("auc", "auc"),
        ]
    ]
    found = [(row.monitor, row.at, row.name, row.method) for row in store.history()]
    assert found == expected
    last = [(row.monitor, row.at, row.name, row.method) for row in store.history(last=2)]
    assert last == [row for row in expected if row[1] > day(1)]
    assert {row.at for row in store.history("A", "auc", 1)} == {day(3)}
    assert [row.section for row in store.history("A", "auc", 1)] == ["performance"]
    assert store.history("A", "nothing") == []
    assert store.history("nobody") == []


def test_memories_take_the_place_of_the_former(store: Store) -> None:
    others = [replace(MEMORY, name=name) for name in ("a", "B", "_")]
    store.remember(run(1), others, [])
    store.remember(run(1, "other"), [MEMORY], [])
    store.remember(run(2), None, [])
    assert store.memories("ctr") == [replace(MEMORY, name=name) for name in ("B", "_", "a")]
    told = MemoryRow("drift", "a", "high", "111", day(1), True, True, day(2), "high")
    store.remember(run(3), [told], [])
    assert store.memories("ctr") == [told]
    store.remember(run(4), [], [])
    assert store.memories("ctr") == []
    assert store.memories("other") == [MEMORY]


def test_acknowledgements(store: Store) -> None:
    store.acknowledge(KNOWN)
    store.acknowledge(replace(KNOWN, rule="*", name="*"))
    store.acknowledge(replace(KNOWN, monitor="other"))
    again = replace(KNOWN, until=day(25), note="until the new model")
    store.acknowledge(again)
    assert store.acknowledgements("ctr", day(20)) == [replace(KNOWN, rule="*", name="*"), again]
    assert store.acknowledgements("ctr", day(25)) == [again]
    assert store.acknowledgements("ctr", day(26)) == []
    assert not store.withdraw("ctr", "drift", "other")
    assert store.withdraw("ctr", "drift", "age")
    assert store.acknowledgements("ctr", day(21)) == []
    assert store.acknowledgements("other", day(1)) == [replace(KNOWN, monitor="other")]


def test_deliveries(store: Store) -> None:
    late = replace(NOTICE, id="n0", created=day(2))
    chat = replace(NOTICE, channel="Mail")
    other = replace(NOTICE, id="n9", monitor="other")
    store.remember(run(), None, [late, NOTICE, chat, other])
    assert store.waiting("ctr") == [chat, NOTICE, late]
    store.settle(replace(chat, attempts=1, reason="no answer"))
    store.settle(replace(NOTICE, attempts=1, outcome="sent"))
    store.settle(replace(late, attempts=7, outcome="given up", reason="too old"))
    assert store.waiting("ctr") == [replace(chat, attempts=1, reason="no answer")]
    assert store.waiting("other") == [other]
    kept = {(row[0], row[1]): row[5:] for row in store.table("deliveries")[1]}
    assert kept == {
        ("n1", "Mail"): (1, "waiting", "no answer"),
        ("n1", "slack"): (1, "sent", ""),
        ("n0", "slack"): (7, "given up", "too old"),
        ("n9", "slack"): (0, "waiting", ""),
    }


def test_prune_forgets_the_old_and_keeps_how_alerts_stand(store: Store) -> None:
    for number in (1, 2, 3):
        notice = replace(NOTICE, id=f"n{number}", created=day(number))
        sent = replace(notice, channel="mail", outcome="sent")
        full = run(number, checks=(check(),), columns=(COLUMN,), metrics=(METRIC,))
        store.remember(full, [MEMORY], [notice, sent])
    store.acknowledge(replace(KNOWN, until=day(2)))
    store.acknowledge(replace(KNOWN, rule="*", until=day(3)))
    assert store.prune(day(3)) == 2
    assert [row.id for row in store.runs()] == ["ctr-3"]
    counts = {name: len(store.table(name)[1]) for name in TABLES}
    assert counts == {
        "runs": 1, "checks": 1, "column_stats": 1, "metrics": 1,
        "memories": 1, "acknowledgements": 1, "deliveries": 4,
    }  # fmt: skip
    assert [notice.id for notice in store.waiting("ctr")] == ["n1", "n2", "n3"]
    assert store.prune(day(3)) == 0


def test_the_tables_say_their_types(store: Store) -> None:
    store.remember(run(checks=(check("a\x00\ud800"),)), None, [])
    columns, rows = store.table("checks")
    assert columns == {
        "run": "str", "section": "str", "name": "str", "method": "str",
        "statistic": "float | None", "effect": "float | None", "threshold": "float | None",
        "pvalue": "float | None", "status": "str",
    }  # fmt: skip
    assert rows[0][2] == "a\x1a0000\x1ad800"
    columns, rows = store.table("runs")
    assert dict(zip(columns, rows[0], strict=True))["should_retrain"] == 1
    assert "checks" not in columns


@pytest.mark.parametrize("table", ["checks", "memories", "deliveries"])
def test_all_or_nothing(place: Place, table: str) -> None:
    """An error in the middle leaves what was there."""
    nothing = {"checks": check(name=None), "memories": None, "deliveries": None}[table]  # type: ignore[arg-type]
    with place.open() as store:
        store.remember(run(1, checks=(check(),)), [MEMORY], [NOTICE])
        before = {name: store.table(name)[1] for name in TABLES}
        bad = {
            "checks": (run(2, checks=(check(), nothing)), [], []),
            "memories": (run(2), [replace(MEMORY, name=None)], []),
            "deliveries": (run(2), [], [replace(NOTICE, id="n2"), NOTICE]),
        }[table]
        with pytest.raises(StoreError) as refused:
            store.remember(*bad)  # type: ignore[arg-type]
        assert str(refused.value).startswith(f"{place.name}: ")
        assert {name: store.table(name)[1] for name in TABLES} == before
        store.remember(run(2), None, [])
    with place.open() as store:
        assert [row.id for row in store.runs()] == ["ctr-2", "ctr-1"]


def test_the_same_run_twice_is_refused(store: Store) -> None:
    store.remember(run(), None, [])
    with pytest.raises(StoreError, match=r"(?i)unique"):
        store.remember(run(), None, [])
    assert len(store.runs()) == 1


def test_an_interrupt_leaves_what_was_there(store: Store) -> None:
    def until_the_signal():
        yield NOTICE
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.remember(run(), [MEMORY], until_the_signal())
    assert {name: store.table(name)[1] for name in TABLES} == {name: [] for name in TABLES}
    store.remember(run(), None, [])
