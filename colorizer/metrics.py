"""Metrics of colorizations.

All take batches of images as PyTorch tensors; RGB is float in 0…1, ab in Lab units.
"""

from __future__ import annotations

import torch

AUC_STEPS = 151  # distances 0…150 (Zhang et al. 2016, section 3.1)


def psnr(result: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio in dB of RGB images (B, 3, H, W) → (B,); ∞ for equal images.

    With values in 0…1 this equals report 000's formula with f_max = 255 on 0…255.
    """
    error = ((result - truth) ** 2).mean((1, 2, 3))
    return -10 * torch.log10(error)


def colorfulness(rgb: torch.Tensor) -> torch.Tensor:
    """Hasler & Süsstrunk 2003, section 6, metric M3 on 0…255 values: (B, 3, H, W) → (B,).

    rg = R - G and yb = (R + G)/2 - B, without absolute values; 0 for grey images.
    """
    r, g, b = (rgb * 255).unbind(1)
    rg, yb = r - g, (r + g) / 2 - b
    spread = (rg.var((1, 2), correction=0) + yb.var((1, 2), correction=0)).sqrt()
    mean = (rg.mean((1, 2)) ** 2 + yb.mean((1, 2)) ** 2).sqrt()
    return spread + 0.3 * mean


def brown(ab: torch.Tensor, least: float = 0.69) -> torch.Tensor:
    """True for pictures that come out brown: (B, 2, H, W) → bool (B,).

    Brown is a picture of whose coloured pixels (chroma above 8) more than ``least`` have a hue
    between 20° and 100°: about one in three ordinary colour photographs, and most of what a
    network paints that does not recognise what it sees.
    """
    hue = torch.rad2deg(torch.atan2(ab[:, 1], ab[:, 0])) % 360
    colored = ab.norm(dim=1) > 8
    warm = colored & (hue >= 20) & (hue <= 100)
    return warm.sum((1, 2)) > least * colored.sum((1, 2))


def sharpness(lightness: torch.Tensor) -> torch.Tensor:
    """Mean absolute step of L* to the right and lower neighbour: (B, 1, H, W) → (B,).

    For approaches that draw the lightness anew: what they blur is missing here.
    """
    across = (lightness[..., :, 1:] - lightness[..., :, :-1]).abs().flatten(1).mean(1)
    down = (lightness[..., 1:, :] - lightness[..., :-1, :]).abs().flatten(1).mean(1)
    return (across + down) / 2


def error_histogram(
    ab: torch.Tensor, truth: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Share of the weight at each whole ab distance 0…150 (the last entry: beyond).

    ab, truth: (B, 2, H, W).  weights: (B, H, W) or None for one each.  Returns (152,) float64:
    entry t holds the pixels whose distance d has t - 1 < d ≤ t.  Histograms can be added up.
    """
    distance = ((ab.float() - truth.float()) ** 2).sum(1).sqrt()
    step = distance.ceil().clamp(0, AUC_STEPS).long().flatten()
    weight = torch.ones_like(distance) if weights is None else weights
    return torch.bincount(step, weight.double().flatten(), minlength=AUC_STEPS + 1)


def auc(histogram: torch.Tensor) -> float:
    """Area under the cumulative error curve in percent (Zhang et al. 2016, section 3.1).

    histogram: from :func:`error_histogram`.  The mean over distances 0…150 of the share of
    pixels (or of their weight) within that distance of the truth.
    """
    share = histogram.cumsum(0)[:AUC_STEPS] / histogram.sum()
    return 100 * share.mean().item()


def pairwise_distance(samples: torch.Tensor) -> float:
    """Mean ab distance between different samples of one photograph: (N, 2, H, W), N ≥ 2."""
    count = len(samples)
    distances = [
        ((samples[i] - samples[j]) ** 2).sum(0).sqrt().mean()
        for i in range(count)
        for j in range(i)
    ]
    return torch.stack(distances).mean().item()
