"""Metadata of a file beside its pixels, cleaned of what no longer holds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from .input import vips

# EXIF that stays true of the coloured picture: what it shows, when, with what, by whom. Not the
# orientation (already applied), nor anything about how the old file was laid out.
_KEPT_TAGS = {
    *(0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298),
    *(0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),  # title, comment, author, keywords, subject
}
_MAKER_NOTE, _COLOR_SPACE, _WIDTH, _HEIGHT, _INTEROP = 0x927C, 0xA001, 0xA002, 0xA003, 0xA005
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_CENTIMETRES = 3
_LONGEST_EXIF = 65_533  # what fits into a JPEG segment
_LONGEST_BLOCK = 1_000_000  # of XMP, IPTC or text
_MM_PER_INCH = 25.4
PNG_IPTC = "Raw profile type iptc"  # a PNG's text in which ImageMagick and others keep IPTC


@dataclass(frozen=True)
class Metadata:
    """Metadata that is written again with a picture.

    exif: a cleaned block.  xmp: a packet.  iptc: IIM records.  dpi: dots an inch, across and down.
    texts: comments by keyword, as a PNG has them; a JPEG's is “Comment”.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


def from_vips(image: Any, stream: BinaryIO, format: str, size: tuple[int, int]) -> Metadata:
    """Metadata of a JPEG, PNG, WebP or GIF that libvips has opened.

    size: (width, height) of the upright picture.
    """
    exif = Image.Exif()
    block = vips.field(image, "exif-data")
    if block:
        try:
            exif.load(block)
        except Exception:  # broken EXIF is no reason to lose a photo
            exif = Image.Exif()
    texts = {}
    for name in image.get_fields():
        if found := re.fullmatch(r"png-comment-\d+-(.+)", name):
            texts[found[1]] = str(image.get(name))
        elif name == "gif-comment":
            texts["Comment"] = str(image.get(name))
    if format == "JPEG":
        texts |= _jpeg_comment(stream)
    return _cleaned(
        exif,
        size,
        vips.field(image, "xmp-data"),
        _records(vips.field(image, "iptc-data") or _hexed(texts.get(PNG_IPTC, ""))),
        _density(image, format),
        texts,
    )


def from_image(image: Image.Image, size: tuple[int, int]) -> Metadata:
    """Metadata of a Pillow image; size: (width, height) of the upright picture."""
    try:
        exif = image.getexif()
    except Exception:
        exif = Image.Exif()
    info = image.info
    comment = info.get("comment")
    texts = {"Comment": _text(comment)} if isinstance(comment, bytes | str) else {}
    dpi = info.get("dpi") if image.format in {"JPEG", "PNG", "TIFF", "BMP", "MPO"} else None
    xmp = info.get("xmp")
    return _cleaned(exif, size, xmp if isinstance(xmp, bytes) else None, None, dpi, texts)


def from_tiff(
    stream: BinaryIO, offset: int, blocks: Mapping[str, bytes | None], size: tuple[int, int]
) -> Metadata:
    """Metadata of the TIFF directory at ``offset``; blocks: its “xmp” and “iptc”."""
    exif = Image.Exif()
    try:
        stream.seek(0)
        head = stream.read(4)
        exif.endian, exif.bigtiff = "<" if head[:2] == b"II" else ">", 43 in head
        exif.load_from_fp(stream, offset)
    except Exception:
        exif = Image.Exif()
    return _cleaned(exif, size, blocks.get("xmp"), blocks.get("iptc"), None, {})


def _cleaned(
    exif: Image.Exif,
    size: tuple[int, int],
    xmp: bytes | None,
    iptc: bytes | None,
    dpi: Any,
    texts: Mapping[str, str],
) -> Metadata:
    kept = {
        key: text
        for key, text in texts.items()
        if text and not key.startswith(("XML:", "Raw profile")) and len(text) < _LONGEST_BLOCK
    }
    return Metadata(
        clean_exif(exif, size),
        xmp if xmp and len(xmp) < _LONGEST_BLOCK else None,
        iptc if iptc and len(iptc) < _LONGEST_BLOCK else None,
        _sane(dpi) or _exif_dpi(exif),
        kept,
    )


def clean_exif(old: Image.Exif, size: tuple[int, int]) -> bytes | None:
    """The EXIF to write again: dates, camera, place, words; no orientation, no preview.

    size: (width, height) of the upright picture, for the tags that repeat it.
    A block that cannot be read or would not fit into a JPEG is left out.
    """
    try:
        new = Image.Exif()
        for tag in _KEPT_TAGS & set(old):
            new[tag] = old[tag]
        details = dict(old.get_ifd(ExifTags.IFD.Exif))
        place = dict(old.get_ifd(ExifTags.IFD.GPSInfo))
        details.pop(_INTEROP, None)
        if _COLOR_SPACE in details:
            details[_COLOR_SPACE] = 1  # sRGB, as the written file is
        if _WIDTH in details and _HEIGHT in details:
            details[_WIDTH], details[_HEIGHT] = size
        if details:
            new._ifds[ExifTags.IFD.Exif] = details
        if place:
            new._ifds[ExifTags.IFD.GPSInfo] = place
        if not len(new) and not details and not place:
            return None
        written = new.tobytes()
        if len(written) > _LONGEST_EXIF and details.pop(_MAKER_NOTE, None):
            written = new.tobytes()
        return written if len(written) <= _LONGEST_EXIF else None
    except Exception:  # EXIF is often broken, and never worth losing a photo for
        return None


def _exif_dpi(exif: Image.Exif) -> tuple[float, float] | None:
    try:
        unit = exif.get(_RESOLUTION_UNIT, 2)
        scale = 2.54 if unit == _CENTIMETRES else 1.0
        pair = exif[_X_RESOLUTION], exif[_Y_RESOLUTION]
        return None if unit == 1 else _sane(tuple(float(value) * scale for value in pair))
    except Exception:
        return None


def _sane(dpi: Any) -> tuple[float, float] | None:
    """A pair of positive numbers, or None: 0 and 1 mean that nobody knew."""
    try:
        across, down = (float(value) for value in dpi)
    except (TypeError, ValueError):
        return None
    usable = all(math.isfinite(v) and 1 < v < 100_000 for v in (across, down))
    return (across, down) if usable else None


def _density(image: Any, format: str) -> tuple[float, float] | None:
    known = image.get_typeof("resolution-unit") if format == "JPEG" else True
    # libvips says 72 (JPEG, PNG) or 25.4 (others) dots an inch where a file says nothing.
    pair = (image.xres * _MM_PER_INCH, image.yres * _MM_PER_INCH)
    unknown = format == "PNG" and all(abs(value - 72) < 0.1 for value in pair)
    return pair if known and not unknown and format in {"JPEG", "PNG"} else None


def _records(photoshop: bytes | None) -> bytes | None:
    """IPTC's records of a block of Photoshop resources, as a JPEG's APP13 has them."""
    if not photoshop or not photoshop.startswith(b"Photoshop 3.0\0"):
        return photoshop
    at = len(b"Photoshop 3.0\0")
    while photoshop[at : at + 4] == b"8BIM":
        kind = photoshop[at + 4 : at + 6]
        name = photoshop[at + 6] if at + 6 < len(photoshop) else 0
        at += 6 + (name + 2) // 2 * 2
        length = int.from_bytes(photoshop[at : at + 4], "big")
        if kind == b"\x04\x04":
            return photoshop[at + 4 : at + 4 + length]
        at += 4 + (length + 1) // 2 * 2
    return None


def _hexed(words: str) -> bytes:
    """Decode a PNG's “Raw profile” text: a name, a length, and hexadecimal digits."""
    try:
        return bytes.fromhex("".join(words.split()[2:]))
    except ValueError:
        return b""


def _jpeg_comment(stream: BinaryIO) -> dict[str, str]:
    try:
        stream.seek(0)
        with Image.open(stream, formats=["JPEG"]) as image:
            return {"Comment": _text(image.info["comment"])}
    except Exception:
        return {}


def _text(value: bytes | str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode().rstrip("\0")
    except UnicodeDecodeError:
        return value.decode("latin-1").rstrip("\0")
