"""Any Pillow image or array → plain samples: grey or RGB, sRGB, at the depth it came with."""

from __future__ import annotations

import io
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

from .reader import PhotoError


class Samples(NamedTuple):
    """values: (H, W) grey or (H, W, 3) sRGB; uint8, uint16, or float32 in 0…1.
    alpha: (H, W) uint8, or None where everything is opaque."""

    values: np.ndarray
    alpha: np.ndarray | None


# Pillow keeps only the high byte of deep colour. Read with the other byte order, it keeps the low
# one instead, so that reading twice gives all 16 bits.
_OTHER_BYTE = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": "RGB;16B"}
_OTHER_BYTE |= {f"RGBA{raw[3:]}": f"RGBA{other[3:]}" for raw, other in _OTHER_BYTE.items()}

# The 8-bit code value nearest to every 16-bit one.
_TO_8_BITS = ((np.arange(65536, dtype=np.uint32) + 128) // 257).astype(np.uint8)

# An RGB profile that moves no colour by more than this many code values counts as sRGB.
_SAME_COLOR = 2


def is_deep(unloaded: Image.Image) -> bool:
    """Whether Pillow would drop half of the bits of this not yet decoded image."""
    tiles = getattr(unloaded, "tile", None)
    return bool(tiles) and all(_raw_mode(tile) in _OTHER_BYTE for tile in tiles)


def low_bytes(unloaded: Image.Image) -> Image.Image:
    """The same image, made to decode to the low bytes of its deep colour."""
    tiles = []
    for tile in unloaded.tile:
        other = _OTHER_BYTE[_raw_mode(tile)]
        args = other if isinstance(tile.args, str) else (other, *tile.args[1:])
        tiles.append(tile._replace(args=args))
    unloaded.tile = tiles
    return unloaded


def _raw_mode(tile) -> str | None:
    return tile.args if isinstance(tile.args, str) else (tile.args or (None,))[0]


def from_image(image: Image.Image, low: Image.Image | None, notes: list[str]) -> Samples:
    """Samples of a decoded image, its colour profile applied.

    low: the same image decoded after :func:`low_bytes`.  What a person should know is added to
    ``notes``.  Raises PhotoError for a mode nothing can be made of.
    """
    profile = image.info.get("icc_profile")
    if low is not None and not profile:
        deep = np.asarray(image).astype(np.uint16)
        deep <<= 8
        deep |= np.asarray(low)
        return _split(deep)
    image, alpha = _plain(image)
    if image.mode in {"L", "I", "F"} or image.mode.startswith("I;16"):
        values = _scaled(np.asarray(image), notes)
        curve = _grey_curve(profile, notes) if profile else None
        return Samples(values if curve is None else _along(curve, values), alpha)
    return Samples(np.asarray(_to_srgb(image, profile, notes)), alpha)


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


def from_array(array: np.ndarray, notes: list[str]) -> Samples:
    """Samples of an array (H, W), (H, W, 1…4): grey, grey and alpha, RGB, RGB and alpha.

    bool; uint8; uint16; other integers and float by their range, see ``_scaled``.
    Raises PhotoError for other shapes and types.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= 4):
        raise PhotoError(
            "An array must be (height, width) or (height, width, 1 to 4 channels), "
            f"not {array.shape}."
        )
    if array.dtype.kind not in "buif":
        raise PhotoError(f"An array of {array.dtype} holds no picture.")
    return _split(_scaled(array, notes))


def _split(values: np.ndarray) -> Samples:
    """Take the alpha out of (H, W), (H, W, 1…4)."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    alpha = None if channels in (1, 3) else _opaque_as_none(to_8_bits(values[..., -1]))
    if values.ndim == 3:
        values = values[..., 0] if channels < 3 else values[..., :3]
    return Samples(values, alpha)


def _opaque_as_none(alpha: np.ndarray) -> np.ndarray | None:
    return None if alpha.size and alpha.min() == 255 else alpha


def to_8_bits(values: np.ndarray) -> np.ndarray:
    """uint8, uint16 or float in 0…1 → the nearest uint8."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return _TO_8_BITS.take(values)
    return (values * 255 + 0.5).astype(np.uint8)


def _scaled(array: np.ndarray, notes: list[str]) -> np.ndarray:
    """Bring samples of any type to uint8, uint16, or float32 in 0…1.

    Where the type does not say what white is, the values do: the first of 1, 255, 65535 that is
    not below them (for float with some slack for resampling), or else their maximum.
    """
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype in (np.uint8, np.uint16):
        return array
    if array.size == 0:
        return array.astype(np.float32)
    if array.dtype.kind in "ui":  # big-endian uint16 too
        top = int(array.max())
        if array.dtype.kind == "u" and array.dtype.itemsize == 2:
            return array.astype(np.uint16)
        if top <= 65535:
            return array.clip(0, None).astype(np.uint8 if top <= 255 else np.uint16)
        return (array.clip(0, None) / top).astype(np.float32)
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    finite = np.isfinite(values)
    if not finite.all():
        notes.append("Some values are not numbers; they are taken as black, or white if infinite.")
    top = float(values.max(initial=0.0, where=finite))
    white = 1.0 if top <= 2 else next((w for w in (255.0, 65535.0) if top <= w * 1.01), top)
    if white != 1:
        values /= white
        notes.append(f"The values reach {top:g}, so {white:g} is taken as white.")
    np.nan_to_num(values, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    return values.clip(0, 1, out=values)


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """RGB, CMYK or Lab → RGB, through the embedded profile where it fits."""
    if image.mode == "LAB":
        lab = ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")
        return ImageCms.applyTransform(image, lab)
    if profile:
        try:
            transform = _transform(profile, image.mode)
            if image.mode != "RGB" or _moves_colors(transform):
                image = ImageCms.applyTransform(image, transform)
            return image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notes.append("The colour profile of the file is broken and was ignored.")
    return image.convert("RGB")


def _transform(profile: bytes, mode: str, *, exact: bool = False) -> ImageCms.ImageCmsTransform:
    """exact: without LittleCMS's coarse tables, which are off near black; slow, for few pixels."""
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    flags |= ImageCms.Flags.NOOPTIMIZE if exact else ImageCms.Flags.HIGHRESPRECALC
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        _srgb(),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=flags,
    )


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _moves_colors(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), transform))
    return int(np.abs(moved.astype(int) - cube).max()) > _SAME_COLOR


def _grey_curve(profile: bytes, notes: list[str]) -> np.ndarray | None:
    """(256,) the sRGB grey in 0…1 of 256 greys under a profile; None if it leaves them alone.

    The profile is one for grey, or one for RGB that a picture kept when it was turned grey.
    """
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    for mode in ("L", "RGB"):
        try:
            moved = ImageCms.applyTransform(
                ramp.convert(mode), _transform(profile, mode, exact=True)
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            continue
        curve = np.asarray(moved, np.float64)[0, :, 1]
        return None if np.abs(curve - np.arange(256)).max() <= _SAME_COLOR else curve / 255
    notes.append("The colour profile of the file is broken and was ignored.")
    return None


def _along(curve: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Grey values moved along a (256,) curve."""
    if values.dtype == np.uint8:
        return np.round(curve * 255).astype(np.uint8).take(values)
    if values.dtype == np.uint16:
        fine = np.interp(np.linspace(0, 255, 65536), np.arange(256), curve)
        return np.round(fine * 65535).astype(np.uint16).take(values)
    return np.interp(values * 255, np.arange(256), curve).astype(np.float32)
