"""The endpoint ``/sample``."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from colorizer.approaches import check_strength, get
from colorizer.approaches.arguments import whole_number
from colorizer.pipeline.options import MOST_SEED

from ... import api
from ...backend.problems import BadInput
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import visitor
from ...languages import _

DESCRIPTION = """Several different colorizations of a photograph. Returns PNG pictures of its own size,
each with its seed as caption.

{photo}
n: how many, 1 to {most}.
{approach}
{knobs}
{strength}
seed: of the first sample; the others count up from it."""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        first = parameters.seed(0, _("First seed"))
        count = gr.Number(4, label="How many", precision=0)
        results = parameters.pictures()

    def sample_photo(
        photo: str,
        n: int,
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        seed: int = 0,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> list[tuple[str, str]]:
        knobs = api.check_knobs(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        first = whole_number(seed, "seed", 0, MOST_SEED - studio.settings.max_samples)
        setting = Setting(knobs, first, check_strength(strength))
        return sample(studio, photo, approach, n, setting, visitor(request))

    p = parameters
    p.add(
        "sample",
        DESCRIPTION,
        sample_photo,
        [p.photo, count, p.approach, *p.knobs, first, p.strength],
        results,
    )


def sample(
    studio: Studio, path: str | None, key: str, count: int, setting: Setting, visitor: str
) -> list[tuple[str, str]]:
    """(path of a PNG, ``seed N``) for each sample, at the photograph's own size.

    setting: of the first sample; the seeds of the others follow.
    """
    if not get(key).samples:
        raise BadInput(f"{get(key).title} gives one result only; it cannot sample.")
    count = whole_number(count, "n", 1, studio.settings.max_samples)
    chosen = studio.open(api.require_photo(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    made = []
    for number in range(setting.seed, setting.seed + count):
        name = f"{chosen.name}-seed{number}"
        one = replace(setting, seed=number)
        made.append((api.write_picture(studio, analysis, one, visitor, name), f"seed {number}"))
    return made
