"""A person's edits in the tab *Steer*: hints, the point in hand, and the way back.

Every function takes a :class:`Steering` and returns the next one; nothing is changed in place, so
that undo is a list of the ones before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from colorizer.color import ab_plane
from colorizer.hints import Hint
from colorizer.pipeline import Analysis

from ..languages import _
from ..problems import BadInput

MOST_HINTS = 200
MOST_STEPS = 100  # that can be undone
SUGGESTED, APART = 8, 16.0  # how many colours are suggested, and by how much ab they differ
# Where a method has no probabilities to suggest from: (a, b) of things one meets.
PALETTE = (
    (0, 0), (12, 18), (18, 30), (40, 28), (8, 55), (-25, 30), (-12, -18), (6, -38)
)  # fmt: skip


@dataclass(frozen=True)
class Steering:
    """point: the full-size pixel chosen last.  chosen: index of the hint that is being edited."""

    hints: tuple[Hint, ...] = ()
    past: tuple[tuple[Hint, ...], ...] = ()
    future: tuple[tuple[Hint, ...], ...] = ()
    point: tuple[int, int] | None = None
    chosen: int | None = None


def aim(now: Steering, x: int, y: int) -> Steering:
    """A point of the photograph was chosen; its next colour makes a new hint."""
    return replace(now, point=(x, y), chosen=None)


def select(now: Steering, index: int) -> Steering:
    """A hint was chosen, to be given another colour or taken away."""
    if not 0 <= index < len(now.hints):
        return now
    hint = now.hints[index]
    return replace(now, point=(int(hint.x), int(hint.y)), chosen=index)


def paint(now: Steering, color: str) -> Steering:
    """A colour was chosen: for the hint in hand, or as a new hint at the point."""
    if now.point is None:
        raise BadInput(_("Choose a point on the photograph first."))
    hint = Hint(*now.point, color)
    hints = list(now.hints)
    if now.chosen is not None:
        hints[now.chosen] = replace(hints[now.chosen], color=color)
        return replace(_changed(now, hints), chosen=now.chosen)
    if len(hints) >= MOST_HINTS:
        raise BadInput(_("{most} hints are as many as this page takes.", most=MOST_HINTS))
    return replace(_changed(now, [*hints, hint]), chosen=len(hints))


def remove(now: Steering, index: int | None) -> Steering:
    if index is None or not 0 <= index < len(now.hints):
        return now
    return _changed(now, [h for i, h in enumerate(now.hints) if i != index])


def clear(now: Steering) -> Steering:
    return _changed(now, []) if now.hints else now


def loaded(now: Steering, hints: Sequence[Hint]) -> Steering:
    if len(hints) > MOST_HINTS:
        raise BadInput(_("{most} hints are as many as this page takes.", most=MOST_HINTS))
    return _changed(now, hints)


def undo(now: Steering) -> Steering:
    """As it was before the last change of the hints."""
    if not now.past:
        return now
    future = (*now.future, now.hints)
    return replace(now, hints=now.past[-1], past=now.past[:-1], future=future, chosen=None)


def redo(now: Steering) -> Steering:
    """As it was before the last :func:`undo`."""
    if not now.future:
        return now
    past = (*now.past, now.hints)
    return replace(now, hints=now.future[-1], past=past, future=now.future[:-1], chosen=None)


def _changed(now: Steering, hints: Sequence[Hint]) -> Steering:
    past = (*now.past, now.hints)[-MOST_STEPS:]
    return replace(now, hints=tuple(hints), past=past, future=(), chosen=None)


def color_of(text: str | None) -> str:
    """A colour picker's value → ``#rrggbb``.  Raises :class:`BadInput`."""
    text = (text or "").strip().lower()
    if re.fullmatch(r"#[0-9a-f]{6}", text):
        return text
    if short := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", text):
        return "#" + "".join(2 * digit for digit in short.groups())
    if parts := re.fullmatch(r"rgba?\(([\d.]+),\s*([\d.]+),\s*([\d.]+)(?:,\s*[\d.]+)?\)", text):
        return "#" + "".join(f"{min(round(float(p)), 255):02x}" for p in parts.groups())
    raise BadInput(_("Choose a colour, written as #rrggbb."))


def suggestions(analysis: Analysis, x: int, y: int) -> list[tuple[str, str, float | None]]:
    """(#rrggbb of a hint, as it looks at the place, probability or None), likeliest first."""
    lightness = analysis.lightness_at(x, y)
    if analysis.approach.distribution:
        likely = ab_plane.apart(analysis.distribution(x, y), SUGGESTED, APART)
    else:
        likely = [(a, b, None) for a, b in PALETTE]
    return [
        (ab_plane.hint_color(lightness, a, b), ab_plane.swatch(lightness, a, b), p)
        for a, b, p in likely
    ]
