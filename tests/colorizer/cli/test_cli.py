"""The command line end to end with the shipped weights: what it writes and says.

``run`` starts it as a person does, in a process of its own; ``call`` does the same in this
process where only the outcome matters, which saves importing PyTorch each time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from colorizer import checkpoints
from colorizer.approaches import approaches
from colorizer.hints import read_hints
from tests.support.command import COMMAND, LIMIT, SIDE, environment, needs_posix, run, tree


def rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def chroma(path: Path) -> float:
    """Mean chroma of a picture in ab units; 0 is grey."""
    return float(np.hypot(*np.moveaxis(rgb2lab(rgb(path))[..., 1:], -1, 0)).mean())


# --- one photograph ------------------------------------------------------------------------


def test_strength_runs_from_grey_to_more(tmp_path, photo_file, call):
    photo_file("a.png", side=200)
    found = []
    for strength in ("0", "1", "1.5"):
        done = call("a.png", "-o", f"{strength}.png", "--strength", strength, cwd=tmp_path)
        assert done.returncode == 0
        found.append(chroma(tmp_path / f"{strength}.png"))
    assert found[0] < 0.1
    assert found[0] < found[1] < found[2]


@pytest.mark.process
def test_one_photograph_is_written_beside_itself(tmp_path, photo_file, call):
    photo = photo_file("photo.jpg", quality=92)
    done = run("photo.jpg", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "photo-color.png\n", "")
    result = tmp_path / "photo-color.png"
    with Image.open(result) as image:
        assert (image.format, image.size) == ("PNG", (451, 300))
        assert "Colours are simulated" in image.info["Description"]
    assert chroma(result) > 2
    difference = rgb2lab(rgb(result))[..., 0] - rgb2lab(rgb(photo))[..., 0]
    assert np.abs(difference).max() <= 0.5

    first = tree(tmp_path)
    again = call("photo.jpg", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert "1 existed before" in again.stderr
    assert tree(tmp_path) == first

    changed = call("photo.jpg", "--overwrite", "--vividness", "0", cwd=tmp_path)
    assert (changed.returncode, changed.stdout) == (0, "photo-color.png\n")
    assert tree(tmp_path).keys() == first.keys()
    assert tree(tmp_path)["photo-color.png"] != first["photo-color.png"]


@pytest.mark.process
def test_settings_and_seeds_reproduce_a_picture(tmp_path, photo_file):
    photo_file("photo.png", side=SIDE)
    settings = ["--approach", "mobile", "--temperature", "0.38", "--top-k", "10", "--seed"]
    for seed in ("7", "8"):
        done = run("photo.png", "-o", f"{seed}.png", *settings, seed, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{seed}.png\n", "")
    done = run("photo.png", "--samples", "2", "-o", "out/", *settings, "7", cwd=tmp_path)
    assert done.stdout.split() == ["out/photo-seed7.png", "out/photo-seed8.png"]
    files = tree(tmp_path)
    assert files["7.png"] == files["out/photo-seed7.png"]
    assert files["8.png"] == files["out/photo-seed8.png"] != files["7.png"]


def test_samples_are_different_and_those_of_the_library(tmp_path, photo_file, default_model, call):
    photo = photo_file("photo.png", side=SIDE)
    done = call("photo.png", "--samples", "4", "-o", "out/", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.split() == [f"out/photo-seed{i}.png" for i in range(4)]
    pictures = [rgb(tmp_path / path) for path in done.stdout.split()]
    for i, expected in enumerate(default_model.sample(photo, n=4, seed=0)):
        difference = pictures[i].astype(int) - np.asarray(expected.convert("RGB"))
        assert np.abs(difference).max() <= 1  # the number of threads may differ
        assert all((pictures[i] != other).any() for other in pictures[:i])


def test_samples_that_are_missing_are_added(tmp_path, photo_file, call):
    photo_file("photo.png", side=SIDE)
    call("photo.png", "--samples", "1", "--seed", "1", "-o", "out", cwd=tmp_path)
    first = tree(tmp_path / "out")
    done = call("photo.png", "--samples", "3", "-o", "out", cwd=tmp_path)
    assert done.stdout.split() == ["out/photo-seed0.png", "out/photo-seed2.png"]
    assert "2 written, 1 existed before" in done.stderr
    assert tree(tmp_path / "out")["photo-seed1.png"] == first["photo-seed1.png"]


def test_jpeg_by_its_name(tmp_path, photo_file, call):
    photo_file("photo.png", side=SIDE)
    done = call("photo.png", "-o", "made/new/out.jpg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "made/new/out.jpg\n")
    with Image.open(tmp_path / "made/new/out.jpg") as image:
        assert (image.format, image.size[0]) == ("JPEG", SIDE)
        # Quality 95: libjpeg's luminance table scaled to a tenth, its first entry 16 → 2.
        assert image.quantization[0][0] == 2


def test_a_turned_photograph_keeps_its_date_and_stands_upright(tmp_path, photo_file, call):
    exif = Image.Exif()
    exif[0x0112], exif[0x0132] = 6, "1999:12:31 23:59:58"  # a quarter turn; when it was taken
    photo_file("photo.jpg", side=SIDE, exif=exif)
    call("photo.jpg", cwd=tmp_path)
    with Image.open(tmp_path / "photo-color.png") as image:
        assert image.size == (64, SIDE)
        assert image.getexif()[0x0132] == "1999:12:31 23:59:58"
        assert image.getexif().get(0x0112, 1) == 1


def test_hints_steer_a_photograph(tmp_path, photo_file, default_model, call):
    photo = photo_file("photo.png", side=SIDE)
    (tmp_path / "hints.json").write_text(
        '{"format": "colorizer-hints", "version": 1, "size": [192, 128],'
        ' "hints": [{"x": 80, "y": 60, "color": "#b03a2e"}]}'
    )
    done = call("photo.png", "--hints", "hints.json", "-o", "out.png", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    hints = read_hints(tmp_path / "hints.json", (SIDE, 64))
    expected = np.asarray(default_model.colorize(photo, hints=hints))
    assert np.abs(rgb(tmp_path / "out.png").astype(int) - expected).max() <= 1
    assert (expected != np.asarray(default_model.colorize(photo))).any()

    photo_file("tall.png", side=SIDE).rename(tmp_path / "x.png")
    Image.open(tmp_path / "x.png").rotate(90, expand=True).save(tmp_path / "tall.png")
    done = call("tall.png", "--hints", "hints.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "has another shape" in done.stderr
    (tmp_path / "bad.json").write_text("{}")
    for name, words in (("bad.json", "no file of colour hints"), ("gone.json", "cannot be read")):
        done = call("photo.png", "--hints", name, cwd=tmp_path)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


# --- albums --------------------------------------------------------------------------------


@pytest.fixture
def album(tmp_path, photo_file) -> Path:
    """A family album with everything that lies about in one."""
    photo_file("album/astronaut.jpg", "astronaut", side=SIDE)
    photo_file("album/1950/Tante Märta.png", "camera", side=SIDE)
    photo_file("album/1950/cat.jpg", "chelsea", side=SIDE)
    photo_file("album/1950/cat.png", "coffee", side=SIDE)
    photo_file("album/1950/far/below/rocket.tif", "rocket", grey=False, side=SIDE)
    (tmp_path / "album/1950/words.txt").write_text("Sommaren 1950")
    (tmp_path / "album/broken.jpg").write_text("no picture")
    (tmp_path / "album/cut.jpg").write_bytes((tmp_path / "album/astronaut.jpg").read_bytes()[:900])
    (tmp_path / "album/gone.png").symlink_to("nowhere.png")
    return tmp_path / "album"


@pytest.mark.process
def test_an_album(tmp_path, album, call):
    before = tree(album)
    done = run("album/", "-o", "out/", cwd=tmp_path)
    results = [
        "out/1950/Tante Märta.png",
        "out/1950/cat-jpg.png",
        "out/1950/cat-png.png",
        "out/1950/far/below/rocket.png",
        "out/astronaut.png",
    ]
    assert done.returncode == 1
    assert sorted(done.stdout.splitlines()) == results
    assert sorted(f"out/{name}" for name in tree(tmp_path / "out")) == results
    lines = done.stderr.splitlines()
    for bad in ("broken.jpg", "cut.jpg", "gone.png"):
        (line,) = (line for line in lines if bad in line)
        assert f"“album/{bad}”" in line
        assert line.endswith(".")
    assert lines[-1] == "5 written, 3 failed; not read: 1 .txt."
    assert len(lines) == 4
    assert tree(album) == before
    for result in results:
        assert chroma(tmp_path / result) > 1

    for bad in ("broken.jpg", "cut.jpg", "gone.png"):
        (album / bad).unlink()
    (tmp_path / results[-1]).unlink()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.png")}
    again = call("album", "-o", "out", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "out/astronaut.png\n")
    assert again.stderr.startswith("1 written, 4 existed before")
    assert {p: p.stat().st_mtime_ns for p in kept} == kept

    anew = call("album", "-o", "out", "--overwrite", cwd=tmp_path)
    assert (anew.returncode, sorted(anew.stdout.splitlines())) == (0, results)
    assert all(p.stat().st_mtime_ns > old for p, old in kept.items())


def test_results_inside_the_album_are_not_colorized_again(tmp_path, photo_file, call):
    photo_file("album/cat.jpg", side=SIDE)
    assert call("album", "-o", "album/out", cwd=tmp_path).stdout == "album/out/cat.png\n"
    again = call("album", "-o", "album/out", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert sorted(tree(tmp_path / "album")) == ["cat.jpg", "out/cat.png"]


def test_an_empty_album(tmp_path, call):
    (tmp_path / "album").mkdir()
    done = call("album", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No photographs found.\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.process
@needs_posix
def test_names_that_are_no_text(tmp_path, photo_file):
    photo = photo_file("photo.png", side=SIDE)
    name = b"caf\xe9.png"  # Latin-1, as old albums have
    try:
        os.rename(photo, os.fsencode(tmp_path) + b"/" + name)
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    done = subprocess.run(
        [*COMMAND, name], cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"caf\xe9-color.png\n")
    assert os.path.exists(os.fsencode(tmp_path) + b"/caf\xe9-color.png")


# --- what a person sees --------------------------------------------------------------------


def test_list(tmp_path, call):
    done = call("--list", cwd=tmp_path)
    assert done.returncode == 0
    for approach in approaches():
        assert re.search(rf"^{approach.key}  {re.escape(approach.title)}", done.stdout, re.M)
        assert " ".join(approach.explanation.split()) in " ".join(done.stdout.split())
        for knob in approach.knobs:
            assert f"--{knob.name.replace('_', '-')}" in done.stdout
    assert f"weights in {checkpoints.CHECKPOINTS / 'mobile'}" in done.stdout


@pytest.mark.process
def test_help_needs_neither_pytorch_nor_gradio(tmp_path):
    code = "import sys; from colorizer.cli import colorize, options; options.make_parser().format_help()"
    code += "; assert not {'torch', 'gradio', 'huggingface_hub', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=LIMIT)
    assert "python -m colorizer photo.jpg" in run("--help", cwd=tmp_path).stdout


@pytest.mark.process
@needs_posix
def test_a_progress_bar_on_a_terminal(tmp_path, photo_file):
    import pty
    import termios

    for name in ("a", "b", "c"):
        photo_file(f"album/{name}.png", side=32)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [*COMMAND, "album", "-o", "out"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # how Linux says that the other side has closed
        pass
    os.close(ours)
    stdout, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert stdout.decode().split() == ["out/a.png", "out/b.png", "out/c.png"]
    assert b"0/3" in seen
    assert b"3 written." in seen
