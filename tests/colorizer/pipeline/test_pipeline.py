"""The library end to end on real photographs, for every approach in the registry."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

import colorizer
from colorizer import checkpoints, metrics
from colorizer.approaches import default
from colorizer.color.lightness import lightness
from colorizer.hints.channels import hint_channels
from colorizer.images.photo import read
from colorizer.pipeline import working_size
from tests.support.approaches import params
from tests.support.command import LIMIT, environment

KEYS = [entry.key for entry in colorizer.approaches()]


@pytest.fixture(scope="module", params=params(checkpoints.shipped()), ids=lambda entry: entry.key)
def model(request):
    return colorizer.load(request.param.key)


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def colourfulness(image: Image.Image) -> float:
    tensor = torch.from_numpy(pixels(image).copy()).permute(2, 0, 1)[None].float() / 255
    return metrics.colorfulness(tensor).item()


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee", "rocket"])
def test_a_photograph_comes_back_in_colour_at_its_own_size(model, photographs, name):
    image = model.colorize(photographs[name])
    height, width = photographs[name].shape[:2]
    assert image.size == (width, height)
    assert colourfulness(image) > 4


def test_lightness_is_kept_at_every_pixel(model, photographs):
    if not model.approach.keeps_luminance:
        pytest.skip("this approach rebuilds the lightness itself")
    for name in ("chelsea", "rocket"):
        expected = lightness(photographs[name])
        result = lightness(pixels(model.colorize(photographs[name])))
        assert abs(result - expected).max() <= 0.5


def test_one_forward_pass_answers_everything(model, photographs, monkeypatch):
    calls = []
    forward = type(model.model).forward

    def counted(self, *args, **kwargs):
        calls.append(1)
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(type(model.model), "forward", counted)
    analysis = model.analyze(photographs["chelsea"])
    assert len(calls) == 1
    knobs = {k.name: k.minimum for k in model.approach.knobs}
    one, two = analysis.colorize(), analysis.colorize(**knobs)
    if knobs:
        assert not np.array_equal(pixels(one), pixels(two))
    if model.approach.distribution:
        analysis.sample(2)
        analysis.entropy()
        analysis.distribution(10, 10)
        assert len(calls) == 1


def test_samples_differ_and_seeds_repeat(model, photographs):
    if not model.approach.samples:
        pytest.skip("this approach has one result")
    analysis = model.analyze(photographs["coffee"])
    first = analysis.sample(4, seed=7, max_side=200)
    again = model.sample(photographs["coffee"], 4, seed=7, max_side=200)
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(pixels(one), pixels(two))
    single = analysis.sample_one(9, max_side=200)
    assert np.array_equal(pixels(single), pixels(first[2]))
    for i in range(4):
        for j in range(i):
            difference = pixels(first[i]).astype(int) - pixels(first[j])
            assert abs(difference).mean() > 1.5


def test_samples_are_diverse_locally_not_by_a_tint(model, photographs):
    """Two samples differ by more than one shift of the whole picture."""
    if not model.approach.samples:
        pytest.skip("this approach has one result")
    analysis = model.analyze(photographs["astronaut"])
    settings = analysis.settings(sampling=True)
    difference = analysis.ab(settings, 1) - analysis.ab(settings, 2)
    shift = difference.mean((1, 2), keepdim=True)
    assert (difference - shift).norm() > 0.5 * difference.norm()


def test_vividness_and_strength_change_how_colourful_it_is(model, photographs):
    analysis = model.analyze(photographs["astronaut"])
    grey = analysis.colorize(strength=0)
    assert colourfulness(grey) < 0.5
    assert colourfulness(analysis.colorize(strength=1.5)) > colourfulness(analysis.colorize())
    if model.approach.knob("vividness"):
        steps = [colourfulness(analysis.colorize(vividness=v)) for v in (0, 0.5, 1)]
        assert steps == sorted(steps)
        assert steps[-1] > 1.2 * steps[0]


def test_a_preview_is_the_picture_made_smaller(model, photographs):
    analysis = model.analyze(photographs["coffee"])
    full, preview = analysis.colorize(), analysis.colorize(max_side=150)
    assert max(preview.size) == 150
    small = np.asarray(full.resize(preview.size, Image.Resampling.BOX)).astype(int)
    assert abs(small - pixels(preview)).mean() < 6


def test_alpha_comes_back(model, photographs):
    rgb = photographs["chelsea"]
    alpha = np.linspace(0, 255, rgb.shape[1], dtype=np.uint8)[None].repeat(rgb.shape[0], 0)
    image = model.colorize(Image.fromarray(np.dstack((rgb, alpha))))
    assert image.mode == "RGBA"
    assert np.array_equal(np.asarray(image)[..., 3], alpha)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (500, 7), (90, 1800)])
def test_odd_shapes(model, photographs, shape):
    camera = photographs["camera"]
    image = np.tile(camera, (4, 4))[: shape[0], : shape[1]]
    assert model.colorize(image).size == (shape[1], shape[0])


def test_a_grey_area_of_paper_stays_neutral(model, photographs):
    """A print with a wide faded border: the border keeps its neutral tone."""
    framed = np.full((640, 640), 205, np.uint8)
    framed[64:576, 64:576] = photographs["camera"]
    result = pixels(model.colorize(framed)).astype(int)
    border = np.concatenate((result[:32].reshape(-1, 3), result[-32:].reshape(-1, 3)))
    assert np.ptp(border, axis=1).mean() < 12


def test_entropy_and_distribution(model, photographs):
    analysis = model.analyze(photographs["rocket"])
    if not model.approach.distribution:
        with pytest.raises(ValueError, match="no probabilities"):
            analysis.entropy()
        return
    entropy = analysis.entropy()
    assert entropy.min() >= 0
    assert entropy.max() <= np.log(len(analysis.prediction.bins))
    height, width = photographs["rocket"].shape[:2]
    for x, y in ((0, 0), (width - 1, height - 1), (width / 2, height / 3)):
        colours = analysis.distribution(x, y)
        chances = [p for _, _, p in colours]
        assert sum(chances) == pytest.approx(1, abs=1e-4)
        assert chances == sorted(chances, reverse=True)
    kept = analysis.distribution(5, 5, top_k=3)
    assert [p > 0 for _, _, p in kept[:4]] == [True, True, True, False]
    with pytest.raises(ValueError, match="outside"):
        analysis.distribution(width, 0)


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"temperature": -1}, "Temperature must lie between"),
        ({"temperature": float("nan")}, "Temperature must be a number"),
        ({"top_k": 0}, "Top-k must lie between"),
        ({"top_k": 2.5}, "Top-k must be a whole number"),
        ({"vividness": 9}, "Vividness must lie between"),
        ({"strength": 3}, "Strength must lie between"),
        ({"correlation": -1}, "correlation length must lie between"),
    ],
)
def test_a_knob_out_of_range_is_one_sentence(mobile, photographs, knobs, sentence):
    analysis = mobile.analyze(photographs["camera"])
    with pytest.raises(ValueError, match=sentence) as caught:
        analysis.colorize(**knobs)
    assert "\n" not in str(caught.value)


def test_unknown_names_are_told():
    with pytest.raises(colorizer.UnknownApproach, match="mobile"):
        colorizer.load("mobil")
    with pytest.raises(colorizer.MissingWeights):
        colorizer.load("./nowhere")


def test_every_entry_of_the_registry_is_complete():
    assert KEYS[0] == default().key
    assert len(set(KEYS)) == len(KEYS)
    for entry in colorizer.approaches():
        assert entry.title
        assert len(entry.explanation) > 60
        assert entry.paper_url.startswith("https://")
        for knob in entry.knobs:
            assert knob.help
            assert knob.check(knob.minimum) == knob.minimum
            assert knob.check(None) == knob.default
            with pytest.raises(ValueError, match=knob.label):
                knob.check(knob.maximum + 1)


@pytest.mark.process
def test_importing_the_library_is_light():
    code = (
        "import sys, colorizer; colorizer.approaches();"
        "print([m for m in ('torch', 'gradio', 'train', 'skimage') if m in sys.modules]);"
        "from colorizer import load; print('gradio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((100, 100), (192, 192)), ((1000, 1500), (192, 288)), ((50, 5000), (192, 1024))],
)
def test_working_size(shape, expected):
    assert working_size(*shape, 192, 32) == expected


def revealed(photo, true_ab: np.ndarray, count: int) -> list[colorizer.Hint]:
    """``count`` points of a photograph with their true colours."""
    rng = np.random.default_rng(0)
    height, width = true_ab.shape[:2]
    points = [(int(rng.integers(width)), int(rng.integers(height))) for _ in range(count)]
    return [colorizer.Hint(x, y, tuple(int(c) for c in photo[y, x])) for x, y in points]


@pytest.mark.slow
def test_psnr_rises_with_revealed_points(mobile, photographs):
    """Zhang et al. 2017, figure 6: every revealed colour helps."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    means = []
    for count in (0, 1, 10, 100):
        scores = []
        for name in names:
            original = photographs[name]
            hints = revealed(original, original, count)
            image = mobile.colorize(original, hints=hints, temperature=1.0, vividness=0.0)
            pair = [
                torch.from_numpy(p.copy()).permute(2, 0, 1)[None] / 255
                for p in (pixels(image), original)
            ]
            scores.append(metrics.psnr(*pair).item())
        means.append(np.mean(scores))
    assert means == sorted(means)
    assert means[2] > means[0] + 1
    assert means[3] > means[2] + 1


def test_one_hint_changes_its_own_object_most(mobile, photographs):
    """A green hint on the coffee cup: the cup follows, the table hardly."""
    photo = read(photographs["coffee"])
    settings = mobile.analyze(photo).settings()
    plain = mobile.analyze(photo).ab(settings)
    hinted = mobile.analyze(photo, [colorizer.Hint(215, 190, "#2f9e44")]).ab(settings)
    change = (hinted - plain).norm(dim=0).numpy()
    height, width = change.shape
    row, column = int(190 / photo.height * height), int(215 / photo.width * width)
    own = np.zeros_like(change, dtype=bool)
    own[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = True
    assert change[own].mean() >= 3 * change[~own].mean()


def test_hints_are_checked(mobile, photographs):
    with pytest.raises(ValueError, match="outside"):
        mobile.analyze(photographs["camera"], [colorizer.Hint(9999, 0, "#ff0000")])
    for color in ("red", None, (1, 2), (1, 2, 300), ("a", "b", "c"), 5):
        with pytest.raises(ValueError, match="no colour"):
            mobile.analyze(photographs["camera"], [colorizer.Hint(1, 1, color)])
    channels = hint_channels(
        [colorizer.Hint(0, 0, (255, 0, 0))], read(photographs["camera"]), (64, 64)
    )
    assert channels[0, 2].sum() == 9
    assert channels[0, 0, 0, 0].item() == pytest.approx(80.1, abs=0.2)


@pytest.mark.process
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_pool_answers(photo_file):
    """In a process of its own: a fork of this one would copy its memory and its threads."""
    code = (
        "import multiprocessing, sys, numpy as np, colorizer\n"
        "c = colorizer.load('mobile', device='cpu')\n"
        "def mean(path): return float(np.asarray(c.colorize(path)).mean())\n"
        "here = mean(sys.argv[1])\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    there = pool.map_async(mean, [sys.argv[1]] * 2).get(timeout=100)\n"
        "print(here, *there)"
    )
    path = photo_file("photo.jpg", side=96)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env=environment(),
        check=True,
    )
    here, *there = map(float, done.stdout.split())
    assert there == pytest.approx([here, here], abs=0.01)
