"""Parts of all tabs: who is asking, what goes wrong in words, and how events are queued."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import closing
from typing import Any

import gradio as gr

from .backend.problems import EXPECTED, sentence
from .languages import _, in_language
from .languages.serving import accepted_by
from .server.settings import Settings


def visitor(request: gr.Request | None) -> str:
    """The key under which a visitor's photographs are kept: the session of the browser tab."""
    return (request and request.session_hash) or "nobody"


def warn(text: str) -> None:
    """A notice that does not touch the picture on the screen."""
    gr.Warning(text, title=_("That did not work"), duration=8)


def spoken(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler answer in the language that its request asks for.

    It tells expected errors in a notice and leaves every output as it is: an exception would cover
    the outputs with the word "Error" and hide the last good picture.
    """
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def stream(*args: Any, **kwargs: Any) -> Any:
            language = _language(args)
            with closing(handler(*args, **kwargs)) as steps:
                # Gradio may ask for each step in another thread.
                following = functools.partial(in_language, language, _tried, next, steps, _END)
                while (step := following()) is not _END:
                    yield step

        return stream

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        return in_language(_language(args), _tried, handler, *args, **kwargs)

    return call


_END = object()


def _language(arguments: tuple[Any, ...]) -> str:
    return accepted_by(next((a for a in arguments if isinstance(a, gr.Request)), None))


def _tried(step: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    try:
        return step(*arguments, **more)
    except EXPECTED as error:
        warn(sentence(error))
        return gr.skip()


def queued(settings: Settings) -> dict[str, Any]:
    """Arguments of every event that works on photographs: one queue, and no endpoint of its own."""
    return {
        "concurrency_id": "photographs",
        "concurrency_limit": settings.workers,
        "api_visibility": "private",
    }
