"""The base of every tab: a class that lays itself out, ties its events and adds its endpoint."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.approaches import Approach

from ..backend.setting import Sheet
from ..widgets import tiles
from .shared import Changes, Handler, Opens, Session, Shared, Values

if TYPE_CHECKING:
    from ..api import Parameters


class Tab:
    """One tab.  ``inputs`` are what :meth:`fill` reads, ``filled`` what it fills."""

    title = ""
    key = ""  # its id, and the beginning of its elements' ids
    inputs: Collection[Any] = ()
    filled: Collection[Any] = ()

    def __init__(self, shared: Shared, item: gr.Tab) -> None:
        self.shared, self.studio, self.item = shared, shared.studio, item
        self.build(shared.approaches, shared.approaches[0])

    def build(self, approaches: tuple[Approach, ...], current: Approach) -> None:
        """Lay the components out."""
        raise NotImplementedError

    @property
    def everything(self) -> Collection[Any]:
        """Components that :meth:`reset` fills."""
        return []

    def reset(self, session: Session, *, another_photo: bool) -> Changes:
        """Get ready for another photograph or, else, for another method."""
        return {}

    def fill(self, session: Session, values: Values) -> Changes | Iterator[Changes] | None:
        """Values for the tab once it is opened, unless it shows them already."""
        return None

    def opening(self) -> Opens | None:
        """Event that opens another photograph in the first tab, if there is one."""
        return None

    def tie(self) -> None:
        """Say which event calls which handler."""

    def add_endpoint(self, parameters: Parameters) -> None:
        """Add what programs can call."""

    # --- for tabs to use ----------------------------------------------------------------------

    @property
    def quiet(self) -> dict[str, Any]:
        return self.shared.quiet

    @property
    def dragged(self) -> dict[str, Any]:
        return {**self.quiet, "trigger_mode": "always_last"}

    def on(self, event: Callable[..., Any], handler: Handler, *args: Any, **manner: Any) -> Any:
        return self.shared.on(event, handler, *args, **manner)

    def use_tile(self, session: Session, sheet: Sheet | None) -> Changes | None:
        """Open the setting of a chosen tile in the first tab, with its seed and its knobs."""
        index = tiles.chosen_index(session.data, len(sheet.settings)) if sheet else None
        if session.chosen is None or index is None:
            return None
        return self.shared.show(session, sheet.settings[index])

    def tie_opening(self) -> None:
        """The tab fills itself when it is opened."""
        if self.filled:
            self.on(self.item.select, self.fill, self.inputs, self.filled, **self.quiet)

    def refill_after(self, event: Any) -> None:
        """Fill the tab again after an event that emptied it, if it is the open one."""
        if not self.filled:
            return
        opened = self.shared.opened

        def fill(session: Session, values: Values) -> Iterator[Changes | None]:
            if values[opened] != self.key:
                yield None
            elif inspect.isgeneratorfunction(self.fill):
                yield from self.fill(session, values)
            else:
                yield self.fill(session, values)

        self.on(event.then, fill, {*self.inputs, opened}, self.filled, **self.quiet)


def showing(sheet: Sheet | None, session: Session) -> bool:
    """True if a sheet belongs to the session's photograph and method."""
    return sheet is not None and (sheet.digest, sheet.key) == (session.chosen.digest, session.key)
