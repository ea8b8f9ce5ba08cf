"""The tab *Album*: many photographs in, one zip of coloured ones out, and what became of each."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.approaches import Approach
from colorizer.batch.archives import gather
from colorizer.batch.output_paths import AlbumError

from ... import api
from ...backend import knob_values
from ...backend.problems import EXPECTED, sentence
from ...backend.setting import Setting
from ...events import queued, warn
from ...languages import _
from ...languages.sentences import translated
from ...widgets import knobs, tiles
from ...widgets.send import with_send
from ...widgets.upload import files_input
from ...widgets.visible import when
from ..base import Tab
from ..shared import LIGHT, Changes, Opens, Session, Values
from . import endpoint, job
from .job import Progress

NOTE = "A whole album at once: every photograph gets the best guess of the method on the left."
NOTHING = "Choose photographs first, or a zip archive of them."
EMPTY = "The photographs of your album appear here, each as soon as it has its colours."
COUNTS = {
    job.COLOURED: "{count} coloured",
    job.FAILED: "{count} failed",
    job.LEFT_OUT: "{count} left out",
}
READY = ("1 photograph ready", "{count} photographs ready")
LIST = """
{{#if value}}<ul class="album">{{#each value}}
  <li class="{{kind}}"><span class="frame">
    {{#if picture}}<button type="button" class="tile" data-index="{{@index}}"><img src="{{picture.url}}" alt="{{alt}}"></button>
    {{else}}{{#if waiting}}<span class="waiting"></span>{{else}}<span class="why">{{note}}</span>
    {{/if}}{{/if}}</span>
    <span class="caption"><span class="title">{{name}}</span>
    <span class="status">{{status}}</span></span>
    {{#if picture}}{{#if note}}<span class="remark">{{note}}</span>{{/if}}{{/if}}</li>
{{/each}}</ul>{{else}}<p class="empty">@empty</p>{{/if}}
"""


class Album(Tab):
    title, key = "Album", "album"

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        gr.HTML(
            f"<p>{_(NOTE)} {job.limits_in_words(self.studio.settings)}</p>",
            elem_classes=["note"],
        )
        self.files = files_input(
            label=_("Photographs, or zip archives of them"), height=150, elem_id="album-files"
        )
        with gr.Row(elem_classes=["go"], elem_id="album-settings"):
            self.kind = gr.Radio(
                [(_(kind), kind) for kind in (job.SAME, job.PNG, job.JPEG)],
                value=job.SAME,
                label=_("Results as"),
                info=_("One zip with a table of what happened. As they came: JPEG for a JPEG."),
                elem_id="album-kind",
                elem_classes=["knob"],
            )
            self.go = gr.Button(
                _("Colorize the album"), variant="primary", elem_id="album-go", scale=0
            )
            self.stop = gr.Button(_("Stop"), visible=when(False), elem_id="album-stop", scale=0)
        with gr.Row(elem_classes=["knobs"]):
            self.knobs = knobs.controls(approaches, current, "album")
        with gr.Row(elem_id="album-state"):
            self.status = gr.HTML("", elem_id="album-status")
            self.download = gr.DownloadButton(
                _("Download the zip"),
                visible=when(False),
                variant="primary",
                elem_id="album-zip",
                scale=0,
            )
        self.list = gr.HTML(
            None,
            html_template=LIST.replace("@empty", _(EMPTY)),
            js_on_load=with_send(tiles.CHOOSE),
            elem_id="album-list",
            apply_default_css=False,
        )
        self.made = gr.State(None)  # how the album was made: (key, Setting)

    @property
    def everything(self) -> list[Any]:
        return list(self.knobs.values())

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        return {} if another_photo else knobs.updates(session.approach, self.knobs)

    # --- handlers -----------------------------------------------------------------------------

    def chosen(self, session: Session, values: Values) -> Changes:
        """Files came or went: what they are, before anything is done with them."""
        files = values[self.files]
        changes = {
            self.status: "",
            self.download: gr.update(visible=when(False), value=None),
            self.list: None,
        }
        if not files:
            return changes
        try:
            members = gather(files, job.limits(self.studio.settings))
        except AlbumError as error:
            warn(sentence(error))
            return {**changes, self.status: f'<p role="status">{sentence(error)}</p>'}
        progress = Progress(job.plan(members, values[self.kind]))
        return {**changes, self.status: status(progress), self.list: shown(progress)}

    def run(self, session: Session, values: Values) -> Iterator[Changes | None]:
        """Colorize the album, photograph by photograph."""
        files = values[self.files]
        if not files:
            warn(_(NOTHING))
            yield None
            return
        held = knobs.held(self.knobs, values)
        setting = Setting(knob_values.read(session.approach, held))
        how = {self.made: (session.key, setting)}
        buttons = {self.go: gr.update(interactive=False), self.stop: gr.update(visible=when(True))}
        try:
            members = gather(files, job.limits(self.studio.settings))
            for progress in job.run(
                self.studio, members, session.key, setting, values[self.kind], session.visitor
            ):
                zipped = gr.update(value=progress.zip, visible=when(bool(progress.zip)))
                yield {
                    self.status: status(progress),
                    self.download: zipped,
                    self.list: shown(progress),
                    **buttons,
                    **how,
                }
        except EXPECTED as error:
            warn(sentence(error))
        yield self._idle()

    def opened(self, session: Session, values: Values) -> tuple[Path, str, Setting] | None:
        """A result was chosen: its photograph, and how it was made."""
        files, made = values[self.files], values[self.made]
        members = gather(files, job.limits(self.studio.settings)) if files and made else []
        index = tiles.chosen_index(session.data, len(members))
        if index is None:
            return None
        return job.unpack(self.studio, members[index], session.visitor), *made

    def opening(self) -> Opens:
        return self.list.choose, self.opened, [self.files, self.made]

    def halt(self, session: Session, values: Values) -> Changes:
        """Somebody pressed Stop."""
        return {
            self.status: '<p role="status">{words}</p>'.format(words=_("Stopped.")),
            **self._idle(),
        }

    def _idle(self) -> Changes:
        """The buttons as they are when nothing runs."""
        return {self.go: gr.update(interactive=True), self.stop: gr.update(visible=when(False))}

    def _alone(self) -> dict[str, Any]:
        """A queue of its own: an album takes minutes, and nobody's knobs wait for it."""
        manner = queued(self.studio.settings)
        return {**manner, "concurrency_id": "albums", "concurrency_limit": 1}

    def tie(self) -> None:
        shown_outputs = [self.status, self.download, self.list]
        buttons = [self.go, self.stop]
        self.on(self.files.change, self.chosen, [self.files, self.kind], shown_outputs, **LIGHT)
        running = self.on(
            self.go.click,
            self.run,
            [self.files, self.kind, *self.knobs.values()],
            [*shown_outputs, *buttons, self.made],
            show_progress="minimal",
            show_progress_on=self.status,
            **self._alone(),
        )
        self.on(self.stop.click, self.halt, [], [self.status, *buttons], cancels=[running], **LIGHT)

    def add_endpoint(self, parameters: api.Parameters) -> None:
        endpoint.add(self.studio, parameters, self._alone())


def shown(progress: Progress) -> list[dict[str, Any]]:
    """The value of the list."""
    return [
        {
            "name": line.file,
            "alt": _("{name} in colour", name=line.file),
            "status": _(line.status),
            "note": translated(line.note),
            "kind": line.status.replace(" ", "-"),
            "waiting": line.status == job.WAITING,
            "picture": tiles.served(progress.pictures.get(i)),
        }
        for i, line in enumerate(progress.lines)
    ]


def status(progress: Progress) -> str:
    """Progress of the album, as HTML that a screen reader announces."""
    finished = progress.count(job.COLOURED) + progress.count(job.FAILED)
    total = finished + progress.count(job.WAITING)
    counts = [
        _(words, count=progress.count(name))
        for name, words in COUNTS.items()
        if progress.count(name)
    ]
    if progress.zip:
        words = _("Done: {counts}.", counts=", ".join(counts) or _("nothing to do"))
    elif progress.working:
        name = html.escape(progress.working)
        words = _("{number} of {total}: {name} …", number=finished + 1, total=total, name=name)
    else:
        ready, left_out = progress.count(job.WAITING), progress.count(job.LEFT_OUT)
        parts = [_(READY[ready != 1], count=ready)] + [_(COUNTS[job.LEFT_OUT], count=left_out)] * (
            left_out > 0
        )
        words = f"{', '.join(parts)}."
    done = _("Photographs done")
    bar = f'<progress max="{total}" value="{finished}" aria-label="{done}"></progress>'
    return f'<p role="status">{words}</p>{bar if progress.working else ""}'
