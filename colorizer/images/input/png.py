"""A PNG's chunks for colour.  Decoding is libvips's; it leaves these to the caller."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO, NamedTuple

from colorizer.errors import PhotoError, Sentence

_OF_INTEREST = {b"IHDR", b"acTL", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"sBIT"}
_LONGEST_PROFILE = 8_000_000
_PQ, _HLG, _LINEAR = 16, 18, 8  # transfer functions of ITU-T H.273, as cICP names them
_SRGB_GAMMA = (0.44, 0.47)  # what counts as sRGB's own 0.45455


class Colors(NamedTuple):
    """Facts about the colours of a PNG.

    gamma: exponent that the codes were made with, or None for sRGB or a profile.
    profile: an ICC profile.  frames: of an animation, 1 for a still picture.  size: (width,
    height) that the header says, or None; libvips calls too large a one damaged.
    significant: bits of the original samples (sBIT), if the file says so.
    """

    gamma: float | None = None
    profile: bytes | None = None
    frames: int = 1
    size: tuple[int, int] | None = None
    significant: int | None = None


def colors(stream: BinaryIO, subject: str) -> Colors:
    """Read the chunks before the picture's data.

    Of those for colour the strongest counts: cICP, iCCP, sRGB, gAMA (PNG, third edition, 4.3).
    Raises PhotoError for HDR.
    """
    chunks = _before_data(stream)
    header = chunks.get(b"IHDR", b"")
    significant = max(chunks.get(b"sBIT", b""), default=None)
    size = struct.unpack(">II", header[:8]) if len(header) == 13 else None
    return _of_chunks(chunks, subject)._replace(size=size, significant=significant)


def _of_chunks(chunks: dict[bytes, bytes], subject: str) -> Colors:
    frames = (
        struct.unpack(">I", chunks[b"acTL"][:4])[0] if len(chunks.get(b"acTL", b"")) == 8 else 1
    )
    transfer = chunks[b"cICP"][1] if len(chunks.get(b"cICP", b"")) == 4 else None
    if transfer in (_PQ, _HLG):
        raise PhotoError(
            Sentence(
                "{subject} is an HDR picture, which cannot be read; save it as SDR.",
                subject=subject,
            )
        )
    if transfer is not None:
        return Colors(1.0 if transfer == _LINEAR else None, frames=frames)
    if b"iCCP" in chunks:
        return Colors(profile=_profile(chunks[b"iCCP"]), frames=frames)
    if b"sRGB" in chunks or len(chunks.get(b"gAMA", b"")) != 4:
        return Colors(frames=frames)
    gamma = struct.unpack(">I", chunks[b"gAMA"])[0] / 100_000
    low, high = _SRGB_GAMMA
    usual = low <= gamma <= high or not 0.1 <= gamma <= 5
    return Colors(None if usual else gamma, frames=frames)


def _profile(chunk: bytes) -> bytes:
    """An iCCP chunk's profile; nonsense, which is told to the person later, if it is broken.

    libvips leaves out profiles that it finds unfit, such as one for RGB in a grey picture.
    """
    _, _, packed = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _LONGEST_PROFILE) or b"broken"
    except zlib.error:
        return b"broken"


def _before_data(stream: BinaryIO) -> dict[bytes, bytes]:
    """The small chunks up to the first IDAT."""
    stream.seek(8)
    found: dict[bytes, bytes] = {}
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IDAT":
            break
        if length <= _LONGEST_PROFILE and kind in _OF_INTEREST:
            found.setdefault(kind, stream.read(length))
            stream.seek(4, 1)
        else:
            stream.seek(length + 4, 1)
    return found
