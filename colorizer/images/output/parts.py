"""Part files: names beside a picture for what is still being written, removed whatever happens.

An interrupt may strike between any two instructions, so that no ``finally`` is sure to run.  Each
part file is therefore noted before it comes to exist; what is noted when Python ends is removed.
A process that is killed leaves its part files to the next run's :func:`sweep`.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None

_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_STALE_SECONDS = 1  # a younger part file may be about to be locked

_noted: set[Path] = set()


@contextmanager
def part_beside(path: Path) -> Iterator[Path]:
    """A free name in the folder of ``path``; a file that has it in the end is removed."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    _noted.add(part)
    try:
        yield part
    finally:
        with suppress(OSError, ValueError):
            part.unlink()
        _noted.discard(part)


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """True if this process alone is about to write ``path``, False while another one is.

    A lock on a file beside it, which ends with the process however that ends.  True where a file
    system has no locks: then both do the work, and the first one's file stays.
    """
    claim = path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part")
    _noted.add(claim)
    while True:
        try:
            file = claim.open("ab")
        except OSError:  # whatever is wrong here is told when the picture is written
            yield True
            break
        with file:
            if not locked(file.fileno()):
                yield False
                break
            if not _is_at(claim, file.fileno()):
                continue  # whoever had the lock before has removed the file since
            try:
                yield True
            finally:
                with suppress(OSError):
                    claim.unlink()
            break
    _noted.discard(claim)


def move_to_new(part: Path, path: Path) -> None:
    """Give a part file its name.  Raises FileExistsError if that is taken, OSError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first, then fill it
        _noted.add(path)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except OSError:
            _noted.discard(path)
            raise
        try:
            os.replace(part, path)
        except OSError:
            path.unlink()
            raise
        _noted.discard(path)


def sweep(folder: Path) -> int:
    """Remove part files of runs that were killed; returns how many there were.

    Those of a run under way are locked.
    """
    removed = 0
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    for part in (folder / name for name in names if _PART.fullmatch(name)):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime >= _STALE_SECONDS:
                removed += _remove_unlocked(part)
    return removed


def remove_noted() -> None:
    """Remove part files of this process that an interrupt has left; called when Python ends."""
    for path in tuple(_noted):
        with suppress(OSError, ValueError):
            if _PART.fullmatch(path.name) or not path.stat().st_size:  # or a name just taken
                _remove_unlocked(path)
        _noted.discard(path)


atexit.register(remove_noted)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_noted.clear)  # they are the parent's


def locked(descriptor: int) -> bool:
    """Lock an open file until it is closed; False if it is locked already."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _remove_unlocked(part: Path) -> bool:
    """Remove a part file unless a process is at work on it.  Raises OSError."""
    with part.open("r+b") as file:
        unused = locked(file.fileno())
        if unused:
            part.unlink()
    return unused


def _is_at(path: Path, descriptor: int) -> bool:
    """True if an open file still has this name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False
