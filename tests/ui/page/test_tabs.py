"""Every tab there is: nothing too wide, no errors, and everything that axe-core asks for.

Nothing here names a tab, but those of the last part, which are driven with real clicks.
"""

from __future__ import annotations

import csv
import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.screenshots import FIRST, PATIENCE, open_tab, settle, tab_names
from colorizer import study
from tests.support.browsing import watched
from tests.support.serving import serving

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python")
expect = sync_api.expect

WINDOWS = [(1280, "light"), (1280, "dark"), (820, "dark"), (390, "light"), (390, "dark")]
AXE = """async () => (await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: {'target-size': {enabled: true}},
    resultTypes: ['violations'],
})).violations
    .filter((found) => ['serious', 'critical'].includes(found.impact))
    .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`))"""
# What scrolls sideways by itself.
STRIPS = ".scroll, .halves, #look-strip, #made-strip"
TOO_WIDE = """() => [...document.querySelectorAll('main *')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1)
    .filter((e) => !e.closest(STRIPS) || e.matches(STRIPS))
    .filter((e) => !e.closest('[aria-hidden="true"]'))  // Gradio measures its tabs with a copy
    .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 7)
    .map((e) => e.outerHTML.slice(0, 120))""".replace("STRIPS", f"'{STRIPS}'")


class Gate:
    """A colorizer that waits while its gate is shut."""

    open = threading.Event()
    open.set()

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def analyze(self, *arguments: Any, **keywords: Any) -> Any:
        assert self.open.wait(PATIENCE / 1000)
        return self.inner.analyze(*arguments, **keywords)


@pytest.fixture(scope="module")
def server(mobile, tmp_path_factory) -> Iterator[tuple[str, list[str]]]:
    """(address, titles of the tabs)"""
    with serving(lambda key: Gate(mobile), tmp_path_factory.mktemp("gradio")) as served:
        yield served.url, tab_names(served.demo)


@pytest.fixture
def visit(browser, server) -> Iterator[Callable]:
    """Opens the page and waits for its first picture; in the end no error may have been told."""
    contexts, wrong = [], []

    def open_page(width: int = 1280, scheme: str = "light", *, wait: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=width < 600
        )
        contexts.append(context)
        tab = watched(context, server[0], wrong)
        tab.goto(server[0])
        if wait:
            tab.locator(FIRST).wait_for()
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def faults(tab) -> list[str]:
    """Faults of what is shown, by axe-core and the width of the screen."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    found = [f"{wide} px wider than the screen"] if wide > 0 else []
    return [*found, *tab.evaluate(AXE), *tab.evaluate(TOO_WIDE)]


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_tab_fits_and_serves_everybody(visit, server, width, scheme):
    """No violation that axe-core calls serious or critical, nothing wider than the screen."""
    tab = visit(width, scheme)
    assert tab.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    found = []
    for name in server[1]:
        open_tab(tab, name)
        found += [f"{name}: {line}" for line in faults(tab)]
    assert not found, "\n".join(found)


def test_a_place_in_the_queue_is_seen(visit):
    first = visit()
    try:
        Gate.open.clear()
        first.get_by_role("button", name="Cat").click()
        others = [visit(390, wait=False) for _ in range(2)]
        for tab in others:
            expect(tab.locator("#stage")).to_contain_text(
                re.compile(r"queue: \d/\d"), timeout=PATIENCE
            )
    finally:
        Gate.open.set()
    for tab in others:
        tab.locator(FIRST).wait_for()


# --- tabs that are driven with clicks -----------------------------------------------------------


def test_an_album_from_files_to_zip(visit, photo_file, tmp_path):
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"no picture at all")
    zipped = tmp_path / "old.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(photo_file("cat.png", side=120), "1950/Tante Märta.png")
        archive.writestr("../out.jpg", b"x")
    tab = visit()
    open_tab(tab, "Album")
    tab.set_input_files(
        "#album-files input[type=file]", [photo_file("rocket.png", "rocket", side=120), bad, zipped]
    )
    expect(tab.locator("#album-status")).to_contain_text("3 photographs ready, 1 left out.")
    expect(tab.locator("#album-zip")).to_be_hidden()
    tab.get_by_role("button", name="Colorize the album").click()
    done = "Done: 2 coloured, 1 failed, 1 left out."
    expect(tab.locator("#album-status")).to_contain_text(done, timeout=PATIENCE)
    expect(tab.locator("#album-list img")).to_have_count(2)
    expect(tab.locator("#album-list .failed .why")).to_contain_text("“broken.jpg”")
    assert faults(tab) == []
    with tab.expect_download() as download:
        tab.locator("#album-zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == [
            "rocket.png",
            "old/1950/Tante Märta.png",
            "what-happened.csv",
        ]
        text = archive.read("what-happened.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["status"] for row in rows] == ["coloured", "failed", "coloured", "left out"]


def test_an_album_can_be_stopped(visit, photo_file):
    tab = visit()
    open_tab(tab, "Album")
    tab.set_input_files("#album-files input[type=file]", [photo_file("cat.png", side=120)])
    expect(tab.locator("#album-status")).to_contain_text("1 photograph ready.")
    try:
        Gate.open.clear()
        tab.get_by_role("button", name="Colorize the album").click()
        expect(tab.locator("#album-status")).to_contain_text("1 of 1: cat.png", timeout=PATIENCE)
        tab.get_by_role("button", name="Stop").click()
        expect(tab.locator("#album-status")).to_contain_text("Stopped.")
    finally:
        Gate.open.set()
    expect(tab.get_by_role("button", name="Colorize the album")).to_be_enabled()
    settle(tab)
    expect(tab.locator("#album-status")).to_contain_text("Stopped.")


def test_a_study_from_start_to_file(visit):
    tab = visit()
    open_tab(tab, "Real or fake?")
    tab.locator("#study-setup label", has_text="Two side by side").click()
    tab.locator("#study-go").click()
    box = tab.locator("#study-screen .trial")
    trials = None
    for number in range(20):
        expect(box).to_have_attribute("data-trial", str(number), timeout=PATIENCE)
        trials = int(box.locator(".question span").inner_text().split()[-1])
        expect(box).to_have_attribute("data-phase", re.compile("showing|gone"))
        expect(box.locator("img")).to_have_count(2)
        if number == 0:  # a second later it is gone, and can still be answered
            expect(box).to_have_attribute("data-phase", "gone", timeout=10_000)
            expect(box.locator("img").first).not_to_be_visible()
            assert faults(tab) == []
        box.get_by_role("button", name="The left one").click()
        if number + 1 == trials:
            break
    expect(tab.locator("#study-results")).to_contain_text("next to nothing")
    assert faults(tab) == []
    with tab.expect_download() as download:
        tab.locator("#study-save").click()
    answers = study.read(download.value.path())
    assert len(answers) == trials
    assert answers[0].milliseconds >= 900  # it had been gone
    assert {a.seconds for a in answers} == {1.0}


def test_the_figure_of_about_moves(visit):
    tab = visit()
    open_tab(tab, "About")
    result = tab.locator("#about-figure .result .code")
    before = result.inner_text()
    knob = tab.locator("#about-temperature input[type=range]")
    knob.focus()
    knob.press("Home")
    expect(result).not_to_have_text(before)
    card = tab.locator("#about-cards details").first
    card.locator("summary").click()
    settle(tab)
    expect(card.get_by_role("link").first).to_be_visible()
    assert faults(tab) == []
    assert card.locator("img").evaluate_all("all => all.every((i) => i.naturalWidth > 0)")
