"""Simulated colour hints for training (Zhang et al. 2017, section 3.2).

The number of points is geometric (p = 1/8), places are Gaussian around the centre, each point
reveals the mean colour of a patch of 1 to 9 pixels; many images get none at all.
"""

from __future__ import annotations

import torch


def simulate(
    ab: torch.Tensor, generator: torch.Generator, none_share: float = 0.7, p: float = 0.125
) -> torch.Tensor | None:
    """ab (B, 2, H, W), full size → hints (B, 3, H, W): a, b, mask; None if nobody got one."""
    batch, _, height, width = ab.shape
    hints = torch.zeros((batch, 3, height, width), dtype=ab.dtype, device=ab.device)
    any_hint = False
    for i in range(batch):
        if torch.rand((), generator=generator).item() < none_share:
            continue
        uniform = torch.rand((), generator=generator).item()
        count = 1 + int(torch.log(torch.tensor(1 - uniform)) / torch.log(torch.tensor(1 - p)))
        places = torch.randn((count, 2), generator=generator) * 0.25 + 0.5
        sides = torch.randint(1, 10, (count,), generator=generator)
        for (py, px), side in zip(places.tolist(), sides.tolist(), strict=True):
            side = min(side, height, width)
            y = min(max(round(py * height - side / 2), 0), height - side)
            x = min(max(round(px * width - side / 2), 0), width - side)
            patch = ab[i, :, y : y + side, x : x + side]
            hints[i, :2, y : y + side, x : x + side] = patch.mean((1, 2))[:, None, None]
            hints[i, 2, y : y + side, x : x + side] = 1
            any_hint = True
    return hints if any_hint else None
