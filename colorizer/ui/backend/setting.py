"""The small values that travel between the page's state and its handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from colorizer.approaches import (
    ADJUSTMENTS,
    SATURATION,
    STRENGTH,
    WARMTH,
    WHITE_BALANCE,
    Approach,
    Knob,
)
from colorizer.images.provenance import SIMULATED

from ..languages import ENGLISH, _, speaking
from . import knob_values

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.pipeline import Analysis
    from colorizer.pipeline.rendering import Rendering


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
    """Setting by which an analysis becomes one picture.

    knobs: name → value of the knobs the approach has; None is "off" or the approach's default.
    seed: None for the one best guess, else the seed of a sample.  around: seeds of the sample
    that this one varies.  correlation: None for the library's default.
    """

    knobs: dict[str, float | int | None] = field(default_factory=dict)
    seed: int | None = None
    strength: float = STRENGTH.default
    correlation: float | None = None
    around: tuple[int, ...] = ()
    warmth: float = WARMTH.default
    saturation: float = SATURATION.default
    white_balance: float = WHITE_BALANCE.default

    @property
    def finish(self) -> dict[str, float]:
        """Values of :data:`colorizer.approaches.ADJUSTMENTS`."""
        return {knob.name: getattr(self, knob.name) for knob in ADJUSTMENTS}


@dataclass(frozen=True)
class Sheet:
    """Contents of a grid of pictures, so that a tile's index leads back to its setting."""

    digest: str
    key: str
    settings: tuple[Setting, ...]


LARGEST_SEED = 2**53 - 1  # the largest whole number that a browser keeps exactly


def held(approach: Approach, setting: Setting) -> list[tuple[Knob, Any, Any]]:
    """(knob, what its control holds, what it holds at its default) for every knob there is."""
    usual = dict(approach.sampling) if setting.seed is not None else {}
    found = []
    for knob in (*approach.knobs, *ADJUSTMENTS):
        default = usual.get(knob.name, knob.default)
        value = setting.finish.get(knob.name, setting.knobs.get(knob.name))
        value = default if value is None else value
        found.append((knob, knob_values.shown(knob, value), knob_values.shown(knob, default)))
    return found


def changed(approach: Approach, setting: Setting) -> list[str]:
    """Differences from the method's defaults, in words: ``temperature 0.05``."""
    return [
        f"{_(knob.label.lower())} {knob_values.in_words(value)}"
        for knob, value, default in held(approach, setting)
        if value != default
    ]


def came_as_jpeg(name: str) -> bool:
    """True if a file's name says that it is a JPEG, so that its result can be one, too."""
    return PurePath(name).suffix.lower() in {".jpg", ".jpeg", ".jpe", ".jfif"}


def alike(approach: Approach, one: Setting, other: Setting) -> bool:
    """True if two settings make the same picture."""
    return (one.seed, one.around) == (other.seed, other.around) and held(approach, one) == held(
        approach, other
    )


def guess(setting: Setting) -> str:
    """Name of the picture for a person: ``sample with seed 7, near seed 3``."""
    if setting.seed is None:
        return _("the best guess")
    if not setting.around:
        return _("sample with seed {seed}", seed=setting.seed)
    kept = " → ".join(map(str, setting.around))
    return _("sample with seed {seed}, near seed {kept}", seed=setting.seed, kept=kept)


def note(approach: Approach, setting: Setting) -> str:
    """Note in a downloaded file: that the colours are simulated, and how.

    In English, for it may travel further than its visitor's language.
    """
    with speaking(ENGLISH):
        return _note(approach, setting)


def _note(approach: Approach, setting: Setting) -> str:
    parts = [f"{knob.label.lower()} {knob_values.label(knob, setting.knobs.get(knob.name))}"
             for knob in approach.knobs]  # fmt: skip
    parts.append(f"strength {setting.strength:g}")
    parts += [
        f"{knob.label.lower()} {setting.finish[knob.name]:g}"
        for knob in ADJUSTMENTS[1:]
        if setting.finish[knob.name] != knob.default
    ]
    if setting.correlation is not None and setting.seed is not None and approach.coherent:
        parts.append(f"correlation length {setting.correlation:g}")
    return (
        f"{SIMULATED} Made by colorizer, method {approach.title} ({approach.key}), "
        f"{guess(setting)}: {', '.join(parts)}."
    )


def render(analysis: Analysis, setting: Setting, max_side: int | None = None) -> Image.Image:
    """One picture out of an analysis; only what the approach has is turned."""
    return rendering(analysis, setting, max_side).image()


def rendering(analysis: Analysis, setting: Setting, max_side: int | None = None) -> Rendering:
    """The picture of :func:`render`, of which a part can be made alone."""
    approach = analysis.approach
    arguments: dict[str, Any] = {
        name: value for name, value in setting.knobs.items() if approach.knob(name)
    }
    if setting.seed is not None and approach.samples:
        arguments["seed"] = setting.seed
        if approach.coherent:
            arguments |= {"around": setting.around, "correlation": setting.correlation}
    return analysis.picture(**arguments, **setting.finish, max_side=max_side)
