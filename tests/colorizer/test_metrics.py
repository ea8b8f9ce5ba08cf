"""Metrics against direct references on real photographs."""

import numpy as np
import pytest
import torch
from skimage import metrics as reference

from colorizer import metrics


def as_batch(*images: np.ndarray) -> torch.Tensor:
    return torch.stack([torch.from_numpy(i.copy()).permute(2, 0, 1) for i in images]).float() / 255


def test_psnr_equals_scikit_image(photographs):
    original = photographs["chelsea"]
    noisy = np.clip(original.astype(int) + 10, 0, 255).astype(np.uint8)
    expected = reference.peak_signal_noise_ratio(original, noisy, data_range=255)
    assert metrics.psnr(as_batch(noisy), as_batch(original)).item() == pytest.approx(expected, 1e-4)
    assert metrics.psnr(as_batch(original), as_batch(original)).item() == np.inf


def test_colorfulness_is_hasler_and_suesstrunks_formula(photographs):
    image = photographs["coffee"].astype(float)
    rg = image[..., 0] - image[..., 1]
    yb = (image[..., 0] + image[..., 1]) / 2 - image[..., 2]
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    measured = metrics.colorfulness(as_batch(photographs["coffee"])).item()
    assert measured == pytest.approx(expected, 1e-4)
    grey = np.repeat(photographs["camera"][..., None], 3, 2)
    assert metrics.colorfulness(as_batch(grey)).item() == pytest.approx(0, abs=1e-4)


def test_auc_counts_pixels_within_every_distance():
    truth = torch.zeros(1, 2, 1, 4)
    guess = torch.zeros(1, 2, 1, 4)
    guess[0, 0, 0] = torch.tensor([0.0, 10.0, 10.5, 200.0])
    thresholds = np.arange(151)
    distances = np.array([0, 10, 10.5, 200])
    expected = 100 * np.mean([(distances <= t).mean() for t in thresholds])
    assert metrics.auc(metrics.error_histogram(guess, truth)) == pytest.approx(expected)
    weights = torch.tensor([[[1.0, 3.0, 0.0, 0.0]]])
    expected = 100 * np.mean([(1 * (t >= 0) + 3 * (t >= 10)) / 4 for t in thresholds])
    histogram = metrics.error_histogram(guess, truth, weights)
    assert metrics.auc(histogram) == pytest.approx(expected)


def test_histograms_add_up():
    generator = torch.Generator().manual_seed(0)
    guess, truth = (torch.randn(2, 2, 5, 5, generator=generator) * 40 for _ in range(2))
    whole = metrics.error_histogram(guess, truth)
    parts = metrics.error_histogram(guess[:1], truth[:1]) + metrics.error_histogram(
        guess[1:], truth[1:]
    )
    assert torch.equal(whole, parts)


def test_pairwise_distance_of_known_samples():
    samples = torch.zeros(3, 2, 2, 2)
    samples[1, 0], samples[2, 1] = 3.0, 4.0
    assert metrics.pairwise_distance(samples) == pytest.approx((3 + 4 + 5) / 3)


def test_a_sepia_picture_is_brown_and_a_landscape_is_not():
    hue, chroma = torch.full((2, 16, 16), 60.0), torch.full((2, 16, 16), 20.0)
    hue[1, :8] = 140.0  # half of it green
    angle = torch.deg2rad(hue)
    ab = torch.stack((chroma * angle.cos(), chroma * angle.sin()), 1)
    assert metrics.brown(ab).tolist() == [True, False]
    assert metrics.brown(ab * 0.1).tolist() == [False, False]  # nothing of it is coloured
