"""The ab plane as a picture: which colours a model thinks possible at one place, and how likely.

Also the colours themselves, as a screen shows them: ``#rrggbb`` at a given lightness.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont

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
    image = Image.fromarray(_ground(round(lightness), size))
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
def _ground(lightness: int, size: int) -> np.ndarray:
    """The plane behind the discs: faint colours inside sRGB, their edge, and the two axes."""
    coarse = 256
    steps = torch.linspace(-REACH, REACH, coarse)
    b, a = torch.meshgrid(-steps, steps, indexing="ij")
    lab = torch.stack((torch.full_like(a, float(lightness)), a, b))
    rgb = lab_to_rgb(lab, clip=False)
    # How far a colour lies outside sRGB, negative inside: smooth, so that it can be enlarged.
    outside = torch.maximum(rgb - 1, -rgb).amax(0).numpy()
    colors = (rgb.clamp(0, 1) * 255).byte().movedim(0, -1).numpy()
    fine = Image.fromarray(colors).resize((size, size), Image.Resampling.BICUBIC)
    far = np.asarray(Image.fromarray(outside).resize((size, size), Image.Resampling.BICUBIC))
    inside = (far <= _SLACK)[..., None]
    ground = np.full((size, size, 3), _GROUND, np.float32)
    middle, half = size // 2, max(1, _FINER // 2)
    ground[middle - half : middle + half] += 22
    ground[:, middle - half : middle + half] += 22
    ground = np.where(inside, 0.7 * ground + 0.3 * np.asarray(fine), ground)
    mask = Image.fromarray((inside[..., 0] * 255).astype(np.uint8))
    width = 2 * _FINER + 1
    edge = np.asarray(mask.filter(ImageFilter.MaxFilter(width))) != np.asarray(
        mask.filter(ImageFilter.MinFilter(width))
    )
    ground[edge] = _LINE
    return ground.clip(0, 255).astype(np.uint8)


def _rgb(lightness: float, a: float, b: float) -> list[float]:
    lab = torch.tensor([lightness, a, b], dtype=torch.float64).view(3, 1, 1)
    return lab_to_rgb(lab, clip=False).flatten().tolist()


def _fits(lightness: float, a: float, b: float) -> bool:
    return all(-_SLACK <= c <= 1 + _SLACK for c in _rgb(lightness, a, b))


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(min(max(c, 0), 1) * 255):02x}" for c in rgb)
