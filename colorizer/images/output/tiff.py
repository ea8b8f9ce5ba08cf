"""TIFF with 8 and 16 bits a channel, written strip by strip."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
import tifffile
from PIL import ExifTags, Image, TiffImagePlugin

from ..provenance import with_note
from .picture import Extras, Picture, srgb_profile, strip_rows

_LEVEL = 4  # of deflate: beyond it files shrink by a hundredth
# Of the photograph's EXIF, in the picture's own directory.
_TEXT_TAGS = (0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
_XP_TAGS = (0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F)


def write_tiff(picture: Picture, file: BinaryIO, extras: Extras, quality: int) -> None:
    """Write deflated strips, made one after the other: a picture may be larger than memory."""
    exif = Image.Exif()
    if extras.metadata.exif:
        exif.load(extras.metadata.exif)
    width, height = picture.size
    channels = 4 if picture.transparent else 3
    rows = strip_rows(picture)
    directories = [t for t in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo) if exif.get_ifd(t)]
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
        extratags=_tags(exif, extras, directories),
    )
    for tag in directories:
        _append_directory(file, tag, exif.get_ifd(tag))


def _tags(exif: Image.Exif, extras: Extras, directories: list[int]) -> list[tuple[Any, ...]]:
    """Tags beside tifffile's own: (number, type, count, value, write once)."""
    tags = [(tag, 2, 0, str(exif[tag]), True) for tag in _TEXT_TAGS if tag in exif]
    tags += [(tag, 1, len(exif[tag]), bytes(exif[tag]), True) for tag in _XP_TAGS if tag in exif]
    if extras.xmp:
        tags.append((700, 1, len(extras.xmp), extras.xmp, True))
    if extras.metadata.iptc:
        tags.append((33723, 7, len(extras.metadata.iptc), extras.metadata.iptc, True))
    # tifffile leaves out tags that name directories: their neighbours hold their places.
    return tags + [(tag - 1, 4, 1, 0, True) for tag in directories]


def _deflated(strip: np.ndarray) -> bytes:
    """(n, W, C) as a TIFF stores it: differences of neighbours (predictor 2), deflated."""
    steps = strip.copy()
    np.subtract(strip[:, 1:], strip[:, :-1], out=steps[:, 1:])
    return zlib.compress(steps.astype(steps.dtype.newbyteorder("<"), copy=False), _LEVEL)


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
