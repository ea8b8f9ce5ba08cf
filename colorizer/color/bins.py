"""The two quantisations of the ab plane, soft encoding, priors and rebalancing weights.

``zhang313``
    The 313 in-gamut bins of Zhang et al. 2016 (section 2.1), grid 10.  The published list
    follows no simple gamut rule, so it is carried over: for every a the b values are one
    unbroken run of tens, and twenty rows hold all of it.
``square361``
    Report 000's 19 × 19 = 361 square bins, 12 wide, over a, b from -110 to 118.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch

from .lab import rgb_to_lab

# (a, lowest b, highest b) of the published points, in the published order (pts_in_hull).
PUBLISHED_ROWS = (
    (-90, 50, 90),
    (-80, 20, 90),
    (-70, 0, 90),
    (-60, -20, 90),
    (-50, -30, 100),
    (-40, -40, 100),
    (-30, -50, 100),
    (-20, -50, 100),
    (-10, -60, 100),
    (0, -70, 100),
    (10, -80, 90),
    (20, -80, 90),
    (30, -90, 90),
    (40, -100, 90),
    (50, -100, 80),
    (60, -110, 80),
    (70, -110, 80),
    (80, -110, 70),
    (90, -110, 70),
    (100, -90, 0),
)

# The ab range that lookup tables cover, one entry per unit; sRGB lies well inside.
_TABLE_MIN, _TABLE_MAX = -128, 127


@dataclass(frozen=True)
class Bins:
    """A quantisation of the ab plane.

    name: what a checkpoint's config calls it.
    centers: (Q, 2) float32, the a and b of every bin's centre.
    width: side of a bin in ab units.
    """

    name: str
    centers: torch.Tensor
    width: float

    def __len__(self) -> int:
        return len(self.centers)

    @cached_property
    @torch.inference_mode(False)
    def in_gamut(self) -> torch.Tensor:
        """(Q,) bool: the bins that a colour of sRGB falls into; of the published list all."""
        if self.name == "zhang313":
            return torch.ones(len(self), dtype=torch.bool)
        found = torch.zeros(len(self), dtype=torch.bool)
        # The six faces of the cube are enough: what lies inside has its ab somewhere on them, too.
        side, ends = torch.arange(256, dtype=torch.uint8), torch.tensor([0, 255], dtype=torch.uint8)
        for axes in ((ends, side, side), (side, ends, side), (side, side, ends)):
            face = torch.cartesian_prod(*axes).T.reshape(1, 3, 1, -1)
            found[self.encode(rgb_to_lab(face)[:, 1:]).unique()] = True
        return found

    @cached_property
    @torch.inference_mode(False)
    def _nearest_table(self) -> torch.Tensor:
        """(256, 256) int64: the nearest bin of every whole (a, b) from -128 to 127."""
        return self.neighbours_table(1)[..., 0]

    def neighbours_table(self, count: int) -> torch.Tensor:
        """(256, 256, count) int64: the ``count`` nearest bins of every whole (a, b), nearest first."""
        side = torch.arange(_TABLE_MIN, _TABLE_MAX + 1, dtype=torch.float32)
        plane = torch.stack(torch.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
        distance = torch.cdist(plane, self.centers)
        nearest = distance.topk(count, largest=False, sorted=True).indices
        return nearest.reshape(len(side), len(side), count)

    def encode(self, ab: torch.Tensor) -> torch.Tensor:
        """ab (..., 2, H, W) → index of the nearest bin (..., H, W), int64.

        Exact for whole ab values; between them the nearest whole value decides.
        """
        a, b = _table_index(ab)
        return self._nearest_table.to(ab.device)[a, b]

    def decode(self, index: torch.Tensor) -> torch.Tensor:
        """Bin index (..., H, W) → ab of the bin's centre (..., 2, H, W), float32."""
        return self.centers.to(index.device)[index].movedim(-1, -3)

    def soft_encode(
        self, ab: torch.Tensor, neighbours: int = 5, sigma: float = 5.0
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Zhang et al. 2016, section 2.1: Gaussian weights over the nearest bins.

        ab (..., 2, H, W) → (index, weight), each (..., neighbours, H, W); weights sum to 1.
        The distances are those of ``ab`` itself, only the choice of neighbours is by table.
        """
        a, b = _table_index(ab)
        index = _neighbours(self.name, neighbours).to(ab.device)[a, b]  # (..., H, W, n)
        offset = self.centers.to(ab.device)[index] - ab.float().movedim(-3, -1).unsqueeze(-2)
        weight = torch.softmax(-(offset**2).sum(-1) / (2 * sigma**2), dim=-1)
        return index.movedim(-1, -3), weight.movedim(-1, -3)


def _table_index(ab: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    whole = ab.float().round().clamp(_TABLE_MIN, _TABLE_MAX).long() - _TABLE_MIN
    a, b = whole.unbind(-3)
    return a, b


# Made once for all: by whoever asks first, who may be inferring, while the next one trains.
@lru_cache(maxsize=8)
@torch.inference_mode(False)
def _neighbours(name: str, count: int) -> torch.Tensor:
    return get_bins(name).neighbours_table(count)


@lru_cache(maxsize=2)
@torch.inference_mode(False)
def get_bins(name: str) -> Bins:
    """The quantisation called ``name``: "zhang313" or "square361".  Raises ValueError."""
    if name == "zhang313":
        points = [(a, b) for a, low, high in PUBLISHED_ROWS for b in range(low, high + 1, 10)]
        return Bins(name, torch.tensor(points, dtype=torch.float32), 10.0)
    if name == "square361":
        centers = torch.arange(-110, 118, 12, dtype=torch.float32) + 6
        grid = torch.stack(torch.meshgrid(centers, centers, indexing="ij"), -1).reshape(-1, 2)
        return Bins(name, grid, 12.0)
    raise ValueError(f"No quantisation is called {name!r}; there are zhang313 and square361.")


def smooth_prior(prior: np.ndarray, bins: Bins, sigma: float = 5.0) -> np.ndarray:
    """The empirical prior smoothed by a Gaussian over the ab plane (Zhang et al. 2016, eq. 4).

    prior: (Q,) frequencies.  Returns (Q,) float64 that sums to 1.
    """
    centers = bins.centers.double().numpy()
    squared = ((centers[:, None] - centers[None]) ** 2).sum(-1)
    kernel = np.exp(-squared / (2 * sigma**2))
    smoothed = (kernel / kernel.sum(0)) @ np.asarray(prior, np.float64)
    return smoothed / smoothed.sum()


def rebalancing_weights(prior: np.ndarray, lam: float = 0.5) -> np.ndarray:
    """Zhang et al. 2016, eq. 4: w ∝ ((1-λ)·p + λ/Q)⁻¹, with mean 1 under the prior.

    prior: (Q,) probabilities, smoothed or not.  Returns (Q,) float64.  With λ = 0 a bin of zero
    probability would weigh infinitely; it gets weight 0, since no pixel can lie in it.
    """
    prior = np.asarray(prior, np.float64)
    prior = prior / prior.sum()
    mixed = (1 - lam) * prior + lam / len(prior)
    weights = np.divide(1.0, mixed, out=np.zeros_like(mixed), where=mixed > 0)
    return weights / (prior * weights).sum()
