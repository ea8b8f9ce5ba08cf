"""Looks, the way back, the address and what a reload keeps, with real clicks in a browser."""

from __future__ import annotations

import re

from colorizer.approaches.looks import looks
from tests.support.browsing import PATIENCE, STAGE, after_change, expect, upload
from tests.support.pictures import chroma

PRESSED = "#look-strip [aria-pressed=true] .title"


def wait_for_strip(tab, server) -> None:
    count = len(looks(server.studio.approaches()[0]))
    expect(tab.locator("#look-strip img")).to_have_count(count, timeout=PATIENCE)


def test_a_look_is_one_click_and_every_click_can_be_undone(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("garden.png", "rocket", side=300))
    wait_for_strip(tab, server)
    runs = server.runs
    expect(tab.locator(PRESSED)).to_have_text("Natural")
    vivid = tab.locator("#look-strip button", has_text="Vivid")
    _, strong = after_change(tab, vivid.click)
    expect(tab.locator(PRESSED)).to_have_text("Vivid")
    expect(tab).to_have_url(re.compile("saturation=1.4"))
    _, plain = after_change(tab, lambda: tab.locator("#undo").click())
    assert chroma(strong) > 1.1 * chroma(plain)
    expect(tab.locator("#reset")).to_be_disabled()
    after_change(tab, lambda: tab.keyboard.press("Control+Shift+z"))
    expect(tab.locator(PRESSED)).to_have_text("Vivid")
    after_change(tab, lambda: tab.locator("#reset").click())
    expect(tab.locator(PRESSED)).to_have_text("Natural")
    expect(tab).not_to_have_url(re.compile("saturation"))
    assert server.runs == runs


def test_settings_survive_a_reload_and_end_with_the_photograph(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("harbour.png", "coffee", side=300))
    wait_for_strip(tab, server)
    after_change(tab, lambda: tab.locator("#look-strip button", has_text="Warm").click())
    expect(tab).to_have_url(re.compile("warmth=0.5"))
    tab.get_by_role("tab", name="Inspect").click()
    expect(tab).to_have_url(re.compile("#inspect$"))
    # Nothing may be on its way when the page is left.
    expect(tab.locator("#inspect-reading table")).to_be_visible(timeout=PATIENCE)
    tab.go_back()
    expect(tab.get_by_role("tab", name="Colorize")).to_have_attribute("aria-selected", "true")
    tab.reload()
    expect(tab.locator("#caption")).to_contain_text("harbour", timeout=PATIENCE)
    expect(tab.locator(PRESSED)).to_have_text("Warm")
    # Another photograph starts from the defaults again.
    upload(tab, photo_file("market.png", "chelsea", side=300))
    expect(tab.locator(PRESSED)).to_have_text("Natural")
    expect(tab).not_to_have_url(re.compile("warmth"))


def test_several_dropped_files_make_an_album(visit, photo_file):
    tab = visit()
    before = tab.locator(STAGE).nth(1).get_attribute("src")
    tab.evaluate(
        """() => {
            const files = new DataTransfer();
            for (const name of ['a.jpg', 'b.jpg']) files.items.add(new File(['x'], name));
            const event = new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: files});
            document.querySelector('#photo').dispatchEvent(event);
        }"""
    )
    expect(tab.get_by_role("tab", name="Album")).to_have_attribute("aria-selected", "true")
    expect(tab.locator("#album-status")).to_contain_text("2 photographs ready", timeout=PATIENCE)
    assert tab.locator(STAGE).nth(1).get_attribute("src") == before
