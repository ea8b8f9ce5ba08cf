"""Colours for black-and-white photographs.

>>> import colorizer
>>> c = colorizer.load()                                     # the default approach
>>> c.colorize("photo.jpg").save("photo-color.png")          # the one best guess
>>> c.colorize("photo.jpg", look="vivid")                    # …, with one of colorizer.looks()
>>> analysis = c.analyze("photo.jpg")                        # one forward pass …
>>> pictures = analysis.sample(4, temperature=0.9, top_k=20)  # … four different guesses
>>> analysis.distribution(120, 80)[:5]                       # the likeliest colours of a pixel
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .approaches import Approach, Knob, UnknownApproach, approaches
from .approaches.looks import Look, UnknownLook, looks
from .errors import ColorizerError, InvalidArgument, MissingDevice, PhotoError

if TYPE_CHECKING:
    from .checkpoints import BrokenWeights, MissingWeights
    from .hints import Hint, HintError, RegionHint, read_hints, write_hints
    from .hints.reference import Pair
    from .hints.regions import Region, Stroke
    from .images.photo import Photo
    from .pipeline import Analysis, Colorizer, load

__all__ = [
    "Analysis",
    "Approach",
    "BrokenWeights",
    "Colorizer",
    "ColorizerError",
    "Hint",
    "HintError",
    "InvalidArgument",
    "Knob",
    "Look",
    "MissingDevice",
    "MissingWeights",
    "Pair",
    "Photo",
    "PhotoError",
    "Region",
    "RegionHint",
    "Stroke",
    "UnknownApproach",
    "UnknownLook",
    "approaches",
    "load",
    "looks",
    "read_hints",
    "write_hints",
]

__version__ = "0.1.0"

_HOMES = {
    "Analysis": "pipeline",
    "Colorizer": "pipeline",
    "load": "pipeline",
    "Hint": "hints",
    "HintError": "hints",
    "RegionHint": "hints",
    "read_hints": "hints",
    "write_hints": "hints",
    "BrokenWeights": "checkpoints",
    "MissingWeights": "checkpoints",
    "Photo": "images.photo",
    "Pair": "hints.reference",
    "Region": "hints.regions",
    "Stroke": "hints.regions",
}


def __getattr__(name: str) -> Any:
    # PyTorch is imported when something needs it: `approaches()` and --help answer at once.
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
