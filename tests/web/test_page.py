"""The page that needs no server, in Chromium, its network cut after it has loaded."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.support.browsing import PATIENCE, expect
from tests.support.lite import open_photo, same_share


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
