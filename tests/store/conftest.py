"""Both databases for every test of the store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers of these tests, in child processes too

from postgres_server import NoServerError, Server, served
from store_places import Place

from driftcli.store import Store

POSTGRES = pytest.mark.xdist_group("postgres")  # one worker runs the server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with served() as running:
            yield running
    except NoServerError as error:
        pytest.skip(str(error))


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
