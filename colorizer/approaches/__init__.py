"""The approaches that can be picked, as data.

Page, command line, evaluation and tests read what an approach is and can do from here and
nowhere else.  To add one: a model file, a training script, an entry in ``entries.py``.
Nothing here imports PyTorch: listing the approaches is instant.
"""

from __future__ import annotations

from colorizer.errors import ColorizerError

from .approach import Approach
from .entries import ENTRIES
from .knobs import (
    ADJUSTMENTS,
    SATURATION,
    STRENGTH,
    WARMTH,
    WHITE_BALANCE,
    Knob,
    check_adjustments,
    check_strength,
)

__all__ = [
    "ADJUSTMENTS",
    "SATURATION",
    "STRENGTH",
    "WARMTH",
    "WHITE_BALANCE",
    "Approach",
    "Knob",
    "UnknownApproach",
    "approaches",
    "check_adjustments",
    "check_strength",
    "default",
    "get",
]


class UnknownApproach(ColorizerError, ValueError):
    """No approach has this name; the message lists those there are.

    key: the name.  known: those there are.
    """

    def __init__(self, message: str, key: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.key, self.known = key, known


def approaches() -> tuple[Approach, ...]:
    """Every approach, the default first."""
    return ENTRIES


def default() -> Approach:
    """The approach that is meant where none is named: the first of the registry."""
    return ENTRIES[0]


def get(key: str) -> Approach:
    """The approach called ``key``; raises :class:`UnknownApproach`."""
    for entry in ENTRIES:
        if entry.key == key:
            return entry
    known = tuple(entry.key for entry in ENTRIES)
    raise UnknownApproach(
        f"There is no approach called {key!r}; there are: {', '.join(known)}.", key, known
    )
