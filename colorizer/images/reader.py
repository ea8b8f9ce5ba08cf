"""Opening what a person dropped: which files are refused, and in which words.

:mod:`colorizer.images.photo` makes a photograph of what :func:`open_image` gives.
"""

from __future__ import annotations

import io
import logging
import os
import struct
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from colorizer.errors import ColorizerError


class PhotoError(ColorizerError, ValueError):
    """What is wrong with a picture, in one sentence for the person who brought it."""


# What Pillow may open. Left out: formats that start other programs (EPS), that are no pictures
# (fonts, video), and those without a signature, which take any file for theirs (TGA).
FORMATS = (
    *("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "DIB", "PPM"),
    *("JPEG2000", "PSD", "ICO", "PCX", "SGI", "QOI", "DDS"),
)
# Formats whose further frames are a film or pages (elsewhere they are layers or previews).
_WITH_FRAMES = {"GIF": "frame", "WEBP": "frame", "PNG": "frame", "AVIF": "frame", "TIFF": "page"}
_SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"BM", b"8BPS")
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_RAW_ENDINGS = {".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".pef"}
_HEAD = 4096


@contextmanager
def open_image(source: str | os.PathLike | bytes | BinaryIO, *, max_pixels: int, subject: str):
    """Open a file, checked against ``max_pixels`` but not yet decoded.

    subject: how the file is called in a sentence.
    Yields (image, again): the Pillow image and a function that opens it once more; or, for a TIFF
    that Pillow has no mode for, its array and None.  Raises PhotoError.
    """
    if hasattr(source, "read"):
        source = _all_bytes(source, subject)
    with ExitStack() as stack:
        stream = stack.enter_context(_stream(source, subject))
        head = stream.read(_HEAD)
        stream.seek(0)
        if not head:
            raise PhotoError(f"{subject} is empty.")
        _refuse_by_name(head, source, subject)
        image = _identify(stream, head, max_pixels, subject)

        def again() -> Image.Image:
            return Image.open(stack.enter_context(_stream(source, subject)), formats=_formats())

        yield image, again if isinstance(image, Image.Image) else None


def check_pixels(width: int, height: int, max_pixels: int, subject: str) -> None:
    """Raise PhotoError for a picture with no pixels or with more than ``max_pixels``."""
    if width < 1 or height < 1:
        raise PhotoError(f"{subject} has no pixels.")
    if width * height > max_pixels:
        raise PhotoError(
            f"{subject} has {width * height / 1e6:.0f} megapixels ({width} × {height}); "
            f"at most {max_pixels / 1e6:g} can be read."
        )


def describe(source: object) -> tuple[str, str]:
    """(name, subject): a file's name without folder and ending, and how a sentence calls it."""
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    if isinstance(path, str | os.PathLike) and Path(path).stem:
        return Path(path).stem, f"“{Path(path).name}”"
    return "photo", "The picture"


@contextmanager
def quietly():
    """Keep Pillow's warnings about odd files away from the person; what matters is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _all_bytes(file: BinaryIO, subject: str) -> bytes:
    try:
        data = file.read()
    except (OSError, ValueError) as error:
        raise PhotoError(f"{subject} cannot be read: {error}.") from None
    if not isinstance(data, bytes):
        raise PhotoError(f"{subject} was opened as text; open it in binary mode.")
    return data


@contextmanager
def _stream(source: str | os.PathLike | bytes, subject: str):
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


def _formats() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _identify(stream: BinaryIO, head: bytes, max_pixels: int, subject: str) -> Image.Image:
    try:
        with quietly():
            image = Image.open(stream, formats=_formats())
    except Image.DecompressionBombError:
        most = min(max_pixels, 2 * Image.MAX_IMAGE_PIXELS) / 1e6
        raise PhotoError(
            f"{subject} has more pixels than can be read (at most {most:.0f} megapixels)."
        ) from None
    except UnidentifiedImageError:
        image = _from_tifffile(stream, max_pixels, subject) if _is_tiff(head) else None
        if image is not None:
            return image
        if head.startswith(_SIGNATURES) or head[4:12] in {b"ftypavif", b"ftypavis"}:
            raise PhotoError(f"{subject} is damaged and cannot be read.") from None
        raise PhotoError(f"{subject} is not a picture that can be read.") from None
    except Exception:  # Pillow's plug-ins raise whatever a damaged file makes them stumble on
        raise PhotoError(f"{subject} is damaged and cannot be read.") from None
    check_pixels(*image.size, max_pixels, subject)
    return image


def _is_tiff(head: bytes) -> bool:
    return head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


def _from_tifffile(stream: BinaryIO, max_pixels: int, subject: str):
    """An array of a TIFF that Pillow has no mode for (float RGB, 32-bit…), or None."""
    import tifffile  # comes with scikit-image

    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    try:
        stream.seek(0)
        with tifffile.TiffFile(stream) as file:
            page = file.pages[0]
            check_pixels(page.imagewidth, page.imagelength, max_pixels, subject)
            array = page.asarray()
            if page.planarconfig == 2 and array.ndim == 3:
                array = array.transpose(1, 2, 0)
            return array
    except PhotoError:
        raise
    except Exception:  # whatever a damaged or exotic file makes tifffile stumble on
        return None


def frames_note(image: Image.Image) -> str | None:
    """What to tell the person when a file holds more than the picture that is used."""
    kind = _WITH_FRAMES.get(image.format or "")
    return (
        f"Only the first {kind} is used." if kind and getattr(image, "is_animated", False) else None
    )
