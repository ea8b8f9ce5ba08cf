"""Part files: gone in the end, wherever a process is interrupted."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorizer.images.output import parts
from colorizer.images.output.writer import save
from tests.support.command import tree

CODE = {"writer.py", "parts.py", "contextlib.py"}


def interrupt(moment: int):
    """A trace function that raises at one of the instructions of ``CODE``, counted from 1."""
    left = moment

    def trace(frame, event, _):
        nonlocal left
        if os.path.basename(frame.f_code.co_filename) not in CODE:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if not left:
                raise KeyboardInterrupt
        return trace

    return trace


def write(path: Path, moment: int) -> bool:
    """Write a picture as an album does; True if the interrupt came in time."""
    picture = Image.new("RGB", (4, 4))
    before = sys.gettrace()
    sys.settrace(interrupt(moment))
    try:
        with parts.claimed(path) as mine:
            assert mine
            save(picture, path)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("links", [True, False])
def test_an_interrupt_at_any_instruction_leaves_no_part(tmp_path, monkeypatch, links):
    def refuse(*_):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "fsync", lambda _: None)  # hundreds of files
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    path, moment = tmp_path / "a.bmp", 0
    kept = tmp_path / "whole.bmp"
    save(Image.new("RGB", (4, 4)), kept)
    interrupted = True
    while interrupted:
        moment += 1
        interrupted = write(path, moment)
        parts.remove_noted()  # as at the end of the process
        left = tree(tmp_path)
        assert left.pop("whole.bmp")
        assert left in ({}, {"a.bmp": kept.read_bytes()}), moment
        path.unlink(missing_ok=True)
    assert moment > 200


def test_the_part_of_another_writer_stays(tmp_path):
    if parts.fcntl is None:
        pytest.skip("no locks here")
    with parts.claimed(tmp_path / "a.png") as mine, parts.claimed(tmp_path / "a.png") as again:
        assert (mine, again) == (True, False)
        parts.remove_noted()
        assert len(tree(tmp_path)) == 1
    assert tree(tmp_path) == {}


def test_a_name_that_cannot_be_filled_is_given_back(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    part = tmp_path / "part"
    part.touch()
    with pytest.raises(OSError, match="broken"):
        parts.move_to_new(part, tmp_path / "a")
    part.unlink()
    assert tree(tmp_path) == {}
