"""Decoding against direct references."""

import math

import numpy as np
import pytest
import torch

from colorizer.color.bins import get_bins
from colorizer.decoding import decode

BINS = get_bins("zhang313")


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(2, len(BINS), 3, 4, generator=torch.Generator().manual_seed(0)) * 2


def reference(column: np.ndarray, temperature: float, top_k: int) -> np.ndarray:
    """One pixel, in float64, as the papers write it."""
    order = np.argsort(-column)[:top_k]
    z = np.exp(column[order] - column.max())
    z = np.exp(np.log(z / z.sum()) / temperature)
    return (z / z.sum()) @ BINS.centers.double().numpy()[order]


@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, 313), (0.38, 313), (0.38, 5), (2.0, 2)])
def test_annealed_mean_is_the_papers_formula(logits, temperature, top_k):
    ab = decode.annealed_mean(logits, BINS, temperature, top_k)
    assert ab.shape == (2, 2, 3, 4)
    for b, y, x in ((0, 0, 0), (1, 2, 3), (0, 1, 2)):
        expected = reference(logits[b, :, y, x].double().numpy(), temperature, top_k)
        np.testing.assert_allclose(ab[b, :, y, x], expected, atol=1e-3)


def test_cold_annealed_mean_and_top_1_are_the_centroid(logits):
    centroid = decode.centroid(logits, BINS)
    torch.testing.assert_close(decode.annealed_mean(logits, BINS, 0.0), centroid)
    torch.testing.assert_close(decode.annealed_mean(logits, BINS, 1.0, top_k=1), centroid)


def test_top_k_keeps_exactly_the_k_likeliest(logits):
    p = decode.probabilities(logits, 1.0, top_k=7)
    assert (p > 0).sum(1).unique().tolist() == [7]
    torch.testing.assert_close(p.sum(1), torch.ones(2, 3, 4))
    full = decode.probabilities(logits)
    assert ((p > 0) <= (full >= full.topk(7, dim=1).values[:, -1:])).all()


@pytest.mark.parametrize(
    ("kwargs", "word"), [({"temperature": -1}, "temperature"), ({"top_k": 0}, "top-k")]
)
def test_impossible_knobs_are_refused(logits, kwargs, word):
    with pytest.raises(ValueError, match=word):
        decode.probabilities(logits, **kwargs)


def test_vividness_multiplies_the_distribution_by_the_weights(logits):
    weights = torch.rand(len(BINS)) + 0.1
    p = decode.probabilities(decode.adjust(logits, weights.log(), 0.7))
    expected = decode.probabilities(logits) * weights.view(1, -1, 1, 1) ** 0.7
    torch.testing.assert_close(p, expected / expected.sum(1, keepdim=True))
    assert decode.adjust(logits, weights.log(), 0.0) is logits
    assert decode.adjust(logits, None, 1.0) is logits


def test_entropy_of_a_uniform_and_of_a_certain_pixel():
    uniform = torch.full((1, 313, 1, 1), 1 / 313)
    certain = torch.zeros(1, 313, 1, 1)
    certain[0, 5] = 1
    assert decode.entropy(uniform).item() == pytest.approx(math.log(313), abs=1e-4)
    assert decode.entropy(certain).item() == 0


@pytest.mark.parametrize("wanted", [(30.0, -40.0), (0.0, 0.0), (-20.0, 50.0)])
def test_a_tilted_part_has_the_mean_that_is_asked_for(logits, wanted):
    share = torch.zeros(3, 4)
    share[1, 1:3], share[2, 1] = 1.0, 0.5
    move = decode.tilt(logits[:1], BINS, share, torch.tensor(wanted))
    tilted = logits[:1] + (BINS.centers @ move).view(1, -1, 1, 1)
    ab = decode.annealed_mean(tilted, BINS, 1.0)[0]
    mean = (ab * share).sum((1, 2)) / share.sum()
    assert (mean - torch.tensor(wanted)).norm() < 0.5
    # One that has it already is left alone.
    assert decode.tilt(tilted, BINS, share, mean).norm() < 1e-3


def test_a_colour_beyond_the_bins_is_approached(logits):
    move = decode.tilt(logits[:1], BINS, torch.ones(3, 4), torch.tensor([0.0, -300.0]))
    tilted = logits[:1] + (BINS.centers @ move).view(1, -1, 1, 1)
    assert decode.annealed_mean(tilted, BINS, 1.0)[0, 1].mean() < -60
