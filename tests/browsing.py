"""What the tests of the page in a browser share: a server in this process, a headless Chromium."""

from __future__ import annotations

import io
import os
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pictures import Counted
from PIL import Image
from serving import serving

import colorizer
from colorizer.ui.studio import Studio

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

# ms; the machine may be busy with something else, and a very busy one can be given more.
PATIENCE = int(os.environ.get("PATIENCE", "60000"))
STAGE = "#stage [data-testid=imageslider-image]"


@dataclass
class Server:
    url: str
    models: dict[str, Counted]
    studio: Studio

    @property
    def runs(self) -> int:
        return sum(model.runs for model in self.models.values())


@pytest.fixture(scope="module")
def server(mobile, tmp_path_factory) -> Iterator[Server]:
    models: dict[str, Counted] = {}

    def load(key: str) -> Counted:
        models[key] = Counted(mobile if key == "mobile" else colorizer.load(key))
        return models[key]

    with serving(load, tmp_path_factory.mktemp("gradio")) as served:
        assert not models, "a model was loaded before anybody asked for one"
        yield Server(served.url, models, served.studio)


@pytest.fixture
def visit(browser, server) -> Iterator[Callable]:
    """Opens the page, waits for its first picture; in the end nothing may have gone wrong."""
    contexts, wrong = [], []

    def open_page(width: int = 1280, height: int = 800, scheme: str = "light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("pageerror", lambda error: wrong.append(f"page: {error}"))
        tab.on(
            "console",
            lambda line: wrong.append(f"console: {line.text}") if line.type == "error" else None,
        )
        tab.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((server.url, "data:", "blob:"))
                else wrong.append(f"asked elsewhere: {request.url}")
            ),
        )
        tab.goto(server.url)
        expect(tab.locator(STAGE)).to_have_count(2, timeout=PATIENCE)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def upload(tab, path: Path) -> None:
    """Drops a photograph and waits until the stage shows it."""
    tab.set_input_files("#photo input[type=file]", path)
    expect(tab.locator("#caption")).to_contain_text(path.stem, timeout=PATIENCE)


def picture(locator) -> Image.Image:
    """The picture that an ``img`` shows, from the server."""
    with urllib.request.urlopen(locator.get_attribute("src")) as answer:
        return Image.open(io.BytesIO(answer.read())).copy()


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
