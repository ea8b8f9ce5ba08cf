"""ICC profiles of files → sRGB: relative colorimetric, with black-point compensation."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyvips
from PIL import Image, ImageCms

from . import vips

BROKEN = "The colour profile of the file is broken and was ignored."
# A profile that moves no colour by more than this many 8-bit code values counts as sRGB.
_SAME_COLOR = 2
_FAILURES = (ImageCms.PyCMSError, OSError, ValueError, TypeError, vips.Error)


@dataclass(frozen=True)
class GreyCurve:
    """sRGB greys in 0…1 of 256 greys under a profile."""

    greys: np.ndarray

    @classmethod
    def of(cls, profile: bytes, notes: list[str]) -> GreyCurve | None:
        """The curve of a profile, or None if it is broken or leaves greys alone.

        The profile is one for grey, or one for RGB that a picture kept when it was turned grey.
        """
        ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
        for mode in ("L", "RGB"):
            try:
                moved = ImageCms.applyTransform(
                    ramp.convert(mode), transform(profile, mode, exact=True)
                )
            except _FAILURES:
                continue
            greys = np.asarray(moved, np.float64)[0, :, 1]
            return None if np.abs(greys - np.arange(256)).max() <= _SAME_COLOR else cls(greys / 255)
        notes.append(BROKEN)
        return None

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Greys of uint8, uint16 or float in 0…1, moved; the same type."""
        if values.dtype == np.uint8:
            return np.round(self.greys * 255).astype(np.uint8).take(values)
        if values.dtype == np.uint16:
            fine = np.interp(np.linspace(0, 255, 65536), np.arange(256), self.greys)
            return np.round(fine * 65535).astype(np.uint16).take(values)
        return np.interp(values * 255, np.arange(256), self.greys).astype(np.float32)


@dataclass(frozen=True)
class RgbTransform:
    """A profile for RGB or CMYK, applied to strips of pixels.

    By LittleCMS through Pillow for 8 bits, which is what Pillow can, and through libvips for 16.
    """

    profile: bytes
    mode: str
    eight: ImageCms.ImageCmsTransform

    @classmethod
    def of(cls, profile: bytes, mode: str, notes: list[str]) -> RgbTransform | None:
        """The transform of a profile; None if it is broken, which is noted, or sRGB itself."""
        try:
            eight = transform(profile, mode)
            if mode == "RGB" and not moves_colors(eight):
                return None
            return cls(profile, mode, eight)
        except _FAILURES:
            notes.append(BROKEN)
            return None

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """(n, W, 3 or 4) → (n, W, 3) sRGB of the same depth; uint8 or uint16."""
        if pixels.dtype == np.uint8:
            image = Image.fromarray(np.ascontiguousarray(pixels), self.mode)
            return np.asarray(ImageCms.applyTransform(image, self.eight))
        space = "cmyk" if self.mode == "CMYK" else "rgb16"
        image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels), interpretation=space)
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", self.profile)
        # In two steps: LittleCMS goes from one 16-bit space to another through coarse tables.
        options = {"intent": "relative", "black_point_compensation": True, "pcs": "xyz"}
        image = image.icc_import(embedded=True, **options)
        image = image.icc_export(output_profile="srgb", depth=16, **options)
        return np.concatenate([strip for _, strip in vips.strips(image)])


def transform(profile: bytes, mode: str, *, exact: bool = False) -> ImageCms.ImageCmsTransform:
    """The transform from a profile to sRGB.  Raises what Pillow does where it does not fit the mode.

    exact: without LittleCMS's coarse tables, which are off near black; slow, for few pixels.
    """
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    flags |= ImageCms.Flags.NOOPTIMIZE if exact else ImageCms.Flags.HIGHRESPRECALC
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        srgb(),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=flags,
    )


@cache
def srgb() -> ImageCms.ImageCmsProfile:
    """The profile of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def moves_colors(transform: ImageCms.ImageCmsTransform) -> bool:
    """True if the transform changes RGB colours visibly."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), transform))
    return int(np.abs(moved.astype(int) - cube).max()) > _SAME_COLOR
