"""The components of the tab *Steer*: the photograph, its tools, colours, the list of hints."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ...languages import _
from ...widgets import pointer
from ...widgets.send import with_send
from ...widgets.upload import photo_input
from ..base import Tab
from . import panels
from .edits import Edits

EMPTY = "Open a photograph, then tap a thing on it and give it a colour."
NO_HINTS = "{title} takes no colour hints. Choose another method to steer."
NOTE = (
    "<p>Tap a thing, then a colour for it: one the model finds likely, or any you know to be "
    "right. Nothing else changes. Only the tint counts; light and dark stay those of the "
    "photograph.</p>"
)
# What a tap does, by the value that the page and the handlers know it by.
THING, BRUSH, RUB, POINT, DROPPER = "thing", *pointer.BRUSHES, "point", "dropper"
TOOLS = {
    THING: "Whole thing",
    BRUSH: "Brush",
    RUB: "Rub out",
    POINT: "One point",
    DROPPER: "Pick a colour",
}


class SteerView(Tab):
    """The tab's components, and lists of those that handlers read and fill together."""

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.note = gr.HTML(note(current), elem_classes=["note"])
        with gr.Column(visible=current.hints) as self.body, gr.Row(elem_classes=["steer"]):
            with gr.Column(min_width=200, scale=2, elem_id="steer-stage"):
                self.photo = pointer.pointer("steer-photo", _(EMPTY))
                self._tools()
                with gr.Row(elem_classes=["point"]):
                    self.x, self.y = pointer.axes("steer")
                self.pairs = _panel(None, panels.PAIRS, panels.CHOICE, "steer-pairs")
            with gr.Column(min_width=200, scale=1, elem_id="steer-side"):
                self.colors = _panel(None, panels.colors_template(), panels.CHOICE, "steer-colors")
                self.own = gr.HTML(
                    panels.own_color(),
                    js_on_load=with_send(panels.OWN),
                    elem_id="steer-own",
                    apply_default_css=False,
                )
                self.list = _panel([], panels.list_template(), panels.CHOICE, "steer-list")
                self._buttons()
        self.edits = gr.State(Edits())
        self.inputs = [self.edits, self.tool]
        self.filled = [
            self.photo, self.x, self.y, self.colors, self.list, self.undo, self.redo, self.clear,
            self.size, self.pairs,
        ]  # fmt: skip

    def _tools(self) -> None:
        self.tool = gr.Radio(
            [(_(label), value) for value, label in TOOLS.items()],
            value=THING,
            label=_("A tap takes"),
            elem_id="steer-tool",
        )
        self.size = gr.Slider(
            0, 1, 0.5, step=0.01, label=_("Smaller or larger"), visible=False, elem_id="steer-size"
        )

    def _buttons(self) -> None:
        off = {"interactive": False}
        with gr.Row(elem_classes=["buttons"]):
            self.undo = gr.Button(_("Undo"), elem_id="steer-undo", **off)
            self.redo = gr.Button(_("Redo"), elem_id="steer-redo", **off)
            self.clear = gr.Button(_("Clear all"), elem_id="steer-clear", **off)
        with gr.Row(elem_classes=["buttons"]):
            self.save = gr.Button(_("Save hints"), elem_id="steer-save")
            self.load = gr.UploadButton(
                _("Load hints"), file_types=[".json"], type="filepath", elem_id="steer-load"
            )
        self.download = gr.Button(
            _("Download picture"), variant="primary", elem_id="steer-download"
        )
        self.saved = gr.DownloadButton(visible="hidden", elem_id="steer-hints-file")
        self.made = gr.DownloadButton(visible="hidden", elem_id="steer-file")
        self.reference = photo_input(
            label=_("Colours from another photograph"),
            sources=["upload"],
            height=150,
            elem_id="steer-reference",
        )

    @property
    def everything(self) -> list[Any]:
        return [*self.filled, self.edits, self.note, self.body, self.reference]


def note(approach: Approach) -> str:
    return _(NOTE) if approach.hints else f"<p>{_(NO_HINTS, title=approach.title)}</p>"


def _panel(value: Any, template: str, script: str, elem_id: str) -> gr.HTML:
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=with_send(script),
        elem_id=elem_id,
        apply_default_css=False,
    )
