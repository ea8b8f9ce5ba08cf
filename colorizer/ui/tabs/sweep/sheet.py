"""The contact sheet of the tab *Sweep*: its cells as they come, its headings, its note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from colorizer.approaches import Approach, Knob

from ...backend import knob_values
from ...backend.setting import Chosen, Setting, Sheet, render
from ...backend.studio import Studio
from ...languages import _
from ...widgets import tiles
from ..shared import Session
from . import knob_axes

NO_AXES = (
    "{title} has no knobs to turn, and a contact sheet takes two, so there is nothing to sweep."
)
ONE_AXIS = (
    "{title} has one knob to turn, and a contact sheet takes two, so there is nothing to sweep."
)
NOTE = "Every cell is the best guess under another setting. Choose one to open it in Colorize."


def stream(
    studio: Studio,
    session: Session,
    held: dict[str, Any],
    rows: str | None = None,
    columns: str | None = None,
    down_values: str | None = None,
    across_values: str | None = None,
) -> Iterator[tuple[Any, Sheet | None]]:
    """Values of the contact sheet and its memory, step by step."""
    chosen, key = session.chosen, session.key
    settings = knob_axes.settings(key, held, rows, columns, down_values, across_values)
    if chosen is None or not settings:
        yield None, None
        return
    pair = knob_axes.axes(session.approach, rows, columns)
    sheet = Sheet(chosen.digest, key, tuple(settings))
    for made in cells(studio, chosen, key, pair, settings, session.visitor):
        yield table_value(made, chosen, pair, settings), sheet


def waiting(
    chosen: Chosen, pair: tuple[Knob, Knob], settings: Sequence[Setting]
) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [
        tiles.Tile(
            "", _("{name} with {setting}", name=chosen.name, setting=knob_axes.title(pair, s))
        )
        for s in settings
    ]


def cells(
    studio: Studio,
    chosen: Chosen,
    key: str,
    pair: tuple[Knob, Knob],
    settings: Sequence[Setting],
    visitor: str,
) -> Iterator[list[tiles.Tile]]:
    """The tiles row by row, first all empty, then with one more row of pictures each time."""
    made = waiting(chosen, pair, settings)
    yield list(made)
    analysis = studio.analysis(chosen, key, visitor)
    width = len({s.knobs[pair[1].name] for s in settings})
    for i, setting in enumerate(settings):
        image = render(analysis, setting, studio.settings.sweep_side)
        path = studio.files.write(image, "sweep", visitor, "cell")
        made[i] = replace(made[i], path=path)
        if (i + 1) % width == 0:
            yield list(made)


def table_value(
    made: Sequence[tiles.Tile],
    chosen: Chosen,
    pair: tuple[Knob, Knob],
    settings: Sequence[Setting],
) -> dict[str, Any]:
    """The contact sheet with its headings."""
    down, across = pair
    return tiles.table_value(
        corner=f"{_(down.label)} ↓ {_(across.label)} →",
        caption=_(
            "{down} from top to bottom, {across} from left to right",
            down=_(down.label),
            across=_(across.label.lower()),
        ),
        columns=list(
            dict.fromkeys(knob_values.label(across, s.knobs[across.name]) for s in settings)
        ),
        rows=list(dict.fromkeys(knob_values.label(down, s.knobs[down.name]) for s in settings)),
        tiles=made,
        shape=tiles.shape(chosen.width, chosen.height),
    )


def no_axes(approach: Approach) -> str:
    return _(ONE_AXIS if approach.knobs else NO_AXES, title=approach.title)


def note(approach: Approach) -> str:
    if knob_axes.axes(approach) is None:
        return f"<p>{no_axes(approach)}</p>"
    return f"<p>{_(NOTE)}</p>"
