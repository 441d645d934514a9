"""Cases in which every engine must give one answer, and the data for them.

Run as a script in an environment with Spark (``agreement.py FOLDER [CASE ...]``) it answers the
cases with Spark and writes each answer into ``FOLDER``.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

import driftcli
from driftcli.cli import run
from driftcli.config import Columns, Config, Input, Performance, Predictions, Resources, Time

Case = Callable[[Config], Any]
Bools = NDArray[np.bool_]
LEAST_MEMORY = 192
PLAIN = ("moved", "tied", "zeros", "few", "big", "word", "constant", "blob")


def write_data(folder: Path) -> None:
    """Write what the cases read."""
    rng = np.random.default_rng(7)
    for name, rows, shift in (("ref", 12_000, 0.0), ("cur", 9_000, 0.15)):
        pq.write_table(kinds(rng, rows, shift), folder / f"{name}.parquet", row_group_size=5_000)
        pq.write_table(large(rng, 50 * rows, shift), folder / f"large_{name}.parquet")
        labels = rng.integers(0, 150_000, 10 * rows)
        heavy = np.where(rng.random(10 * rows) < 0.3, "heavy", np.char.add("v", labels.astype(str)))
        pq.write_table(pa.table({"label": heavy}), folder / f"many_{name}.parquet")
        pq.write_table(log(rng, rows // 3, 1.5 - 5 * shift), folder / f"log_{name}.parquet")
    everything = pq.read_table(folder / "cur.parquet").select(PLAIN)
    pq.write_table(everything, folder / "plain_cur.parquet")
    config = config_for("local")
    driftcli.profile(folder / "ref.parquet", config).write(folder / "ref.baseline")
    others = set(pq.read_schema(folder / "ref.parquet").names).difference(PLAIN)
    few = replace(config, columns=Columns(exclude=tuple(sorted(others))))
    driftcli.profile(folder / "ref.parquet", few).write(folder / "plain_ref.baseline")
    for name, first, days in (("days_ref", 0, 40), ("days_cur", 41, 1)):
        pq.write_table(by_day(rng, first, days), folder / f"{name}.parquet")


def kinds(rng: np.random.Generator, rows: int, shift: float) -> pa.Table:
    """Return columns of every kind that Parquet and Spark share."""
    moved = rng.normal(shift, 1, rows)
    odd = moved.copy()
    odd[:3] = np.inf, -np.inf, np.nan
    odd[3::50] = np.nan
    shares = [0.5 - shift, 0.2, 0.2, 0.1 + shift]
    words = rng.choice(np.array(["a", "b", "ü", None]), rows, p=shares)
    prices = [Decimal(f"{price:.2f}") if price < 2 else None for price in moved.tolist()]
    return pa.table(
        {
            "moved": moved,
            "odd": odd,
            "narrow": moved.astype(np.float32),
            "tied": np.round(moved, 1),
            "zeros": np.where(rng.random(rows) < 0.6, -0.0, rng.exponential(size=rows)),
            "few": pa.array(rng.integers(0, 7, rows), pa.int32()),
            "big": rng.integers(2**53, 2**53 + 5_000, rows),
            "truth": rng.random(rows) < 0.3,
            "word": pa.array(words.tolist()),
            "price": pa.array(prices, pa.decimal128(18, 2)),
            "day": pa.array(rng.integers(18_000, 18_100, rows).astype(np.int32), pa.date32()),
            "time": pa.array(rng.integers(10**15, 2 * 10**15, rows), pa.timestamp("us", "UTC")),
            "constant": np.full(rows, 4.0),
            "nothing": pa.nulls(rows, pa.float64()),
            **uncompared(rng.random(rows) < 0.1 + shift),
        }
    )


def uncompared(gone: Bools) -> dict[str, pa.Array]:
    """Return columns of which only missing rates are compared."""
    rows = len(gone)
    return {
        "tags": pa.array([["a", None]] * rows, mask=gone),
        "pair": pa.array(
            [{"u": None, "v": 1}] * rows, pa.struct({"u": "f8", "v": "i8"}), mask=gone
        ),
        "map": pa.array([[("k", 1)]] * rows, pa.map_(pa.string(), pa.int64()), mask=gone),
        "blob": pa.array([b"\xff"] * rows, mask=gone),
    }


def large(rng: np.random.Generator, rows: int, shift: float) -> pa.Table:
    """Return columns whose values do not all fit the least memory."""
    return pa.table(
        {
            "normal": rng.normal(shift / 10, 1, rows),
            "heavy": rng.lognormal(shift, 2, rows),
            "whole": rng.integers(0, 10**6, rows),
            "few": rng.poisson(3 + shift, rows),
        }
    )


def log(rng: np.random.Generator, rows: int, skill: float) -> pa.Table:
    """Return a feature, scores and what came of them."""
    logit = rng.normal(size=rows)
    label = rng.random(rows) < 1 / (1 + np.exp(-skill * logit))
    score = 1 / (1 + np.exp(-logit))
    return pa.table({"score": score, "label": label.astype(np.int64), "age": rng.poisson(40, rows)})


def by_day(rng: np.random.Generator, first: int, days: int) -> pa.Table:
    """Return rows of so many days."""
    day = np.repeat(np.arange(first, first + days), 150)
    time = (18_262 + day) * 86_400_000_000 + rng.integers(0, 86_400_000_000, len(day))
    values = rng.normal(np.sin(day), 1)
    return pa.table(
        {
            "at": pa.array(time, pa.timestamp("us", "UTC")),
            "x": values,
            "word": pa.array(np.where(values > 0, "up", "down").tolist()),
            "tags": pa.array([["a"]] * len(day), mask=rng.random(len(day)) < 0.1),
        }
    )


def told(report: driftcli.Report) -> Any:
    """Return a report as JSON without the moment when it was made."""
    return {**json.loads(report.to_json()), "timestamp": None}


def raw(config: Config) -> Any:
    """Both sides as they are."""
    return told(driftcli.compare("ref.parquet", "cur.parquet", config))


def filtered(config: Config) -> Any:
    """Some rows, and some columns."""
    chosen = Columns(include=("moved", "word"))
    options = Input(where="few >= 2", current_where="word = 'a' or word is null")
    return told(
        driftcli.compare(
            "ref.parquet", "cur.parquet", replace(config, columns=chosen, input=options)
        )
    )


def outgrown(config: Config) -> Any:
    """More values than fit the memory."""
    return told(driftcli.compare("large_ref.parquet", "large_cur.parquet", config))


def straddling(config: Config) -> Any:
    """A threshold within the bound of a distance, so that both sides are looked into again."""
    column = replace(config, columns=Columns(include=("normal",)))
    first = driftcli.compare("large_ref.parquet", "large_cur.parquet", column)
    result = first.features["normal"].check("ks").result
    assert result.effect is not None
    assert result.error_bound > 0
    limit = replace(column, thresholds={"ks": result.effect + result.error_bound / 2})
    second = driftcli.compare("large_ref.parquet", "large_cur.parquet", limit)
    assert second.features["normal"].check("ks").result.error_bound == 0
    return told(second)


def many_labels(config: Config) -> Any:
    """More categories than are counted by name."""
    config = replace(config, columns=Columns(types={"label": "categorical"}))
    return told(driftcli.compare("many_ref.parquet", "many_cur.parquet", config))


def predictions(config: Config) -> Any:
    """Means and spreads with fourth powers."""
    config = replace(config, predictions=Predictions(column=("zeros", "few")))
    return told(driftcli.compare_predictions("ref.parquet", "cur.parquet", config))


def performance(config: Config) -> Any:
    """Labels and scores."""
    config = replace(config, performance=Performance(label="label", score="score"))
    return told(driftcli.evaluate("log_ref.parquet", "log_cur.parquet", config=config))


def windows(config: Config) -> Any:
    """A day against the reference's days."""
    config = replace(config, time=Time(column="at", window="1d"))
    return told(driftcli.compare("days_ref.parquet", "days_cur.parquet", config))


def baseline(config: Config) -> Any:
    """What a baseline holds, but for when it was made."""
    made = driftcli.profile("ref.parquet", config)
    path = Path(f"made by {config.resources.engine}.baseline")
    made.write(path)
    rows = pq.read_table(path).to_pylist()
    path.unlink()
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


def against_baseline(config: Config) -> Any:
    """Current on the edges of a baseline, which one machine made."""
    return told(driftcli.compare("ref.baseline", "cur.parquet", config))


def plain(config: Config, current: str = "plain_cur.parquet") -> Any:
    """The same in types that databases have, wherever the rows are."""
    answer = told(driftcli.compare("plain_ref.baseline", current, config))
    return {**answer, "current": {**answer["current"], "source": None}}


def monitored(config: Config) -> Any:
    """All parts of a monitor."""
    engine = config.resources.engine
    folder = Path(f"of {engine}")
    Path(f"{engine}.yaml").write_text(f"""
version: 1
reference: log_ref.parquet
current: log_cur.parquet
performance: {{label: label, score: score}}
outputs: {{directory: {folder}}}
resources: {{engine: {engine}, max_memory: {config.resources.max_memory}}}
""")
    code = run(["run", f"{engine}.yaml", "--quiet", "--as-of", "2026-11-22T04:00Z"])
    names = ("drift_report", "prediction_drift", "performance_metrics")
    found = [json.loads((folder / f"{name}.json").read_text()) for name in names]
    return [code, *({**one, "timestamp": None, "monitor": None} for one in found)]


CASES: dict[str, Case] = {
    case.__name__: case
    for case in (
        raw,
        filtered,
        outgrown,
        straddling,
        many_labels,
        predictions,
        performance,
        windows,
        monitored,
        baseline,
        against_baseline,
        plain,
    )
}


def config_for(engine: Any) -> Config:
    """Return the settings of an engine, with the memory at which all keep the same values."""
    return Config(resources=Resources(max_memory=LEAST_MEMORY, engine=engine))


def for_spark(**more: str) -> dict[str, str]:
    """Return the environment of a short-lived Java: it compiles quickly rather than well."""
    options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return {**os.environ, "JAVA_TOOL_OPTIONS": options, **more}


def outcome(words: list[str]) -> tuple[int, str, str]:
    """Run a command line; return its code, what it printed and what it said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    return code, out.getvalue(), err.getvalue()


def main() -> None:
    """Answer with Spark, and run the command lines that stdin tells in JSON."""
    from pyspark.sql import SparkSession

    folder, *names = sys.argv[1:]
    os.chdir(folder)
    builder = SparkSession.builder.config("spark.sql.shuffle.partitions", "2")
    if "SPARK_REMOTE" not in os.environ:
        builder = builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
    for name in names or CASES:
        answer = json.dumps(CASES[name](config_for("spark")), sort_keys=True)
        Path(f"{name}.json").write_text(answer)
    for name in ("ref", "cur"):
        spark.read.parquet(f"{name}.parquet").createOrReplaceTempView(name)
    Path("lines.json").write_text(json.dumps([outcome(words) for words in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
