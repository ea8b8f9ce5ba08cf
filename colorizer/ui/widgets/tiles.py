"""Grids of pictures that can be chosen, as plain HTML: real buttons, alt texts, table headings.

A grid is a :class:`gr.HTML` whose value is data and whose template draws it.  Gradio compares the
new drawing with the old one and changes what differs, so a picture that streams in does not make
its neighbours blink.  Space is kept for every picture before it comes.

Choosing a tile triggers ``choose`` with the tile's ``index`` in its event data; its second button,
where it has one, triggers ``more``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from .send import with_send

CHOOSE = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-index], button[data-more]');
    if (!button || button.disabled) return;
    if (button.dataset.more) send('more', {index: Number(button.dataset.more)});
    else send('choose', {index: Number(button.dataset.index)});
});
"""

PICTURE = """
<span class="frame" style="aspect-ratio: {{../shape}}">
  {{#if picture}}<img src="{{picture.url}}" alt="{{alt}}">{{else}}<span class="waiting"></span>{{/if}}
</span>
"""

GRID = f"""
{{{{#if value}}}}
<div class="tiles" style="--columns: {{{{value.columns}}}}">
  {{{{#with value}}}}{{{{#each tiles}}}}
  <div class="cell">
  <button type="button" class="tile" data-index="{{{{@index}}}}"
    {{{{#if pressed}}}}aria-pressed="{{{{pressed}}}}"{{{{/if}}}}
    {{{{#unless picture}}}}disabled{{{{/unless}}}} {{{{#if still}}}}disabled{{{{/if}}}}>
    {PICTURE}
    <span class="caption"><span class="title">{{{{title}}}}</span>
    {{{{#if action}}}}<span class="action">{{{{action}}}}</span>{{{{/if}}}}</span>
    {{{{#if about}}}}<span class="about">{{{{about}}}}</span>{{{{/if}}}}
    {{{{#if detail}}}}<span class="detail">{{{{detail}}}}</span>{{{{/if}}}}
  </button>
  {{{{#if more}}}}<button type="button" class="more" data-more="{{{{@index}}}}"
    aria-label="{{{{more}}}}: {{{{title}}}}"
    {{{{#unless picture}}}}disabled{{{{/unless}}}}>{{{{more}}}}</button>{{{{/if}}}}
  </div>
  {{{{/each}}}}{{{{/with}}}}
</div>
{{{{else}}}}<p class="empty">@empty</p>{{{{/if}}}}
"""

TABLE = """
{{#if value}}{{#with value}}
<table class="sheet">
  <caption>{{caption}}</caption>
  <thead><tr><th scope="col"><span class="corner">{{corner}}</span></th>
    {{#each columns}}<th scope="col">{{this}}</th>{{/each}}</tr></thead>
  <tbody>{{#each rows}}<tr><th scope="row">{{title}}</th>{{#each cells}}
    <td><button type="button" class="tile" data-index="{{index}}"
      {{#unless picture}}disabled{{/unless}}>
      <span class="frame" style="aspect-ratio: {{@root.value.shape}}">
      {{#if picture}}<img src="{{picture.url}}" alt="{{alt}}">
      {{else}}<span class="waiting"></span>{{/if}}</span>
    </button></td>{{/each}}</tr>{{/each}}</tbody>
</table>
{{/with}}{{else}}<p class="empty">@empty</p>{{/if}}
"""


@dataclass(frozen=True)
class Tile:
    """One picture of a grid; ``path`` None keeps its place until it comes.

    action: what choosing it does, in words.  about, detail: lines below the title.  more: the words of
    a second button.  still: it is there to look at and cannot be chosen.  pressed: it is one of
    several of which one is on.
    """

    title: str
    alt: str
    path: str | None = None
    action: str = ""
    about: str = ""
    detail: str = ""
    more: str = ""
    still: bool = False
    pressed: bool | None = None


def served(path: str | None) -> dict[str, Any] | None:
    """A picture file as Gradio's front end takes it; its URL is filled in by the server."""
    return path and {"path": path, "meta": {"_type": "gradio.FileData"}}


def shape(width: int, height: int) -> str:
    """The ``aspect-ratio`` of a tile; panoramas and towers are kept from being slivers."""
    return f"{min(max(width / height, 0.5), 2.5):.4f}"


def grid_value(tiles: Sequence[Tile], columns: int, shape: str) -> dict[str, Any]:
    """The value of :func:`grid`."""
    return {
        "columns": columns,
        "shape": shape,
        "tiles": [
            {
                "title": t.title,
                "alt": t.alt,
                "action": t.action,
                "about": t.about,
                "detail": t.detail,
                "more": t.more,
                "still": t.still,
                "pressed": "" if t.pressed is None else str(t.pressed).lower(),
                "picture": served(t.path),
            }
            for t in tiles
        ],
    }


def grid(
    elem_id: str, empty: str = "", value: dict[str, Any] | None = None, visible: bool = True
) -> gr.HTML:
    """Pictures side by side, each a button with a title below it."""
    return gr.HTML(
        value,
        html_template=GRID.replace("@empty", empty),
        js_on_load=with_send(CHOOSE),
        elem_id=elem_id,
        apply_default_css=False,
        visible=visible,
    )


def table_value(
    corner: str,
    caption: str,
    columns: Sequence[str],
    rows: Sequence[str],
    tiles: Sequence[Tile],
    shape: str,
) -> dict[str, Any]:
    """The value of :func:`table`; ``tiles`` row by row."""
    cells = [{"index": i, "alt": t.alt, "picture": served(t.path)} for i, t in enumerate(tiles)]
    width = len(columns)
    return {
        "corner": corner,
        "caption": caption,
        "columns": list(columns),
        "rows": [
            {"title": title, "cells": cells[i * width : (i + 1) * width]}
            for i, title in enumerate(rows)
        ],
        "shape": shape,
    }


def table(elem_id: str, empty: str = "", visible: bool = True) -> gr.HTML:
    """A contact sheet with headings for its rows and columns."""
    return gr.HTML(
        None,
        html_template=TABLE.replace("@empty", empty),
        js_on_load=with_send(CHOOSE),
        elem_id=elem_id,
        apply_default_css=False,
        visible=visible,
    )


def chosen_index(data: Any, count: int) -> int | None:
    """Index of the tile of a ``choose`` event; None for what no tile of ours could have sent."""
    index = data.get("index") if isinstance(data, dict) else None
    return index if isinstance(index, int) and 0 <= index < count else None
