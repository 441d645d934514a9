"""Write the outputs that pages show, as the tool prints them; a test holds that they are current.

Usage: python examples/refresh_readme.py [--check]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = "examples/data"
WIDEST = 105
PAST = f"{DATA}/reference.parquet"
COMPARED = ["--columns", "temperature,wind_speed,distance,carrier,score"]
ONE_DAY = ["--current-where", "scheduled >= '2013-02-12' AND scheduled < '2013-02-13'"]
README = {
    "main": ["features", f"{DATA}/reference.parquet", f"{DATA}/current.parquet"],
    "quiet": ["features", f"{DATA}/reference.parquet", f"{DATA}/quiet.parquet"],
    "predictions": [
        "predictions", f"{DATA}/reference.parquet", f"{DATA}/current.parquet", "--column", "score",
    ],
    "performance": ["performance", f"{DATA}/reference.parquet", f"{DATA}/current.parquet"],
}  # fmt: skip
TIME = {
    "backtest": [
        "backtest", PAST, *COMPARED, "--time", "scheduled", "--plant", "distance*1.609",
        "--plant", "drop:carrier=UA", "--plant", "shift:score=0.1",
    ],
    "rows": ["features", PAST, f"{DATA}/quiet.parquet", *COMPARED, *ONE_DAY],
    "windows": [
        "features", PAST, f"{DATA}/quiet.parquet", *COMPARED, *ONE_DAY, "--time", "scheduled",
    ],
    "course": [
        "features", PAST, f"{DATA}/current.parquet", "--columns", "carrier,distance",
        "--current-where", "carrier <> 'UA' OR scheduled < '2013-08-15'", "--time", "scheduled",
    ],
    "performance": ["performance", PAST, f"{DATA}/quiet.parquet", *ONE_DAY, "--time", "scheduled"],
}  # fmt: skip
PAGES = {ROOT / "README.md": README, ROOT / "docs" / "time.md": TIME}


def printed(arguments: list[str]) -> str:
    """Return what the tool prints on stdout, 80 columns wide, without trailing blanks."""
    result = subprocess.run(  # noqa: S603 (runs this project's own command)
        [sys.executable, "-m", "driftcli", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode not in (0, 1):
        raise SystemExit(result.stderr)
    return "\n".join(line.rstrip() for line in result.stdout.splitlines())


def command(arguments: list[str]) -> str:
    """Return the command line; of a long one each option stands on a line of its own."""
    words = (f'"{word}"' if " " in word else word for word in ("driftcli", *arguments))
    line = " ".join(words)
    return line if len(line) <= WIDEST else line.replace(" --", " \\\n    --")


def refreshed(text: str, outputs: dict[str, list[str]]) -> str:
    """Return a page with every shown output as the tool prints it now."""
    for name, arguments in outputs.items():
        block = re.compile(rf"(<!-- {name} output -->\n```text\n).*?(^```$)", re.S | re.M)
        shown = f"$ {command(arguments)}\n{printed(arguments)}\n"
        text, count = block.subn(lambda m, shown=shown: m[1] + shown + m[2], text)  # type: ignore[misc]  # mypy knows no defaults in lambdas
        if count != 1:
            raise SystemExit(f"{count} blocks for {name}")
    return text


def main() -> None:
    """Rewrite the pages, or with ``--check`` fail where one is stale."""
    for page, outputs in PAGES.items():
        old = page.read_text(encoding="utf-8")
        new = refreshed(old, outputs)
        if "--check" not in sys.argv:
            page.write_text(new, encoding="utf-8")
        elif new != old:
            raise SystemExit(f"{page.name} shows an old output; run this script")


if __name__ == "__main__":
    main()
