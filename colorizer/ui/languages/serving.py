"""The page for whoever asks: what was marked while it was laid out becomes words."""

from __future__ import annotations

from typing import Any

import gradio as gr

from . import ENGLISH, asked_for, spoken
from .gradio import accepted


def accepted_by(request: gr.Request | None) -> str:
    """The language in which a handler answers a request of the page."""
    headers = getattr(request, "headers", None)
    return asked_for(headers.get("accept-language")) if headers else ENGLISH


class AskedFor:
    """ASGI middleware: says for which languages the page is asked."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers") or ())
        token = accepted.set(headers.get(b"accept-language", b"").decode("latin-1"))
        try:
            await self.app(scope, receive, send)
        finally:
            accepted.reset(token)


class Translated:
    """A mixin for :class:`gradio.Blocks`: its configuration in the language that is asked for.

    The configuration is the page, as data; Gradio makes it once and sends it to everybody.
    """

    _marked: Any
    _made: dict[str, Any]  # by language

    @property
    def config(self) -> Any:
        language = asked_for(accepted.get())
        if language not in self._made:
            self._made[language] = spoken(self._marked, language)
        words = getattr(self, "i18n_instance", None)
        return {
            **self._made[language],
            "i18n_translations": words.translations_dict if words else None,
        }

    @config.setter
    def config(self, marked: Any) -> None:
        self._marked, self._made = marked, {}

    def get_api_info(self, *arguments: Any, **more: Any) -> Any:
        """Programs read English, whoever asks."""
        token = accepted.set("")
        try:
            return super().get_api_info(*arguments, **more)
        finally:
            accepted.reset(token)
