"""The two quantisations against their publications; priors and weights against hand-made sums."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from colorizer.color import bins as bins_module
from colorizer.color.bins import Bins, get_bins, rebalancing_weights, smooth_prior
from colorizer.decoding.prediction import log_weights

NAMES = ("zhang313", "square361")


@pytest.fixture(params=NAMES)
def bins(request) -> Bins:
    return get_bins(request.param)


def nearest(bins: Bins, ab: torch.Tensor) -> torch.Tensor:
    """Distances from ab (2, H, W) to every centre: (H, W, Q), by the plain formula."""
    points = ab.double().movedim(0, -1)[..., None, :]
    return (points - bins.centers.double()).square().sum(-1).sqrt()


class TestPublished:
    def test_zhang313(self):
        """The figures of the published pts_in_hull."""
        centers = get_bins("zhang313").centers
        assert centers.shape == (313, 2)
        assert centers.dtype == torch.float32
        assert centers.sum(0).tolist() == [4910, 2090]
        assert len({tuple(row) for row in centers.tolist()}) == 313
        assert (centers % 10 == 0).all()
        # Published order: a ascending, within it b ascending.
        rows = centers.tolist()
        assert rows == sorted(rows)
        assert rows[0] == [-90, 50]
        assert rows[-1] == [100, 0]
        # Gaps in b would be gaps in the gamut.
        for a in centers[:, 0].unique():
            b = centers[centers[:, 0] == a, 1]
            assert (b.diff() == 10).all()

    def test_square361(self):
        centers = get_bins("square361").centers
        assert len(centers) == 19 * 19 == len(get_bins("square361"))
        assert centers.min() - 6 == -110
        assert centers.max() + 6 == 118
        assert sorted(set(centers[:, 0].tolist())) == list(range(-104, 113, 12))

    def test_unknown(self):
        with pytest.raises(ValueError, match="zhang313"):
            get_bins("lab")


class TestHard:
    def test_nearest_of_every_whole_ab(self, bins):
        side = torch.arange(-128, 128)
        ab = torch.stack(torch.meshgrid(side, side, indexing="ij")).float()
        index = bins.encode(ab)
        assert index.shape == (256, 256)
        assert index.dtype == torch.int64
        distance = nearest(bins, ab)
        chosen = distance.gather(-1, index[..., None])[..., 0]
        assert torch.allclose(chosen, distance.amin(-1), atol=1e-6)

    def test_centres_are_their_own(self, bins):
        ab = bins.centers.T[..., None]
        assert torch.equal(bins.encode(ab)[:, 0], torch.arange(len(bins)))
        assert torch.equal(bins.decode(bins.encode(ab)), ab)

    def test_squares_reach_six_each_way(self):
        bins = get_bins("square361")
        ab = (torch.rand(2, 50, 50) * 225 - 109).round()
        assert (bins.decode(bins.encode(ab)) - ab).abs().max() <= 6

    def test_batches_and_far_values(self, bins):
        ab = torch.tensor([[-900.0, 900], [0, 0.4]])[None, :, None]
        index = bins.encode(ab)
        assert index.shape == (1, 1, 2)
        assert bins.decode(index).shape == (1, 2, 1, 2)


class TestSoft:
    def test_against_the_formula(self, bins):
        ab = torch.rand(2, 12, 12, generator=torch.Generator().manual_seed(0)) * 120 - 60
        index, weight = bins.soft_encode(ab, neighbours=5, sigma=5.0)
        assert index.shape == weight.shape == (5, 12, 12)
        assert torch.allclose(weight.sum(0), torch.ones(12, 12))
        distance = nearest(bins, ab)
        gaussian = torch.exp(-distance.square() / 50)
        picked = gaussian.gather(-1, index.movedim(0, -1)).movedim(-1, 0)
        assert torch.allclose(weight.double(), picked / picked.sum(0), atol=1e-5)
        # The neighbours are those of the nearest whole ab.
        whole = nearest(bins, ab.round())
        farthest = whole.gather(-1, index.movedim(0, -1)).amax(-1)
        assert (farthest <= whole.topk(5, largest=False).values.amax(-1) + 1e-4).all()

    def test_a_centre_weighs_most(self):
        bins = get_bins("zhang313")
        index, weight = bins.soft_encode(torch.tensor([[[0.0]], [[0.0]]]))
        assert bins.centers[index[weight.argmax(), 0, 0]].tolist() == [0, 0]
        # Distances 0 and four times 10: 1 / (1 + 4 exp(-2)).
        assert weight.max().item() == pytest.approx(1 / (1 + 4 * np.exp(-2)), abs=1e-5)

    def test_few_and_narrow(self, bins):
        ab = torch.rand(3, 2, 4, 4) * 100 - 50
        index, weight = bins.soft_encode(ab, neighbours=1)
        assert torch.equal(index[:, 0], bins.encode(ab))
        assert (weight == 1).all()
        narrow_index, narrow = bins.soft_encode(ab.round(), neighbours=4, sigma=0.05)
        assert torch.isfinite(narrow).all()
        assert narrow_index.shape == (3, 4, 4, 4)


class TestWeights:
    def test_by_hand(self):
        """Eq. 4 for two bins: p = ¾, ¼, λ = ½ → 1/(⅜+¼), 1/(⅛+¼), then mean 1 under p."""
        weights = rebalancing_weights(np.array([0.75, 0.25]), lam=0.5)
        raw = np.array([1 / 0.625, 1 / 0.375])
        assert weights == pytest.approx(raw / (0.75 * raw[0] + 0.25 * raw[1]))
        assert (np.array([0.75, 0.25]) * weights).sum() == pytest.approx(1)

    def test_lambda_one_weighs_all_alike(self):
        prior = np.random.default_rng(0).dirichlet(np.ones(313))
        assert rebalancing_weights(prior, lam=1) == pytest.approx(np.ones(313))

    def test_lambda_zero_gives_every_bin_the_same_share(self):
        prior = np.random.default_rng(0).dirichlet(np.ones(313))
        assert prior * rebalancing_weights(prior, lam=0) == pytest.approx(np.full(313, 1 / 313))

    def test_empty_bins(self):
        prior = np.array([0.5, 0.5, 0.0])
        assert rebalancing_weights(prior, lam=0) == pytest.approx([1, 1, 0])
        assert np.isfinite(rebalancing_weights(prior, lam=0.5)).all()
        assert rebalancing_weights(prior, lam=0.5).argmax() == 2

    def test_counts_need_not_be_normalised(self):
        counts = np.array([10, 30, 60])
        assert rebalancing_weights(counts) == pytest.approx(rebalancing_weights(counts / 100))


class TestSmoothing:
    def test_keeps_the_sum_and_spreads(self, bins):
        prior = np.zeros(len(bins))
        at = len(bins) // 2
        prior[at] = 7
        smoothed = smooth_prior(prior, bins, sigma=5)
        assert smoothed.sum() == pytest.approx(1)
        assert smoothed.argmax() == at
        squared = ((bins.centers - bins.centers[at]) ** 2).sum(-1).double().numpy()
        expected = np.exp(-squared / 50)
        assert smoothed == pytest.approx(expected / expected.sum())

    def test_no_width_changes_nothing(self, bins):
        prior = np.random.default_rng(0).dirichlet(np.ones(len(bins)))
        assert smooth_prior(prior, bins, sigma=0.3) == pytest.approx(prior)


class TestGamut:
    def test_the_published_bins_are_the_gamut(self):
        assert get_bins("zhang313").in_gamut.all()

    def test_of_the_squares_those_that_a_colour_falls_into(self):
        bins = get_bins("square361")
        cube = np.stack(np.meshgrid(*[np.linspace(0, 255, 18).round()] * 3), -1) / 255
        ab = torch.tensor(rgb2lab(cube)[..., 1:]).permute(0, 3, 1, 2)
        assert bins.in_gamut[bins.encode(ab)].all()
        assert not bins.in_gamut[bins.encode(torch.tensor([-100.0, -100.0]).view(2, 1, 1))].any()
        assert len(bins) / 3 < bins.in_gamut.sum() < len(bins) * 2 / 3

    def test_vividness_brings_out_what_is_rare_and_leaves_what_is_no_colour(self, bins):
        prior = np.zeros(len(bins))
        common = (bins.centers.norm(dim=1) < 25).numpy()
        prior[common] = 1 / common.sum()
        weights = log_weights(prior, bins)
        inside = bins.in_gamut.numpy() & (bins.centers.norm(dim=1) > 60).numpy()
        assert weights[inside].min() > weights[common].max()
        assert (weights[~bins.in_gamut] == weights.min()).all()


def test_bins_first_asked_for_while_inferring_can_be_trained_with():
    bins_module.get_bins.cache_clear()
    with torch.inference_mode():
        bins = bins_module.get_bins("zhang313")
        bins.soft_encode(torch.zeros(2, 3, 3), neighbours=11)  # so many as nobody else asks for
    p = torch.rand(313, requires_grad=True)
    (p @ bins.centers).sum().backward()
    assert p.grad is not None
    index, _ = bins.soft_encode(torch.zeros(2, 3, 3), neighbours=11)
    assert not index.is_inference()
