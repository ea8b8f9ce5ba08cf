"""What was made in this visit: small pictures that lead back to their photograph and setting.

Nothing here imports Gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colorizer.approaches import get

from ...backend.setting import Chosen, Setting, alike, render
from ...backend.studio import Studio
from .look_strip import SIDE

MOST = 40  # without the favourites


@dataclass(frozen=True)
class Entry:
    """One picture of the visit; path: of its thumbnail."""

    chosen: Chosen
    key: str
    setting: Setting
    path: str
    favourite: bool = False

    def same(self, chosen: Chosen, key: str, setting: Setting) -> bool:
        """True if it is this picture."""
        same = (self.chosen.digest, self.key) == (chosen.digest, key)
        return same and alike(get(key), self.setting, setting)


def add(
    studio: Studio,
    entries: Sequence[Entry],
    chosen: Chosen,
    key: str,
    setting: Setting,
    visitor: str,
) -> tuple[Entry, ...]:
    """The pictures of the visit with one more, the newest first after the favourites; ``entries``
    itself if it has it."""
    entries = tuple(entries)
    if any(one.same(chosen, key, setting) for one in entries):
        return entries
    image = render(studio.analysis(chosen, key, visitor), setting, SIDE)
    path = studio.files.write(image, "made", visitor, chosen.name)
    plain = [one for one in entries if not one.favourite]
    dropped = plain[MOST - 1 :]
    rest = [one for one in entries if one not in dropped]
    return _sorted([Entry(chosen, key, setting, path), *rest])


def mark(entries: Sequence[Entry], index: int) -> tuple[Entry, ...]:
    """The pictures with one made a favourite, or no longer one; favourites come first."""
    changed = [
        replace(one, favourite=not one.favourite) if i == index else one
        for i, one in enumerate(entries)
    ]
    return _sorted(changed)


def _sorted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda one: not one.favourite))
