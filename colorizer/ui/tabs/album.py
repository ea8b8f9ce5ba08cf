"""The tab *Album*: many photographs in, one zip of coloured ones out, and what became of each.

The work itself is in :mod:`colorizer.ui.logic.album_job`; the endpoint ``/album`` does it in one call.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach, get
from colorizer.batch.archives import gather
from colorizer.batch.output_paths import AlbumError

from ..common import EXPECTED, queued, sentence, visitor, warn
from ..logic.album_job import (
    COLOURED,
    FAILED,
    JPEG,
    LEFT_OUT,
    PNG,
    SUFFIXES,
    WAITING,
    Progress,
    limits,
    planned,
    run,
    stated,
)
from ..server.settings import Settings
from ..sidebar import Side
from ..studio import Setting, Studio
from ..widgets import knobs, tiles

NOTHING = "Choose photographs first, or a zip archive of them."
EMPTY = "The photographs of your album appear here, each as soon as it has its colours."
LIST = """
{{#if value}}<ul class="album">{{#each value}}
  <li class="{{kind}}"><span class="frame">
    {{#if picture}}<img src="{{picture.url}}" alt="{{alt}}">
    {{else}}{{#if waiting}}<span class="waiting"></span>{{else}}<span class="why">{{note}}</span>
    {{/if}}{{/if}}</span>
    <span class="caption"><span class="title">{{name}}</span>
    <span class="status">{{status}}</span></span>
    {{#if picture}}{{#if note}}<span class="remark">{{note}}</span>{{/if}}{{/if}}</li>
{{/each}}</ul>{{else}}<p class="empty">@empty</p>{{/if}}
"""


def shown(progress: Progress) -> list[dict[str, Any]]:
    """The value of the list."""
    return [
        {
            "name": line.file,
            "alt": f"{line.file} in colour",
            "status": line.status,
            "note": line.note,
            "kind": line.status.replace(" ", "-"),
            "waiting": line.status == WAITING,
            "picture": tiles.served(progress.pictures.get(i)),
        }
        for i, line in enumerate(progress.lines)
    ]


def status(progress: Progress) -> str:
    """How far the album is, as HTML that a screen reader announces."""
    finished = progress.count(COLOURED) + progress.count(FAILED)
    total = finished + progress.count(WAITING)
    counts = [
        f"{progress.count(name)} {name}"
        for name in (COLOURED, FAILED, LEFT_OUT)
        if progress.count(name)
    ]
    if progress.zip:
        words = f"Done: {', '.join(counts) or 'nothing to do'}."
    elif progress.working:
        words = f"{finished + 1} of {total}: {html.escape(progress.working)} …"
    else:
        ready = progress.count(WAITING)
        words = f"{ready} {'photograph' if ready == 1 else 'photographs'} ready"
        words += f", {progress.count(LEFT_OUT)} left out." if progress.count(LEFT_OUT) else "."
    bar = f'<progress max="{total}" value="{finished}" aria-label="Photographs done"></progress>'
    return f'<p role="status">{words}</p>{bar if progress.working else ""}'


@dataclass(frozen=True)
class View:
    files: gr.File
    kind: gr.Radio
    go: gr.Button
    stop: gr.Button
    status: gr.HTML
    download: gr.DownloadButton
    list: gr.HTML
    knobs: dict[str, gr.Slider | gr.Radio]


def files_input(**arguments: Any) -> gr.File:
    """Files as (the name they came with, where they lie)."""
    component = gr.File(file_count="multiple", type="filepath", **arguments)
    component.preprocess = lambda payload: [
        (file.orig_name or Path(file.path).name, file.path)
        for file in (getattr(payload, "root", None) or ([payload] if payload else []))
    ]
    return component


def build(approaches: Sequence[Approach], current: Approach, settings: Settings) -> View:
    """Lays the tab out."""
    gr.HTML(
        "<p>A whole album at once: every photograph gets the best guess of the method on the "
        f"left. {stated(settings)}</p>",
        elem_classes=["note"],
    )
    files = files_input(
        label="Photographs, or zip archives of them", height=150, elem_id="album-files"
    )
    with gr.Row(elem_classes=["go"], elem_id="album-settings"):
        kind = gr.Radio(
            [PNG, JPEG],
            value=PNG,
            label="Results as",
            info="In one zip, under the photographs' own names, with a table of what happened.",
            elem_id="album-kind",
            elem_classes=["knob"],
        )
        go = gr.Button("Colorize the album", variant="primary", elem_id="album-go", scale=0)
        stop = gr.Button("Stop", visible=False, elem_id="album-stop", scale=0)
    with gr.Row(elem_classes=["knobs"]):
        made_knobs = knobs.controls(approaches, current, "album")
    with gr.Row(elem_id="album-state"):
        words = gr.HTML("", elem_id="album-status")
        download = gr.DownloadButton(
            "Download the zip", visible=False, variant="primary", elem_id="album-zip", scale=0
        )
    made = gr.HTML(
        None,
        html_template=LIST.replace("@empty", EMPTY),
        js_on_load=None,
        elem_id="album-list",
        apply_default_css=False,
    )
    return View(files, kind, go, stop, words, download, made, made_knobs)


class Handlers:
    """What a click does; ``request`` is Gradio's, only its session is read."""

    def __init__(self, studio: Studio, names: Sequence[str]) -> None:
        self.studio, self.names = studio, names

    def chosen(self, files: list[tuple[str, str]] | None) -> list[Any]:
        """Files came or went: what they are, before anything is done with them."""
        empty = ["", gr.update(visible=False, value=None), None]
        if not files:
            return empty
        try:
            progress = Progress(planned(gather(files, limits(self.studio.settings)), ""))
        except AlbumError as error:
            warn(html.escape(str(error)))
            return [f'<p role="status">{html.escape(str(error))}</p>', *empty[1:]]
        return [status(progress), empty[1], shown(progress)]

    def start(
        self,
        request: gr.Request,
        files: list[tuple[str, str]] | None,
        kind: str,
        key: str,
        *values: Any,
    ) -> Iterator[list[Any]]:
        """Status, download, list, the buttons; step by step."""
        if not files:
            warn(NOTHING)
            yield [gr.skip()] * 5
            return
        setting = Setting(knobs.read(get(key), self.names, values))
        buttons = [gr.update(interactive=False), gr.update(visible=True)]
        try:
            members = gather(files, limits(self.studio.settings))
            for progress in run(self.studio, members, key, setting, kind, visitor(request)):
                zipped = gr.update(value=progress.zip, visible=progress.zip is not None)
                yield [status(progress), zipped, shown(progress), *buttons]
        except AlbumError as error:
            warn(html.escape(str(error)))
        except EXPECTED as error:
            warn(sentence(error))
        yield [gr.skip()] * 3 + self.stopped()

    def halted(self) -> list[Any]:
        """Somebody pressed Stop."""
        return ['<p role="status">Stopped.</p>', *self.stopped()]

    @staticmethod
    def stopped() -> list[Any]:
        """The buttons as they are when nothing runs."""
        return [gr.update(interactive=True), gr.update(visible=False)]


def _alone(settings: Settings) -> dict[str, Any]:
    """A queue of its own: an album takes minutes, and nobody's knobs wait for it."""
    return {**queued(settings), "concurrency_id": "albums", "concurrency_limit": 1}


def tie(view: View, studio: Studio, left: Side) -> None:
    """Which event calls which handler."""
    on = Handlers(studio, list(view.knobs))
    light = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    told = [view.status, view.download, view.list]
    buttons = [view.go, view.stop]
    view.files.change(on.chosen, view.files, told, **light)
    running = view.go.click(
        on.start,
        [view.files, view.kind, left.method, *view.knobs.values()],
        [*told, *buttons],
        show_progress="minimal",
        show_progress_on=view.status,
        **_alone(studio.settings),
    )
    view.stop.click(on.halted, None, [view.status, *buttons], cancels=[running], **light)
    left.method.input(
        lambda key: knobs.updates(get(key), list(view.knobs)),
        left.method,
        list(view.knobs.values()),
        **light,
    )


# --- the endpoint ------------------------------------------------------------------------------

DESCRIPTION = """Colorize an album. Returns a zip with the results under the photographs' own names
and a table of what happened, and that table's lines.

photos: picture files and zip archives of them. {stated}
approach: the key of a method: {keys}.
{knobs}
format: {formats}."""


def endpoint(
    studio: Studio,
    photos: list[tuple[str, str]] | None,
    key: str,
    turned: dict[str, float | int | None],
    format: str,
    visitor: str,
) -> tuple[str, list[dict[str, Any]]]:
    """The path of the zip, and a line for every photograph.  Raises ValueError, a sentence."""
    if not photos:
        raise ValueError("There are no photographs; send some as `photos`.")
    kind = next((k for k, suffix in SUFFIXES.items() if suffix[1:] == format), None)
    if kind is None:
        raise ValueError(f"format must be {_formats()}, not {format!r}.")
    members = gather(photos, limits(studio.settings))
    *_, last = run(studio, members, key, Setting(turned), kind, visitor)
    return last.zip, [asdict(line) for line in last.lines]


def _formats() -> str:
    return " or ".join(suffix[1:] for suffix in SUFFIXES.values())


def add_endpoint(
    studio: Studio,
    approaches: Sequence[Approach],
    refused: Callable[..., Any],
    turned: Callable[..., dict[str, Any]],
    ranges: str,
) -> None:
    """``/album``; the last three are those of the other endpoints, see :mod:`colorizer.ui.api`."""
    with gr.Column(visible=False):
        files = files_input(label="Photographs")
        approach = gr.Dropdown(
            [a.key for a in approaches], value=approaches[0].key, label="Approach"
        )
        numbers = [gr.Number(None, label=name) for name in ("Temperature", "Top-k", "Vividness")]
        kind = gr.Textbox("png", label="Format")
        made, lines, button = gr.File(label="Zip"), gr.JSON(label="Lines"), gr.Button()

    @refused
    def colorize_album(
        photos: list[str],
        approach: str,
        temperature: float | None = None,
        top_k: float | None = None,
        vividness: float | None = None,
        format: str = "png",
        request: gr.Request = None,
    ) -> tuple[str, list[dict[str, Any]]]:
        values = turned(approach, temperature=temperature, top_k=top_k, vividness=vividness)
        return endpoint(studio, photos, approach, values, format, visitor(request))

    button.click(
        colorize_album,
        [files, approach, *numbers, kind],
        [made, lines],
        api_name="album",
        api_description=DESCRIPTION.format(
            stated=stated(studio.settings),
            keys=", ".join(a.key for a in approaches),
            knobs=ranges,
            formats=_formats(),
        ),
        **{**_alone(studio.settings), "api_visibility": "public"},
    )
