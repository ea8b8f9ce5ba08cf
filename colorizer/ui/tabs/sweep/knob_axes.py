"""Two knobs as the axes of a contact sheet: their values, typed or chosen, and the settings.

Nothing here imports Gradio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from colorizer.approaches import Approach, Knob, get
from colorizer.errors import InvalidArgument

from ...backend import knob_values
from ...backend.knob_values import OFF
from ...backend.problems import BadInput
from ...backend.setting import Setting
from ...languages import _

DOWN, ACROSS = 5, 4  # how many values rows and columns have where nobody gave any
MOST_VALUES = 8  # of one axis


def axes(
    approach: Approach, rows: str | None = None, columns: str | None = None
) -> tuple[Knob, Knob] | None:
    """The knobs of rows and columns, or None if the approach has fewer than two.

    Names that it has not, or twice the same, give way to its first knobs.
    """
    if len(approach.knobs) < 2:
        return None
    down = approach.knob(rows or "") or approach.knobs[0]
    across = approach.knob(columns or "")
    if across is None or across is down:
        across = next(k for k in approach.knobs if k is not down)
    return down, across


def spread(knob: Knob, count: int) -> str:
    """The values to begin with, as they are written in the field."""
    return ", ".join(knob_values.label(knob, value) for value in knob_values.spread(knob, count))


def parse(knob: Knob, text: str | None, count: int) -> list[knob_values.Value]:
    """The values of an axis as they were typed; nothing typed: some over the knob's range.

    Raises :class:`BadInput` with one sentence.
    """
    words = [word for word in re.split(r"[,;\s]+", text or "") if word]
    if not words:
        return knob_values.spread(knob, count)
    if len(words) > MOST_VALUES:
        raise BadInput(
            _(
                "{knob}: {most} values are as many as fit on the sheet.",
                knob=_(knob.label),
                most=MOST_VALUES,
            )
        )
    values = []
    for word in words:
        off = knob.default is None and word.lower() in (OFF.lower(), _(OFF).lower())
        try:
            value = knob.maximum if off else float(word)
        except ValueError:
            raise BadInput(
                _("{knob} takes numbers, not “{word}”.", knob=_(knob.label), word=word[:20])
            ) from None
        try:
            values.append(knob.check(value))
        except InvalidArgument as error:
            raise BadInput(str(error)) from None
    return list(dict.fromkeys(values))


def settings(
    key: str,
    held: Mapping[str, Any],
    rows: str | None = None,
    columns: str | None = None,
    down_values: str | None = None,
    across_values: str | None = None,
    strength: float | None = None,
) -> list[Setting]:
    """The sheet's settings row by row; knobs that are no axis stay as they are."""
    approach = get(key)
    found = axes(approach, rows, columns)
    if found is None:
        return []
    fixed = knob_values.read(approach, held)
    down, across = found
    more = {} if strength is None else {"strength": strength}
    return [
        Setting({**fixed, down.name: d, across.name: a}, **more)
        for d in parse(down, down_values, DOWN)
        for a in parse(across, across_values, ACROSS)
    ]


def title(pair: tuple[Knob, Knob], setting: Setting) -> str:
    """``temperature 0.38, top-k 20``."""
    return ", ".join(
        f"{_(knob.label.lower())} {knob_values.label(knob, setting.knobs[knob.name])}"
        for knob in pair
    )
