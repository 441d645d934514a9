"""Write the table of peers in README from the figures that were measured.

Run ``python benchmarks/readme_table.py``; a test holds that README shows it as it is printed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flights_figures import rules_of, share_of
from page import number
from results import Results, load
from works import CONTESTANTS, MEDIUM, SMALL

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
BLOCK = re.compile(r"(<!-- peers -->\n).*?(?=\n\n)", re.DOTALL)
SHOWN = ("driftcli", "evidently", "nannyml", "whylogs", "deepchecks", "alibi-detect", "frouros")
HEAD = ("", "10k × 12, s", "1M × 12, s", "1M × 12, MB", "usual days that alarm")


def usual_days(name: str, flights: Any) -> str:
    """Return the share of unchanged days with any alarm; empty where it was not measured."""
    if name == "driftcli":
        share = flights["replays"][0]["backtest"]["any"]["windows"]
    else:
        titled = [one for one in flights["peers"] if one["title"] == CONTESTANTS[name].title]
        if not titled:
            return ""
        share = share_of(titled[0], rules_of(titled[0])[0], "")
    return f"{100 * share:.3g} %"


def table(results: Results, flights: Any) -> str:
    """Return the table as Markdown.

    Parameters
    ----------
    results : Results
        Times and memory.
    flights : dict
        The figures of ``flights_days.json``.
    """
    lines = [f"| {' | '.join(HEAD)} |", f"| --- |{' ---: |' * (len(HEAD) - 1)}"]
    for name in SHOWN:
        cells = [CONTESTANTS[name].title]
        for work, entry, which in (
            ("10k", (name, SMALL), "seconds"),
            ("1m", (name, MEDIUM), "seconds"),
            ("1m", (name, MEDIUM), "megabytes"),
        ):
            figures = [one for one in results.sessions[work].figures if one.entry == entry]
            found = figures[0].figure(which) if figures else None
            cells.append("" if found is None else number(found))
        lines.append(f"| {' | '.join([*cells, usual_days(name, flights)])} |")
    return "\n".join(lines)


def recorded() -> str:
    """Return the table of the figures that are kept."""
    flights = json.loads((HERE / "flights_days.json").read_text(encoding="utf-8"))
    return table(load(HERE / "results.json"), flights)


def main() -> None:
    """Put it into README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda found: found[1] + recorded(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
