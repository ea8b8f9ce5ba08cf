"""The strip of looks: one photograph under every look of its method, out of one analysis.

Nothing here imports Gradio.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from colorizer.approaches import Approach
from colorizer.approaches.looks import Look, looks

from ...backend.setting import Chosen, Setting, alike, render
from ...backend.studio import Studio

SIDE = 200  # px, longer side of a thumbnail


@dataclass(frozen=True)
class Strip:
    """Thumbnails of a photograph by a method, one for every look; None is not there yet."""

    digest: str
    key: str
    paths: tuple[str | None, ...]

    def of(self, chosen: Chosen, key: str) -> bool:
        """True if it shows this photograph by this method, complete."""
        same = (self.digest, self.key) == (chosen.digest, key)
        return same and None not in self.paths


def setting_of(look: Look, approach: Approach) -> Setting:
    """A look as a setting of the page."""
    values = look.settings(approach)
    knobs = {knob.name: values.pop(knob.name) for knob in approach.knobs if knob.name in values}
    return Setting(knobs, **values)


def shown_look(approach: Approach, setting: Setting) -> Look | None:
    """The look that a setting is, or None if it is none of them."""
    return next(
        (x for x in looks(approach) if alike(approach, setting, setting_of(x, approach))), None
    )


def draw(studio: Studio, chosen: Chosen, approach: Approach, visitor: str) -> Iterator[Strip]:
    """The strip, first empty, then in two steps: what costs nothing, then the other guesses."""
    known = looks(approach)
    strip = Strip(chosen.digest, approach.key, (None,) * len(known))
    yield strip
    analysis = studio.analysis(chosen, approach.key, visitor)
    for sampled in (False, True):
        paths = list(strip.paths)
        for i, look in enumerate(known):
            if (look.seed is not None) == sampled:
                image = render(analysis, setting_of(look, approach), SIDE)
                paths[i] = studio.files.write(image, "look", visitor, look.key)
        if paths != list(strip.paths):
            strip = replace(strip, paths=tuple(paths))
            yield strip


def surprise(approach: Approach, setting: Setting) -> Setting:
    """A setting that nobody asked for: another sample, or another look where there is one result."""
    if approach.samples:
        saturation = 0.9 + secrets.randbelow(11) / 20
        return Setting(dict(approach.sampling), secrets.randbelow(100_000), saturation=saturation)
    others = [setting_of(look, approach) for look in looks(approach)]
    return secrets.choice([s for s in others if not alike(approach, s, setting)])
