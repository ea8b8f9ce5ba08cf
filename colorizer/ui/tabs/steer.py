"""The tab *Steer*: points of the photograph are given a colour, and the rest follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, check_strength, get
from colorizer.hints import FORMAT, VERSION, Hint, read_hints, write_hints

from .. import api
from ..common import visitor, warn
from ..logic import hint_editing, stage
from ..logic.hint_editing import Steering
from ..problems import NO_PHOTO, BadInput
from ..state import Setting, render
from ..studio import Chosen, Studio
from ..tab import Changes, Session, Tab, Values
from ..widgets import pointer, tiles

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
# The browser's own picker opens outside the page's layout: nothing is cut off, nothing moves.
OWN_COLOR = """<div class="own-color"><label>Any colour
  <input type="color" value="#b03a2e" id="steer-picker"></label>
  <button type="button" id="steer-use">Use this colour</button></div>"""
OWN = """
element.addEventListener('click', (event) => {
    if (!event.target.closest('#steer-use')) return;
    trigger('paint', {color: element.querySelector('input').value});
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


class Steer(Tab):
    title, key = "Steer", "steer"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        self.note = gr.HTML(note(current), elem_classes=["note"])
        with gr.Column(visible=current.hints) as self.body, gr.Row(elem_classes=["steer"]):
            with gr.Column(min_width=200, scale=2, elem_id="steer-stage"):
                self.photo = pointer.pointer("steer-photo", EMPTY)
                with gr.Row(elem_classes=["point"]):
                    self.x, self.y = pointer.axes("steer")
            with gr.Column(min_width=200, scale=1, elem_id="steer-side"):
                self.colors = gr.HTML(
                    None,
                    html_template=COLORS,
                    js_on_load=CHOICE,
                    elem_id="steer-colors",
                    apply_default_css=False,
                )
                self.own = gr.HTML(
                    OWN_COLOR, js_on_load=OWN, elem_id="steer-own", apply_default_css=False
                )
                self.list = gr.HTML(
                    [],
                    html_template=LIST,
                    js_on_load=CHOICE,
                    elem_id="steer-list",
                    apply_default_css=False,
                )
                with gr.Row(elem_classes=["buttons"]):
                    self.undo = gr.Button("Undo", interactive=False, elem_id="steer-undo")
                    self.redo = gr.Button("Redo", interactive=False, elem_id="steer-redo")
                    self.clear = gr.Button("Clear all", interactive=False, elem_id="steer-clear")
                with gr.Row(elem_classes=["buttons"]):
                    self.save = gr.Button("Save hints", elem_id="steer-save")
                    self.load = gr.UploadButton(
                        "Load hints", file_types=[".json"], type="filepath", elem_id="steer-load"
                    )
                self.download = gr.Button(
                    "Download picture", variant="primary", elem_id="steer-download"
                )
                self.saved = gr.DownloadButton(visible="hidden", elem_id="steer-hints-file")
                self.made = gr.DownloadButton(visible="hidden", elem_id="steer-file")
        self.now, self.shown = gr.State(Steering()), gr.State(None)
        self.inputs = [self.now, self.shown]
        self.filled = [
            self.photo, self.x, self.y, self.colors, self.list, self.now, self.shown, self.undo,
            self.redo, self.clear,
        ]  # fmt: skip

    @property
    def everything(self) -> list[Any]:
        return [*self.filled, self.note, self.body]

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Another photograph: no hints.  Another method: the same hints, drawn when it is seen."""
        changes = {
            **dict.fromkeys((self.photo, self.colors, self.shown)),
            self.note: note(session.approach),
            self.body: gr.update(visible=session.approach.hints),
        }
        if another_photo:
            off = gr.update(interactive=False)
            changes |= {
                self.list: None,
                self.now: Steering(),
                self.undo: off,
                self.redo: off,
                self.clear: off,
            }
        return changes

    # --- handlers -----------------------------------------------------------------------------

    def fill(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, lambda now: now)

    def _changed(
        self, session: Session, values: Values, change: Callable[[Steering], Steering]
    ) -> Changes | None:
        """Everything once ``change`` has been made; a picture that is there already stays."""
        chosen, key, who, setting = session.chosen, session.key, session.visitor, session.setting
        if chosen is None or not session.approach.hints:
            return None
        now, shown = change(values[self.now]), values[self.shown]
        if shown is None or not shown.still(chosen, key, setting, now.hints):
            shown = picture(self.studio, chosen, key, setting, now.hints, who)
        colors, point = None, {}
        if now.point is not None:
            plain = self.studio.analysis(chosen, key, who)
            colors = colors_value(hint_editing.suggestions(plain, *now.point), now.point)
            point = {self.x: now.point[0], self.y: now.point[1]}
        return {
            self.photo: pointer.value(
                chosen, shown.path, "The photograph under your hints", pins(now)
            ),
            **point,
            self.colors: colors,
            self.list: list_value(now),
            self.now: now,
            self.shown: shown,
            self.undo: gr.update(interactive=bool(now.past)),
            self.redo: gr.update(interactive=bool(now.future)),
            self.clear: gr.update(interactive=bool(now.hints)),
        }

    def point(self, session: Session, values: Values) -> Changes | None:
        """A point of the photograph was chosen."""
        place = pointer.place(session.data, session.chosen) if session.chosen else None
        if place is None:
            return None
        return self._changed(session, values, lambda now: hint_editing.aim(now, *place))

    def typed(self, session: Session, values: Values) -> Changes | None:
        """A number was typed; the fields themselves are left alone meanwhile."""
        if session.chosen is None:
            return None
        place = pointer.inside(values[self.x], values[self.y], session.chosen)
        changes = self._changed(session, values, lambda now: hint_editing.aim(now, *place)) or {}
        return {c: value for c, value in changes.items() if c not in (self.x, self.y)}

    def pick(self, session: Session, values: Values) -> Changes | None:
        """A hint was chosen, on the photograph or in the list."""
        index = tiles.chosen_index(session.data, hint_editing.MOST_HINTS)
        if index is None:
            return None
        return self._changed(session, values, lambda now: hint_editing.select(now, index))

    def drop(self, session: Session, values: Values) -> Changes | None:
        index = tiles.chosen_index(session.data, hint_editing.MOST_HINTS)
        return self._changed(session, values, lambda now: hint_editing.remove(now, index))

    def paint(self, session: Session, values: Values) -> Changes | None:
        """A colour was chosen: a suggested one, or the visitor's own."""
        color = session.data.get("color") if isinstance(session.data, dict) else None
        color = hint_editing.color_of(color)
        return self._changed(session, values, lambda now: hint_editing.paint(now, color))

    def undo_one(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, hint_editing.undo)

    def redo_one(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, hint_editing.redo)

    def clear_all(self, session: Session, values: Values) -> Changes | None:
        return self._changed(session, values, hint_editing.clear)

    def load_file(self, session: Session, values: Values) -> Changes | None:
        path, chosen = values[self.load], session.chosen
        if path is None:
            return None
        if chosen is None:
            warn(NO_PHOTO)
            return None
        return self._changed(
            session, values, lambda now: hint_editing.loaded(now, load(chosen, path))
        )

    def save_file(self, session: Session, values: Values) -> str:
        return save(self.studio, session.chosen, values[self.now].hints, session.visitor)

    def make_file(self, session: Session, values: Values) -> str:
        """The steered photograph at its own size; the path of a PNG."""
        chosen, who = session.chosen, session.visitor
        analysis = self.studio.hinted(chosen, session.key, values[self.now].hints, who)
        return stage.write(self.studio, chosen, analysis, session.setting, who)

    def tie(self) -> None:
        # The photograph stays clear while it is worked on.
        manner = {**self.dragged, "show_progress_on": self.list}
        once = {**self.quiet, "show_progress_on": self.list}
        numbers = [self.x, self.y]
        for event, handler, more, how in (
            (self.photo.point, self.point, [], manner),
            (self.photo.pin, self.pick, [], manner),
            (self.list.pick, self.pick, [], once),
            (self.list.drop, self.drop, [], once),
            (self.colors.paint, self.paint, [], once),
            (self.own.paint, self.paint, [], once),
            (self.x.input, self.typed, numbers, manner),
            (self.y.input, self.typed, numbers, manner),
            (self.undo.click, self.undo_one, [], once),
            (self.redo.click, self.redo_one, [], once),
            (self.clear.click, self.clear_all, [], once),
            (self.load.upload, self.load_file, [self.load], once),
        ):
            self.on(event, handler, [*self.inputs, *more], self.filled, **how)
        self.shared.download(self.save, self.saved, self.save_file, [self.now])
        self.shared.download(self.download, self.made, self.make_file, [self.now])

    # --- the endpoint -------------------------------------------------------------------------

    def add_endpoint(self, parameters: api.Parameters) -> None:
        studio = self.studio
        with gr.Column(visible=False):
            approach = parameters.choice(lambda a: a.hints)
            points, result = gr.JSON(label="Hints"), parameters.picture()

        def steer_photo(
            photo: str,
            hints: Any,
            approach: str,
            temperature: float | None = None,
            top_k: float | None = None,
            vividness: float | None = None,
            strength: float = 1.0,
            request: gr.Request = None,
        ) -> str:
            turned = api.turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
            setting = Setting(turned, strength=check_strength(strength))
            return steer(studio, photo, hints, approach, setting, visitor(request))

        p = parameters
        inputs = [p.photo, points, approach, *p.knobs, p.strength]
        p.add("steer", DESCRIPTION, steer_photo, inputs, result)


DESCRIPTION = """A photograph recoloured under colour hints. Returns a PNG of the photograph's own size.

{photo}
hints: a list of objects with x, y (pixels of the photograph) and color ("#rrggbb"), or the content
of a file of hints: its text, or an object with format "colorizer-hints".
{approach} It has to take hints.
{knobs}
{strength}"""


def steer(
    studio: Studio, path: str | None, hints: Any, key: str, setting: Setting, visitor: str
) -> str:
    """The photograph under its hints at its own size; the path of a PNG."""
    if not get(key).hints:
        raise BadInput(f"{get(key).title} takes no colour hints.")
    if isinstance(hints, str):  # the text of a file of hints
        with suppress(json.JSONDecodeError):
            hints = json.loads(hints)
    if isinstance(hints, list):
        hints = {"format": FORMAT, "version": VERSION, "hints": hints}
    if not isinstance(hints, dict):
        raise BadInput("The hints must be a list, or the content of a file of hints.")
    chosen = studio.open(api.given(path), visitor)
    # As bytes, so that nothing a caller sends can be taken for a path.
    wanted = read_hints(json.dumps(hints).encode(), (chosen.width, chosen.height))
    analysis = studio.hinted(chosen, key, wanted, visitor)
    return api.written(studio, analysis, setting, visitor, f"{chosen.name}-steered")


# --- what is shown --------------------------------------------------------------------------------


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


def note(approach: Approach) -> str:
    return NOTE if approach.hints else f"<p>{NO_HINTS.format(title=approach.title)}</p>"
