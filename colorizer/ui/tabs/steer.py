"""The tab *Steer*: points of the photograph are given a colour, and the rest follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get
from colorizer.hints import Hint, read_hints, write_hints

from ..common import NO_PHOTO, warn
from ..logic import hint_editing
from ..logic.hint_editing import Steering
from ..studio import Chosen, Setting, Studio, render
from ..widgets import pointer
from . import colorize

EMPTY = "Open a photograph, then choose a point of it and give it a colour."
NO_HINTS = "{title} takes no colour hints. Choose another method to steer."
NOTE = (
    "<p>Choose a point, then a colour for it: one the model finds likely there, or any you know to "
    "be right. Only its tint counts; light and dark stay the photograph's own.</p>"
)

CHOICE = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button || button.disabled) return;
    if (button.dataset.color) trigger('paint', {color: button.dataset.color});
    if (button.dataset.select) trigger('pick', {index: Number(button.dataset.select)});
    if (button.dataset.remove) trigger('drop', {index: Number(button.dataset.remove)});
});
"""
COLORS = """
{{#if value}}<div class="suggested"><h3>{{value.title}}</h3><div class="palette">
{{#each value.colors}}<button type="button" data-color="{{color}}" aria-label="{{name}}">
  <span class="swatch" style="background: {{looks}}"></span><span>{{words}}</span></button>{{/each}}
</div></div>{{else}}<div class="suggested"><h3>A colour for a point</h3>
<p>Choose a point on the photograph, or type where it is.</p></div>{{/if}}
"""
LIST = """
<div class="hints"><h3>Hints</h3>
{{#if value}}<ol>{{#each value}}<li class="{{kind}}">
  <button type="button" class="pick" data-select="{{@index}}" aria-label="Edit hint {{number}}">
    <span class="swatch" style="background: {{color}}"></span>
    <span>{{number}} · {{place}}</span> <code>{{color}}</code></button>
  <button type="button" class="drop" data-remove="{{@index}}"
    aria-label="Remove hint {{number}}">Remove</button></li>{{/each}}</ol>
{{else}}<p>None yet. Without hints this is the model's own guess.</p>{{/if}}</div>
"""


@dataclass(frozen=True)
class Shown:
    """The picture of the tab and what it belongs to; it lives in the page's session state."""

    digest: str
    key: str
    setting: Setting
    hints: tuple[Hint, ...]
    path: str

    def still(self, chosen: Chosen, key: str, setting: Setting, hints: tuple[Hint, ...]) -> bool:
        wanted = (chosen.digest, key, setting, hints)
        same = (self.digest, self.key, self.setting, self.hints) == wanted
        return same and Path(self.path).is_file()


# --- handlers: plain functions over the library ---------------------------------------------


def picture(
    studio: Studio,
    chosen: Chosen,
    key: str,
    setting: Setting,
    hints: Sequence[Hint],
    visitor: str,
) -> Shown:
    """The photograph recoloured under its hints; the network runs again if they are new."""
    analysis = studio.hinted(chosen, key, hints, visitor)
    image = render(analysis, setting, studio.settings.compare_side)
    path = studio.write(image, "steer", visitor, f"{chosen.name}-steered")
    return Shown(chosen.digest, key, setting, tuple(hints), path)


def download(
    studio: Studio,
    chosen: Chosen,
    key: str,
    setting: Setting,
    hints: Sequence[Hint],
    visitor: str,
) -> str:
    """The steered photograph at its own size; the path of a PNG."""
    analysis = studio.hinted(chosen, key, hints, visitor)
    return colorize.write(studio, chosen, analysis, setting, visitor)


def save(studio: Studio, chosen: Chosen, hints: Sequence[Hint], visitor: str) -> str:
    """The hints as a file that Load, the command line and the library take; its path."""
    path = studio.place("download", visitor, f"{chosen.name}-hints.json")
    path.write_text(write_hints(hints, (chosen.width, chosen.height)), encoding="utf-8")
    return str(path)


def load(chosen: Chosen, path: str | Path) -> list[Hint]:
    """The hints of a file, for this photograph.  Raises :class:`colorizer.HintError`."""
    return read_hints(Path(path), (chosen.width, chosen.height))


def colors_value(
    suggested: Sequence[tuple[str, str, float | None]], place: tuple[int, int]
) -> dict[str, Any]:
    return {
        "title": f"A colour for {place[0]}, {place[1]}",
        "colors": [
            {
                "color": color,
                "looks": looks,
                "words": "" if p is None else f"{p:.0%}" if p >= 0.01 else "< 1%",
                "name": color if p is None else f"{color}, probability {p:.1%}",
            }
            for color, looks, p in suggested
        ],
    }


def list_value(now: Steering) -> list[dict[str, Any]]:
    return [
        {
            "number": i + 1,
            "color": "#{:02x}{:02x}{:02x}".format(*hint.rgb()),
            "place": f"{hint.x:.0f}, {hint.y:.0f}",
            "kind": "chosen" if i == now.chosen else "",
        }
        for i, hint in enumerate(now.hints)
    ]


def pins(now: Steering) -> list[pointer.Pin]:
    made = [
        pointer.Pin(
            h.x,
            h.y,
            f"Edit hint {i + 1} at {h.x:.0f}, {h.y:.0f}",
            str(i + 1),
            "#{:02x}{:02x}{:02x}".format(*h.rgb()),
            i == now.chosen,
        )
        for i, h in enumerate(now.hints)
    ]
    # The cross comes last, so that a pin's index is its hint's.
    return made if now.point is None or now.chosen is not None else [*made, pointer.Pin(*now.point)]


# --- the tab ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    photo: gr.HTML
    x: gr.Number
    y: gr.Number
    colors: gr.HTML
    picker: gr.ColorPicker
    use: gr.Button
    list: gr.HTML
    undo: gr.Button
    clear: gr.Button
    save: gr.Button
    saved: gr.DownloadButton
    load: gr.UploadButton
    download: gr.Button
    made: gr.DownloadButton
    now: gr.State  # Steering
    shown: gr.State  # Shown
    note: gr.HTML
    body: gr.Column

    @property
    def filled(self) -> list[Any]:
        """What :meth:`look` fills."""
        return [self.photo, self.x, self.y, self.colors, self.list, self.now, self.shown,
                self.undo, self.clear]  # fmt: skip

    @property
    def everything(self) -> list[Any]:
        """What :meth:`reset` fills."""
        return [*self.filled, self.note, self.body]

    def reset(self, chosen: Chosen | None, key: str, *, keep_knobs: bool) -> list[Any]:
        """Another photograph: no hints.  Another method: the same hints, drawn when it is seen."""
        approach = get(key)
        # keep_knobs: the photograph is another one; else only the method is.
        now = [None, Steering()] if keep_knobs else [gr.skip(), gr.skip()]
        off = gr.update(interactive=False) if keep_knobs else gr.skip()
        body = gr.update(visible=approach.hints)
        return [
            None, gr.skip(), gr.skip(), None, *now, None, off, off, note(approach), body
        ]  # fmt: skip

    def look(
        self,
        studio: Studio,
        chosen: Chosen | None,
        key: str,
        setting: Setting,
        visitor: str,
        now: Steering,
        shown: Shown | None,
    ) -> Any:
        """Everything for these hints and this point; a picture that is there already stays."""
        if chosen is None or not get(key).hints:
            return gr.skip()
        if shown is None or not shown.still(chosen, key, setting, now.hints):
            shown = picture(studio, chosen, key, setting, now.hints, visitor)
        colors = None
        if now.point is not None:
            plain = studio.analysis(chosen, key, visitor)
            colors = colors_value(hint_editing.suggestions(plain, *now.point), now.point)
        x, y = now.point or (gr.skip(), gr.skip())
        return [
            pointer.value(chosen, shown.path, "The photograph under your hints", pins(now)),
            x,
            y,
            colors,
            list_value(now),
            now,
            shown,
            gr.update(interactive=bool(now.past)),
            gr.update(interactive=bool(now.hints)),
        ]


def note(approach: Approach) -> str:
    return NOTE if approach.hints else f"<p>{NO_HINTS.format(title=approach.title)}</p>"


def ready(chosen: Chosen | None) -> bool:
    if chosen is None:
        warn(NO_PHOTO)
    return chosen is not None


def build(approaches: Sequence[Approach], current: Approach) -> View:
    """Lays the tab out; what its parts do is tied in :mod:`colorizer.ui.events`."""
    words = gr.HTML(note(current), elem_classes=["note"])
    with gr.Column(visible=current.hints) as body, gr.Row(elem_classes=["steer"]):
        with gr.Column(min_width=200, scale=2, elem_id="steer-stage"):
            photograph = pointer.pointer("steer-photo", EMPTY)
            with gr.Row(elem_classes=["point"]):
                x, y = pointer.axes("steer")
        with gr.Column(min_width=200, scale=1, elem_id="steer-side"):
            colors = gr.HTML(
                None,
                html_template=COLORS,
                js_on_load=CHOICE,
                elem_id="steer-colors",
                apply_default_css=False,
            )
            with gr.Row(elem_classes=["own-color"]):
                picker = gr.ColorPicker("#b03a2e", label="Any colour", elem_id="steer-picker")
                use = gr.Button("Use this colour", elem_id="steer-use", scale=0)
            hints = gr.HTML(
                [],
                html_template=LIST,
                js_on_load=CHOICE,
                elem_id="steer-list",
                apply_default_css=False,
            )
            with gr.Row(elem_classes=["buttons"]):
                undo = gr.Button("Undo", interactive=False, elem_id="steer-undo")
                clear = gr.Button("Clear all", interactive=False, elem_id="steer-clear")
            with gr.Row(elem_classes=["buttons"]):
                save = gr.Button("Save hints", elem_id="steer-save")
                load = gr.UploadButton(
                    "Load hints", file_types=[".json"], type="filepath", elem_id="steer-load"
                )
            download = gr.Button("Download picture", variant="primary", elem_id="steer-download")
            saved = gr.DownloadButton(visible="hidden", elem_id="steer-hints-file")
            made = gr.DownloadButton(visible="hidden", elem_id="steer-file")
    return View(
        photograph, x, y, colors, picker, use, hints, undo, clear, save, saved, load, download,
        made, gr.State(Steering()), gr.State(None), words, body,
    )  # fmt: skip
