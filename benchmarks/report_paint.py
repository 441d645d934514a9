"""How soon a browser shows the page, and how many bytes it is, by the number of columns.

Run ``python benchmarks/report_paint.py`` where Chromium and Playwright are installed. First paint
is what the browser itself tells (paint timing), the least of some loads of a page on disk; that of
a blank page tells how busy the machine is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import driftcli

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "renderers"))

LOADS = 15
BLANK = "<!doctype html><title>blank</title><h1>blank</h1>"
COLUMNS = (12, 100, 500)
LIMITS = {12: (120, 150), 100: (500, 150), 500: (2000, 400)}  # kilobytes and milliseconds
ROWS = 20_000


def page_of(columns: int) -> str:
    """Return the page of so many columns of real comparisons: numbers, every tenth of words."""
    random = np.random.default_rng(columns)
    sides = []
    for shift in (0.0, 0.3):
        data: dict[str, object] = {}
        for i in range(columns):
            values = random.normal(shift * (i % 3), 1 + i % 5, ROWS)
            named = i % 10 == 9
            data[f"feature_{i:03d}"] = (
                np.char.add("k", (values // 1).astype(str)) if named else values
            )
        sides.append(pd.DataFrame(data))
    return driftcli.compare(*sides).to_html()


def first_paint(browser: object, page: Path) -> list[float]:
    """Return the milliseconds to the first paint of some loads."""
    found = []
    for _ in range(LOADS):
        tab = browser.new_page(viewport={"width": 1280, "height": 900})  # type: ignore[attr-defined]
        tab.goto(page.as_uri())
        found.append(
            tab.evaluate(
                """() => new Promise((tell) => new PerformanceObserver((list) => {
                    for (const entry of list.getEntriesByName("first-contentful-paint"))
                        tell(entry.startTime);
                }).observe({ type: "paint", buffered: true }))"""
            )
        )
        tab.close()
    return found


def main() -> int:
    """Measure, print a table, return 1 where a limit is broken."""
    from browsers import chromium

    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--columns", type=int, nargs="*", default=COLUMNS)
    told = arguments.parse_args()
    broken = False
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        print("| columns | kB | first paint, ms: least | median |\n| ---: | ---: | ---: | ---: |")
        for columns in (0, *told.columns):
            page = Path(folder) / f"{columns}.html"
            page.write_text(page_of(columns) if columns else BLANK, encoding="utf-8")
            size, times = page.stat().st_size / 1000, first_paint(browser, page)
            most = LIMITS.get(columns, (float("inf"), float("inf")))
            broken |= size > most[0] or min(times) > most[1]
            print(f"| {columns} | {size:.0f} | {min(times):.0f} | {statistics.median(times):.0f} |")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
