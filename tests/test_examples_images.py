"""The pictures of docs/images can be made again, in a real browser."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests" / "renderers"))
pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
browsers = pytest.importorskip("browsers")


@pytest.mark.skipif(browsers.installed() is None, reason="no Chromium on this machine")
def test_the_pictures_are_made_again(tmp_path):
    runpy.run_path(str(ROOT / "examples" / "make_images.py"))["main"](tmp_path)
    kept = sorted((ROOT / "docs" / "images").iterdir())
    assert [path.name for path in kept] == sorted(path.name for path in tmp_path.iterdir())
    for old in kept:
        picture = matplotlib.image.imread(tmp_path / old.name)
        assert picture.shape == matplotlib.image.imread(old).shape
        # text, curves and marks, not an empty page: in many rows and in many colours
        assert (picture.std(axis=(1, 2)) > 0).mean() > 0.9
        assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 100
    light, dark = (
        matplotlib.image.imread(tmp_path / f"report-{kind}.png")[..., :3].mean()
        for kind in ("light", "dark")
    )
    assert dark < 0.3 < 0.7 < light
