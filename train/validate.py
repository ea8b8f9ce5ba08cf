"""Figures and picture grids of a distribution model during its training.

These are quick looks on a few photographs with plain bilinear upsampling; the figures that are
published come from :mod:`train.evaluate`, which runs the product's own way of a photograph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from colorizer import decode, metrics
from colorizer.bins import Bins, rebalancing_weights
from colorizer.lab import lab_to_rgb, rgb_to_lab


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
def measure(
    model: torch.nn.Module,
    photos: torch.Tensor,
    bins: Bins,
    prior: np.ndarray,
    log_weights: torch.Tensor,
    device: torch.device,
    trained_gamma: float = 0.0,
    batch: int = 50,
) -> dict[str, float]:
    """photos: (N, 3, H, W) uint8.  Figures at T = 1 with vividness 0 and 1.

    ``prior`` (Q,) weighs the rebalanced AuC, λ = 0; ``log_weights`` (Q,) is vividness's own.
    """
    weight = torch.from_numpy(rebalancing_weights(prior, lam=0.0)).to(device)
    settings = {"true": (1.0, 0.0), "vivid": (1.0, 1.0)}
    raw = {k: torch.zeros(metrics.AUC_STEPS + 1, dtype=torch.float64) for k in settings}
    balanced = {k: v.clone() for k, v in raw.items()}
    psnrs: dict[str, list] = {k: [] for k in settings}
    colour: dict[str, list] = {k: [] for k in (*settings, "truth")}
    losses = []
    for start in range(0, len(photos), batch):
        rgb = photos[start : start + batch].to(device)
        lab = rgb_to_lab(rgb)
        lightness, ab = lab[:, :1], lab[:, 1:]
        rgb = rgb.float() / 255
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(lightness).float()
        small = F.adaptive_avg_pool2d(ab, logits.shape[-2:])
        losses.append(F.cross_entropy(logits, bins.encode(small)).item())
        pixel_weight = weight[bins.encode(ab)]
        colour["truth"].append(metrics.colorfulness(rgb))
        for name, (temperature, gamma) in settings.items():
            adjusted = decode.adjust(logits, log_weights, gamma - trained_gamma)
            guess = decode.annealed_mean(adjusted, bins, temperature)
            guess = F.interpolate(guess, size=ab.shape[-2:], mode="bilinear")
            result = lab_to_rgb(torch.cat((lightness, guess), 1))
            psnrs[name].append(metrics.psnr(result, rgb))
            colour[name].append(metrics.colorfulness(result))
            raw[name] += metrics.error_histogram(guess, ab).cpu()
            balanced[name] += metrics.error_histogram(guess, ab, pixel_weight).cpu()
    figures = {"val_ce": sum(losses) / len(losses)}
    truth = torch.cat(colour["truth"]).mean()
    for name in settings:
        figures[f"{name}_psnr"] = torch.cat(psnrs[name]).mean().item()
        figures[f"{name}_color"] = (torch.cat(colour[name]).mean() / truth).item()
        figures[f"{name}_auc"] = metrics.auc(raw[name])
        figures[f"{name}_rebalanced"] = metrics.auc(balanced[name])
    return figures


@torch.no_grad()
def save_grid(
    path: Path,
    model: torch.nn.Module,
    photos: torch.Tensor,
    bins: Bins,
    log_weights: torch.Tensor,
    device: torch.device,
    aged: torch.Tensor | None = None,
    trained_gamma: float = 0.0,
) -> None:
    """One row per photograph: grey, true (γ 0, T 1), default (γ ½, T 0.5), vivid (γ 1, T 0.38),
    the original; with ``aged`` lightness (N, 1, H, W), also the aged input and its result."""
    rgb = photos.to(device)
    lab = rgb_to_lab(rgb)
    lightness = lab[:, :1]

    def colored(source: torch.Tensor, temperature: float, gamma: float) -> torch.Tensor:
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(source).float()
        adjusted = decode.adjust(logits, log_weights, gamma - trained_gamma)
        ab = decode.annealed_mean(adjusted, bins, temperature)
        ab = F.interpolate(ab, size=source.shape[-2:], mode="bilinear")
        return lab_to_rgb(torch.cat((source, ab), 1))

    def grey(source: torch.Tensor) -> torch.Tensor:
        return lab_to_rgb(torch.cat((source, torch.zeros_like(lab[:, 1:])), 1))

    columns = [grey(lightness)]
    columns += [colored(lightness, t, g) for t, g in ((1.0, 0.0), (0.5, 0.5), (0.38, 1.0))]
    columns.append(rgb.float() / 255)
    if aged is not None:
        columns += [grey(aged.to(device)), colored(aged.to(device), 0.5, 0.5)]
    sheet = torch.cat(columns, dim=3)  # (N, 3, H, W·columns)
    rows = sheet.movedim(1, 3).reshape(-1, sheet.shape[3], 3)
    Image.fromarray((rows * 255).round().byte().cpu().numpy()).save(path)
