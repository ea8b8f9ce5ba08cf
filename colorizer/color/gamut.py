"""L* + ab → sRGB for photographs at full size: with tables, in slices, in float32.

Same colour space as :mod:`colorizer.color.lab` (and ``skimage.color``): sRGB, D65, 2° observer.  That
module is for batches in training; this one for one large picture on a small computer, where the
lightness of the photograph has to survive exactly.

Why |ΔL*| ≤ 0.5 holds without trying roundings: once a colour is inside sRGB, rounding its three
channels to 8 bits moves Y by at most Σ wᵢ·g'(cᵢ)·½, g being the transfer curve and w the weights
of Y.  At a given Y that sum is largest for grey (g' is concave in linear light), where half a
step is at most 0.26 L*.  What is left to do is to get every colour inside sRGB at its own L*.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch

from .codes import CHUNK, row_slices, to_8_bits, to_16_bits
from .lab import RGB_TO_XYZ, SLOPE, WHITE_D65

RowsOfAb = Callable[[int, int], "np.ndarray | torch.Tensor"]

# Steps of L* and of hue in the table of the most chroma that sRGB has.
LIGHTNESSES, HUES = 256, 512

# Linear RGB from XYZ relative to white. Every row sums to 1, so with x = y = z + nothing else
# the three channels come out as exactly the same number: greys stay grey to the last bit.
FROM_XYZ = np.linalg.inv(np.array(RGB_TO_XYZ) / np.array(WHITE_D65)[:, None]).tolist()
# A quarter of an 8-bit step beyond black and white is nearer than rounding itself takes us.
BLACK = -0.25 / 255 / 12.92
CORNER = 0.2068966  # where Lab's cube root meets its line
WHITE = 1 + 0.25 / 255 * 2.4 / 1.055


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
    encode = to_8_bits if bits == 8 else to_16_bits
    for rows in row_slices(height, width):
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
