"""Regions as outlines: polygons around a mask, and the mask again on any grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw
from skimage.measure import approximate_polygon, find_contours, points_in_poly

from ..points import Point, Size

Outline = tuple[tuple[Point, ...], ...]

FINER = 8  # cells a side into which a cell of the grid is parted to measure what is covered
TOLERANCE = 0.4  # cells of the mask by which a polygon may cut a corner


def trace(mask: np.ndarray, size: Size) -> Outline:
    """The outline of a mask (h, w) over a photograph of ``size``, in full-size pixels.

    Holes are polygons of their own.  Steps along the mask's cells are smoothed away.
    """
    height, width = mask.shape
    polygons = []
    # Continued beyond the edge, and cut there, it reaches into the picture's corners.
    wide = np.pad(np.pad(mask, 2, mode="edge"), 1).astype(np.float32)
    for contour in find_contours(wide, 0.5):
        corners = approximate_polygon(contour, TOLERANCE)[:-1] - 3
        if len(corners) >= 3:
            x = (corners[:, 1] + 0.5) * size[0] / width - 0.5
            y = (corners[:, 0] + 0.5) * size[1] / height - 0.5
            x, y = x.clip(0, size[0] - 1), y.clip(0, size[1] - 1)
            polygons.append(tuple(zip(x.round(2).tolist(), y.round(2).tolist(), strict=True)))
    return tuple(polygons)


def share(outline: Outline, size: Size, grid: tuple[int, int]) -> np.ndarray:
    """Share of each cell of a grid (h, w) over the photograph that lies inside: float32, 0…1."""
    height, width = grid[0] * FINER, grid[1] * FINER
    inside = Image.new("1", (width, height))
    # Outlines end at the middle of the last pixels; stretched, they reach the edge.
    across, down = width / max(size[0] - 1, 1), height / max(size[1] - 1, 1)
    for polygon in outline:
        one = Image.new("1", inside.size)
        corners = [(x * across - 0.5, y * down - 0.5) for x, y in polygon]
        ImageDraw.Draw(one).polygon(corners, fill=1)
        inside = ImageChops.logical_xor(inside, one)
    cells = np.asarray(inside, np.float32).reshape(grid[0], FINER, grid[1], FINER)
    return cells.mean((1, 3))


def encloses(outline: Outline, points: Sequence[Point]) -> np.ndarray:
    """True for each point (n,) that an odd number of the polygons encloses."""
    inside = np.zeros(len(points), bool)
    if points:
        for polygon in outline:
            inside ^= points_in_poly(points, polygon)
    return inside
