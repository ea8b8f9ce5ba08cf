"""The column beside the tabs: the photograph and the method, shared by all of them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from colorizer.approaches import Approach

from ..backend.setting import Chosen
from ..backend.studio import Studio
from ..languages import _
from ..widgets import tiles
from ..widgets.upload import photo_input
from .examples import Example

THUMBNAIL = 640  # px, longer side of the picture in the drop area
CHOOSE = "() => document.querySelector('#photo input[type=file]').click()"


def thumbnail(studio: Studio, chosen: Chosen, visitor: str) -> str:
    """The photograph as it came, upright, as a small PNG that every browser can show."""
    image = studio.original(chosen, visitor, THUMBNAIL)
    return studio.files.write(image, "original", visitor, chosen.name)


def about(approach: Approach) -> str:
    """The method in a few words, with its paper."""
    paper, url = html.escape(approach.paper), html.escape(approach.paper_url, quote=True)
    link = f'<a href="{url}" target="_blank" rel="noopener">{paper}</a>'
    return f'<p>{_(approach.explanation)}</p><p class="paper">{_("After {paper}", paper=link)}</p>'


def named(approach: Approach, recommended: Approach) -> str:
    """The method's title, with what a visitor who chooses should know."""
    if approach == recommended:
        return _("{method} (recommended)", method=approach.title)
    if approach.teaching:
        return _("{method} (for teaching)", method=approach.title)
    return approach.title


@dataclass(frozen=True)
class Side:
    chosen: gr.State
    photo: gr.Image
    choose: gr.Button
    examples: gr.HTML
    method: gr.Dropdown
    about: gr.HTML


def build(approaches: Sequence[Approach], examples: Sequence[Example], limit_mb: int) -> Side:
    """Lay the column out; :mod:`.opening` ties what its parts do."""
    chosen = gr.State(None)
    gr.HTML(f"<h2>{_('Your photograph')}</h2>", elem_classes=["heading"], elem_id="photo-heading")
    picture = photo_input(
        sources=["upload"],
        label=_("Photograph"),
        show_label=False,
        placeholder=f"# {_('Drop a photograph')}\n"
        + _("anywhere on this page, up to {limit} MB", limit=limit_mb),
        alt_text=_("The photograph you opened"),
        buttons=[],
        height=190,
        elem_id="photo",
    )
    choose = gr.Button(_("Choose a photograph"), elem_id="choose")
    gr.HTML(
        f"<p>{_('Or try one of these:')}</p>", elem_classes=["heading"], elem_id="examples-heading"
    )
    row = tiles.grid(
        "examples",
        value=tiles.grid_value(
            [tiles.Tile(_(e.title), _(e.alt), e.thumbnail) for e in examples], len(examples), "1"
        ),
    )
    gr.HTML(f"<h2>{_('Method')}</h2>", elem_classes=["heading"], elem_id="method-heading")
    method = gr.Dropdown(
        [(named(a, approaches[0]), a.key) for a in approaches],
        value=approaches[0].key if approaches else None,
        label=_("Method"),
        show_label=False,
        container=False,
        filterable=False,
        interactive=True,
        elem_id="method",
    )
    text = about(approaches[0]) if approaches else ""
    return Side(chosen, picture, choose, row, method, gr.HTML(text, elem_id="about-method"))
