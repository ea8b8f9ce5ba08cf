"""Looks and what is adjusted after the fact: warmth, saturation, white balance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import colorizer
from colorizer.approaches.looks import get_look
from colorizer.color.adjust import Adjustments, cast
from colorizer.color.lab import rgb_to_lab


@pytest.fixture(scope="module")
def analysis(mobile, photographs):
    return mobile.analyze(Image.fromarray(photographs["coffee"]).convert("L").resize((240, 160)))


def mean_lab(image: Image.Image) -> np.ndarray:
    """(L, a, b) of the mean colour."""
    rgb = torch.from_numpy(np.array(image.convert("RGB"))).movedim(-1, 0)
    return rgb_to_lab(rgb).flatten(1).mean(1).numpy()


def test_every_look_is_what_its_settings_make(analysis):
    seen = []
    for look in colorizer.looks(analysis.approach):
        image = np.asarray(analysis.colorize(look=look.key))
        same = analysis.colorize(**look.settings(analysis.approach))
        assert np.array_equal(image, np.asarray(same))
        seen.append(image)
    assert np.array_equal(seen[0], np.asarray(analysis.colorize()))
    assert len({image.tobytes() for image in seen}) == len(seen)


def test_what_is_given_refines_a_look(analysis):
    vivid = get_look("vivid").settings(analysis.approach)
    image = analysis.colorize(look="vivid", saturation=0.5)
    expected = analysis.colorize(**{**vivid, "saturation": 0.5})
    assert np.array_equal(np.asarray(image), np.asarray(expected))


@pytest.mark.parametrize("approach", colorizer.approaches(), ids=lambda a: a.key)
def test_looks_suit_every_approach(approach):
    for look in colorizer.looks(approach):
        for name, value in look.settings(approach).items():
            knob = approach.knob(name)
            assert knob is None or knob.check(value) == value
    with pytest.raises(colorizer.UnknownLook, match="natural"):
        get_look("sepia", approach)


def test_warmth_saturation_and_balance_do_what_they_say(analysis):
    plain = mean_lab(analysis.colorize())
    warm, cool = (mean_lab(analysis.colorize(warmth=w)) for w in (0.6, -0.6))
    assert cool[2] + 3 < plain[2] < warm[2] - 3
    assert abs(warm[0] - plain[0]) < 0.5
    assert mean_lab(analysis.colorize(saturation=0))[1:] == pytest.approx([0, 0], abs=0.3)
    tinted = analysis.colorize(warmth=0.0, white_balance=1.0)
    assert np.hypot(*mean_lab(tinted)[1:]) < np.hypot(*plain[1:])


def test_lightness_is_kept_under_adjustments(analysis):
    image = analysis.colorize(warmth=1, saturation=2, white_balance=0.5, strength=1.2)
    rgb = torch.from_numpy(np.array(image)).movedim(-1, 0)
    assert np.abs(rgb_to_lab(rgb)[0].numpy() - analysis.photo.lightness).max() <= 0.5


def test_a_cast_is_seen_in_greys_and_not_in_lawns():
    ab, light = torch.zeros(2, 8, 8), torch.full((8, 8), 60.0)
    ab[:, :, :4] = torch.tensor([-40.0, 45.0]).view(2, 1, 1)  # half of it is a lawn
    assert cast(ab, light).norm() < 6
    sepia = ab.clone()
    sepia[:, :, 4:] = torch.tensor([4.0, 12.0]).view(2, 1, 1)
    balanced = Adjustments(white_balance=1).apply(sepia, light)
    assert balanced[:, :, 4:].norm(dim=0).max() < 0.5 * sepia[:, :, 4:].norm(dim=0).max()


@pytest.mark.parametrize(("name", "value"), [("warmth", 2), ("saturation", -1), ("look", "x")])
def test_a_bad_adjustment_gets_a_sentence(analysis, name, value):
    with pytest.raises(ValueError, match=r"\.$"):
        analysis.colorize(**{name: value})
