"""Chroma of video and JPEG for batches of images, and the way from it to Lab with L* kept.

Cb and Cr as in JFIF (ITU-R BT.601 weights on gamma-encoded sRGB, full range), here centred on
zero: -0.5…0.5, 0 for every grey.  U and V of YUV are the same two axes in other units.

Chroma and L* together fix a colour: luma is what is left to find.  Putting the grey value of L*
in its place would be simple and wrong: strong colours come out up to 22 L* and 14 units of ab
beside what they were.  :func:`chroma_to_ab` solves for luma instead.
"""

from __future__ import annotations

import torch

from .lab import LINEAR_BELOW, OFFSET, RGB_TO_XYZ, SLOPE, linear_to_srgb, rgb_to_lab

# ITU-R BT.601, section 2.5.1: luma of gamma-encoded red, green and blue.
LUMA = (0.299, 0.587, 0.114)
# The other way: what is added to luma for red, green and blue; columns Cb, Cr.
_FROM_CHROMA = (
    (0.0, 2 * (1 - LUMA[0])),
    (-2 * (1 - LUMA[2]) * LUMA[2] / LUMA[1], -2 * (1 - LUMA[0]) * LUMA[0] / LUMA[1]),
    (2 * (1 - LUMA[2]), 0.0),
)
# U runs to ±0.436 and V to ±0.615 where Cb and Cr run to ±0.5.
UV_SCALE = (0.872, 1.23)
# Newton's steps from the grey of the same L*; the worst colour of sRGB is within 1e-4 after five.
_STEPS = 7


def rgb_to_chroma(rgb: torch.Tensor) -> torch.Tensor:
    """sRGB (..., 3, H, W), float 0…1 or uint8 0…255 → (Cb, Cr) (..., 2, H, W) in -0.5…0.5."""
    if rgb.dtype == torch.uint8:
        rgb = rgb.float() / 255
    red, _, blue = rgb.unbind(-3)
    luma = sum(weight * plane for weight, plane in zip(LUMA, rgb.unbind(-3), strict=True))
    cb = (blue - luma) / (2 * (1 - LUMA[2]))
    cr = (red - luma) / (2 * (1 - LUMA[0]))
    return torch.stack((cb, cr), dim=-3)


def chroma_to_ab(lightness: torch.Tensor, chroma: torch.Tensor) -> torch.Tensor:
    """a* and b* of the colour that has this L* and this chroma.

    lightness: (..., 1, H, W), L* in 0…100.  chroma: (..., 2, H, W), Cb and Cr in -0.5…0.5.
    Returns (..., 2, H, W).  A pair that no colour of sRGB has gives an ab outside of it, which
    :mod:`colorizer.color.gamut` brings in at constant L* and hue.
    """
    lightness = lightness.squeeze(-3)
    cb, cr = chroma.unbind(-3)
    added = [b * cb + r * cr for b, r in _FROM_CHROMA]
    f = (lightness + 16) / 116
    luminance = torch.where(f > LINEAR_BELOW ** (1 / 3), f**3, (f - OFFSET) / SLOPE)
    luma = linear_to_srgb(luminance)
    # Luminance grows with luma and its slope does too: from any start Newton's steps come down
    # on the one solution.
    for _ in range(_STEPS):
        found, slope = torch.zeros_like(luma), torch.zeros_like(luma)
        for weight, offset in zip(RGB_TO_XYZ[1], added, strict=True):
            linear, change = _linear(luma + offset)
            found = found + weight * linear
            slope = slope + weight * change
        luma = luma - (found - luminance) / slope
    return rgb_to_lab(torch.stack([luma + offset for offset in added], dim=-3))[..., 1:, :, :]


def _linear(encoded: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Linear light of gamma-encoded values, continued below 0 and above 1, and its slope."""
    base = (encoded.clamp_min(0.04045) + 0.055) / 1.055
    bright = encoded > 0.04045
    linear = torch.where(bright, base**2.4, encoded / 12.92)
    slope = torch.where(bright, base**1.4 * (2.4 / 1.055), torch.full_like(base, 1 / 12.92))
    return linear, slope
