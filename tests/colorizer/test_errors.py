"""Exceptions: one above all others, facts as attributes, sentences that keep their words."""

import copy
import importlib
import inspect
import pickle
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import colorizer
from colorizer import checkpoints, study
from colorizer.approaches import default, get
from colorizer.approaches.looks import get_look
from colorizer.batch.archives import Limits, gather
from colorizer.batch.output_paths import AlbumError, make_plan
from colorizer.errors import Exists, Sentence
from colorizer.images import photo


def test_a_sentence_keeps_its_words_and_values():
    words = Sentence("{subject} is empty.", subject="“{a}.jpg”")
    assert words == "“{a}.jpg” is empty."
    for same in (copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        assert same == words
        assert (same.template, same.values) == ("{subject} is empty.", {"subject": "“{a}.jpg”"})


def test_the_message_of_an_error_is_its_sentence():
    with pytest.raises(colorizer.PhotoError) as caught:
        photo.read(b"")
    assert caught.value.message == str(caught.value) == "The picture is empty."
    assert caught.value.message.template == "{subject} is empty."


def test_every_exception_is_a_colorizer_error():
    rooms = (m.name for m in pkgutil.walk_packages(colorizer.__path__, "colorizer."))
    rooms = [name for name in rooms if not name.startswith(("colorizer.ui", "colorizer.__main__"))]
    found = [
        value
        for name in rooms
        for value in vars(importlib.import_module(name)).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and value.__module__ == name
        and not value.__name__.startswith("_")
    ]
    assert len(found) > 10
    assert not [error for error in found if not issubclass(error, colorizer.ColorizerError)]


def raised(ask, *arguments, **keywords) -> colorizer.ColorizerError:
    """The error of a call, as another process gets it."""
    with pytest.raises(colorizer.ColorizerError) as caught:
        ask(*arguments, **keywords)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert str(again) == str(caught.value)
    return again


def test_limits_of_an_argument():
    knob = default().knob("temperature")
    error = raised(knob.check, 7)
    assert (error.argument, error.value) == ("temperature", 7)
    assert error.limits == (knob.minimum, knob.maximum)


def test_names_that_are_unknown():
    error = raised(get, "efficent")
    assert error.key == "efficent"
    assert default().key in error.known
    error = raised(get_look, "vived")
    assert (error.key, "vivid" in error.known) == ("vived", True)


def test_weights_that_are_missing_or_broken(tmp_path):
    missing = str(tmp_path / "missing")
    assert raised(checkpoints.find, missing).name == missing
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    assert raised(checkpoints.load_weights, tmp_path).folder == tmp_path


def test_hints_say_which_one_is_wrong(tmp_path):
    text = colorizer.write_hints([colorizer.Hint(1, 1, "#ff0000")] * 2, (40, 30))
    path = tmp_path / "hints.json"
    path.write_text(text.replace("#ff0000", "red", 2).replace("red", "#ff0000", 1))
    error = raised(colorizer.read_hints, path)
    assert (error.path, error.number, error.color) == (path, 2, "red")
    path.write_text(text)
    error = raised(colorizer.read_hints, path, (30, 40))
    assert (error.path, error.made_for, error.size) == (path, (40, 30), (30, 40))
    assert raised(colorizer.Hint(0, 0, "blue").rgb).color == "blue"


def test_paths_of_albums_studies_and_results(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    error = raised(make_plan, [str(folder)], str(folder), None)
    assert isinstance(error, AlbumError)
    assert error.path == folder
    assert raised(study.photographs, folder).path == folder
    results = tmp_path / "results.csv"
    results.write_text(",".join(study.COLUMNS) + "\n" + "," * (len(study.COLUMNS) - 1) + "\n")
    error = raised(study.read, results)
    assert (error.path, error.line) == (results, 2)
    picture = tmp_path / "there.png"
    picture.touch()
    image = photo.attach(np.zeros((4, 4, 3), np.uint8), photo.read(np.zeros((4, 4), np.uint8)))
    error = raised(photo.save, image, picture)
    assert (type(error), error.path) == (Exists, Path(picture))


def test_counts_over_a_limit(tmp_path):
    files = []
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8 not looked at")
        files.append((name, tmp_path / name))
    limits = Limits(photographs=1, bytes=10**6, file_bytes=10**6)
    error = raised(gather, files, limits)
    assert (error.count, error.limit) == (2, 1)
