"""The selection of the tab *Steer*: a region or a point, its outline, colours for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from colorizer.color import ab_plane
from colorizer.hints import Hint, RegionHint, write_hints
from colorizer.hints.points import cell
from colorizer.hints.regions import Outline, Region, Stroke, regions
from colorizer.pipeline import Analysis

from ...backend.setting import Chosen, Setting
from .editing import PickedColor, Steering

BRUSH = 0.03  # radius, as a share of the photograph's shorter side
MOST_POINTS = 600  # of a stroke
AROUND = 2  # pixels on each side over which a colour of the result is averaged
SUGGESTED, APART = 8, 16.0  # how many colours are suggested, and by how much ab they differ
# Where a method has no probabilities to suggest from: (a, b) of things one meets.
PALETTE = (
    (0, 0), (12, 18), (18, 30), (40, 28), (8, 55), (-25, 30), (-12, -18), (6, -38)
)  # fmt: skip

Suggested = list[tuple[str, str, float | None]]


def region_of(analysis: Analysis, now: Steering) -> Region | None:
    """The region in hand, or None.  analysis: the photograph without hints."""
    if now.selection is None or now.point is None:
        return None
    region = regions(analysis).at(*now.point, size=now.selection.size)
    if now.selection.bare:
        region = replace(region, mask=np.zeros_like(region.mask), sizes=(0.0,))
    return region.painted(now.selection.strokes)


def outline_of(region: Region | None, now: Steering) -> Outline:
    """Outline that is drawn over the photograph: of the region in hand, or that of the chosen hint."""
    if region is not None:
        return region.outline
    chosen = now.hints[now.chosen] if now.chosen is not None else None
    return chosen.outline if isinstance(chosen, RegionHint) else ()


def svg_path(outline: Outline) -> str:
    """An outline as the attribute ``d`` of SVG, in full-size pixels with the corner at 0, 0."""
    return " ".join(
        "M" + " ".join(f"{x + 0.5:.1f},{y + 0.5:.1f}" for x, y in polygon) + "Z"
        for polygon in outline
    )


def colored(region: Region, color: str, present: Analysis, setting: Setting) -> RegionHint:
    """The hint of a region.  present: the photograph under the hints it has so far."""
    return region.hint(color, _decoded(present, setting))


def _decoded(present: Analysis, setting: Setting) -> torch.Tensor:
    """ab (2, h, w) under a setting, before strength and the other adjustments."""
    known = {name: setting.knobs.get(name) for name in ("temperature", "top_k", "vividness")}
    settings = present.settings(**known, sampling=setting.seed is not None)
    with torch.inference_mode():
        return present.ab(settings, setting.seed)


def stroke_of(data: Any, chosen: Chosen) -> Stroke | None:
    """Stroke that the brush sent, in full-size pixels; None for what no brush of ours could have sent."""
    points = data.get("points") if isinstance(data, dict) else None
    if not isinstance(points, list) or not 1 <= len(points) <= MOST_POINTS:
        return None
    inside = []
    for point in points:
        if not isinstance(point, list) or len(point) != 2:
            return None
        if not all(isinstance(v, (int, float)) and -1 <= v <= 2 for v in point):
            return None
        x, y = point[0] * chosen.width - 0.5, point[1] * chosen.height - 0.5
        inside.append((min(max(x, 0), chosen.width - 1), min(max(y, 0), chosen.height - 1)))
    radius = BRUSH * min(chosen.width, chosen.height)
    return Stroke(tuple(inside), max(radius, 0.5), data.get("add") is not False)


def pick_color(
    path: str, x: int, y: int, chosen: Chosen, present: Analysis, setting: Setting
) -> PickedColor:
    """The colour at full-size pixel (x, y) of the picture in ``path``.

    A hint goes through the knobs once more, so it has the colour from before them.
    present: the photograph under the hints that the picture shows.
    """
    ab = _decoded(present, setting)
    height, width = ab.shape[-2:]
    row, column = cell(x, y, (chosen.width, chosen.height), (height, width))
    a, b = ab[:, row, column].tolist()
    color = ab_plane.hint_color(present.lightness_at(x, y), a, b)
    return PickedColor(color, _seen(path, x, y, chosen))


def _seen(path: str, x: int, y: int, chosen: Chosen) -> str:
    """``#rrggbb`` of the picture that is shown, around full-size pixel (x, y)."""
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"), np.float32)
    row = int((y + 0.5) / chosen.height * rgb.shape[0])
    column = int((x + 0.5) / chosen.width * rgb.shape[1])
    patch = rgb[
        max(row - AROUND, 0) : row + AROUND + 1, max(column - AROUND, 0) : column + AROUND + 1
    ]
    return "#" + "".join(f"{round(v):02x}" for v in patch.mean((0, 1)).tolist())


def suggestions(analysis: Analysis, x: int, y: int, region: Region | None = None) -> Suggested:
    """(#rrggbb of a hint, as it looks at the place, probability or None), likeliest first.

    region: what the colours are for; None for the point alone.
    """
    whole = region is not None and region.mask.any()
    lightness = region.lightness() if whole else analysis.lightness_at(x, y)
    likely: Iterable[tuple[float, float, float | None]]
    if analysis.approach.distribution:
        colors = region.colors() if whole else analysis.distribution(x, y)
        likely = ab_plane.apart(colors, SUGGESTED, APART)
    else:
        likely = [(a, b, None) for a, b in PALETTE]
    return [
        (ab_plane.hint_color(lightness, a, b), ab_plane.swatch(lightness, a, b), p)
        for a, b, p in likely
    ]


def with_regions(entries: list[Any], analysis: Analysis) -> list[Any]:
    """Hints of the endpoint with their regions found: ``"region": true``, or its size, 0 to 1."""
    found = []
    for entry in entries:
        wanted = entry.get("region") if isinstance(entry, dict) else None
        if isinstance(wanted, (bool, int, float)) and wanted is not False:
            size = None if wanted is True else float(wanted)
            region = regions(analysis).at(entry.get("x"), entry.get("y"), size=size)
            color = entry.get("color")
            Hint(region.x, region.y, color).rgb()
            entry = json.loads(write_hints([region.hint(color)]))["hints"][0]
        found.append(entry)
    return found
