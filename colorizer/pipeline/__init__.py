"""The way of a photograph: analyze once, then colorize and sample as often as one likes."""

from __future__ import annotations

from .analysis import Analysis
from .colorizer import Colorizer
from .loading import load
from .passes import DEFAULT_WORKING_SIZE, LONGEST_WORKING_SIDE, working_size

__all__ = [
    "DEFAULT_WORKING_SIZE",
    "LONGEST_WORKING_SIDE",
    "Analysis",
    "Colorizer",
    "load",
    "working_size",
]
