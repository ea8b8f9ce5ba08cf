"""Writers of a coloured picture and its metadata, one a format."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from ..provenance import merged_xmp
from .picture import Extras, Picture, nonempty, on_paper, srgb_profile
from .png import write_png
from .tiff import write_tiff

_LONGEST_XMP = 65_000  # what fits into a JPEG segment
_LONGEST_COMMENT = 32_000  # half of the buffer that Pillow begins a small JPEG with


Write = Callable[[Picture, BinaryIO, Extras, int], None]


@dataclass(frozen=True)
class Format:
    """A file format.

    name: for sentences.  longest: side in pixels.  deep: True if it takes 16 bits a channel.
    lossless: True if it keeps every pixel.
    """

    name: str
    longest: int
    write: Write
    deep: bool = False
    lossless: bool = True


def _jpeg(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    options: dict[str, Any] = extras.blocks(exif=extras.metadata.exif, icc_profile=srgb_profile())
    if "xmp" in options and len(options["xmp"]) > _LONGEST_XMP:
        options["xmp"] = merged_xmp(None, extras.note) if extras.note else b""
    if comment := extras.comment("Comment"):
        options["comment"] = comment.encode()[:_LONGEST_COMMENT]
    if extras.metadata.dpi:
        options["dpi"] = extras.metadata.dpi
    if extras.metadata.iptc and len(extras.metadata.iptc) < 65_000:
        records = extras.metadata.iptc
        block = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records
        block += b"\0" * (len(records) % 2)
        options["extra"] = b"\xff\xed" + struct.pack(">H", len(block) + 2) + block
    on_paper(picture.image()).save(file, "JPEG", quality=quality, subsampling=0, **options)


def _pillow(
    name: str,
    options: dict[str, Any],
    picture: Picture,
    file: BinaryIO,
    extras: Extras,
    quality: int,
) -> None:
    """WebP, AVIF, HEIC: formats with places for EXIF, XMP and a profile."""
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if not options.get("lossless"):
        options = options | {"quality": quality}
    blocks = extras.blocks(exif=extras.exif, icc_profile=srgb_profile())
    image = picture.image()
    if image.mode not in {"RGB", "RGBA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.save(file, name, **options, **blocks)


def _bmp(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    on_paper(picture.image()).save(file, "BMP", **nonempty(dpi=extras.metadata.dpi))


JPEG = Format("JPEG", 65_500, _jpeg, lossless=False)
PNG = Format("PNG", 2**31 - 1, write_png, deep=True)
TIFF = Format("TIFF", 2**31 - 1, write_tiff, deep=True)
WEBP = Format("WebP", 16_383, partial(_pillow, "WEBP", {"lossless": True, "exact": True}))
AVIF = Format("AVIF", 65_536, partial(_pillow, "AVIF", {"subsampling": "4:4:4"}), lossless=False)
HEIC = Format("HEIC", 16_384, partial(_pillow, "HEIF", {"chroma": 444}), lossless=False)
BMP = Format("BMP", 2**31 - 1, _bmp)

# Every ending that can be asked for.
FORMATS = {
    ".png": PNG,
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), JPEG),
    **dict.fromkeys((".tif", ".tiff"), TIFF),
    ".webp": WEBP,
    ".avif": AVIF,
    **dict.fromkeys((".heic", ".heif"), HEIC),
    ".bmp": BMP,
}
