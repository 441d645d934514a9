"""Both databases for every test of the store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers of these tests, in child processes too

from postgres_server import POSTGRES, Server
from store_places import Place

from driftcli.store import Store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=POSTGRES)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place without a store."""
    if request.param == "sqlite":
        return Place(tmp_path / "history.sqlite")
    running: Server = request.getfixturevalue("server")
    return Place(None, running.url(running.sorted_by_language()), running)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as opened:
        yield opened
