"""Writing pictures: files that appear whole or not at all, in the format that their name asks for."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from colorizer.errors import Exists, NoSpace, PhotoError

from ..metadata import Metadata
from .formats import FORMATS, Format
from .parts import locked, move_to_new, part_beside
from .picture import Extras, Picture

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
        raise PhotoError(
            f"“{path}” cannot be written: its ending must be one of {known}.", path=Path(path)
        )
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
        raise PhotoError(f"“{path}” is a folder; a file name is needed.", path=path)
    if not overwrite and os.path.lexists(path):
        raise Exists(f"“{path}” exists already.", path=path)
    form = _fitting(picture, path)
    extras = Extras(metadata or Metadata(), note)
    try:
        # In the same folder, so that it can be renamed; the usual permissions, unlike mkstemp's.
        with part_beside(path) as part:
            with part.open("x+b") as file:
                locked(file.fileno())
                form.write(_as_picture(picture), file, extras, quality)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                os.replace(part, path)
            else:
                move_to_new(part, path)
    except FileExistsError:
        raise Exists(f"“{path}” exists already.", path=path) from None
    except FileNotFoundError:
        raise PhotoError(f"There is no folder “{path.parent}” to write to.", path=path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        kind = NoSpace if getattr(error, "errno", None) in _FULL else PhotoError
        raise kind(f"“{path}” cannot be written: {reason}.", path=path) from None


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
            f"“{path}” would be too wide or tall for {form.name}; write a PNG instead.",
            path=path,
            size=picture.size,
        )
    if getattr(picture, "bits", 8) == 16 and not form.deep:
        raise PhotoError(
            f"“{path}” cannot have 16 bits: {form.name} has 8. Write a TIFF or PNG.", path=path
        )
    return form
