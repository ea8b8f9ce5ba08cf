"""Metrics and picture grids of a model during its training.

These are quick looks on a few photographs with plain bilinear upsampling; the metrics that are
published come from :mod:`train.evaluate`, which runs the full pipeline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import metrics
from colorizer.color.bins import Bins, rebalancing_weights
from colorizer.color.lab import lab_to_rgb, rgb_to_lab


def color_prior(pixels: np.ndarray, bins: Bins, limit: int = 4000) -> np.ndarray:
    """Share of each bin over photographs (N, H, W, 3) uint8, at a quarter of their size: (Q,)."""
    step = max(1, len(pixels) // limit)
    counts = torch.zeros(len(bins), dtype=torch.float64)
    for start in range(0, len(pixels), 64 * step):
        chunk = torch.from_numpy(np.array(pixels[start : start + 64 * step : step]))
        lab = rgb_to_lab(chunk.permute(0, 3, 1, 2))
        ab = F.avg_pool2d(lab[:, 1:], 4)
        counts += torch.bincount(bins.encode(ab).flatten(), minlength=len(bins))
    return (counts / counts.sum()).numpy()


@torch.no_grad()
def compare(
    predict: Callable[[torch.Tensor, torch.Tensor], dict[str, torch.Tensor]],
    photos: torch.Tensor,
    prior: np.ndarray,
    bins: Bins,
    device: torch.device,
    batch: int = 50,
) -> dict[str, float]:
    """PSNR, share of the originals' colourfulness and both AuC of every named way of colouring.

    predict: lightness (B, 1, H, W) and true ab (B, 2, H, W) → name → ab (B, 2, h, w) or, where
    the lightness is drawn anew, Lab (B, 3, h, w); of any size.  photos: (N, 3, H, W) uint8.
    prior: (Q,) shares of ``bins``, which weigh the rebalanced AuC, λ = 0.
    """
    weight = torch.from_numpy(rebalancing_weights(prior, lam=0.0)).to(device)
    psnrs, colour, truth = defaultdict(list), defaultdict(list), []
    raw, balanced = {}, {}
    for start in range(0, len(photos), batch):
        rgb = photos[start : start + batch].to(device)
        lab = rgb_to_lab(rgb)
        lightness, ab = lab[:, :1], lab[:, 1:]
        rgb = rgb.float() / 255
        pixel_weight = weight[bins.encode(ab)]
        truth.append(metrics.colorfulness(rgb))
        for name, output in predict(lightness, ab).items():
            guess = to_lab(output, lightness)
            result = lab_to_rgb(guess)
            psnrs[name].append(metrics.psnr(result, rgb))
            colour[name].append(metrics.colorfulness(result))
            for sums, weights in ((raw, None), (balanced, pixel_weight)):
                counts = metrics.error_histogram(guess[:, 1:], ab, weights).cpu()
                sums[name] = sums.get(name, 0) + counts
    found = {}
    for name in psnrs:
        found[f"{name}_psnr"] = torch.cat(psnrs[name]).mean().item()
        share = torch.cat(colour[name]).mean() / torch.cat(truth).mean()
        found[f"{name}_color"] = share.item()
        found[f"{name}_auc"] = metrics.auc(raw[name])
        found[f"{name}_rebalanced"] = metrics.auc(balanced[name])
    return found


def to_lab(output: torch.Tensor, lightness: torch.Tensor) -> torch.Tensor:
    """ab or Lab of any size → Lab (B, 3, H, W) of the lightness's size, bilinear."""
    output = F.interpolate(output.float(), size=lightness.shape[-2:], mode="bilinear")
    return output if output.shape[1] == 3 else torch.cat((lightness, output), 1)


@torch.no_grad()
def save_columns(
    path: Path,
    photos: torch.Tensor,
    columns: Sequence[Callable[[torch.Tensor], torch.Tensor]],
    device: torch.device,
    aged: torch.Tensor | None = None,
) -> None:
    """One row per photograph: grey, what each of ``columns`` makes of it, the original.

    columns: lightness (N, 1, H, W) → ab or Lab.  aged: lightness of the same photographs made
    old; then also this and what the first of the columns makes of it.
    """
    rgb = photos.to(device)
    lightness = rgb_to_lab(rgb)[:, :1]

    def grey(source: torch.Tensor) -> torch.Tensor:
        return lab_to_rgb(torch.cat((source, source.new_zeros(source.shape).repeat(1, 2, 1, 1)), 1))

    pictures = [grey(lightness)]
    pictures += [lab_to_rgb(to_lab(column(lightness), lightness)) for column in columns]
    pictures.append(rgb.float() / 255)
    if aged is not None:
        aged = aged.to(device)
        pictures += [grey(aged), lab_to_rgb(to_lab(columns[0](aged), aged))]
    sheet = torch.cat(pictures, dim=3)  # (N, 3, H, W·columns)
    rows = sheet.movedim(1, 3).reshape(-1, sheet.shape[3], 3)
    Image.fromarray((rows * 255).round().byte().cpu().numpy()).save(path)
