"""The tab *Colorize*: grey and colour on one stage, the knobs below, the download."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer import photo
from colorizer.approaches import Approach, get

from . import knobs
from .studio import Chosen, Setting, Studio, render

BEST, SAMPLE = "Best guess", "A sample"
LARGEST_SEED = 2**31 - 1

DOWNLOAD, MAKING = "Download PNG", "Making it …"
# The hidden button holds the file that was made.  Gradio hands the file to it a moment later.
FOLLOW = "() => { setTimeout(() => document.querySelector('#made-file').click(), 200) }"


# --- handlers: plain functions over the library ---------------------------------------------


def pair(
    studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str
) -> tuple[str, str]:
    """Grey and colour, equally large, as files for the slider."""
    color = render(studio.analysis(chosen, key, visitor), setting, studio.settings.preview_side)
    return studio.grey(chosen, key, visitor), studio.write(
        color, "preview", visitor, f"{chosen.name}-color"
    )


def caption(chosen: Chosen, setting: Setting) -> str:
    """What the stage shows, as HTML: the photograph's name, its size, which guess it is."""
    which = "the best guess" if setting.seed is None else f"sample with seed {setting.seed}"
    notes = "".join(f" {html.escape(note)}" for note in chosen.notes)
    return (
        f"<p class='facts'><strong>{html.escape(chosen.name)}</strong> "
        f"<span>{chosen.width} × {chosen.height}</span> <span>{which}</span></p>"
        f"<p class='honest'>The colours are a guess, not a record of what was there.{notes}</p>"
    )


def setting(
    key: str, guess: str, seed: float | None, names: Sequence[str], values: Sequence[Any]
) -> Setting:
    """What the controls of this tab say."""
    approach = get(key)
    sampled = guess == SAMPLE and approach.samples
    return Setting(
        knobs.read(approach, names, values),
        min(max(int(seed or 0), 0), LARGEST_SEED) if sampled else None,
    )


def download(studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str) -> str:
    """The photograph in colour at its own size, as a lossless PNG; its path."""
    analysis = studio.analysis(chosen, key, visitor)
    path: Path = studio.place("download", visitor, f"{chosen.name}-color.png")
    photo.save(render(analysis, setting), path, exif=analysis.photo.exif)
    return str(path)


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """The tab's components; other tabs send their choice here."""

    stage: gr.ImageSlider
    caption: gr.HTML
    guess: gr.Radio
    seed: gr.Number
    another: gr.Button
    download: gr.Button
    made: gr.DownloadButton
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def controls(self) -> list[Any]:
        return [self.guess, self.seed, *self.knobs.values()]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`show` fills."""
        return [self.stage, self.caption, self.another, *self.controls]

    def show(
        self, studio: Studio, chosen: Chosen | None, key: str, setting: Setting, visitor: str
    ) -> list[Any]:
        """Picture and controls of one setting, for ``everything``; empty without a photograph."""
        approach = get(key)
        picture = pair(studio, chosen, key, setting, visitor) if chosen else None
        return [
            gr.update(value=picture),
            caption(chosen, setting) if chosen else EMPTY,
            gr.update(visible=approach.samples),
            gr.update(value=BEST if setting.seed is None else SAMPLE, visible=approach.samples),
            gr.update(value=setting.seed or 0, visible=approach.samples),
            *knobs.updates(approach, list(self.knobs), setting.knobs),
        ]

    def redraw(
        self,
        studio: Studio,
        chosen: Chosen | None,
        key: str,
        visitor: str,
        guess: str,
        seed: float | None,
        *values: Any,
    ) -> list[Any]:
        """Picture and caption for what the controls say now; the network does not run."""
        if chosen is None:
            return [None, EMPTY]
        now = setting(key, guess, seed, list(self.knobs), values)
        return [pair(studio, chosen, key, now, visitor), caption(chosen, now)]


EMPTY = "<p>Your photograph appears here, grey on one side and in colour on the other.</p>"


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`.page`."""
    stage = gr.ImageSlider(
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
        words = gr.HTML(EMPTY, elem_id="caption")
        button = gr.Button(DOWNLOAD, variant="primary", elem_id="download", scale=0)
        made = gr.DownloadButton(visible="hidden", elem_id="made-file")
    with gr.Row(elem_classes=["knobs"]):
        made_knobs = knobs.controls(approaches, current, "colorize")
    with gr.Row(elem_id="guesses"):
        guess = gr.Radio(
            [BEST, SAMPLE],
            value=BEST,
            label="Which guess",
            info="The model's best guess, or one of the many it also finds plausible.",
            visible=current.samples,
            interactive=True,
            elem_id="colorize-guess",
            elem_classes=["knob"],
        )
        seed = gr.Number(
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
        another = gr.Button(
            "Try another sample", visible=current.samples, elem_id="another", scale=0
        )
    return View(stage, words, guess, seed, another, button, made, made_knobs)
