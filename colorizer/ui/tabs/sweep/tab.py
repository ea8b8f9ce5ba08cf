"""The tab *Sweep*: one photograph under many settings of two knobs, as a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, Knob, check_strength, get

from ... import api
from ...backend import knob_values
from ...backend.problems import BadInput
from ...backend.setting import Chosen, Setting, Sheet, render
from ...backend.studio import Studio
from ...events import visitor
from ...languages import _
from ...widgets import knobs, tiles
from ..base import Tab
from ..sample.tab import shows, use_tile
from ..shared import LIGHT, Changes, Session, Values
from . import knob_axes

EMPTY = "Open a photograph to see it under many settings at once."
NO_AXES = (
    "{title} has no knobs to turn, and a contact sheet takes two, so there is nothing to sweep."
)
ONE_AXIS = (
    "{title} has one knob to turn, and a contact sheet takes two, so there is nothing to sweep."
)
NOTE = "Every cell is the best guess under another setting. Choose one to open it in Colorize."
VALUES = {
    "rows": "Values of the rows, with commas",
    "columns": "Values of the columns, with commas",
}


AXES = ("Rows", "Columns")


class Sweep(Tab):
    title, key = "Sweep", "sweep"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.note = gr.HTML(note(current), elem_classes=["note"])
        pair = knob_axes.axes(current)
        names = [(_(k.label), k.name) for k in current.knobs]
        with gr.Column(visible=pair is not None) as self.body:
            with gr.Row(elem_classes=["axes"]):
                self.rows, self.columns = (
                    gr.Dropdown(
                        names,
                        value=pair[i].name if pair else None,
                        label=_(label),
                        filterable=False,
                        interactive=True,
                        elem_id=f"sweep-{label.lower()}",
                    )
                    for i, label in enumerate(AXES)
                )
                self.down_values, self.across_values = (
                    gr.Textbox(
                        knob_axes.spread(pair[i], count) if pair else "",
                        label=_(VALUES[label]),
                        max_length=120,
                        submit_btn=_("Show"),
                        interactive=True,
                        elem_id=f"sweep-{label}-values",
                    )
                    for i, (label, count) in enumerate(
                        (("rows", knob_axes.DOWN), ("columns", knob_axes.ACROSS))
                    )
                )
            self.table = tiles.table("sweep", _(EMPTY))
            with gr.Row(elem_classes=["knobs"]):
                self.knobs = knobs.controls(approaches, current, "sweep")
                for name, control in self.knobs.items():
                    control.visible = control.visible and name not in [k.name for k in pair or ()]
        self.sheet = gr.State(None)
        self.axes = [self.rows, self.columns, self.down_values, self.across_values]
        self.controls = [*self.axes, *self.knobs.values()]
        self.inputs = [self.sheet, *self.controls]
        self.filled = [self.table, self.sheet]

    @property
    def everything(self) -> list[Any]:
        return [*self.filled, self.note, self.body, *self.controls]

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Places without pictures; another method has axes of its own."""
        approach, chosen = session.approach, session.chosen
        empty = None
        if chosen and not another_photo and (wanted := knob_axes.settings(session.key, {})):
            pair = knob_axes.axes(approach)
            empty = table_value(waiting(chosen, pair, wanted), chosen, pair, wanted)
        return {
            self.table: empty,
            self.sheet: None,
            self.note: note(approach),
            self.body: gr.update(visible=knob_axes.axes(approach) is not None),
            **({} if another_photo else self._turned(approach, None, None)),
        }

    def _turned(self, approach: Approach, rows: str | None, columns: str | None) -> Changes:
        """Controls for these axes, with values to begin with, and for the other knobs."""
        pair = knob_axes.axes(approach, rows, columns)
        if pair is None:
            return {}
        choices = [(_(k.label), k.name) for k in approach.knobs]
        free = [k.name for k in approach.knobs if k not in pair]
        shown = knobs.updates(approach, self.knobs)
        return {
            self.rows: gr.update(choices=choices, value=pair[0].name),
            self.columns: gr.update(choices=choices, value=pair[1].name),
            self.down_values: knob_axes.spread(pair[0], knob_axes.DOWN),
            self.across_values: knob_axes.spread(pair[1], knob_axes.ACROSS),
            **{
                control: gr.update(
                    **{**(shown[control] if name in free else {}), "visible": name in free}
                )
                for name, control in self.knobs.items()
            },
        }

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Iterator[Changes | None]:
        if session.chosen is None or shows(values[self.sheet], session):
            yield None
        else:
            yield from self.sweep(session, values)

    def sweep(self, session: Session, values: Values) -> Iterator[Changes]:
        axes = [values[control] for control in self.axes]
        held = knobs.held(self.knobs, values)
        for table, sheet in stream(self.studio, session, held, *axes):
            yield {self.table: table, self.sheet: sheet}

    def turn_rows(self, session: Session, values: Values) -> Changes:
        return self._swapped(session, values, kept=self.rows, other=self.columns)

    def turn_columns(self, session: Session, values: Values) -> Changes:
        return self._swapped(session, values, kept=self.columns, other=self.rows)

    def _swapped(self, session: Session, values: Values, kept: Any, other: Any) -> Changes:
        """Another knob was chosen for one axis; the other one gives way if it was the same."""
        names = {kept: values[kept], other: values[other]}
        if names[kept] == names[other]:
            rest = (k.name for k in session.approach.knobs if k.name != names[kept])
            names[other] = next(rest, None)
        return self._turned(session.approach, names[self.rows], names[self.columns])

    def use(self, session: Session, values: Values) -> Changes | None:
        """Open a cell's setting in Colorize."""
        return use_tile(self, session, values[self.sheet])

    def tie(self) -> None:
        for control in self.knobs.values():
            self.on(control.input, self.sweep, self.inputs, self.filled, **self.dragged)
        for axis, turn in ((self.rows, self.turn_rows), (self.columns, self.turn_columns)):
            turned = self.on(axis.input, turn, [self.rows, self.columns], self.controls, **LIGHT)
            self.on(turned.then, self.sweep, self.inputs, self.filled, **self.quiet)
        for field in (self.down_values, self.across_values):
            self.on(field.submit, self.sweep, self.inputs, self.filled, **self.dragged)
        used = self.on(
            self.table.choose, self.use, [self.sheet], self.shared.stage, **self.shared.covered
        )
        self.shared.every[0].refill_after(used)

    # --- the endpoint -------------------------------------------------------------------------

    def add_endpoint(self, parameters: api.Parameters) -> None:
        studio = self.studio
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
            turned = api.turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
            axes = (rows, columns, row_values, column_values)
            who, strength = visitor(request), check_strength(strength)
            return contact_sheet(studio, photo, approach, turned, who, axes, strength)

        p = parameters
        axes = [rows, columns, row_values, column_values]
        p.add(
            "sweep",
            DESCRIPTION,
            sweep_photo,
            [p.photo, p.approach, *p.knobs, *axes, p.strength],
            results,
        )


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
    if not all(value is None or isinstance(value, str) for value in axes):
        raise BadInput(
            "rows, columns and their values are text, such as “temperature” and “0.2, 1”."
        )
    for name in axes[:2]:
        if name and approach.knob(name) is None:
            raise BadInput(f"{approach.title} has no {name.replace('_', '-')}.")
    wanted = knob_axes.settings(key, turned, *axes, strength)
    pair = knob_axes.axes(approach, *axes[:2])
    if pair is None:
        raise BadInput(no_axes(approach))
    chosen = studio.open(api.given(path), visitor)
    made = []
    for step in cells(studio, chosen, key, pair, wanted, visitor):
        made = step
    return [
        (tile.path, knob_axes.title(pair, setting))
        for tile, setting in zip(made, wanted, strict=True)
    ]


# --- what is shown --------------------------------------------------------------------------------


def stream(
    studio: Studio,
    session: Session,
    held: dict[str, Any],
    rows: str | None = None,
    columns: str | None = None,
    down_values: str | None = None,
    across_values: str | None = None,
) -> Iterator[tuple[Any, Sheet | None]]:
    """Values of the contact sheet and its memory, step by step."""
    chosen, key = session.chosen, session.key
    wanted = knob_axes.settings(key, held, rows, columns, down_values, across_values)
    if chosen is None or not wanted:
        yield None, None
        return
    pair = knob_axes.axes(session.approach, rows, columns)
    sheet = Sheet(chosen.digest, key, tuple(wanted))
    for made in cells(studio, chosen, key, pair, wanted, session.visitor):
        yield table_value(made, chosen, pair, wanted), sheet


def waiting(chosen: Chosen, pair: tuple[Knob, Knob], wanted: Sequence[Setting]) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [
        tiles.Tile(
            "", _("{name} with {setting}", name=chosen.name, setting=knob_axes.title(pair, s))
        )
        for s in wanted
    ]


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
        path = studio.files.write(image, "sweep", visitor, "cell")
        made[i] = replace(made[i], path=path)
        if (i + 1) % width == 0:
            yield list(made)


def table_value(
    made: Sequence[tiles.Tile],
    chosen: Chosen,
    pair: tuple[Knob, Knob],
    wanted: Sequence[Setting],
) -> dict[str, Any]:
    """The contact sheet with its headings."""
    down, across = pair
    return tiles.table_value(
        corner=f"{_(down.label)} ↓ {_(across.label)} →",
        caption=_(
            "{down} from top to bottom, {across} from left to right",
            down=_(down.label),
            across=_(across.label.lower()),
        ),
        columns=list(
            dict.fromkeys(knob_values.label(across, s.knobs[across.name]) for s in wanted)
        ),
        rows=list(dict.fromkeys(knob_values.label(down, s.knobs[down.name]) for s in wanted)),
        tiles=made,
        shape=tiles.shape(chosen.width, chosen.height),
    )


def no_axes(approach: Approach) -> str:
    return _(ONE_AXIS if approach.knobs else NO_AXES, title=approach.title)


def note(approach: Approach) -> str:
    if knob_axes.axes(approach) is None:
        return f"<p>{no_axes(approach)}</p>"
    return f"<p>{_(NOTE)}</p>"
