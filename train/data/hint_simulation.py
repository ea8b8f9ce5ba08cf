"""Simulated colour hints for training: clues, anchors and recolourings.

Clues, as in Zhang et al. 2017 (section 3.2): the number of points is geometric (p = 1/8), places
are Gaussian around the centre, each point reveals the mean colour of a patch of 1 to 9 pixels.

Anchors: points in segments of the photograph (Felzenszwalb & Huttenlocher 2004), each with the
mean colour of its segment.  From clues alone, few and anywhere, a network learns that a hint
tints all that is near; a hint that stands for a segment ends at the segment's edge.  Anchor
sampling at use gives its hints in this way.

Recolourings: from true colours alone a network learns that a lone warm point means a warm
photograph.  But a person who asks for a green cup says nothing about the table.  So in some
photographs segments are given another colour in the target, and the hint tells which; only there
does the hint explain anything.  Half of these also get anchors elsewhere.

Many photographs get none.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from skimage.segmentation import felzenszwalb

CLUES, ANCHORS, RECOLOURED = 0.08, 0.14, 0.1  # shares of the photographs
MOST_ANCHORS = 16
SEGMENTED = 48  # longest side at which photographs are segmented: a few milliseconds each


def simulate(
    lab: torch.Tensor,
    generator: torch.Generator,
    clues: float = CLUES,
    anchors: float = ANCHORS,
    recoloured: float = RECOLOURED,
    p: float = 0.125,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Draw hints for a batch: the target's ab (B, 2, H, W) and hints (B, 3, H, W).

    lab: (B, 3, H, W), the truth at full size.  clues, anchors, recoloured: shares of the
    photographs that get each.  hints: a, b (ab units) and a mask of 0 and 1; None if nobody got
    any.  ab is a copy where a recolouring changed it, else lab's own.
    """
    kinds = torch.rand(len(lab), generator=generator).tolist()
    if min(kinds, default=1.0) >= clues + anchors + recoloured:
        return lab[:, 1:], None
    ab = lab[:, 1:].clone()
    hints = torch.zeros_like(lab)
    for i, kind in enumerate(kinds):
        if kind < recoloured:
            _recolour(lab[i], ab[i], hints[i], generator)
        elif kind < recoloured + anchors:
            labels = segments(lab[i], generator)
            _anchor(labels, ab[i], hints[i], generator, 1 + _below(MOST_ANCHORS, generator))
        elif kind < recoloured + anchors + clues:
            _clues(ab[i], hints[i], generator, p)
    return ab, hints


def segments(lab: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Segment a photograph at a random coarseness: lab (3, H, W) → labels (H, W), on the CPU."""
    height, width = lab.shape[-2:]
    shrink = min(SEGMENTED / max(height, width), 1.0)
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = F.interpolate(lab[None].float(), size=size, mode="area")[0].cpu()
    scale = 5 * math.exp(math.log(60) * _uniform(generator))  # 5…300
    labels = felzenszwalb(
        small.movedim(0, -1).numpy().astype(np.float64) / 100, scale, sigma=0.5, min_size=12
    )
    large = F.interpolate(torch.from_numpy(labels)[None, None].float(), size=(height, width))
    return large[0, 0].long()


def _uniform(generator: torch.Generator) -> float:
    return torch.rand((), generator=generator).item()


def _below(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=generator))


def _put(hints: torch.Tensor, y: int, x: int, side: int, color: torch.Tensor) -> None:
    """Set a square patch of ``hints`` (3, H, W) around (y, x), kept inside, to a colour (2,)."""
    height, width = hints.shape[-2:]
    side = min(side, height, width)
    top = min(max(y - side // 2, 0), height - side)
    left = min(max(x - side // 2, 0), width - side)
    hints[:2, top : top + side, left : left + side] = color[:, None, None]
    hints[2, top : top + side, left : left + side] = 1


def _clues(ab: torch.Tensor, hints: torch.Tensor, generator: torch.Generator, p: float) -> None:
    """Points anywhere with the mean true colour of their patch (Zhang et al. 2017)."""
    height, width = ab.shape[-2:]
    count = 1 + int(math.log(1 - _uniform(generator)) / math.log(1 - p))
    for _ in range(count):
        row, column = (torch.randn(2, generator=generator) * 0.25 + 0.5).tolist()
        y = min(max(round(row * height), 0), height - 1)
        x = min(max(round(column * width), 0), width - 1)
        side = 1 + _below(9, generator)
        top, left = max(y - side // 2, 0), max(x - side // 2, 0)
        _put(hints, y, x, side, ab[:, top : top + side, left : left + side].mean((1, 2)))


def _chosen(labels: torch.Tensor, count: int, generator: torch.Generator) -> list[torch.Tensor]:
    """Masks (H, W) of up to ``count`` different segments, large ones more often."""
    area = torch.bincount(labels.flatten()).float()
    order = torch.multinomial(area.sqrt(), min(count, len(area)), generator=generator)
    return [labels == k for k in order.tolist()]


def _point(mask: torch.Tensor, generator: torch.Generator) -> tuple[int, int]:
    """A random place (y, x) of a segment, by preference inside it."""
    inner = F.avg_pool2d(mask[None, None].float(), 5, 1, 2)[0, 0] > 0.99
    places = (inner if inner.any() else mask).nonzero()
    y, x = places[_below(len(places), generator)].tolist()
    return y, x


def _anchor(
    labels: torch.Tensor,
    ab: torch.Tensor,
    hints: torch.Tensor,
    generator: torch.Generator,
    count: int,
) -> None:
    """Give ``count`` segments a hint of their own mean colour."""
    for mask in _chosen(labels, count, generator):
        y, x = _point(mask, generator)
        color = ab[:, mask.to(ab.device)].mean(1)
        _put(hints, y, x, 1 + 2 * _below(4, generator), color)


def _recolour(
    lab: torch.Tensor, ab: torch.Tensor, hints: torch.Tensor, generator: torch.Generator
) -> None:
    """Give one to three segments another colour in the target ``ab`` and a hint that tells it."""
    labels = segments(lab, generator)
    if _uniform(generator) < 0.5:
        _anchor(labels, ab, hints, generator, 1 + _below(8, generator))
    uniform = _uniform(generator)
    for mask in _chosen(labels, 1 + int(uniform > 0.6) + int(uniform > 0.85), generator):
        angle, chroma = 2 * math.pi * _uniform(generator), 5 + 65 * _uniform(generator)
        color = ab.new_tensor([chroma * math.cos(angle), chroma * math.sin(angle)])
        y, x = _point(mask, generator)
        mask = mask.to(ab.device)
        # What was there as a hint before is of the old colour.
        hints[:, mask] = 0
        soft = F.avg_pool2d(mask[None, None].to(ab.dtype), 3, 1, 1)[0, 0]
        ab += soft * (color - ab[:, mask].mean(1))[:, None, None]
        _put(hints, y, x, 1 + 2 * _below(4, generator), color)
