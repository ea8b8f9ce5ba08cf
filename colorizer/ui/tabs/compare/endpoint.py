"""The endpoint ``/compare``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer.approaches import check_strength, get

from ... import api
from ...backend.memory import Memory
from ...backend.problems import BadInput
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from . import comparison

DESCRIPTION = """One photograph through several methods. Returns PNG pictures of at most {side} px, each
with its method and figures as caption, and the figures as JSON: approach, title, seconds (of the
network), colorfulness, psnr (dB, None unless the photograph has colours of its own), problem.

{photo}
approaches: keys of methods; None is all of them.
{strength}"""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        methods = gr.Dropdown(parameters.keys, value=None, multiselect=True, label="Approaches")
        results, metrics = parameters.pictures(), gr.JSON(label="Figures")

    def compare_photo(
        photo: str,
        approaches: list[str] | None = None,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
        return compare(studio, photo, approaches, check_strength(strength), visitor(request))

    inputs = [parameters.photo, methods, parameters.strength]
    parameters.add("compare", DESCRIPTION, compare_photo, inputs, [results, metrics])


def compare(
    studio: Studio, path: str | None, keys: Sequence[str] | None, strength: float, visitor: str
) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """(path of a PNG, caption) for each method that can run, and the figures of all."""
    known = [a.key for a in studio.approaches()]
    if keys is not None and not isinstance(keys, list | tuple):
        raise BadInput("approaches must be a list of keys of methods.")
    keys = [get(key).key for key in keys] if keys else known
    chosen = studio.open(api.require_photo(path), visitor)
    todo = [
        replace(item, setting=Setting(strength=strength))
        for item in comparison.requests(keys, Memory())
    ]
    last = None
    for step in comparison.compare(studio, chosen, todo, visitor):
        last = step
    pictures = [
        (r.path, f"{get(r.key).title}: {r.detail}") for r in last.results if r.path is not None
    ]
    metrics = [
        {
            "approach": r.key,
            "title": get(r.key).title,
            "seconds": round(r.seconds, 3),
            "colorfulness": r.metrics and round(r.metrics.colorfulness, 2),
            "psnr": r.metrics and r.metrics.psnr and round(r.metrics.psnr, 2),
            "problem": r.problem or None,
        }
        for r in last.results
    ]
    return pictures, metrics
