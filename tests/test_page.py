"""The page in a real browser: a headless Chromium over a server in this process."""

from __future__ import annotations

import io
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import colorizer
from colorizer.ui import page
from colorizer.ui.settings import Settings
from colorizer.ui.studio import Studio

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

PATIENCE = 60_000  # ms; the machine may be busy with something else
STAGE = "#stage [data-testid=imageslider-image]"


class Counted:
    """A colorizer that counts how often its network runs."""

    def __init__(self, inner: colorizer.Colorizer) -> None:
        self.inner, self.runs = inner, 0

    def analyze(self, *arguments, **keywords):
        self.runs += 1
        return self.inner.analyze(*arguments, **keywords)


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

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        settings = Settings()
        studio = Studio(settings, page.get_upload_folder(), load)
        demo = page.build(settings, studio)
        assert not models, "a model was loaded before anybody asked for one"
        _, url, _ = demo.launch(
            prevent_thread_lock=True,
            quiet=True,
            server_name="127.0.0.1",
            **page.launch_options(settings),
        )
        yield Server(url, models, studio)
        demo.close()


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


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


def after_change(tab, act: Callable[[], None]) -> tuple[Image.Image, Image.Image]:
    """The stage once ``act`` has changed the colour picture."""
    before = tab.locator(STAGE).nth(1).get_attribute("src")
    act()
    expect(tab.locator(STAGE).nth(1)).not_to_have_attribute("src", before, timeout=PATIENCE)
    return stage(tab)


def chroma(image: Image.Image) -> float:
    """Mean difference of the strongest and the weakest channel: 0 for grey."""
    rgb = np.asarray(image.convert("RGB"), dtype=np.int16)
    return float((rgb.max(axis=2) - rgb.min(axis=2)).mean())


def difference(one: Image.Image, other: Image.Image) -> float:
    pixels = [np.asarray(image.convert("RGB"), dtype=np.int16) for image in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())


def test_a_photograph_is_shown_in_colour_at_once(visit, photo_file):
    tab = visit()
    upload(tab, photo_file("granny.png", "chelsea"))
    grey, color = stage(tab)
    assert grey.format is None or grey.format == "PNG"
    assert grey.size == color.size == (451, 300)
    assert chroma(grey) == 0
    assert chroma(color) > 4
    expect(tab.locator("#caption")).to_contain_text("451 × 300")
    expect(tab.locator("#caption")).to_contain_text("guess")


def test_a_rotated_photograph_stands_upright_and_the_preview_is_bounded(
    visit, tmp_path, photographs
):
    path = tmp_path / "sideways.jpg"
    image = Image.fromarray(photographs["coffee"]).convert("L").resize((1800, 1200))
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90° to look at it"
    image.save(path, exif=exif)
    tab = visit()
    upload(tab, path)
    assert [image.size for image in stage(tab)] == [(853, 1280)] * 2
    expect(tab.locator("#caption")).to_contain_text("1200 × 1800")


def test_the_temperature_changes_the_picture_and_the_network_does_not_run(
    visit, server, photo_file
):
    tab = visit()
    upload(tab, photo_file("garden.png", "rocket"))
    _, before = stage(tab)
    runs = server.runs
    knob = tab.locator("#colorize-temperature input[type=range]")
    knob.focus()
    _, after = after_change(tab, lambda: knob.press("Home"))
    tab.wait_for_timeout(500)
    _, after = stage(tab)
    assert difference(before, after) > 0.5
    _, narrow = after_change(
        tab, lambda: tab.locator("#colorize-top-k label", has_text="50").click()
    )
    assert narrow.size == after.size
    assert server.runs == runs


def test_four_samples_and_the_one_that_is_used(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("harbour.png", "coffee"))
    runs = server.runs
    tab.get_by_role("tab", name="Sample").click()
    shown = tab.locator("#samples .tile img")
    expect(shown).to_have_count(4, timeout=PATIENCE)
    expect(tab.locator("#samples .title")).to_have_text([f"Seed {i}" for i in range(4)])
    pictures = [picture(shown.nth(i)) for i in range(4)]
    assert min(chroma(p) for p in pictures) > 2
    pairs = [(i, j) for i in range(4) for j in range(i)]
    assert min(difference(pictures[i], pictures[j]) for i, j in pairs) > 0.3

    _, color = after_change(
        tab, lambda: tab.get_by_role("button", name="Use this one").nth(2).click()
    )
    expect(tab.get_by_role("tab", name="Colorize")).to_have_attribute("aria-selected", "true")
    expect(tab.locator("#caption")).to_contain_text("seed 2")
    expect(tab.locator("#colorize-seed input")).to_have_value("2")
    assert color.size == pictures[2].size
    assert difference(color, pictures[2]) == 0
    assert server.runs == runs


def test_a_cell_of_the_sweep_opens_its_setting(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("market.png", "chelsea", side=300))
    runs = server.runs
    tab.get_by_role("tab", name="Sweep").click()
    cells = tab.locator("#sweep td img")
    expect(cells).to_have_count(20, timeout=PATIENCE)
    row = tab.locator("#sweep tbody tr").nth(4)
    temperature = row.locator("th").inner_text()
    top_k = tab.locator("#sweep thead th").nth(2).inner_text()
    cell = picture(row.locator("td img").nth(1))
    _, color = after_change(tab, lambda: row.locator("td button").nth(1).click())
    knob = tab.locator("#colorize-temperature input[type=number]")
    expect(knob).to_have_value(temperature)
    expect(tab.locator("#colorize-top-k label.selected")).to_have_text(top_k)
    assert difference(color, cell) == 0
    assert server.runs == runs


def test_the_download_has_the_photographs_own_size(visit, tmp_path, photographs):
    path = tmp_path / "Grandma 1931.jpg"
    Image.fromarray(photographs["astronaut"]).convert("L").resize((1501, 1499)).save(path)
    tab = visit()
    upload(tab, path)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download PNG").click()
    assert download.value.suggested_filename == "Grandma 1931-color.png"
    image = Image.open(download.value.path())
    assert (image.format, image.size) == ("PNG", (1501, 1499))
    assert chroma(image) > 2


def test_a_bad_file_gets_a_sentence_and_the_picture_stays(visit, photo_file, tmp_path):
    tab = visit()
    upload(tab, photo_file("good.png", "rocket"))
    before = tab.locator(STAGE).nth(1).get_attribute("src")
    bad = tmp_path / "broken.jpg"
    bad.write_bytes(b"this is no photograph" * 100)
    tab.set_input_files("#photo input[type=file]", bad)
    notice = tab.get_by_test_id("toast-body")
    expect(notice).to_be_visible(timeout=PATIENCE)
    text = notice.inner_text()
    assert "." in text
    assert "Traceback" not in text
    assert str(tmp_path) not in text
    assert tab.locator(STAGE).nth(1).get_attribute("src") == before
    expect(tab.locator("#caption")).to_contain_text("good")
    # The drop area shows the photograph before it again, not a broken picture.
    shown = tab.locator("#photo img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.complete && image.naturalWidth") > 0


def test_an_example_opens_with_one_click(visit):
    tab = visit()
    after_change(tab, lambda: tab.get_by_role("button", name="Cat").click())
    expect(tab.locator("#caption")).to_contain_text("cat")


def test_what_a_visitor_opened_goes_when_the_tab_is_closed(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("private.png", "rocket"))
    assert server.studio.visitors()
    tab.close()
    deadline = time.monotonic() + PATIENCE / 1000
    while server.studio.visitors() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not server.studio.visitors()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_nothing_is_wider_than_the_screen(visit, width, scheme):
    tab = visit(width, 844, scheme, has_touch=width < 600)
    assert tab.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    for name, ready in (
        ("Colorize", STAGE),
        ("Sample", "#samples .tile:nth-child(4) img"),
        ("Sweep", "#sweep tr:nth-child(5) td:last-child img"),
    ):
        tab.get_by_role("tab", name=name).click()
        tab.locator(ready).first.wait_for()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate(
            """() => [...document.querySelectorAll('main *')]
                .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1)
                .filter(e => !e.closest('[aria-hidden="true"]'))  // a copy that measures the tabs
                .every(e => e.getBoundingClientRect().right <= window.innerWidth + 7)"""
        )


def test_the_slider_and_every_picture_speak_to_a_screen_reader(visit):
    tab = visit()
    handle = tab.get_by_role("slider", name="Grey on the left, colour on the right")
    handle.focus()
    before = int(handle.get_attribute("aria-valuenow"))
    handle.press("ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuenow", str(before))
    assert int(handle.get_attribute("aria-valuenow")) > before
    assert tab.locator("main img:not([alt]), main #stage img[alt='']").count() == 0
    assert (
        tab.locator("main button:not([aria-label])").evaluate_all(
            "all => all.filter(b => !b.textContent.trim() && !b.querySelector('img[alt]')).length"
        )
        == 0
    )
