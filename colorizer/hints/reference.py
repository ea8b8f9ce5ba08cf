"""Colours from a reference photograph: places that the network sees alike hand theirs over.

    analysis = colorizer.analyze("grandmother.jpg")
    found = analysis.pairs("her-dress.jpg")              # what is alike, and how surely
    colorizer.colorize("grandmother.jpg", hints=[pair.hint() for pair in found])
    colorizer.colorize("grandmother.jpg", reference="her-dress.jpg")  # the same in one step

Cells of both photographs are described by the network's encoder, which sees only lightness, at two
scales, and by their lightness relative to the photograph's own (as in Welsh et al. 2002).  Mutual
nearest neighbours are pairs (as in Liao et al. 2017, section 4.2); those whose colour no neighbour
shares count less.  Two photographs of different things have a few such pairs as well, by chance:
below a share of the cells none is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer.approaches import Approach
from colorizer.color.ab_plane import hint_color
from colorizer.color.lab import rgb_to_lab
from colorizer.color.lightness import shrink_lightness
from colorizer.errors import InvalidArgument
from colorizer.images import photo
from colorizer.images.photo import Photo

from .points import Hint

SHORT, LONGEST = 256, 768  # pixels at which the encoder compares: cells of 8 of them
MULTIPLE = 32  # of which the sides are multiples
STRIDES = (8, 16)  # of the encoder's maps
RELATIVE_LIGHTNESS = 0.15  # what one standard deviation of lightness takes from the similarity
# Measured on four photographs that scikit-image carries: a mirrored, cropped and brightened copy has
# 22 to 29 % of the cells in pairs above ALIKE, another photograph 0.1 to 2 %.
ALIKE, LEAST_SHARE = 0.55, 0.03
MOST_PAIRS = 48
NEAR, LIKE = 4.0, 0.5  # cells, and deviations of lightness, within which colours should agree
DISAGREE = 40.0  # ab by which a pair's colour may differ from its neighbours'

Maps = Mapping[int, torch.Tensor]


@dataclass(frozen=True)
class Pair:
    """Two places that look alike.

    x, y: full-size pixel of the photograph.  there: (x, y) of the reference.  color: "#rrggbb" of
    what is there, at this photograph's lightness.  confidence: 0 to 1.
    """

    x: float
    y: float
    there: tuple[float, float]
    color: str
    confidence: float

    def hint(self) -> Hint:
        """The hint that the pair stands for."""
        return Hint(self.x, self.y, self.color)


def read_reference(source: Any) -> Photo:
    """A photograph to take colours from.

    source: a path, bytes, a binary file, a PIL image, an array or a :class:`Photo`.
    Raises :class:`colorizer.PhotoError` if it cannot be read, and
    :class:`colorizer.InvalidArgument` if it is no photograph or has no colours.
    """
    readable = isinstance(
        source, str | os.PathLike | bytes | Image.Image | np.ndarray | Photo
    ) or hasattr(source, "read")
    if not readable:
        raise InvalidArgument(
            f"reference must be one photograph: a path, a PIL image or an array, not {source!r:.80}.",
            "reference",
            source,
        )
    read = photo.read(source)
    if read.color is None:
        raise InvalidArgument(
            "The reference photograph has no colours of its own.", "reference", source
        )
    return read


def reference_for(approach: Approach, source: Any) -> Photo:
    """The photograph that an approach is to take colours from, as :func:`read_reference` reads it.

    Raises :class:`colorizer.InvalidArgument` also if the approach takes no hints.
    """
    if not approach.hints:
        raise InvalidArgument(
            f"{approach.title} takes no colour hints and so no reference photograph.",
            "reference",
            source,
        )
    return read_reference(source)


def find_pairs(
    encoder_maps: Callable[[np.ndarray], Maps], image: Photo, reference: Photo
) -> list[Pair]:
    """Places of a photograph and of a reference that look alike, the surest first.

    encoder_maps: lightness (h, w) → the encoder's maps by stride.
    """
    assert reference.color is not None
    here, there = _View(encoder_maps, image), _View(encoder_maps, reference)
    alike = _similarity(here, there)
    best, partner = alike.max(1)
    mutual = alike.argmax(0)[partner] == torch.arange(len(partner))
    cells = (mutual & (best > ALIKE)).nonzero().flatten()
    if len(cells) < max(LEAST_SHARE * len(partner), 2):
        return []
    colors = _ab(reference.color, there.grid)[:, partner[cells]].T
    y, x = cells // here.grid[1], cells % here.grid[1]
    places = torch.stack((y, x), 1).float()
    confidence = best[cells] * _agreement(places, here.light[cells], colors)
    chosen = _spread(torch.cat((places, 2 * here.light[cells, None]), 1), confidence)
    pairs = [
        Pair(
            *here.pixel(int(cells[i])),
            there.pixel(int(partner[cells[i]])),
            hint_color(float(here.lightness[cells[i]]), *colors[i].tolist()),
            round(float(confidence[i].clamp(0, 1)), 3),
        )
        for i in chosen
    ]
    return sorted(pairs, key=lambda pair: -pair.confidence)


class _View:
    """Features and lightness of a photograph, on the grid of the encoder's finest map."""

    def __init__(self, encoder_maps: Callable[[np.ndarray], Maps], image: Photo) -> None:
        scale = SHORT / min(image.size)
        sides = (min(side * scale, LONGEST) for side in (image.height, image.width))
        height, width = (max(MULTIPLE, round(side / MULTIPLE) * MULTIPLE) for side in sides)
        light = shrink_lightness(image.rows, (height, width))
        maps = encoder_maps(light)
        self.maps = [maps[stride][0].float().cpu() for stride in STRIDES]
        self.size = image.size
        self.grid: tuple[int, int] = (height // STRIDES[0], width // STRIDES[0])
        whole = torch.from_numpy(np.ascontiguousarray(light))[None, None]
        self.lightness = F.adaptive_avg_pool2d(whole, self.grid).flatten()
        self.light = self.lightness - self.lightness.mean()
        self.light /= self.lightness.std(correction=0).clamp_min(3)

    def pixel(self, place: int) -> tuple[float, float]:
        """The full-size pixel in the middle of a cell."""
        row, column = divmod(place, self.grid[1])
        x = (column + 0.5) * self.size[0] / self.grid[1] - 0.5
        y = (row + 0.5) * self.size[1] / self.grid[0] - 0.5
        return round(max(x, 0), 2), round(max(y, 0), 2)


def _similarity(here: _View, there: _View) -> torch.Tensor:
    """Likeness of cells, (n, m): mean cosine of the features, less what lightness differs by."""
    total = torch.zeros(len(here.light), len(there.light))
    for one, other in zip(here.maps, there.maps, strict=True):
        # Against what both photographs have in common, or everything would look alike.
        both = torch.cat((one.flatten(1), other.flatten(1)), 1)
        mean, deviation = both.mean(1)[:, None, None], both.std(1)[:, None, None].clamp_min(1e-4)
        mine, theirs = (
            _on_grid((values - mean) / deviation, view.grid)
            for values, view in ((one, here), (other, there))
        )
        total += mine.T @ theirs / len(STRIDES)
    return total - RELATIVE_LIGHTNESS * (here.light[:, None] - there.light[None]).abs()


def _on_grid(values: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
    """(C, h, w) → (C, cells) unit vectors on a finer grid."""
    values = F.normalize(values, dim=0)
    values = F.interpolate(values[None], grid, mode="bilinear", align_corners=False)[0]
    return F.normalize(values, dim=0).flatten(1)


def _ab(rgb: np.ndarray, grid: tuple[int, int]) -> torch.Tensor:
    """Mean ab of a picture (H, W, 3) over the cells of a grid: (2, cells)."""
    small = Image.fromarray(rgb)
    small = small.resize((grid[1] * 4, grid[0] * 4), Image.Resampling.BOX)
    lab = rgb_to_lab(torch.from_numpy(np.array(small)).movedim(-1, 0))
    return F.adaptive_avg_pool2d(lab[None, 1:], grid)[0].flatten(1)


def _agreement(places: torch.Tensor, light: torch.Tensor, colors: torch.Tensor) -> torch.Tensor:
    """Agreement of each colour (n, 2) with those near it and of its lightness: 0 to 1."""
    apart = torch.cdist(places, places) / NEAR + (light[:, None] - light[None]).abs() / LIKE
    weights = torch.exp(-apart).fill_diagonal_(0)
    usual = weights @ colors / weights.sum(1, keepdim=True).clamp_min(1e-6)
    return torch.exp(-(colors - usual).norm(dim=1) / DISAGREE)


def _spread(features: torch.Tensor, confidence: torch.Tensor) -> list[int]:
    """Up to :data:`MOST_PAIRS` pairs, sure and far apart."""
    chosen = [int(confidence.argmax())]
    apart = torch.full((len(features),), torch.inf)
    while len(chosen) < min(MOST_PAIRS, len(features)):
        apart = torch.minimum(apart, (features - features[chosen[-1]]).norm(dim=1))
        best = int((apart * confidence**2).argmax())
        if apart[best] < 1.5:
            break
        chosen.append(best)
    return chosen
