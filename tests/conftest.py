"""What tests of several parts share: a real PostgreSQL server, and databases to read from."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from postgres_server import PASSWORD, POSTGRES, NoServerError, Server, served
from sql_places import SqlPlace

# the tool keeps pandas out of pyarrow's first conversion, and in this process tests convert as well
pa.array(pd.Series([0]))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with served() as running:
            yield running
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def database(server: Server) -> str:
    """The name of a database of the server."""
    return server.database()


@pytest.fixture
def postgres(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SqlPlace:
    """An empty schema in a database of PostgreSQL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    schema = f"s{uuid.uuid4().hex[:12]}"
    server.run(f"CREATE SCHEMA {schema}", database)
    return SqlPlace(tmp_path, server, database, schema)


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlPlace:
    """A file of SQLite that is not there yet."""
    monkeypatch.chdir(tmp_path)
    return SqlPlace(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=POSTGRES)])
def sql_place(request: pytest.FixtureRequest) -> SqlPlace:
    """An empty database of either kind."""
    found: SqlPlace = request.getfixturevalue(request.param)
    return found
