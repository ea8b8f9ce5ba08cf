"""The tab *Inspect*: what the model thinks possible at one point of the photograph."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ... import api
from ...backend.quality import legend
from ...languages import _
from ...widgets import pointer
from ...widgets.more import more
from ...widgets.tiles import served
from ..base import Tab
from ..shared import Changes, Session, Values
from . import distribution, endpoint
from .distribution import Reading

EMPTY = "Open a photograph, then choose any point of it."
EMPTY_MAP = "Here you will see where the model is unsure."
NO_PROBABILITIES = (
    "{title} gives every place one colour and no probabilities, so there is nothing to look into. "
    "Choose another method."
)
NOTE = "Choose any point: what could this be, and how sure is the model?"
PLANE = (
    "Every colour possible here, at the lightness of this place. The larger the disc, the likelier; "
    "the line is the edge of what a screen can show."
)
ALT = (
    "The colours possible at {x}, {y} on the plane from green to red and from blue to yellow; the "
    "likeliest is {color}"
)

READING = """
{{#if value}}{{#with value}}
<div class="reading">
  <figure><img src="{{picture.url}}" alt="{{alt}}">
    <figcaption>@plane</figcaption></figure>
  <div>
    <p class="place">{{place}}</p>
    <p class="entropy">{{meaning}}</p>
    <table class="likeliest"><caption>@likeliest</caption><tbody>
      {{#each colors}}<tr><td><span class="swatch" style="background: {{color}}"></span></td>
        <td><code>{{color}}</code></td>
        <td class="bar"><span style="width: {{width}}%"></span></td><td>{{percent}}</td></tr>{{/each}}
    </tbody></table>
    <p class="hint">{{rest}}</p>
    {{{more}}}
  </div>
</div>
{{/with}}{{/if}}
"""


class Inspect(Tab):
    title, key = "Inspect", "inspect"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.note = gr.HTML(note(current), elem_classes=["note"])
        with gr.Column(visible=current.distribution) as self.body:
            with gr.Row(elem_classes=["halves"]):
                self.photo = pointer.pointer("inspect-photo", _(EMPTY))
                self.map = pointer.pointer("inspect-map", _(EMPTY_MAP))
            with gr.Row(elem_classes=["point"]):
                self.x, self.y = pointer.axes("inspect")
                gr.HTML(legend(_("unsure")), elem_classes=["note"])
            self.reading = gr.HTML(
                None,
                html_template=reading_template(),
                elem_id="inspect-reading",
                apply_default_css=False,
            )
        self.shown = gr.State(None)  # distribution.Shown
        self.inputs = [self.shown, self.x, self.y]
        self.filled = [self.photo, self.map, self.x, self.y, self.reading, self.shown]

    @property
    def everything(self) -> list[Any]:
        return [*self.filled, self.note, self.body]

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Nothing of the photograph or the method before; the point stays with its photograph."""
        chosen = session.chosen
        middle = {}
        if chosen and another_photo:
            middle = {self.x: chosen.width // 2, self.y: chosen.height // 2}
        return {
            **dict.fromkeys((self.photo, self.map, self.reading, self.shown)),
            **middle,
            self.note: note(session.approach),
            self.body: gr.update(visible=session.approach.distribution),
        }

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Changes | None:
        """Everything for the point (x, y); pictures that are there already stay."""
        chosen, key, who = session.chosen, session.key, session.visitor
        if chosen is None or not session.approach.distribution:
            return None
        setting, shown = session.setting, values[self.shown]
        setting = replace(setting, seed=None, around=(), correlation=None)  # changes nothing here
        if shown is None or not shown.still(chosen, key, setting):
            shown = distribution.pictures(self.studio, chosen, key, setting, who)
        x, y = pointer.inside(values[self.x], values[self.y], chosen)
        found = distribution.read(self.studio.analysis(chosen, key, who), x, y, setting)
        path = self.studio.files.write(found.picture(), "plane", who, f"{chosen.name}-plane")
        pins = [pointer.Pin(x, y)]
        return {
            self.photo: pointer.value(chosen, shown.photo, _("The photograph in colour"), pins),
            self.map: pointer.value(
                chosen, shown.map, _("Where the model is unsure, bright"), pins
            ),
            self.x: x,
            self.y: y,
            self.reading: reading_value(found, path),
            self.shown: shown,
        }

    def point(self, session: Session, values: Values) -> Changes | None:
        """A click on the photograph or on its map."""
        place = pointer.place(session.data, session.chosen) if session.chosen else None
        if place is None:
            return None
        return self.fill(session, {**values, self.x: place[0], self.y: place[1]})

    def typed(self, session: Session, values: Values) -> Changes:
        """A number was typed; the fields themselves are left alone meanwhile."""
        changes = self.fill(session, values) or {}
        return {c: value for c, value in changes.items() if c not in (self.x, self.y)}

    def tie(self) -> None:
        manner = {**self.dragged, "show_progress_on": self.note}
        for picture in (self.photo, self.map):
            self.on(picture.point, self.point, self.inputs, self.filled, **manner)
        # One event for both, or an answer without the newer of two numbers can come last.
        either = partial(gr.on, [self.x.input, self.y.input])
        self.on(either, self.typed, self.inputs, self.filled, **manner)

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters)


def reading_template() -> str:
    likeliest = _("The likeliest colours")
    return READING.replace("@plane", _(PLANE)).replace("@likeliest", likeliest)


def reading_value(found: Reading, path: str) -> dict[str, Any]:
    likeliest = found.likeliest()
    most = likeliest[0][1]
    rest = 1 - sum(p for _, p in likeliest)
    dark = found.lightness < 4 or found.lightness > 98
    return {
        "picture": {**served(path)},
        "alt": _(ALT, x=found.x, y=found.y, color=likeliest[0][0]),
        "place": _(
            "x {x}, y {y}, lightness {lightness} of 100",
            x=found.x,
            y=found.y,
            lightness=f"{found.lightness:.0f}",
        ),
        "more": more(_("Entropy {entropy} nats", entropy=f"{found.entropy:.2f}")),
        "meaning": _(
            "As undecided as between {count} equally likely colours.", count=f"{found.choices:.0f}"
        ),
        "colors": [
            {"color": color, "percent": f"{p:.1%}", "width": f"{100 * p / most:.1f}"}
            for color, p in likeliest
        ],
        "rest": _("At this lightness hardly any colour shows, whatever it is.")
        if dark
        else _("All other colours together: {share}.", share=f"{rest:.1%}"),
    }


def note(approach: Approach) -> str:
    if approach.distribution:
        return f"<p>{_(NOTE)}</p>"
    return f"<p>{_(NO_PROBABILITIES, title=approach.title)}</p>"
