"""The stage: grey and colour beside each other, under what the controls say.

Nothing here imports Gradio.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from colorizer.approaches import ADJUSTMENTS, get

from ...backend import knob_values
from ...backend.quality import certainty_map, measure
from ...backend.setting import (
    LARGEST_SEED,
    Chosen,
    Setting,
    render,
)
from ...backend.studio import Studio

BEST, SAMPLE = "Best guess", "A sample"
GREY, ORIGINAL = "Grey", "Original"

# What else belongs to a sample that came from the tab Sample: (around, correlation) of a Setting.
Origin = tuple[tuple[int, ...], float | None]


@dataclass(frozen=True)
class Showing:
    """The part of a photograph on the stage: what lies on the left, and whether colours or
    uncertainty on the right."""

    left: str = GREY
    unsure: bool = False


PLAIN = Showing()


def pair(
    studio: Studio,
    chosen: Chosen,
    key: str,
    setting: Setting,
    visitor: str,
    showing: Showing = PLAIN,
) -> tuple[tuple[str, str], str]:
    """Two pictures, equally large, as files for the slider; and metrics of the result in words."""
    analysis = studio.analysis(chosen, key, visitor)
    side = studio.settings.preview_side
    color = render(analysis, setting, side)
    small = studio.preview(chosen, visitor, side)
    unsure = showing.unsure and analysis.approach.distribution
    right = certainty_map(analysis, setting, small) if unsure else color
    # Compressing it takes as long as all the rest, and Pillow lets go of Python's lock meanwhile.
    with ThreadPoolExecutor(1) as pool:
        path = pool.submit(studio.files.write, right, "preview", visitor, f"{chosen.name}-color")
        metrics = measure(color, small.color)
        original = showing.left == ORIGINAL and chosen.color
        left = studio.truth(chosen, visitor) if original else studio.grey(chosen, visitor)
    return (left, path.result()), metrics.words()


def setting(
    key: str, guess: str, seed: float | None, origin: Origin, held: Mapping[str, Any]
) -> Setting:
    """Values of the controls of the tab Colorize; held: by the names of the knobs."""
    around, correlation = origin or ((), None)
    approach = get(key)
    sampled = guess == SAMPLE and approach.samples
    finish = {
        knob.name: min(max(float(held[knob.name]), knob.minimum), knob.maximum)
        for knob in ADJUSTMENTS
        if held.get(knob.name) is not None
    }
    return Setting(
        knob_values.read(approach, held),
        min(max(int(seed or 0), 0), LARGEST_SEED) if sampled else None,
        correlation=correlation if sampled else None,
        around=tuple(around) if sampled else (),
        **finish,
    )
