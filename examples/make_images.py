"""Make the pictures of docs/images: the report on the example flights, light, dark and on a phone.

Run ``python examples/make_images.py`` in the root of the repository, with Chromium and Playwright.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "renderers"))

IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = {"width": 1280, "height": 960}, {"width": 360, "height": 780}
SHOTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "report-light.png": ("", "light", {"viewport": WIDE}),
    "report-dark.png": ("#features-1-all", "dark", {"viewport": WIDE}),
    "report-phone.png": (
        "#column=pressure",
        "light",
        {"viewport": PHONE, "device_scale_factor": 1.5},
    ),
}


def weeks(table: pa.Table) -> Iterator[tuple[dt.date, pa.Table]]:
    """Yield the last day of every week of flights with its flights."""
    days = pc.strftime(table["scheduled"], format="%G-%V")
    for week in sorted(set(days.to_pylist())):
        year, number = map(int, week.split("-"))
        yield dt.date.fromisocalendar(year, number, 7), table.filter(pc.equal(days, week))


def report(folder: Path) -> Path:
    """Run the example's monitor on one week after the other, and return the last page."""
    data = ROOT / "examples" / "data"
    shutil.copy(data / "reference.parquet", folder)
    settings = (ROOT / "configs" / "monitor.yaml").read_text(encoding="utf-8")
    settings = settings.replace("build/monitoring", ".").replace("examples/data/", "")
    for last, flights in weeks(pq.read_table(data / "current.parquet")):
        name = f"week-until-{last}.parquet"
        pq.write_table(flights, folder / name)
        path = folder / "monitor.yaml"
        path.write_text(settings.replace("current.parquet", name), encoding="utf-8")
        command = [sys.executable, "-m", "driftcli", "run", "-q", "--as-of", f"{last}T23:00:00Z"]
        done = subprocess.run([*command, path.name], cwd=folder, check=False)  # noqa: S603
        if done.returncode not in (0, 1):
            raise SystemExit(done.returncode)
    return folder / "report.html"


def main(images: Path = IMAGES) -> None:
    """Write the images into a folder."""
    from browsers import chromium

    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = report(Path(folder))
        for name, (place, scheme, options) in SHOTS.items():
            tab = browser.new_page(color_scheme=scheme, **options)
            tab.goto(f"{page.as_uri()}{place}")
            tab.locator("#later").wait_for(state="detached")
            tab.wait_for_timeout(300)
            tab.screenshot(path=images / name)
            tab.close()


if __name__ == "__main__":
    main()
