"""The visibility of what comes and goes while a visitor works."""

from __future__ import annotations


def when(shown: bool) -> bool | str:
    """Return the ``visible`` of a component that is in the page from the start.

    Gradio loads the code of a component with ``visible=False`` only when it is first shown; where
    the next update overtakes that, it never comes.  A hidden one is there already.
    """
    return True if shown else "hidden"
