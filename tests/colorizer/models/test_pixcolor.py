"""PixColor: what knows of what, drawing fast and slowly, grids of every shape."""

import numpy as np
import pytest
import torch

from colorizer.color.ycbcr import rgb_to_chroma
from colorizer.decoding.prediction import Settings
from colorizer.models.encoders import MobileFeatures, mobilenet
from colorizer.models.mobile import Mobile
from colorizer.models.pixcolor import AHEAD, Drawings, PixColor, build, grid_size
from colorizer.models.pixelcnn.network import CB, CR, GREY, PixelCNN, from_levels, to_levels
from colorizer.models.pixelcnn.sampler import Naive, Sampler, draw

HEIGHT, WIDTH = 5, 6


@pytest.fixture(scope="module")
def network() -> PixelCNN:
    torch.manual_seed(0)
    return PixelCNN(features=8, layers=3, context=4).eval()


@pytest.fixture(scope="module")
def context() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(1, 4, HEIGHT, WIDTH)


@pytest.fixture(scope="module")
def reached(network, context) -> np.ndarray:
    """[earlier value, later value]: whether changing the one changes the other's logits; values
    in the order of drawing.  One value is changed at a time, in every place."""
    model = network.double()
    torch.manual_seed(2)
    count = HEIGHT * WIDTH * 2
    levels = torch.randint(8, 24, (2, HEIGHT, WIDTH))
    order = torch.arange(count).view(HEIGHT, WIDTH, 2).permute(2, 0, 1)  # place of each in order
    many = levels.repeat(count + 1, 1, 1, 1)
    for i in range(count):
        many[i][order == i] += 5
    with torch.inference_mode():
        logits = model(many, context.double().expand(count + 1, -1, -1, -1))
    network.float()
    changed = (logits[:-1] != logits[-1]).any(2)  # (count, 2, h, w)
    return changed.permute(0, 2, 3, 1).flatten(1).numpy()


def test_nothing_later_changes_anything_earlier_nor_itself(reached):
    assert not np.tril(reached).any()


def test_cr_changes_its_own_cb_and_cb_not_its_own_cr(reached):
    for place in range(HEIGHT * WIDTH):
        cr, cb = 2 * place + CR, 2 * place + CB
        assert reached[cr, cb]
        assert not reached[cb, cr]


def test_every_earlier_value_reaches_every_later_one_without_a_blind_spot(reached):
    """All of this small picture lies within the receptive field: 3 + 3 rows up, 3 + 3 columns."""
    assert reached[np.triu_indices(len(reached), 1)].all()


def test_the_upper_right_is_seen(reached):
    """The blind spot of one stack alone: up and to the right (van den Oord et al. 2016, fig. 1)."""
    later = 2 * (4 * WIDTH + 1) + CR
    for y, x in ((3, 3), (3, 5), (2, 5), (1, 5), (0, 5)):
        assert reached[2 * (y * WIDTH + x) + CB, later]


def test_grey_is_a_level_and_levels_come_back():
    assert torch.equal(to_levels(torch.zeros(1, 2, 1, 1)), torch.full((1, 2, 1, 1), GREY))
    levels = torch.randint(0, 32, (2, 2, 3, 4))
    assert torch.equal(to_levels(from_levels(levels)), levels)
    red = rgb_to_chroma(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1))
    assert to_levels(red)[0, CR].item() > GREY > to_levels(red)[0, CB].item()


def forced(levels: torch.Tensor, seen: list[np.ndarray]):
    """A choice that follows given levels (n, 2, h, w) and notes the logits it was asked with."""

    def choose(row, column, which, logits):
        seen.append(logits)
        return levels[:, which, row, column].numpy()

    return choose


def test_cached_and_naive_give_the_networks_logits_for_a_given_picture(network, context):
    torch.manual_seed(3)
    levels = torch.randint(0, 32, (2, 2, HEIGHT, WIDTH))
    fast, slow = [], []
    assert torch.equal(Sampler(network).walk(context, 2, forced(levels, fast)), levels)
    assert torch.equal(Naive(network).walk(context, 2, forced(levels, slow)), levels)
    with torch.inference_mode():
        at_once = network(levels, context.expand(2, -1, -1, -1))
    at_once = at_once.permute(3, 4, 1, 0, 2).reshape(-1, 2, 32).numpy()
    assert abs(np.stack(fast) - np.stack(slow)).max() < 1e-10
    assert abs(np.stack(fast) - at_once).max() < 1e-4


@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.7, 5)])
def test_cached_and_naive_draw_the_same_of_the_same_seeds(network, context, temperature, top_k):
    fast = draw(network, context, (4, 9), temperature, top_k)
    assert torch.equal(fast, draw(Naive(network), context, (4, 9), temperature, top_k))
    assert not torch.equal(fast[0], fast[1])


def test_a_seed_draws_the_same_whatever_is_drawn_with_it(network, context):
    alone = draw(network, context, [7])
    for seeds in ([7, 8], [1, 2, 7], [6, 7, 8, 9]):
        assert torch.equal(draw(network, context, seeds)[seeds.index(7)], alone[0])


def test_each_may_have_a_condition_of_its_own(network, context):
    other = context.flip(3)
    both = draw(network, torch.cat((context, other)), [3, 3])
    assert torch.equal(both[0], draw(network, context, [3])[0])
    assert torch.equal(both[1], draw(network, other, [3])[0])


def test_top_1_and_cold_are_the_likeliest_value_at_every_step(network, context):
    top = draw(network, context, [0, 1], top_k=1)
    assert torch.equal(top[0], top[1])
    assert torch.equal(draw(network, context, [5], temperature=0.0)[0], top[0])
    with torch.inference_mode():
        likeliest = network(top[:1], context).argmax(2)
    assert torch.equal(likeliest, top[:1])


def test_draws_follow_the_distribution(network, context):
    """The first value of many seeds: frequencies as softmax says, within five deviations."""
    small = context[:, :, :1, :1]
    count = 2000
    first = draw(network, small, range(count), temperature=0.8)[:, CR, 0, 0]
    with torch.inference_mode():
        logits = network(torch.full((1, 2, 1, 1), GREY), small)[0, CR, :, 0, 0]
    expected = torch.softmax(logits / 0.8, 0)
    share = torch.bincount(first, minlength=32) / count
    deviation = (expected * (1 - expected) / count).sqrt()
    assert ((share - expected).abs() < 5 * deviation + 1e-3).all()


@pytest.mark.parametrize(
    ("shape", "grid"),
    [
        ((192, 192), (28, 28)),
        ((192, 288), (23, 34)),
        ((288, 192), (34, 23)),
        ((192, 1024), (12, 64)),
        ((8, 8), (28, 28)),
    ],
)
def test_the_grid_has_the_photographs_shape(shape, grid):
    assert grid_size(*shape) == grid
    assert grid[0] * grid[1] <= 28 * 28


@pytest.fixture(scope="module")
def pixcolor() -> PixColor:
    torch.manual_seed(0)
    model = PixColor(features=16, layers=2).eval().requires_grad_(False)
    model.pixelcnn.head.weight *= 4
    return model


@pytest.mark.parametrize("size", [(112, 112), (92, 136), (48, 260)])
def test_the_condition_fits_every_grid(pixcolor, size):
    context = pixcolor(torch.rand(2, 1, *size) * 100)
    assert context.shape == (2, 64, size[0] // 4, size[1] // 4)
    assert torch.isfinite(context).all()


def test_drawings_are_kept_and_a_few_are_drawn_ahead(pixcolor, monkeypatch):
    torch.manual_seed(0)
    photo = torch.rand(1, 1, 64, 80) * 100
    sampler = Sampler(pixcolor.pixelcnn)
    drawings = Drawings(pixcolor, sampler, photo)
    walks = []
    walk = sampler.walk
    monkeypatch.setattr(sampler, "walk", lambda c, n, f: walks.append(n) or walk(c, n, f))
    settings = Settings(temperature=1.0)
    first = [drawings.ab(settings, seed) for seed in range(3, 3 + AHEAD)]
    assert walks == [AHEAD]
    assert first[0].shape == (2, 64, 80)
    assert not torch.equal(first[0], first[1])
    again = Drawings(pixcolor, sampler, photo)
    assert torch.equal(again.ab(settings, 5), first[2])
    assert torch.equal(again.ab(settings, None), drawings.ab(settings, 0))


def test_the_refinement_starts_as_a_stretch(pixcolor):
    lightness, chroma = torch.rand(1, 1, 40, 64) * 100, torch.rand(1, 2, 5, 8) - 0.5
    refined = pixcolor(lightness, chroma=chroma)
    stretched = torch.nn.functional.interpolate(chroma, size=(40, 64), mode="bilinear")
    assert torch.equal(refined, stretched)


def test_the_shipped_size_and_the_sources_sizes():
    model = build({})
    stored = sum(t.numel() * 2 for t in model.state_dict().values())
    assert stored <= 9e6
    network = model.pixelcnn
    assert len(network.layers) == 10
    assert network.start.vertical.out_channels == network.mix.out_channels == 64
    assert network.head.out_channels == 2 * 32


def test_resnet_101_is_a_config_value(tmp_path):
    pytest.importorskip("train.evaluation.torchvision_import")
    model = build({"architecture": {"encoder": "resnet101", "features": 8, "layers": 1}})
    from torchvision.models import resnet101

    theirs = resnet101(weights=None).state_dict()
    model.conditioning.encoder.load(theirs)
    ours = model.conditioning.encoder.state_dict()
    assert torch.equal(ours["stem.0.weight"], theirs["conv1.weight"])
    with torch.inference_mode():
        assert model.eval()(torch.rand(1, 1, 64, 72) * 100).shape == (1, 64, 16, 18)
    with pytest.raises(ValueError, match="no encoder"):
        build({"architecture": {"encoder": "vgg"}})


def test_encoder_weights_come_from_torchvision_or_from_mobile():
    torch.manual_seed(0)
    given = mobilenet.features().state_dict()
    target = MobileFeatures()
    target.load(
        {f"features.{k}": v for k, v in given.items()} | {"classifier.1.bias": given["0.0.weight"]}
    )
    assert torch.equal(target.layers.state_dict()["3.conv.0.0.weight"], given["3.conv.0.0.weight"])
    mobile = Mobile().state_dict()
    target.load(mobile)
    key = "17.conv.2.weight"
    assert torch.equal(target.layers.state_dict()[key], mobile[f"encoder.{key}"])
    del given["0.0.weight"]
    with pytest.raises(RuntimeError, match=r"0\.0\.weight"):
        target.load({f"features.{k}": v for k, v in given.items()})
