"""After the fact: warmth, saturation and automatic white balance of colours already decoded.

All of it works on ab alone, so that lightness stays the photograph's own, and on the network's
small grid, so that it costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

WARM = (6.0, 22.0)  # ab: how far the middle tones move at warmth 1, towards the orange of a lamp
NEUTRAL = 12.0  # ab: the further from grey a place is, the less it says about a cast
PALE = 40.0  # ab: chroma at which extra saturation has mostly ended


@dataclass(frozen=True)
class Adjustments:
    """warmth: -1 (cool) … 1 (warm).  saturation: 0 (grey) … 2.  white_balance: 0 … 1, all of it."""

    warmth: float = 0.0
    saturation: float = 1.0
    white_balance: float = 0.0

    def apply(self, ab: torch.Tensor, lightness: torch.Tensor) -> torch.Tensor:
        """ab (2, h, w) as a network gave it, lightness (h, w) in L* → ab as it is to look."""
        if self.white_balance:
            ab = ab - self.white_balance * cast(ab, lightness)[:, None, None]
        if self.saturation != 1:
            ab = saturated(ab, self.saturation)
        if self.warmth:
            ab = warmed(ab, lightness, self.warmth)
        return ab


def cast(ab: torch.Tensor, lightness: torch.Tensor) -> torch.Tensor:
    """Estimate the tint that lies over a whole picture: (2,) in ab units.

    The mean over places near grey (Buchsbaum 1980), the bright ones most: a lawn says nothing
    about the light, a wall does.
    """
    chroma = ab.square().sum(0)
    weight = torch.exp(-chroma / (2 * NEUTRAL**2)) * lightness.clamp(1, 100)
    return (ab * weight).sum((1, 2)) / weight.sum()


def saturated(ab: torch.Tensor, saturation: float) -> torch.Tensor:
    """Scale chroma; above 1, pale colours grow and strong ones stay, so that nothing burns."""
    if saturation <= 1:
        return ab * saturation
    chroma = ab.norm(dim=0, keepdim=True)
    return ab * (1 + (saturation - 1) * torch.exp(-chroma / PALE))


def warmed(ab: torch.Tensor, lightness: torch.Tensor, warmth: float) -> torch.Tensor:
    """Shift towards orange, or towards blue below 0; black and white stay neutral."""
    share = (lightness / 100).clamp(0, 1)
    middle = 4 * share * (1 - share)
    return ab + warmth * torch.tensor(WARM).to(ab)[:, None, None] * middle.to(ab)
