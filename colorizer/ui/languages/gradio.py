"""Texts that the browser shows by itself: Gradio's own texts, and those of our scripts.

Gradio takes the language of the browser, of which it knows some thirty: not Vietnamese, not every
kind of Chinese, and some that this page does not have.  So that a page is never half in one
language and half in another, the texts of Gradio that can be seen here are sent in ours, under
whatever language Gradio takes.  They are sent by ``gr.I18n``, and :func:`colorizer.ui.theme.head`
gives our scripts theirs the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar

import gradio as gr

from . import ENGLISH, asked_for, catalogue

# Gradio's key → its English text.  Only what this page can show.
TEXTS = {
    "blocks.connection_can_break": "On mobile, the connection can break if this tab is unfocused or the device sleeps, losing your position in queue.",
    "blocks.long_requests_queue": "There is a long queue of requests pending. Duplicate this Space to skip.",
    "blocks.lost_connection": "Lost connection due to leaving page. Rejoining queue...",
    "blocks.waiting_for_inputs": "Waiting for file(s) to finish uploading, please retry.",
    "common.built_with": "built with",
    "common.built_with_gradio": "Built with Gradio",
    "common.clear": "Clear",
    "common.download": "Download",
    "common.edit": "Edit",
    "common.empty": "Empty",
    "common.error": "Error",
    "common.loading": "Loading",
    "common.logo": "logo",
    "common.or": "or",
    "common.remove": "Remove",
    "common.settings": "Settings",
    "common.submit": "Submit",
    "common.undo": "Undo",
    "errors.use_via_api": "Use via API",
    "file.uploading": "Uploading...",
    "image.drop_to_upload": "Drop an image file here to upload",
    "image.remove_image": "Remove Image",
    "status.queue_position": "In queue: {position} of {size}",
    "upload_text.click_to_upload": "Click to Upload",
    "upload_text.drop_file": "Drop File Here",
    "upload_text.drop_image": "Drop Image Here",
    "upload_text.paste_clipboard": "Paste from Clipboard",
}
# What Gradio's loader says before there is any dictionary is not reached by this.
_SCRIPTED = re.compile(r"""(?<![\w.])_\(\s*"((?:[^"\\]|\\.)*)\"""")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
LANGUAGE = "language"  # a key of its own: the language that is spoken

accepted: ContextVar[str] = ContextVar("accepted", default="")
"""``Accept-Language`` of the request that is being answered."""


def scripted(*scripts: str) -> list[str]:
    """Texts of scripts, which say ``_("…")``."""
    return [text for script in scripts for text in _SCRIPTED.findall(script)]


class Words(gr.I18n):
    """Texts that the browser says by itself, for whoever asks.

    texts: of our scripts.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = list(texts)

    @property
    def translations(self) -> dict[str, dict[str, str]]:
        """Gradio's possible name of the language that is asked for → key → text."""
        language = asked_for(accepted.get())
        known = catalogue(language)
        said = {key: known.get(text, text) for key, text in TEXTS.items()}
        said |= {text: known.get(text, text) for text in self.texts}
        said[LANGUAGE] = language
        return {tag: said for tag in (ENGLISH, *_tags(accepted.get()))}


def _tags(header: str) -> list[str]:
    """Gradio's possible names of a browser's first language: ``pt-BR`` → pt-BR, pt."""
    first = header.split(",")[0].split(";")[0].strip()
    if not _TAG.fullmatch(first):
        return []
    return list(dict.fromkeys([first, first.split("-")[0].lower()]))
