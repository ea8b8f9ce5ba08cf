"""The endpoint ``/inspect``."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.approaches import get
from colorizer.approaches.arguments import number

from ... import api
from ...backend.problems import BadInput
from ...backend.quality import certainty_map
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from . import distribution

DESCRIPTION = """What a method thinks possible at one point of a photograph. Returns JSON (entropy in nats;
colors: a, b, color at the place's lightness, and probability, likeliest first), the distribution
as a picture of the ab plane, and the map of uncertainty of the whole photograph.

{photo}
x: pixels from the left, in the photograph's own size.
y: pixels from the top.
{approach} It has to have probabilities.
vividness: None is the method's own default."""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        approach = parameters.choice(lambda a: a.distribution)
        x, y = (gr.Number(label=label) for label in ("X", "Y"))
        reading = gr.JSON(label="Figures")
        plane, unsure = parameters.picture("Plane"), parameters.picture("Uncertainty")

    def inspect_photo(
        photo: str,
        x: float,
        y: float,
        approach: str,
        vividness: float | None = None,
        request: gr.Request = None,
    ) -> tuple[dict[str, Any], str, str]:
        setting = Setting(api.check_knobs(approach, vividness=vividness))
        x, y = number(x, "x"), number(y, "y")
        return inspect(studio, photo, (x, y), approach, setting, visitor(request))

    inputs = [parameters.photo, x, y, approach, parameters.vividness]
    outputs = [reading, plane, unsure]
    parameters.add("inspect", DESCRIPTION, inspect_photo, inputs, outputs)


def inspect(
    studio: Studio,
    path: str | None,
    point: tuple[float, float],
    key: str,
    setting: Setting,
    visitor: str,
) -> tuple[dict[str, Any], str, str]:
    """(measurements, path of the ab plane, path of the map of uncertainty)."""
    if not get(key).distribution:
        raise BadInput(f"{get(key).title} gives one result and no probabilities.")
    chosen = studio.open(api.require_photo(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    found = distribution.read(analysis, int(point[0]), int(point[1]), setting)
    plane = studio.files.place("api", visitor, f"{chosen.name}-plane.png")
    found.picture().save(plane)
    unsure = studio.files.place("api", visitor, f"{chosen.name}-unsure.png")
    small = studio.preview(chosen, visitor, studio.settings.preview_side)
    certainty_map(analysis, setting, small).save(unsure)
    colors = [
        {"a": round(a, 2), "b": round(b, 2), "color": color, "probability": p}
        for (a, b, p), (color, _) in zip(
            found.colours[: distribution.LIKELIEST], found.likeliest(), strict=True
        )
    ]
    reading = {"x": found.x, "y": found.y, "lightness": round(found.lightness, 2),
               "entropy": found.entropy, "colors": colors}  # fmt: skip
    return reading, str(plane), str(unsure)
