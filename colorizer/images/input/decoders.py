"""Decoders: libvips for JPEG, PNG, TIFF, WebP and GIF, in strips; Pillow for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorizer.errors import PhotoError, Sentence

from .. import metadata
from ..metadata import Metadata
from . import png, tiff, tiff_samples, vips
from .layout import CMYK, GREY, RGB, Layout
from .pixels import Strips, strips_of
from .ranges import full_range
from .refusals import check_pixels, damage_told, quietly

# What Pillow may open. Left out: formats that start other programs (EPS), that are no pictures
# (fonts, video), and those without a signature, which take any file for theirs (TGA).
FORMATS = (
    *("AVIF", "HEIF", "BMP", "DIB", "PPM", "JPEG2000", "PSD", "ICO", "PCX", "SGI", "QOI", "DDS"),
    "TIFF",  # compressions that libvips has not
)
_FIRST_FRAME = Sentence("Only the first frame is used.")
_FIRST_PAGE = Sentence("Only the first page is used.")
# Formats whose further frames are a film or pages (elsewhere they are layers or previews).
_OF_FRAMES = {**dict.fromkeys(("GIF", "WEBP", "PNG", "AVIF"), _FIRST_FRAME), "TIFF": _FIRST_PAGE}
_VIPS_SIGNATURES = {
    b"\xff\xd8": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_SIGNATURES = (b"BM", b"8BPS", b"\0\0\0\x0cjP  ", b"P5", b"P6")


@dataclass(frozen=True)
class Opened:
    """A file that libvips reads, or tifffile, not decoded yet.

    strips: decodes from the top, each time it is called.  shape: (H, W).  kind: of the samples.
    layout: what they mean.  orientation: 1…8 of EXIF.  metadata: of the upright picture.
    """

    strips: Callable[[], Strips]
    shape: tuple[int, int]
    kind: np.dtype
    layout: Layout
    orientation: int
    metadata: Metadata


def decoder_of(head: bytes) -> Callable[..., Opened | Image.Image]:
    """The decoder of a file that begins with ``head``.

    It takes the stream, ``max_pixels``, ``subject`` and ``notes`` as
    :func:`colorizer.images.input.reader.opened` does.
    """
    format = _vips_format(head)
    return _DECODERS.get(format, partial(_by_vips, format=format))


def _vips_format(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in _VIPS_SIGNATURES.items() if head.startswith(start)), None)


def _by_vips(
    stream: BinaryIO,
    *,
    format: str,
    max_pixels: int,
    subject: str,
    notes: list[str],
    colors: png.Colors | None = None,
) -> Opened:
    """A JPEG, PNG, WebP or GIF.  colors: what the chunks of a PNG say."""
    try:
        image = vips.opened(vips.source_of(stream), format)
    except vips.Error:
        raise PhotoError(
            Sentence("{subject} is damaged and cannot be read.", subject=subject)
        ) from None
    check_pixels(image.width, image.height, max_pixels, subject)
    colors = colors or png.Colors(profile=vips.field(image, "icc-profile-data"))
    if max(colors.frames, vips.pages(image)) > 1:
        notes.append(_OF_FRAMES[format])
    space = CMYK if image.interpretation == "cmyk" else GREY if image.bands < 3 else RGB
    kind = vips.kind(image)
    fewer = colors.significant in range(9, 15)
    layout = Layout(
        space,
        range=full_range(kind) if kind == np.uint8 or colors.significant == 16 else None,
        significant=None if kind != np.uint16 else colors.significant if fewer else 16,
        alpha=Layout(space).samples if image.bands > Layout(space).samples else None,
        gamma=colors.gamma,
        profile=colors.profile,
    )
    orientation = image.get("orientation") if image.get_typeof("orientation") else 1
    shape = image.height, image.width
    facts = metadata.from_vips(image, stream, format, _upright_size(shape, orientation))

    def strips() -> Strips:
        yield from vips.strips(vips.opened(vips.source_of(stream), format))

    return Opened(strips, shape, kind, layout, orientation, facts)


def _png(stream: BinaryIO, *, max_pixels: int, subject: str, notes: list[str]) -> Opened:
    colors = png.colors(stream, subject)
    if colors.size is not None:
        check_pixels(*colors.size, max_pixels, subject)
    return _by_vips(
        stream, format="PNG", max_pixels=max_pixels, subject=subject, notes=notes, colors=colors
    )


def _tiff(
    stream: BinaryIO, *, max_pixels: int, subject: str, notes: list[str]
) -> Opened | Image.Image:
    stream.seek(0)
    found = tiff.find_photograph(stream, subject)
    check_pixels(found.width, found.height, max_pixels, subject)
    if found.more:
        notes.append(_FIRST_PAGE)
    if found.extra:
        notes.append(
            "The file has extra channels that are neither colour nor transparency; "
            "they are left out."
        )
    if found.decoder == tiff.PILLOW:
        image = _pillow_opened(stream, max_pixels, subject)
        image.seek(found.page)
        return image
    size = _upright_size((found.height, found.width), found.orientation)
    facts = metadata.from_tiff(stream, found.offset, found.blocks, size)
    if found.decoder == tiff.VIPS:
        strips, kind, shape = _tiff_strips(stream, found, max_pixels, subject)
    else:
        with damage_told(subject):
            stream.seek(0)
            array = tiff_samples.decoded(stream, found)
        strips, kind, shape = partial(strips_of, array), array.dtype, array.shape
    layout = tiff_samples.fitted(found.layout, shape[2])
    return Opened(strips, shape[:2], kind, layout, found.orientation, facts)


def _tiff_strips(
    stream: BinaryIO, found: tiff.Picture, max_pixels: int, subject: str
) -> tuple[Callable[[], Strips], np.dtype, tuple[int, int, int]]:
    """Strips of a TIFF that libvips reads, the type of the samples, and (H, W, samples)."""
    pages = {"page": found.page}
    if found.subifd is not None:
        pages["subifd"] = found.subifd

    def strips() -> Strips:
        image = vips.opened(vips.source_of(stream), "TIFF", **pages)
        for rows, strip in vips.strips(image):
            yield rows, tiff_samples.turned_back(strip) if found.turned else strip

    try:
        image = vips.opened(vips.source_of(stream), "TIFF", **pages)
        kind, bands = vips.kind(image), image.bands
    except (vips.Error, KeyError):
        raise PhotoError(
            Sentence("{subject} is damaged and cannot be read.", subject=subject)
        ) from None
    check_pixels(image.width, image.height, max_pixels, subject)
    return strips, kind, (image.height, image.width, bands)


def _upright_size(shape: tuple[int, int], orientation: int) -> tuple[int, int]:
    """(width, height) once a picture (H, W) is turned."""
    return shape if orientation in (5, 6, 7, 8) else shape[::-1]


def _by_pillow(stream: BinaryIO, *, max_pixels: int, subject: str, notes: list[str]) -> Image.Image:
    image = _pillow_opened(stream, max_pixels, subject)
    note = _OF_FRAMES.get(image.format or "")
    if note and getattr(image, "is_animated", False):
        notes.append(note)
    return image


def _pillow_opened(stream: BinaryIO, max_pixels: int, subject: str) -> Image.Image:
    stream.seek(0)
    head = stream.read(16)
    stream.seek(0)
    Image.init()
    try:
        with quietly():
            image = Image.open(stream, formats=[name for name in FORMATS if name in Image.OPEN])
    except Image.DecompressionBombError:
        most = min(max_pixels, 2 * Image.MAX_IMAGE_PIXELS) / 1e6
        raise PhotoError(
            Sentence(
                "{subject} has more pixels than can be read (at most {most} megapixels).",
                subject=subject,
                most=f"{most:.0f}",
            ),
            limit=max_pixels,
        ) from None
    except UnidentifiedImageError:
        if head.startswith(_SIGNATURES) or head[4:12] in {b"ftypavif", b"ftypavis"}:
            raise PhotoError(
                Sentence("{subject} is damaged and cannot be read.", subject=subject)
            ) from None
        raise PhotoError(
            Sentence("{subject} is not a picture that can be read.", subject=subject)
        ) from None
    except Exception:  # Pillow's plug-ins raise whatever a damaged file makes them stumble on
        raise PhotoError(
            Sentence("{subject} is damaged and cannot be read.", subject=subject)
        ) from None
    check_pixels(*image.size, max_pixels, subject)
    return image


# None: a format that libvips has not.
_DECODERS = {None: _by_pillow, "PNG": _png, "TIFF": _tiff}
