"""Meaning of a file's samples, and their conversion, strip by strip, to grey or RGB in sRGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from colorizer.color.lab import lab_to_rgb, linear_to_srgb

from .profiles import GreyCurve, RgbTransform
from .ranges import Range, scaled

GREY, RGB, CMYK, YCBCR, LAB, ICC_LAB = "grey", "RGB", "CMYK", "YCbCr", "CIELAB", "ICCLAB"
_SAMPLES = {GREY: 1, RGB: 3, CMYK: 4, YCBCR: 3, LAB: 3, ICC_LAB: 3}
# ITU-R BT.601, full range, as JFIF has it: R, G, B from Y, Cb - ½, Cr - ½.
_FROM_YCBCR = np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]], np.float32)
_FULL_REFERENCE = (0, 255, 128, 255, 128, 255)


@dataclass(frozen=True)
class Layout:
    """Meaning of the samples of one pixel.

    space: one of the constants above; its samples come first.
    range: the sample values of black and white, or None where they have to be looked for.
    significant: bits that the samples were made with, where that is all that is known.
    inverted: True if white is zero.
    alpha: which sample is transparency, or None.  associated: True if colours are multiplied by it.
    gamma: exponent of a PNG's gAMA: light = code^(1 / gamma); None for sRGB.
    profile: an ICC profile.
    reference: black and white of Y, Cb and Cr (TIFF's ReferenceBlackWhite).
    """

    space: str
    range: Range | None = None
    significant: int | None = None
    inverted: bool = False
    alpha: int | None = None
    associated: bool = False
    gamma: float | None = None
    profile: bytes | None = None
    reference: tuple[float, ...] = _FULL_REFERENCE

    @property
    def samples(self) -> int:
        """Number of samples of the colour itself."""
        return _SAMPLES[self.space]


class Converter:
    """Turns strips of one file's samples into sRGB.  ``layout.range`` must be known.

    What is wrong with the profile is added to ``notes``.
    """

    def __init__(self, layout: Layout, notes: list[str]) -> None:
        self.layout = layout
        self._gamma = None if layout.gamma is None else _gamma_table(layout.gamma)
        self._curve = self._transform = None
        if layout.profile and layout.space == GREY:
            self._curve = GreyCurve.of(layout.profile, notes)
        elif layout.profile and layout.space in (RGB, CMYK):
            self._transform = RgbTransform.of(layout.profile, layout.space, notes)

    def __call__(self, strip: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(n, W, samples) → (n, W) grey or (n, W, 3) sRGB of uint8 or uint16; alpha of that depth."""
        layout = self.layout
        pixels = strip[..., : layout.samples]
        alpha = None if layout.alpha is None else scaled(strip[..., layout.alpha], layout.range)
        if layout.space in (LAB, ICC_LAB):
            return _lab_to_srgb(pixels, layout.space), alpha
        pixels = scaled(pixels, layout.range)
        if layout.inverted:
            pixels = np.iinfo(pixels.dtype).max - pixels
        if layout.associated and alpha is not None:
            pixels = _divided(pixels, alpha)
        if layout.space == YCBCR:
            pixels = _ycbcr_to_rgb(pixels, layout.reference)
        if self._gamma is not None:
            step = 65535 // np.iinfo(pixels.dtype).max
            pixels = self._gamma.take(pixels.astype(np.int32) * step)
        if self._transform is not None:
            pixels = self._transform(pixels)
        elif layout.space == CMYK:
            pixels = _cmyk_to_rgb(pixels)
        if layout.space == GREY:
            pixels = pixels[..., 0]
            if self._curve is not None:
                pixels = self._curve(pixels)
        return pixels, alpha


def is_deep(layout: Layout, kind: np.dtype) -> bool:
    """True if the converted samples have 16 bits."""
    if layout.space in (LAB, ICC_LAB) or layout.gamma is not None:
        return True
    limits = layout.range
    return kind != np.bool_ and not (limits == (0, 255) and kind.kind in "ui")


def _gamma_table(gamma: float) -> np.ndarray:
    """For every 16-bit code: the sRGB code of code^(1 / gamma) of light."""
    light = torch.linspace(0, 1, 65536, dtype=torch.float64) ** (1 / gamma)
    return np.round(linear_to_srgb(light).numpy() * 65535).astype(np.uint16)


def _divided(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colours that were multiplied by their transparency, without it; what is clear stays black."""
    top = np.iinfo(pixels.dtype).max
    plain = pixels.astype(np.float32) * (top / np.maximum(alpha, 1)[..., None]).astype(np.float32)
    return (plain + 0.5).clip(0, top).astype(pixels.dtype)


def _cmyk_to_rgb(inks: np.ndarray) -> np.ndarray:
    """Inks without a profile: each takes its share of light from the paper."""
    top = int(np.iinfo(inks.dtype).max)
    paper = top - inks[..., :3].astype(np.int64)
    black = top - inks[..., 3:].astype(np.int64)
    return ((paper * black + top // 2) // top).astype(inks.dtype)


def _ycbcr_to_rgb(codes: np.ndarray, reference: tuple[float, ...]) -> np.ndarray:
    """(…, 3) uint8 → RGB."""
    black, white = np.array(reference[::2], np.float32), np.array(reference[1::2], np.float32)
    share = (codes - black) / np.maximum(white - black, 1)
    share[..., 1:] *= 127 / 255
    rgb = share @ _FROM_YCBCR.T
    return (rgb * 255 + 0.5).clip(0, 255).astype(np.uint8)


def _lab_to_srgb(codes: np.ndarray, space: str) -> np.ndarray:
    """(…, 3) codes of L*, a* and b* → sRGB, uint16.

    8 or 16 bits, as TIFF 6.0 (section 23) and its first technical note for ICCLab have them;
    int16 as libvips gives TIFF's 16-bit CIELAB.
    """
    values = codes.astype(np.float32)
    if codes.dtype == np.uint8:
        light, ab = values[..., 0] * (100 / 255), values[..., 1:] - 128
    elif space == ICC_LAB:
        light, ab = values[..., 0] * (100 / 65280), values[..., 1:] / 256 - 128
    elif codes.dtype == np.uint16:
        light, ab = (
            values[..., 0] * (100 / 65535),
            codes[..., 1:].astype(np.int16) / np.float32(256),
        )
    else:
        light, ab = values[..., 0] * (100 / 32767), values[..., 1:] / 256
    lab = torch.from_numpy(np.concatenate([light[..., None], ab], -1)).movedim(-1, 0)
    rgb = lab_to_rgb(lab).movedim(0, -1).numpy()
    return (rgb * 65535 + 0.5).astype(np.uint16)
