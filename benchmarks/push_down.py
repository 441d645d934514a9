"""What it costs to have a database count, beside reading its rows.

Run ``python benchmarks/push_down.py [--rows N] [--postgres ADDRESS]``, where the address is that of
a database in which the table ``push_down`` may be made anew, its password in the environment. A run
is a process of its own; its time includes starting, its bytes are those of the Arrow batches that
the database hands over.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow as pa

import driftcli

TABLE = "push_down"
CHILD = """
import json, sys
import pyarrow as pa
from contextlib import contextmanager
from driftcli import cli
from driftcli.sources.sql_database import Database

total, asking = 0, Database.asking

@contextmanager
def counting(self, *statements, constants=()):
    with asking(self, *statements, constants=constants) as reader:
        def batches():
            global total
            for batch in reader:
                total += batch.nbytes
                yield batch
        yield pa.RecordBatchReader.from_batches(reader.schema, batches())

Database.asking = counting
code = cli.run(sys.argv[1:])
print(json.dumps({"code": code, "bytes": total}))
"""


def rows_of(seed: int, rows: int) -> pa.Table:
    """Return six columns of floats, three of whole numbers and three of text."""
    rng = np.random.default_rng(seed)
    words = np.array(["NL", "BE", "DE", "FR", "LU", "AT", "CH", "DK"])
    columns: dict[str, object] = {f"float{n}": rng.normal(n, 1 + n, rows) for n in range(5)}
    columns["amount"] = np.where(rng.random(rows) < 0.4, 0.0, rng.lognormal(3, 1, rows))
    columns |= {f"whole{n}": rng.poisson(10**n, rows) for n in range(3)}
    columns |= {f"word{n}": words[rng.integers(0, 3 + n, rows)] for n in range(3)}
    return pa.table(columns)


def save(table: pa.Table, scheme: str, place: str) -> None:
    """Write a table into a database."""
    driver = import_module(f"adbc_driver_{scheme}.dbapi")
    with driver.connect(place) as connection:
        with connection.cursor() as cursor:
            cursor.adbc_ingest(TABLE, table, mode="replace")
        connection.commit()


def run(baseline: Path, address: str, engine: str) -> tuple[float, int]:
    """Return the seconds and the bytes of one check."""
    arguments = ["features", str(baseline), address, "--engine", engine, "--quiet"]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    told = json.loads(done.stdout.splitlines()[-1])
    if told["code"] == 2:
        raise SystemExit(done.stderr)
    return seconds, told["bytes"]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgres", help="such as postgresql://user@host/database")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        baseline, file = Path(folder) / "ref.baseline", Path(folder) / "rows.db"
        driftcli.profile(rows_of(1, chosen.rows)).write(baseline)
        current = rows_of(2, chosen.rows)
        save(current, "sqlite", str(file))
        addresses = {"SQLite": f"sqlite:///{file}#{TABLE}"}
        if chosen.postgres:
            save(current, "postgresql", chosen.postgres)
            addresses["PostgreSQL"] = f"{chosen.postgres}#{TABLE}"
        print("| database | rows | read: s | MB | counted there: s | MB |")
        print("| --- | --- | --- | --- | --- | --- |")
        for name, address in addresses.items():
            figures = []
            for engine in ("local", "sql"):
                runs = [run(baseline, address, engine) for _ in range(chosen.repeats)]
                figures += [f"{min(runs)[0]:.1f}", f"{runs[0][1] / 1e6:.2f}"]
            print(f"| {name} | {chosen.rows:,} | {' | '.join(figures)} |")


if __name__ == "__main__":
    main()
