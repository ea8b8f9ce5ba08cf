"""PNG with 8 and 16 bits a channel."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np
from PIL import PngImagePlugin

from ..metadata import PNG_IPTC, Metadata
from .picture import Extras, Picture, nonempty, strip_rows

_LEVEL = 4  # of deflate: beyond it files shrink by a hundredth


def write_png(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    """Write a PNG, its words in iTXt chunks."""
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
        _write_png16(picture, file, chunks, extras.metadata)
        return
    image = picture.image()
    if image.mode not in {"L", "LA", "RGB", "RGBA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    options = nonempty(exif=extras.metadata.exif, dpi=extras.metadata.dpi)
    image.save(file, "PNG", pnginfo=chunks, icc_profile=None, compress_level=_LEVEL, **options)


def _write_png16(
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
    deflate = zlib.compressobj(_LEVEL)
    for strip in picture.strips(strip_rows(picture)):
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
