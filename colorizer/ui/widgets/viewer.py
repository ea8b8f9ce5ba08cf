"""The line between the viewer of ``theme/viewer.js`` and the server.

The viewer triggers ``part`` with its own ``number`` and the pixels ``left``, ``top``, ``right`` and
``bottom`` of the photograph that are in sight; the answer is a value with the same figures and a
picture for each of its panes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from ..backend.crops import Box
from .send import with_send
from .tiles import served

CONNECT = """
window.viewer.connect('@tab', (part) => send('part', part));
watch('value', () => window.viewer.receive(props.value));
"""


def viewer(tab: str) -> gr.HTML:
    return gr.HTML(
        None,
        html_template="<span></span>",
        js_on_load=with_send(CONNECT.replace("@tab", tab)),
        elem_id=f"{tab}-viewer",
        elem_classes=["viewer-line"],
        apply_default_css=False,
    )


def opener(tab: str, words: str) -> gr.Button:
    """A button that opens the viewer on the pictures of a tab."""
    button = gr.Button(words, elem_id=f"{tab}-closer", scale=0, size="sm")
    button.click(None, js=f"() => window.viewer.open('{tab}')", api_visibility="private")
    return button


def value(data: dict[str, Any], box: Box, paths: Iterable[str | None]) -> dict[str, Any]:
    """The value of :func:`viewer`; paths: one for each pane, in their order."""
    left, top, right, bottom = box
    return {
        "number": data.get("number"),
        "left": left,
        "top": top,
        "right": right,
        "bottom": bottom,
        "pictures": [served(path) for path in paths],
    }
