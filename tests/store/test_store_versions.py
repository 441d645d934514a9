"""Stores of earlier and later versions."""

from __future__ import annotations

import pytest
from store_places import Place
from store_samples import KNOWN, MEMORY, NOTICE, check, run

from driftcli.store import Store, StoreError, database
from driftcli.store.schema import MIGRATIONS, VERSION

EXTRA = (
    "ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody'",
    "CREATE TABLE owners (name TEXT PRIMARY KEY)",
)


def know(monkeypatch: pytest.MonkeyPatch, *steps: tuple[str, ...]) -> None:
    """Be a driftcli that knows these steps."""
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    monkeypatch.setattr(database, "VERSION", len(steps))


def version(place: Place) -> int:
    with place.open() as store:
        return store._database.version()


def test_a_new_store_is_of_this_version(place: Place) -> None:
    assert version(place) == VERSION == len(MIGRATIONS)


@pytest.mark.parametrize("earlier", range(1, VERSION + 1))
def test_a_store_of_an_earlier_version_is_brought_up(
    place: Place, earlier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        know(old, *MIGRATIONS[:earlier])
        assert version(place) == earlier
    with place.open() as store:  # what this version writes, the next one finds
        store.remember(run(checks=(check(),)), [MEMORY], [NOTICE])
        store.acknowledge(KNOWN)
    know(monkeypatch, *MIGRATIONS, EXTRA)
    with place.open() as store:
        assert store._database.version() == VERSION + 1
        assert store._database.query("SELECT id, owner FROM runs") == [("ctr-1", "nobody")]
        assert store._database.query("SELECT * FROM owners") == []
        assert [row.id for row in store.runs()] == ["ctr-1"]
        assert [past.name for past in store.history()] == ["age"]
        assert store.memories("ctr") == [MEMORY]
    assert version(place) == VERSION + 1, "and once only"


def test_a_step_that_fails_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.open() as store:
        store.remember(run(), [], [])
    with monkeypatch.context() as broken:
        know(broken, *MIGRATIONS, (*EXTRA, "CREATE TABLE owners (name TEXT)"))
        with pytest.raises(StoreError, match="already exists"), place.open():
            pytest.fail("a half migrated store was opened")
    with place.open() as store:
        assert store._database.version() == VERSION
        assert [row.id for row in store.runs()] == ["ctr-1"]
    know(monkeypatch, *MIGRATIONS, EXTRA)
    assert version(place) == VERSION + 1


def test_a_store_of_a_later_version_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        know(later, *MIGRATIONS, EXTRA)
        assert version(place) == VERSION + 1
    with pytest.raises(StoreError) as refused, place.open():
        pytest.fail("a later store was opened")
    reason = f"written by a later driftcli (version {VERSION + 1}, this one knows {VERSION})"
    assert str(refused.value) == f"{place.name}: {reason}. update driftcli"
    know(monkeypatch, *MIGRATIONS, EXTRA)
    assert version(place) == VERSION + 1


def test_a_store_that_is_up_to_date_is_opened_without_writing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one who may only read can read."""
    with place.open():
        pass

    def refuse(*_: object) -> None:
        raise AssertionError("written")

    with place.open() as store:
        monkeypatch.setattr(type(store._database), "transaction", refuse)
    with place.open() as store:
        assert isinstance(store, Store)
        assert store.history() == []
