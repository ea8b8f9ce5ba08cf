"""One row of the evaluation: what is known of one way of colouring, as sums and histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from colorizer import metrics

SATURATION_STEPS = 130  # chroma in ab units, one wide
KEPT = 4  # best and worst photographs that a row remembers


@dataclass
class Row:
    """Sums and histograms of one way of colouring."""

    psnr: list[float] = field(default_factory=list)
    colorfulness: list[float] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)
    brown: list[bool] = field(default_factory=list)
    gain: list[tuple[float, str]] = field(default_factory=list)  # dB above grey, photograph
    raw: torch.Tensor = field(default_factory=lambda: torch.zeros(152, dtype=torch.float64))
    rebalanced: torch.Tensor = field(default_factory=lambda: torch.zeros(152, dtype=torch.float64))
    saturation: torch.Tensor = field(
        default_factory=lambda: torch.zeros(SATURATION_STEPS + 1, dtype=torch.float64)
    )
    by_source: dict[str, dict] = field(default_factory=dict)
    distance: list[float] = field(default_factory=list)
    best_error: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def remember(self, gain: float, name: str) -> None:
        """Keep a photograph's name if it is among the best or the worst."""
        self.gain.append((gain, name))
        if len(self.gain) > 64:
            ranked = sorted(self.gain, reverse=True)
            self.gain = ranked[:KEPT] + ranked[-KEPT:]

    def values(self, truth: Row) -> dict[str, float | None]:
        """Means over the photographs; None for a PSNR without error.

        truth: the originals' row, which colour and sharpness are shares of.
        """
        found: dict[str, float | None] = {}
        if self.psnr:
            found["psnr"] = mean_psnr(self.psnr)
            found["colorfulness_share"] = share(self.colorfulness, truth.colorfulness)
            found["sharpness_share"] = share(self.sharpness, truth.sharpness)
            found["brown_share"] = mean(self.brown)
            found["auc_raw"] = metrics.auc(self.raw)
            found["auc_rebalanced"] = metrics.auc(self.rebalanced)
        if self.seconds:
            found["seconds"] = mean(self.seconds)
        if self.distance:
            found["pairwise_distance"] = mean(self.distance)
            found["best_of_n_error"] = mean(self.best_error)
        return found

    def details(self) -> dict:
        """Curves, saturation, sources, best and worst photographs; for the page of metrics."""
        if not self.psnr:
            return {}
        ranked = sorted(self.gain, reverse=True)

        def curve(histogram: torch.Tensor) -> list[float]:
            share = histogram.cumsum(0)[: metrics.AUC_STEPS] / histogram.sum()
            return [round(x, 4) for x in share.tolist()]

        return {
            "curve_raw": curve(self.raw),
            "curve_rebalanced": curve(self.rebalanced),
            "saturation": [
                float(f"{x:.4g}") for x in (self.saturation / self.saturation.sum()).tolist()
            ],
            "sources": {
                source: {
                    "photographs": len(part["psnr"]),
                    "psnr": mean_psnr(part["psnr"]),
                    "auc_raw": round(metrics.auc(part["raw"]), 2),
                }
                for source, part in sorted(self.by_source.items())
            },
            "best": [name for _, name in ranked[:KEPT]],
            "worst": [name for _, name in ranked[-KEPT:][::-1]],
        }


def share(values: Sequence[float], of: Sequence[float]) -> float:
    return mean(values) / max(mean(of), 1e-9)


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def mean_psnr(values: Sequence[float]) -> float | None:
    finite = [v for v in values if np.isfinite(v)]
    return mean(finite) if finite else None
