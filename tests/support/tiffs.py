"""Builds TIFF files tag by tag: what no writer would write, and what old ones did."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_SHORT, _LONG, _RATIONAL, _DOUBLE, _BYTES = 3, 4, 5, 12, 7
_SIZES = {1: 1, 2: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, _BYTES: 1, 11: 4, _DOUBLE: 8, 13: 4}
_FORMATS = {_SHORT: "H", _LONG: "I", 11: "f", _DOUBLE: "d", 13: "I"}

Tags = Mapping[int, Any]
SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
DESCRIPTION, OFFSETS, ORIENTATION, SAMPLES, ROWS, COUNTS = 270, 273, 274, 277, 278, 279
LEAST, MOST, PLANAR, COLORMAP, SUBIFDS, INK_SET = 280, 281, 284, 320, 330, 332
EXTRA, FORMAT, SMALLEST, LARGEST = 338, 339, 340, 341
SUBSAMPLING, REFERENCE, PROFILE = 530, 532, 34675


def page(pixels: np.ndarray, photometric: int, tags: Tags | None = None) -> tuple[dict, list]:
    """One image of a file: its tags and the strips that its pixels are stored in.

    pixels: (H, W) or (H, W, samples); uint8…64, int8…64 or float16…64.  tags: in addition, or
    instead; ``PLANAR: 2`` stores the samples apart, ``COMPRESSION: 8`` deflates.
    """
    tags = dict(tags or {})
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    layout = {
        WIDTH: pixels.shape[1],
        HEIGHT: pixels.shape[0],
        BITS: (pixels.dtype.itemsize * 8,) * samples,
        COMPRESSION: 1,
        PHOTOMETRIC: photometric,
        SAMPLES: samples,
        ROWS: pixels.shape[0],
        PLANAR: 1,
        FORMAT: (kind,) * samples,
    } | tags
    apart = layout[PLANAR] == 2
    planes = [pixels[..., i] for i in range(samples)] if apart else [pixels]
    return layout, planes


def packed(pixels: np.ndarray, bits: int) -> bytes:
    """(H, W) or (H, W, samples) whole numbers → ``bits`` bits each, every row filled to a byte."""
    rows = pixels.reshape(len(pixels), -1).astype(np.uint32)
    places = np.arange(bits - 1, -1, -1)
    return np.packbits((rows[..., None] >> places & 1).reshape(len(rows), -1), axis=1).tobytes()


def build(pages: Sequence[tuple[dict, list]], order: str = "<") -> bytes:
    """The file.  Every page is (tags, strips); a strip is an array, or bytes as they are.

    ``SUBIFDS`` may hold a list of pages.  order: "<" or ">".
    """
    data = bytearray((b"II*\0" if order == "<" else b"MM\0*") + b"\0\0\0\0")
    patch = 4
    for layout, strips in pages:
        at, patch_next = _append(data, layout, strips, order)
        struct.pack_into(order + "I", data, patch, at)
        patch = patch_next
    return bytes(data)


def tiff(pixels: np.ndarray, photometric: int, tags: Tags | None = None, order: str = "<") -> bytes:
    """A file with one page."""
    return build([page(pixels, photometric, tags)], order)


def _append(data: bytearray, layout: dict, strips: list, order: str) -> tuple[int, int]:
    """Adds a page's strips and directory; where the directory begins, and where its link lies."""
    layout = dict(layout)
    offsets, counts = [], []
    for strip in strips:
        if not isinstance(strip, bytes):
            strip = strip.astype(strip.dtype.newbyteorder(order)).tobytes()
            if layout[COMPRESSION] == 8:
                strip = zlib.compress(strip)
        offsets.append(len(data))
        counts.append(len(strip))
        data += strip + b"\0" * (len(strip) % 2)
    layout |= {OFFSETS: tuple(offsets), COUNTS: tuple(counts)}
    if SUBIFDS in layout:
        layout[SUBIFDS] = tuple(_append(data, *one, order)[0] for one in layout[SUBIFDS])
    entries = []
    for tag, value in sorted(layout.items()):
        kind, count, raw = _value(tag, value, order)
        if len(raw) > 4:
            at = len(data)
            data += raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(order + "I", at)
        entries.append(struct.pack(order + "HHI", tag, kind, count) + raw.ljust(4, b"\0"))
    start = len(data)
    data += struct.pack(order + "H", len(entries)) + b"".join(entries) + b"\0\0\0\0"
    return start, len(data) - 4


def _value(tag: int, value: Any, order: str) -> tuple[int, int, bytes]:
    if isinstance(value, bytes):
        return (2 if tag == DESCRIPTION else _BYTES), len(value), value
    values = value if isinstance(value, tuple) else (value,)
    if tag == REFERENCE:
        flat = [n for v in values for n in (v, 1)]
        return _RATIONAL, len(values), struct.pack(f"{order}{len(flat)}I", *flat)
    if any(isinstance(v, float) for v in values):
        return _DOUBLE, len(values), struct.pack(f"{order}{len(values)}d", *values)
    kind = _LONG if tag in (OFFSETS, COUNTS, SUBIFDS) or max(values) > 65535 else _SHORT
    return kind, len(values), struct.pack(f"{order}{len(values)}{_FORMATS[kind]}", *values)
