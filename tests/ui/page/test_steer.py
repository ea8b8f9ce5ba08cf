"""Steer in a browser: a region is outlined, resized, coloured and undone; a reference gives colours."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.support.browsing import PATIENCE, difference, expect, picture, upload

BLUE = "#1e50c8"


def open_steer(visit, path, width=1280):
    tab = visit(width, 844)
    upload(tab, path)
    tab.get_by_role("tab", name="Steer").click()
    expect(tab.locator("#steer-photo img")).to_be_visible(timeout=PATIENCE)
    return tab


def place(tab, across: float, down: float) -> tuple[float, float]:
    """Place on the screen at a share of the photograph."""
    shown = tab.locator("#steer-photo img")
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def changed(tab, act) -> Image.Image:
    """The photograph once ``act`` has changed it."""
    shown = tab.locator("#steer-photo img")
    before = shown.get_attribute("src")
    act()
    expect(shown).not_to_have_attribute("src", before, timeout=PATIENCE)
    return picture(shown)


def tool(tab, label: str, value: str) -> None:
    tab.locator("#steer-tool label", has_text=label).click()
    expect(tab.locator("#steer-photo .pointer")).to_have_attribute(
        "data-tool", value, timeout=PATIENCE
    )


@pytest.mark.parametrize("width", [1280, 820, 390])
def test_a_thing_is_outlined_resized_coloured_and_undone(visit, photo_file, width):
    tab = open_steer(visit, photo_file("cup.png", "coffee", side=300), width)
    plain = picture(tab.locator("#steer-photo img"))
    tab.mouse.click(*place(tab, 0.5, 0.45))
    outline = tab.locator("#steer-photo .outline path").first
    expect(outline).to_be_attached(timeout=PATIENCE)
    assert difference(picture(tab.locator("#steer-photo img")), plain) == 0  # nothing applied yet
    small = outline.get_attribute("d")
    slider = tab.locator("#steer-size input[type=range]")
    slider.press("Home")
    expect(outline).not_to_have_attribute("d", small, timeout=PATIENCE)
    least = outline.get_attribute("d")
    slider.press("End")
    expect(outline).not_to_have_attribute("d", least, timeout=PATIENCE)
    tab.mouse.click(*place(tab, 0.5, 0.45))  # the likeliest size again
    expect(outline).to_have_attribute("d", small, timeout=PATIENCE)
    tab.locator("#steer-picker").fill(BLUE)
    blue = changed(tab, lambda: tab.locator("#steer-use").click())
    change = np.abs(np.asarray(blue, int) - np.asarray(plain, int)).sum(2)
    height, width_ = change.shape
    assert change[int(0.45 * height), width_ // 2] > 30
    assert change[:, -width_ // 8 :].mean() < 2  # the table to the right is as it was
    expect(tab.locator("#steer-list code")).to_have_text(BLUE)
    back = changed(tab, lambda: tab.locator("#steer-undo").click())
    assert difference(back, plain) == 0
    again = changed(tab, lambda: tab.locator("#steer-redo").click())
    assert difference(again, blue) == 0


def test_of_two_colours_chosen_quickly_the_last_one_counts(visit, photo_file):
    tab = open_steer(visit, photo_file("cup.png", "coffee", side=300))
    tab.mouse.click(*place(tab, 0.5, 0.45))
    last = tab.locator("#steer-colors button").nth(1)
    expect(last).to_be_visible(timeout=PATIENCE)
    color = last.get_attribute("data-color")
    tab.evaluate("""() => {
        const [one, two] = document.querySelectorAll('#steer-colors button');
        one.click();
        setTimeout(() => two.click(), 20);  // while the first is being made
    }""")
    expect(tab.locator("#steer-list code")).to_have_text(color, timeout=PATIENCE)


def test_a_brush_paints_what_segments_miss_and_a_colour_is_picked_up(visit, photo_file):
    tab = open_steer(visit, photo_file("cup.png", "coffee", side=300))
    tool(tab, "Brush", "brush")
    tab.mouse.move(*place(tab, 0.05, 0.9))
    tab.mouse.down()
    for step in range(1, 6):
        tab.mouse.move(*place(tab, 0.05 + 0.02 * step, 0.9))
    tab.mouse.up()
    outline = tab.locator("#steer-photo .outline path").first
    expect(outline).to_be_attached(timeout=PATIENCE)
    brushed = outline.get_attribute("d")
    tool(tab, "Rub out", "rub")
    tab.mouse.move(*place(tab, 0.14, 0.86))
    tab.mouse.down()
    tab.mouse.move(*place(tab, 0.14, 0.94))
    tab.mouse.up()
    expect(outline).not_to_have_attribute("d", brushed, timeout=PATIENCE)
    tool(tab, "Pick a colour", "dropper")
    shown = picture(tab.locator("#steer-photo img"))
    first = tab.locator("#steer-colors button").first
    before = first.get_attribute("data-color")
    tab.mouse.click(*place(tab, 0.5, 0.45))
    expect(first).not_to_have_attribute("data-color", before, timeout=PATIENCE)
    color = first.get_attribute("data-color")
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    at = shown.convert("RGB").getpixel((shown.width // 2, int(0.45 * shown.height)))
    assert rgb == pytest.approx(at, abs=25)
    changed(tab, first.click)
    expect(tab.locator("#steer-list code")).to_have_text(color)


def test_strokes_drawn_one_right_after_another_are_all_kept(visit, photo_file):
    tab = open_steer(visit, photo_file("cup.png", "coffee", side=300))
    tool(tab, "Brush", "brush")
    for top in (0.1, 0.5, 0.9):  # nothing is waited for
        tab.mouse.move(*place(tab, 0.05, top))
        tab.mouse.down()
        tab.mouse.move(*place(tab, 0.15, top))
        tab.mouse.up()
    outline = tab.locator("#steer-photo .outline path").first
    expect(outline).to_have_attribute("d", re.compile("M.+M.+M"), timeout=PATIENCE)


def test_a_reference_gives_colours_and_a_line_is_taken_away(visit, photo_file, tmp_path):
    path = photo_file("cup.png", "coffee", side=300)
    tab = open_steer(visit, path)
    plain = picture(tab.locator("#steer-photo img"))
    reference = tmp_path / "reference.png"
    colour = Image.open(photo_file("colour.png", "coffee", grey=False, side=280))
    ImageOps.mirror(colour).save(reference)
    files = tab.locator("#steer-reference input[type=file]")
    given = changed(tab, lambda: files.set_input_files(reference))
    truth = colour.convert("RGB").resize(plain.size)
    assert difference(given, truth) < 0.8 * difference(plain, truth)
    lines = tab.locator("#steer-pairs g")
    count = lines.count()
    assert count > 5
    changed(tab, lambda: lines.first.dispatch_event("click"))
    expect(lines).to_have_count(count - 1)
    back = changed(tab, lambda: tab.locator("#steer-undo").click())
    assert difference(back, given) == 0
    expect(lines).to_have_count(count)
    files.set_input_files(path)  # the grey one itself
    expect(tab.get_by_text("no colours of its own")).to_be_visible(timeout=PATIENCE)
