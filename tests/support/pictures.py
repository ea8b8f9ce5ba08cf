"""Makes picture files that Pillow cannot write, compares pictures, counts who is asked for one."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

import colorizer


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def distance(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other).max())


def png16(samples: np.ndarray, alpha: bool = False) -> bytes:
    """A 16-bit RGB(A) PNG, which Pillow cannot write; every row with the Paeth-free filter Sub."""
    height, width, channels = samples.shape
    raw = samples.astype(">u2").tobytes()
    stride = width * channels * 2
    rows = []
    for y in range(height):
        row = np.frombuffer(raw[y * stride : (y + 1) * stride], np.uint8)
        before = np.concatenate([np.zeros(2 * channels, np.uint8), row[: -2 * channels]])
        rows.append(b"\1" + (row - before).tobytes())

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 16, 6 if channels == 4 else 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    )


def grey_profile(gamma: float) -> bytes:
    """A minimal ICC profile for grey with a pure power as its curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + b"\0" * 79
    tags, blocks, at = [], b"", 128 + 4 + 3 * 12
    for name, block in ((b"kTRC", curve), (b"wtpt", white), (b"desc", text)):
        block += b"\0" * (-len(block) % 4)
        tags.append(name + struct.pack(">II", at + len(blocks), len(block)))
        blocks += block
    size = at + len(blocks)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", 3) + b"".join(tags) + blocks


def wide_profile() -> bytes:
    """An RGB profile that is not sRGB: sRGB with red and green exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def chroma(image: Image.Image) -> float:
    """Mean difference of the strongest and the weakest channel: 0 for grey."""
    rgb = np.asarray(image.convert("RGB"), dtype=np.int16)
    return float((rgb.max(axis=2) - rgb.min(axis=2)).mean())


class Counted:
    """A colorizer that counts how often its network runs."""

    def __init__(self, inner: colorizer.Colorizer) -> None:
        self.inner, self.runs = inner, 0

    def analyze(self, *arguments, **keywords):
        self.runs += 1
        return self.inner.analyze(*arguments, **keywords)
