"""CIE L*a*b* for batches of images, in PyTorch.

sRGB (IEC 61966-2-1), illuminant D65, 2° observer: the same numbers as ``skimage.color``, which
the tests hold this module against.  L* runs 0…100; for colours inside sRGB, a* runs about
-86…98 and b* about -108…94.

Photographs at full size go through :mod:`colorizer.color.gamut` instead, which does the same sums
with tables and in slices.
"""

from __future__ import annotations

import torch

# The matrix and white point of skimage.color (sRGB primaries, D65 at 2°).
RGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
WHITE_D65 = (0.95047, 1.0, 1.08883)
# CIE 15:2004, section 8.2.1: the cube root gives way to a line below (6/29)³.
LINEAR_BELOW = 0.008856
SLOPE, OFFSET = 7.787, 16.0 / 116.0


def srgb_to_linear(rgb: torch.Tensor) -> torch.Tensor:
    """Undo the sRGB transfer curve; values in 0…1."""
    return torch.where(rgb > 0.04045, ((rgb.clamp_min(0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def linear_to_srgb(rgb: torch.Tensor) -> torch.Tensor:
    """Apply the sRGB transfer curve; values in 0…1 (values below 0 stay on the line)."""
    return torch.where(
        rgb > 0.0031308, 1.055 * rgb.clamp_min(1e-9) ** (1 / 2.4) - 0.055, rgb * 12.92
    )


def rgb_to_lab(rgb: torch.Tensor) -> torch.Tensor:
    """sRGB (..., 3, H, W), float 0…1 or uint8 0…255 → Lab (..., 3, H, W), float."""
    if rgb.dtype == torch.uint8:
        steps = torch.arange(256, device=rgb.device, dtype=torch.float32) / 255
        linear = srgb_to_linear(steps)[rgb.long()]
    else:
        linear = srgb_to_linear(rgb)
    matrix = linear.new_tensor(RGB_TO_XYZ) / linear.new_tensor(WHITE_D65)[:, None]
    xyz = torch.einsum("ij,...jhw->...ihw", matrix, linear)
    f = torch.where(
        xyz > LINEAR_BELOW, xyz.clamp_min(LINEAR_BELOW) ** (1 / 3), SLOPE * xyz + OFFSET
    )
    x, y, z = f.unbind(-3)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), dim=-3)


def lab_to_rgb(lab: torch.Tensor, clip: bool = True) -> torch.Tensor:
    """Lab (..., 3, H, W) → sRGB (..., 3, H, W), float; clipped to 0…1 unless ``clip=False``."""
    lightness, a, b = lab.unbind(-3)
    y = (lightness + 16) / 116
    f = torch.stack((y + a / 500, y, y - b / 200), dim=-3)
    xyz = torch.where(f > 0.2068966, f**3, (f - OFFSET) / SLOPE)
    matrix = lab.new_tensor(RGB_TO_XYZ) / lab.new_tensor(WHITE_D65)[:, None]
    rgb = linear_to_srgb(torch.einsum("ij,...jhw->...ihw", torch.linalg.inv(matrix), xyz))
    return rgb.clamp(0, 1) if clip else rgb
