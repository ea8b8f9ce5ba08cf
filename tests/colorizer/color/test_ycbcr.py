"""Chroma to Lab and back on real colours, and against scikit-image."""

import numpy as np
import pytest
import torch
from skimage import color

from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from colorizer.color.ycbcr import UV_SCALE, chroma_to_ab, rgb_to_chroma


def as_tensor(photograph: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(photograph.copy()).movedim(-1, -3)


def test_chroma_is_scikit_images():
    rgb = np.random.default_rng(0).random((7, 5, 3))
    ours = rgb_to_chroma(as_tensor(rgb)).numpy()
    ycbcr, yuv = color.rgb2ycbcr(rgb), color.rgb2yuv(rgb)
    for k in (0, 1):
        assert abs(ours[k] - (ycbcr[..., k + 1] - 128) / 224).max() < 1e-5  # video's range
        assert abs(ours[k] * UV_SCALE[k] - yuv[..., k + 1]).max() < 1e-4


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_lightness_and_chroma_give_back_the_colours_of_a_photograph(photographs, name):
    rgb = as_tensor(photographs[name])
    lab = rgb_to_lab(rgb)
    ab = chroma_to_ab(lab[:1], rgb_to_chroma(rgb))
    assert (ab - lab[1:]).abs().max() < 0.01
    again = lab_to_rgb(torch.cat((lab[:1], ab)))
    assert (again - rgb.float() / 255).abs().max() < 1e-3


def test_every_colour_of_srgb_comes_back():
    steps = torch.arange(0, 256, 15)
    rgb = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).flatten(2).byte()
    lab = rgb_to_lab(rgb)
    assert (chroma_to_ab(lab[:1], rgb_to_chroma(rgb)) - lab[1:]).abs().max() < 0.01


def test_the_lightness_is_kept_where_the_pair_is_not_that_of_a_photograph():
    """Drawn chroma and the photograph's L*: the colour found has exactly that chroma and L*."""
    lightness = torch.full((1, 1, 4), 55.0)
    chroma = torch.tensor([[0.1, -0.1, 0.1, -0.1], [0.1, 0.1, -0.1, -0.1]])[:, None]
    ab = chroma_to_ab(lightness, chroma)
    rgb = lab_to_rgb(torch.cat((lightness, ab)), clip=False)
    assert (rgb_to_chroma(rgb) - chroma).abs().max() < 1e-3
    assert (rgb_to_lab(rgb)[0] - 55).abs().max() < 1e-2


def test_grey_and_impossible_pairs_are_finite():
    lightness = torch.tensor([0.0, 0.5, 50.0, 100.0]).view(4, 1, 1, 1)
    grey = chroma_to_ab(lightness, torch.zeros(4, 2, 1, 1))
    assert grey.abs().max() < 0.01
    for sign in (-0.5, 0.5):
        assert torch.isfinite(chroma_to_ab(lightness, torch.full((4, 2, 1, 1), sign))).all()
