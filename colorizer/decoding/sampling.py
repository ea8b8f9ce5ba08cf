"""Samples of a distribution over ab bins in which neighbouring pixels agree.

The Gumbel-max trick with noise that is smooth in space and stops at the photograph's edges: each
pixel alone still follows the model's distribution exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from colorizer.color.bins import Bins

from .decode import COLDEST, expectation, keep_top_k, softmax

# How far a variation goes from the sample it keeps: 0 is the sample itself, 1 an independent one.
DISTANCE = 0.45
# The difference of lightness, in L*, at which the noise lets go.
EDGE = 12.0


class Field:
    """Smooth random fields over a picture, with unit variance at every pixel.

    White noise at anchor points is spread with a bilateral kernel (Tomasi & Manduchi 1998) over
    place and lightness, so that what the photograph shows as one surface gets one noise; dividing
    by the norm of each pixel's own row of the kernel brings the variance back to exactly one
    there, borders and corners too.

    lightness: (h, w) on the head's grid, 0…100.  correlation: length as a share of the
    picture's shorter side; 0 gives independent noise at each pixel.  edge: the difference of
    lightness, in L*, at which the noise lets go.  Raises ValueError for a negative length.
    """

    # Every second place in both directions is an anchor, fewer on large grids.
    MOST_ANCHORS = 1024

    def __init__(self, lightness: torch.Tensor, correlation: float, edge: float = EDGE) -> None:
        if correlation < 0:
            raise ValueError("The correlation length must not be negative.")
        self.shape = tuple(lightness.shape)
        self.kernel: torch.Tensor | None = None
        height, width = self.shape
        # The filter's own width: spread white noise is correlated over √2 times as far.
        sigma = correlation * min(height, width) / math.sqrt(2)
        stride = max(2, math.ceil(math.sqrt(height * width / self.MOST_ANCHORS)))
        if sigma < 0.25:
            return  # shorter than a pixel: each has its own noise
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        features = torch.stack((y / sigma, x / sigma, lightness.float().cpu() / edge), -1)
        anchors = features[stride // 2 :: stride, stride // 2 :: stride].reshape(-1, 3)
        if len(anchors) == 0 or (sigma < stride and height * width <= 4 * self.MOST_ANCHORS):
            anchors = features.reshape(-1, 3)  # anchors so far apart would show
        exponent = torch.cdist(features.reshape(-1, 3), anchors).square_().mul_(-0.5)
        # A pixel unlike every anchor near it keeps the best of them: only ratios matter.
        kernel = (exponent - exponent.amax(dim=1, keepdim=True)).exp_()
        self.kernel = kernel / kernel.norm(dim=1, keepdim=True)

    def draw(
        self, count: int, seed: int, around: Sequence[int] = (), distance: float = DISTANCE
    ) -> torch.Tensor:
        """``count`` independent fields: (count, h, w) float64, standard normal at every pixel.

        around: seeds of a sample to stay near ("more like this"): the first is a sample's own,
        each further one a variation of what came before.  Every step blends the fields so far
        with fresh ones, √(1 - d²)·kept + d·fresh, which keeps unit variance and independence
        between bins, so that a variation is as exact a sample as any other.
        """
        if not 0 <= distance <= 1:
            raise ValueError("The distance of a variation must lie between 0 and 1.")
        first, *steps = (*around, seed)
        noise = self._fresh(count, first)
        for depth, step in enumerate(steps, 1):
            # Every depth has noise of its own, even under the same number.  PyTorch's generator
            # takes 32 bits of a seed and no more, so they are mixed instead of put side by side.
            mixed = np.random.SeedSequence((step, depth)).generate_state(1)
            fresh = self._fresh(count, int(mixed[0]))
            noise = math.sqrt(1 - distance**2) * noise + distance * fresh
        return noise

    def _fresh(self, count: int, seed: int) -> torch.Tensor:
        height, width = self.shape
        sources = height * width if self.kernel is None else self.kernel.shape[1]
        noise = seeded_normal((sources, count), seed)
        if self.kernel is not None:
            noise = self.kernel @ noise
        return noise.T.reshape(count, height, width).double()


def seeded_normal(shape: Sequence[int], seed: int) -> torch.Tensor:
    """Standard normal noise of a seed below 2⁶⁴, other noise for every seed; float32.

    PyTorch's generator takes 32 bits of a seed: larger ones are NumPy's.
    """
    if seed < 2**32:
        return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.standard_normal(tuple(shape), dtype=np.float32))


def gumbel(normal: torch.Tensor) -> torch.Tensor:
    """Standard normal → standard Gumbel, by the distribution functions, in the same precision.

    -log(-log Φ(x)), with log Φ of the nearer tail, so that both stay exact: neither a rare nor a
    likely bin is cut off.  PyTorch's ``log_ndtr`` is exact too, and takes twice the time.
    """
    tail = torch.special.erfc(normal.abs() * math.sqrt(0.5)).mul_(0.5)
    return -torch.log(-torch.where(normal < 0, tail.log(), torch.log1p(-tail)))


def sample(
    logits: torch.Tensor,
    bins: Bins,
    field: Field,
    seed: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    softness: float = 0.0,
    around: Sequence[int] = (),
    distance: float = DISTANCE,
) -> torch.Tensor:
    """Coherent sampling: one colour per pixel, drawn so that neighbours agree.

    The Gumbel-max trick (Gumbel 1954; Maddison et al. 2014) with noise that is smooth in space:
    arg max over bins of logits / T + g.  At each pixel g is exactly Gumbel and independent
    between bins, so with ``softness`` 0 each pixel follows softmax(logits / T) exactly.
    ``softness`` > 0 takes a narrow mean around the best bin instead (softmax of the same sum,
    sharpened), which hides the steps between bins.

    logits: (1, Q, h, w).  around, distance: see :meth:`Field.draw`.  Returns ab (1, 2, h, w).
    """
    if temperature < 0:
        raise ValueError("The temperature must not be negative.")
    kept = keep_top_k(logits.float(), top_k) / max(temperature, COLDEST)
    noise = gumbel(field.draw(logits.shape[1], seed, around, distance).float()).to(kept.device)
    score = kept.double() + noise
    if softness <= 0:
        return bins.decode(score.argmax(dim=1))
    return expectation(softmax((score / softness).float()), bins)
