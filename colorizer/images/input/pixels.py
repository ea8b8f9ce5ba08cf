"""Any picture → plain samples: grey or RGB in sRGB, of 8 or 16 bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

from colorizer.color.lightness import grey_codes
from colorizer.errors import PhotoError

from . import profiles
from .layout import GREY, RGB, Converter, Layout, is_deep
from .ranges import Extent, Range, find_range, scaled

Strips = Iterator[tuple[slice, np.ndarray]]


class Pixels(NamedTuple):
    """Samples of a picture.

    values: (H, W) grey, uint8 or uint16, or (H, W, 3) sRGB, uint8.
    alpha: (H, W) uint8, or None where everything is opaque.
    color: (H, W, 3) uint8 sRGB of a picture whose lightness is known to 16 bits, ``values``; five
    bytes a pixel instead of the six that its samples have.
    """

    values: np.ndarray
    alpha: np.ndarray | None
    color: np.ndarray | None = None


# The 8-bit code value nearest to every 16-bit one.
_TO_8_BITS = ((np.arange(65536, dtype=np.uint32) + 128) // 257).astype(np.uint8)
_STRIP = 2**21  # samples of an array that are converted at a time


def from_strips(
    strips: Callable[[], Strips],
    shape: tuple[int, int],
    kind: np.dtype,
    layout: Layout,
    subject: str,
    notes: list[str],
) -> Pixels:
    """Samples of a picture that is decoded from top to bottom.

    strips: begins anew at the top; yields rows and their samples (n, W, samples).  Where only the
    samples tell their range, they are read twice.  What a person should know is added to
    ``notes``.  Raises PhotoError, and whatever the decoder does.
    """
    if layout.range is None:
        extent = Extent()
        for _, strip in strips():
            extent.add(strip[..., : layout.samples])
            if extent.settles(kind):
                break
        limits = find_range(extent, kind, subject, notes, layout.significant)
        layout = replace(layout, range=limits)
    convert = Converter(layout, notes)
    deep, grey = is_deep(layout, kind), layout.space == GREY
    values = np.empty(shape if deep or grey else (*shape, 3), np.uint16 if deep else np.uint8)
    color = np.empty((*shape, 3), np.uint8) if deep and not grey else None
    alpha = None if layout.alpha is None else np.empty(shape, np.uint8)
    for rows, strip in strips():
        pixels, transparency = convert(strip)
        if color is not None:
            color[rows] = to_8_bits(pixels)
            pixels = grey_codes(pixels)
        values[rows] = pixels
        if alpha is not None:
            alpha[rows] = to_8_bits(transparency)
    return Pixels(values, None if alpha is None else _opaque_as_none(alpha), color)


def from_array(
    array: np.ndarray, subject: str, notes: list[str], significant: int | None = None
) -> Pixels:
    """Samples of an array (H, W), (H, W, 1…4): grey, grey and alpha, RGB, RGB and alpha.

    bool, uint8; other numbers by their range, see :mod:`colorizer.images.input.ranges`.
    significant: as :class:`colorizer.images.input.layout.Layout` has it.
    Raises PhotoError for other shapes and types.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= 4):
        raise PhotoError(
            "An array must be (height, width) or (height, width, 1 to 4 channels), "
            f"not {array.shape}."
        )
    if array.dtype.kind not in "buif":
        raise PhotoError(f"An array of {array.dtype} holds no picture.")
    channels = 1 if array.ndim == 2 else array.shape[2]
    layout = Layout(
        GREY if channels < 3 else RGB,
        range=Range(0, 255) if array.dtype in (bool, np.uint8) else None,
        significant=significant,
        alpha=channels - 1 if channels in (2, 4) else None,
    )
    pixels = array.reshape(*array.shape[:2], channels)
    return from_strips(
        lambda: strips_of(pixels), array.shape[:2], array.dtype, layout, subject, notes
    )


def strips_of(pixels: np.ndarray) -> Strips:
    """An array (H, W, samples) as strips of rows."""
    rows = max(1, _STRIP // max(pixels[0].size, 1)) if len(pixels) else 1
    for top in range(0, len(pixels), rows):
        part = slice(top, min(top + rows, len(pixels)))
        yield part, pixels[part]


def turned(samples: Pixels, turn: Callable[[np.ndarray], np.ndarray] | None) -> Pixels:
    """Samples with every plane turned."""
    if turn is None:
        return samples
    return Pixels(*(p if p is None else np.ascontiguousarray(turn(p)) for p in samples))


def from_image(image: Image.Image, subject: str, notes: list[str]) -> Pixels:
    """Samples of a decoded Pillow image, its colour profile applied.

    What a person should know is added to ``notes``.  Raises PhotoError for a mode nothing can be
    made of.
    """
    profile = image.info.get("icc_profile")
    image, alpha = _plain(image)
    if image.mode in {"L", "I", "F"} or image.mode.startswith("I;16"):
        array = np.asarray(image)
        significant = 16 if image.mode.startswith("I;16") else None
        grey = from_array(array, subject, notes, significant).values
        curve = profiles.GreyCurve.of(profile, notes) if profile else None
        return Pixels(grey if curve is None else curve(grey), alpha)
    return Pixels(np.asarray(_to_srgb(image, profile, notes)), alpha)


def _plain(image: Image.Image) -> tuple[Image.Image, np.ndarray | None]:
    """The image in a mode without palette or alpha, and its alpha."""
    if image.mode == "1":
        image = image.convert("L")
    if image.has_transparency_data and not image.mode.startswith(("I", "F")):
        grey = image.mode in {"L", "LA", "La"}
        image = image.convert("LA" if grey else "RGBA")
        alpha = _opaque_as_none(np.asarray(image.getchannel("A")))
        return image.convert("L" if grey else "RGB"), alpha
    if image.mode in {"L", "I", "F", "RGB", "CMYK", "LAB"} or image.mode.startswith("I;16"):
        return image, None
    try:
        return image.convert("L" if image.mode in {"LA", "La"} else "RGB"), None
    except ValueError:
        raise PhotoError(f"A picture of the kind “{image.mode}” cannot be read.") from None


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """RGB, CMYK or Lab → RGB, through the embedded profile where it fits."""
    if image.mode == "LAB":
        lab = ImageCms.buildTransform(ImageCms.createProfile("LAB"), profiles.srgb(), "LAB", "RGB")
        return ImageCms.applyTransform(image, lab)
    found = profiles.RgbTransform.of(profile, image.mode, notes) if profile else None
    return image.convert("RGB") if found is None else ImageCms.applyTransform(image, found.eight)


def _opaque_as_none(alpha: np.ndarray) -> np.ndarray | None:
    return None if alpha.size and alpha.min() == 255 else alpha


def to_8_bits(values: np.ndarray) -> np.ndarray:
    """(H, W, …) uint8 or uint16 → the nearest uint8."""
    if values.dtype == np.uint8:
        return values
    result = np.empty(values.shape, np.uint8)
    rows = max(1, _STRIP // max(values[:1].size, 1))
    for top in range(0, len(values), rows):  # NumPy makes 64-bit indices of what it looks up
        part = slice(top, top + rows)
        result[part] = _TO_8_BITS.take(values[part])
    return result


__all__ = [
    "Pixels",
    "from_array",
    "from_image",
    "from_strips",
    "scaled",
    "strips_of",
    "to_8_bits",
    "turned",
]
