"""A coloured picture at full size, made strip by strip: never more of it in memory than is asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from PIL import Image

from colorizer.color.gamut import compose
from colorizer.decoding.upsample import GuidedUpsampler, stretched
from colorizer.images.photo import Photo, attach


class Rendering:
    """Colour of the network's grid on the lightness of a photograph; a ``formats.Picture``.

    working: (h, w) L* at working size.  ab: (2, h', w') on the network's grid.
    bits: 8, or 16 a channel.
    drawn: (h', w') L* that replaces the photograph's own, in the share of ``share``; None keeps it.
    """

    def __init__(
        self,
        photo: Photo,
        working: np.ndarray,
        ab: np.ndarray,
        *,
        bits: int = 8,
        drawn: np.ndarray | None = None,
        share: float = 1.0,
    ) -> None:
        self.photo, self.bits = photo, bits
        self._working, self._ab, self._drawn, self._share = working, ab, drawn, share

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), as Pillow has it."""
        return self.photo.size

    @property
    def transparent(self) -> bool:
        """True if strips have a fourth channel."""
        return self.photo.alpha is not None

    def strips(self, rows: int) -> Iterator[np.ndarray]:
        """(rows, W, 3 or 4) of uint8 or uint16 from top to bottom; the last may have fewer."""
        for top in range(0, self.photo.height, rows):
            bottom = min(top + rows, self.photo.height)
            rgb = self._colors(top, bottom)
            if self.photo.alpha is not None:
                alpha = self.photo.alpha[top:bottom, :, None].astype(rgb.dtype)
                rgb = np.concatenate([rgb, alpha * (257 if self.bits == 16 else 1)], axis=-1)
            yield rgb

    def image(self) -> Image.Image:
        """All of it, 8 bits a channel."""
        if self.bits != 8:
            raise ValueError("Pillow has no images of 16 bits a channel.")
        return attach(self._colors(0, self.photo.height), self.photo)

    def part(self, left: int, top: int, right: int, bottom: int) -> Image.Image:
        """The pixels from (left, top) up to (right, bottom), as Pillow's ``crop`` counts them."""
        image = Image.fromarray(np.ascontiguousarray(self._colors(top, bottom)[:, left:right]))
        if self.photo.alpha is not None:
            image.putalpha(Image.fromarray(self.photo.alpha[top:bottom, left:right]))
        return image

    def _colors(self, top: int, bottom: int) -> np.ndarray:
        """(bottom - top, W, 3) sRGB of those rows."""
        with torch.inference_mode():
            if self._drawn is not None:
                light, ab = self._rebuilt
                return compose(light[top:bottom], ab[:, top:bottom], bits=self.bits)
            light = self.photo.rows[top:bottom]
            height, upsampler = self.photo.height, self._upsampler
            return compose(
                light,
                lambda y0, y1: upsampler.rows(light[y0:y1], top + y0, height),
                bits=self.bits,
            )

    @cached_property
    def _upsampler(self) -> GuidedUpsampler:
        return GuidedUpsampler(self._working, self._ab)

    @cached_property
    def _rebuilt(self) -> tuple[np.ndarray, np.ndarray]:
        """L* (H, W) and ab (2, H, W), stretched as they are: no edge of the photograph helps."""
        shape = (self.photo.height, self.photo.width)
        full = self.photo.lightness
        assert self._drawn is not None
        light = stretched(self._drawn[None], shape)[0]
        return full + (light - full) * np.float32(self._share), stretched(self._ab, shape)
