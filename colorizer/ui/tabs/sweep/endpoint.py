"""The endpoint ``/sweep``."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from colorizer.approaches import check_strength, get

from ... import api
from ...backend.problems import BadInput
from ...backend.studio import Studio
from ...events import visitor
from . import knob_axes
from .sheet import cells, no_axes

DESCRIPTION = """The best guess under many values of two knobs. Returns small PNG pictures row by row, each
with its setting as caption.

{photo}
{approach}
{knobs} Those that are no axis.
rows: the knob that changes from row to row; None is the method's first.
columns: the knob that changes from column to column; None is the next one.
row_values: numbers separated by commas, at most 8; None is a range around the default.
column_values: the same for the columns.
{strength}"""


def add(studio: Studio, parameters: api.Parameters) -> None:
    """Add the endpoint to the page."""
    with gr.Column(visible=False):
        rows, columns = (
            gr.Dropdown(parameters.knob_names(), value=None, label=label)
            for label in ("Rows", "Columns")
        )
        row_values, column_values = (
            gr.Textbox(None, label=label) for label in ("Row values", "Column values")
        )
        results = parameters.pictures()

    def sweep_photo(
        photo: str,
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        rows: str | None = None,
        columns: str | None = None,
        row_values: str | None = None,
        column_values: str | None = None,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> list[tuple[str, str]]:
        knobs = api.check_knobs(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        axes = (rows, columns, row_values, column_values)
        who, strength = visitor(request), check_strength(strength)
        return contact_sheet(studio, photo, approach, knobs, who, axes, strength)

    p = parameters
    axes = [rows, columns, row_values, column_values]
    p.add(
        "sweep",
        DESCRIPTION,
        sweep_photo,
        [p.photo, p.approach, *p.knobs, *axes, p.strength],
        results,
    )


def contact_sheet(
    studio: Studio,
    path: str | None,
    key: str,
    knobs: dict[str, float | int | None],
    visitor: str,
    axes: Sequence[str | None] = (None, None, None, None),
    strength: float = 1.0,
) -> list[tuple[str, str]]:
    """(path of a PNG, ``temperature 0.38, top-k 20``) for each cell, row by row, as previews.

    axes: names of the knobs of rows and columns and their values, None for those of the page.
    """
    approach = get(key)
    if not all(value is None or isinstance(value, str) for value in axes):
        raise BadInput(
            "rows, columns and their values are text, such as “temperature” and “0.2, 1”."
        )
    for name in axes[:2]:
        if name and approach.knob(name) is None:
            raise BadInput(f"{approach.title} has no {name.replace('_', '-')}.")
    settings = knob_axes.settings(key, knobs, *axes, strength)
    pair = knob_axes.axes(approach, *axes[:2])
    if pair is None:
        raise BadInput(no_axes(approach))
    chosen = studio.open(api.require_photo(path), visitor)
    made = []
    for step in cells(studio, chosen, key, pair, settings, visitor):
        made = step
    return [
        (tile.path, knob_axes.title(pair, setting))
        for tile, setting in zip(made, settings, strict=True)
    ]
