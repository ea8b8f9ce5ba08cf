"""Opening what a person dropped: who decodes it, which files are refused, and in which words.

:mod:`colorizer.images.photo` makes a photograph of what :func:`opened` gives.  JPEG, PNG, TIFF,
WebP and GIF are read by libvips, which decodes them in strips; the rest by Pillow.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyvips
from PIL import Image, UnidentifiedImageError

from colorizer.errors import PhotoError

from .. import metadata
from ..metadata import Metadata
from . import png, tiff, vips
from .layout import CMYK, GREY, RGB, Layout
from .pixels import Strips, strips_of
from .ranges import full_range

# What Pillow may open. Left out: formats that start other programs (EPS), that are no pictures
# (fonts, video), and those without a signature, which take any file for theirs (TGA).
FORMATS = (
    *("AVIF", "HEIF", "BMP", "DIB", "PPM", "JPEG2000", "PSD", "ICO", "PCX", "SGI", "QOI", "DDS"),
    "TIFF",  # compressions that libvips has not
)
# Formats whose further frames are a film or pages (elsewhere they are layers or previews).
_WITH_FRAMES = {"GIF": "frame", "WEBP": "frame", "PNG": "frame", "AVIF": "frame", "TIFF": "page"}
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
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_RAW_ENDINGS = {".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".pef"}
_HEAD = 4096


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


@contextmanager
def opened(
    source: str | os.PathLike | bytes | BinaryIO,
    *,
    max_pixels: int,
    subject: str,
    notes: list[str],
) -> Iterator[Opened | Image.Image]:
    """Open a file, checked against ``max_pixels`` but not yet decoded.

    subject: how the file is called in a sentence.  Yields a Pillow image where Pillow decodes it.
    Raises PhotoError.
    """
    if hasattr(source, "read"):
        source = _all_bytes(source, subject)
    with ExitStack() as stack:
        stream = stack.enter_context(_stream(source, subject))
        head = stream.read(_HEAD)
        if not head:
            raise PhotoError(f"{subject} is empty.")
        _refuse_by_name(head, source, subject)
        format = _vips_format(head)
        find = _DECODERS.get(format, partial(_by_vips, format=format))
        with damage_told(subject):
            found = find(stream, max_pixels=max_pixels, subject=subject, notes=notes)
        yield found


def check_pixels(width: int, height: int, max_pixels: int, subject: str) -> None:
    """Raise PhotoError for a picture with no pixels or with more than ``max_pixels``."""
    if width < 1 or height < 1:
        raise PhotoError(f"{subject} has no pixels.")
    if width * height > max_pixels:
        error = PhotoError(
            f"{subject} has {width * height / 1e6:.0f} megapixels ({width} × {height}); "
            f"at most {max_pixels / 1e6:g} can be read."
        )
        error.size, error.limit = (width, height), max_pixels
        raise error


def describe(source: object) -> tuple[str, str]:
    """(name, subject): a file's name without folder and ending, and how a sentence calls it."""
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    if isinstance(path, str | os.PathLike) and Path(path).stem:
        return Path(path).stem, f"“{Path(path).name}”"
    return "photo", "The picture"


@contextmanager
def quietly() -> Iterator[None]:
    """Keep Pillow's warnings about odd files away from the person; what matters is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def damage_told(subject: str) -> Iterator[None]:
    """Turn whatever a decoder stumbles on into one sentence."""
    try:
        with quietly():
            yield
    except PhotoError:
        raise
    except MemoryError:
        raise PhotoError(f"{subject} is too large for the memory of this machine.") from None
    except Exception:  # decoders raise whatever a damaged file makes them stumble on
        raise PhotoError(f"{subject} is damaged or cut short and cannot be read.") from None


# --- streams ------------------------------------------------------------------------------------


def _all_bytes(file: BinaryIO, subject: str) -> bytes:
    try:
        data = file.read()
        if not data and file.seekable() and file.tell() > 0:
            file.seek(0)  # somebody has read it already, to check it or to show it
            data = file.read()
    except (OSError, ValueError) as error:
        raise PhotoError(f"{subject} cannot be read: {error}.") from None
    if not isinstance(data, bytes):
        raise PhotoError(f"{subject} was opened as text; open it in binary mode.")
    return data


@contextmanager
def _stream(source: str | os.PathLike | bytes, subject: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield io.BytesIO(source)
        return
    if not isinstance(source, str | os.PathLike):
        raise PhotoError(f"A picture cannot be read from {type(source).__name__}.")
    path = Path(source)
    if os.path.isdir(path):
        raise PhotoError(f"{subject} is a folder, not a picture.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise PhotoError(f"{subject} is not a file.")
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise PhotoError(f"There is no file {subject}.") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"{subject} cannot be opened: {reason}.") from None
    with stream:
        yield stream


def _vips_source(stream: BinaryIO) -> pyvips.Source:
    """The stream's content from its beginning; a file is read where it lies."""
    stream.seek(0)
    if isinstance(stream, io.BytesIO):
        return pyvips.Source.new_from_memory(stream.getvalue())
    # libvips duplicates the descriptor, and so shares its position in the file.
    return pyvips.Source.new_from_descriptor(stream.fileno())


# --- refused by name ----------------------------------------------------------------------------


def _refuse_by_name(head: bytes, source: object, subject: str) -> None:
    """Say what a file is where that helps more than “not a picture”."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF"):
        raise PhotoError(f"{subject} is a PDF; save its page as a PNG or JPEG first.")
    if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head:
        raise PhotoError(f"{subject} is an SVG drawing, not a photo; save it as a PNG first.")
    ending = Path(source).suffix.lower() if isinstance(source, str | os.PathLike) else ""
    if ending in _RAW_ENDINGS:
        raise PhotoError(f"{subject} is a camera's raw file; save it as a JPEG or TIFF first.")
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        raise PhotoError(f"{subject} is a JPEG XL picture; save it as a JPEG or PNG first.")
    if _is_heic(head) and not _heif_opened():
        raise PhotoError(
            f"{subject} is a HEIC photo, which needs the package pillow-heif; "
            "install it, or save the photo as a JPEG first."
        )


def _is_heic(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    length = struct.unpack(">I", head[:4])[0]
    compatible = head[16 : min(length, 256)]
    return head[8:12] in _HEIC_BRANDS and b"avif" not in compatible


def _heif_opened() -> bool:
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _vips_format(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in _VIPS_SIGNATURES.items() if head.startswith(start)), None)


# --- decoders -----------------------------------------------------------------------------------


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
        image = vips.opened(_vips_source(stream), format)
    except vips.Error:
        raise PhotoError(f"{subject} is damaged and cannot be read.") from None
    check_pixels(image.width, image.height, max_pixels, subject)
    colors = colors or png.Colors(profile=vips.field(image, "icc-profile-data"))
    if max(colors.frames, vips.pages(image)) > 1:
        notes.append(f"Only the first {_WITH_FRAMES[format]} is used.")
    space = CMYK if image.interpretation == "cmyk" else GREY if image.bands < 3 else RGB
    kind = vips.kind(image)
    fewer = colors.significant if kind == np.uint16 and colors.significant in range(9, 15) else None
    layout = Layout(
        space,
        range=full_range(kind) if fewer is None and kind in (np.uint8, np.uint16) else None,
        significant=fewer,
        alpha=Layout(space).samples if image.bands > Layout(space).samples else None,
        gamma=colors.gamma,
        profile=colors.profile,
    )
    orientation = image.get("orientation") if image.get_typeof("orientation") else 1
    shape = image.height, image.width
    facts = metadata.from_vips(image, stream, format, _upright_size(shape, orientation))

    def strips() -> Strips:
        yield from vips.strips(vips.opened(_vips_source(stream), format))

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
    found = tiff.examine(stream, subject)
    check_pixels(found.width, found.height, max_pixels, subject)
    if found.more:
        notes.append("Only the first page is used.")
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
        pages = {"page": found.page}
        if found.subifd is not None:
            pages["subifd"] = found.subifd

        def strips() -> Strips:
            image = vips.opened(_vips_source(stream), "TIFF", **pages)
            for rows, strip in vips.strips(image):
                yield rows, tiff.turned_back(strip) if found.turned else strip

        try:
            image = vips.opened(_vips_source(stream), "TIFF", **pages)
            kind, bands = vips.kind(image), image.bands
        except (vips.Error, KeyError):
            raise PhotoError(f"{subject} is damaged and cannot be read.") from None
        shape = image.height, image.width
        check_pixels(image.width, image.height, max_pixels, subject)
    else:
        with damage_told(subject):
            stream.seek(0)
            array = tiff.decoded(stream, found)
        strips, kind, bands = partial(strips_of, array), array.dtype, array.shape[2]
        shape = array.shape[:2]
    layout = tiff.fitted(found.layout, bands)
    return Opened(strips, shape, kind, layout, found.orientation, facts)


def _upright_size(shape: tuple[int, int], orientation: int) -> tuple[int, int]:
    """(width, height) once a picture (H, W) is turned."""
    return shape if orientation in (5, 6, 7, 8) else shape[::-1]


def _by_pillow(stream: BinaryIO, *, max_pixels: int, subject: str, notes: list[str]) -> Image.Image:
    image = _pillow_opened(stream, max_pixels, subject)
    kind = _WITH_FRAMES.get(image.format or "")
    if kind and getattr(image, "is_animated", False):
        notes.append(f"Only the first {kind} is used.")
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
        error = PhotoError(
            f"{subject} has more pixels than can be read (at most {most:.0f} megapixels)."
        )
        error.limit = max_pixels
        raise error from None
    except UnidentifiedImageError:
        if head.startswith(_SIGNATURES) or head[4:12] in {b"ftypavif", b"ftypavis"}:
            raise PhotoError(f"{subject} is damaged and cannot be read.") from None
        raise PhotoError(f"{subject} is not a picture that can be read.") from None
    except Exception:  # Pillow's plug-ins raise whatever a damaged file makes them stumble on
        raise PhotoError(f"{subject} is damaged and cannot be read.") from None
    check_pixels(*image.size, max_pixels, subject)
    return image


# None: a format that libvips has not.
_DECODERS = {None: _by_pillow, "PNG": _png, "TIFF": _tiff}
