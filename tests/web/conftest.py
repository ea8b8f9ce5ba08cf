"""Fixtures of the page that needs no server: one visit, its network cut once it has loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import colorizer
from colorizer.export import export
from tests.support.static import LITE, files


@pytest.fixture(scope="session")
def about() -> dict:
    """The description of the model that the built page ships."""
    return json.loads((LITE / "model" / "colorizer.json").read_text())


@pytest.fixture(scope="session")
def weights(about, tmp_path_factory) -> Path:
    """A checkpoint with the very weights that the page ships, int8 or not."""
    folder = tmp_path_factory.mktemp("weights")
    int8 = about["weights"]["precision"] == "int8"
    export(about["approach"], folder, format="checkpoint", int8=int8)
    return folder


@pytest.fixture(scope="session")
def product(weights) -> colorizer.Colorizer:
    """The same approach with the same weights in Python."""
    return colorizer.load(str(weights))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with files() as url:
        yield url


@pytest.fixture(scope="module")
def tab(browser, address) -> Iterator:
    """The page in a tab, offline from the moment it has loaded."""
    from tests.support.browsing import watched

    wrong = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = watched(context, address, wrong)
    tab.goto(address)
    tab.wait_for_selector("html[data-backend]")
    context.set_offline(True)
    yield tab
    context.close()
    assert not wrong


@pytest.fixture
def visit(browser, address) -> Iterator[Callable]:
    """``visit(script, **options)`` opens the page in a browser context with these options.

    The script runs before the page's own.
    """
    from tests.support.browsing import PATIENCE

    contexts = []

    def open_tab(script: str = "", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        context.add_init_script(script)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.goto(address)
        return tab

    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture
def saved(tab, tmp_path) -> Callable[[str], Path]:
    """``saved("png")`` presses the button and gives the file that is downloaded."""

    def save(kind: str = "png") -> Path:
        with tab.expect_download() as download:
            tab.click(f"#{kind}")
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    return save


@pytest.fixture
def grey_coffee(photo_file) -> Path:
    return photo_file("coffee.png", "coffee", side=300)
