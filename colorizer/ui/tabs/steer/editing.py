"""A person's edits in the tab *Steer*: hints, the point in hand, and the way back.

Every function takes a :class:`Steering` and returns the next one; nothing is changed in place, so
that undo is a list of the ones before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from colorizer.hints import Hint, Point
from colorizer.hints.regions import Stroke

from ...backend.problems import BadInput
from ...languages import _

MOST_HINTS = 200
MOST_STROKES = 100  # of the brush, in one region
MOST_STEPS = 100  # that can be undone


@dataclass(frozen=True)
class Selection:
    """The region in hand, before it has a colour.

    size: 0 to 1; None for the likeliest.  strokes: of the brush.  bare: there is only the brush.
    """

    size: float | None = None
    strokes: tuple[Stroke, ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class PairHint(Hint):
    """A hint that a reference photograph gave.  there: full-size pixel of the reference."""

    there: Point = (0.0, 0.0)


@dataclass(frozen=True)
class Reference:
    """The reference photograph as it is shown.  path: a small picture of it.  Sides at full size."""

    path: str
    width: int
    height: int


@dataclass(frozen=True)
class PickedColor:
    """A colour that was taken from the result.

    color: ``#rrggbb`` of the hint that gives it, before the knobs.  looks: as it is seen.
    """

    color: str
    looks: str


@dataclass(frozen=True)
class Steering:
    """point: the full-size pixel chosen last.  chosen: index of the hint that is being edited.

    selection: the region in hand.  picked: by the eyedropper.
    """

    hints: tuple[Hint, ...] = ()
    past: tuple[tuple[Hint, ...], ...] = ()
    future: tuple[tuple[Hint, ...], ...] = ()
    point: tuple[int, int] | None = None
    chosen: int | None = None
    selection: Selection | None = None
    picked: PickedColor | None = None
    reference: Reference | None = None


def aim(now: Steering, x: int, y: int) -> Steering:
    """A point of the photograph was chosen; its next colour makes a new hint."""
    return replace(now, point=(x, y), chosen=None, selection=None)


def take(now: Steering, x: int, y: int) -> Steering:
    """The thing at a point was chosen; its next colour makes a hint for a region."""
    return replace(aim(now, x, y), selection=Selection())


def resize(now: Steering, size: float) -> Steering:
    """The region in hand is to be larger or smaller: 0 to 1."""
    if now.selection is None or now.selection.bare:
        return now
    return replace(now, selection=replace(now.selection, size=min(max(size, 0.0), 1.0)))


def brush(now: Steering, stroke: Stroke) -> Steering:
    """A stroke adds to the region in hand or takes away from it; without one it begins one."""
    selection, point = now.selection, now.point
    if selection is None:
        if not stroke.add:
            raise BadInput(_("Choose a thing first; then rub out what does not belong to it."))
        first = stroke.points[0]
        selection, point = Selection(bare=True), (int(first[0]), int(first[1]))
    if len(selection.strokes) >= MOST_STROKES:
        raise BadInput(_("{most} strokes are as many as one thing takes.", most=MOST_STROKES))
    selection = replace(selection, strokes=(*selection.strokes, stroke))
    return replace(now, point=point, chosen=None, selection=selection)


def hand_over(now: Steering, reference: Reference | None, pairs: Sequence[PairHint]) -> Steering:
    """The hints of a reference photograph in the place of those of the one before."""
    own = [hint for hint in now.hints if not isinstance(hint, PairHint)]
    now, hints = replace(now, reference=reference), (*pairs, *own)
    if len(hints) > MOST_HINTS:
        raise BadInput(_("{most} hints are as many as this page takes.", most=MOST_HINTS))
    return now if hints == now.hints else _changed(now, hints)


def select(now: Steering, index: int) -> Steering:
    """A hint was chosen, to be given another colour or taken away."""
    if not 0 <= index < len(now.hints):
        return now
    hint = now.hints[index]
    return replace(now, point=(int(hint.x), int(hint.y)), chosen=index, selection=None)


def paint(now: Steering, color: str, region: Callable[[str], Hint] | None = None) -> Steering:
    """A colour was chosen: for the hint in hand, for the region in hand, or for the point.

    region: makes the hint of the region in hand out of a colour.
    """
    if now.point is None:
        raise BadInput(_("Choose a point on the photograph first."))
    hints = list(now.hints)
    if now.chosen is not None:
        hints[now.chosen] = replace(hints[now.chosen], color=color)
        return replace(_changed(now, hints), chosen=now.chosen)
    if len(hints) >= MOST_HINTS:
        raise BadInput(_("{most} hints are as many as this page takes.", most=MOST_HINTS))
    made = Hint(*now.point, color) if region is None else region(color)
    return replace(_changed(now, [*hints, made]), chosen=len(hints))


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
    return replace(
        now, hints=now.past[-1], past=now.past[:-1], future=future, chosen=None, selection=None
    )


def redo(now: Steering) -> Steering:
    """As it was before the last :func:`undo`."""
    if not now.future:
        return now
    past = (*now.past, now.hints)
    return replace(
        now, hints=now.future[-1], past=past, future=now.future[:-1], chosen=None, selection=None
    )


def _changed(now: Steering, hints: Sequence[Hint]) -> Steering:
    past = (*now.past, now.hints)[-MOST_STEPS:]
    return replace(now, hints=tuple(hints), past=past, future=(), chosen=None, selection=None)


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
