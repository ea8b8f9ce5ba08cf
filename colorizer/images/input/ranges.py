"""Sample values of black and white, where the type of the samples does not say.

One rule for files and arrays: a declared range counts, and a file of 16 bits declares 16, unless
its values end just below 1024, 4096 or 16384, as those of a scanner of 10, 12 or 14 bits do; other
whole numbers are taken for the fewest of 8, 10, 12, 14, 16, 24 or 32 bits that hold the largest of
them; floats for 0…1, or, where they go beyond, for the range of such whole numbers.  A person is
told of every guess.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from colorizer.errors import PhotoError, Sentence

_BITS = (8, 10, 12, 14, 16, 24, 31, 32, 63, 64)
# How far resampling may carry floats beyond black and white: a 50th of the range is clipped.
_OVERSHOOT = 0.02
# The share of white that the brightest sample of a scan reaches at least.  Of dark pictures that do
# have 16 bits, one in thirteen ends so near below a power of four by chance.
_BRIGHTEST = 0.9
# The least share of white that the brightest sample of a usable picture reaches.
_DARKEST = 1 / 16


class Range(NamedTuple):
    """The sample values of black and of white; what is outside them is clipped."""

    black: float
    white: float

    def is_whole(self, kind: np.dtype) -> bool:
        """True if these are the ends of uint8 or uint16 and nothing has to be scaled."""
        whole = kind in (np.uint8, np.uint16)
        return whole and self == (0, np.iinfo(kind).max)


class Extent:
    """The least and the largest finite value of the arrays seen so far."""

    def __init__(self) -> None:
        self.least, self.largest = np.inf, -np.inf
        self.all_finite = True

    def add(self, values: np.ndarray) -> None:
        if values.dtype.kind != "f":
            self.least = min(self.least, int(values.min()))
            self.largest = max(self.largest, int(values.max()))
            return
        finite = np.isfinite(values)
        self.all_finite &= bool(finite.all())
        self.least = min(self.least, float(values.min(initial=np.inf, where=finite)))
        self.largest = max(self.largest, float(values.max(initial=-np.inf, where=finite)))

    def settles(self, kind: np.dtype) -> bool:
        """True once no further value can change the range of samples of this type."""
        return kind == np.uint16 and self.largest >= 2**14


def full_range(kind: np.dtype) -> Range:
    """The range from 0 to the largest whole number of the type."""
    return Range(0, int(np.iinfo(kind).max))


def find_range(
    extent: Extent, kind: np.dtype, subject: str, notes: list[str], significant: int | None = None
) -> Range:
    """The range of samples of a type by their extent; adds to ``notes`` what a person should know.

    significant: bits of the scanner, where a file says them but not whether its samples fill the
    range of the type, as they should, or only that of these bits.  16 of 16 is what every file says.
    Raises PhotoError where nothing says what black is: below zero, or no numbers at all.
    """
    if extent.least > extent.largest:
        raise PhotoError(f"{subject} holds no numbers, and so no picture.")
    if kind.kind == "f":
        return _float_range(extent, subject, notes)
    if extent.least < 0:
        raise _below_zero(extent, subject)
    full = full_range(kind)
    # One bit of a signed type is its sign.
    if significant == kind.itemsize * 8:
        bits = _bits_of_scan(extent.largest, significant, notes)
    elif significant is None:
        bits = next(b for b in _BITS if extent.largest < 2**b)
    else:
        bits = significant if extent.largest < 2**significant else kind.itemsize * 8
    white = min(2**bits - 1, full.white)
    # Wide types are what programs count in; 8 and 16 bits in them are no surprise.
    expected = kind.itemsize > 2 and bits in (8, 16)
    if white != full.white and extent.largest > 0 and not expected:
        notes.append(
            f"The values reach {extent.largest}, so they are taken for {bits} bits: "
            f"{white} is white."
        )
    return Range(0, white)


def _bits_of_scan(largest: float, declared: int, notes: list[str]) -> int:
    """Bits of a picture of 16 bits, which may have been made with fewer without saying so."""
    bits = next((b for b in (10, 12, 14) if 0 < largest < 2**b), declared)
    if largest >= _BRIGHTEST * (2**bits - 1):
        return bits
    if bits < declared:
        notes.append(
            f"The values reach only {largest} of 65535. If the picture looks wrong so, it has "
            f"{bits} bits and does not say it: the TIFF tag MaxSampleValue would."
        )
    return declared


def _float_range(extent: Extent, subject: str, notes: list[str]) -> Range:
    if not extent.all_finite:
        notes.append(
            Sentence("Some values are not numbers; they are taken as black, or white if infinite.")
        )
    top = extent.largest
    if top <= 1 + _OVERSHOOT:
        white = 1.0
    elif top <= 2 or top > 65535 * (1 + _OVERSHOOT):
        white = top
    else:
        levels = (2**bits - 1 for bits in _BITS)
        white = float(next(level for level in levels if top <= level * (1 + _OVERSHOOT)))
        if top < white * _DARKEST:
            raise PhotoError(
                f"{subject} holds values up to {top:.3g}, and nothing in it says which of them is "
                "white; save it with values from 0 to 1."
            )
    if extent.least < -_OVERSHOOT * white:
        raise _below_zero(extent, subject)
    if white != 1:
        notes.append(f"The values reach {top:g}, so {white:g} is taken as white.")
    return Range(0.0, white)


def _below_zero(extent: Extent, subject: str) -> PhotoError:
    return PhotoError(
        f"{subject} holds values below zero ({extent.least:.3g} to {extent.largest:.3g}), and "
        "nothing in it says which of them is black; save it with values from 0 up."
    )


def scaled(values: np.ndarray, limits: Range) -> np.ndarray:
    """Samples of any type → the same picture in uint8 or uint16, from black at 0 to white.

    Values that are not numbers become black; infinite ones white, or black below zero.
    """
    if values.dtype == bool:
        return values.astype(np.uint8) * np.uint8(255)
    if limits.is_whole(values.dtype):
        return values
    black, white = limits
    if values.dtype.kind == "u" and values.dtype.itemsize == 2 and white == 65535:
        return values.astype(np.uint16)  # of the other byte order
    if values.dtype.kind in "ui" and black == 0 and white == 255:
        return values.clip(0, 255).astype(np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        share = values.astype(np.float64 if values.dtype.itemsize > 4 else np.float32)
        share -= black
        share *= 65535 / (white - black)
    np.nan_to_num(share, copy=False, nan=0.0, posinf=65535.0, neginf=0.0)
    share += 0.5
    return share.clip(0, 65535, out=share).astype(np.uint16)
