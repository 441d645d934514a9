"""A monitor in which everything that has a name is named by an attacker, and all that it prints."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from alert_receiver import Receiver
from cli_helpers import Outcome
from monitored import Warm, monitor, webhook

NAMES = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "[link](javascript:alert(4)) ![image](https://evil.example/x.png) | cell | <!channel>",
    "@everyone <!here> <@U1> `code` *bold* www.evil.example",
    "=HYPERLINK(1)",
    "\t=1+1",
    "line\n::error::forged\r%0A::warning::%0Dforged",
    'a"} 1\ndriftcli_forged{x="',
    "]]></failure><testcase name='forged'/><!--",
    "ok | drifted=0;;;; 'forged'=1",
    "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egpj.exe\u2028",
    "../../../escaped",
)
MONITOR = f"../../escaped/{NAMES[0]}{NAMES[4]}=1|\x1b[31m"
RULE = f"../rule {''.join(NAMES[:5])}\n::error::|\x1b]0;x\x07"
FILE = "now <img src=x onerror=alert(5)> | x=1 @here `::error::%0A\n\x1b[31m=.parquet"
WORDS = tuple(f"{name} now" for name in NAMES)
FIRST, SECOND = ("2099-01-11T04:00Z", "2099-01-12T04:00Z")
RESULTS = ("out/drift_report.json", "out/prediction_drift.json", "out/alerts.json")
WRITTEN = ("all.html", "all.md", "all.csv", "all.xml", "all.prom", "all.svg", "all.json")

CHECK = ("features", "ref.parquet", FILE)
RUN, HISTORY = ("run", "monitor.yaml", "--as-of"), ("history", "show", "-c", "monitor.yaml")
LINES: dict[str, tuple[str, ...]] = {
    "run": (*RUN, FIRST),
    "run json": (*RUN, SECOND, "--format", "json"),
    "report": ("report", *RESULTS, *(word for name in WRITTEN for word in ("-o", name))),
    "table": CHECK,
    "json": (*CHECK, "--format", "json"),
    "markdown": (*CHECK, "--format", "markdown"),
    "github": (*CHECK, "--format", "github"),
    "nagios": (*CHECK, "--exit-style", "nagios", "-q"),
    "explain": ("explain", NAMES[4], RESULTS[0]),
    "explain words": ("explain", "kind", RESULTS[0]),
    "alert": ("alert", RESULTS[0]),
    "baseline": ("baseline", "create", "ref.parquet", "-o", "base.parquet"),
    "baseline show": ("baseline", "show", "base.parquet"),
    "history": (*HISTORY, "--all-monitors"),
    "history csv": (*HISTORY, "--format", "csv"),
    "history json": (*HISTORY, "--format", "json"),
    "error": ("features", "ref.parquet", f"no {FILE}"),
    "error nagios": ("features", "ref.parquet", f"no {FILE}", "--exit-style", "nagios", "-q"),
}
CODES = {"report": 0, "nagios": 2, "error": 2, "error nagios": 3} | dict.fromkeys(
    (
        "explain",
        "explain words",
        "baseline",
        "baseline show",
        *(n for n in LINES if "history" in n),
    ),
    0,
)


@dataclass(frozen=True)
class Attacked:
    """What the runs left behind: what was printed, what was written, and what was sent."""

    folder: Path
    printed: dict[str, Outcome]
    before: frozenset[Path]
    sent: tuple[str, ...]

    def read(self, name: str) -> str:
        """Return a file that was written."""
        return (self.folder / name).read_bytes().decode()


def table(seed: int, moved: float, words: tuple[str, ...]) -> pa.Table:
    """Return numbers by each hostile name, and texts that are such names."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(moved, size=300) for name in NAMES}
    return pa.table({**numbers, "kind": [words[row % len(words)] for row in range(300)]})


def around(folder: Path) -> frozenset[Path]:
    """Return everything in the folder and beside it, where a path with ``..`` would lead."""
    beside = [path for parent in list(folder.parents)[:2] for path in parent.iterdir()]
    return frozenset([*beside, *folder.rglob("*")])


def attack(warm: Warm, receiver: Receiver, folder: Path) -> Attacked:
    """Run the monitor twice and every command that prints what it found."""
    with chdir(folder):
        pq.write_table(table(1, 0.0, NAMES), "ref.parquet")
        pq.write_table(table(2, 2.0, WORDS), FILE)
        rules = [
            {"when": "feature_drift", "name": RULE, "low": 1, "message": f"{RULE} {{columns}}"},
            {"when": "prediction_drift", "action": RULE, "low": 1},
            {"when": "not_evaluated"},
        ]
        send = [webhook(format=kind) for kind in ("slack", "json")]
        monitor(
            {"rules": rules, "send": send},
            monitor=MONITOR,
            current=FILE,
            predictions={"column": NAMES[0]},
            performance=None,
        )
        before = around(folder)
        printed = {name: warm(*line, HOOK=receiver.url()) for name, line in LINES.items()}
    return Attacked(folder, printed, before, tuple(r.body.decode() for r in receiver.requests))
