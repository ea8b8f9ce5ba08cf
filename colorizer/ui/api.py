"""The named endpoints ``/colorize``, ``/sample`` and ``/sweep``; :mod:`.api_explore` has the others.

::

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    path = client.predict(handle_file("photo.jpg"), temperature=0.4, api_name="/colorize")

They answer at the photograph's own size, as PNG.  A knob left at None is at the method's default.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, check_strength, get
from colorizer.images import photo

from .common import EXPECTED, photo_input, queued, sentence, visitor
from .state import note
from .studio import Setting, Studio, render
from .tabs import album, sweep
from .tabs.colorize import LARGEST_SEED
from .widgets.knobs import names

# --- handlers: plain functions over the library ---------------------------------------------


def turned(key: str, **values: float | None) -> dict[str, float | int | None]:
    """Knobs as a caller gave them, those left at None dropped.

    Raises ValueError, a sentence, for a knob that the method does not have or a bad value.
    """
    approach = get(key)
    return {
        name: approach.check(name, value) for name, value in values.items() if value is not None
    }


def colorize(studio: Studio, path: str | None, key: str, setting: Setting, visitor: str) -> str:
    """One colour picture at the photograph's own size; the path of its PNG."""
    chosen = studio.open(given(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    return written(studio, analysis, setting, visitor, f"{chosen.name}-color")


def sample(
    studio: Studio,
    path: str | None,
    key: str,
    count: int,
    seed: int,
    turned: dict[str, float | int | None],
    visitor: str,
    strength: float = 1.0,
) -> list[tuple[str, str]]:
    """(path of a PNG, ``seed N``) for each sample, at the photograph's own size."""
    if not get(key).samples:
        raise ValueError(f"{get(key).title} has one answer only; it cannot sample.")
    if not 1 <= count <= studio.settings.max_samples:
        raise ValueError(f"n must lie between 1 and {studio.settings.max_samples}.")
    chosen = studio.open(given(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    made = []
    for number in range(seed, seed + count):
        name = f"{chosen.name}-seed{number}"
        setting = Setting(turned, number, strength)
        made.append((written(studio, analysis, setting, visitor, name), f"seed {number}"))
    return made


def contact_sheet(
    studio: Studio,
    path: str | None,
    key: str,
    turned: dict[str, float | int | None],
    visitor: str,
    axes: Sequence[str | None] = (None, None, None, None),
    strength: float = 1.0,
) -> list[tuple[str, str]]:
    """(path of a PNG, ``temperature 0.38, top-k 20``) for each cell, row by row, as previews.

    axes: names of the knobs of rows and columns and their values, None for those of the page.
    """
    approach = get(key)
    for name in axes[:2]:
        if name and approach.knob(name) is None:
            raise ValueError(f"{approach.title} has no {name.replace('_', '-')}.")
    wanted = sweep.settings(key, list(turned), list(turned.values()), *axes, strength)
    pair = sweep.axes(approach, *axes[:2])
    if pair is None:
        raise ValueError(sweep.no_axes(approach))
    chosen = studio.open(given(path), visitor)
    made = []
    for tiles in sweep.cells(studio, chosen, key, pair, wanted, visitor):
        made = tiles
    return [
        (tile.path, sweep.title(pair, setting)) for tile, setting in zip(made, wanted, strict=True)
    ]


def given(path: str | None) -> str:
    if not path:
        raise ValueError("There is no photograph; send one as `photo`.")
    return path


def written(studio: Studio, analysis: Any, setting: Setting, visitor: str, name: str) -> str:
    """A picture at the photograph's own size with a note that its colours are simulated."""
    path = studio.place("api", visitor, f"{name}.png")
    words = note(analysis.approach, setting)
    photo.save(render(analysis, setting), path, metadata=analysis.photo.metadata, note=words)
    return str(path)


def refused(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turns expected errors, and values out of range, into Gradio's error with one sentence."""

    @functools.wraps(handler)
    def call(*args: Any) -> Any:
        try:
            return handler(*args)
        except EXPECTED as error:
            raise gr.Error(sentence(error), print_exception=False) from error
        except ValueError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error

    return call


# --- endpoints ---------------------------------------------------------------------------------

PHOTO = "photo: a picture file, at most {mb} MB and {mp} megapixels."
APPROACH = "approach: the key of a method: {keys}."
COLORIZE = """Colorize a photograph. Returns a PNG of the photograph's own size.

{photo}
{approach}
{knobs}
{strength}
seed: None for the one best guess, a whole number from 0 for one of many samples."""
SAMPLE = """Several different colorizations of a photograph. Returns PNG pictures of its own size,
each with its seed as caption.

{photo}
n: how many, 1 to {most}.
{approach}
{knobs}
{strength}
seed: of the first sample; the others count up from it."""
SWEEP = """The best guess under many values of two knobs. Returns small PNG pictures row by row, each
with its setting as caption.

{photo}
{approach}
{knobs} Those that are no axis.
rows: the knob that changes from row to row; None is the method's first.
columns: the knob that changes from column to column; None is the next one.
row_values: numbers separated by commas, at most 8; None is a range around the default.
column_values: the same for the columns.
{strength}"""
STRENGTH_WORDS = "strength: 0 is grey, 1 as decoded, up to 1.5 for stronger colours."


def build(studio: Studio, approaches: Sequence[Approach]) -> None:
    """Adds the endpoints.  They are typed by components that the page does not show.

    Gradio takes the names of an endpoint's parameters, and which may be left out, from the
    functions below.
    """
    limits = studio.settings
    with gr.Column(visible=False):
        picture = photo_input(label="Photograph")
        approach = gr.Dropdown(
            [a.key for a in approaches], value=approaches[0].key, label="Approach"
        )
        temperature, top_k, vividness = (
            gr.Number(None, label=label) for label in ("Temperature", "Top-k", "Vividness")
        )
        seed_range = {"precision": 0, "minimum": 0, "maximum": LARGEST_SEED}
        seed = gr.Number(None, label="Seed", **seed_range)
        first = gr.Number(0, label="First seed", **seed_range)
        count = gr.Number(4, label="How many", precision=0)
        strength = gr.Number(1.0, label="Strength")
        rows, columns = (
            gr.Dropdown(names(approaches), value=None, label=label) for label in ("Rows", "Columns")
        )
        row_values, column_values = (
            gr.Textbox(None, label=label) for label in ("Row values", "Column values")
        )
        result = gr.Image(format="png", type="filepath", label="Colour")
        results = gr.Gallery(format="png", type="filepath", label="Pictures")
        button = gr.Button()

    @refused
    def colorize_photo(
        photo: str,
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        seed: int | None = None,
        strength: float = 1.0,
        request: gr.Request = None,
    ) -> str:
        values = turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        setting = Setting(values, seed, check_strength(strength))
        return colorize(studio, photo, approach, setting, visitor(request))

    @refused
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
        values = turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        strength = check_strength(strength)
        return sample(studio, photo, approach, n, seed, values, visitor(request), strength)

    @refused
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
        values = turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        axes = (rows, columns, row_values, column_values)
        who, strength = visitor(request), check_strength(strength)
        return contact_sheet(studio, photo, approach, values, who, axes, strength)

    words = wording(studio, approaches)
    public = {**queued(limits), "api_visibility": "public"}
    button.click(
        colorize_photo,
        [picture, approach, temperature, top_k, vividness, seed, strength],
        result,
        api_name="colorize",
        api_description=COLORIZE.format(**words),
        **public,
    )
    button.click(
        sample_photo,
        [picture, count, approach, temperature, top_k, vividness, first, strength],
        results,
        api_name="sample",
        api_description=SAMPLE.format(**words),
        **public,
    )
    button.click(
        sweep_photo,
        [
            picture,
            approach,
            temperature,
            top_k,
            vividness,
            rows,
            columns,
            row_values,
            column_values,
            strength,
        ],
        results,
        api_name="sweep",
        api_description=SWEEP.format(**words),
        **public,
    )
    album.add_endpoint(studio, approaches, refused, turned, words["knobs"])


def wording(studio: Studio, approaches: Sequence[Approach]) -> dict[str, Any]:
    """What the descriptions of endpoints have in common."""
    limits = studio.settings
    return {
        "photo": PHOTO.format(mb=limits.max_file_mb, mp=limits.max_megapixels),
        "approach": APPROACH.format(keys=", ".join(a.key for a in approaches)),
        "knobs": "\n".join(_range(approaches, n) for n in ("temperature", "top_k", "vividness")),
        "strength": STRENGTH_WORDS,
        "most": limits.max_samples,
        "side": limits.compare_side,
    }


def _range(approaches: Sequence[Approach], name: str) -> str:
    """A knob in one line: its range, and what None means."""
    knob = next((k for a in approaches if (k := a.knob(name))), None)
    if knob is None:
        return f"{name}: none of the methods has it."
    return f"{name}: {knob.minimum:g} to {knob.maximum:g}; None is the method's own default."
