"""The page in a real browser: a headless Chromium over a server in this process."""

from __future__ import annotations

import time

from PIL import Image

from tests.support.browsing import (
    PATIENCE,
    STAGE,
    after_change,
    difference,
    expect,
    picture,
    stage,
    upload,
)
from tests.support.pictures import chroma


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
    deadline = time.monotonic() + PATIENCE / 1000
    while difference(before, after) <= 0.5:  # a first change may be of the frame alone
        assert time.monotonic() < deadline
        _, after = stage(tab)
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
    tab.get_by_role("button", name="Fine control").click()
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
        tab.get_by_role("button", name="Download", exact=True).click()
    # What came as JPEG is offered as JPEG.
    assert download.value.suggested_filename == "Grandma 1931-color.jpg"
    image = Image.open(download.value.path())
    assert (image.format, image.size) == ("JPEG", (1501, 1499))
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
    expect(tab.locator("#photo img")).to_have_count(1)
    tab.wait_for_function(
        "(({ complete, naturalWidth }) => complete && naturalWidth > 0)"
        "(document.querySelector('#photo img') ?? {})"
    )


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


def test_the_slider_and_every_picture_speak_to_a_screen_reader(visit):
    tab = visit()
    handle = tab.get_by_role("slider", name="Grey on the left, colour on the right")
    expect(handle).not_to_have_attribute("aria-valuenow", "0")
    before = int(handle.get_attribute("aria-valuenow"))
    handle.focus()
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
