"""Writing pictures: files that appear whole or not at all, in sRGB, with the EXIF that stays true."""

from __future__ import annotations

import io
import os
import secrets
import struct
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from .reader import PhotoError, quietly

# EXIF that stays true of the coloured picture: what it shows, when, with what, by whom. Not the
# orientation (already applied), nor anything about how the old file was laid out.
_KEPT_TAGS = {
    *(0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298),
    *(0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),  # title, comment, author, keywords, subject
}
_MAKER_NOTE, _COLOR_SPACE, _WIDTH, _HEIGHT, _INTEROP = 0x927C, 0xA001, 0xA002, 0xA003, 0xA005
_LONGEST_EXIF = 65_533  # what fits into a JPEG segment

_LONGEST_JPEG_SIDE = 65_500
# What every written picture should say of itself.
SIMULATED = (
    "Colours are simulated: guessed by a computer from lightness, no record of what was there."
)
_ENHANCED = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"


def clean_exif(image: Image.Image, size: tuple[int, int]) -> bytes | None:
    """The EXIF to write again: dates, camera, place, words; no orientation, no preview.

    size: (width, height) of the upright picture, for the tags that repeat it.
    A block that cannot be read or would not fit into a JPEG is left out.
    """
    try:
        with quietly():
            old, new = image.getexif(), Image.Exif()
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


def save(
    image: Image.Image,
    path: str | os.PathLike,
    *,
    exif: bytes | None = None,
    quality: int = 95,
    overwrite: bool = False,
    note: str | None = None,
) -> None:
    """Write ``image`` as sRGB: .jpg and .jpeg as JPEG without chroma subsampling, else PNG.

    The file appears whole or not at all, and without ``overwrite`` an existing one is never
    touched, however late it came to exist.  note: what viewers and archives should know, such as
    that the colours are simulated; written where each format keeps comments, and with XMP's
    standard mark for pictures that a program has added to.  Raises PhotoError.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise PhotoError(f"“{path}” is a folder; a file name is needed.")
    if not overwrite and os.path.lexists(path):
        raise PhotoError(f"“{path}” exists already.")
    _check_format(image, path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        # In the same folder, so that it can be renamed; the usual permissions, unlike mkstemp's.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            _write(image, file, path, exif, quality, note)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(temporary, path)
        else:
            _move_to_new(temporary, path)
    except FileExistsError:
        raise PhotoError(f"“{path}” exists already.") from None
    except FileNotFoundError:
        raise PhotoError(f"There is no folder “{path.parent}” to write to.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"“{path}” cannot be written: {reason}.") from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()


def encode(
    image: Image.Image,
    name: str | os.PathLike,
    *,
    exif: bytes | None = None,
    quality: int = 95,
    note: str | None = None,
) -> bytes:
    """The bytes that :func:`save` would write to a file of this name.  Raises PhotoError."""
    path, stream = Path(name), io.BytesIO()
    _check_format(image, path)
    _write(image, stream, path, exif, quality, note)
    return stream.getvalue()


def _check_format(image: Image.Image, path: Path) -> None:
    if _is_jpeg(path) and max(image.size) > _LONGEST_JPEG_SIDE:
        raise PhotoError(f"“{path}” would be too wide or tall for a JPEG; write a PNG instead.")


def _is_jpeg(path: Path) -> bool:
    return path.suffix.lower() in {".jpg", ".jpeg"}


def _write(
    image: Image.Image,
    file: BinaryIO,
    path: Path,
    exif: bytes | None,
    quality: int,
    note: str | None,
) -> None:
    if _is_jpeg(path):
        _write_jpeg(image, file, exif, quality, note)
    else:
        _write_png(image, file, exif, note)


def _move_to_new(temporary: Path, path: Path) -> None:
    """Give the file its name unless that is taken; FileExistsError if it is."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first, then fill it
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        os.replace(temporary, path)


def _xmp(note: str) -> bytes:
    """The note as XMP, and IPTC's word for a picture to which an algorithm has added."""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(note)}</rdf:li></rdf:Alt></dc:description>
<Iptc4xmpExt:DigitalSourceType>{_ENHANCED}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>""".encode()


def _write_jpeg(
    image: Image.Image, file: BinaryIO, exif: bytes | None, quality: int, note: str | None
) -> None:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    if image.mode != "L":
        image = image.convert("RGB")
    extra = {"exif": exif} if exif else {}
    if note:
        extra |= {"comment": note.encode(), "xmp": _xmp(note)}
    profile = srgb_profile()
    image.save(file, "JPEG", quality=quality, subsampling=0, icc_profile=profile, **extra)


def _write_png(image: Image.Image, file: BinaryIO, exif: bytes | None, note: str | None) -> None:
    if image.mode not in {"L", "LA", "RGB", "RGBA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"sRGB", b"\0")
    if note:
        chunks.add_itxt("Description", note)
        chunks.add_itxt("XML:com.adobe.xmp", _xmp(note).decode())
    extra = {"exif": exif} if exif else {}
    image.save(file, "PNG", pnginfo=chunks, icc_profile=None, compress_level=4, **extra)


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # LittleCMS writes the hour it is
    return bytes(profile)
