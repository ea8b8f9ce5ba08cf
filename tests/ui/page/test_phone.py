"""The page under a thumb: real touches, and what they are about stays on the screen."""

from __future__ import annotations

import re

import pytest

from tests.support.browsing import PATIENCE, expect, upload

PHONE = {"has_touch": True, "is_mobile": True}
HEIGHT = 844


def swipe(tab, start: tuple[float, float], step: tuple[float, float], count: int = 12) -> None:
    """One finger from ``start``, ``count`` times a ``step`` on, by the browser's own touch events."""
    session = tab.context.new_cdp_session(tab)
    for i in range(count + 1):
        point = {"x": start[0] + i * step[0], "y": start[1] + i * step[1]}
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        tab.wait_for_timeout(30)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    come_to_rest(tab)


def come_to_rest(tab) -> None:
    """Wait until the page has not scrolled for 30 frames."""
    tab.evaluate("window.atRest = {at: NaN, frames: 0}")
    tab.wait_for_function(
        """() => {
            const rest = window.atRest;
            rest.frames = rest.at === scrollY ? rest.frames + 1 : 0;
            rest.at = scrollY;
            return rest.frames >= 30;
        }"""
    )


def tap_at(tab, selector: str, across: float, down: float) -> None:
    box = tab.locator(selector).bounding_box()
    tab.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])


def on_screen(tab, selector: str, height: int = HEIGHT) -> bool:
    """True if all of an element lies inside the window and nothing lies over its middle."""
    box = tab.locator(selector).first.bounding_box()
    inside = box["y"] >= -1 and box["y"] + box["height"] <= height + 1
    free = tab.locator(selector).first.evaluate(
        """element => {
            const box = element.getBoundingClientRect();
            const top = document.elementFromPoint(
                box.left + box.width / 2, box.top + box.height / 2);
            return element.contains(top);
        }"""
    )
    return inside and free


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_no_knob_shows_through_the_picture_that_stays(visit, photo_file, width):
    tab = visit(width, HEIGHT)
    upload(tab, photo_file("cup.png", "coffee", side=300))
    tab.get_by_role("button", name="Fine control").click()
    expect(tab.locator("#colorize-strength")).to_be_visible()
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    come_to_rest(tab)
    covered = """() => {
        const stage = document.querySelector("#stage"), box = stage.getBoundingClientRect();
        return [...document.querySelectorAll("#main .knob span")]
            .filter((e) => e.checkVisibility())
            .map((e) => e.getBoundingClientRect())
            .map(({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2])
            .filter(([x, y]) => x > box.left && x < box.right && y > box.top && y < box.bottom)
            .filter(([, y]) => y > 0)
            .map(([x, y]) => stage.contains(document.elementFromPoint(x, y)));
    }"""
    assert all(tab.evaluate(covered))


def test_a_swipe_on_a_slider_scrolls_and_the_picture_stays(visit, photo_file):
    tab = visit(390, HEIGHT, **PHONE)
    upload(tab, photo_file("cup.png", "coffee", side=300))
    tab.get_by_role("button", name="Fine control").click()
    knob = tab.locator("#colorize-temperature input[type=range]")
    knob.scroll_into_view_if_needed()
    come_to_rest(tab)
    value, shown = knob.input_value(), tab.locator("#stage img").nth(1).get_attribute("src")
    before = tab.evaluate("scrollY")
    box = knob.bounding_box()
    swipe(tab, (box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2), (0, -12))
    assert tab.evaluate("scrollY") > before + 60
    assert knob.input_value() == value
    # Along the slider it is turned.
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    swipe(tab, (box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2), (8, 0))
    assert knob.input_value() != value
    expect(tab.locator("#stage img").nth(1)).not_to_have_attribute("src", shown, timeout=PATIENCE)
    box = tab.locator("#stage").bounding_box()
    assert -1 <= box["y"] <= HEIGHT - box["height"]


@pytest.mark.parametrize(("width", "height"), [(390, HEIGHT), (820, 1180), (820, 700)])
def test_the_answer_to_a_tap_is_on_the_screen(visit, photo_file, width, height):
    tab = visit(width, height, **PHONE)
    upload(tab, photo_file("cup.png", "coffee", side=300))
    tab.get_by_role("tab", name="Inspect").click()
    expect(tab.locator("#inspect-reading table")).to_be_visible(timeout=PATIENCE)
    tap_at(tab, "#inspect-photo img", 0.5, 0.7)
    expect(tab.locator("#inspect-reading .place")).to_contain_text(
        re.compile("y 1[34]"), timeout=PATIENCE
    )
    come_to_rest(tab)
    assert on_screen(tab, "#inspect-photo img", height)
    assert on_screen(tab, "#inspect-reading .entropy", height)
    tab.get_by_role("tab", name="Steer").click()
    expect(tab.locator("#steer-photo img")).to_be_visible(timeout=PATIENCE)
    tap_at(tab, "#steer-photo img", 0.5, 0.7)
    expect(tab.locator("#steer-colors button")).to_have_count(8, timeout=PATIENCE)
    come_to_rest(tab)
    assert on_screen(tab, "#steer-photo img", height)
    assert on_screen(tab, "#steer-colors .palette", height)
    photograph = tab.locator("#steer-photo img").bounding_box()
    colors = tab.locator("#steer-colors").bounding_box()
    assert colors["y"] >= photograph["y"] + photograph["height"] - 1
    tab.locator("#steer-colors button").nth(2).tap()
    expect(tab.locator("#steer-list li")).to_have_count(1, timeout=PATIENCE)
    assert on_screen(tab, "#steer-photo img", height)
