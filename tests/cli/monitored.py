"""A monitor of daily files, runs of it as processes, and what its receiver got."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from alert_receiver import Request
from cli_helpers import Outcome

FILES = ("drift_report.json", "prediction_drift.json", "performance_metrics.json")
OUT = Path("out")
ROWS = 300
Spoil = tuple[str, int, str]


class Warm:
    """The program, loaded; see ``warm_driftcli.py``.

    Parameters
    ----------
    folder : Path
        For the streams of the runs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        script = Path(__file__).with_name("warm_driftcli.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(
        self, *arguments: object, spoil: Spoil | None = None, **environment: str
    ) -> Outcome:
        """Run once, in the present folder."""
        return self.together(arguments, spoil=spoil, **environment)[0]

    def together(
        self, *runs: Sequence[object], spoil: Spoil | None = None, **environment: str
    ) -> list[Outcome]:
        """Start several runs at once; return what came of them in that order."""
        streams = [
            (self._folder / f"{at}.out", self._folder / f"{at}.err") for at in range(len(runs))
        ]
        orders = [
            {
                "arguments": [str(word) for word in words],
                "folder": str(Path.cwd()),
                "environment": environment,
                "spoil": spoil,
                "out": str(out),
                "err": str(err),
            }
            for words, (out, err) in zip(runs, streams, strict=True)
        ]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(orders) + "\n")
        self._process.stdin.flush()
        codes = json.loads(self._process.stdout.readline())
        return [
            Outcome(code, out.read_text(), err.read_text())
            for code, (out, err) in zip(codes, streams, strict=True)
        ]

    def close(self) -> None:
        """End it."""
        self._process.communicate("", timeout=20)


def warmed(folder: Path) -> Iterator[Warm]:
    """Yield the program, loaded, for a fixture."""
    warm = Warm(folder)
    yield warm
    warm.close()


def log(
    seed: int, *, rows: int = ROWS, price: float = 0.0, city: float = 0.0, labels: bool = True
) -> pa.Table:
    """Return a log: ``price`` moved by so many sd, so much of ``city`` from ``a`` to ``c``."""
    rng = np.random.default_rng(seed)
    label = rng.random(rows) < 0.3
    score = 1 / (1 + np.exp(-(rng.normal(0, 0.5, rows) + 2 * label - 1)))
    cities = np.array(["a", "b", "c"])[rng.choice(3, size=rows, p=[0.6 - city, 0.3, 0.1 + city])]
    known = label.astype(int) if labels else [None] * rows
    columns = {"price": rng.normal(price, size=rows), "city": cities, "score": score}
    return pa.table({**columns, "label": pa.array(known, pa.int64())})


def reference() -> None:
    """Write what the days are compared with."""
    pq.write_table(log(0, rows=2000), "ref.parquet")


def day_file(day: str, table: pa.Table) -> None:
    """Write the log of a day."""
    Path("logs").mkdir(exist_ok=True)
    pq.write_table(table, f"logs/{day}.parquet")


def monitor(alerts: dict[str, Any] | None = None, **others: Any) -> str:
    """Write monitor.yaml (JSON is YAML) and return its name.

    Parameters
    ----------
    alerts : dict
    **others
        In place of what stands there.
    """
    settings = {
        "reference": "ref.parquet",
        "current": "logs/{date:%Y-%m-%d}.parquet",
        "predictions": {"column": "score"},
        "performance": {"label": "label", "score": "score"},
        "alerts": alerts or {},
        "outputs": {"directory": str(OUT)},
        **others,
    }
    kept = {name: value for name, value in settings.items() if value is not None}
    Path("monitor.yaml").write_text(json.dumps(kept, indent=1))
    return "monitor.yaml"


def webhook(**options: Any) -> dict[str, Any]:
    """Return the channel to a receiver on this machine, whose address is in HOOK."""
    return {"url_env": "HOOK", "allow_http": True, "allow_private": True, "retries": 0, **options}


Notice = tuple[str, dict[str, str]]


def notice(document: dict[str, Any]) -> Notice:
    """Return the day of a notice, and the state of each ``rule column`` in it."""
    states = {
        f"{alert['rule']} {column}".strip(): state
        for alert in document["alerts"]
        for column, state in alert["columns"].items()
    }
    return document["timestamp"][:10], states


def notices(requests: Sequence[Request]) -> list[Notice]:
    """Return what a receiver heard that takes no notice twice, in the order of hearing."""
    heard: dict[str, dict[str, Any]] = {}
    for request in requests:
        key = request.headers["Idempotency-Key"]
        assert request.document["id"] == key
        assert heard.setdefault(key, request.document) == request.document
    return [notice(document) for document in heard.values()]


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Ask the store, which must be whole."""
    with sqlite3.connect(OUT / "history.sqlite") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        found = store.execute(sql).fetchall()
    store.close()
    return found


def parts_left() -> list[str]:
    """Return the temporary files in the folder of the outputs."""
    known = {*FILES, "alerts.json", "report.html", "history.sqlite"}
    there = {path.name for path in OUT.iterdir() if path.suffix != ".lock"}
    return sorted(there - known)


@dataclass
class Reader:
    """Reads the files of a monitor again and again, as a web server beside it does."""

    faults: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        """Look until it is over."""
        while not self.over.is_set():
            for name in (*FILES, "alerts.json", "report.html"):
                self._look(OUT / name)
            time.sleep(0.005)

    def _look(self, path: Path) -> None:
        try:
            text = path.read_text()
        except FileNotFoundError:
            return
        if path.suffix == ".html":
            whole = text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
        else:
            whole = _is_json(text)
        if not whole:
            self.faults.append(f"{path.name}: {len(text)} characters")
        elif path.name == "alerts.json":
            self.versions.add(text)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@contextmanager
def read_all_the_time() -> Iterator[Reader]:
    """Read the files of a monitor until the end of the block; none may be a half one."""
    reader = Reader()
    thread = threading.Thread(target=reader.read)
    thread.start()
    try:
        yield reader
    finally:
        reader.over.set()
        thread.join()
    assert reader.faults == []
