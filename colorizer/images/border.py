"""The paper around a print: a plain border on all four sides, which has no colour to guess.

A network sees a uniform grey area there, as it does in a sky, and may tint it.  What makes it a
border is its shape, so it is found by that and kept neutral.
"""

from __future__ import annotations

import numpy as np

TOLERANCE = 2.5  # L*: how much paper varies
THINNEST, THICKEST = 0.012, 0.4  # of the picture's side
PLAIN = 0.95  # share of a row that has the paper's lightness
EDGE = 0.6  # share of the row inside the border that differs from it


def paper_border(lightness: np.ndarray) -> np.ndarray | None:
    """The plain border of a print: (h, w) bool, or None if there is none.

    lightness: (h, w) L*, at the size the network sees.  There is a border only if all four
    sides are plain, of one lightness, and end at an edge along most of their length: a sky
    around an aeroplane is plain as well, but goes on behind it.
    """
    height, width = lightness.shape
    ring = np.concatenate((lightness[0], lightness[-1], lightness[1:-1, 0], lightness[1:-1, -1]))
    paper = np.median(ring)
    differs = abs(lightness - paper) > TOLERANCE
    top, bottom = _plain_rows(differs), _plain_rows(differs[::-1])
    left, right = _plain_rows(differs.T), _plain_rows(differs.T[::-1])
    for thickness, side in ((top, height), (bottom, height), (left, width), (right, width)):
        if not max(2, THINNEST * side) <= thickness <= THICKEST * side:
            return None
    inside = differs[top : height - bottom, left : width - right]
    for row in (inside[:3], inside[-3:], inside.T[:3], inside.T[-3:]):
        if row.any(axis=0).mean() < EDGE:
            return None
    border = np.ones(lightness.shape, bool)
    border[top : height - bottom, left : width - right] = False
    return border


def _plain_rows(differs: np.ndarray) -> int:
    """Number of rows from the first one on with the paper's lightness nearly everywhere."""
    plain = differs.mean(axis=1) <= 1 - PLAIN
    return int(np.argmin(plain)) if not plain.all() else len(plain)
