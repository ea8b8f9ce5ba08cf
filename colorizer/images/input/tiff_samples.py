"""Samples of a TIFF that libvips does not read, or reads in a way of its own."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import tifffile

from .layout import GREY, RGB, Layout
from .tiff import PACKED, Picture


def fitted(layout: Layout, bands: int) -> Layout:
    """The layout of samples as they were decoded: a palette of greys becomes one sample."""
    if layout.space == RGB and bands < 3:
        return replace(layout, space=GREY, alpha=None if layout.alpha is None else 1)
    return layout


def turned_back(strip: np.ndarray) -> np.ndarray:
    """Samples of :attr:`Picture.turned` as they are in the file; transparency is left alone."""
    strip = strip.copy()
    np.subtract(np.iinfo(strip.dtype).max, strip[..., 0], out=strip[..., 0])
    return strip


def decoded(stream: BinaryIO, picture: Picture) -> np.ndarray:
    """(H, W, samples) of a picture whose decoder is TIFFFILE or PACKED.  Raises anything."""
    with tifffile.TiffFile(stream) as file:
        page = file.pages[picture.page]
        if picture.subifd is not None:
            page = page.pages[picture.subifd]
        if picture.decoder == PACKED:
            return _unpacked(file, page)
        array = page.asarray()
        if array.ndim == 3 and page.planarconfig == 2:
            array = array.transpose(1, 2, 0)
        return array.reshape(picture.height, picture.width, -1)


def _unpacked(file: tifffile.TiffFile, page: Any) -> np.ndarray:
    """Samples of 10, 12 or 14 bits without gaps, each row filled to a byte: (H, W, samples)."""
    bits, apart = page.bitspersample, page.planarconfig == 2
    samples = 1 if apart else page.samplesperpixel
    row_bytes = (page.imagewidth * samples * bits + 7) // 8
    strips = []
    for data, *_ in file.filehandle.read_segments(page.dataoffsets, page.databytecounts):
        limit = page.rowsperstrip * row_bytes
        strips.append(
            data if page.compression == 1 else zlib.decompressobj().decompress(data, limit)
        )
    packed = np.frombuffer(b"".join(strips), np.uint8)
    planes = page.samplesperpixel if apart else 1
    rows = packed[: planes * page.imagelength * row_bytes].reshape(-1, row_bytes)
    result = np.empty((len(rows), page.imagewidth * samples), np.uint16)
    weights = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint16)
    for row, out in zip(rows, result, strict=True):
        ones = np.unpackbits(row)[: out.size * bits].reshape(-1, bits)
        out[:] = ones @ weights
    result = result.reshape(planes, page.imagelength, page.imagewidth, samples)
    return result[0] if planes == 1 else result[..., 0].transpose(1, 2, 0)
