"""Databases of the tests that data are read from."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pyarrow as pa
from postgres_server import USER, Server


@dataclass(frozen=True)
class SqlPlace:
    """An empty database, or schema of one; the password for PostgreSQL is in the environment.

    Parameters
    ----------
    folder : Path
        The working directory.
    server : Server, optional
        SQLite without.
    database : str
    schema : str
    """

    folder: Path
    server: Server | None = None
    database: str = "some.db"
    schema: str = ""

    @property
    def scheme(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    @property
    def address(self) -> str:
        if self.server is None:
            return f"sqlite:///{self.database}"
        path = f"options=-csearch_path%3D{self.schema}"
        return f"postgresql://{USER}@/{self.database}?host={self.server.folder}&{path}"

    def run(self, *statements: str) -> None:
        if self.server is not None:
            for statement in statements:
                self.server.run(f"SET search_path TO {self.schema}; {statement}", self.database)
            return
        with sqlite3.connect(self.folder / self.database) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def save(self, table: pa.Table, name: str = "t") -> str:
        """Write a table and return its address."""
        path = str(self.folder / self.database) if self.server is None else self.address
        driver = import_module(f"adbc_driver_{self.scheme}.dbapi")
        with driver.connect(path) as connection:
            with connection.cursor() as cursor:
                cursor.adbc_ingest(name, table)
            connection.commit()
        return f"{self.address}#{name}"
