"""The photograph under its hints, as files: what the tab *Steer* shows, saves and loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from colorizer.hints import Hint, read_hints, write_hints
from colorizer.hints.reference import read_reference
from colorizer.images import photo

from ...backend.problems import BadInput
from ...backend.setting import Chosen, Setting, render
from ...backend.studio import Studio
from ...languages import _
from .editing import PairHint, Reference

MOST_PAIRS = 24  # lines that can still be told apart
REFERENCE_SIDE = 800  # pixels at which the reference is shown


@dataclass(frozen=True)
class Shown:
    """The picture of the tab and what it belongs to."""

    digest: str
    key: str
    setting: Setting
    hints: tuple[Hint, ...]
    path: str

    def still(self, chosen: Chosen, key: str, setting: Setting, hints: tuple[Hint, ...]) -> bool:
        wanted = (chosen.digest, key, setting, hints)
        same = (self.digest, self.key, self.setting, self.hints) == wanted
        return same and Path(self.path).is_file()


def picture(
    studio: Studio,
    chosen: Chosen,
    key: str,
    setting: Setting,
    hints: Sequence[Hint],
    visitor: str,
) -> Shown:
    """The photograph recoloured under its hints; the network runs again if they are new."""
    analysis = studio.hinted(chosen, key, hints, visitor)
    image = render(analysis, setting, studio.settings.compare_side)
    path = studio.files.write(image, "steer", visitor, f"{chosen.name}-steered")
    return Shown(chosen.digest, key, setting, tuple(hints), path)


def save(studio: Studio, chosen: Chosen, hints: Sequence[Hint], visitor: str) -> str:
    """The hints as a file that Load, the command line and the library take; its path."""
    path = studio.files.place("download", visitor, f"{chosen.name}-hints.json")
    path.write_text(write_hints(hints, (chosen.width, chosen.height)), encoding="utf-8")
    return str(path)


def load(chosen: Chosen, path: str | Path) -> list[Hint]:
    """The hints of a file, for this photograph.  Raises :class:`colorizer.HintError`."""
    return read_hints(Path(path), (chosen.width, chosen.height))


def colors_from(
    studio: Studio, chosen: Chosen, key: str, path: str, visitor: str
) -> tuple[Reference, list[PairHint]]:
    """Hints that a reference photograph in a file hands over.

    Raises :class:`colorizer.ColorizerError` and :class:`BadInput`, sentences for a person.
    """
    limit = studio.settings.max_megapixels * 1_000_000
    reference = read_reference(photo.read(path, max_pixels=limit))
    pairs = studio.analysis(chosen, key, visitor).pairs(reference)[:MOST_PAIRS]
    if not pairs:
        raise BadInput(
            _("These two photographs have too little in common; no colours were handed over.")
        )
    image = Image.fromarray(reference.color)
    image.thumbnail((REFERENCE_SIDE, REFERENCE_SIDE))
    small = studio.files.write(image, "reference", visitor, "reference")
    hints = [PairHint(pair.x, pair.y, pair.color, pair.there) for pair in pairs]
    return Reference(small, *reference.size), hints
