"""The viewer in a browser: the photograph's own pixels, several pictures at once, two fingers."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from PIL import Image

from tests.support.browsing import PATIENCE, expect, picture, upload

PARTS = "#viewer .part"


@pytest.fixture
def large(tmp_path, photographs):
    """A photograph larger than what the page shows of it."""
    path = tmp_path / "large.jpg"
    image = Image.fromarray(photographs["coffee"]).resize((2400, 1600), Image.Resampling.BICUBIC)
    image.save(path, quality=95)
    return path


@pytest.fixture
def larger(tmp_path, photographs):
    """One that is larger than the tiles of Compare."""
    path = tmp_path / "larger.png"
    Image.fromarray(photographs["coffee"]).resize((1200, 800)).save(path)
    return path


def wait_for_parts(tab, act) -> None:
    before = tab.locator("#viewer").get_attribute("data-shown")
    act()
    expect(tab.locator("#viewer[data-shown]")).to_have_count(1, timeout=PATIENCE)
    if before:
        expect(tab.locator("#viewer")).not_to_have_attribute("data-shown", before, timeout=PATIENCE)


def test_the_photographs_own_pixels_are_shown(visit, server, default_model, large):
    tab = visit()
    upload(tab, large)
    runs = server.runs
    tab.get_by_role("button", name="Zoom in", exact=True).click()
    expect(tab.locator("#viewer .base")).to_have_count(2)
    wait_for_parts(tab, lambda: tab.locator("#viewer .scale").click())
    expect(tab.locator("#viewer .scale")).to_have_text("100 %")
    shown = tab.locator(PARTS).nth(1)
    box = shown.bounding_box()
    part = picture(shown)
    assert part.size == (round(box["width"]), round(box["height"]))
    left, top = (2400 - part.width) // 2, (1600 - part.height) // 2
    whole = np.asarray(default_model.colorize(large), dtype=np.int16)
    own = whole[top : top + part.height, left : left + part.width]
    assert np.abs(own - np.asarray(part, dtype=np.int16)).mean() < 1.5  # it is a JPEG
    # Keys move and enlarge it; Escape leads back to the button.
    wait_for_parts(tab, lambda: tab.keyboard.press("ArrowRight"))
    assert np.asarray(picture(tab.locator(PARTS).nth(1))).shape == np.asarray(part).shape
    tab.keyboard.press("0")
    expect(tab.locator("#viewer .scale")).not_to_have_text("100 %")
    tab.keyboard.press("Escape")
    expect(tab.locator("#viewer")).not_to_be_visible()
    expect(tab.get_by_role("button", name="Zoom in", exact=True)).to_be_focused()
    assert server.runs == runs


def test_the_part_that_was_asked_for_last_is_shown(visit, large):
    tab = visit()
    upload(tab, large)
    tab.get_by_role("button", name="Zoom in", exact=True).click()
    expect(tab.locator("#viewer")).to_be_visible()

    def later(route) -> None:
        time.sleep(1)
        route.continue_()

    tab.route("**/queue/join*", later)
    tab.evaluate("""async () => {
        const press = (what) => document.querySelector(`#viewer [data-do=${what}]`).click();
        press('own');
        await new Promise(done => setTimeout(done, 600));  // the first part is being made
        press('more');
    }""")
    expect(tab.locator("#viewer[data-shown='2']")).to_be_visible(timeout=PATIENCE)
    expect(tab.locator("#viewer .scale")).to_have_text("150 %")


def test_a_comparison_is_enlarged_as_one(visit, server, larger):
    tab = visit()
    upload(tab, larger)
    tab.get_by_role("tab", name="Compare").click()
    count = len(server.studio.approaches()) + 2
    expect(tab.locator("#compare .tile img")).to_have_count(count, timeout=PATIENCE)
    tab.get_by_role("button", name="Zoom into all of them").click()
    wait_for_parts(tab, lambda: tab.locator("#viewer .scale").click())
    expect(tab.locator(PARTS)).to_have_count(count)
    places = tab.locator("#viewer .pane").evaluate_all(
        """panes => panes.map(pane => {
            const [outer, inner] = [pane, pane.querySelector('.part')].map(
                one => one.getBoundingClientRect());
            return [inner.left - outer.left, inner.top - outer.top, inner.width, inner.height]
                .map(Math.round).join();
        })"""
    )
    assert len(set(places)) == 1
    sizes = {picture(tab.locator(PARTS).nth(i)).size for i in range(count)}
    assert len(sizes) == 1


def test_two_fingers_open_and_enlarge(visit, large):
    tab = visit(390, 844, has_touch=True, is_mobile=True)
    upload(tab, large)
    box = tab.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = tab.context.new_cdp_session(tab)

    def touch(kind: str, *across: float) -> None:
        points = [{"x": x + one, "y": y, "id": i} for i, one in enumerate(across)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        tab.wait_for_timeout(30)

    touch("touchStart", -20)
    touch("touchStart", -20, 20)
    for i in range(1, 11):
        touch("touchMove", -20 - 12 * i, 20 + 12 * i)
    touch("touchEnd")
    expect(tab.locator("#viewer")).to_be_visible()
    # Three times 390 of 2400 pixels, 16 %, and more: the fingers went seven times as far apart.
    enlarged = re.compile(r"^(49|[5-9]\d|\d{3,}) %$")
    expect(tab.locator("#viewer .scale")).to_have_text(enlarged, timeout=PATIENCE)
    assert tab.evaluate("visualViewport.scale") == 1
    wait_for_parts(tab, lambda: tab.locator("#viewer .scale").tap())
    tab.get_by_role("button", name="Close", exact=True).tap()
    expect(tab.locator("#viewer")).not_to_be_visible()
