"""Model cards for the tab *About*, out of ``checkpoints/``; nothing here imports Gradio."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image

from colorizer import checkpoints
from colorizer.approaches import Approach

from ...languages import _

CARD = "README.md"
PICTURES = ("*.jpg", "*.png")
PICTURE_SIDE = 1400  # px, longer side of a picture on the page
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)
_SECTION = re.compile(r"^## +(.+)$", re.M)


@dataclass(frozen=True)
class Card:
    """sections: (heading, Markdown), in the card's order; empty where there is no card.
    here: whether there are weights."""

    approach: Approach
    sections: tuple[tuple[str, str], ...]
    picture: Path | None
    here: bool


def read(
    approaches: Sequence[Approach],
    weights: Path | None = None,
    docs: Path = checkpoints.CHECKPOINTS.parent / "docs",
) -> list[Card]:
    """The card of every approach, with or without weights.

    weights: a folder with one for each approach; None: those of :func:`checkpoints.folders`.

    Its picture is the first that lies beside the weights, or the one of its name in ``docs``.
    """
    cards = []
    for approach in approaches:
        if weights is None:
            folder = checkpoints.folder_of(approach.key) or checkpoints.CHECKPOINTS / approach.key
        else:
            folder = weights / approach.key
        beside = (p for pattern in PICTURES for p in sorted(folder.glob(pattern)))
        named = (p for pattern in PICTURES for p in docs.glob(pattern.replace("*", approach.key)))
        picture = next(beside, None) or next(named, None)
        here = (folder / checkpoints.WEIGHTS).is_file() and (folder / checkpoints.CONFIG).is_file()
        cards.append(Card(approach, _sections(folder / CARD), picture, here))
    return cards


def _sections(path: Path) -> tuple[tuple[str, str], ...]:
    try:
        text = _FRONT_MATTER.sub("", path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()
    parts = _SECTION.split(text)[1:]
    return tuple((h.strip(), t.strip()) for h, t in zip(parts[::2], parts[1::2], strict=True))


def small_picture(card: Card, folder: Path) -> str | None:
    """A copy of the card's picture for the page, in ``folder``; its path."""
    if card.picture is None:
        return None
    path = folder / f"{card.approach.key}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(card.picture) as image:
        image = image.convert("RGB")
        image.thumbnail((PICTURE_SIDE, PICTURE_SIDE * 4))
        image.save(path, quality=85)
    return str(path)


def what_it_can(approach: Approach) -> str:
    """The registry's entry in words."""
    able = [_(knob.label.lower()) for knob in approach.knobs]
    able += [_("several different guesses") if approach.samples else _("one result")]
    able += [_("uncertainty at every place")] if approach.distribution else []
    able += [_("colour hints")] if approach.hints else []
    able += [] if approach.keeps_luminance else [_("rebuilds the detail of the photograph too")]
    return ", ".join(able) + "."


def rendered(card: Card) -> str:
    """The card's sections as HTML; raw HTML in a card stays text."""
    if not card.sections:
        return f"<p>{_('There is no card of this method here.')}</p>"
    parts = []
    for heading, text in card.sections:
        parts.append(f"<h4>{html.escape(heading)}</h4>{_html(text)}")
    return "".join(parts)


def _html(text: str) -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    # The page shows the picture by itself, and serves no files at a card's addresses.
    markdown.add_render_rule("image", lambda *_: "")
    made = markdown.render(text).replace("<p></p>\n", "")
    # What is wide scrolls by itself instead of widening the page; a keyboard can reach it.
    for tag, name in (("table", _("Table")), ("pre", _("Code"))):
        box = f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">'
        made = made.replace(f"<{tag}>", f"{box}<{tag}>").replace(f"</{tag}>", f"</{tag}></div>")
    return made.replace("<a href=", '<a target="_blank" rel="noopener" href=')
