"""A small baseline with a column of each sort, and what it takes to forge one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from driftcli.baselines import Baseline
from driftcli.baselines.canonical import checksum, dumps
from driftcli.baselines.recognise import KEY
from driftcli.baselines.table import TEXTS
from driftcli.config import Config, Performance
from driftcli.pipeline.baseline import create_baseline

ROWS = 300
SCORED = Config(performance=Performance(label="click", score="score"))

Change = Callable[[Any], Any]


def data(seed: int = 1, rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, 40, rows)
    return pa.table(
        {
            "x": rng.normal(0, 1, rows),
            "n": whole,
            "u": whole.astype(np.uint64) + np.uint64(2**63),
            "word": pa.array(rng.choice(["a", "b", "ü c"], rows), mask=whole == 7),
            "when": pa.array(whole, pa.timestamp("s")),
            "score": np.round(rng.random(rows), 2),
            "click": rng.random(rows) < 0.4,
        }
    )


def sample(**how: Any) -> Baseline:
    return create_baseline(data(), SCORED, **how).baseline


def parts_of(path: Path) -> tuple[dict[str, Any], pa.Table]:
    """The document and the table of a baseline, as anybody can read them."""
    file = pq.ParquetFile(path, read_dictionary=TEXTS)
    return json.loads(file.metadata.metadata[KEY]), file.read()


def forge(path: Path, document: Change | None = None, table: Change | None = None) -> None:
    """Change a baseline by hand and make its checksum right again."""
    told, rows = parts_of(path)
    if document is not None:
        told = document(told) or told
    if table is not None:
        rows = table(rows)
    told["checksum"] = checksum(told, rows)
    with pq.ParquetWriter(path, rows.schema, compression="zstd", use_dictionary=TEXTS) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata({KEY: dumps(told).encode()})
