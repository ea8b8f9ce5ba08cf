"""The page that needs no server, in Chromium, its network cut after it has loaded."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.support.browsing import PATIENCE, expect

WIDTHS = (390, 820, 1280)


def open_photo(tab, path) -> None:
    """Choose a file and wait for its colours."""
    tab.set_input_files("#file", path)
    expect(tab.locator("#caption")).to_contain_text(path.stem, timeout=PATIENCE)
    expect(tab.locator("#stage")).to_have_attribute("data-state", "color", timeout=PATIENCE)
    expect(tab.locator("#progress")).to_be_hidden(timeout=PATIENCE)


def same_share(path, expected) -> float:
    """Share of pixels of a file that are within 1/255 of a picture's."""
    given = Image.open(path)
    assert given.size == expected.size
    pixels = [np.asarray(image.convert("RGB")).astype(int) for image in (given, expected)]
    return float((np.abs(pixels[0] - pixels[1]).max(-1) <= 1).mean())


@pytest.fixture
def grey_coffee(photo_file):
    return photo_file("coffee.png", "coffee", side=300)


def test_the_saved_png_is_that_of_the_command_line(
    tab, saved, call, grey_coffee, tmp_path, about, weights
):
    open_photo(tab, grey_coffee)
    path = saved("png")
    assert path.name == "coffee-color.png"
    assert "simulated" in Image.open(path).info["Description"]
    for approach in (str(weights), about["approach"]):
        output = tmp_path / "product.png"
        arguments = (str(grey_coffee), "-o", str(output), "--overwrite", "--approach", approach)
        done = call(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        # The second time against float16 weights, where the page has int8.
        assert same_share(path, Image.open(output)) >= (0.999 if approach == str(weights) else 0.9)


def test_a_sample_in_another_look_is_that_of_its_seed(tab, saved, product, grey_coffee):
    open_photo(tab, grey_coffee)
    tab.check("#looks input[value=vivid]", force=True)
    tab.check("#guesses input[value='2']", force=True)
    expect(tab.locator("#caption")).to_contain_text("seed 2", timeout=PATIENCE)
    expected = product.analyze(grey_coffee).colorize(seed=2, look="vivid")
    assert same_share(saved("png"), expected) >= 0.999


def test_a_knob_changes_the_picture_and_reset_brings_it_back(tab, saved, product, grey_coffee):
    open_photo(tab, grey_coffee)
    before = Image.open(saved("png"))
    tab.fill("#knob-strength", "0.3")
    expect(tab.locator("#reset")).to_be_enabled()
    weaker = product.analyze(grey_coffee).colorize(strength=0.3)
    assert same_share(saved("png"), weaker) >= 0.999
    tab.click("#reset")
    assert same_share(saved("png"), before) == 1.0


ODD = {
    "panorama": lambda path: Image.fromarray(
        np.tile(skimage.data.rocket()[150:214].mean(-1).astype(np.uint8), (1, 3))
    ).save(path),
    "one-pixel": lambda path: Image.new("L", (1, 1), 120).save(path),
    "transparent": lambda path: transparent().save(path),
    "turned": lambda path: turned(path),
    "palette": lambda path: Image.fromarray(skimage.data.coffee()[::4, ::4]).quantize().save(path),
}


def transparent() -> Image.Image:
    image = Image.fromarray(skimage.data.chelsea()[::4, ::4]).convert("RGBA")
    alpha = np.full((image.height, image.width), 255, np.uint8)
    alpha[:10] = 0
    image.putalpha(Image.fromarray(alpha))
    return image


def turned(path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0132] = "1931:05:01 12:00:00"
    image = Image.fromarray(skimage.data.coffee()[::4, ::4]).convert("L")
    image.save(path, exif=exif, format="PNG")


@pytest.mark.parametrize("kind", ODD)
def test_odd_photographs_come_out_as_from_the_product(tab, saved, product, tmp_path, kind):
    photo = tmp_path / f"{kind}.png"
    ODD[kind](photo)
    open_photo(tab, photo)
    path = saved("png")
    expected = product.colorize(photo)
    if (
        kind == "transparent"
    ):  # a browser does not tell what lies under the clear: it is taken as white
        given, wanted = np.asarray(Image.open(path)), np.asarray(expected)
        assert (given[..., 3] == wanted[..., 3]).all()
        assert np.abs(given[10:, :, :3].astype(int) - wanted[10:, :, :3]).mean() < 4
    else:
        assert same_share(path, expected) >= 0.999
    if kind == "turned":
        exif = Image.open(path).getexif()
        assert exif[0x0132] == "1931:05:01 12:00:00"
        assert exif[0x0112] == 1


def test_deep_and_cmyk_photographs_are_nearly_the_product_s(tab, saved, product, tmp_path):
    """Browsers read 16 bits as 8 and convert CMYK their own way; the page says so."""
    deep = tmp_path / "deep.png"
    grey = skimage.data.camera()[::2, ::2].astype(np.uint16)
    Image.fromarray(grey * np.uint16(256) + np.uint16(77)).save(deep)
    cmyk = tmp_path / "cmyk.jpg"
    Image.fromarray(skimage.data.coffee()[::3, ::3]).convert("CMYK").save(cmyk, quality=95)
    cases = ((deep, 1.0, "16 bits a colour are read as 8"), (cmyk, 1.0, "made for print (CMYK)"))
    for photo, most, note in cases:
        open_photo(tab, photo)
        expect(tab.locator("#caption")).to_contain_text(note)
        pixels = np.asarray(Image.open(saved("png")).convert("RGB")).astype(int)
        expected = np.asarray(product.colorize(photo).convert("RGB")).astype(int)
        assert pixels.shape == expected.shape
        difference = np.abs(pixels - expected).mean()
        assert difference < most, (photo.name, difference)


def test_a_jpeg_is_saved_with_its_note(tab, saved, product, grey_coffee):
    open_photo(tab, grey_coffee)
    path = saved("jpeg")
    assert path.name == "coffee-color.jpg"
    image = Image.open(path)
    assert b"simulated" in image.info["comment"]
    expected = np.asarray(product.colorize(grey_coffee)).astype(int)
    assert np.abs(np.asarray(image).astype(int) - expected).mean() < 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"No picture at all.", "is not a picture that can be read"),
        ("empty.jpg", b"", "is empty"),
        ("scan.pdf", b"%PDF-1.7", "is a PDF"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC photo, which this browser"),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + bytes(8), "damaged"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(tab, grey_coffee, tmp_path, name, content, words):
    open_photo(tab, grey_coffee)
    path = tmp_path / name
    path.write_bytes(content)
    tab.set_input_files("#file", path)
    expect(tab.locator("#problem")).to_contain_text(words)
    expect(tab.locator("#problem")).to_contain_text(name)
    # The photograph before it is still there.
    expect(tab.locator("#progress")).to_be_hidden()
    expect(tab.locator("#caption")).to_contain_text("coffee")
    open_photo(tab, grey_coffee)
    expect(tab.locator("#problem")).to_be_empty()


def test_too_many_megapixels_are_refused_before_they_are_read(tab, tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (7000, 5000)).save(path)
    tab.set_input_files("#file", path)
    expect(tab.locator("#problem")).to_contain_text("has 35 megapixels (7000 × 5000)")


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


def test_where_a_browser_draws_nothing_of_large_pictures_it_is_said(
    browser, address, photo_file, product
):
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def limited(route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=BLANK + response.text())

    page.route("**/assets/worker-*.js", limited)
    page.goto(address)
    page.wait_for_selector("html[data-backend]")
    large = photo_file("large.png", "astronaut")
    page.set_input_files("#file", large)
    problem = page.locator("#problem")
    words = "“large.png” has 0 megapixels (512 × 512), more than this browser can hold"
    expect(problem).to_contain_text(words, timeout=PATIENCE)
    expect(page.locator("#progress")).to_be_hidden()
    # What fits is coloured, and a JPEG as well where its canvas can be held.
    small = photo_file("small.png", "astronaut", side=300)
    open_photo(page, small)
    with page.expect_download() as download:
        page.click("#png")
    assert same_share(download.value.path(), product.colorize(small)) >= 0.999
    context.close()


def test_cancel_in_the_middle_keeps_what_was_there(tab, grey_coffee, tmp_path, saved):
    open_photo(tab, grey_coffee)
    large = tmp_path / "large.png"
    Image.fromarray(skimage.data.camera()).resize((4000, 3000)).save(large, compress_level=1)
    tab.set_input_files("#file", large)
    tab.click("#cancel")
    expect(tab.locator("#progress")).to_be_hidden()
    expect(tab.locator("#caption")).to_contain_text("coffee")
    assert Image.open(saved("png")).size == Image.open(grey_coffee).size


def test_of_two_photographs_quickly_one_after_the_other_the_second_stays(
    tab, photo_file, saved, product
):
    first = photo_file("first.png", "astronaut", side=300)
    second = photo_file("second.png", "chelsea", side=300)
    tab.set_input_files("#file", first)
    open_photo(tab, second)
    path = saved("png")
    assert path.name == "second-color.png"
    assert same_share(path, product.colorize(second)) >= 0.999


def test_a_dropped_and_a_pasted_photograph_open(tab):
    for event, field in (("drop", "dataTransfer"), ("paste", "clipboardData")):
        tab.evaluate(
            """async ([event, field]) => {
                const blob = await (await fetch("examples/cat.jpg")).blob();
                const data = new DataTransfer();
                data.items.add(new File([blob], `${event}ped.jpg`));
                data.items.add(new File([blob], "another.jpg"));
                const kind = field === "dataTransfer" ? DragEvent : ClipboardEvent;
                document.dispatchEvent(new kind(event, { [field]: data }));
            }""",
            [event, field],
        )
        caption = tab.locator("#caption")
        expect(caption).to_contain_text(f"{event}ped", timeout=PATIENCE)
        expect(caption).to_contain_text("Only the first of 2 files is opened.")


def test_without_a_graphics_processor_it_falls_back(browser, address, grey_coffee):
    """In a tab of its own: another runtime is fetched for WebGPU."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script("Object.defineProperty(navigator, 'gpu', { value: undefined })")
    page.goto(address)
    page.wait_for_selector("html[data-backend=wasm]")
    page.click("#device summary")
    page.check("#webgpu")
    fallen = "There is no graphics processor"
    expect(page.locator("#runtime")).to_contain_text(fallen, timeout=PATIENCE)
    expect(page.locator("#webgpu")).not_to_be_checked()
    open_photo(page, grey_coffee)
    context.close()


def test_with_more_processors_it_takes_threads(browser, address, grey_coffee, product):
    """From the second visit on, when the service worker has isolated the page."""
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', {value: 3})")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector("html[data-backend]")
    page.reload()
    page.wait_for_selector("html[data-backend]")
    expect(page.locator("#runtime")).to_have_text("Computing with 2 threads.")
    open_photo(page, grey_coffee)
    with page.expect_download() as download:
        page.click("#png")
    assert same_share(download.value.path(), product.colorize(grey_coffee)) >= 0.999
    context.close()


def test_reload_works_without_a_connection(tab, grey_coffee):
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    open_photo(tab, grey_coffee)
    assert tab.locator("#examples img").nth(2).evaluate("(img) => img.naturalWidth") > 0
    # The service worker isolates the page, so that it may use threads on any host.
    assert tab.evaluate("() => crossOriginIsolated")


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
def test_the_page_speaks_the_language_of_the_browser(browser, address, locale, language, choose):
    width = 390
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 844})
    tab = context.new_page()
    tab.goto(address)
    expect(tab.locator("#choose")).to_have_text(choose)
    expect(tab.locator("html")).to_have_attribute("lang", language)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
