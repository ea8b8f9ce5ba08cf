"""The settings of several samples, their variety, and their archive.

Nothing here imports Gradio.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from colorizer.approaches import get
from colorizer.images import photo

from ...backend import knob_values
from ...backend.setting import LARGEST_SEED, Chosen, Setting, Sheet, render
from ...backend.setting import note as words_of
from ...backend.studio import Studio
from ...languages import _

MOST_STEPS = 8  # of "more like this", one after the other
DARING = "temperature"  # the knob that lets samples stray
CORRELATION = 1.0  # shorter sides of the photograph; the library's own default
# Name → (times the temperature that suits samples, correlation length).
VARIETY = {"Little": (0.6, 1.5), "Some": (1.0, CORRELATION), "Much": (1.5, 0.4)}


def settings(
    key: str,
    count: float,
    seed: float | None,
    held: Mapping[str, Any],
    correlation: float | None = None,
    around: Sequence[int] = (),
) -> list[Setting]:
    """One setting for each sample: the same knobs, seeds that follow one another.

    around: the sample that is kept, which comes first; the others vary it.
    """
    approach = get(key)
    turned = knob_values.read(approach, held)
    first = min(max(int(seed or 0), 0), LARGEST_SEED - int(count))
    if not approach.coherent:
        return [Setting(turned, first + i) for i in range(int(count))]
    if correlation is not None:
        correlation = min(max(float(correlation), 0.0), 4.0)
    around = tuple(around)[:MOST_STEPS]
    made = [
        Setting(turned, first + i, correlation=correlation, around=around)
        for i in range(int(count))
    ]
    if around:
        made[0] = Setting(turned, around[-1], correlation=correlation, around=around[:-1])
    return made


def variety(key: str, choice: str) -> tuple[float | None, float]:
    """(value of the temperature, correlation length) of a variety."""
    approach = get(key)
    factor, correlation = VARIETY.get(choice, VARIETY["Some"])
    knob = approach.knob(DARING)
    if knob is None:
        return None, correlation
    usual = dict(approach.sampling).get(DARING) or knob.default or 1.0
    return round(min(max(factor * usual, knob.minimum), knob.maximum), 2), correlation


def title(setting: Setting) -> str:
    if setting.around:
        return _("Seed {seed}, near {kept}", seed=setting.seed, kept=setting.around[-1])
    return _("Seed {seed}", seed=setting.seed)


def archive(studio: Studio, chosen: Chosen, sheet: Sheet, visitor: str) -> str:
    """All samples at the photograph's own size; the path of a zip of PNG."""
    analysis = studio.analysis(chosen, sheet.key, visitor)
    path = studio.files.place("download", visitor, f"{chosen.name}-samples.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, setting in enumerate(sheet.settings, 1):
            near = f"-near{setting.around[-1]}" if setting.around else ""
            words = words_of(analysis.approach, setting)
            picture = path.with_name("one.png")
            photo.save(
                render(analysis, setting), picture, metadata=analysis.photo.metadata, note=words
            )
            archive.write(picture, f"{chosen.name}-{number:02}-seed{setting.seed}{near}.png")
            picture.unlink()
    return str(path)
