"""ab from the network's grid to the photograph's own size, stopping at edges of lightness.

A fast guided filter (He & Sun 2015, "Fast Guided Filter"; He, Sun & Tang 2013, section 3): around
every pixel ab is taken to be a linear function of lightness, ab ≈ A·L + B.  A and B are fitted at
the working size, brought to full size bilinearly, and applied to the full-size L.

Three things differ from the plain filter, each because it measured better (``MEASURED`` below):

* The fit is against L *as soft as ab is*: brought down to ab's own grid and up again.  Fitting
  soft ab to sharp L underestimates A, and the colour keeps spilling over the edge.
* B is what is left of ab at each pixel, not a second average, so that with no edge near by ab
  passes unchanged: ab + A·(L - soft L).
* Windows that explain their ab well count more when the A of overlapping windows are averaged
  (as in the weighted guided filters; He et al. average plainly).

ab stays within ``MARGIN`` of the range it has near by, so there are neither halos nor ringing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce

import numpy as np
import torch
import torch.nn.functional as F

from colorizer.color.codes import CHUNK

# MEASURED: mean distance to the true ab of 16 photographs at full size (half of them Kodak's),
# their ab averaged down to a quarter of a 256 px working size:
#   bilinear 3.52; plain guided filter at its best 3.29 (radius 1); this one 3.03 (radius 4, eps 16).
# With that ab blurred by 0.7 of its pixels: 4.29, 4.37 and 3.75.
# Twelve of Kodak's later, with eps 16, 32, 64: 2.19, 2.17, 2.20; blurred 2.74, 2.81, 2.89; bilinear
# 2.39 and 3.10.  What a network guesses likes it smoother (`mobile` at full vividness on 250 of
# the validation photographs: AuC raw 89.57 with 16, 89.69 with 64), so the middle it is.
RADIUS = 4  # working-size pixels: the window is nine wide, two pixels of the network's grid
EPS = 32.0  # L*²: changes of lightness well under 6 L* are texture, not edges
MARGIN = 2.0  # ab units
# How much softer the network's ab is than an average over its grid, in pixels of that grid.
SOFTNESS = 0.6
# Squared ab units below which a window counts as fully explained.
EXPLAINED = 1.0


class GuidedUpsampler:
    """ab fitted to lightness once, then applied to any rows of the full-size picture.

    guide_small: (h, w) float32 L* at working size.
    ab_small: (2, h', w') float32 at the network's own grid or anything up to working size.  Give
        the grid itself: how coarse it is tells how soft ab is.
    radius, eps: of the guided filter; working-size pixels, L*².
    """

    def __init__(
        self,
        guide_small: np.ndarray | torch.Tensor,
        ab_small: np.ndarray | torch.Tensor,
        *,
        radius: int = RADIUS,
        eps: float = EPS,
    ) -> None:
        guide = torch.as_tensor(guide_small, dtype=torch.float32)
        ab = torch.as_tensor(ab_small, dtype=torch.float32)
        if guide.ndim != 2 or ab.ndim != 3 or ab.shape[0] != 2:
            raise ValueError(
                f"The guide is (h, w) and ab (2, h, w), not {tuple(guide.shape)} and "
                f"{tuple(ab.shape)}."
            )
        size = guide.shape
        soft = _resize(_soften(_resize(guide[None], ab.shape[1:])), size)
        ab = _resize(ab, size)

        mean_l, mean_ab = _box(soft, radius), _box(ab, radius)
        variance = (_box(soft * soft, radius) - mean_l * mean_l).clamp_min(0)
        covariance = _box(soft * ab, radius) - mean_l * mean_ab
        slope = covariance / (variance + eps)
        spread = _box(ab * ab, radius) - mean_ab * mean_ab
        unexplained = (spread - slope * covariance).clamp_min(0).sum(0, keepdim=True)
        weight = 1 / (unexplained + EXPLAINED)
        slope = _box(slope * weight, radius) / _box(weight, radius)

        low = -_largest(-ab, radius) - MARGIN
        high = _largest(ab, radius) + MARGIN
        # (2, 4, h, w): for a and for b the slope, the rest, the least and the greatest value.
        self._planes = torch.stack((slope, ab - slope * soft, low, high), dim=1).numpy()

    def rows(self, light: np.ndarray, y0: int, height: int) -> np.ndarray:
        """ab of some rows of the full-size picture: (2, n, W) float32.

        light: (n, W) full-size L* of the rows from y0 on, of a picture of ``height`` rows.
        """
        count, width = light.shape
        guide = torch.as_tensor(light, dtype=torch.float32)
        planes = _interpolate_rows(self._planes, height, y0, y0 + count)  # (2, 4, n, w)
        result = torch.empty(2, count, width)
        # A row may be longer than what is worth a second thread (see ``codes.CHUNK``).
        step = width if width <= CHUNK else CHUNK
        for x0 in range(0, width, step):
            part = slice(x0, min(x0 + step, width))
            for (slope, rest, low, high), out in zip(planes, result[..., part], strict=True):
                torch.mul(_interpolate_columns(slope, width, part), guide[:, part], out=out)
                out.add_(_interpolate_columns(rest, width, part))
                torch.maximum(out, _interpolate_columns(low, width, part), out=out)
                torch.minimum(out, _interpolate_columns(high, width, part), out=out)
        return result.numpy()

    def full(self, guide_full: np.ndarray) -> np.ndarray:
        """ab of the whole picture: (H, W) → (2, H, W) float32.  For small pictures."""
        return self.rows(guide_full, 0, len(guide_full))


def stretched(planes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(C, h, w) → (C, *size) float32, bicubic and guided by nothing, antialiased when smaller."""
    batch = torch.as_tensor(planes, dtype=torch.float32)[None]
    return F.interpolate(batch, size=tuple(size), mode="bicubic", antialias=True)[0].numpy()


def _resize(planes: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """(C, h, w) → (C, *size), bilinear, antialiased when it gets smaller."""
    if planes.shape[1:] == torch.Size(size):
        return planes
    return F.interpolate(planes[None], size=tuple(size), mode="bilinear", antialias=True)[0]


def _soften(plane: torch.Tensor) -> torch.Tensor:
    """(1, h, w) blurred by ``SOFTNESS`` pixels: the three-tap kernel of that variance, twice."""
    side = SOFTNESS**2 / 2
    for dim in (1, 2):
        size = plane.shape[dim]
        index = torch.arange(size)
        before = plane.index_select(dim, (index - 1).clamp_min(0))
        after = plane.index_select(dim, (index + 1).clamp_max(size - 1))
        plane = side * (before + after) + (1 - 2 * side) * plane
    return plane


def _box(planes: torch.Tensor, radius: int) -> torch.Tensor:
    """Mean over the (2·radius + 1)² window, of what lies inside the picture; (C, h, w)."""
    count = torch.ones_like(planes[:1])
    return _window(planes, radius, 0.0, torch.add) / _window(count, radius, 0.0, torch.add)


def _largest(planes: torch.Tensor, radius: int) -> torch.Tensor:
    return _window(planes, radius, -torch.inf, torch.maximum)


def _window(
    planes: torch.Tensor, radius: int, outside: float, combine: Callable[..., torch.Tensor]
) -> torch.Tensor:
    """All of the (2·radius + 1)² window combined, one axis after the other; (C, h, w).

    Whole shifted planes: a tenth of the time of PyTorch's pooling, which goes window by window.
    """
    planes = F.pad(planes, (radius,) * 4, value=outside)
    for dim in (1, 2):
        size = planes.shape[dim] - 2 * radius
        shifted = [planes.narrow(dim, i, size) for i in range(2 * radius + 1)]
        planes = reduce(combine, shifted)
    return planes


def _interpolate_rows(planes: np.ndarray, height: int, y0: int, y1: int) -> torch.Tensor:
    """(..., h, w) → (..., y1 - y0, w): those rows of the planes stretched to ``height`` rows.

    NumPy, because PyTorch shares out even small gathers to threads (see ``codes.CHUNK``).
    """
    small = planes.shape[-2]
    position = ((np.arange(y0, y1) + 0.5) * (small / height) - 0.5).clip(0, small - 1)
    above = position.astype(np.intp)
    below = np.minimum(above + 1, small - 1)
    share = (position - above).astype(np.float32)[:, None]
    upper = planes[..., above, :]
    return torch.from_numpy(upper + (planes[..., below, :] - upper) * share)


def _interpolate_columns(plane: torch.Tensor, width: int, part: slice) -> torch.Tensor:
    """(n, w) → (n, columns of ``part``) of the plane stretched to ``width`` columns."""
    if part == slice(0, width):
        return F.interpolate(plane[None], size=width, mode="linear")[0]
    left, right, share = _neighbours(plane.shape[-1], width, part.start, part.stop)
    values = plane.numpy()
    result = values.take(right, axis=1)
    before = values.take(left, axis=1)
    result -= before
    result *= share
    result += before
    return torch.from_numpy(result)


@lru_cache(maxsize=64)
def _neighbours(small: int, width: int, x0: int, x1: int) -> tuple[np.ndarray, ...]:
    """Columns of a plane of ``small`` between which columns x0…x1 of ``width`` lie.

    Returns the left ones, the right ones, and the share of the right one.
    """
    position = ((np.arange(x0, x1) + 0.5) * (small / width) - 0.5).clip(0, small - 1)
    left = position.astype(np.intp)
    return left, np.minimum(left + 1, small - 1), (position - left).astype(np.float32)
