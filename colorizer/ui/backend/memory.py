"""The settings of one visit: the last one of every method, and the way back and forth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from .setting import Setting

MOST_STEPS = 200  # that can be undone


@dataclass(frozen=True)
class Memory:
    """The last setting of every method in this visit, and the way back and forth.

    key: the method that is shown.  past, future: (method, setting), the nearest last.
    last_knob: the one that the latest step turned; turning it further is the same step.
    """

    settings: Mapping[str, Setting] = field(default_factory=dict)
    key: str = ""
    past: tuple[tuple[str, Setting], ...] = ()
    future: tuple[tuple[str, Setting], ...] = ()
    last_knob: str = ""

    def __getitem__(self, key: str) -> Setting:
        """Setting that a method was last given; its defaults if it never was."""
        return self.settings.get(key, Setting())

    def step(self, key: str, setting: Setting) -> Memory:
        """The memory once a method has been given a setting, which can be undone."""
        if not self.key:  # the first one of a photograph: there is nothing to go back to
            return self._at(key, setting)
        before = self.key, self[self.key]
        if before == (key, setting):
            return self
        last_knob = _only_difference(before[1], setting) if key == self.key else ""
        if last_knob and last_knob == self.last_knob:
            return replace(self._at(key, setting), future=(), last_knob=last_knob)
        past = (*self.past, before)[-MOST_STEPS:]
        return replace(self._at(key, setting), past=past, future=(), last_knob=last_knob)

    def undo(self) -> Memory:
        if not self.past:
            return self
        future = (*self.future, (self.key, self[self.key]))
        return replace(self._at(*self.past[-1]), past=self.past[:-1], future=future, last_knob="")

    def redo(self) -> Memory:
        if not self.future:
            return self
        past = (*self.past, (self.key, self[self.key]))
        return replace(self._at(*self.future[-1]), past=past, future=self.future[:-1], last_knob="")

    def fresh(self, *, pinned: bool) -> Memory:
        """The memory for another photograph: the defaults again, unless they are pinned."""
        if not pinned:
            return Memory()
        best = {k: replace(s, seed=None, around=(), correlation=None)
                for k, s in self.settings.items()}  # fmt: skip
        return Memory(best)

    def _at(self, key: str, setting: Setting) -> Memory:
        return replace(self, settings={**self.settings, key: setting}, key=key)


def _only_difference(one: Setting, other: Setting) -> str:
    """Name of the only knob in which two settings differ, or nothing."""
    knobs = one.knobs.keys() | other.knobs.keys()
    found = [name for name in knobs if one.knobs.get(name) != other.knobs.get(name)]
    rest = [f.name for f in fields(Setting) if f.name != "knobs"]
    found += [name for name in rest if getattr(one, name) != getattr(other, name)]
    return found[0] if len(found) == 1 else ""
