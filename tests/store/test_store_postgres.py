"""A server as a store: no part of its address is ever told, and what a lost connection does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PASSWORD, USER, Server
from psycopg.conninfo import conninfo_to_dict
from store_samples import MEMORY, check, run

from driftcli import cli
from driftcli.store import Store, StoreError, open_store, postgres

pytestmark = pytest.mark.xdist_group("postgres")
NAME = "PostgreSQL (DRIFT_DB)"
DATA = Path(__file__).parents[2] / "examples" / "data"
MONITOR = """
version: 1
monitor: ctr
reference: {data}/reference.parquet
current: {data}/quiet.parquet
store: {{url_env: DRIFT_DB}}
"""


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as refused, open_store(None, url, NAME):
        pytest.fail("it was opened")
    return str(refused.value)


def name_of(url: str) -> str:
    name: str = conninfo_to_dict(url)["dbname"]
    return name


@pytest.fixture
def refused_port() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, and where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield one.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where somebody listens and says nothing."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


@pytest.fixture
def url(server: Server) -> str:
    return server.url(server.database())


def hosts(kind: str, request: pytest.FixtureRequest) -> tuple[str, str, list[str]]:
    """Return an address that does not work, what is said of it, and the words it must not say."""
    secrets = ["wiretapper", "hunter22", "vault-db"]
    if kind in ("password", "user", "database"):
        server: Server = request.getfixturevalue("server")
        said = "the server refuses the user or the password"
        if kind == "password":
            return server.url("vault-db", USER, "hunter22"), said, [*secrets, USER, PASSWORD]
        if kind == "user":
            return server.url("vault-db", "wiretapper", "hunter22"), said, [*secrets, PASSWORD]
        said = "the server has no such database or user"
        return server.url("vault-db"), said, [*secrets, USER, PASSWORD]
    if kind == "refused":
        port = request.getfixturevalue("refused_port")
        url = f"postgresql://wiretapper:hunter22@127.0.0.1:{port}/vault-db"
        return url, "no server at this address", [*secrets, "127.0.0.1", str(port)]
    if kind == "silent":
        port = request.getfixturevalue("silent_port")
        url = f"postgresql://wiretapper:hunter22@127.0.0.1:{port}/vault-db"
        return url, "no answer within 10 seconds", [*secrets, "127.0.0.1", str(port)]
    if kind == "host":
        url = "postgresql://wiretapper:hunter22@secret-host.invalid/vault-db"
        return url, "no host of this name", [*secrets, "secret-host"]
    if kind == "socket":
        url = "postgresql://wiretapper:hunter22@/vault-db?host=/nowhere/secret-host"
        return url, "no server at this address", [*secrets, "secret-host"]
    unread = {
        "escape": "postgresql://wiretapper:hunter22%zz@secret-host/vault-db",
        "scheme": "mysql://wiretapper:hunter22@secret-host/vault-db",
        "port": "postgresql://wiretapper:hunter22@127.0.0.1:secret-host/vault-db",
        "option": "postgresql://wiretapper:hunter22@secret-host/vault-db?hunter22=1",
        "words": "host=secret-host password=hunter22 user",
        "byte": "postgresql://wiretapper:hunter22\udcff@secret-host/vault-db",
    }
    said = "the address cannot be read. write postgresql://USER@HOST/DATABASE"
    said = said.partition(".")[0] if kind == "port" else said
    return unread[kind], said, [*secrets, "secret-host", "mysql"]


BAD = [
    "password", "user", "database", "refused", "silent", "host", "socket", "escape", "scheme",
    "port", "option", "words", "byte",
]  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_no_connection(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "silent":
        monkeypatch.setattr(postgres, "CONNECT", 2)
    url, said, _ = hosts(kind, request)
    assert refusal(url) == f"{NAME}: {said}"


@pytest.mark.parametrize("command", ["run", "history", "alert"])
@pytest.mark.parametrize("kind", [kind for kind in BAD if kind != "silent"])
def test_no_part_of_an_address_is_told(
    kind: str,
    command: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In all that the tool leaves behind, with --debug too."""
    url, said, secrets = hosts(kind, request)
    (tmp_path / "m.yaml").write_text(MONITOR.format(data=DATA))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_DB", url)
    words = {"run": ["run", "m.yaml"], "history": ["history", "-c", "m.yaml"],
             "alert": ["alert", "list", "m.yaml"]}[command]  # fmt: skip
    code = cli.run([*words, "--debug"])
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"driftcli: error: {NAME}: {said}"
    assert "Traceback" in err, "--debug shows where"
    left = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in secrets:
        assert secret not in "\n".join([err, *left])


def test_a_run_on_a_server(server: Server, tmp_path: Path) -> None:
    """And no part of the address in what it writes."""
    url = server.url(server.database())
    (tmp_path / "m.yaml").write_text(MONITOR.format(data=DATA))
    done = tool(tmp_path, "run", "m.yaml", "--as-of", "2026-01-12", "--debug", url=url)
    assert done.returncode == 0, done.stderr
    shown = tool(tmp_path, "history", "-c", "m.yaml", "--format", "csv", url=url)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[1].startswith("ctr,2026-01-12T00:00:00.000000+00:00,")
    exported = tool(tmp_path, "history", "export", "-c", "m.yaml", "tables", url=url)
    assert exported.returncode == 0, exported.stderr
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    said = "".join(one.stdout + one.stderr for one in (done, shown, exported)).encode()
    for secret in (USER, PASSWORD, str(server.folder), name_of(url)):
        assert secret.encode() not in b"\n".join([said, *left])
    with open_store(None, url, NAME) as store:
        assert [row.status for row in store.runs("ctr")] == ["ok"]


def test_the_variable_is_not_set(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MONITOR.format(data=DATA))
    done = tool(tmp_path, "history", "-c", "m.yaml", url="")
    assert done.returncode == 2
    assert done.stderr == "driftcli: error: the environment variable DRIFT_DB is not set\n"


def tool(folder: Path, *words: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "driftcli", *words],
        cwd=folder,
        env={**os.environ, "DRIFT_DB": url},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_what_a_server_says_is_masked(server: Server, url: str) -> None:
    """A server names who may not do what, and where."""
    name = name_of(url)
    server.run("DROP ROLE IF EXISTS wiretapper")
    server.run("CREATE ROLE wiretapper LOGIN PASSWORD 'hunter22'")
    told = refusal(server.url(name, "wiretapper", "hunter22"))
    assert told == f"{NAME}: permission denied for database …"


def test_one_who_may_not_make_a_schema_can_use_one(server: Server) -> None:
    name = server.database()
    with open_store(None, server.url(name), NAME) as store:
        store.remember(run(), None, [])
    server.run("DROP ROLE IF EXISTS reader")
    server.run("CREATE ROLE reader LOGIN PASSWORD 'r'")
    told = refusal(server.url(name, "reader", "r"))
    assert told == f"{NAME}: permission denied for schema driftcli"
    server.run("GRANT USAGE ON SCHEMA driftcli TO reader", name)
    server.run("GRANT SELECT ON ALL TABLES IN SCHEMA driftcli TO reader", name)
    with open_store(None, server.url(name, "reader", "r"), NAME) as store:
        assert [row.id for row in store.runs()] == ["ctr-1"]
        with pytest.raises(StoreError) as refused:
            store.remember(run(2), None, [])
        assert str(refused.value) == f"{NAME}: permission denied for table runs"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_does_not_hold_all_names(server: Server, encoding: str) -> None:
    url = server.url(server.database(f"ENCODING '{encoding}'"))
    said = f"the encoding of the database is {encoding}. make one with ENCODING 'UTF8'"
    assert refusal(url) == f"{NAME}: {said}"


def test_the_tables_are_in_a_schema_of_their_own(server: Server) -> None:
    name = server.database()
    server.run("CREATE TABLE runs (name TEXT)", name)  # of another program
    with open_store(None, server.url(name), NAME) as store:
        store.remember(run(), None, [])
    found = "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname !~ '^(pg_|information)'"
    assert sorted(server.run(found, name)) == [("driftcli",), ("public",)]
    assert server.run("SELECT * FROM runs", name) == []


def end_sessions(server: Server, url: str) -> None:
    name = name_of(url)
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname ="
    assert server.run(f"{ended} '{name}'") == [(True,)]


def test_a_connection_that_is_lost(
    server: Server, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line, and nothing of what the library logs; the store is as it was."""
    told = r"terminating connection due to administrator command|the connection .* is lost"
    with open_store(None, url, NAME) as store:
        store.remember(run(), [MEMORY], [])

        def half() -> Iterator[object]:
            yield MEMORY
            end_sessions(server, url)

        with pytest.raises(StoreError, match=told), store.alone("ctr", 0):
            store.remember(run(2, checks=(check(),)), half(), [])  # type: ignore[arg-type]
        with pytest.raises(StoreError, match="the connection to the database is lost"):
            store.runs()
    assert capfd.readouterr() == ("", "")
    with open_store(None, url, NAME) as store, store.alone("ctr", 0):
        assert [row.id for row in store.runs()] == ["ctr-1"]


def test_an_error_of_a_run_is_not_hidden_by_a_lost_connection(server: Server, url: str) -> None:
    with open_store(None, url, NAME) as store:

        def lost() -> None:
            with store.alone("ctr", 0):
                end_sessions(server, url)
                raise KeyError

        with pytest.raises(KeyError):
            lost()
        with pytest.raises(StoreError, match="is lost"):
            store.history()


def test_hosts_that_vanish_hold_no_lock_for_hours(url: str) -> None:
    """The session asks for keepalives; a socket on one host has none, so the setting is read."""
    asked: list[str] = []
    original = postgres.PostgresDatabase.query

    def query(self: postgres.PostgresDatabase, sql: str, values: object = ()) -> object:
        asked.append(sql)
        return original(self, sql, values)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres.PostgresDatabase, "query", query)
        with open_store(None, url, NAME) as store:
            assert isinstance(store, Store)
    assert {"SET tcp_keepalives_idle = 60", "SET tcp_keepalives_interval = 10"} <= set(asked)


def test_threads_of_one_process(url: str) -> None:
    """Each with a store of its own: a lock is of the connection, not of the process."""
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with open_store(None, url, NAME) as store, store.alone("ctr", 0):
            held.set()
            free.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    with open_store(None, url, NAME) as store:
        with pytest.raises(StoreError, match="another run holds"), store.alone("ctr", 0):
            pytest.fail("two hold it")
        free.set()
        with store.alone("ctr", 10):
            thread.join(10)
