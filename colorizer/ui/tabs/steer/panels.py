"""The panels of the tab *Steer*: colours to choose from, the list of hints, and pairs as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...backend.setting import Chosen
from ...languages import _, filled
from ...widgets.pointer import Pin
from ...widgets.tiles import served
from .editing import PairHint, PickedColor, Steering

CHOICE = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button, [data-remove]');
    if (!button || button.disabled) return;
    if (button.dataset.color) send('paint', {color: button.dataset.color});
    if (button.dataset.select) send('pick', {index: Number(button.dataset.select)});
    if (button.dataset.remove) send('drop', {index: Number(button.dataset.remove)});
});
"""
# The browser's own picker opens outside the page's layout: nothing is cut off, nothing moves.
OWN_COLOR = """<div class="own-color"><label>@any
  <input type="color" value="#b03a2e" id="steer-picker"></label>
  <button type="button" id="steer-use">@use</button></div>"""
OWN = """
element.addEventListener('click', (event) => {
    if (!event.target.closest('#steer-use')) return;
    send('paint', {color: element.querySelector('input').value});
});
"""
COLORS = """
{{#if value}}<div class="suggested"><h3>{{value.title}}</h3><div class="palette">
{{#each value.colors}}<button type="button" data-color="{{color}}" aria-label="{{name}}">
  <span class="swatch" style="background: {{looks}}"></span><span>{{words}}</span></button>{{/each}}
</div></div>{{else}}<div class="suggested"><h3>@thing</h3>
<p>@how</p></div>{{/if}}
"""
LIST = """
<div class="hints"><h3>@hints</h3>
{{#if value}}<ol>{{#each value}}<li class="{{kind}}">
  <button type="button" class="pick" data-select="{{@index}}" aria-label="@edit">
    <span class="swatch" style="background: {{color}}"></span>
    <span>{{number}} · {{place}}</span> <code>{{color}}</code></button>
  <button type="button" class="drop" data-remove="{{@index}}"
    aria-label="@drop">@remove</button></li>{{/each}}</ol>
{{else}}<p>@none</p>{{/if}}</div>
"""
# Two pictures of one height side by side, and a line from place to place.
PAIRS = """
{{#if value}}{{#with value}}<div class="pairs">
<p>{{words}}</p>
<div class="pair-stage" style="aspect-ratio: {{across}} / 100">
  <img src="{{here.url}}" alt="{{here_alt}}" style="left: 0; width: {{here_share}}%">
  <img src="{{there.url}}" alt="{{there_alt}}" style="right: 0; width: {{there_share}}%">
  <svg viewBox="0 0 {{across}} 100" preserveAspectRatio="none">{{#each lines}}
    <g data-remove="{{index}}"><title>{{name}}</title>
    <line class="wide" x1="{{x1}}" y1="{{y1}}" x2="{{x2}}" y2="{{y2}}"/>
    <line class="edge" x1="{{x1}}" y1="{{y1}}" x2="{{x2}}" y2="{{y2}}"/>
    <line style="stroke: {{color}}" x1="{{x1}}" y1="{{y1}}" x2="{{x2}}" y2="{{y2}}"/></g>{{/each}}
  </svg></div></div>{{/with}}{{/if}}
"""
GAP = 4.0  # between the two, in shares of a hundred of their height


def own_color() -> str:
    return filled(OWN_COLOR, any=_("Any colour"), use=_("Use this colour"))


def colors_template() -> str:
    how = _("Tap a thing on the photograph, or type where it is.")
    return filled(COLORS, thing=_("A colour for a thing"), how=how)


def list_template() -> str:
    number = "{{number}}"
    return filled(
        LIST,
        hints=_("Hints"),
        edit=_("Edit hint {number}", number=number),
        drop=_("Remove hint {number}", number=number),
        remove=_("Remove"),
        none=_("None yet. Without hints this is the model’s own guess."),
    )


def color_hex(rgb: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def colors_value(
    suggested: Sequence[tuple[str, str, float | None]],
    place: tuple[int, int],
    picked: PickedColor | None = None,
) -> dict[str, Any]:
    """picked: a colour that was taken from the result; it comes first."""
    taken = [] if picked is None else [(picked.color, picked.looks, None)]
    return {
        "title": _("A colour for {x}, {y}", x=place[0], y=place[1]),
        "colors": [
            {
                "color": color,
                "looks": looks,
                "words": "" if p is None else f"{p:.0%}" if p >= 0.01 else "< 1%",
                "name": color
                if p is None
                else _("{color}, probability {share}", color=color, share=f"{p:.1%}"),
            }
            for color, looks, p in [*taken, *suggested][: len(suggested)]
        ],
    }


def list_value(now: Steering) -> list[dict[str, Any]]:
    return [
        {
            "number": i + 1,
            "color": color_hex(hint.rgb()),
            "place": f"{hint.x:.0f}, {hint.y:.0f}",
            "kind": "chosen" if i == now.chosen else "",
        }
        for i, hint in enumerate(now.hints)
    ]


def pins(now: Steering) -> list[Pin]:
    """The hints a person put, and a cross at the point in hand; pairs are drawn as lines."""
    made = [
        Pin(
            hint.x,
            hint.y,
            _("Edit hint {number} at {place}", number=i + 1, place=f"{hint.x:.0f}, {hint.y:.0f}"),
            str(i + 1),
            color_hex(hint.rgb()),
            i == now.chosen,
            i,
        )
        for i, hint in enumerate(now.hints)
        if not isinstance(hint, PairHint) or i == now.chosen
    ]
    return made if now.point is None or now.chosen is not None else [*made, Pin(*now.point)]


def pairs_value(now: Steering, chosen: Chosen, path: str) -> dict[str, Any] | None:
    """The photograph, the reference and the lines between them; None without a reference."""
    other = now.reference
    found = [(i, hint) for i, hint in enumerate(now.hints) if isinstance(hint, PairHint)]
    if other is None or not found:
        return None
    left, right = 100 * chosen.width / chosen.height, 100 * other.width / other.height
    across = left + GAP + right
    return {
        "words": _("Colours come from the photograph on the right. Tap a line to take it away."),
        "here": served(path),
        "there": served(other.path),
        "here_alt": _("The photograph under your hints"),
        "there_alt": _("The photograph that the colours come from"),
        "across": f"{across:.2f}",
        "here_share": f"{100 * left / across:.3f}",
        "there_share": f"{100 * right / across:.3f}",
        "lines": [
            {
                "index": i,
                "name": _("Remove hint {number}", number=i + 1),
                "color": color_hex(hint.rgb()),
                "x1": f"{(hint.x + 0.5) / chosen.width * left:.2f}",
                "y1": f"{(hint.y + 0.5) / chosen.height * 100:.2f}",
                "x2": f"{left + GAP + (hint.there[0] + 0.5) / other.width * right:.2f}",
                "y2": f"{(hint.there[1] + 0.5) / other.height * 100:.2f}",
            }
            for i, hint in found
        ],
    }
