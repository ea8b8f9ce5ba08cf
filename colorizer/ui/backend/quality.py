"""Metrics and pictures of how good a colorization is: PSNR, colourfulness, diversity, uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from colorizer import metrics
from colorizer.color.lab import rgb_to_lab
from colorizer.images.photo import Photo
from colorizer.pipeline import Analysis

from ..languages import _
from .setting import Setting

# Entropy in nats that is drawn brightest: as undecided as between 180 equally likely colours.
MOST_ENTROPY = 5.2
# From sure (dark) to unsure (bright); its lightness rises evenly, so that it reads without colour.
RAMP = ((0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
COMPARED = 160  # px, longer side at which samples are compared


@dataclass(frozen=True)
class Metrics:
    """colorfulness: of the result.  original: of the photograph as it came; psnr: dB to that."""

    colorfulness: float
    original: float | None = None
    psnr: float | None = None

    def words(self, brief: bool = False) -> str:
        """``PSNR 24.1 dB · colourfulness 31 (original 45)``; ``brief`` without the original's."""
        parts = [] if self.psnr is None else [f"PSNR {self.psnr:.1f} dB"]
        own = f"{self.colorfulness:.0f}"
        if brief or self.original is None:
            parts.append(_("colourfulness {own}", own=own))
        else:
            known = f"{self.original:.0f}"
            parts.append(_("colourfulness {own} (original {known})", own=own, known=known))
        return " · ".join(parts)


def measure(image: Image.Image, truth: np.ndarray | None) -> Metrics:
    """Metrics of a result; ``truth`` (H, W, 3) uint8 of the same size, None if there is none."""
    result = _batch(np.asarray(image.convert("RGB")))
    if truth is None:
        return Metrics(metrics.colorfulness(result).item())
    known = _batch(truth)
    psnr = metrics.psnr(result, known).item()
    return Metrics(
        metrics.colorfulness(result).item(),
        metrics.colorfulness(known).item(),
        psnr if math.isfinite(psnr) else 99.0,
    )


def _batch(rgb: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(rgb)).movedim(-1, 0)[None].float().div_(255)


def small_ab(image: Image.Image) -> torch.Tensor:
    """A result's colour at a size at which samples can be compared: (2, h, w)."""
    small = image.convert("RGB")
    small.thumbnail((COMPARED, COMPARED), Image.Resampling.BOX)
    return rgb_to_lab(torch.from_numpy(np.array(small)).movedim(-1, 0))[1:]


def diversity(samples: Sequence[torch.Tensor]) -> float | None:
    """Mean ab distance between two of the samples; None for fewer than two."""
    return metrics.pairwise_distance(torch.stack(list(samples))) if len(samples) > 1 else None


def certainty_map(analysis: Analysis, setting: Setting, photo: Photo) -> Image.Image:
    """The model's uncertainty as light on the photograph; of the photograph's size."""
    vividness = analysis.approach.knob("vividness") and setting.knobs.get("vividness")
    entropy = analysis.entropy(vividness)
    share = np.clip(entropy / MOST_ENTROPY, 0, 1)
    fine = Image.fromarray((share * 255).astype(np.uint8)).resize(
        photo.size, Image.Resampling.BICUBIC
    )
    stops = np.linspace(0, 255, len(RAMP))
    table = np.stack(
        [np.interp(np.arange(256), stops, channel) for channel in zip(*RAMP, strict=True)], -1
    )
    heat = table.astype(np.float32)[np.asarray(fine)]
    # The photograph shows through, so that one sees what it is that the model cannot tell.
    grey = photo.lightness[..., None] * np.float32(2.55)
    return Image.fromarray((0.68 * heat + 0.32 * grey).astype(np.uint8))


def legend(unsure: str) -> str:
    """Legend of the map of uncertainty, as HTML; ``unsure`` in words."""
    return (
        f"<p class='legend'><span>{_('sure')}</span><span class='ramp' aria-hidden='true'></span>"
        f"<span>{unsure}</span></p>"
    )
