"""The tab *Colorize*: grey and colour on one stage, the knobs below, the download."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.analysis import MOST_SEED
from colorizer.approaches import STRENGTH, Approach, check_strength
from colorizer.arguments import whole_number

from .. import api
from ..common import visitor
from ..logic import stage
from ..state import LARGEST_SEED, Setting
from ..studio import Studio
from ..tab import Changes, Session, Tab, Values
from ..widgets import knobs

EMPTY = "<p>Your photograph appears here, grey on one side and in colour on the other.</p>"


class Colorize(Tab):
    """The first tab: the others send their settings here."""

    title, key = "Colorize", "colorize"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.picture = gr.ImageSlider(
            type="filepath",
            format="png",
            label="Grey and colour",
            show_label=False,
            interactive=False,
            buttons=["fullscreen"],
            slider_position=38,
            max_height=4000,
            elem_id="stage",
        )
        with gr.Row(elem_id="below-stage"):
            self.caption = gr.HTML(EMPTY, elem_id="caption")
            self.kind = gr.Radio(
                [stage.PNG, stage.JPEG, stage.SHARED],
                value=stage.PNG,
                label="File",
                show_label=False,
                container=False,
                interactive=True,
                elem_id="download-kind",
            )
            self.download = gr.Button("Download", variant="primary", elem_id="download", scale=0)
            self.made = gr.DownloadButton(visible="hidden", elem_id="made-file")
        with gr.Row(elem_id="looks"):
            self.left = gr.Radio(
                [stage.GREY, stage.ORIGINAL],
                value=stage.GREY,
                label="On the left",
                visible=False,
                interactive=True,
                elem_id="colorize-left",
            )
            self.unsure = gr.Checkbox(
                False,
                label="Show where the model is unsure",
                visible=current.distribution,
                interactive=True,
                elem_id="colorize-unsure",
            )
        with gr.Row(elem_classes=["knobs"]):
            self.knobs = knobs.controls(approaches, current, "colorize")
            self.strength = gr.Slider(
                STRENGTH.minimum,
                STRENGTH.maximum,
                STRENGTH.default,
                step=STRENGTH.step,
                label=STRENGTH.label,
                info=STRENGTH.help,
                buttons=["reset"],
                interactive=True,
                elem_id="colorize-strength",
                elem_classes=["knob"],
            )
        with gr.Row(elem_id="guesses"):
            self.guess = gr.Radio(
                [stage.BEST, stage.SAMPLE],
                value=stage.BEST,
                label="Which guess",
                info="The model's best guess, or one of the many it also finds plausible.",
                visible=current.samples,
                interactive=True,
                elem_id="colorize-guess",
                elem_classes=["knob"],
            )
            self.seed = gr.Number(
                0,
                label="Seed",
                info="The number of a sample. The same seed always gives the same picture.",
                precision=0,
                minimum=0,
                maximum=LARGEST_SEED,
                visible=current.samples,
                interactive=True,
                elem_id="colorize-seed",
                elem_classes=["knob"],
            )
            self.another = gr.Button(
                "Try another sample", visible=current.samples, elem_id="another", scale=0
            )
        self.origin = gr.State(((), None))  # stage.Origin

    # --- what is shown ------------------------------------------------------------------------

    @property
    def controls(self) -> list[Any]:
        return [
            self.left, self.unsure, self.guess, self.seed, self.origin, self.strength,
            *self.knobs.values(),
        ]  # fmt: skip

    @property
    def drawn(self) -> list[Any]:
        """What :meth:`redraw` fills."""
        return [self.picture, self.caption, self.shared.memory]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`show` fills."""
        return [*self.drawn, self.another, *self.controls]

    def show(self, session: Session, setting: Setting) -> Changes:
        """Picture and controls of one setting; empty without a photograph."""
        approach, chosen = session.approach, session.chosen
        sampled = setting.seed is not None
        return {
            **self._draw(session, setting, stage.PLAIN),
            self.another: gr.update(visible=approach.samples),
            self.left: gr.update(value=stage.GREY, visible=bool(chosen and chosen.color)),
            self.unsure: gr.update(value=False, visible=approach.distribution),
            self.guess: gr.update(
                value=stage.SAMPLE if sampled else stage.BEST, visible=approach.samples
            ),
            self.seed: gr.update(value=setting.seed or 0, visible=approach.samples),
            self.origin: (setting.around, setting.correlation),
            self.strength: setting.strength,
            **knobs.updates(approach, self.knobs, setting.knobs),
        }

    def _draw(self, session: Session, setting: Setting, showing: stage.Showing) -> Changes:
        memory = {**session.memory, session.key: setting}
        chosen = session.chosen
        if chosen is None:
            return {self.picture: None, self.caption: EMPTY, self.shared.memory: memory}
        pair, figures = stage.pair(
            self.studio, chosen, session.key, setting, session.visitor, showing
        )
        words = stage.caption(chosen, setting, figures, showing)
        return {
            self.picture: gr.update(value=pair),
            self.caption: words,
            self.shared.memory: memory,
        }

    # --- handlers -----------------------------------------------------------------------------

    def setting(self, session: Session, values: Values) -> Setting:
        """What the controls say."""
        return stage.setting(
            session.key,
            values[self.guess],
            values[self.seed],
            values[self.origin],
            values[self.strength],
            knobs.held(self.knobs, values),
        )

    def redraw(self, session: Session, values: Values) -> Changes:
        """Draw what the controls say now; the network does not run."""
        unsure = bool(values[self.unsure]) and session.approach.distribution
        showing = stage.Showing(values[self.left], unsure)
        return self._draw(session, self.setting(session, values), showing)

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

    def make_file(self, session: Session, values: Values) -> str:
        """The file at the photograph's own size, made now."""
        setting = self.setting(session, values)
        return stage.download(
            self.studio, session.chosen, session.key, setting, session.visitor, values[self.kind]
        )

    def tie(self) -> None:
        live = {**self.dragged, "show_progress_on": self.caption}
        for control in (
            self.left, self.unsure, self.guess, self.strength, *self.knobs.values()
        ):  # fmt: skip
            self.on(control.input, self.redraw, self.controls, self.drawn, **live)
        sampled = [self.guess, self.seed, self.origin, *self.drawn]
        self.on(self.seed.input, self.reseed, self.controls, sampled, **live)
        self.on(self.another.click, self.next_sample, self.controls, sampled, **live)
        self.shared.download(self.download, self.made, self.make_file, [self.kind, *self.controls])

    # --- the endpoint -------------------------------------------------------------------------

    def add_endpoint(self, parameters: api.Parameters) -> None:
        studio = self.studio
        with gr.Column(visible=False):
            seed, result = parameters.seed(None, "Seed"), parameters.picture()

        def colorize_photo(
            photo: str,
            approach: str,
            temperature: float | None = None,
            top_k: float | None = None,
            vividness: float | None = None,
            seed: int | None = None,
            strength: float = 1.0,
            request: gr.Request = None,
        ) -> str:
            turned = api.turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
            if seed is not None:
                seed = whole_number(seed, "seed", 0, MOST_SEED)
            setting = Setting(turned, seed, check_strength(strength))
            return colorize(studio, photo, approach, setting, visitor(request))

        parameters.add(
            "colorize",
            DESCRIPTION,
            colorize_photo,
            [parameters.photo, parameters.approach, *parameters.knobs, seed, parameters.strength],
            result,
        )


DESCRIPTION = """Colorize a photograph. Returns a PNG of the photograph's own size.

{photo}
{approach}
{knobs}
{strength}
seed: None for the one best guess, a whole number from 0 for one of many samples."""


def colorize(studio: Studio, path: str | None, key: str, setting: Setting, visitor: str) -> str:
    """Colorize a photograph at its own size; the path of a PNG."""
    chosen = studio.open(api.given(path), visitor)
    analysis = studio.analysis(chosen, key, visitor)
    return api.written(studio, analysis, setting, visitor, f"{chosen.name}-color")
