"""The tab *About*: what the knobs do, every method's card, how to train one, what is kept."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ...backend import knob_values
from ...languages import _, filled
from ...widgets import knobs, tiles
from ..base import Tab
from ..shared import LIGHT, Changes, Session, Values
from . import knob_figure, model_cards

ALT = "Photographs in grey, coloured by {title}, and as they were"
DOOR = (
    "For every place of a photograph these methods predict not one colour but a probability for "
    "each of some hundred. Take a painted door in a grey photograph: most doors are greyish brown, "
    "some are red, a few are blue or green. The knobs decide which colour comes of that."
)
TRAIN = """
<h2>@title</h2>
<p>@script</p>
<div class="scroll" tabindex="0" role="region" aria-label="@commands"><pre><code>pip install -r requirements.txt -r train/requirements.txt
python -m train.{module} --photos FOLDER_OR_ZIPS --output runs/{key} --resume
python -m colorizer photo.jpg --approach runs/{key}</code></pre></div>
<p>@run</p>
"""
SCRIPT = (
    "Every method is trained by one script on a folder, or on zip archives, of colour photographs, "
    "on an ordinary computer or a graphics card:"
)
RUN = (
    "A run can be stopped at any time and goes on where it was. <code>train/README.md</code> says "
    "how the weights here were made; <code>python -m train.evaluate</code> measures yours beside "
    "them. A folder of weights under <code>checkpoints/</code> appears on this page."
)
KEPT = (
    "They stay on the computer that runs this page, for at most {minutes} minutes, and nobody else "
    "who visits it can see them. Nothing is sent elsewhere. Colours are a guess, not a record: do "
    "not use them as evidence of how something looked."
)


CARDS = """
<h2>@methods</h2>
{{#each value}}<details class="card"><summary><span class="name">{{title}}</span>
  <span class="what">{{explanation}}</span></summary>
  {{#if missing}}<p><strong>@missing</strong></p>{{/if}}
  <p>@after. @has</p>
  {{#if picture}}<img src="{{picture.url}}" alt="{{alt}}" loading="lazy">{{/if}}
  {{{body}}}</details>
{{/each}}
"""


class About(Tab):
    title, key = "About", "about"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.figure, self.knobs = None, {}
        self.subject = next((a for a in approaches if a.distribution and a.knobs), None)
        if self.subject:
            gr.HTML(introduction(), elem_classes=["prose-wide"])
            with gr.Row(elem_classes=["knobs"]):
                self.knobs = knobs.controls([self.subject], self.subject, "about")
            self.figure = gr.HTML(
                figure_html(self.subject, {}), elem_id="about-figure", apply_default_css=False
            )
        folder = self.studio.files.folder / "colorizer-cards"
        gr.HTML(
            [card_value(card, folder) for card in model_cards.read(approaches)],
            html_template=cards_template(),
            js_on_load=None,
            elem_id="about-cards",
            apply_default_css=False,
        )
        key = html.escape(current.key)
        train = train_your_own(key.replace("-", "_"), key)
        gr.HTML(
            train + kept(self.studio.settings.keep_minutes),
            elem_classes=["prose-wide"],
            apply_default_css=False,
        )

    def turn(self, session: Session, values: Values) -> Changes:
        return {self.figure: figure_html(self.subject, knobs.held(self.knobs, values))}

    def tie(self) -> None:
        controls = list(self.knobs.values())
        for control in controls:
            manner = {**LIGHT, "trigger_mode": "always_last"}
            self.on(control.input, self.turn, controls, [self.figure], **manner)


def introduction() -> str:
    return f"<h2>{_('What the knobs do')}</h2><p>{_(DOOR)}</p>"


def cards_template() -> str:
    link = '<a href="{{url}}" target="_blank" rel="noopener">{{paper}}</a>'
    return filled(
        CARDS,
        methods=_("The methods"),
        missing=_("There are no weights of this method here."),
        after=_("After {paper}", paper=link),
        has=_("It has: {what}", what="{{can}}"),
    )


def train_your_own(module: str, key: str) -> str:
    html = filled(
        TRAIN,
        title=_("Train your own"),
        script=_(SCRIPT),
        commands=_("Commands"),
        run=_(RUN),
    )
    return html.replace("{module}", module).replace("{key}", key)


def kept(minutes: int) -> str:
    return f"<h2>{_('What happens to your photographs')}</h2><p>{_(KEPT, minutes=minutes)}</p>"


def figure_html(approach: Approach, held: Mapping[str, Any]) -> str:
    """The figure for what the controls hold."""
    every = {knob.name: None for knob in approach.knobs}
    return knob_figure.to_html(knob_figure.figure(knob_values.read(approach, {**every, **held})))


def card_value(card: model_cards.Card, folder: Path) -> dict[str, Any]:
    """A card as the template takes it."""
    approach = card.approach
    return {
        "title": approach.title,
        "explanation": _(approach.explanation),
        "paper": approach.paper,
        "url": approach.paper_url,
        "can": model_cards.what_it_can(approach),
        "missing": not card.here,
        "picture": tiles.served(model_cards.small_picture(card, folder)),
        "alt": _(ALT, title=approach.title),
        "body": model_cards.rendered(card),
    }
