"""The tab *Colorize*: grey and colour on one stage, the knobs below, the download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import ADJUSTMENTS, Approach, check_adjustments, get
from colorizer.approaches.arguments import whole_number
from colorizer.approaches.looks import get_look, looks
from colorizer.pipeline.options import MOST_SEED

from ... import api
from ...backend import address, crops, knob_values
from ...backend.memory import Memory
from ...backend.setting import LARGEST_SEED, Chosen, Setting, alike, changed, guess
from ...backend.studio import Studio
from ...events import visitor
from ...languages import _
from ...widgets import knobs, tiles, viewer
from ..base import Tab
from ..shared import Changes, Opens, Session, Values
from . import history, look_strip, stage
from .look_strip import Strip, setting_of, shown_look

MADE = "Made in this visit"
STAR, STARRED = "☆ Keep as favourite", "★ Favourite"
EMPTY = "Your photograph appears here, grey on one side and in colour on the other."


# The button opens what has the class "fine"; see page.js.
FINE = '<button type="button" class="fine-button" aria-expanded="false">{words}</button>'


class Colorize(Tab):
    """The first tab: the others send their settings here."""

    title, key = "Colorize", "colorize"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.picture = gr.ImageSlider(
            type="filepath",
            format="png",
            label=_("Grey and colour"),
            show_label=False,
            interactive=False,
            buttons=["fullscreen"],
            slider_position=38,
            max_height=4000,
            elem_id="stage",
        )
        self.viewer = viewer.viewer(self.key)
        self.strip = tiles.grid("look-strip", "")
        with gr.Row(elem_id="acts"):
            self.surprise = gr.Button(_("Surprise me"), elem_id="surprise", scale=0, size="sm")
            viewer.opener(self.key, _("Zoom in"))
            self.undo = gr.Button(_("Undo"), interactive=False, elem_id="undo", scale=0, size="sm")
            self.redo = gr.Button(_("Redo"), interactive=False, elem_id="redo", scale=0, size="sm")
            self.reset_all = gr.Button(
                _("Reset"), interactive=False, elem_id="reset", scale=0, size="sm"
            )
            self.shared.pin = gr.Checkbox(
                False,
                label=_("Keep these settings for the next photograph"),
                container=False,
                interactive=True,
                elem_id="pin",
            )
        with gr.Row(elem_id="below-stage"):
            self.caption = gr.HTML(f"<p>{_(EMPTY)}</p>", elem_id="caption")
            self.kind = gr.Radio(
                [stage.PNG, stage.JPEG, (_(stage.SHARED), stage.SHARED)],
                value=stage.PNG,
                label=_("File"),
                show_label=False,
                container=False,
                interactive=True,
                elem_id="download-kind",
            )
            self.download = gr.Button(_("Download"), variant="primary", elem_id="download", scale=0)
            self.made = gr.DownloadButton(visible="hidden", elem_id="made-file")
        with gr.Row(elem_id="showing"):
            self.left = gr.Radio(
                [(_(kind), kind) for kind in (stage.GREY, stage.ORIGINAL)],
                value=stage.GREY,
                label=_("On the left"),
                visible=False,
                interactive=True,
                elem_id="colorize-left",
            )
            self.unsure = gr.Checkbox(
                False,
                label=_("Show where the model is unsure"),
                visible=current.distribution,
                interactive=True,
                elem_id="colorize-unsure",
            )
        fine = {knob.name for a in approaches for knob in a.knobs if knob.fine}
        plain = [name for name in knob_values.names(approaches) if name not in fine]
        with gr.Row(elem_classes=["knobs"], elem_id="main-knobs"):
            self.knobs = knobs.controls(approaches, current, "colorize", without=fine)
        gr.HTML(
            FINE.format(words=_("Fine control")), elem_id="fine-toggle", apply_default_css=False
        )
        with gr.Row(elem_classes=["knobs", "fine"]):
            self.knobs |= knobs.controls(approaches, current, "colorize", without=plain)
            self.finish = knobs.adjustments("colorize")
        with gr.Row(elem_id="guesses", elem_classes=["fine"]):
            self.guess = gr.Radio(
                [(_(kind), kind) for kind in (stage.BEST, stage.SAMPLE)],
                value=stage.BEST,
                label=_("Which guess"),
                info=_("The model’s best guess, or one of the many it also finds plausible."),
                visible=current.samples,
                interactive=True,
                elem_id="colorize-guess",
                elem_classes=["knob"],
            )
            self.seed = gr.Number(
                0,
                label=_("Seed"),
                info=_("The number of a sample. The same seed always gives the same picture."),
                precision=0,
                minimum=0,
                maximum=LARGEST_SEED,
                visible=current.samples,
                interactive=True,
                elem_id="colorize-seed",
                elem_classes=["knob"],
            )
            self.another = gr.Button(
                _("Try another sample"), visible=current.samples, elem_id="another", scale=0
            )
        with gr.Column(visible=False, elem_id="made") as self.visit:
            gr.HTML(f"<h2>{_(MADE)}</h2>", elem_classes=["heading"])
            self.kept = tiles.grid("made-strip")
        self.history = gr.State(())  # tuple[Made, ...]
        self.origin = gr.State(((), None))  # stage.Origin
        self.looks = gr.State(None)  # look_strip.Strip

    # --- what is shown ------------------------------------------------------------------------

    @property
    def controls(self) -> list[Any]:
        return [
            self.left, self.unsure, self.guess, self.seed, self.origin, *self.finish.values(),
            *self.knobs.values(),
        ]  # fmt: skip

    @property
    def inputs(self) -> list[Any]:
        """Components that :meth:`redraw` reads."""
        return [self.looks, *self.controls]

    @property
    def drawn(self) -> list[Any]:
        """Components that :meth:`redraw` fills."""
        return [
            self.picture, self.caption, self.shared.memory, self.strip, self.undo, self.redo,
            self.reset_all,
        ]  # fmt: skip

    @property
    def everything(self) -> list[Any]:
        """Components that :meth:`show` fills."""
        return [*self.drawn, self.another, *self.controls]

    def show(self, session: Session, setting: Setting) -> Changes:
        """Picture and controls of one setting; empty without a photograph."""
        approach, chosen = session.approach, session.chosen
        sampled = setting.seed is not None
        return {
            **self._draw(session, setting, stage.PLAIN, session.strip),
            self.another: gr.update(visible=approach.samples),
            self.left: gr.update(value=stage.GREY, visible=bool(chosen and chosen.color)),
            self.unsure: gr.update(value=False, visible=approach.distribution),
            self.guess: gr.update(
                value=stage.SAMPLE if sampled else stage.BEST, visible=approach.samples
            ),
            self.seed: gr.update(value=setting.seed or 0, visible=approach.samples),
            self.origin: (setting.around, setting.correlation),
            **{slider: setting.finish[name] for name, slider in self.finish.items()},
            **knobs.updates(approach, self.knobs, setting.knobs),
        }

    def _draw(
        self, session: Session, setting: Setting, showing: stage.Showing, strip: Strip | None
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
        pair, figures = stage.pair(
            self.studio, chosen, session.key, setting, session.visitor, showing
        )
        first = self.shared.approaches[0]
        plain = approach is first and alike(approach, setting, Setting())
        where = "" if plain else address.written(approach, setting)
        if strip is None or not strip.of(chosen, session.key):
            strip = Strip(chosen.digest, session.key, (None,) * len(looks(approach)))
        return {
            **changes,
            self.picture: gr.update(value=pair),
            self.caption: stage.caption(chosen, approach, setting, figures, showing, where),
            self.strip: strip_value(strip, chosen, setting),
        }

    # --- handlers -----------------------------------------------------------------------------

    def setting(self, session: Session, values: Values) -> Setting:
        """Values of the controls."""
        return stage.setting(
            session.key,
            values[self.guess],
            values[self.seed],
            values[self.origin],
            knobs.held({**self.knobs, **self.finish}, values),
        )

    def redraw(self, session: Session, values: Values) -> Changes:
        """Draw what the controls say now; the network does not run."""
        unsure = bool(values[self.unsure]) and session.approach.distribution
        showing = stage.Showing(values[self.left], unsure)
        return self._draw(session, self.setting(session, values), showing, values[self.looks])

    def reseed(self, session: Session, values: Values) -> Changes:
        """A seed was typed: show its sample, which is near no other."""
        origin = ((), values[self.origin][1])
        values = {**values, self.guess: stage.SAMPLE, self.origin: origin}
        changes = self.redraw(session, values)
        return {self.guess: stage.SAMPLE, self.origin: origin, **changes}

    def next_sample(self, session: Session, values: Values) -> Changes:
        """Show the next seed; the first one after the best guess."""
        number = int(values[self.seed] or 0)
        if values[self.guess] == stage.SAMPLE:
            number = min(number + 1, LARGEST_SEED)
        changes = self.redraw(session, {**values, self.seed: number, self.guess: stage.SAMPLE})
        return {self.seed: number, self.guess: stage.SAMPLE, **changes}

    def fill_strip(self, session: Session, values: Values) -> Iterator[Changes | None]:
        """Draw the strip of looks, once the picture itself is there."""
        strip, chosen = values[self.looks], session.chosen
        if chosen is None or (strip and strip.of(chosen, session.key)):
            yield None
            return
        for step in look_strip.drawn(self.studio, chosen, session.approach, session.visitor):
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

    @property
    def remembered(self) -> list[Any]:
        """What :meth:`record` fills."""
        return [self.history, self.kept, self.visit]

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
        now = history.added(
            self.studio, before, session.chosen, session.key, setting, session.visitor
        )
        return None if now == before else self._show_history(now)

    def _show_history(self, now: tuple[history.Made, ...]) -> Changes:
        return {
            self.history: now,
            self.kept: history_value(now),
            self.visit: gr.update(visible=len(now) > 1),
        }

    def mark(self, session: Session, values: Values) -> Changes | None:
        """A picture of this visit was made a favourite, or is none any more."""
        index = tiles.chosen_index(session.data, len(values[self.history]))
        return (
            None
            if index is None
            else self._show_history(history.marked(values[self.history], index))
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
        original = values[self.left] == stage.ORIGINAL
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
        return stage.download(
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
            turned = self.on(button.click, handler, [self.looks], self.shared.turned_to, **live)
            self.refill_after(turned)
        self.on(self.kept.more, self.mark, [self.history], self.remembered, **self.quiet)
        self.shared.download(self.download, self.made, self.make_file, [self.kind, *self.controls])

    # --- the endpoint -------------------------------------------------------------------------

    def add_endpoint(self, parameters: api.Parameters) -> None:
        studio = self.studio
        with gr.Column(visible=False):
            seed, result = parameters.seed(None, "Seed"), parameters.picture()
            finish = [gr.Number(None, label=knob.label) for knob in ADJUSTMENTS]
            look = gr.Dropdown([x.key for x in looks()], value=None, label="Look")

        def colorize_photo(
            photo: str,
            approach: str,
            temperature: float | None = None,
            top_k: float | None = None,
            vividness: float | None = None,
            seed: int | None = None,
            strength: float | None = None,
            warmth: float | None = None,
            saturation: float | None = None,
            white_balance: float | None = None,
            look: str | None = None,
            request: gr.Request = None,
        ) -> str:
            turned = api.turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
            if seed is not None:
                seed = whole_number(seed, "seed", 0, MOST_SEED)
            finish = {"strength": strength, "warmth": warmth, "saturation": saturation,
                      "white_balance": white_balance}  # fmt: skip
            finish = {name: value for name, value in finish.items() if value is not None}
            setting = setting_of(get_look(look or looks()[0].key, get(approach)), get(approach))
            setting = replace(
                setting,
                knobs={**setting.knobs, **turned},
                seed=setting.seed if seed is None else seed,
                **check_adjustments(**finish),
            )
            return colorize(studio, photo, approach, setting, visitor(request))

        parameters.add(
            "colorize",
            DESCRIPTION,
            colorize_photo,
            [parameters.photo, parameters.approach, *parameters.knobs, seed, *finish, look],
            result,
        )


DESCRIPTION = """Colorize a photograph. Returns a PNG of the photograph's own size.

{photo}
{approach}
{knobs}
{strength}
seed: None for the one best guess, a whole number from 0 for one of many samples.
warmth: -1 for cooler light, 1 for warmer.
saturation: 0 is grey, 1 as decoded, up to 2.
white_balance: 0 to 1, how much of a tint over everything is taken out.
look: settings with a name, which those above refine: {looks}."""


def colorize(studio: Studio, path: str | None, key: str, setting: Setting, visitor: str) -> str:
    """Colorize a photograph at its own size; the path of a PNG."""
    chosen = studio.open(api.given(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    return api.written(studio, analysis, setting, visitor, f"{chosen.name}-color")


def strip_value(strip: Strip, chosen: Chosen, setting: Setting) -> dict[str, Any]:
    """The strip of looks as its grid takes it; the look that is shown is pressed."""
    approach = get(strip.key)
    known, shown = looks(approach), shown_look(approach, setting)
    made = [
        tiles.Tile(_(look.title), _(look.explanation), path, pressed=look is shown)
        for look, path in zip(known, strip.paths, strict=True)
    ]
    return tiles.grid_value(made, len(made), tiles.shape(chosen.width, chosen.height))


def history_value(pictures: Sequence[history.Made]) -> dict[str, Any]:
    """The pictures of this visit as their grid takes them."""
    found = []
    for one in pictures:
        approach = get(one.key)
        look = shown_look(approach, one.setting)
        words = (
            _(look.title)
            if look
            else ", ".join(changed(approach, one.setting)[:2]) or guess(one.setting)
        )
        found.append(
            tiles.Tile(
                one.chosen.name,
                f"{one.chosen.name}, {words}",
                one.path,
                about=words,
                more=_(STARRED if one.favourite else STAR),
            )
        )
    return tiles.grid_value(found, 8, "1")
