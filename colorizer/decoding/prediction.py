"""A network's output for one photograph, kept so that every later question is cheap.

An approach turns lightness into one of these; :class:`colorizer.Analysis` asks it for colour.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F

from colorizer.color.bins import Bins, get_bins, rebalancing_weights, smooth_prior

from . import decode, sampling
from .anchors import AnchorSampler

# After the anchors the network is nearly sure; a colder mean keeps what it decided.
ANCHORED_TEMPERATURE = 0.6


@dataclass(frozen=True)
class Settings:
    """The knobs of one colorization; what an approach does not have is ignored by it.

    temperature: 0 (the likeliest colour) … 1 (the model's own distribution) and above.
    top_k: how many of the likeliest colours stay possible; None for all.
    vividness: γ of :func:`colorizer.decoding.decode.adjust`.
    correlation: length of coherent sampling as a share of the picture's shorter side.
    around, distance: a sample to stay near, and how near, as in :meth:`sampling.Field.draw`.
    """

    temperature: float = 0.38
    top_k: int | None = None
    vividness: float = 0.0
    correlation: float = 1.0
    around: tuple[int, ...] = ()
    distance: float = sampling.DISTANCE


class Prediction(Protocol):
    """One photograph's colours, before any choice is made."""

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        """Colour (2, h, w) on the prediction's grid: the best guess, or the sample of a seed."""


@dataclass
class Regression:
    """One ab for every place, no distribution: ``value`` is (2, h, w)."""

    value: torch.Tensor

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        return self.value


@dataclass
class Rebuilt:
    """One picture that replaces the photograph's lightness too: ``lab`` (3, h, w).

    For approaches whose entry says ``keeps_luminance=False``.
    """

    lab: torch.Tensor

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        return self.lab[1:]

    def lightness(self) -> torch.Tensor:
        """L* (h, w) as the network drew it anew."""
        return self.lab[0]


class Generated:
    """A generator with noise: it runs again for every seed, and the latest outputs are kept.

    generate: the noise's seed, or None for no noise at all (the best guess) → ab (2, h, w).
    """

    KEPT = 8

    def __init__(self, generate: Callable[[int | None], torch.Tensor]) -> None:
        self._generate = generate
        self._outputs: OrderedDict[int | None, torch.Tensor] = OrderedDict()
        self.ab(Settings(), None)

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        if seed not in self._outputs:
            self._outputs[seed] = self._generate(seed)
            if len(self._outputs) > self.KEPT:
                self._outputs.popitem(last=False)
        return self._outputs[seed]


@dataclass
class Distribution:
    """Logits (1, Q, h, w) over bins, and the lightness (h, w) of the same grid.

    log_weights: (Q,) of vividness, or None.  trained_gamma: the share of rebalancing already in
    the weights; the knob counts from an unweighted model.  anchors: draws samples by colour
    anchors; None draws them with coherent noise.
    """

    logits: torch.Tensor
    bins: Bins
    lightness: torch.Tensor
    log_weights: torch.Tensor | None = None
    trained_gamma: float = 0.0
    softness: float = 0.6
    anchors: AnchorSampler | None = None
    _fields: dict[float, sampling.Field] = field(default_factory=dict, repr=False)

    def adjusted(self, vividness: float) -> torch.Tensor:
        """Logits (1, Q, h, w) at this vividness."""
        return decode.adjust(self.logits, self.log_weights, vividness - self.trained_gamma)

    def ab(self, settings: Settings, seed: int | None) -> torch.Tensor:
        logits = self.adjusted(settings.vividness)
        if seed is None:
            return decode.annealed_mean(logits, self.bins, settings.temperature, settings.top_k)[0]
        if self.anchors is not None:
            return self._anchored(self.anchors, settings, seed)
        noise = self._field(settings.correlation)
        return sampling.sample(
            logits,
            self.bins,
            noise,
            seed,
            settings.temperature,
            settings.top_k,
            self.softness,
            settings.around,
            settings.distance,
        )[0]

    def within(self, other: Distribution, share: torch.Tensor) -> Distribution:
        """This distribution with another one's logits in a part of the photograph.

        share: (h, w) of the grid, 0 (this one) to 1 (the other).  Samples of it are drawn with
        coherent noise: anchors would run the network, which knows of no parts.
        """
        mixed = torch.lerp(self.logits, other.logits, share.to(self.logits))
        return replace(self, logits=mixed, anchors=None, _fields={})

    def tilted(self, share: torch.Tensor, ab: torch.Tensor, vividness: float) -> Distribution:
        """This distribution, moved so that a part of the photograph has the mean colour ``ab``.

        share: (h, w) of the grid, 0 to 1.  ab: (2,).  vividness: at which it has that mean, at
        T = 1; at other settings it is near.  See :func:`colorizer.decoding.decode.tilt`.
        """
        if not share.any():
            return self
        move = decode.tilt(self.adjusted(vividness), self.bins, share, ab)
        shift = (self.bins.centers.to(move) @ move).view(1, -1, 1, 1)
        return replace(self, logits=self.logits + shift.to(self.logits), _fields={})

    def _anchored(self, anchors: AnchorSampler, settings: Settings, seed: int) -> torch.Tensor:
        vividness = settings.vividness - self.trained_gamma

        def adjust(logits: torch.Tensor) -> torch.Tensor:
            return decode.adjust(logits, self.log_weights, vividness)

        logits = anchors.logits(
            adjust,
            seed,
            settings.temperature,
            settings.top_k,
            settings.around,
            settings.distance,
            key=(vividness,),
        )
        temperature = min(settings.temperature, ANCHORED_TEMPERATURE)
        return decode.annealed_mean(adjust(logits), self.bins, temperature, settings.top_k)[0]

    def _field(self, correlation: float) -> sampling.Field:
        # Only the latest is kept: a kernel holds (h·w)² values.
        if correlation not in self._fields:
            self._fields = {correlation: sampling.Field(self.lightness, correlation)}
        return self._fields[correlation]

    def entropy(self, vividness: float) -> np.ndarray:
        """Entropy in nats of every pixel's distribution at T = 1: (h, w) float32."""
        probability = decode.probabilities(self.adjusted(vividness))
        return decode.entropy(probability)[0].float().cpu().numpy()

    def at(self, row: int, column: int, settings: Settings) -> np.ndarray:
        """Probabilities (Q,) at one place of the grid, at the temperature and top-k given."""
        logits = self.adjusted(settings.vividness)[:, :, row : row + 1, column : column + 1]
        probability = decode.probabilities(logits, settings.temperature, settings.top_k)
        return probability.flatten().cpu().numpy()

    def over(self, share: np.ndarray, settings: Settings) -> np.ndarray:
        """Mean probabilities (Q,) of a part of the grid; share: (h, w), 0 to 1."""
        probability = decode.probabilities(
            self.adjusted(settings.vividness), settings.temperature, settings.top_k
        )
        weights = torch.from_numpy(share).to(probability)
        return (
            ((probability[0] * weights).sum((1, 2)) / weights.sum().clamp_min(1e-6)).cpu().numpy()
        )

    def ranked(self, probability: np.ndarray) -> list[tuple[float, float, float]]:
        """Every bin as (a, b, probability), the likeliest first; probability: (Q,)."""
        centers = self.bins.centers.numpy()
        order = np.argsort(-probability, kind="stable")
        return [(float(centers[i, 0]), float(centers[i, 1]), float(probability[i])) for i in order]


def distribution(logits: torch.Tensor, config: dict, lightness: torch.Tensor) -> Distribution:
    """Logits (1, Q, h, w) with what the config knows of the bins and of rebalancing."""
    return distributions(logits, config, lightness)[0]


def distributions(
    logits: torch.Tensor, config: dict, lightness: torch.Tensor
) -> list[Distribution]:
    """A distribution for each photograph: logits (N, Q, h, w), lightness (N, 1, H, W)."""
    bins = get_bins(config["quantisation"])
    prior = config.get("prior")
    weights = None if prior is None else _log_weights(tuple(prior), config["quantisation"])
    height, width = logits.shape[-2:]
    small = F.adaptive_avg_pool2d(lightness, (height, width))[:, 0]
    gamma = config.get("trained_gamma", 0.0)
    # Copies of a batch's rows: one photograph that is kept must not keep all of them.
    rows = [logits] if len(logits) == 1 else [row.clone() for row in logits.split(1)]
    return [
        Distribution(row, bins, light, weights, gamma)
        for row, light in zip(rows, small, strict=True)
    ]


@cache  # of a checkpoint's prior, the same for every photograph; smoothing it takes 2 ms
def _log_weights(prior: tuple[float, ...], quantisation: str) -> torch.Tensor:
    return log_weights(np.array(prior), get_bins(quantisation))


def log_weights(prior: np.ndarray, bins: Bins) -> torch.Tensor:
    """log w of vividness (Zhang et al. 2016, eq. 4, λ = ½): (Q,) float32.

    Many of the 361 squares lie outside sRGB, and nothing was ever learned about them that a factor
    could bring out: they get the least weight.  A bin inside that no photograph of the prior has
    is merely rare.
    """
    logs = np.log(rebalancing_weights(smooth_prior(prior, bins), lam=0.5))
    inside = (prior > 0) | bins.in_gamut.numpy()
    return torch.from_numpy(np.where(inside, logs, logs.min())).float()
