"""One session of Spark for all that is asked of a version of it, as it takes long to start."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import agreement
import pytest
import spark_lines
from spark_lines import ON_CONNECT, PYTHONS, Said


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the cases and the command lines read."""
    folder = tmp_path_factory.mktemp("agreement")
    agreement.write_data(folder)
    spark_lines.write_data(folder)
    return folder


@pytest.fixture(scope="session")
def ask_spark(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Said]:
    """Ask a Spark everything, once."""

    @cache
    def ask(kind: str) -> Said:
        python = os.environ.get(PYTHONS[kind])
        if python is None:
            pytest.skip(f"{PYTHONS[kind]} names no Python with Spark")
        folder = tmp_path_factory.mktemp(kind)
        for path in data.iterdir():
            (folder / path.name).symlink_to(path)
        environment = agreement.for_spark(PYSPARK_PYTHON=python, TZ="Europe/Paris")
        names: tuple[str, ...] = ()
        lines = spark_lines.LINES
        if kind == "connect":
            environment["SPARK_REMOTE"], names, lines = "local[2]", ON_CONNECT, ()
        done = subprocess.run(
            [python, Path(agreement.__file__), folder, *names],
            input=json.dumps(lines),
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        cases = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
        said = cases.pop("lines")
        return Said(cases, dict(zip(lines, said, strict=True)))

    return ask
