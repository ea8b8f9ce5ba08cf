"""Parts of all named endpoints; each is added by the tab that does the same by hand.

::

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    path = client.predict(handle_file("photo.jpg"), temperature=0.4, api_name="/colorize")

They answer at the photograph's own size, as PNG.  A knob left at None is at the method's default.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get
from colorizer.approaches.looks import looks
from colorizer.images import photo

from .backend import knob_values
from .backend.problems import EXPECTED, BadInput, sentence
from .backend.setting import Setting, note, render
from .backend.studio import Studio
from .events import queued
from .widgets.upload import photo_input


def check_knobs(key: str, **values: float | None) -> dict[str, float | int | None]:
    """Knobs as a caller gave them, those left at None dropped.

    Raises ValueError, a sentence, for a knob that the method does not have or a bad value.
    """
    approach = get(key)
    return {
        name: approach.check(name, value) for name, value in values.items() if value is not None
    }


def require_photo(path: str | None) -> str:
    if not path:
        raise BadInput("There is no photograph; send one as `photo`.")
    return path


def write_picture(studio: Studio, analysis: Any, setting: Setting, visitor: str, name: str) -> str:
    """A picture at the photograph's own size with a note that its colours are simulated."""
    path = studio.files.place("api", visitor, f"{name}.png")
    words = note(analysis.approach, setting)
    photo.save(render(analysis, setting), path, metadata=analysis.photo.metadata, note=words)
    return str(path)


def refused(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turn expected errors, and values out of range, into Gradio's error with one sentence."""

    @functools.wraps(handler)
    def call(*args: Any) -> Any:
        try:
            return handler(*args)
        except (*EXPECTED, ValueError) as error:
            # A caller of an endpoint gets text, not the page's HTML.
            raise gr.Error(html.unescape(sentence(error)), print_exception=False) from error

    return call


PHOTO = "photo: a picture file, at most {mb} MB and {mp} megapixels."
APPROACH = "approach: the key of a method: {keys}."
STRENGTH = "strength: 0 is grey, 1 as decoded, up to 1.5 for stronger colours."


class Parameters:
    """Components that type the parameters of endpoints; the page does not show them.

    Gradio takes the names of an endpoint's parameters, and which may be left out, from the
    function that answers.
    """

    def __init__(self, studio: Studio, approaches: Sequence[Approach]) -> None:
        self.studio, self.approaches = studio, approaches
        self.keys = [a.key for a in approaches]
        with gr.Column(visible=False):
            self.photo = photo_input(label="Photograph")
            self.approach = self.choice()
            self.temperature, self.top_k, self.vividness = (
                gr.Number(None, label=label) for label in ("Temperature", "Top-k", "Vividness")
            )
            self.strength = gr.Number(1.0, label="Strength")
            self.button = gr.Button()

    @property
    def knobs(self) -> list[gr.Number]:
        return [self.temperature, self.top_k, self.vividness]

    def choice(self, has: Callable[[Approach], bool] = lambda _: True) -> gr.Dropdown:
        """A choice of one method; it starts with the first that ``has`` what is needed.

        Where no method has it, the endpoint is there all the same and says so.
        """
        first = next((a.key for a in self.approaches if has(a)), self.keys[0])
        return gr.Dropdown(self.keys, value=first, label="Approach")

    def seed(self, value: int | None, label: str) -> gr.Number:
        return gr.Number(value, label=label, precision=0)

    def picture(self, label: str = "Colour") -> gr.Image:
        return gr.Image(format="png", type="filepath", label=label)

    def pictures(self) -> gr.Gallery:
        return gr.Gallery(format="png", type="filepath", label="Pictures")

    def knob_names(self) -> list[str]:
        return knob_values.names(self.approaches)

    def add(
        self,
        name: str,
        description: str,
        handler: Callable[..., Any],
        inputs: Sequence[Any],
        outputs: Any,
        **manner: Any,
    ) -> None:
        """Add the endpoint ``/name``; the description's places are filled by :attr:`words`.

        Values reach the handler as they were sent: it checks them, in the library's own words,
        where Gradio would answer before with others and a traceback in the log.
        """
        for component in inputs:
            if isinstance(component, gr.Number | gr.Dropdown | gr.Textbox):
                component.preprocess = lambda payload: payload
        self.button.click(
            refused(handler),
            list(inputs),
            outputs,
            api_name=name,
            api_description=description.format(**self.words),
            **{**queued(self.studio.settings), **manner, "api_visibility": "public"},
        )

    @functools.cached_property
    def words(self) -> dict[str, Any]:
        """Sentences that all descriptions of endpoints end with."""
        limits = self.studio.settings
        knobs = ("temperature", "top_k", "vividness")
        return {
            "photo": PHOTO.format(mb=limits.max_file_mb, mp=limits.max_megapixels),
            "approach": APPROACH.format(keys=", ".join(self.keys)),
            "keys": ", ".join(self.keys),
            "knobs": "\n".join(_range(self.approaches, name) for name in knobs),
            "strength": STRENGTH,
            "most": limits.max_samples,
            "side": limits.compare_side,
            "looks": ", ".join(look.key for look in looks()),
        }


def _range(approaches: Sequence[Approach], name: str) -> str:
    """A knob in one line: its range, and what None means."""
    knob = next((k for a in approaches if (k := a.knob(name))), None)
    if knob is None:
        return f"{name}: none of the methods has it."
    return f"{name}: {knob.minimum:g} to {knob.maximum:g}; None is the method's own default."
