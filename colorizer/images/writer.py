"""Writing pictures: files that appear whole or not at all, in the format that their name asks for."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from colorizer.errors import Exists, NoSpace, PhotoError

from .formats import FORMATS, Extras, Format, Picture, srgb_profile
from .metadata import SIMULATED, Metadata

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None

__all__ = ["SIMULATED", "claimed", "encode", "format_of", "save", "srgb_profile", "sweep"]

_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_STALE_SECONDS = 1  # a younger part file may be about to be locked
_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@dataclass(frozen=True)
class _Whole:
    """A Pillow image as a :class:`Picture`."""

    pillow: Image.Image
    bits: int = 8

    @property
    def size(self) -> tuple[int, int]:
        return self.pillow.size

    @property
    def transparent(self) -> bool:
        return self.pillow.has_transparency_data

    def strips(self, rows: int) -> Iterator[np.ndarray]:
        pixels = np.asarray(self.pillow.convert("RGBA" if self.transparent else "RGB"))
        return (pixels[top : top + rows] for top in range(0, len(pixels), rows))

    def image(self) -> Image.Image:
        return self.pillow


def format_of(path: str | os.PathLike) -> Format:
    """The format that a name asks for.  Raises PhotoError with those that can be written."""
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        known = ", ".join(FORMATS)
        raise PhotoError(f"“{path}” cannot be written: its ending must be one of {known}.")
    return FORMATS[ending]


def save(
    picture: Image.Image | Picture,
    path: str | os.PathLike,
    *,
    metadata: Metadata | None = None,
    quality: int = 95,
    overwrite: bool = False,
    note: str | None = None,
) -> None:
    """Write a picture as sRGB in the format of the name's ending.

    The file appears whole or not at all, and without ``overwrite`` an existing one is never
    touched, however late it came to exist.  metadata: of the photograph.  quality: 1…100 of JPEG,
    AVIF and HEIC, which are written without chroma subsampling; WebP is lossless.  note: what
    viewers and archives should know, such as that the colours are simulated; merged with the
    photograph's own words wherever the format keeps some, and with XMP's standard mark for
    pictures that a program has added to.  Raises PhotoError.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise PhotoError(f"“{path}” is a folder; a file name is needed.")
    if not overwrite and os.path.lexists(path):
        raise Exists(f"“{path}” exists already.")
    form = _fitting(picture, path)
    extras = Extras(metadata or Metadata(), note)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        # In the same folder, so that it can be renamed; the usual permissions, unlike mkstemp's.
        with temporary.open("x+b") as file:
            _locked(file.fileno())
            form.write(_as_picture(picture), file, extras, quality)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(temporary, path)
        else:
            _move_to_new(temporary, path)
    except FileExistsError:
        raise Exists(f"“{path}” exists already.") from None
    except FileNotFoundError:
        raise PhotoError(f"There is no folder “{path.parent}” to write to.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        kind = NoSpace if getattr(error, "errno", None) in _FULL else PhotoError
        raise kind(f"“{path}” cannot be written: {reason}.") from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()


def encode(
    picture: Image.Image | Picture,
    name: str | os.PathLike,
    *,
    metadata: Metadata | None = None,
    quality: int = 95,
    note: str | None = None,
) -> bytes:
    """The bytes that :func:`save` would write to a file of this name.  Raises PhotoError."""
    path, stream = Path(name), io.BytesIO()
    form = _fitting(picture, path)
    form.write(_as_picture(picture), stream, Extras(metadata or Metadata(), note), quality)
    return stream.getvalue()


def _as_picture(picture: Image.Image | Picture) -> Picture:
    return _Whole(picture) if isinstance(picture, Image.Image) else picture


def _fitting(picture: Image.Image | Picture, path: Path) -> Format:
    """The format that a name asks for; PhotoError if the picture does not fit into it."""
    form = format_of(path)
    if max(picture.size) > form.longest:
        raise PhotoError(
            f"“{path}” would be too wide or tall for {form.name}; write a PNG instead."
        )
    if getattr(picture, "bits", 8) == 16 and not form.deep:
        raise PhotoError(f"“{path}” cannot have 16 bits: {form.name} has 8. Write a TIFF or PNG.")
    return form


def _move_to_new(temporary: Path, path: Path) -> None:
    """Give the file its name unless that is taken; FileExistsError if it is."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first, then fill it
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        os.replace(temporary, path)


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Whether this process alone is about to write ``path``; False while another one is.

    A lock on a file beside it, which ends with the process however that ends.  True where a file
    system has no locks: then both do the work, and the first one's file stays.
    """
    claim = path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part")
    try:
        descriptor = os.open(claim, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:  # whatever is wrong here is told when the picture is written
        yield True
        return
    mine = False
    try:
        # Whoever had the lock before may have removed the file since it was opened here.
        mine = _locked(descriptor) and os.path.exists(claim)
        yield mine
    finally:
        if mine:
            with suppress(OSError):
                claim.unlink()
        os.close(descriptor)


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
            if time.time() - part.stat().st_mtime < _STALE_SECONDS:
                continue
            descriptor = os.open(part, os.O_RDWR)
            try:
                if _locked(descriptor):
                    part.unlink()
                    removed += 1
            finally:
                os.close(descriptor)
    return removed


def _locked(descriptor: int) -> bool:
    """Locks an open file until it is closed; False if another process has it locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
