"""Lab against scikit-image, there and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from colorizer.color.lab import lab_to_rgb, linear_to_srgb, rgb_to_lab, srgb_to_linear

COLOURED = ("astronaut", "chelsea", "coffee", "rocket")


def batch(rgb: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rgb).movedim(-1, -3)


class TestSmoke:
    @pytest.mark.parametrize("shape", [(3, 4, 5), (2, 3, 4, 5), (2, 2, 3, 1, 1)])
    def test_shapes(self, shape):
        rgb = torch.rand(shape)
        assert rgb_to_lab(rgb).shape == shape
        assert lab_to_rgb(rgb_to_lab(rgb)).shape == shape

    def test_float64_stays(self):
        assert rgb_to_lab(torch.rand(3, 2, 2, dtype=torch.float64)).dtype == torch.float64


class TestAgainstScikitImage:
    @pytest.mark.parametrize("name", COLOURED)
    def test_photographs(self, photographs, name):
        rgb = photographs[name]
        expected = rgb2lab(rgb)
        for values in (batch(rgb), batch(rgb).float() / 255):
            lab = rgb_to_lab(values).movedim(-3, -1).numpy()
            assert np.abs(lab - expected).max() < 5e-3

    def test_back(self, photographs):
        lab = rgb2lab(photographs["chelsea"])
        result = lab_to_rgb(batch(lab)).movedim(-3, -1).numpy()
        assert np.abs(result - lab2rgb(lab)).max() < 1e-5

    def test_outside_srgb_is_clipped_the_same(self):
        lab = np.random.default_rng(0).uniform((20, -40, -40), (90, 60, 60), (40, 40, 3))
        result = lab_to_rgb(batch(lab)).movedim(-3, -1).numpy()
        assert np.abs(result - lab2rgb(lab)).max() < 1e-5
        assert lab_to_rgb(batch(lab), clip=False).max() > 1


class TestUnit:
    def test_known_colours(self):
        """White, black, middle grey and the primaries, by hand-checked figures."""
        known = {
            (255, 255, 255): (100, 0, 0),
            (0, 0, 0): (0, 0, 0),
            (119, 119, 119): (50.03, 0, 0),
            (255, 0, 0): (53.24, 80.09, 67.20),
            (0, 255, 0): (87.74, -86.18, 83.18),
            (0, 0, 255): (32.30, 79.19, -107.86),
        }
        rgb, expected = torch.tensor(list(known)), torch.tensor(list(known.values()))
        lab = rgb_to_lab(rgb.to(torch.uint8).T[..., None])[..., 0].T
        assert torch.allclose(lab, expected, atol=0.05)

    def test_ranges(self):
        steps = torch.linspace(0, 1, 18)
        rgb = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).reshape(3, 18, -1)
        light, a, b = rgb_to_lab(rgb).unbind(-3)
        assert light.min() >= -1e-4
        assert light.max() <= 100.001
        assert -87 < a.min() < a.max() < 99
        assert -108.5 < b.min() < b.max() < 95

    def test_transfer_curve(self):
        values = torch.linspace(0, 1, 1001, dtype=torch.float64)
        assert torch.allclose(linear_to_srgb(srgb_to_linear(values)), values, atol=1e-5)
        assert srgb_to_linear(torch.tensor(0.5)).item() == pytest.approx(0.214041, abs=1e-5)
        assert (srgb_to_linear(values).diff() > 0).all()

    def test_gradients_are_finite(self):
        """Losses on RGB go through here, black and colours outside sRGB included."""
        lab = torch.tensor([[0.0, 0, 0], [100, 0, 0], [2, 40, -70], [50, 90, 90]]).T[..., None]
        lab.requires_grad_()
        lab_to_rgb(lab, clip=False).square().sum().backward()
        assert torch.isfinite(lab.grad).all()
        rgb = torch.tensor([[0.0, 0, 0], [1, 1, 1], [0, 0, 1]]).T[..., None].requires_grad_()
        rgb_to_lab(rgb).square().sum().backward()
        assert torch.isfinite(rgb.grad).all()


class TestRoundTrip:
    def test_float(self):
        rgb = torch.rand(3, 60, 60, generator=torch.Generator().manual_seed(0))
        assert torch.allclose(lab_to_rgb(rgb_to_lab(rgb)), rgb, atol=1e-4)

    @pytest.mark.parametrize("name", COLOURED)
    def test_8_bits(self, photographs, name):
        rgb = batch(photographs[name])
        assert torch.equal((lab_to_rgb(rgb_to_lab(rgb)) * 255).round().to(torch.uint8), rgb)
