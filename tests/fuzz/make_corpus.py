"""Writes the seeds of the corpus anew, from the program itself: a script.

``python tests/fuzz/make_corpus.py`` overwrites ``corpus/TARGET/seed-*``; what fuzzing found
(``found-*``) stays.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from fuzz_document import opened

CORPUS = Path(__file__).with_name("corpus")
ROWS = 60
MONITOR = {
    "reference": "reference.parquet",
    "current": "current.parquet",
    "predictions": {"column": "score"},
    "performance": {"label": "label", "score": "score"},
    "outputs": {"directory": "out"},
}
SETTINGS = """\
# ünïcode
reference: reference.parquet
current: "current.parquet"
columns:
  exclude: [label, 'when']
  types: {n: categorical}
thresholds: {ks: 0.2, psi: 2.0e-1}
overrides:
  price: {ks: 0.3, importance: 3}
decision: {rule: evident, correction: bh, alpha: 0.05, min_rows: 30}
predictions: {column: score, scale: sd, mean_shift: null}
performance:
  label: label
  score: score
  cutoff: 0.5
alerts:
  severity: {low: 1, medium: 2, high: 5}
  rules:
    - when: feature_drift
      by: share
      low: 0.1
      message: "{count} of {total}: {columns} {share}"
    - {when: missing_rate, name: second, columns: [price], low: 0.2}
  confirm: 2 of 3
  cooldown: 7d
  max_age: 36h
  mute: [{column: city, until: "2026-12-31"}]
time: {column: when, window: 1d, zone: Europe/Paris}
input:
  null_values: ['', NA, "-"]
  max_rows: 1000
"""


def log(seed: int, rows: int = ROWS, moved: float = 0.0) -> pa.Table:
    """Return a log with a column of each kind."""
    rng = np.random.default_rng(seed)
    price = rng.normal(moved, size=rows).round(3)
    price[0] = np.nan
    label = rng.random(rows) < 0.4
    score = (1 / (1 + np.exp(-rng.normal(2.0 * label - 1, 0.8)))).round(4)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return pa.table(
        {
            "price": price,
            "n": pa.array([None, *rng.integers(-5, 2**40, rows - 1).tolist()], pa.int64()),
            "city": rng.choice(["a", "bb", "c c", "é"], rows).tolist(),
            "flag": rng.random(rows) < 0.5,
            "when": pa.array(
                [start + timedelta(hours=3 * at) for at in range(rows)], pa.timestamp("us", "UTC")
            ),
            "score": score,
            "label": label.astype(np.int8),
        }
    )


def save(name: str, content: bytes | str) -> None:
    """Write one seed."""
    path = CORPUS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def parquets(reference: pa.Table, current: pa.Table) -> None:
    """Write Parquet in the encodings, versions and compressions that differ most."""
    nested = pa.table(
        {
            "price": reference["price"],
            "deep": [[{"a": at, "b": [str(at)]}] for at in range(ROWS)],
            "money": pa.array([None] * ROWS, pa.decimal128(9, 2)),
            "coded": reference["city"].dictionary_encode(),
            "big": pa.array(["x"] * ROWS, pa.large_string()),
        }
    )
    variants = {
        "reference": (reference, {}),
        "current": (current, {"compression": "zstd", "row_group_size": 25}),
        "plain": (current, {"compression": "none", "use_dictionary": False}),
        "checked": (
            current.slice(0, 20),
            {"compression": "gzip", "write_page_checksum": True, "data_page_version": "2.0"},
        ),
        "nested": (nested, {"compression": "none", "write_page_index": True}),
        "delta": (
            current.select(["price", "n", "city"]),
            {
                "compression": "none",
                "use_dictionary": False,
                "column_encoding": {
                    "price": "BYTE_STREAM_SPLIT",
                    "n": "DELTA_BINARY_PACKED",
                    "city": "DELTA_BYTE_ARRAY",
                },
            },
        ),
    }
    for name, (table, options) in variants.items():
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, **options)
        save(f"parquet/seed-{name}.parquet", sink.getvalue().to_pybytes())


def texts(reference: pa.Table, current: pa.Table) -> None:
    """Write CSV and JSON lines."""
    for name, table in (("reference", reference), ("current", current.slice(0, 30))):
        sink = pa.BufferOutputStream()
        pc.write_csv(table, sink)
        save(f"csv/seed-{name}.csv", sink.getvalue().to_pybytes())
        rows = [json.dumps(row, default=str) for row in table.to_pylist()]
        save(f"jsonl/seed-{name}.jsonl", "\n".join(rows).replace("NaN", "null") + "\n")
    save("csv/seed-quoted.csv", 'price;city\r\n1,5;"a;""b"\r\n-2;"c\r\nd"\r\n;NA\r\n1e300;\r\n')
    save("csv/seed-tabs.csv", "\ufeffprice\tn\n1\t0x1\n2\t1_0\n3\t\n")
    save(
        "jsonl/seed-odd.jsonl", '{"price": 1e-300, "city": "\\u00e9", "o": {"a": [1, null]}}\n{}\n'
    )


def driftcli(*words: str) -> None:
    """Run the program in this folder; drift is no failure."""
    command = [sys.executable, "-P", "-m", "driftcli", *words]
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    if code not in (0, 1):
        raise SystemExit(f"{words} ended with {code}")


def products() -> None:
    """Write what the program itself writes: settings, baselines, results, a store."""
    save("config/seed-monitor.yaml", json.dumps(MONITOR, indent=1))
    save("config/seed-settings.yaml", SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for side in ("reference", "current"):
            Path(f"{side}.parquet").write_bytes(
                (CORPUS / f"parquet/seed-{side}.parquet").read_bytes()
            )
        Path("monitor.yaml").write_text(json.dumps(MONITOR))
        driftcli("baseline", "create", "reference.parquet", "-o", "all.base", "-q",
                 "--label", "label")  # fmt: skip
        driftcli("baseline", "create", "reference.parquet", "-o", "days.base", "-q",
                 "--time", "when", "--columns", "price,city")  # fmt: skip
        for day in ("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"):
            driftcli("run", "monitor.yaml", "--as-of", day, "-q")
        for name in ("all", "days"):
            content = Path(f"{name}.base").read_bytes()
            save(f"baseline/seed-{name}.base", content)
            save(f"document/seed-{name}.json", opened(content))
        driftcli("features", "reference.parquet", "current.parquet", "--columns", "price,city",
                 "-o", "features.json")  # fmt: skip
        for name in ("features.json", "out/performance_metrics.json", "out/alerts.json"):
            save(f"result/seed-{Path(name).name}", Path(name).read_bytes())
        with sqlite3.connect("out/history.sqlite") as store:
            store.execute("PRAGMA page_size = 512")
            store.execute("VACUUM")
        store.close()
        save("store/seed-history.sqlite", Path("out/history.sqlite").read_bytes())


if __name__ == "__main__":
    sides = log(0), log(1, moved=0.5)
    parquets(*sides)
    texts(*sides)
    products()
