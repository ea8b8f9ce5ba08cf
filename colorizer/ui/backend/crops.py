"""A look at the photograph's own pixels: the part of it that a window shows.

Nothing here imports Gradio.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from colorizer.color.gamut import compose
from colorizer.images.photo import Photo

from .setting import Chosen, Setting, rendering
from .studio import Studio

Box = tuple[int, int, int, int]  # left, top, right, bottom, as Pillow's ``crop`` has them
MOST_PIXELS = 4_000_000  # of a part; what is seen of more is no larger than the preview
QUALITY = 92


def box_of(data: Any, chosen: Chosen) -> Box | None:
    """The part that a viewer asks for; None for what no viewer of ours could have sent."""
    data = data if isinstance(data, dict) else {}
    given = [data.get(name) for name in ("left", "top", "right", "bottom")]
    if not all(isinstance(value, (int, float)) and abs(value) < 1e9 for value in given):
        return None
    left, top, right, bottom = (round(value) for value in given)
    left, right = max(left, 0), min(right, chosen.width)
    top, bottom = max(top, 0), min(bottom, chosen.height)
    if left >= right or top >= bottom or (right - left) * (bottom - top) > MOST_PIXELS:
        return None
    return left, top, right, bottom


def in_color(studio: Studio, chosen: Chosen, key: str, setting: Setting, who: str, box: Box) -> str:
    """File of a part of the photograph in colour."""
    analysis = studio.analysis(chosen, key, who)
    return _write(studio, rendering(analysis, setting).part(*box), who)


def as_it_came(studio: Studio, chosen: Chosen, who: str, box: Box, *, original: bool) -> str:
    """File of a part of the photograph in grey or, where it had them, in its own colours."""
    photo = studio.preview(chosen, who, max(chosen.width, chosen.height))
    return _write(studio, _crop(photo, box, original), who)


def _crop(photo: Photo, box: Box, original: bool) -> Image.Image:
    left, top, right, bottom = box
    if original and photo.color is not None:
        rgb = photo.color[top:bottom, left:right]
    else:
        light = np.ascontiguousarray(photo.rows[top:bottom][:, left:right])
        rgb = compose(light, np.zeros((2, *light.shape), np.float32))
    image = Image.fromarray(np.ascontiguousarray(rgb))
    if photo.alpha is not None:
        image.putalpha(Image.fromarray(photo.alpha[top:bottom, left:right]))
    return image


def _write(studio: Studio, image: Image.Image, who: str) -> str:
    if image.mode == "RGBA":
        return studio.files.write(image, "part", who, "part")
    path = studio.files.place("part", who, "part.jpg")
    image.save(path, quality=QUALITY, subsampling=0)
    return str(path)
