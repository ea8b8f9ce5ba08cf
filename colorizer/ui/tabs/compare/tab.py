"""The tab *Compare*: one photograph through many methods, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get

from ... import api
from ...backend import crops
from ...backend.problems import BadInput
from ...backend.setting import Chosen
from ...languages import _
from ...widgets import tiles, viewer
from ..base import Tab
from ..shared import Changes, Session, Values
from . import comparison, endpoint
from .comparison import Comparison

EMPTY = "Open a photograph to see it through every method at once."
FOR_TEACHING = "For teaching: {what}"
NONE = "Choose at least one method above."
NOTE = (
    "<p>Every method with the settings you last gave it in Colorize. Choose a picture to open it "
    "there.</p><details><summary>What the numbers mean</summary><p>The time the method took. "
    "PSNR, where your photograph came in colour: how near the result is to it, the higher the "
    "nearer. Colourfulness: how strong the colours are, not whether they are right.</p></details>"
)


class Compare(Tab):
    title, key = "Compare", "compare"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        gr.HTML(_(NOTE), elem_classes=["note"])
        self.methods = gr.CheckboxGroup(
            [(a.title, a.key) for a in approaches],
            value=[a.key for a in approaches],
            label=_("Methods"),
            interactive=True,
            elem_id="compare-methods",
        )
        with gr.Row(elem_classes=["after"]):
            viewer.opener(self.key, _("Zoom into all of them"))
        self.viewer = viewer.viewer(self.key)
        self.grid = tiles.grid("compare", _(EMPTY))
        with gr.Row(elem_classes=["after"]):
            self.download = gr.Button(
                _("Download contact sheet"), elem_id="compare-download", scale=0
            )
            self.made = gr.DownloadButton(visible="hidden", elem_id="compare-file")
        self.shown = gr.State(None)  # Comparison
        self.inputs = [self.shown, self.methods]
        self.filled = [self.grid, self.shown]

    @property
    def everything(self) -> list[Any]:
        return self.filled

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Another photograph: nothing is shown of the one before.  Another method: all stays."""
        return {self.grid: None, self.shown: None} if another_photo else {}

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Iterator[Changes | None]:
        """Grid and state, step by step; nothing where they show this already."""
        chosen, shown = session.chosen, values[self.shown]
        todo = comparison.requests(values[self.methods] or [], session.memory)
        if chosen is None or not todo:
            yield {self.grid: None, self.shown: None}
        elif shown is None or shown.stale(chosen, todo):
            for step in comparison.compare(self.studio, chosen, todo, session.visitor):
                yield {self.grid: grid_value(step, chosen), self.shown: step}
        else:
            yield None

    def use(self, session: Session, values: Values) -> Changes | None:
        """Open a picture of the comparison in Colorize, with its method."""
        shown = values[self.shown]
        index = (
            tiles.chosen_index(session.data, len(shown.results) + shown.first) if shown else None
        )
        result = comparison.at(shown, index) if shown else None
        if session.chosen is None or result is None:
            return None
        return self.shared.turn_to(session, result.key, result.setting)

    def part(self, session: Session, values: Values) -> Changes | None:
        """The part of every picture that the viewer shows, at the photograph's own size."""
        chosen, who, shown = session.chosen, session.visitor, values[self.shown]
        box = crops.box_of(session.data, chosen) if chosen and shown else None
        if chosen is None or box is None:
            return None
        paths = [crops.as_it_came(self.studio, chosen, who, box, original=False)]
        if shown.truth:
            paths.append(crops.as_it_came(self.studio, chosen, who, box, original=True))
        paths += [
            crops.in_color(self.studio, chosen, result.key, result.setting, who, box)
            for result in shown.results
            if result.path  # only what has a picture has a pane
        ]
        return {self.viewer: viewer.value(session.data, box, paths)}

    def make_sheet(self, session: Session, values: Values) -> str:
        if values[self.shown] is None:
            raise BadInput(_(NONE))
        return comparison.contact_sheet(
            self.studio, session.chosen, values[self.shown], session.visitor
        )

    def tie(self) -> None:
        self.on(self.methods.input, self.fill, self.inputs, self.filled, **self.dragged)
        self.on(self.viewer.part, self.part, [self.shown], [self.viewer], **self.dragged)
        outputs = self.shared.method_outputs
        used = self.on(self.grid.choose, self.use, [self.shown], outputs, **self.shared.covered)
        self.shared.every[0].refill_after(used)
        self.shared.download(self.download, self.made, self.make_sheet, [self.shown])

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters)


def good_for(approach: Approach) -> str:
    words = _(approach.good_for)
    return _(FOR_TEACHING, what=words) if approach.teaching else words


def grid_value(shown: Comparison, chosen: Chosen) -> dict[str, Any] | None:
    """The grid: the photograph as it came, then every method."""
    made = [
        tiles.Tile(
            get(r.key).title,
            _("The photograph in colour by {title}", title=get(r.key).title),
            r.path,
            action=_("Open") if r.path else "",
            about=good_for(get(r.key)),
            detail=r.detail or "…",
        )
        for r in shown.results
    ]
    grey = tiles.Tile(_("Grey"), _("The photograph in grey"), shown.grey, still=True)
    if shown.truth:
        words = next((_("colourfulness {own}", own=f"{r.metrics.original:.0f}") for r in shown.results
                      if r.metrics and r.metrics.original is not None), "…")  # fmt: skip
        original = tiles.Tile(
            _("Original"), _("The photograph as it came"), shown.truth, detail=words, still=True
        )
        made = [original, *made]
    made = [grey, *made]
    columns = min(len(made), 2 if len(made) <= 4 else 3)
    return tiles.grid_value(made, columns, tiles.shape(chosen.width, chosen.height))
