"""sRGB → L* and L* + ab → sRGB for photographs at full size: with tables, in slices, in float32.

Same colour space as :mod:`colorizer.color.lab` (and ``skimage.color``): sRGB, D65, 2° observer.  That
module is for batches in training; this one for one large picture on a small computer, where the
lightness of the photograph has to survive exactly.

Why |ΔL*| ≤ 0.5 holds without trying roundings: once a colour is inside sRGB, rounding its three
channels to 8 bits moves Y by at most Σ wᵢ·g'(cᵢ)·½, g being the transfer curve and w the weights
of Y.  At a given Y that sum is largest for grey (g' is concave in linear light), where half a
step is at most 0.26 L*.  What is left to do is to get every colour inside sRGB at its own L*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from PIL import Image

from .lab import LINEAR_BELOW, OFFSET, RGB_TO_XYZ, SLOPE, WHITE_D65

RowsOfAb = Callable[[int, int], "np.ndarray | torch.Tensor"]

# Pixels worked on at a time: a dozen float32 planes of this size stay in a processor's cache.
# PyTorch leaves planes of fewer than 2¹⁵ to one thread (but not with fancy indexing or take,
# hence index_select below).  That is meant: a slice is done before a second thread could help,
# and on a busy machine waiting for that thread takes a hundred times as long as the sums.
CHUNK = 32_000
# Steps of L* and of hue in the table of the most chroma that sRGB has.
LIGHTNESSES, HUES = 256, 512

_Y_WEIGHTS = RGB_TO_XYZ[1]
# Linear RGB from XYZ relative to white. Every row sums to 1, so with x = y = z + nothing else
# the three channels come out as exactly the same number: greys stay grey to the last bit.
FROM_XYZ = np.linalg.inv(np.array(RGB_TO_XYZ) / np.array(WHITE_D65)[:, None]).tolist()
# A quarter of an 8-bit step beyond black and white is nearer than rounding itself takes us.
BLACK = -0.25 / 255 / 12.92
CORNER = 0.2068966  # where Lab's cube root meets its line
WHITE = 1 + 0.25 / 255 * 2.4 / 1.055


def _srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)


def _linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, linear * 12.92)


def _lightness_of(luminance: np.ndarray) -> np.ndarray:
    line = 116 * (SLOPE * luminance + OFFSET) - 16
    return np.where(luminance > LINEAR_BELOW, 116 * np.cbrt(luminance) - 16, line)


# For every 8-bit and 16-bit code value (by the size of the type): linear light in 0…1.
_LINEAR = {
    np.dtype(kind): _srgb_to_linear(np.linspace(0, 1, np.iinfo(kind).max + 1))
    for kind in (np.uint8, np.uint16)
}
_GREY = {kind: _lightness_of(linear).astype(np.float32) for kind, linear in _LINEAR.items()}
_WEIGHTED = {
    kind: [(weight * linear).astype(np.float32) for weight in _Y_WEIGHTS]
    for kind, linear in _LINEAR.items()
}
# The 8-bit code value of linear light in 65536 steps; a step is a twentieth of the darkest code.
ENCODED = torch.from_numpy(
    np.round(255 * _linear_to_srgb(np.linspace(0, 1, 65536))).astype(np.uint8)
)


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
    for rows in _row_slices(height, width):
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
        out[part] = _to_16_bits(torch.from_numpy(_luminance(flat[part])))
    return result


def compose(
    lightness: np.ndarray, ab: np.ndarray | torch.Tensor | RowsOfAb, *, bits: int = 8
) -> np.ndarray:
    """L* (H, W) and ab → sRGB (H, W, 3), with the L* of every pixel kept within 0.5.

    bits: 8 for uint8; 16 for uint16, which keeps L* within 0.1.

    lightness: float32, 0…100.  ab: (2, H, W) float32, or a function of (y0, y1) that gives
    (2, y1 - y0, W) for those rows.  A colour outside sRGB loses chroma at constant L* and hue.
    ab that is not a number counts as grey.  Raises ValueError if the shapes do not agree.
    """
    height, width = lightness.shape
    if not callable(ab):
        if tuple(ab.shape) != (2, height, width):
            raise ValueError(f"ab {tuple(ab.shape)} does not fit lightness {lightness.shape}.")
        whole = ab
        ab = lambda y0, y1: whole[:, y0:y1]  # noqa: E731
    result = np.empty((height, width, 3), np.uint8 if bits == 8 else np.uint16)
    encode = _to_8_bits if bits == 8 else _to_16_bits
    for rows in _row_slices(height, width):
        colour = torch.as_tensor(ab(rows.start, rows.stop), dtype=torch.float32)
        light = torch.as_tensor(lightness[rows], dtype=torch.float32)
        if tuple(colour.shape) != (2, *light.shape):
            raise ValueError(f"ab {tuple(colour.shape)} does not fit rows {tuple(light.shape)}.")
        light, colour = light.reshape(-1), colour.reshape(2, -1)
        flat = torch.from_numpy(result[rows].reshape(-1, 3))  # rows are contiguous: a view
        for start in range(0, len(flat), CHUNK):
            part = slice(start, start + CHUNK)
            for index, channel in enumerate(_compose_chunk(light[part], colour[:, part])):
                flat[part, index] = encode(channel)
    return result


def _to_8_bits(linear: torch.Tensor) -> torch.Tensor:
    """Linear light → the nearest code of sRGB, uint8."""
    codes = linear.mul_(65535).add_(0.5).clamp_(0, 65535).int()
    return ENCODED.index_select(0, codes)


def _to_16_bits(linear: torch.Tensor) -> torch.Tensor:
    """Linear light → the nearest code of sRGB, uint16."""
    linear = linear.clamp_(0, 1)
    encoded = linear.clamp_min(0.0031308).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    # The power above, the line below, without a choice at every pixel.
    encoded.add_(linear.sub_(0.0031308).clamp_max_(0), alpha=12.92)
    return encoded.mul_(65535).add_(0.5).clamp_(0, 65535).int().to(torch.uint16)


def _compose_chunk(light: torch.Tensor, ab: torch.Tensor) -> list[torch.Tensor]:
    """(n,) L* and (2, n) ab → linear red, green and blue (n,), inside sRGB or by a hair outside."""
    f_y = light.nan_to_num(0.0).clamp(0, 100).add_(16).div_(116)
    y = _cube(f_y)
    rgb = _linear_rgb(f_y, y, ab[0], ab[1])
    outside = _inside(rgb).logical_not_().nonzero()[:, 0]
    if len(outside):
        planes = (plane.index_select(0, outside) for plane in (f_y, y, *ab))
        for channel, pulled_in in zip(rgb, _into_gamut(*planes), strict=True):
            channel.index_copy_(0, outside, pulled_in)
    return rgb


def _into_gamut(
    f_y: torch.Tensor, y: torch.Tensor, a: torch.Tensor, b: torch.Tensor
) -> list[torch.Tensor]:
    """Linear red, green, blue (n,) of the most chroma that sRGB has at this L* and hue, up to ab's own.

    f_y: f(Y) = (L* + 16) / 116.  Between the entries of the table it is interpolated; what that
    leaves outside sRGB by a hair is clipped later, and moves L* by less than 0.1.
    """
    a, b = a.nan_to_num(0.0, 0.0, 0.0), b.nan_to_num(0.0, 0.0, 0.0)
    size = (a.abs() + b.abs()).clamp_min_(1e-6)
    pick = partial(most_chroma().index_select, 0)
    row = (f_y * 116 - 16).mul_(LIGHTNESSES / 100).clamp_(0, LIGHTNESSES)
    column = _hue_position(a / size, b).mul_(HUES / 4)
    above, left = row.long().clamp_max_(LIGHTNESSES - 1), column.long().clamp_max_(HUES - 1)
    row.sub_(above)
    column.sub_(left)
    corner = above.mul_(HUES + 1).add_(left)
    upper = torch.lerp(pick(corner), pick(corner + 1), column)
    corner.add_(HUES + 1)
    lower = torch.lerp(pick(corner), pick(corner + 1), column)
    scale = torch.lerp(upper, lower, row).div_(size).clamp_max_(1)
    return _linear_rgb(f_y, y, a * scale, b * scale)


def _hue_position(share: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Hue as 0…4 around the diamond |a| + |b| = 1, from a on it and the sign of b."""
    return torch.where(b >= 0, 1 - share, 3 + share)


@cache
def most_chroma() -> torch.Tensor:
    """The largest |a| + |b| inside sRGB: rows of L*, HUES + 1 entries of hue in each; flat.

    Chroma 0 always is inside, so halving the interval between inside and outside ends inside.
    (Near yellow above L* 94 a ray from grey leaves sRGB and comes back; it then ends early.)
    """
    hue = torch.linspace(0, 4, HUES + 1)
    a = torch.where(hue <= 2, 1 - hue, hue - 3)
    b = torch.where(hue <= 2, 1 - a.abs(), a.abs() - 1)
    table = []
    for light in torch.linspace(0, 100, LIGHTNESSES + 1).split(CHUNK // len(hue)):
        f_y = ((light + 16) / 116).repeat_interleave(len(hue))
        y, a_part, b_part = _cube(f_y), a.repeat(len(light)), b.repeat(len(light))
        size = torch.zeros_like(f_y)
        for step in (128 / 2**halving for halving in range(15)):
            wider = size + step
            inside = _inside(_linear_rgb(f_y, y, a_part * wider, b_part * wider))
            size = torch.where(inside, wider, size)
        table.append(size)
    return torch.cat(table)


def _linear_rgb(
    f_y: torch.Tensor, y: torch.Tensor, a: torch.Tensor, b: torch.Tensor
) -> list[torch.Tensor]:
    """Linear red, green, blue (n,) of f(Y), Y, a and b, each (n,); not clipped."""
    x_over_y = _cube(torch.add(f_y, a, alpha=1 / 500)).sub_(y)
    z_over_y = _cube(torch.sub(f_y, b, alpha=1 / 200)).sub_(y)
    return [
        torch.add(y, x_over_y, alpha=from_x).add_(z_over_y, alpha=from_z)
        for from_x, _, from_z in FROM_XYZ
    ]


def _inside(rgb: list[torch.Tensor]) -> torch.Tensor:
    """True for the linear colours that sRGB has, (n,) bool; a NaN is not one."""
    red, green, blue = rgb
    low = torch.minimum(torch.minimum(red, green), blue)
    high = torch.maximum(torch.maximum(red, green), blue)
    return (low >= BLACK).logical_and_(high <= WHITE)


def _cube(f: torch.Tensor) -> torch.Tensor:
    """f(t) → t, the inverse of Lab's cube root with its line near black."""
    bright = f.clamp_min(CORNER)
    cube = bright * bright
    cube.mul_(bright)
    return cube.add_((f - CORNER).clamp_max_(0), alpha=1 / SLOPE)


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


def _row_slices(height: int, width: int) -> Iterator[slice]:
    rows = max(1, CHUNK // max(width, 1))
    return (slice(y, min(y + rows, height)) for y in range(0, height, rows))
