"""Compare, Inspect, Steer and what is new in the other tabs, with real clicks in a browser."""

from __future__ import annotations

import json
import re
import zipfile

import numpy as np
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


def open_tab(tab, name: str) -> None:
    tab.get_by_role("tab", name=name).click()


def click_at(tab, selector: str, across: float, down: float) -> None:
    """A real click at a share of what the element shows."""
    box = tab.locator(selector).bounding_box()
    tab.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])


def point(tab, name: str) -> tuple[int, int]:
    return tuple(int(tab.locator(f"#{name}-{axis} input").input_value()) for axis in "xy")


def test_original_uncertainty_strength_and_their_figures(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("cup.png", "coffee", grey=False))
    runs = server.runs
    expect(tab.locator("#caption")).to_contain_text("PSNR")
    _, color = stage(tab)
    choice = tab.locator("#colorize-left label", has_text="Original")
    original, same = after_change(tab, choice.click, which=0)
    expect(tab.get_by_alt_text("The photograph as it came")).to_have_count(1, timeout=PATIENCE)
    assert chroma(original) > 20
    assert difference(color, same) == 0
    _, unsure = after_change(
        tab, lambda: tab.get_by_label("Show where the model is unsure").click()
    )
    assert difference(unsure, color) > 10
    expect(tab.locator("#caption .legend")).to_be_visible()
    after_change(tab, lambda: tab.get_by_label("Show where the model is unsure").click())
    tab.get_by_role("button", name="Fine control").click()
    knob = tab.locator("#colorize-strength input[type=range]")
    knob.focus()
    _, grey = after_change(tab, lambda: knob.press("Home"))
    assert chroma(grey) == 0
    assert server.runs == runs


def test_downloads_as_jpeg_and_as_before_and_after(visit, photo_file):
    tab = visit()
    upload(tab, photo_file("ship.png", "rocket"))
    for kind, name in (("JPEG", "ship-color.jpg"), ("Before + after", "ship-before-after.png")):
        tab.locator("#download-kind label", has_text=kind).click()
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Download", exact=True).click()
        assert download.value.suggested_filename == name
        with Image.open(download.value.path()) as image:
            image.load()
            words = image.info.get("Description") or image.info["comment"].decode()
        assert "Colours are simulated" in words
        expect(tab.get_by_role("button", name="Download", exact=True)).to_be_enabled()


def test_a_comparison_leads_to_a_method_and_to_a_sheet(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("cup.png", "coffee", grey=False))
    before = stage(tab)[1]
    open_tab(tab, "Compare")
    count = len(server.studio.approaches())
    shown = tab.locator("#compare .tile img")
    expect(shown).to_have_count(count + 2, timeout=PATIENCE)
    titles = tab.locator("#compare .title")
    assert titles.all_inner_texts()[:2] == ["Grey", "Original"]
    assert {picture(shown.nth(i)).size for i in range(count + 2)} == {(600, 400)}
    boxes = [shown.nth(i).bounding_box() for i in range(count + 2)]
    assert len({(round(b["width"]), round(b["height"])) for b in boxes}) == 1
    expect(tab.locator("#compare .detail").nth(1)).to_contain_text(re.compile(r"ms · PSNR"))
    expect(tab.locator("#compare .about").last).to_contain_text("For teaching")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download contact sheet").click()
    assert download.value.suggested_filename == "cup-methods.png"
    assert min(Image.open(download.value.path()).size) > 600
    title = tab.locator("#compare .title").last.inner_text()
    tab.locator("#compare .tile").last.click()
    expect(tab.get_by_role("tab", name="Colorize")).to_have_attribute("aria-selected", "true")
    expect(tab.locator("#method input")).to_have_value(f"{title} (for teaching)")
    if count == 1:
        assert difference(stage(tab)[1], before) == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_the_place_that_is_clicked_is_inspected(visit, server, photo_file, default_model, width):
    tab = visit(width, 844)
    path = photo_file("cup.png", "coffee")
    upload(tab, path)
    runs = server.runs
    open_tab(tab, "Inspect")
    expect(tab.locator("#inspect-reading table")).to_be_visible(timeout=PATIENCE)
    assert point(tab, "inspect") == (300, 200)
    for selector in ("#inspect-photo img", "#inspect-map img"):
        for across, down in ((0.25, 0.5), (0.9, 0.1)):
            tab.locator(selector).scroll_into_view_if_needed()
            click_at(tab, selector, across, down)
            # Which of the pixels around it depends on the window; all are the same place.
            near = "|".join(str(round(across * 600) + i) for i in range(-4, 5))
            expect(tab.locator("#inspect-reading .place")).to_contain_text(
                re.compile(rf"x ({near}), "), timeout=PATIENCE
            )
            x, y = point(tab, "inspect")
            assert (x, y) == pytest.approx((across * 600, down * 400), abs=4)
            cross = tab.locator(f"{selector.split()[0]} .cross").bounding_box()
            box = tab.locator(selector).bounding_box()
            middle = (cross["x"] + cross["width"] / 2 - box["x"]) / box["width"]
            assert middle == pytest.approx(across, abs=0.01)
    # What a screen reader says is what the library says.
    tab.locator("#inspect-x input").fill("150")
    tab.locator("#inspect-y input").fill("120")
    place = tab.locator("#inspect-reading .place")
    expect(place).to_contain_text("x 150, y 120", timeout=PATIENCE)
    best = default_model.analyze(path).distribution(150, 120)[0][2]
    expect(tab.locator("#inspect-reading tr").first).to_contain_text(f"{best:.1%}")
    plane = picture(tab.locator("#inspect-reading img"))
    assert plane.size == (560, 560)
    assert chroma(plane) > 3
    assert server.runs == runs


@pytest.mark.parametrize("width", [1280, 390])
def test_hints_are_put_edited_saved_and_taken_back(visit, photo_file, tmp_path, width):
    tab = visit(width, 844)
    upload(tab, photo_file("cup.png", "coffee"))
    open_tab(tab, "Steer")
    shown = tab.locator("#steer-photo img")
    expect(shown).to_be_visible(timeout=PATIENCE)
    plain = picture(shown)
    shown.scroll_into_view_if_needed()
    click_at(tab, "#steer-photo img", 0.5, 0.4)
    colors = tab.locator("#steer-colors button")
    expect(colors).to_have_count(8, timeout=PATIENCE)
    assert point(tab, "steer") == pytest.approx((300, 160), abs=4)

    def changed(act) -> Image.Image:
        before = shown.get_attribute("src")
        act()
        expect(shown).not_to_have_attribute("src", before, timeout=PATIENCE)
        return picture(shown)

    color = colors.nth(3).get_attribute("data-color")
    hinted = changed(lambda: colors.nth(3).click())
    assert difference(hinted, plain) > 0.5
    expect(tab.locator("#steer-list li")).to_have_count(1)
    expect(tab.locator("#steer-list code")).to_have_text(color)
    pin = tab.locator("#steer-photo .pin").bounding_box()
    box = shown.bounding_box()
    assert (pin["x"] + pin["width"] / 2 - box["x"]) / box["width"] == pytest.approx(0.5, abs=0.01)
    # The hint is in hand: another colour replaces its own.
    changed(lambda: colors.nth(5).click())
    expect(tab.locator("#steer-list li")).to_have_count(1)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save hints").click()
    assert download.value.suggested_filename == "cup-hints.json"
    saved = tmp_path / "hints.json"  # a browser's own copy has a name without an ending
    download.value.save_as(saved)
    data = json.loads(saved.read_text())
    assert data["size"] == [600, 400]
    assert len(data["hints"]) == 1
    again = changed(lambda: tab.get_by_role("button", name="Undo").click())
    assert difference(again, hinted) == 0
    cleared = changed(lambda: tab.get_by_role("button", name="Clear all").click())
    assert difference(cleared, plain) == 0
    changed(lambda: tab.set_input_files("input[type=file][accept='.json']", saved))
    expect(tab.locator("#steer-list li")).to_have_count(1)
    tab.get_by_role("button", name="Edit hint 1", exact=True).click()
    bare = changed(lambda: tab.get_by_role("button", name="Remove hint 1").click())
    assert difference(bare, plain) == 0


def test_more_like_this_and_the_zip(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("harbour.png", "rocket", side=300))
    runs = server.runs
    open_tab(tab, "Sample")
    shown = tab.locator("#samples .tile img")
    expect(shown).to_have_count(4, timeout=PATIENCE)
    expect(tab.locator("#sample-facts")).to_contain_text("Diversity")
    kept = picture(shown.nth(2))
    tab.locator("#samples .more").nth(2).click()
    expect(tab.locator("#samples .title").nth(3)).to_have_text("Seed 3, near 2", timeout=PATIENCE)
    expect(shown).to_have_count(4, timeout=PATIENCE)
    assert difference(picture(shown.nth(0)), kept) == 0
    assert difference(picture(shown.nth(1)), kept) > 0
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download all as zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 4
        with archive.open(archive.namelist()[0]) as file:
            assert np.array_equal(np.asarray(Image.open(file)), np.asarray(kept))
    assert server.runs == runs


def test_the_axes_of_the_sweep_can_be_chosen(visit, server, photo_file):
    tab = visit()
    upload(tab, photo_file("market.png", "chelsea", side=200))
    runs = server.runs
    open_tab(tab, "Sweep")
    expect(tab.locator("#sweep td img")).to_have_count(20, timeout=PATIENCE)
    values = tab.locator("#sweep-rows-values textarea, #sweep-rows-values input")
    before = values.input_value()
    tab.locator("#sweep-rows input").click()
    tab.get_by_role("option", name="Vividness").click()
    expect(values).not_to_have_value(before, timeout=PATIENCE)
    expect(tab.locator("#sweep tbody th").last).to_have_text("1.5", timeout=PATIENCE)
    values.fill("0, 1")
    tab.locator("#sweep-rows-values").get_by_role("button").click()
    expect(tab.locator("#sweep tbody tr")).to_have_count(2, timeout=PATIENCE)
    expect(tab.locator("#sweep tbody th").last).to_have_text("1")
    assert server.runs == runs
