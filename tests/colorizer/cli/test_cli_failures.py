"""The command line when something is wrong: one sentence, the right status, no half file."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from colorizer import PhotoError, checkpoints
from colorizer.approaches import default
from tests.support.command import COMMAND, LIMIT, environment, hear_signals, needs_posix, tree


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a photograph"),
        (["--temperature", "9"], "Temperature must lie between"),
        (["--temperature", "nan"], "Temperature must be a number"),
        (["--temperature", "warm"], "invalid float value: 'warm'"),
        (["--top-k", "0"], "Top-k must lie between"),
        (["--top-k", "2.5"], "Top-k must be a whole number"),
        (["--vividness", "-1"], "Vividness must lie between"),
        (["--strength", "3"], "Strength must lie between"),
        (["--seed", "-1"], "--seed must lie between"),
        (["--seed", str(2**64)], "--seed must lie between"),
        (["-o", ""], "-o is empty"),
        (["-o", "x.gif"], "ending is one of .png"),
        (["-o", "x.jpg", "--bits", "16"], "needs a TIFF or a PNG"),
        (["--max-megapixels", "0"], "must lie between 0 and"),
        (["--samples", "0"], "at least 1"),
        (["--approach", "magic"], "no approach called 'magic'"),
        (["--samples", "2", "-o", "x.png"], "must be a folder"),
        (["-o", "photo.png"], "is itself a photograph"),
        (["--sharpness", "1"], "--sharpness"),
    ],
)
def test_misuse_is_one_sentence_and_status_2(tmp_path, photo_file, call, arguments, words):
    photo_file("photo.png", side=32)
    done = call(*(["photo.png"] if arguments else []), *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
    assert list(tree(tmp_path)) == ["photo.png"]


def test_knobs_and_samples_that_an_approach_does_not_have(
    tmp_path, photo_file, monkeypatch, call, mobile
):
    """A regression has no distribution: no temperature, one result."""
    regression = dataclasses.replace(
        mobile.approach, title="Regression", knobs=mobile.approach.knobs[2:], samples=False
    )
    fake = type("Fake", (), {"approach": regression, "analyze": mobile.analyze})
    monkeypatch.setattr("colorizer.pipeline.load", lambda name: fake)
    photo_file("photo.png", side=32)
    done = call("photo.png", "--temperature", "0.5", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "python -m colorizer: Regression has no temperature.\n"
    done = call("photo.png", "--samples", "2", cwd=tmp_path)
    assert done.returncode == 2
    assert "Regression gives one result only" in done.stderr
    assert list(tree(tmp_path)) == ["photo.png"]


def test_missing_and_broken_weights(tmp_path, photo_file, call):
    photo_file("photo.png", side=32)
    done = call("photo.png", "--approach", "./nothing", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("python -m colorizer: There are no weights at './nothing'")
    shutil.copytree(checkpoints.CHECKPOINTS / "mobile", tmp_path / "weights")
    weights = tmp_path / "weights/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    done = call("photo.png", "--approach", "./weights", cwd=tmp_path)
    assert done.returncode == 1
    assert "no whole safetensors file" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    config = json.loads((tmp_path / "weights/config.json").read_text())
    checkpoints.save_weights(tmp_path / "weights", config, {})
    done = call("photo.png", "--approach", "./weights", cwd=tmp_path)
    assert done.returncode == 1
    assert "do not fit" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_weights_in_a_folder_anywhere(tmp_path, photo_file, call):
    photo_file("photo.png", side=32)
    shutil.copytree(checkpoints.find(default().key), tmp_path / "my weights")
    done = call("photo.png", "--approach", "./my weights", "-o", "a.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "a.png\n")
    call("photo.png", "-o", "b.png", cwd=tmp_path)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("error", "words"),
    [(RuntimeError("two\nlines"), "two lines"), (OSError(28, "Disk full"), "Disk full.")],
)
def test_an_error_while_writing_leaves_nothing(
    tmp_path, photo_file, monkeypatch, call, error, words
):
    """Whatever happens between the open and the last byte, no half file stays."""

    def fail(self, *_, **__):
        raise error

    photo_file("a.png", side=32)
    monkeypatch.setattr("PIL.Image.Image.save", fail)
    done = call("a.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("a.png: ")
    assert words in done.stderr
    assert list(tree(tmp_path)) == ["a.png"]
    with pytest.raises((RuntimeError, PhotoError)):
        call("a.png", "--debug", cwd=tmp_path)


@pytest.mark.process
@needs_posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopping_leaves_whole_files_only(tmp_path, photo_file, call, name):
    for i in range(12):
        photo_file(f"album/{i:02}.png", "coffee", side=300)
    process = subprocess.Popen(
        [*COMMAND, "album", "-o", "out"],
        cwd=tmp_path,
        env=environment(),
        preexec_fn=hear_signals,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    process.send_signal(getattr(signal, name))
    stdout, stderr = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("Stopped: ")
    written = {Path(line).name for line in (first + stdout).split()}
    assert written
    left = tree(tmp_path / "out")
    assert written <= set(left)  # stopped between writing a file and saying so: one more at most
    assert len(left) - len(written) <= 1
    assert len(left) < 12
    for name in left:
        with Image.open(tmp_path / "out" / name) as image:
            image.load()

    if name != "SIGINT":
        return
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0
    (existed,) = re.findall(r"(\d+) existed before", done.stderr)
    assert len(written) <= int(existed) <= len(left)
    assert len(tree(tmp_path / "out")) == 12


@pytest.mark.process
@needs_posix
def test_a_reader_that_goes_away(tmp_path, photo_file):
    for name in ("a", "b", "c"):
        photo_file(f"{name}.png", side=32)
    process = subprocess.Popen(
        [*COMMAND, "a.png", "b.png", "c.png"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    stderr = process.stderr.read()
    assert process.wait(timeout=LIMIT) == 0
    assert stderr == "3 written.\n"
    assert {f"{name}-color.png" for name in "abc"} <= tree(tmp_path).keys()
