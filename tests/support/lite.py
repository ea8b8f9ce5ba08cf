"""What the tests of the page that needs no server share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.browsing import PATIENCE, expect


def open_photo(tab, path: Path) -> None:
    """Choose a file and wait for its colours."""
    tab.set_input_files("#file", path)
    wait_for_colours(tab, path)


def wait_for_colours(tab, path: Path) -> None:
    expect(tab.locator("#caption")).to_contain_text(path.stem, timeout=PATIENCE)
    expect(tab.locator("#stage")).to_have_attribute("data-state", "color", timeout=PATIENCE)
    expect(tab.locator("#progress")).to_be_hidden(timeout=PATIENCE)


def same_share(path: Path, expected: Image.Image) -> float:
    """Share of pixels of a file that are within 1/255 of a picture's."""
    given = Image.open(path)
    assert given.size == expected.size
    pixels = [np.asarray(image.convert("RGB")).astype(int) for image in (given, expected)]
    return float((np.abs(pixels[0] - pixels[1]).max(-1) <= 1).mean())


def downloaded(tab, kind: str = "png") -> Path:
    """Press a button that saves; the file that the browser was given."""
    with tab.expect_download() as download:
        tab.click(f"#{kind}")
    return download.value.path()
