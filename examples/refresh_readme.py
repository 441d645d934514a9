"""Write the outputs that README shows, as the tool prints them; a test holds that they are current.

Usage: python examples/refresh_readme.py [--check]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DATA = "examples/data"
SHOWN = {
    "main": ["features", f"{DATA}/reference.parquet", f"{DATA}/current.parquet"],
    "quiet": ["features", f"{DATA}/reference.parquet", f"{DATA}/quiet.parquet"],
    "predictions": [
        "predictions", f"{DATA}/reference.parquet", f"{DATA}/current.parquet", "--column", "score",
    ],
    "performance": ["performance", f"{DATA}/reference.parquet", f"{DATA}/current.parquet"],
}  # fmt: skip


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


def refreshed(text: str) -> str:
    """Return the README with every shown output as the tool prints it now."""
    for name, arguments in SHOWN.items():
        block = re.compile(rf"(<!-- {name} output -->\n```text\n).*?(^```$)", re.S | re.M)
        shown = f"$ driftcli {' '.join(arguments)}\n{printed(arguments)}\n"
        text, count = block.subn(lambda m, shown=shown: m[1] + shown + m[2], text)  # type: ignore[misc]  # mypy knows no defaults in lambdas
        if count != 1:
            raise SystemExit(f"README has {count} blocks for {name}")
    return text


def main() -> None:
    """Rewrite the README, or with ``--check`` fail where it is stale."""
    old = README.read_text(encoding="utf-8")
    new = refreshed(old)
    if "--check" in sys.argv:
        raise SystemExit(0 if new == old else "README shows an old output; run this script")
    README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
