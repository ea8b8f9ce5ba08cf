"""The tab *Sweep*: one photograph under many temperatures and top-k, as a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, Knob, get

from . import knobs, tiles
from .studio import Chosen, Setting, Sheet, Studio, render

DOWN, ACROSS = "temperature", "top_k"
COUNTS = {DOWN: 5, ACROSS: 4}
EMPTY = "Open a photograph to see it under many settings at once."
NO_AXES = "{title} has no temperature and no top-k, so there is nothing to sweep."


# --- handlers: plain functions over the library ---------------------------------------------


def axes(approach: Approach) -> tuple[Knob, Knob] | None:
    """The knobs of rows and columns, or None if the approach lacks one of them."""
    down, across = approach.knob(DOWN), approach.knob(ACROSS)
    return (down, across) if down and across else None


def settings(key: str, names: Sequence[str], values: Sequence[Any]) -> list[Setting]:
    """The sheet's settings row by row; knobs that are no axis stay as they are."""
    approach = get(key)
    found = axes(approach)
    if found is None:
        return []
    fixed = knobs.read(approach, names, values)
    down, across = (knobs.spread(knob, COUNTS[knob.name]) for knob in found)
    return [Setting({**fixed, DOWN: d, ACROSS: a}) for d in down for a in across]


def title(approach: Approach, setting: Setting) -> str:
    """``temperature 0.38, top-k 20``."""
    return ", ".join(
        f"{knob.label.lower()} {knobs.label(knob, setting.knobs[knob.name])}"
        for knob in axes(approach) or ()
    )


def waiting(chosen: Chosen, key: str, wanted: Sequence[Setting]) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [tiles.Tile("", f"{chosen.name} with {title(get(key), s)}") for s in wanted]


def cells(
    studio: Studio, chosen: Chosen, key: str, wanted: Sequence[Setting], visitor: str
) -> Iterator[list[tiles.Tile]]:
    """The tiles row by row, first all empty, then with one more row of pictures each time."""
    made = waiting(chosen, key, wanted)
    yield list(made)
    analysis = studio.analysis(chosen, key, visitor)
    for i, setting in enumerate(wanted):
        image = render(analysis, setting, studio.settings.sweep_side)
        path = studio.write(image, "sweep", visitor, "cell")
        made[i] = replace(made[i], path=path)
        if (i + 1) % COUNTS[ACROSS] == 0 or i + 1 == len(made):
            yield list(made)


def stream(
    studio: Studio,
    chosen: Chosen | None,
    key: str,
    visitor: str,
    names: Sequence[str],
    *values: Any,
) -> Iterator[list[Any]]:
    """What the contact sheet and its memory show, step by step."""
    wanted = settings(key, names, values)
    if chosen is None or not wanted:
        yield [None, None]
        return
    sheet = Sheet(chosen.digest, key, tuple(wanted))
    for made in cells(studio, chosen, key, wanted, visitor):
        yield [table_value(made, chosen, key, wanted), sheet]


def table_value(
    made: Sequence[tiles.Tile], chosen: Chosen, key: str, wanted: Sequence[Setting]
) -> dict[str, Any]:
    """The contact sheet with its headings."""
    down, across = axes(get(key))
    return tiles.table_value(
        corner=f"{down.label} ↓ {across.label} →",
        caption=f"{down.label} from top to bottom, {across.label.lower()} from left to right",
        columns=list(dict.fromkeys(knobs.label(across, s.knobs[ACROSS]) for s in wanted)),
        rows=list(dict.fromkeys(knobs.label(down, s.knobs[DOWN]) for s in wanted)),
        tiles=made,
        shape=tiles.shape(chosen.width, chosen.height),
    )


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    sheet: gr.State
    table: gr.HTML
    note: gr.HTML
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [self.table, self.sheet, self.note, *self.knobs.values()]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Gets the tab ready for another photograph or another method: places without pictures."""
        approach = get(key)
        empty = None
        if chosen and (wanted := settings(key, [], [])):
            empty = table_value(waiting(chosen, key, wanted), chosen, key, wanted)
        turned = (
            [gr.skip()] * len(self.knobs)
            if keep_knobs
            else knobs.updates(approach, list(self.knobs))
        )
        shown = gr.update(value=empty, visible=axes(approach) is not None)
        return [shown, None, note(approach), *turned]


def note(approach: Approach) -> str:
    if axes(approach) is None:
        return f"<p>{NO_AXES.format(title=approach.title)}</p>"
    return (
        "<p>Every cell is the best guess under another setting. "
        "Choose one to open it in Colorize.</p>"
    )


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`.page`."""
    words = gr.HTML(note(current), elem_classes=["note"])
    table = tiles.table("sweep", EMPTY, visible=axes(current) is not None)
    with gr.Row(elem_classes=["knobs"]):
        made_knobs = knobs.controls(approaches, current, "sweep", without=(DOWN, ACROSS))
    return View(gr.State(None), table, words, made_knobs)
