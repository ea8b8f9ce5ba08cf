"""The tab *About*: what the knobs do, every method's card, how to train one, what is kept."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach

from ..server.settings import Settings
from ..widgets import knobs, model_cards, tiles
from ..widgets.figure import drawn, figure

INTRODUCTION = """
<h2>What the knobs do</h2>
<p>For every place of a photograph these methods do not answer with one colour but with a
probability for each of some hundred. Take a painted door in a grey photograph: most doors are
greyish brown, some are red, a few are blue or green. The knobs decide which colour comes of that.</p>
"""
TRAIN = """
<h2>Train your own</h2>
<p>Every method is trained by one script on a folder, or on zip archives, of colour photographs, on
an ordinary computer or a graphics card:</p>
<div class="scroll" tabindex="0" role="region" aria-label="Commands"><pre><code>pip install -r requirements.txt -r train/requirements.txt
python -m train.{module} --photos FOLDER_OR_ZIPS --output runs/{key} --resume
python -m colorizer photo.jpg --approach runs/{key}</code></pre></div>
<p>A run can be stopped at any time and goes on where it was. <code>train/README.md</code> says how
the weights here were made; <code>python -m train.evaluate</code> measures yours beside them. A
folder of weights under <code>checkpoints/</code> appears on this page.</p>
"""
KEPT = """
<h2>What happens to your photographs</h2>
<p>They stay on the computer that runs this page, for at most {minutes} minutes, and nobody else who
visits it can see them. Nothing is sent elsewhere. Colours are a guess, not a record: do not use
them as evidence of how something looked.</p>
"""


@dataclass(frozen=True)
class View:
    figure: gr.HTML | None
    knobs: dict[str, gr.Slider | gr.Radio]


def turned(approach: Approach, names: Sequence[str], values: Sequence[Any]) -> str:
    """The figure for what the controls say."""
    return drawn(figure(knobs.read(approach, names, values)))


def card_value(card: model_cards.Card, folder: Path) -> dict[str, Any]:
    """A card as the template takes it."""
    approach = card.approach
    return {
        "title": approach.title,
        "explanation": approach.explanation,
        "paper": approach.paper,
        "url": approach.paper_url,
        "can": model_cards.what_it_can(approach),
        "missing": not card.here,
        "picture": tiles.served(model_cards.small_picture(card, folder)),
        "alt": f"Photographs in grey, coloured by {approach.title}, and as they were",
        "body": model_cards.rendered(card),
    }


CARDS = """
<h2>The methods</h2>
{{#each value}}<details class="card"><summary><span class="name">{{title}}</span>
  <span class="what">{{explanation}}</span></summary>
  {{#if missing}}<p><strong>There are no weights of this method here.</strong></p>{{/if}}
  <p>After <a href="{{url}}" target="_blank" rel="noopener">{{paper}}</a>. It has: {{can}}</p>
  {{#if picture}}<img src="{{picture.url}}" alt="{{alt}}" loading="lazy">{{/if}}
  {{{body}}}</details>
{{/each}}
"""


def build(
    every: Sequence[Approach], known: Sequence[Approach], settings: Settings, folder: Path
) -> View:
    """Lays the tab out and ties its figure.

    every: all approaches of the registry.  known: those with weights.  folder: where pictures of
    the cards go; Gradio must be allowed to serve it.
    """
    view = View(None, {})
    subject = next((a for a in (*known, *every) if a.distribution and a.knobs), None)
    if subject:
        gr.HTML(INTRODUCTION, elem_classes=["prose-wide"])
        with gr.Row(elem_classes=["knobs"]):
            made = knobs.controls([subject], subject, "about")
        names = list(made)
        start = turned(subject, names, [None] * len(names))
        view = View(gr.HTML(start, elem_id="about-figure", apply_default_css=False), made)
        for control in made.values():
            control.input(
                lambda *values: turned(subject, names, values),
                list(made.values()),
                view.figure,
                queue=False,
                show_progress="hidden",
                trigger_mode="always_last",
                api_visibility="private",
            )
    gr.HTML(
        [card_value(card, folder) for card in model_cards.read(every)],
        html_template=CARDS,
        js_on_load=None,
        elem_id="about-cards",
        apply_default_css=False,
    )
    key = html.escape(known[0].key)
    train = TRAIN.format(module=key.replace("-", "_"), key=key)
    gr.HTML(
        train + KEPT.format(minutes=settings.keep_minutes),
        elem_classes=["prose-wide"],
        apply_default_css=False,
    )
    return view
