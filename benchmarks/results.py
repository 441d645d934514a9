"""What was measured, as it is kept in a JSON file from one run to the next."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from works import Entry, Table


@dataclass
class Figures:
    """The runs of one entry.

    Parameters
    ----------
    contestant : str
    table : Table
    seconds : list of float
        Wall times of whole processes.
    megabytes : list of float
        Their peaks of resident memory, 10^6 bytes.
    failed : str
        Why there is no answer: ``"> 420 s"``, ``"> 18,000 MB"``, or a reason; else empty.
    """

    contestant: str
    table: Table
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    failed: str = ""

    @property
    def entry(self) -> Entry:
        """Who, and on which table."""
        return self.contestant, self.table

    def figure(self, which: Literal["seconds", "megabytes"]) -> float | None:
        """Return the median time or the highest peak, ``None`` where there is none.

        Parameters
        ----------
        which : str
        """
        if self.failed or not self.seconds:
            return None
        if which == "seconds":
            return statistics.median(self.seconds)
        return max(self.megabytes)


@dataclass(frozen=True)
class Session:
    """A work, measured.

    Parameters
    ----------
    measured : str
        The day.
    figures : list of Figures
    """

    measured: str
    figures: list[Figures]

    def of(self, entry: Entry) -> Figures | None:
        """Return an entry's figures, ``None`` where it was not measured.

        Parameters
        ----------
        entry : Entry
        """
        return next((figures for figures in self.figures if figures.entry == entry), None)


@dataclass
class Results:
    """All that was measured on one machine.

    Parameters
    ----------
    machine : dict
        What it is, for people.
    versions : dict
        Packages and their versions, by contestant.
    sessions : dict
        By work; a work that is measured again replaces what was there.
    """

    machine: dict[str, str]
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all.

        Parameters
        ----------
        path : Path
        """
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        new.replace(path)


def load(path: Path) -> Results:
    """Read the file.

    Parameters
    ----------
    path : Path
    """
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sessions = {
        work: Session(
            session["measured"],
            [Figures(**{**one, "table": Table(**one["table"])}) for one in session["figures"]],
        )
        for work, session in raw["sessions"].items()
    }
    return Results(raw["machine"], raw["versions"], sessions)


def today() -> str:
    """Return the day, for the page."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def memory_bytes() -> int:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def machine() -> dict[str, str]:
    """Return what this machine is, without its name."""
    information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [
        line.partition(":")[2].strip()
        for line in information.splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_bytes() / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": ".".join(map(str, sys.version_info[:3])),
    }
