"""A coloured picture and the words beside its pixels, as the writers of all formats take them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from PIL import ExifTags, Image, ImageCms

from ..metadata import Metadata
from ..provenance import merged_xmp, with_note

_STRIP_BYTES = 1_000_000


class Picture(Protocol):
    """A coloured picture, whole or made while it is written.

    size: (width, height).  bits: 8 or 16.  transparent: True if strips have a fourth channel.
    """

    size: tuple[int, int]
    bits: int
    transparent: bool

    def strips(self, rows: int) -> Iterator[np.ndarray]:
        """(rows, W, 3 or 4) of uint8 or uint16 from top to bottom; the last may have fewer."""

    def image(self) -> Image.Image:
        """All of it, 8 bits."""


@dataclass(frozen=True)
class Extras:
    """Words beside the pixels: the photograph's own metadata, and the note."""

    metadata: Metadata
    note: str | None

    @property
    def xmp(self) -> bytes | None:
        """The photograph's XMP with the note, or None if there is neither."""
        return merged_xmp(self.metadata.xmp, self.note) if self.note else self.metadata.xmp

    def comment(self, key: str) -> str | None:
        """The photograph's comment of this name with the note, or None if there is neither."""
        words = self.metadata.texts.get(key)
        return with_note(words, self.note) if self.note else words

    @property
    def exif(self) -> bytes | None:
        """EXIF, with the resolution in it for formats that have no other place for that."""
        block, dpi = self.metadata.exif, self.metadata.dpi
        if dpi is None:
            return block
        exif = Image.Exif()
        if block:
            exif.load(block)
        if ExifTags.Base.XResolution not in exif:
            exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = dpi
            exif[ExifTags.Base.ResolutionUnit] = 2  # inches
        return exif.tobytes()

    def blocks(self, **others: bytes | None) -> dict[str, Any]:
        """XMP and other blocks as Pillow's ``save`` takes them; empty ones are left out."""
        return nonempty(xmp=self.xmp, **others)


def nonempty(**options: Any) -> dict[str, Any]:
    """The options that have a value."""
    return {name: value for name, value in options.items() if value}


def strip_rows(picture: Picture) -> int:
    """Number of rows that make a strip of about a megabyte."""
    return max(1, _STRIP_BYTES // (picture.size[0] * 4 * picture.bits // 8))


def on_paper(image: Image.Image) -> Image.Image:
    """A picture without transparency: what is clear shows white."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "L" else image.convert("RGB")


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # LittleCMS writes the hour it is
    return bytes(profile)
