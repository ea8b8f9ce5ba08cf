"""The tab *Sample*: several plausible colorizations side by side, each with its seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get

from . import knobs, tiles
from .colorize import LARGEST_SEED
from .studio import Chosen, Setting, Sheet, Studio, render

DEFAULT_COUNT = 4
EMPTY = "Open a photograph, and four different guesses at its colours appear here."
ONE_ANSWER = "{title} has one answer for every photograph, so there is nothing to sample."


# --- handlers: plain functions over the library ---------------------------------------------


def settings(
    key: str, count: float, seed: float | None, names: Sequence[str], values: Sequence[Any]
) -> list[Setting]:
    """One setting for each sample: the same knobs, seeds that follow one another."""
    turned = knobs.read(get(key), names, values)
    first = min(max(int(seed or 0), 0), LARGEST_SEED - int(count))
    return [Setting(turned, first + i) for i in range(int(count))]


def waiting(wanted: Sequence[Setting]) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [
        tiles.Tile(f"Seed {s.seed}", f"Sample with seed {s.seed}", action="Use this one")
        for s in wanted
    ]


def samples(
    studio: Studio, chosen: Chosen, key: str, wanted: Sequence[Setting], visitor: str
) -> Iterator[list[tiles.Tile]]:
    """The tiles, first all empty, then with one more picture each time."""
    made = waiting(wanted)
    yield list(made)
    analysis = studio.analysis(chosen, key, visitor)
    for i, setting in enumerate(wanted):
        image = render(analysis, setting, studio.settings.sample_side)
        path = studio.write(image, "sample", visitor, f"{chosen.name}-seed{setting.seed}")
        made[i] = replace(made[i], path=path)
        yield list(made)


def stream(
    studio: Studio,
    chosen: Chosen | None,
    key: str,
    visitor: str,
    names: Sequence[str],
    count: float,
    seed: float | None,
    *values: Any,
) -> Iterator[list[Any]]:
    """What the grid and its memory show, step by step."""
    approach = get(key)
    if chosen is None or not approach.samples:
        yield [None, None]
        return
    count = min(max(int(count), 1), studio.settings.max_samples)
    wanted = settings(key, count, seed, names, values)
    sheet = Sheet(chosen.digest, key, tuple(wanted))
    for made in samples(studio, chosen, key, wanted, visitor):
        yield [grid_value(made, chosen), sheet]


def grid_value(made: Sequence[tiles.Tile], chosen: Chosen) -> dict[str, Any]:
    shape = tiles.shape(chosen.width, chosen.height)
    return tiles.grid_value(made, columns(len(made)), shape)


def columns(count: int) -> int:
    """Four samples stand two by two, nine three by three."""
    return 1 if count == 1 else 2 if count <= 4 else 3


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    count: gr.Slider
    seed: gr.Number
    go: gr.Button
    grid: gr.HTML
    sheet: gr.State
    note: gr.HTML
    controls_row: gr.Row
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def controls(self) -> list[Any]:
        return [self.count, self.seed, *self.knobs.values()]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [self.grid, self.sheet, self.note, self.controls_row, *self.knobs.values()]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Gets the tab ready for another photograph or another method: places without pictures."""
        approach = get(key)
        empty = chosen and approach.samples and waiting(settings(key, DEFAULT_COUNT, 0, [], []))
        turned = (
            [gr.skip()] * len(self.knobs)
            if keep_knobs
            else knobs.updates(approach, list(self.knobs), dict(approach.sampling))
        )
        return [
            gr.update(value=grid_value(empty, chosen) if empty else None, visible=approach.samples),
            None,
            gr.update(**note(approach)),
            gr.update(visible=approach.samples),
            *turned,
        ]


def note(approach: Approach) -> dict[str, Any]:
    text = f"<p>{ONE_ANSWER.format(title=approach.title)}</p>"
    return {"value": text, "visible": not approach.samples}


def build(approaches: Sequence[Approach], current: Approach, most: int) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`.page`."""
    words = gr.HTML(**note(current), elem_classes=["note"])
    with gr.Row(visible=current.samples, elem_classes=["go"]) as row:
        count = gr.Slider(
            1,
            most,
            min(DEFAULT_COUNT, most),
            step=1,
            label="Samples",
            info="How many guesses to see side by side.",
            elem_id="sample-count",
            elem_classes=["knob"],
        )
        seed = gr.Number(
            0,
            label="First seed",
            info="The others count up from it. Another number, other guesses.",
            precision=0,
            minimum=0,
            maximum=LARGEST_SEED,
            elem_id="sample-seed",
            elem_classes=["knob"],
        )
        go = gr.Button("Show samples", variant="primary", elem_id="sample-go", scale=0)
    grid = tiles.grid("samples", EMPTY, visible=current.samples)
    with gr.Row(elem_classes=["knobs"]):
        made_knobs = knobs.controls(approaches, current, "sample", start=dict(current.sampling))
    return View(count, seed, go, grid, gr.State(None), words, row, made_knobs)
