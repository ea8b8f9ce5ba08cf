"""Regions of a photograph: whole things that can be given a colour."""

from __future__ import annotations

from .outline import Outline, encloses, share, trace
from .region import Region, Regions, Stroke, regions

__all__ = ["Outline", "Region", "Regions", "Stroke", "encloses", "regions", "share", "trace"]
