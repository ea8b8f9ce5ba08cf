"""The tab *Sweep*: one photograph under many settings of two knobs, as a contact sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, Knob, get

from ..common import BadInput
from ..studio import Chosen, Setting, Sheet, Studio, render
from ..widgets import knobs, tiles

DOWN, ACROSS = 5, 4  # how many values rows and columns have where nobody gave any
MOST_VALUES = 8  # of one axis
EMPTY = "Open a photograph to see it under many settings at once."
NO_AXES = (
    "{title} has {count} to turn, and a contact sheet takes two, so there is nothing to sweep."
)


# --- handlers: plain functions over the library ---------------------------------------------


def axes(approach: Approach, rows: str | None = None, columns: str | None = None):
    """The knobs of rows and columns, or None if the approach has fewer than two.

    Names that it has not, or twice the same, give way to its first knobs.
    """
    if len(approach.knobs) < 2:
        return None
    down = approach.knob(rows or "") or approach.knobs[0]
    across = approach.knob(columns or "")
    if across is None or across is down:
        across = next(k for k in approach.knobs if k is not down)
    return down, across


def spread(knob: Knob, count: int) -> str:
    """The values to begin with, as they are written in the field."""
    return ", ".join(knobs.label(knob, value) for value in knobs.spread(knob, count))


def parse(knob: Knob, text: str | None, count: int) -> list[knobs.Value]:
    """The values of an axis as they were typed; nothing typed: some over the knob's range.

    Raises :class:`BadInput` with one sentence.
    """
    words = [word for word in re.split(r"[,;\s]+", text or "") if word]
    if not words:
        return knobs.spread(knob, count)
    if len(words) > MOST_VALUES:
        raise BadInput(f"{knob.label}: {MOST_VALUES} values are as many as fit on the sheet.")
    values = []
    for word in words:
        off = knob.default is None and word.lower() == knobs.OFF.lower()
        try:
            values.append(knob.check(knob.maximum if off else float(word)))
        except ValueError as error:
            known = str(error) if str(error).startswith(knob.label) else None
            raise BadInput(known or f"{knob.label} takes numbers, not “{word[:20]}”.") from None
    return list(dict.fromkeys(values))


def settings(
    key: str,
    names: Sequence[str],
    values: Sequence[Any],
    rows: str | None = None,
    columns: str | None = None,
    down_values: str | None = None,
    across_values: str | None = None,
    strength: float | None = None,
) -> list[Setting]:
    """The sheet's settings row by row; knobs that are no axis stay as they are."""
    approach = get(key)
    found = axes(approach, rows, columns)
    if found is None:
        return []
    fixed = knobs.read(approach, names, values)
    down, across = found
    more = {} if strength is None else {"strength": strength}
    return [
        Setting({**fixed, down.name: d, across.name: a}, **more)
        for d in parse(down, down_values, DOWN)
        for a in parse(across, across_values, ACROSS)
    ]


def title(pair: tuple[Knob, Knob], setting: Setting) -> str:
    """``temperature 0.38, top-k 20``."""
    return ", ".join(
        f"{knob.label.lower()} {knobs.label(knob, setting.knobs[knob.name])}" for knob in pair
    )


def waiting(chosen: Chosen, pair: tuple[Knob, Knob], wanted: Sequence[Setting]) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [tiles.Tile("", f"{chosen.name} with {title(pair, s)}") for s in wanted]


def cells(
    studio: Studio,
    chosen: Chosen,
    key: str,
    pair: tuple[Knob, Knob],
    wanted: Sequence[Setting],
    visitor: str,
) -> Iterator[list[tiles.Tile]]:
    """The tiles row by row, first all empty, then with one more row of pictures each time."""
    made = waiting(chosen, pair, wanted)
    yield list(made)
    analysis = studio.analysis(chosen, key, visitor)
    width = len({s.knobs[pair[1].name] for s in wanted})
    for i, setting in enumerate(wanted):
        image = render(analysis, setting, studio.settings.sweep_side)
        path = studio.write(image, "sweep", visitor, "cell")
        made[i] = replace(made[i], path=path)
        if (i + 1) % width == 0:
            yield list(made)


def stream(
    studio: Studio,
    chosen: Chosen | None,
    key: str,
    visitor: str,
    names: Sequence[str],
    rows: str | None,
    columns: str | None,
    down_values: str | None,
    across_values: str | None,
    *values: Any,
) -> Iterator[list[Any]]:
    """What the contact sheet and its memory show, step by step."""
    wanted = settings(key, names, values, rows, columns, down_values, across_values)
    if chosen is None or not wanted:
        yield [None, None]
        return
    pair = axes(get(key), rows, columns)
    sheet = Sheet(chosen.digest, key, tuple(wanted))
    for made in cells(studio, chosen, key, pair, wanted, visitor):
        yield [table_value(made, chosen, pair, wanted), sheet]


def table_value(
    made: Sequence[tiles.Tile],
    chosen: Chosen,
    pair: tuple[Knob, Knob],
    wanted: Sequence[Setting],
) -> dict[str, Any]:
    """The contact sheet with its headings."""
    down, across = pair
    return tiles.table_value(
        corner=f"{down.label} ↓ {across.label} →",
        caption=f"{down.label} from top to bottom, {across.label.lower()} from left to right",
        columns=list(dict.fromkeys(knobs.label(across, s.knobs[across.name]) for s in wanted)),
        rows=list(dict.fromkeys(knobs.label(down, s.knobs[down.name]) for s in wanted)),
        tiles=made,
        shape=tiles.shape(chosen.width, chosen.height),
    )


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    sheet: gr.State
    table: gr.HTML
    note: gr.HTML
    body: gr.Column
    rows: gr.Dropdown
    columns: gr.Dropdown
    down_values: gr.Textbox
    across_values: gr.Textbox
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def axes(self) -> list[Any]:
        return [self.rows, self.columns, self.down_values, self.across_values]

    @property
    def controls(self) -> list[Any]:
        return [*self.axes, *self.knobs.values()]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [self.table, self.sheet, self.note, self.body, *self.controls]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Gets the tab ready for another photograph or another method: places without pictures."""
        approach = get(key)
        empty = None
        if chosen and not keep_knobs and (wanted := settings(key, [], [])):
            pair = axes(approach)
            empty = table_value(waiting(chosen, pair, wanted), chosen, pair, wanted)
        turned = [gr.skip()] * len(self.controls) if keep_knobs else self.turn(key, None, None)
        body = gr.update(visible=axes(approach) is not None)
        return [empty, None, note(approach), body, *turned]

    def turn(self, key: str, rows: str | None, columns: str | None) -> list[Any]:
        """The axes' controls for these knobs, with values to begin with, and controls for the
        knobs that are no axis."""
        approach = get(key)
        pair = axes(approach, rows, columns)
        if pair is None:
            return [gr.skip()] * len(self.controls)
        choices = [(k.label, k.name) for k in approach.knobs]
        values = spread(pair[0], DOWN), spread(pair[1], ACROSS)
        shown = knobs.updates(approach, list(self.knobs))
        free = [k.name for k in approach.knobs if k not in pair]
        rest = [
            gr.update(**{**(s if name in free else {}), "visible": name in free})
            for name, s in zip(self.knobs, shown, strict=True)
        ]
        return [
            *(gr.update(choices=choices, value=knob.name) for knob in pair),
            *values,
            *rest,
        ]

    def swap(self, key: str, rows: str, columns: str, *, rows_changed: bool) -> list[Any]:
        """Another knob was chosen for one axis; the other one gives way if it was the same."""
        if rows == columns:
            other = next((k.name for k in get(key).knobs if k.name != rows), None)
            rows, columns = (rows, other) if rows_changed else (other, columns)
        return self.turn(key, rows, columns)


def no_axes(approach: Approach) -> str:
    count = "one knob" if approach.knobs else "no knobs"
    return NO_AXES.format(title=approach.title, count=count)


def note(approach: Approach) -> str:
    if axes(approach) is None:
        return f"<p>{no_axes(approach)}</p>"
    return (
        "<p>Every cell is the best guess under another setting. "
        "Choose one to open it in Colorize.</p>"
    )


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    words = gr.HTML(note(current), elem_classes=["note"])
    pair = axes(current)
    names = [(k.label, k.name) for k in current.knobs]
    with gr.Column(visible=pair is not None) as body:
        with gr.Row(elem_classes=["axes"]):
            rows, columns = (
                gr.Dropdown(
                    names,
                    value=pair[i].name if pair else None,
                    label=label,
                    filterable=False,
                    interactive=True,
                    elem_id=f"sweep-{label.lower()}",
                )
                for i, label in enumerate(("Rows", "Columns"))
            )
            down_values, across_values = (
                gr.Textbox(
                    spread(pair[i], count) if pair else "",
                    label=f"Values of the {label}, with commas",
                    max_length=120,
                    submit_btn="Show",
                    interactive=True,
                    elem_id=f"sweep-{label}-values",
                )
                for i, (label, count) in enumerate((("rows", DOWN), ("columns", ACROSS)))
            )
        table = tiles.table("sweep", EMPTY)
        with gr.Row(elem_classes=["knobs"]):
            made_knobs = knobs.controls(approaches, current, "sweep")
            for name, control in made_knobs.items():
                control.visible = control.visible and name not in [k.name for k in pair or ()]
    return View(
        gr.State(None), table, words, body, rows, columns, down_values, across_values, made_knobs
    )
