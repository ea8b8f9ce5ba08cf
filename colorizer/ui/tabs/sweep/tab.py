"""The tab *Sweep*: one photograph under many settings of two knobs, as a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ... import api
from ...languages import _
from ...widgets import knobs, tiles
from ..base import Tab, showing
from ..shared import LIGHT, Changes, Session, Values
from . import endpoint, knob_axes
from .sheet import note, stream, table_value, waiting

EMPTY = "Open a photograph to see it under many settings at once."
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
        if chosen and not another_photo and (settings := knob_axes.settings(session.key, {})):
            pair = knob_axes.axes(approach)
            empty = table_value(waiting(chosen, pair, settings), chosen, pair, settings)
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
        if session.chosen is None or showing(values[self.sheet], session):
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
        return self.use_tile(session, values[self.sheet])

    def tie(self) -> None:
        for control in self.knobs.values():
            self.on(control.input, self.sweep, self.inputs, self.filled, **self.dragged)
        for axis, turn in ((self.rows, self.turn_rows), (self.columns, self.turn_columns)):
            turned = self.on(axis.input, turn, [self.rows, self.columns], self.controls, **LIGHT)
            self.on(turned.then, self.sweep, self.inputs, self.filled, **self.quiet)
        for field in (self.down_values, self.across_values):
            self.on(field.submit, self.sweep, self.inputs, self.filled, **self.dragged)
        used = self.on(
            self.table.choose,
            self.use,
            [self.sheet],
            self.shared.setting_outputs,
            **self.shared.covered,
        )
        self.shared.every[0].refill_after(used)

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters)
