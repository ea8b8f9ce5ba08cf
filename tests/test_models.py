"""The networks: shapes, the encoder against torchvision's, hints that start as nothing."""

import pytest
import torch

from colorizer.models import mobilenet
from colorizer.models.colorful import Colorful
from colorizer.models.mobile import Mobile, pool_hints
from train.vision import mobilenet_v2


@pytest.fixture(scope="module")
def network() -> Mobile:
    torch.manual_seed(0)
    return Mobile().eval()


def test_encoder_is_torchvisions_key_for_key_and_sum_for_sum():
    torch.manual_seed(0)
    theirs = mobilenet_v2(weights=None).eval()
    ours = mobilenet.features().eval()
    ours.load_state_dict(theirs.features.state_dict(), strict=True)
    image = torch.rand(2, 3, 64, 96)
    with torch.inference_mode():
        assert torch.equal(ours(image), theirs.features(image))


def test_encoder_weights_are_loaded_strictly(network):
    state = mobilenet_v2(weights=None).state_dict()
    network.load_encoder(state)
    key = "0.0.weight"
    assert torch.equal(network.encoder.state_dict()[key], state[f"features.{key}"])
    del state["features.3.conv.0.0.weight"]
    with pytest.raises(RuntimeError, match=r"3\.conv\.0\.0\.weight"):
        network.load_encoder(state)


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (160, 128)])
def test_mobile_gives_logits_at_a_quarter(network, size):
    with torch.inference_mode():
        logits = network(torch.rand(2, 1, *size) * 100)
    assert logits.shape == (2, 313, size[0] // 4, size[1] // 4)
    assert torch.isfinite(logits).all()


def test_untrained_hint_channels_change_nothing(network):
    lightness = torch.rand(1, 1, 64, 64) * 100
    hints = torch.zeros(1, 3, 64, 64)
    hints[0, :, 20:25, 30:35] = torch.tensor([40.0, -20.0, 1.0]).view(3, 1, 1)
    with torch.inference_mode():
        assert torch.equal(network(lightness), network(lightness, hints))


def test_pooled_hints_are_the_mean_of_each_cells_hints():
    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 0, 0] = torch.tensor([10.0, 4.0, 1.0])
    hints[0, :, 1, 3] = torch.tensor([30.0, 8.0, 1.0])
    pooled = pool_hints(hints, (2, 2))
    torch.testing.assert_close(pooled[0, :, 0, 0], torch.tensor([20.0, 6.0, 1.0]))
    assert pooled[0, :, 1, 1].abs().sum() == 0


def test_full_width_eccv16_has_the_papers_size():
    network = Colorful(width=1.0).eval()
    parameters = sum(p.numel() for p in network.parameters())
    assert parameters == pytest.approx(32.2e6, rel=0.005)
    with torch.inference_mode():
        assert network(torch.rand(1, 1, 32, 48) * 100).shape == (1, 313, 8, 12)
