"""Simulated colour hints for training (Zhang et al. 2017, section 3.2), and wishes.

Clues, as in the paper: the number of points is geometric (p = 1/8), places are Gaussian around
the centre, each point reveals the mean colour of a patch of 1 to 9 pixels.  Many images get none.

From clues alone a network learns that a lone warm point means a warm photograph, and tints all
of it.  But a person who asks for a green cup says nothing about the table.  So some images get
wishes instead: a region around a point — near it and like it in lightness and colour — is given
another colour in the target, and the hint tells which.  Only there does the hint explain
anything.
"""

from __future__ import annotations

import math

import torch


def simulate(
    lab: torch.Tensor,
    generator: torch.Generator,
    clues: float = 0.15,
    wishes: float = 0.12,
    p: float = 0.125,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """lab (B, 3, H, W), full size → the target's ab (B, 2, H, W) and hints (B, 3, H, W).

    clues, wishes: shares of the images that get each.  hints: a, b (ab units) and a mask of 0
    and 1; None if nobody got any.  ab is a copy where a wish changed it, else lab's own.
    """
    batch, _, height, width = lab.shape
    ab = lab[:, 1:]
    chances = torch.rand(batch, generator=generator)
    if not (chances < clues + wishes).any():
        return ab, None
    hints = torch.zeros((batch, 3, height, width), dtype=lab.dtype, device=lab.device)
    if (chances < wishes).any():
        ab = ab.clone()
    for i, chance in enumerate(chances.tolist()):
        if chance >= clues + wishes:
            continue
        wish = chance < wishes
        uniform = torch.rand((), generator=generator).item()
        if wish:
            count = 1 + int(uniform > 0.6) + int(uniform > 0.85)
        else:
            count = 1 + int(math.log(1 - uniform) / math.log(1 - p))
        places = torch.randn((count, 2), generator=generator) * 0.25 + 0.5
        places = (places * torch.tensor([height, width])).round().int()
        sides = torch.randint(1, 10, (count,), generator=generator).tolist()
        y = places[:, 0].clamp(0, height - 1).tolist()
        x = places[:, 1].clamp(0, width - 1).tolist()
        if wish:
            for k in range(count):
                ab[i] = _recolored(lab[i, 0], ab[i], y[k], x[k], generator)
        for k, side in enumerate(sides):
            side = min(side, height, width)
            top = min(max(y[k] - side // 2, 0), height - side)
            left = min(max(x[k] - side // 2, 0), width - side)
            patch = slice(top, top + side), slice(left, left + side)
            # A wish names one colour; a clue is what a person would pick from the original.
            color = ab[i, :, y[k], x[k]] if wish else ab[i, :, *patch].mean((1, 2))
            hints[i, :2, *patch] = color[:, None, None]
            hints[i, 2, *patch] = 1
    return ab, hints


def _recolored(
    lightness: torch.Tensor, ab: torch.Tensor, y: int, x: int, generator: torch.Generator
) -> torch.Tensor:
    """ab (2, H, W) with the region around (y, x) in a random colour; lightness (H, W)."""
    height, width = lightness.shape
    hue, chroma, reach = torch.rand(3, generator=generator).tolist()
    angle, chroma = 2 * math.pi * hue, 5 + 65 * chroma
    color = ab.new_tensor([chroma * math.cos(angle), chroma * math.sin(angle)])
    rows = torch.arange(height, device=ab.device)[:, None] - y
    columns = torch.arange(width, device=ab.device)[None] - x
    away = (rows**2 + columns**2) / ((0.1 + 0.35 * reach) * max(height, width)) ** 2
    unlike = ((lightness - lightness[y, x]) / 18) ** 2
    unlike = unlike + ((ab - ab[:, y, x, None, None]) ** 2).sum(0) / 12**2
    # A plateau with a soft edge: one object, one colour.
    mask = torch.sigmoid(6 * (1 - torch.sqrt(away + unlike)))
    return ab + mask * (color - ab[:, y, x])[:, None, None]
