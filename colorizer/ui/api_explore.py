"""The named endpoints ``/compare``, ``/inspect`` and ``/steer``; like those of :mod:`.api`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, check_strength, get
from colorizer.hints import FORMAT, VERSION, read_hints

from .api import given, refused, turned, wording, written
from .common import photo_input, queued, visitor
from .logic.quality import certainty_map
from .studio import Setting, Studio
from .tabs import compare, inspect

COMPARE = """One photograph through several methods. Returns PNG pictures of at most {side} px, each
with its method and figures as caption, and the figures as JSON: approach, title, seconds (of the
network), colorfulness, psnr (dB, None unless the photograph has colours of its own), problem.

{photo}
approaches: keys of methods; None is all of them.
{strength}"""
INSPECT = """What a method thinks possible at one point of a photograph. Returns JSON (entropy in nats;
colors: a, b, color at the place's lightness, and probability, likeliest first), the distribution
as a picture of the ab plane, and the map of uncertainty of the whole photograph.

{photo}
x: pixels from the left, in the photograph's own size.
y: pixels from the top.
{approach} It has to have probabilities.
vividness: None is the method's own default."""
STEER = """A photograph recoloured under colour hints. Returns a PNG of the photograph's own size.

{photo}
hints: a list of objects with x, y (pixels of the photograph) and color ("#rrggbb"), or the content
of a file of hints: an object with format "colorizer-hints".
{approach} It has to take hints.
{knobs}
{strength}"""


# --- handlers: plain functions over the library ---------------------------------------------


def compared(
    studio: Studio, path: str | None, keys: Sequence[str] | None, strength: float, visitor: str
) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """(path of a PNG, caption) for each method that can run, and the figures of all."""
    known = [a.key for a in studio.approaches()]
    keys = [get(key).key for key in keys] if keys else known
    chosen = studio.open(given(path), visitor)
    todo = [replace(item, setting=Setting(strength=strength)) for item in compare.wanted(keys, {})]
    last = None
    for comparison in compare.compare(studio, chosen, todo, visitor):
        last = comparison
    pictures = [
        (r.path, f"{get(r.key).title}: {r.detail}") for r in last.results if r.path is not None
    ]
    figures = [
        {
            "approach": r.key,
            "title": get(r.key).title,
            "seconds": round(r.seconds, 3),
            "colorfulness": r.figures and round(r.figures.colorfulness, 2),
            "psnr": r.figures and r.figures.psnr and round(r.figures.psnr, 2),
            "problem": r.problem or None,
        }
        for r in last.results
    ]
    return pictures, figures


def inspected(
    studio: Studio,
    path: str | None,
    x: float,
    y: float,
    key: str,
    knobs: dict[str, Any],
    visitor: str,
) -> tuple[dict[str, Any], str, str]:
    """(figures, path of the ab plane, path of the map of uncertainty)."""
    if not get(key).distribution:
        raise ValueError(f"{get(key).title} has one answer and no probabilities.")
    chosen = studio.open(given(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    setting = Setting(knobs)
    reading = inspect.read(analysis, int(x), int(y), setting)
    plane = studio.place("api", visitor, f"{chosen.name}-plane.png")
    reading.picture().save(plane)
    unsure = studio.place("api", visitor, f"{chosen.name}-unsure.png")
    small = studio.preview(chosen, visitor, studio.settings.preview_side)
    certainty_map(analysis, setting, small).save(unsure)
    colors = [
        {"a": round(a, 2), "b": round(b, 2), "color": color, "probability": p}
        for (a, b, p), (color, _) in zip(
            reading.colours[: inspect.LIKELIEST], reading.likeliest(), strict=True
        )
    ]
    figures = {"x": reading.x, "y": reading.y, "lightness": round(reading.lightness, 2),
               "entropy": reading.entropy, "colors": colors}  # fmt: skip
    return figures, str(plane), str(unsure)


def steered(
    studio: Studio, path: str | None, hints: Any, key: str, setting: Setting, visitor: str
) -> str:
    """The photograph under its hints at its own size; the path of a PNG."""
    if not get(key).hints:
        raise ValueError(f"{get(key).title} takes no colour hints.")
    if isinstance(hints, list):
        hints = {"format": FORMAT, "version": VERSION, "hints": hints}
    if not isinstance(hints, dict):
        raise ValueError("The hints must be a list, or the content of a file of hints.")
    chosen = studio.open(given(path), visitor)
    # As bytes, so that nothing a caller sends can be taken for a path.
    wanted = read_hints(json.dumps(hints).encode(), (chosen.width, chosen.height))
    analysis = studio.hinted(chosen, key, wanted, visitor)
    return written(studio, analysis, setting, visitor, f"{chosen.name}-steered")


# --- endpoints ---------------------------------------------------------------------------------


def build(studio: Studio, approaches: Sequence[Approach]) -> None:
    """Adds the endpoints; the components that type them are not shown."""
    keys = [a.key for a in approaches]
    # Where no method has it, the endpoint is there all the same and says so.
    sure, hinted = (
        next((a.key for a in approaches if has(a)), keys[0])
        for has in (lambda a: a.distribution, lambda a: a.hints)
    )
    with gr.Column(visible=False):
        picture = photo_input(label="Photograph")
        methods = gr.Dropdown(keys, value=None, multiselect=True, label="Approaches")
        probable = gr.Dropdown(keys, value=sure, label="Approach")
        steerable = gr.Dropdown(keys, value=hinted, label="Approach")
        x, y = (gr.Number(label=label) for label in ("X", "Y"))
        temperature, top_k, vividness = (
            gr.Number(None, label=label) for label in ("Temperature", "Top-k", "Vividness")
        )
        strength = gr.Number(1.0, label="Strength")
        points = gr.JSON(label="Hints")
        results = gr.Gallery(format="png", type="filepath", label="Pictures")
        figures = gr.JSON(label="Figures")
        plane, unsure, result = (
            gr.Image(format="png", type="filepath", label=label)
            for label in ("Plane", "Uncertainty", "Colour")
        )
        button = gr.Button()

    @refused
    def compare_photo(
        photo: str,
        approaches: list[str] | None = None,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
        return compared(studio, photo, approaches, check_strength(strength), visitor(request))

    @refused
    def inspect_photo(
        photo: str,
        x: float,
        y: float,
        approach: str,
        vividness: float | None = None,
        request: gr.Request = None,
    ) -> tuple[dict[str, Any], str, str]:
        knobs = turned(approach, vividness=vividness)
        return inspected(studio, photo, x, y, approach, knobs, visitor(request))

    @refused
    def steer_photo(
        photo: str,
        hints: Any,
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> str:
        values = turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        setting = Setting(values, strength=check_strength(strength))
        return steered(studio, photo, hints, approach, setting, visitor(request))

    words = wording(studio, approaches)
    public = {**queued(studio.settings), "api_visibility": "public"}
    button.click(
        compare_photo,
        [picture, methods, strength],
        [results, figures],
        api_name="compare",
        api_description=COMPARE.format(**words),
        **public,
    )
    button.click(
        inspect_photo,
        [picture, x, y, probable, vividness],
        [figures, plane, unsure],
        api_name="inspect",
        api_description=INSPECT.format(**words),
        **public,
    )
    button.click(
        steer_photo,
        [picture, points, steerable, temperature, top_k, vividness, strength],
        result,
        api_name="steer",
        api_description=STEER.format(**words),
        **public,
    )
