"""The ab plane as a picture: which colours a model thinks possible at one place, and how likely.

Also the colours themselves, as a screen shows them: ``#rrggbb`` at a given lightness.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from .lab import lab_to_rgb

Colour = tuple[float, float, float]  # a, b, probability

REACH = 115  # ab units from the middle of the picture to its edge
_GROUND, _LINE, _TEXT = (38, 38, 38), (236, 236, 236), (205, 205, 205)
_FINER = 2  # drawn larger and brought down, since Pillow draws without anti-aliasing
_LEAST = 1e-4  # a probability below this is not drawn
_SLACK = 0.004  # beyond 0…1 that still rounds to a colour of the screen


def swatch(lightness: float, a: float, b: float) -> str:
    """``#rrggbb`` of a colour at L*; one outside sRGB loses chroma, not lightness or hue."""
    low, high = 0.0, 1.0
    if not _fits(lightness, a, b):
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if _fits(lightness, a * middle, b * middle) else (low, middle)
            )
    else:
        low = 1.0
    return _hex(_rgb(lightness, a * low, b * low))


def hint_color(lightness: float, a: float, b: float) -> str:
    """``#rrggbb`` that keeps a and b, at the lightness nearest to L* that has such a colour.

    A hint's own lightness is ignored, but a black or white cannot carry its colour.
    """
    steps = sorted(range(2, 99, 2), key=lambda step: abs(step - lightness))
    found = next((step for step in steps if _fits(step, a, b)), None)
    return swatch(60 if found is None else found, a, b)


def apart(colours: Sequence[Colour], count: int, distance: float) -> list[Colour]:
    """The likeliest colours that differ by at least ``distance``, likeliest first.

    Neighbours on the plane look the same; a choice between them would be none.
    """
    chosen: list[Colour] = []
    for a, b, probability in colours:
        if all(math.hypot(a - x, b - y) >= distance for x, y, _ in chosen):
            chosen.append((a, b, probability))
        if len(chosen) == count:
            break
    return chosen


def picture(lightness: float, colours: Sequence[Colour], side: int = 560) -> Image.Image:
    """A distribution on the ab plane, at a place of the photograph that has lightness L*.

    The line is the edge of what a screen can show at this lightness.  Every colour is a disc in
    itself; its area is its share of the likeliest one's probability.
    """
    size = side * _FINER
    ground = Image.fromarray(_ground(round(lightness), side))
    image = ground.resize((size, size), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)
    likely = [c for c in colours if c[2] > _LEAST]
    most = max((p for _, _, p in likely), default=1.0)
    for a, b, probability in reversed(likely):
        radius = max(0.035 * size * math.sqrt(probability / most), 1.5 * _FINER)
        x, y = (size / 2 * (1 + a / REACH), size / 2 * (1 - b / REACH))
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=swatch(lightness, a, b), outline=_LINE, width=_FINER)
    font = ImageFont.load_default(round(0.032 * size))
    edge = 0.022 * size
    for at, words, anchor in (
        ((edge, size / 2), "green", "lm"),
        ((size - edge, size / 2), "red", "rm"),
        ((size / 2, edge), "yellow", "mt"),
        ((size / 2, size - edge), "blue", "mb"),
    ):
        draw.text(at, words, fill=_TEXT, font=font, anchor=anchor)
    return image.resize((side, side), Image.Resampling.BOX)


@lru_cache(maxsize=8)
def _ground(lightness: int, side: int) -> np.ndarray:
    """The plane behind the discs: faint colours inside sRGB, their edge, and the two axes."""
    coarse = 192
    steps = torch.linspace(-REACH, REACH, coarse)
    b, a = torch.meshgrid(-steps, steps, indexing="ij")
    rgb = lab_to_rgb(torch.stack((torch.full_like(a, float(lightness)), a, b)), clip=False)
    # How far a colour lies outside sRGB, negative inside; divided by its slope, that is the
    # distance to the edge: smooth, so that it can be enlarged.
    outside = torch.maximum(rgb - 1, -rgb).amax(0).numpy() - _SLACK
    slope = np.hypot(*np.gradient(outside)) * coarse / side
    distance = np.asarray(
        Image.fromarray(np.clip(outside / np.maximum(slope, 1e-6), -9, 9).astype(np.float32))
        .resize((side, side), Image.Resampling.BILINEAR)
    )[..., None]  # fmt: skip
    picture = Image.fromarray((rgb.clamp(0, 1) * 255).byte().movedim(0, -1).numpy())
    colors = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR), np.float32)
    ground = np.full((side, side, 3), _GROUND, np.float32)
    ground[side // 2] += 22
    ground[:, side // 2] += 22
    inside = np.clip(0.5 - distance, 0, 1)
    ground += 0.3 * inside * (colors - ground)
    line = np.clip(1.6 - abs(distance), 0, 1)
    ground += line * (np.array(_LINE, np.float32) - ground)
    return ground.clip(0, 255).astype(np.uint8)


def _rgb(lightness: float, a: float, b: float) -> list[float]:
    lab = torch.tensor([lightness, a, b], dtype=torch.float64).view(3, 1, 1)
    return lab_to_rgb(lab, clip=False).flatten().tolist()


def _fits(lightness: float, a: float, b: float) -> bool:
    return all(-_SLACK <= c <= 1 + _SLACK for c in _rgb(lightness, a, b))


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(min(max(c, 0), 1) * 255):02x}" for c in rgb)
