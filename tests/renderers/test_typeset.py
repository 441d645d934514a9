"""The overview chart as PNG and PDF, decoded by libraries of others."""

from __future__ import annotations

import io
import subprocess
import sys

import pypdf
import pytest
from hostile import hostile_report
from PIL import Image
from report_builder import features_report, numeric_column, of_columns, performance_report, report

from driftcli.errors import UsageError
from driftcli.model import Report, Status
from driftcli.renderers import pdf, png, renderer_for
from driftcli.renderers.svg_overview import COLOURS, WIDTH


def picture(*reports: Report) -> Image.Image:
    return Image.open(io.BytesIO(png.render(reports))).convert("RGB")


def count(image: Image.Image, colour: str) -> int:
    wanted = tuple(bytes.fromhex(colour[1:]))
    colours = image.getcolors(maxcolors=1_000_000)
    assert colours is not None
    return next((many for many, found in colours if found == wanted), 0)


def test_a_png_shows_bars_of_their_length_in_their_colour_on_white() -> None:
    age = numeric_column("age", Status.DRIFT, methods=("ks", "psi"))
    image = picture(report("features", features=of_columns([age])))
    assert image.width == 2 * WIDTH
    assert image.getpixel((0, 0)) == image.getpixel((2 * WIDTH - 1, image.height - 1))
    assert image.getpixel((0, 0)) == (255, 255, 255)
    # two pixels a unit: 2.4 thresholds of 100, and 0.2, each 9 high; letters come on top
    red, green = (count(image, COLOURS[status]) for status in (Status.DRIFT, Status.OK))
    assert 480 * 16 <= red <= 480 * 18 + 2_000
    assert 40 * 16 <= green <= 40 * 18 + 2_000


def test_words_are_drawn() -> None:
    """A machine without fonts would leave all of them out."""
    image = picture(features_report(1))
    title = image.crop((0, 0, image.width, 60))
    assert count(title, "#1b1f24") > 500


def test_a_pdf_is_one_page_whose_words_can_be_found() -> None:
    document = pypdf.PdfReader(io.BytesIO(pdf.render([features_report(), performance_report()])))
    (page,) = document.pages
    assert float(page.mediabox.width) == 0.75 * WIDTH
    words = " ".join(page.extract_text().split())
    for name in ("feature_00", "category_11", "log loss", "limit", "KS 0.240, 2.4×", "▲"):
        assert name in words
    assert document.metadata is not None
    assert document.metadata.title == "Drift overview"


@pytest.mark.parametrize("kind", [".png", ".pdf"])
def test_a_thousand_columns_and_hostile_names_are_drawn(kind: str) -> None:
    columns = of_columns([numeric_column(f"n{i}", Status.DRIFT) for i in range(1000)])
    render = renderer_for(kind)
    assert render is not None
    made = render([report("features", features=columns), hostile_report()], None)
    assert isinstance(made, bytes)
    if kind == ".png":
        Image.open(io.BytesIO(made)).load()
    else:
        assert len(pypdf.PdfReader(io.BytesIO(made)).pages) == 1
    assert len(made) < 2_000_000


MAKE = """
import hashlib, sys
sys.path.insert(0, {folder!r})
from report_builder import features_report
from driftcli.renderers import pdf, png
for made in (png, pdf):
    print(hashlib.sha256(made.render([features_report()])).hexdigest())
"""


def test_equal_input_gives_equal_bytes_in_another_process_and_second() -> None:
    script = MAKE.format(folder=str(__file__).rpartition("/")[0])
    told = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert len({*told[0].split()}) == 2


@pytest.mark.parametrize("kind", [".png", ".PDF"])
def test_without_the_extra_one_line_says_what_to_install(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("typeset", "png", "pdf"):
        monkeypatch.delitem(sys.modules, f"driftcli.renderers.{module}")
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UsageError) as raised:
        renderer_for(kind)
    assert str(raised.value) == "PNG and PDF need typst. pip install 'driftcli[charts]'"
