"""A photograph comes or goes, or the method changes: what happens then in every tab."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from ..backend import address, download
from ..backend.memory import Memory
from ..backend.problems import EXPECTED, sentence
from ..backend.setting import Setting
from ..events import visitor, warn
from ..languages import _
from ..tabs.shared import LIGHT, Changes, Session, Shared, Values
from ..widgets.tiles import chosen_index
from . import layout
from .examples import Example

GONE = "The photograph of before is no longer kept here. Please open it again."
# This browser tab alone knows the word with which its photograph is found after a reload.
REMEMBER = "(token) => sessionStorage.setItem('colorizer-photograph', token)"
REMEMBERED = """(...inputs) => [
    ...inputs.slice(0, -1), sessionStorage.getItem('colorizer-photograph') ?? '']"""


class Opening:
    """Handlers of the column beside the tabs, and of the page itself."""

    def __init__(self, shared: Shared, examples: Sequence[Example]) -> None:
        self.shared, self.left, self.examples = shared, shared.left, examples
        # The last component of the page: it is the last input of the page's first event.
        self.token = gr.Textbox("", visible="hidden", elem_id="token")

    def open(self, session: Session, path: str | None) -> Changes | None:
        """Open another photograph: at once in colour, at the defaults unless they are pinned."""
        if path is None:
            return None
        memory = session.memory.fresh(pinned=session.pinned)
        return self._open(replace(session, memory=memory), path)

    def _open(self, session: Session, path: str | Path) -> Changes:
        studio = self.shared.studio
        session = replace(session, chosen=studio.open(path, session.visitor))
        return {
            self.left.chosen: session.chosen,
            self.left.photo: layout.thumbnail(studio, session.chosen, session.visitor),
            self.token: studio.token(session.chosen),
            self.shared.every[0].kind: download.kind_for(session.chosen),
            **self.shared.show(session, session.setting),
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
                    back = layout.thumbnail(self.shared.studio, session.chosen, session.visitor)
            return {self.left.photo: back}

    def example(self, session: Session, values: Values) -> Changes | None:
        index = chosen_index(session.data, len(self.examples))
        return None if index is None else self.open(session, self.examples[index].path)

    def with_setting(self, session: Session, path: Path, key: str, setting: Setting) -> Changes:
        """Open a photograph under a setting of a method."""
        chosen = self.shared.studio.open(path, session.visitor)
        if session.chosen and chosen.digest == session.chosen.digest:
            return self.shared.turn_to(session, key, setting)  # and the way back is kept
        session = replace(session, key=key, memory=Memory({key: setting}))
        return {
            self.left.method: key,
            self.left.about: layout.about(session.approach),
            **self._open(session, path),
        }

    def begin(self, session: Session, values: Values) -> Changes | None:
        """Open what was there before a reload, or the first example; set as the address says."""
        known = {a.key: a for a in self.shared.approaches}
        changes: Changes = {}
        if found := address.read(session.query, known):
            key, setting = found
            session = replace(session, key=key, memory=Memory({key: setting}))
            changes = {self.left.method: key, self.left.about: layout.about(session.approach)}
            changes |= self.shared.reset(session, another_photo=False)
        token = values[self.token]
        path = self.shared.studio.path_of(token) if token else None
        if token and path is None:
            warn(_(GONE))
        return {**changes, **self._open(session, path or self.examples[0].path)}

    def closed(self, session: Session, values: Values) -> Changes:
        session = replace(session, chosen=None)
        return {
            self.left.chosen: None,
            self.token: "",
            **self.shared.every[0].show(session, session.setting),
            **self.shared.reset(session, another_photo=True),
        }

    def method(self, session: Session, values: Values) -> Changes | None:
        """Turn to another method: its explanation, its knobs as they were last, its picture."""
        if session.chosen and session.key == session.memory.key:
            return None  # Gradio says so, too, when the keyboard only passes by
        return {
            self.left.about: layout.about(session.approach),
            **self.shared.every[0].show(session, session.setting),
            **self.shared.reset(session, another_photo=False),
        }

    def turned_to(self, event: gr.SelectData) -> str:
        """A tab was opened: its key.  Its title is in the visitor's language."""
        return self.shared.every[event.index].key

    def forget(self, request: gr.Request) -> None:
        """The browser tab was closed."""
        self.shared.studio.forget(visitor(request))

    def tie(self, demo: gr.Blocks) -> None:
        """Say which event calls which handler."""
        shared, left = self.shared, self.left
        covered = shared.covered
        fresh = [*shared.setting_outputs, *shared.everything]
        first = shared.every[0]
        opened = [left.chosen, left.photo, self.token, first.kind, *fresh]
        uploaded = shared.on(left.photo.upload, self.uploaded, [left.photo], opened, **covered)
        left.choose.click(None, js=layout.CHOOSE, api_visibility="private")
        shared.on(
            left.photo.clear, self.closed, [], [left.chosen, self.token, *fresh], **shared.quiet
        )
        taken = shared.on(left.examples.choose, self.example, [], opened, **covered)
        shared.tabs.select(self.turned_to, None, shared.opened, **LIGHT)
        turned = shared.on(left.method.input, self.method, [], [left.about, *fresh], **covered)
        for tab in shared.every:
            tab.refill_after(turned)
        every = [left.method, left.about, *opened]
        begun = shared.on(demo.load, self.begin, [self.token], every, js=REMEMBERED, **covered)
        for event in (uploaded, taken, begun):
            first.refill_after(event)
        for tab in shared.every:
            if found := tab.opening():
                event, find, inputs = found

                def chosen(session: Session, values: Values, find: Any = find) -> Changes | None:
                    found = find(session, values)
                    return found and self.with_setting(session, *found)

                first.refill_after(shared.on(event, chosen, inputs, every, **covered))
        self.token.change(None, self.token, js=REMEMBER, api_visibility="private")
        demo.unload(self.forget)
