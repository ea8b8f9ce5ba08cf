"""Files that are refused, each in one sentence, and decoders' failures turned into one."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from colorizer.errors import PhotoError, Sentence

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_RAW_ENDINGS = {".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".orf", ".rw2", ".pef"}


def check_pixels(width: int, height: int, max_pixels: int, subject: str) -> None:
    """Raise PhotoError for a picture with no pixels or with more than ``max_pixels``."""
    if width < 1 or height < 1:
        raise PhotoError(Sentence("{subject} has no pixels.", subject=subject))
    if width * height > max_pixels:
        raise PhotoError(
            Sentence(
                "{subject} has {megapixels} megapixels ({size}); at most {most} can be read.",
                subject=subject,
                megapixels=f"{width * height / 1e6:.0f}",
                size=f"{width} × {height}",
                most=f"{max_pixels / 1e6:g}",
            ),
            size=(width, height),
            limit=max_pixels,
        )


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
        raise PhotoError(
            Sentence("{subject} is too large for the memory of this computer.", subject=subject)
        ) from None
    except Exception:  # decoders raise whatever a damaged file makes them stumble on
        raise PhotoError(
            Sentence("{subject} is damaged or cut short and cannot be read.", subject=subject)
        ) from None


def refuse_by_name(head: bytes, source: object, subject: str) -> None:
    """Say what a file is where that helps more than “not a picture”."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF"):
        raise PhotoError(
            Sentence("{subject} is a PDF; save its page as a PNG or JPEG first.", subject=subject)
        )
    if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head:
        raise PhotoError(
            Sentence(
                "{subject} is an SVG drawing, not a photo; save it as a PNG first.", subject=subject
            )
        )
    ending = Path(source).suffix.lower() if isinstance(source, str | os.PathLike) else ""
    if ending in _RAW_ENDINGS:
        raise PhotoError(
            Sentence(
                "{subject} is a camera's raw file; save it as a JPEG or TIFF first.",
                subject=subject,
            )
        )
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        raise PhotoError(
            Sentence(
                "{subject} is a JPEG XL picture; save it as a JPEG or PNG first.", subject=subject
            )
        )
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
