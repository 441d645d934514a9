"""The tables that are measured on, as files that stay from one session to the next."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from works import Table

GENERATOR = Path(__file__).parent / "generate.py"
COLUMNS = "columns.txt"


@dataclass(frozen=True)
class Pair:
    """The files of a table.

    Parameters
    ----------
    folder : Path
    table : Table
    """

    folder: Path
    table: Table

    @property
    def places(self) -> dict[str, str]:
        """What a command's blanks are filled with."""
        suffix = "" if self.table.parts else ".parquet"
        return {
            "reference": str(self.folder / f"reference{suffix}"),
            "current": str(self.folder / f"current{suffix}"),
            "baseline": str(self.folder / "reference.baseline"),
        }

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return (self.folder / COLUMNS).read_text(encoding="utf-8").split()

    def warm(self) -> None:
        """Read the files, so that no run waits for the disk, whatever the one before pushed out."""
        for path in self.folder.rglob("*.parquet"):
            with path.open("rb", buffering=0) as file:
                while file.read(1 << 20):
                    pass


def made(table: Table, data: Path) -> Pair:
    """Return the files of a table, made unless they are there.

    Parameters
    ----------
    table : Table
    data : Path
        The folder for all data; that of a table is named after the generator's source too.
    """
    source = hashlib.sha256(GENERATOR.read_bytes()).hexdigest()[:8]
    folder = data / f"{table.rows}x{table.columns}x{table.parts}-{source}"
    if not folder.exists():
        print(f"making {table.title}", file=sys.stderr)
        new = folder.with_suffix(".new")
        sizes = [f"--{name}={getattr(table, name)}" for name in ("rows", "columns", "parts")]
        command = [sys.executable, str(GENERATOR), str(new), *sizes]
        names = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        (new / COLUMNS).write_bytes(names)
        new.replace(folder)
    pair = Pair(folder, table)
    # one of an earlier session says nothing about today's
    Path(pair.places["baseline"]).unlink(missing_ok=True)
    return pair
