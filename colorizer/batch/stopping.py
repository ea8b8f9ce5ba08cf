"""Being asked to stop: Ctrl-C, and the polite ends that are handled like it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..images.output.parts import remove_noted

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # kill or a closing container, a closing terminal

_heard: list[signal.Signals] = []
_asked = _held = False


def listen() -> None:
    """Have every polite end raise KeyboardInterrupt, as Ctrl-C does.

    Under nohup the terminal's end is none, and a background job of a shell has no Ctrl-C.
    """
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            _heard.append(number)
    _handle(_stop)
    sys.unraisablehook = _unraisable


def clean_up() -> None:
    """Remove unfinished files undisturbed; whoever asks again after that is obeyed at once."""
    _handle(signal.SIG_IGN)
    remove_noted()
    _handle(signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[None]:
    """Let a stop wait for the end of the block, such as while a process is being started."""
    global _held
    _held = True
    try:
        yield
    finally:
        _held = False
    check()


def check() -> None:
    """Raise KeyboardInterrupt for a stop that could not be heard when it came."""
    if _asked:
        raise KeyboardInterrupt


def _handle(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in _heard:
        signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    global _asked
    _asked = True
    if not _held:
        raise KeyboardInterrupt


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Say nothing of an interrupt in a destructor or callback, where Python can only drop it."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
