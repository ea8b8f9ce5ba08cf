"""What a click does in Compare, Inspect and Steer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from .common import spoken, visitor
from .handlers import Handlers
from .logic import hint_editing
from .logic.hint_editing import Steering
from .studio import Chosen
from .tabs import compare, inspect, steer
from .tabs.colorize import Memory, remembered
from .widgets import pointer
from .widgets.tiles import chosen_index


class Exploring:
    """One method for each event; :mod:`colorizer.ui.events` ties them to components.

    The knobs of a method are those it was last given in Colorize (``memory``).
    """

    def __init__(
        self,
        base: Handlers,
        side_by_side: compare.View,
        point: inspect.View,
        hints: steer.View,
    ) -> None:
        self.base, self.studio = base, base.studio
        self.side_by_side, self.point, self.hints = side_by_side, point, hints

    # --- Compare -------------------------------------------------------------------------------

    @spoken
    def compare(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        memory: Memory,
        shown: compare.Comparison | None,
        keys: Sequence[str],
    ) -> Iterator[Any]:
        who = visitor(request)
        yield from self.side_by_side.stream(self.studio, chosen, memory, who, shown, keys)

    @spoken
    def taken(
        self,
        request: gr.Request,
        event: gr.EventData,
        shown: compare.Comparison | None,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
    ) -> Any:
        """A picture of the comparison goes to Colorize, with its method."""
        index = chosen_index(event, len(shown.results) + 1) if shown else None
        result = compare.at(shown, index) if shown else None
        if chosen is None or result is None:
            return gr.skip()
        turned = self.base.turned(request, chosen, result.key, memory, result.setting)
        if result.key == key:  # what other tabs show of this method stays
            seen = 1 + len(self.base.picture.everything)
            turned[seen:] = [gr.skip()] * (len(turned) - seen)
        return [gr.Tabs(selected="colorize"), result.key, *turned]

    def sheet(
        self, request: gr.Request, chosen: Chosen | None, shown: compare.Comparison | None
    ) -> str | None:
        return self.base.file(
            chosen, lambda: self.side_by_side.sheet(self.studio, chosen, shown, visitor(request))
        )

    # --- Inspect -------------------------------------------------------------------------------

    @spoken
    def inspect(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        shown: inspect.Shown | None,
        x: float | None,
        y: float | None,
    ) -> Any:
        setting = remembered(memory, key)
        return self.point.look(self.studio, chosen, key, setting, visitor(request), shown, x, y)

    def inspect_click(
        self, request: gr.Request, event: gr.EventData, chosen: Chosen | None, *rest: Any
    ) -> Any:
        """A click on the photograph or on its map; ``rest``: key, memory, shown."""
        place = pointer.place(event, chosen) if chosen else None
        return gr.skip() if place is None else self.inspect(request, chosen, *rest, *place)

    def inspect_typed(self, request: gr.Request, *given: Any) -> Any:
        """A number was typed; the fields themselves are left alone meanwhile."""
        return _but(self.inspect(request, *given), self.point.filled, self.point.x, self.point.y)

    # --- Steer ---------------------------------------------------------------------------------

    @spoken
    def steer(
        self,
        request: gr.Request,
        change: Callable[[Steering], Steering],
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        now: Steering,
        shown: steer.Shown | None,
    ) -> Any:
        """What the tab shows once ``change`` has been made."""
        setting = remembered(memory, key)
        return self.hints.look(
            self.studio, chosen, key, setting, visitor(request), change(now), shown
        )

    def steer_show(self, request: gr.Request, *what: Any) -> Any:
        return self.steer(request, lambda now: now, *what)

    def steer_click(self, request: gr.Request, event: gr.EventData, *what: Any) -> Any:
        place = pointer.place(event, what[0]) if what[0] else None
        if place is None:
            return gr.skip()
        return self.steer(request, lambda now: hint_editing.aim(now, *place), *what)

    def steer_typed(self, request: gr.Request, x: Any, y: Any, *what: Any) -> Any:
        if what[0] is None:
            return gr.skip()
        shown = self.steer(
            request, lambda now: hint_editing.aim(now, *pointer.inside(x, y, what[0])), *what
        )
        return _but(shown, self.hints.filled, self.hints.x, self.hints.y)

    def steer_pick(self, request: gr.Request, event: gr.EventData, *what: Any) -> Any:
        """A hint was chosen, on the photograph or in the list."""
        index = chosen_index(event, hint_editing.MOST_HINTS)
        if index is None:
            return gr.skip()
        return self.steer(request, lambda now: hint_editing.select(now, index), *what)

    def steer_drop(self, request: gr.Request, event: gr.EventData, *what: Any) -> Any:
        index = chosen_index(event, hint_editing.MOST_HINTS)
        return self.steer(request, lambda now: hint_editing.remove(now, index), *what)

    def steer_paint(self, request: gr.Request, event: gr.EventData, *what: Any) -> Any:
        """A suggested colour was chosen."""
        data = event._data if isinstance(event._data, dict) else {}
        return self.steer_use(request, data.get("color"), *what)

    def steer_use(self, request: gr.Request, color: str | None, *what: Any) -> Any:
        """The picker's colour was chosen."""
        return self.steer(
            request, lambda now: hint_editing.paint(now, hint_editing.color_of(color)), *what
        )

    def steer_undo(self, request: gr.Request, *what: Any) -> Any:
        return self.steer(request, hint_editing.undo, *what)

    def steer_clear(self, request: gr.Request, *what: Any) -> Any:
        return self.steer(request, hint_editing.clear, *what)

    def steer_load(self, request: gr.Request, path: str | None, *what: Any) -> Any:
        if path is None or not steer.ready(what[0]):
            return gr.skip()
        return self.steer(
            request, lambda now: hint_editing.loaded(now, steer.load(what[0], path)), *what
        )

    def steer_save(self, request: gr.Request, chosen: Chosen | None, now: Steering) -> str | None:
        return self.base.file(
            chosen, lambda: steer.save(self.studio, chosen, now.hints, visitor(request))
        )

    def steer_download(
        self,
        request: gr.Request,
        chosen: Chosen | None,
        key: str,
        memory: Memory,
        now: Steering,
    ) -> str | None:
        make = functools.partial(steer.download, self.studio, chosen, key, remembered(memory, key))
        return self.base.file(chosen, lambda: make(now.hints, visitor(request)))


def _but(updates: Any, components: Sequence[Any], *untouched: Any) -> Any:
    """Updates of components without those that are left as they are."""
    if not isinstance(updates, list):
        return updates
    return [
        gr.skip() if component in untouched else update
        for component, update in zip(components, updates, strict=True)
    ]
