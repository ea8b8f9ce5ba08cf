"""A photograph comes or goes, or the method changes: what happens then in every tab."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import gradio as gr

from . import sidebar
from .common import visitor, warn
from .examples import Example
from .problems import EXPECTED, sentence
from .tab import LIGHT, Changes, Session, Shared, Values
from .widgets.tiles import chosen_index


class Opening:
    """Handlers of the column beside the tabs, and of the page itself."""

    def __init__(self, shared: Shared, examples: Sequence[Example]) -> None:
        self.shared, self.left, self.examples = shared, shared.left, examples

    def open(self, session: Session, path: str | None) -> Changes | None:
        """Open a photograph: at once in colour, under the knobs as they are."""
        if path is None:
            return None
        studio = self.shared.studio
        session = replace(session, chosen=studio.open(path, session.visitor))
        best = replace(session.setting, seed=None, around=(), correlation=None)
        return {
            self.left.chosen: session.chosen,
            self.left.photo: sidebar.thumbnail(studio, session.chosen, session.visitor),
            **self.shared.show(session, best),
            **self.shared.reset(session, another_photo=True),
        }

    def uploaded(self, session: Session, values: Values) -> Changes | None:
        """Open an upload.  A file that cannot be used leaves everything as it was before it."""
        try:
            return self.open(session, values[self.left.photo])
        except EXPECTED as error:
            warn(sentence(error))
            back = None
            if session.chosen:
                with suppress(*EXPECTED):  # even the one before may be gone by now
                    back = sidebar.thumbnail(self.shared.studio, session.chosen, session.visitor)
            return {self.left.photo: back}

    def example(self, session: Session, values: Values) -> Changes | None:
        index = chosen_index(session.data, len(self.examples))
        return None if index is None else self.open(session, self.examples[index].path)

    def begin(self, session: Session, values: Values) -> Changes | None:
        """Open the first example, so that the page shows at once what it is for."""
        return self.open(session, self.examples[0].path)

    def closed(self, session: Session, values: Values) -> Changes:
        session = replace(session, chosen=None)
        return {
            self.left.chosen: None,
            **self.shared.every[0].show(session, session.setting),
            **self.shared.reset(session, another_photo=True),
        }

    def method(self, session: Session, values: Values) -> Changes:
        """Turn to another method: its explanation, its knobs as they were last, its picture."""
        return {
            self.left.about: sidebar.about(session.approach),
            **self.shared.every[0].show(session, session.setting),
            **self.shared.reset(session, another_photo=False),
        }

    def forget(self, request: gr.Request) -> None:
        """The browser tab was closed."""
        self.shared.studio.forget(visitor(request))

    def tie(self, demo: gr.Blocks) -> None:
        """Say which event calls which handler."""
        shared, left = self.shared, self.left
        covered = shared.covered
        fresh = [*shared.stage, *shared.everything]
        opened = [left.chosen, left.photo, *fresh]
        shared.on(left.photo.upload, self.uploaded, [left.photo], opened, **covered)
        left.choose.click(None, js=sidebar.CHOOSE, api_visibility="private")
        shared.on(left.photo.clear, self.closed, [], [left.chosen, *fresh], **shared.quiet)
        shared.on(left.examples.choose, self.example, [], opened, **covered)
        shared.tabs.select(_title, None, shared.opened, **LIGHT)
        turned = shared.on(left.method.input, self.method, [], [left.about, *fresh], **covered)
        for tab in shared.every[1:]:
            tab.refill_after(turned)
        shared.on(demo.load, self.begin, [], opened, **covered)
        demo.unload(self.forget)


def _title(event: gr.SelectData) -> str:
    return event.value
