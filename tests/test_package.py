"""The package: one version, ranges and pins in step, the default approach's weights inside."""

from __future__ import annotations

import inspect
import multiprocessing
import pickle
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import colorizer
from colorizer import checkpoints
from colorizer.approaches import default
from colorizer.approaches.knobs import Knobs
from colorizer.cli import VERBS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Which file pins the ranges of which part of pyproject.toml.
PINNED = {
    "ui": "requirements.txt",
    "train": "train/requirements.txt",
    "cluster": "colorizer/batch/requirements.txt",
    "export": "colorizer/export/requirements.txt",
    "test": "tests/requirements.txt",
}


def ranges(extra: str) -> dict[str, Requirement]:
    """Name → range of an extra; the library's own belong to the page's file."""
    lines = list(PROJECT["optional-dependencies"][extra])
    if extra == "ui":
        lines += PROJECT["dependencies"]
    found = map(Requirement, lines)
    return {canonicalize_name(r.name): r for r in found if r.name != PROJECT["name"]}


def pins(path: str) -> dict[str, Requirement]:
    """Name → pin of the packages that the project itself names in a file: its first part."""
    first = (ROOT / path).read_text().split("\n\n")[0]
    found = (Requirement(line) for line in first.splitlines() if re.match(r"[\w]", line))
    return {canonicalize_name(r.name): r for r in found}


@pytest.mark.parametrize("extra", PINNED)
def test_pins_are_in_the_ranges_of_the_package(extra):
    ranged, pinned = ranges(extra), pins(PINNED[extra])
    assert ranged.keys() == pinned.keys()
    for name, requirement in pinned.items():
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        assert ranged[name].specifier.contains(pin.version), f"{requirement} and {ranged[name]}"
        assert ranged[name].extras == requirement.extras


def test_the_version_is_in_one_place():
    assert "version" in PROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", colorizer.__version__)
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert cited
    assert cited[1] == colorizer.__version__


def test_the_build_takes_the_weights_of_the_default_approach(monkeypatch):
    hatchling = pytest.importorskip("hatchling")
    assert hatchling
    monkeypatch.syspath_prepend(ROOT)
    from hatch_build import FILES, Weights

    hook = Weights(str(ROOT), {}, None, None, str(ROOT), "wheel")
    data: dict = {"force_include": {}}
    hook.initialize("standard", data)
    expected = {f"colorizer/weights/{default().key}/{name}" for name in FILES}
    assert set(data["force_include"].values()) == expected
    assert all(Path(source).is_file() for source in data["force_include"])


def test_weights_are_found_in_the_folders_that_a_variable_names(monkeypatch, tmp_path):
    here = checkpoints.find(default().key)
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path / "none")
    monkeypatch.setattr(checkpoints, "PACKAGED", tmp_path / "none")
    assert checkpoints.shipped() == ()
    with pytest.raises(colorizer.MissingWeights, match=r"COLORIZER_CHECKPOINTS.*Hub") as caught:
        checkpoints.find(default().key)
    assert caught.value.name == default().key
    monkeypatch.setenv(checkpoints.VARIABLE, f"{tmp_path / 'empty'}:{here.parent}")
    assert checkpoints.find(default().key) == here
    assert default() in checkpoints.shipped()


def test_weights_of_a_wheel_are_the_last_place(monkeypatch, tmp_path):
    monkeypatch.delenv(checkpoints.VARIABLE, raising=False)
    assert checkpoints.folders() == [checkpoints.CHECKPOINTS, checkpoints.PACKAGED]
    assert checkpoints.PACKAGED.parent == Path(colorizer.__file__).parent


def test_every_verb_has_a_module():
    for module in VERBS.values():
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


# --- the public interface -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        "Colorizer.colorize",
        "Colorizer.sample",
        "Analysis.colorize",
        "Analysis.picture",
        "Analysis.sample",
        "Analysis.samples",
    ],
)
def test_knobs_are_named_keywords(function):
    owner, name = function.split(".")
    parameters = inspect.signature(getattr(getattr(colorizer, owner), name)).parameters
    assert set(Knobs.__annotations__) <= set(parameters)
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def test_all_public_names_are_there():
    for name in colorizer.__all__:
        assert getattr(colorizer, name) is not None
    assert set(colorizer.__all__) <= set(dir(colorizer))


def test_errors_have_one_above_them():
    public = [getattr(colorizer, name) for name in colorizer.__all__]
    raised = [e for e in public if isinstance(e, type) and issubclass(e, BaseException)]
    assert len(raised) >= 8
    assert all(issubclass(e, colorizer.ColorizerError) for e in raised)


@pytest.fixture(scope="module")
def small(photographs):
    return {name: photographs[name][::4, ::4] for name in ("chelsea", "coffee", "camera")}


def test_lists_in_lists_out(mobile, small):
    """A pass of several photographs rounds otherwise than one alone, by at most one level."""
    mirrored = small["chelsea"][:, ::-1].copy()
    photos = [small["chelsea"], small["camera"], mirrored]
    together = mobile.colorize(photos, strength=0.9)
    for photo, picture in zip(photos, together, strict=True):
        alone = np.asarray(mobile.colorize(photo, strength=0.9), int)
        assert np.abs(np.asarray(picture, int) - alone).max() <= 1
    assert [len(s) for s in mobile.sample(photos[:2], 2, max_side=40)] == [2, 2]
    assert mobile.colorize([]) == []


def test_photographs_of_one_shape_share_a_pass(mobile, small, monkeypatch):
    passes = []
    forward = mobile.model.forward

    def counted(lightness, hints=None):
        passes.append(len(lightness))
        return forward(lightness, hints)

    monkeypatch.setattr(mobile.model, "forward", counted)
    mobile.analyze([small["chelsea"], small["camera"], small["chelsea"]])
    assert sorted(passes) == [1, 2]


@pytest.mark.parametrize(
    ("method", "arguments", "argument"),
    [
        ("colorize", {"temperature": "hot"}, "temperature"),
        ("colorize", {"distance": 2}, "distance"),
        ("sample", {"n": 0}, "n"),
        ("sample", {"saturation": 3}, "saturation"),
    ],
)
def test_wrong_arguments_are_refused_before_the_network_runs(
    mobile, small, monkeypatch, method, arguments, argument
):
    def ran(*_):
        raise AssertionError("the network ran")

    monkeypatch.setattr(mobile.model, "forward", ran)
    for photos in (small["camera"], [small["camera"], small["chelsea"]]):
        with pytest.raises(colorizer.InvalidArgument) as caught:
            getattr(mobile, method)(photos, **arguments)
        assert caught.value.argument == argument


def test_hints_of_a_list_are_a_list_for_each(mobile, small):
    hint = colorizer.Hint(10, 10, "#b03a2e")
    one, other = mobile.analyze([small["chelsea"], small["chelsea"]], [[hint], None])
    assert np.array_equal(
        np.asarray(other.colorize()), np.asarray(mobile.colorize(small["chelsea"]))
    )
    assert not np.array_equal(np.asarray(one.colorize()), np.asarray(other.colorize()))
    with pytest.raises(colorizer.InvalidArgument, match="each of the 1 photographs"):
        mobile.analyze([small["chelsea"]], [[hint], [hint]])


def test_numbers_of_numpy_are_numbers(mobile, small):
    analysis = mobile.analyze(small["coffee"])
    plain = analysis.colorize(temperature=0.5, top_k=5, seed=3, strength=0.5, max_side=64)
    numpy = analysis.colorize(
        temperature=np.float64(0.5),
        top_k=np.int16(5),
        seed=np.uint8(3),
        strength=np.array(0.5),
        max_side=np.int64(64),
    )
    assert np.array_equal(np.asarray(plain), np.asarray(numpy))


@pytest.mark.parametrize(
    ("knobs", "argument", "words"),
    [
        ({"top_k": 2.5}, "top_k", "Top-k must be a whole number"),
        ({"temperature": "hot"}, "temperature", "Temperature must be a number"),
        ({"temperature": float("nan")}, "temperature", "Temperature must be a number"),
        ({"strength": True}, "strength", "Strength must be a number"),
        ({"seed": -1}, "seed", "seed must be at least 0"),
        ({"seed": 1.5}, "seed", "seed must be a whole number"),
        ({"max_side": 0}, "max_side", "max_side must be at least 1"),
        ({"seed": 1, "around": 3}, "around", "around must be a list of whole numbers"),
        ({"seed": 1, "around": [2], "distance": 2}, "distance", "distance .* between 0 and 1"),
    ],
)
def test_a_wrong_argument_is_named(mobile, small, knobs, argument, words):
    with pytest.raises(colorizer.InvalidArgument, match=words) as caught:
        mobile.analyze(small["coffee"]).colorize(**knobs)
    assert caught.value.argument == argument
    assert str(caught.value).endswith(".")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.argument) == (str(caught.value), argument)


def test_a_missing_device_is_one_sentence():
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA card")
    for name in ("cuda", "cuda:3", "mps"):
        with pytest.raises(colorizer.MissingDevice, match=r"no device .*\.$") as caught:
            colorizer.load(device=name)
        assert caught.value.device == name
    with pytest.raises(colorizer.InvalidArgument, match="device must be one of auto, cpu"):
        colorizer.load(device="abacus")


def test_load_takes_the_default_approach_and_moves():
    model = colorizer.load()
    assert model.approach is default()
    assert model.to("cpu") is model
    assert f"Colorizer('{default().key}', device=" in repr(model)
    assert re.search(r"parameters=[\d,]+\)$", repr(model))


def test_facts_of_an_error_are_attributes(photo_file):
    from colorizer.images import photo

    path = photo_file("wide.png", side=80)
    with pytest.raises(colorizer.PhotoError) as caught:
        photo.read(path, max_pixels=100)
    assert caught.value.limit == 100
    assert caught.value.size
    assert max(caught.value.size) == 80
    assert caught.value.subject == "“wide.png”"


@pytest.mark.process
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="POSIX")
def test_a_loaded_colorizer_works_in_a_forked_pool(mobile, small):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # a child that waited for the second one would wait for ever
    try:
        expected = [np.asarray(mobile.colorize(photo), int) for photo in small.values()]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            made = pool.map_async(mobile.colorize, small.values()).get(timeout=120)
    finally:
        torch.set_num_threads(threads)
    for picture, alone in zip(made, expected, strict=True):
        assert np.abs(np.asarray(picture, int) - alone).max() <= 1
