"""The components of the tab *Colorize*, from the stage down to what was made in this visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get
from colorizer.approaches.looks import looks

from ...backend import download, knob_values
from ...backend.setting import LARGEST_SEED, Chosen, Setting, changed, guess
from ...languages import _
from ...widgets import knobs, tiles, viewer
from ..base import Tab
from . import preview
from .history import Entry
from .look_strip import Strip, shown_look

MADE = "Made in this visit"
STAR, STARRED = "☆ Keep as favourite", "★ Favourite"
EMPTY = "Your photograph appears here, grey on one side and in colour on the other."
# The button opens what has the class "fine"; see page.js.
FINE = '<button type="button" class="fine-button" aria-expanded="false">{words}</button>'


class ColorizeView(Tab):
    """The tab's components, and lists of those that handlers read and fill together."""

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self._stage()
        self._acts()
        self._below_stage()
        self._showing(current)
        self._knobs(approaches, current)
        self._guesses(current)
        with gr.Column(visible=False, elem_id="made") as self.visit:
            gr.HTML(f"<h2>{_(MADE)}</h2>", elem_classes=["heading"])
            self.kept = tiles.grid("made-strip")
        self.history = gr.State(())  # tuple[history.Entry, ...]
        self.origin = gr.State(((), None))  # preview.Origin
        self.looks = gr.State(None)  # look_strip.Strip

    def _stage(self) -> None:
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

    def _acts(self) -> None:
        small = {"scale": 0, "size": "sm"}
        with gr.Row(elem_id="acts"):
            self.surprise = gr.Button(_("Surprise me"), elem_id="surprise", **small)
            viewer.opener(self.key, _("Zoom in"))
            self.undo = gr.Button(_("Undo"), interactive=False, elem_id="undo", **small)
            self.redo = gr.Button(_("Redo"), interactive=False, elem_id="redo", **small)
            self.reset_all = gr.Button(_("Reset"), interactive=False, elem_id="reset", **small)
            self.shared.pin = gr.Checkbox(
                False,
                label=_("Keep these settings for the next photograph"),
                container=False,
                interactive=True,
                elem_id="pin",
            )

    def _below_stage(self) -> None:
        with gr.Row(elem_id="below-stage"):
            self.caption = gr.HTML(f"<p>{_(EMPTY)}</p>", elem_id="caption")
            self.kind = gr.Radio(
                [download.PNG, download.JPEG, (_(download.SHARED), download.SHARED)],
                value=download.PNG,
                label=_("File"),
                show_label=False,
                container=False,
                interactive=True,
                elem_id="download-kind",
            )
            self.download = gr.Button(_("Download"), variant="primary", elem_id="download", scale=0)
            self.made = gr.DownloadButton(visible="hidden", elem_id="made-file")

    def _showing(self, current: Approach) -> None:
        with gr.Row(elem_id="showing"):
            self.left = gr.Radio(
                [(_(kind), kind) for kind in (preview.GREY, preview.ORIGINAL)],
                value=preview.GREY,
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

    def _knobs(self, approaches: tuple[Approach, ...], current: Approach) -> None:
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

    def _guesses(self, current: Approach) -> None:
        shown = {"visible": current.samples, "interactive": True, "elem_classes": ["knob"]}
        with gr.Row(elem_id="guesses", elem_classes=["fine"]):
            self.guess = gr.Radio(
                [(_(kind), kind) for kind in (preview.BEST, preview.SAMPLE)],
                value=preview.BEST,
                label=_("Which guess"),
                info=_("The model’s best guess, or one of the many it also finds plausible."),
                elem_id="colorize-guess",
                **shown,
            )
            self.seed = gr.Number(
                0,
                label=_("Seed"),
                info=_("The number of a sample. The same seed always gives the same picture."),
                precision=0,
                minimum=0,
                maximum=LARGEST_SEED,
                elem_id="colorize-seed",
                **shown,
            )
            self.another = gr.Button(
                _("Try another sample"), visible=current.samples, elem_id="another", scale=0
            )

    @property
    def controls(self) -> list[Any]:
        return [
            self.left, self.unsure, self.guess, self.seed, self.origin, *self.finish.values(),
            *self.knobs.values(),
        ]  # fmt: skip

    @property
    def inputs(self) -> list[Any]:
        """Components that a new picture is drawn from."""
        return [self.looks, *self.controls]

    @property
    def drawn(self) -> list[Any]:
        """Components that a new picture fills."""
        return [
            self.picture, self.caption, self.shared.memory, self.strip, self.undo, self.redo,
            self.reset_all,
        ]  # fmt: skip

    @property
    def everything(self) -> list[Any]:
        """Components that another setting fills."""
        return [*self.drawn, self.another, *self.controls]

    @property
    def remembered(self) -> list[Any]:
        """Components that one more picture of this visit fills."""
        return [self.history, self.kept, self.visit]


def strip_value(strip: Strip, chosen: Chosen, setting: Setting) -> dict[str, Any]:
    """The strip of looks as its grid takes it; the look that is shown is pressed."""
    approach = get(strip.key)
    known, shown = looks(approach), shown_look(approach, setting)
    made = [
        tiles.Tile(_(look.title), _(look.explanation), path, pressed=look is shown)
        for look, path in zip(known, strip.paths, strict=True)
    ]
    return tiles.grid_value(made, len(made), tiles.shape(chosen.width, chosen.height))


def history_value(pictures: Sequence[Entry]) -> dict[str, Any]:
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
