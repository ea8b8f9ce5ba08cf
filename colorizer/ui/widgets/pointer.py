"""A photograph on which points can be chosen, with pins on it, as plain HTML.

A click triggers ``point`` with ``x`` and ``y`` as shares of the picture's width and height, so that
the size at which a window shows it does not matter.  A click on a pin triggers ``pin`` with its
``index``.  Where a brush is in hand (:data:`BRUSHES`), a line that is drawn triggers ``stroke`` with
its ``points``, shares as well.  Whoever cannot click has number fields beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..backend.setting import Chosen
from ..languages import _
from .send import with_send
from .tiles import served

# Values of the tool in hand, read from the page, with which one draws instead of pointing.
BRUSHES = ("brush", "rub")

POINT = """
const box = () => element.querySelector('.pointer img').getBoundingClientRect();
const share = (event) => [
    (event.clientX - box().left) / box().width,
    (event.clientY - box().top) / box().height,
];
const tool = () => element.querySelector('.pointer')?.dataset.tool;
let line = null, path = null, drawn = false;
element.addEventListener('pointerdown', (event) => {
    drawn = false;
    if (event.button || !BRUSHES.includes(tool()) || !event.target.closest('.pointer')) return;
    event.preventDefault();
    line = [share(event)];
    const host = element.querySelector('.pointer');
    host.insertAdjacentHTML('beforeend', '<svg class="stroke" viewBox="0 0 1 1" ' +
        'preserveAspectRatio="none" aria-hidden="true"><polyline></polyline></svg>');
    path = host.querySelector('.stroke');
    element.setPointerCapture(event.pointerId);
});
element.addEventListener('pointermove', (event) => {
    if (!line || line.length >= MOST) return;
    line.push(share(event));
    path.firstChild.setAttribute('points', line.map((point) => point.join(',')).join(' '));
});
for (const name of ['pointerup', 'pointercancel']) element.addEventListener(name, () => {
    if (!line) return;
    const points = line, add = tool() === 'brush';
    path.remove();
    line = null;
    drawn = true;
    if (name === 'pointerup') send('stroke', {points, add});
});
element.addEventListener('click', (event) => {
    // The end of a line is a click as well, on most screens; a key's has no detail.
    if (drawn && event.detail) return;
    const pin = event.target.closest('button[data-pin]');
    if (pin) return send('pin', {index: Number(pin.dataset.pin)});
    if (!event.target.closest('.pointer')) return;
    const [x, y] = share(event);
    send('point', {x, y});
});
""".replace("BRUSHES", json.dumps(BRUSHES)).replace("MOST", "600")

AXES = {"X": "Pixels from the left.", "Y": "Pixels from the top."}

TEMPLATE = """
{{#if value}}{{#with value}}
<div class="pointer" style="--ratio: {{ratio}}" data-tool="{{tool}}">
  <img src="{{picture.url}}" alt="{{alt}}" draggable="false">
  {{#if outline}}<svg class="outline" viewBox="0 0 {{across}} {{down}}" preserveAspectRatio="none"
    aria-hidden="true"><path d="{{outline}}"/><path d="{{outline}}"/></svg>{{/if}}
  {{#each pins}}{{#if name}}<button type="button" class="pin {{kind}}" data-pin="{{index}}"
    style="left: {{left}}%; top: {{top}}%; --pin: {{color}}" aria-label="{{name}}">{{text}}</button>
  {{else}}<span class="cross" style="left: {{left}}%; top: {{top}}%"></span>{{/if}}{{/each}}
</div>
{{/with}}{{else}}<p class="empty">@empty</p>{{/if}}
"""


@dataclass(frozen=True)
class Pin:
    """A mark at full-size pixel (x, y).  Without a name it is a cross that cannot be chosen.

    index: what its click sends.
    """

    x: float
    y: float
    name: str = ""
    text: str = ""
    color: str = ""
    chosen: bool = False
    index: int = 0


def value(
    chosen: Chosen,
    path: str,
    alt: str,
    pins: Sequence[Pin] = (),
    *,
    outline: str = "",
    tool: str = "",
) -> dict[str, Any]:
    """The value of :func:`pointer`.

    outline: the attribute ``d`` of an SVG path in full-size pixels.  tool: what is in hand.
    """
    return {
        "outline": outline,
        "across": chosen.width,
        "down": chosen.height,
        "tool": tool,
        "picture": served(path),
        "alt": alt,
        "ratio": f"{chosen.width / chosen.height:.4f}",
        "pins": [
            {
                "left": f"{(pin.x + 0.5) / chosen.width * 100:.3f}",
                "top": f"{(pin.y + 0.5) / chosen.height * 100:.3f}",
                "name": pin.name,
                "text": pin.text,
                "color": pin.color,
                "kind": "chosen" if pin.chosen else "",
                "index": pin.index,
            }
            for pin in pins
        ],
    }


def pointer(elem_id: str, empty: str, visible: bool = True) -> gr.HTML:
    return gr.HTML(
        None,
        html_template=TEMPLATE.replace("@empty", empty),
        js_on_load=with_send(POINT),
        elem_id=elem_id,
        apply_default_css=False,
        visible=visible,
    )


def place(data: Any, chosen: Chosen) -> tuple[int, int] | None:
    """The full-size pixel of a ``point`` event; None for what no click of ours could have sent."""
    data = data if isinstance(data, dict) else {}
    shares = [data.get("x"), data.get("y")]
    if not all(isinstance(s, (int, float)) and -0.01 <= s <= 1.01 for s in shares):
        return None
    return inside(shares[0] * chosen.width, shares[1] * chosen.height, chosen)


def inside(x: float | None, y: float | None, chosen: Chosen) -> tuple[int, int]:
    """Numbers as they were typed → the nearest pixel of the photograph."""
    return (
        min(max(int(x or 0), 0), chosen.width - 1),
        min(max(int(y or 0), 0), chosen.height - 1),
    )


def axes(tab: str) -> tuple[gr.Number, gr.Number]:
    """Number fields for a point, for whoever cannot click."""
    return tuple(
        gr.Number(
            0,
            label=label,
            info=_(info),
            precision=0,
            minimum=0,
            interactive=True,
            elem_id=f"{tab}-{label.lower()}",
            elem_classes=["knob"],
        )
        for label, info in AXES.items()
    )
