"""Fixtures of the tests that drive the page in a browser: a server in this process, and a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import colorizer
from colorizer.approaches import default
from tests.support.pictures import Counted
from tests.support.serving import serving


@pytest.fixture(scope="module")
def server(default_model, tmp_path_factory) -> Iterator:
    from tests.support.browsing import Server

    models: dict[str, Counted] = {}

    def load(key: str) -> Counted:
        models[key] = Counted(default_model if key == default().key else colorizer.load(key))
        return models[key]

    with serving(load, tmp_path_factory.mktemp("gradio")) as served:
        assert not models, "a model was loaded before anybody asked for one"
        yield Server(served.url, models, served.studio)


@pytest.fixture
def visit(browser, server) -> Iterator[Callable]:
    """Opens the page, waits for its first picture; in the end nothing may have gone wrong."""
    from tests.support.browsing import PATIENCE, STAGE, expect, watched

    contexts, wrong = [], []

    def open_page(width: int = 1280, height: int = 800, scheme: str = "light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        tab = watched(context, server.url, wrong)
        tab.goto(server.url)
        expect(tab.locator(STAGE)).to_have_count(2, timeout=PATIENCE)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong
