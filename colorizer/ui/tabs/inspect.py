"""The tab *Inspect*: what the model thinks possible at one point of the photograph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from colorizer.approaches import Approach, get
from colorizer.color import ab_plane
from colorizer.pipeline import Analysis

from ..logic.quality import certainty_map
from ..studio import Chosen, Setting, Studio, render
from ..widgets import pointer
from ..widgets.tiles import served

LIKELIEST = 5
EMPTY = "Open a photograph, then choose any point of it."
EMPTY_MAP = "Here you will see where the model is unsure."
NO_PROBABILITIES = (
    "{title} gives every place one colour and no probabilities, so there is nothing to look into. "
    "Choose another method."
)
NOTE = "<p>Choose any point: what could this be, and how sure is the model?</p>"

READING = """
{{#if value}}{{#with value}}
<div class="reading">
  <figure><img src="{{picture.url}}" alt="{{alt}}">
    <figcaption>Every colour possible here, at the lightness of this place. The larger the disc,
    the likelier; the line is the edge of what a screen can show.</figcaption></figure>
  <div>
    <p class="place">{{place}}</p>
    <p class="entropy"><strong>{{entropy}}</strong> {{meaning}}</p>
    <table class="likeliest"><caption>The likeliest colours</caption><tbody>
      {{#each colors}}<tr><td><span class="swatch" style="background: {{color}}"></span></td>
        <td><code>{{color}}</code></td>
        <td class="bar"><span style="width: {{width}}%"></span></td><td>{{percent}}</td></tr>{{/each}}
    </tbody></table>
    <p class="hint">{{rest}}</p>
  </div>
</div>
{{/with}}{{/if}}
"""


@dataclass(frozen=True)
class Reading:
    """What the model says about one place.

    colours: all, as (a, b, probability), likeliest first.  entropy: in nats.
    """

    x: int
    y: int
    lightness: float
    colours: tuple[ab_plane.Colour, ...]
    entropy: float

    @property
    def choices(self) -> float:
        """As undecided as between so many equally likely colours."""
        return math.exp(self.entropy)

    def likeliest(self) -> list[tuple[str, float]]:
        """(#rrggbb at the place's lightness, probability) of the first few."""
        first = self.colours[:LIKELIEST]
        return [(ab_plane.swatch(self.lightness, a, b), p) for a, b, p in first]

    def picture(self) -> Image.Image:
        return ab_plane.picture(self.lightness, self.colours)


@dataclass(frozen=True)
class Shown:
    """The pictures of the tab and what they belong to; it lives in the page's session state."""

    digest: str
    key: str
    setting: Setting
    photo: str
    map: str

    def still(self, chosen: Chosen, key: str, setting: Setting) -> bool:
        same = (self.digest, self.key, self.setting) == (chosen.digest, key, setting)
        return same and Path(self.photo).is_file() and Path(self.map).is_file()


# --- handlers: plain functions over the library ---------------------------------------------


def read(analysis: Analysis, x: int, y: int, setting: Setting) -> Reading:
    """The model's own probabilities (temperature 1, every colour) at full-size pixel (x, y)."""
    vividness = analysis.approach.knob("vividness") and setting.knobs.get("vividness")
    colours = tuple(analysis.distribution(x, y, vividness=vividness))
    entropy = -sum(p * math.log(p) for _, _, p in colours if p > 0)
    return Reading(x, y, analysis.lightness_at(x, y), colours, entropy)


def pictures(studio: Studio, chosen: Chosen, key: str, setting: Setting, visitor: str) -> Shown:
    """The photograph in colour and its map of uncertainty, as files of one size."""
    analysis = studio.analysis(chosen, key, visitor)
    side = studio.settings.compare_side
    color = render(analysis, setting, side)
    unsure = certainty_map(analysis, setting, studio.preview(chosen, visitor, side))
    return Shown(
        chosen.digest,
        key,
        setting,
        studio.write(color, "map", visitor, f"{chosen.name}-color"),
        studio.write(unsure, "map", visitor, f"{chosen.name}-unsure"),
    )


def reading_value(reading: Reading, path: str) -> dict[str, Any]:
    likeliest = reading.likeliest()
    most = likeliest[0][1]
    rest = 1 - sum(p for _, p in likeliest)
    dark = reading.lightness < 4 or reading.lightness > 98
    return {
        "picture": {**served(path)},
        "alt": f"The colours possible at {reading.x}, {reading.y} on the plane from green to red "
        f"and from blue to yellow; the likeliest is {likeliest[0][0]}",
        "place": f"x {reading.x}, y {reading.y}, lightness {reading.lightness:.0f} of 100",
        "entropy": f"Entropy {reading.entropy:.2f} nats:",
        "meaning": f"as undecided as between {reading.choices:.0f} equally likely colours.",
        "colors": [
            {"color": color, "percent": f"{p:.1%}", "width": f"{100 * p / most:.1f}"}
            for color, p in likeliest
        ],
        "rest": "At this lightness hardly any colour shows, whatever it is."
        if dark
        else f"All other colours together: {rest:.1%}.",
    }


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    photo: gr.HTML
    map: gr.HTML
    x: gr.Number
    y: gr.Number
    reading: gr.HTML
    shown: gr.State  # Shown
    note: gr.HTML
    body: gr.Column

    @property
    def filled(self) -> list[Any]:
        """What :meth:`look` fills."""
        return [self.photo, self.map, self.x, self.y, self.reading, self.shown]

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [*self.filled, self.note, self.body]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Nothing is shown of the photograph or the method before; the point stays where it was."""
        approach = get(key)
        x, y = (chosen.width // 2, chosen.height // 2) if chosen and keep_knobs else (None, None)
        point = [gr.skip() if value is None else value for value in (x, y)]
        body = gr.update(visible=approach.distribution)
        return [None, None, *point, None, None, note(approach), body]

    def look(
        self,
        studio: Studio,
        chosen: Chosen | None,
        key: str,
        setting: Setting,
        visitor: str,
        shown: Shown | None,
        x: float | None,
        y: float | None,
    ) -> Any:
        """Everything for the point (x, y); pictures that are there already stay."""
        if chosen is None or not get(key).distribution:
            return gr.skip()
        setting = Setting(setting.knobs, strength=setting.strength)  # a seed changes nothing here
        if shown is None or not shown.still(chosen, key, setting):
            shown = pictures(studio, chosen, key, setting, visitor)
        x, y = pointer.inside(x, y, chosen)
        reading = read(studio.analysis(chosen, key, visitor), x, y, setting)
        path = studio.write(reading.picture(), "plane", visitor, f"{chosen.name}-plane")
        pins = [pointer.Pin(x, y)]
        return [
            pointer.value(chosen, shown.photo, "The photograph in colour", pins),
            pointer.value(chosen, shown.map, "Where the model is unsure, bright", pins),
            x,
            y,
            reading_value(reading, path),
            shown,
        ]


def note(approach: Approach) -> str:
    if approach.distribution:
        return NOTE
    return f"<p>{NO_PROBABILITIES.format(title=approach.title)}</p>"


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    words = gr.HTML(note(current), elem_classes=["note"])
    with gr.Column(visible=current.distribution) as body:
        with gr.Row(elem_classes=["halves"]):
            picture = pointer.pointer("inspect-photo", EMPTY)
            unsure = pointer.pointer("inspect-map", EMPTY_MAP)
        with gr.Row(elem_classes=["point"]):
            x, y = pointer.axes("inspect")
            gr.HTML(
                "<p class='legend'><span>sure</span><span class='ramp' aria-hidden='true'></span>"
                "<span>unsure</span></p>",
                elem_classes=["note"],
            )
        reading = gr.HTML(
            None, html_template=READING, elem_id="inspect-reading", apply_default_css=False
        )
    return View(picture, unsure, x, y, reading, gr.State(None), words, body)
