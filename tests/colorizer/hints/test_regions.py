"""Regions: one tap takes a whole thing, it gets the colour, and the rest keeps its own."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt

import colorizer
from colorizer.color.lab import rgb_to_lab
from colorizer.hints import Hint, HintError, RegionHint, read_hints, write_hints
from colorizer.hints.regions import Region, Stroke, encloses, regions, share, trace

# A point of a photograph, how much of it the thing there covers, at least and at most, a colour, and
# the share of the way to that colour that may be left.  The eye is too dark for so strong a blue.
SUIT, CUP, EYE = (130, 420), (300, 180), (170, 110)
THINGS = {
    "astronaut": (SUIT, 0.2, 0.5, "#1e50c8", 0.2),
    "coffee": (CUP, 0.08, 0.2, "#b01e1e", 0.2),
    "chelsea": (EYE, 0.01, 0.05, "#2060d0", 0.6),
}


@pytest.fixture(scope="module")
def analyses(mobile, photographs):
    return {name: mobile.analyze(photographs[name]) for name in THINGS}


def thing(analysis, place, least, most) -> Region:
    """The region at a place whose area lies between two shares."""
    sizes = regions(analysis).at(*place).sizes
    found = [regions(analysis).at(*place, size=size) for size in sizes]
    fitting = [region for region in found if least <= region.area <= most]
    assert fitting, [round(region.area, 3) for region in found]
    return fitting[0]


def ab_of(image) -> np.ndarray:
    """(2, h, w) ab of a picture."""
    rgb = np.asarray(image.convert("RGB")).copy()
    return rgb_to_lab(torch.from_numpy(rgb).movedim(-1, 0))[1:].numpy()


@pytest.mark.parametrize("name", THINGS)
def test_the_region_gets_the_colour_and_the_rest_keeps_its_own(mobile, photographs, analyses, name):
    """Measured: 36 to 84 ab inside, 8 to 24 within 8 of 320 cells of the outline, 0.3 beyond."""
    place, least, most, color, left = THINGS[name]
    before = analyses[name]
    region = thing(before, place, least, most)
    after = mobile.analyze(photographs[name], [region.hint(color)])
    was, now = (ab_of(a.colorize(max_side=max(region.mask.shape))) for a in (before, after))
    assert was.shape[1:] == region.mask.shape
    change = np.linalg.norm(now - was, axis=0)
    inside = distance_transform_edt(region.mask) > 3
    beside = distance_transform_edt(~region.mask)
    assert change[inside].mean() > 30
    assert change[(beside > 0) & (beside <= 8)].mean() < change[inside].mean() / 2.5
    assert change[beside > 8].mean() < 0.5
    wish = np.array(Hint(0, 0, color).ab())[:, None, None]
    far = np.linalg.norm(now - wish, axis=0)[inside].mean()
    assert far < left * np.linalg.norm(was - wish, axis=0)[inside].mean()


def test_one_hint_alone_tints_what_lies_beside(mobile, photographs, analyses):
    """The purpose of regions: the same points without an outline change all of the rest."""
    place, least, most, color, _ = THINGS["coffee"]
    region = thing(analyses["coffee"], place, least, most)
    hint = region.hint(color)
    alone = [Hint(x, y, color) for x, y in hint.inside]
    outside = distance_transform_edt(~region.mask) > 8

    def spilt(hints) -> float:
        after = mobile.analyze(photographs["coffee"], hints)
        was, now = (ab_of(a.colorize(max_side=320)) for a in (analyses["coffee"], after))
        return float(np.linalg.norm(now - was, axis=0)[outside].mean())

    free, held, outlined = spilt(alone), spilt(hint.points()), spilt([hint])
    assert outlined < 0.1 * held < 0.1 * free


def test_regions_grow_with_their_size(analyses):
    found = regions(analyses["astronaut"])
    assert found is regions(analyses["astronaut"])  # worked out once
    likely = found.at(*SUIT)
    assert likely.size in likely.sizes
    areas = [found.at(*SUIT, size=size).area for size in likely.sizes]
    assert areas == sorted(areas)
    masks = [found.at(*SUIT, size=size).mask for size in likely.sizes]
    assert all(np.all(large[small]) for small, large in pairwise(masks))
    assert all(mask[int(420 / 512 * len(mask)), int(130 / 512 * mask.shape[1])] for mask in masks)


def test_what_is_wrong_gets_a_sentence(analyses, photographs):
    found = regions(analyses["coffee"])
    with pytest.raises(colorizer.InvalidArgument, match="outside the photograph"):
        found.at(-1, 0)
    with pytest.raises(colorizer.InvalidArgument, match="size of a region"):
        found.at(0, 0, size=2)
    with pytest.raises(ValueError, match="no colour"):
        found.at(*CUP).hint("red").rgb()
    everything = Stroke(((0, 0), (599, 399)), 1000, add=False)
    with pytest.raises(colorizer.InvalidArgument, match="empty"):
        found.at(*CUP).painted([everything]).hint("#ff0000")
    plain = colorizer.load("reconstruction-lab").analyze(photographs["coffee"])
    with pytest.raises(colorizer.InvalidArgument, match=r"Reconstruction \(Lab\) takes no"):
        regions(plain)


def test_a_brush_adds_and_takes_away(analyses):
    region = regions(analyses["coffee"]).at(*CUP)
    more = region.painted([Stroke(((30, 30), (90, 30)), 12)])
    assert more.mask[16, 30]
    assert more.area > region.area
    assert encloses(more.outline, [(60, 30), CUP, (60, 90)]).tolist() == [True, True, False]
    less = more.painted([Stroke(((30, 30), (90, 30)), 20, add=False)])
    np.testing.assert_array_equal(less.mask, region.mask)
    gone = region.painted([Stroke((CUP,), 25, add=False)]).hint("#ff0000")
    assert encloses(gone.outline, [(gone.x, gone.y)])[0]  # the pin stays on the thing


def test_an_outline_and_a_mask_are_the_same(analyses):
    region = regions(analyses["astronaut"]).at(*SUIT)
    again = share(region.outline, (512, 512), region.mask.shape)
    assert np.mean((again > 0.5) == region.mask) > 0.995
    ring = np.zeros((40, 60), bool)
    ring[5:35, 10:50], ring[12:28, 20:40] = True, False
    outline = trace(ring, (600, 400))
    assert len(outline) == 2
    assert encloses(outline, [(150, 200), (300, 200), (5, 5)]).tolist() == [True, False, False]
    assert share(outline, (600, 400), (40, 60)).mean() == pytest.approx(ring.mean(), abs=0.01)
    assert share(trace(np.ones((4, 6), bool), (600, 400)), (600, 400), (8, 8)).min() > 0.95
    assert not encloses(outline, []).size


def test_a_region_is_kept_in_a_file_of_hints(mobile, photographs, analyses):
    hint = regions(analyses["coffee"]).at(*CUP).hint("#b01e1e")
    text = write_hints([Hint(3, 4, "#010203"), hint], (600, 400))
    point, again = read_hints(text)
    assert point == Hint(3, 4, "#010203")
    assert isinstance(again, RegionHint)
    assert again.color == hint.color
    assert len(again.inside) == len(hint.inside)
    assert len(again.around) == len(hint.around)
    one, other = (
        np.asarray(mobile.colorize(photographs["coffee"], hints=[h])).astype(int)
        for h in (hint, again)
    )
    assert np.abs(one - other).mean() < 0.2
    # A copy at half the size takes it, and a reader that knows no regions finds a point.
    small = read_hints(text, (300, 200))[1]
    assert share(small.outline, (300, 200), (40, 60)) == pytest.approx(
        share(hint.outline, (600, 400), (40, 60)), abs=0.15
    )
    entry = json.loads(text)["hints"][1]
    assert {"x", "y", "color"} < entry.keys()


@pytest.mark.parametrize(
    "change",
    [
        {"outline": 3},
        {"outline": []},
        {"outline": ["1,2 3"]},
        {"outline": ["1,2 nan,4 5,6"]},
        {"inside": ""},
        {"inside": "a,b"},
        {"around": [1]},
        {"around": "x"},
        {"around": [{"x": 1, "y": 1, "color": "#000000"}] * 300},
        {"inside": "9999,1"},
    ],
)
def test_a_damaged_region_gets_a_sentence(change):
    hint = RegionHint(5, 5, "#102030", (((1, 1), (9, 1), (9, 9)),), ((6, 4),))
    data = json.loads(write_hints([hint], (20, 20)))
    data["hints"][0]["region"] |= change
    with pytest.raises(HintError, match=r"“region”|outside|Hint 1"):
        read_hints(json.dumps(data))


def test_a_point_set_after_a_region_stays_and_one_before_is_painted_over(
    mobile, photographs, analyses
):
    place, least, most, color, _ = THINGS["astronaut"]
    region = thing(analyses["astronaut"], place, least, most).hint(color)
    patch = Hint(300, 300, "#d02020")

    def redness(hints) -> float:
        picture = mobile.analyze(photographs["astronaut"], hints).colorize()
        return float(ab_of(picture)[0, 296:305, 296:305].mean())

    assert redness([region, patch]) > redness([patch, region]) + 10


def test_regions_do_not_change_one_another(mobile, photographs, analyses):
    place, least, most, color, _ = THINGS["astronaut"]
    suit = thing(analyses["astronaut"], place, least, most)
    head = thing(analyses["astronaut"], (230, 120), 0.02, 0.1)
    pictures = [
        ab_of(mobile.analyze(photographs["astronaut"], hints).colorize(max_side=320))
        for hints in ([suit.hint(color)], [suit.hint(color), head.hint("#2e9e3a")])
    ]
    change = np.linalg.norm(pictures[1] - pictures[0], axis=0)
    assert change[distance_transform_edt(suit.mask & ~head.mask) > 8].mean() < 0.5
    assert change[distance_transform_edt(head.mask) > 3].mean() > 20


def test_small_and_flat_photographs_are_one_region(mobile):
    for picture in (np.full((1, 1), 9, np.uint8), np.full((50, 70), 128, np.uint8)):
        region = regions(mobile.analyze(picture)).at(0, 0)
        assert region.mask.all()
        assert region.sizes == (0.0,)
        mobile.colorize(picture, hints=[region.hint("#3060c0")])


def test_colours_of_a_region_are_the_likely_ones(analyses):
    colors = regions(analyses["chelsea"]).at(230, 170).colors()
    assert len(colors) == 313
    assert sum(p for _, _, p in colors) == pytest.approx(1, abs=1e-4)
    assert colors[0][2] >= colors[1][2]
    assert 0 < regions(analyses["chelsea"]).at(230, 170).lightness() < 100
