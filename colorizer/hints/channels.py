"""Hints as a network takes them, and which passes of it regions need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from colorizer.decoding.prediction import Distribution, Prediction
from colorizer.images.photo import Photo

from .points import Hint, RegionHint, cell

MOST_TOGETHER = 8  # photographs in one pass of the network; more gain nothing and fill the memory
HINT_PATCH = 5  # side of a hint's patch at working size; training saw 1 to 9


def hint_channels(hints: Sequence[Hint], image: Photo, size: tuple[int, int]) -> torch.Tensor:
    """Hints in full-size pixels → (1, 3, h, w): a, b and mask at working size."""
    height, width = size
    channels = torch.zeros(1, 3, height, width)
    reach = HINT_PATCH // 2
    for hint in hints:
        row, column = cell(hint.x, hint.y, image.size, size)
        rows = slice(max(row - reach, 0), row + reach + 1)
        columns = slice(max(column - reach, 0), column + reach + 1)
        channels[0, :, rows, columns] = torch.tensor([*hint.ab(), 1.0]).view(3, 1, 1)
    return channels


def points_alone(hints: Sequence[Hint]) -> list[Hint]:
    """The hints that are for no region."""
    return [hint for hint in hints if not isinstance(hint, RegionHint)]


def region_passes(hints: Sequence[Hint]) -> list[tuple[RegionHint, list[Hint]]]:
    """Each region with the hints of its own pass, in the order in which they were set.

    A network lets a colour run beyond what it was meant for.  So each region has a pass of its
    own, of which only what lies inside the outline is kept: one region never changes another.
    A point inside that was set before the region is painted over; one that was set after it stays.
    """
    from .regions.outline import encloses

    passes = []
    for place, hint in enumerate(hints):
        if not isinstance(hint, RegionHint):
            continue
        before, after = points_alone(hints[:place]), points_alone(hints[place:])
        inside = encloses(hint.outline, [(one.x, one.y) for one in before])
        beside = [one for one, covered in zip(before, inside, strict=True) if not covered]
        passes.append((hint, [*beside, *hint.points(), *after]))
    return passes


def with_regions(
    prediction: Prediction,
    working: np.ndarray,
    image: Photo,
    hints: Sequence[Hint],
    predict: Callable[[torch.Tensor, torch.Tensor | None], list[Prediction]],
    vividness: float,
) -> Prediction:
    """A prediction in which every region is that of its own pass, and has the colour asked for.

    A network takes a hint for advice and leaves much of its chroma away.  So the distributions of a
    region are moved until their mean is the colour.

    prediction: the one under the hints that are for no region.  working: (h, w) lightness.
    predict: lightness (N, 1, h, w) and hints (N, 3, h, w) → predictions.  vividness: the approach's
    own, at which that holds.
    """
    passes = region_passes(hints)
    if not passes:
        return prediction
    from .regions.outline import share

    size = working.shape[0], working.shape[1]
    for start in range(0, len(passes), MOST_TOGETHER):
        part = passes[start : start + MOST_TOGETHER]
        lightness = torch.from_numpy(working).expand(len(part), 1, *size)
        channels = torch.cat([hint_channels(own, image, size) for _, own in part])
        for (region, _), other in zip(part, predict(lightness, channels), strict=True):
            assert isinstance(prediction, Distribution)  # as of all approaches that take hints
            assert isinstance(other, Distribution)
            height, width = prediction.logits.shape[-2:]
            covered = torch.from_numpy(share(region.outline, image.size, (height, width)))
            asked = torch.tensor(region.ab())
            prediction = prediction.within(other.tilted(covered, asked, vividness), covered)
    return prediction
