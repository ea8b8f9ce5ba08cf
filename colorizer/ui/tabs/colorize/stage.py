"""The stage and its downloads: grey and colour, in words and as files.

Nothing here imports Gradio.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from colorizer.approaches import ADJUSTMENTS, Approach, get
from colorizer.images import photo

from ...backend import knob_values, montage
from ...backend.quality import certainty_map, legend, measure
from ...backend.setting import (
    LARGEST_SEED,
    SIMULATED,
    Chosen,
    Setting,
    came_as_jpeg,
    changed,
    guess,
    note,
    render,
)
from ...backend.studio import Studio, in_grey
from ...languages import _
from ...languages.sentences import told
from .look_strip import shown_look

BEST, SAMPLE = "Best guess", "A sample"
GREY, ORIGINAL = "Grey", "Original"
PNG, JPEG, SHARED = "PNG", "JPEG", "Before + after"
HONEST = "The colours are a guess, not a record of what was there."

# What else belongs to a sample that came from the tab Sample: (around, correlation) of a Setting.
Origin = tuple[tuple[int, ...], float | None]


def kind_for(chosen: Chosen) -> str:
    """The kind of file that is offered first: JPEG for what came as one."""
    return JPEG if came_as_jpeg(chosen.path) else PNG


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
    """Two pictures, equally large, as files for the slider; and figures of the result in words."""
    analysis = studio.analysis(chosen, key, visitor)
    side = studio.settings.preview_side
    color = render(analysis, setting, side)
    small = studio.preview(chosen, visitor, side)
    figures = measure(color, small.color)
    if showing.unsure and analysis.approach.distribution:
        color = certainty_map(analysis, setting, small)
    path = studio.files.write(color, "preview", visitor, f"{chosen.name}-color")
    original = showing.left == ORIGINAL and chosen.color
    left = studio.truth(chosen, visitor) if original else studio.grey(chosen, visitor)
    return (left, path), figures.words()


def caption(
    chosen: Chosen,
    approach: Approach,
    setting: Setting,
    figures: str = "",
    showing: Showing = PLAIN,
    where: str = "",
) -> str:
    """Caption of the stage, as HTML: the photograph's name, its size, which guess it is.

    where: the setting as a page's address.
    """
    notes = "".join(f" {html.escape(told(text))}" for text in chosen.notes)
    # One line either way, so that nothing below it moves.
    honest = f"<p class='honest'>{_(HONEST)}{notes}</p>"
    measured = f"<span class='figures'>{html.escape(figures)}</span>" if figures else ""
    which = in_words(approach, setting)
    return (
        f"<p class='facts' data-address='{html.escape(where, quote=True)}' "
        f"data-size='{chosen.width}x{chosen.height}'>"
        f"<strong>{html.escape(chosen.name)}</strong> "
        f"<span>{chosen.width} × {chosen.height}</span> <span>{html.escape(which)}</span> "
        f"{measured}</p>{legend(_('unsure about the colour')) if showing.unsure else honest}"
    )


def in_words(approach: Approach, setting: Setting) -> str:
    """Name of a setting's picture: ``the best guess, warm``."""
    look = shown_look(approach, setting)
    other = ", ".join(changed(approach, setting))
    which = guess(setting)
    if look is not None and setting.seed is None:
        if other:
            return _("{guess}, {look}", guess=which, look=_(look.title.lower()))
        return _("{guess}, as the method has it", guess=which)
    return _("{guess}, changed: {what}", guess=which, what=other) if other else which


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


def download(
    studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The photograph in colour at its own size, or beside its grey self; the file's path."""
    analysis = studio.analysis(chosen, key, visitor)
    return write(studio, chosen, analysis, setting, visitor, kind)


def write(
    studio: Studio, chosen: Chosen, analysis: Any, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The file of one kind, with a note that its colours are simulated."""
    approach = analysis.approach
    name = f"{chosen.name}-color"
    if kind == SHARED:
        side = montage.SHARED_SIDE
        image = montage.before_after(
            in_grey(studio.preview(chosen, visitor, side)),
            render(analysis, setting, side),
            f"After: colours simulated ({approach.title})",
            SIMULATED,
        )
        name = f"{chosen.name}-before-after"
    else:
        image = render(analysis, setting)
    path = studio.files.place("download", visitor, f"{name}{'.jpg' if kind == JPEG else '.png'}")
    photo.save(image, path, metadata=analysis.photo.metadata, note=note(approach, setting))
    return str(path)
