"""Writers of a coloured picture and its metadata, one a format."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, BinaryIO, Protocol

import numpy as np
import tifffile
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, TiffImagePlugin

from ..metadata import PNG_IPTC, Metadata, merged_xmp, with_note

_LONGEST_XMP = 65_000  # what fits into a JPEG segment
_LONGEST_COMMENT = 32_000  # half of the buffer that Pillow begins a small JPEG with
_PNG_LEVEL, _TIFF_LEVEL = 4, 4  # of deflate: beyond it files shrink by a hundredth
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
        return merged_xmp(self.metadata.xmp, self.note) if self.note else self.metadata.xmp

    def comment(self, key: str) -> str | None:
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


Write = Callable[[Picture, BinaryIO, Extras, int], None]


@dataclass(frozen=True)
class Format:
    """name: for sentences.  longest: side in pixels.  deep: True if it takes 16 bits a channel.
    lossless: True if it keeps every pixel."""

    name: str
    longest: int
    write: Write
    deep: bool = False
    lossless: bool = True


def _jpeg(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    options: dict[str, Any] = _blocks(extras, exif=extras.metadata.exif, icc_profile=srgb_profile())
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


def _png(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"sRGB", b"\0")
    texts = dict(extras.metadata.texts)
    if description := extras.comment("Description"):
        texts["Description"] = description
    for key, words in texts.items():
        chunks.add_itxt(key[:79], words)
    if extras.xmp:
        chunks.add_itxt("XML:com.adobe.xmp", extras.xmp.decode(errors="replace"))
    if extras.metadata.iptc:
        hexed = f"\niptc\n{len(extras.metadata.iptc):8}\n{extras.metadata.iptc.hex()}\n"
        chunks.add_text(PNG_IPTC, hexed, zip=True)
    if picture.bits == 16:
        _png16(picture, file, chunks, extras.metadata)
        return
    image = picture.image()
    if image.mode not in {"L", "LA", "RGB", "RGBA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    options = _given(exif=extras.metadata.exif, dpi=extras.metadata.dpi)
    image.save(file, "PNG", pnginfo=chunks, icc_profile=None, compress_level=_PNG_LEVEL, **options)


def _png16(
    picture: Picture, file: BinaryIO, chunks: PngImagePlugin.PngInfo, metadata: Metadata
) -> None:
    """16 bits a channel, which Pillow cannot write; every row filtered by Sub.

    libvips could, but only through its pool of threads, see :mod:`colorizer.images.input.vips`.
    """
    width, height = picture.size

    def chunk(kind: bytes, data: bytes) -> None:
        body = kind + data
        file.write(struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body)))

    file.write(b"\x89PNG\r\n\x1a\n")
    kind = 6 if picture.transparent else 2
    chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    for name, data, *_ in chunks.chunks:
        chunk(name, data)
    if metadata.dpi:
        per_metre = (round(value / 0.0254) for value in metadata.dpi)
        chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
    if metadata.exif:
        chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0"))
    deflate = zlib.compressobj(_PNG_LEVEL)
    for strip in picture.strips(_rows(picture)):
        codes = np.ascontiguousarray(strip, ">u2").view(np.uint8).reshape(len(strip), -1)
        pixel = strip.shape[2] * 2
        rows = np.empty((len(strip), 1 + codes.shape[1]), np.uint8)
        rows[:, 0] = 1
        rows[:, 1 : 1 + pixel] = codes[:, :pixel]
        np.subtract(codes[:, pixel:], codes[:, :-pixel], out=rows[:, 1 + pixel :])
        if data := deflate.compress(rows.tobytes()):
            chunk(b"IDAT", data)
    chunk(b"IDAT", deflate.flush())
    chunk(b"IEND", b"")


def _tiff(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    """Deflated strips, made one after the other: a picture larger than memory can be written."""
    exif = Image.Exif()
    if extras.metadata.exif:
        exif.load(extras.metadata.exif)
    width, height = picture.size
    channels = 4 if picture.transparent else 3
    rows = _rows(picture)
    tags = [(tag, 2, 0, str(exif[tag]), True) for tag in _TEXT_TAGS if tag in exif]
    tags += [(tag, 1, len(exif[tag]), bytes(exif[tag]), True) for tag in _XP_TAGS if tag in exif]
    if extras.xmp:
        tags.append((700, 1, len(extras.xmp), extras.xmp, True))
    if extras.metadata.iptc:
        tags.append((33723, 7, len(extras.metadata.iptc), extras.metadata.iptc, True))
    folders = [t for t in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo) if exif.get_ifd(t)]
    # tifffile leaves out tags that name directories: their neighbours hold their places.
    tags += [(tag - 1, 4, 1, 0, True) for tag in folders]
    description = exif.get(ExifTags.Base.ImageDescription) or extras.metadata.texts.get("Comment")
    description = with_note(description, extras.note) if extras.note else description
    tifffile.imwrite(
        file,
        data=(_deflated(strip) for strip in picture.strips(rows)),
        shape=(height, width, channels),
        dtype=np.uint16 if picture.bits == 16 else np.uint8,
        byteorder="<",
        photometric="rgb",
        planarconfig="contig",
        extrasamples=["unassalpha"] if picture.transparent else None,
        rowsperstrip=rows,
        compression="zlib",
        predictor=True,
        resolution=extras.metadata.dpi or (1, 1),
        resolutionunit="inch" if extras.metadata.dpi else "none",
        iccprofile=srgb_profile(),
        description=description.encode() if description else None,
        software=False,
        metadata=None,
        extratags=tags,
    )
    for tag in folders:
        _append_directory(file, tag, exif.get_ifd(tag))


def _deflated(strip: np.ndarray) -> bytes:
    """(n, W, C) as a TIFF stores it: differences of neighbours (predictor 2), deflated."""
    steps = strip.copy()
    np.subtract(strip[:, 1:], strip[:, :-1], out=steps[:, 1:])
    return zlib.compress(steps.astype(steps.dtype.newbyteorder("<"), copy=False), _TIFF_LEVEL)


_TEXT_TAGS = (0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
_XP_TAGS = (0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F)


def _append_directory(file: BinaryIO, tag: int, values: dict[int, Any]) -> None:
    """Write EXIF's or GPS's directory at the end of a TIFF, and its place into the tag."""
    directory = TiffImagePlugin.ImageFileDirectory_v2(ifh=b"II*\0\x08\0\0\0", group=tag)
    for key, value in values.items():
        directory[key] = value
    offset = file.seek(0, io.SEEK_END)
    if offset % 2:
        offset += file.write(b"\0")
    if offset >= 2**32:  # a BigTIFF: EXIF's directories are named by 32 bits
        return
    file.write(directory.tobytes(offset))
    file.seek(0)
    with tifffile.TiffFile(file) as written:
        entry = written.pages[0].tags[tag - 1]
    file.seek(entry.offset)
    file.write(struct.pack("<H", tag))
    file.seek(entry.valueoffset)
    file.write(struct.pack("<I", offset))


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
    blocks = _blocks(extras, exif=extras.exif, icc_profile=srgb_profile())
    image = picture.image()
    if image.mode not in {"RGB", "RGBA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.save(file, name, **options, **blocks)


def _bmp(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    on_paper(picture.image()).save(file, "BMP", **_given(dpi=extras.metadata.dpi))


def _blocks(extras: Extras, **blocks: bytes | None) -> dict[str, Any]:
    return _given(xmp=extras.xmp, **blocks)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


def _rows(picture: Picture) -> int:
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


JPEG = Format("JPEG", 65_500, _jpeg, lossless=False)
PNG = Format("PNG", 2**31 - 1, _png, deep=True)
TIFF = Format("TIFF", 2**31 - 1, _tiff, deep=True)
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
