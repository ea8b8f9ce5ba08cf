"""The command line among unwritable terminals, odd folders, full disks and other runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorizer.batch import local
from colorizer.errors import NoSpace
from colorizer.images import endings
from colorizer.images.output import parts
from colorizer.images.output.formats import FORMATS
from tests.support.command import COMMAND, LIMIT, environment, needs_posix, tree


@pytest.mark.process
@needs_posix
def test_a_terminal_of_ascii_and_a_full_one(tmp_path, photo_file):
    photo_file("ü.png", side=32)
    ascii_only = environment() | {"PYTHONIOENCODING": "ascii"}
    for arguments, printed in ((["--help"], b"examples:"), (["ü.png"], "ü-color.png\n".encode())):
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env=ascii_only,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0
        assert printed in done.stdout
        assert b"Traceback" not in done.stderr
    if not Path("/dev/full").exists():
        return
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "ü.png", "--overwrite"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr.splitlines() == ["The paths cannot be printed: No space left on device."]


def test_what_an_album_leaves_out_is_told(tmp_path, photo_file, call):
    photo_file("album/a.png", side=32)
    photo_file("album/plain.png", side=32).rename(tmp_path / "album/plain")
    for name in ("raw.cr2", "b.psd", "c.psd", "notes", ".hidden"):
        (tmp_path / "album" / name).write_bytes(b"something")
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert sorted(tree(tmp_path / "out")) == ["a.png", "plain.png"]
    assert done.stderr.endswith("2 written; not read: 1 .cr2, 2 .psd, 1 no ending.\n")


def test_nothing_but_unreadable_things_is_no_success(tmp_path, call):
    (tmp_path / "album").mkdir()
    (tmp_path / "album/a.cr2").write_bytes(b"raw")
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "No photographs found; not read: 1 .cr2.\n"


@needs_posix
def test_linked_folders_are_followed_once(tmp_path, photo_file, call):
    photo_file("album/a.png", side=32)
    photo_file("elsewhere/b.png", side=32)
    (tmp_path / "album/link").symlink_to("../elsewhere")
    (tmp_path / "album/loop").symlink_to(".")
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert sorted(tree(tmp_path / "out")) == ["a.png", "link/b.png"]
    assert "album/loop: this folder was met before" in done.stderr


@needs_posix
def test_a_name_too_long_for_its_result_is_that_photographs_line(tmp_path, photo_file, call):
    photo_file("album/good.png", side=32)
    name = "n" * 247 + ".png"
    photo_file("album/bad.png", side=32).rename(tmp_path / "album" / name)
    done = call("album", "-o", "out", "--samples", "2", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.split() == ["out/good-seed0.png", "out/good-seed1.png"]
    (line,) = (line for line in done.stderr.splitlines() if name in line)
    assert "too long" in line
    done = call("x" * 5000, "album/good.png", "-o", "more/", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.split() == ["more/good-color.png"]


def test_a_full_disk_ends_the_run_with_one_sentence(tmp_path, photo_file, call, monkeypatch):
    for name in "abc":
        photo_file(f"album/{name}.png", side=32)

    def full(*_, **__):
        raise NoSpace("“a.png” cannot be written: No space left on device.")

    monkeypatch.setattr("colorizer.images.photo.save", full)
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    assert "The disk is full; 2 photographs were not begun." in done.stderr
    assert done.stderr.splitlines()[-1] == "0 written, 1 failed."


@pytest.mark.process
def test_what_another_run_makes_is_left_to_it(tmp_path, photo_file, call):
    photo_file("album/a.png", side=32)
    photo_file("album/b.png", side=32)
    (tmp_path / "out").mkdir()
    if parts.fcntl is None:
        pytest.skip("no locks here")
    code = (
        "import sys, time; from pathlib import Path; from colorizer.images.output.parts import claimed\n"
        "with claimed(Path(sys.argv[1])) as mine: print(mine, flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [COMMAND[0], "-c", code, str(tmp_path / "out/a.png")],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "True\n"
        done = call("album", "-o", "out", cwd=tmp_path)
    finally:
        other.communicate(timeout=LIMIT)
    assert done.returncode == 0
    assert done.stdout.split() == ["out/b.png"]
    assert "1 written, 1 left to another run that makes them just now." in done.stderr
    done = call("album", "-o", "out", cwd=tmp_path)
    assert done.stdout.split() == ["out/a.png"]


def test_part_files_of_killed_runs_are_swept(tmp_path, photo_file, call, monkeypatch):
    photo_file("a.png", side=32)
    stale = tmp_path / f".{'ab' * 8}.part"
    stale.write_bytes(b"half")
    other = tmp_path / ".kept.part"
    other.write_bytes(b"somebody else's")
    os.utime(stale, (0, 0))
    call("a.png", cwd=tmp_path)
    assert sorted(tree(tmp_path)) == [".kept.part", "a-color.png", "a.png"]


def test_one_photograph_at_16_bits(tmp_path, call):
    values = np.linspace(0, 65535, 64 * 96).reshape(64, 96).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    done = call("deep.png", "--bits", "16", "-o", "out.tif", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "out.tif\n")
    from colorizer.images.photo import read

    assert read(tmp_path / "out.tif").values.dtype == np.uint16


def test_the_endings_that_can_be_written_are_those_of_the_formats():
    assert set(endings.WRITABLE) == set(FORMATS)


def test_larger_photographs_are_read_if_asked(tmp_path, photo_file, call):
    photo_file("a.png", side=96)
    done = call("a.png", "--max-megapixels", "0.001", cwd=tmp_path)
    assert done.returncode == 1
    assert "at most 0.001 can be read" in done.stderr
    assert local.Request("mobile", {}).max_pixels is None
