"""The tab *Colorize*: grey and colour on one stage, the knobs below, the download.

Its components are in :mod:`.view`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches.looks import looks

from ...api import Parameters
from ...backend import address, crops, download
from ...backend.memory import Memory
from ...backend.setting import LARGEST_SEED, Setting, alike
from ...languages import _
from ...widgets import knobs, tiles, viewer
from ..shared import Changes, Opens, Session, Values
from . import endpoint, history, look_strip, preview
from .caption import caption
from .look_strip import Strip, setting_of
from .view import EMPTY, ColorizeView, history_value, strip_value


class Colorize(ColorizeView):
    """The first tab: the others send their settings here."""

    title, key = "Colorize", "colorize"

    def show(self, session: Session, setting: Setting) -> Changes:
        """Picture and controls of one setting; empty without a photograph."""
        approach, chosen = session.approach, session.chosen
        sampled = setting.seed is not None
        return {
            **self._draw(session, setting, preview.PLAIN, session.strip),
            self.another: gr.update(visible=approach.samples),
            self.left: gr.update(value=preview.GREY, visible=bool(chosen and chosen.color)),
            self.unsure: gr.update(value=False, visible=approach.distribution),
            self.guess: gr.update(
                value=preview.SAMPLE if sampled else preview.BEST, visible=approach.samples
            ),
            self.seed: gr.update(value=setting.seed or 0, visible=approach.samples),
            self.origin: (setting.around, setting.correlation),
            **{slider: setting.finish[name] for name, slider in self.finish.items()},
            **knobs.updates(approach, self.knobs, setting.knobs),
        }

    def _draw(
        self, session: Session, setting: Setting, showing: preview.Showing, strip: Strip | None
    ) -> Changes:
        memory = session.memory.step(session.key, setting)
        chosen, approach = session.chosen, session.approach
        changes = {
            self.shared.memory: memory,
            self.undo: gr.update(interactive=bool(memory.past)),
            self.redo: gr.update(interactive=bool(memory.future)),
            self.reset_all: gr.update(interactive=not alike(approach, setting, Setting())),
        }
        if chosen is None:
            return {
                **changes,
                self.picture: None,
                self.caption: f"<p>{_(EMPTY)}</p>",
                self.strip: None,
            }
        pair, metrics = preview.pair(
            self.studio, chosen, session.key, setting, session.visitor, showing
        )
        first = self.shared.approaches[0]
        plain = approach is first and alike(approach, setting, Setting())
        where = "" if plain else address.write(approach, setting)
        if strip is None or not strip.of(chosen, session.key):
            strip = Strip(chosen.digest, session.key, (None,) * len(looks(approach)))
        return {
            **changes,
            self.picture: gr.update(value=pair),
            self.caption: caption(chosen, approach, setting, metrics, showing, where),
            self.strip: strip_value(strip, chosen, setting),
        }

    # --- handlers -----------------------------------------------------------------------------

    def setting(self, session: Session, values: Values) -> Setting:
        """Values of the controls."""
        return preview.setting(
            session.key,
            values[self.guess],
            values[self.seed],
            values[self.origin],
            knobs.held({**self.knobs, **self.finish}, values),
        )

    def redraw(self, session: Session, values: Values) -> Changes:
        """Draw what the controls say now; the network does not run."""
        unsure = bool(values[self.unsure]) and session.approach.distribution
        showing = preview.Showing(values[self.left], unsure)
        return self._draw(session, self.setting(session, values), showing, values[self.looks])

    def reseed(self, session: Session, values: Values) -> Changes:
        """A seed was typed: show its sample, which is near no other."""
        origin = ((), values[self.origin][1])
        values = {**values, self.guess: preview.SAMPLE, self.origin: origin}
        changes = self.redraw(session, values)
        return {self.guess: preview.SAMPLE, self.origin: origin, **changes}

    def next_sample(self, session: Session, values: Values) -> Changes:
        """Show the next seed; the first one after the best guess."""
        number = int(values[self.seed] or 0)
        if values[self.guess] == preview.SAMPLE:
            number = min(number + 1, LARGEST_SEED)
        changes = self.redraw(session, {**values, self.seed: number, self.guess: preview.SAMPLE})
        return {self.seed: number, self.guess: preview.SAMPLE, **changes}

    def fill_strip(self, session: Session, values: Values) -> Iterator[Changes | None]:
        """Draw the strip of looks, once the picture itself is there."""
        strip, chosen = values[self.looks], session.chosen
        if chosen is None:
            yield None
            return
        if strip and strip.of(chosen, session.key):
            yield {self.strip: strip_value(strip, chosen, session.setting)}
            return
        for step in look_strip.draw(self.studio, chosen, session.approach, session.visitor):
            yield {self.strip: strip_value(step, chosen, session.setting), self.looks: step}

    def refill_after(self, event: Any) -> None:
        manner = {**self.quiet, "show_progress": "hidden"}
        filled = self.on(
            event.then, self.fill_strip, [self.looks], [self.strip, self.looks], **manner
        )
        self._record_after(filled.then)

    def _record_after(self, event: Any, handler: Any = None) -> None:
        manner = {**self.quiet, "show_progress": "hidden"}
        inputs = [self.history, *self.controls]
        self.on(event, handler or self.record, inputs, self.remembered, **manner)

    def record(self, session: Session, values: Values) -> Changes | None:
        """Add what is shown to the pictures of this visit."""
        return self._record(session, values, session.setting)

    def record_held(self, session: Session, values: Values) -> Changes | None:
        """Add what the controls say, once one of them was let go."""
        return self._record(session, values, self.setting(session, values))

    def _record(self, session: Session, values: Values, setting: Setting) -> Changes | None:
        before = values[self.history]
        if session.chosen is None:
            return None
        now = history.add(
            self.studio, before, session.chosen, session.key, setting, session.visitor
        )
        return None if now == before else self._show_history(now)

    def _show_history(self, now: tuple[history.Entry, ...]) -> Changes:
        return {
            self.history: now,
            self.kept: history_value(now),
            self.visit: gr.update(visible=len(now) > 1),
        }

    def mark(self, session: Session, values: Values) -> Changes | None:
        """A picture of this visit was made a favourite, or is none any more."""
        index = tiles.chosen_index(session.data, len(values[self.history]))
        return (
            None if index is None else self._show_history(history.mark(values[self.history], index))
        )

    def opened(self, session: Session, values: Values) -> tuple[Path, str, Setting] | None:
        """A picture of this visit was chosen: its photograph, and how it was made."""
        index = tiles.chosen_index(session.data, len(values[self.history]))
        if index is None:
            return None
        found = values[self.history][index]
        return Path(found.chosen.path), found.key, found.setting

    def opening(self) -> Opens:
        return self.kept.choose, self.opened, [self.history]

    def use_look(self, session: Session, values: Values) -> Changes | None:
        known = looks(session.approach)
        index = tiles.chosen_index(session.data, len(known))
        if index is None or session.chosen is None:
            return None
        return self._turn(session, values, setting_of(known[index], session.approach))

    def surprise_me(self, session: Session, values: Values) -> Changes | None:
        setting = look_strip.surprise(session.approach, session.setting)
        return self._turn(session, values, setting)

    def reset_settings(self, session: Session, values: Values) -> Changes | None:
        return self._turn(session, values, Setting())

    def go_back(self, session: Session, values: Values) -> Changes | None:
        return self._travel(session, values, session.memory.undo())

    def go_forth(self, session: Session, values: Values) -> Changes | None:
        return self._travel(session, values, session.memory.redo())

    def _travel(self, session: Session, values: Values, memory: Memory) -> Changes | None:
        if memory is session.memory:
            return None
        session = replace(session, memory=memory, strip=values[self.looks])
        return self.shared.turn_to(session, memory.key, memory[memory.key])

    def _turn(self, session: Session, values: Values, setting: Setting) -> Changes:
        return self.show(replace(session, strip=values[self.looks]), setting)

    def part(self, session: Session, values: Values) -> Changes | None:
        """The part of both pictures that the viewer shows, at the photograph's own size."""
        chosen, who = session.chosen, session.visitor
        box = crops.box_of(session.data, chosen) if chosen else None
        if chosen is None or box is None:
            return None
        original = values[self.left] == preview.ORIGINAL
        setting = self.setting(session, values)
        paths: list[str | None] = [
            crops.as_it_came(self.studio, chosen, who, box, original=original),
            crops.in_color(self.studio, chosen, session.key, setting, who, box),
        ]
        if values[self.unsure]:  # a map has no finer pixels
            paths[1] = None
        return {self.viewer: viewer.value(session.data, box, paths)}

    def make_file(self, session: Session, values: Values) -> str:
        """The file at the photograph's own size, made now."""
        setting = self.setting(session, values)
        return download.download(
            self.studio, session.chosen, session.key, setting, session.visitor, values[self.kind]
        )

    def tie(self) -> None:
        live = {**self.dragged, "show_progress_on": self.caption}
        for control in (
            self.left, self.unsure, self.guess, *self.finish.values(), *self.knobs.values()
        ):  # fmt: skip
            drawn = self.on(control.input, self.redraw, self.inputs, self.drawn, **live)
            if control in (self.left, self.unsure):
                continue
            let_go = getattr(control, "release", drawn.then)
            self._record_after(let_go, self.record_held)
        self.on(self.viewer.part, self.part, self.inputs, [self.viewer], **self.dragged)
        sampled = [self.guess, self.seed, self.origin, *self.drawn]
        for event, handler in (
            (self.seed.input, self.reseed), (self.another.click, self.next_sample)
        ):  # fmt: skip
            self._record_after(self.on(event, handler, self.inputs, sampled, **live).then)
        for event, handler in (
            (self.strip.choose, self.use_look),
            (self.surprise.click, self.surprise_me),
            (self.reset_all.click, self.reset_settings),
        ):
            self._record_after(self.on(event, handler, [self.looks], self.everything, **live).then)
        for button, handler in ((self.undo, self.go_back), (self.redo, self.go_forth)):
            turned = self.on(
                button.click, handler, [self.looks], self.shared.method_outputs, **live
            )
            self.refill_after(turned)
        self.on(self.kept.more, self.mark, [self.history], self.remembered, **self.quiet)
        self.shared.download(self.download, self.made, self.make_file, [self.kind, *self.controls])

    def add_endpoint(self, parameters: Parameters) -> None:
        endpoint.add(self.studio, parameters)
