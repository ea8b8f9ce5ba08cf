"""The tab *Steer*: things on the photograph are given a colour, and the rest stays or follows.

Its components are in :mod:`.view`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gradio as gr

from ... import api
from ...backend import download
from ...backend.problems import NO_PHOTO
from ...events import warn
from ...languages import _
from ...widgets import pointer, tiles
from ..shared import Changes, Session, Values
from . import editing, endpoint, panels, selection
from .editing import Steering
from .edits import Edits
from .picture import Shown, colors_from, load, picture, save
from .view import BRUSH, DROPPER, RUB, THING, SteerView, note


class Steer(SteerView):
    title, key = "Steer", "steer"

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Another photograph: no hints.  Another method: the same hints, drawn when it is seen."""
        changes = {
            **dict.fromkeys((self.photo, self.colors, self.pairs)),
            self.note: note(session.approach),
            self.body: gr.update(visible=session.approach.hints),
            self.size: gr.update(visible=False),
        }
        if another_photo:
            off = gr.update(interactive=False)
            changes |= {self.list: None, self.edits: Edits(), self.reference: None}
            changes |= dict.fromkeys((self.undo, self.redo, self.clear), off)
        return changes

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, lambda now: now)

    def _changed(
        self, session: Session, values: Values, change: Callable[[Steering], Steering]
    ) -> Changes | None:
        """Everything once ``change`` has been made; a picture that is there already stays."""
        if session.chosen is None or not session.approach.hints:
            return None
        edits: Edits = values[self.edits]
        with edits.turn:
            now = change(edits.now)
            shown = self._drawn(session, now, edits.shown)
            changes = self._filled(session, now, shown.path, values[self.tool] or THING)
            edits.now, edits.shown = now, shown
        return changes

    def _drawn(self, session: Session, now: Steering, shown: Shown | None) -> Shown:
        """The photograph under its hints: the picture that is shown, or another one."""
        how = session.chosen, session.key, session.setting
        if shown is not None and shown.still(*how, now.hints):
            return shown
        return picture(self.studio, *how, now.hints, session.visitor)

    def _filled(self, session: Session, now: Steering, path: str, tool: str) -> Changes:
        """What all components show.  path: of the photograph under its hints."""
        chosen = session.chosen
        colors, point, region = None, {}, None
        if now.point is not None:
            plain = self.studio.analysis(chosen, session.key, session.visitor)
            region = selection.region_of(plain, now)
            suggested = selection.suggestions(plain, *now.point, region)
            colors = panels.colors_value(suggested, now.point, now.picked)
            point = {self.x: now.point[0], self.y: now.point[1]}
        sizes = region is not None and len(region.sizes) > 1
        return {
            self.photo: pointer.value(
                chosen,
                path,
                _("The photograph under your hints"),
                panels.pins(now),
                outline=selection.svg_path(selection.outline_of(region, now)),
                tool=tool,
            ),
            **point,
            self.colors: colors,
            self.list: panels.list_value(now),
            self.undo: gr.update(interactive=bool(now.past)),
            self.redo: gr.update(interactive=bool(now.future)),
            self.clear: gr.update(interactive=bool(now.hints)),
            self.size: gr.update(value=region.size, visible=True)
            if sizes
            else gr.update(visible=False),
            self.pairs: panels.pairs_value(now, chosen, path),
        }

    def _aim(self, session: Session, values: Values, place: tuple[int, int]) -> Changes | None:
        """Let a tap do what the tool in hand does."""
        tool, edits = values[self.tool], values[self.edits]
        if tool != DROPPER:
            aim = editing.take if tool in (THING, BRUSH, RUB) else editing.aim
            return self._changed(session, values, lambda now: aim(now, *place))
        with edits.turn:
            if edits.shown is None:
                return None
            chosen, who, setting = session.chosen, session.visitor, session.setting
            present = self.studio.hinted(chosen, session.key, edits.now.hints, who)
            picked = selection.pick_color(edits.shown.path, *place, chosen, present, setting)
            return self._changed(session, values, lambda now: replace(now, picked=picked))

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
        other, pairs = colors_from(self.studio, chosen, session.key, path, session.visitor)
        return self._changed(session, values, lambda now: editing.hand_over(now, other, pairs))

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
        return save(self.studio, session.chosen, values[self.edits].now.hints, session.visitor)

    def make_file(self, session: Session, values: Values) -> str:
        """The steered photograph at its own size; the path of a PNG."""
        chosen, who = session.chosen, session.visitor
        analysis = self.studio.hinted(chosen, session.key, values[self.edits].now.hints, who)
        return download.write(self.studio, chosen, analysis, session.setting, who)

    def tie(self) -> None:
        # The photograph stays clear while it is worked on.
        manner = {**self.dragged, "show_progress_on": self.list}
        # An index means the list as it is shown, so a second click waits for the answer.
        once = {**self.quiet, "show_progress_on": self.list}
        each = {**once, "trigger_mode": "multiple"}
        numbers = [self.x, self.y]
        for event, handler, more, how in (
            (self.photo.point, self.point, [], manner),
            (self.photo.stroke, self.stroke, [], each),
            (self.photo.pin, self.pick, [], manner),
            (self.tool.input, self.fill, [], manner),
            (self.size.input, self.resize, [self.size], manner),
            (self.list.pick, self.pick, [], manner),
            (self.list.drop, self.drop, [], once),
            (self.pairs.drop, self.drop, [], once),
            (self.colors.paint, self.paint, [], manner),
            (self.own.paint, self.paint, [], manner),
            (self.x.input, self.typed, numbers, manner),
            (self.y.input, self.typed, numbers, manner),
            (self.undo.click, self.undo_one, [], each),
            (self.redo.click, self.redo_one, [], each),
            (self.clear.click, self.clear_all, [], each),
            (self.load.upload, self.load_file, [self.load], once),
            (self.reference.input, self.refer, [self.reference], once),
        ):
            self.on(event, handler, [*self.inputs, *more], self.filled, **how)
        self.shared.download(self.save, self.saved, self.save_file, [self.edits])
        self.shared.download(self.download, self.made, self.make_file, [self.edits])

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters)
