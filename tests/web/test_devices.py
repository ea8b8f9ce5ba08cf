"""The page that needs no server on devices of many kinds: processors, limits, windows, languages."""

from __future__ import annotations

import pytest

from tests.support.browsing import PATIENCE, expect
from tests.support.lite import downloaded, open_photo, same_share, wait_for_colours

WIDTHS = (390, 820, 1280)


NO_GPU = "Object.defineProperty(navigator, 'gpu', { value: undefined });"
# One that nothing can be computed with: it is there, and all else about it fails.
BAD_GPU = """
Object.defineProperty(navigator, "gpu", {
  value: { requestAdapter: () => ({ requestDevice: () => Promise.reject(new Error("lost")) }) },
});
"""
THREE_PROCESSORS = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 3 });"
FIVE_FINGERS = "Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 });"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)
# What an iPad says of itself; only its touch screen tells it from a Mac.
IPAD = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Safari/605.1.15"
)


def in_worker(tab, script: str) -> None:
    """Run a script in the page's worker before its own."""

    def with_script(route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=script + response.text())

    tab.route("**/assets/worker-*.js", with_script)


@pytest.mark.parametrize("script", [NO_GPU, BAD_GPU], ids=["none", "bad"])
def test_without_a_graphics_processor_it_falls_back(visit, product, grey_coffee, script):
    """The photograph and the knobs stay as they are."""
    tab = visit(service_workers="block")
    in_worker(tab, script)
    tab.reload()
    tab.wait_for_selector("html[data-backend=wasm]")
    open_photo(tab, grey_coffee)
    tab.fill("#knob-strength", "0.3")
    tab.click("#device summary")
    tab.click("#webgpu")
    fallen = "There is no graphics processor"
    expect(tab.locator("#runtime")).to_contain_text(fallen, timeout=PATIENCE)
    expect(tab.locator("#webgpu")).not_to_be_checked()
    wait_for_colours(tab, grey_coffee)
    expect(tab.locator("#problem")).to_be_empty()
    expect(tab.locator("#knob-strength")).to_have_value("0.3")
    weaker = product.analyze(grey_coffee).colorize(strength=0.3)
    assert same_share(downloaded(tab), weaker) >= 0.999


def test_a_photograph_chosen_before_the_page_is_ready_is_coloured(visit, grey_coffee):
    tab = visit()
    assert tab.locator("html[data-backend]").count() == 0
    open_photo(tab, grey_coffee)


def test_with_more_processors_it_takes_threads(visit, grey_coffee, product):
    """From the second visit on, when the service worker has isolated the page."""
    tab = visit(THREE_PROCESSORS)
    tab.wait_for_selector("html[data-backend]")
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    expect(tab.locator("#runtime")).to_have_text("Computing with 2 threads.")
    open_photo(tab, grey_coffee)
    assert same_share(downloaded(tab), product.colorize(grey_coffee)) >= 0.999


@pytest.mark.parametrize("agent", [IPHONE, IPAD], ids=["iphone", "ipad"])
def test_on_ios_it_computes_with_one_thread(visit, grey_coffee, agent):
    script = THREE_PROCESSORS + FIVE_FINGERS
    tab = visit(script, user_agent=agent, has_touch=True, is_mobile=True)
    tab.wait_for_selector("html[data-backend]")
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    assert tab.evaluate("() => crossOriginIsolated")
    expect(tab.locator("#runtime")).to_have_text("Computing with one thread.")
    expect(tab.locator("#take")).to_be_visible()
    open_photo(tab, grey_coffee)


# What Safari on iOS does: nothing is drawn of a picture, or onto a canvas, of more pixels than this.
BLANK = """
(() => {
  const most = 500 * 500;
  const too_large = ({ width, height }) => width * height > most;
  const context = OffscreenCanvasRenderingContext2D.prototype;
  for (const name of ["drawImage", "putImageData"]) {
    const draw = context[name];
    context[name] = function (picture, ...places) {
      if (!too_large(this.canvas) && !too_large(picture)) draw.call(this, picture, ...places);
    };
  }
})();
"""


def test_where_a_browser_draws_nothing_of_large_pictures_it_is_said(visit, photo_file, product):
    tab = visit(service_workers="block")
    in_worker(tab, BLANK)
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    large = photo_file("large.png", "astronaut")
    tab.set_input_files("#file", large)
    problem = tab.locator("#problem")
    words = "“large.png” has 0 megapixels (512 × 512), more than this browser can hold"
    expect(problem).to_contain_text(words, timeout=PATIENCE)
    expect(tab.locator("#progress")).to_be_hidden()
    # What fits is coloured.
    small = photo_file("small.png", "astronaut", side=300)
    open_photo(tab, small)
    assert same_share(downloaded(tab), product.colorize(small)) >= 0.999


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_at_every_width(tab, grey_coffee, scheme):
    from axe_playwright_python.sync_playwright import Axe

    tab.emulate_media(color_scheme=scheme)
    open_photo(tab, grey_coffee)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 844})
        inner = tab.evaluate("() => document.documentElement.scrollWidth")
        assert inner <= width, f"scrolls sideways at {width} px"
        small = tab.evaluate(
            """() => [...document.querySelectorAll("button, summary, .choice")]
                .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24)
                .map((e) => e.outerHTML)"""
        )
        assert not small
    tab.set_viewport_size({"width": 1280, "height": 900})
    violations = Axe().run(tab).response["violations"]
    assert not violations, [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations]


@pytest.mark.parametrize(
    ("locale", "language", "choose"),
    [
        ("de-AT", "de", "Foto auswählen"),
        ("vi", "vi", "Chọn ảnh"),
        ("zh-TW", "zh", "选择照片"),
        ("nl-BE", "en", "Choose a photograph"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(visit, locale, language, choose):
    width = 390
    tab = visit(locale=locale, viewport={"width": width, "height": 844})
    expect(tab.locator("#choose")).to_have_text(choose)
    expect(tab.locator("html")).to_have_attribute("lang", language)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
