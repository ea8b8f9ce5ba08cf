"""The small values that travel between the page's state and its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colorizer.approaches import STRENGTH, Approach
from colorizer.images.writer import SIMULATED

from .logic import knob_values

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.pipeline import Analysis


@dataclass(frozen=True)
class Chosen:
    """The photograph a visitor works on: a small value that lives in the page's session state."""

    path: str  # the upload, on the server
    digest: str  # SHA-256 of the file's content
    name: str  # without folder and suffix
    width: int
    height: int
    notes: tuple[str, ...] = ()
    color: bool = False  # it came with colours of its own, which can be compared with


@dataclass(frozen=True)
class Setting:
    """How an analysis is turned into one picture.

    knobs: name → value of the knobs the approach has; None is "off" or the approach's default.
    seed: None for the one best guess, else the seed of a sample.  around: seeds of the sample
    that this one varies.  correlation: None for the library's default.
    """

    knobs: dict[str, float | int | None] = field(default_factory=dict)
    seed: int | None = None
    strength: float = STRENGTH.default
    correlation: float | None = None
    around: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What a grid of pictures shows, so that a tile's index leads back to its setting."""

    digest: str
    key: str
    settings: tuple[Setting, ...]


LARGEST_SEED = 2**31 - 1
Memory = Mapping[str, Setting]  # approach → how it was last set


def remembered(memory: Memory | None, key: str) -> Setting:
    """Setting that a method was last given; its defaults if it never was."""
    return (memory or {}).get(key, Setting())


def guess(setting: Setting) -> str:
    """Which picture this is, for a person: ``sample with seed 7, near seed 3``."""
    if setting.seed is None:
        return "the best guess"
    kept = " → ".join(map(str, setting.around))
    return f"sample with seed {setting.seed}" + (f", near seed {kept}" if kept else "")


def note(approach: Approach, setting: Setting) -> str:
    """What a downloaded file says about itself: that the colours are simulated, and how."""
    parts = [f"{knob.label.lower()} {knob_values.label(knob, setting.knobs.get(knob.name))}"
             for knob in approach.knobs]  # fmt: skip
    parts.append(f"strength {setting.strength:g}")
    if setting.correlation is not None and setting.seed is not None and approach.coherent:
        parts.append(f"correlation length {setting.correlation:g}")
    return (
        f"{SIMULATED} Made by colorizer, method {approach.title} ({approach.key}), "
        f"{guess(setting)}: {', '.join(parts)}."
    )


def render(analysis: Analysis, setting: Setting, max_side: int | None = None) -> Image.Image:
    """One picture out of an analysis; only what the approach has is turned."""
    approach = analysis.approach
    arguments: dict[str, Any] = {
        name: value for name, value in setting.knobs.items() if approach.knob(name)
    }
    if setting.seed is not None and approach.samples:
        arguments["seed"] = setting.seed
        if approach.coherent:
            arguments |= {"around": setting.around, "correlation": setting.correlation}
    return analysis.colorize(**arguments, strength=setting.strength, max_side=max_side)
