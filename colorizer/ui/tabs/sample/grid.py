"""The grid of the tab *Sample*: its tiles as they come, and the line above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from colorizer.approaches import Approach, get

from ...backend.quality import diversity, small_ab
from ...backend.setting import Chosen, Setting, Sheet, render
from ...backend.studio import Studio
from ...languages import _
from ...widgets import tiles
from ...widgets.more import more
from ..shared import Session
from . import seeds

AROUND = (
    "<strong>Around seed {seed}</strong>: the first one is kept, the others vary it. Show samples "
    "begins afresh."
)
DIVERSITY = "Diversity {spread}"
DIVERSITY_HELP = (
    "The mean distance in colour (ab) between two of these pictures. 0: all alike; about 2: just "
    "visible side by side; above 8: clearly different."
)


def stream(
    studio: Studio, session: Session, settings: Sequence[Setting]
) -> Iterator[tuple[Any, Sheet | None, str]]:
    """Values of the grid, its memory and the line above it, step by step."""
    chosen = session.chosen
    if chosen is None or not session.approach.samples:
        yield None, None, ""
        return
    around = settings[-1].around
    sheet = Sheet(chosen.digest, session.key, tuple(settings))
    for made, spread in made_one_by_one(studio, chosen, session.key, settings, session.visitor):
        yield grid_value(made, chosen), sheet, facts(spread, around)


def waiting(settings: Sequence[Setting], approach: Approach) -> list[tiles.Tile]:
    """The tiles before there are pictures."""
    return [
        tiles.Tile(
            seeds.title(setting),
            _("Sample: {title}", title=seeds.title(setting)),
            action=_("Use this one"),
            more=_("More like this") if approach.coherent else "",
        )
        for setting in settings
    ]


def made_one_by_one(
    studio: Studio, chosen: Chosen, key: str, settings: Sequence[Setting], visitor: str
) -> Iterator[tuple[list[tiles.Tile], float | None]]:
    """(tiles, diversity), first all empty, then with one more picture each time."""
    made, seen = waiting(settings, get(key)), []
    yield list(made), None
    analysis = studio.analysis(chosen, key, visitor)
    for i, setting in enumerate(settings):
        image = render(analysis, setting, studio.settings.sample_side)
        seen.append(small_ab(image))
        path = studio.files.write(image, "sample", visitor, f"{chosen.name}-seed{setting.seed}")
        made[i] = replace(made[i], path=path)
        yield list(made), diversity(seen)


def facts(spread: float | None, around: Sequence[int] = ()) -> str:
    """The line above the grid, as HTML: what is kept, and how far the samples differ."""
    kept = " → ".join(map(str, around))
    parts = []
    if kept:
        parts.append(f"<p>{_(AROUND, seed=kept)}</p>")
    if spread is not None:
        title = f"<strong>{_(DIVERSITY, spread=f'{spread:.1f}')}</strong>"
        parts.append(more(_(DIVERSITY_HELP), title))
    return "".join(parts) or "<p>&nbsp;</p>"


def grid_value(made: Sequence[tiles.Tile], chosen: Chosen) -> dict[str, Any]:
    shape = tiles.shape(chosen.width, chosen.height)
    return tiles.grid_value(made, columns(len(made)), shape)


def columns(count: int) -> int:
    """Four samples stand two by two, nine three by three, sixteen four by four."""
    return 1 if count == 1 else 2 if count <= 4 else 3 if count <= 9 else 4
