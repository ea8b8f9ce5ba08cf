"""TIFF: what each tag means for the picture, and who decodes it.  All that is decided is here.

A TIFF file is a container: of pages that may be previews or masks of one another, of colours in
two dozen spaces, of numbers of any size.  :func:`find_photograph` reads the tags alone (TIFF 6.0, its
technical notes, TIFF/EP and DNG) and says which page is the photograph and what its samples mean,
or refuses it by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from operator import index as index_of  # TypeError for a damaged file's text or fraction
from typing import Any, BinaryIO

import numpy as np
import tifffile

from colorizer.errors import PhotoError, Sentence

from .layout import CMYK, GREY, ICC_LAB, LAB, RGB, YCBCR, Layout
from .ranges import Range

logging.getLogger("tifffile").addHandler(logging.NullHandler())
logging.getLogger("tifffile").propagate = False

# Tags by their number.
_SUBFILE, _OLD_SUBFILE, _PHOTOMETRIC, _ORIENTATION = 254, 255, 262, 274
_LARGEST_WHOLE, _INK_SET, _EXTRA, _SMALLEST, _LARGEST = 281, 332, 338, 340, 341
_SUBSAMPLING, _REFERENCE, _PROFILE, _DNG = 530, 532, 34675, 50706
_XMP, _IPTC = 700, 33723
_REDUCED, _TRANSPARENCY_MASK = 1, 4  # bits of _SUBFILE
_MOST_PAGES = 64  # that are looked at for the photograph

_SPACES = {0: GREY, 1: GREY, 2: RGB, 3: RGB, 5: CMYK, 6: YCBCR, 8: LAB, 9: ICC_LAB}
_WHITE_IS_ZERO, _PALETTE, _MASK = 0, 3, 4
_RAW = "is a camera's raw file; save it as a JPEG or TIFF first"
_REFUSED_SPACES = {
    _MASK: "holds a transparency mask and no photograph",
    10: "stores its colours as ITULab, which cannot be read; save it as RGB",
    32803: _RAW,
    32844: "stores light as LogL, which cannot be read; save it with 16 bits a sample",
    32845: "stores light as LogLuv, which cannot be read; save it with 16 bits a sample",
    34892: _RAW,
    51177: "holds a depth map and no photograph",
    52527: "holds a mask and no photograph",
}
# Who undoes a compression: libvips, or Pillow for samples of 8 bits.
_BY_VIPS = {1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32946}
_BY_PILLOW = {6: "old-style JPEG", 34925: "LZMA", 50000: "Zstandard"}
_JPEG, _DEFLATED = {6, 7}, {1, 8, 32946}
_COMPRESSIONS = _BY_PILLOW | {
    32809: "ThunderScan", 34661: "JBIG", 34676: "SGI Log", 34677: "SGI Log", 34712: "JPEG 2000",
    34887: "LERC", 34892: "lossy DNG JPEG", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_UNSIGNED, _SIGNED, _FLOAT, _VOID = 1, 2, 3, 4
_KINDS = {_SIGNED: "i", _FLOAT: "f"}
# Rows of packed samples are unpacked here, and 64-bit ones by tifffile; libvips has neither.
_PACKED_BITS = (10, 12, 14)
VIPS, PILLOW, TIFFFILE, PACKED = "libvips", "Pillow", "tifffile", "packed"


@dataclass(frozen=True)
class Picture:
    """The photograph of a file.

    decoder: one of the four above.  page, subifd: where it is.  more: True if the file has
    further photographs.  extra: number of samples that are neither colour nor transparency.
    offset: of its directory in the file.  blocks: its “xmp” and “iptc”.
    turned: True if libvips has turned white-is-zero around about the end of the type, which is not
    white where samples have fewer bits.
    """

    decoder: str
    width: int
    height: int
    layout: Layout
    orientation: int
    page: int
    subifd: int | None
    more: bool
    extra: int
    offset: int
    blocks: Mapping[str, bytes | None] = field(default_factory=dict)
    turned: bool = False


def find_photograph(stream: BinaryIO, subject: str) -> Picture:
    """Find the photograph in a TIFF and what its samples mean.  Raises PhotoError by name."""
    damaged = PhotoError(Sentence("{subject} is damaged and cannot be read.", subject=subject))
    try:
        with tifffile.TiffFile(stream) as file:
            found = list(_photographs(file))
            if not found:
                raise PhotoError(f"{subject} {_REFUSED_SPACES[_MASK]}.") if file.pages else damaged
            page, index, subifd = found[0]
            return _described(page, index, subifd, len(found) > 1, subject)
    except PhotoError:
        raise
    except Exception:  # whatever a damaged file makes tifffile stumble on
        raise damaged from None


def _photographs(file: tifffile.TiffFile) -> Iterator[tuple[tifffile.TiffPage, int, int | None]]:
    """(page, its number, which of its subpages) of all that are no preview and no mask.

    Where there is none, the largest preview.
    """
    pages, previews, found, seen = [], [], False, set()
    with suppress(tifffile.TiffFileError, IndexError):  # a chain that ends in nonsense
        for index in range(_MOST_PAGES):
            page = file.pages[index]
            if page.offset in seen:  # a chain that bites its own tail
                break
            seen.add(page.offset)
            pages.append((page, index, None))
    for page, index, _ in list(pages):
        for number, sub in enumerate(page.pages if page.subifds else ()):
            pages.append((sub, index, number))
    # Subpages are looked at last: beside a photograph they are smaller copies of it.
    for page, index, number in pages:
        kind = _tag(page, _SUBFILE, 0)
        reduced = kind & _REDUCED or _tag(page, _OLD_SUBFILE) == 2
        if kind & _TRANSPARENCY_MASK or _tag(page, _PHOTOMETRIC) == _MASK:
            continue
        if reduced:
            previews.append((page, index, number))
        elif number is None or not found:
            found = True
            yield page, index, number
    if not found and previews:
        yield max(previews, key=lambda p: p[0].imagewidth * p[0].imagelength)


def _described(page: Any, index: int, subifd: int | None, more: bool, subject: str) -> Picture:
    photometric = _photometric(page, subject)
    space, bits, kind = _SPACES[photometric], _bits(page, subject), _kind(page, subject)
    _check_space(page, space, bits, kind, subject)
    colors = 1 if photometric == _PALETTE else Layout(space).samples
    _check_samples(page, space, colors, subject)
    alpha, associated = _alpha(page, colors)
    extra = page.samplesperpixel - colors - (alpha is not None)
    decoder = _decoder(page, photometric, bits, subject)
    negative = photometric == _WHITE_IS_ZERO
    whole = kind in (_UNSIGNED, _VOID)
    limits = Range(0, 255) if photometric == _PALETTE else _range(page, space, bits, kind)
    layout = Layout(
        space,
        range=limits,
        significant=16 if limits is None and whole and bits == 16 else None,
        # libvips turns unsigned samples around itself, and for 8 bits that is the end of it.
        inverted=negative and not (decoder == VIPS and whole and bits <= 8),
        alpha=None if alpha is None else alpha + (2 if photometric == _PALETTE else 0),
        associated=associated and decoder != VIPS,  # libvips divides by it
        profile=_bytes(page, _PROFILE),
        reference=_reference(page),
    )
    if space == YCBCR and page.compression in _JPEG:
        layout = Layout(RGB, Range(0, 255), profile=layout.profile)
    return Picture(
        decoder,
        index_of(page.imagewidth),
        index_of(page.imagelength),
        layout,
        _one(_tag(page, _ORIENTATION, 1)),
        index,
        subifd,
        more,
        extra,
        page.offset,
        {"xmp": _bytes(page, _XMP), "iptc": _bytes(page, _IPTC)},
        negative and decoder == VIPS and whole and bits > 8,
    )


def _photometric(page: Any, subject: str) -> int:
    """The tag that says what the samples are.  Raises PhotoError for those that are not read."""
    photometric = _tag(page, _PHOTOMETRIC)
    if _tag(page, _DNG) is not None:
        raise PhotoError(f"{subject} {_RAW}.")
    if photometric in _REFUSED_SPACES:
        raise PhotoError(f"{subject} {_REFUSED_SPACES[photometric]}.")
    if photometric not in _SPACES:
        raise PhotoError(f"{subject} stores its colours as kind {photometric}, which is not known.")
    if photometric == _PALETTE and 320 not in page.tags:
        raise PhotoError(f"{subject} is damaged: its colours have no palette.")
    return photometric


def _kind(page: Any, subject: str) -> int:
    """The type of the samples.  Raises PhotoError for complex numbers."""
    kind = _one(_tag(page, 339, _UNSIGNED))
    if kind not in (_UNSIGNED, _SIGNED, _FLOAT, _VOID):
        raise PhotoError(f"{subject} holds complex numbers, which are no photograph.")
    return kind


def _check_samples(page: Any, space: str, colors: int, subject: str) -> None:
    """Raise PhotoError for too few samples a pixel, or far too many."""
    samples = page.samplesperpixel
    if samples < colors:
        inks = "inks" if space == CMYK else "channels"
        raise PhotoError(f"{subject} has {samples} {inks} where {colors} belong.")
    if samples > 2 * colors + 2:
        raise PhotoError(f"{subject} has {samples} channels and is no photograph.")


def _bytes(page: Any, number: int) -> bytes | None:
    value = _tag(page, number)
    return value if isinstance(value, bytes) else None


def _bits(page: Any, subject: str) -> int:
    bits = _tag(page, 258, 1)
    each = set(bits if isinstance(bits, tuple) else (bits,))
    if len(each) != 1:
        raise PhotoError(f"{subject} has channels of different depths, which cannot be read.")
    return each.pop()


def _check_space(page: Any, space: str, bits: int, kind: int, subject: str) -> None:
    """Raise PhotoError for a colour space at a depth or in a form that is not read."""
    if space in (LAB, ICC_LAB) and (bits not in (8, 16) or kind == _FLOAT):
        raise PhotoError(f"{subject} stores CIELab colours with {bits} bits; save it as RGB.")
    if space == CMYK and _one(_tag(page, _INK_SET, 1)) != 1:
        raise PhotoError(f"{subject} is separated into inks other than CMYK; save it as RGB.")
    if space == YCBCR and page.compression not in _JPEG:
        if bits != 8 or kind == _FLOAT:
            raise PhotoError(f"{subject} stores YCbCr colours with {bits} bits; save it as RGB.")
        if tuple(_tag(page, _SUBSAMPLING, (2, 2))) != (1, 1):
            raise PhotoError(
                f"{subject} stores YCbCr colours at a lower resolution without JPEG, which cannot "
                "be read; save it as RGB."
            )


def _alpha(page: Any, colors: int) -> tuple[int | None, bool]:
    """(which sample is transparency, whether colours are multiplied by it)."""
    extra = _tag(page, _EXTRA, ())
    for number, meaning in enumerate(extra if isinstance(extra, tuple) else (extra,)):
        if meaning in (1, 2) and colors + number < page.samplesperpixel:
            return colors + number, meaning == 1
    return None, False


def _range(page: Any, space: str, bits: int, kind: int) -> Range | None:
    """The range of the samples where the tags say it; None where the samples have to."""
    if space in (LAB, ICC_LAB):
        return Range(0, 2**bits - 1)
    smallest, largest = _one(_tag(page, _SMALLEST)), _one(_tag(page, _LARGEST))
    declared = smallest is not None and largest is not None and smallest < largest
    if kind == _FLOAT or (kind == _SIGNED and declared and smallest < 0):
        # Some programs store the extent of the picture here; inside 0…1 it says nothing.
        if declared and (smallest < 0 or largest > 2):
            return Range(float(smallest), float(largest))
        return None
    if bits < 16 and kind != _SIGNED:
        return Range(0, 255 if bits <= 8 else 2**bits - 1)
    if bits == 16 and kind != _SIGNED:
        known = {2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1}  # else it is the extent of the picture
        ends = known & {_one(_tag(page, _LARGEST_WHOLE)), largest}
        if ends or space not in (GREY, RGB):
            return Range(0, min(ends, default=65535))
    return None


def _reference(page: Any) -> tuple[float, ...]:
    value = _tag(page, _REFERENCE)
    default = Layout(YCBCR).reference
    if not isinstance(value, tuple) or len(value) != 12 or 0 in value[1::2]:
        return default
    return tuple(n / d for n, d in zip(value[::2], value[1::2], strict=True))


def _decoder(page: Any, photometric: int, bits: int, subject: str) -> str:
    compression = int(page.compression)
    # Pillow knows 16 bits of grey, and 8 of all else.
    simple = bits <= 8 or (bits == 16 and page.samplesperpixel == photometric == 1)
    if compression not in _BY_VIPS and not (simple and compression in _BY_PILLOW):
        name = _COMPRESSIONS.get(compression, f"a way of number {compression}")
        raise PhotoError(f"{subject} is compressed as {name}, which cannot be read.")
    if compression in _BY_PILLOW or (photometric == 8 and bits == 8):
        return PILLOW
    if bits in _PACKED_BITS:
        if compression not in _DEFLATED or page.is_tiled or page.predictor != 1:
            raise PhotoError(
                f"{subject} packs samples of {bits} bits, which cannot be read when compressed; "
                "save it with 16 bits a sample."
            )
        return PACKED
    # libvips reads planes of these as one.
    apart = page.planarconfig == 2 and bits == 16
    if bits == 64 or (apart and (photometric == 8 or page.dtype == np.float16)):
        if compression not in _DEFLATED or page.predictor != 1:
            raise PhotoError(
                f"{subject} has samples of {bits} bits, which cannot be read when compressed so; "
                "save it without compression."
            )
        return TIFFFILE
    if bits not in (1, 2, 4, 8, 16, 32):
        raise PhotoError(f"{subject} has samples of {bits} bits, which cannot be read.")
    return VIPS


def _tag(page: Any, number: int, default: Any = None) -> Any:
    value = page.tags.valueof(number, default)
    return int(value) if isinstance(value, int) else value  # enumerations too


def _one(value: Any) -> Any:
    """The first of the values that a tag has for each sample."""
    return value[0] if isinstance(value, tuple) and value else value
