"""What all tabs share: who is asking, what goes wrong in words, and how events are queued."""

from __future__ import annotations

import functools
import html
import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr

from colorizer.approaches import UnknownApproach
from colorizer.checkpoints import BrokenWeights, MissingWeights
from colorizer.errors import ColorizerError
from colorizer.hints import HintError
from colorizer.images.photo import PhotoError

from .server.settings import Settings


class BadInput(ColorizerError, ValueError):
    """A field on the page that cannot be used as it is; the message is one sentence."""


# What a person can cause.  Its message is one sentence, and there is no traceback.
EXPECTED = (PhotoError, UnknownApproach, MissingWeights, BrokenWeights, HintError, BadInput)

NO_PHOTO = "Open a photograph first: drop one on the left, or take an example."


def visitor(request: gr.Request | None) -> str:
    """The key under which a visitor's photographs are kept: the session of the browser tab."""
    return (request and request.session_hash) or "nobody"


def sentence(error: Exception) -> str:
    """What to tell a person; safe as HTML, and without a path of the server."""
    if isinstance(error, MissingWeights):
        return "The weights of this method are not here, so it cannot be used."
    if isinstance(error, BrokenWeights):
        return "The weights of this method cannot be read, so it cannot be used."
    return html.escape(str(error))


def warn(text: str) -> None:
    """A notice that does not touch the picture on the screen."""
    gr.Warning(text, title="That did not work", duration=8)


def spoken(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Tells expected errors in a notice and leaves every output as it is.

    An exception would cover the outputs with the word "Error" and hide the last good picture.
    """
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def stream(*args: Any, **kwargs: Any) -> Any:
            try:
                yield from handler(*args, **kwargs)
            except EXPECTED as error:
                warn(sentence(error))
                yield gr.skip()

        return stream

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except EXPECTED as error:
            warn(sentence(error))
            return gr.skip()

    return call


def when_open(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that works only while the tab ``name`` is open; the open one's name comes first."""

    def stream(request: gr.Request, opened: str | None, *args: Any) -> Any:
        if opened != name:
            yield gr.skip()
        elif inspect.isgeneratorfunction(handler):
            yield from handler(request, *args)
        else:
            yield handler(request, *args)

    return stream


def queued(settings: Settings) -> dict[str, Any]:
    """Arguments of every event that works on photographs: one queue, and no endpoint of its own."""
    return {
        "concurrency_id": "photographs",
        "concurrency_limit": settings.workers,
        "api_visibility": "private",
    }


def photo_input(**arguments: Any) -> gr.Image:
    """An image upload that hands over the file itself, whatever it is.

    Gradio would open it with Pillow first: no EXIF rotation, and a traceback for a bad file.
    :func:`colorizer.images.photo.read` does both well.  Gradio has checked by then that the path is an
    upload.
    """
    component = gr.Image(type="filepath", image_mode=None, format="png", **arguments)
    component.preprocess = lambda payload: payload and payload.path
    return component
