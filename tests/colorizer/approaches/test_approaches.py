"""Every approach of the registry with random weights: what its entry promises holds before any
training, and for those whose weights are not here.  Trained ones: ``test_pipeline.py``."""

import numpy as np
import pytest
import torch
from PIL import Image

import colorizer
from colorizer import checkpoints
from colorizer.color.bins import get_bins
from colorizer.color.lightness import lightness
from tests.support.approaches import params


def config_of(entry: colorizer.Approach) -> dict:
    """Config that a training of the shipped design would store, with a flat prior."""
    config = {"approach": entry.key, "architecture": dict(entry.design), "working_size": 64}
    if entry.distribution:
        names = {len(get_bins(name)): name for name in ("zhang313", "square361")}
        count = int(entry.knob("top_k").maximum)
        config |= {"quantisation": names[count], "prior": [1 / count] * count}
    return config


@pytest.fixture(scope="module", params=params(colorizer.approaches()), ids=lambda entry: entry.key)
def folder(request, tmp_path_factory):
    """A checkpoint of random weights, as a training writes it."""
    import importlib

    entry = request.param
    family = importlib.import_module(f"colorizer.models.{entry.family}")
    torch.manual_seed(0)
    model = family.build(config_of(entry))
    for name, tensor in model.state_dict().items():
        if name.endswith("head.weight"):
            tensor.mul_(4)  # so that random weights have something to say
        if name.startswith("hint"):
            tensor.normal_(std=0.2)  # and hear the hints, which begin at zero
    path = tmp_path_factory.mktemp("checkpoints") / entry.key
    checkpoints.save_weights(path, config_of(entry), model.state_dict())
    return path


@pytest.fixture(scope="module")
def model(folder) -> colorizer.Colorizer:
    return colorizer.load(str(folder))


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def test_a_checkpoint_is_small_and_loads_alike_twice(folder, model, photographs):
    most = 16e6 if folder.name == "efficient" else 10e6
    assert (folder / checkpoints.WEIGHTS).stat().st_size <= most
    assert model.approach.key == folder.name
    again = colorizer.load(str(folder))
    for one, two in zip(
        model.model.state_dict().values(), again.model.state_dict().values(), strict=True
    ):
        assert torch.equal(one, two)
    small = photographs["chelsea"][::4, ::4]
    assert np.array_equal(pixels(model.colorize(small)), pixels(again.colorize(small)))


def test_the_photograph_comes_back_at_its_own_size(model, photographs):
    original = photographs["astronaut"]
    result = model.colorize(original)
    assert result.size == original.shape[1::-1]
    error = abs(lightness(pixels(result)) - lightness(original)).max()
    assert (error <= 0.5) == model.approach.keeps_luminance


def test_strength_zero_is_the_photograph_in_grey(model, photographs):
    original = photographs["coffee"][::2, ::2]
    grey = pixels(model.analyze(original).colorize(strength=0))
    assert np.ptp(grey.astype(int), axis=2).max() <= 1
    assert abs(lightness(grey) - lightness(original)).max() <= 0.5


@pytest.mark.parametrize("size", [(1, 1), (17, 301)])
def test_odd_sizes_have_finite_colours(model, photographs, size):
    image = np.tile(photographs["camera"], (1, 2))[: size[0], : size[1]]
    analysis = model.analyze(image)
    assert torch.isfinite(analysis.ab(analysis.settings())).all()
    assert analysis.colorize().size == size[::-1]


def test_knobs_do_something_and_others_are_refused(model, photographs):
    analysis = model.analyze(photographs["rocket"][::4, ::4])
    plain = pixels(analysis.colorize())
    for knob in model.approach.knobs:
        turned = [pixels(analysis.colorize(**{knob.name: v})) for v in (knob.minimum, knob.maximum)]
        assert not all(np.array_equal(plain, t) for t in turned), knob.name
    lacking = {"temperature", "top_k", "vividness"} - {k.name for k in model.approach.knobs}
    for name in lacking:
        with pytest.raises(ValueError, match="has no"):
            analysis.colorize(**{name: 1})


def test_seeds_repeat_and_differ_if_it_samples(model, photographs):
    small = photographs["chelsea"][::2, ::2]
    analysis = model.analyze(small)
    if not model.approach.samples:
        with pytest.raises(ValueError, match="one result"):
            analysis.sample(2)
        return
    first = [pixels(s) for s in analysis.sample(3, seed=5)]
    again = [pixels(s) for s in model.analyze(small).sample(3, seed=5)]
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert np.array_equal(pixels(analysis.sample_one(6)), first[1])
    assert not np.array_equal(first[0], first[1])


def test_only_a_distribution_is_asked_for_probabilities(model, photographs):
    analysis = model.analyze(photographs["rocket"][::4, ::4])
    if model.approach.distribution:
        assert np.isfinite(analysis.entropy()).all()
        assert sum(p for *_, p in analysis.distribution(3, 3)) == pytest.approx(1, abs=1e-4)
    else:
        with pytest.raises(ValueError, match="no probabilities"):
            analysis.entropy()
