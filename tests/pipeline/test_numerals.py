"""Rows 30 to 32: numbers kept as text are not taken for identifiers and left alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli
from driftcli.baselines.merge import merged
from driftcli.config import Columns, Config
from driftcli.errors import DataError
from driftcli.pipeline.baseline import create_baseline
from driftcli.summaries import categorical

ROWS = 1200
PRICES = np.random.default_rng(3).normal(20_000, 4_000, ROWS).round(2)
HARMLESS = "looks like an identifier (distinct > 50 %), skipped"
STORE = "is a number kept as text, as most others are; store plain numbers"
NAME = "is not a number, as most others are; input.null_values names what is missing in CSV"


def schema_check(words: list[str], **settings: object) -> tuple[str, bool] | None:
    """The reason why a column of text is not compared, and whether it is the data's fault."""
    table = pa.table({"x": pa.array(words, pa.string()), "n": range(len(words))})
    report = driftcli.compare(table, table, **settings)
    checks = [c for c in report.features["x"].checks if c.result.method == "schema"]
    return (checks[0].reason, checks[0].blocking) if checks else None


def swiss(price: float) -> str:
    return f"{price:,.2f}".replace(",", "'")


def german(price: float) -> str:
    return f"{price * 100:,.2f}".translate(str.maketrans(",.", ".,"))


DRESSES = {
    "dollars": "${:,.2f}".format,
    "euros": "€ {:.2f}".format,
    "code of a currency": "{:.2f} EUR".format,
    "percent": "{:.2f}%".format,
    "unit": "{:.0f} ms".format,
    "unit without a blank": "{:.0f}ms".format,
    "any unit": "{:.1f} Stück".format,
    "thousands": lambda price: f"{price * 100:,.0f}",
    "swiss": swiss,
    "german": german,
    "accounts": lambda price: f"({price:,.2f})",
    "below": "<{:.2f}".format,
    "plain": str,
    "exponent": "{:e}".format,
    "signed": lambda price: str(int(price * 10) - 200_000),
}


@pytest.mark.parametrize("dress", DRESSES.values(), ids=list(DRESSES))
def test_numbers_in_dress(dress) -> None:
    words = [dress(price) for price in PRICES.tolist()]
    reason, is_blocking = schema_check(words)
    word, told = reason.split(" in pyarrow.Table ")
    assert is_blocking
    assert word[1:-1] in words
    assert told == f"{STORE} (columns.types can say categorical)"


@pytest.mark.parametrize("word", ["#N/A", "--", "null?"])
@pytest.mark.parametrize("number", [str, lambda price: str(int(price * 10 - 80_000))])
def test_numbers_beside_a_word_for_missing_ones(word: str, number) -> None:
    words = [word if at % 6 == 0 else number(p) for at, p in enumerate(PRICES.tolist())]
    reason, is_blocking = schema_check(words)
    assert reason == f"'{word}' in pyarrow.Table {NAME} (columns.types can say categorical)"
    assert is_blocking


HASHES = [hashlib.sha256(str(at).encode()).hexdigest() for at in range(ROWS)]
IDENTIFIERS = {
    "orders": [f"A-{1029 + at}" for at in range(ROWS)],
    "numbers with a letter": [f"{1029 + at}A" for at in range(ROWS)],
    "digits": [str(37 * at) for at in range(ROWS)],
    "digits with zeros in front": [f"{37 * at:09}" for at in range(ROWS)],
    "accounts, some nameless": ["anonymous" if at % 6 == 0 else f"1{at:05}" for at in range(ROWS)],
    "uuid": [str(UUID(word[:32])) for word in HASHES],
    "hashes": HASHES,
    "short hashes": [word[:7] for word in HASHES],
    "telephone": [f"+1 212 555 {at:04}" for at in range(ROWS)],
    "telephone without blanks": [f"+1212555{at:04}" for at in range(ROWS)],
    "telephone in groups of three": [f"612 {at // 999:03} {at % 999:03}" for at in range(ROWS)],
    "dates": [str(np.datetime64("1990-01-01") + at) for at in range(ROWS)],
    "addresses of the Internet": [f"192.168.{at // 99}.{100 + at % 99}" for at in range(ROWS)],
    "zip+4": [f"{10_001 + at}-{1234 + at}" for at in range(ROWS)],
    "houses": [f"{at} {chr(97 + at % 26)}street" for at in range(ROWS)],
    "houses in few streets": [
        f"{at} {['Oak', 'Elm', 'Hill', 'Park'][at % 4]}" for at in range(ROWS)
    ],
    "flats": [f"{at} {'ABCDEF'[at % 6]}" for at in range(ROWS)],
    "shelves": [f"{at * 83 % 1000:03}.{at:04}" for at in range(ROWS)],
    "blocks of three": [
        f"{at * 83 % 100:02}.{at * 7 % 1000:03}.{at % 1000:03}" for at in range(ROWS)
    ],
    "postal codes": [f"{1000 + at} {chr(65 + at % 26)}{chr(65 + at % 25)}" for at in range(ROWS)],
    "pairs": [f"{price:.4f},{price:.3f}" for price in PRICES],
    "versions": [f"1.{at // 50}.{at % 50}" for at in range(ROWS)],
}


@pytest.mark.parametrize("words", IDENTIFIERS.values(), ids=list(IDENTIFIERS))
def test_identifiers_with_digits_are_left_alone(words: list[str]) -> None:
    assert schema_check(words) == (HARMLESS, False)


def test_few_numbers_in_dress_are_categories() -> None:
    assert schema_check(["10 %", "20 %", "$5"] * 400) is None


def test_the_user_may_say_so() -> None:
    words = [f"${price}" for price in PRICES]
    assert schema_check(words, config=Config(columns=Columns(types={"x": "categorical"}))) is None


def test_beyond_the_cap_of_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categorical, "MAX_CATEGORIES", 500)
    words = [f"${price}" for price in PRICES]
    reason, is_blocking = schema_check(words)
    assert (reason.split("Table ")[1].startswith(STORE), is_blocking) == (True, True)
    assert schema_check(HASHES) == (HARMLESS, False)


LINES = {
    "x.csv": "n,x\n0,\n" + "".join(f'1,"${price:.2f}"\n' for price in PRICES),
    "x.jsonl": '{"n": 0}\n' + "".join(f'{{"n": 1, "x": "${price:.2f}"}}\n' for price in PRICES),
}


@pytest.mark.parametrize("name", LINES)
def test_text_tells_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(LINES[name])
    check = driftcli.compare(name, name).features["x"].checks[0]
    word, line = check.reason.split(" of ")[0].split(" in line ")
    assert word[1:-1] in LINES[name].splitlines()[int(line) - 1]
    assert check.blocking


def test_a_baseline_of_them_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({"n": PRICES, "x": [f"${price}" for price in PRICES]}), "r.parquet")
    with pytest.raises(DataError) as caught:
        create_baseline("r.parquet", Config())
    assert (caught.value.path, caught.value.column) == ("r.parquet", "x")
    assert f"in r.parquet {STORE}" in caught.value.message
    create_baseline("r.parquet", Config(columns=Columns(types={"x": "categorical"})))
    create_baseline("r.parquet", Config(columns=Columns(exclude=("x",))))


def test_parts_that_are_many_together_are_not_left_alone(tmp_path: Path) -> None:
    """Ninety distinct prices are categories, and so they are in a baseline of these."""
    table = pa.table({"n": PRICES, "x": [f"${price}" for price in PRICES]})
    model = tmp_path / "model.baseline"
    create_baseline(table.slice(0, 90), Config()).baseline.write(model)
    parts = [create_baseline(table.slice(at, 90), Config(), edges_of=model) for at in (90, 180)]
    whole = merged([part.baseline for part in parts])
    (check, _) = driftcli.compare(whole, table).features["x"].checks
    assert STORE in check.reason
    assert check.blocking
