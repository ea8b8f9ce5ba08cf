"""Averaged weights of a network in training."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Ema:
    """A moving average of a model's weights, and of the batch-norm statistics beside them."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        averaged, current = [], []
        for kept, new in zip(
            self.model.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if kept.is_floating_point():
                averaged.append(kept)
                current.append(new)
            else:
                kept.copy_(new)
        torch._foreach_lerp_(averaged, current, 1 - decay)
