"""A model's distribution at one place of a photograph, and its uncertainty everywhere.

Nothing here imports Gradio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from colorizer.color import ab_plane
from colorizer.pipeline import Analysis

from ...backend.quality import certainty_map
from ...backend.setting import Chosen, Setting, render
from ...backend.studio import Studio

LIKELIEST = 5


@dataclass(frozen=True)
class Reading:
    """The model's distribution at one place.

    colours: all, as (a, b, probability), likeliest first.  entropy: in nats.
    """

    x: int
    y: int
    lightness: float
    colours: tuple[ab_plane.Colour, ...]
    entropy: float

    @property
    def choices(self) -> float:
        """As undecided as between so many equally likely colours."""
        return math.exp(self.entropy)

    def likeliest(self) -> list[tuple[str, float]]:
        """(#rrggbb at the place's lightness, probability) of the first few."""
        first = self.colours[:LIKELIEST]
        return [(ab_plane.swatch(self.lightness, a, b), p) for a, b, p in first]

    def picture(self) -> Image.Image:
        return ab_plane.picture(self.lightness, self.colours)


@dataclass(frozen=True)
class Shown:
    """The pictures of the tab and what they belong to; it lives in the page's session state."""

    digest: str
    key: str
    setting: Setting
    photo: str
    map: str

    def still(self, chosen: Chosen, key: str, setting: Setting) -> bool:
        same = (self.digest, self.key, self.setting) == (chosen.digest, key, setting)
        return same and Path(self.photo).is_file() and Path(self.map).is_file()


def read(analysis: Analysis, x: int, y: int, setting: Setting) -> Reading:
    """The model's own probabilities (temperature 1, every colour) at full-size pixel (x, y)."""
    vividness = analysis.approach.knob("vividness") and setting.knobs.get("vividness")
    colours = tuple(analysis.distribution(x, y, vividness=vividness))
    entropy = -sum(p * math.log(p) for _, _, p in colours if p > 0)
    return Reading(x, y, analysis.lightness_at(x, y), colours, entropy)


def pictures(studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str) -> Shown:
    """The photograph in colour and its map of uncertainty, as files of one size."""
    analysis = studio.analysis(chosen, key, visitor)
    side = studio.settings.compare_side
    color = render(analysis, setting, side)
    unsure = certainty_map(analysis, setting, studio.preview(chosen, visitor, side))
    return Shown(
        chosen.digest,
        key,
        setting,
        studio.files.write(color, "map", visitor, f"{chosen.name}-color"),
        studio.files.write(unsure, "map", visitor, f"{chosen.name}-unsure"),
    )
