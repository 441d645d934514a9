"""What the tests of the command line share: outcomes, and small data with known answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
ERROR, WARNING = "driftcli: error: ", "driftcli: warning: "
OLD = "the old file, whole\n"


@dataclass(frozen=True)
class Outcome:
    """What a run left behind on the screen."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line.removeprefix(ERROR) for line in self._lines() if line.startswith(ERROR)]

    @property
    def warnings(self) -> list[str]:
        return [line.removeprefix(WARNING) for line in self._lines() if line.startswith(WARNING)]

    def _lines(self) -> list[str]:
        lines = self.err.splitlines()
        strays = [line for line in lines if not line.startswith((ERROR, WARNING))]
        assert strays == [], "only whole lines of errors and warnings belong on stderr"
        assert all(line.isprintable() for line in lines)
        return lines

    @property
    def error(self) -> str:
        """The one line of a run that could not check, and nothing else anywhere."""
        assert (self.code, len(self.errors), self.warnings) == (2, 1, []), self.err
        line = self.errors[0]
        assert "unexpected" not in line
        assert "this is a bug" not in line
        return line

    @property
    def json(self) -> Any:
        """The value on stdout: one line, the last and only one, strictly JSON."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1
        return strict(self.out)


class Run(Protocol):
    def __call__(self, *arguments: object) -> Outcome: ...


def strict(text: str) -> Any:
    """A JSON value without NaN and infinities."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def refused(run: Run, *arguments: object) -> str:
    """Run what must fail; the old result stays whole, nothing new appears, one line says why."""
    old = Path("old.json")
    old.write_text(OLD)
    before = sorted(Path().iterdir())
    outcome = run(*arguments, "-o", old)
    assert old.read_text() == OLD
    assert sorted(Path().iterdir()) == before
    assert outcome.out == ""
    return outcome.error


def save(name: str, **columns: Any) -> str:
    """Write a Parquet file of these columns and return its name."""
    pq.write_table(pa.table(columns), name)
    return name


def text(name: str, content: str | bytes) -> str:
    """Write a file and return its name."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def normal(seed: int, rows: int = 500, mean: float = 0.0) -> NDArray[np.float64]:
    """Normal values; two seeds of one mean do not drift, means one apart do."""
    return np.random.default_rng(seed).normal(mean, size=rows)


def scored(seed: int, rows: int = 2000, skill: float = 1.0, **others: Any) -> dict[str, Any]:
    """A log of scores with labels; AUC near 0.76 for a skill of 1, near 0.24 for -1."""
    rng = np.random.default_rng(seed)
    label = rng.random(rows) < 0.3
    score = 1 / (1 + np.exp(-(rng.normal(size=rows) + skill * label - 1)))
    return {"id": np.arange(rows), "score": score, "label": label.astype(int), **others}
