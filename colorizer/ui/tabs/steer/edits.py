"""What a visitor has in hand in the tab *Steer*, changed by one event at a time."""

from __future__ import annotations

import threading

from .editing import Steering
from .picture import Shown


class Edits:
    """The same object for all events of a visitor, in the page's session state.

    Two events that overlap (a stroke, then a tap on a colour) would each begin with the state
    before both, and the later answer would undo what the other did.  So an event holds ``turn``
    from reading to writing.  shown: the picture on the page, None before the first.
    """

    def __init__(self) -> None:
        self.now = Steering()
        self.shown: Shown | None = None
        self.turn = threading.RLock()

    def __deepcopy__(self, memo: dict) -> Edits:
        """Gradio copies the first value for every visitor; a lock cannot be copied."""
        return Edits()
