"""Colours that a person gives: points, whole regions, or a reference photograph."""

from __future__ import annotations

from .files import FORMAT, VERSION, read_hints, scaled, svg_points, write_hints
from .points import Hint, HintError, Point, RegionHint, Size

__all__ = [
    "FORMAT",
    "VERSION",
    "Hint",
    "HintError",
    "Point",
    "RegionHint",
    "Size",
    "read_hints",
    "scaled",
    "svg_points",
    "write_hints",
]
