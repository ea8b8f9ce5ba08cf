"""The endpoint ``/colorize``."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from colorizer.approaches import ADJUSTMENTS, check_adjustments, get
from colorizer.approaches.arguments import whole_number
from colorizer.approaches.looks import get_look, looks
from colorizer.pipeline.options import MOST_SEED

from ... import api
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from .look_strip import setting_of

DESCRIPTION = """Colorize a photograph. Returns a PNG of the photograph's own size.

{photo}
{approach}
{knobs}
{strength}
seed: None for the one best guess, a whole number from 0 for one of many samples.
warmth: -1 for cooler light, 1 for warmer.
saturation: 0 is grey, 1 as decoded, up to 2.
white_balance: 0 to 1, how much of a tint over everything is taken out.
look: settings with a name, which those above refine: {looks}."""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        seed, result = parameters.seed(None, "Seed"), parameters.picture()
        finish = [gr.Number(None, label=knob.label) for knob in ADJUSTMENTS]
        look = gr.Dropdown([x.key for x in looks()], value=None, label="Look")

    def colorize_photo(
        photo: str,
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        seed: int | None = None,
        strength: float | None = None,
        warmth: float | None = None,
        saturation: float | None = None,
        white_balance: float | None = None,
        look: str | None = None,
        request: gr.Request = None,
    ) -> str:
        knobs = api.check_knobs(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        adjusted = {"strength": strength, "warmth": warmth, "saturation": saturation,
                    "white_balance": white_balance}  # fmt: skip
        setting = _setting(approach, look, seed, knobs, adjusted)
        return colorize(studio, photo, approach, setting, visitor(request))

    inputs = [parameters.photo, parameters.approach, *parameters.knobs, seed, *finish, look]
    parameters.add("colorize", DESCRIPTION, colorize_photo, inputs, result)


def _setting(
    key: str,
    look: str | None,
    seed: int | None,
    knobs: dict[str, float | int | None],
    adjusted: dict[str, float | None],
) -> Setting:
    """The look's setting, refined by what was given beside it."""
    if seed is not None:
        seed = whole_number(seed, "seed", 0, MOST_SEED)
    adjusted = {name: value for name, value in adjusted.items() if value is not None}
    setting = setting_of(get_look(look or looks()[0].key, get(key)), get(key))
    return replace(
        setting,
        knobs={**setting.knobs, **knobs},
        seed=setting.seed if seed is None else seed,
        **check_adjustments(**adjusted),
    )


def colorize(studio: Studio, path: str | None, key: str, setting: Setting, visitor: str) -> str:
    """Colorize a photograph at its own size; the path of a PNG."""
    chosen = studio.open(api.require_photo(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    return api.write_picture(studio, analysis, setting, visitor, f"{chosen.name}-color")
