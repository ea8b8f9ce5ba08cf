"""The caption of the stage, as HTML.  Nothing here imports Gradio."""

from __future__ import annotations

import html

from colorizer.approaches import Approach

from ...backend.quality import legend
from ...backend.setting import Chosen, Setting, changed, guess
from ...languages import _
from ...languages.sentences import translated
from ...widgets.more import more
from .look_strip import shown_look
from .preview import PLAIN, Showing

HONEST = "The colours are a guess, not a record of what was there."


def caption(
    chosen: Chosen,
    approach: Approach,
    setting: Setting,
    metrics: str = "",
    showing: Showing = PLAIN,
    where: str = "",
) -> str:
    """Caption of the stage, as HTML: the photograph's name, its size, which guess it is.

    where: the setting as a page's address.
    """
    notes = "".join(f" {html.escape(translated(text))}" for text in chosen.notes)
    # One line either way, so that nothing below it moves.
    honest = f"<p class='honest'>{_(HONEST)}{notes}</p>"
    measured = more(html.escape(metrics)) if metrics else ""
    which = in_words(approach, setting)
    return (
        f"<div class='facts' data-address='{html.escape(where, quote=True)}' "
        f"data-size='{chosen.width}x{chosen.height}'>"
        f"<strong>{html.escape(chosen.name)}</strong> "
        f"<span>{chosen.width} × {chosen.height}</span> <span>{html.escape(which)}</span> "
        f"{measured}</div>{legend(_('unsure about the colour')) if showing.unsure else honest}"
    )


def in_words(approach: Approach, setting: Setting) -> str:
    """Name of a setting's picture: ``the best guess, warm``."""
    look = shown_look(approach, setting)
    other = ", ".join(changed(approach, setting))
    which = guess(setting)
    if look is not None and setting.seed is None:
        if other:
            return _("{guess}, {look}", guess=which, look=_(look.title.lower()))
        return _("{guess}, as the method has it", guess=which)
    return _("{guess}, changed: {what}", guess=which, what=other) if other else which
