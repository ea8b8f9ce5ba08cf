"""Parts of the tests of the page in a browser: a server in this process, a headless Chromium."""

from __future__ import annotations

import io
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorizer.ui.backend.studio import Studio
from tests.support.pictures import Counted

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

# ms; the machine may be busy with something else, and a very busy one can be given more.
PATIENCE = int(os.environ.get("PATIENCE", "60000"))
# Playwright's own five seconds are too few beside another worker.
expect.set_options(timeout=min(20_000, PATIENCE))
STAGE = "#stage [data-testid=imageslider-image]"


@dataclass
class Server:
    url: str
    models: dict[str, Counted]
    studio: Studio

    @property
    def runs(self) -> int:
        return sum(model.runs for model in self.models.values())


def watched(context, address: str, wrong: list[str]):
    """A new tab of a browser context; ``wrong`` gets what goes wrong in it.

    That is errors of the page, what the console calls errors, and requests to anywhere but
    ``address``.
    """

    def log(line) -> None:
        if line.type == "error":
            wrong.append(f"console: {line.text}")

    def ask(request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            wrong.append(f"asked elsewhere: {request.url}")

    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    tab.on("console", log)
    tab.on("request", ask)
    return tab


def upload(tab, path: Path) -> None:
    """Drops a photograph and waits until the stage shows it."""
    tab.set_input_files("#photo input[type=file]", path)
    expect(tab.locator("#caption")).to_contain_text(path.stem, timeout=PATIENCE)


def picture(locator) -> Image.Image:
    """The picture that an ``img`` shows, from the server."""
    with urllib.request.urlopen(locator.get_attribute("src")) as response:
        return Image.open(io.BytesIO(response.read())).copy()


def stage(tab) -> tuple[Image.Image, Image.Image]:
    """Grey and colour as they are on the stage."""
    return picture(tab.locator(STAGE).nth(0)), picture(tab.locator(STAGE).nth(1))


def after_change(tab, act: Callable[[], None], which: int = 1) -> tuple[Image.Image, Image.Image]:
    """The stage once ``act`` has changed the colour picture (or, which = 0, the left one)."""
    before = tab.locator(STAGE).nth(which).get_attribute("src")
    act()
    expect(tab.locator(STAGE).nth(which)).not_to_have_attribute("src", before, timeout=PATIENCE)
    return stage(tab)


def difference(one: Image.Image, other: Image.Image) -> float:
    pixels = [np.asarray(image.convert("RGB"), dtype=np.int16) for image in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())
