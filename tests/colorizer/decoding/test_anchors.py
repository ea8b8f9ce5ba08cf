"""Anchor sampling: where anchors lie, what a seed fixes, and that the network hears them."""

import pytest
import torch

from colorizer.color.bins import get_bins
from colorizer.decoding.anchors import ROUNDS, AnchorSampler, choose_places

BINS = get_bins("zhang313")
GRID, SIZE = (24, 32), (96, 128)


def no_change(logits):
    return logits


@pytest.fixture
def asked():
    return []


@pytest.fixture
def sampler(asked):
    return make_sampler(asked)


def make_sampler(asked):
    """A stand-in for a network: every place takes the mean colour of the hints so far."""
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(1, len(BINS), *GRID, generator=generator)

    def network(hints):
        asked.append(hints.clone())
        mask = hints[:, 2] > 0
        color = hints[0, :2, mask[0]].mean(1)
        distance = (BINS.centers - color).norm(dim=1)
        return (-distance / 10).view(1, -1, 1, 1).expand(1, -1, *GRID).contiguous()

    lightness = torch.linspace(0, 100, GRID[1]).expand(GRID)
    return AnchorSampler(network, first, lightness, BINS, SIZE)


def test_places_are_different_far_apart_and_away_from_the_edge():
    lightness = torch.linspace(0, 100, GRID[1]).expand(GRID)
    places = choose_places(torch.ones(GRID), lightness, 8)
    assert len(set(places)) == 8
    assert all(1 <= y < GRID[0] - 1 and 1 <= x < GRID[1] - 1 for y, x in places)
    spread = torch.tensor(places, dtype=torch.float)
    assert torch.pdist(spread).min() > 4


def test_places_prefer_what_is_undecided():
    entropy = torch.full(GRID, 0.01)
    entropy[8:14, 4:12] = 3.0
    first = choose_places(entropy, torch.full(GRID, 50.0), 4)[0]
    assert 8 <= first[0] < 14
    assert 4 <= first[1] < 12


def test_the_network_is_asked_once_a_round_with_ever_more_hints(sampler, asked):
    sampler.logits(no_change, 0, 1.0, None)
    patches = [int(hints[0, 2].sum()) for hints in asked]
    assert len(patches) == len(ROUNDS)
    assert patches == sorted(set(patches))


def test_a_seed_gives_the_same_sample_and_another_seed_another(sampler):
    one = sampler.logits(no_change, 1, 1.0, None)
    two = sampler.logits(no_change, 2, 1.0, None)
    again = make_sampler([])
    assert torch.equal(again.logits(no_change, 1, 1.0, None), one)
    assert not torch.equal(one, two)


def test_a_variation_keeps_most_anchors(sampler, asked):
    def anchors(*args, **knobs):
        sampler.logits(no_change, *args, **knobs)
        return asked[-1]

    kept = anchors(1, 1.0, None)
    near = anchors(2, 1.0, None, around=(1,), distance=0.25)
    far = anchors(3, 1.0, None)
    same_near = ((kept - near).abs().sum(1) == 0)[kept[:, 2] > 0].float().mean()
    same_far = ((kept - far).abs().sum(1) == 0)[kept[:, 2] > 0].float().mean()
    assert same_far < same_near < 1


def test_a_persons_hints_stay(asked):
    hints = torch.zeros(1, 3, *SIZE)
    hints[0, :, 40:60, 40:60] = torch.tensor([60.0, 40.0, 1.0]).view(3, 1, 1)
    logits = torch.zeros(1, len(BINS), *GRID)
    logits[:, :, 12, 12] = torch.linspace(0, 1, len(BINS))

    def network(given):
        asked.append(given.clone())
        return logits

    lightness = torch.rand(GRID, generator=torch.Generator().manual_seed(0)) * 100
    AnchorSampler(network, logits, lightness, BINS, SIZE, hints).logits(no_change, 0, 1.0, None)
    assert torch.equal(asked[-1][0, :, 40:60, 40:60], hints[0, :, 40:60, 40:60])


def test_a_rare_bin_is_drawn_as_often_as_it_should_be(asked):
    grid, size = (6, 8), (24, 32)
    logits = torch.full((1, len(BINS), *grid), -20.0)
    logits[:, 10], logits[:, 300] = 0.0, -1.0986  # three to one

    def network(hints):
        asked.append(hints.clone())
        return logits

    sampler = AnchorSampler(network, logits, torch.full(grid, 50.0), BINS, size)
    drawn = []
    for seed in range(200):
        asked.clear()
        sampler.logits(no_change, seed, 1.0, None)
        (color,) = asked[0][0, :2, asked[0][0, 2] > 0].unique(dim=1).T  # of the first anchor
        drawn.append((color - BINS.centers[300]).norm() < 16)
    assert 0.15 < torch.tensor(drawn).float().mean() < 0.35
