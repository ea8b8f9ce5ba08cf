"""The tab *Colorize*: grey and colour on one stage, the knobs below, the download."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from colorizer.approaches import STRENGTH, Approach, get
from colorizer.images import photo

from ..logic.quality import certainty_map, measure
from ..state import SIMULATED, guess, note
from ..studio import Chosen, Setting, Studio, in_grey, render
from ..widgets import knobs, montage

BEST, SAMPLE = "Best guess", "A sample"
GREY, ORIGINAL = "Grey", "Original"
PNG, JPEG, SHARED = "PNG", "JPEG", "Before + after"
LARGEST_SEED = 2**31 - 1

DOWNLOAD, MAKING = "Download", "Making it …"

Memory = Mapping[str, Setting]  # approach → how it was last set
# What else belongs to a sample that came from the tab Sample: (around, correlation) of a Setting.
Origin = tuple[tuple[int, ...], float | None]


def follow(elem_id: str) -> str:
    """JavaScript that presses a hidden download button once it holds the file that was made.

    Gradio hands the file to it a moment after the event.
    """
    return f"() => {{ setTimeout(() => document.querySelector('#{elem_id}').click(), 200) }}"


# --- handlers: plain functions over the library ---------------------------------------------


@dataclass(frozen=True)
class Look:
    """What of a photograph is on the stage: what lies on the left, and whether colours or
    uncertainty on the right."""

    left: str = GREY
    unsure: bool = False


PLAIN = Look()


def pair(
    studio: Studio,
    chosen: Chosen,
    key: str,
    setting: Setting,
    visitor: str,
    look: Look = PLAIN,
) -> tuple[tuple[str, str], str]:
    """Two pictures, equally large, as files for the slider; and figures of the result in words."""
    analysis = studio.analysis(chosen, key, visitor)
    side = studio.settings.preview_side
    color = render(analysis, setting, side)
    small = studio.preview(chosen, visitor, side)
    figures = measure(color, small.color)
    if look.unsure and analysis.approach.distribution:
        color = certainty_map(analysis, setting, small)
    path = studio.write(color, "preview", visitor, f"{chosen.name}-color")
    original = look.left == ORIGINAL and chosen.color
    left = studio.truth(chosen, visitor) if original else studio.grey(chosen, visitor)
    return (left, path), figures.words()


def caption(chosen: Chosen, setting: Setting, figures: str = "", look: Look = PLAIN) -> str:
    """What the stage shows, as HTML: the photograph's name, its size, which guess it is."""
    notes = "".join(f" {html.escape(text)}" for text in chosen.notes)
    # One line either way, so that nothing below it moves.
    honest = f"<p class='honest'>{HONEST}{notes}</p>"
    measured = f"<span class='figures'>{html.escape(figures)}</span>" if figures else ""
    return (
        f"<p class='facts'><strong>{html.escape(chosen.name)}</strong> "
        f"<span>{chosen.width} × {chosen.height}</span> <span>{guess(setting)}</span> {measured}"
        f"</p>{LEGEND if look.unsure else honest}"
    )


HONEST = "The colours are a guess, not a record of what was there."
LEGEND = (
    "<p class='legend'><span>sure</span><span class='ramp' aria-hidden='true'></span>"
    "<span>unsure about the colour</span></p>"
)


def setting(
    key: str,
    guess: str,
    seed: float | None,
    origin: Origin,
    strength: float | None,
    names: Sequence[str],
    values: Sequence[Any],
) -> Setting:
    """What the controls of this tab say."""
    around, correlation = origin or ((), None)
    approach = get(key)
    sampled = guess == SAMPLE and approach.samples
    strength = STRENGTH.default if strength is None else float(strength)
    return Setting(
        knobs.read(approach, names, values),
        min(max(int(seed or 0), 0), LARGEST_SEED) if sampled else None,
        min(max(strength, STRENGTH.minimum), STRENGTH.maximum),
        correlation=correlation if sampled else None,
        around=tuple(around) if sampled else (),
    )


def download(
    studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The photograph in colour at its own size, or beside its grey self; the file's path."""
    analysis = studio.analysis(chosen, key, visitor)
    return write(studio, chosen, analysis, setting, visitor, kind)


def write(
    studio: Studio, chosen: Chosen, analysis: Any, setting: Setting, visitor: str, kind: str = PNG
) -> str:
    """The file of one kind, with a note that its colours are simulated."""
    approach = analysis.approach
    name = f"{chosen.name}-color"
    if kind == SHARED:
        side = montage.SHARED_SIDE
        image = montage.before_after(
            in_grey(studio.preview(chosen, visitor, side)),
            render(analysis, setting, side),
            f"After: colours simulated ({approach.title})",
            SIMULATED,
        )
        name = f"{chosen.name}-before-after"
    else:
        image = render(analysis, setting)
    path = studio.place("download", visitor, f"{name}{'.jpg' if kind == JPEG else '.png'}")
    photo.save(image, path, metadata=analysis.photo.metadata, note=note(approach, setting))
    return str(path)


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """The tab's components; other tabs send their choice here."""

    stage: gr.ImageSlider
    caption: gr.HTML
    left: gr.Radio
    unsure: gr.Checkbox
    guess: gr.Radio
    seed: gr.Number
    origin: gr.State  # Origin
    strength: gr.Slider
    another: gr.Button
    kind: gr.Radio
    download: gr.Button
    made: gr.DownloadButton
    memory: gr.State  # Memory: the settings of every method that was used
    knobs: dict[str, gr.Slider | gr.Radio]

    @property
    def controls(self) -> list[Any]:
        return [
            self.memory, self.left, self.unsure, self.guess, self.seed, self.origin,
            self.strength, *self.knobs.values(),
        ]  # fmt: skip

    @property
    def drawn(self) -> list[Any]:
        """What :meth:`redraw` fills."""
        return [self.stage, self.caption, self.memory]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`show` fills."""
        return [self.stage, self.caption, self.another, *self.controls]

    def show(
        self,
        studio: Studio,
        chosen: Chosen | None,
        key: str,
        setting: Setting,
        visitor: str,
        memory: Memory | None = None,
    ) -> list[Any]:
        """Picture and controls of one setting, for ``everything``; empty without a photograph."""
        approach = get(key)
        picture, figures = pair(studio, chosen, key, setting, visitor) if chosen else (None, "")
        sampled = setting.seed is not None
        return [
            gr.update(value=picture),
            caption(chosen, setting, figures) if chosen else EMPTY,
            gr.update(visible=approach.samples),
            {**(memory or {}), key: setting},
            gr.update(value=GREY, visible=bool(chosen and chosen.color)),
            gr.update(value=False, visible=approach.distribution),
            gr.update(value=SAMPLE if sampled else BEST, visible=approach.samples),
            gr.update(value=setting.seed or 0, visible=approach.samples),
            (setting.around, setting.correlation),
            setting.strength,
            *knobs.updates(approach, list(self.knobs), setting.knobs),
        ]

    def redraw(
        self,
        studio: Studio,
        chosen: Chosen | None,
        key: str,
        visitor: str,
        memory: Memory,
        left: str,
        unsure: bool,
        guess: str,
        seed: float | None,
        origin: Origin,
        strength: float | None,
        *values: Any,
    ) -> list[Any]:
        """Picture and caption for what the controls say now; the network does not run."""
        now = setting(key, guess, seed, origin, strength, list(self.knobs), values)
        memory = {**(memory or {}), key: now}
        if chosen is None:
            return [None, EMPTY, memory]
        look = Look(left, bool(unsure) and get(key).distribution)
        picture, figures = pair(studio, chosen, key, now, visitor, look)
        return [picture, caption(chosen, now, figures, look), memory]


def remembered(memory: Memory | None, key: str) -> Setting:
    """How a method was last set; its defaults if it never was."""
    return (memory or {}).get(key, Setting())


EMPTY = "<p>Your photograph appears here, grey on one side and in colour on the other.</p>"


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
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
        kind = gr.Radio(
            [PNG, JPEG, SHARED],
            value=PNG,
            label="File",
            show_label=False,
            container=False,
            interactive=True,
            elem_id="download-kind",
        )
        button = gr.Button(DOWNLOAD, variant="primary", elem_id="download", scale=0)
        made = gr.DownloadButton(visible="hidden", elem_id="made-file")
    with gr.Row(elem_id="looks"):
        left = gr.Radio(
            [GREY, ORIGINAL],
            value=GREY,
            label="On the left",
            visible=False,
            interactive=True,
            elem_id="colorize-left",
        )
        unsure = gr.Checkbox(
            False,
            label="Show where the model is unsure",
            visible=current.distribution,
            interactive=True,
            elem_id="colorize-unsure",
        )
    with gr.Row(elem_classes=["knobs"]):
        made_knobs = knobs.controls(approaches, current, "colorize")
        strength = gr.Slider(
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
        which = gr.Radio(
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
    return View(
        stage, words, left, unsure, which, seed, gr.State(((), None)), strength, another,
        kind, button, made, gr.State({}), made_knobs,
    )  # fmt: skip
