"""Whole walks in a browser: by the keyboard alone, in two tabs, back to what was made before."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.support.browsing import (
    PATIENCE,
    after_change,
    difference,
    expect,
    picture,
    stage,
    upload,
)
from tests.support.pictures import chroma

PRESSED = "#look-strip [aria-pressed=true] .title"
REACH = 80  # presses of Tab from any place to any other


def tab_to(tab, selector: str) -> None:
    """Press Tab until the keyboard is at an element."""
    for _ in range(REACH):
        if tab.evaluate("(wanted) => !!document.activeElement?.matches(wanted)", selector):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{selector} was not reached with the keyboard")


def wait_for_looks(tab) -> None:
    shown = tab.locator("#look-strip img")
    expect(shown.last).to_be_visible(timeout=PATIENCE)
    expect(tab.locator("#look-strip .waiting")).to_have_count(0, timeout=PATIENCE)


def test_colour_a_photograph_with_the_keyboard_alone(visit, photo_file):
    tab = visit()
    with tab.expect_file_chooser() as chooser:  # long before Enter: Chromium has to be told
        tab_to(tab, "#choose")
        tab.keyboard.press("Enter")
    chooser.value.set_files(photo_file("granny.png", "chelsea", side=300))
    expect(tab.locator("#caption")).to_contain_text("granny", timeout=PATIENCE)
    wait_for_looks(tab)
    tab_to(tab, "#look-strip button")
    tab.keyboard.press("Tab")  # from Natural to the look beside it
    _, muted = after_change(tab, lambda: tab.keyboard.press("Enter"))
    expect(tab.locator(PRESSED)).to_have_text("Muted")
    tab_to(tab, "#download")
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    image = Image.open(download.value.path())
    assert image.size == (300, 200)
    assert difference(image, muted) == 0


def test_two_tabs_of_one_visitor_do_not_mix(browser, visit, photo_file):
    one = visit()
    upload(one, photo_file("one.png", "chelsea", side=300))
    other = one.context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(one.url)
    expect(other.locator("#caption")).to_contain_text("×", timeout=PATIENCE)
    upload(other, photo_file("two.png", "coffee", side=300))
    before = stage(other)[1]
    wait_for_looks(one)
    after_change(one, lambda: one.locator("#look-strip button", has_text="Warm").click())
    expect(one.locator("#caption")).to_contain_text("one")
    expect(other.locator("#caption")).to_contain_text("two")
    expect(other.locator(PRESSED)).to_have_text("Natural")
    assert difference(stage(other)[1], before) == 0
    for tab, name in ((one, "one"), (other, "two")):
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Download", exact=True).click()
        assert download.value.suggested_filename == f"{name}-color.png"
    for tab, name, look in ((other, "two", "Natural"), (one, "one", "Warm")):
        tab.reload()
        expect(tab.locator("#caption")).to_contain_text(name, timeout=PATIENCE)
        expect(tab.locator(PRESSED)).to_have_text(look)


def test_what_was_made_leads_back_and_favourites_come_first(visit, photo_file):
    tab = visit()
    upload(tab, photo_file("garden.png", "rocket", side=300))
    wait_for_looks(tab)
    made = tab.locator("#made-strip .cell")
    _, vivid = after_change(
        tab, lambda: tab.locator("#look-strip button", has_text="Vivid").click()
    )
    expect(made.first).to_contain_text("Vivid", timeout=PATIENCE)
    count = made.count()
    made.first.get_by_role("button", name="Keep as favourite").click()
    expect(made.first).to_contain_text("★ Favourite", timeout=PATIENCE)
    upload(tab, photo_file("market.png", "chelsea", side=300))
    expect(made).to_have_count(count + 1, timeout=PATIENCE)
    expect(made.first).to_contain_text("garden")  # newer ones come after favourites
    expect(made.nth(1)).to_contain_text("market")
    expect(tab.locator(PRESSED)).to_have_text("Natural")
    _, again = after_change(tab, lambda: made.first.locator(".tile").click())
    expect(tab.locator("#caption")).to_contain_text("garden")
    expect(tab.locator(PRESSED)).to_have_text("Vivid")
    assert difference(again, vivid) == 0
    made.first.get_by_role("button", name="Favourite").click()
    expect(tab.get_by_text("★ Favourite")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.parametrize("turned", [False, True], ids=["defaults", "another setting"])
def test_a_result_of_an_album_opens_with_its_setting(visit, photo_file, default_model, turned):
    tab = visit()
    tab.get_by_role("tab", name="Album").click()
    path = photo_file("harbour.png", "coffee", side=300)
    tab.set_input_files("#album-files input[type=file]", [photo_file("cat.png", side=200), path])
    expect(tab.locator("#album-status")).to_contain_text("2 photographs ready", timeout=PATIENCE)
    if turned:
        tab.locator("#album-vividness input[type=range]").press("Home")
        tab.locator("#album-top-k label", has_text="5").first.click()
    tab.locator("#album-go").click()
    expect(tab.locator("#album-status")).to_contain_text("Done: 2 coloured", timeout=PATIENCE)
    _, color = after_change(tab, lambda: tab.locator("#album-list .tile").nth(1).click())
    expect(tab.get_by_role("tab", name="Colorize")).to_have_attribute("aria-selected", "true")
    expect(tab.locator("#caption")).to_contain_text("harbour")
    if turned:
        expect(tab.locator("#caption")).to_contain_text("top-k 5")
        expect(tab.locator("#colorize-top-k label.selected")).to_have_text("5")
        expected = default_model.colorize(path, vividness=0.0, top_k=5)
    else:
        expect(tab.locator(PRESSED)).to_have_text("Natural")
        expected = default_model.colorize(path)
    assert difference(color, expected) == 0
    assert chroma(color) > 1
    grey, _ = stage(tab)
    assert chroma(grey) == 0
    assert picture(tab.locator("#photo img")).size == (300, 200)
