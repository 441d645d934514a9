"""The notebook runs on the example data, is stored without outputs, and shows what it says."""

from __future__ import annotations

import base64
import io
import os
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from driftcli import cli, compare

ROOT = Path(__file__).parents[1]
DATA = ROOT / "examples" / "data"
NOTEBOOK = ROOT / "examples" / "dashboard.ipynb"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def test_it_is_stored_without_outputs() -> None:
    notebook = read()
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").symlink_to(DATA)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    sides = ("data/reference.parquet", "data/current.parquet")
    assert cli.run(["features", *sides, "-q", "-o", "drift.json"]) == 1
    notebook = read()
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    table, chart, report = (shown(cell) for cell in notebook.cells if cell.cell_type == "code")
    assert "temperature" in table["text/html"]
    picture = Image.open(io.BytesIO(base64.b64decode(chart["image/png"])))
    assert picture.width > 400
    # axes, bars and letters: many more colours than an empty sheet has
    assert len(picture.convert("RGB").getcolors(maxcolors=100_000) or []) > 20
    assert "features drifted" in unescape(report["text/html"])


def shown(cell: Any) -> dict[str, str]:
    """What a cell shows, by kind; anything on stderr fails."""
    assert [output for output in cell.outputs if output.output_type == "stream"] == []
    return {kind: text for output in cell.outputs for kind, text in output.data.items()}


def test_a_report_is_framed_apart_from_the_notebook() -> None:
    report = compare(DATA / "reference.parquet", DATA / "quiet.parquet")
    framed = report._repr_html_()
    assert framed.startswith('<iframe srcdoc="&lt;!')
    assert framed.count("<") == 2  # the frame's: no tag of the page is the notebook's
    inner = framed.partition('srcdoc="')[2].partition('"')[0]
    assert unescape(inner) == report.to_html()
    assert 'sandbox="allow-scripts"' in framed.partition(inner)[2]
