"""The tab *Steer*: things on the photograph are given a colour, and the rest stays or follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, check_strength, get
from colorizer.hints import FORMAT, VERSION, read_hints
from colorizer.hints.reference import read_reference

from ... import api
from ...backend import download
from ...backend.problems import NO_PHOTO, BadInput
from ...backend.setting import Setting
from ...backend.studio import Studio
from ...events import photo_input, visitor, warn
from ...languages import _
from ...widgets import pointer, tiles
from ..base import Tab
from ..shared import Changes, Session, Values
from . import editing, panels, selection
from .editing import Steering
from .picture import colors_from, load, picture, save

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


class Steer(Tab):
    title, key = "Steer", "steer"

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
                    js_on_load=panels.OWN,
                    elem_id="steer-own",
                    apply_default_css=False,
                )
                self.list = _panel([], panels.list_template(), panels.CHOICE, "steer-list")
                self._buttons()
        self.now, self.shown = gr.State(Steering()), gr.State(None)
        self.inputs = [self.now, self.shown, self.tool]
        self.filled = [
            self.photo, self.x, self.y, self.colors, self.list, self.now, self.shown, self.undo,
            self.redo, self.clear, self.size, self.pairs,
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
        return [*self.filled, self.note, self.body, self.reference]

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Another photograph: no hints.  Another method: the same hints, drawn when it is seen."""
        changes = {
            **dict.fromkeys((self.photo, self.colors, self.shown, self.pairs)),
            self.note: note(session.approach),
            self.body: gr.update(visible=session.approach.hints),
            self.size: gr.update(visible=False),
        }
        if another_photo:
            off = gr.update(interactive=False)
            changes |= {self.list: None, self.now: Steering(), self.reference: None}
            changes |= dict.fromkeys((self.undo, self.redo, self.clear), off)
        return changes

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, lambda now: now)

    def _changed(
        self, session: Session, values: Values, change: Callable[[Steering], Steering]
    ) -> Changes | None:
        """Everything once ``change`` has been made; a picture that is there already stays."""
        chosen, key, who, setting = session.chosen, session.key, session.visitor, session.setting
        if chosen is None or not session.approach.hints:
            return None
        now, shown = change(values[self.now]), values[self.shown]
        if shown is None or not shown.still(chosen, key, setting, now.hints):
            shown = picture(self.studio, chosen, key, setting, now.hints, who)
        colors, point, region = None, {}, None
        if now.point is not None:
            plain = self.studio.analysis(chosen, key, who)
            region = selection.region_of(plain, now)
            suggested = selection.suggestions(plain, *now.point, region)
            colors = panels.colors_value(suggested, now.point, now.dropper)
            point = {self.x: now.point[0], self.y: now.point[1]}
        sizes = region is not None and len(region.sizes) > 1
        return {
            self.photo: pointer.value(
                chosen,
                shown.path,
                _("The photograph under your hints"),
                panels.pins(now),
                outline=selection.svg_path(selection.outline_of(region, now)),
                tool=values[self.tool] or THING,
            ),
            **point,
            self.colors: colors,
            self.list: panels.list_value(now),
            self.now: now,
            self.shown: shown,
            self.undo: gr.update(interactive=bool(now.past)),
            self.redo: gr.update(interactive=bool(now.future)),
            self.clear: gr.update(interactive=bool(now.hints)),
            self.size: gr.update(value=region.size, visible=True)
            if sizes
            else gr.update(visible=False),
            self.pairs: panels.pairs_value(now, chosen, shown.path),
        }

    def _aim(self, session: Session, values: Values, place: tuple[int, int]) -> Changes | None:
        """What a tap does with the tool in hand."""
        tool, shown = values[self.tool], values[self.shown]
        if tool == DROPPER and shown is not None:
            color = selection.color_at(shown.path, *place, session.chosen)
            return self._changed(session, values, lambda now: replace(now, dropper=color))
        whole = tool in (THING, BRUSH, RUB)
        aim = editing.take if whole else editing.aim
        return self._changed(session, values, lambda now: aim(now, *place))

    def point(self, session: Session, values: Values) -> Changes | None:
        """A point of the photograph was chosen."""
        place = pointer.place(session.data, session.chosen) if session.chosen else None
        return None if place is None else self._aim(session, values, place)

    def typed(self, session: Session, values: Values) -> Changes | None:
        """A number was typed; the fields themselves are left alone meanwhile."""
        if session.chosen is None:
            return None
        place = pointer.inside(values[self.x], values[self.y], session.chosen)
        changes = self._aim(session, values, place) or {}
        return {c: value for c, value in changes.items() if c not in (self.x, self.y)}

    def resize(self, session: Session, values: Values) -> Changes | None:
        """The slider was moved; it is left alone meanwhile."""
        size = float(values[self.size] or 0)
        changes = self._changed(session, values, lambda now: editing.resize(now, size)) or {}
        return {c: value for c, value in changes.items() if c is not self.size}

    def stroke(self, session: Session, values: Values) -> Changes | None:
        """A line was drawn with the brush."""
        drawn = selection.stroke_of(session.data, session.chosen) if session.chosen else None
        if drawn is None:
            return None
        return self._changed(session, values, lambda now: editing.brush(now, drawn))

    def pick(self, session: Session, values: Values) -> Changes | None:
        """A hint was chosen, on the photograph or in the list."""
        index = tiles.chosen_index(session.data, editing.MOST_HINTS)
        if index is None:
            return None
        return self._changed(session, values, lambda now: editing.select(now, index))

    def drop(self, session: Session, values: Values) -> Changes | None:
        index = tiles.chosen_index(session.data, editing.MOST_HINTS)
        return self._changed(session, values, lambda now: editing.remove(now, index))

    def paint(self, session: Session, values: Values) -> Changes | None:
        """A colour was chosen: a suggested one, or the visitor's own."""
        color = session.data.get("color") if isinstance(session.data, dict) else None
        color = editing.color_of(color)

        def change(now: Steering) -> Steering:
            chosen, key, who = session.chosen, session.key, session.visitor
            region = None
            if now.selection is not None:
                region = selection.region_of(self.studio.analysis(chosen, key, who), now)
            if region is None:
                return editing.paint(now, color)
            present = self.studio.hinted(chosen, key, now.hints, who)
            return editing.paint(
                now, color, lambda c: selection.colored(region, c, present, session.setting)
            )

        return self._changed(session, values, change)

    def refer(self, session: Session, values: Values) -> Changes | None:
        """A reference photograph was dropped, or taken away."""
        path, chosen = values[self.reference], session.chosen
        if chosen is None:
            if path is not None:
                warn(_(NO_PHOTO))
            return None
        if path is None:
            return self._changed(session, values, lambda now: editing.hand_over(now, None, ()))
        other, given = colors_from(self.studio, chosen, session.key, path, session.visitor)
        return self._changed(session, values, lambda now: editing.hand_over(now, other, given))

    def undo_one(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, editing.undo)

    def redo_one(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, editing.redo)

    def clear_all(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, editing.clear)

    def load_file(self, session: Session, values: Values) -> Changes | None:
        path, chosen = values[self.load], session.chosen
        if path is None:
            return None
        if chosen is None:
            warn(_(NO_PHOTO))
            return None
        return self._changed(session, values, lambda now: editing.loaded(now, load(chosen, path)))

    def save_file(self, session: Session, values: Values) -> str:
        return save(self.studio, session.chosen, values[self.now].hints, session.visitor)

    def make_file(self, session: Session, values: Values) -> str:
        """The steered photograph at its own size; the path of a PNG."""
        chosen, who = session.chosen, session.visitor
        analysis = self.studio.hinted(chosen, session.key, values[self.now].hints, who)
        return download.write(self.studio, chosen, analysis, session.setting, who)

    def tie(self) -> None:
        # The photograph stays clear while it is worked on.
        manner = {**self.dragged, "show_progress_on": self.list}
        once = {**self.quiet, "show_progress_on": self.list}
        numbers = [self.x, self.y]
        for event, handler, more, how in (
            (self.photo.point, self.point, [], manner),
            (self.photo.stroke, self.stroke, [], once),
            (self.photo.pin, self.pick, [], manner),
            (self.tool.input, self.fill, [], manner),
            (self.size.input, self.resize, [self.size], manner),
            (self.list.pick, self.pick, [], once),
            (self.list.drop, self.drop, [], once),
            (self.pairs.drop, self.drop, [], once),
            (self.colors.paint, self.paint, [], once),
            (self.own.paint, self.paint, [], once),
            (self.x.input, self.typed, numbers, manner),
            (self.y.input, self.typed, numbers, manner),
            (self.undo.click, self.undo_one, [], once),
            (self.redo.click, self.redo_one, [], once),
            (self.clear.click, self.clear_all, [], once),
            (self.load.upload, self.load_file, [self.load], once),
            (self.reference.input, self.refer, [self.reference], once),
        ):
            self.on(event, handler, [*self.inputs, *more], self.filled, **how)
        self.shared.download(self.save, self.saved, self.save_file, [self.now])
        self.shared.download(self.download, self.made, self.make_file, [self.now])

    # --- the endpoint -------------------------------------------------------------------------

    def add_endpoint(self, parameters: api.Parameters) -> None:
        studio = self.studio
        with gr.Column(visible=False):
            approach = parameters.choice(lambda a: a.hints)
            points, result = gr.JSON(label="Hints"), parameters.picture()
            other = photo_input(label="Reference")

        def steer_photo(
            photo: str,
            hints: Any = None,
            approach: str = approach.value,
            temperature: float | None = None,
            top_k: float | None = None,
            vividness: float | None = None,
            strength: float = 1.0,
            reference: str | None = None,
            request: gr.Request = None,
        ) -> str:
            turned = api.turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
            setting = Setting(turned, strength=check_strength(strength))
            return steer(studio, photo, hints, approach, setting, visitor(request), reference)

        p = parameters
        inputs = [p.photo, points, approach, *p.knobs, p.strength, other]
        p.add("steer", DESCRIPTION, steer_photo, inputs, result)


DESCRIPTION = """A photograph recoloured under colour hints. Returns a PNG of the photograph's own size.

{photo}
hints: a list of objects with x, y (pixels of the photograph) and color ("#rrggbb"), or the content
of a file of hints: its text, or an object with format "colorizer-hints". "region": true in one of
the list gives the whole thing at this point the colour; a number from 0 to 1 says how much of it.
{approach} It has to take hints.
{knobs}
{strength}
reference: a colour photograph; places that look alike hand over their colours."""


def steer(
    studio: Studio,
    path: str | None,
    hints: Any,
    key: str,
    setting: Setting,
    visitor: str,
    reference: str | None = None,
) -> str:
    """The photograph under its hints at its own size; the path of a PNG."""
    if not get(key).hints:
        raise BadInput(_("{title} takes no colour hints.", title=get(key).title))
    chosen = studio.open(api.given(path), visitor)
    if isinstance(hints, str):  # the text of a file of hints
        with suppress(json.JSONDecodeError):
            hints = json.loads(hints)
    if hints is None and reference is not None:
        hints = []
    if isinstance(hints, list):
        hints = selection.with_regions(hints, studio.analysis(chosen, key, visitor))
        hints = {"format": FORMAT, "version": VERSION, "hints": hints}
    if not isinstance(hints, dict):
        raise BadInput(_("The hints must be a list, or the content of a file of hints."))
    # As bytes, so that nothing a caller sends can be taken for a path.
    wanted = read_hints(json.dumps(hints).encode(), (chosen.width, chosen.height))
    if reference is not None:
        pairs = studio.analysis(chosen, key, visitor).pairs(read_reference(reference))
        wanted = [*(pair.hint() for pair in pairs), *wanted]
    analysis = studio.hinted(chosen, key, wanted, visitor)
    return api.written(studio, analysis, setting, visitor, f"{chosen.name}-steered")


def note(approach: Approach) -> str:
    return _(NOTE) if approach.hints else f"<p>{_(NO_HINTS, title=approach.title)}</p>"


def _panel(value: Any, template: str, script: str, elem_id: str) -> gr.HTML:
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=script,
        elem_id=elem_id,
        apply_default_css=False,
    )


__all__ = ["Steer", "load", "note", "picture", "save", "steer"]
