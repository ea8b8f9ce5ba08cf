"""The tab *Sample*: several plausible colorizations side by side, each with its seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ... import api
from ...backend.problems import NO_PHOTO, BadInput
from ...backend.setting import LARGEST_SEED
from ...events import warn
from ...languages import _
from ...widgets import knobs, tiles
from ..base import Tab, showing
from ..shared import LIGHT, Changes, Session, Values
from . import endpoint
from .grid import facts, grid_value, seeds, stream, waiting

DEFAULT_COUNT = 4
EMPTY = "Open a photograph, and four different guesses at its colours appear here."
ONE_RESULT = "{title} gives every photograph one result, so there is nothing to sample."
VARIETY_HELP = "Little: likely colours only. Much: rarer colours, each thing for itself."
CORRELATION_HELP = "How far colours agree. Long: one mood for all. Short: every patch for itself."


class Sample(Tab):
    title, key = "Sample", "sample"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.note = gr.HTML(**note(current), elem_classes=["note"])
        with gr.Column(visible=current.samples) as self.body:
            self._choices(current)
            self.facts = gr.HTML(facts(None), elem_id="sample-facts", elem_classes=["note"])
            self.grid = tiles.grid("samples", _(EMPTY))
            with gr.Row(elem_classes=["after"]):
                self.download = gr.Button(
                    _("Download all as zip"), elem_id="sample-download", scale=0
                )
                self.made = gr.DownloadButton(visible="hidden", elem_id="sample-file")
            self._knobs(approaches, current)
        self.sheet, self.around = gr.State(None), gr.State(())
        self.controls = [self.count, self.seed, self.correlation, *self.knobs.values()]
        self.inputs = [self.sheet, self.around, *self.controls]
        self.filled = [self.grid, self.sheet, self.facts, self.around]

    def _choices(self, current: Approach) -> None:
        with gr.Row(elem_classes=["go"]):
            self.count = gr.Slider(
                1,
                self.studio.settings.max_samples,
                min(DEFAULT_COUNT, self.studio.settings.max_samples),
                step=1,
                label=_("Samples"),
                info=_("How many guesses to see side by side."),
                elem_id="sample-count",
                elem_classes=["knob"],
            )
            self.seed = gr.Number(
                0,
                label=_("First seed"),
                info=_("The others count up from it. Another number, other guesses."),
                precision=0,
                minimum=0,
                maximum=LARGEST_SEED,
                elem_id="sample-seed",
                elem_classes=["knob"],
            )
            self.variety = gr.Radio(
                [(_(name), name) for name in seeds.VARIETY],
                value="Some",
                label=_("Variety"),
                info=_(VARIETY_HELP),
                visible=current.knob(seeds.DARING) is not None,
                interactive=True,
                elem_id="sample-variety",
                elem_classes=["knob"],
            )
            self.go = gr.Button(_("Show samples"), variant="primary", elem_id="sample-go", scale=0)

    def _knobs(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        with gr.Row(elem_classes=["knobs"]):
            self.knobs = knobs.controls(approaches, current, "sample", start=dict(current.sampling))
            self.correlation = gr.Slider(
                0,
                2,
                seeds.CORRELATION,
                step=0.05,
                label=_("Correlation length"),
                info=_(CORRELATION_HELP),
                visible=current.coherent,
                buttons=["reset"],
                interactive=True,
                elem_id="sample-correlation",
                elem_classes=["knob"],
            )

    @property
    def everything(self) -> list[Any]:
        return [
            *self.filled, self.note, self.body, self.variety, self.correlation,
            *self.knobs.values(),
        ]  # fmt: skip

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Places without pictures; another method has controls of its own."""
        approach, chosen = session.approach, session.chosen
        empty = None
        if chosen and approach.samples:
            empty = waiting(seeds.settings(session.key, DEFAULT_COUNT, 0, {}), approach)
        changes = {
            self.grid: grid_value(empty, chosen) if empty else None,
            self.sheet: None,
            self.facts: facts(None),
            self.around: (),
            self.note: gr.update(**note(approach)),
            self.body: gr.update(visible=approach.samples),
        }
        if not another_photo:
            daring = approach.knob(seeds.DARING) is not None
            changes |= {
                self.variety: gr.update(value="Some", visible=daring),
                self.correlation: gr.update(value=seeds.CORRELATION, visible=approach.coherent),
                **knobs.updates(approach, self.knobs, dict(approach.sampling)),
            }
        return changes

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Iterator[Changes | None]:
        if session.chosen is None or showing(values[self.sheet], session):
            yield None
        else:
            yield from self.sample(session, values)

    def sample(self, session: Session, values: Values) -> Iterator[Changes]:
        """Draw fresh samples, near none that was kept before."""
        if session.chosen is None:
            warn(_(NO_PHOTO))
        yield from self._stream(session, values, ())

    def more(self, session: Session, values: Values) -> Iterator[Changes | None]:
        """Keep a sample and draw others near it: *More like this*."""
        sheet = values[self.sheet]
        index = tiles.chosen_index(session.data, len(sheet.settings)) if sheet else None
        if session.chosen is None or index is None or not session.approach.coherent:
            yield None
            return
        kept = sheet.settings[index]
        around = (*kept.around, kept.seed)[-seeds.MOST_STEPS :]
        count = values[self.count] if values[self.count] > 1 else DEFAULT_COUNT
        yield from self._stream(session, {**values, self.count: count}, around)

    def _stream(
        self, session: Session, values: Values, around: tuple[int, ...]
    ) -> Iterator[Changes]:
        settings = seeds.settings(
            session.key,
            min(max(int(values[self.count]), 1), self.studio.settings.max_samples),
            values[self.seed],
            knobs.held(self.knobs, values),
            values[self.correlation],
            around,
        )
        for value, sheet, words in stream(self.studio, session, settings):
            yield {self.grid: value, self.sheet: sheet, self.facts: words, self.around: around}

    def vary(self, session: Session, values: Values) -> Changes:
        """Turn the knobs to a variety chosen in one word."""
        temperature, correlation = seeds.variety(session.key, values[self.variety])
        changes = {self.correlation: correlation}
        if seeds.DARING in self.knobs and temperature is not None:
            changes[self.knobs[seeds.DARING]] = temperature
        return changes

    def use(self, session: Session, values: Values) -> Changes | None:
        """Show a sample in Colorize."""
        return self.use_tile(session, values[self.sheet])

    def make_zip(self, session: Session, values: Values) -> str:
        if values[self.sheet] is None:
            raise BadInput(_("There are no samples yet; choose Show samples first."))
        return seeds.archive(self.studio, session.chosen, values[self.sheet], session.visitor)

    def tie(self) -> None:
        self.on(self.go.click, self.sample, self.inputs, self.filled, **self.quiet)
        turned = [self.correlation]
        if seeds.DARING in self.knobs:
            turned.append(self.knobs[seeds.DARING])
        varied = self.on(self.variety.input, self.vary, [self.variety], turned, **LIGHT)
        self.on(varied.then, self.sample, self.inputs, self.filled, **self.quiet)
        self.on(self.grid.more, self.more, self.inputs, self.filled, **self.quiet)
        used = self.on(
            self.grid.choose,
            self.use,
            [self.sheet],
            self.shared.setting_outputs,
            **self.shared.covered,
        )
        self.shared.every[0].refill_after(used)
        self.shared.download(self.download, self.made, self.make_zip, [self.sheet])

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters)


def note(approach: Approach) -> dict[str, Any]:
    text = f"<p>{_(ONE_RESULT, title=approach.title)}</p>"
    return {"value": text, "visible": not approach.samples}
