"""The command line with Spark: what it reads, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import agreement
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

import driftcli
from driftcli.config import Config, Resources
from driftcli.errors import UsageError

E = "driftcli: error: "
PYTHONS = ("DRIFTCLI_SPARK_3", "DRIFTCLI_SPARK_4")
BOTH = ("--engine", "spark", "--format", "json", "--quiet")
MOVED = ("--columns", "moved,few", "--threshold", "ks=0.05")
SIDES = ("ref.parquet", "cur.parquet")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("engines")]

WRONG = {
    ("nope.parquet", "cur.parquet"): "nope.parquet: no such file or folder",
    ("text.txt", "cur.parquet"): "text.txt: damaged, or of another format",
    (*SIDES, "--where", "nope > 3"): (
        "ref.parquet: a query or a filter names a column that is not there"
    ),
    (*SIDES, "--where", "few >"): (
        "ref.parquet: not understood by Spark. look at the query and the filters"
    ),
    (*SIDES, "--where", "few > 99"): "ref.parquet: 0 rows",
    (*SIDES, "--columns", "nope"): (
        "ref.parquet: column 'nope': no such column. it is named by --columns or columns.include"
    ),
    (*SIDES, "--window", "1000rows"): (
        "Spark's rows have no order to make windows of. give a time column with --time"
    ),
    ("spark:ref", "spark:curr"): "spark:curr: no such table or view",
    ("spark:", "spark:cur"): (
        "spark: no table and no query. name a table, spark:schema.table, or ask with --query"
    ),
    ("delta:sales", "cur.parquet"): (
        "delta:sales: this Spark has no reader for it."
        " add its package, such as io.delta:delta-spark, to the session"
    ),
    ("-", "cur.parquet"): "Spark reads no standard input. give a path or a table",
    ("sqlite:///scores.db#scores", "cur.parquet"): (
        "sqlite: Spark reads no database."
        " count there with --engine sql, or read it as one machine with --engine local"
    ),
    ("nowhere://bucket/ref.parquet", "cur.parquet"): (
        "nowhere://bucket/ref.parquet: this Spark reads nothing from there."
        " add its package, such as org.apache.hadoop:hadoop-aws, to the session"
    ),
    ("s3a://key:word@bucket/ref.parquet", "cur.parquet"): (
        "s3a://bucket/ref.parquet: a secret must not stand in an address. leave it to the"
        " environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ),
    ("[.parquet", "cur.parquet"): (
        "[.parquet: Spark failed (IOException: Illegal file pattern: error parsing regexp:"
        " Unclosed character class at pos 9: `[.parquet`)"
    ),
    ("delta:sales?versio=3", "cur.parquet"): (
        "delta:sales?versio=3: no option 'versio'. known are version, timestamp"
    ),
}
RIGHT = {
    "files": SIDES,
    "tables": ("spark:ref", "spark:cur"),
    "queries": (
        *("spark:", "spark:"),
        *("--reference-query", "SELECT * FROM ref WHERE '{date:%Y}' > '2000'"),
        *("--current-query", "SELECT * FROM cur"),
    ),
    "csv": ("ref.csv", "cur.csv"),
    "json": ("ref.jsonl", "cur.jsonl"),
}


@pytest.fixture(scope="module", params=PYTHONS)
def said(request: pytest.FixtureRequest, tmp_path_factory: Any) -> dict[Any, Any]:
    python = os.environ.get(request.param)
    if python is None:
        pytest.skip(f"{request.param} names no Python with Spark")
    folder = tmp_path_factory.mktemp("spark")
    agreement.write_data(folder)
    (folder / "text.txt").write_text("no Parquet\n" * 99)
    for name in ("ref", "cur"):
        table = agreement.pq.read_table(folder / f"{name}.parquet", columns=["moved", "few"])
        table.to_pandas().to_csv(folder / f"{name}.csv", index=False)
        table.to_pandas().to_json(folder / f"{name}.jsonl", orient="records", lines=True)
    right = [(*words, *MOVED) for words in RIGHT.values()]
    lines = [["features", *words, *BOTH] for words in (*WRONG, *right)]
    done = subprocess.run(
        [python, Path(__file__).with_name("spark_commands.py"), folder],
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        env=agreement.for_spark(PYSPARK_PYTHON=python),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = json.loads(done.stdout.splitlines()[-1])
    told = dict(zip((*WRONG, *RIGHT), outcomes, strict=True))
    sides = [agreement.pq.read_table(folder / side)["moved"].to_numpy() for side in SIDES]
    return {**told, "D": ks_2samp(*sides).statistic}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_is_wrong_is_told_in_one_line(words: Any, said: Any) -> None:
    assert said[words] == [2, "", f"{E}{WRONG[words]}\n"]


@pytest.mark.parametrize("name", RIGHT)
def test_what_it_reads(name: str, said: Any) -> None:
    code, out, err = said[name]
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert (report["n_reference"], report["n_current"]) == (12_000, 9_000)
    assert report["features"]["moved"]["ks_statistic"] == pytest.approx(said["D"], abs=1e-12)


def test_without_spark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    config = Config(resources=Resources(engine="spark"))
    with pytest.raises(UsageError) as caught:
        driftcli.compare("ref.parquet", "cur.parquet", config)
    assert str(caught.value) == "--engine spark needs pyspark. pip install 'driftcli[spark]'"


def test_a_frame_in_memory_is_not_given_to_spark() -> None:
    config = Config(resources=Resources(engine="spark"))
    with pytest.raises(UsageError) as caught:
        driftcli.compare(pa.table({"x": [1]}), "cur.parquet", config)
    assert str(caught.value) == (
        "--engine spark cannot read a Table. give a path, spark:TABLE, or a data frame of Spark"
    )


def spark_4() -> str:
    if PYTHONS[1] not in os.environ:
        pytest.skip(f"{PYTHONS[1]} names no Python with Spark")
    return os.environ[PYTHONS[1]]


def started(python: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run driftcli so that it starts Spark itself; return its code and its last line."""
    agreement.write_data(folder)
    code = "import sys; from driftcli.cli import run; sys.exit(run(sys.argv[1:]))"
    run = subprocess.run(
        [python, "-c", code, "features", *SIDES, *BOTH, "-o", "o.json", *MOVED],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stderr.splitlines()[-1]


def test_a_spark_that_driftcli_starts_runs_the_python_of_driftcli(tmp_path: Path) -> None:
    # as with .venv/bin/driftcli of an environment that is not activated
    environment = agreement.for_spark(PATH="/usr/local/bin:/usr/bin:/bin")
    for name in ("PYSPARK_PYTHON", "VIRTUAL_ENV"):
        environment.pop(name, None)
    said = started(spark_4(), tmp_path, environment)
    assert said[0] == 1, said
    assert json.loads((tmp_path / "o.json").read_text())["summary"]["drifted_features"] == 1


def test_executors_without_driftcli_are_told_of_with_the_remedy(tmp_path: Path) -> None:
    bare = str(Path(sys.base_prefix, "bin", "python3"))
    said = started(spark_4(), tmp_path, agreement.for_spark(PYSPARK_PYTHON=bare))
    assert said[0] == 2
    assert said[1] == (
        f"{E}ref.parquet: the Python of Spark's executors has no driftcli."
        " install driftcli there, or set PYSPARK_PYTHON to a Python that has it"
    )
