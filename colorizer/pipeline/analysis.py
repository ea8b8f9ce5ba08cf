"""A photograph with a network's prediction: every further question is cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import torch
from PIL import Image

from colorizer.approaches import Approach
from colorizer.approaches.knobs import Knobs, named
from colorizer.color.adjust import Adjustments
from colorizer.decoding.prediction import Distribution, Prediction, Rebuilt, Settings
from colorizer.errors import InvalidArgument
from colorizer.hints.points import cell
from colorizer.images.border import paper_border
from colorizer.images.photo import Photo, Previews, Source

from .options import Options, check_count, check_options, decoding_settings
from .rendering import Rendering

if TYPE_CHECKING:
    from colorizer.hints.reference import Pair
    from colorizer.hints.regions import Region

MOST_SEED = 2**64 - 1


class Analysis:
    """A photograph with a network's prediction; every further question is cheap."""

    def __init__(
        self,
        approach: Approach,
        image: Photo,
        working: np.ndarray,
        prediction: Prediction,
        encoder_maps: Callable[[np.ndarray], dict[int, torch.Tensor]],
    ) -> None:
        self.approach, self.photo = approach, image
        self.encoder_maps = encoder_maps  # of the network, for lightness at working size
        self.working, self.prediction = working, prediction
        self.kept: dict[str, Any] = {}  # what others have worked out of this analysis
        self._border = paper_border(working)
        self.previews = Previews(image)  # several analyses of one photograph may share them

    @named
    def colorize(self, *, seed: int | None = None, **knobs: Unpack[Knobs]) -> Image.Image:
        """A picture of the photograph's own size, or with sides of at most ``max_side``.

        None leaves a knob at the approach's default.

        seed: None for the one best guess, a whole number of at least 0 for a sample.
        temperature: how decided the colours are, from 0.05 (the likeliest) to 1.5.
        top_k: number of likeliest colours that stay possible.
        vividness: share of class rebalancing, from 0 to 1.5.
        correlation: length over which the colours of a sample agree, as a share of the shorter
            side, 0 to 4.
        around, distance: seeds of a sample to stay near, and how far from it (0 to 1).
        strength: 0 is grey, 1 as decoded, up to 1.5 stronger.
        warmth: -1 (cool) to 1 (warm).  saturation: 0 (grey) to 2.
        white_balance: share of a tint over everything that is taken out, 0 to 1.
        look: a name of :func:`colorizer.looks`, whose settings stand in for those that are None.

        Raises :class:`colorizer.InvalidArgument` with one sentence for what the approach does not
        have or a value out of range, and :class:`colorizer.UnknownLook`.
        """
        return self.picture(seed=seed, **knobs).image()

    @named
    def picture(
        self, *, seed: int | None = None, bits: int = 8, **knobs: Unpack[Knobs]
    ) -> Rendering:
        """The picture of :meth:`colorize`, made strip by strip while :func:`images.photo.save` writes.

        For pictures too large to be held in memory, and for ``bits`` of 16 a channel.
        """
        return self.render(check_options(self.approach, seed=seed, bits=bits, **knobs))

    @named
    def sample(self, n: int = 4, *, seed: int = 0, **knobs: Unpack[Knobs]) -> list[Image.Image]:
        """``n`` different colorizations; the i-th is that of ``seed + i``.

        The knobs are those of :meth:`colorize`.
        """
        return list(self.samples(n, seed=seed, **knobs))

    @named
    def samples(
        self, n: int = 4, *, seed: int = 0, **knobs: Unpack[Knobs]
    ) -> Iterator[Image.Image]:
        """Like :meth:`sample`, one after the other as they are made."""
        seeds = check_count(self.approach, n, seed)
        options = check_options(self.approach, seed=seeds[0], **knobs)
        return (self.render(replace(options, seed=one)).image() for one in seeds)

    @named
    def sample_one(self, seed: int, **knobs: Unpack[Knobs]) -> Image.Image:
        """The colorization that belongs to ``seed``; knobs as in :meth:`colorize`."""
        return self.colorize(seed=seed, **knobs)

    def settings(
        self,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        correlation: float | None = None,
        sampling: bool = False,
    ) -> Settings:
        """The settings of decoding with the approach's defaults filled in.

        Raises :class:`colorizer.InvalidArgument` if one is not allowed.
        """
        return decoding_settings(
            self.approach, temperature, top_k, vividness, correlation, sampling=sampling
        )

    def ab(
        self, settings: Settings, seed: int | None = None, adjustments: Adjustments | None = None
    ) -> torch.Tensor:
        """Colour on the prediction's grid: (2, h, w) in ab units."""
        if seed is not None and not self.approach.samples:
            seed = None  # one output for every seed
        ab = self.prediction.ab(settings, seed)
        if adjustments is not None:
            light = torch.from_numpy(self.working)[None, None]
            height, width = ab.shape[-2:]
            light = torch.nn.functional.adaptive_avg_pool2d(light, (height, width))[0, 0]
            ab = adjustments.apply(ab, light.to(ab))
        if self._border is not None:
            share = torch.from_numpy(self._border).float()[None, None]
            height, width = ab.shape[-2:]
            ab = ab * (
                1 - torch.nn.functional.adaptive_avg_pool2d(share, (height, width))[0].to(ab)
            )
        return ab

    def render(self, options: Options) -> Rendering:
        """The picture of options that were checked against this approach."""
        with torch.inference_mode():
            decoded = self.ab(options.settings, options.seed, options.adjustments)
            ab = decoded.float().cpu().numpy() * np.float32(options.strength)
        target = self.photo_at(options.max_side)
        if not isinstance(self.prediction, Rebuilt):
            return Rendering(target, self.working, ab, bits=options.bits)
        return Rendering(
            target,
            self.working,
            ab,
            bits=options.bits,
            drawn=self.prediction.lightness().float().cpu().numpy(),
            share=min(options.strength, 1.0),
        )

    def photo_at(self, max_side: int | None) -> Photo:
        """The photograph with sides of at most ``max_side``; made once for a size."""
        return self.previews.at(max_side)

    def lightness_at(self, x: float, y: float) -> float:
        """L* around full-size pixel (x, y), as softly as the network saw it."""
        height, width = self.working.shape
        return float(self.working[cell(x, y, self.photo.size, (height, width))])

    def __repr__(self) -> str:
        size = f"{self.photo.width}×{self.photo.height}"
        return f"Analysis({self.photo.name!r}, {size}, approach={self.approach.key!r})"

    # --- how sure the model is ----------------------------------------------------------------

    def entropy(self, vividness: float | None = None) -> np.ndarray:
        """Uncertainty of the model: entropy in nats at each place of its grid, (h, w) float32.

        Raises :class:`colorizer.InvalidArgument` if the approach has no distribution.
        """
        return self._distribution().entropy(self.settings(vividness=vividness).vividness)

    def distribution(
        self,
        x: float,
        y: float,
        *,
        temperature: float | None = 1.0,
        top_k: int | None = None,
        vividness: float | None = None,
    ) -> list[tuple[float, float, float]]:
        """The colours possible at full-size pixel (x, y): (a, b, probability), likeliest first.

        Raises :class:`colorizer.InvalidArgument` if the approach has no distribution or the point lies outside.
        """
        prediction = self._distribution()
        height, width = prediction.logits.shape[-2:]
        row, column = cell(x, y, self.photo.size, (height, width))
        settings = self.settings(temperature, top_k, vividness)
        return prediction.ranked(prediction.at(row, column, settings))

    def distribution_over(self, share: np.ndarray) -> list[tuple[float, float, float]]:
        """The colours possible in a part of the photograph, as in :meth:`distribution`.

        share: (h, w) of the prediction's grid, how much of each cell belongs to the part.
        """
        prediction = self._distribution()
        return prediction.ranked(prediction.over(share, self.settings(1.0)))

    def region(self, x: float, y: float, size: float | None = None) -> Region:
        """The thing at full-size pixel (x, y), which can be given a colour as a whole.

        size: 0 (a single segment) to 1 (nearly all of the picture); None for the likeliest thing.
        Raises :class:`colorizer.InvalidArgument` for a point outside, another size, or an approach
        that takes no hints.
        """
        from colorizer.hints.regions import regions

        return regions(self).at(x, y, size)

    def pairs(self, reference: Source | Photo) -> list[Pair]:
        """Places that look like ones of a colour photograph, the surest first.

        reference: as in :meth:`Colorizer.analyze`.  Without enough that is alike, an empty list.
        """
        from colorizer.hints.reference import find_pairs, reference_for

        usable = reference_for(self.approach, reference)
        return find_pairs(self.encoder_maps, self.photo, usable)

    def _distribution(self) -> Distribution:
        if not isinstance(self.prediction, Distribution):
            raise InvalidArgument(f"{self.approach.title} gives one result and no probabilities.")
        return self.prediction
