"""Regions of a photograph: whole things that can be given a colour.

    region = analysis.region(120, 80)            # the thing at this point …
    region = analysis.region(120, 80, size=0.8)  # … or more of it
    hint = region.hint("#1e50c8")                # what a network needs to know
    colorizer.colorize(photo, hints=[hint])

Segments are SLIC superpixels of the lightness (Achanta et al. 2012).  They are joined by lightness,
by the colours that the network predicts, and by its encoder's features, so that a face is one
region although its shadows are dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from colorizer.approaches.arguments import number_between
from colorizer.color.ab_plane import Colour, hint_color
from colorizer.errors import InvalidArgument

from ..points import Hint, Point, RegionHint, cell
from .outline import Outline, trace
from .segments import Segments

if TYPE_CHECKING:
    from colorizer.pipeline import Analysis

# Points that get the colour, and hints that hold what is around; more of either gain nothing.
INSIDE, AROUND = 12, 8
RING = 6.0, 10.0  # cells from the outline, between which the hints around lie
SMALLEST, LARGEST = 0.001, 0.9  # shares of the picture that a region may cover
# The size that is proposed: about this share of the picture, within a factor of e to this power,
# before a join that brings together what differs most.
LIKELY, SPREAD = 0.08, 1.3


@dataclass(frozen=True)
class Stroke:
    """A line of the brush.  points: in full-size pixels.  radius: in full-size pixels.

    add: False takes away from the region instead.
    """

    points: tuple[Point, ...]
    radius: float
    add: bool = True


@dataclass(frozen=True, eq=False)
class Region:
    """A part of a photograph.

    mask: (h, w) bool, a grid over the whole photograph.  x, y: the full-size pixel at which it was
    chosen.  size: 0 (the smallest at this point) to 1.  sizes: all there are here, growing.
    """

    analysis: Analysis
    mask: np.ndarray
    x: float
    y: float
    size: float = 0.0
    sizes: tuple[float, ...] = (0.0,)

    @property
    def area(self) -> float:
        """Share of the photograph, 0 to 1."""
        return float(self.mask.mean())

    @property
    def outline(self) -> Outline:
        """Closed polygons in full-size pixels; what an odd number of them encloses is inside."""
        return trace(self.mask, self.analysis.photo.size)

    def painted(self, strokes: Sequence[Stroke]) -> Region:
        """The region after strokes of a brush, in their order."""
        if not strokes:
            return self
        height, width = self.mask.shape
        photo = self.analysis.photo
        mask = Image.fromarray(self.mask)
        draw = ImageDraw.Draw(mask)
        across, down = width / photo.width, height / photo.height
        for stroke in strokes:
            reach = max(stroke.radius * across, 0.5)
            line = [((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5) for x, y in stroke.points]
            draw.line(line, fill=int(stroke.add), width=max(1, round(2 * reach)))
            for x, y in line:
                draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=int(stroke.add))
        return replace(self, mask=np.array(mask))

    def colors(self) -> list[Colour]:
        """The colours possible for the region as a whole: (a, b, probability), likeliest first.

        Raises :class:`colorizer.InvalidArgument` if the approach has no distribution.
        """
        return self.analysis.distribution_over(self._share())

    def lightness(self) -> float:
        """Mean L* of the region as the network saw it."""
        weights = _pooled(self.mask, self.analysis.working.shape[:2])
        return float((self.analysis.working * weights).sum() / max(weights.sum(), 1e-6))

    def hint(
        self, color: str | tuple[int, int, int], present: torch.Tensor | None = None
    ) -> RegionHint:
        """The region with a colour: points inside that get it, and hints around that hold the rest.

        color: as in :class:`colorizer.Hint`.
        present: the colours that the photograph has now, (2, h, w) ab of any grid over it, such as
        :meth:`Analysis.ab` gives; None for the best guess.

        Raises :class:`colorizer.InvalidArgument` if the region is empty.
        """
        if not self.mask.any():
            raise InvalidArgument("The region is empty; nothing would get a colour.", "region")
        if present is None:
            present = self.analysis.ab(self.analysis.settings())
        inside = tuple(map(self._place, _spread(self.mask, INSIDE)))
        apart = distance_transform_edt(~self.mask)
        ring = (apart >= RING[0]) & (apart < RING[1])
        around = [self._held(spot, present) for spot in _spread(ring, AROUND)]
        x, y = self.x, self.y
        if not self.mask[cell(x, y, self.analysis.photo.size, self.mask.shape[:2])]:
            x, y = inside[0]  # a brush took the place away
        return RegionHint(x, y, color, self.outline, inside, tuple(around))

    def _held(self, spot: tuple[int, int], present: torch.Tensor) -> Hint:
        """A hint of the colour that a place (row, column) of the mask has now."""
        x, y = self._place(spot)
        height, width = present.shape[-2:]
        row, column = cell(x, y, self.analysis.photo.size, (height, width))
        a, b = present[:, row, column].tolist()
        return Hint(x, y, hint_color(self.analysis.lightness_at(x, y), a, b))

    def _place(self, spot: tuple[int, int]) -> Point:
        """The full-size pixel in the middle of a cell (row, column) of the mask."""
        photo, (height, width) = self.analysis.photo, self.mask.shape
        x = (spot[1] + 0.5) * photo.width / width - 0.5
        y = (spot[0] + 0.5) * photo.height / height - 0.5
        return round(max(x, 0), 2), round(max(y, 0), 2)

    def _share(self) -> np.ndarray:
        height, width = self.analysis.ab(self.analysis.settings()).shape[-2:]
        return _pooled(self.mask, (height, width))


class Regions:
    """Parts of a photograph that belong together; made by :func:`regions`."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis, self.segments = analysis, Segments(analysis)

    def at(self, x: float, y: float, size: float | None = None) -> Region:
        """The region at a full-size pixel.

        size: 0 (a single segment) to 1 (nearly all of the picture); None for the likeliest thing.
        Raises :class:`colorizer.InvalidArgument` for a point outside or another size.
        """
        labels, tree = self.segments.labels, self.segments.tree
        row, column = cell(x, y, self.analysis.photo.size, labels.shape)
        if size is not None:
            size = number_between(size, "size", 0, 1, label="The size of a region")
        nodes = tree.chain(int(labels[row, column]))
        areas = np.array([self.segments.area(node) for node in nodes])
        kept = [i for i, area in enumerate(areas) if i == 0 or SMALLEST <= area <= LARGEST]
        steps = np.linspace(0, 1, len(kept)) if len(kept) > 1 else np.zeros(1)
        chosen = self._likely(nodes, areas, kept) if size is None else abs(steps - size).argmin()
        mask = self.segments.mask(nodes[kept[int(chosen)]])
        sizes = tuple(steps.round(4).tolist())
        return Region(self.analysis, mask, x, y, sizes[int(chosen)], sizes)

    def _likely(self, nodes: list[int], areas: np.ndarray, kept: list[int]) -> int:
        """Place in ``kept`` of the size after which the next join is most out of keeping."""
        last = np.array([self.segments.tree.difference.get(node, 0.0) for node in nodes])
        following = np.append(last[1:], last[-1:])[kept]
        growth = np.log(np.maximum(following, 1e-3) / np.maximum(last[kept], 1.0))
        usual = np.exp(-0.5 * (np.log(areas[kept] / LIKELY) / SPREAD) ** 2)
        return int((growth * usual).argmax())


def regions(analysis: Analysis) -> Regions:
    """The regions of a photograph: about a second for the first question, then they are kept.

    Raises :class:`colorizer.InvalidArgument` if the approach takes no hints.
    """
    kept: Any = analysis.kept.get("regions")
    if kept is None:
        kept = analysis.kept["regions"] = Regions(analysis)
    return kept


def _pooled(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Share of each cell of a coarser grid (h, w) that a mask covers."""
    whole = torch.from_numpy(mask.astype(np.float32))[None, None]
    return torch.nn.functional.adaptive_avg_pool2d(whole, grid)[0, 0].numpy()


def _spread(mask: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Up to ``count`` places (row, column) of a mask, far apart and by preference far inside."""
    depth = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    places = np.argwhere(mask)
    if not len(places):
        return []
    inner = np.minimum(depth[mask] / RING[0], 1) ** 0.5
    chosen = [int(depth[mask].argmax())]
    apart = np.full(len(places), np.inf)
    while len(chosen) < min(count, len(places)):
        apart = np.minimum(apart, np.linalg.norm(places - places[chosen[-1]], axis=1))
        best = int((apart * inner).argmax())
        if apart[best] < 2:  # patches would lie on one another
            break
        chosen.append(best)
    return [(int(row), int(column)) for row, column in places[chosen]]
