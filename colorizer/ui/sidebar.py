"""The column beside the tabs: the photograph and the method, shared by all of them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from colorizer.approaches import Approach

from .common import photo_input
from .examples import Example
from .studio import Chosen, Studio
from .widgets import tiles

THUMBNAIL = 640  # px, longer side of the picture in the drop area
CHOOSE = "() => document.querySelector('#photo input[type=file]').click()"


def thumbnail(studio: Studio, chosen: Chosen, visitor: str) -> str:
    """The photograph as it came, upright, as a small PNG that every browser can show."""
    image = studio.original(chosen, visitor, THUMBNAIL)
    return studio.write(image, "original", visitor, chosen.name)


def about(approach: Approach) -> str:
    """The method in a few words, with its paper."""
    paper, url = html.escape(approach.paper), html.escape(approach.paper_url, quote=True)
    return (
        f"<p>{html.escape(approach.explanation)}</p>"
        f'<p class="paper">After <a href="{url}" target="_blank" rel="noopener">{paper}</a></p>'
    )


@dataclass(frozen=True)
class Side:
    chosen: gr.State
    photo: gr.Image
    choose: gr.Button
    examples: gr.HTML
    method: gr.Dropdown
    about: gr.HTML


def build(approaches: Sequence[Approach], examples: Sequence[Example], limit_mb: int) -> Side:
    """Lays the column out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    chosen = gr.State(None)
    gr.HTML("<h2>Your photograph</h2>", elem_classes=["heading"], elem_id="photo-heading")
    picture = photo_input(
        sources=["upload"],
        label="Photograph",
        show_label=False,
        placeholder=f"# Drop a photograph\nanywhere on this page, up to {limit_mb} MB",
        alt_text="The photograph you opened",
        buttons=[],
        height=190,
        elem_id="photo",
    )
    choose = gr.Button("Choose a photograph", elem_id="choose")
    gr.HTML("<p>Or try one of these:</p>", elem_classes=["heading"], elem_id="examples-heading")
    row = tiles.grid(
        "examples",
        value=tiles.grid_value(
            [tiles.Tile(e.title, e.alt, e.path) for e in examples], len(examples), "1"
        ),
    )
    gr.HTML("<h2>Method</h2>", elem_classes=["heading"], elem_id="method-heading")
    method = gr.Dropdown(
        [(a.title, a.key) for a in approaches],
        value=approaches[0].key if approaches else None,
        label="Method",
        show_label=False,
        container=False,
        filterable=False,
        interactive=True,
        elem_id="method",
    )
    text = about(approaches[0]) if approaches else ""
    return Side(chosen, picture, choose, row, method, gr.HTML(text, elem_id="about-method"))
