"""The command line end to end, in processes of its own, with the shipped weights."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from colorizer import cli, hub
from colorizer.approaches import approaches

ROOT = hub.CHECKPOINTS.parent
COMMAND = (sys.executable, "-m", "colorizer")
SIDE = 96  # pixels; small photographs keep these tests quick

needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def run(*arguments: str | os.PathLike, cwd: Path) -> subprocess.CompletedProcess:
    """``python -m colorizer …`` in ``cwd``; no run may ever show a traceback."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, hidden ones too."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def chroma(path: Path) -> float:
    """Mean chroma of a picture in ab units; 0 is grey."""
    return float(np.hypot(*np.moveaxis(rgb2lab(rgb(path))[..., 1:], -1, 0)).mean())


# --- one photograph ------------------------------------------------------------------------


def test_one_photograph_is_written_beside_itself(tmp_path, photo_file):
    photo = photo_file("photo.jpg", quality=92)
    done = run("photo.jpg", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "photo-color.png\n", "")
    result = tmp_path / "photo-color.png"
    with Image.open(result) as image:
        assert (image.format, image.size) == ("PNG", (451, 300))
    assert chroma(result) > 2
    difference = rgb2lab(rgb(result))[..., 0] - rgb2lab(rgb(photo))[..., 0]
    assert np.abs(difference).max() <= 0.5

    first = tree(tmp_path)
    again = run("photo.jpg", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert "1 existed before" in again.stderr
    assert tree(tmp_path) == first

    changed = run("photo.jpg", "--overwrite", "--vividness", "0", cwd=tmp_path)
    assert (changed.returncode, changed.stdout) == (0, "photo-color.png\n")
    assert tree(tmp_path).keys() == first.keys()
    assert tree(tmp_path)["photo-color.png"] != first["photo-color.png"]


def test_settings_and_seeds_reproduce_a_picture(tmp_path, photo_file):
    photo_file("photo.png", side=SIDE)
    settings = ["--approach", "mobile", "--temperature", "0.38", "--top-k", "10", "--seed", "7"]
    for output in ("out.png", "again.png"):
        done = run("photo.png", "-o", output, *settings, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{output}\n", "")
    run("photo.png", "-o", "other.png", *settings[:-1], "8", cwd=tmp_path)
    done = run("photo.png", "--samples", "2", "-o", "out/", *settings, cwd=tmp_path)
    assert done.stdout.split() == ["out/photo-seed7.png", "out/photo-seed8.png"]
    files = tree(tmp_path)
    assert files["out.png"] == files["again.png"] == files["out/photo-seed7.png"]
    assert files["other.png"] == files["out/photo-seed8.png"] != files["out.png"]


def test_samples_are_different_and_those_of_the_library(tmp_path, photo_file, mobile):
    photo = photo_file("photo.png", side=SIDE)
    done = run("photo.png", "--samples", "4", "-o", "out/", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.split() == [f"out/photo-seed{i}.png" for i in range(4)]
    pictures = [rgb(tmp_path / path) for path in done.stdout.split()]
    for i, expected in enumerate(mobile.sample(photo, n=4, seed=0)):
        difference = pictures[i].astype(int) - np.asarray(expected.convert("RGB"))
        assert np.abs(difference).max() <= 1  # the number of threads may differ
        assert all((pictures[i] != other).any() for other in pictures[:i])


def test_samples_that_are_missing_are_added(tmp_path, photo_file):
    photo_file("photo.png", side=SIDE)
    run("photo.png", "--samples", "1", "--seed", "1", "-o", "out", cwd=tmp_path)
    first = tree(tmp_path / "out")
    done = run("photo.png", "--samples", "3", "-o", "out", cwd=tmp_path)
    assert done.stdout.split() == ["out/photo-seed0.png", "out/photo-seed2.png"]
    assert "2 written, 1 existed before" in done.stderr
    assert tree(tmp_path / "out")["photo-seed1.png"] == first["photo-seed1.png"]


def test_jpeg_by_its_name(tmp_path, photo_file):
    photo_file("photo.png", side=SIDE)
    done = run("photo.png", "-o", "made/new/out.jpg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "made/new/out.jpg\n")
    with Image.open(tmp_path / "made/new/out.jpg") as image:
        assert (image.format, image.size[0]) == ("JPEG", SIDE)
        # Quality 95: libjpeg's luminance table scaled to a tenth, its first entry 16 → 2.
        assert image.quantization[0][0] == 2


def test_a_turned_photograph_keeps_its_date_and_stands_upright(tmp_path, photo_file):
    exif = Image.Exif()
    exif[0x0112], exif[0x0132] = 6, "1999:12:31 23:59:58"  # a quarter turn; when it was taken
    photo_file("photo.jpg", side=SIDE, exif=exif)
    run("photo.jpg", cwd=tmp_path)
    with Image.open(tmp_path / "photo-color.png") as image:
        assert image.size == (64, SIDE)
        assert image.getexif()[0x0132] == "1999:12:31 23:59:58"
        assert image.getexif().get(0x0112, 1) == 1


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


def test_an_album(tmp_path, album):
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
        assert line.startswith(f"album/{bad}: ")
        assert line.endswith(".")
    assert lines[-1] == "5 written, 3 failed."
    assert len(lines) == 4
    assert tree(album) == before
    for result in results:
        assert chroma(tmp_path / result) > 1

    for bad in ("broken.jpg", "cut.jpg", "gone.png"):
        (album / bad).unlink()
    (tmp_path / results[-1]).unlink()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.png")}
    again = run("album", "-o", "out", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "out/astronaut.png\n")
    assert again.stderr.startswith("1 written, 4 existed before")
    assert {p: p.stat().st_mtime_ns for p in kept} == kept

    anew = run("album", "-o", "out", "--overwrite", cwd=tmp_path)
    assert (anew.returncode, sorted(anew.stdout.splitlines())) == (0, results)
    assert all(p.stat().st_mtime_ns > old for p, old in kept.items())


def test_results_inside_the_album_are_not_colorized_again(tmp_path, photo_file):
    photo_file("album/cat.jpg", side=SIDE)
    assert run("album", "-o", "album/out", cwd=tmp_path).stdout == "album/out/cat.png\n"
    again = run("album", "-o", "album/out", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert sorted(tree(tmp_path / "album")) == ["cat.jpg", "out/cat.png"]


def test_an_empty_album(tmp_path):
    (tmp_path / "album").mkdir()
    done = run("album", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No photographs found.\n"
    assert not (tmp_path / "out").exists()


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


def test_list(tmp_path):
    done = run("--list", cwd=tmp_path)
    assert done.returncode == 0
    for approach in approaches():
        assert re.search(rf"^{approach.key}  {re.escape(approach.title)}", done.stdout, re.M)
        assert " ".join(approach.explanation.split()) in " ".join(done.stdout.split())
        for knob in approach.knobs:
            assert f"--{knob.name.replace('_', '-')}" in done.stdout
    assert f"weights in {hub.CHECKPOINTS / 'mobile'}" in done.stdout


def test_help_needs_neither_pytorch_nor_gradio(tmp_path):
    code = "import sys; from colorizer import cli; cli._parser().format_help()"
    code += "; assert not {'torch', 'gradio', 'huggingface_hub', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=60)
    assert "python -m colorizer photo.jpg" in run("--help", cwd=tmp_path).stdout


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
    stdout, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert stdout.decode().split() == ["out/a.png", "out/b.png", "out/c.png"]
    assert b"0/3" in seen
    assert b"3 written." in seen


# --- what goes wrong -----------------------------------------------------------------------


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
        (["--seed", "-1"], "--seed must lie between"),
        (["--seed", str(2**32)], "--seed must lie between"),
        (["--samples", "0"], "at least 1"),
        (["--approach", "magic"], "no approach called 'magic'"),
        (["--samples", "2", "-o", "x.png"], "must be a folder"),
        (["-o", "photo.png"], "is itself a photograph"),
        (["--sharpness", "1"], "--sharpness"),
    ],
)
def test_misuse_is_one_sentence_and_status_2(
    tmp_path, photo_file, monkeypatch, capsys, arguments, words
):
    photo_file("photo.png", side=32)
    monkeypatch.chdir(tmp_path)
    photos = [] if not arguments else ["photo.png"]
    try:
        status = cli.main([*photos, *arguments])
    except SystemExit as exit_:
        status = exit_.code
    stdout, stderr = capsys.readouterr()
    assert (status, stdout) == (2, "")
    assert len(stderr.splitlines()) == 1
    assert words in stderr
    assert list(tree(tmp_path)) == ["photo.png"]


def test_knobs_and_samples_that_an_approach_does_not_have(
    tmp_path, photo_file, monkeypatch, capsys, mobile
):
    """A regression has no distribution: no temperature, one answer."""
    regression = dataclasses.replace(
        mobile.approach, title="Regression", knobs=mobile.approach.knobs[2:], samples=False
    )
    fake = type("Fake", (), {"approach": regression, "analyze": mobile.analyze})
    monkeypatch.setattr("colorizer.colorizer.load", lambda name: fake)
    photo_file("photo.png", side=32)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["photo.png", "--temperature", "0.5"]) == 2
    assert capsys.readouterr().err == "python -m colorizer: Regression has no temperature.\n"
    assert cli.main(["photo.png", "--samples", "2"]) == 2
    assert "Regression has one answer only" in capsys.readouterr().err
    assert list(tree(tmp_path)) == ["photo.png"]


def test_missing_and_broken_weights(tmp_path, photo_file):
    photo_file("photo.png", side=32)
    done = run("photo.png", "--approach", "./nothing", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("python -m colorizer: There are no weights at './nothing'")
    shutil.copytree(hub.CHECKPOINTS / "mobile", tmp_path / "weights")
    weights = tmp_path / "weights/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    done = run("photo.png", "--approach", "./weights", cwd=tmp_path)
    assert done.returncode == 1
    assert "no whole safetensors file" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    config = json.loads((tmp_path / "weights/config.json").read_text())
    hub.save_weights(tmp_path / "weights", config, {})
    done = run("photo.png", "--approach", "./weights", cwd=tmp_path)
    assert done.returncode == 1
    assert "do not fit" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_weights_in_a_folder_anywhere(tmp_path, photo_file):
    photo_file("photo.png", side=32)
    shutil.copytree(hub.CHECKPOINTS / "mobile", tmp_path / "my weights")
    done = run("photo.png", "--approach", "./my weights", "-o", "a.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "a.png\n")
    run("photo.png", "-o", "b.png", cwd=tmp_path)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("error", [RuntimeError("two\nlines"), OSError(28, "No space left")])
def test_an_error_while_writing_leaves_nothing(
    tmp_path, photo_file, monkeypatch, capsys, mobile, error
):
    """Whatever happens between the open and the last byte, no half file stays."""

    def fail(self, *_, **__):
        raise error

    photo_file("a.png", side=32)
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("PIL.Image.Image.save", fail)
        assert cli.main(["a.png"]) == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert len(stderr.splitlines()) == 1
    assert stderr.startswith("a.png: ")
    assert list(tree(tmp_path)) == ["a.png"]
    with monkeypatch.context() as patch:
        patch.setattr("PIL.Image.Image.save", fail)
        with pytest.raises(type(error)):
            cli.main(["a.png", "--debug"])


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_whole_files_only(tmp_path, photo_file, number):
    for i in range(12):
        photo_file(f"album/{i:02}.png", "coffee")
    process = subprocess.Popen(
        [*COMMAND, "album", "-o", "out"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
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

    done = run("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert f"{len(left)} existed before" in done.stderr
    assert len(tree(tmp_path / "out")) == 12


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
    assert process.wait(timeout=120) == 0
    assert stderr == "3 written.\n"
    assert {f"{name}-color.png" for name in "abc"} <= tree(tmp_path).keys()
