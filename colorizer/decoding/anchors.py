"""Samples by colour anchors: draw the colour of a few places, let the network do the rest.

After DISCO (Xia et al. 2022), without its second network: the colour of one place is drawn from
its distribution and given to the network as a hint, the next from the distribution that follows,
and so on.  What belongs together changes colour together, because the network knows what does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F

from colorizer.color.bins import Bins

from . import decode
from .sampling import gumbel

# How many anchors are drawn before the network is asked again: the first decide the most.
ROUNDS = (1, 1, 2, 4)
# Side of an anchor's patch at working size, in pixels; training saw 1 to 7.
PATCH = 5
# Nothing within this share of a side from the edge: frames, mounts and the lens's corners.
MARGIN = 0.06
# Distances at which two places count as equally far apart: a share of the shorter side, and L*.
APART, LIGHTNESS_APART = 0.3, 25.0
# Logits kept for the latest samples: about 3 MB each at 192 px.
KEPT = 8

Noise = torch.Tensor


def choose_places(
    entropy: torch.Tensor, lightness: torch.Tensor, count: int
) -> list[tuple[int, int]]:
    """Choose places far apart in position and lightness, by preference undecided ones.

    entropy, lightness: (h, w) of the head's grid.  Returns up to ``count`` (row, column), the most
    undecided first.  Greedy: each next one is the farthest from all before, weighted by entropy.
    """
    height, width = entropy.shape
    weight = F.avg_pool2d(entropy[None, None].float(), 3, 1, 1, count_include_pad=False)[0, 0]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    unit = APART * min(height, width)
    features = torch.stack((y / unit, x / unit, lightness.cpu() / LIGHTNESS_APART), -1)
    weight = weight.cpu().clamp_min(1e-3).sqrt()
    top, left = int(MARGIN * height), int(MARGIN * width)
    inside = torch.zeros_like(weight)
    inside[top : height - top, left : width - left] = 1
    weight = weight * inside
    places = [divmod(int(weight.argmax()), width)]
    distance = torch.full((height, width), torch.inf)
    for _ in range(min(count, height * width) - 1):
        distance = torch.minimum(distance, (features - features[places[-1]]).norm(dim=-1))
        places.append(divmod(int((distance * weight).argmax()), width))
    return places


class AnchorSampler:
    """Draw samples of one photograph by anchors.

    network: hints (1, 3, H, W), see :mod:`colorizer.models.efficient` → logits (1, Q, h, w).
    logits: (1, Q, h, w), the network's own, before any anchor.  lightness: (h, w) of the same
    grid.  hints: those a person gave, (1, 3, H, W), or None.  size: (H, W) at working size.
    """

    def __init__(
        self,
        network: Callable[[torch.Tensor], torch.Tensor],
        logits: torch.Tensor,
        lightness: torch.Tensor,
        bins: Bins,
        size: tuple[int, int],
        hints: torch.Tensor | None = None,
    ) -> None:
        self._network, self._first, self._bins = network, logits, bins
        self._hints = logits.new_zeros(1, 3, *size) if hints is None else hints
        entropy = decode.entropy(decode.probabilities(logits))[0]
        self.places = choose_places(entropy, lightness, sum(ROUNDS))
        self._kept: OrderedDict[tuple, torch.Tensor] = OrderedDict()

    def logits(
        self,
        adjust: Callable[[torch.Tensor], torch.Tensor],
        seed: int,
        temperature: float,
        top_k: int | None,
        around: Sequence[int] = (),
        distance: float = 0.0,
        key: tuple = (),
    ) -> torch.Tensor:
        """The network's logits (1, Q, h, w) once every anchor of ``seed`` is drawn.

        adjust: logits → logits with vividness; ``key`` tells one from another.  around, distance:
        seeds of a sample to stay near; each further seed redraws that share of the anchors.
        """
        draw = (seed, temperature, top_k, tuple(around), distance, key)
        if draw not in self._kept:
            noise = self._noise((*around, seed), distance)
            self._kept[draw] = self._draw(adjust, noise, temperature, top_k)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[draw]

    def _noise(self, seeds: Sequence[int], distance: float) -> Noise:
        """Gumbel noise (anchors, Q) of a seed, a part of it drawn anew by each further seed."""
        count = len(self.places)
        first, *steps = seeds
        noise = self._gumbel(first, 0)
        for depth, step in enumerate(steps, 1):
            rng = np.random.default_rng((step, depth))
            fresh = rng.permutation(count)[: max(1, round(distance * count))]
            noise[fresh] = self._gumbel(step, depth)[fresh]
        return noise

    def _gumbel(self, seed: int, depth: int) -> Noise:
        rng = np.random.default_rng((seed, depth))
        normal = rng.standard_normal((len(self.places), len(self._bins)))
        return gumbel(torch.from_numpy(normal))

    def _draw(
        self,
        adjust: Callable[[torch.Tensor], torch.Tensor],
        noise: Noise,
        temperature: float,
        top_k: int | None,
    ) -> torch.Tensor:
        logits, hints, begun = self._first, self._hints.clone(), 0
        for count in ROUNDS:
            probability = decode.probabilities(adjust(logits), temperature, top_k)
            # As soft as the hint is wide: the mean distribution of the places around.
            probability = F.avg_pool2d(probability, 3, 1, 1, count_include_pad=False)
            for k in range(begun, min(begun + count, len(self.places))):
                self._put(hints, self.places[k], self._color(probability, k, noise))
            begun += count
            logits = self._network(hints)
        return logits

    def _color(self, probability: torch.Tensor, k: int, noise: Noise) -> torch.Tensor:
        """The ab (2,) drawn for anchor ``k``: the mean of the bins around the one drawn."""
        row, column = self.places[k]
        chances = probability[0, :, row, column].double().cpu()
        drawn = (chances.clamp_min(1e-12).log() + noise[k]).argmax()
        centers = self._bins.centers.double()
        near = (centers - centers[drawn]).norm(dim=1) <= 15
        share = chances * near
        return (share @ centers / share.sum().clamp_min(1e-12)).float()

    def _put(self, hints: torch.Tensor, place: tuple[int, int], color: torch.Tensor) -> None:
        height, width = hints.shape[-2:]
        rows, columns = self._first.shape[-2:]
        y = int((place[0] + 0.5) * height / rows)
        x = int((place[1] + 0.5) * width / columns)
        half = PATCH // 2
        patch = hints[0, :, max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1]
        free = patch[2] == 0  # what a person asked for stays
        value = torch.cat((color, color.new_ones(1))).to(patch)[:, None, None]
        patch.copy_(torch.where(free, value, patch))
