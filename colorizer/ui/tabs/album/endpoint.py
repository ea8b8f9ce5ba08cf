"""The endpoint ``/album``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import gradio as gr

from colorizer.batch.archives import gather

from ... import api
from ...backend.problems import BadInput
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from ...widgets.upload import files_input
from . import job

DESCRIPTION = """Colorize an album. Returns a zip with the results under the photographs’ own names
and a table of what happened, and that table's lines.

photos: picture files and zip archives of them. {limits}
approach: the key of a method: {keys}.
{knobs}
format: {formats}."""


def add(studio: Studio, parameters: api.Parameters, manner: dict[str, Any]) -> None:
    """Add the endpoint to the page.  manner: how it waits for its turn."""
    with gr.Column(visible=False):
        files = files_input(label="Photographs")
        kind = gr.Textbox("png", label="Format")
        made, lines = gr.File(label="Zip"), gr.JSON(label="Lines")

    def colorize_album(
        photos: list[str],
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        format: str = "png",
        request: gr.Request = None,
    ) -> tuple[str, list[dict[str, Any]]]:
        knobs = api.check_knobs(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        return album(studio, photos, approach, knobs, format, visitor(request))

    more = {"limits": job.limits_in_words(studio.settings), "formats": _formats()}
    p = parameters
    p.add(
        "album",
        DESCRIPTION.format(**p.words, **more),
        colorize_album,
        [files, p.approach, *p.knobs, kind],
        [made, lines],
        **manner,
    )


def album(
    studio: Studio,
    photos: list[tuple[str, str]] | None,
    key: str,
    knobs: dict[str, float | int | None],
    format: str,
    visitor: str,
) -> tuple[str, list[dict[str, Any]]]:
    """The path of the zip, and a line for every photograph.  Raises ValueError, a sentence."""
    if not photos:
        raise BadInput("There are no photographs; send some as `photos`.")
    kind = next((k for k, suffix in job.SUFFIXES.items() if suffix[1:] == format), None)
    if kind is None:
        raise BadInput(f"format must be {_formats()}, not {format!r}.")
    members = gather(photos, job.limits(studio.settings))
    *_, last = job.run(studio, members, key, Setting(knobs), kind, visitor)
    return last.zip, [asdict(line) for line in last.lines]


def _formats() -> str:
    return " or ".join(suffix[1:] for suffix in job.SUFFIXES.values())
