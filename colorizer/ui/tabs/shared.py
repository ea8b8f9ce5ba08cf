"""What all tabs share: who is asking, the components beside the tabs, and how events are tied.

A handler takes the :class:`Session` of the visitor and the values of its inputs by component, and
returns what changes, by component too; None changes nothing.  It may be a generator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.approaches import Approach, get

from ..backend.memory import Memory
from ..backend.problems import EXPECTED, NO_PHOTO, sentence
from ..backend.setting import Chosen, Setting
from ..backend.studio import Studio
from ..events import queued, spoken, visitor, warn
from ..languages import _
from ..languages import spoken as put_in
from ..languages.serving import accepted_by
from ..sidebar.layout import Side, about

if TYPE_CHECKING:
    from .base import Tab
    from .study.visit import Pool

LIGHT = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
MAKING = "Making it …"

Values = Mapping[Any, Any]  # component → what it holds
Changes = dict[Any, Any]  # component → what it shows next
# An event, what its handler finds for it (a photograph's file, a method, a setting), and its inputs.
Opens = tuple[Any, Callable[["Session", Any], Any], Collection[Any]]
Handler = Callable[["Session", Values], Changes | Iterator[Changes] | None]


@dataclass(frozen=True)
class Session:
    """Who is asking, and what of: the photograph and the method beside the tabs.

    data: what the event itself brought, such as the index of a tile.  query: of the page's address.
    pinned: the settings are to stay for the next photograph.  strip: the looks that are shown.
    """

    visitor: str
    chosen: Chosen | None
    key: str
    memory: Memory
    data: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = False
    strip: Any = None

    @property
    def approach(self) -> Approach:
        return get(self.key)

    @property
    def setting(self) -> Setting:
        """The last setting of the method."""
        return self.memory[self.key]


@dataclass
class Shared:
    """Components and services that every tab uses.

    memory: how every method was last set.  opened: key of the open tab.  every: the tabs in
    their order; the first one shows the settings that others send.
    """

    studio: Studio
    approaches: tuple[Approach, ...]
    photographs: Pool  # of the study
    left: Side
    memory: gr.State
    tabs: gr.Tabs
    opened: gr.State
    every: list[Tab] = field(default_factory=list)
    pin: gr.Checkbox | None = None

    @property
    def what(self) -> set[Any]:
        """The components out of which a :class:`Session` is made."""
        return {self.left.chosen, self.left.method, self.memory, self.pin}

    def session(
        self, values: Values, request: gr.Request | None, event: gr.EventData | None = None
    ) -> Session:
        return Session(
            visitor(request),
            values.get(self.left.chosen),
            values.get(self.left.method),
            values.get(self.memory) or Memory(),
            event._data if event is not None else None,
            dict(request.query_params) if request is not None else {},
            bool(values.get(self.pin)),
        )

    # --- one setting for all to see ---------------------------------------------------------

    @property
    def setting_outputs(self) -> list[Any]:
        """Components that :meth:`show` fills."""
        return [self.tabs, *self.every[0].everything]

    def show(self, session: Session, setting: Setting) -> Changes:
        """Open a setting in the first tab."""
        first = self.every[0]
        return {self.tabs: gr.Tabs(selected=first.key), **first.show(session, setting)}

    def turn_to(self, session: Session, key: str, setting: Setting) -> Changes:
        """Open a setting of any method in the first tab."""
        before, session = session.key, replace(session, key=key)
        changes = {
            self.left.method: key,
            self.left.about: about(session.approach),
            **self.show(session, setting),
        }
        if key != before:  # what other tabs show of this method stays
            changes |= self.reset(session, another_photo=False)
        return changes

    @property
    def method_outputs(self) -> list[Any]:
        """Components that :meth:`turn_to` fills."""
        return [self.left.method, self.left.about, *self.setting_outputs, *self.everything]

    @property
    def everything(self) -> list[Any]:
        """Components that :meth:`reset` fills."""
        return [component for tab in self.every[1:] for component in tab.everything]

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Empty every tab but the first for another photograph, or for another method."""
        changes: Changes = {}
        for tab in self.every[1:]:
            changes |= tab.reset(session, another_photo=another_photo)
        return changes

    # --- events -------------------------------------------------------------------------------

    @property
    def quiet(self) -> dict[str, Any]:
        """Arguments of events that work without covering what is shown."""
        return {**queued(self.studio.settings), "show_progress": "minimal"}

    @property
    def covered(self) -> dict[str, Any]:
        """Arguments of events that cover the stage while they work."""
        return {**queued(self.studio.settings), "show_progress_on": self.every[0].picture}

    @property
    def dragged(self) -> dict[str, Any]:
        """Arguments of events of controls that are dragged: only the last one waits."""
        return {**self.quiet, "trigger_mode": "always_last"}

    def on(
        self,
        event: Callable[..., Any],
        handler: Handler,
        inputs: Collection[Any] = (),
        outputs: Collection[Any] = (),
        **manner: Any,
    ) -> Any:
        """Tie a handler to an event of a component; expected errors become a notice."""
        if inspect.isgeneratorfunction(handler):

            def call(values: dict, request: gr.Request, event: gr.EventData = None) -> Any:
                session = self.session(values, request, event)
                with self.studio.serving(session.visitor):
                    for changes in handler(session, values):
                        yield changes or gr.skip()

        else:

            def call(values: dict, request: gr.Request, event: gr.EventData = None) -> Any:
                session = self.session(values, request, event)
                with self.studio.serving(session.visitor):
                    return handler(session, values) or gr.skip()

        return event(spoken(call), {*inputs, *self.what}, list(outputs), **manner)

    def download(
        self,
        button: gr.Button,
        made: gr.DownloadButton,
        handler: Callable[[Session, Values], str | None],
        inputs: Collection[Any] = (),
    ) -> None:
        """Tie a button that makes a file when it is pressed, says so meanwhile, and hands it over.

        handler: returns the path of the file.
        """

        def make(values: dict, request: gr.Request) -> str | None:
            session = self.session(values, request)
            if session.chosen is None:
                warn(_(NO_PHOTO))
                return None
            try:
                with self.studio.serving(session.visitor):
                    return handler(session, values)
            except EXPECTED as error:
                warn(sentence(error))
                return None

        busy, done = _saying(_(MAKING), False), _saying(button.value, True)
        work = {**queued(self.studio.settings), "show_progress": "hidden"}
        making = button.click(busy, None, button, **LIGHT).then(
            spoken(make), {*inputs, *self.what}, made, **work
        )
        making.success(None, js=_follow(made.elem_id), api_visibility="private")
        making.then(done, None, button, **LIGHT)


def _saying(marked: str, free: bool) -> Callable[[gr.Request], Any]:
    """A handler after which a button says something, and can be pressed or not."""

    def say(request: gr.Request) -> Any:
        return gr.update(value=put_in(marked, accepted_by(request)), interactive=free)

    return say


def _follow(elem_id: str) -> str:
    """JavaScript that presses a hidden download button once it holds the file that was made.

    Gradio hands the file to it a moment after the event.
    """
    return f"() => {{ setTimeout(() => document.querySelector('#{elem_id}').click(), 200) }}"
