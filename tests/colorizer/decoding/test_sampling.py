"""The promise of coherent sampling: exact at every pixel, smooth between pixels."""

import math

import pytest
import torch

from colorizer.color.bins import get_bins
from colorizer.decoding import decode, sampling

BINS = get_bins("zhang313")


@pytest.fixture(scope="module")
def lightness() -> torch.Tensor:
    """A real photograph's lightness on a small grid."""
    from skimage import data, transform

    image = transform.resize(data.camera(), (14, 18), anti_aliasing=True)
    return torch.from_numpy(image * 100).float()


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.5, 2.0])
def test_field_has_unit_variance_everywhere_and_independent_bins(lightness, correlation):
    field = sampling.Field(lightness, correlation)
    draws = torch.stack([field.draw(40, seed) for seed in range(100)]).reshape(
        4000, *lightness.shape
    )
    variance = draws.var(0)
    assert abs(variance - 1).max() < 6 * math.sqrt(2 / 4000)
    assert abs(draws.mean(0)).max() < 6 / math.sqrt(4000)
    corner = draws[:, 0, 0].reshape(100, 40)
    assert abs(torch.corrcoef(corner.T).fill_diagonal_(0)).max() < 6 / math.sqrt(100)


def test_field_of_a_large_grid_stays_small():
    field = sampling.Field(torch.rand(48, 256) * 100, 0.5)
    assert field.kernel.shape[1] <= sampling.Field.MOST_ANCHORS
    assert field.draw(3, 0).shape == (3, 48, 256)


def test_field_follows_the_edges_of_the_photograph():
    halves = torch.zeros(12, 16)
    halves[:, 8:] = 80.0
    draws = sampling.Field(halves, 1.0).draw(3000, 0)
    same = (draws[:, 5, 2] * draws[:, 5, 7]).mean()
    across = (draws[:, 5, 7] * draws[:, 5, 8]).mean()
    assert same > 0.8
    assert abs(across) < 0.1


@pytest.mark.parametrize("place", [(0, 0), (7, 9)], ids=["corner", "inside"])
@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_samples_follow_the_softmax_at_every_pixel(lightness, place, correlation):
    """Section 5 of the design: the best bin under coherent noise is an exact sample."""
    generator = torch.Generator().manual_seed(3)
    logits = torch.full((1, 313, *lightness.shape), -30.0)
    logits[:, 100:112] = torch.randn(1, 12, *lightness.shape, generator=generator) * 1.5
    temperature, draws = 0.8, 200
    expected = decode.probabilities(logits, temperature)[0, 100:112, *place].double()
    field = sampling.Field(lightness, correlation)
    live = logits[0, 100:112, *place] / temperature  # the others are out of reach
    counts = torch.zeros(12)
    for seed in range(20):
        # Bins are independent, so one draw of 12 · 200 fields is 200 draws of 12.
        noise = sampling.gumbel(field.draw(12 * draws, seed)[:, *place]).view(draws, 12)
        counts += torch.bincount((live + noise).argmax(1), minlength=12)
    error = (counts / counts.sum() - expected).abs()
    assert (error < 5 * (expected * (1 - expected) / counts.sum()).sqrt() + 1e-3).all()


def test_a_variation_is_an_exact_sample_near_the_one_it_keeps(lightness):
    field = sampling.Field(lightness, 0.5)

    def draws(around: tuple[int, ...], distance: float = sampling.DISTANCE) -> torch.Tensor:
        """Many variations of the same lineage; bins are independent, so each is a draw."""
        return field.draw(4000, 7, around, distance)

    # Even if the same number comes up again, the variance stays one and the tails Gaussian.
    for around in ((3,), (3, 7), (7, 7, 7)):
        drawn = draws(around)
        assert abs(drawn.var(0) - 1).max() < 6 * math.sqrt(2 / 4000)
        assert abs(drawn.mean(0)).max() < 6 / math.sqrt(4000)
    kept = field.draw(4000, 3)
    similar = (draws((3,)) * kept).mean(0)
    assert abs(similar - math.sqrt(1 - sampling.DISTANCE**2)).max() < 6 / math.sqrt(4000)
    assert torch.equal(draws((3,), 0.0), kept)
    assert abs((draws((3,), 1.0) * kept).mean()) < 0.05
    assert torch.equal(draws((3,)), draws((3,)))
    with pytest.raises(ValueError, match="distance"):
        draws((3,), 1.5)


def test_sample_is_the_gumbel_max_of_its_field(lightness):
    logits = torch.randn(1, 313, *lightness.shape, generator=torch.Generator().manual_seed(1))
    field = sampling.Field(lightness, 0.5)
    ab = sampling.sample(logits, BINS, field, seed=5, temperature=0.7)
    score = logits[0].double() / 0.7 + sampling.gumbel(field.draw(313, 5))
    torch.testing.assert_close(ab[0], BINS.decode(score.argmax(0)))
    torch.testing.assert_close(ab, sampling.sample(logits, BINS, field, seed=5, temperature=0.7))
    assert not torch.equal(ab, sampling.sample(logits, BINS, field, seed=6, temperature=0.7))
    soft = sampling.sample(logits, BINS, field, 5, 0.7, softness=1e-4)
    torch.testing.assert_close(soft, ab, atol=0.5, rtol=0)


def test_top_k_sample_stays_among_the_k_likeliest(lightness):
    logits = torch.randn(1, 313, *lightness.shape, generator=torch.Generator().manual_seed(1))
    ab = sampling.sample(logits, BINS, sampling.Field(lightness, 0.3), 9, 1.5, top_k=3)
    chosen = BINS.encode(ab)[0]
    best = logits[0].topk(3, dim=0).indices
    assert (best == chosen).any(0).all()


def test_gumbel_has_both_tails():
    g = sampling.gumbel(torch.tensor([-8.0, 0.0, 8.0]))
    assert torch.isfinite(g).all()
    assert g[1].item() == pytest.approx(-math.log(math.log(2)), abs=1e-6)
    assert g[0] < -3.4
    assert g[2] > 33


def test_every_seed_below_two_to_the_64_has_noise_of_its_own():
    seeds = [5, 2**32 - 1, 2**32 + 5, 2**40 + 5, 2**63 + 5, 2**64 - 1]
    drawn = [sampling.seeded_normal((4, 5), seed) for seed in seeds]
    for i, one in enumerate(drawn):
        assert torch.equal(one, sampling.seeded_normal((4, 5), seeds[i]))
        assert not any(torch.equal(one, other) for other in drawn[:i])
    # Seeds of 32 bits are PyTorch's, as they always were.
    assert torch.equal(drawn[0], torch.randn((4, 5), generator=torch.Generator().manual_seed(5)))
