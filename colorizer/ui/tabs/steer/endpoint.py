"""The endpoint ``/steer``."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import gradio as gr

from colorizer.approaches import check_strength, get
from colorizer.hints import FORMAT, VERSION, read_hints
from colorizer.hints.reference import read_reference

from ... import api
from ...backend.problems import BadInput
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from ...languages import _
from ...widgets.upload import photo_input
from . import selection

DESCRIPTION = """A photograph recoloured under colour hints. Returns a PNG of the photograph's own size.

{photo}
hints: a list of objects with x, y (pixels of the photograph) and color ("#rrggbb"), or the content
of a file of hints: its text, or an object with format "colorizer-hints". "region": true in one of
the list gives the whole thing at this point the colour; a number from 0 to 1 says how much of it.
{approach} It has to take hints.
{knobs}
{strength}
reference: a colour photograph; places that look alike hand over their colours."""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        approach = parameters.choice(lambda a: a.hints)
        points, result = gr.JSON(label="Hints"), parameters.picture()
        other = photo_input(label="Reference")

    def steer_photo(
        photo: str,
        hints: Any = None,
        approach: str = approach.value,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        strength: float = 1.0,
        reference: str | None = None,
        request: gr.Request = None,
    ) -> str:
        knobs = api.check_knobs(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        setting = Setting(knobs, strength=check_strength(strength))
        return steer(studio, photo, hints, approach, setting, visitor(request), reference)

    p = parameters
    inputs = [p.photo, points, approach, *p.knobs, p.strength, other]
    p.add("steer", DESCRIPTION, steer_photo, inputs, result)


def steer(
    studio: Studio,
    path: str | None,
    hints: Any,
    key: str,
    setting: Setting,
    visitor: str,
    reference: str | None = None,
) -> str:
    """The photograph under its hints at its own size; the path of a PNG."""
    if not get(key).hints:
        raise BadInput(_("{title} takes no colour hints.", title=get(key).title))
    chosen = studio.open(api.require_photo(path), visitor)
    if isinstance(hints, str):  # the text of a file of hints
        with suppress(json.JSONDecodeError):
            hints = json.loads(hints)
    if hints is None and reference is not None:
        hints = []
    if isinstance(hints, list):
        hints = selection.with_regions(hints, studio.analysis(chosen, key, visitor))
        hints = {"format": FORMAT, "version": VERSION, "hints": hints}
    if not isinstance(hints, dict):
        raise BadInput(_("The hints must be a list, or the content of a file of hints."))
    # As bytes, so that nothing a caller sends can be taken for a path.
    wanted = read_hints(json.dumps(hints).encode(), (chosen.width, chosen.height))
    if reference is not None:
        pairs = studio.analysis(chosen, key, visitor).pairs(read_reference(reference))
        wanted = [*(pair.hint() for pair in pairs), *wanted]
    analysis = studio.hinted(chosen, key, wanted, visitor)
    return api.write_picture(studio, analysis, setting, visitor, f"{chosen.name}-steered")
