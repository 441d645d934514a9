"""Databases in the place of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cli_helpers import Run
from sql_places import SqlPlace


def sample(seed: int, rows: int = 3000) -> pa.Table:
    """Rows with every kind of column that both databases have, and a score and a label."""
    random = np.random.default_rng(seed)
    some = random.random(rows) < 0.1
    return pa.table(
        {
            "price": random.lognormal(3 + seed / 10, 1, rows),
            "clicks": random.poisson(2 + seed, rows),
            "amount": pa.array(random.normal(0, 1, rows), mask=some),
            "country": random.choice(["NL", "BE", "ünder 'x'"], rows),
            "nothing": pa.nulls(rows, pa.float64()),
            "score": (score := random.random(rows)),
            "label": (random.random(rows) < score).astype(np.int64),
        }
    )


def told(document: Any) -> Any:
    """A report without what differs: when it was made, and the names of the two sides."""
    for side in ("reference", "current"):
        assert document[side].pop("source")
    document.pop("timestamp")
    return document


def saved(place: SqlPlace) -> tuple[str, str]:
    """The addresses of two tables, which are in Parquet as well."""
    for name, seed in (("ref", 1), ("cur", 2)):
        pq.write_table(sample(seed), f"{name}.parquet")
    return place.save(sample(1), "ref"), place.save(sample(2), "cur")


def test_rows_of_a_database_are_rows(sql_place: SqlPlace, run: Run) -> None:
    ref, cur = saved(sql_place)
    for command in ("features", "predictions", "performance"):
        found = run(command, ref, cur, "--format", "json")
        expected = run(command, "ref.parquet", "cur.parquet", "--format", "json")
        assert told(found.json) == told(expected.json)
        assert (found.code, found.warnings) == (expected.code, expected.warnings)


def test_queries_filters_and_dates(sql_place: SqlPlace, run: Run) -> None:
    saved(sql_place)
    day = ["--date", "2026-11-22"]
    queries = [
        "--reference-query", "SELECT *, '{date}' AS day FROM ref WHERE clicks < 5",
        "--current-query", "SELECT *, '{date}' AS day FROM cur WHERE clicks < 5;",
    ]  # fmt: skip
    where = ["--where", "day = '2026-11-22' and country in ('NL', 'BE')"]
    arguments = [*queries, *where, *day, "--exclude", "day", "--format", "json"]
    found = run("features", sql_place.address, sql_place.address, *arguments)
    files = ["--where", "clicks < 5 and country in ('NL', 'BE')", "--format", "json"]
    expected = run("features", "ref.parquet", "cur.parquet", *files)
    documents = [told(found.json), told(expected.json)]
    counts = [[document[side].pop("columns") for side in ("reference", "current")]
              for document in documents]  # fmt: skip
    assert counts == [[8, 8], [7, 7]]
    assert documents[0] == documents[1]


def test_a_baseline_of_a_table(sql_place: SqlPlace, run: Run) -> None:
    ref, cur = saved(sql_place)
    for source, name in ((ref, "sql"), ("ref.parquet", "file")):
        assert run("baseline", "create", source, "-o", f"{name}.baseline").code == 0
    found = run("features", "sql.baseline", cur, "--format", "json")
    expected = run("features", "file.baseline", "cur.parquet", "--format", "json")
    assert told(found.json) == told(expected.json)


def test_the_database_counts(sql_place: SqlPlace, run: Run) -> None:
    ref, cur = saved(sql_place)
    assert run("baseline", "create", ref, "-o", "ref.baseline").code == 0
    for command in ("features", "predictions"):
        arguments = [command, "ref.baseline", cur, "--format", "json"]
        expected, found = run(*arguments), run(*arguments, "--engine", "sql")
        assert told(found.json) == told(expected.json)
        assert (found.code, found.err) == (expected.code, expected.err)
    assert run("features", ref, cur, "--engine", "sql").error == (
        f"{ref}: a database counts on the edges of a baseline, and this is none. make it one with "
        "driftcli baseline create, or leave out --engine sql"
    )


def test_a_monitor_with_a_query(sqlite: SqlPlace, run: Run) -> None:
    saved(sqlite)
    Path("monitor.yaml").write_text(
        """\
version: 1
reference: sqlite:///some.db#ref
current: sqlite:///some.db
input: {current_query: "SELECT * FROM cur"}
outputs: {directory: out}
"""
    )
    outcome = run("run", "monitor.yaml")
    assert outcome.errors == []
    assert outcome.code == 1


def test_what_goes_wrong_is_one_line(sqlite: SqlPlace, run: Run) -> None:
    ref, _ = saved(sqlite)
    assert run("features", ref, "sqlite:///some.db#curr").error == (
        "sqlite:///some.db#curr: no such table. did you mean 'cur'?"
    )
    assert run("features", ref, "sqlite:///none.db#cur").error == (
        "sqlite:///none.db#cur: no such file"
    )
