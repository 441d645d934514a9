"""``--max-memory`` and ``--jobs``: what they take, and that the answer is the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_helpers import Run, normal, save

from driftcli.commands.settings import megabytes, settle
from driftcli.config import Resources
from driftcli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MB", 512), ("192", 192), ("2GB", 2048), ("1.5GiB", 1536), ("1.5g", 1536),
        ("700 mb", 700), ("256M", 256), ("0.5TiB", 524_288), (" 300MiB ", 300), ("192.9", 192),
    ],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert megabytes(text) == size


@pytest.mark.parametrize(
    "text",
    ["", "MB", "-1GB", "1e3", "512KB", "10GBP", "inf", "nan", "1,5GB", "２GB", "1.GB", "5 5"],
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match=r"no size\. such as 512MB or 2GB"):
        megabytes(text)


@pytest.mark.parametrize("text", ["191.9", "0", "100MB", "0.1GB", "0.1"])
@pytest.mark.usefixtures("data")
def test_too_little_memory(text: str, run: Run) -> None:
    outcome = run("features", "ref.parquet", "same.parquet", "--max-memory", text)
    assert outcome.error == (
        f"--max-memory '{text}': must be 192MB or more. "
        "the interpreter and a batch of rows alone take 160MB"
    )


@pytest.mark.parametrize("command", ["features", "predictions"])
@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5"])
@pytest.mark.usefixtures("data")
def test_what_is_no_number_of_jobs(command: str, jobs: str, run: Run) -> None:
    assert "--jobs" in run(command, "ref.parquet", "same.parquet", "--jobs", jobs).error


def test_flags_stand_above_the_config() -> None:
    Path("c.yaml").write_text("version: 1\nresources: {max_memory: 300, jobs: 3}\n")
    path = Path("c.yaml")
    assert settle(path).resources == Resources(max_memory=300, jobs=3)
    assert settle(path, jobs=5).resources == Resources(max_memory=300, jobs=5)
    assert settle(path, max_memory="1GB").resources == Resources(max_memory=1024, jobs=3)
    assert settle(None).resources == Resources()


def untimed(text: str) -> str:
    return re.sub(r'"timestamp":"[^"]+"', "", text)


def test_row_119_the_answer_is_the_same_at_any_jobs(run: Run) -> None:
    for name, seed in (("ref.parquet", 1), ("cur.parquet", 2)):
        save(name, **{f"c{i}": normal(seed * 99 + i, 200) for i in range(150)})
    call = ("features", "ref.parquet", "cur.parquet", "--format", "json")
    texts = {untimed(run(*call, "--jobs", jobs).out) for jobs in (1, 2, 7)}
    assert len(texts) == 1
    assert texts != {""}
