"""Code values of sRGB → L*, and L* at another size."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from .codes import CHUNK, LINEAR, row_slices, to_16_bits
from .lab import LINEAR_BELOW, OFFSET, RGB_TO_XYZ, SLOPE

_Y_WEIGHTS = RGB_TO_XYZ[1]


def _lightness_of(luminance: np.ndarray) -> np.ndarray:
    line = 116 * (SLOPE * luminance + OFFSET) - 16
    return np.where(luminance > LINEAR_BELOW, 116 * np.cbrt(luminance) - 16, line)


_GREY = {kind: _lightness_of(linear).astype(np.float32) for kind, linear in LINEAR.items()}
_WEIGHTED = {
    kind: [(weight * linear).astype(np.float32) for weight in _Y_WEIGHTS]
    for kind, linear in LINEAR.items()
}


def lightness(rgb: np.ndarray) -> np.ndarray:
    """L* of a picture: (H, W, 3) or grey (H, W) sRGB → (H, W) float32, 0…100.

    rgb: uint8, uint16, or float in 0…1 (beyond that clipped, NaN black; to 16 bits).
    Within 0.01 L* of ``skimage.color.rgb2lab``.  Raises TypeError or ValueError on other arrays.
    """
    rgb = np.asarray(rgb)
    if rgb.ndim not in (2, 3) or (rgb.ndim == 3 and rgb.shape[2] != 3):
        raise ValueError(f"A picture is (H, W) or (H, W, 3), not {rgb.shape}.")
    if rgb.dtype not in _GREY and rgb.dtype.kind != "f":
        raise TypeError(f"A picture is uint8, uint16 or float, not {rgb.dtype}.")
    height, width = rgb.shape[:2]
    result = np.empty((height, width), np.float32)
    for rows in row_slices(height, width):
        pixels, out = rgb[rows].reshape(-1, *rgb.shape[2:]), result[rows].reshape(-1)
        for start in range(0, len(out), CHUNK):  # one row may be longer than a chunk
            part = slice(start, start + CHUNK)
            _lightness_chunk(pixels[part], out=out[part])
    return result


def _lightness_chunk(rgb: np.ndarray, out: np.ndarray) -> None:
    """(n,) or (n, 3) code values → (n,) L* written to ``out``."""
    if rgb.dtype.kind == "f":
        rgb = np.nan_to_num(rgb, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
        rgb = (rgb * 65535 + 0.5).astype(np.uint16)
    if rgb.ndim == 1:
        out[:] = _GREY[rgb.dtype].take(rgb)
        return
    y = torch.from_numpy(_luminance(rgb))
    # The cube root above LINEAR_BELOW, the line below, without a choice at every pixel.
    bright = y.clamp_min(LINEAR_BELOW).pow_(1 / 3).mul_(116).sub_(16)
    bright.add_(y.sub_(LINEAR_BELOW).clamp_max_(0), alpha=116 * SLOPE)
    torch.clamp(bright, 0, 100, out=torch.from_numpy(out))


def _luminance(rgb: np.ndarray) -> np.ndarray:
    """(n, 3) codes of uint8 or uint16 → (n,) Y in 0…1, float32."""
    red, green, blue = _WEIGHTED[rgb.dtype]
    luminance = red.take(rgb[:, 0])
    luminance += green.take(rgb[:, 1])
    luminance += blue.take(rgb[:, 2])
    return luminance


def grey_codes(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint16 sRGB → (H, W) uint16: the grey of the same L*, within 0.002 of it."""
    height, width = rgb.shape[:2]
    result = np.empty((height, width), np.uint16)
    flat, out = rgb.reshape(-1, 3), result.reshape(-1)
    for start in range(0, len(out), CHUNK):
        part = slice(start, start + CHUNK)
        out[part] = to_16_bits(torch.from_numpy(_luminance(flat[part])))
    return result


def resize_lightness(lightness: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """L* (H, W) → (h, w) float32 by Lanczos, antialiased when it gets smaller; stays in 0…100."""
    height, width = size
    if lightness.shape == (height, width):
        return np.asarray(lightness, np.float32)
    plane = Image.fromarray(np.ascontiguousarray(lightness, np.float32))
    # Whole factors are averaged away first (reducing_gap): as good, and several times as fast.
    plane = plane.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(plane).clip(0, 100)


def shrink_lightness(rows: Any, size: tuple[int, int]) -> np.ndarray:
    """:func:`resize_lightness` of lightness that is computed row by row.

    rows: has a ``shape`` (H, W), and gives L* of the rows of a slice.
    """
    height, width = rows.shape
    # What Pillow does with reducing_gap=3, in strips.
    down, across = max(1, int(height / size[0] / 3)), max(1, int(width / size[1] / 3))
    if down == across == 1:
        return resize_lightness(rows[0:height], size)
    step = max(1, 2**22 // (width * down)) * down
    reduced = []
    for top in range(0, height, step):
        strip = np.ascontiguousarray(rows[top : min(top + step, height)])
        reduced.append(np.asarray(Image.fromarray(strip).reduce((across, down))))
    plane = Image.fromarray(np.concatenate(reduced))
    box = (0, 0, width / across, height / down)
    plane = plane.resize(size[::-1], Image.Resampling.LANCZOS, box=box)
    return np.asarray(plane).clip(0, 100)
