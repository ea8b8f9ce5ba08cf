"""Batch norms folded into convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import colorizer
from colorizer import checkpoints
from colorizer.models.folding import fold
from colorizer.pipeline.loading import load_unfolded


def norms(model: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in model.modules())


@pytest.mark.parametrize("key", [one.key for one in checkpoints.shipped()])
def test_folded_networks_give_the_same_pixels(key, coffee):
    trained, folded = load_unfolded(key), colorizer.load(key)
    assert norms(folded.model) <= min(2, norms(trained.model))
    before, after = (np.asarray(one.colorize(coffee)).astype(int) for one in (trained, folded))
    assert np.abs(before - after).max() <= 1
    assert (before != after).mean() < 1e-3


@pytest.mark.parametrize("key", ["efficient", "mobile"])
def test_hints_come_before_the_norm_that_follows_them(key):
    trained, folded = load_unfolded(key).model, colorizer.load(key).model
    lightness = torch.rand(1, 1, 64, 96) * 100
    hints = torch.randn(1, 3, 64, 96) * torch.tensor([50.0, 50.0, 0.0])[:, None, None]
    hints[:, 2] = 1
    with torch.inference_mode():
        torch.testing.assert_close(
            folded(lightness, hints), trained(lightness, hints), atol=1e-3, rtol=1e-4
        )


def test_a_norm_that_follows_something_else_stays():
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.BatchNorm2d(4)).eval()
    assert norms(fold(model)) == 1
