"""A reference photograph: what looks alike hands over its colours, and what does not hands none."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

import colorizer
from colorizer.color.lab import rgb_to_lab
from colorizer.hints.reference import Pair


def changed_copy(picture: np.ndarray) -> Image.Image:
    """Mirrored, cropped on all sides by different amounts, and brightened."""
    image = ImageOps.mirror(Image.fromarray(picture))
    width, height = image.size
    image = image.crop(
        (int(0.08 * width), int(0.06 * height), int(0.95 * width), int(0.94 * height))
    )
    return image.point([min(round(1.15 * v + 8), 255) for v in range(256)] * 3)


def ab_of(picture) -> np.ndarray:
    return rgb_to_lab(torch.from_numpy(np.array(picture)).movedim(-1, 0))[1:].numpy()


def error(picture, truth: np.ndarray) -> float:
    """Mean distance in ab."""
    return float(np.linalg.norm(ab_of(picture) - ab_of(truth), axis=0).mean())


def psnr(picture, truth: np.ndarray) -> float:
    difference = np.asarray(picture, float) - truth
    return float(10 * np.log10(255**2 / (difference**2).mean()))


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_a_changed_copy_brings_the_colours_nearer(mobile, photographs, name):
    """Measured: the error in ab falls from 20 to 11 and from 34 to 9, PSNR rises by 3 and 9 dB."""
    truth = photographs[name]
    grey = Image.fromarray(truth).convert("L")
    before = mobile.colorize(grey)
    after = mobile.colorize(grey, reference=changed_copy(truth))
    assert error(after, truth) < 0.7 * error(before, truth)
    assert psnr(after, truth) > psnr(before, truth) + 2


@pytest.mark.parametrize("other", ["rocket", "chelsea"])
def test_an_unrelated_photograph_changes_nothing(mobile, photographs, other):
    grey = Image.fromarray(photographs["coffee"]).convert("L")
    analysis = mobile.analyze(grey)
    assert analysis.pairs(photographs[other]) == []
    without, with_ = mobile.colorize(grey), mobile.colorize(grey, reference=photographs[other])
    np.testing.assert_array_equal(np.asarray(without), np.asarray(with_))


def test_pairs_lead_to_the_same_place(mobile, photographs):
    """In a mirrored copy most places are found where they went, and each is a hint."""
    picture = photographs["astronaut"]
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    pairs = mobile.analyze(Image.fromarray(picture).convert("L")).pairs(mirrored)
    assert len(pairs) > 20
    assert all(isinstance(pair, Pair) and 0 <= pair.confidence <= 1 for pair in pairs)
    assert [p.confidence for p in pairs] == sorted((p.confidence for p in pairs), reverse=True)
    off = [np.hypot(511 - p.x - p.there[0], p.y - p.there[1]) for p in pairs]
    assert np.median(off) < 64
    hint = pairs[0].hint()
    assert (hint.x, hint.y, hint.color) == (pairs[0].x, pairs[0].y, pairs[0].color)


def test_own_hints_win_over_the_reference(mobile, photographs):
    grey = Image.fromarray(photographs["astronaut"]).convert("L")
    reference = photographs["astronaut"]
    place = mobile.analyze(grey).pairs(reference)[0]
    hint = colorizer.Hint(place.x, place.y, "#2040ff")
    picture = mobile.colorize(grey, hints=[hint], reference=reference)
    alone = mobile.colorize(grey, reference=reference)
    x, y = int(place.x), int(place.y)
    assert ab_of(picture)[1, y, x] < ab_of(alone)[1, y, x] - 10


def test_a_list_of_photographs_shares_the_reference(mobile, photographs):
    grey = Image.fromarray(photographs["coffee"]).convert("L").reduce(2)
    reference = changed_copy(photographs["coffee"])
    both = mobile.colorize([grey, grey], reference=reference)
    alone = mobile.colorize(grey, reference=reference)
    assert len(both) == 2
    assert np.abs(np.asarray(both[0], int) - np.asarray(alone, int)).mean() < 1


@pytest.mark.parametrize("wrong", [5, 3.0, ["a.jpg"], {"a": 1}, True])
def test_what_is_no_photograph_gets_a_sentence(mobile, grey, wrong):
    with pytest.raises(
        colorizer.InvalidArgument, match="reference must be one photograph"
    ) as caught:
        mobile.colorize(grey, reference=wrong)
    assert caught.value.argument == "reference"


def test_a_reference_needs_colours_and_an_approach_that_takes_hints(mobile, grey, coffee, tmp_path):
    with pytest.raises(colorizer.InvalidArgument, match="no colours of its own"):
        mobile.colorize(grey, reference=grey)
    with pytest.raises(colorizer.PhotoError, match=r"nothing\.jpg"):
        mobile.colorize(grey, reference=tmp_path / "nothing.jpg")
    plain = colorizer.load("reconstruction-lab")
    for ask in (
        lambda: plain.colorize(grey, reference=coffee),
        lambda: plain.sample(grey, 1, reference=coffee),
        lambda: plain.analyze(grey).pairs(coffee),
    ):
        with pytest.raises(colorizer.InvalidArgument, match=r"^Reconstruction \(Lab\) takes no"):
            ask()


def test_the_command_takes_a_reference(call, photo_file, tmp_path):
    photo_file("grey.png", "coffee", side=300)
    photo_file("colour.jpg", "coffee", grey=False, side=240)
    for name, more in (("plain.png", ()), ("like.png", ("--reference", "colour.jpg"))):
        done = call("grey.png", "-o", name, *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    truth = np.asarray(Image.open(tmp_path / "colour.jpg").resize((300, 200)))
    errors = [error(Image.open(tmp_path / name), truth) for name in ("plain.png", "like.png")]
    assert errors[1] < 0.7 * errors[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--reference", "missing.jpg"), "missing.jpg"),
        (("--reference", "grey.png"), "no colours of its own"),
        (("--reference", "colour.jpg", "--approach", "pix2pix"), "Pix2pix takes no colour hints"),
    ],
)
def test_the_command_refuses_in_a_sentence(call, photo_file, tmp_path, more, words):
    photo_file("grey.png", "coffee", side=120)
    photo_file("colour.jpg", "coffee", grey=False, side=120)
    done = call("grey.png", "-o", "out.png", *more, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.png").exists()
